# SPDX-License-Identifier: GPL-2.0
"""
Section 7: the TCP state machine (RFC 6146 3.5.2.2). Whether a segment moved a
timer is seen by changing the timeout first: only a session that was refreshed
shows the new one.
"""
import struct
import time

from ktap import test
from tool import refused
from wire import *

EST = 7200000
TRANS = 240000
# The values after longer(): other than any default.
LONG_EST = 9000000
LONG_OPEN = 600000
LONG_CLOSE = 900000
ANY = (0, 1 << 40)


class Tcp(Flow):
    """A connection with sequence numbers: the client's and the server's."""
    proto = "tcp"

    def __init__(self, bed, **keys):
        super().__init__(bed, **keys)
        self.cs = 1000
        self.ss = 500000

    def port_of(self, got):
        return got[TCP].sport

    def l4out(self, port, data):
        return TCP(sport=port, dport=self.sport, flags="A", seq=self.cs,
                   ack=self.ss) / Raw(data)

    def l4at4(self, data):
        return self.l4out(self.pport, data)

    def l4back(self, port, data):
        return TCP(sport=self.sport, dport=port, flags="A", seq=self.ss,
                   ack=self.cs) / Raw(data)

    def l4at6(self, data):
        return self.l4back(self.port, data)

    def client_segment(self, port, flags, data=b"", seq=None, options=()):
        return TCP(sport=port, dport=self.sport, flags=flags,
                   seq=self.cs if seq is None else seq, window=8192,
                   ack=self.ss if "A" in flags else 0,
                   options=list(options)) / Raw(data)

    def server_segment(self, port, flags, data=b"", seq=None, options=()):
        return TCP(sport=self.sport, dport=port, flags=flags,
                   seq=self.ss if seq is None else seq, window=8192,
                   ack=self.cs if "A" in flags else 0,
                   options=list(options)) / Raw(data)

    def out(self, flags="A", data=b"", seq=None, options=()):
        """A segment of the client that must be forwarded."""
        got = self.bed.to4(six(self.client_segment(self.port, flags, data,
                                                   seq, options),
                               self.client, self.server6))
        if self.pport is None:
            self.learn(got)
        same(got, wanted4(self.client_segment(self.pport, flags, data, seq,
                                              options),
                          self.pool, self.server), free=["id"])
        if seq is None:
            self.cs += len(data) + ("S" in flags) + ("F" in flags)
        return self

    def back(self, flags="A", data=b"", seq=None, options=()):
        """A segment of the server that must be forwarded."""
        got = self.bed.to6(four(self.server_segment(self.pport, flags, data,
                                                    seq, options),
                                self.server, self.pool))
        same(got, six(self.server_segment(self.port, flags, data, seq,
                                          options),
                      self.server6, self.client, hlim=63))
        if seq is None:
            self.ss += len(data) + ("S" in flags) + ("F" in flags)
        return self

    def raw_back(self, flags="A", data=b"", seq=None):
        return four(self.server_segment(self.pport, flags, data, seq),
                    self.server, self.pool)

    def raw_out(self, flags="A", data=b"", seq=None):
        return six(self.client_segment(self.port, flags, data, seq),
                   self.client, self.server6)

    def expect(self, state, timer=ANY):
        """STATE, and a timer of at most TIMER ms (at least half of it)."""
        row = self.session()
        check(row["state"] == state, "state is %s, wanted %s", row["state"],
              state)
        low, high = (timer - 60000, timer + 1000) \
            if isinstance(timer, int) else timer
        check(low <= row["expires_ms"] <= high, "%s expires in %d ms, "
              "wanted %d to %d", state, row["expires_ms"], low, high)
        return self

    def longer(self):
        """From now on a refreshed timer is seen."""
        self.bed.configure("timeout set tcp-est 150min",
                           "timeout set tcp-trans-open 10min",
                           "timeout set tcp-trans-close 15min")
        return self


def v6_init(b, **keys):
    return Tcp(b, **keys).out("S").expect("v6-init", TRANS)


def established(b, **keys):
    flow = Tcp(b, **keys)
    return flow.out("S").back("SA").out("A").expect("established", EST)


def v4_fin(b):
    return established(b).back("FA").expect("v4-fin")


def v6_fin(b):
    return established(b).out("FA").expect("v6-fin")


def v4v6_fin(b):
    flow = established(b).back("FA").out("FA")
    return flow.expect("v4v6-fin", TRANS)


def trans(b):
    return established(b).back("R").expect("trans", TRANS)


@test("T-01.v6-syn")
def t01(b):
    flow = v6_init(b)
    row = flow.session()
    check((row["client_addr"], row["client_port"], row["server_addr6"],
           row["server_port6"], row["pool_addr"], row["pool_port"],
           row["server_addr"], row["server_port"]) ==
          (v6(C), flow.port, v6(S6), 7, T, flow.pport, S, 7),
          "session %r", row)
    check(flow.bed.binding()["pool_port"] == flow.pport, "binding")
    b.moved(translated_6to4=1, sessions_created=1, bindings_created=1)


@test("T-01.connection")
def connection(b):
    """The thin slice: open, data both ways, close."""
    flow = established(b)
    flow.out("PA", b"request").back("A").back("PA", b"response" * 100)
    flow.out("A").expect("established", EST)
    flow.out("FA").back("A").back("FA").out("A")
    flow.expect("v4v6-fin", TRANS)
    b.moved(translated_6to4=6, translated_4to6=5, sessions_created=1)


@test("T-02.v4-syn-dropped-by-policy")
def t02(b):
    b.configure("option set incoming-syn drop")
    b.mark()
    b.none4(four(TCP(sport=80, dport=5000, flags="S", seq=9)))
    b.moved(drop_incoming_syn=1, icmp_errors_sent=0, syns_stored=0)
    check(b.count() == (0, 0), "state %r", b.count())


@test("T-02.policy-with-binding-and-filter")
def t02_adf(b):
    b.configure("option set incoming-syn drop",
                "option set filtering-tcp address-dependent")
    flow = established(b)
    b.mark()
    b.none4(four(TCP(sport=80, dport=flow.pport, flags="S", seq=9), S2))
    moved = b.delta()
    check(moved.get("drop-incoming-syn", 0) + moved.get("drop-filtered", 0)
          == 1, "counters %r", moved)
    check(b.count() == (1, 1), "state %r", b.count())


# Where the stored SYN is not used up, the next test need not wait for it.
SOON = ("option set allow-nonconforming on",
        "timeout set tcp-incoming-syn 500ms")


@test("T-03.v4-syn-without-binding")
def t03(b):
    """The entry without a client is in a table of its own."""
    b.configure(*SOON)
    b.mark()
    b.none4(four(TCP(sport=80, dport=5001, flags="S", seq=9)))
    b.moved(syns_stored=1, icmp_errors_sent=0, translated_4to6=0)
    check(b.count() == (0, 0), "state %r", b.count())


@test("T-03.repeated-syn")
def t03_again(b):
    syn = four(TCP(sport=80, dport=5003, flags="S", seq=9))
    b.mark()
    b.none4(syn, syn, syn)
    check(b.stored_syns() == 1, "stored %d times", b.stored_syns())
    b.moved(syns_stored=1)


@test("T-04.v4-syn-filtered")
def t04(b):
    b.configure("option set filtering-tcp address-dependent", *SOON)
    flow = established(b)
    b.mark()
    b.none4(four(TCP(sport=80, dport=flow.pport, flags="S", seq=9), S2))
    b.moved(syns_stored=1, translated_4to6=0, icmp_errors_sent=0)
    check(len(b.bindings()) == 1, "bindings")


@test("T-04.answered-by-the-client")
def t04_answer(b):
    """The client opens towards the filtered host: a connection."""
    b.configure("option set filtering-tcp address-dependent")
    flow = established(b)
    b.none4(four(TCP(sport=80, dport=flow.pport, flags="S", seq=9), S2))
    other = Tcp(b, port=flow.port, server=S2, sport=80)
    other.out("S").expect("established", EST)
    check(other.pport == flow.pport, "another pool port")


@test("T-05.v4-syn-endpoint-independent")
def t05(b):
    flow = established(b)
    b.mark()
    sent = TCP(sport=80, dport=flow.pport, flags="S", seq=9)
    got = b.to6(four(sent, S2))
    sent[TCP].dport = flow.port
    same(got, six(sent, embed(S2), C, hlim=63))
    row = b.session(server_addr=S2)
    check(row["state"] == "v4-init" and row["inbound"], "%r", row)
    check(TRANS - 60000 < row["expires_ms"] <= TRANS, "expires %d",
          row["expires_ms"])
    b.moved(translated_4to6=1, sessions_created=1, syns_stored=0)


@test("T-05.same-server-address-when-filtering")
def t05_adf(b):
    b.configure("option set filtering-tcp address-dependent")
    flow = established(b)
    b.to6(four(TCP(sport=4444, dport=flow.pport, flags="S", seq=9)))
    check(b.session(server_port=4444)["state"] == "v4-init", "state")


@test("T-06.other-segment-with-binding")
def t06(b):
    flow = established(b)
    for flags in ("A", "R", "FA", "PA", "SA"):
        with b.case(flags):
            sent = TCP(sport=flow.port, dport=81, flags=flags, seq=5, ack=6)
            got = b.to4(six(sent, dst=embed(S2)))
            sent[TCP].sport = flow.pport
            same(got, wanted4(sent, dst=S2), free=["id"])
            sent = TCP(sport=81, dport=flow.pport, flags=flags, seq=5, ack=6)
            got = b.to6(four(sent, S2))
            sent[TCP].dport = flow.port
            same(got, six(sent, embed(S2), C, hlim=63))
    check(b.count() == (1, 1), "state %r", b.count())
    flow.expect("established", EST)


@test("T-06.other-segment-filtered")
def t06_adf(b):
    b.configure("option set filtering-tcp address-dependent")
    flow = established(b)
    b.mark()
    got = b.x4(four(TCP(sport=81, dport=flow.pport, flags="A", seq=5), S2))
    check(not got.six, "translated")
    b.moved(drop_filtered=1)


@test("T-07.other-segment-without-binding")
def t07(b):
    n6 = n4 = 0
    for flags in ("A", "R", "RA", "FA", "PA", "SA", ""):
        with b.case(flags or "none"):
            b.none6(six(TCP(sport=b.fresh_port(), dport=80, flags=flags)))
            n6 += 1
            b.none4(four(TCP(sport=80, dport=5000, flags=flags)))
            n4 += 1
    moved = b.delta()
    check(moved.get("drop-tcp-no-session", 0) + moved.get("drop-no-binding", 0)
          == n6 + n4, "counters %r", moved)
    check(moved.get("drop-tcp-no-session", 0) >= n6, "counters %r", moved)
    check(not moved.get("icmp-errors-sent"), "answered")
    check(b.count() == (0, 0), "state %r", b.count())


@test("T-08.v6-syn-completes-stored")
def t08(b):
    """Simultaneous open: the server's SYN came first and was stored."""
    port = b.fresh_port()
    syn = TCP(sport=7, dport=port, flags="S", seq=777)
    b.none4(four(syn))
    check(b.stored_syns() == 1, "not stored")
    flow = Tcp(b, port=port).out("S")
    check(flow.pport == port, "the client got port %d", flow.pport)
    flow.expect("established", EST)
    check(b.count() == (1, 1) and not b.stored_syns(), "state %r",
          b.count())
    b.moved(syns_stored=1, syns_matched=1, syns_expired=0,
            translated_6to4=1, translated_4to6=0)
    flow.ss = 777
    flow.back("SA").out("A", b"").expect("established", EST)


@test("T-08.v6-syn-completes-forwarded")
def t08_forwarded(b):
    first = established(b)
    b.to6(four(TCP(sport=80, dport=first.pport, flags="S", seq=9), S2))
    flow = Tcp(b, port=first.port, server=S2, sport=80)
    flow.out("S").expect("established", EST)


@test("T-09.stored-syn-times-out")
def t09(b):
    b.configure("option set allow-nonconforming on",
                "timeout set tcp-incoming-syn 400ms")
    b.mark()
    syn = four(TCP(sport=80, dport=5009, flags="S", seq=9))
    b.send4(syn)
    frames = []

    def error():
        got = b.settle()
        check(not got.six, "something was translated")
        frames.extend(got.four)
        return frames
    b.poll("the ICMP error", error, 30)
    got = frames[0]
    check((got[ICMP].type, got[ICMP].code) == (3, 3), "%d/%d",
          got[ICMP].type, got[ICMP].code)
    check(got[IP].dst == S and bytes(got)[28:] == bytes(syn), "quote")
    check(checksum(bytes(got)[20:]) == 0, "checksum")
    b.poll("the end of the session", lambda: b.count() == (0, 0))
    b.moved(syns_stored=1, syns_expired=1)


@test("T-10.v4-init-other")
def t10(b):
    first = established(b)
    b.to6(four(TCP(sport=80, dport=first.pport, flags="S", seq=9), S2))
    first.longer()
    flow = Tcp(b, port=first.port, server=S2, sport=80)
    flow.learn(b.to4(flow.raw_out("A")))
    flow.back("A").back("S").back("R", seq=10).out("R")
    flow.expect("v4-init", TRANS)


@test("T-11.v6-init-syn-ack")
def t11(b):
    v6_init(b).back("SA").expect("established", EST)


@test("T-11.v6-init-syn")
def t11_syn(b):
    v6_init(b).back("S").expect("established", EST)


@test("T-12.v6-init-syn-again")
def t12(b):
    flow = v6_init(b).longer()
    flow.out("S", seq=1000).expect("v6-init", LONG_OPEN)


@test("T-13.v6-init-times-out")
def t13(b):
    b.configure("option set allow-nonconforming on",
                "timeout set tcp-trans-open 300ms")
    Tcp(b).out("S")
    b.poll("the end of the session", lambda: b.count() == (0, 0))
    b.settle().nothing("silent end")
    b.moved(sessions_removed=1, bindings_removed=1, probes=0,
            icmp_errors_sent=0)


@test("T-14.v6-init-other")
def t14(b):
    flow = v6_init(b).longer()
    for flags in ("A", "R", "FA", "PA"):
        with b.case(flags):
            flow.back(flags, seq=flow.ss).expect("v6-init", TRANS)
    for flags in ("A", "R", "FA"):
        with b.case("client " + flags):
            flow.out(flags, seq=flow.cs).expect("v6-init", TRANS)


@test("T-15.fin")
def t15(b):
    v4_fin(b)
    v6_fin(b)


@test("T-16.rst-from-v4")
def t16_v4(b):
    flow = established(b).longer()
    flow.back("R").expect("trans", LONG_CLOSE)


@test("T-16.rst-from-v6")
def t16_v6(b):
    flow = established(b).longer()
    flow.out("RA").expect("trans", LONG_CLOSE)


@test("T-17.established-other")
def t17(b):
    for step in ("out A", "out PA", "back A", "back PA", "back SA"):
        with b.case(step):
            flow = established(b)
            flow.longer()
            way, flags = step.split()
            if flags == "SA":
                flow.back("SA", seq=flow.ss - 1)
            elif way == "out":
                flow.out(flags, b"d" if "P" in flags else b"")
            else:
                flow.back(flags, b"d" if "P" in flags else b"")
            flow.expect("established", LONG_EST)
            b.configure("timeout reset")


def soon_idle(b):
    b.configure("option set allow-nonconforming on",
                "timeout set tcp-est 1s")
    return Tcp(b).out("S").back("SA").out("A")


@test("T-18.established-times-out")
def t18(b):
    """A probe, and the transitory state until somebody answers it."""
    flow = soon_idle(b)
    b.mark()
    frames = []

    def probed():
        got = b.settle()
        frames.extend(got.six + got.four)
        return flow.session()["state"] == "trans"
    b.poll("the probe", probed, 30)
    frames.extend(b.settle().six)
    flow.expect("trans", TRANS)
    check(1 <= len(frames) <= 2, "%d frames", len(frames))
    for frame in frames:
        tcp = frame[TCP]
        check(tcp.flags == "A" and tcp.seq == 0 and tcp.ack == 0,
              "probe %r", frame.pkt)
        check(not tcp.payload, "the probe has data")
        data = bytes(frame)
        if data[0] >> 4 == 6:
            check(v6(frame[IPv6].src) == v6(S6) and
                  v6(frame[IPv6].dst) == v6(C) and
                  (tcp.sport, tcp.dport) == (7, flow.port), "addresses")
            check(raw_sum6(S6, C, 6, data[40:]) == 0, "checksum")
        else:
            check((tcp.sport, tcp.dport) == (flow.pport, 7), "ports")
            check(raw_sum4(flow.pool, S, 6, data[20:]) == 0, "checksum")
    check(b.delta().get("probes") == 1, "counters %r", b.delta())


@test("T-18.answered-probe-revives")
def t18_answer(b):
    flow = soon_idle(b)
    b.poll("the probe", lambda: flow.session()["state"] == "trans", 30)
    b.configure("timeout set tcp-est 2h")
    b.settle()
    flow.out("A").expect("established", EST)


@test("T-19.both-fins")
def t19(b):
    flow = v4_fin(b).longer()
    flow.out("FA").expect("v4v6-fin", LONG_CLOSE)
    b.configure("timeout reset")
    flow = v6_fin(b).longer()
    flow.back("FA").expect("v4v6-fin", LONG_CLOSE)


@test("T-20.one-fin-other")
def t20(b):
    for make, state in ((v4_fin, "v4-fin"), (v6_fin, "v6-fin")):
        for step in ("out A", "back A", "out R", "back R", "out PA",
                     "back PA"):
            with b.case(state + " " + step):
                b.configure("timeout reset")
                flow = make(b).longer()
                way, flags = step.split()
                send = flow.out if way == "out" else flow.back
                send(flags, b"d" if "P" in flags else b"")
                flow.expect(state, LONG_EST)


@test("T-20.same-fin-again")
def t20_again(b):
    flow = v4_fin(b)
    flow.back("FA", seq=flow.ss - 1).expect("v4-fin")
    flow = v6_fin(b)
    flow.out("FA", seq=flow.cs - 1).expect("v6-fin")


@test("T-21.one-fin-times-out")
def t21(b):
    b.configure("option set allow-nonconforming on",
                "timeout set tcp-est 3s")
    for way in ("out", "back"):
        with b.case(way):
            flow = Tcp(b).out("S").back("SA").out("A")
            b.mark()
            getattr(flow, way)("FA")
            b.poll("the end of the session", lambda: b.count() == (0, 0))
            b.settle().nothing("no probe")
            b.moved(sessions_removed=1, probes=0)


@test("T-22.both-fins-any")
def t22(b):
    flow = v4v6_fin(b).longer()
    flow.out("A").back("A").out("PA", b"late").back("R").out("R")
    flow.back("FA", seq=flow.ss - 1).out("S", seq=99)
    flow.expect("v4v6-fin", TRANS)


@test("T-23.both-fins-time-out")
def t23(b):
    b.configure("option set allow-nonconforming on",
                "timeout set tcp-trans-close 400ms")
    established(b).back("FA").out("FA")
    b.poll("the end of the session", lambda: b.count() == (0, 0))
    b.moved(probes=0)


@test("T-24.trans-non-rst")
def t24(b):
    for step in ("out A", "back A", "out PA", "back PA"):
        with b.case(step):
            b.configure("timeout reset")
            flow = trans(b).longer()
            way, flags = step.split()
            send = flow.out if way == "out" else flow.back
            send(flags, b"d" if "P" in flags else b"")
            flow.expect("established", LONG_EST)


@test("T-25.trans-rst")
def t25(b):
    flow = trans(b).longer()
    flow.out("R").back("R").back("RA").expect("trans", TRANS)


@test("T-26.trans-times-out")
def t26(b):
    b.configure("option set allow-nonconforming on",
                "timeout set tcp-trans-close 300ms")
    established(b).back("R")
    b.poll("the end of the session", lambda: b.count() == (0, 0))
    b.moved(sessions_removed=1, bindings_removed=1, probes=0)


@test("T-26.static-binding-stays")
def t26_static(b):
    b.configure("binding add %s 8080 to %s 8080 proto tcp" % (C, T),
                "option set allow-nonconforming on",
                "timeout set tcp-trans-close 300ms")
    flow = Tcp(b, port=8080)
    flow.out("S").back("SA").out("A").back("R")
    b.poll("the end of the session", lambda: b.count() == (0, 1))
    check(b.binding()["static"], "binding %r", b.binding())


@test("T-30.client-first")
def simultaneous_client_first(b):
    flow = v6_init(b)
    flow.back("S").expect("established", EST)
    flow.out("SA", seq=1000).back("SA", seq=500000).expect("established", EST)


@test("T-30.server-first")
def simultaneous_server_first(b):
    port = b.fresh_port()
    b.none4(four(TCP(sport=7, dport=port, flags="S", seq=500000)))
    flow = Tcp(b, port=port).out("S").expect("established", EST)
    check(flow.pport == port, "port %d", flow.pport)
    flow.back("S").out("SA", seq=1000).back("A")
    flow.expect("established", EST)


@test("T-31.silent-for-six-seconds")
def t31(b):
    b.send4(four(TCP(sport=80, dport=5031, flags="S", seq=9)))
    sent = time.monotonic()
    frames = []

    def error():
        got = b.settle()
        frames.extend(got.four + got.six)
        return frames
    b.poll("the ICMP error", error, 60)
    check(time.monotonic() - sent >= 5.9, "answered after %.2f s",
          time.monotonic() - sent)
    check((frames[0][ICMP].type, frames[0][ICMP].code) == (3, 3), "type")


@test("T-32.errors-end-nothing")
def t32(b):
    flow = established(b)
    inner = flow.want4()
    for code in (0, 1, 2, 3, 10, 13):
        with b.case(code):
            b.to6(four(Raw(icmp4(3, code, inner)), R4, flow.pool, proto=1))
            flow.expect("established", EST)
    inner = flow.want6()
    for code in (1, 3, 4):
        b.to4(six(Raw(icmp6(C, S6, 1, code, inner)), nh=58))
    flow.expect("established", EST)
    flow.out("PA", b"on").back("PA", b"on")


@test("T-33.separate-timeouts")
def t33(b):
    refused("timeout set tcp-trans-open 239s")
    refused("timeout set tcp-trans-close 239s")
    b.configure("timeout set tcp-trans-open 5min",
                "timeout set tcp-trans-close 6min")
    Tcp(b).out("S").expect("v6-init", 300000)
    established(b).back("R").expect("trans", 360000)


@test("T-34.rst-without-session")
def t34(b):
    flow = established(b)
    b.mark()
    b.none4(four(TCP(sport=80, dport=flow.pport + 1, flags="R", seq=9)))
    b.none6(six(TCP(sport=flow.port + 1, dport=80, flags="R", seq=9)))
    b.moved(icmp_errors_sent=0, translated_4to6=0, translated_6to4=0,
            drop_tcp_no_session=b.delta().get("drop-tcp-no-session", 0),
            drop_no_binding=b.delta().get("drop-no-binding", 0))
    flow.back("R").expect("trans", TRANS)


@test("T-35.rst-outside-the-window")
def t35(b):
    flow = established(b)
    flow.out("PA", b"x" * 100).back("A").back("PA", b"y" * 100).out("A")
    for seq in (flow.ss + 1000000, flow.ss - 1000000, 1, 0xffffffff):
        for flags in ("R", "RA", "FA", "S"):
            with b.case("v4 %s %d" % (flags, seq)):
                b.x4(flow.raw_back(flags, seq=seq & 0xffffffff))
                flow.expect("established")
    for seq in (flow.cs + 1000000, flow.cs - 1000000):
        for flags in ("R", "FA"):
            with b.case("v6 %s %d" % (flags, seq)):
                b.x6(flow.raw_out(flags, seq=seq & 0xffffffff))
                flow.expect("established")
    flow.back("R").expect("trans", TRANS)


@test("T-35.window-scale")
def t35_scale(b):
    """With window scaling a far, but permitted, FIN counts."""
    flow = Tcp(b)
    flow.out("S", options=[("WScale", 7)]).back("SA", options=[("WScale", 7)])
    flow.out("A").expect("established", EST)
    flow.back("FA", seq=flow.ss + 500000).expect("v4-fin")


@test("T-35.off")
def t35_off(b):
    b.configure("option set tcp-window off")
    flow = established(b)
    b.to6(flow.raw_back("R", seq=flow.ss + 50000000))
    flow.expect("trans", TRANS)


@test("T-36.challenge-ack")
def t36(b):
    """The answer to a spoofed RST passes, and the session is back."""
    flow = established(b)
    flow.back("R").expect("trans", TRANS)
    flow.out("A").expect("established", EST)
    flow.back("PA", b"still here").out("A")


@test("T-37.stored-syn-limit")
def t37(b):
    b.configure("limit set stored-syns 10", SOON[0],
                "timeout set tcp-incoming-syn 3s")
    b.mark()
    b.none4(*[four(TCP(sport=1000 + n, dport=6000, flags="S", seq=n))
              for n in range(25)])
    check(b.stored_syns() == 10, "%d stored", b.stored_syns())
    b.moved(syns_stored=10, drop_stored_syn_limit=15, icmp_errors_sent=0)
    Tcp(b).out("S").back("SA").out("A")
    frames = []

    def errors():
        frames.extend(b.settle().four)
        return not b.stored_syns()
    b.poll("the end of the stored packets", errors)
    frames.extend(b.settle().four)
    check({struct.unpack_from(">H", f.ip, 48)[0] for f in frames} ==
          set(range(1000, 1010)), "an old one was evicted")


@test("T-38.restart-off")
def t38_off(b):
    v4v6_fin(b).out("S", seq=70000).expect("v4v6-fin", TRANS)
    trans(b).out("S", seq=70000).expect("established", EST)


@test("T-38.restart-on")
def t38_on(b):
    b.configure("option set tcp-restart on")
    for make in (v4v6_fin, trans):
        with b.case(make.__name__):
            flow = make(b)
            flow.cs, flow.ss = 7000000, 9000000
            flow.out("S").expect("v6-init", TRANS)
            flow.back("SA").out("A").expect("established", EST)


@test("T-39.sequence-numbers-untouched")
def t39(b):
    """Without an ALG no sequence number, SACK block or option changes."""
    flow = established(b)
    options = [("SAck", (500100, 500200, 500300, 500400)),
               ("Timestamp", (1, 2)), ("NOP", None)]
    flow.out("A", options=options).back("A", options=options)


@test("SEC-07.blind-segments")
def blind(b):
    flow = established(b)
    flow.out("PA", b"q" * 50).back("A")
    for n in range(0, 1 << 32, (1 << 32) // 40):
        if abs(n - flow.ss) < 1 << 24:
            continue
        b.x4(*[flow.raw_back(flags, seq=n) for flags in ("R", "FA", "S")])
    flow.expect("established", EST)
    flow.back("PA", b"still here").out("A")
