#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
What the interface has, the documentation names: every command and attribute of
the netlink header in Documentation/netlink.md, every counter, timeout, limit
and option in the manual page or in Documentation/.
"""
import glob
import os
import re
import sys

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def read(*patterns):
    text = ""
    for pattern in patterns:
        for path in sorted(glob.glob(os.path.join(TREE, pattern))):
            with open(path, encoding="utf-8") as file:
                text += file.read()
    return text


def enum_names(prefix):
    """Members of the uapi enums; the helpers that begin with __ are no names."""
    header = read("include/uapi/linux/nat64.h")
    header = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    names = re.findall(r"^\s(%s[A-Z0-9_]+)\s*(?:,|=)" % prefix, header,
                       flags=re.M)
    helpers = {prefix + word for word in ("MAX", "UNSPEC", "PAD")}
    return [n for n in names if n not in helpers]


def table_names(table):
    """The strings that name the rows of an X-macro list."""
    text = read("include/nat64_tables.h")
    match = re.search(r"#define %s\(X\)(.*?[^\\])\n" % table, text, flags=re.S)
    if not match:
        return []
    return re.findall(r"\bX\(\s*\w+,\s*(?:\\\n\s*)?\"([^\"]+)\"",
                      match.group(1))


def missing(names, text):
    return [n for n in names
            if not re.search(r"(?<![\w-])%s(?![\w-])" % re.escape(n), text)]


def main():
    netlink = read("Documentation/netlink.md")
    manual = read("tools/*.8", "tools/*.5", "tools/man/*", "Documentation/*.md")
    # roff writes some dashes as \-
    manual = manual.replace("\\-", "-")
    checks = [("netlink-" + p.split("_")[1].lower(), enum_names(p), netlink)
              for p in ("NAT64_CMD_", "NAT64_A_")]
    checks += [(t.split("_")[1].lower(), table_names(t), manual)
               for t in ("NAT64_COUNTERS", "NAT64_DROPS", "NAT64_TIMEOUTS",
                         "NAT64_LIMITS", "NAT64_OPTIONS")]
    failed = 0
    print("KTAP version 1\n1..%d" % len(checks))
    for number, (name, names, text) in enumerate(checks, 1):
        absent = missing(names, text)
        good = names and not absent
        if not names:
            print("# no names found: the check is blind")
        if absent:
            print("# not documented: " + " ".join(absent))
        print("%s %d %s" % ("ok" if good else "not ok", number, name))
        failed += not good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
