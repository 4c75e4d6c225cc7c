# SPDX-License-Identifier: GPL-2.0
"""Section 11 (C-01 to C-05) and 1 (A-19): limits, of all and of each."""
from ktap import test
from test_binding import error_code, host
from tool import ctl, rows
from wire import *


def status():
    return rows("status")[0]


@test("C-01.subscriber-ports")
def subscriber_ports(b):
    b.configure("limit set subscriber-ports 10")
    flows = [Udp(b, client=(C, C_TWIN)[n % 2]).open() for n in range(10)]
    b.mark()
    for client in (C, C_TWIN):
        got = b.error6(Udp(b, client=client).six())
        check(error_code(got) == (1, 3), "error %r", error_code(got))
    b.moved(drop_subscriber_ports=2, sessions_created=0)
    Udp(b, client=C2).open()
    Syn(b).open()
    for flow in flows:
        flow.out()
        flow.back()
    with b.case("an old port may have more sessions"):
        Udp(b, port=flows[0].port, server=S2).open()
    ctl("session kill client %s client-port %d" % (flows[0].client,
                                                   flows[0].port))
    Udp(b).open()


@test("C-02.subscriber-rate")
def subscriber_rate(b):
    b.configure("limit set subscriber-rate 10")
    old = Udp(b, client=C2).open()
    b.mark()
    got = b.x6(*[quick_udp(b.fresh_port()) for _ in range(100)])
    made = len(got.four)
    check(1 <= made < 100, "%d of 100 sessions at 10 per second", made)
    b.moved(sessions_created=made, drop_subscriber_rate=100 - made)
    old.out()
    old.back()
    Udp(b, client=C3).open()
    b.poll("another second", lambda: b.x6(Udp(b).six()).four, 30)


def inbound(b, flow, count, first=1024):
    """COUNT others send to a client's port; how many get through."""
    got = b.x4(*[four(UDP(sport=first + n, dport=flow.pport) / b"x", S2)
                 for n in range(count)])
    return len(got.six)


@test("C-02.rate-for-the-client")
def rate_for_the_client(b):
    """Others outside leave some of what a client may open in a second."""
    flow = Udp(b).open()
    b.configure("limit set subscriber-rate 16")
    made = inbound(b, flow, 100)
    check(1 <= made < 100, "%d of 100 sessions from outside", made)
    Udp(b).open()
    Udp(b).open()


@test("C-03.room-for-the-client")
def room_for_the_client(b):
    """Others outside leave an eighth, of a subscriber's and of all."""
    for limit, counter in (("subscriber-sessions", "drop_subscriber_sessions"),
                           ("sessions", "drop_limit_sessions")):
        with b.case(limit):
            ctl("session flush")
            b.configure("limit set subscriber-sessions 0",
                        "limit set %s 80" % limit)
            flow = Udp(b).open()
            b.mark()
            made = inbound(b, flow, 100)
            check(made == 69, "%d sessions from outside", made)
            b.moved(**{counter: 31, "sessions_created": 69})
            for _ in range(10):
                Udp(b).open()
            got = b.x6(Udp(b).six())
            check(not got.four, "over the limit")
            flow.back()


@test("C-03.subscriber-sessions")
def subscriber_sessions(b):
    b.configure("limit set subscriber-sessions 5")
    port = b.fresh_port()
    flows = [Udp(b, port=port, server=S, sport=100 + n).open()
             for n in range(5)]
    b.mark()
    got = b.error6(Udp(b, client=C_TWIN).six())
    check(error_code(got) == (1, 3), "error %r", error_code(got))
    got = b.x4(four(UDP(sport=1, dport=flows[0].pport) / b"x", S2))
    check(not got.six, "inbound made a session beyond the limit")
    b.moved(drop_subscriber_sessions=2, sessions_created=0)
    for flow in flows:
        flow.out()
        flow.back()
    Udp(b, client=C2).open()


@test("C-03.binding-sessions")
def binding_sessions(b):
    b.configure("limit set binding-sessions 3")
    port = b.fresh_port()
    for n in range(3):
        Udp(b, port=port, sport=100 + n).open()
    b.mark()
    got = b.x6(Udp(b, port=port, sport=200).six())
    check(not got.four, "a fourth session")
    b.moved(drop_subscriber_sessions=1)
    Udp(b).open()


@test("C-03.sessions-of-all")
def sessions(b):
    b.configure("limit set sessions 20")
    flows = [Udp(b, client=host(n)).open() for n in range(20)]
    b.mark()
    for n in range(5):
        got = b.x6(Udp(b, client=host(30 + n)).six())
        check(not got.four, "over the limit")
    b.moved(drop_limit_sessions=5)
    for flow in flows:
        flow.out()
    check(status()["sessions"] == 20, "status %r", status())
    ctl("session kill client " + flows[0].client)
    Udp(b).open()


@test("C-03.bindings-of-all")
def bindings(b):
    b.configure("limit set bindings 10")
    flows = [Udp(b, client=host(n)).open() for n in range(10)]
    b.mark()
    got = b.x6(Udp(b).six())
    check(not got.four, "over the limit")
    b.moved(drop_limit_sessions=1)
    Udp(b, client=flows[0].client, port=flows[0].port, server=S2).open()


@test("C-03.subscribers")
def subscribers(b):
    b.configure("limit set subscribers 4")
    flows = [Udp(b, client=host(n)).open() for n in range(4)]
    check(status()["subscribers"] == 4, "status %r", status())
    b.mark()
    got = b.x6(Udp(b, client=host(5)).six())
    check(not got.four, "over the limit")
    b.moved(drop_limit_subscribers=1)
    Udp(b, client=flows[1].client).open()


@test("C-03.limit-below-use")
def below_use(b):
    """A limit that is lowered refuses what is new and ends nothing."""
    flows = [Udp(b).open() for _ in range(6)]
    b.configure("limit set sessions 2", "limit set subscriber-sessions 2",
                "limit set bindings 2")
    for flow in flows:
        flow.out()
        flow.back()
    got = b.x6(Udp(b).six())
    check(not got.four, "over the limit")


@test("C-03.refused-leaves-nothing")
def refused_leaves_nothing(b):
    """A refusal late in the creation gives back what it had taken."""
    b.configure("limit set sessions 1")
    Udp(b).open()
    for _ in range(10):
        b.x6(Udp(b, client=C2).six())
    check(b.count() == (1, 1), "state %r", b.count())
    check(status()["subscribers"] == 1, "status %r", status())
    check(rows("pool show")[0]["ports_used"] == 1, "pool %r",
          rows("pool show"))


@test("C-05.held-back")
def held_back(b):
    b.reconfigure("prefix add " + P64, "pool add %s ports 6010-6010" % T,
                  "option set icmp-error-rate 0", "option set port-parity off")
    b.mark()
    Udp(b, port=6010).open()
    before = status()["held_ports"]
    ctl("session flush")
    check(status()["held_ports"] == before + 1, "status %r", status())
    got = b.x6(Udp(b, client=C2, port=6010).six())
    check(not got.four, "a freed port was given to another client")
    b.moved(drop_pool_exhausted=1)


@test("C-05.tcp-not-held")
def tcp_not_held(b):
    b.reconfigure("prefix add " + P64, "pool add %s ports 6020-6020" % T,
                  "option set icmp-error-rate 0")
    Syn(b, port=6020).open()
    ctl("session flush")
    Syn(b, client=C2, port=6020).open()


@test("C-05.time")
def hold_time(b):
    b.reconfigure("prefix add " + P64, "pool add %s ports 6030-6030" % T,
                  "option set icmp-error-rate 0",
                  "option set allow-nonconforming on",
                  "timeout set port-hold 500ms")
    Udp(b, port=6030).open()
    ctl("session flush")
    b.poll("the port", lambda: b.x6(Udp(b, client=C2, port=6030).six()).four,
           30)


@test("C-05.at-most")
def hold_at_most(b):
    b.reconfigure("prefix add " + P64, "pool add " + T,
                  "option set icmp-error-rate 0")
    most = status()["held_ports"] + 3
    ctl("limit set held-ports %d" % most)
    for _ in range(8):
        Udp(b).open()
    ctl("session flush")
    check(status()["held_ports"] == most, "status %r", status())


@test("C-05.static-not-held")
def static_not_held(b):
    b.reconfigure("prefix add " + P64, "pool add " + T,
                  "binding add %s 6040 to %s 6040 proto udp" % (C, T))
    Udp(b, port=6040).open()
    before = status()["held_ports"]
    ctl("session flush")
    check(status()["held_ports"] == before, "status %r", status())
    check(Udp(b, port=6040).open().pport == 6040, "port")


@test("A-19.subscriber-length")
def subscriber_length(b):
    """Which addresses share a quota and a pool address."""
    hosts = {"128": (C, C), "64": (C, C_TWIN),
             "56": ("2001:db8:1:100::1", "2001:db8:1:1ff::1"),
             "48": ("2001:db8:1:1::1", "2001:db8:1:ff01::1")}
    others = {"128": C_TWIN, "64": C2, "56": "2001:db8:1:200::1",
              "48": "2001:db8:2:1::1"}
    for length, (one, two) in hosts.items():
        with b.case(length):
            b.reconfigure("prefix add " + P64, "pool add 198.51.100.0/26",
                          "limit set held-ports 0",
                          "option set icmp-error-rate 0",
                          "limit set subscriber-sessions 2",
                          "option set subscriber-length " + length)
            first, second = Udp(b, client=one).open(), \
                Udp(b, client=two).open()
            check(first.pool == second.pool, "two addresses")
            got = b.x6(Udp(b, client=two).six())
            check(not got.four, "no common quota")
            Udp(b, client=others[length]).open()


@test("S-04.delegated-prefix")
def delegated_prefix(b):
    check({r["name"]: r["value"] for r in rows("option show")}
          ["subscriber-length"] == "64", "default")
    one, two = Udp(b).open(), Udp(b, client=C_TWIN).open()
    check(status()["subscribers"] == 1, "status %r", status())
    check(one.pool == two.pool, "two addresses")


@test("SEC-01.many-sources-in-one-prefix")
def many_sources(b):
    b.configure("limit set subscriber-ports 50")
    other = Udp(b, client=C2).open()
    made = 0
    for at in range(0, 2000, 200):
        got = b.x6(*[quick_udp(5000, src="2001:db8:1:1::%x" % (4096 + at + n))
                     for n in range(200)])
        made += len(got.four)
    check(made == 50, "%d ports for one subscriber", made)
    check(status()["sessions"] == 51, "status %r", status())
    other.back()
    Udp(b, client=C3).open()


@test("SEC-02.session-flood")
def session_flood(b):
    b.configure("limit set sessions 500")
    old = Udp(b, client=C2).open()
    for at in range(0, 2000, 200):
        b.x6(*[quick_syn(1024 + at + n) for n in range(200)])
    check(status()["sessions"] == 500, "status %r", status())
    old.out()
    old.back()
