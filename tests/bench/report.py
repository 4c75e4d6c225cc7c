#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Tables and a plot of what guest.py measured.

    report.py DIR       reads results.json; writes table.md, performance.svg

A packet's net cost is its time less the generator's of the same round. Ratios
are of the same round, too. Four of five rounds are within a spread; the quartiles
would promise more than a second run keeps, since rounds that follow each other
have the same neighbours. The best is of the fastest round less the generator's
fastest: other programs of the machine only add.
"""
import json
import os
import statistics
import sys
from xml.sax.saxutils import escape

REFERENCES = ("ipv6", "nat44", "jool-6to4")


def spread(values):
    """Tenth percentile, median, ninetieth one."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    deciles = statistics.quantiles(values, n=10, method="inclusive")
    return deciles[0], deciles[4], deciles[8]


def round_by_round(rows, others):
    """Ratios of each round: their median and spread, as text."""
    low, middle, high = spread(
        [one / other for one, other in zip(rows, others) if other])
    return "%.2f, %.2f..%.2f" % (middle, low, high)


def net(case, path):
    """The net cost of each round."""
    base = case["base"][path]
    rows = [r["cpu"] for r in case["samples"][path]]
    if not base:
        return rows
    return [a - b["cpu"] for a, b in zip(rows, case["samples"][base])]


def best(case, path):
    """The net cost where nothing disturbed."""
    fastest, base = (min(r["cpu"] for r in case["samples"][p]) if p else 0
                     for p in (path, case["base"][path]))
    return fastest - base


def cell(values):
    """Median and spread."""
    low, middle, high = spread(values)
    return "%.0f" % middle, "%.0f..%.0f" % (low, high)


def ratio(case, path, reference):
    """Of net costs, round by round, with its spread, and of the best ones."""
    if reference not in case["samples"] or not case["base"][path]:
        return ""
    if path == reference:
        return "1"
    return "%s (%.2f)" % (
        round_by_round(net(case, path), net(case, reference)),
        best(case, path) / best(case, reference))


def packet_table(case):
    """One line per rival."""
    references = case.get("references", REFERENCES)
    yield "| | total ns | net ns | spread | best | Mpackets/s |" + "".join(
        " net / %s, spread (best) |" % r for r in references)
    yield "|---|" + "--:|" * (5 + len(references))
    for path, rows in case["samples"].items():
        total = statistics.median(r["cpu"] for r in rows)
        middle, spread = cell(net(case, path))
        if not case["base"][path]:
            middle = ""
        yield "| %s | %.0f | %s | %s | %.0f | %.2f |" % (
            path, total, middle, spread, best(case, path),
            1000 / total) + "".join(
                " %s |" % ratio(case, path, r) for r in references)


def value_table(case):
    """One line per value."""
    reference = case["values"].get(case.get("reference"))
    yield "| %s | median | spread |" % case["unit"] + (
        " / %s, spread |" % case["reference"] if reference else "")
    yield "|---|--:|--:|" + ("--:|" if reference else "")
    for what, values in case["values"].items():
        low, middle, high = spread(values)
        yield "| %s | %.4g | %.4g..%.4g |" % (what, middle, low, high) + (
            " %s |" % ("1" if values is reference else
                       round_by_round(values, reference))
            if reference else "")


def table(results):
    """Markdown, line by line."""
    for case in results["cases"]:
        yield ""
        yield "### %s" % case["name"]
        yield ""
        if case["kind"] == "failed":
            yield "failed: " + case["why"]
            continue
        yield case["about"]
        yield ""
        if case["kind"] == "packet":
            yield from packet_table(case)
        else:
            yield from value_table(case)


def color(path):
    """Ours stand out."""
    if path.startswith("jool"):
        return "#b07aa1"
    return "#9c9c9c" if path in ("ipv6", "ipv4", "nat44", "flowtable") \
        else "#1f77b4"


def plot(results):
    """Net cost of every rival, case by case, as SVG, line by line."""
    cases = [c for c in results["cases"] if c["kind"] == "packet"]
    bars = [(c, [p for p in c["samples"] if c["base"][p]]) for c in cases]
    height = 50 + sum(34 + 18 * len(paths) for _, paths in bars)
    limit = max([spread(net(c, p))[2] for c, paths in bars for p in paths],
                default=1)
    scale, left = 560 / limit, 150
    yield ('<svg xmlns="http://www.w3.org/2000/svg" width="820" height="%d" '
           'font-family="sans-serif" font-size="12">' % height)
    yield '<rect width="820" height="%d" fill="white"/>' % height
    yield ('<text x="10" y="20" font-size="14">Net cost of a packet in ns, '
           'median and spread; less is better</text>')
    y = 40
    for case, paths in bars:
        y += 20
        yield '<text x="10" y="%d" font-weight="bold">%s: %s</text>' % (
            y, escape(case["name"]), escape(case["about"]))
        y += 6
        for path in paths:
            low, middle, high = (max(v, 0) for v in spread(net(case, path)))
            yield ('<text x="%d" y="%d" text-anchor="end">%s</text>'
                   '<rect x="%d" y="%d" width="%.1f" height="13" fill="%s"/>'
                   '<path d="M%.1f %dH%.1f" stroke="black"/>'
                   '<text x="%.1f" y="%d">%.0f</text>' % (
                       left - 6, y + 11, escape(path), left, y,
                       middle * scale, color(path), left + low * scale, y + 6,
                       left + high * scale, left + high * scale + 6, y + 11,
                       middle))
            y += 18
        y += 8
    yield "</svg>"


def main():
    """Read, write, print."""
    directory = sys.argv[1]

    def path(name):
        return os.path.join(directory, name)

    with open(path("results.json"), encoding="ascii") as file:
        results = json.load(file)
    text = "\n".join(table(results)) + "\n"
    with open(path("table.md"), "w", encoding="ascii") as file:
        file.write(text)
    with open(path("performance.svg"), "w", encoding="ascii") as file:
        file.write("\n".join(plot(results)) + "\n")
    print(text)
    print("in %s: results.json table.md performance.svg" % directory)


if __name__ == "__main__":
    main()
