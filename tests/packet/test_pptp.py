# SPDX-License-Identifier: GPL-2.0
"""
Section 15: the PPTP ALG (RFC 2637) and its GRE, and S-10 to S-28 of section
16. Both ends' octets are compared, and the gates as listed there.
"""
import struct

from control import Hairpin
from dialogue import CLIENT, SERVER, Dialogue, gates
from ktap import test
from test_icmp import err4, err6, want_err6, same_err4
from tool import rows
from tunnel import *
from wire import *

ALG = ["alg enable pptp"]


def start(b, **keys):
    return Pptp(b, **keys).open()


def gate46(call):
    """server/any -> pool/c' (client/c), as S-12 and S-15 have it"""
    g = [g for g in call.gates() if g["direction"] == "to-ipv6"]
    check(len(g) == 1, "gates %r", call.gates())
    g = g[0]
    check(g["pool_port"] == call.c_told and g["pool_addr"] == call.d.pool and
          g["server_addr"] == call.d.server and g.get("server_port") is None
          and g["alg"] == "pptp" and g["owner_client_port"] == call.d.port,
          "gate %r", g)
    return g


def gate64(call):
    """client/any -> server6/s' (server4/s), as S-22 and S-25 have it"""
    g = [g for g in call.gates() if g["direction"] == "to-ipv4"]
    check(len(g) == 1, "gates %r", call.gates())
    g = g[0]
    check(g["server_port6"] == call.s_told and g["server_port"] == call.s and
          g["server_addr6"] == v6(call.d.server6) and
          g["server_addr"] == call.d.server and
          g["pool_addr"] == call.d.pool, "gate %r", g)
    return g


def whole_call(b, c, s):
    """A call with every message that names it, and its packets."""
    d = start(b)
    call = Call(d, c, s)
    d.send(CLIENT, OCRQ, c, told(c))
    gate46(call)
    check(len(gates()) == 1, "gates %r", gates())
    d.reply(SERVER, OCRP, (s, told(s)), (told(c), c))
    gate46(call)
    gate64(call)
    d.send(CLIENT, SLI, told(s), s)
    d.send(SERVER, SLI, told(c), c)
    d.send(SERVER, WEN, told(c), c)
    call.back()
    check(not [g for g in gates() if g["direction"] == "to-ipv6"], "used up")
    call.out()
    check(not gates(), "gates %r", gates())
    call.both()
    to6, to4 = call.sessions()
    check(len(to6) == 1 and len(to4) == 1, "sessions %r %r", to6, to4)
    check(to6[0]["pool_port"] == told(c) and to6[0]["alg"] == "pptp",
          "session %r", to6)
    check(to4[0]["server_port6"] == told(s), "session %r", to4)
    d.send(CLIENT, CCRQ, c, told(c))
    d.send(SERVER, CDN, s, told(s))
    call.silent()
    check(call.sessions() == ([], []), "sessions after the end")
    d.send(CLIENT, STOP_RQ, 0x100)
    d.send(SERVER, STOP_RP, 0x100)
    b.moved(pptp_connections=1, pptp_gates_opened=2, pptp_gates_used=2,
            pptp_errors=0, pptp_transparent=0, pptp_remapped=0,
            pptp_rewrites=5 * (c == 0) + 3 * (s == 0), drop_protocol=2)


@test("S-11.call", config=ALG)
def s11(b):
    """S-10 to S-13 and S-20 to S-23: ids that stay as they are"""
    whole_call(b, 7, 9)


@test("S-14.client-zero", config=ALG)
def s14(b):
    """S-14 to S-17"""
    whole_call(b, 0, 9)


@test("S-24.server-zero", config=ALG)
def s24(b):
    """S-24 to S-26"""
    whole_call(b, 7, 0)


@test("S-27.both-zero", config=ALG)
def s27(b):
    whole_call(b, 0, 0)


@test("S-26.incoming", config=ALG)
def s26(b):
    """The server calls: ICRQ, ICRP, ICCN."""
    for c, s in ((7, 9), (0, 9), (7, 0), (0, 0)):
        with b.case("%d %d" % (c, s)):
            d = start(b)
            call = Call(d, c, s)
            d.send(SERVER, ICRQ, s, told(s))
            check(not gates(), "nobody has agreed yet")
            d.reply(CLIENT, ICRP, (c, told(c)), (told(s), s))
            d.send(SERVER, ICCN, told(c), c)
            gate46(call)
            gate64(call)
            call.both()
            d.send(SERVER, CDN, s, told(s))
            call.silent()


@test("S-13.server-first", config=ALG)
def s13(b):
    """Its first packet may be here before the answer is."""
    d = start(b)
    call = Call(d, 0, 0)
    d.send(CLIENT, OCRQ, 0, ZERO)
    call.back()
    d.reply(SERVER, OCRP, (0, ZERO), (ZERO, 0))
    check([g["direction"] for g in call.gates()] == ["to-ipv4"], "gates %r",
          call.gates())
    call.both()
    b.moved(pptp_gates_opened=2, pptp_gates_used=2, pptp_gates_refused=0)


@test("S-28.same-id", config=ALG)
def s28(b):
    """Two clients behind one address, one server, the same call id"""
    one = start(b).call(7, 100)
    d = start(b, client=C2)
    other = Call(d, 7, 101, c_told=d.ask_any(7))
    check(other.c_told not in (0, 7), "told %d", other.c_told)
    d.reply(SERVER, OCRP, (101, 101), (other.c_told, 7))
    for call in (one, other, one, other):
        call.both()
    d.send(CLIENT, CCRQ, 7, other.c_told)
    d.send(SERVER, CDN, 101)
    other.silent()
    one.both()
    b.moved(pptp_remapped=1, pptp_gates_refused=0, drop_protocol=2)


@test("S-28.same-zero", config=ALG)
def s28_zero(b):
    one = start(b).call(0, 0)
    d = start(b, client=C2)
    other = Call(d, 0, 5, c_told=d.ask_any(0))
    check(other.c_told not in (0, ZERO), "told %d", other.c_told)
    d.reply(SERVER, OCRP, (5, 5), (other.c_told, 0))
    for call in (one, other):
        call.both()


@test("S-28.refuse", config=ALG + ["option set pptp-conflict refuse"])
def s28_refuse(b):
    one = start(b).call(7, 100).both()
    d = start(b, client=C2)
    other = d.call(7, 101)
    check(not gates(), "gates %r", gates())
    check(not b.x6(other.six()).four, "passes")
    one.both()
    b.moved(pptp_remapped=0, pptp_gates_refused=1, drop_protocol=1)


@test("P-02.headers", config=ALG)
def p02(b):
    """8, 12 and 16 octets; only the call id changes."""
    call = start(b).call(0, 0).both()
    for seq, ack in ((None, None), (None, 5), (7, None), (8, 0xffffffff)):
        with b.case("%r %r" % (seq, ack)):
            data = b"" if seq is None else b"some octets"
            call.out(data, seq, ack)
            call.back(data, seq, ack)


@test("P-02.other-headers", config=ALG)
def p02_other(b):
    """What is no PPTP belongs to no call."""
    call = start(b).call(7, 9).both()
    d = call.d
    for head, proto in ((0x0001, 0x880b), (0x2000, 0x880b), (0x2002, 0x880b),
                        (0x2007, 0x880b), (0xa001, 0x880b), (0x6001, 0x880b),
                        (0x2801, 0x880b), (0x2101, 0x880b), (0x2009, 0x880b),
                        (0x2001, 0x0800), (0x2001, 0x880c), (0, 0x0800)):
        with b.case("%04x %04x" % (head, proto)):
            b.mark()
            got = b.x6(six(Raw(gre(9, b"data", head=head, proto=proto)),
                           d.client, d.server6, nh=47))
            check(not got.four, "sent on")
            got = b.x4(four(Raw(gre(7, b"data", head=head, proto=proto)),
                            d.server, d.pool, proto=47))
            check(not got.six, "sent on")
            b.moved(drop_protocol=2)
    call.both()


@test("P-02.truncated", config=ALG)
def p02_truncated(b):
    call = start(b).call(7, 9).both()
    d = call.d
    b.mark()
    whole = gre(9, b"", 1, 2)
    for size in range(len(whole)):
        b.none6(six(Raw(whole[:size]), d.client, d.server6, nh=47))
    whole = gre(7, b"", 1, 2)
    for size in range(len(whole)):
        b.none4(four(Raw(whole[:size]), d.server, d.pool, proto=47))
    b.moved(drop_truncated=32)
    call.both()


@test("P-03.two-servers", config=ALG)
def p03(b):
    """The same id towards another server is no conflict."""
    one = start(b).call(0, 0)
    other = start(b, server=S2).call(0, 0)
    for call in (one, other, one, other):
        call.both()
    b.moved(pptp_remapped=0, pptp_gates_used=4)


@test("P-05.calls", config=ALG)
def p05(b):
    """Three calls of one control connection, and another connection"""
    d = start(b)
    calls = [d.call(c, s) for c, s in ((0, 1), (5, 0), (6, 6))]
    e = start(b)
    calls += [e.call(8, 2), e.call(9, 3)]
    for call in calls + calls[::-1]:
        call.both()
    d.send(CLIENT, CCRQ, 5)
    d.send(SERVER, CDN, 0, ZERO)
    calls.pop(1).silent()
    for call in calls:
        call.both()
    check(len(rows("session show proto gre")) == 8, "sessions")


@test("P-05.sixteen", config=ALG)
def p05_sixteen(b):
    """G-09"""
    d = start(b)
    calls = [d.call(100 + n, 200 + n) for n in range(16)]
    d.call(500, 600)
    check(len(gates()) == 32, "%d gates", len(gates()))
    b.moved(pptp_gates_opened=32, pptp_gates_refused=1)
    for call in calls[::5]:
        call.both()


@test("P-06.control-begins-anew", config=ALG)
def p06(b):
    d = start(b)
    one, two = d.call(0, 0).both(), d.call(3, 4)
    d.send(CLIENT, SCCRQ, 0x100)
    check(not gates(), "gates %r", gates())
    one.silent()
    two.silent()
    check(not rows("session show proto gre"), "sessions")


@test("P-06.reset", config=ALG)
def p06_reset(b):
    """G-08: with the control connection its calls go, at once."""
    for side, flags in ((CLIENT, "RA"), (SERVER, "RA"), (CLIENT, "FA")):
        with b.case("%d %s" % (side, flags)):
            d = start(b)
            one, two = d.call(0, 0).both(), d.call(3, 4)
            d.say(side, flags=flags)
            if flags == "FA":
                d.say(not side, flags=flags)
                d.ack(side)
            check(not gates(), "gates %r", gates())
            one.silent()
            two.silent()


@test("P-07.lifetimes", config=ALG)
def p07(b):
    """GRE keeps its call and the control connection alive (FT-23, G-08)."""
    b.configure("option set allow-nonconforming on",
                "timeout set other 20s", "timeout set tcp-est 30s")
    call = start(b).call(7, 9).both()
    d = call.d

    def left():
        to6, to4 = call.sessions()
        return [r["expires_ms"] for r in (*to6, *to4, d.row())]

    b.poll("some time passes", lambda: max(left()[:2]) < 16000 and
           left()[2] < 26000)
    before = left()
    call.out()
    after = left()
    check(after[1] > before[1] and after[2] > before[2], "left %r, then %r",
          before, after)


@test("P-07.one-direction", config=ALG)
def p07_one(b):
    """While packets go one way, the other way stays open."""
    b.configure("option set allow-nonconforming on", "timeout set other 3s")
    call = start(b).call(7, 9).both()
    left = [3000]

    def prolonged():
        call.out()
        to6, _ = call.sessions()
        check(to6, "the other direction is gone")
        left.append(to6[0]["expires_ms"])
        return left[-1] > left[-2] + 500
    b.poll("the idle direction gets more time", prolonged)
    call.back()


@test("P-07.idle", config=ALG)
def p07_idle(b):
    b.configure("option set allow-nonconforming on", "timeout set other 1s")
    call = start(b).call(7, 9).both()
    b.poll("an idle call ends", lambda: call.sessions() == ([], []))


@test("P-07.control-keeps-calls", config=ALG)
def p07_control(b):
    """A call without packets lives as long as its ends talk about it."""
    b.configure("option set allow-nonconforming on", "timeout set other 2s")
    call = start(b).call(7, 9).both()
    ends = []

    def outlived():
        call.d.send(CLIENT, ECHO_RQ, 1)
        call.d.send(SERVER, ECHO_RP, 1)
        to6, to4 = call.sessions()
        check(to6 and to4, "the call is gone")
        ends.append(to6[0]["expires_ms"])
        # Its end came near, and then was put off.
        return any(x + 500 < y for x, y in zip(ends, ends[1:]))
    for _ in range(2):
        b.poll("the call gets more time", outlived)
        ends.clear()
    call.both()


@test("P-08.no", config=ALG)
def p08(b):
    """An answer that is no, of either kind"""
    for result in (2, 3, 7):
        with b.case("result %d" % result):
            d = start(b)
            call = Call(d, 0, 0)
            d.send(CLIENT, OCRQ, 0, ZERO)
            d.reply(SERVER, OCRP, (0, 0), (ZERO, 0), result)
            check(not gates(), "gates %r", gates())
            call.silent()
            d.send(SERVER, ICRQ, 0, ZERO)
            d.reply(CLIENT, ICRP, (0, 0), (ZERO, 0), result)
            check(not gates(), "gates %r", gates())


@test("P-08.stop", config=ALG)
def p08_stop(b):
    d = start(b)
    one, two = d.call(0, 0).both(), d.call(3, 4)
    d.send(SERVER, STOP_RQ, 0x100)
    one.both()
    d.send(CLIENT, STOP_RP, 0x100)
    check(not gates(), "gates %r", gates())
    one.silent()
    two.silent()


@test("P-08.expired", config=ALG)
def p08_expired(b):
    """Gates that nobody uses close, and what was told stays in force."""
    b.configure("option set allow-nonconforming on",
                "timeout set gate-pptp 1s")
    d = start(b)
    call = d.call(0, 0)
    b.poll("the gates close", lambda: not gates())
    call.silent()
    d.send(CLIENT, SLI, ZERO, 0)
    d.send(CLIENT, CCRQ, 0, ZERO)
    d.send(SERVER, CDN, 0, ZERO)
    b.moved(pptp_gates_expired=2, pptp_errors=0, drop_protocol=2)


@test("P-09.stray", config=ALG)
def p09(b):
    """D-01: GRE of no call is refused, with an error."""
    d = start(b)
    packet = six(Raw(gre(7, b"data", 1)), d.client, d.server6, nh=47)
    got = b.error6(packet)
    check(bytes(got)[40:42] == b"\1\4", "error %r", got.pkt)
    got = b.error4(four(Raw(gre(7, b"data", 1)), d.server, d.pool, proto=47))
    check(bytes(got)[20:22] == b"\3\2", "error %r", got.pkt)
    check(not rows("session show proto gre"), "sessions")
    b.moved(drop_protocol=2)


@test("P-09.unknown-ids", config=ALG)
def p09_ids(b):
    """Messages about calls that nobody announced open nothing."""
    d = start(b)
    d.reply(SERVER, OCRP, (9, 9), (7, 7))
    d.reply(CLIENT, ICRP, (7, 7), (9, 9))
    for kind in (ICCN, WEN, SLI, CCRQ, CDN):
        d.send(SERVER, kind, 0)
        d.send(CLIENT, kind, 0)
    check(not gates(), "gates %r", gates())
    Call(d, 7, 9).silent()
    b.moved(pptp_errors=12, pptp_gates_opened=0, drop_protocol=2)


@test("D-01.address-only", config=ALG + ["option set other-proto translate"])
def d01(b):
    """GRE of no call by address alone; a call id stays as it is."""
    d = start(b)
    for ident, back in ((7, 9), (0, 3), (65002, 0)):
        with b.case("%d %d" % (ident, back)):
            for n in range(2):
                got = b.to4(six(Raw(gre(ident, b"data", n)), d.client,
                                d.server6, nh=47))
                same(got, wanted4(Raw(gre(ident, b"data", n)), d.pool,
                                  d.server, proto=47), free=["id"])
                got = b.to6(four(Raw(gre(back, b"data", n)), d.server, d.pool,
                                 proto=47))
                same(got, six(Raw(gre(back, b"data", n)), d.server6, d.client,
                              nh=47, hlim=63))
    check(len(rows("session show proto gre")) == 1, "one session")
    # A call has its own ids all the same.
    d.call(0, 0).both()


@test("D-01.errors", config=ALG + ["option set other-proto translate"])
def d01_errors(b):
    """They quote the id that was there."""
    d = start(b)
    stray = Call(d, 7, 9, c_told=7, s_told=9).both()
    got = b.to6(err4(Quoted(stray), 3, 0))
    same(got, want_err6(Quoted(stray), 1, 0, inner=stray.six(hlim=63)))
    got = b.to4(err6(Quoted(stray), 1, 0))
    same_err4(got, Quoted(stray), 3, 1)


class Quoted:
    """A call with the names that the makers of ICMP errors use."""

    def __init__(self, call):
        self.call = call
        self.client, self.server = call.d.client, call.d.server
        self.server6, self.pool = call.d.server6, call.d.pool

    def want4(self, data=b"data", **fields):
        return self.call.want4(data, **fields)

    def want6(self, data=b"data", **fields):
        return self.call.want6(data, **fields)

    def six(self, data=b"data", **fields):
        return self.call.six(data, **fields)

    def four(self, data=b"data", **fields):
        return self.call.four(data, **fields)


@test("P-10.errors-46", config=ALG)
def p10_46(b):
    """About the client's packets: it sees the server's id as it knows it."""
    for c, s in ((7, 9), (0, 0)):
        with b.case("%d %d" % (c, s)):
            call = start(b).call(c, s).both()
            q = Quoted(call)
            for kind, code, rest, want, want_rest in (
                    (3, 0, 0, (1, 0), 0), (11, 0, 0, (3, 0), 0),
                    (3, 4, 1400, (2, 0), 1420)):
                got = b.to6(err4(q, kind, code, struct.pack(">I", rest)))
                same(got, want_err6(q, *want, struct.pack(">I", want_rest),
                                    inner=call.six(hlim=63)))
            call.d.say(CLIENT, flags="RA")


@test("P-10.errors-64", config=ALG)
def p10_64(b):
    """About the server's packets."""
    for c, s in ((7, 9), (0, 0)):
        with b.case("%d %d" % (c, s)):
            call = start(b).call(c, s).both()
            q = Quoted(call)
            for kind, code, rest, want, want_rest in (
                    (1, 0, 0, (3, 1), 0), (3, 0, 0, (11, 0), 0),
                    (2, 0, 1400, (3, 4), 1380)):
                got = b.to4(err6(q, kind, code, struct.pack(">I", rest)))
                same_err4(got, q, *want, struct.pack(">I", want_rest))
            call.d.say(CLIENT, flags="RA")


@test("P-10.unknown", config=ALG)
def p10_unknown(b):
    """Ids of no call, and the ids of the other direction"""
    call = start(b).call(7, 9).both()
    b.mark()
    for c, s in ((8, 10), (9, 7), (0, 0), (ZERO, ZERO)):
        with b.case("%d %d" % (c, s)):
            q = Quoted(Call(call.d, c, s))
            b.none4(err4(q, 3, 0))
            b.none6(err6(q, 1, 0))
    b.moved(drop_icmp_unknown=8)


@test("P-11.sizes", config=ALG)
def p11(b):
    """As large as the links allow, in one piece"""
    call = start(b).call(0, 0).both()
    for size in (1199, 1200, 1220, 1228, 1400, 1448):
        with b.case("%d" % size):
            data = bytes(n & 0xff for n in range(size))
            call.out(data)
            if size + 12 + 40 <= 1280:
                call.back(data)
    data = b"x" * 1448
    got = b.x4(call.four(data, flags="DF")).only6()
    same(got, call.want6(data))


@test("P-11.fragments", config=ALG)
def p11_fragments(b):
    call = start(b).call(0, 0).both()
    data = bytes(n * 3 & 0xff for n in range(2500))
    got = b.x6(*frag6(call.six(data), 1200))
    check(not got.six and len(got.four) > 1, "frames")
    check(join4(got.four) == bytes(call.want4(data))[20:], "payload")
    got = b.x4(*frag4(call.four(data), 1200))
    check(not got.four and len(got.six) > 1, "frames")
    check(join6(got.six) == bytes(call.want6(data))[40:], "payload")


@test("P-11.too-big", config=ALG)
def p11_too_big(b):
    call = start(b).call(0, 0).both()
    b.route_mtu4(1300)
    got = b.error6(call.six(b"x" * 1400))
    check(bytes(got)[40:48] == b"\2\0" + bytes(got)[42:44] +
          struct.pack(">I", 1320), "error %r", got.pkt)
    check(bytes(got)[48:148] == bytes(call.six(b"x" * 1400))[:100], "quote")


@test("P-12.off", config=[])
def p12(b):
    """Without the ALG nothing is looked at."""
    d = start(b)
    d.send(CLIENT, OCRQ, 0)
    d.reply(SERVER, OCRP, (0, 0), (0, 0))
    check(not gates(), "gates %r", gates())
    Call(d, 0, 0, 0, 0).silent()
    moved = [name for name in b.delta() if name.startswith("pptp")]
    check(not moved, "counted %r", moved)


@test("G-11.server-inside", config=ALG)
def g11(b):
    """A server behind the translator, called from the IPv4 side"""
    b.configure("binding add %s 1723 to %s 1723 proto tcp" % (C, T))
    d = Pptp(b, port=1723, sport=b.fresh_port())
    d.pool, d.pport = T, 1723
    d.open(SERVER)
    call = Call(d, 0, 0)
    d.send(SERVER, OCRQ, 0, ZERO)
    d.reply(CLIENT, OCRP, (0, ZERO), (ZERO, 0))
    gate46(call)
    gate64(call)
    call.both()
    d.send(SERVER, CCRQ, 0, ZERO)
    d.send(CLIENT, CDN, 0, ZERO)
    call.silent()


@test("SEC-13.other-client", config=ALG)
def sec13(b):
    """Nobody but its two ends can send into a call, or take it over."""
    call = start(b).call(7, 9)
    d = call.d
    stranger = start(b, client=C2)
    twin = start(b, client=C_TWIN)
    b.mark()
    for use in range(2):
        for client in (C2, C_TWIN):
            got = b.x6(six(Raw(gre(9, b"evil", 1)), client, d.server6, nh=47))
            check(not got.four, "%s sends as the client", client)
        got = b.x4(four(Raw(gre(7, b"evil", 1)), S2, T, proto=47))
        check(not got.six, "another server sends")
        got = b.x6(six(Raw(gre(9, b"evil", 1)), d.client, embed(S2), nh=47))
        check(not got.four, "to another server")
        b.moved(drop_protocol=4, pptp_gates_used=0)
        call.both()
        b.mark()
    # Not by messages either: those ids are of no call of theirs.
    for e in (stranger, twin):
        e.send(CLIENT, CCRQ, 7)
        e.send(SERVER, CDN, 9)
        e.send(CLIENT, SLI, 9)
    call.both()


@test("SEC-12.foreign", config=ALG)
def sec12(b):
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00",
                 message(OCRQ, 7), b"\0"):
        with b.case("%r" % data[:10]):
            d = Pptp(b)
            Dialogue.open(d)
            if data == b"\0":           # may yet become a message
                d.hold(CLIENT, data)
                d.tell(b"x", b"\0x")
            else:
                d.tell(data)
            d.tell(message(SCCRQ))
            d.hear(message(SCCRP))
            d.send(CLIENT, OCRQ, 0)
            check(not gates(), "gates %r", gates())
    b.moved(pptp_transparent=4, pptp_errors=4)


@test("P-04.one-octet-each", config=ALG)
def p04(b):
    """Messages that come octet by octet"""
    d = start(b)
    data, image = message(OCRQ, 0), message(OCRQ, ZERO)
    for n in range(len(data) - 1):
        d.hold(CLIENT, data[n:n + 1])
    d.tell(data[-1:], image)
    d.reply(SERVER, OCRP, (0, ZERO), (ZERO, 0))
    Call(d, 0, 0).both()


@test("P-04.fifty", config=ALG)
def p04_fifty(b):
    """Fifty messages in one segment"""
    d = start(b)
    ids = [*range(4)]
    data = b"".join([message(OCRQ, i) for i in ids] +
                    [message(ECHO_RQ, i) for i in range(46)])
    image = b"".join([message(OCRQ, told(i)) for i in ids] +
                     [message(ECHO_RQ, i) for i in range(46)])
    check(len(data) < 1440, "%d octets", len(data))
    d.tell(data, image)
    d.hear(b"".join(message(OCRP, 10 + i, told(i)) for i in ids),
           b"".join(message(OCRP, 10 + i, i) for i in ids))
    for i in ids:
        Call(d, i, 10 + i).both()
    b.moved(pptp_messages=56)


@test("G-10.repeated", config=ALG)
def g10(b):
    """A segment that is sent again is the same, and opens no second gate."""
    d = start(b)
    at, there = d.ends[CLIENT].snd, d.ends[SERVER].rcv
    d.send(CLIENT, OCRQ, 0, ZERO)
    for _ in range(3):
        d.say(CLIENT, message(OCRQ, 0), message(OCRQ, ZERO), seq=at,
              over={"seq": there})
    check(len(gates()) == 1, "gates %r", gates())
    b.moved(pptp_gates_opened=1, pptp_messages=3)


class PptpHairpin(Hairpin, Pptp):
    """The server is C2, behind the same translator, at port 1723 of T."""

    def __init__(self, bed):
        bed.configure("binding add %s 1723 to %s 1723 proto tcp" % (C2, T))
        super().__init__(bed)


@test("HP-03.call", config=ALG)
def hp03(b):
    """
    G-11: both ends behind us, so that every id passes two translations. The
    ends share T, and therefore the ids: a second 65002 would be remapped.
    """
    d = PptpHairpin(b).open()
    d.send(CLIENT, OCRQ, 0, ZERO)
    d.reply(SERVER, OCRP, (5, 5), (ZERO, 0))
    d.send(CLIENT, SLI, 5)
    d.send(SERVER, SLI, ZERO, 0)

    def there(ident, **fields):
        return six(Raw(gre(ident, b"there", 1)), nh=47, **fields)

    for client, server, ident, becomes in ((C, C2, 5, 5), (C2, C, ZERO, 0)) * 2:
        got = b.x6(there(ident, src=client, dst=d.server6)).only6()
        sent = there(becomes, src=d.server6, dst=server, hlim=63)
        same(got, sent)
        # What is wrong with it comes back with the id that was sent.
        got = b.x6(six(Raw(icmp6(server, d.server6, 1, 0, sent)), server,
                       d.server6, nh=58)).only6()
        quoted = there(ident, src=client, dst=d.server6, hlim=63)
        same(got, six(Raw(icmp6(d.server6, client, 1, 0, quoted)),
                      d.server6, client, nh=58, hlim=63))
    check(len(rows("session show proto gre")) == 4, "sessions")
    d.send(CLIENT, CCRQ, 0, ZERO)
    d.send(SERVER, CDN, 5)
    check(not rows("session show proto gre"), "sessions after the end")
