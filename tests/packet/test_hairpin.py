# SPDX-License-Identifier: GPL-2.0
"""Section 10: two clients behind one translator."""
import random
import struct

from ktap import test
from wire import *

RNG = random.Random(10)
T6 = embed(T)


class Pair:
    """A (C) talks to the pool endpoint of B (C2)."""

    def __init__(self, b, kind=Udp, server_kind=None):
        self.b = b
        self.inside = (server_kind or kind)(b, client=C2).open()
        self.port = b.fresh_port()
        self.pport = None

    def there(self, data=b"ping", **fields):
        return six(UDP(sport=self.port, dport=self.inside.pport) / Raw(data),
                   C, T6, **fields)

    def seen(self, data=b"ping", **fields):
        """What B must see."""
        fields.setdefault("hlim", 63)
        return six(UDP(sport=self.pport, dport=self.inside.port) / Raw(data),
                   T6, C2, **fields)

    def answer(self, data=b"pong", **fields):
        return six(UDP(sport=self.inside.port, dport=self.pport) / Raw(data),
                   C2, T6, **fields)

    def seen_back(self, data=b"pong", **fields):
        fields.setdefault("hlim", 63)
        return six(UDP(sport=self.inside.pport, dport=self.port) / Raw(data),
                   T6, C, **fields)

    def open(self):
        got = self.b.x6(self.there()).only6()
        self.pport = got[UDP].sport
        same(got, self.seen())
        return self


@test("HP-01.udp")
def udp(b):
    pair = Pair(b)
    b.mark()
    pair.open()
    same(b.x6(pair.answer()).only6(), pair.seen_back())
    same(b.x6(pair.there(b"more")).only6(), pair.seen(b"more"))
    moved = b.delta()
    check(moved.get("hairpinned") == 3, "counters %r", moved)


@test("HP-01.tcp")
def tcp(b):
    inside = Syn(b, client=C2).open()
    port = b.fresh_port()

    def segment(sport, dport, flags, seq, ack):
        return TCP(sport=sport, dport=dport, flags=flags, seq=seq, ack=ack)
    got = b.x6(six(segment(port, inside.pport, "S", 1, 0), C, T6)).only6()
    pport = got[TCP].sport
    same(got, six(segment(pport, inside.port, "S", 1, 0), T6, C2, hlim=63))
    got = b.x6(six(segment(inside.port, pport, "SA", 9, 2), C2, T6)).only6()
    same(got, six(segment(inside.pport, port, "SA", 9, 2), T6, C, hlim=63))
    got = b.x6(six(segment(port, inside.pport, "A", 2, 10), C, T6)).only6()
    same(got, six(segment(pport, inside.port, "A", 2, 10), T6, C2, hlim=63))
    row = b.session(client_addr=v6(C))
    check(row["state"] == "established", "state %s", row["state"])


@test("HP-01.static-binding")
def static(b):
    b.configure("binding add %s 80 to %s 8080 proto udp" % (C2, T))
    got = b.x6(six(UDP(sport=5555, dport=8080) / b"x", C, T6)).only6()
    same(got, six(UDP(sport=5555, dport=80) / b"x", T6, C2, hlim=63))


@test("HP-01.no-binding")
def no_binding(b):
    got = b.x6(six(UDP(sport=5555, dport=8080) / b"x", C, T6))
    check(not got.four, "left on the IPv4 side")
    check(not [f for f in got.six if v6(f[IPv6].dst) != v6(C)], "delivered")
    b.moved(drop_no_binding=1)


@test("HP-02.source")
def source(b):
    pair = Pair(b).open()
    got = b.x6(pair.there()).only6()
    check(v6(got[IPv6].src) == v6(T6), "B sees %s", got[IPv6].src)
    check(got[UDP].sport == b.binding(client_addr=v6(C))["pool_port"],
          "B sees port %d", got[UDP].sport)


@test("HP-02.checksums")
def checksums(b):
    pair = Pair(b).open()
    for size in (0, 1, 2, 77, 1400):
        data = RNG.randbytes(size)
        same(b.x6(pair.there(data)).only6(), pair.seen(data))
        same(b.x6(pair.answer(data)).only6(), pair.seen_back(data))


@test("HP-03.errors")
def errors(b):
    """B answers with an error; A sees one about what A had sent."""
    pair = Pair(b).open()
    for kind, code, rest, want in (
            (1, 4, 0, (1, 4, 0)), (1, 0, 0, (1, 0, 0)),
            (3, 0, 0, (3, 0, 0)), (1, 1, 0, (1, 1, 0))):
        with b.case("%d/%d" % (kind, code)):
            sent = six(Raw(icmp6(C2, T6, kind, code, pair.seen(),
                                 struct.pack(">I", rest))), C2, T6, nh=58)
            got = b.x6(sent).only6()
            same(got, six(Raw(icmp6(T6, C, want[0], want[1],
                                    pair.there(hlim=63),
                                    struct.pack(">I", want[2]))),
                          T6, C, nh=58, hlim=63))
    check(b.delta().get("icmp-errors-sent", 0) == 0, "errors of our own")


@test("HP-03.error-from-the-caller")
def error_from_caller(b):
    pair = Pair(b).open()
    sent = six(Raw(icmp6(C, T6, 1, 4, pair.seen_back())), C, T6, nh=58)
    got = b.x6(sent).only6()
    same(got, six(Raw(icmp6(T6, C2, 1, 4, pair.answer(hlim=63))), T6, C2,
                  nh=58, hlim=63))


@test("HP-03.echo")
def echo(b):
    """Two subscribers with an address each ping one another."""
    b.reconfigure("prefix add " + P64, "pool add 198.51.100.2/31 no-pat",
                  "limit set held-ports 0", "option set icmp-error-rate 0")
    one, two = Echo(b, port=700).open(), Echo(b, client=C2, port=700).open()
    check(one.pool != two.pool, "one address")
    got = b.x6(six(ICMPv6EchoRequest(id=700, seq=9, data=b"e"), C,
                   embed(two.pool))).only6()
    same(got, six(ICMPv6EchoRequest(id=700, seq=9, data=b"e"),
                  embed(one.pool), C2, hlim=63))
    got = b.x6(six(ICMPv6EchoReply(id=700, seq=9, data=b"e"), C2,
                   embed(one.pool))).only6()
    same(got, six(ICMPv6EchoReply(id=700, seq=9, data=b"e"),
                  embed(two.pool), C, hlim=63))


@test("HP-04.hop-limit-once")
def hop_limit(b):
    pair = Pair(b).open()
    for hlim in (2, 64, 255):
        with b.case(hlim):
            same(b.x6(pair.there(hlim=hlim)).only6(),
                 pair.seen(hlim=hlim - 1))


@test("HP-04.expired")
def expired(b):
    pair = Pair(b).open()
    got = b.error6(pair.there(hlim=1))
    check(ICMPv6TimeExceeded in got and v6(got[IPv6].dst) == v6(C),
          "no error")


@test("HP-05.own-binding")
def own_binding(b):
    flow = Udp(b).open()
    b.mark()
    got = b.x6(six(UDP(sport=flow.port, dport=flow.pport) / b"x", C, T6))
    check(not got.four, "left on the IPv4 side")
    check(len(got.six) <= 1, "%d frames", len(got.six))
    b.moved(drop_hairpin_loop=1)
    flow.back()


@test("HP-05.echo-to-own-identifier")
def echo_own(b):
    flow = Echo(b).open()
    b.mark()
    got = b.x6(six(ICMPv6EchoRequest(id=flow.port, seq=1), C, T6))
    check(not got.four and len(got.six) <= 1, "looped")
    check(b.delta().get("translated-6to4", 0) <= 1, "looped")


@test("HP-05.prefix-as-source")
def prefix_source(b):
    pair = Pair(b).open()
    b.mark()
    b.none6(six(UDP(sport=pair.pport, dport=pair.inside.pport) / b"x", T6,
                T6))
    b.moved(drop_prefix_source=1)


@test("HP-06.packet-too-big")
def too_big(b):
    pair = Pair(b).open()
    for told, want in ((1400, 1400), (1280, 1280), (1200, 1280),
                       (9000, 1500)):
        with b.case(told):
            sent = six(Raw(icmp6(C2, T6, 2, 0, pair.seen(),
                                 struct.pack(">I", told))), C2, T6, nh=58)
            got = b.x6(sent).only6()
            same(got, six(Raw(icmp6(T6, C, 2, 0, pair.there(hlim=63),
                                    struct.pack(">I", want))), T6, C, nh=58,
                          hlim=63))


@test("HP-06.fragments")
def fragments(b):
    pair = Pair(b).open()
    data = RNG.randbytes(2500)
    pieces = frag6(pair.there(data), 1200)
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        with b.case(order):
            got = b.x6(*[pieces[n] for n in order])
            check(not got.four, "left on the IPv4 side")
            check(join6(got.six) == bytes(pair.seen(data))[40:], "bytes")


@test("HP-06.full-size")
def full_size(b):
    """No detour through IPv4 makes a packet too big or cuts it."""
    pair = Pair(b).open()
    for size in (1232, 1233, 1400, 1452):
        with b.case(size):
            data = RNG.randbytes(size)
            same(b.x6(pair.there(data)).only6(), pair.seen(data))
