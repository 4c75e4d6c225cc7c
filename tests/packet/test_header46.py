# SPDX-License-Identifier: GPL-2.0
"""Section 3: the header of IPv4 packets translated to IPv6 (RFC 7915 4.1)."""
import random

from ktap import test
from test_header64 import bad_by
from wire import *


@test("H4-01.traffic-class")
def traffic_class(b):
    flow = Udp(b).open()
    for tos in (0xb9, 0xff, 0x01, 0):
        with b.case(hex(tos)):
            got = b.to6(flow.four(tos=tos))
            same(got, flow.want6(tc=tos, fl=0))


@test("H4-01.fixed-class")
def fixed_class(b):
    flow = Udp(b).open()
    for text, tos in (("0", 0), ("46", 46), ("copy", 0xb9)):
        with b.case(text):
            b.configure("option set tos-4to6 " + text)
            same(b.to6(flow.four(tos=0xb9)), flow.want6(tc=tos))


OPTIONS = {
    "nop": b"\1\1\1\1",
    "end": b"\0\0\0\0",
    "record-route": b"\7\7\4\0\0\0\0\0",
    "timestamp": b"\x44\x0c\5\0" + b"\0" * 8,
    "router-alert": b"\x94\4\0\0",
    "longest": b"\1" * 40,
    "unknown": b"\x9e\4ab",
}


def with_options(packet, options):
    """PACKET with raw IPv4 options."""
    data = bytes(packet)
    head = bytearray(data[:20] + options)
    head[0] = 0x40 | len(head) // 4
    length = len(data) + len(options)
    head[2:4] = length.to_bytes(2, "big")
    head[10:12] = b"\0\0"
    head[10:12] = checksum(bytes(head)).to_bytes(2, "big")
    return bytes(head) + data[20:]


@test("H4-02.payload-length")
def payload_length(b):
    flow = Udp(b).open()
    for size in (0, 1, 1000):
        for name in ("nop", "longest"):
            with b.case("%d %s" % (size, name)):
                data = b"l" * size
                got = b.to6(with_options(flow.four(data), OPTIONS[name]))
                same(got, flow.want6(data))


@test("H4-02.trailing-bytes")
def trailing_bytes(b):
    """What Ethernet padded is not part of the packet."""
    flow = Udp(b).open()
    got = b.to6(bytes(flow.four(b"abc")) + b"\0" * 20)
    same(got, flow.want6(b"abc"))


@test("H4-03.next-header")
def next_header(b):
    for flow in (Udp(b), Echo(b), Syn(b)):
        with b.case(flow.proto):
            flow.open()
            got = b.to6(flow.four())
            same(got, flow.want6())
            check(bytes(got)[6] == {"udp": 17, "icmp": 58, "tcp": 6}
                  [flow.proto], "next header %d", bytes(got)[6])
    b.moved(translated_6to4=3, translated_4to6=3)


@test("H4-04.hop-limit")
def hop_limit(b):
    flow = Udp(b).open()
    for ttl in (2, 64, 255):
        with b.case(ttl):
            same(b.to6(flow.four(ttl=ttl)), flow.want6(hlim=ttl - 1))


@test("H4-04.expired")
def expired(b):
    flow = Udp(b).open()
    b.mark()
    for ttl in (1, 0):
        with b.case(ttl):
            sent = flow.four(b"quoted", ttl=ttl)
            got = b.error4(sent)
            check(got[IP].src == PLAT4 and got[IP].dst == S, "from %s to %s",
                  got[IP].src, got[IP].dst)
            check((got[ICMP].type, got[ICMP].code) == (11, 0), "not 11/0")
            check(bytes(got)[28:] == bytes(sent), "quotes another packet")
            check(checksum(bytes(got)[20:]) == 0, "checksum is wrong")
    b.moved(drop_hop_limit=2, icmp_errors_sent=2, translated_4to6=0)


@test("H4-05.options-ignored")
def options_ignored(b):
    flow = Udp(b).open()
    for name, octets in OPTIONS.items():
        with b.case(name):
            same(b.to6(with_options(flow.four(), octets)), flow.want6())
    b.moved(translated_4to6=len(OPTIONS), translated_6to4=1)


@test("H4-06.source-route")
def source_route(b):
    flow = Udp(b).open()
    b.mark()
    n = 0
    for kind in (131, 137):
        for before in (b"", b"\1"):
            with b.case("%d after %d" % (kind, len(before))):
                route = before + bytes([kind, 7, 4, 192, 0, 2, 9])
                route += b"\0" * (-len(route) % 4)
                sent = with_options(flow.four(), route)
                got = b.error4(sent)
                check((got[ICMP].type, got[ICMP].code) == (3, 5),
                      "%d/%d", got[ICMP].type, got[ICMP].code)
                check(bytes(got)[28:28 + len(sent)] == sent, "quote")
                n += 1
    b.moved(drop_source_route=n, icmp_errors_sent=n, translated_4to6=0)


@test("H4-06.finished-source-route")
def finished_source_route(b):
    flow = Udp(b).open()
    for kind in (131, 137):
        with b.case(kind):
            route = bytes([kind, 7, 8, 192, 0, 2, 9, 0])
            same(b.to6(with_options(flow.four(), route)), flow.want6())


@test("H4-07.no-fragment-header-with-df")
def df_no_fragment_header(b):
    flow = Udp(b).open()
    for size in (1260, 1261, 1480):
        with b.case(size):
            data = b"d" * (size - 28)
            same(b.to6(flow.four(data, flags="DF")), flow.want6(data))


@test("H4-08.no-atomic-fragment")
def no_atomic_fragment(b):
    flow = Udp(b).open()
    for size in (28, 1000, 1260):
        with b.case(size):
            data = b"a" * (size - 28)
            same(b.to6(flow.four(data)), flow.want6(data))
    b.moved(fragmented_ipv6=0, translated_4to6=3, translated_6to4=1)


@test("H4-09.fragment-header")
def fragment_header(b):
    flow = Udp(b).open()
    data = bytes(random.Random(9).randbytes(1500 - 8))
    whole = flow.four(data, id=0x1234)
    got = b.x4(*frag4(whole, 600)).six
    want = bytes(flow.want6(data))[40:]
    check(len(got) == 3, "%d pieces", len(got))
    for piece, at in zip(got, (0, 600, 1200)):
        last = at == 1200
        same(piece, IPv6(src=flow.server6, dst=C, hlim=63, nh=44) /
             IPv6ExtHdrFragment(nh=17, offset=at // 8, m=int(not last),
                                id=0x1234) / Raw(want[at:at + 600]))


@test("H4-10.bad-checksum-stays-bad")
def bad_checksum(b):
    for flow, offset in ((Udp(b), 6), (Syn(b), 16), (Echo(b), 2)):
        flow.open()
        for amount in (1, 0x0101, 0x8000):
            with b.case("%s %#x" % (flow.proto, amount)):
                got = b.to6(bad_by(flow.four(), 20 + offset, amount))
                want = bytes(flow.want6())[40:]
                check(bytes(got)[40:] == bad_by(want, offset, amount),
                      "checksum is not off by the same amount: %s, right %s",
                      bytes(got)[40:].hex(), want.hex())


@test("H4-10.random-payloads")
def random_payloads(b):
    rng = random.Random(10)
    for flow in (Udp(b), Echo(b)):
        flow.open()
        for _ in range(15):
            data = rng.randbytes(rng.randrange(1200))
            flow.back(data)
            flow.out(data)


@test("H4-11.errors-on-off")
def errors_on_off(b):
    """
    A protocol that is not translated. Filtered packets and those for unused
    ports are dropped in silence, which the RFCs leave to the translator.
    """
    sent = four(Raw(b"sctp" * 8), proto=132)
    got = b.error4(sent)
    check((got[ICMP].type, got[ICMP].code) == (3, 2), "%d/%d",
          got[ICMP].type, got[ICMP].code)
    check(bytes(got)[28:] == bytes(sent), "quote")
    b.moved(drop_protocol=1, icmp_errors_sent=1)
    b.configure("option set icmp-errors off")
    b.none4(sent)
    b.moved(drop_protocol=1, icmp_errors_sent=0)


@test("H4-11.no-error-about-error")
def no_error_about_error(b):
    flow = Udp(b).open()
    b.mark()
    inner = bytes(wanted4(UDP(sport=flow.pport, dport=7) / b"x"))
    b.none4(four(Raw(icmp4(3, 14, inner)), src=R4, proto=1))
    b.none4(four(Raw(icmp4(3, 1, inner)), src=R4, proto=1, ttl=1))
    b.moved(drop_icmp_type=1, drop_hop_limit=1, icmp_errors_sent=0)
