# SPDX-License-Identifier: GPL-2.0
"""Section 10: filtering of what comes in."""
from ktap import test
from tool import rows
from wire import *

ADF = {"udp": "option set filtering-udp address-dependent",
       "tcp": "option set filtering-tcp address-dependent",
       "icmp": "option set filtering-icmp address-dependent"}


def option(name):
    return {r["name"]: r["value"] for r in rows("option show")}[name]


@test("FL-01.default")
def default(b):
    for name in ("udp", "tcp", "icmp"):
        check(option("filtering-" + name) == "endpoint-independent",
              "default of %s", name)
    flow = Udp(b).open()
    b.to6(four(UDP(sport=1, dport=flow.pport) / b"x", S2))


@test("FL-01.per-protocol")
def per_protocol(b):
    b.configure(ADF["udp"])
    udp, tcp = Udp(b).open(), Syn(b).open()
    b.mark()
    got = b.x4(four(UDP(sport=1, dport=udp.pport) / b"x", S2))
    check(not got.six, "UDP passed")
    b.to6(four(TCP(sport=1, dport=tcp.pport, flags="S"), S2))
    b.moved(drop_filtered=1)


@test("FL-02.same-address-any-port")
def same_address(b):
    b.configure(ADF["udp"])
    flow = Udp(b).open()
    for port in (8, 9999):
        b.to6(four(UDP(sport=port, dport=flow.pport) / b"x"))
    b.mark()
    for source in (S2, S3):
        got = b.x4(four(UDP(sport=7, dport=flow.pport) / b"x", source))
        check(not got.six, "passed")
        for frame in got.four:
            check((frame[ICMP].type, frame[ICMP].code) == (3, 13), "%d/%d",
                  frame[ICMP].type, frame[ICMP].code)
    b.moved(drop_filtered=2)
    flow.back()
    Udp(b, port=flow.port, server=S2, sport=1).open()
    b.to6(four(UDP(sport=7, dport=flow.pport) / b"x", S2))


@test("FL-02.other-binding-of-the-client")
def other_binding(b):
    """Permission is the binding's, not the client's."""
    b.configure(ADF["udp"])
    one = Udp(b, server=S).open()
    two = Udp(b, server=S2).open()
    got = b.x4(four(UDP(sport=7, dport=one.pport) / b"x", S2))
    check(not got.six, "passed")
    two.back()


@test("FL-02.static-binding")
def static(b):
    """A static binding filters like any other."""
    b.configure(ADF["udp"], "binding add %s 80 to %s 80 proto udp" % (C, T))
    got = b.x4(four(UDP(sport=7, dport=80) / b"x"))
    check(not got.six, "passed")
    Udp(b, port=80).open().back()


@test("FL-03.icmp-query")
def icmp_query(b):
    b.configure(ADF["icmp"])
    flow = Echo(b).open()
    flow.back()
    b.mark()
    got = b.x4(four(ICMP(type=8, id=flow.pport, seq=1) / b"x", S2))
    check(not got.six, "passed")
    b.moved(drop_filtered=1)
    b.to6(four(ICMP(type=8, id=flow.pport, seq=1) / b"x", S))


@test("FL-04.hairpin")
def hairpin(b):
    b.configure(ADF["udp"])
    inside = Udp(b, client=C2).open()
    b.mark()
    got = b.x6(six(UDP(sport=b.fresh_port(), dport=inside.pport) / b"x",
                   dst=embed(T)))
    check(not [f for f in got.six if v6(f[IPv6].dst) == v6(C2)], "passed")
    check(not got.four, "left on the IPv4 side")
    b.moved(drop_filtered=1)


@test("FL-04.hairpin-permitted")
def hairpin_permitted(b):
    """Both clients talk to the pool address: each may answer the other."""
    b.configure(ADF["udp"])
    one, two = b.fresh_port(), b.fresh_port()
    b.x6(six(UDP(sport=one, dport=two) / b"1", C, embed(T)))
    got = b.x6(six(UDP(sport=two, dport=one) / b"2", C2, embed(T))).six
    check(len(got) == 1 and v6(got[0][IPv6].dst) == v6(C),
          "not delivered: %r", got)
