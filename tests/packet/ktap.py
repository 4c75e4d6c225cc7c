# SPDX-License-Identifier: GPL-2.0
"""Registry and runner: one KTAP line per test, whatever happens inside it."""
import fnmatch
import sys
import time
import traceback

TESTS = []


class Skip(Exception):
    """Raised by a test that cannot run here; the text is the reason."""


def test(name, **options):
    """Register a function as the test NAME (a row of the requirements)."""
    def register(function):
        TESTS.append((name, function, options))
        return function
    return register


def select(patterns):
    if not patterns:
        return TESTS
    return [t for t in TESTS
            if any(fnmatch.fnmatchcase(t[0], p) or t[0].startswith(p)
                   for p in patterns)]


def comment(text):
    for line in str(text).splitlines():
        print("# " + line)


def run(tests, bed):
    """Run the tests on BED; the number of failures is returned."""
    failures = 0
    slowest = []
    print("KTAP version 1")
    print("1..%d" % len(tests), flush=True)
    for number, (name, function, options) in enumerate(tests, 1):
        started = time.monotonic()
        verdict, notes = "ok", []
        try:
            bed.begin(name, **options)
            function(bed)
            bed.end()
        except Skip as skip:
            verdict = "skip"
            notes.append(str(skip))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            verdict = "not ok"
            notes.append(describe(error))
            try:
                notes.append(bed.diagnose())
            except BaseException as again:
                notes.append("no diagnosis: %r" % again)
        slowest.append((time.monotonic() - started, name))
        if verdict == "skip":
            print("ok %d %s # SKIP %s" % (number, name, notes[0]))
        else:
            print("%s %d %s" % (verdict, number, name))
            for note in notes:
                comment(note)
        failures += verdict == "not ok"
        sys.stdout.flush()
    slowest.sort(reverse=True)
    comment("slowest: " + ", ".join("%s %.1f s" % (n, t)
                                    for t, n in slowest[:8]))
    comment("%d tests, %d failed, %.0f s" %
            (len(tests), failures, sum(t for t, _ in slowest)))
    return failures


def describe(error):
    """The message and the innermost lines of our own files."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "/tests/packet/" in f.filename]
    where = " < ".join("%s:%d %s" % (f.filename.rsplit("/", 1)[1], f.lineno,
                                     f.name) for f in reversed(own[-5:]))
    return "%s: %s\n  at %s" % (type(error).__name__, error, where)
