# SPDX-License-Identifier: GPL-2.0
"""Sections 6 and 8: UDP without a checksum, UDP and ICMP query sessions."""
import itertools
import random

from ktap import test
from tool import ctl, refused
from wire import *

RNG = random.Random(6)


def no_sum(packet):
    """PACKET with the UDP checksum zero."""
    packet = packet.copy()
    packet[UDP].chksum = 0
    return packet


@test("U-01.zero-checksum")
def zero_checksum(b):
    flow = Udp(b).open()
    for size in (0, 1, 2, 500, 1231):
        with b.case(size):
            data = RNG.randbytes(size)
            same(b.to6(no_sum(flow.four(data))), flow.want6(data))
    b.moved(translated_4to6=5, translated_6to4=1)


@test("U-01.sum-comes-to-zero")
def sum_zero(b):
    """A computed zero is sent as 0xffff."""
    flow = Udp(b).open()
    fill = UDP(bytes(flow.want6(b"\0\0"))[40:]).chksum
    got = b.to6(no_sum(flow.four(fill.to_bytes(2, "big"))))
    check(bytes(got)[46:48] == b"\xff\xff", "checksum %s",
          bytes(got)[46:48].hex())


@test("U-02.fragments")
def fragments(b):
    flow = Udp(b).open()
    for order in itertools.permutations(range(3)):
        with b.case(order):
            data = RNG.randbytes(2001)
            sent = no_sum(flow.four(data))
            sent.id = RNG.randrange(65536)
            pieces = frag4(sent, 800)
            got = b.x4(*[pieces[n] for n in order]).six
            check(join6(got) == bytes(flow.want6(data))[40:], "other bytes")


@test("U-02.missing-fragment")
def missing_fragment(b):
    flow = Udp(b).open()
    b.none4(*frag4(no_sum(flow.four(b"m" * 2000)), 800)[:2])


@test("U-03.modes")
def modes(b):
    flow = Udp(b).open()
    b.configure("option set udp-zero-checksum-4to6 drop")
    b.mark()
    got = b.x4(no_sum(flow.four()))
    check(not got.six, "translated")
    b.moved(drop_udp_zero_checksum=1)
    flow.back()
    b.configure("option set udp-zero-checksum-4to6 zero")
    same(b.to6(no_sum(flow.four())), no_sum(flow.want6()))
    flow.back()
    b.configure("option set udp-zero-checksum-4to6 calculate")
    same(b.to6(no_sum(flow.four())), flow.want6())


@test("U-04.zero-from-ipv6")
def zero_from_ipv6(b):
    flow = Udp(b).open()
    b.mark()
    got = b.x6(no_sum(flow.six()))
    check(not got.four, "translated")
    b.moved(drop_udp_zero_checksum=1)
    b.configure("option set udp-zero-checksum-6to4 zero")
    same(b.to4(no_sum(flow.six())), no_sum(flow.want4()), free=["id"])
    flow.out()


@test("U-05.zero-and-cut")
def zero_and_cut(b):
    flow = Udp(b).open()
    for size in (1400, 1401, 1472):
        with b.case(size):
            data = RNG.randbytes(size)
            got = b.x4(no_sum(flow.four(data))).six
            check(len(got) == 2, "%d pieces", len(got))
            check(join6(got) == bytes(flow.want6(data))[40:], "other bytes")


@test("SU-01.refresh")
def refresh(b):
    flow = Udp(b).open()
    check(290000 < flow.expires() <= 300000, "expires %d", flow.expires())
    b.configure("timeout set udp 10min")
    check(flow.expires() <= 300000, "the setting alone moved the timer")
    flow.out()
    check(flow.expires() > 300000, "no refresh by the client")
    b.configure("timeout set udp 20min")
    flow.back()
    check(flow.expires() > 600000, "no refresh by the server")
    b.moved(sessions_created=1, bindings_created=1)


@test("SU-01.expires")
def expires(b):
    b.configure("option set allow-nonconforming on", "timeout set udp 300ms")
    flow = Udp(b).open()
    b.poll("the end of the session", lambda: b.count() == (0, 0))
    b.moved(sessions_created=1, sessions_removed=1, bindings_created=1,
            bindings_removed=1)
    got = b.x4(flow.four())
    check(not got.six, "translated without a session")


@test("SU-02.no-binding")
def no_binding(b):
    got = b.x4(four(UDP(sport=7, dport=4000) / b"x"))
    check(not got.six, "translated")
    for frame in got.four:
        check(frame[ICMP].type == 3, "answered by type %d", frame[ICMP].type)
    b.moved(drop_no_binding=1)
    check(b.count() == (0, 0), "state %r", b.count())


@test("SU-03.another-server")
def another_server(b):
    flow = Udp(b).open()
    sent = four(UDP(sport=53, dport=flow.pport) / b"second", S2)
    same(b.to6(sent), six(UDP(sport=53, dport=flow.port) / b"second",
                          embed(S2), C, hlim=63))
    row = b.session(server_addr=S2)
    check(row["inbound"] and row["server_port"] == 53 and
          row["server_addr6"] == v6(embed(S2)), "session %r", row)
    check(b.count() == (2, 1), "state %r", b.count())
    check(b.binding()["sessions"] == 2, "binding %r", b.binding())


@test("SU-04.lifetimes")
def lifetimes(b):
    check(290000 < Udp(b).open().expires() <= 300000, "default")
    refused("timeout set udp 119s")
    ctl("timeout set udp 2min")
    b.dirty = True
    check(110000 < Udp(b).open().expires() <= 120000, "two minutes")


@test("SU-05.well-known-ports")
def well_known(b):
    b.configure("timeout set udp-dns 10s")
    for port in (53, 123):
        check(Udp(b, sport=port).open().expires() <= 10000, "port %d", port)
    check(Udp(b, sport=54).open().expires() > 290000, "port 54")


@test("SU-06.inbound-refresh")
def inbound_refresh(b):
    flow = Udp(b).open()
    b.configure("timeout set udp 20min")
    flow.back()
    check(flow.expires() > 300000, "no refresh")


@test("SU-07.no-inbound-refresh")
def no_inbound_refresh(b):
    b.configure("option set inbound-refresh off")
    for kind, name, before in ((Udp, "udp", 300000), (Echo, "icmp", 60000)):
        with b.case(name):
            flow = kind(b).open()
            b.configure("timeout set %s 20min" % name)
            flow.back()
            check(flow.expires() <= before, "inbound refreshed")
            flow.out()
            check(flow.expires() > before, "outbound did not refresh")


@test("SU-07.external-keepalive-ends")
def keepalive_ends(b):
    """The server keeps sending; the session ends all the same."""
    b.configure("option set allow-nonconforming on",
                "option set inbound-refresh off", "timeout set udp 1500ms")
    flow = Udp(b).open()

    def gone():
        b.x4(flow.four())
        return not b.sessions(server_addr=S)
    b.poll("the end of the session", gone, 30)


@test("SU-08.refused-session-no-refresh")
def refused_session(b):
    """Inbound that is refused a session must not keep the mapping alive."""
    flow = Udp(b).open()
    b.configure("limit set binding-sessions 1", "timeout set udp 20min")
    b.mark()
    got = b.x4(four(UDP(sport=9, dport=flow.pport) / b"x", S2))
    check(not got.six, "translated")
    b.moved(drop_subscriber_sessions=1)
    check(flow.expires() <= 300000, "refreshed")
    check(b.count() == (1, 1), "state %r", b.count())


@test("SU-10.icmp-session")
def icmp_session(b):
    flow = Echo(b).open()
    check(50000 < flow.expires() <= 60000, "expires %d", flow.expires())
    flow.out()
    flow.back()
    check(b.count() == (1, 1), "state %r", b.count())
    refused("timeout set icmp 59s")


@test("SU-11.query-without-binding")
def query_without_binding(b):
    got = b.x4(four(ICMP(type=8, id=99, seq=1) / b"ping"))
    check(not got.six, "translated")
    for frame in got.four:
        check((frame[ICMP].type, frame[ICMP].code) == (3, 1), "%d/%d",
              frame[ICMP].type, frame[ICMP].code)
    b.moved(drop_no_binding=1)


@test("SU-11.query-with-binding")
def query_with_binding(b):
    """An IPv4 host pings a mapped identifier, and the client answers."""
    flow = Echo(b).open()
    sent = four(ICMP(type=8, id=flow.pport, seq=3) / b"ping", S2)
    same(b.to6(sent), six(ICMPv6EchoRequest(id=flow.port, seq=3,
                                            data=b"ping"),
                          embed(S2), C, hlim=63))
    sent = six(ICMPv6EchoReply(id=flow.port, seq=3, data=b"ping"),
               dst=embed(S2))
    same(b.to4(sent), wanted4(ICMP(type=0, id=flow.pport, seq=3) / b"ping",
                              dst=S2), free=["id"])


@test("SU-12.informational-filtered")
def informational_filtered(b):
    """Queries that would open a session; those of one that exists go on."""
    flow = Echo(b).open()
    b.configure("option set icmp-info off")
    b.mark()
    b.none6(Echo(b).six())
    b.none4(four(ICMP(type=8, id=flow.pport, seq=1) / b"x", S2))
    b.moved(drop_icmp_policy=2, icmp_errors_sent=0)
    flow.back()


@test("SU-13.other-protocols")
def other_protocols(b):
    for number in (132, 33, 50, 51, 47, 4, 41, 255):
        with b.case(number):
            sent = bytes(IPv6(src=C, dst=S6, nh=number) / Raw(b"\0" * 32))
            got = b.error6(sent)
            check(ICMPv6DestUnreach in got or ICMPv6ParamProblem in got,
                  "no error")
            check(bytes(got)[40:42] == b"\1\4", "error %s, wanted 1/4",
                  bytes(got)[40:42].hex())
            sent = four(Raw(b"\0" * 32), proto=number)
            got = b.error4(sent)
            check((got[ICMP].type, got[ICMP].code) == (3, 2), "%d/%d",
                  got[ICMP].type, got[ICMP].code)
    b.moved(drop_protocol=16, icmp_errors_sent=16)
    check(b.count() == (0, 0), "state %r", b.count())


@test("SU-13.other-proto-translate")
def other_proto_translate(b):
    """By option, addresses only: one client for a pool address."""
    b.configure("option set other-proto translate")
    b.mark()
    body = bytes(range(48))
    got = b.to4(bytes(IPv6(src=C, dst=S6, nh=132, hlim=64) / Raw(body)))
    same(got, IP(src=T, dst=S, proto=132, ttl=63) / Raw(body), free=["id"])
    got = b.to6(four(Raw(body), proto=132))
    same(got, IPv6(src=S6, dst=C, nh=132, hlim=63) / Raw(body))
    got = b.x6(bytes(IPv6(src=C2, dst=S6, nh=132) / Raw(body)))
    check(not got.four, "a second client shares the address")
    got = b.to4(bytes(IPv6(src=C, dst=embed(S2), nh=132, hlim=64) /
                      Raw(body)))
    same(got, IP(src=T, dst=S2, proto=132, ttl=63) / Raw(body), free=["id"])


@test("SU-14.query-mapping-endpoint-independent")
def query_mapping(b):
    one = Echo(b).open()
    two = Echo(b, port=one.port, server=S2).open()
    check(one.pport == two.pport, "identifiers %d and %d", one.pport,
          two.pport)
    check(b.count() == (2, 1), "state %r", b.count())
    one.back()
    two.back()


@test("SEC-04.udp-length")
def udp_lengths(b):
    """A UDP length that disagrees with the packet is malformed."""
    flow = Udp(b).open()
    b.mark()
    for length in (0, 7, 13, 65535):
        with b.case(length):
            for packet, back in ((flow.six(b"data"), False),
                                 (flow.four(b"data"), True)):
                packet = packet.copy()
                packet[UDP].len = length
                got = b.x4(packet) if back else b.x6(packet)
                check(not (got.six if back else got.four), "translated")
    moved = b.delta()
    check(moved.get("drop-malformed", 0) + moved.get("drop-truncated", 0) == 8,
          "counters %r", moved)
