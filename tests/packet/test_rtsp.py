# SPDX-License-Identifier: GPL-2.0
"""
Section 14: the RTSP ALG (RFC 2326, 7826) and its media, and S-30 to S-41 of
section 16. Both ends' octets are compared, and the gates as listed there.
"""
import struct

import test_gso
from control import *
from ktap import test
from tool import ctl, rows
from wire import *

ALG = ["alg enable rtsp"]
SHORT = ["option set allow-nonconforming on"]
ASKED = (30000, 30001)          # ports of the client; others have them
THERE = (6970, 6971)            # ports of the server

SDP = ("v=0\r\n"
       "o=- 18446744073709551615 1 IN IP4 %(a)s\r\n"
       "s=IN IP4 203.0.113.5\r\n"
       "c=IN IP4 0.0.0.0\r\n"
       "t=0 0\r\n"
       "a=control:*\r\n"
       "m=audio 0 RTP/AVP 0\r\n"
       "a=control:rtsp://%(a)s/live/1\r\n"
       "m=video 0 RTP/AVP 26\r\n"
       "c=IN IP4 %(a)s\r\n"
       "a=rtcp:5001 IN IP4 %(a)s\r\n"
       "a=control:2\r\n")


def sdp6(server6):
    """The same for a host that speaks IPv6"""
    server6 = v6(server6)
    return (SDP.replace("c=IN IP4 0.0.0.0", "c=IN IP6 ::")
            .replace("IN IP4 %(a)s", "IN IP6 " + server6)
            .replace("//%(a)s", "//[" + server6 + "]")) % {"a": "?"}


def start(b, **keys):
    return Rtsp(b, **keys).open()


def occupy(b, *ports):
    """Another client has these ports of T."""
    for port in ports:
        flow = Udp(b, client=C2, port=port).open()
        check(flow.pport == port, "port %d", flow.pport)


def even_pair(b, d, ports, track="/1", extra=""):
    """SETUP whose ports are taken: whatever pair they become"""
    d.cseq += 1
    first = "SETUP %s%s RTSP/1.0" % (d.url, track)
    f = d.fill(CLIENT, message(first, d.cseq,
                               "Transport: " + udp(ports, extra=extra)))
    forth, back = d.inject(CLIENT, f)
    check(len(forth) == 1 and not back, "%d frames", len(forth))
    port = min((g["pool_port"] for g in b.gates(reserved=True)
                if g["client_port"] in ports), default=None)
    check(port is not None, "nothing is reserved: %r", b.gates())
    mapped = (port, port + 1)
    check(not (port ^ ports[0]) & 1, "%d for %d", port, ports[0])
    want = message(first, d.cseq, "Transport: " + udp(mapped, extra=extra))
    d.agree(CLIENT, forth[0], dict(f, data=want, seq=d.ends[SERVER].rcv,
                                   ack=d.ends[SERVER].snd))
    d.ends[CLIENT].snd += len(f["data"])
    d.ends[SERVER].rcv += len(want)
    return mapped


def closed(b, *flows):
    """Neither end's media pass as media, and no session of theirs is left."""
    silent46(b, *flows)
    for flow in flows:
        check(not b.sessions(proto="udp", client_addr=v6(flow.client),
                             client_port=flow.port),
              "port %d has a session", flow.port)


@test("S-30.dialogue-and-media", config=ALG)
def s30(b):
    """S-30 to S-39: all of a session, as the specification goes through it"""
    occupy(b, *ASKED)
    b.mark()
    d = start(b)
    d.ask("OPTIONS", "User-Agent: player")
    d.reply("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
    d.ask("DESCRIBE", "Accept: application/sdp")
    body = (SDP % {"a": S}).encode()
    d.reply("Content-Base: rtsp://%s/live/" % S,
            "Content-Type: application/sdp", "Content-Length: %d" % len(body),
            body=body)
    mapped = even_pair(b, d, ASKED)
    check(mapped != ASKED, "the ports are taken")
    d.agreed(ASKED, THERE, mapped)
    rtp, rtcp = d.flows(ASKED, THERE, mapped)
    gates_are(b, *d.gates(rtp, rtcp))
    video, there2 = (30002, 30003), (6972, 6973)
    d.setup(video, track="/2")
    d.agreed(video, there2)
    rtp2, rtcp2 = d.flows(video, there2)
    gates_are(b, *d.gates(rtp, rtcp, rtp2, rtcp2))
    d.ask("PLAY", "Session: abc", "Range: npt=0-")
    d.reply("Session: abc", "RTP-Info: url=rtsp://%s/live/1;seq=1" % S)
    for flow in (rtp, rtp2):
        for n in range(3):
            flow.back(b"RTP %d" % n)
    for flow in (rtcp, rtcp2):
        flow.back(b"SR")
        flow.out(b"RR")
    gates_are(b, *d.gates64(rtp, rtp2, rtcp, rtcp2))
    b.moved(rtsp_connections=1, rtsp_messages=10, rtsp_rewrites=2,
            rtsp_gates_opened=8, rtsp_gates_used=4, rtsp_remapped=1,
            rtsp_errors=0, rtsp_transparent=0, rtsp_gates_refused=0)
    for flow in (rtp, rtcp):
        row = flow.session()
        check((row["alg"], row["owner_client_port"]) == ("rtsp", d.port),
              "session %r", row)
    d.teardown()
    gates_are(b)
    closed(b, rtp, rtcp, rtp2, rtcp2)


@test("S-31.literals-untouched", config=ALG)
def s31(b):
    """Whatever else the request says, only ports change."""
    occupy(b, *ASKED)
    d = start(b)
    d.url = "rtsp://203.0.113.5:554/a?client_port=30000-30001"
    head = ["User-Agent: 203.0.113.5", "X: client_port=30000-30001",
            "Referer: rtsp://10.0.0.2/x"]
    extra = ";x=\"client_port=30000\";mode=PLAY;source=203.0.113.5"
    said = ["Transport: " + udp(ASKED, extra=extra), *head]
    d.cseq += 1
    first = "SETUP %s RTSP/1.0" % d.url
    f = d.fill(CLIENT, message(first, 1, *said))
    forth, _ = d.inject(CLIENT, f)
    port = min(g["pool_port"] for g in b.gates())
    want = message(first, 1, "Transport: " + udp((port, port + 1),
                                                 extra=extra), *head)
    check(len(forth) == 1 and port not in ASKED, "frames")
    d.agree(CLIENT, forth[0], dict(f, data=want, seq=d.ends[SERVER].rcv,
                                   ack=d.ends[SERVER].snd))


@test("S-32.kept-by-the-request", config=ALG)
def s32(b):
    """Before the reply the pair is the client's, and nobody may come."""
    d = start(b)
    d.setup(ASKED)
    rtp, rtcp = d.flows(ASKED, (0, 0))
    gates_are(b, *d.reserved(rtp, rtcp))
    check([b.binding(client_port=p)["pool_port"] for p in ASKED] ==
          list(ASKED), "bindings %r", b.bindings())
    other = Udp(b, client=C2, port=ASKED[0]).open()
    check(other.pport != ASKED[0], "given to another client")
    late = Udp(b, client=C2, port=ASKED[1]).open()
    check(late.pport != ASKED[1], "given to another client")


@test("S-37.control-port-is-no-media-port", config=ALG)
def s37(b):
    d = start(b)
    d.media(ASKED, THERE)
    b.mark()
    got = b.x4(four(UDP(sport=6970, dport=d.pport) / b"x"))
    check(not got.six, "passed")
    b.moved(drop_no_binding=1, rtsp_gates_used=0)


@test("S-38.two-clients", config=ALG)
def s38(b):
    """Two that ask for the same ports play at the same time."""
    one, two, three = start(b), start(b, client=C2), start(b, client=C_TWIN)
    sets = [(one, one.media(ASKED, THERE))]
    for n, d in ((1, two), (2, three)):
        there = (7000 + 2 * n, 7001 + 2 * n)
        mapped = even_pair(b, d, ASKED)
        check(mapped != ASKED, "given twice")
        d.agreed(ASKED, there, mapped)
        sets.append((d, d.flows(ASKED, there, mapped)))
    gates_are(b, *[g for d, flows in sets for g in d.gates(*flows)])
    for _ in range(2):
        for _, flows in sets:
            for flow in flows:
                flow.back()
                flow.out()
    b.moved(rtsp_gates_used=6, rtsp_remapped=2)
    two.teardown()
    closed(b, *sets[1][1])
    for _, flows in (sets[0], sets[2]):
        for flow in flows:
            flow.back()


@test("S-39.client-first", config=ALG)
def s39(b):
    """The client may send first: from port3', to the server's port."""
    occupy(b, *ASKED)
    d = start(b)
    mapped = even_pair(b, d, ASKED)
    d.agreed(ASKED, THERE, mapped)
    rtp, rtcp = d.flows(ASKED, THERE, mapped)
    b.mark()
    rtp.out(b"punch")
    gates_are(b, *d.gates46(rtp, rtcp), *d.gates64(rtcp))
    rtcp.out(b"RR")
    gates_are(b, *d.gates46(rtp, rtcp))
    for flow in (rtp, rtcp):
        flow.back()
        check(flow.session()["owner_client_port"] == d.port, "owner")
    b.moved(rtsp_gates_used=2)
    with b.case("to another port it is as without an ALG"):
        other = d.flow(ASKED[0], 9999, mapped[0])
        other.out()
        check(other.session()["alg"] is None, "a data session")


@test("S-40.before-the-reply", config=ALG)
def s40(b):
    """No media before the 200 OK, for whatever comes instead"""
    d = start(b)
    d.setup(ASKED)
    flows = d.flows(ASKED, THERE)

    def nothing(*flows):
        b.mark()
        for _ in range(2):
            silent46(b, *flows)
        b.moved(drop_gate_only=4, rtsp_gates_used=0)
    nothing(*flows)
    d.reply(status="100 Continue")
    nothing(*flows)
    with b.case("the reply to another request"):
        d.reply("Session: abc", "Transport: " + udp(ASKED, THERE), cseq=77)
        nothing(*flows)
    with b.case("no CSeq"):
        d.hear(b"RTSP/1.0 200 OK\r\nTransport: " +
               udp(ASKED, THERE).encode() + b"\r\n\r\n")
        nothing(*flows)
    gates_are(b, *d.reserved(*flows))
    d.agreed(ASKED, THERE)
    for flow in flows:
        flow.back()


@test("S-40.open-with-the-reply", config=ALG)
def s40_open(b):
    """S-35, S-36: four gates, each for its own"""
    d = start(b)
    flows = d.media(ASKED, THERE)
    gates_are(b, *d.gates(*flows))
    for g in b.gates():
        check(50000 < g["expires_ms"] <= 60000, "gate %r", g)
    b.mark()
    for sport, dport, src in ((6971, 30000, S), (6970, 30001, S),
                              (6972, 30000, S), (6970, 30000, S2)):
        with b.case("%s#%d to %d" % (src, sport, dport)):
            got = b.x4(four(UDP(sport=sport, dport=dport) / b"x", src=src))
            check(not got.six, "passed")
    b.moved(drop_gate_only=4, rtsp_gates_used=0)
    for flow in flows:
        flow.back()
    b.moved(rtsp_gates_used=2)


@test("S-41.both-ports-taken", config=ALG)
def s41(b):
    occupy(b, *ASKED)
    d = start(b)
    mapped = even_pair(b, d, ASKED)
    check(not set(mapped) & set(ASKED), "mapped %r", mapped)
    rtp, rtcp = d.flows(ASKED, THERE, mapped)
    gates_are(b, *d.reserved(rtp, rtcp))
    d.agreed(ASKED, THERE, mapped)
    for flow in (rtp, rtcp):
        flow.back()
    check(rtcp.pport == rtp.pport + 1, "no pair")


@test("S-41.one-port-taken", config=ALG)
def s41_one(b):
    """If either is taken, both move."""
    for n in (0, 1):
        with b.case("%d" % n):
            pair = (30010 + 4 * n, 30011 + 4 * n)
            occupy(b, pair[n])
            d = start(b)
            mapped = even_pair(b, d, pair)
            check(not set(mapped) & set(pair), "mapped %r", mapped)
            gates_are(b, *d.reserved(*d.flows(pair, THERE, mapped)))
            d.reset()


@test("S-41.odd-port", config=ALG)
def s41_odd(b):
    """Odd stays odd; one port stays one in the message and two in fact."""
    d = start(b)
    odd = (30021, 30022)
    gates_are(b)
    d.setup(odd)
    gates_are(b, *d.reserved(*d.flows(odd, THERE)))
    d.agreed(odd, THERE)
    for flow in d.flows(odd, THERE):
        flow.back()
    d.teardown()
    occupy(b, 30023)
    mapped = even_pair(b, d, (30023, 30024))
    check(mapped[0] & 1, "mapped %r", mapped)
    d.agreed((30023, 30024), THERE, mapped)
    for flow in d.flows((30023, 30024), THERE, mapped):
        flow.back()
    d.teardown()
    with b.case("a single port"):
        d.setup(30026)
        single = d.flow(30026, 6970, 30026), d.flow(30027, 0, 30027)
        gates_are(b, *d.reserved(*single))
        d.agreed(30026, 6970)
        gates_are(b, *d.gates46(single[0]), *d.gates64(single[0]),
                  gate(d, "to-ipv6", "udp", client_port=30027,
                       pool_port=30027),
                  gate(d, "to-ipv4", "udp", client_port=30027,
                       server_port=None, server_port6=None))
        single[0].back()


@test("S-41.existing-mapping", config=ALG)
def s41_existing(b):
    """A port that the client has a mapping for keeps it, if a pair fits."""
    for label, used, mapped in (("first", 30030, None),
                                ("second", 30031, None)):
        with b.case(label):
            flow = Udp(b, port=used, server=S3).open()
            d = start(b)
            d.setup((30030, 30031))
            flows = d.flows((30030, 30031), THERE)
            gates_are(b, *d.reserved(*flows))
            d.agreed((30030, 30031), THERE)
            for one in flows:
                one.back()
            flow.back()
            d.teardown()
            flow.out()
            ctl("session flush")
    with b.case("no pair fits"):
        occupy(b, 30040)
        flow = Udp(b, port=30040, server=S3)
        flow.learn(b.to4(flow.six()))
        occupy(b, flow.pport + 1)
        d = start(b)
        d.cseq += 1
        f = d.fill(CLIENT, message("SETUP %s/1 RTSP/1.0" % d.url, 1,
                                   "Transport: " + udp((30040, 30041))))
        forth, _ = d.inject(CLIENT, f)
        by = {g["client_port"]: g["pool_port"] for g in b.gates()}
        check(by.get(30040) == flow.pport and 30041 in by, "gates %r", by)
        want = message("SETUP %s/1 RTSP/1.0" % d.url, 1, "Transport: " +
                       udp((by[30040], by[30041])))
        d.agree(CLIENT, forth[0], dict(f, data=want, seq=d.ends[SERVER].rcv,
                                       ack=d.ends[SERVER].snd))


@test("S-41.pairs-until-the-pool-is-full")
def s41_full(b):
    b.reconfigure("prefix add " + P64, "pool add %s proto tcp" % T,
                  "pool add %s ports 7000-7009 proto udp" % T,
                  "limit set held-ports 0", "option set icmp-error-rate 0",
                  *ALG)
    d = start(b)
    for n in range(5):
        pair = (30050 + 2 * n, 30051 + 2 * n)
        mapped = even_pair(b, d, pair, track="/%d" % n)
        check(7000 <= mapped[0] <= 7008 and not mapped[0] & 1, "mapped %r",
              mapped)
    check(len({g["pool_port"] for g in b.gates()}) == 10, "gates %r",
          b.gates())
    b.mark()
    d.setup((30070, 30071))
    check(len(b.gates()) == 10, "gates %r", b.gates())
    moved = b.delta()
    check(moved.get("rtsp-gates-refused") and not moved.get("rtsp-rewrites"),
          "counters %r", moved)


@test("S-41.no-pair-but-ports")
def s41_ports(b):
    """Where no pair is left two single ports do, or one of them."""
    b.reconfigure("prefix add " + P64, "pool add %s proto tcp" % T,
                  "pool add %s ports 7000-7000 proto udp" % T,
                  "pool add %s ports 7003-7003 proto udp" % T,
                  "limit set held-ports 0", "option set icmp-error-rate 0",
                  *ALG)
    d = start(b)
    d.setup(ASKED, (7000, 7003))
    flows = d.flows(ASKED, THERE, (7000, 7003))
    gates_are(b, *d.reserved(*flows))
    d.agreed(ASKED, THERE, (7000, 7003))
    gates_are(b, *d.gates(*flows))
    for flow in flows:
        flow.back()
        flow.out()
    d.teardown()
    d.setup(30080, 7000)
    d.agreed(30080, 6970, 7000)
    one = d.flow(30080, 6970, 7000)
    gates_are(b, *d.gates(one))
    one.back()


@test("R-01.port-list", config=["alg enable rtsp port 554 port 8554"])
def r01(b):
    """The ports that are configured, TCP only, nothing else"""
    for port in (554, 8554):
        with b.case(port):
            d = start(b, sport=port)
            flows = d.media(ASKED, THERE)
            gates_are(b, *d.gates(*flows))
            d.reset()
    b.mark()
    for port in (7070, 322, 553):
        with b.case(port):
            d = start(b, sport=port)
            d.setup(ASKED)
            gates_are(b)
    flow = Udp(b, sport=554).open()
    data = message("SETUP rtsp://x/ RTSP/1.0", 1, "Transport: " + udp(ASKED))
    flow.out(data)
    flow.back(data)
    gates_are(b)
    b.moved(rtsp_connections=0, rtsp_messages=0)


@test("R-02.one-octet-each", config=ALG)
def r02(b):
    """Messages that come octet by octet, and three in one segment"""
    occupy(b, *ASKED)
    d = start(b)
    mapped = even_pair(b, d, ASKED)
    for g in b.gates():
        check(g["reserved"], "gate %r", g)
    d.reply("Session: a", status="461 no")
    d.ack(CLIENT)
    gates_are(b)
    d.cseq += 1
    said = message("SETUP %s/1 RTSP/1.0" % d.url, d.cseq,
                   "Transport: " + udp(ASKED))
    for n in range(len(said) - 1):
        d.hold(CLIENT, said[n:n + 1])
    f = d.fill(CLIENT, said[-1:])
    forth, back = d.inject(CLIENT, f)
    port = min(g["pool_port"] for g in b.gates())
    want = message("SETUP %s/1 RTSP/1.0" % d.url, d.cseq,
                   "Transport: " + udp((port, port + 1)))
    check(len(forth) == 1 and not back, "frames")
    d.agree(CLIENT, forth[0], dict(f, data=want, seq=d.ends[SERVER].rcv,
                                   ack=d.ends[SERVER].snd))
    d.ends[CLIENT].snd += 1
    d.ends[SERVER].rcv += len(want)
    mapped = (port, port + 1)
    said = message("RTSP/1.0 200 OK", d.cseq, "Session: a",
                   "Transport: " + udp(mapped, THERE))
    want = message("RTSP/1.0 200 OK", d.cseq, "Session: a",
                   "Transport: " + udp(ASKED, THERE))
    for n in range(len(said) - 1):
        d.hold(SERVER, said[n:n + 1])
    check(all(g["reserved"] for g in b.gates()), "open too early")
    d.hear(said[-1:], want)
    for flow in d.flows(ASKED, THERE, mapped):
        flow.back()


@test("R-02.pipelined", config=ALG)
def r02_three(b):
    """Three in one segment, with three kinds of line ends; replies likewise"""
    occupy(b, 30100, 30104)
    d = start(b)
    pairs = [(30100, 30101), (30102, 30103), (30104, 30105)]

    def three(ports, server=None):
        out = b""
        for n, (pair, end) in enumerate(zip(ports, ("\r\n", "\n", "\r"))):
            first = "RTSP/1.0 200 OK" if server else \
                "SETUP %s/%d RTSP/1.0" % (d.url, n)
            out += message(first, n + 1, "Session: a", "tRANSPORT:%s\t%s%s" %
                           (end, udp(pair, server), end + " ;x=y"), end=end)
        return out
    f = d.fill(CLIENT, three(pairs))
    forth, back = d.inject(CLIENT, f)
    by = {g["client_port"]: g["pool_port"] for g in b.gates()}
    check(len(by) == 6 and by[30102] == 30102 and by[30100] != 30100 and
          by[30104] != 30104, "gates %r", by)
    mapped = [(by[one], by[two]) for one, two in pairs]
    want = three(mapped)
    d.agree_all(CLIENT, forth, dict(f, data=want, seq=d.ends[SERVER].rcv,
                                    ack=d.ends[SERVER].snd),
                max(len(f["data"]), 512))
    check(not back, "frames back")
    d.ends[CLIENT].snd += len(f["data"])
    d.ends[SERVER].rcv += len(want)
    d.hear(three(mapped, THERE), three(pairs, THERE))
    for pair, to in zip(pairs, mapped):
        for flow in d.flows(pair, THERE, to):
            flow.back()
    b.moved(rtsp_messages=6, rtsp_gates_opened=12, rtsp_errors=0)


@test("R-02.server-asks", config=ALG)
def r02_server(b):
    """Requests go both ways, each with numbers of its own."""
    d = start(b)
    d.ask("OPTIONS")
    d.reply()
    d.setup(ASKED)
    asked = d.cseq
    d.hear(message("OPTIONS * RTSP/1.0", asked))
    d.tell(message("RTSP/1.0 200 OK", asked))
    gates_are(b, *d.reserved(*d.flows(ASKED, (0, 0))))
    d.agreed(ASKED, THERE)
    body = b"SETUP x RTSP/1.0\r\nTransport: RTP/AVP;client_port=1-2\r\n\r\n"
    d.hear(message("SET_PARAMETER %s RTSP/1.0" % d.url, 9,
                   "Content-Length: %d" % len(body), body=body))
    d.tell(message("RTSP/1.0 200 OK", 9))
    gates_are(b, *d.gates(*d.flows(ASKED, THERE)))
    b.moved(rtsp_errors=0, rtsp_transparent=0)


def frame(channel, data):
    return struct.pack(">cBH", b"$", channel, len(data)) + data


@test("R-03.interleaved", config=ALG)
def r03(b):
    """Frames pass whatever is in them, cut anywhere; messages between."""
    occupy(b, *ASKED)
    d = start(b)
    d.ask("OPTIONS")
    d.reply()
    b.mark()
    evil = message("SETUP rtsp://x/ RTSP/1.0", 9, "Transport: " +
                   udp((30110, 30111)))
    stream = frame(0, evil) + frame(1, b"") + frame(2, b"$$$$") + \
        frame(7, evil + b"\r\n")
    for side in (CLIENT, SERVER):
        d.say(side, stream)
        for at in range(0, len(stream), 37):
            d.say(side, stream[at:at + 37])
    for at in range(0, 12):
        d.hear(stream[at:at + 1])
    d.hear(stream[12:])
    gates_are(b)
    b.moved(rtsp_messages=0, rtsp_rewrites=0, rtsp_errors=0,
            rtsp_transparent=0, alg_segments_built=0, alg_acks_sent=0)
    # A message behind a frame, in one segment
    d.cseq += 1
    f = d.fill(CLIENT, frame(1, evil) + message(
        "SETUP %s/1 RTSP/1.0" % d.url, d.cseq, "Transport: " + udp(ASKED)))
    forth, _ = d.inject(CLIENT, f)
    port = min(g["pool_port"] for g in b.gates())
    check(port not in ASKED and len(b.gates()) == 2, "gates %r", b.gates())
    want = frame(1, evil) + message(
        "SETUP %s/1 RTSP/1.0" % d.url, d.cseq,
        "Transport: " + udp((port, port + 1)))
    d.agree_all(CLIENT, forth, dict(f, data=want, seq=d.ends[SERVER].rcv,
                                    ack=d.ends[SERVER].snd),
                max(512, len(f["data"])))


class Big(test_gso.Super):
    """RTSP between hosts whose links take super-packets"""

    def __init__(self, b):
        super().__init__(b)
        self.sport = 554
        self.at = {False: 1001, True: 5001}

    def segment(self, back, at4, flags, data):
        near = self.pport if at4 else self.port
        syn = "S" in flags
        return TCP(sport=self.sport if back else near,
                   dport=near if back else self.sport, flags=flags,
                   seq=self.at[back] - syn,
                   ack=0 if flags == "S" else self.at[not back],
                   window=65535) / Raw(data)

    def small(self, back, data, flags="PA"):
        """A segment that one frame holds"""
        test_gso.drain(self.bed)
        port, far = (self.bed.g4, self.bed.g6)[::1 if back else -1]
        port.send(self.four(data, flags, flags="DF") if back
                  else self.six(data, flags))
        got = self.bed.collect(far, len)[0]
        want = self.want6(data, flags) if back else self.want4(data, flags)
        same(test_gso.finished(got), want, [] if back else ["id"])
        self.at[back] += len(data)

    def four(self, data=b"", flags_="A", **ip):
        return four(self.segment(True, True, flags_, data), test_gso.SERVER,
                    self.pool, **ip)


@test("R-03.super-packets", config=ALG)
def r03_super(b):
    """A connection that carries its media itself keeps them in one piece."""
    d = Big(b)
    test_gso.drain(b)
    b.g6.send(six(d.segment(False, False, "S", b""), test_gso.CLIENT,
                  d.server6))
    got = b.collect(b.g4, len)[0]
    d.pool, d.pport = got[IP].src, got[TCP].sport
    b.g4.send(four(d.segment(True, True, "SA", b""), test_gso.SERVER,
                   d.pool))
    b.collect(b.g6, len)
    d.small(False, b"", "A")
    d.small(False, b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
    d.small(True, b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n")
    d.small(False, b"", "A")
    b.mark()
    evil = b"SETUP x RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP;" \
        b"client_port=30000-30001\r\n\r\n"
    stream = b"".join(frame(n & 1, (evil + bytes([n])) * (n % 13))
                      for n in range(80))
    for back, port, far, kind in ((True, b.g4, b.g6, test_gso.GSO_TCP4),
                                  (False, b.g6, b.g4, test_gso.GSO_TCP6)):
        for at in range(0, len(stream), 13000):
            data = stream[at:at + 13000]
            with b.case("%r %d" % (back, at)):
                test_gso.drain(b)
                packet = d.four(data, flags="DF") if back else d.six(data)
                test_gso.inject(port, packet, kind, 1400)
                got = b.collect(far, len)
                check(len(got) == 1 and got[0].vnet[3] == 1400,
                      "%d frames, size %d", len(got), got[0].vnet[3])
                want = d.want6(data) if back else d.want4(data)
                if not back:
                    want.flags = "DF"
                same(test_gso.finished(got[0]), want, [] if back else ["id"])
                d.at[back] += len(data)
                # The other end acknowledges.
                d.small(not back, b"", "A")
    gates_are(b)
    b.moved(rtsp_messages=0, rtsp_errors=0, rtsp_transparent=0, segmented=0,
            alg_segments_built=0)


FORMS = (
    # what becomes of it when 30000-30001 become %s-%s
    ("RTP/AVP/UDP;unicast;client_port=30000-30001",
     "RTP/AVP/UDP;unicast;client_port=%d-%d"),
    ("RTP/AVP;unicast;client_port=30000", "RTP/AVP;unicast;client_port=%d"),
    (" RTP / AVP ; unicast ; client_port = 30000 - 30001 ; mode = PLAY ",
     " RTP / AVP ; unicast ; client_port = %d - %d ; mode = PLAY "),
    ("rtp/avp/udp;UNICAST;Client_Port=30000-30001",
     "rtp/avp/udp;UNICAST;Client_Port=%d-%d"),
    ("RTP/SAVP;unicast;client_port=30000-30001",
     "RTP/SAVP;unicast;client_port=%d-%d"),
    ("MP2T/H2221/UDP;unicast;client_port=30000-30001",
     "MP2T/H2221/UDP;unicast;client_port=%d-%d"),
    ("RTP/AVP/TCP;unicast;interleaved=0-1,RTP/AVP;client_port=30000-30001",
     "RTP/AVP/TCP;unicast;interleaved=0-1,RTP/AVP;client_port=%d-%d"),
    ("RTP/AVP;unicast;client_port=30000-30001;mode=\"PLAY,RECORD\";append",
     "RTP/AVP;unicast;client_port=%d-%d;mode=\"PLAY,RECORD\";append"),
    ("RTP/AVP;unicast;destination=192.168.1.7;client_port=30000-30001",
     "RTP/AVP;unicast;destination=198.51.100.1;client_port=%d-%d"),
    ("RTP/AVP;unicast;destination=%s;client_port=30000-30001" % C,
     "RTP/AVP;unicast;destination=198.51.100.1;client_port=%d-%d"),
    ("RTP/AVP;unicast;destination;client_port=30000-30001",
     "RTP/AVP;unicast;destination;client_port=%d-%d"),
    ("RTP/AVP;unicast;dest_addr=\":30000\"/\":30001\"",
     "RTP/AVP;unicast;dest_addr=\":%d\"/\":%d\""),
    ("RTP/AVP;unicast;dest_addr=\"[%s]:30000\"/\"[%s]:30001\"" % (C, C),
     "RTP/AVP;unicast;dest_addr=\"198.51.100.1:%d\"/\"198.51.100.1:%d\""),
)


@test("R-04.forms", config=ALG)
def r04(b):
    """Every form keeps its form (R-05, R-06, R-09, R-19)."""
    occupy(b, *ASKED)
    d = start(b)
    for said, becomes in FORMS:
        with b.case(said):
            d.cseq += 1
            first = "SETUP %s/1 RTSP/1.0" % d.url
            f = d.fill(CLIENT, message(first, d.cseq, "Transport: " + said))
            forth, _ = d.inject(CLIENT, f)
            port = min(g["pool_port"] for g in b.gates())
            ports = (port, port + 1)[:becomes.count("%d")]
            want = message(first, d.cseq, "Transport: " + becomes % ports)
            d.ends[CLIENT].snd += len(f["data"])
            there = d.ends[SERVER].rcv
            d.ends[SERVER].rcv += len(want)
            d.agree(CLIENT, forth[0], dict(f, data=want, seq=there,
                                           ack=d.ends[SERVER].snd))
        d.reply(status="461 no")
        d.ack(CLIENT)
        gates_are(b)


UNTOUCHED = (
    # SEC-15, SEC-19
    "RTP/AVP/TCP;unicast;interleaved=0-1", "RTP/AVP/TCP",
    "RTP/AVP/TCP;unicast;client_port=30000-30001",
    "RTP/AVP;unicast;interleaved=0-1;client_port=30000-30001",
    "RTP/AVP;multicast;port=30000-30001;ttl=127",
    "RTP/AVP;multicast;client_port=30000-30001",
    "RTP/AVP;unicast;client_port=0", "RTP/AVP;unicast;client_port=",
    "RTP/AVP;unicast;client_port=30000-",
    "RTP/AVP;unicast;client_port=65535-65536",
    "RTP/AVP;unicast;client_port=65536-65537",
    "RTP/AVP;unicast;client_port=-30000",
    "RTP/AVP;unicast;client_port=4294997296",
    "RTP/AVP;unicast;client_port=99999999999",
    "RTP/AVP;unicast;client_port=0x7530",
    "RTP/AVP;unicast;client_port=1022-1023",
    "RTP/AVP;unicast;destination=192.0.2.66;client_port=30000-30001",
    "RTP/AVP;unicast;client_port=30000-30001;destination=2001:db8:1:2::20",
    "RTP/AVP;unicast;client_port=30000-30001;destination=victim.example",
    "RTP/AVP;unicast;dest_addr=\"192.0.2.66:30000\"/\"192.0.2.66:30001\"",
    ";;;,=,;=;",
)


@test("R-07.untouched", config=ALG)
def r07(b):
    """Not over unicast UDP, not the client's own, or no ports at all"""
    occupy(b, *ASKED)
    d = start(b)
    for said in UNTOUCHED:
        with b.case(said):
            d.ask("SETUP", "Transport: " + said)
            gates_are(b)
            d.reply("Session: a", "Transport: " + said)
            gates_are(b)
    check(not b.bindings(proto="udp", client_addr=v6(C)), "bindings")
    moved = b.delta()
    check(not moved.get("rtsp-gates-opened") and
          not moved.get("rtsp-rewrites") and
          not moved.get("rtsp-transparent"), "counters %r", moved)


@test("SEC-19.third-party", config=ALG)
def sec19(b):
    """Nobody has media sent to others, nor from others than the server."""
    d = start(b)
    for host in ("203.0.113.99", "8.8.8.8", "2001:db8:1:2::20", "x.example"):
        with b.case(host):
            extra = ";destination=" + host
            d.setup(ASKED, extra=extra)
            d.agreed(ASKED, THERE, extra=extra)
            gates_are(b)
    d.setup(ASKED)
    d.agreed(ASKED, THERE, extra=";source=203.0.113.6")
    flows = d.flows(ASKED, THERE)
    gates_are(b, *d.gates(*flows))
    got = b.x4(four(UDP(sport=6970, dport=30000) / b"x", src=S2))
    check(not got.six, "from another host")
    for flow in flows:
        flow.back()


@test("R-06.alternatives", config=ALG)
def r06(b):
    """R-08: all get ports; those that were not chosen are given back."""
    d = start(b)
    both = "RTP/AVP;unicast;client_port=30120-30121," \
        "RTP/AVP/TCP;unicast;interleaved=0-1," \
        "RTP/AVP;unicast;client_port=30122-30123"
    for chosen in (0, 1, None):
        with b.case(chosen):
            d.ask("SETUP", "Transport: " + both)
            pairs = ((30120, 30121), (30122, 30123))
            flows = [d.flows(pair, THERE) for pair in pairs]
            gates_are(b, *d.reserved(*flows[0], *flows[1]))
            if chosen is None:
                d.reply("Session: a", "Transport: RTP/AVP/TCP;unicast;"
                        "interleaved=0-1")
                gates_are(b)
                check(not b.bindings(proto="udp"), "bindings")
                continue
            d.agreed(pairs[chosen], THERE, session="a")
            gates_are(b, *d.gates(*flows[chosen]))
            check(len(b.bindings(proto="udp")) == 2, "bindings")
            for flow in flows[chosen]:
                flow.back()
            d.teardown("a")
            gates_are(b)


@test("R-08.replies", config=ALG)
def r08(b):
    """What a server may answer, and where its media then come from"""
    occupy(b, *ASKED)
    for n, (form, sports) in enumerate((
            ("RTP/AVP;unicast;client_port=%s;server_port=6970-6971;"
             "ssrc=0AFFE123;mode=\"PLAY\"", THERE),
            ("RTP/AVP/UDP;unicast;server_port=6970-6971;client_port=%s",
             THERE),
            ("RTP/AVP;unicast;client_port=%s", (None, None)),
            ("RTP/AVP;unicast;client_port=%s;server_port=6970",
             (6970, None)),
            ("RTP/AVP;unicast;client_port=%s;server_port=65536-1",
             (None, None)),
            ("RTP/AVP;unicast;destination=198.51.100.1;source=203.0.113.5;"
             "client_port=%s;server_port=6970-6971", THERE))):
        with b.case(form):
            d = start(b)
            mapped = even_pair(b, d, ASKED)
            d.reply("Session: a", "Transport: " + form % span(mapped),
                    becomes=["Session: a", "Transport: " +
                             form % span(ASKED)])
            flows = d.flows(ASKED, [s or 4000 + n for s in sports], mapped)
            want = []
            for flow, sport in zip(flows, sports):
                keys = dict(sport=sport)
                want += [gate(d, "to-ipv6", "udp", client_port=flow.port,
                              pool_port=flow.pport, **keys),
                         gate(d, "to-ipv4", "udp", client_port=flow.port,
                              **keys)]
            gates_are(b, *want)
            for flow in flows:
                flow.back()
                flow.out()
            d.reset()


@test("R-09.media-from-server", config=ALG)
def r09(b):
    """source= is not believed; without server_port any port will do."""
    d = start(b)
    d.setup(ASKED)
    d.reply("Session: a", "Transport: " + udp(ASKED) +
            ";source=203.0.113.6")
    flow = d.flow(30000, 4321, 30000)
    b.mark()
    got = b.x4(four(UDP(sport=4321, dport=30000) / b"x", src=S2))
    check(not got.six, "from its source")
    b.moved(drop_gate_only=1)
    flow.back()
    with b.case("and then from that one only"):
        got = b.x4(four(UDP(sport=4322, dport=30000) / b"x"))
        check(not got.six, "another port")
        b.moved(rtsp_gates_used=1, drop_gate_only=1)


@test("R-09.media-from-any", config=ALG + ["option set rtsp-media any"])
def r09_any(b):
    """By option media come from any IPv4 host, and go to the source."""
    d = start(b)
    d.setup(ASKED)
    d.reply("Session: a", "Transport: " + udp(ASKED, THERE) +
            ";source=203.0.113.6")
    rtp, rtcp = d.flows(ASKED, THERE)
    anybody = dict(server_addr=None, server_addr6=None)
    its = dict(server_addr=S2, server_addr6=v6(embed(S2)))
    gates_are(b, *d.gates46(rtp, rtcp, **anybody),
              *d.gates64(rtp, rtcp, **its))
    b.mark()
    got = b.to6(four(UDP(sport=6970, dport=30000) / b"x", src=S3))
    same(got, six(UDP(sport=6970, dport=30000) / b"x", embed(S3), C,
                  hlim=63))
    got = b.x4(four(UDP(sport=6970, dport=30000) / b"x", src=S2))
    check(not got.six, "a second source")
    got = b.to4(six(UDP(sport=30001, dport=6971) / b"x", C, embed(S2)))
    same(got, wanted4(UDP(sport=30001, dport=6971) / b"x", T, S2),
         free=["id"])
    b.moved(rtsp_gates_used=2, drop_gate_only=1)
    rows_ = b.sessions(proto="udp")
    check(all(r["owner_client_port"] == d.port for r in rows_), "owners")


@test("R-10.sessions", config=ALG)
def r10(b):
    """Two sessions of one connection, one of two media"""
    d = start(b)
    a = d.media((30130, 30131), THERE, session="A;timeout=10", track="/a")
    c = d.media((30132, 30133), (6972, 6973), session="A", track="/b")
    e = d.media((30134, 30135), (6974, 6975), session="B", track="/a")
    gates_are(b, *d.gates(*a, *c, *e))
    for flow in a + c + e:
        flow.back()
    d.teardown("A")
    closed(b, *a, *c)
    for flow in e:
        flow.back()
    gates_are(b, *d.gates64(*e))
    d.teardown("B")
    closed(b, *e)
    gates_are(b)


@test("R-11.teardown-ends-media", config=ALG)
def r11(b):
    """By the reply, 2xx or 454; of one medium if it is the URI's."""
    for n, (status, ends) in enumerate((
            ("200 OK", True), ("454 Session Not Found", True),
            ("500 no", False), ("100 Trying", False))):
        with b.case(status):
            d = start(b)
            pair = (30140 + 4 * n, 30141 + 4 * n)
            flows = d.media(pair, THERE)
            for flow in flows:
                flow.back()
            d.ask("TEARDOWN", "Session: abc")
            for flow in flows:
                flow.back(b"still there")
            d.reply(status=status)
            if ends:
                gates_are(b)
                closed(b, *flows)
                check(not b.bindings(client_port=pair[0]), "binding")
            else:
                gates_are(b, *d.gates64(*flows))
                for flow in flows:
                    flow.back(b"on")
            d.reset()
            ctl("session flush")
    d = start(b)
    one = d.media((30160, 30161), THERE, track="/1")
    two = d.media((30162, 30163), (6972, 6973), track="/2")
    for flow in one + two:
        flow.out()
    d.teardown(url=d.url + "/1")
    closed(b, *one)
    for flow in two:
        flow.back()
        flow.out()


@test("R-11.given-back", config=ALG)
def r11_back(b):
    """Ports of an ended session are others' to have."""
    d = start(b)
    flows = d.media(ASKED, THERE)
    flows[0].back()
    d.teardown()
    check(not b.bindings(proto="udp"), "bindings %r", b.bindings())
    other = start(b, client=C2)
    for flow in other.media(ASKED, THERE):
        flow.back()


@test("R-12.error-frees", config=ALG)
def r12(b):
    """An error gives the ports back, but not those of an earlier SETUP."""
    for status in ("461 Unsupported Transport", "459 no", "404 no", "500 no",
                   "302 Moved"):
        with b.case(status):
            d = start(b)
            d.setup(ASKED)
            check(len(b.gates()) == 2, "gates %r", b.gates())
            d.reply(status=status)
            gates_are(b)
            check(not b.bindings(proto="udp"), "bindings")
            flows = d.media(ASKED, THERE)
            d.setup(ASKED)
            d.reply(status=status)
            gates_are(b, *d.gates(*flows))
            for flow in flows:
                flow.back()
            d.reset()
            ctl("session flush")


@test("R-12.another-port", config=ALG)
def r12_again(b):
    """A medium that is set up again: elsewhere, or over TCP"""
    d = start(b)
    old = d.media(ASKED, THERE)
    for flow in old:
        flow.back()
    new = d.media((30170, 30171), THERE)
    gates_are(b, *d.gates(*new))
    closed(b, *old)
    for flow in new:
        flow.back()
        flow.out()
    d.ask("SETUP", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1",
          url=d.url + "/1")
    d.reply("Session: abc", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
    gates_are(b)
    closed(b, *new)


@test("R-13.setup-repeated", config=ALG)
def r13(b):
    """Sent again by TCP or by the client, a SETUP has the same answer."""
    occupy(b, *ASKED)
    d = start(b)
    at = d.ends[CLIENT].snd, d.ends[SERVER].rcv
    mapped = even_pair(b, d, ASKED)
    said, told = (message("SETUP %s/1 RTSP/1.0" % d.url, 1,
                          "Transport: " + udp(p)) for p in (ASKED, mapped))
    for _ in range(2):
        d.tell(said, told, seq=at[0], over={"seq": at[1]})
    d.tell(said, told)
    d.tell(said.replace(b"CSeq: 1", b"CSeq: 2"),
           told.replace(b"CSeq: 1", b"CSeq: 2"))
    flows = d.flows(ASKED, THERE, mapped)
    gates_are(b, *d.reserved(*flows))
    b.moved(rtsp_gates_opened=2, rtsp_messages=3, rtsp_remapped=1)
    d.cseq = 2
    at = d.ends[SERVER].snd, d.ends[CLIENT].rcv
    d.agreed(ASKED, THERE, mapped)
    gates_are(b, *d.gates(*flows))
    said, told = (message("RTSP/1.0 200 OK", 2, "Session: abc",
                          "Transport: " + udp(p, THERE))
                  for p in (mapped, ASKED))
    d.hear(said, told, seq=at[0], over={"seq": at[1]})
    for flow in flows:
        flow.back()
    d.hear(said, told, seq=at[0], over={"seq": at[1]})
    gates_are(b, *d.gates64(*flows))
    b.moved(rtsp_gates_used=2, rtsp_gates_opened=2, rtsp_messages=1)


@test("R-14.lifetime", config=ALG)
def r14(b):
    """A gate waits for as long as the session does, at least as configured."""
    d = start(b)
    for n, (session, low, high) in enumerate((
            ("a", 50000, 60000), ("a;timeout=10", 50000, 60000),
            ("a;timeout=90", 80000, 90000),
            ("a ; x=y;TIMEOUT=600", 590000, 600000),
            ("a;timeout=4294967295", 3590000, 3600000))):
        with b.case(session):
            pair = (30180 + 2 * n, 30181 + 2 * n)
            d.media(pair, THERE, session=session, track="/%d" % n)
            left = [g["expires_ms"] for g in b.gates()
                    if g["client_port"] in pair]
            check(len(left) == 4 and all(low < ms <= high for ms in left),
                  "left %r", left)


@test("R-14.media-keep-control", config=ALG + SHORT)
def r14_keep(b):
    """Media in either direction keep the control connection alive."""
    b.configure("timeout set tcp-est 20s", "timeout set udp 60s")
    d = start(b)
    rtp, rtcp = d.media(ASKED, THERE)
    rtp.back()
    rtcp.out()
    for flow, act in ((rtp, rtp.back), (rtcp, rtcp.out)):
        b.poll("some time passes",
               lambda: d.row()["expires_ms"] < 18500)
        before = d.row()["expires_ms"]
        act()
        check(d.row()["expires_ms"] > before, "not refreshed by %d",
              flow.port)


@test("R-14.control-keeps-media", config=ALG + SHORT)
def r14_pause(b):
    """Media that pause stay while the control connection is alive."""
    b.configure("timeout set udp 3s")
    d = start(b)
    rtp, rtcp = d.media(ASKED, THERE)
    other = Udp(b).open()
    rtp.back()
    left = [rtp.expires()]

    def prolonged():
        d.ask("GET_PARAMETER", "Session: abc")
        d.reply("Session: abc")
        left.append(rtp.expires())
        return left[-1] > left[-2] + 500
    for _ in range(2):
        b.poll("the media get more time", prolonged)
    check(not b.sessions(client_port=other.port), "all UDP does")
    rtp.back(b"go on")
    rtcp.back()
    with b.case("not when neither carries anything"):
        b.poll("they end", lambda: not b.sessions(proto="udp"))
        d.ask("OPTIONS")


@test("R-14.unused", config=ALG + SHORT + ["timeout set gate-rtsp 1s"])
def r14_unused(b):
    """Reservations and gates that nobody needs are gone after their time."""
    d = start(b)
    b.mark()
    d.setup(ASKED)
    b.poll("the reservation ends", lambda: not b.bindings(proto="udp"))
    gates_are(b)
    b.moved(rtsp_gates_expired=2)
    flows = d.media((30190, 30191), THERE)
    flows[0].back()
    b.poll("the gates end", lambda: not b.gates())
    b.moved(rtsp_gates_expired=3, rtsp_gates_used=1)
    flows[0].back()
    silent46(b, flows[1])


@test("R-15.control-closed", config=ALG + SHORT + ["timeout set udp 3s"])
def r15(b):
    """Media that flow go on without it, and end by their own time."""
    for end in (lambda d: d.reset(), lambda d: d.close(SERVER)):
        with b.case("%r" % end):
            d = start(b)
            rtp, rtcp = d.media(ASKED, THERE)
            rtp.back()
            end(d)
            gates_are(b)
            rtp.back()
            rtp.out()
            silent46(b, rtcp)
            # What ends last, a moment after its session
            b.poll("they end", lambda: not b.bindings(proto="udp"))
            check(not b.sessions(proto="udp"), "sessions")
            ctl("session flush")


def describe(d, body):
    """DESCRIBE and its reply, unchanged"""
    d.ask("DESCRIBE")
    hear_description(d, body, body)


def description(d, body, host):
    return message("RTSP/1.0 200 OK", d.cseq,
                   "Content-Base: rtsp://%s:554/live/" % host,
                   "Content-Type: application/sdp",
                   "Content-Length: %d" % len(body), body=body)


def hear_description(d, body, becomes):
    host = S if becomes == body else "[%s]" % v6(d.server6)
    d.hear(description(d, body, S), description(d, becomes, host))
    d.ack(CLIENT)


def ask_native(d):
    """A request whose literal comes out of the prefix"""
    d.cseq += 1
    ask = "DESCRIBE rtsp://%s/live RTSP/1.0"
    d.tell(message(ask % ("[%s]" % v6(d.server6)), d.cseq),
           message(ask % S, d.cseq))


@test("R-17.who-speaks-ipv6", config=ALG)
def r17(b):
    """A 464XLAT client gets every octet as it was, a native one addresses."""
    body = (SDP % {"a": S}).encode()
    native = sdp6(S6).encode()
    clat = embed("192.168.1.7", "2001:db8:1:7::/96")
    for label, keys, url, changed in (
            ("IPv4 literal", {}, "rtsp://%s/live" % S, False),
            ("IPv4 literal, label", {"fl": 7}, "rtsp://%s/live" % S, False),
            ("IPv6 literal", {}, None, True),
            ("name", {}, "rtsp://cam.example/live", False),
            ("name, label", {"fl": 7}, "rtsp://cam.example/live", True),
            ("name, label, address of a CLAT", {"fl": 7, "client": clat},
             "rtsp://cam.example/live", False)):
        with b.case(label):
            d = start(b, **keys)
            if url:
                d.ask("DESCRIBE", url=url)
            else:
                ask_native(d)
            hear_description(d, body, native if changed else body)
            b.moved(rtsp_errors=0, rtsp_transparent=0)


@test("R-17.464xlat-untouched", config=ALG)
def r17_clat(b):
    """All literals of a whole session, in both directions"""
    d = start(b, client=embed("192.168.1.7", "2001:db8:1:7::/96"))
    body = (SDP % {"a": S}).encode()
    describe(d, body)
    d.setup(ASKED)
    d.agreed(ASKED, THERE, extra=";source=%s;destination=%s" % (S, T))
    d.ask("PLAY", "Session: abc", "Authorization: Digest uri=\"%s\"" % d.url)
    d.reply("Session: abc", "RTP-Info: url=rtsp://%s/live/1;seq=1" % S,
            "Location: rtsp://%s/x" % S, "Content-Location: rtsp://%s" % S)
    d.hear(message("REDIRECT rtsp://%s/live RTSP/1.0" % S, 1,
                   "Location: rtsp://203.0.113.6/y"))
    d.tell(message("ANNOUNCE %s RTSP/1.0" % d.url, 9,
                   "Content-Type: application/sdp",
                   "Content-Length: %d" % len(body), body=body))
    b.moved(rtsp_rewrites=0, rtsp_errors=0)


@test("R-17.headers", config=ALG)
def r17_headers(b):
    """For a native client: Location, RTP-Info, Transport, requests"""
    d = start(b)
    ask_native(d)
    six_ = "[%s]" % v6(S6)
    said = ["Location: rtsp://%s:8554/x", "Content-Location: rtsp://u@%s",
            "RTP-Info: url=rtsp://%s/1;seq=1,url=rtsp://cam.example/2",
            "X-Location: rtsp://203.0.113.5/"]
    d.reply(*[t.replace("%s", S) for t in said],
            becomes=[t.replace("%s", six_) for t in said],
            status="302 Moved")
    d.hear(message("REDIRECT rtsp://%s/live RTSP/1.0" % S, 1),
           message("REDIRECT rtsp://%s/live RTSP/1.0" % six_, 1))
    d.cseq += 1
    said = "SETUP rtsp://%s/live/1 RTSP/1.0"
    d.tell(message(said % six_, d.cseq, "Transport: " + udp(ASKED)),
           message(said % S, d.cseq, "Transport: " + udp(ASKED)))
    both = ";source=%s;destination=%s"
    d.reply("Session: a", "Transport: " + udp(ASKED, THERE, both % (S, T)),
            becomes=["Session: a", "Transport: " +
                     udp(ASKED, THERE, both % (v6(S6), v6(C)))])
    flows = d.flows(ASKED, THERE)
    gates_are(b, *d.gates(*flows))
    for flow in flows:
        flow.back()


@test("R-17.in-pieces", config=ALG)
def r17_pieces(b):
    """R-16: a description in several segments, its length right"""
    for size in (5, 40, 700):
        with b.case("%d octets each" % size):
            more = "a=x:" + "y" * size + "\r\n"
            body = (SDP % {"a": S} + more).encode()
            native = (sdp6(S6) + more).encode()
            d = start(b)
            ask_native(d)
            said = description(d, body, S)
            want = description(d, native, "[%s]" % v6(S6))
            pieces = [said[n:n + size] for n in range(0, len(said), size)]
            for piece in pieces[:-1]:
                d.hold(SERVER, piece)
            d.hear(pieces[-1], want)
            d.ack(CLIENT)
            d.setup(ASKED)
            d.agreed(ASKED, THERE)
            check(len(b.gates()) == 4, "gates %r", b.gates())
            d.reset()


@test("R-17.option-off", config=ALG + ["option set rtsp-literals off"])
def r17_off(b):
    d = start(b)
    d.url = "rtsp://[%s]/live" % v6(S6)
    describe(d, (SDP % {"a": S}).encode())
    flows = d.media(ASKED, THERE)
    gates_are(b, *d.gates(*flows))
    b.moved(rtsp_rewrites=0)


@test("R-16.bodies", config=ALG)
def r16(b):
    """What is no description passes by its length, whatever is in it."""
    d = start(b)
    ask_native(d)
    body = (SDP % {"a": S}).encode()
    for head in (["Content-Type: text/parameters"],
                 ["Content-Type: application/sdp", "Content-Encoding: gzip"],
                 []):
        with b.case(head):
            d.reply(*head, "Content-Length: %d" % len(body), body=body)
    long = body + b"a=y:" + b"z" * 8300 + b"\r\n"
    data = message("RTSP/1.0 200 OK", 9, "Content-Type: application/sdp",
                   "Content-Length: %d" % len(long), body=long)
    for n in range(0, len(data), 1400):
        d.hear(data[n:n + 1400])
        d.ack(CLIENT)
    evil = message("SETUP x RTSP/1.0", 3, "Transport: " + udp(ASKED))
    d.tell(message("SET_PARAMETER %s RTSP/1.0" % d.url, 5,
                   "Content-Length: %d" % len(evil), body=evil))
    gates_are(b)
    d.cseq = 20
    d.setup(ASKED)
    check(len(b.gates()) == 2, "gates %r", b.gates())
    b.moved(rtsp_errors=0, rtsp_transparent=0)


@test("R-18.record", config=ALG)
def r18(b):
    """The client pushes; its RTP goes first, the server's RTCP comes."""
    occupy(b, *ASKED)
    d = start(b)
    body = (SDP % {"a": "10.0.0.2"}).encode()
    d.ask("ANNOUNCE", "Content-Type: application/sdp",
          "Content-Length: %d" % len(body), body=body)
    d.reply()
    push = ";mode=\"RECORD\""
    mapped = even_pair(b, d, ASKED, extra=push)
    d.agreed(ASKED, THERE, mapped, extra=push)
    rtp, rtcp = d.flows(ASKED, THERE, mapped)
    gates_are(b, *d.gates(rtp, rtcp))
    d.ask("RECORD", "Session: abc")
    d.reply("Session: abc")
    for n in range(3):
        rtp.out(b"RTP %d" % n)
    rtcp.back(b"RR")
    rtcp.out(b"SR")
    b.moved(rtsp_gates_used=2)
    d.teardown()
    closed(b, rtp, rtcp)


@test("R-19.version-2", config=ALG)
def r19(b):
    """dest_addr and src_addr; a version that nobody knows passes."""
    occupy(b, *ASKED)
    d = start(b)
    d.cseq += 1
    form = "Transport: RTP/AVP/UDP;unicast;dest_addr=\":%d\"/\":%d\""
    reply = form + ";src_addr=\"203.0.113.5:6970\"/\"203.0.113.5:6971\""
    first = "SETUP %s/1 RTSP/2.0" % d.url
    f = d.fill(CLIENT, message(first, 1, form % ASKED))
    forth, _ = d.inject(CLIENT, f)
    port = min(g["pool_port"] for g in b.gates())
    mapped = (port, port + 1)
    want = message(first, 1, form % mapped)
    d.agree(CLIENT, forth[0], dict(f, data=want, seq=d.ends[SERVER].rcv,
                                   ack=d.ends[SERVER].snd))
    d.ends[CLIENT].snd += len(f["data"])
    d.ends[SERVER].rcv += len(want)
    d.reply("Session: a", reply % mapped,
            becomes=["Session: a", reply % ASKED], version="RTSP/2.0")
    flows = d.flows(ASKED, THERE, mapped)
    gates_are(b, *d.gates(*flows))
    for flow in flows:
        flow.back()
    with b.case("RTSP/3.0"):
        b.mark()
        d.ask("SETUP", "Transport: " + udp((30200, 30201)),
              version="RTSP/3.0")
        d.reply("Transport: " + udp((30200, 30201), THERE),
                version="RTSP/3.0")
        b.moved(rtsp_errors=2, rtsp_transparent=0, rtsp_gates_opened=0)


@test("R-20.off")
def r20(b):
    """Without the ALG nothing is looked at."""
    d = start(b)
    flows = d.media(ASKED, THERE)
    gates_are(b)
    silent46(b, *flows)
    moved = [name for name in b.delta() if name.startswith("rtsp")]
    check(not moved, "counted %r", moved)


HTTP = (b"GET /live HTTP/1.0\r\nX-SessionCookie: abc\r\n"
        b"Accept: application/x-rtsp-tunnelled\r\n\r\n")
POST = (b"POST /live HTTP/1.0\r\nX-SessionCookie: abc\r\n"
        b"Content-Type: application/x-rtsp-tunnelled\r\n"
        b"Content-Length: 32767\r\n\r\n")
TLS = b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03"


@test("SEC-12.not-rtsp", config=ALG)
def sec12(b):
    """R-21: what is not RTSP passes, is given up once, and stays so."""
    evil = message("SETUP rtsp://203.0.113.5/ RTSP/1.0", 1,
                   "Transport: " + udp(ASKED))
    for data in (HTTP, POST, TLS, b"\0" * 30, b"$\0\0\4SETU", b"x" * 40,
                 b"SETUP rtsp://x/ HTTP/1.1\r\n\r\n", b"RTSP/1.0 200 OK\r\n"
                 b"CSeq: 1\r\n\r\n"):
        with b.case("%r" % data[:12]):
            d = start(b)
            b.mark()
            d.tell(data)
            d.hear(b"HTTP/1.0 200 OK\r\n\r\n")
            d.tell(evil)
            d.hear(message("RTSP/1.0 200 OK", 1, "Transport: " +
                           udp(ASKED, THERE)))
            gates_are(b)
            b.moved(rtsp_transparent=1, rtsp_errors=1, rtsp_gates_opened=0,
                    rtsp_rewrites=0)


@test("SEC-12.server-is-not", config=ALG)
def sec12_server(b):
    """A server that answers with something else"""
    for data in (b"HTTP/1.1 400 Bad Request\r\n\r\n", TLS, b"SSH-2.0-x\r\n"):
        with b.case("%r" % data[:12]):
            d = start(b)
            d.setup(ASKED)
            b.mark()
            d.hear(data)
            b.moved(rtsp_transparent=1, rtsp_errors=1)
            d.ask("SETUP", "Transport: " + udp((30210, 30211)))
            d.agreed(ASKED, THERE)
            check(not b.gates(reserved=False), "gates %r", b.gates())
            d.reset()
            gates_are(b)


@test("R-21.headers-without-end", config=ALG)
def r21(b):
    """Past 8 KiB the connection is given up, with every octet delivered."""
    d = start(b)
    d.ask("OPTIONS")
    d.reply()
    b.mark()
    data = b"SETUP rtsp://x/ RTSP/1.0\r\nCSeq: 2\r\n"
    d.hold(CLIENT, data)
    sent, held = data, len(data)
    while held + 1000 < 8192:
        piece = b"X-%04d: " % (held % 10000) + b"y" * 990 + b"\r\n"
        d.hold(CLIENT, piece)
        sent += piece
        held += len(piece)
    piece = b"X: " + b"z" * 1000
    d.tell(piece, sent + piece)
    d.ack(SERVER)
    b.moved(rtsp_transparent=1, rtsp_errors=1, rtsp_messages=0)
    d.tell(b"\r\n\r\n")
    d.ask("SETUP", "Transport: " + udp(ASKED))
    gates_are(b)


@test("R-21.content-length-lies", config=ALG)
def r21_length(b):
    """Counted, passed; what follows is never taken for what it is not."""
    evil = message("SETUP rtsp://x/ RTSP/1.0", 7, "Transport: " + udp(ASKED))
    for value, errors in (("-1", 1), ("99999999999", 1), ("x", 1),
                          ("2147483648", 1), ("5\r\nContent-Length: 6", 1),
                          ("1073741824", 0)):
        with b.case(value):
            d = start(b)
            b.mark()
            d.ask("OPTIONS", "Content-Length: " + value)
            d.tell(evil)
            d.tell(evil)
            gates_are(b)
            b.moved(rtsp_errors=errors, rtsp_transparent=errors,
                    rtsp_gates_opened=0)
    with b.case("missing"):
        d = start(b)
        b.mark()
        d.ask("SET_PARAMETER", body=b"no length: and no request\r\n\r\n")
        d.tell(evil)
        gates_are(b)
        b.moved(rtsp_errors=1, rtsp_transparent=1)


@test("R-21.thousands-of-alternatives", config=ALG)
def r21_many(b):
    """As many as fit get ports, the rest stays as it is."""
    d = start(b)
    one = "RTP/AVP;unicast;client_port=%d-%d"
    many = ",".join(one % (20000 + 2 * n, 20001 + 2 * n) for n in range(190))
    data = message("SETUP %s RTSP/1.0" % d.url, 1, "Transport: " + many)
    check(6000 < len(data) < 8192, "%d octets", len(data))
    pieces = [data[n:n + 1400] for n in range(0, len(data), 1400)]
    for piece in pieces[:-1]:
        d.hold(CLIENT, piece)
    d.tell(pieces[-1], data)
    check(0 < len(b.gates()) <= 64, "%d gates", len(b.gates()))
    b.moved(rtsp_transparent=0, rtsp_errors=0)
    d.reply(status="461 no", cseq=1)
    gates_are(b)


@test("R-22.independent-gates", config=ALG)
def r22(b):
    """Any of the four may be used first, and stands for none of the others."""
    for n in range(4):
        with b.case("%d" % n):
            d = start(b)
            rtp, rtcp = d.media(ASKED, THERE)
            acts = [rtp.back, rtp.out, rtcp.back, rtcp.out]
            b.mark()
            acts[n]()
            b.moved(rtsp_gates_used=1)
            check(len(b.gates()) == 3, "gates %r", b.gates())
            acts[(n + 2) % 4]()
            b.moved(rtsp_gates_used=1)
            check(len(b.gates()) == 2, "gates %r", b.gates())
            for act in acts:
                act()
            b.moved(rtsp_gates_used=0)
            d.reset()
            ctl("session flush")


class RtspHairpin(Hairpin, Rtsp):
    pass


@test("G-11.rtsp-hairpin", config=ALG)
def g11(b):
    """A server behind us: each side's ALG maps the ports of its own end."""
    b.configure("binding add %s 554 to %s 554 proto tcp" % (C2, T))
    occupy(b, 30300, 30301)
    d = RtspHairpin(b).open()
    mapped = even_pair(b, d, (30300, 30301))
    b.mark()
    # The server's own ports are mapped as well; they are taken by C3.
    for port in THERE:
        check(Udp(b, client=C3, port=port).open().pport == port, "port")
    said = message("RTSP/1.0 200 OK", d.cseq, "Session: a",
                   "Transport: " + udp(mapped, THERE))
    f = d.fill(SERVER, said)
    forth, back = d.inject(SERVER, f)
    check(len(forth) == 1 and not back, "frames %r", forth)
    by = {g["client_port"]: g["pool_port"] for g in b.gates()
          if g["direction"] == "to-ipv6"}
    check(len(b.gates()) == 8 and by[6970] != 6970 and
          by[6971] == by[6970] + 1, "gates %r", b.gates())
    told = message("RTSP/1.0 200 OK", d.cseq, "Session: a", "Transport: " +
                   udp((30300, 30301), (by[6970], by[6971])))
    d.agree(SERVER, forth[0], dict(f, data=told, seq=d.ends[CLIENT].rcv,
                                   ack=d.ends[CLIENT].snd))
    six_t = embed(T)
    for port, there, n in ((30300, 6970, b"rtp"), (30301, 6971, b"rtcp")):
        there4, port4 = by[there], by[port]
        got = b.x6(six(UDP(sport=there, dport=port4) / Raw(n), C2,
                       six_t)).only6()
        same(got, six(UDP(sport=there4, dport=port) / Raw(n), six_t, C,
                      hlim=63))
        got = b.x6(six(UDP(sport=port, dport=there4) / Raw(n), C,
                       six_t)).only6()
        same(got, six(UDP(sport=port4, dport=there) / Raw(n), six_t, C2,
                      hlim=63))
    moved = b.delta()
    check(moved.get("rtsp-gates-used") == 4 and moved["hairpinned"] >= 4,
          "counters %r", moved)


@test("G-11.rtsp-server-inside", config=ALG)
def g11_inside(b):
    """Its client is outside: server_port is mapped, client_port passes."""
    b.configure("binding add %s 554 to %s 554 proto tcp" % (C, T))
    occupy(b, *THERE)
    d = Rtsp(b, port=554, sport=b.fresh_port())
    d.pool, d.pport = T, 554
    d.open(SERVER)
    d.hear(message("SETUP rtsp://%s/1 RTSP/1.0" % T, 1,
                   "Transport: " + udp((4000, 4001))))
    gates_are(b)
    f = d.fill(CLIENT, message("RTSP/1.0 200 OK", 1, "Session: a",
                               "Transport: " + udp((4000, 4001), THERE)))
    forth, back = d.inject(CLIENT, f)
    by = {g["client_port"]: g["pool_port"] for g in b.gates()
          if g["direction"] == "to-ipv6"}
    mapped = (by[6970], by[6971])
    want = message("RTSP/1.0 200 OK", 1, "Session: a", "Transport: " +
                   udp((4000, 4001), mapped))
    check(len(forth) == 1 and not back and mapped != THERE, "frames")
    d.agree(CLIENT, forth[0], dict(f, data=want, seq=d.ends[SERVER].rcv,
                                   ack=d.ends[SERVER].snd))
    flows = d.flows(THERE, (4000, 4001), mapped)
    gates_are(b, *d.gates(*flows))
    flows[0].out()
    flows[1].back()
    gates_are(b, *d.gates46(flows[0]), *d.gates64(flows[1]))
    check(rows("gate show")[0]["alg"] == "rtsp", "tool")
