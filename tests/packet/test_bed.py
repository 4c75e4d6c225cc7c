# SPDX-License-Identifier: GPL-2.0
"""The bed itself: frames really go through plat, and silence is noticed."""
from ktap import test
from wire import *


@test("BED.forwards-ipv6")
def forwards_ipv6(b):
    sent = six(UDP(sport=5, dport=6) / b"native", dst="2001:db8:f4::9")
    got = b.to4(sent)
    sent.hlim = 63
    same(got, sent)


@test("BED.forwards-ipv4")
def forwards_ipv4(b):
    sent = four(UDP(sport=5, dport=6) / b"native", dst="10.66.0.9")
    got = b.to6(sent)
    sent.ttl = 63
    same(got, sent)


@test("BED.errors-come-back")
def errors_come_back(b):
    got = b.error6(six(UDP() / b"x", dst="2001:db8:f4::9", hlim=1))
    check(got[ICMPv6TimeExceeded].code == 0, "no hop limit error")


@test("BED.silence-is-noticed")
def silence(b):
    b.none6(six(UDP() / b"x", dst="2001:db8:f4::9", hlim=0, src="::"))
    try:
        b.none6(six(UDP() / b"x", dst="2001:db8:f4::9"))
    except AssertionError:
        return
    raise AssertionError("a forwarded frame went unnoticed")


@test("BED.order")
def order(b):
    frames = [quick_udp(n, dst="2001:db8:f4::9") for n in range(1, 200)]
    got = b.x6(*frames).four
    check([f.sport for f in got] == list(range(1, 200)), "order or loss")


@test("BED.fragments-join")
def fragments_join(b):
    whole = four(UDP(sport=5, dport=6) / (bytes(range(256)) * 4))
    check(join4(frag4(whole, 200)) == bytes(whole)[20:], "v4")
    whole = six(UDP(sport=5, dport=6) / (bytes(range(256)) * 4))
    check(join6(frag6(whole, 200)) == bytes(whole)[40:], "v6")
