# SPDX-License-Identifier: GPL-2.0
"""
Early translation (design 4) at the ingress of the device: known flows, and the
first datagram of new ones. Every other test is about its octets; these are about
who takes it, and who must not.
"""
import contextlib

from bed import MAC, PEER, ip, ns_name, sh
from ktap import test
from wire import *

TABLE = "early"


def early(b, flow, both=True):
    """A packet each way, translated early or not."""
    b.mark()
    flow.out()
    flow.back()
    b.moved(translated_6to4=1, translated_4to6=1,
            translated_early=2 if both else 0)


def established(b):
    """A TCP connection whose handshake is over."""
    flow = Syn(b).open()
    flow.back()
    flow.l4out = lambda port, data: TCP(
        sport=port, dport=flow.sport, flags="PA", seq=1001, ack=5001) / data
    flow.l4back = lambda port, data: TCP(
        sport=flow.sport, dport=port, flags="PA", seq=5001, ack=1001) / data
    return flow


@contextlib.contextmanager
def chain(family, hook, priority, rule, **keys):
    """A chain of nftables with one rule."""
    device = " device %s" % keys["device"] if keys else ""
    sh("nft add table %s %s" % (family, TABLE))
    try:
        sh("nft add chain %s %s c { type filter hook %s%s priority %d ; }" %
           (family, TABLE, hook, device, priority))
        sh("nft add rule %s %s c %s" % (family, TABLE, rule))
        yield lambda: sh("nft list table %s %s" % (family, TABLE))
    finally:
        sh("nft delete table %s %s" % (family, TABLE))


def generate(b, ns, device, packet, count):
    """
    Packets of pktgen, which keeps each for itself until it has been received:
    they are shared. Its headers are those of PACKET.
    """
    sh("modprobe -q pktgen", check=False)
    six = "6" if IPv6 in packet else ""

    def put(name, line):
        with open("/proc/thread-self/net/pktgen/" + name, "w") as file:
            file.write(line + "\n")

    with b.inside(ns):
        put("kpktgend_0", "add_device " + device)
        for line in ("count %d" % count, "pkt_size 100", "flag UDPCSUM",
                     "dst_mac " + MAC[PEER[device]],
                     "src%s %s" % (six or "_min", packet.src),
                     "dst%s %s" % (six, packet.dst),
                     "udp_src_min %d" % packet.sport,
                     "udp_src_max %d" % packet.sport,
                     "udp_dst_min %d" % packet.dport,
                     "udp_dst_max %d" % packet.dport):
            put(device, line)
        put("pgctrl", "start")
        put("kpktgend_0", "rem_device_all")


@test("EARLY.known-flows")
def known(b):
    early(b, Udp(b).open())
    early(b, established(b))
    with b.case("queries take the usual way"):
        early(b, Echo(b).open(), both=False)


@test("EARLY.first-datagram")
def first(b):
    """A flow of UDP begins here, others where all is decided."""
    b.mark()
    flow = Udp(b)
    got = b.to4(flow.six())
    flow.learn(got)
    same(got, flow.want4(), free=["id"])
    b.moved(translated_6to4=1, translated_early=1, sessions_created=1)
    for kind in (Syn, Echo):
        with b.case(kind.proto):
            kind(b).open()
            b.moved(translated_6to4=1, translated_early=0, sessions_created=1)
    with b.case("to another client"):
        receiver = Udp(b).open()
        b.mark()
        b.x6(Udp(b, server=T, sport=receiver.pport).six()).only6()
        b.moved(hairpinned=1, translated_early=0, sessions_created=2)


@test("EARLY.first-refused")
def first_refused(b):
    """With the reason, the answer and the counters of IP of the usual way."""
    b.configure("option set exhaustion-error address",
                "limit set subscriber-sessions 1")
    Udp(b).open()
    sent = Udp(b).six(tc=2)
    seen = []
    for option in ("on", "off"):
        b.configure("option set early-translation " + option)
        b.mark()
        before = ip_counters()
        seen.append((bytes(b.error6(sent)), moved_since(before)))
        b.moved(drop_subscriber_sessions=1, icmp_errors_sent=1,
                translated_early=0)
    check(seen[0] == seen[1], "early %r, else %r", *seen)
    b.configure("option set early-translation on")
    with b.case("somebody else holds it as well"):
        b.mark()
        generate(b, "n6", "c6", sent, 3)
        check(len(b.settle().six) == 3, "answers")
        b.moved(drop_subscriber_sessions=3)


@test("EARLY.first-source")
def first_source(b):
    """Who cannot have sent it is asked by IPv6, and never opens a session."""
    for source in ("::1", "::", "fe80::5", "ff0e::5"):
        seen = []
        for option in ("on", "off"):
            b.configure("option set early-translation " + option)
            b.mark()
            before = ip_counters()
            b.none6(Udp(b, client=source).six())
            seen.append((b.delta(), moved_since(before)))
        with b.case(source):
            check(seen[0] == seen[1], "early %r, else %r", *seen)
            check("sessions-created" not in seen[0][0], "%r", seen[0])


@test("EARLY.shared-packets")
def shared(b):
    """What somebody else holds as well is translated, and theirs is not."""
    flow = Udp(b).open()
    b.mark()
    generate(b, "n6", "c6", flow.six(), 3)
    got = b.settle()
    check((len(got.six), len(got.four)) == (0, 3), "%r", got)
    for frame in got.four:
        same(frame, flow.want4(frame.ip[28:], ttl=31), free=["id"])
    generate(b, "n4", "s4", flow.four(), 3)
    got = b.settle()
    check((len(got.six), len(got.four)) == (3, 0), "%r", got)
    for frame in got.six:
        same(frame, flow.want6(frame.ip[48:], hlim=31))
    b.moved(translated_6to4=3, translated_4to6=3, translated_early=6)


@test("EARLY.option-off")
def off(b):
    b.configure("option set early-translation off")
    early(b, Udp(b).open(), both=False)


@test("EARLY.hook-before-ours")
def hook_before(b):
    """A chain that has always seen the packets still does."""
    flow = Udp(b).open()
    for family, hook in (("ip6", flow.out), ("ip", flow.back)):
        with b.case(family), chain(family, "prerouting", -300,
                                   "udp dport != 0 counter") as seen:
            b.mark()
            hook()
            b.moved(translated_early=0)
            check("packets 1 " in seen(), "%s", seen())
    early(b, flow)


@test("EARLY.hook-after-ours")
def hook_after(b):
    """One that has never seen translated packets changes nothing."""
    flow = Udp(b).open()
    with chain("inet", "prerouting", -100, "udp dport != 0 counter") as seen:
        early(b, flow)
        check("packets 0 " in seen(), "%s", seen())


@test("EARLY.ingress-chain")
def ingress_chain(b):
    """A chain of the device comes first, and its word is final."""
    flow = Udp(b).open()
    with chain("netdev", "ingress", 500, "udp dport %d counter drop" %
               flow.sport, device="p6") as seen:
        b.mark()
        b.none6(flow.six())
        b.moved(translated_6to4=0)
        check("packets 1 " in seen(), "%s", seen())
    early(b, flow)


@test("EARLY.forward-chain")
def forward_chain(b):
    """The firewall sees what was translated early as it sees all others."""
    flow = Udp(b).open()
    b.mark()
    with chain("ip", "forward", 0, "iifname p6 oifname p4 udp sport %d "
               "counter drop" % flow.pport) as seen:
        b.none6(flow.six())
        check("packets 1 " in seen(), "%s", seen())
        flow.back()
    b.moved(translated_early=2)


@test("EARLY.padded-frame")
def padded(b):
    """What is longer than its header says is cut by the kernel."""
    flow = Udp(b).open()
    b.mark()
    got = b.to4(bytes(flow.six()) + bytes(6))
    same(got, flow.want4(), free=["id"])
    same(b.to6(bytes(flow.four()) + bytes(6)), flow.want6())
    b.moved(translated_6to4=1, translated_4to6=1, translated_early=0)


@test("EARLY.bad-header-sum")
def bad_sum(b):
    flow = Udp(b).open()
    bad = bytearray(bytes(flow.four()))
    bad[10] ^= 1
    b.mark()
    b.none4(bytes(bad))
    b.moved(translated_4to6=0)
    early(b, flow)


@test("EARLY.for-another-host")
def other_host(b):
    """A frame that a bridge floods to all is not ours to translate."""
    flow = Udp(b).open()
    b.mark()
    for port, packet in ((b.c6, flow.six()), (b.s4, flow.four())):
        frame = bytearray(port.frame(packet))
        frame[:6] = bytes.fromhex("0200000000ff")
        port.sock.send(bytes(frame))
    b.settle().nothing()
    b.moved(translated_6to4=0, translated_4to6=0)


@test("EARLY.options-and-extensions")
def options(b):
    flow = Udp(b).open()
    b.mark()
    same(b.to4(six(IPv6ExtHdrDestOpt() / flow.l4out(flow.port, b"data"))),
         flow.want4(), free=["id"])
    same(b.to6(four(flow.l4back(flow.pport, b"data"),
                    options=[IPOption(b"\x01")] * 4)), flow.want6())
    b.moved(translated_early=0)


@test("EARLY.refusals")
def refusals(b):
    """Who may be refused is asked the usual way, and gets the usual answer."""
    flow = Udp(b).open()
    b.mark()
    b.error6(flow.six(hlim=1))
    b.error4(flow.four(ttl=1))
    b.moved(drop_hop_limit=2, translated_early=0)
    b.mtu("p4", 1400)
    b.error6(flow.six(bytes(1400)))
    b.moved(drop_too_big=1, translated_early=0)
    b.mtu("p6", 1400)
    b.error4(flow.four(bytes(1372), flags="DF"))
    b.moved(drop_too_big=1, translated_early=0)


def ip_counters():
    """The counters of IP and IPv6 in this namespace."""
    values = {}
    for name in ("snmp", "netstat"):
        with open("/proc/self/net/" + name) as file:
            lines = [line.split() for line in file if line[:2] == "Ip"]
        for keys, line in zip(lines[::2], lines[1::2]):
            values.update(zip([keys[0] + key for key in keys[1:]], line[1:]))
    for name in ("snmp6", "dev_snmp6/p6"):
        with open("/proc/self/net/" + name) as file:
            values.update((name + line.split()[0], line.split()[1])
                          for line in file if line[:3] == "Ip6")
    return {key: int(value) for key, value in values.items()}


def moved_since(before):
    return {key: n - before[key] for key, n in ip_counters().items()
            if n != before[key]}


def counted(flow):
    """What a packet each way moves, ECN marks on them."""
    before = ip_counters()
    flow.bed.to4(flow.six(tc=2))
    flow.bed.to6(flow.four(tos=1))
    return moved_since(before)


@test("EARLY.counted-as-received")
def received(b):
    """The counters of IP do not tell the two ways apart."""
    flow = Udp(b).open()
    moved = []
    for option in ("on", "off"):
        b.configure("option set early-translation " + option)
        moved.append(counted(flow))
    check(moved[0] == moved[1], "early %r, else %r", *moved)
    check({"snmp6Ip6InECT0Pkts", "IpExt:InECT1Pkts", "Ip:InReceives",
           "dev_snmp6/p6Ip6InOctets"} <= set(moved[0]), "%r", moved[0])


@test("EARLY.counted-as-sent")
def sent(b):
    """Nor whether there is a hook that waits for what goes out."""
    flow = Udp(b).open()
    straight = counted(flow)
    check("IpExt:OutOctets" in straight, "%r", straight)
    with chain("ip", "postrouting", 0, "oifname p4 udp sport %d counter" %
               flow.pport) as seen:
        check(counted(flow) == straight, "%r", straight)
        check("packets 1 " in seen(), "%s", seen())
    with chain("ip6", "postrouting", 0, "oifname p6 udp dport %d counter" %
               flow.port) as seen:
        check(counted(flow) == straight, "%r", straight)
        check("packets 1 " in seen(), "%s", seen())


@test("EARLY.bridge-port")
def bridge(b):
    """What comes in at a port of a bridge is received by the bridge."""
    ip("link add br6 address 02:00:00:00:06:01 type bridge\n"
       "link set br6 up\nlink set p6 master br6\n")
    b.undo.append(lambda: ip("link del br6\n"))
    flow = Udp(b).open()
    with chain("ip", "forward", 0, "iifname br6 udp sport %d counter" %
               flow.pport) as seen:
        early(b, flow)
        check("packets 1 " in seen(), "%s", seen())


def vlan(b):
    """A client behind a VLAN on p6, and what sends its packets."""
    ip("link add link p6 name v6 type vlan id 6\n")
    vlan_up()
    b.undo.append(lambda: ip("link del v6\n"))
    flow = Udp(b, client="2001:db8:66::5")

    def to4():
        frame = b.c6.frame(flow.six())
        b.c6.sock.send(frame[:12] + b"\x81\0\0\6" + frame[12:])
        return b.settle().only4()

    return flow, to4


def vlan_up():
    ip("link set v6 up\naddr add 2001:db8:66::1/64 dev v6 nodad\n")


@test("EARLY.new-device")
def new_device(b):
    """A device that came after the configuration, left, and came again."""
    flow, to4 = vlan(b)
    flow.learn(to4())
    b.mark()
    same(to4(), flow.want4(), free=["id"])
    b.moved(translated_6to4=1, translated_early=1)
    ip("link set v6 netns %s\n" % ns_name("n4"))
    ip("link set v6 netns %s\n" % ns_name("plat"), "n4")
    vlan_up()
    b.mark()
    same(to4(), flow.want4(), free=["id"])
    b.moved(translated_6to4=1, translated_early=1)


@test("EARLY.routing-domain")
def routing_domain(b):
    """In a VRF packets take the usual way."""
    flow, to4 = vlan(b)
    ip("link add red type vrf table 66\nlink set red up\n"
       "link set v6 master red\n"
       "route add 203.0.113.0/24 via 192.168.44.2 dev p4 table 66\n")
    b.undo.append(lambda: ip("link del red\n"))
    flow.learn(to4())
    b.mark()
    same(to4(), flow.want4(), free=["id"])
    b.moved(translated_6to4=1, translated_early=0)
