# SPDX-License-Identifier: GPL-2.0
"""Who is measured: the generator alone, what the kernel has, Jool, nat64."""
import json
import os
import subprocess

from bed import (Bed, Failure, Path, inside, sh, put, get, CLIENT4, CLIENT6,
                 POOL, PREFIX, SERVER4, SERVER4_IN6, SERVER6)

BENCH = os.environ.get("BENCH_DIR", "")


def nft(namespace, text):
    """Load a ruleset."""
    with inside(namespace):
        done = subprocess.run(["nft", "-f", "-"], input=text, text=True,
                              stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.STDOUT)
    if done.returncode:
        raise Failure("nft: " + done.stdout)


class Rival:
    """
    A bed and the paths through it, by name; BASE says which generator's time
    each contains.
    """
    base = {}

    def __init__(self, name):
        self.name = name
        self.bed = Bed(name)
        self.paths = {}

    def prefill(self, flows):
        """Make every flow known; where there is anything to know."""
        for name, path in self.paths.items():
            if path.up:
                path.run(flows, flows.count, random=False)
                self.known(name, flows)

    def known(self, name, flows):
        """Fail unless the state of FLOWS is there."""

    def mark(self):
        """Note what proof() needs."""

    def proof(self, sent, known=True):
        """
        Fail unless the packets, of flows that were KNOWN or not, took the way
        that they should: their number, by path, since the last mark() or
        proof().
        """

    def proof_bulk(self, path, octets):
        """Fail unless so much came this way since mark()."""

    def flush(self, flows):
        """Forget all flows, and be ready for FLOWS, if these are given."""


class Generators(Rival):
    """Packets are made, cross one link and end."""
    base = {"generator-ipv6": None, "generator-ipv4": None}

    def __init__(self):
        super().__init__("generator")
        self.bed.drop(self.bed.router, "r6")
        self.paths = {
            "generator-ipv6": Path(self.bed, True, CLIENT6, SERVER6, "r6", 6),
            "generator-ipv4": Path(self.bed, True, CLIENT4, SERVER4, "r6", 4),
        }


class Forwarding(Rival):
    """Plain routing."""
    base = {"ipv6": "generator-ipv6", "ipv4": "generator-ipv4"}

    def __init__(self):
        super().__init__("plain")
        self.paths = {
            "ipv6": Path(self.bed, True, CLIENT6, SERVER6, "s0", 6),
            "ipv4": Path(self.bed, True, CLIENT4, SERVER4, "s0", 4),
        }


class Nat44(Rival):
    """nftables masquerade with conntrack."""
    base = {"nat44": "generator-ipv4"}
    rules = """
        table ip nat {
            chain postrouting {
                type nat hook postrouting priority srcnat
                oifname "r4" masquerade
            }
        }
        table ip filter {
            chain forward {
                type filter hook forward priority filter
                counter
            }
        }"""

    def __init__(self, name="nat44"):
        super().__init__(name)
        self.moved = 0
        nft(self.bed.router, self.rules)
        for key in "udp_timeout", "udp_timeout_stream":
            with inside(self.bed.router):
                put("/proc/sys/net/netfilter/nf_conntrack_" + key, "36000")
        # The table is one for all namespaces.
        put("/proc/sys/net/netfilter/nf_conntrack_max", "4194304")
        put("/proc/sys/net/netfilter/nf_conntrack_buckets", "1048576")
        self.paths = {
            name: Path(self.bed, True, CLIENT4, SERVER4, "s0", 4),
        }

    def entries(self):
        """Connections that conntrack has in the router."""
        with inside(self.bed.router):
            return int(get("/proc/sys/net/netfilter/nf_conntrack_count"))

    def slow(self):
        """Packets that came by the forward hook."""
        with inside(self.bed.router):
            rules = json.loads(sh("nft", "-j", "list", "table", "ip",
                                  "filter"))
        return sum(e["counter"]["packets"] for r in rules["nftables"]
                   if "rule" in r for e in r["rule"]["expr"]
                   if "counter" in e)

    def known(self, name, flows):
        if self.entries() < flows.count:
            raise Failure("%s: %d connections" % (name, self.entries()))

    def mark(self):
        self.moved = self.slow()

    def proof(self, sent, known=True):
        before, self.moved = self.moved, self.slow()
        if self.moved - before < sum(sent.values()):
            raise Failure(self.name + ": packets by another way")

    def flush(self, flows):
        with inside(self.bed.router):
            sh("conntrack", "-F")


class Flowtable(Nat44):
    """The same with a flowtable, which passes the hooks by."""
    base = {"flowtable": "generator-ipv4"}
    rules = Nat44.rules.replace("chain forward", """flowtable fast {
                hook ingress priority 0
                devices = { r6, r4 }
            }
            chain forward""").replace("counter", """
                ip protocol udp flow add @fast
                counter""")

    def __init__(self):
        super().__init__("flowtable")
        with inside(self.bed.router):
            put("/proc/sys/net/netfilter/nf_flowtable_udp_timeout", "36000")

    def prefill(self, flows):
        # The first packet makes the connection, the second one the flow.
        super().prefill(flows)
        super().prefill(flows)

    def proof(self, sent, known=True):
        before, self.moved = self.moved, self.slow()
        if self.moved - before > sum(sent.values()) / 100:
            raise Failure(self.name + ": packets by the slow path")


class Jool(Rival):
    """Jool of Debian's packages."""
    base = {"jool-6to4": "generator-ipv6", "jool-4to6": "generator-ipv4"}

    def __init__(self):
        super().__init__("jool")
        if not os.path.exists("/sys/module/jool"):
            for module in ("nf_defrag_ipv4", "nf_defrag_ipv6", "nf_conntrack"):
                sh("modprobe", module, check=False)
            sh("insmod", BENCH + "/jool/jool_common.ko")
            sh("insmod", BENCH + "/jool/jool.ko")
        self.ports = None
        self.instance()
        self.paths = {
            "jool-6to4": Path(self.bed, True, CLIENT6, SERVER4_IN6, "s0", 4),
            "jool-4to6": Path(self.bed, False, SERVER4, POOL, "c0", 6),
        }

    def instance(self):
        """A new one, without a pool."""
        self.tool("instance", "add", "bench", "--netfilter", "--pool6",
                  PREFIX + "/96")
        self.tool("-i", "bench", "global", "update", "udp-timeout",
                  "10:00:00")
        self.tool("-i", "bench", "global", "update", "lowest-ipv6-mtu",
                  "1500")

    def tool(self, *words):
        """Run jool in the router's namespace."""
        with inside(self.bed.router):
            return sh(BENCH + "/jool/usr/bin/jool", *words)

    def pool(self, flows):
        """
        It chooses ports by a hash. With as many as there are clients' ports,
        all are in use in the end, and the way back is known.
        """
        ports = "%d-%d" % (flows.first, flows.first + flows.clients - 1)
        if ports == self.ports:
            return
        if self.ports:
            self.tool("-i", "bench", "pool4", "flush")
        self.tool("-i", "bench", "pool4", "add", "--udp",
                  "--max-iterations", "infinity", POOL, ports)
        self.ports = ports

    def prefill(self, flows):
        self.pool(flows)
        super().prefill(flows)

    def flush(self, flows):
        # It has no command for sessions alone.
        self.tool("instance", "remove", "bench")
        self.instance()
        self.ports = None
        if flows:
            self.pool(flows)

    def known(self, name, flows):
        rows = self.tool("-i", "bench", "session", "display", "--udp",
                         "--numeric", "--csv", "--no-headers").count("\n")
        if rows < flows.count:
            raise Failure("Jool has %d sessions" % rows)


def with_algs(nat64):
    """All of them; no flow of these cases has one."""
    for alg in "ftp", "rtsp", "pptp":
        nat64.ctl("alg", "enable", alg)


def with_rules(nat64):
    """The stateful rules of a usual router, in use."""
    nft(nat64.bed.router, """
        table inet filter {
            chain forward {
                type filter hook forward priority filter; policy drop
                ct state invalid drop
                ct state established,related,untracked counter accept
                iifname "r6" counter accept
            }
        }""")


class Nat64(Rival):
    """
    This project's, in one of the variants that the cases ask for. Modules of
    the same name cannot be loaded together, so each takes its turn.
    """
    loaded = None
    beds = {}

    def __init__(self, name, module, setup=None, pool=POOL):
        self.module, self.setup, self.pool = module, setup, pool
        self.name = name
        self.base = {name + "-6to4": "generator-ipv6",
                     name + "-4to6": "generator-ipv4"}
        self.moved = {}
        # Several modules share the namespaces.
        key = setup.__name__ if setup else pool
        self.bed = self.beds.get(key)
        if not self.bed:
            self.bed = self.beds[key] = Bed("nat64-%d" % len(self.beds))
        self.paths = {
            name + "-6to4": Path(self.bed, True, CLIENT6, SERVER4_IN6, "s0",
                                 4),
        }
        # Of a larger pool nobody knows the client's address beforehand.
        if pool == POOL:
            self.paths[name + "-4to6"] = Path(self.bed, False, SERVER4, POOL,
                                              "c0", 6)
        self.configured = None

    def ctl(self, *words):
        """Run nat64ctl in the router's namespace."""
        return sh(os.environ["NAT64CTL"], "-n", self.bed.router, *words)

    def stat(self, name):
        """A counter."""
        rows = json.loads(self.ctl("-j", "stats", "show"))
        return next(r["value"] for r in rows if r["name"] == name)

    def status(self, key):
        """A value of the status."""
        return json.loads(self.ctl("-j", "status"))[0][key]

    @classmethod
    def unload(cls):
        """No nat64 is loaded after this."""
        if cls.loaded:
            sh("rmmod", "nat64")
            cls.loaded = None

    def load(self):
        """
        Make this module the loaded one, and this variant configured; true if
        it has forgotten everything.
        """
        if Nat64.loaded != self.module:
            self.unload()
            for module in ("nf_defrag_ipv4", "nf_defrag_ipv6"):
                sh("modprobe", module, check=False)
            sh("insmod", self.module)
            Nat64.loaded = self.module
            Nat64.generation = getattr(Nat64, "generation", 0) + 1
        if self.configured == Nat64.generation:
            return False
        self.configured = Nat64.generation
        self.ctl("prefix", "add", PREFIX + "/96")
        self.ctl("pool", "add", self.pool)
        self.ctl("timeout", "set", "udp", "36000s")
        self.ctl("limit", "set", "subscriber-sessions", "0")
        self.ctl("limit", "set", "subscriber-ports", "0")
        self.ctl("limit", "set", "held-ports", "0")
        # Or what is large and may be fragmented would be.
        self.ctl("option", "set", "lowest-ipv6-mtu", "1500")
        if self.setup:
            self.setup(self)
        return True

    def known(self, name, flows):
        if self.status("sessions") < flows.count:
            raise Failure("%s: %d sessions" % (name, self.status("sessions")))

    def translated(self):
        """Packets translated, by path, and early."""
        rows = {r["name"]: r["value"]
                for r in json.loads(self.ctl("-j", "stats", "show"))}
        moved = {path: rows["translated-" + path.rsplit("-", 1)[1]]
                 for path in self.paths}
        # A module of --with may be from before there was such a thing.
        return moved | {"early": rows.get("translated-early")}

    def mark(self):
        self.moved = self.translated()

    def proof(self, sent, known=True):
        before, self.moved = self.moved, self.translated()
        for path, count in sent.items():
            if self.moved[path] - before[path] != count:
                raise Failure(path + ": packets by another way")
        if before["early"] is None:
            return
        early = self.moved["early"] - before["early"]
        # A module of --with may leave first packets to the usual way.
        older = not known and not early and self.name != "nat64"
        if early != sum(sent.values()) and not older:
            raise Failure("%s: %d packets translated early" %
                          (self.name, early))

    def proof_bulk(self, path, octets):
        if (self.translated()[path] - self.moved[path]) * 65536 < octets:
            raise Failure(path + ": packets by another way")

    def flush(self, flows):
        # With a module all that it knew has gone.
        if self.module == Nat64.loaded:
            self.ctl("session", "flush")
