#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
clang-format in its dry form: the indentation of statements and the spacing are
as .clang-format wants them. Where lines are broken, how what follows the break
is aligned, and how tables are, is the author's choice (ColumnLimit is 0; runs
of blanks inside a line count as one).
"""
import difflib
import os
import re
import subprocess
import sys

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
FOLDERS = ("src", "include", "alg", "compat", "tools")

# What clang-format 14 gets wrong, and why.
ACCEPTED = (
    (r"\\$", "lines of macros are aligned by hand"),
    (r"^\s*#", "directives"),
    (r"\((__force )?[us]\d+\)", "casts with two words are taken for calls"),
    (r"\b(NAT64_|ENTRY_|EVENT|LIST|ATTR_)\w*\(", "X-macro uses"),
    (r"\* const \*", "checkpatch wants what clang-format does not"),
    (r"^\s*NAT64_\w+_COUNT", "the end of an enum that an X-macro fills"),
)


def sources():
    for folder in FOLDERS:
        for path, _, names in os.walk(os.path.join(TREE, folder)):
            for name in sorted(names):
                if name.endswith((".c", ".h")) and ".mod." not in name:
                    yield os.path.relpath(os.path.join(path, name), TREE)


def inner(line):
    """LINE with its indentation, and single blanks after that."""
    return re.sub(r"(?<=\S)[ \t]+", " ", line)


def bare(line):
    return re.sub(r"\s+", "", line)


def continues(lines, index):
    """Whether line INDEX continues a statement."""
    before = lines[index - 1].rstrip() if index else ""
    if re.match(r"\s*(case .*|default|\w+):$", before):
        return False
    return bool(before) and not before.endswith((";", "{", "}", "*/"))


def complaints(text, wanted):
    """Pairs of lines that differ by blanks only."""
    have, want = text.splitlines(), wanted.splitlines()
    matcher = difflib.SequenceMatcher(None, have, want, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "replace" or b - a != d - c:
            continue
        for number, (old, new) in enumerate(zip(have[a:b], want[c:d]), a + 1):
            if bare(old) != bare(new) or inner(old) == inner(new):
                continue
            if continues(have, number - 1) and bare(old) and \
                    old.split() == new.split():
                continue
            if any(re.search(rule, old) for rule, _ in ACCEPTED):
                continue
            yield number, old, new


def check(path):
    with open(os.path.join(TREE, path), encoding="utf-8") as file:
        text = file.read()
    wanted = subprocess.run(["clang-format", "--assume-filename", path],
                            input=text, cwd=TREE, text=True, check=True,
                            stdout=subprocess.PIPE).stdout
    found = list(complaints(text, wanted))
    for number, old, new in found:
        print("# %s:%d\n#  -%s\n#  +%s" % (path, number, old, new))
    return not found


def main():
    # The first test proves that the others can fail.
    sample = "int f(void)\n{\n    return  0 ;\n}\n"
    wanted = subprocess.run(["clang-format", "--assume-filename", "src/x.c"],
                            input=sample, cwd=TREE, text=True, check=True,
                            stdout=subprocess.PIPE).stdout
    results = [("complains", bool(list(complaints(sample, wanted))))]
    for folder in FOLDERS:
        files = [p for p in sources() if p.split(os.sep)[0] == folder]
        if files:
            results.append((folder, all([check(path) for path in files])))
    print("KTAP version 1\n1..%d" % len(results))
    for number, (name, good) in enumerate(results, 1):
        print("%s %d %s" % ("ok" if good else "not ok", number, name))
    return 0 if all(good for _, good in results) else 1


if __name__ == "__main__":
    sys.exit(main())
