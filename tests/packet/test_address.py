# SPDX-License-Identifier: GPL-2.0
"""Section 1: addresses and what is translated at all (RFC 6052, 6146)."""
import ipaddress

from ktap import test
from tool import call, ctl, refused, rows
from wire import *

VECTORS = {
    "2001:db8::/32": "2001:db8:c000:221::",
    "2001:db8:100::/40": "2001:db8:1c0:2:21::",
    "2001:db8:122::/48": "2001:db8:122:c000:2:2100::",
    "2001:db8:122:300::/56": "2001:db8:122:3c0:0:221::",
    "2001:db8:122:344::/64": "2001:db8:122:344:c0:2:2100::",
    "2001:db8:122:344::/96": "2001:db8:122:344::c000:221",
}
# 2001:db8::/32 holds every client of the bed; these do not.
OUTSIDE = "2001:db9:1:1::10"


def only(*lines):
    return ["limit set held-ports 0", "option set icmp-error-rate 0", *lines]


@test("A-01.no-pool")
def no_pool(b):
    b.reconfigure(*only("prefix add " + P64))
    b.route("2001:db8:64::/96 via 2001:db8:4::2 dev p4")
    b.mark()
    sent = Udp(b).six()
    got = b.to4(sent)
    sent.hlim = 63
    same(got, sent)
    b.moved(pass_no_config=1, translated_6to4=0, sessions_created=0)


@test("A-01.no-prefix")
def no_prefix(b):
    b.reconfigure(*only("pool add " + T))
    b.route("2001:db8:64::/96 via 2001:db8:4::2 dev p4")
    b.address(T + "/32")
    b.mark()
    sent = Udp(b).six()
    got = b.to4(sent)
    sent.hlim = 63
    same(got, sent)
    got = b.error4(four(ICMP(type=8, id=5, seq=6) / b"ping"))
    check(got[ICMP].type == 0, "the kernel did not answer")
    b.moved(translated_6to4=0, translated_4to6=0)
    status = rows("status")[0]
    check(not status["active"], "active without a prefix")


@test("A-02.lengths")
def lengths(b):
    b.reconfigure("pool add " + T)
    for length in (0, 31, 33, 57, 65, 72, 95, 97, 128):
        with b.case(length):
            code, _, err = call(
                "prefix", "add", "2001:db8::/%d" % length)
            check(code in (1, 2) and err.strip(), "exit %d: %s", code, err)
    for length in (32, 40, 48, 56, 64):
        with b.case("well-known /%d" % length):
            refused("prefix add 64:ff9b::/%d" % length)
    check(rows("prefix show") == [], "a refused prefix stayed")
    for length in (32, 40, 48, 56, 64, 96):
        with b.case("good /%d" % length):
            ctl("prefix add 2001:db8::/%d" % length)
            ctl("prefix del 2001:db8::/%d" % length)
    ctl("prefix add 64:ff9b::/96")


@test("A-03.bits")
def bits(b):
    """Every bit of an address, each at its place, in every length."""
    b.route("0.0.0.0/0 via 192.168.44.2 dev p4")
    b.route("2001:db9::/32 via 2001:db8:6::2 dev p6")
    prefixes = {n: "2001:dba::/%d" % n for n in (32, 40, 48, 56, 64, 96)}
    for length, prefix in prefixes.items():
        b.reconfigure(*only("pool add " + T, "prefix add " + prefix))
        for server in ("8.8.129.66", "203.0.113.5", "24.36.66.129"):
            with b.case("/%d %s" % (length, server)):
                flow = Udp(b, client=OUTSIDE, server=server, prefix=prefix)
                flow.open()
                flow.back()


@test("A-04.octet-u")
def octet_u(b):
    refused("prefix add 2001:db8:0:0:100::/96")
    refused("prefix add 2001:db8:0:0:ff00::/96")
    ctl("prefix add 2001:db8:0:0:1::/96")
    b.dirty = True


@test("A-04.host-bits")
def host_bits(b):
    refused("prefix add 2001:db8::1/96")
    refused("prefix add 2001:db8:1::/32")


@test("A-05.vectors")
def vectors(b):
    b.route("2001:db9::/32 via 2001:db8:6::2 dev p6")
    for prefix, address in VECTORS.items():
        with b.case(prefix):
            check(v6(embed("192.0.2.33", prefix)) == v6(address), "our vector")
            b.reconfigure(*only("pool add " + T, "prefix add " + prefix))
            flow = Echo(b, client=OUTSIDE, server="192.0.2.33", prefix=prefix)
            flow.server6 = address
            flow.open()
            flow.back()
            b.mark()


@test("A-06.suffix")
def suffix(b):
    b.route("2001:db9::/32 via 2001:db8:6::2 dev p6")
    for prefix, extra in (("2001:dba::/32", "::ff:ffff:ffff"),
                          ("2001:dba::/48", "::ffff:ffff"),
                          ("2001:dba::/64", "::ff:ffff")):
        with b.case(prefix):
            b.reconfigure(*only("pool add " + T, "prefix add " + prefix))
            flow = Udp(b, client=OUTSIDE, prefix=prefix).open()
            dirty = ipaddress.IPv6Address(
                int(ipaddress.IPv6Address(flow.server6)) |
                int(ipaddress.IPv6Address(extra)))
            got = b.to4(six(flow.l4out(flow.port, b"data"), OUTSIDE,
                            str(dirty)))
            same(got, flow.want4(), free=["id"])
            flow.back()
            check(len(b.sessions()) == 1, "the suffix made another session")


@test("A-07.default-prefix")
def default_prefix(b):
    b.route("0.0.0.0/0 via 192.168.44.2 dev p4")
    b.reconfigure(*only("prefix add default", "pool add " + T))
    check([r["prefix"] for r in rows("prefix show")] == ["64:ff9b::/96"],
          "prefix show: %r", rows("prefix show"))
    Udp(b, server="8.8.8.8", prefix="64:ff9b::/96").open().back()


WKP = "64:ff9b::/96"
NON_GLOBAL = ("10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255",
              "127.0.0.1", "169.254.1.1", "172.16.0.1", "172.31.255.255",
              "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1",
              "198.18.0.1", "198.19.255.255", "198.51.100.77", "203.0.113.5",
              "0.0.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
              "255.255.255.255")
GLOBAL = ("9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1",
          "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.255.255",
          "198.17.255.255", "198.20.0.1", "223.255.255.254", "8.8.8.8")


def wkp_bed(b):
    b.route("0.0.0.0/0 via 192.168.44.2 dev p4")
    b.reconfigure(*only("prefix add 64:ff9b::/96", "pool add " + T))
    b.mark()


@test("A-08.out")
def wkp_out(b):
    wkp_bed(b)
    for server in NON_GLOBAL:
        with b.case(server):
            for flow in (Udp(b, server=server, prefix=WKP),
                         Echo(b, server=server, prefix=WKP)):
                got = b.x6(flow.six())
                check(not got.four, "translated")
    check(b.count() == (0, 0), "state %r", b.count())
    moved = b.delta()
    check(moved.get("drop-wkp-private", 0) +
          moved.get("drop-destination-address", 0) == 2 * len(NON_GLOBAL),
          "counters %r", moved)
    check(moved.get("drop-wkp-private", 0) >= 2 * (len(NON_GLOBAL) - 6),
          "counters %r", moved)


@test("A-08.global-neighbours")
def wkp_global(b):
    wkp_bed(b)
    for server in GLOBAL:
        with b.case(server):
            Udp(b, server=server, prefix=WKP).open().back()


@test("A-08.in")
def wkp_in(b):
    wkp_bed(b)
    flow = Udp(b, server="8.8.8.8", prefix=WKP).open()
    b.mark()
    for server in NON_GLOBAL:
        with b.case(server):
            got = b.x4(four(UDP(sport=7, dport=flow.pport) / b"x", src=server))
            check(not got.six, "translated")
    check(len(b.sessions()) == 1, "sessions were made")
    check(b.delta().get("drop-wkp-private", 0) >= len(NON_GLOBAL) - 6,
          "counters %r", b.delta())


@test("A-09.allowed")
def wkp_allowed(b):
    wkp_bed(b)
    b.configure("option set wkp-private on")
    for server in ("10.0.0.1", "192.168.0.1", "192.0.2.1", "198.18.0.1",
                   "203.0.113.5"):
        with b.case(server):
            Udp(b, server=server, prefix=WKP).open().back()
    with b.case("multicast all the same"):
        got = b.x6(Udp(b, server="224.0.0.1", prefix=WKP).six())
        check(not got.four, "translated")


@test("A-10.reversible")
def reversible(b):
    """The IPv6 form of a server depends on nothing but its address."""
    for client in (C, C2):
        for server in (S, S2):
            flow = Udp(b, client=client, server=server).open()
            check(v6(flow.back()[IPv6].src) == v6(embed(server)), "source")


@test("A-11.prefix-as-source")
def prefix_as_source(b):
    victim = Udp(b).open()
    b.mark()
    n = 0
    for source in (embed(T), embed(S2), embed("0.0.0.0"), embed("8.8.8.8")):
        for flow in (Udp(b, client=source), Syn(b, client=source),
                     Echo(b, client=source)):
            with b.case("%s %s" % (source, flow.proto)):
                b.none6(flow.six())
            n += 1
        with b.case("hairpin from " + source):
            b.none6(six(UDP(sport=9, dport=victim.pport) / b"x", source,
                        embed(T)))
        with b.case("error from " + source):
            quoted = victim.want6()
            b.none6(six(Raw(icmp6(source, S6, 1, 4, quoted)), source, nh=58))
        n += 2
    b.moved(drop_prefix_source=n, icmp_errors_sent=0, bindings_created=0)
    check(b.count() == (1, 1), "state %r", b.count())


@test("A-12.native-ipv6")
def native_ipv6(b):
    b.mark()
    for payload in (UDP(sport=1, dport=2) / b"x", TCP(dport=80, flags="S"),
                    ICMPv6EchoRequest(id=1, seq=2)):
        sent = six(payload, dst="2001:db8:f4::80")
        got = b.to4(sent)
        sent.hlim = 63
        same(got, sent)
    b.moved(translated_6to4=0, sessions_created=0)


@test("A-12.other-ipv4")
def other_ipv4(b):
    for payload in (UDP(sport=1, dport=2) / b"x", TCP(dport=80, flags="S"),
                    ICMP(type=8, id=1, seq=2)):
        sent = four(payload, dst="10.66.0.9")
        got = b.to6(sent)
        sent.ttl = 63
        same(got, sent)
    b.moved(translated_4to6=0, to_kernel=0)


@test("A-12.the-box-itself")
def the_box_itself(b):
    got = b.error4(four(ICMP(type=8, id=9, seq=1) / b"hello", dst=PLAT4))
    check((got[ICMP].type, got[ICMP].id) == (0, 9), "no echo reply")
    got = b.error6(six(ICMPv6EchoRequest(id=9, data=b"hello"), dst=PLAT6))
    check(got[ICMPv6EchoReply].id == 9, "no echo reply")
    b.moved(translated_6to4=0, translated_4to6=0)


@test("A-12.pool-ports")
def pool_ports(b):
    """Of a pool address only our ports are ours."""
    b.reconfigure(*only("prefix add " + P64, "pool add %s ports 2000-2999" % T))
    b.address(T + "/32")
    flow = Udp(b, port=2500).open()
    check(2000 <= flow.pport <= 2999, "port %d is outside", flow.pport)
    b.mark()
    got = b.error4(four(UDP(sport=5, dport=3000) / b"x"))
    check((got[ICMP].type, got[ICMP].code) == (3, 3) and got[IP].src == T,
          "the kernel did not answer for its own port")
    b.moved(translated_4to6=0)


@test("A-13.more-specific-route")
def more_specific_route(b):
    b.route(S6 + "/128 via 2001:db8:4::2 dev p4")
    b.mark()
    sent = Udp(b).six()
    got = b.to4(sent)
    sent.hlim = 63
    same(got, sent)
    b.moved(pass_specific_route=1, translated_6to4=0, sessions_created=0)
    Udp(b, server=S2).open()


@test("A-14.ipv4-source")
def ipv4_source(b):
    flow = Udp(b).open()
    bad = ("0.0.0.5", "127.0.0.1", "224.0.0.9", "239.255.255.255",
           "255.255.255.255", "240.0.0.1")
    b.mark()
    for source in bad:
        with b.case(source):
            b.none4(four(UDP(sport=7, dport=flow.pport) / b"x", src=source))
    b.moved(drop_source_address=len(bad), icmp_errors_sent=0)
    check(len(b.sessions()) == 1, "sessions were made")


@test("A-14.source-of-error")
def ipv4_source_of_error(b):
    """The outer source of an ICMPv4 error may be anything."""
    flow = Udp(b).open()
    for source in ("0.0.0.5", "127.0.0.1", "240.0.0.1"):
        with b.case(source):
            got = b.to6(four(Raw(icmp4(11, 0, flow.want4())), src=source,
                             proto=1))
            check(v6(got[IPv6].src) == v6(embed(source)), "source")


@test("A-15.ipv6-source")
def ipv6_source(b):
    for source in ("::", "::1", "ff02::1", "ff0e::1", "fe80::1"):
        with b.case(source):
            b.none6(Udp(b, client=source).six())
            check(b.count() == (0, 0), "state was made")
    # The kernel discards multicast and loopback sources by itself.
    moved = b.delta()
    check(2 <= moved.get("drop-source-address", 0) <= 5, "counters %r", moved)
    check(moved.get("icmp-errors-sent", 0) == 0, "an error was sent")


@test("A-16.multicast")
def multicast(b):
    bad = ("224.0.0.1", "239.1.2.3", "255.255.255.255")
    b.route("0.0.0.0/0 via 192.168.44.2 dev p4")
    b.mark()
    for server in bad:
        with b.case(server):
            got = b.x6(Udp(b, server=server).six())
            check(not got.four, "translated")
    b.moved(drop_destination_address=len(bad))
    got = b.x4(four(UDP(sport=1, dport=2) / b"x", dst="224.0.0.251"))
    check(not got.six, "translated")
    check(b.count() == (0, 0), "state was made")


@test("A-17.algorithmic")
def algorithmic(b):
    """An IPv4 source is embedded even if a binding has that endpoint."""
    one = Udp(b).open()
    b.configure("pool add 198.51.100.2")
    got = b.to6(four(UDP(sport=one.pport, dport=one.pport) / b"x",
                     src="198.51.100.2", dst=T))
    check(v6(got[IPv6].src) == v6(embed("198.51.100.2")), "source")
    check(got[UDP].sport == one.pport, "source port")


@test("A-18.two-prefixes")
def two_prefixes(b):
    other = "2001:db8:46::/96"
    b.configure("prefix add " + other)
    one = Udp(b).open()
    two = Udp(b, prefix=other).open()
    one.back()
    two.back()
    rows_ = {r["prefix"]: r["sessions"] for r in rows("prefix show")}
    check(rows_ == {P64: 1, other: 1}, "prefix show: %r", rows_)
    row = two.session()
    check(row["server_addr6"] == v6(embed(S, other)), "session %r", row)


@test("A-18.same-tuple")
def same_tuple(b):
    """
    The reply to one pool endpoint can only come from one prefix: the second
    use of the tuple is refused, the first goes on.
    """
    other = "2001:db8:46::/96"
    b.configure("prefix add " + other)
    one = Udp(b).open()
    two = Udp(b, port=one.port, prefix=other)
    b.mark()
    got = b.x6(two.six())
    check(not got.four, "translated")
    b.moved(drop_tuple_conflict=1)
    one.back()


@test("A-20.native-and-translated")
def native_and_translated(b):
    """A client talks to both worlds from the same port."""
    flow = Udp(b).open()
    sent = six(UDP(sport=flow.port, dport=7) / b"x", dst="2001:db8:f4::7")
    got = b.to4(sent)
    sent.hlim = 63
    same(got, sent)
    flow.back()
