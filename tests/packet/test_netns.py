# SPDX-License-Identifier: GPL-2.0
"""Several namespaces, each with a configuration of its own."""
import contextlib
import os

from bed import Port, ip, ns_name, sh
from ktap import test
from tool import ctl, refused, rows
from wire import *

OTHER = ns_name("other")
MACS = {"o6": "02:00:00:00:26:01", "e6": "02:00:00:00:26:02",
        "o4": "02:00:00:00:24:01", "e4": "02:00:00:00:24:02"}


@contextlib.contextmanager
def second(b):
    """Another translator with links to n6 and n4: (its port 6, its port 4)"""
    sh("ip netns add " + OTHER)
    b.fds["other"] = os.open("/run/netns/" + OTHER, os.O_RDONLY)
    try:
        with b.inside("other"):
            b.settings("plat")
            ip("".join("link add %s address %s type veth peer name %s "
                       "address %s netns %s\n" % (
                           near, MACS[near], far, MACS[far], ns_name(ns))
                       for near, far, ns in (("o6", "e6", "n6"),
                                             ("o4", "e4", "n4"))))
            ip("link set lo up\nlink set o6 up\nlink set o4 up\n"
               "addr add 2001:db8:6::1/64 dev o6\n"
               "addr add 192.168.44.1/24 dev o4\n"
               "neigh add 2001:db8:6::2 lladdr %s dev o6 nud permanent\n"
               "neigh add 192.168.44.2 lladdr %s dev o4 nud permanent\n"
               "route add 2001:db8:1::/48 via 2001:db8:6::2\n"
               "route add 203.0.113.0/24 via 192.168.44.2\n"
               % (MACS["e6"], MACS["e4"]))
        for ns, dev in (("n6", "e6"), ("n4", "e4")):
            ip("link set %s mtu 65535 up\n" % dev, ns)
        with b.inside("n6"):
            six_ = Port("e6", mac=MACS["e6"], peer=MACS["o6"])
        with b.inside("n4"):
            four_ = Port("e4", mac=MACS["e4"], peer=MACS["o4"])
        yield six_, four_
        six_.sock.close()
        four_.sock.close()
    finally:
        os.close(b.fds.pop("other"))
        sh("ip netns del " + OTHER, check=False)


def other(line):
    """A command for the second namespace."""
    return ctl(["-n", OTHER] + line.split())


def other_rows(line):
    return rows("-n %s %s" % (OTHER, line))


@test("NS.independent")
def independent(b):
    """The same client, server and pool address on both, other settings."""
    with second(b) as (six_, four_):
        other("prefix add 2001:db8:64::/96")
        other("pool add 198.51.100.1 ports 50000-50010")
        other("option set tos-6to4 8")
        flow = Udp(b).open()
        six_.send(flow.six())
        got = b.collect(four_, len)[0]
        check(50000 <= got[UDP].sport <= 50010, "port %d", got[UDP].sport)
        check(got[IP].tos == 8, "TOS %d", got[IP].tos)
        check(len(other_rows("session show")) == 1, "sessions there")
        check(b.count() == (1, 1), "sessions here %r", b.count())
        four_.send(four(UDP(sport=7, dport=got[UDP].sport) / b"back"))
        back = b.collect(six_, len)[0]
        check(back[UDP].dport == flow.port, "port")
        other("session flush")
        check(b.count() == (1, 1), "flushed here too")
        flow.back()
        ctl("session flush")
        b.moved(translated_6to4=1, translated_4to6=1)


@test("NS.unconfigured-is-untouched")
def unconfigured(b):
    with second(b) as (six_, four_):
        ip("route add 2001:db8:64::/96 via 2001:db8:6::2 dev o6\n", "other")
        sent = Udp(b).six()
        six_.send(sent)
        got = b.collect(six_, len)[0]
        sent.hlim = 63
        check(bytes(got) == bytes(sent) or got[IPv6].nh == 58, "changed")
        check(four_.receive() is None, "translated")
        check(not other_rows("status")[0]["active"], "active")


@test("NS.deleted-under-traffic")
def deleted(b):
    """The namespace goes while its sessions are in use."""
    for _ in range(2):
        with second(b) as (six_, four_):
            other("prefix add 2001:db8:64::/96")
            other("pool add 198.51.100.1")
            flows = [Udp(b) for _ in range(50)]
            for flow in flows:
                six_.send(flow.six())
            b.collect(four_, lambda frames: len(frames) == 50)
            for flow in flows:
                six_.send(flow.six())
    flow = Udp(b).open()
    flow.back()


@test("NS.names")
def names(b):
    code = 0
    try:
        ctl(["-n", "no-such-namespace", "status"])
    except Exception as error:
        code = getattr(error, "code", 0)
    check(code, "accepted")
    refused("-n %s prefix add %s" % (ns_name("plat"), P64))
