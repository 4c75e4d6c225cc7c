#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Where the time of a packet goes, while guest.py --profile runs.

    profile.py DIR      until DIR/kallsyms appears; prints tables of functions

The guest writes the process number of its kernel and the name of a path to
DIR/stage while it sends through that path. perf samples the process, as any
program of this machine; the guest's kallsyms names the addresses.
"""
import bisect
import collections
import glob
import os
import re
import signal
import subprocess
import sys
import time

FREQUENCY = 3997


def stage(directory):
    """Process and path that are measured now, or None."""
    try:
        with open(os.path.join(directory, "stage"), encoding="ascii") as file:
            words = file.read().split()
    except OSError:
        return None
    return words if len(words) == 2 else None


def record(directory):
    """Sample every stage."""
    current, perf = None, None
    while True:
        now = stage(directory)
        if now != current:
            if perf:
                perf.send_signal(signal.SIGINT)
                perf.wait()
                perf = None
            if now:
                perf = subprocess.Popen(
                    ["perf", "record", "-q", "-e", "cpu-clock:u", "-F",
                     str(FREQUENCY), "-p", now[0], "-o",
                     os.path.join(directory, now[1] + ".perf")],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            current = now
        if os.path.exists(os.path.join(directory, "kallsyms")):
            return
        time.sleep(0.05)


def symbols(directory):
    """Sorted addresses, and names with their modules."""
    rows = []
    with open(os.path.join(directory, "kallsyms"), encoding="ascii") as file:
        for line in file:
            words = line.split()
            if len(words) > 2 and words[1] in "tTwW":
                name = words[2] + (" " + words[3] if len(words) > 3 else "")
                rows.append((int(words[0], 16), name))
    rows.sort()
    return [r[0] for r in rows], [r[1] for r in rows]


def table(path, addresses, names):
    """Functions by their share, as Markdown."""
    text = subprocess.run(["perf", "script", "-i", path, "-F", "ip"],
                          stdout=subprocess.PIPE, text=True, check=True,
                          stderr=subprocess.DEVNULL).stdout
    counts = collections.Counter()
    for word in text.split():
        at = bisect.bisect_right(addresses, int(word, 16)) - 1
        near = at >= 0 and int(word, 16) - addresses[at] < 1 << 20
        counts[names[at] if near else "(elsewhere)"] += 1
    total = sum(counts.values())
    ours = sum(n for s, n in counts.items() if s.endswith("[nat64]"))
    print("\n### %s, %d samples, nat64 %.1f %%\n" % (
        os.path.basename(path)[:-5], total, 100 * ours / max(total, 1)))
    print("| share | function |\n|--:|---|")
    for name, count in counts.most_common(60):
        if count * 250 < total:
            break
        print("| %.1f %% | %s |" % (100 * count / total, name))


def main():
    """Record, then show."""
    directory = sys.argv[1]
    record(directory)
    addresses, names = symbols(directory)
    for path in sorted(glob.glob(os.path.join(directory, "*.perf"))):
        if not re.search(r"\.old$", path):
            table(path, addresses, names)


if __name__ == "__main__":
    main()
