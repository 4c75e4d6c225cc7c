# SPDX-License-Identifier: GPL-2.0
"""Section 2: the header of IPv6 packets translated to IPv4 (RFC 7915 5.1)."""
import hashlib
import random
import struct

from ktap import test
from wire import *


@test("H6-01.udp-both-ways")
def thin_udp(b):
    flow = Udp(b).open()
    flow.back(b"answer")
    flow.out(b"again")
    row = flow.session()
    check(row["state"] == "active", "state %s", row["state"])
    check(row["pool_addr"] == T and row["pool_port"] == flow.pport,
          "session %r", row)
    check(row["server_port"] == flow.sport and not row["inbound"],
          "session %r", row)
    b.moved(translated_6to4=2, translated_4to6=1, sessions_created=1,
            bindings_created=1)


@test("H6-01.ping-both-ways")
def thin_ping(b):
    flow = Echo(b).open()
    flow.back()
    row = flow.session()
    check(row["proto"] == "icmp" and row["pool_port"] == flow.pport,
          "session %r", row)
    b.moved(translated_6to4=1, translated_4to6=1, sessions_created=1)


@test("H6-01.version-ihl")
def version_ihl(b):
    for payload in (IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]) /
                    UDP(sport=9, dport=7) / b"x",
                    UDP(sport=9, dport=7) / b"x"):
        got = b.to4(six(payload))
        check(bytes(got)[0] == 0x45, "first byte %#x", bytes(got)[0])


@test("H6-02.traffic-class")
def traffic_class(b):
    flow = Udp(b).open()
    for tos in (0xb9, 0xff, 0x01, 0x00, 0x2e << 2):
        with b.case(hex(tos)):
            got = b.to4(flow.six(tc=tos))
            same(got, flow.want4(tos=tos), free=["id"])


@test("H6-02.fixed-tos")
def fixed_tos(b):
    flow = Udp(b).open()
    for text, tos in (("0", 0), ("184", 184), ("copy", 0xb9)):
        with b.case(text):
            b.configure("option set tos-6to4 " + text)
            got = b.to4(flow.six(tc=0xb9))
            same(got, flow.want4(tos=tos), free=["id"])


@test("H6-03.total-length")
def total_length(b):
    flow = Udp(b).open()
    # The kernel itself refuses more than seven bytes of padding.
    skip = HBHOptUnknown(otype=0x1e, optdata=b"\0" * 12)
    chain = (IPv6ExtHdrHopByHop(options=[skip]) /
             IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 20)]))
    for data in (b"", b"x", b"y" * 999):
        with b.case(len(data)):
            got = b.to4(six(chain / flow.l4out(flow.port, data)))
            same(got, flow.want4(data), free=["id"])
    b.moved(translated_6to4=4, sessions_created=1)


@test("H6-03.trailing-bytes")
def trailing_bytes(b):
    """Bytes behind the Payload Length are not part of the packet."""
    flow = Udp(b).open()
    got = b.to4(bytes(flow.six(b"abc")) + b"\xee" * 30)
    same(got, flow.want4(b"abc"), free=["id"])


@test("H6-04.identification")
def identification(b):
    flow = Udp(b).open()
    got = b.x6(*[quick_udp(flow.port, data=b"%03d" % n)
                 for n in range(100)]).four
    check(len(got) == 100, "%d packets", len(got))
    check(all(struct.unpack_from(">H", f.ip, 6)[0] == 0 for f in got),
          "flags or offset set")
    check(len({f.ip[4:6] for f in got}) > 90, "identifications repeat")


@test("H6-05.df-by-1260")
def df_by_1260(b):
    flow = Udp(b).open()
    for size, flags in ((1259, 0), (1260, 0), (1261, 2), (1262, 2), (1480, 2),
                        (100, 0)):
        with b.case(size):
            data = b"z" * (size - 28)
            got = b.to4(flow.six(data))
            check(len(got) == size, "length %d", len(got))
            check(bytes(got)[6] >> 5 == flags, "flags %d", bytes(got)[6] >> 5)
            same(got, flow.want4(data), free=["id"])


@test("H6-06.shared-address")
def shared_address(b):
    """Two clients choose the same fragment id towards one server."""
    one, two = Udp(b).open(), Udp(b, client=C2).open()
    check(one.pool == two.pool, "the clients do not share an address")
    bodies = []
    for flow, fill in ((one, b"1"), (two, b"2")):
        bodies.append(frag6(flow.six(fill * 1800), 1200, ident=0x55))
    got = b.x6(bodies[0][0], bodies[1][0], bodies[0][1], bodies[1][1]).four
    idents = {f[IP].id for f in got}
    check(len(idents) == 2, "%d identifications", len(idents))
    for flow, fill in ((one, b"1"), (two, b"2")):
        mine = [f for f in got if fill in bytes(f)[40:60]]
        ident = {f[IP].id for f in mine}
        check(len(ident) == 1, "pieces of one datagram differ in id")
        body = join4([f for f in got if f[IP].id in ident])
        check(body == bytes(flow.want4(fill * 1800))[20:], "other bytes")


@test("H6-07.ttl")
def ttl(b):
    flow = Udp(b).open()
    for hlim in (2, 64, 255):
        with b.case(hlim):
            same(b.to4(flow.six(hlim=hlim)), flow.want4(ttl=hlim - 1),
                 free=["id"])


@test("H6-07.expired")
def expired(b):
    flow = Udp(b).open()
    b.mark()
    for hlim in (1, 0):
        with b.case(hlim):
            sent = flow.six(b"quoted", hlim=hlim)
            got = b.error6(sent)
            want = six(ICMPv6TimeExceeded(code=0) / sent, PLAT6, C,
                       hlim=got[IPv6].hlim, tc=got[IPv6].tc, fl=got[IPv6].fl)
            same(got, want)
    b.moved(drop_hop_limit=2, icmp_errors_sent=2, translated_6to4=0)


@test("H6-07.expired-makes-no-session")
def expired_no_session(b):
    b.error6(Udp(b).six(hlim=1))
    check(b.count() == (0, 0), "state %r", b.count())


HEADERS = {
    "hop-by-hop": IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]),
    "destination": IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)]),
    "routing-0-left": IPv6ExtHdrRouting(type=0, segleft=0,
                                        addresses=["2001:db8::9"]),
    "routing-4-0-left": IPv6ExtHdrRouting(type=4, segleft=0,
                                          addresses=["2001:db8::9"]),
}


@test("H6-08.protocol")
def protocol(b):
    """The first header that is not skipped gives the protocol."""
    chain = (HEADERS["hop-by-hop"] / HEADERS["destination"] /
             HEADERS["routing-0-left"] / HEADERS["destination"])
    for flow in (Udp(b), Echo(b), Syn(b)):
        with b.case(flow.proto):
            flow.open()
            got = b.to4(six(chain / flow.l4out(flow.port, b"data")))
            same(got, flow.want4(), free=["id"])


@test("H6-08.other-protocol-copied")
def other_protocol(b):
    b.configure("option set other-proto translate")
    for number in (132, 89, 4):
        with b.case(number):
            body = bytes(range(40))
            got = b.to4(
                bytes(IPv6(src=C, dst=S6, nh=number) / Raw(body)))
            check(bytes(got)[9] == number, "protocol %d", bytes(got)[9])
            check(bytes(got)[20:] == body, "payload changed")


@test("H6-09.skipped-headers")
def skipped_headers(b):
    flow = Udp(b).open()
    for name, header in HEADERS.items():
        with b.case(name):
            got = b.to4(six(header / flow.l4out(flow.port, b"data")))
            same(got, flow.want4(), free=["id"])
    b.moved(translated_6to4=1 + len(HEADERS), icmp_errors_sent=0)


@test("H6-10.segments-left")
def segments_left(b):
    flow = Udp(b).open()
    b.mark()
    routing = IPv6ExtHdrRouting(type=4, segleft=1, addresses=["2001:db8::9"])
    n = 0
    for before, pointer in ((None, 43), (HEADERS["hop-by-hop"], 51),
                            (HEADERS["destination"], 51)):
        with b.case(pointer):
            chain = before / routing if before else routing
            sent = six(chain / flow.l4out(flow.port, b"data"))
            got = b.error6(sent)
            same(got, six(ICMPv6ParamProblem(code=0, ptr=pointer) / sent,
                          PLAT6, C, hlim=got[IPv6].hlim, tc=got[IPv6].tc,
                          fl=got[IPv6].fl))
        n += 1
    b.moved(drop_source_route=n, icmp_errors_sent=n, translated_6to4=0)


@test("H6-11.header-checksum")
def header_checksum(b):
    flow = Udp(b).open()
    random.seed(11)
    for _ in range(30):
        size = random.randrange(0, 1400)
        got = b.to4(flow.six(b"q" * size, tc=random.randrange(256),
                             hlim=random.randrange(2, 256)))
        check(checksum(bytes(got)[:20]) == 0, "header checksum is wrong")


def bad_by(packet, at, amount):
    """PACKET with AMOUNT added (one's complement) to the checksum at AT."""
    data = bytearray(bytes(packet))
    value = struct.unpack_from(">H", data, at)[0] + amount
    struct.pack_into(">H", data, at, (value & 0xffff) + (value >> 16))
    return bytes(data)


@test("H6-12.bad-checksum-stays-bad")
def bad_checksum(b):
    for flow, offset in ((Udp(b), 6), (Syn(b), 16), (Echo(b), 2)):
        flow.open()
        for amount in (1, 0x0101, 0x8000):
            with b.case("%s 6to4 %#x" % (flow.proto, amount)):
                got = b.to4(bad_by(flow.six(), 40 + offset, amount))
                want = bytes(flow.want4())[20:]
                check(bytes(got)[20:] == bad_by(want, offset, amount),
                      "checksum is not off by the same amount: %s, right %s",
                      bytes(got)[20:].hex(), want.hex())


@test("H6-13.payload")
def payload(b):
    flow = Udp(b).open()
    random.seed(13)
    for size in (1, 7, 512, 1432):
        data = random.randbytes(size)
        got = bytes(b.to4(flow.six(data)))[28:]
        check(hashlib.md5(got).digest() == hashlib.md5(data).digest(),
              "payload of %d bytes changed", size)


@test("H6-14.order")
def order(b):
    flow = Udp(b).open()
    total = 0
    for at in range(0, 2000, 200):
        got = b.x6(*[quick_udp(flow.port, data=b"%06d" % n)
                     for n in range(at, at + 200)]).four
        check([int(bytes(f)[28:]) for f in got] == list(range(at, at + 200)),
              "lost or out of order")
        total += len(got)
    b.moved(translated_6to4=total + 1)


def stray(b, n=0):
    """A packet that is refused by policy: a protocol without translation."""
    return bytes(IPv6(src=C, dst=S6, nh=132) / Raw(b"sctp%04d" % n))


@test("H6-15.errors-on-off")
def errors_on_off(b):
    b.error6(stray(b))
    b.configure("option set icmp-errors off")
    b.mark()
    b.none6(stray(b))
    b.moved(drop_protocol=1, icmp_errors_sent=0)


@test("H6-15.rate-limit")
def rate_limit(b):
    b.configure("option set icmp-error-rate 5")
    b.mark()
    got = b.x6(*[stray(b, n) for n in range(60)])
    check(not got.four, "translated")
    sent = len(got.six)
    check(1 <= sent < 60, "%d errors for 60 packets at 5 per second", sent)
    b.moved(drop_protocol=60, icmp_errors_sent=sent,
            icmp_errors_limited=60 - sent)


@test("H6-15.no-error-about-icmpv6")
def no_error_about_icmp(b):
    """An ICMPv6 message that cannot be translated is dropped silently."""
    for kind in (128 + 4, 130, 143, 200):
        with b.case(kind):
            b.none6(six(Raw(icmp6(C, S6, kind, 0, b"x" * 20)), nh=58))
    b.moved(drop_icmp_type=4)


@test("H6-16.udp-checksum-zero")
def udp_checksum_zero(b):
    """The sum that comes to zero on the IPv4 side is sent as 0xffff."""
    flow = Udp(b).open()
    plain = bytes(flow.want4(b"\0\0"))
    fill = struct.unpack_from(">H", plain, 26)[0]
    data = struct.pack(">H", fill)
    got = b.to4(flow.six(data))
    check(struct.unpack_from(">H", bytes(got), 26)[0] == 0xffff,
          "checksum %s", bytes(got)[26:28].hex())
    check(bytes(got)[28:] == data, "payload changed")


@test("H6-16.tcp-checksum-zero-stays")
def tcp_checksum_zero(b):
    """Only UDP has a special zero; for TCP both forms must verify."""
    flow = Syn(b).open()
    plain = bytes(TCP(bytes(flow.want4())[20:]) / b"\0\0")
    segment = IP(src=flow.pool, dst=S) / TCP(plain[:20]) / b"\0\0"
    del segment[TCP].chksum
    fill = struct.unpack_from(">H", bytes(segment), 36)[0]
    sent = flow.six() / struct.pack(">H", fill)
    got = bytes(b.to4(sent))
    check(raw_sum4(flow.pool, S, 6, got[20:]) == 0, "TCP checksum is wrong")
