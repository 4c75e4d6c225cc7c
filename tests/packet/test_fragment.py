# SPDX-License-Identifier: GPL-2.0
"""Section 5: fragments and path MTU."""
import itertools
import random
import struct
import time

from ktap import test
from tool import refused
from wire import *

RNG = random.Random(5)


def offsets(frames):
    """(offset in bytes, more, bytes of payload, id) of IPv6 fragments."""
    out = []
    for frame in frames:
        data = bytes(frame)
        check(data[6] == 44, "next header %d", data[6])
        field, ident = struct.unpack_from(">HI", data, 42)
        out.append((field & 0xfff8, field & 1, len(data) - 48, ident))
    return out


@test("F-01.too-big-4to6")
def too_big_46(b):
    b.mtu("p6", 1280)
    flow = Udp(b).open()
    b.mark()
    for size in (1261, 1400, 1500):
        with b.case(size):
            sent = flow.four(b"b" * (size - 28), flags="DF")
            got = b.error4(sent)
            check((got[ICMP].type, got[ICMP].code) == (3, 4), "%d/%d",
                  got[ICMP].type, got[ICMP].code)
            check(struct.unpack_from(">HH", bytes(got), 24) == (0, 1260),
                  "MTU %r", struct.unpack_from(">HH", bytes(got), 24))
            check(got[IP].src == PLAT4, "from %s", got[IP].src)
            check(bytes(sent).startswith(bytes(got)[28:]), "quote")
            check(len(got) >= 56, "quotes too little")
    b.moved(drop_too_big=3, icmp_errors_sent=3)
    data = b"b" * (1260 - 28)
    same(b.to6(flow.four(data, flags="DF")), flow.want6(data))


@test("F-01.default-mtu")
def too_big_default(b):
    flow = Udp(b).open()
    data = b"b" * (1480 - 28)
    same(b.to6(flow.four(data, flags="DF")), flow.want6(data))
    got = b.error4(flow.four(data + b"b", flags="DF"))
    check(struct.unpack_from(">H", bytes(got), 26)[0] == 1480, "MTU")


@test("F-02.cut-to-1280")
def cut_to_1280(b):
    flow = Udp(b).open()
    data = RNG.randbytes(1428 - 28)
    got = b.x4(flow.four(data, id=0xbeef)).six
    check([len(f) for f in got] == [1280, 224], "lengths %r",
          [len(f) for f in got])
    check(offsets(got) == [(0, 1, 1232, 0xbeef), (1232, 0, 176, 0xbeef)],
          "%r", offsets(got))
    check(join6(got) == bytes(flow.want6(data))[40:], "other bytes")
    for frame in got:
        check(frame[IPv6].hlim == 63 and frame[IPv6].tc == 0, "header")
    b.moved(fragmented_ipv6=1, translated_4to6=1, translated_6to4=1)


@test("F-02.edge")
def cut_edge(b):
    flow = Udp(b).open()
    for size, pieces in ((1260, 1), (1261, 2), (1500, 2)):
        with b.case(size):
            data = RNG.randbytes(size - 28)
            got = b.x4(flow.four(data)).six
            check(len(got) == pieces, "%d pieces", len(got))
            if pieces == 1:
                same(got[0], flow.want6(data))
            else:
                check(all(len(f) <= 1280 for f in got), "too long")
                check(join6(got) == bytes(flow.want6(data))[40:], "bytes")


@test("F-02.tcp-and-icmp")
def cut_others(b):
    data = RNG.randbytes(1400)
    flow = Echo(b).open()
    got = b.x4(flow.four(data)).six
    check(join6(got) == bytes(flow.want6(data))[40:], "icmp")
    flow = Syn(b).open()
    segment = TCP(sport=flow.sport, dport=flow.pport, flags="A", seq=5,
                  ack=1001) / Raw(data)
    got = b.x4(four(segment, S, flow.pool)).six
    segment[TCP].dport = flow.port
    check(join6(got) == bytes(six(segment, S6, C))[40:], "tcp")


@test("F-03.lowest-mtu")
def lowest_mtu(b):
    flow = Udp(b).open()
    b.configure("option set lowest-ipv6-mtu 1500")
    for size in (1428, 1480):
        data = RNG.randbytes(size - 28)
        same(b.to6(flow.four(data)), flow.want6(data))
    data = RNG.randbytes(1500 - 28)
    got = b.x4(flow.four(data)).six
    check(len(got) == 2 and len(got[0]) <= 1500 and len(got[0]) > 1280,
          "lengths %r", [len(f) for f in got])
    check(join6(got) == bytes(flow.want6(data))[40:], "other bytes")
    refused("option set lowest-ipv6-mtu 1279")
    refused("option set lowest-ipv6-mtu 65536")


@test("F-03.not-above-the-next-hop")
def lowest_mtu_link(b):
    flow = Udp(b).open()
    b.configure("option set lowest-ipv6-mtu 1500")
    b.mtu("p6", 1400)
    data = RNG.randbytes(1480 - 28)
    got = b.x4(flow.four(data)).six
    check(len(got) == 2 and all(len(f) <= 1400 for f in got), "lengths %r",
          [len(f) for f in got])
    check(join6(got) == bytes(flow.want6(data))[40:], "other bytes")


@test("F-04.one-identification")
def one_identification(b):
    flow = Udp(b).open()
    for ident in (1, 0x8000, 0xffff):
        got = b.x4(flow.four(b"x" * 1400, id=ident)).six
        check({o[3] for o in offsets(got)} == {ident}, "ids %r", offsets(got))


@test("F-05.fragments-cut-further")
def cut_further(b):
    flow = Udp(b).open()
    data = RNG.randbytes(4000)
    got = b.x4(*frag4(flow.four(data, id=0x7777), 1480)).six
    check(all(len(f) <= 1280 for f in got), "too long")
    check({o[3] for o in offsets(got)} == {0x7777}, "ids %r", offsets(got))
    check(join6(got) == bytes(flow.want6(data))[40:], "other bytes")


@test("F-05.fragments-kept")
def fragments_kept(b):
    flow = Udp(b).open()
    data = RNG.randbytes(1992)
    for size in (1232, 8 * 100, 8 * 63):
        with b.case(size):
            got = b.x4(*frag4(flow.four(data, id=0x7777), size)).six
            want = [(at, int(at + size < 2000), min(size, 2000 - at), 0x7777)
                    for at in range(0, 2000, size)]
            check(offsets(got) == want, "%r, wanted %r", offsets(got), want)
            check(join6(got) == bytes(flow.want6(data))[40:], "other bytes")


@test("F-06.fragments-6to4")
def fragments_64(b):
    """
    Offsets and M as received, DF clear. The identification is not the low
    half of the IPv6 one: a pool address is shared (RFC 7857 10).
    """
    flow = Udp(b).open()
    data = RNG.randbytes(2992)
    for size in (1232, 1024):
        with b.case(size):
            got = b.x6(*frag6(flow.six(data), size)).four
            check(join4(got) == bytes(flow.want4(data))[20:], "other bytes")
            check(len({f[IP].id for f in got}) == 1, "ids differ")
            check(all(bytes(f)[6] & 0x40 == 0 for f in got), "DF set")
            check([len(f) - 20 for f in got][:-1] == [size] * (len(got) - 1),
                  "lengths %r", [len(f) for f in got])
            check(all(checksum(f.ip[:20]) == 0 and f[IP].ttl == 63
                      for f in got), "header")


@test("F-06.atomic-fragment")
def atomic(b):
    flow = Udp(b).open()
    for data in (b"atomic", b"a" * 1300):
        with b.case(len(data)):
            sent = frag6(flow.six(data), 4000)
            check(len(sent) == 1, "our own mistake")
            got = b.to4(sent[0])
            same(got, flow.want4(data, flags=0), free=["id"])


@test("F-07.extension-header-behind")
def extension_behind(b):
    """
    A fragment header in front of another extension header. The datagram is
    whole before we see it, so the reason of the clause (the transport header
    cannot be found in every piece) is gone: it is translated, or refused.
    """
    flow = Udp(b).open()
    tail = IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])
    whole = six(tail / flow.l4out(flow.port, b"d" * 1000))
    for pieces in (frag6(whole, 600), frag6(whole, 4000)):
        with b.case(len(pieces)):
            got = b.x6(*pieces)
            if got.six:
                check(got.six[0][ICMPv6DestUnreach].code == 1, "not 1/1")
                continue
            check(join4(got.four) == bytes(flow.want4(b"d" * 1000))[20:],
                  "other bytes")


@test("F-07.unfinished-datagram")
def extension_unfinished(b):
    flow = Udp(b).open()
    tail = IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])
    whole = six(tail / flow.l4out(flow.port, b"d" * 1000))
    b.none6(frag6(whole, 600)[0])
    b.none6(frag6(whole, 600)[1])


@test("F-08.small-ipv6-fragmented-in-ipv4")
def fragmented_in_ipv4(b):
    b.route_mtu4(1000)
    flow = Udp(b).open()
    for size in (1280, 1100):
        with b.case(size):
            data = RNG.randbytes(size - 48)
            got = b.x6(flow.six(data)).four
            check(len(got) == 2 and all(len(f) <= 1000 for f in got),
                  "lengths %r", [len(f) for f in got])
            check(join4(got) == bytes(flow.want4(data))[20:], "bytes")
            check(all(bytes(f)[6] & 0x40 == 0 for f in got), "DF set")
            check(len({f[IP].id for f in got}) == 1, "ids differ")


@test("F-09.too-big-6to4")
def too_big_64(b):
    b.mtu("p4", 1400)
    flow = Udp(b).open()
    b.mark()
    for size in (1440, 1500, 1421):
        with b.case(size):
            sent = flow.six(b"b" * (size - 48))
            got = b.error6(sent)
            check(got[ICMPv6PacketTooBig].mtu == 1420, "MTU %d",
                  got[ICMPv6PacketTooBig].mtu)
            check(v6(got[IPv6].src) == PLAT6, "from %s", got[IPv6].src)
            check(bytes(sent).startswith(bytes(got)[48:]) and
                  len(got) == min(1280, 48 + size), "quote of %d", len(got))
    b.moved(drop_too_big=3, icmp_errors_sent=3)
    data = b"b" * (1420 - 48)
    same(b.to4(flow.six(data)), flow.want4(data), free=["id"])


@test("F-09.mtu-at-least-1280")
def too_big_floor(b):
    b.route_mtu4(1200)
    flow = Udp(b).open()
    got = b.error6(flow.six(b"b" * (1281 - 48)))
    check(got[ICMPv6PacketTooBig].mtu == 1280, "MTU %d",
          got[ICMPv6PacketTooBig].mtu)


@test("F-09.fragments-above-the-next-hop")
def fragments_above(b):
    """Of the two ways that the clause allows: they are cut again in IPv4."""
    b.mtu("p4", 1300)
    flow = Udp(b).open()
    data = RNG.randbytes(2800)
    got = b.x6(*frag6(flow.six(data), 1400))
    if got.six:
        check(got.six[0][ICMPv6PacketTooBig].mtu == 1328, "MTU")
        return
    check(all(len(f) <= 1300 for f in got.four), "lengths %r",
          [len(f) for f in got.four])
    check(join4(got.four) == bytes(flow.want4(data))[20:], "other bytes")


def bodies(flow, size=2000):
    """(packet at n6, wanted at n4, packet at n4, wanted at n6)"""
    data = RNG.randbytes(size)
    if flow.proto == "tcp":
        def segment(sport, dport, seq, ack):
            return TCP(sport=sport, dport=dport, flags="A", seq=seq,
                       ack=ack) / Raw(data)
        return (six(segment(flow.port, 7, 1001, 0)),
                wanted4(segment(flow.pport, 7, 1001, 0)),
                four(segment(7, flow.pport, 5, 1001)),
                six(segment(7, flow.port, 5, 1001), S6, C, hlim=63))
    return flow.six(data), flow.want4(data), flow.four(data), flow.want6(data)


@test("F-10.any-order")
def any_order(b):
    for kind in (Udp, Echo, Syn):
        flow = kind(b).open()
        out, out4, back, back6 = bodies(flow)
        for order in itertools.permutations(range(3)):
            with b.case("%s %r" % (flow.proto, order)):
                pieces = frag6(out, 800, ident=RNG.randrange(1 << 32))
                got = b.x6(*[pieces[n] for n in order]).four
                check(join4(got) == bytes(out4)[20:], "6to4")
                back.id = RNG.randrange(65536)
                pieces = frag4(back, 800)
                got = b.x4(*[pieces[n] for n in order]).six
                check(join6(got) == bytes(back6)[40:], "4to6")


@test("F-10.missing-piece")
def missing_piece(b):
    flow = Udp(b).open()
    out, _, back, _ = bodies(flow)
    b.none6(*frag6(out, 800)[:2])
    b.none4(*frag4(back, 800)[1:])
    flow.out()
    flow.back()


@test("F-10.interleaved-datagrams")
def interleaved(b):
    one, two = Udp(b).open(), Udp(b, client=C2).open()
    data = [RNG.randbytes(2000), RNG.randbytes(2000)]
    first = frag6(one.six(data[0]), 800, ident=1)
    second = frag6(two.six(data[1]), 800, ident=1)
    got = b.x6(first[2], second[0], first[0], second[2], first[1],
               second[1]).four
    bodies_ = []
    for ident in {f[IP].id for f in got}:
        bodies_.append(join4([f for f in got if f[IP].id == ident]))
    check(sorted(bodies_) == sorted([bytes(one.want4(data[0]))[20:],
                                     bytes(two.want4(data[1]))[20:]]),
          "datagrams mixed")


@test("F-11.flood-of-fragments")
def fragment_flood(b):
    flow = Udp(b).open()
    b.proc("net/ipv4/ipfrag_time", 1)
    b.proc("net/netfilter/nf_conntrack_frag6_timeout", 1)
    whole = flow.six(b"f" * 1400)
    piece = bytearray(bytes(frag6(whole, 1000)[1]))
    piece4 = bytearray(bytes(frag4(flow.four(b"f" * 1400), 1000)[1]))
    for n in range(3000):
        struct.pack_into(">I", piece, 44, n)
        b.c6.send(bytes(piece))
        struct.pack_into(">H", piece4, 4, n)
        struct.pack_into(">H", piece4, 10, 0)
        struct.pack_into(">H", piece4, 10, checksum(bytes(piece4[:20])))
        b.s4.send(bytes(piece4))
        if n % 100 == 99:
            b.settle().nothing("fragments")
    flow.out(b"unfragmented")
    flow.back(b"unfragmented")
    Echo(b).open().back()
    data = RNG.randbytes(1500)
    b.poll("room for fragments again, IPv6",
           lambda: b.x6(*frag6(flow.six(data), 800)).four)
    b.poll("room for fragments again, IPv4",
           lambda: b.x4(*frag4(flow.four(data), 800)).six)


@test("F-12.fragment-timeout")
def fragment_timeout(b):
    """The second piece may come 2 s later (FRAGMENT_MIN)."""
    flow = Udp(b).open()
    data = RNG.randbytes(1500)
    six_ = frag6(flow.six(data), 800)
    four_ = frag4(flow.four(data), 800)
    b.none6(six_[0])
    b.none4(four_[0])
    until = time.monotonic() + 2.0
    b.poll("two seconds", lambda: time.monotonic() > until)
    got = b.x6(six_[1]).four
    check(join4(got) == bytes(flow.want4(data))[20:], "6to4")
    got = b.x4(four_[1]).six
    check(join6(got) == bytes(flow.want6(data))[40:], "4to6")


@test("F-13.tiny-first-fragment")
def tiny_first(b):
    """
    A TCP header in two fragments: judged as a whole (or dropped), never by
    its first eight bytes.
    """
    flow = Syn(b).open()
    out, out4, back, back6 = bodies(flow, 600)
    got = b.x6(*frag6(out, 8)[:1])
    got.nothing("the first eight bytes alone")
    body = bytes(out)[40:]
    head = frag6(out, 8, ident=9)[0]
    rest = frag6(out, 8, ident=9)[1]
    rest.plen = 8 + len(body) - 8
    rest = bytes(rest)[:40] + struct.pack(">BBHI", 6, 0, 8, 9) + body[8:]
    got = b.x6(head, rest).four
    if got:
        check(join4(got) == bytes(out4)[20:], "6to4")
    got = b.x4(*frag4(back, 8)).six
    if got:
        check(join6(got) == bytes(back6)[40:], "4to6")


def overlap6(flow, data):
    body = bytes(flow.six(data))[40:]

    def piece(at, size, more):
        return IPv6(src=C, dst=S6, nh=44) / IPv6ExtHdrFragment(
            nh=17, offset=at // 8, m=more, id=0x0ff5e7) / Raw(
            body[at:at + size])
    return [piece(0, 800, 1), piece(792, 400, 1), piece(1192, 2000, 0)]


@test("F-14.overlapping-ipv6")
def overlapping6(b):
    flow = Udp(b).open()
    pieces = overlap6(flow, b"o" * 1500)
    for order in itertools.permutations(range(3)):
        with b.case(order):
            b.none6(*[pieces[n] for n in order])
    flow.out()


@test("F-14.overlapping-ipv4")
def overlapping4(b):
    flow = Udp(b).open()
    body = bytes(flow.four(b"o" * 1500))[20:]
    pieces = []
    for at, size, more in ((0, 800, 1), (792, 400, 1), (1192, 2000, 0)):
        pieces.append(IP(src=S, dst=flow.pool, proto=17, id=0xe44,
                         flags=more, frag=at // 8) / Raw(body[at:at + size]))
    for order in itertools.permutations(range(3)):
        with b.case(order):
            b.none4(*[pieces[n] for n in order])
    flow.back()


@test("F-17.mss-clamp")
def mss_clamp(b):
    def syn(sport, dport, mss, flags):
        return TCP(sport=sport, dport=dport, flags=flags, seq=1,
                   options=[("MSS", mss), ("NOP", None), ("WScale", 7)])
    for clamp, mss, want in (("off", 1460, 1460), ("on", 1460, 1440),
                             ("on", 536, 536), ("on", 1440, 1440)):
        with b.case("%s %d" % (clamp, mss)):
            b.configure("option set mss-clamp " + clamp)
            port = b.fresh_port()
            got = b.to4(six(syn(port, 80, 1400, "S")))
            pport = got[TCP].sport
            same(got, wanted4(syn(pport, 80, 1400, "S")), free=["id"])
            got = b.to6(four(syn(80, pport, mss, "SA")))
            same(got, six(syn(80, port, want, "SA"), S6, C, hlim=63))


@test("F-17.mss-clamp-small-links")
def mss_clamp_links(b):
    def syn(sport, dport, mss, flags):
        return TCP(sport=sport, dport=dport, flags=flags, seq=1,
                   options=[("MSS", mss)])
    b.configure("option set mss-clamp on")
    b.mtu("p6", 1380)
    port = b.fresh_port()
    pport = b.to4(six(syn(port, 80, 1300, "S")))[TCP].sport
    got = b.to6(four(syn(80, pport, 1460, "SA")))
    same(got, six(syn(80, port, 1320, "SA"), S6, C, hlim=63))


@test("F-17.without-mss-option")
def mss_absent(b):
    b.configure("option set mss-clamp on")
    flow = Syn(b).open()
    flow.back()
