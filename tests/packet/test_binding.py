# SPDX-License-Identifier: GPL-2.0
"""Section 9: bindings and the choice of pool addresses and ports."""
from ktap import test
from tool import ctl, refused, rows
from wire import *


def host(n):
    """The Nth subscriber, one host each."""
    return "2001:db8:2:%x::9" % (n + 1)


def only(b, *lines):
    b.reconfigure("prefix add " + P64, "limit set held-ports 0",
                  "option set icmp-error-rate 0", *lines)


def error_code(frame):
    return tuple(bytes(frame)[40:42])


@test("B-01.separate-tables")
def separate(b):
    port = b.fresh_port()
    flows = [kind(b, port=port).open() for kind in (Udp, Syn, Echo)]
    check({f.pport for f in flows} == {port}, "pool ports %r",
          [f.pport for f in flows])
    check(sorted(r["proto"] for r in b.bindings(pool_port=port)) ==
          ["icmp", "tcp", "udp"], "bindings %r", b.bindings())
    other = Udp(b, client=C2, port=port).open()
    check(other.pport != port, "one endpoint for two clients")


@test("B-02.endpoint-independent")
def endpoint_independent(b):
    for kind in (Udp, Syn):
        port = b.fresh_port()
        flows = [kind(b, port=port, server=s, sport=p).open()
                 for s, p in ((S, 7), (S, 8), (S2, 7), (S3, 9))]
        check(len({(f.pool, f.pport) for f in flows}) == 1, "endpoints %r",
              [(f.pool, f.pport) for f in flows])
        check(b.binding(proto=kind.proto)["sessions"] == 4, "sessions")


@test("B-02.after-conflict")
def endpoint_independent_conflict(b):
    """Also where the port could not be preserved."""
    first = Udp(b).open()
    flows = [Udp(b, client=C2, port=first.port, server=s).open()
             for s in (S, S2, S3)]
    check(len({(f.pool, f.pport) for f in flows}) == 1, "endpoints differ")
    check(flows[0].pport != first.pport, "overloaded")


@test("B-03.ends-with-last-session")
def ends_with_last(b):
    port = b.fresh_port()
    Udp(b, port=port).open()
    Udp(b, port=port, server=S2).open()
    ctl("session kill server " + S)
    check(b.count() == (1, 1), "state %r", b.count())
    ctl("session kill server " + S2)
    check(b.count() == (0, 0), "state %r", b.count())
    b.moved(bindings_created=1, bindings_removed=1, sessions_removed=2)


@test("B-03.static-stays")
def static_stays(b):
    b.configure("binding add %s 5353 to %s 5300 proto udp" % (C, T))
    flow = Udp(b, port=5353).open()
    check(flow.pport == 5300, "pool port %d", flow.pport)
    ctl("session flush")
    row = b.binding()
    check(row["static"] and row["sessions"] == 0, "binding %r", row)
    ctl("binding del %s 5353 to %s 5300 proto udp" % (C, T))
    check(b.bindings() == [], "still there")


@test("B-04.static-inbound")
def static_inbound(b):
    for proto in ("udp", "tcp", "icmp"):
        b.configure("binding add %s 80 to %s 8080 proto %s" % (C, T, proto))
    sent = UDP(sport=999, dport=8080) / b"in"
    got = b.to6(four(sent))
    sent[UDP].dport = 80
    same(got, six(sent, S6, C, hlim=63))
    sent = TCP(sport=999, dport=8080, flags="S", seq=3)
    got = b.to6(four(sent))
    sent[TCP].dport = 80
    same(got, six(sent, S6, C, hlim=63))
    got = b.to6(four(ICMP(type=8, id=8080, seq=4) / b"in"))
    same(got, six(ICMPv6EchoRequest(id=80, seq=4, data=b"in"), S6, C,
                  hlim=63))
    check(b.count() == (3, 3), "state %r", b.count())
    check(all(r["inbound"] for r in b.sessions()), "not inbound")


@test("B-04.static-refusals")
def static_refusals(b):
    b.configure("binding add %s 80 to %s 8080 proto tcp" % (C, T))
    refused("binding add %s 81 to %s 8080 proto tcp" % (C2, T))
    refused("binding add %s 80 to %s 8081 proto tcp" % (C, T))
    refused("binding add %s 81 to 192.0.2.99 8081 proto tcp" % C)
    refused("binding del %s 99 to %s 99 proto tcp" % (C, T))
    ctl("binding add %s 80 to %s 8080 proto udp" % (C, T))
    check(len(b.bindings()) == 2, "bindings %r", b.bindings())


@test("B-04.static-port-not-for-others")
def static_reserved(b):
    b.configure("binding add %s 7000 to %s 7000 proto udp" % (C, T))
    flow = Udp(b, client=C2, port=7000).open()
    check(flow.pport != 7000, "the static port was given away")


@test("B-05.paired")
def paired(b):
    """All protocols and hosts of a subscriber use one pool address."""
    only(b, "pool add 198.51.100.0/26")
    used = set()
    for n in range(12):
        base = "2001:db8:2:%x::" % (n + 1)
        flows = [kind(b, client=base + tail).open()
                 for tail in ("1", "ffff") for kind in (Udp, Syn, Echo)]
        check(len({f.pool for f in flows}) == 1, "subscriber %d has %r", n,
              {f.pool for f in flows})
        used.add(flows[0].pool)
    check(len(used) > 4, "12 subscribers on %r of 64 addresses", used)


@test("B-06.paired-address-full")
def paired_full(b):
    only(b, "pool add 198.51.100.2/31 ports 5000-5003")
    flows = [Udp(b).open() for _ in range(2)]
    check(len({f.pool for f in flows}) == 1, "not paired")
    for _ in range(10):
        got = b.x6(Udp(b).six())
        if got.six:
            break
        check(got.four[0][IP].src == flows[0].pool, "another address")
    check(error_code(got.six[0]) == (1, 3), "error %r",
          error_code(got.six[0]))
    check(b.delta().get("drop-pool-exhausted") == 1, "counters %r",
          b.delta())
    b.configure("option set pairing soft")
    flow = Udp(b)
    got = b.to4(flow.six())
    check(got[IP].src != flows[0].pool, "the same address")
    for flow in flows:
        flow.back()


@test("B-07.port-range-kept")
def port_range(b):
    for kind in (Udp, Syn):
        with b.case(kind.proto):
            low = [kind(b, client=host(n), port=500).open().pport
                   for n in range(8)]
            check(all(p < 1024 for p in low), "ports %r", low)
            check(len(set(low)) == 8, "ports %r", low)
            high = [kind(b, client=host(n), port=1024).open().pport
                    for n in range(8)]
            check(all(p >= 1024 for p in high), "ports %r", high)


@test("B-07.no-low-ports-in-pool")
def no_low_ports(b):
    only(b, "pool add %s ports 2000-3000" % T)
    for kind in (Udp, Syn):
        flow = kind(b, port=500).open()
        check(2000 <= flow.pport <= 3000, "port %d", flow.pport)


@test("B-08.parity")
def parity(b):
    for port in (30000, 30001, 400, 401):
        with b.case(port):
            got = [Udp(b, client=host(n), port=port).open().pport
                   for n in range(8)]
            check(all(p % 2 == port % 2 for p in got), "ports %r", got)
            check(len(set(got)) == 8, "ports %r", got)


@test("B-08.parity-off")
def parity_off(b):
    b.configure("option set port-parity off")
    got = [Udp(b, client=host(n), port=30002).open().pport for n in range(24)]
    check({p % 2 for p in got} == {0, 1}, "ports %r", got)


@test("B-09.no-overloading")
def no_overloading(b):
    """Many clients with one port, to one and to different servers."""
    only(b, "pool add %s ports 6000-6063" % T, "option set port-parity off")
    seen = set()
    for n in range(64):
        flow = Udp(b, client=host(n), port=6010,
                   server=(S, S2, S3)[n % 3]).open()
        check((flow.pool, flow.pport) not in seen, "%d overloaded",
              flow.pport)
        seen.add((flow.pool, flow.pport))
    check(len(seen) == 64, "%d endpoints", len(seen))
    got = b.error6(Udp(b, client=host(64), server=S3).six())
    check(error_code(got) == (1, 3), "error %r", error_code(got))


@test("B-09.every-port-used-once")
def every_port(b):
    only(b, "pool add %s ports 10000-10999" % T, "option set port-parity off")
    packets = [quick_udp(10500, src=host(n)) for n in range(1000)]
    seen = []
    for at in range(0, 1000, 100):
        seen += [f.sport for f in b.x6(*packets[at:at + 100]).four]
    check(sorted(seen) == list(range(10000, 11000)), "%d ports, %d distinct",
          len(seen), len(set(seen)))
    pool = rows("pool show")[0]
    check(pool["ports_used"] >= 1000, "pool show: %r", pool)


@test("B-10.no-overlap-by-destination")
def no_overlap(b):
    one = Udp(b, server=S).open()
    two = Udp(b, client=C2, port=one.port, server=S2).open()
    check(one.pport != two.pport, "one endpoint, two destinations")


@test("B-11.random")
def random_ports(b):
    """Without preservation, and on a conflict, ports cannot be guessed."""
    b.configure("option set port-preserve off")
    packets = [quick_udp(20000 + 2 * n) for n in range(300)]
    ports = [f.sport for f in b.x6(*packets).four]
    check(len(set(ports)) == 300, "ports repeat")
    steps = [abs(a - c) for a, c in zip(ports, ports[1:])]
    check(sum(s <= 16 for s in steps) < 30, "neighbouring ports: %r",
          ports[:20])
    buckets = {p // 8192 for p in ports}
    check(len(buckets) == 8, "ports only in %r", buckets)


@test("B-11.preserved-when-free")
def preserved(b):
    for kind in (Udp, Syn, Echo):
        flow = kind(b).open()
        check(flow.pport == flow.port, "%s port %d became %d", kind.proto,
              flow.port, flow.pport)


@test("B-11.random-on-conflict")
def random_on_conflict(b):
    port = b.fresh_port()
    ports = [Udp(b, client=host(n), port=port).open().pport
             for n in range(40)]
    steps = [abs(a - c) for a, c in zip(ports[1:], ports[2:])]
    check(sum(s <= 16 for s in steps) < 8, "ports %r", ports)


@test("B-12.exhaustion-error")
def exhaustion(b):
    only(b, "pool add %s ports 6000-6001 proto udp" % T)
    flows = [Udp(b, port=p).open() for p in (6000, 6001)]
    for text, code in (("address", (1, 3)), ("prohibited", (1, 1)),
                       ("silent", None)):
        with b.case(text):
            b.configure("option set exhaustion-error " + text)
            b.mark()
            sent = Udp(b).six()
            if code:
                got = b.error6(sent)
                check(error_code(got) == code, "error %r", error_code(got))
                check(bytes(got)[48:] == bytes(sent), "quote")
            else:
                b.none6(sent)
            b.moved(drop_pool_exhausted=1)
    with b.case("protocol without pool"):
        b.configure("option set exhaustion-error address")
        check(error_code(b.error6(Syn(b).six())) == (1, 3), "tcp")
    check(len(flows) == 2, "")


@test("B-13.no-eviction")
def no_eviction(b):
    only(b, "pool add %s ports 6000-6003" % T, "option set port-parity off")
    flows = [Udp(b, client=host(n), port=6000 + n).open() for n in range(4)]
    for n in range(20):
        got = b.x6(Udp(b, client=host(10 + n)).six())
        check(not got.four, "translated")
    for flow in flows:
        flow.back()
        flow.out()


@test("B-14.ranges")
def ranges(b):
    only(b, "pool add 198.51.100.10-198.51.100.12",
         "pool add 198.51.100.200/31", "pool add 192.0.2.77",
         "option set subscriber-length 128")
    allowed = {"198.51.100.10", "198.51.100.11", "198.51.100.12",
               "198.51.100.200", "198.51.100.201", "192.0.2.77"}
    used = set()
    for n in range(60):
        flow = Udp(b, client=host(n)).open()
        used.add(flow.pool)
    check(used <= allowed, "addresses %r", used - allowed)
    check(len(used) >= 5, "only %r", used)


@test("B-14.port-ranges-of-one-address")
def port_ranges(b):
    only(b, "pool add %s ports 1000-1001" % T,
         "pool add %s ports 5000-5001" % T, "option set port-parity off")
    ports = {Udp(b, client=host(n)).open().pport for n in range(4)}
    check(ports == {1000, 1001, 5000, 5001}, "ports %r", ports)
    refused("pool add %s ports 5001-5002" % T, "overlap")


@test("B-15.protocols-apart")
def protocols_apart(b):
    flow = Syn(b).open()
    b.mark()
    got = b.x4(four(UDP(sport=7, dport=flow.pport) / b"x"))
    check(not got.six, "UDP came in on a TCP binding")
    got = b.x4(four(ICMP(type=8, id=flow.pport, seq=1)))
    check(not got.six, "ICMP came in on a TCP binding")
    b.moved(drop_no_binding=2)


@test("B-16.deterministic-under-conflict")
def deterministic(b):
    flows = [Udp(b, client=host(n), port=33333).open() for n in range(30)]
    for flow in flows:
        again = Udp(b, client=flow.client, port=33333, server=S2).open()
        check((again.pool, again.pport) == (flow.pool, flow.pport),
              "the mapping depends on the destination")


@test("B-17.local-port-range")
def local_port_range(b):
    """A pool address of the box itself must leave the box its ports."""
    b.address("198.51.100.50/32")
    refused("pool add 198.51.100.50", "port")
    refused("pool add 198.51.100.50 ports 40000-50000", "port")
    b.configure("pool add 198.51.100.50 ports 1024-30000")
    b.configure("pool add 198.51.100.50 ports 40000-50000 force")


@test("S-03.no-pat-pool")
def no_pat(b):
    """A whole address for each subscriber, ports untouched."""
    only(b, "pool add 198.51.100.16/31 no-pat")
    one = [kind(b, client=C, port=p).open() for kind in (Udp, Syn)
           for p in (80, 4000, 65535)]
    check(all(f.pport == f.port for f in one), "a port was changed")
    check(len({f.pool for f in one}) == 1, "several addresses")
    two = Udp(b, client=C2, port=80).open()
    check(two.pport == 80 and two.pool != one[0].pool, "%s#%d", two.pool,
          two.pport)
    b.mark()
    got = b.x6(Udp(b, client=C3).six())
    check(not got.four, "a third subscriber got an address of two")
    b.moved(drop_pool_exhausted=1)
    got = b.x6(Udp(b, client=C_TWIN, port=80).six())
    check(not got.four, "two hosts share a port of a no-pat address")
    check(b.delta().get("drop-no-pat-conflict") == 1, "counters %r",
          b.delta())


@test("S-03.no-pat-with-persistence")
def no_pat_persistent(b):
    only(b, "pool add 198.51.100.16/31 no-pat")
    refused("option set persistent on", "no-pat")
    only(b, "pool add 198.51.100.20", "option set persistent on")
    refused("pool add 198.51.100.16/31 no-pat", "persistent")
    check(len(rows("pool show")) == 1, "pool show: %r", rows("pool show"))


@test("S-03.persistent-alone")
def persistent(b):
    """A binding outlives its sessions by the timeout, then it goes."""
    b.configure("option set persistent on")
    flow = Udp(b).open()
    ctl("session kill client " + C)
    check(b.count() == (0, 1), "state %r", b.count())
    first = flow.pport
    check(Udp(b, port=flow.port, server=S2).open().pport == first,
          "another port")
    b.configure("timeout set persistent 1s")
    ctl("session kill client " + C)
    b.poll("the end of the binding", lambda: b.count() == (0, 0))
