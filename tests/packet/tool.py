# SPDX-License-Identifier: GPL-2.0
"""nat64ctl as the tests use it."""
import json
import os
import subprocess
import tempfile

TOOL = os.environ.get("NAT64CTL") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../tools/nat64ctl")


class ToolError(Exception):
    def __init__(self, words, code, text):
        super().__init__("nat64ctl %s: exit %d: %s" %
                         (" ".join(words), code, text.strip()))
        self.code = code
        self.text = text


def call(*words, stdin=None):
    """Run the tool; returns (exit status, stdout, stderr)."""
    done = subprocess.run([TOOL, *words], input=stdin, text=True,
                          capture_output=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def ctl(line, stdin=None):
    """Run one command line that must succeed; returns its output."""
    words = line.split() if isinstance(line, str) else list(line)
    code, out, err = call(*words, stdin=stdin)
    if code:
        raise ToolError(words, code, err)
    return out


def refused(line, *texts, code=1):
    """Run one command line that must be refused with CODE and a reason."""
    words = line.split() if isinstance(line, str) else list(line)
    got, out, err = call(*words)
    if got == 0:
        raise AssertionError("accepted: nat64ctl %s" % " ".join(words))
    if got != code:
        raise AssertionError("nat64ctl %s: exit %d instead of %d: %s" %
                             (" ".join(words), got, code, err))
    if not err.strip():
        raise AssertionError("nat64ctl %s: no reason" % " ".join(words))
    for text in texts:
        if text not in err:
            raise AssertionError("nat64ctl %s: reason is %r, wanted %r" %
                                 (" ".join(words), err, text))
    return err


def rows(line):
    """The array of objects that `nat64ctl -j LINE` prints."""
    out = ctl(["-j"] + line.split())
    return json.loads(out) if out.strip() else []


def batch(lines):
    """Commands one after the other, in one process."""
    if lines:
        ctl(["-b", "-"], stdin="\n".join(lines) + "\n")


def restore(lines):
    """Replace the whole configuration in one transaction."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
        config.write("\n".join(lines) + "\n")
        config.flush()
        ctl(["config", "restore", config.name])
