#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The guest's part of tests/bench/run: measures, writes results.json."""
import argparse
import json
import os
import statistics
import time

import rivals
import scale
from bed import OUT, Failure, Flows, clock, get, put, sh


class Session:
    """What all cases share: rivals that exist, modules, results."""
    def __init__(self, arguments):
        self.arguments = arguments
        self.modules = dict(m.split("=", 1) for m in arguments.module)
        self.made = {}
        self.results = {"cases": []}

    def rival(self, kind, *args, **kwargs):
        """Made once."""
        key = (kind.__name__,) + args
        if key not in self.made:
            self.made[key] = kind(*args, **kwargs)
        return self.made[key]

    def everybody(self):
        """All rivals of the usual comparison."""
        kinds = (rivals.Generators, rivals.Forwarding, rivals.Nat44,
                 rivals.Flowtable, rivals.Jool)
        return [self.rival(k) for k in kinds] + \
            [self.rival(rivals.Nat64, name, module)
             for name, module in self.modules.items()]

    def wanted(self, names):
        """Those of NAMES that --only leaves, and the generators."""
        only = self.arguments.only
        return [n for n in names if not only or n in only or
                n.startswith("generator")]

    def turns(self, some, times=1):
        """All of SOME once a round, in another order each round."""
        for number in range(times * self.arguments.rounds):
            turn = number % len(some)
            yield from some[turn:] + some[:turn]

    def save(self):
        """After every case, so that a run cut short is not lost."""
        with open(OUT + "results.json", "w", encoding="ascii") as file:
            json.dump(self.results, file, indent=1)


def say(text):
    """Progress."""
    print("bench: " + text, flush=True)


def established(session, name, count, size=100, packets=100000,
                players=None, **more):
    """
    RFC 9693's phase 2: packets of flows that are known (phase 1 made them), in
    random order; all rivals in turn, in another order each round.
    """
    flows = Flows(count)
    players = players or session.everybody()
    paths = [(player, path) for player in players
             for path in session.wanted(player.paths)]
    players = [p for p in players if any(q is p for q, _ in paths)]
    samples = {path: [] for _, path in paths}
    for player in players:
        if isinstance(player, rivals.Nat64):
            player.load()
        player.prefill(flows)
        player.mark()
    # Rounds are short where hardly a table is filled: more of them find moments
    # in which nothing else disturbs.
    for player in session.turns(players, 3 if count <= 1000 else 1):
        if isinstance(player, rivals.Nat64) and player.load():
            player.prefill(flows)
            player.mark()
        sent = {}
        for mine, path in paths:
            if mine is not player:
                continue
            cpu, wall = player.paths[path].run(flows, packets, size)
            sent[path] = packets
            samples[path].append({"cpu": cpu, "wall": wall})
        player.proof(sent)
    for player in players:
        player.flush(flows)
    session.results["cases"].append({
        "name": name, "kind": "packet", "flows": flows.count, "size": size,
        "about": "UDP, frames of %d octets, %d known flows in random order" %
                 (size, flows.count), "packets": packets, "samples": samples,
        "base": {path: player.base[path] for player, path in paths}} | more)


def variant(session, name, *how):
    """nat64 beside itself with something that should not matter."""
    module = session.modules["nat64"]
    players = [session.rival(rivals.Generators),
               session.rival(rivals.Nat64, "nat64", module),
               session.rival(rivals.Nat64, "nat64-" + name, module, *how)]
    established(session, name, 1000, players=players,
                references=["nat64-6to4", "nat64-4to6"])


CASES = {
    "udp-1k": lambda s: established(s, "udp-1k", 1000),
    "udp-1k-1400": lambda s: established(s, "udp-1k-1400", 1000, size=1400),
    "udp-100k": lambda s: established(s, "udp-100k", 100000),
    "udp-1m": lambda s: established(s, "udp-1m", 1000000),
    "new-ports": lambda s: scale.fresh(s, "new-ports", 49999),
    "new-flows": lambda s: scale.fresh(s, "new-flows", 100000),
    "full-pool": lambda s: scale.full_pool(s, "full-pool"),
    "algs": lambda s: variant(s, "algs", rivals.with_algs),
    "rules": lambda s: variant(s, "rules", rivals.with_rules),
    "pool-16": lambda s: variant(s, "pool-16", None, "198.51.0.0/16"),
    "bulk-up": lambda s: scale.bulk(s, "bulk-up", False),
    "bulk-down": lambda s: scale.bulk(s, "bulk-down", True),
    "expiry": lambda s: scale.expiry(s, "expiry"),
    "memory": lambda s: scale.memory(s, "memory"),
}


def played(player, path):
    """Packets of known flows."""
    flows = Flows(1000)
    player.prefill(flows)
    return lambda: player.paths[path].run(flows, 3000000)[0]


def first(player, path, rounds=40):
    """Packets of new flows; that they are forgotten is seen as well."""
    flows = Flows(49999)

    def run():
        player.flush(flows)
        return player.paths[path].run(flows, flows.count, random=False)[0]
    return lambda: statistics.median(run() for _ in range(rounds))


def profile(session):
    """Long enough for profile.py to see where the time goes."""
    how = first if "new-ports" in (session.arguments.case or []) else played
    for player in session.everybody():
        paths = [p for p in session.wanted(player.paths)
                 if p in session.arguments.only]
        if not paths:
            continue
        if isinstance(player, rivals.Nat64):
            player.load()
        for path in paths:
            run = how(player, path)
            put(OUT + "stage", "%d %s" % (clock()[1], path))
            cpu = run()
            put(OUT + "stage", "")
            say("%s %.0f ns" % (path, cpu))
            time.sleep(0.2)
    # profile.py reads it as soon as it is there.
    put(OUT + "kallsyms.new", get("/proc/kallsyms"))
    os.rename(OUT + "kallsyms.new", OUT + "kallsyms")


def show(case):
    """A line for each rival while the run goes on."""
    if case["kind"] == "packet":
        lists = {path: [r["cpu"] for r in rows]
                 for path, rows in case["samples"].items()}
    else:
        lists = case["values"]
    for what, values in lists.items():
        say("  %-20s %8.4g (%.4g-%.4g)" % (
            what, statistics.median(values), min(values), max(values)))


def main():
    """Run the cases."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--case", action="append", choices=list(CASES))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", action="append")
    parser.add_argument("--module", action="append", default=[])
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(CASES))
        return
    sh("insmod", rivals.BENCH + "/clock/clock.ko")
    sh("modprobe", "pktgen", check=False)
    # The receiver's turn may come late, but what was sent must be received.
    put("/proc/sys/net/core/netdev_max_backlog", "1000000")
    session = Session(arguments)
    if arguments.profile:
        profile(session)
        return
    for name in arguments.case or CASES:
        start = time.monotonic()
        say(name)
        try:
            CASES[name](session)
        except Failure as why:
            session.results["cases"].append(
                {"name": name, "kind": "failed", "why": str(why)})
            say("  failed: %s" % why)
            # What it leaves would be in the way of the next case.
            for player in session.made.values():
                player.flush(None)
        else:
            show(session.results["cases"][-1])
        say("  %.0f s" % (time.monotonic() - start))
        session.save()


if __name__ == "__main__":
    main()
