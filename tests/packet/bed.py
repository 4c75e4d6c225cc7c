# SPDX-License-Identifier: GPL-2.0
"""
The bed: five network namespaces made of veth pairs. The program lives in
`plat`, where the module translates, and holds raw sockets in n6 and n4.

       n6                    plat (nat64)                   n4
   +--------+      +------------------------------+      +--------+
   |     c6 |------| p6 2001:db8:6::1             |      |        |
   |  (raw) |      |                192.168.44.1 p4 |----| s4 (raw)|
   +--------+      |                2001:db8:4::1   |    +--------+
       h6          |                              |         h4
   +--------+      |                              |      +--------+
   |     g6 |------| q6 2001:db8:61::1            |      |        |
   | (hosts)|      |                 192.0.3.1 q4 |------| g4     |
   +--------+      +------------------------------+      +--------+

n6 and n4 have no addresses, so that nothing answers but the test: it injects
and captures whole frames at c6 and s4. h6 and h4 are ordinary hosts with every
offload on, for real sockets, and for super-packets injected with a virtio-net
header (from and to addresses ending in 77, which no kernel there owns).
Neighbours are static, duplicate address detection is off: nothing but the
test's packets is on the wires.

"Nothing came" never depends on time. The process is pinned to one CPU, on
which a frame passes every queue in order; settle() sends a fence each way, an
untranslated IPv6 packet, and whatever was going to happen because of earlier
frames has been captured when both have arrived.
"""
import contextlib
import ctypes
import errno
import fcntl
import os
import select
import socket
import struct
import subprocess
import time

import ktap
import netlink
import tool
import wire
from ktap import Skip

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
SOL_PACKET = 263
PACKET_VNET_HDR = 15
PACKET_IGNORE_OUTGOING = 23
SIOCSIFMTU = 0x8922
ETH_P_ALL = 3
VNET = struct.Struct("<BBHHHH")
FENCE = b"nat64-packet-test-fence"
NAMESPACES = ("plat", "n6", "n4", "h6", "h4")
MAC = {"c6": "02:00:00:00:06:02", "p6": "02:00:00:00:06:01",
       "s4": "02:00:00:00:04:02", "p4": "02:00:00:00:04:01",
       "g6": "02:00:00:00:16:02", "q6": "02:00:00:00:16:01",
       "g4": "02:00:00:00:14:02", "q4": "02:00:00:00:14:01"}
PEER = {"c6": "p6", "s4": "p4", "g6": "q6", "g4": "q4"}

# One address, so that tests know it; no port is held back, so that they can
# use a client port again.
BASE = ["prefix add 2001:db8:64::/96",
        "pool add 198.51.100.1",
        "limit set held-ports 0",
        "option set icmp-error-rate 0"]


def ns_name(short):
    return "nat64pt-" + short


def setns(fd):
    if LIBC.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def sh(line, check=True):
    return subprocess.run(line.split(), check=check, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT
                          ).stdout


def ip(lines, ns=None):
    """A batch of ip(8) commands."""
    words = ["ip"] + (["-n", ns_name(ns)] if ns else []) + ["-batch", "-"]
    done = subprocess.run(words, input=lines, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError("ip -batch: " + done.stderr)


def sysctl(path, value):
    try:
        with open("/proc/sys/" + path, "w") as file:
            file.write(str(value))
    except FileNotFoundError:
        pass


class Frame:
    """A captured frame: raw bytes, the IP packet, and scapy's view of it."""

    def __init__(self, raw, vnet=None):
        self.raw = raw
        self.ip = raw[14:]
        self.vnet = vnet
        self._pkt = None

    @property
    def pkt(self):
        if self._pkt is None:
            self._pkt = wire.parse(self.ip)
        return self._pkt

    @property
    def sport(self):
        at = 40 if self.ip[0] >> 4 == 6 else 20
        return int.from_bytes(self.ip[at:at + 2], "big")

    def __getitem__(self, layer):
        return self.pkt[layer]

    def __contains__(self, layer):
        return layer in self.pkt

    def __len__(self):
        return len(self.ip)

    def __bytes__(self):
        return self.ip


class Port:
    """A raw socket on the test's end of a link."""

    def __init__(self, name, vnet=False, mac=None, peer=None):
        self.name = name
        self.vnet = vnet
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                  socket.htons(ETH_P_ALL))
        self.sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # RCVBUFFORCE
        if vnet:
            self.sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        self.sock.bind((name, ETH_P_ALL))
        self.sock.setblocking(False)
        ends = bytes.fromhex(((peer or MAC[PEER[name]]) +
                              (mac or MAC[name])).replace(":", ""))
        self.eth6 = ends + b"\x86\xdd"
        self.eth4 = ends + b"\x08\x00"

    def frame(self, packet):
        """The frame of an IP packet (scapy's, or bytes as they are)."""
        data = bytes(packet)
        six = data[:1] and data[0] >> 4 == 6
        return (self.eth6 if six else self.eth4) + data

    def send(self, packet, vnet=None):
        head = VNET.pack(*(vnet or (0, 0, 0, 0, 0, 0))) if self.vnet else b""
        data = head + self.frame(packet)
        # Until the kernel has received others, there may be no room for more.
        while True:
            try:
                self.sock.send(data)
                return
            except BlockingIOError:
                select.select([], [self.sock], [], 1)

    def receive(self):
        """The next frame that is somebody's traffic, or None."""
        while True:
            try:
                data = self.sock.recv(1 << 18)
            except BlockingIOError:
                return None
            except OSError as error:
                # UDP super-packets have no form in an old virtio-net header.
                if error.errno != errno.EINVAL or not self.vnet:
                    raise
                continue
            vnet = None
            if self.vnet:
                vnet = VNET.unpack(data[:VNET.size])
                data = data[VNET.size:]
            # Multicast is the kernels' own chatter.
            if not data[0] & 1 and not late(data[14:]):
                return Frame(data, vnet)


def late(data):
    """
    Is it the kernel's word that fragments of an earlier test were not
    completed? It comes a minute later; no test is about it.
    """
    return (data[6:7] == b"\x3a" and data[40:42] == b"\3\1" and
            data[8:24] == wire.pton(wire.PLAT6)) or \
        (data[9:10] == b"\1" and data[20:22] == b"\x0b\1" and
         data[12:16] == wire.pton(wire.PLAT4))


class Result:
    """What was captured on each side because of some frames."""

    def __init__(self, six, four):
        self.six = six
        self.four = four

    def only4(self, what="translated packet"):
        self._exactly(0, 1, what)
        return self.four[0]

    def only6(self, what="translated packet"):
        self._exactly(1, 0, what)
        return self.six[0]

    def nothing(self, what="no packet"):
        self._exactly(0, 0, what)

    def _exactly(self, six, four, what):
        if len(self.six) != six or len(self.four) != four:
            raise AssertionError(
                "%s: wanted %d frames at n6 and %d at n4, got %d and %d" %
                (what, six, four, len(self.six), len(self.four)))


class Bed:
    def __init__(self):
        self.fds = {}
        self.sequence = 0
        self.module = False
        self.netlink = None
        self.log = []
        self.cases = []
        self.dirty = True
        self.undo = []
        self.before = {}
        self.port = 20000
        self.name = ""

    # Construction

    def build(self):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        sysctl("net/ipv4/icmp_msgs_per_sec", 1000000)
        sysctl("net/ipv4/icmp_msgs_burst", 100000)
        for short in NAMESPACES:
            sh("ip netns del " + ns_name(short), check=False)
        for short in NAMESPACES:
            sh("ip netns add " + ns_name(short))
            self.fds[short] = os.open("/run/netns/" + ns_name(short),
                                      os.O_RDONLY)
        for short in NAMESPACES:
            with self.inside(short):
                self.settings(short)
        with self.inside("plat"):
            self.links()
        self.addresses()
        with self.inside("n6"):
            self.c6 = Port("c6")
        with self.inside("n4"):
            self.s4 = Port("s4")
        with self.inside("h6"):
            self.g6 = Port("g6", vnet=True)
        with self.inside("h4"):
            self.g4 = Port("g4", vnet=True)
        setns(self.fds["plat"])

    @staticmethod
    def settings(short):
        router = short == "plat"
        quiet = short in ("n6", "n4")
        for conf in ("all", "default"):
            six = "net/ipv6/conf/%s/" % conf
            four = "net/ipv4/conf/%s/" % conf
            sysctl(six + "disable_ipv6", int(quiet))
            sysctl(six + "accept_dad", 0)
            sysctl(six + "dad_transmits", 0)
            sysctl(six + "accept_ra", 0)
            sysctl(six + "addr_gen_mode", 1)
            sysctl(six + "forwarding", int(router))
            sysctl(four + "forwarding", int(router))
            sysctl(four + "rp_filter", 0)
            sysctl(four + "accept_redirects", 0)
            sysctl(four + "send_redirects", 0)
        for path, value in (("net/ipv4/icmp_ratelimit", 0),
                            ("net/ipv4/icmp_ratemask", 0),
                            ("net/ipv6/icmp/ratelimit", 0),
                            ("net/ipv6/icmp/ratemask", ""),
                            ("net/ipv4/icmp_msgs_per_sec", 1000000),
                            ("net/ipv4/icmp_msgs_burst", 100000)):
            sysctl(path, value)

    @staticmethod
    def links():
        lines = []
        for far, near in PEER.items():
            where = {"c6": "n6", "s4": "n4", "g6": "h6", "g4": "h4"}[far]
            lines.append("link add %s address %s type veth peer name %s "
                         "address %s netns %s" %
                         (near, MAC[near], far, MAC[far], ns_name(where)))
        ip("\n".join(lines) + "\n")
        for near in ("p6", "p4"):
            sh("ethtool -K %s tx off" % near)

    @staticmethod
    def addresses():
        ip("link set lo up\nlink set c6 mtu 65535 up\n", "n6")
        ip("link set lo up\nlink set s4 mtu 65535 up\n", "n4")
        ip("link set lo up\n"
           "link set p6 up\nlink set p4 up\nlink set q6 up\nlink set q4 up\n"
           "addr add 2001:db8:6::1/64 dev p6\n"
           "addr add 192.168.44.1/24 dev p4\n"
           "addr add 2001:db8:4::1/64 dev p4\n"
           "addr add 192.168.66.1/24 dev p6\n"
           "addr add 2001:db8:61::1/64 dev q6\n"
           "addr add 192.0.3.1/24 dev q4\n", "plat")
        neigh = ("neigh add 2001:db8:6::2 lladdr {c6} dev p6 nud permanent\n"
                 "neigh add 192.168.66.2 lladdr {c6} dev p6 nud permanent\n"
                 "neigh add 192.168.44.2 lladdr {s4} dev p4 nud permanent\n"
                 "neigh add 2001:db8:4::2 lladdr {s4} dev p4 nud permanent\n"
                 "neigh add 2001:db8:61::2 lladdr {g6} dev q6 nud permanent\n"
                 "neigh add 192.0.3.2 lladdr {g4} dev q4 nud permanent\n"
                 "neigh add 2001:db8:61::77 lladdr {g6} dev q6 nud permanent\n"
                 "neigh add 192.0.3.77 lladdr {g4} dev q4 nud permanent\n"
                 ).format(**MAC)
        routes = "".join("route add %s via 2001:db8:6::2 dev p6\n" % net
                         for net in wire.CLIENT_NETS)
        routes += "".join("route add %s via 192.168.44.2 dev p4\n" % net
                          for net in wire.SERVER_NETS)
        routes += ("route add 2001:db8:f4::/64 via 2001:db8:4::2 dev p4\n"
                   "route add fd00:6::/64 via 2001:db8:6::2 dev p6\n"
                   "route add fd00:4::/64 via 2001:db8:4::2 dev p4\n"
                   "route add 10.66.0.0/24 via 192.168.66.2 dev p6\n")
        ip(neigh + routes, "plat")
        ip("link set lo up\nlink set g6 up\naddr add 2001:db8:61::2/64 dev g6\n"
           "neigh add 2001:db8:61::1 lladdr %s dev g6 nud permanent\n"
           "route add default via 2001:db8:61::1\n" % MAC["q6"], "h6")
        ip("link set lo up\nlink set g4 up\naddr add 192.0.3.2/24 dev g4\n"
           "neigh add 192.0.3.1 lladdr %s dev g4 nud permanent\n"
           "route add 198.51.100.0/24 via 192.0.3.1\n" % MAC["q4"], "h4")

    def load(self, path):
        """Insert the module with what it depends on."""
        names = sh("modinfo -F depends " + path).strip().split(",")
        for name in filter(None, names):
            if not os.path.isdir("/sys/module/" + name):
                sh("modprobe " + name)
        if not os.path.isdir("/sys/module/nat64"):
            done = subprocess.run(["insmod", path], text=True,
                                  capture_output=True)
            if done.returncode:
                raise RuntimeError("insmod: " + done.stderr)
        self.netlink = netlink.Genl()
        self.module = True

    def destroy(self):
        for port in (self.c6, self.s4, self.g6, self.g4):
            port.sock.close()
        setns(self.home)
        for short in NAMESPACES:
            sh("ip netns del " + ns_name(short), check=False)

    @contextlib.contextmanager
    def inside(self, short):
        """Sockets and commands of the block belong to namespace SHORT."""
        back = os.open("/proc/self/ns/net", os.O_RDONLY)
        setns(self.fds[short])
        try:
            yield
        finally:
            setns(back)
            os.close(back)

    # A test's frame

    def begin(self, name, config=(), base=True):
        """Known configuration, no sessions, nothing on the wires."""
        self.name = name
        self.log = []
        self.cases = []
        self.undo = []
        if not self.module:
            self.receive_all()
            return
        # Stored SYN packets of the last test would be answered in this one.
        if self.stored_syns():
            self.poll("the end of stored SYN packets",
                      lambda: not self.stored_syns())
            self.settle()
        self.receive_all()
        if self.dirty:
            tool.restore(BASE)
            self.dirty = False
        self.netlink.flush()
        if not base:
            tool.restore([])
            self.dirty = True
        if config:
            self.configure(*config)
        self.mark()

    def end(self):
        self.cleanup()
        if self.cases:
            raise AssertionError("%d cases failed:\n%s" %
                                 (len(self.cases), "\n".join(self.cases)))

    def cleanup(self):
        undo, self.undo = self.undo, []
        for action in reversed(undo):
            action()

    @contextlib.contextmanager
    def case(self, label):
        """A failure inside fails the test, but the next case still runs."""
        try:
            yield
        except Skip:
            raise
        except Exception as error:
            self.cases.append("%s: %s" % (label, ktap.describe(error)))

    def configure(self, *lines):
        """More configuration for this test; undone before the next one."""
        self.dirty = True
        tool.batch(list(lines))

    def reconfigure(self, *lines):
        """Another configuration for this test, instead of the base."""
        self.dirty = True
        tool.restore(list(lines))
        self.netlink.flush()

    def route(self, words):
        """A route in plat for this test."""
        ip("route add %s\n" % words)
        self.undo.append(lambda: ip("route del %s\n" % words))

    def address(self, address, dev="lo"):
        """An address of plat for this test."""
        ip("addr add %s dev %s\n" % (address, dev))
        self.undo.append(lambda: ip("addr del %s dev %s\n" % (address, dev)))

    def mtu(self, dev, size):
        """The MTU of one of plat's links for this test."""
        self.undo.append(lambda: self._mtu(dev, 1500))
        self._mtu(dev, size)

    def route_mtu4(self, size):
        """As mtu(), for sizes at which a device loses IPv6 and the fence."""
        route = "route change 203.0.113.0/24 via 192.168.44.2 dev p4"
        ip("%s mtu %d\n" % (route, size))
        self.undo.append(lambda: ip(route + "\n"))

    @staticmethod
    def _mtu(dev, size):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            fcntl.ioctl(sock, SIOCSIFMTU,
                        struct.pack("16si", dev.encode(), size))

    def proc(self, path, value, ns="plat"):
        """A setting below /proc/sys for this test."""
        with self.inside(ns):
            with open("/proc/sys/" + path) as file:
                old = file.read().strip()
            sysctl(path, value)

        def undo():
            with self.inside(ns):
                sysctl(path, old)
        self.undo.append(undo)

    def offload(self, dev, features, ns="plat"):
        """ethtool features of a link for this test: "gso off tso off"."""
        with self.inside(ns):
            words = features.split()
            sh("ethtool -K %s %s" % (dev, features))
        back = " ".join("%s %s" % (f, {"on": "off", "off": "on"}[v])
                        for f, v in zip(words[::2], words[1::2]))

        def undo():
            with self.inside(ns):
                sh("ethtool -K %s %s" % (dev, back), check=False)
        self.undo.append(undo)

    def collect(self, port, enough, timeout=30):
        """Frames at PORT until ENOUGH(frames); the ports of real hosts have
        no fence."""
        frames = []
        deadline = time.monotonic() + timeout
        while not enough(frames):
            frame = port.receive()
            if frame:
                frames.append(frame)
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError("only %d frames at %s: %r" % (
                    len(frames), port.name,
                    [wire.summary(f.ip) for f in frames[:4]]))
            select.select([port.sock], [], [], left)
        return frames

    def fresh_port(self, step=2):
        """A client port that no other test has used."""
        self.port += step
        if self.port > 60000:
            self.port = 20000
        return self.port

    # Frames

    def send6(self, *packets):
        for packet in packets:
            data = bytes(packet)
            self.log.append(("n6 >", data))
            self.c6.send(data)

    def send4(self, *packets):
        for packet in packets:
            data = bytes(packet)
            self.log.append(("n4 >", data))
            self.s4.send(data)

    def receive_all(self):
        for port in (self.c6, self.s4, self.g6, self.g4):
            while port.receive():
                pass

    def settle(self):
        """Everything captured because of the frames sent so far."""
        self.sequence += 1
        tag = FENCE + struct.pack(">I", self.sequence)
        self.c6.send(wire.fence(wire.FENCE6, wire.FENCE4, tag))
        four = self.until(self.s4, tag)
        self.s4.send(wire.fence(wire.FENCE4, wire.FENCE6, tag))
        six = self.until(self.c6, tag)
        self.c6.send(wire.fence(wire.FENCE6, wire.FENCE4, tag))
        four += self.until(self.s4, tag)
        self.log += [("> n6", f.ip) for f in six]
        self.log += [("> n4", f.ip) for f in four]
        return Result(six, four)

    @staticmethod
    def until(port, tag):
        frames = []
        deadline = time.monotonic() + 30
        while True:
            frame = port.receive()
            if frame is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise RuntimeError("the fence did not arrive at %s" %
                                       port.name)
                select.select([port.sock], [], [], left)
            elif frame.raw.endswith(tag):
                return frames
            elif FENCE not in frame.raw:
                frames.append(frame)

    def x6(self, *packets):
        """Inject at n6 and return what both sides then saw."""
        self.send6(*packets)
        return self.settle()

    def x4(self, *packets):
        self.send4(*packets)
        return self.settle()

    def to4(self, packet):
        """Inject at n6; exactly one frame must come, at n4."""
        return self.x6(packet).only4()

    def to6(self, packet):
        """Inject at n4; exactly one frame must come, at n6."""
        return self.x4(packet).only6()

    def error6(self, packet):
        """Inject at n6; exactly one frame must come back there."""
        return self.x6(packet).only6("error")

    def error4(self, packet):
        return self.x4(packet).only4("error")

    def none6(self, *packets):
        """Inject at n6; nothing may come anywhere."""
        self.x6(*packets).nothing()

    def none4(self, *packets):
        self.x4(*packets).nothing()

    # The module's own account

    def mark(self):
        """Counters are compared with their values of now."""
        self.before = self.netlink.stats() if self.module else {}

    def delta(self):
        return {name: value - self.before.get(name, 0)
                for name, value in self.netlink.stats().items()
                if value != self.before.get(name, 0)}

    def moved(self, **counts):
        """Counters moved by exactly this much; no other reason to drop did."""
        moved = self.delta()
        want = {name.replace("_", "-"): n for name, n in counts.items()}
        wrong = {name: (n, moved.get(name, 0)) for name, n in want.items()
                 if moved.get(name, 0) != n}
        wrong.update({name: (0, n) for name, n in moved.items()
                      if name.startswith("drop-") and name not in want})
        if wrong:
            raise AssertionError("counters (wanted, moved): %r" % wrong)
        self.mark()

    # Read by netlink, which takes milliseconds; that nat64ctl prints the same
    # is a test of its own (CONF.tool-and-netlink-agree).

    def sessions(self, **match):
        return pick(self.netlink.sessions(), match)

    def bindings(self, **match):
        return pick(self.netlink.bindings(), match)

    def gates(self, **match):
        return pick(self.netlink.gates(), match)

    def session(self, **match):
        """The one session that matches."""
        return one(self.sessions(**match), "session", match)

    def binding(self, **match):
        return one(self.bindings(**match), "binding", match)

    def stored_syns(self):
        return self.netlink.number("A_STORED_SYNS")

    def count(self):
        """(sessions, bindings)"""
        return len(self.sessions()), len(self.bindings())

    @staticmethod
    def poll(what, condition, timeout=60):
        """Wait until CONDITION is true; too long is a failure."""
        deadline = time.monotonic() + timeout
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError("never happened: " + what)
            time.sleep(0.02)

    # Failure

    def diagnose(self):
        with contextlib.suppress(Exception):
            self.cleanup()
        self.dirty = True
        lines = []
        for where, data in self.log[-14:]:
            lines.append("%s %s" % (where, wire.summary(data)))
            lines.append("     " + data[:200].hex() +
                         ("... %d" % len(data) if len(data) > 200 else ""))
        if self.module:
            for row in self.sessions()[:6]:
                lines.append("session %r" % row)
            for row in self.bindings()[:6]:
                lines.append("binding %r" % row)
            for row in self.gates()[:6]:
                lines.append("gate %r" % row)
            lines.append("counters %r" % self.delta())
        return "\n".join(lines)


def pick(table, match):
    return [row for row in table
            if all(row.get(key) == value for key, value in match.items())]


def one(table, what, match):
    if len(table) != 1:
        raise AssertionError("%d %ss match %r, wanted one" %
                             (len(table), what, match))
    return table[0]
