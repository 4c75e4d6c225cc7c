#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Beside a run: how long does the kernel not let a program of the highest
priority run that is due?

    probe.py FILE       until it is killed: a line for every sleep, "AT LATE"

AT is the time of its end, LATE by how much processor time of this kernel the
end came after it was due; both in ns. What the machine gave to others is not in
LATE.
"""
import os
import sys
import time

SLEEP = 500000


def main():
    """Sleep and write."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
    clock = os.open("/proc/bench_clock", os.O_RDONLY)

    def cpu():
        return int(os.pread(clock, 64, 0).split()[0])

    with open(sys.argv[1], "w", encoding="ascii", buffering=1) as file:
        while True:
            before = cpu()
            due = time.monotonic_ns() + SLEEP
            time.sleep(SLEEP / 1e9)
            after, now = cpu(), time.monotonic_ns()
            # At most what the kernel worked, at most what has passed.
            late = min(after - before, now - due)
            file.write("%d %d\n" % (now, max(late, 0)))


if __name__ == "__main__":
    main()
