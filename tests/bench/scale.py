# SPDX-License-Identifier: GPL-2.0
"""Cases beside the packet of a known flow: new flows, bulk, expiry, memory."""
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import time

import rivals
from bed import (Failure, Flows, Path, clock, get, inside, sh, OTHER6, OUT,
                 SERVER4_IN6)

# Ports of a pool address: the privileged ones are not given to others.
PORTS = 65536 - 1024
PAGE = 4096


def ours(session):
    """nat64, loaded and without sessions."""
    nat64 = session.rival(rivals.Nat64, "nat64", session.modules["nat64"])
    nat64.load()
    nat64.flush(None)
    return nat64


def forget(player, flows):
    """Nothing is known, and what was known is free, a grace period later."""
    player.flush(flows)
    time.sleep(1)


def fresh(session, name, count):
    """Every packet is the first one of its flow, from the IPv6 side."""
    flows = Flows(count)
    # A flowtable has nothing to do with first packets.
    players = [p for p in session.everybody()
               if not isinstance(p, rivals.Flowtable)]
    paths = [(player, path) for player in players
             for path in session.wanted(player.paths) if player.paths[path].up]
    samples = {path: [] for _, path in paths}
    for player, path in session.turns(paths):
        # Tables that grow once, and the others have from the start.
        if isinstance(player, rivals.Nat64) and player.load():
            player.prefill(flows)
        forget(player, flows)
        player.mark()
        cpu, wall = player.paths[path].run(flows, flows.count, random=False)
        player.proof({path: flows.count}, known=False)
        player.known(path, flows)
        samples[path].append({"cpu": cpu, "wall": wall})
    for player in players:
        player.flush(flows)
    session.results["cases"].append({
        "name": name, "kind": "packet", "flows": flows.count, "size": 100,
        "about": "UDP, frames of 100 octets, each of a new flow: %d client "
                 "ports, %d server ports" % (flows.clients, flows.servers),
        "packets": flows.count, "samples": samples,
        "base": {path: player.base[path] for player, path in paths}})


def full_pool(session, name):
    """
    New bindings while 95 of 100 ports are another client's, and so are most of
    those that this one would like to keep; beside an empty pool.
    """
    nat64 = ours(session)
    generator = session.rival(rivals.Generators).paths["generator-ipv6"]
    filling = Flows(PORTS * 95 // 100, servers=1)
    asking = Flows(PORTS // 40)
    other = Path(nat64.bed, True, OTHER6, SERVER4_IN6, "s0", 4)
    mine = nat64.paths["nat64-6to4"]
    samples = {"generator-ipv6": [], "empty": [], "full": []}
    for _ in range(session.arguments.rounds):
        for path in samples:
            repeats = []
            # So few packets are soon over; all the rest is not timed.
            for _ in range(5):
                if path == "generator-ipv6":
                    repeats.append(generator.run(asking, asking.count,
                                                 random=False)[0])
                    continue
                forget(nat64, asking)
                if path == "full":
                    other.run(filling, filling.count, random=False)
                repeats.append(mine.run(asking, asking.count,
                                        random=False)[0])
                want = asking.count + (filling.count if path == "full" else 0)
                if nat64.status("bindings") != want:
                    raise Failure("%d bindings" % nat64.status("bindings"))
            samples[path].append({"cpu": statistics.median(repeats)})
    nat64.flush(None)
    session.results["cases"].append({
        "name": name, "kind": "packet", "flows": asking.count, "size": 100,
        "about": "UDP, each packet a new flow and binding: pool of one "
                 "address, empty, and 95 to 97.5 % full",
        "packets": asking.count, "samples": samples, "references": ["empty"],
        "base": {"generator-ipv6": None, "empty": "generator-ipv6",
                 "full": "generator-ipv6"}})


@contextlib.contextmanager
def iperf_server(bed):
    """In the namespace of the server."""
    with inside(bed.server):
        server = subprocess.Popen(["iperf3", "-s"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with inside(bed.server):
                if sh("ss", "-Hltn", "sport", "=", ":5201").strip():
                    break
            time.sleep(0.1)
        yield
    finally:
        server.kill()
        server.wait()


def bulk(session, name, reverse, seconds=2):
    """
    One TCP connection with offloads, as fast as one processor makes it; in
    REVERSE the server sends.
    """
    players = [p for p in session.everybody()
               if not isinstance(p, rivals.Generators)]
    # Those that know no other direction are asked for both.
    paths = [(player, path) for player in players
             for path in session.wanted(player.paths)
             if len(player.paths) == 1 or isinstance(player,
                                                     rivals.Forwarding) or
             player.paths[path].up != reverse]
    values = {path: [] for _, path in paths}
    with contextlib.ExitStack() as stack:
        # Several modules share one.
        for bed in dict.fromkeys(player.bed for player in players):
            stack.enter_context(bed.open())
            stack.enter_context(iperf_server(bed))
        for player in players:
            if isinstance(player, rivals.Jool):
                player.tool("-i", "bench", "pool4", "add", "--tcp",
                            rivals.POOL, "1024-65535")
        for player, path in session.turns(paths):
            if isinstance(player, rivals.Nat64):
                player.load()
            way = player.paths[path]
            to = way.generator.destination if way.up else SERVER4_IN6
            player.mark()
            with inside(player.bed.client):
                cpu = clock()[0]
                text = sh("iperf3", "-c", to, "-t", str(seconds), "-J",
                          *(["-R"] if reverse else []))
                cpu = clock()[0] - cpu
            octets = json.loads(text)["end"]["sum_received"]["bytes"]
            player.proof_bulk(path, octets)
            values[path].append(octets * 8 / cpu)
    session.results["cases"].append({
        "name": name, "kind": "values", "unit": "Gbit/s",
        "about": "TCP, one connection of %d s, offloads on, both ends on the "
                 "same processor; the %s sends. Per second of processor time" %
                 (seconds, "server" if reverse else "client"),
        "reference": "ipv6", "values": values})


def late(file, start, end):
    """What the probe saw between two times: ms, in order."""
    rows = [line.split() for line in get(file).splitlines()]
    return sorted(int(by) / 1e6 for at, by in (r for r in rows if len(r) == 2)
                  if start <= int(at) < end)


@contextlib.contextmanager
def probe():
    """Write to OUT/probe how late a program of the highest priority is."""
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                          "probe.py")
    with subprocess.Popen([sys.executable, beside, OUT + "probe"]) as process:
        try:
            yield
        finally:
            process.kill()


def wane(nat64, path, alive, patience):
    """
    Forward packets of the flows ALIVE until only these are left: a list of
    (start, end, sessions before, sessions after, ns per packet by the clock).
    """
    rows = []
    until = time.monotonic() + patience
    now = nat64.status("sessions")
    while now != alive.count:
        if time.monotonic() > until:
            raise Failure("%d sessions are left" % now)
        start, was = time.monotonic_ns(), now
        # What expires has the processor between two runs; that is no loss.
        _, wall = path.run(alive, 100000)
        now = nat64.status("sessions")
        rows.append((start, time.monotonic_ns(), was, now, wall))
    return rows


def expiry(session, name, count=1000000, lifetime=30):
    """A million sessions end while a thousand others go on."""
    nat64 = ours(session)
    old, alive = Flows(count), Flows(1000, first=64000)
    path = nat64.paths["nat64-6to4"]
    values = {what: [] for what in (
        "before, ns", "during, ns", "before / during", "sessions a second",
        "99 of 100 late before, ms", "99 of 100 late during, ms")}
    nat64.ctl("option", "set", "allow-nonconforming", "on")
    nat64.ctl("timeout", "set", "udp", "%ds" % lifetime)
    for number in range(2 * max(1, session.arguments.rounds // 3)):
        path.run(old, old.count, random=False)
        path.run(alive, alive.count, random=False)
        # The probe takes time itself.
        with probe() if number % 2 else contextlib.nullcontext():
            rows = wane(nat64, path, alive, 5 * lifetime)
        before = [r for r in rows if r[3] == r[2]]
        during = [r for r in rows if r[3] < r[2]]
        if number % 2:
            for what, some in ("before", before), ("during", during):
                waits = late(OUT + "probe", some[0][0], some[-1][1])
                values["99 of 100 late %s, ms" % what].append(
                    waits[len(waits) * 99 // 100])
        else:
            wall = [statistics.median(r[4] for r in some)
                    for some in (before, during)]
            values["before, ns"].append(wall[0])
            values["during, ns"].append(wall[1])
            values["before / during"].append(wall[0] / wall[1])
            values["sessions a second"].append(
                count / ((during[-1][1] - during[0][0]) / 1e9))
        nat64.flush(None)
    nat64.ctl("timeout", "set", "udp", "36000s")
    session.results["cases"].append({
        "name": name, "kind": "values", "unit": "",
        "about": "%d UDP sessions expire while packets of 1000 others are "
                 "forwarded: time per packet by the clock; late: how long a "
                 "program of the highest priority had to wait" % count,
        "values": values})


def free():
    """
    Free memory of the guest in octets, nothing waiting to be freed. MemFree does
    not count the pages that a processor keeps at hand, which are thousands.
    """
    time.sleep(2)
    found = re.search(r"^MemFree: *(\d+) kB$", get("/proc/meminfo"), re.M)
    if not found:
        raise Failure("no MemFree")
    kept = re.findall(r"^ *count: *(\d+)$", get("/proc/zoneinfo"), re.M)
    return int(found.group(1)) * 1024 + sum(map(int, kept)) * PAGE


def slab(cache):
    """Octets that an object takes of its slab."""
    base = "/sys/kernel/slab/%s/" % cache
    return (PAGE << int(get(base + "order"))) / int(get(base +
                                                        "objs_per_slab"))


def memory(session, name):
    """What sessions take, one with a binding of its own, one without."""
    nat64 = ours(session)
    path = nat64.paths["nat64-6to4"]
    values = {"slab of a session": [slab("nat64_session")],
              "slab of a binding": [slab("nat64_binding")]}
    values["slab of both"] = [sum(v[0] for v in values.values())]
    for what, flows in (("all, each session with its binding", Flows(49999)),
                        ("all, 16 sessions a binding", Flows(1000000))):
        values[what] = []
        for _ in range(max(1, session.arguments.rounds // 3)):
            # Tables keep the size that they once had.
            nat64.unload()
            nat64.load()
            before = free()
            path.run(flows, flows.count, random=False)
            nat64.known("memory", flows)
            values[what].append((before - free()) / flows.count)
    nat64.flush(None)
    session.results["cases"].append({
        "name": name, "kind": "values", "unit": "octets",
        "about": "Memory by session; all: with the tables, the ports and what "
                 "else the kernel took meanwhile", "values": values})
