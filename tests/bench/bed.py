# SPDX-License-Identifier: GPL-2.0
"""
What is measured, each in network namespaces of its own:

    client c0 ------- r6 router r4 ------- s0 server
    2001:db8:1::2     2001:db8:1::1        192.0.2.2, 2001:db8:2::2
    10.0.0.2          10.0.0.1

Packets are made by pktgen on c0 (up) or on s0 (down), go through the router
and are counted and dropped where they enter the other end.
"""
import contextlib
import copy
import ctypes
import json
import os
import re
import subprocess
import time

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)

CLIENT6, SERVER6 = "2001:db8:1::2", "2001:db8:2::2"
OTHER6 = "2001:db8:1::3"
CLIENT4, SERVER4 = "10.0.0.2", "192.0.2.2"
PREFIX = "2001:db8:64::"
SERVER4_IN6 = PREFIX + "c000:202"
POOL = "198.51.100.1"
# What the host gets.
OUT = "/run/out/"
PORT, SERVER_PORT = 1024, 9


class Failure(Exception):
    """The figures would not mean what they claim."""


def sh(*command, check=True):
    """Run a command; its output."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, check=False)
    if check and done.returncode:
        raise Failure("%s: %s" % (" ".join(command), done.stdout.strip()))
    return done.stdout


def put(path, text):
    """Write a file of /proc or of pktgen."""
    with open(path, "w", encoding="ascii") as file:
        file.write(text + "\n")


def get(path):
    """Read a file."""
    with open(path, encoding="ascii") as file:
        return file.read()


def clock():
    """
    Processor time of this kernel in ns, and its process number; zeros where it
    is no program of another one.
    """
    if not os.path.exists("/proc/bench_clock"):
        return 0, 0
    cpu, pid = get("/proc/bench_clock").split()
    return int(cpu), int(pid)


@contextlib.contextmanager
def inside(namespace):
    """This process, and what it starts, in a network namespace."""
    with open("/proc/thread-self/ns/net", encoding="ascii") as home, \
            open("/run/netns/" + namespace, encoding="ascii") as there:
        if LIBC.setns(there.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), namespace)
        try:
            yield
        finally:
            LIBC.setns(home.fileno(), CLONE_NEWNET)


class Flows:
    """
    COUNT flows between ports of one client and ports of one server. Played in
    order, a client's port and a server's port move on with each packet; that
    their numbers have no common divisor makes every pair come up.
    """
    def __init__(self, count, first=PORT, servers=0):
        self.servers = servers or (1 if count < 50000 else 16)
        self.clients = count // self.servers | (self.servers > 1)
        self.count = self.clients * self.servers
        self.first = first

    def part(self, number, parts):
        """One of PARTS of them, by the clients' ports."""
        part = copy.copy(self)
        part.clients //= parts
        part.first += number * part.clients
        part.count = part.clients * part.servers
        return part

    def ranges(self, up):
        """Ports of source and destination, as pktgen has them."""
        client = (self.first, self.first + self.clients)
        server = (SERVER_PORT, SERVER_PORT + self.servers)
        return (client, server) if up else (server, client)


class Bed:
    """Namespaces NAME-c, NAME-r, NAME-s."""
    def __init__(self, name):
        self.name = name
        self.seen = {}
        self.client, self.router, self.server = \
            (name + "-" + c for c in "crs")
        self.create()

    def create(self):
        """Namespaces, links, addresses, routes, drops."""
        batch = ["netns add " + n
                 for n in (self.client, self.router, self.server)]
        batch += [
            "link add c0 netns {0} address 02:00:00:00:00:01 type veth "
            "peer r6 netns {1} address 02:00:00:00:00:02",
            "link add s0 netns {2} address 02:00:00:00:00:04 type veth "
            "peer r4 netns {1} address 02:00:00:00:00:03",
        ]
        self.ip(None, batch)
        for namespace in (self.client, self.router, self.server):
            with inside(namespace):
                for where in ("all", "default", "c0", "r6", "r4", "s0"):
                    conf = "/proc/sys/net/ipv6/conf/" + where
                    if os.path.exists(conf):
                        put(conf + "/accept_dad", "0")
                        put(conf + "/router_solicitations", "0")
                        put(conf + "/forwarding", "1")
                        put(conf + "/addr_gen_mode", "1")
                put("/proc/sys/net/ipv4/ip_forward", "1")
        self.ip(self.client, [
            "link set lo up", "addr add 2001:db8:1::2/64 dev c0 nodad",
            "addr add 10.0.0.2/24 dev c0", "link set c0 up",
            "route add default via 10.0.0.1",
            "route add default via 2001:db8:1::1",
            "neigh add 10.0.0.1 lladdr 02:00:00:00:00:02 dev c0",
            "neigh add 2001:db8:1::1 lladdr 02:00:00:00:00:02 dev c0"])
        self.ip(self.router, [
            "link set lo up", "addr add 2001:db8:1::1/64 dev r6 nodad",
            "addr add 10.0.0.1/24 dev r6", "link set r6 up",
            "addr add 2001:db8:2::1/64 dev r4 nodad",
            "addr add 192.0.2.1/24 dev r4", "link set r4 up",
            "neigh add 10.0.0.2 lladdr 02:00:00:00:00:01 dev r6",
            "neigh add 2001:db8:1::2 lladdr 02:00:00:00:00:01 dev r6",
            "neigh add 192.0.2.2 lladdr 02:00:00:00:00:04 dev r4",
            "neigh add 2001:db8:2::2 lladdr 02:00:00:00:00:04 dev r4"])
        self.ip(self.server, [
            "link set lo up", "addr add 2001:db8:2::2/64 dev s0 nodad",
            "addr add 192.0.2.2/24 dev s0", "link set s0 up",
            "route add default via 192.0.2.1",
            "route add default via 2001:db8:2::1",
            "neigh add 192.0.2.1 lladdr 02:00:00:00:00:03 dev s0",
            "neigh add 2001:db8:2::1 lladdr 02:00:00:00:00:03 dev s0"])
        # What a router receives carries a whole checksum.
        for namespace, device in (self.client, "c0"), (self.server, "s0"):
            with inside(namespace):
                sh("ethtool", "-K", device, "tx", "off")
            self.drop(namespace, device)

    def ip(self, namespace, lines):
        """A batch of ip commands."""
        text = "\n".join(lines).format(self.client, self.router, self.server)
        done = subprocess.run(
            ["ip"] + (["-n", namespace] if namespace else []) +
            ["-batch", "-"], input=text, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise Failure("ip: " + done.stdout)

    def drop(self, namespace, device):
        """Count and drop what comes in, by protocol."""
        with inside(namespace):
            sh("tc", "qdisc", "add", "dev", device, "clsact")
            for pref, protocol in enumerate(("ip", "ipv6"), 1):
                sh("tc", "filter", "add", "dev", device, "ingress", "pref",
                   str(pref), "protocol", protocol, "matchall", "action",
                   "drop")

    @contextlib.contextmanager
    def open(self):
        """Ends that talk: what arrives is not dropped, offloads are on."""
        ends = (self.client, "c0"), (self.server, "s0")
        for namespace, device in ends:
            with inside(namespace):
                sh("tc", "qdisc", "del", "dev", device, "clsact")
                sh("ethtool", "-K", device, "tx", "on")
        try:
            yield
        finally:
            for namespace, device in ends:
                with inside(namespace):
                    sh("ethtool", "-K", device, "tx", "off")
                self.drop(namespace, device)
            self.seen = {}

    def arrived(self, where, family):
        """Packets of a family that were dropped at c0, r6 or s0."""
        namespace = {"c0": self.client, "r6": self.router,
                     "s0": self.server}[where]
        with inside(namespace):
            rows = json.loads(sh("tc", "-s", "-j", "filter", "show", "dev",
                                 where, "ingress"))
        protocol = "ip" if family == 4 else "ipv6"
        for row in rows:
            for action in row.get("options", {}).get("actions", []):
                if row["protocol"] == protocol:
                    return action["stats"]["packets"]
        raise Failure("no filter at %s %s" % (self.name, where))

    def delete(self):
        """Remove it all."""
        for namespace in (self.client, self.router, self.server):
            sh("ip", "netns", "del", namespace)


class Generator:
    """pktgen on one interface of a namespace."""
    def __init__(self, namespace, device, lladdr, source, destination):
        self.namespace, self.device = namespace, device
        self.lladdr = lladdr
        self.source, self.destination = source, destination

    def set_up(self, name, flows, up, count, size, random):
        """One sender."""
        proc = "/proc/thread-self/net/pktgen/"
        six = "6" if ":" in self.source else ""
        source, destination = flows.ranges(up)
        for line in (
                "count %d" % count, "clone_skb 0", "burst 1", "delay 0",
                "pkt_size %d" % size, "dst_mac " + self.lladdr,
                "src%s %s" % (six or "_min", self.source),
                "dst%s %s" % (six, self.destination),
                "udp_src_min %d" % source[0],
                "udp_src_max %d" % source[1],
                "udp_dst_min %d" % destination[0],
                "udp_dst_max %d" % destination[1],
                "flag UDPCSUM"):
            put(proc + name, line)
        if random:
            put(proc + name, "flag UDPSRC_RND")
            put(proc + name, "flag UDPDST_RND")
        else:
            # It starts with the second ones of both.
            put(proc + name, "udp_src_min %d" % source[0])

    def run(self, flows, up, count, size, random, threads=1):
        """
        Send, as many threads (and processors) at a time, each with flows of
        its own; processor time, and time by the clock of the slowest, in ns.
        """
        names = [self.device + "@%d" % n for n in range(threads)]
        with inside(self.namespace):
            proc = "/proc/thread-self/net/pktgen/"
            for thread in os.listdir(proc):
                if thread.startswith("kpktgend_"):
                    put(proc + thread, "rem_device_all")
                    # It is the thread that does so, in its own time.
                    while re.search(r"(Running|Stopped): *\S",
                                    get(proc + thread)):
                        time.sleep(0.01)
            for number, name in enumerate(names):
                put(proc + "kpktgend_%d" % number, "add_device " + name)
                self.set_up(name, flows.part(number, threads), up,
                            count // threads, size, random)
            cpu = clock()[0]
            put(proc + "pgctrl", "start")
            cpu = clock()[0] - cpu
            texts = [get(proc + name) for name in names]
        # pgctrl looks only ten times a second whether all is sent.
        walls = []
        for text in texts:
            sent = re.search(r"OK: (\d+)\(.*usec, (\d+) \(", text)
            if not sent or int(sent.group(2)) != count // threads:
                raise Failure("pktgen: " + text)
            walls.append(int(sent.group(1)) * 1000)
        return cpu, max(walls)


class Path:
    """One way through a bed: from a generator to where packets end."""
    def __init__(self, bed, up, source, destination, end, family):
        self.bed, self.up, self.end, self.family = bed, up, end, family
        self.generator = Generator(
            bed.client if up else bed.server, "c0" if up else "s0",
            "02:00:00:00:00:02" if up else "02:00:00:00:00:03",
            source, destination)

    def run(self, flows, count, size=100, random=True, threads=1):
        """ns of processor and of time per packet; all of them arrived."""
        key = self.end, self.family
        if key not in self.bed.seen:
            self.bed.seen[key] = self.bed.arrived(*key)
        cpu, wall = self.generator.run(flows, self.up, count, size, random,
                                       threads)
        before = self.bed.seen[key]
        self.bed.seen[key] = self.bed.arrived(*key)
        got = self.bed.seen[key] - before
        if got != count:
            raise Failure("%s: %d of %d packets arrived" %
                          (self.bed.name, got, count))
        return cpu / count, wall / count
