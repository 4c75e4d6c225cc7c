# SPDX-License-Identifier: GPL-2.0
"""
The guest's part of tests/bench/cpus: the same packets by one processor, then by
two, each with flows of its own; through the same links, router and tables.
"""
import json
import os
import statistics
import sys

import rivals
from bed import Flows, put, sh

FLOWS, PACKETS = 1000, 30000


def measure(players, rounds):
    """ns a packet by path: [with one thread, with two] of each round."""
    flows = Flows(FLOWS)
    samples = {path: [] for player in players for path in player.paths}
    for player in players:
        if isinstance(player, rivals.Nat64):
            player.load()
        player.prefill(flows)
        player.mark()
    for number in range(rounds):
        for player in players:
            sent = {path: 2 * PACKETS for path in player.paths}
            for name, path in player.paths.items():
                order = (1, 2) if number % 2 else (2, 1)
                walls = {n: path.run(flows, PACKETS, threads=n)[1]
                         for n in order}
                samples[name].append([walls[1], walls[2]])
            player.proof(sent)
    return samples


def table(samples):
    """Markdown, line by line."""
    yield "| | ns a packet, one processor | two | scaling | quartiles |"
    yield "|---|--:|--:|--:|--:|"
    for name, rows in samples.items():
        low, middle, high = statistics.quantiles(
            [one / two for one, two in rows], n=4, method="inclusive")
        yield "| %s | %.0f | %.0f | %.2f | %.2f-%.2f |" % (
            name, statistics.median(one for one, _ in rows),
            statistics.median(two for _, two in rows), middle, low, high)


def main():
    """Measure and print."""
    sh("modprobe", "pktgen")
    put("/proc/sys/net/core/netdev_max_backlog", "100000")
    players = [rivals.Generators(), rivals.Forwarding(), rivals.Nat44(),
               rivals.Nat64("nat64", os.environ["NAT64_KO"])]
    samples = measure(players, int(sys.argv[1]))
    print("\n".join(table(samples)))
    print(json.dumps(samples))


if __name__ == "__main__":
    main()
