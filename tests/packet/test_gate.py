# SPDX-License-Identifier: GPL-2.0
"""
Section 12b: gates of the ALGs, whichever opened them; FTP's are of TCP, RTSP's
of UDP. PPTP's, of GRE, are in test_pptp.py.
"""
import contextlib
import os
import signal
import time

import tool
from control import *
from dialogue import CLIENT, SERVER
from ktap import test
from test_config import monitor
from tool import ctl, rows
from tunnel import OCRQ, Pptp
from wire import *

FTP = ["alg enable ftp"]
RTSP = ["alg enable rtsp"]
# A stored SYN would be answered seconds later, in another case.
NO_SYNS = ["option set incoming-syn drop"]
BASE = ["prefix add " + P64, "limit set held-ports 0",
        "option set icmp-error-rate 0", "option set allow-nonconforming on"]
PAIR = (30000, 30001)
THERE = (6970, 6971)
P65 = "2001:db8:65::/96"


def start(b, **keys):
    return Ftp(b, **keys).open()


def start_rtsp(b, **keys):
    return Rtsp(b, **keys).open()


def passes(b, data):
    """The packet that needs a gate, or a session, passes."""
    got = b.x4(data.four()).six if data.inbound else b.x6(data.six()).four
    return bool(got)


def is_data(b, data):
    """The one session of a data connection, with its owner"""
    found = data.rows()
    check(len(found) == 1, "sessions %r", found)
    check(found[0]["alg"] is not None and
          found[0]["owner_client_port"] is not None, "no owner: %r", found[0])
    return found[0]


@test("G-01.fields", config=FTP)
def g01(b):
    """Protocol, both ends on both sides, owner, ALG, deadline"""
    d = start(b)
    data = d.active(31000)
    row = {"proto": "tcp", "direction": "to-ipv6", "client_addr": v6(C),
           "client_port": 31000, "server_addr6": v6(S6), "pool_addr": T,
           "pool_port": 31000, "server_addr": S, "reserved": False,
           "alg": "ftp", "owner_client_port": d.port,
           "owner_pool_port": d.pport, "owner_server_port": 21}

    def shown():
        got = rows("gate show")
        check(len(got) == 1, "gates %r", got)
        check(0 < got[0].pop("expires_ms") <= 60000, "deadline")
        return {k: v for k, v in got[0].items() if v is not None}
    check(shown() == row, "%r, wanted %r", shown(), row)
    gates_are(b, d.gate46(data))
    data.first()
    data = d.passive(5021)
    del row["client_port"], row["pool_port"]
    row.update(direction="to-ipv4", server_port=5021, server_port6=5021)
    check(shown() == row, "%r, wanted %r", shown(), row)
    gates_are(b, d.gate64(data))


@test("G-01.server-port", config=FTP + ["option set ftp-data-port 20"])
def g01_port(b):
    """A remote port that is part of the gate is shown, and asked for."""
    d = start(b)
    data = d.active(31002)
    gates_are(b, d.gate46(data, sport=20))
    b.mark()
    got = b.x4(Data(d, 31002, 21, inbound=True).four())
    check(not got.six, "from another port")
    b.moved(drop_gate_only=1, ftp_gates_used=0)
    data.both()
    is_data(b, data)
    gates_are(b)


@test("G-01.filters")
def g01_filters(b):
    b.configure("alg enable ftp", "alg enable rtsp", "alg enable pptp")
    one = start(b)
    one.active(31004)
    two = start(b, client=C2, server=S2)
    two.passive(5022)
    start_rtsp(b).setup(PAIR)
    Pptp(b, server=S3).open().send(CLIENT, OCRQ, 7)
    check(len(b.gates()) == 5, "gates %r", b.gates())
    for words, want in (
            ("", 5), ("proto tcp", 2), ("proto udp", 2), ("proto gre", 1),
            ("proto icmp", 0), ("client " + C, 4),
            ("client 2001:db8:1:2::/64", 1), ("client 2001:db8::/32", 5),
            ("client-port 31004", 1), ("client-port 30001", 1),
            ("pool " + T, 5), ("pool 198.51.100.2", 0),
            ("pool-port 31004", 1), ("pool-port 5022", 0),
            ("server " + S, 3), ("server 203.0.113.6/31", 2),
            ("server-port 5022", 1), ("server-port 5022 to-ipv4", 1),
            ("to-ipv4", 1), ("reserved", 2), ("reserved proto tcp", 0),
            ("proto tcp server " + S, 1)):
        with b.case(words):
            got = rows("gate show " + words)
            check(len(got) == want, "%d gates, wanted %d: %r", len(got), want,
                  got)
    tool.refused("gate show alg ftp", "alg", code=2)
    tool.refused("gate show proto", code=2)


@test("G-01.tool-and-netlink-agree")
def g01_tool(b):
    b.configure("alg enable ftp", "alg enable rtsp", "alg enable pptp")
    d = start(b)
    d.active(31006)
    start_rtsp(b).media(PAIR, THERE)
    Pptp(b).open().call(7, 9)
    mine, theirs = b.gates(), rows("gate show")
    for row in mine + theirs:
        row.pop("expires_ms")
    check([{k: r.get(k) for k in mine[0]} for r in theirs] == mine,
          "%r, wanted %r", theirs, mine)
    check(rows("status")[0]["gates"] == len(mine), "status")


@test("G-01.text", config=FTP)
def g01_text(b):
    """For people; with -d the owner"""
    d = start(b)
    d.active(31008)
    line = "%s > %s#31008 to %s#31008" % (S, T, v6(C))
    owner = "owner %s#%d > #21 via %s#%d" % (v6(C), d.port, T, d.pport)
    text = ctl("gate show")
    check(line in text and owner not in text, "text %r", text)
    text = ctl("-d gate show")
    check(line in text and owner in text, "text %r", text)
    d.passive(5023)
    text = ctl("-d gate show")
    check("%s > %s#5023 via %s" % (v6(C), S, T) in text and owner in text,
          "text %r", text)


@test("G-01.master-and-data", config=FTP)
def g01_session(b):
    """`session show -d` names the master of a data session."""
    d = start(b)
    data = d.active(31010).both()
    row = is_data(b, data)
    check(row["alg"] == "ftp" and row["owner_client_port"] == d.port,
          "data %r", row)
    master = d.row()
    check(master["alg"] == "ftp" and
          master.get("owner_client_port") is None, "master %r", master)
    owner = "owner %s#%d > %s#21 via %s#%d" % (v6(C), d.port, S, T, d.pport)
    line = [t for t in ctl("-d session show").splitlines() if owner in t]
    check(len(line) == 1 and "#31010" in line[0], "text %r",
          ctl("-d session show"))
    shown = [r for r in rows("session show") if r["client_port"] == 31010]
    check([shown[0][k] for k in ("owner_client_port", "owner_pool_port",
                                 "owner_server_port")] ==
          [d.port, d.pport, 21], "session %r", shown)


@test("G-02.mirrored", config=FTP)
def g02(b):
    """From any port of the client to one port of the server"""
    b.configure("prefix add " + P65)
    d = start(b)
    data = d.passive(5024)
    gates_are(b, d.gate64(data))
    b.mark()
    for label, other in (
            ("port", dict(sport=5025)), ("server", dict(server=S2)),
            ("host", dict(client=C_TWIN)), ("subscriber", dict(client=C2)),
            ("prefix", dict(prefix=P65))):
        with b.case("another " + label):
            flow = Syn(b, **{"sport": 5024, **other}).open()
            got = b.session(client_port=flow.port, client_addr=flow.client)
            check(got["alg"] is None, "came through the gate: %r", got)
    b.moved(ftp_gates_used=0)
    gates_are(b, d.gate64(data))
    data.both()
    check(data.rows()[0]["pool_addr"] == d.pool, "address")
    is_data(b, data)
    gates_are(b)
    b.moved(ftp_gates_used=1)


@test("G-02.prefix", config=FTP)
def g02_prefix(b):
    """The server is shown under the prefix of the control connection."""
    b.configure("prefix add " + P65)
    d = start(b, prefix=P65)
    data = d.active(31012)
    gates_are(b, d.gate46(data))
    check(b.gates()[0]["server_addr6"] == v6(embed(S, P65)), "prefix")
    data.both()
    check(is_data(b, data)["server_addr6"] == v6(embed(S, P65)), "prefix")


@test("G-03.used-once", config=FTP)
def g03(b):
    """The first packet consumes it; that packet again finds the session."""
    for inbound in (True, False):
        with b.case("inbound %r" % inbound):
            d = start(b)
            b.mark()
            data = d.active(31014) if inbound else d.passive(5026)
            for _ in range(3):
                data.first()
            is_data(b, data)
            gates_are(b)
            moved = b.delta()
            check([moved.get(n) for n in ("sessions-created",
                                          "ftp-gates-used", "gates-closed")]
                  == [1, 1, 1], "counters %r", moved)
    data = Data(d, 31014, 999, inbound=True)
    b.mark()
    check(not passes(b, data), "a second connection")
    b.moved(drop_gate_only=1)


@test("G-03.two-at-once", config=FTP)
def g03_two(b):
    """Of two that come at once one gets through."""
    d = start(b)
    d.active(31016)
    both = [Data(d, 31016, sport, inbound=True) for sport in (20, 2020)]
    b.mark()
    got = b.x4(*[data.four() for data in both])
    check(len(got.six) == 1, "%d passed", len(got.six))
    same(got.six[0], both[0].want6())
    b.moved(ftp_gates_used=1, sessions_created=1, drop_gate_only=1)
    both[0].both()


@test("G-03.only-its-first-packet", config=FTP)
def g03_syn(b):
    """What opens no TCP connection uses no gate."""
    d = start(b)
    data = d.active(31018)
    b.mark()
    for flags in ("A", "SA", "R", "F", "PA", "SR", "SF", ""):
        with b.case(flags):
            got = b.x4(four(TCP(sport=20, dport=31018, flags=flags, seq=5)))
            check(not got.six, "passed")
    gates_are(b, d.gate46(data))
    b.moved(drop_tcp_no_session=8, ftp_gates_used=0)
    got = b.x4(four(UDP(sport=20, dport=31018) / b"x"))
    check(not got.six, "another protocol")
    b.moved(drop_no_binding=1)
    data.both()


@test("G-04.filtering", config=FTP + [
    "option set filtering-tcp address-dependent",
    "option set incoming-syn drop"])
def g04(b):
    """What policy refuses passes a gate, and nothing else does."""
    d = start(b)
    other = Syn(b, server=S2).open()
    b.mark()
    got = b.x4(four(TCP(sport=20, dport=other.pport, flags="S", seq=5)))
    check(not got.six, "to another port")
    data = d.active(31020)
    got = b.x4(four(TCP(sport=20, dport=31022, flags="S", seq=5)))
    check(not got.six, "beside the gate")
    data.both()
    b.moved(drop_incoming_syn=2, ftp_gates_used=1)
    is_data(b, data)


@test("G-04.nobody-else", config=FTP)
def g04_others(b):
    """Endpoint-independent filtering opens no port of a gate."""
    d = start(b)
    data = d.active(31024)
    b.mark()
    got = b.x4(four(TCP(sport=20, dport=31024, flags="S", seq=5), src=S2))
    check(not got.six, "another server, before")
    data.both()
    got = b.x4(four(TCP(sport=20, dport=31024, flags="S", seq=5), src=S2))
    check(not got.six, "another server, after")
    check(not b.stored_syns(), "kept for later")
    b.moved(drop_gate_only=2, ftp_gates_used=1)


@test("G-04.quota", config=FTP)
def g04_quota(b):
    """A gate has its place; without it the limit holds, and the gate stays."""
    d = start(b)
    data = d.active(31026)
    b.configure("limit set subscriber-sessions 2")
    b.mark()
    got = b.x6(Udp(b, client=C_TWIN).six())
    check(not got.four, "over the limit")
    b.moved(drop_subscriber_sessions=1)
    b.configure("limit set subscriber-sessions 1")
    check(not passes(b, data), "over the limit")
    b.moved(drop_subscriber_sessions=1, ftp_gates_used=0)
    gates_are(b, d.gate46(data))
    b.configure("limit set sessions 1")
    check(not passes(b, data), "over the limit of all")
    b.moved(drop_limit_sessions=1)
    b.configure("limit set sessions 2", "limit set subscriber-sessions 2")
    data.both()
    is_data(b, data)


@test("G-04.rate", config=FTP)
def g04_rate(b):
    d = start(b)
    data = d.active(31028)
    b.configure("limit set subscriber-rate 1")
    b.mark()
    b.x6(*[quick_udp(b.fresh_port()) for _ in range(3)])
    dropped = not passes(b, data)
    check(dropped or b.delta().get("drop-subscriber-rate"), "no limit")
    b.poll("another second", lambda: passes(b, data), 30)
    is_data(b, data)
    check(b.delta()["ftp-gates-used"] == 1, "counters %r", b.delta())


@test("G-04.well-known-prefix")
def g04_wkp(b):
    """RFC 6052 3.1 holds for what comes through a gate for anybody."""
    b.reconfigure("prefix add 64:ff9b::/96", "pool add " + T,
                  "limit set held-ports 0", "option set icmp-error-rate 0",
                  "option set rtsp-media any", *RTSP)
    d = start_rtsp(b, server="8.8.8.8", prefix="64:ff9b::/96")
    flow = d.media(PAIR, THERE)[0]
    b.mark()
    got = b.x4(four(UDP(sport=6970, dport=flow.pport) / b"x",
                    src="192.168.44.9"))
    check(not got.six, "from a private address")
    b.moved(drop_wkp_private=1, rtsp_gates_used=0)
    got = b.to6(four(UDP(sport=6970, dport=flow.pport) / b"x",
                     src="8.8.4.4"))
    same(got, six(UDP(sport=6970, dport=flow.port) / b"x",
                  embed("8.8.4.4", "64:ff9b::/96"), C, hlim=63))
    b.moved(rtsp_gates_used=1)


@test("G-05.address")
def g05(b):
    """The control connection's pool address, for both kinds of gates"""
    b.reconfigure(*BASE, "pool add 198.51.100.0/26", "alg enable ftp",
                  "alg enable rtsp")
    seen = set()
    # Two of them may have one address, which has each port once.
    for number, client in enumerate((C, C2, C3)):
        with b.case(client):
            d = start(b, client=client)
            seen.add(d.pool)
            data = d.active(31030 + 10 * number)
            gates_are(b, d.gate46(data))
            data.both()
            data = d.passive(5027)
            gates_are(b, d.gate64(data))
            data.both()
            check(data.rows()[0]["pool_addr"] == d.pool, "address")
            e = start_rtsp(b, client=client)
            check(e.pool == d.pool, "two addresses")
            flows = e.media([p + 10 * number for p in PAIR], THERE)
            gates_are(b, *e.gates(*flows))
            for flow in flows:
                flow.back()
            ctl("gate flush")
    check(len(seen) > 1, "one address for all")


@test("G-05.soft-pairing")
def g05_soft(b):
    """Also where the subscriber has other addresses besides"""
    b.reconfigure(*BASE, "pool add 198.51.100.1 ports 2000-2001 proto tcp",
                  "pool add 198.51.100.2-198.51.100.3 proto tcp",
                  "option set pairing soft", *FTP)
    for _ in range(20):
        Syn(b).open()
    by = {}
    for _ in range(8):
        d = start(b)
        by[d.pool] = d
    for address, d in by.items():
        with b.case(address):
            if address != T:
                gates_are(b)
                data = d.active(31032 + len(b.sessions()))
                gates_are(b, d.gate46(data))
                data.both()


@test("G-05.port-hold", config=RTSP + FTP)
def g05_hold(b):
    """RFC 6888 REQ-8: the port of a gate that is gone rests, unless TCP's."""
    b.configure("option set allow-nonconforming on",
                "timeout set gate-rtsp 1s", "timeout set gate-ftp 1s",
                "limit set held-ports 65536")

    def held():
        return rows("status")[0]["held_ports"]
    before = held()
    d = start_rtsp(b)
    d.setup((30010, 30011))
    check(held() == before, "held while it is in use")
    b.poll("the reservation ends", lambda: not b.gates())
    check(held() == before + 2, "%d held, before %d", held(), before)
    flow = Udp(b, client=C2, port=30010).open()
    check(flow.pport not in (30010, 30011), "given to another client")
    start(b).active(31034)
    b.poll("the gate ends", lambda: not b.gates())
    check(held() == before + 2, "TCP is held")
    check(Syn(b, client=C2, port=31034).open().pport == 31034, "not free")
    b.configure("timeout set port-hold 500ms")
    b.poll("the rest is over", lambda: held() == 0)
    check(Udp(b, client=C3, port=30010).open().pport == 30010, "not free")


@test("G-06.full-pool")
def g06(b):
    """No port, no change: the server refuses what it cannot use."""
    b.reconfigure(*BASE, "pool add %s ports 7000-7001 proto tcp" % T, *FTP)
    d = start(b)
    other = Syn(b).open()
    b.mark()
    d.active(31036, 0, ok=False)
    gates_are(b)
    b.moved(ftp_gates_refused=1, ftp_rewrites=0, ftp_transparent=0,
            ftp_errors=0, ftp_messages=2)
    with b.case("passive mode needs no port"):
        d.passive(5028)
        check(len(b.gates()) == 1, "gates %r", b.gates())
    with b.case("and later there is one"):
        ctl("session kill client-port %d" % other.port)
        data = d.active(7000, 7000 if d.pport == 7001 else 7001)
        gates_are(b, d.gate46(data))


@test("G-06.full-pool-udp")
def g06_udp(b):
    b.reconfigure(*BASE, "pool add %s proto tcp" % T,
                  "pool add %s ports 7000-7003 proto udp" % T, *RTSP)
    for _ in range(4):
        Udp(b, client=C).open()
    d = start_rtsp(b)
    b.mark()
    d.setup(PAIR)
    d.reply(status="461 Unsupported transport")
    gates_are(b)
    moved = b.delta()
    check(moved.get("rtsp-gates-refused") and
          not moved.get("rtsp-rewrites"), "counters %r", moved)


@test("G-06.mapping-first", config=FTP)
def g06_first(b):
    """The mapping is there when the message leaves."""
    d = start(b)
    data = d.active(31038)
    row = b.binding(client_addr=v6(C), client_port=31038)
    check((row["pool_addr"], row["pool_port"]) == (T, 31038), "binding %r",
          row)
    data.both()
    check(b.binding(client_port=31038)["sessions"] == 1, "binding")


@test("G-07.deadlines")
def g07(b):
    b.configure("alg enable ftp", "alg enable rtsp", "alg enable pptp")

    def lifetime(name, low, high):
        left = [g["expires_ms"] for g in b.gates() if g["alg"] == name]
        check(left and all(low < ms <= high for ms in left), "%s: %r", name,
              left)
    for n, (low, high) in enumerate(((55000, 60000), (35000, 40000))):
        with b.case("%d" % high):
            if n:
                b.configure("timeout set gate-ftp 40s",
                            "timeout set gate-rtsp 40s",
                            "timeout set gate-pptp 40s")
            start(b).active(31040 + 2 * n)
            start_rtsp(b).media((30020 + 2 * n, 30021 + 2 * n), THERE)
            call = Pptp(b).open().call(7 + n, 9 + n)
            for name in ("ftp", "rtsp", "pptp"):
                lifetime(name, low, high)
            check(len(call.gates()) == 2, "gates %r", call.gates())
            ctl("gate flush")
    for name in ("ftp", "rtsp", "pptp"):
        tool.refused("timeout set gate-%s 29s" % name, "floor")


@test("G-07.expiry", config=FTP + NO_SYNS)
def g07_expiry(b):
    """Its time over, a gate is gone, and its mapping, and it is counted."""
    b.configure("option set allow-nonconforming on",
                "timeout set gate-ftp 1s")
    d = start(b)
    b.mark()
    data = d.active(31044)
    b.poll("the gate closes", lambda: not b.bindings(client_port=31044))
    gates_are(b)
    check(not passes(b, data), "passed")
    moved = b.delta()
    check([moved.get(n, 0) for n in ("ftp-gates-expired", "ftp-gates-used",
                                     "gates-opened", "gates-closed")] ==
          [1, 0, 1, 1], "counters %r", moved)
    d.passive(5029)
    b.poll("the gate closes", lambda: not b.gates())
    d.active(31044).both()


def live(b, d, port):
    """A data session of each kind, and a gate of each kind"""
    one, two = d.active(port), d.passive(5030)
    check(len(b.gates()) == 1, "the first is superseded: %r", b.gates())
    one = d.active(port).both()
    two = d.passive(5030).both()
    unused = d.active(port + 2)
    gates_are(b, d.gate46(unused))
    return one, two, unused


def go_on(b, *data):
    """Their sessions are there, with an owner, and carry packets."""
    for one in data:
        is_data(b, one)
        one.out()
        one.back()


@test("G-08.control-ends", config=FTP + NO_SYNS)
def g08(b):
    """Its unused gates close; data sessions that live stay."""
    for n, (label, end) in enumerate((
            ("FIN of the client", lambda d: d.close(CLIENT)),
            ("FIN of the server", lambda d: d.close(SERVER)),
            ("RST of the client", lambda d: d.reset(CLIENT)),
            ("RST of the server", lambda d: d.reset(SERVER)),
            ("session kill",
             lambda d: ctl("session kill client-port %d" % d.port)))):
        with b.case(label):
            d = start(b)
            one, two, unused = live(b, d, 31050 + 10 * n)
            b.mark()
            end(d)
            gates_are(b)
            check(not b.bindings(client_port=unused.port), "binding")
            check(b.delta().get("ftp-gates-expired", 0) == 0, "expired")
            check(not passes(b, unused), "the gate is open")
            go_on(b, one, two)
            ctl("session flush")


@test("G-08.half-closed", config=FTP)
def g08_half(b):
    """One FIN is no end."""
    d = start(b)
    data = d.active(31100)
    d.say(CLIENT, flags="FA")
    gates_are(b, d.gate46(data))
    data.both()
    is_data(b, data)


@test("G-08.idle", config=FTP)
def g08_idle(b):
    """A control connection whose time is over takes its gates along."""
    b.configure("option set allow-nonconforming on",
                "timeout set tcp-est 1s", "timeout set tcp-trans-close 1s",
                "timeout set tcp-trans-open 60s")
    d = start(b)
    data = d.active(31102)
    b.poll("it ends", lambda: not b.sessions(client_port=d.port))
    gates_are(b)
    b.settle()
    check(not passes(b, data), "the gate is open")


@test("G-08.control-begins-anew", config=FTP + NO_SYNS + [
    "option set tcp-restart on"])
def g08_anew(b):
    """Another connection on the same ports has none of the first one's."""
    d = start(b)
    unused = d.active(31104)
    d.reset(SERVER)
    again = Ftp(b, port=d.port)
    again.pool, again.pport = d.pool, d.pport
    for end in again.ends:
        end.snd, end.rcv = end.snd + 70000, end.rcv + 70000
    again.open()
    gates_are(b)
    check(not passes(b, unused), "the gate is open")
    data = again.active(31106)
    gates_are(b, again.gate46(data))
    data.both()


@test("G-08.configuration", config=FTP)
def g08_config(b):
    """With the prefix, or the pool address, all goes that needs it."""
    for n, (label, lines) in enumerate((
            ("prefix", ["prefix del " + P65]),
            ("pool", ["pool del 198.51.100.2"]),
            ("both", ["prefix del " + P65, "pool del 198.51.100.2"]))):
        with b.case(label):
            b.reconfigure(*BASE, "prefix add " + P65,
                          "pool add 198.51.100.2", *FTP)
            d = start(b, prefix=P65)
            one, two, unused = live(b, d, 31110 + 10 * n)
            b.configure(*lines)
            gates_are(b)
            check(not b.bindings(), "bindings %r", b.bindings())
            check(not b.sessions(), "sessions %r", b.sessions())
            check(not any(passes(b, x) for x in (unused, one, two)),
                  "passes")


@test("G-08.other-pool-stays", config=FTP)
def g08_other(b):
    """What a change of the configuration does not touch stays."""
    d = start(b)
    data = d.active(31140)
    b.configure("pool add 198.51.100.2", "prefix add " + P65)
    b.configure("pool del 198.51.100.2", "prefix del " + P65)
    gates_are(b, d.gate46(data))
    data.both()
    is_data(b, data)


@test("G-08.disabled", config=FTP)
def g08_disabled(b):
    """An ALG that is disabled goes on where it was at work."""
    d = start(b)
    data = d.active(31142)
    b.configure("alg disable ftp")
    gates_are(b, d.gate46(data))
    data.both()
    e = Ftp(b).open()
    b.mark()
    e.active(31144, 0, ok=False)
    gates_are(b)
    b.moved(ftp_messages=0, ftp_gates_opened=0)


@test("G-08.flush", config=FTP + NO_SYNS)
def g08_flush(b):
    one, two = start(b), start(b, client=C2)
    data = one.active(31146).both()
    unused = [one.active(31148), two.active(31150), two.passive(5031)]
    check(len(b.gates()) == 2, "gates %r", b.gates())
    b.mark()
    out = rows("gate flush")
    check(out == [{"gates": 2}], "flush: %r", out)
    gates_are(b)
    check(not passes(b, unused[0]), "the gate is open")
    go_on(b, data)
    check(rows("gate flush") == [{"gates": 0}], "flush again")
    check(ctl("gate flush").strip() == "0 gates closed", "text")
    two.active(31152).both()


@test("G-09.of-one-connection", config=FTP)
def g09(b):
    """FTP: a new announcement takes the place of one that nobody used."""
    d = start(b)
    for n in range(6):
        data = d.active(31160 + 2 * n)
        gates_are(b, d.gate46(data))
    check(len(b.bindings()) == 2, "bindings %r", b.bindings())
    with b.case("four while transfers are pending"):
        for n in range(8):
            d.active(31180 + 2 * n)
            d.tell(b"RETR x\r\n")
            check(len(b.gates()) <= 4, "gates %r", b.gates())
        data = Data(d, 31194, 20, inbound=True).both()
        is_data(b, data)


@test("G-09.limits", config=FTP + RTSP)
def g09_limits(b):
    """subscriber-gates, gates, alg-sessions"""
    for words in ("subscriber-gates 3", "gates 3"):
        with b.case(words):
            b.configure("limit set " + words)
            one, two = start_rtsp(b), start_rtsp(b, client=C_TWIN)
            one.setup((30030, 30031))
            b.mark()
            two.setup((30032, 30033))
            check(b.delta().get("rtsp-gates-refused") and
                  not b.delta().get("rtsp-rewrites"), "counters %r",
                  b.delta())
            check(len(b.gates()) == 2, "gates %r", b.gates())
            check({g["owner_client_port"] for g in b.gates()} == {one.port},
                  "gates %r", b.gates())
            other = start_rtsp(b, client=C2)
            other.setup((30034, 30035))
            more = 2 if words.startswith("sub") else 0
            check(len(b.gates()) == 2 + more, "gates %r", b.gates())
            b.configure("limit set " + words.replace("3", "64"))
            ctl("session flush")
            gates_are(b)
    with b.case("alg-sessions"):
        b.configure("limit set alg-sessions 1")
        one = start(b)
        b.mark()
        two = start(b)
        two.active(31200, 0, ok=False)
        b.moved(alg_sessions_refused=1, ftp_messages=0, ftp_connections=0)
        one.active(31202).both()
        one.reset()
        ctl("session flush")
        start(b).active(31204).both()


@test("G-09.counted-as-sessions", config=RTSP)
def g09_quota(b):
    """SEC-14: gates count against the subscriber's quotas."""
    d = start_rtsp(b)
    for n, words in enumerate(("subscriber-sessions 3",
                               "subscriber-ports 2")):
        with b.case(words):
            b.configure("limit set " + words)
            pair = (30040 + 4 * n, 30041 + 4 * n)
            d.setup(pair)
            check(len(b.gates()) == 2, "gates %r", b.gates())
            b.mark()
            d.setup((30042 + 4 * n, 30043 + 4 * n))
            check(b.delta().get("rtsp-gates-refused"), "counters %r",
                  b.delta())
            got = b.x6(Udp(b, client=C_TWIN).six())
            check(not got.four, "a flow of the subscriber")
            check(Udp(b, client=C2).open(), "another subscriber")
            d.reply(status="461 no")
            d.reply(status="461 no", cseq=d.cseq - 1)
            gates_are(b)
            Udp(b, client=C_TWIN).open()
            b.configure("limit set %s 64" % words.split()[0])
            ctl("session kill client " + C_TWIN)


@test("G-10.port-repeated", config=FTP)
def g10(b):
    """A segment that is sent again is the same again, with no second gate."""
    # As long as others: its repetition can be told by its octets.
    d = start(b)
    Syn(b, client=C2, port=31210).open()
    at, there = d.ends[CLIENT].snd, d.ends[SERVER].rcv
    said = d.command("10.0.0.2", 31210)
    f = d.fill(CLIENT, said)
    frames = [d.inject(CLIENT, f)[0] for _ in range(4)]
    check(all(len(one) == 1 for one in frames), "frames")
    datas = {bytes(one[0])[40:] for one in frames}
    check(len(datas) == 1, "became %r", datas)
    check(len(b.gates()) == 1, "gates %r", b.gates())
    told = datas.pop()
    becomes = b.gates()[0]["pool_port"]
    check(told == d.command(T, becomes) and becomes != 31210, "told %r",
          told)
    for one in frames:
        d.agree(CLIENT, one[0], dict(f, data=told, seq=there,
                                     ack=d.ends[SERVER].snd))
    d.ends[CLIENT].snd += len(said)
    d.ends[SERVER].rcv += len(told)
    b.moved(ftp_gates_opened=1, ftp_connections=1, ftp_messages=2,
            ftp_rewrites=1)
    data = Data(d, 31210, 20, becomes, inbound=True).both()
    # Not even after it was used, nor with more octets behind.
    more = b"NOOP\r\n"
    got = d.inject(CLIENT, d.fill(CLIENT, said + more, seq=at))[0]
    check(b"".join(bytes(x)[40:] for x in got) == told + more, "became %r",
          [bytes(x) for x in got])
    gates_are(b)
    go_on(b, data)


@test("G-10.setup-repeated", config=RTSP)
def g10_setup(b):
    d = start_rtsp(b)
    Udp(b, client=C2, port=30050).open()
    f = d.fill(CLIENT, message("SETUP %s/1 RTSP/1.0" % d.url, 1,
                               "Transport: " + udp((30050, 30051))))
    frames = [d.inject(CLIENT, f)[0] for _ in range(3)]
    check(len({bytes(one[0])[40:] for one in frames}) == 1, "differ")
    rows_ = b.gates()
    check(len(rows_) == 2 and
          rows_[0]["pool_port"] != 30050, "gates %r", rows_)
    check(b"client_port=%d-" % min(r["pool_port"] for r in rows_) in
          bytes(frames[0][0]), "told %r", bytes(frames[0][0]))


class FtpHairpin(Hairpin, Ftp):
    """With data connections that take the same way."""

    def connect(self, side, near, far, sent_to, arrives_at, pport):
        """
        SIDE opens a data connection from its port NEAR to T, SENT_TO. The
        other end has it at ARRIVES_AT, from T's port PPORT, and answers.
        """
        a, b6 = (self.client, self.inside)[::-1 if side else 1]
        t_a = self.client6 if side else self.server6
        t_b = self.server6 if side else self.client6
        check(far in (None, arrives_at), "port")

        def seg(sport, dport, flags, seq, ack):
            return TCP(sport=sport, dport=dport, flags=flags, seq=seq,
                       ack=ack)
        got = self.bed.x6(six(seg(near, sent_to, "S", 7, 0), a, t_a)).only6()
        pport = got[TCP].sport if pport is None else pport
        same(got, six(seg(pport, arrives_at, "S", 7, 0), t_b, b6, hlim=63))
        got = self.bed.x6(six(seg(arrives_at, pport, "SA", 9, 8), b6,
                              t_b)).only6()
        same(got, six(seg(sent_to, near, "SA", 9, 8), t_a, a, hlim=63))
        got = self.bed.x6(six(seg(near, sent_to, "A", 8, 10), a,
                              t_a)).only6()
        same(got, six(seg(pport, arrives_at, "A", 8, 10), t_b, b6, hlim=63))


@test("G-11.hairpin", config=FTP)
def g11(b):
    """
    The server is behind us as well: each side's ALG does its part, for a
    client of each of two prefixes.
    """
    # Its place in the configuration must not matter, what the server used must.
    b.configure("prefix del " + P64)
    b.configure("prefix add " + P65)
    b.configure("prefix add " + P64,
                "binding add %s 21 to %s 21 proto tcp" % (C2, T))
    Syn(b, client=C2, port=21).open()
    for n, keys in enumerate((dict(), dict(client=C3, prefix=P65))):
        with b.case("%r" % keys):
            d = FtpHairpin(b, **keys).open()
            b.mark()
            # PORT: our client's side rewrites, the server's opens the way.
            port = 31220 + 2 * n
            said = d.command("10.0.0.2", port)
            Syn(b, client=C_TWIN, port=port).open()
            f = d.fill(CLIENT, said)
            forth, back = d.inject(CLIENT, f)
            check(len(forth) == 1 and not back, "frames")
            rows_ = b.gates()
            check(sorted(r["direction"] for r in rows_) ==
                  ["to-ipv4", "to-ipv6"], "gates %r", rows_)
            mapped = [r for r in rows_
                      if r["direction"] == "to-ipv6"][0]["pool_port"]
            check(mapped != port, "not remapped")
            told = d.command(T, mapped)
            d.agree(CLIENT, forth[0], dict(
                f, data=told, seq=d.ends[SERVER].rcv,
                ack=d.ends[SERVER].snd))
            d.ends[CLIENT].snd += len(said)
            d.ends[SERVER].rcv += len(told)
            d.hear(b"200 ok\r\n")
            d.connect(SERVER, 20, None, mapped, port, None)
            gates_are(b)
            b.moved(ftp_gates_used=2, ftp_gates_opened=2, ftp_rewrites=1)
            # PASV: the server's side rewrites, our client's opens the way.
            d.tell(b"PASV\r\n")
            there = 5040
            said = b"227 ok (" + six_numbers("192.0.2.9", there) + b")\r\n"
            f = d.fill(SERVER, said)
            forth, back = d.inject(SERVER, f)
            check(len(forth) == 1 and not back, "frames %r", forth)
            mapped = [r for r in b.gates() if
                      r["direction"] == "to-ipv6"][0]["pool_port"]
            told = b"227 ok (" + six_numbers(T, mapped) + b")\r\n"
            d.agree(SERVER, forth[0], dict(
                f, data=told, seq=d.ends[CLIENT].rcv,
                ack=d.ends[CLIENT].snd))
            d.ends[SERVER].snd += len(said)
            d.ends[CLIENT].rcv += len(told)
            d.ack(CLIENT)
            d.connect(CLIENT, b.fresh_port(), None, mapped, there, None)
            gates_are(b)
            b.moved(ftp_gates_used=2, ftp_gates_opened=2, ftp_errors=0,
                    ftp_rewrites=1, ftp_transparent=0)


@test("G-11.hairpin-epsv", config=FTP)
def g11_epsv(b):
    """The client's side makes PASV of EPSV and 229 of what comes back."""
    b.configure("binding add %s 21 to %s 21 proto tcp" % (C2, T))
    d = FtpHairpin(b).open()
    d.tell(b"EPSV\r\n", b"PASV\r\n")
    said = b"227 ok (" + six_numbers("192.0.2.9", 5042) + b")\r\n"
    f = d.fill(SERVER, said)
    forth, back = d.inject(SERVER, f)
    check(len(forth) == 1 and not back, "frames %r", forth)
    mapped = [r for r in b.gates() if
              r["direction"] == "to-ipv6"][0]["pool_port"]
    told = b"229 Entering Extended Passive Mode (|||%d|)\r\n" % mapped
    d.agree(SERVER, forth[0], dict(f, data=told, seq=d.ends[CLIENT].rcv,
                                   ack=d.ends[CLIENT].snd))
    d.ends[SERVER].snd += len(said)
    d.ends[CLIENT].rcv += len(told)
    d.ack(CLIENT)
    d.connect(CLIENT, b.fresh_port(), None, mapped, 5042, None)
    gates_are(b)


@test("I-09.hairpin-with-two-algs", config=FTP)
def error_of_hairpin(b):
    """
    Of a segment whose numbers two ALGs have changed, one for each end: an
    error comes back with those that its sender knows.
    """
    b.configure("binding add %s 21 to %s 21 proto tcp" % (C2, T))
    d = FtpHairpin(b).open()
    # Grows on the client's side; to the server it is somebody's port.
    port = b.fresh_port()
    d.active(port)
    # Grows on the server's side, then on the client's.
    d.tell(b"EPSV\r\n", b"PASV\r\n")
    said = b"227 ok (" + six_numbers("192.0.2.9", 5044) + b")\r\n"
    forth, back = d.inject(SERVER, d.fill(SERVER, said))
    check(len(forth) == 1 and not back, "frames")
    told = bytes(forth[0])[60:]
    check(told.startswith(b"229 "), "told %r", told)
    d.ends[SERVER].snd += len(said)
    d.ends[CLIENT].rcv += len(told)
    d.ack(CLIENT)
    for side in (CLIENT, SERVER, CLIENT):
        for kind, code, rest in ((1, 4, b"\0\0\0\0"), (2, 0, b"\0\0\5\0"),
                                 (3, 0, b"\0\0\0\0")):
            with b.case("%d %d" % (side, kind)):
                f = d.fill(side, b"200 ok\r\n" if side else b"NOOP\r\n")
                forth, back = d.inject(side, f)
                check(len(forth) == 1 and not back, "frames")
                seen = forth[0]
                check(seen[TCP].seq != f["seq"], "no offset")
                d.ends[side].snd += len(f["data"])
                d.ends[not side].rcv += len(f["data"])
                at, via = (d.client, d.server6) if side else \
                    (d.inside, d.client6)
                got = b.x6(six(Raw(icmp6(at, via, kind, code, bytes(seen),
                                         rest)), at, via, nh=58)).only6()
                check(bytes(got)[40] == kind and v6(got[IPv6].dst) ==
                      v6(d.inside if side else d.client), "the error is %r",
                      got.pkt)
                quoted = IPv6(bytes(got)[48:])
                sent = d.packet(side, f)
                for layer, field in ((IPv6, "src"), (IPv6, "dst"),
                                     (TCP, "sport"), (TCP, "dport"),
                                     (TCP, "seq")):
                    have = getattr(quoted[layer], field)
                    want = getattr(sent[layer], field)
                    check(have == want, "quotes %s %r, wanted %r", field,
                          have, want)


@test("G-11.ftp-server-inside", config=FTP)
def g11_inside(b):
    """The server is ours, its client is not: 227 is mapped, PORT is not."""
    b.configure("binding add %s 21 to %s 21 proto tcp" % (C, T))
    d = Ftp(b, port=21, sport=b.fresh_port())
    d.pool, d.pport = T, 21
    d.open(SERVER)
    d.hear(b"PASV\r\n")
    said = b"227 ok (" + six_numbers("192.0.2.9", 31230) + b")\r\n"
    d.tell(said, said.replace(six_numbers("192.0.2.9", 31230),
                              six_numbers(T, 31230)))
    data = Data(d, 31230, 4444, inbound=True)
    gates_are(b, d.gate46(data))
    data.both()
    is_data(b, data)
    d.hear(d.command("203.0.113.5", 5050))
    data = Data(d, 20, 5050)
    gates_are(b, d.gate64(data))
    data.pport = None
    got = b.to4(data.six())
    data.learn(got)
    same(got, data.want4(), free=["id"])
    gates_are(b)


@test("G-12.counters", config=FTP)
def g12(b):
    """Each for itself, and the sums"""
    b.configure("option set allow-nonconforming on",
                "timeout set gate-ftp 1s")
    b.mark()
    d = start(b)
    b.moved(ftp_connections=1, ftp_messages=1, ftp_rewrites=0,
            gates_opened=0)
    d.active(31240).both()
    b.moved(ftp_connections=0, ftp_messages=2, ftp_rewrites=1,
            ftp_gates_opened=1, ftp_gates_used=1, ftp_gates_refused=0,
            ftp_remapped=0, gates_opened=1, gates_closed=1)
    d.passive(5060)
    b.poll("the gate closes", lambda: not b.gates())
    b.moved(ftp_messages=2, ftp_gates_opened=1, ftp_gates_expired=1,
            ftp_gates_used=0, ftp_rewrites=0, gates_opened=1,
            gates_closed=1)
    Syn(b, client=C2, port=31242).open()
    d.active_any(31242)
    b.moved(ftp_remapped=1, ftp_gates_opened=1, ftp_rewrites=1)
    ctl("gate flush")
    b.moved(ftp_gates_expired=0, gates_closed=1)
    d.active(1023, 0, ok=False)
    b.moved(ftp_gates_refused=1, ftp_errors=0, ftp_gates_opened=0)
    d.tell(b"\0\1\2\3 nonsense\r\n")
    b.moved(ftp_errors=1, ftp_transparent=1, ftp_messages=0)
    d.active(31244, 0)
    b.moved(ftp_errors=0, ftp_messages=0, ftp_gates_opened=0)


@test("G-12.events", config=FTP)
def g12_events(b):
    """open, use, expire, close; and an ALG that gives up"""
    b.configure("option set allow-nonconforming on",
                "timeout set gate-ftp 1s")

    def event(seen, name, port):
        found = [e for e in seen if e["event"] == name and
                 e.get("client_port") == port]
        return found[0] if found else None
    with monitor(b) as listen:
        d = start(b)
        d.active(31250).both()
        d.active(31252)
        b.poll("the gate expires", lambda: not b.gates())
        d.active(31254)
        d.active(31256)
        d.tell(b"\0\r\n")
        seen = listen(lambda seen: all((
            event(seen, "gate-use", 31250),
            event(seen, "gate-expire", 31252),
            event(seen, "gate-close", 31254),
            event(seen, "gate-open", 31256),
            event(seen, "alg-transparent", d.port))))
    for name, port in (("gate-open", 31250), ("gate-use", 31250),
                       ("gate-expire", 31252), ("gate-close", 31254)):
        with b.case(name):
            got = event(seen, name, port)
            want = dict(d.gate46(Data(d, port, 20, inbound=True)))
            for key in ("server_addr", "server_addr6", "server_port",
                        "server_port6", "direction", "reserved"):
                check(got.get(key) is None or key not in (
                    "server_addr", "server_addr6"), "the server is named")
                want.pop(key)
            check({k: got.get(k) for k in want} == want, "%r, wanted %r", got,
                  want)
            check(abs(got["timestamp_ms"] / 1000 - time.time()) < 600, "time")
    told = event(seen, "alg-transparent", d.port)
    check((told["alg"], told["client_addr"], told["pool_port"]) ==
          ("ftp", v6(C), d.pport), "event %r", told)
    names = [e["event"] for e in seen if e.get("client_port") == 31250 and
             e["event"].startswith("gate")]
    check(names == ["gate-open", "gate-use"], "order %r", names)


@test("G-12.events-with-servers", config=FTP + [
    "option set log-destinations on"])
def g12_servers(b):
    """Named by option (RFC 6888 REQ-12); other events are not chosen"""
    with monitor(b, "session", "gate") as listen:
        d = start(b)
        data = d.active(31260)
        data.both()
        seen = listen(lambda seen: any(e["event"] == "gate-use"
                                       for e in seen))
    got = [e for e in seen if e["event"] == "gate-open"][0]
    check((got["server_addr"], got["server_addr6"]) == (S, v6(S6)),
          "event %r", got)
    check({e["event"] for e in seen} <= {"session-create", "session-delete",
                                         "gate-open", "gate-use"},
          "events %r", seen)
    made = [e for e in seen if e["event"] == "session-create" and
            e["client_port"] == 31260]
    check(made and made[0]["owner_client_port"] == d.port and
          made[0]["alg"] == "ftp", "event %r", made)


FOREIGN = (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\0\1",
           b"\0" * 40, b"\xff\xfa\x18\0x\xff\xf0", b"A" * 1400,
           b"x y z\r\n", b"\r\n\r\n 12345\r\n")


@test("G-13.nonsense-passes", config=FTP)
def g13(b):
    """
    No segment is dropped for what it says, and numbers stay those that an
    edit has moved.
    """
    for n, data in enumerate(FOREIGN):
        with b.case("%r" % data[:12]):
            d = start(b)
            d.active(31270 + 2 * n)
            check(d.ends[CLIENT].snd - 1001 != d.ends[SERVER].rcv - 1001,
                  "no offset")
            b.mark()
            d.tell(data)
            d.ack(SERVER)
            said = d.command("10.0.0.2", 31290)
            d.tell(said)
            d.hear(b"PASV? 227 (1,2,3,4,5,6)\r\n")
            for _ in range(2):
                d.tell(data)
                d.hear(data)
            at = d.ends[CLIENT].snd - len(data), \
                d.ends[SERVER].rcv - len(data)
            d.ack(CLIENT)
            d.tell(data, seq=at[0], over={"seq": at[1]})
            moved = b.delta()
            check(moved.get("ftp-transparent", 0) == 1, "counters %r", moved)
            check(not [k for k in moved if k.startswith("drop-")], "drops %r",
                  moved)
            check(not b.gates(client_port=31290), "gates %r", b.gates())
            d.close()


@test("SEC-11.third-party", config=FTP)
def sec11(b):
    """A gate leads to the client itself, whomever it names."""
    d = start(b)
    for address in ("203.0.113.99", "198.51.100.1", "10.0.0.2", "127.0.0.1",
                    "0.0.0.0", "255.255.255.255"):
        with b.case(address):
            d.tell(d.command(address, 31300), d.command(T, 31300))
            d.hear(b"200 ok\r\n")
            data = Data(d, 31300, 20, inbound=True)
            gates_are(b, d.gate46(data))
    data.both()
    b.mark()
    d.tell(b"EPRT |2|2001:db8:1:1::11|31302|\r\n")
    d.hear(b"522 no\r\n")
    gates_are(b)
    b.moved(ftp_gates_opened=0)


@test("SEC-11.low-ports", config=FTP)
def sec11_low(b):
    d = start(b)
    b.mark()
    for port in (1, 25, 1023):
        d.active(port, 0, ok=False)
    gates_are(b)
    b.moved(ftp_gates_refused=3, ftp_rewrites=0)
    b.configure("option set alg-low-ports on")
    d.active(1023, 0, ok=False)
    gates_are(b)
    e = start(b)
    data = e.active(1023)
    check(data.pport < 1024, "port")
    gates_are(b, e.gate46(data))
    data.both()


@test("SEC-13.port-of-another", config=FTP)
def sec13(b):
    """A port that somebody has is not given, nor taken back from a gate."""
    b.configure("binding add %s 80 to %s 31312 proto tcp" % (C3, T))
    theirs = Syn(b, client=C2, port=31310).open()
    d = start(b)
    b.mark()
    one = d.active_any(31310)
    check(one.pport not in (31310, 31312), "given %d", one.pport)
    one.both()
    two = d.active_any(31312)
    check(two.pport not in (31310, 31312, one.pport), "given %d", two.pport)
    b.moved(ftp_remapped=2)
    theirs.back()
    got = b.to6(four(TCP(sport=9, dport=31312, flags="S")))
    check(v6(got[IPv6].dst) == v6(C3), "the static binding")
    late = Syn(b, client=C2, port=two.pport)
    late.learn(b.to4(late.six()))
    check(late.pport != two.pport, "the gate's port was given away")
    tool.refused("binding add %s 81 to %s %d proto tcp" % (C3, T, two.pport),
                 "in use")
    two.both()
    is_data(b, two)


@test("SEC-13.own-port", config=FTP)
def sec13_own(b):
    """A mapping that the client has already is used, and stays open."""
    mine = Syn(b, port=31320).open()
    d = start(b)
    data = d.active(31320)
    gates_are(b, d.gate46(data))
    got = b.to6(four(TCP(sport=99, dport=31320, flags="S", seq=3), src=S2))
    check(v6(got[IPv6].dst) == v6(C), "endpoint-independent filtering")
    data.both()
    mine.back()
    ctl("session flush")
    gates_are(b)
    check(not b.bindings(), "bindings %r", b.bindings())


@test("SEC-13.same-key", config=FTP)
def sec13_same(b):
    """Two connections with gates for the same packets: first come."""
    one, two = start(b), start(b)
    first, second = one.active(31322), two.active(31322)
    gates_are(b, one.gate46(first), two.gate46(second))
    first.both()
    check(len(b.gates()) == 1, "gates %r", b.gates())
    again = Data(two, 31322, 2222, inbound=True).both()
    owners = {is_data(b, data)["owner_client_port"]
              for data in (first, again)}
    check(owners == {one.port, two.port}, "owners %r", owners)


@test("SEC-14.thousand", config=RTSP)
def sec14(b):
    """A thousand SETUPs leave what the limits allow, and nothing after."""
    d = start_rtsp(b)
    b.mark()
    for n in range(0, 1000, 10):
        data = b"".join(message("SETUP %s/%d RTSP/1.0" % (d.url, k), k,
                                "Transport: " + udp((10000 + 2 * k,
                                                     10001 + 2 * k)))
                        for k in range(n, n + 10))
        check(len(data) < 1400, "%d octets", len(data))
        d.tell(data)
        d.ack(SERVER)
    check(len(b.gates()) == 64, "%d gates", len(b.gates()))
    check(rows("status")[0]["gates"] == 64, "status")
    check(b.delta().get("rtsp-transparent", 0) == 0, "gave up")
    flow = d.flow(11998, 6970, 11998)
    check(not b.x4(flow.four()).six, "not agreed to yet")
    d.reset()
    gates_are(b)
    check(len(b.bindings()) == 1, "bindings %r", b.bindings())


@test("SEC-14.many-connections", config=FTP)
def sec14_many(b):
    """The subscriber's limit holds for all of its connections."""
    b.configure("limit set subscriber-gates 5")
    b.mark()
    all_ = [start(b, client=(C, C_TWIN)[n % 2]) for n in range(7)]
    for n, d in enumerate(all_):
        d.active(31330 + 2 * n, None if n < 5 else 0, ok=n < 5)
    check(len(b.gates()) == 5, "gates %r", b.gates())
    check(b.delta().get("ftp-gates-refused") == 2, "counters %r", b.delta())
    start(b, client=C2).active(31350).both()


def consistent(b, opened):
    """Every gate was used, or expired, or closed; nothing is left over."""
    moved = b.delta()
    ends = sum(moved.get(n, 0) for n in ("rtsp-gates-used",
                                         "rtsp-gates-expired"))
    check(moved.get("rtsp-gates-opened") == opened and
          moved.get("gates-closed") == opened and ends <= opened,
          "counters %r", moved)
    data = [s for s in b.sessions(proto="udp")
            if s["owner_client_port"] is not None]
    check(len(data) == moved.get("rtsp-gates-used", 0),
          "%d data sessions, counters %r", len(data), moved)
    for row in b.bindings(proto="udp"):
        mine = [s for s in b.sessions(proto="udp")
                if s["client_port"] == row["client_port"]]
        check(row["sessions"] == len(mine), "binding %r", row)


@test("G-03.while-it-expires", config=RTSP)
def g03_expires(b):
    """Packets that come as their gates' time ends: used or gone."""
    b.configure("option set allow-nonconforming on",
                "timeout set gate-rtsp 1s")
    d = start_rtsp(b)
    b.mark()
    flows = []
    for n in range(8):
        pair = (30100 + 2 * n, 30101 + 2 * n)
        flows += d.media(pair, THERE, track="/%d" % n)
    opened = len(flows) * 2
    turn = iter(range(10 ** 6))

    def knock():
        flow = flows[next(turn) % len(flows)]
        if min((g["expires_ms"] for g in b.gates()), default=0) < 30:
            b.x4(flow.four())
        return not b.gates()
    b.poll("the gates are gone", knock)
    consistent(b, opened)
    ctl("session flush")
    check(b.count() == (0, 0), "state %r", b.count())


@test("G-08.while-packets-come", config=RTSP)
def g08_race(b):
    """The control connection goes while its gates are being used."""
    for n in range(6):
        with b.case("%d" % n):
            d = start_rtsp(b)
            b.mark()
            flows = d.media((30200, 30201), THERE)
            packets = [p for f in flows for p in (f.four(), f.four())]
            packets.insert(n % 4, d.packet(SERVER, d.fill(SERVER,
                                                          flags="RA")))
            b.x4(*packets)
            gates_are(b)
            consistent(b, 4)
            ctl("session flush")
            check(b.count() == (0, 0), "state %r", b.count())


@contextlib.contextmanager
def flood(packets):
    """(port, packet) again and again, from another processor if there is"""
    frames = [(port.sock, port.frame(packet)) for port, packet in packets]
    pid = os.fork()
    if not pid:
        try:
            os.sched_setaffinity(0, {os.cpu_count() - 1})
            while True:
                for sock, data in frames:
                    with contextlib.suppress(OSError):
                        sock.send(data)
        finally:
            os._exit(0)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def blind(d, side, data=b"", flags="PA"):
    """A segment; nobody looks at what comes of it."""
    d.bed.receive_all()
    (d.bed.c6, d.bed.s4)[side].send(d.packet(side, d.fill(side, data, flags)))
    size = len(data) + ("S" in flags)
    d.ends[side].snd += size
    d.ends[not side].rcv += size


def blind_session(b, pairs):
    """A connection and its media, as if all ports stayed the same"""
    d = Rtsp(b)
    d.pool, d.pport = T, d.port
    blind(d, CLIENT, flags="S")
    blind(d, SERVER, flags="SA")
    for n, pair in enumerate(pairs):
        first = "SETUP %s/%d RTSP/1.0" % (d.url, n)
        blind(d, CLIENT, message(first, n, "Transport: " + udp(pair)))
        blind(d, SERVER, message("RTSP/1.0 200 OK", n, "Session: a",
                                 "Transport: " + udp(pair, THERE)))
    return d


@test("G-03.many-at-once", config=RTSP)
def g03_many(b):
    """Gates open, are used, and close, on two processors: nothing is left."""
    ends = (lambda d: blind(d, CLIENT, flags="RA"),
            lambda d: blind(d, SERVER, flags="RA"),
            lambda d: (blind(d, CLIENT, message(
                "TEARDOWN %s RTSP/1.0" % d.url, 99, "Session: a")),
                blind(d, SERVER, message("RTSP/1.0 200 OK", 99))),
            lambda d: b.netlink.call("GATE_FLUSH"),
            lambda d: b.netlink.flush(),
            lambda d: None)
    sets = [[(30400 + 8 * k + 2 * n, 30401 + 8 * k + 2 * n)
             for n in range(4)] for k in range(5)]
    packets = []
    for pairs in sets:
        for pair in pairs:
            for port, sport in zip(pair, THERE):
                packets.append((b.s4, four(UDP(sport=sport, dport=port) /
                                           b"media")))
                if pair[0] & 2:
                    packets.append((b.c6, six(UDP(sport=port, dport=sport) /
                                              b"media")))
    b.mark()
    with flood(packets):
        for n in range(30):
            d = blind_session(b, sets[n % 5])
            ends[n % 6](d)

    def quiet():
        b.receive_all()
        b.netlink.call("GATE_FLUSH")
        b.netlink.flush()
        return not b.gates() and b.count() == (0, 0)
    b.poll("the end", quiet)
    b.receive_all()
    moved = b.delta()
    for made, gone in (("gates-opened", "gates-closed"),
                       ("sessions-created", "sessions-removed"),
                       ("bindings-created", "bindings-removed")):
        check(moved[made] == moved[gone], "%s: %r", made, moved)
    check(moved["rtsp-gates-opened"] > 130 and
          moved["rtsp-gates-used"] > 30 and
          moved["rtsp-connections"] >= 30, "counters %r", moved)
    status = rows("status")[0]
    check(not status["subscribers"] and not rows("pool show")[0][
        "ports_used"], "status %r, pool %r", status, rows("pool show"))
    start_rtsp(b).media((30400, 30401), THERE)[0].back()
