# SPDX-License-Identifier: GPL-2.0
"""
Section 4: ICMP. An error from the IPv4 side quotes what the client's packet
became, one from the IPv6 side what the server's packet became; both must
arrive quoting what their receiver had sent.
"""
import struct

from ktap import test
from test_header46 import with_options
from wire import *

R46 = embed(R4)


def word(value):
    return struct.pack(">I", value)


def quoted4(flow, data=b"data", **fields):
    """The client's packet as the IPv4 side saw it."""
    packet = flow.want4(data, **fields)
    packet.id = 0x4321
    return packet


def err4(flow, kind, code, rest=b"\0" * 4, inner=None, src=R4, bad=0, **ip):
    inner = bytes(quoted4(flow) if inner is None else inner)
    return four(Raw(icmp4(kind, code, inner, rest, bad)), src=src,
                dst=flow.pool, proto=1, **ip)


def err6(flow, kind, code, rest=b"\0" * 4, inner=None, src=None, bad=0, **ip):
    src = src or flow.client
    inner = bytes(flow.want6() if inner is None else inner)
    dst = flow.server6
    return six(Raw(icmp6(src, dst, kind, code, inner, rest, bad)), src, dst,
               nh=58, **ip)


def want_err6(flow, kind, code, rest=b"\0" * 4, inner=None, src=R46, hlim=63,
              **ip):
    """The ICMPv6 error that the client must see; INNER is what it had sent."""
    inner = bytes(flow.six(hlim=63) if inner is None else inner)
    return six(Raw(icmp6(src, flow.client, kind, code, inner, rest)), src,
               flow.client, nh=58, hlim=hlim, **ip)


def same_err4(got, flow, kind, code, rest=b"\0" * 4, inner=None, src=None):
    """GOT is the ICMPv4 error; the id inside is the translator's choice."""
    have = bytes(got)
    inner = (flow.four(ttl=63) if inner is None else inner).copy()
    quoted = have[28:]
    inner.id = struct.unpack_from(">H", quoted, 4)[0]
    del inner.chksum
    body = bytes(inner)
    message = icmp4(kind, code, body, rest)
    want = IP(src=src or flow.pool, dst=flow.server, ttl=63, proto=1,
              flags=0) / Raw(message)
    same(got, want, free=["id"])


# The tables of requirements.md: what each type and code becomes, None: drop.

TYPES46 = {(3, c): None for c in range(0, 40)}
TYPES46.update({(3, c): (1, 0) for c in (0, 1, 5, 6, 7, 8, 11, 12)})
TYPES46.update({(3, 2): (4, 1), (3, 3): (1, 4), (3, 4): (2, 0)})
TYPES46.update({(3, c): (1, 1) for c in (9, 10, 13, 15)})
TYPES46.update({(11, c): (3, c) for c in (0, 1)})
TYPES46.update({(12, 0): (4, 0), (12, 2): (4, 0), (12, 1): None,
                (12, 3): None})
TYPES46.update({(kind, 0): None for kind in (4, 5, 6, 9, 10, 40, 255)})

TYPES64 = {(1, 0): (3, 1), (1, 1): (3, 10), (1, 2): (3, 1), (1, 3): (3, 1),
           (1, 4): (3, 3), (1, 5): None, (1, 6): None, (1, 7): None,
           (1, 255): None, (2, 0): (3, 4), (3, 0): (11, 0), (3, 1): (11, 1),
           (4, 0): (12, 0), (4, 1): (3, 2), (4, 2): None, (4, 3): None,
           (5, 0): None, (100, 0): None, (101, 0): None, (127, 0): None}

POINTER46 = {0: 0, 1: 1, 2: 4, 3: 4, 8: 7, 9: 6}
POINTER46.update({p: 8 for p in range(12, 16)})
POINTER46.update({p: 24 for p in range(16, 20)})
POINTER64 = {0: 0, 1: 1, 4: 2, 5: 2, 6: 9, 7: 8}
POINTER64.update({p: 12 for p in range(8, 24)})
POINTER64.update({p: 16 for p in range(24, 40)})


def rest46(kind, code):
    """(what is sent, what must come) in the second word of the header."""
    if (kind, code) == (3, 4):
        return word(1400), word(1420)
    if (kind, code) == (3, 2):
        return word(0), word(6)
    if kind == 12:
        return bytes([8, 0, 0, 0]), word(7)
    return word(0), word(0)


@test("I-01.4to6-types")
def types46(b):
    flow = Udp(b).open()
    b.mark()
    passed = dropped = 0
    for (kind, code), to in TYPES46.items():
        with b.case("%d/%d" % (kind, code)):
            sent, rest = rest46(kind, code)
            packet = err4(flow, kind, code, sent)
            if to:
                passed += 1
                same(b.to6(packet), want_err6(flow, *to, rest))
            else:
                dropped += 1
                b.none4(packet)
    b.moved(translated_4to6=passed, icmp_error_4to6=passed,
            drop_icmp_type=dropped, icmp_errors_sent=0)


@test("I-01.4to6-queries-without-translation")
def queries46(b):
    flow = Echo(b).open()
    b.mark()
    kinds = (13, 14, 15, 16, 17, 18, 30, 42)
    for kind in kinds:
        with b.case(kind):
            b.none4(four(Raw(icmp4(kind, 0, b"x" * 16,
                                   struct.pack(">HH", flow.pport, 1))),
                         proto=1))
    b.moved(drop_icmp_type=len(kinds), icmp_errors_sent=0)


@test("I-01.4to6-igmp")
def igmp(b):
    Udp(b).open()
    got = b.x4(four(Raw(b"\x16\0\0\0" + b"\0" * 4), proto=2))
    check(not got.six, "translated")


@test("I-01.4to6-pointers")
def pointers46(b):
    flow = Udp(b).open()
    b.mark()
    dropped = 0
    for pointer in list(range(0, 22)) + [40, 255]:
        with b.case(pointer):
            packet = err4(flow, 12, 0, bytes([pointer, 0, 0, 0]))
            if pointer in POINTER46:
                same(b.to6(packet),
                     want_err6(flow, 4, 0, word(POINTER46[pointer])))
            else:
                dropped += 1
                b.none4(packet)
    b.moved(drop_icmp_type=dropped, icmp_errors_sent=0)


def rest64(kind, code):
    if (kind, code) == (2, 0):
        return word(1400), word(1380)
    if (kind, code) == (4, 0):
        return word(7), bytes([8, 0, 0, 0])
    if (kind, code) == (4, 1):
        return word(6), word(0)
    return word(0), word(0)


@test("I-01.6to4-types")
def types64(b):
    flow = Udp(b).open()
    b.mark()
    passed = dropped = 0
    for (kind, code), to in TYPES64.items():
        with b.case("%d/%d" % (kind, code)):
            sent, rest = rest64(kind, code)
            packet = err6(flow, kind, code, sent)
            if to:
                passed += 1
                same_err4(b.to4(packet), flow, *to, rest)
            else:
                dropped += 1
                b.none6(packet)
    b.moved(translated_6to4=passed, icmp_error_6to4=passed,
            drop_icmp_type=dropped, icmp_errors_sent=0)


@test("I-01.6to4-informational")
def informational64(b):
    kinds = (130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 143, 160,
             255)
    for kind in kinds:
        with b.case(kind):
            b.none6(six(Raw(icmp6(C, S6, kind, 0, b"x" * 20)), nh=58,
                        hlim=255))
    moved = b.delta()
    check(moved.get("drop-icmp-type", 0) >= len(kinds) - 5, "counters %r",
          moved)
    check(b.count() == (0, 0), "state was made")


@test("I-01.6to4-pointers")
def pointers64(b):
    flow = Udp(b).open()
    b.mark()
    dropped = 0
    for pointer in list(range(0, 43)) + [48, 255, 256, 65536, 0xffffffff]:
        with b.case(pointer):
            packet = err6(flow, 4, 0, word(pointer))
            if pointer in POINTER64:
                same_err4(b.to4(packet), flow, 12, 0,
                          bytes([POINTER64[pointer], 0, 0, 0]))
            else:
                dropped += 1
                b.none6(packet)
    b.moved(drop_icmp_type=dropped, icmp_errors_sent=0)


@test("I-02.checksums")
def checksums(b):
    flow = Udp(b).open()
    got = b.to6(err4(flow, 11, 0))
    check(raw_sum6(R46, C, 58, bytes(got)[40:]) == 0, "ICMPv6 checksum")
    got = b.to4(err6(flow, 3, 0))
    check(checksum(bytes(got)[20:]) == 0, "ICMPv4 checksum")
    echo = Echo(b).open()
    got = b.to4(echo.six(b"odd"))
    check(checksum(bytes(got)[20:]) == 0, "echo request checksum")
    got = b.to6(echo.four(b"odd"))
    check(raw_sum6(S6, C, 58, bytes(got)[40:]) == 0, "echo reply checksum")


@test("I-03.mtu-4to6")
def mtu46(b):
    flow = Udp(b).open()
    for mtu6, mtu4, told, want in (
            (1500, 1500, 1400, 1420), (1500, 1500, 1000, 1280),
            (1500, 1500, 1260, 1280), (1500, 1500, 1261, 1281),
            (1500, 1500, 68, 1280), (1500, 1500, 1480, 1500),
            (1500, 1500, 1481, 1500), (1500, 1500, 9000, 1500),
            (1500, 1500, 65535, 1500), (1500, 1300, 1490, 1320),
            (1350, 1500, 1400, 1350), (1280, 1500, 1400, 1280),
            (9000, 9000, 4000, 4020), (9000, 1400, 4000, 1420)):
        with b.case("%d %d %d" % (mtu6, mtu4, told)):
            b.mtu("p6", mtu6)
            b.mtu("p4", mtu4)
            same(b.to6(err4(flow, 3, 4, word(told))),
                 want_err6(flow, 2, 0, word(want)))


@test("I-03.unused-half-ignored")
def mtu46_unused(b):
    flow = Udp(b).open()
    same(b.to6(err4(flow, 3, 4, struct.pack(">HH", 0xffff, 1400))),
         want_err6(flow, 2, 0, word(1420)))


def claim4(packet, length):
    """A quoted IPv4 packet that was LENGTH bytes long."""
    data = bytearray(bytes(packet))
    struct.pack_into(">H", data, 2, length)
    struct.pack_into(">H", data, 10, 0)
    struct.pack_into(">H", data, 10, checksum(bytes(data[:20])))
    return bytes(data)


def claim6(packet, length):
    data = bytearray(bytes(packet))
    struct.pack_into(">H", data, 4, length)
    return bytes(data)


@test("I-04.plateaus")
def plateaus(b):
    """MTU 0: the plateau below the length of the quoted packet."""
    flow = Udp(b).open()
    for mtu, length, want in (
            (9000, 1500, 1512), (9000, 1493, 1512), (9000, 1492, 1280),
            (9000, 1300, 1280), (9000, 576, 1280), (9000, 2002, 1512),
            (9000, 2003, 2022), (9000, 4352, 2022), (9000, 4353, 4372),
            (9000, 9000, 8186), (9000, 17914, 8186), (9000, 65535, 9000),
            (1500, 1500, 1500), (1500, 65535, 1500), (1400, 1500, 1400)):
        with b.case("mtu %d length %d" % (mtu, length)):
            b.mtu("p6", mtu)
            b.mtu("p4", mtu)
            inner = claim4(quoted4(flow), length)
            want_inner = claim6(flow.six(hlim=63), length - 20)
            same(b.to6(err4(flow, 3, 4, word(0), inner=inner)),
                 want_err6(flow, 2, 0, word(want), inner=want_inner))


@test("I-05.mtu-6to4")
def mtu64(b):
    flow = Udp(b).open()
    for mtu6, mtu4, told, want in (
            (1500, 1500, 1400, 1380), (1500, 1500, 1280, 1260),
            (1500, 1500, 1500, 1480), (1500, 1500, 1520, 1480),
            (1500, 1500, 9000, 1480), (1400, 1500, 1450, 1380),
            (1500, 1300, 1450, 1300), (9000, 9000, 4000, 3980)):
        with b.case("%d %d %d" % (mtu6, mtu4, told)):
            b.mtu("p6", mtu6)
            b.mtu("p4", mtu4)
            same_err4(b.to4(err6(flow, 2, 0, word(told))), flow, 3, 4,
                      word(want))


@test("I-05.mtu-6to4-with-fragment-header")
def mtu64_fragment(b):
    flow = Udp(b).open()
    inner = frag6(flow.want6(b"f" * 1300), 1000)[0]
    inner.hlim = 63
    got = b.to4(err6(flow, 2, 0, word(1400), inner=inner))
    check(struct.unpack_from(">I", bytes(got), 24)[0] == 1400 - 28,
          "MTU %d", struct.unpack_from(">I", bytes(got), 24)[0])


@test("I-06.inner-ttl")
def inner_ttl(b):
    flow = Udp(b).open()
    for ttl in (1, 7, 255, 0):
        with b.case(ttl):
            same(b.to6(err4(flow, 11, 0, inner=quoted4(flow, ttl=ttl))),
                 want_err6(flow, 3, 0, inner=flow.six(hlim=ttl)))
            same_err4(b.to4(err6(flow, 3, 0, inner=flow.want6(hlim=ttl))),
                      flow, 11, 0, inner=flow.four(ttl=ttl))


@test("I-06.inner-tos")
def inner_tos(b):
    flow = Udp(b).open()
    same(b.to6(err4(flow, 11, 0, inner=quoted4(flow, tos=0xb8), tos=0x60)),
         want_err6(flow, 3, 0, inner=flow.six(hlim=63, tc=0xb8), tc=0x60))


@test("I-07.lengths")
def lengths(b):
    flow = Udp(b).open()
    for size in (8, 9, 50, 400):
        with b.case(size):
            data = b"L" * size
            got = b.to6(err4(flow, 3, 1, inner=quoted4(flow, data)))
            check(len(got) == 40 + 8 + 40 + 8 + size, "length %d", len(got))
            same(got, want_err6(flow, 1, 0, inner=flow.six(data, hlim=63)))
            got = b.to4(err6(flow, 1, 0, inner=flow.want6(data)))
            check(len(got) == 20 + 8 + 20 + 8 + size, "length %d", len(got))
            same_err4(got, flow, 3, 1, inner=flow.four(data, ttl=63))


@test("I-07.inner-fragment-header")
def inner_fragment_header(b):
    """A quoted fragment gains or loses a fragment header."""
    flow = Udp(b).open()
    data = b"F" * 1300
    first = frag4(flow.want4(data, flags=0), 600)[0]
    first.id = 0x4321
    got = b.to6(err4(flow, 11, 1, inner=bytes(first)[:120]))
    whole = frag6(flow.six(data, hlim=63), 600, ident=0x4321)[0]
    same(got, want_err6(flow, 3, 1, inner=bytes(whole)[:148]))
    first = frag6(flow.want6(data), 600, ident=0x77)[0]
    got = b.to4(err6(flow, 3, 1, inner=bytes(first)[:148]))
    want = frag4(flow.four(data, ttl=63), 600)[0]
    want.id = 0x77
    check(bytes(got)[28:] == bytes(want)[:120], "inner packet %s, wanted %s",
          bytes(got)[28:60].hex(), bytes(want)[:32].hex())


@test("I-08.error-inside-error")
def nested(b):
    flow = Udp(b).open()
    b.mark()
    inner = four(Raw(icmp4(11, 0, flow.want6().payload)), flow.pool, S,
                 proto=1)
    b.none4(err4(flow, 3, 1, inner=inner))
    inner = six(Raw(icmp6(S6, C, 3, 0, bytes(flow.six()))), S6, C, nh=58)
    b.none6(err6(flow, 1, 0, inner=inner))
    moved = b.delta()
    check(sum(n for name, n in moved.items()
              if name.startswith("drop-icmp")) == 2, "counters %r", moved)
    check(not moved.get("icmp-errors-sent"), "an error was answered")


@test("I-09.shortest-quote")
def shortest_quote(b):
    for flow in (Udp(b), Syn(b), Echo(b)):
        flow.open()
        b.mark()
        with b.case(flow.proto + " 8 bytes, IPv4"):
            same(b.to6(err4(flow, 11, 0, inner=bytes(quoted4(flow))[:28])),
                 want_err6(flow, 3, 0, inner=bytes(flow.six(hlim=63))[:48]))
        with b.case(flow.proto + " 8 bytes, IPv6"):
            got = b.to4(err6(flow, 3, 0, inner=bytes(flow.want6())[:48]))
            check(len(got) == 56, "length %d", len(got))
            check(bytes(got)[48:] == bytes(flow.four())[20:28], "ports")
        with b.case(flow.proto + " 3 bytes"):
            b.none4(err4(flow, 11, 0, inner=bytes(quoted4(flow))[:23]))
            b.none6(err6(flow, 3, 0, inner=bytes(flow.want6())[:43]))
            check(not b.delta().get("icmp-errors-sent"), "answered")


@test("I-10.what-was-sent")
def what_was_sent(b):
    """Addresses, ports and identifiers inside are the receiver's own."""
    taken = Udp(b, client=C2).open()
    for kind in (Udp, Syn, Echo):
        with b.case(kind.proto):
            first = kind(b, client=C2).open()
            flow = kind(b, port=first.port).open()
            check(flow.pport != flow.port, "the port was not mapped")
            same(b.to6(err4(flow, 3, 3)), want_err6(flow, 1, 4))
            same_err4(b.to4(err6(flow, 1, 4)), flow, 3, 3)
    check(taken.session(), "lost")


@test("I-11.no-effect-on-sessions")
def no_effect(b):
    flow = Udp(b).open()
    b.configure("timeout set udp 20min")
    for packet in (err4(flow, 3, 3), err4(flow, 3, 1), err4(flow, 11, 0)):
        b.to6(packet)
    for packet in (err6(flow, 1, 4), err6(flow, 3, 0)):
        b.to4(packet)
    check(flow.expires() <= 300000, "an error refreshed the session")
    check(b.count() == (1, 1), "state %r", b.count())
    flow.out()
    check(flow.expires() > 300000, "traffic did not refresh the session")


@test("I-11.no-state-from-errors")
def no_state(b):
    flow = Udp(b)
    flow.pool, flow.pport = T, 3333
    b.none4(err4(flow, 3, 3))
    b.none6(err6(flow, 1, 4))
    check(b.count() == (0, 0), "state %r", b.count())


@test("I-12.unknown-inner")
def unknown_inner(b):
    for kind in (Udp, Syn, Echo):
        flow = kind(b)
        flow.pool, flow.pport = T, 3333
        with b.case(flow.proto):
            b.none4(err4(flow, 3, 3))
            b.none6(err6(flow, 1, 4))
    b.moved(drop_icmp_unknown=6, icmp_errors_sent=0)


@test("I-13.bad-outer-checksum")
def bad_outer(b):
    flow = Udp(b).open()
    b.mark()
    b.none4(err4(flow, 3, 3, bad=1))
    b.none6(err6(flow, 1, 4, bad=1))
    b.moved(drop_icmp_error=2, icmp_errors_sent=0)


@test("I-13.bad-inner-header-checksum")
def bad_inner(b):
    flow = Udp(b).open()
    b.mark()
    inner = bytearray(bytes(quoted4(flow)))
    inner[10] ^= 0x55
    b.none4(err4(flow, 3, 3, inner=inner))
    b.moved(drop_icmp_error=1, icmp_errors_sent=0)


@test("I-13.inner-transport-checksum-not-checked")
def inner_transport(b):
    flow = Udp(b).open()
    inner = bytearray(bytes(quoted4(flow)))
    inner[26] ^= 0x55
    got = b.to6(err4(flow, 3, 3, inner=inner))
    check(raw_sum6(R46, C, 58, bytes(got)[40:]) == 0, "ICMPv6 checksum")
    check(raw_sum6(C, S6, 17, bytes(got)[88:]) != 0,
          "a bad inner checksum became good")


@test("I-13.inner-options-skipped")
def inner_options(b):
    flow = Udp(b).open()
    same(b.to6(err4(flow, 3, 3, inner=with_options(quoted4(flow),
                                                   b"\1\1\1\1"))),
         want_err6(flow, 1, 4))


@test("I-13.inner-extension-headers-skipped")
def inner_extensions(b):
    flow = Udp(b).open()
    chain = (IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]) /
             IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)]))
    inner = six(chain / flow.l4at6(b"data"), S6, C, hlim=63)
    same_err4(b.to4(err6(flow, 1, 4, inner=inner)), flow, 3, 3)


@test("I-15.inner-lengths")
def inner_lengths(b):
    """They describe the packet that was sent, not what is quoted of it."""
    flow = Udp(b).open()
    for size in (1288, 1240, 1241, 1400):
        with b.case("IPv6 payload %d" % size):
            data = b"i" * (size - 8)
            got = b.to4(err6(flow, 1, 4, inner=bytes(flow.want6(data))[:200]))
            inner = bytes(got)[28:]
            check(struct.unpack_from(">H", inner, 2)[0] == size + 20,
                  "total length %d", struct.unpack_from(">H", inner, 2)[0])
            check(checksum(inner[:20]) == 0, "inner header checksum")
            check(inner[6] == (0x40 if size + 20 > 1260 else 0),
                  "inner flags %#x", inner[6])
            check(len(got) == 28 + 200 - 20, "length %d", len(got))
    for size in (1308, 1260):
        with b.case("IPv4 length %d" % size):
            data = b"i" * (size - 28)
            inner = quoted4(flow, data)
            got = b.to6(err4(flow, 3, 3, inner=bytes(inner)[:200]))
            check(struct.unpack_from(">H", bytes(got), 52)[0] == size - 20,
                  "payload length")


@test("I-16.cut-to-size")
def cut_to_size(b):
    flow = Udp(b).open()
    data = b"c" * 1400
    got = b.to4(err6(flow, 1, 4, inner=bytes(flow.want6(data))[:700]))
    check(len(got) == 576, "IPv4 error of %d bytes", len(got))
    check(struct.unpack_from(">H", bytes(got), 2)[0] == 576, "total length")
    check(bytes(got)[6] & 0x40 == 0, "DF is set")
    check(checksum(bytes(got)[20:]) == 0, "ICMPv4 checksum")
    got = b.to6(err4(flow, 3, 3, inner=bytes(quoted4(flow, data))[:1400]))
    check(len(got) == 1280, "IPv6 error of %d bytes", len(got))
    check(raw_sum6(R46, C, 58, bytes(got)[40:]) == 0, "ICMPv6 checksum")


@test("I-16.small-not-cut")
def small_not_cut(b):
    flow = Udp(b).open()
    data = b"c" * 1400
    got = b.to4(err6(flow, 1, 4, inner=bytes(flow.want6(data))[:568]))
    check(len(got) == 576, "IPv4 error of %d bytes", len(got))
    got = b.to6(err4(flow, 3, 3, inner=bytes(quoted4(flow, data))[:1212]))
    check(len(got) == 1280, "IPv6 error of %d bytes", len(got))


@test("I-17.outer-source")
def outer_source(b):
    flow = Udp(b).open()
    got = b.to6(err4(flow, 11, 0, src="198.18.9.9"))
    check(v6(got[IPv6].src) == v6(embed("198.18.9.9")), "4to6 source")
    got = b.to4(err6(flow, 1, 4))
    check(got[IP].src == flow.pool, "6to4 source")


@test("I-18.router-without-binding")
def router(b):
    flow = Udp(b).open()
    got = b.to4(err6(flow, 3, 0, src=R6))
    same_err4(got, flow, 11, 0, src=got[IP].src)
    check(got[IP].src == T, "source %s is not of the pool", got[IP].src)
    check(b.count() == (1, 1), "the router got state: %r", b.count())


@test("I-18.address-of-the-session")
def router_address(b):
    """Of several pool addresses, the one that the flow itself uses."""
    b.reconfigure("prefix add " + P64, "pool add 198.51.100.8/29",
                  "option set icmp-error-rate 0")
    for client in (C, C2, C3):
        flow = Udp(b, client=client).open()
        for n in range(4):
            got = b.to4(err6(flow, 3, 0, src="2001:db8:1:ffff::%x" % n))
            same_err4(got, flow, 11, 0, src=flow.pool)


@test("I-20.fragmented-ping")
def fragmented_ping(b):
    """Reassembled first, so that it can be translated."""
    flow = Echo(b).open()
    data = bytes(range(256)) * 8
    got = b.x6(*frag6(flow.six(data), 1200)).four
    check(join4(got) == bytes(flow.want4(data))[20:], "request")
    got = b.x4(*frag4(flow.four(data), 1200)).six
    check(join6(got) == bytes(flow.want6(data))[40:], "reply")


@test("I-20.stray-fragment")
def stray_fragment(b):
    flow = Echo(b).open()
    b.mark()
    b.none6(frag6(flow.six(b"x" * 1500), 800)[1])
    b.none4(frag4(flow.four(b"x" * 1500), 800)[1])
    b.moved(translated_6to4=0, translated_4to6=0)


@test("I-21.identifier")
def identifier(b):
    other = Echo(b, client=C2).open()
    flow = Echo(b, port=other.port).open()
    check(flow.pport != other.pport, "two clients share an identifier")
    flow.back()
    other.back()
    row = flow.session()
    check(row["pool_port"] == flow.pport, "session %r", row)


@test("I-21.zero-and-highest-identifier")
def identifier_edges(b):
    for ident in (0, 65535):
        with b.case(ident):
            Echo(b, port=ident).open().back()


@test("I-22.no-error-about-errors")
def no_error_about_error(b):
    flow = Udp(b).open()
    b.mark()
    b.none6(err6(flow, 1, 4, hlim=1))
    b.none4(err4(flow, 3, 3, ttl=1))
    b.none6(err6(flow, 1, 5))
    b.moved(drop_hop_limit=2, drop_icmp_type=1, icmp_errors_sent=0)


@test("I-22.no-error-to-bad-source")
def no_error_to_bad_source(b):
    b.none6(six(UDP(sport=1, dport=2) / b"x", "::", S6, hlim=1))
    b.none4(four(UDP(sport=1, dport=2) / b"x", "0.0.0.0", T, ttl=1))
    moved = b.delta()
    check(sum(n for name, n in moved.items() if name.startswith("drop-")) ==
          2, "counters %r", moved)


@test("I-24.any-router-may-report")
def any_router(b):
    b.configure("option set filtering-udp address-dependent",
                "option set filtering-tcp address-dependent",
                "option set filtering-icmp address-dependent")
    for kind in (Udp, Syn, Echo):
        with b.case(kind.proto):
            flow = kind(b).open()
            same(b.to6(err4(flow, 3, 1)), want_err6(flow, 1, 0))


@test("I-25.ping-session-untouched")
def ping_untouched(b):
    flow = Echo(b).open()
    b.configure("timeout set icmp 20min")
    same(b.to6(err4(flow, 3, 1)), want_err6(flow, 1, 0))
    check(flow.expires() <= 60000, "refreshed")
    flow.back()
    check(flow.expires() > 60000, "the reply did not refresh")


@test("SU-09.error-of-a-closed-port")
def closed_port(b):
    """The client's port unreachable does not extend the session."""
    flow = Udp(b).open()
    b.configure("timeout set udp 20min", "option set inbound-refresh off")
    flow.back()
    same_err4(b.to4(err6(flow, 1, 4)), flow, 3, 3)
    check(flow.expires() <= 300000, "refreshed")


@test("SEC-08.forged-errors")
def forged(b):
    """An error must quote what was really sent."""
    flow = Udp(b).open()
    b.mark()
    for sport, dport, src, dst in (
            (flow.pport, flow.sport + 1, flow.pool, S),
            (flow.pport + 1, flow.sport, flow.pool, S),
            (flow.pport, flow.sport, flow.pool, S2),
            (flow.pport, flow.sport, S, flow.pool)):
        inner = IP(src=src, dst=dst, ttl=60) / UDP(sport=sport, dport=dport)
        with b.case("%s#%d > %s#%d" % (src, sport, dst, dport)):
            b.none4(err4(flow, 3, 3, inner=inner / b"x"))
    check(not b.delta().get("translated-4to6"), "translated")
    flow.back()


@test("SEC-17.unknown-inner-protocol")
def unknown_inner_protocol(b):
    flow = Udp(b).open()
    b.mark()
    for number in (47, 50, 51, 132, 255, 0, 41, 59, 60, 44, 2):
        with b.case(number):
            b.none4(err4(flow, 3, 3, inner=bytes(
                IP(src=flow.pool, dst=S, proto=number) / Raw(b"\0" * 40))))
            b.none6(err6(flow, 1, 4, inner=bytes(
                IPv6(src=S6, dst=C, nh=number) / Raw(b"\0" * 40))))
    moved = b.delta()
    check(sum(n for name, n in moved.items() if name.startswith("drop-")) ==
          22, "counters %r", moved)
    check(not moved.get("icmp-errors-sent"), "answered")
