# SPDX-License-Identifier: GPL-2.0
"""Configuration: defaults, refusals, transactions, hostile netlink."""
import contextlib
import json
import os
import random
import select
import shutil
import struct
import subprocess
import tempfile
import time

import netlink as nl
from bed import BASE, ip
from ktap import test
from netlink import N, Genl, attr, op
from tool import TOOL, call, ctl, refused, restore, rows
from wire import *


def value(table, name):
    return [r for r in rows(table + " show") if r["name"] == name][0]


def saved():
    return ctl("config save")


@contextlib.contextmanager
def untouched(b):
    """Nothing inside may change the configuration or the sessions."""
    before, count = b.netlink.snapshot(), b.count()
    yield
    check(b.netlink.snapshot() == before, "the configuration changed:\n%s",
          saved())
    check(b.count() == count, "sessions changed: %r", b.count())


@test("TM-01.defaults")
def timer_defaults(b):
    want = {"udp": 300000, "tcp-trans-open": 240000,
            "tcp-trans-close": 240000, "tcp-est": 7200000,
            "tcp-incoming-syn": 6000, "icmp": 60000}
    table = {r["name"]: r for r in rows("timeout show")}
    for name, ms in want.items():
        with b.case(name):
            check(table[name]["value_ms"] == ms, "%r", table[name])
            check(table[name]["default_ms"] == ms, "%r", table[name])
    floors = {"udp": 120000, "tcp-trans-open": 240000,
              "tcp-trans-close": 240000, "tcp-est": 7200000,
              "tcp-incoming-syn": 6000, "icmp": 60000}
    for name, ms in floors.items():
        with b.case(name + " floor"):
            check(table[name]["min_ms"] == ms, "%r", table[name])


@test("TM-02.floor")
def timer_floor(b):
    for name in ("udp", "tcp-est", "tcp-trans-open", "tcp-trans-close",
                 "tcp-incoming-syn", "icmp"):
        with b.case(name):
            floor = value("timeout", name)["min_ms"]
            refused("timeout set %s %dms" % (name, floor - 1))
            ctl("timeout set %s %dms" % (name, floor))
    b.dirty = True
    b.configure("option set allow-nonconforming on")
    ctl("timeout set udp 1s")
    check(value("timeout", "udp")["value_ms"] == 1000, "udp")


@test("TM-02.not-back-below-the-floor")
def timer_floor_back(b):
    """The permission cannot go while a timeout depends on it."""
    b.configure("option set allow-nonconforming on", "timeout set udp 1s")
    code, _, _ = call("option", "set", "allow-nonconforming", "off")
    if code == 0:
        check(value("timeout", "udp")["value_ms"] >= 120000,
              "a timeout below the floor without permission")


@test("TM-02.expiry-error")
def expiry_error(b):
    """A session does not end before its time."""
    b.configure("option set allow-nonconforming on", "timeout set udp 1200ms")
    flow = Udp(b)
    started = time.monotonic()
    flow.open()
    b.poll("the end of the session", lambda: not b.sessions(), 30)
    check(time.monotonic() - started >= 1.15, "ended after %.2f s",
          time.monotonic() - started)


@test("TM-03.many-sessions-expire")
def many_expire(b):
    b.configure("option set allow-nonconforming on", "timeout set udp 3s",
                "limit set subscriber-sessions 0")
    for at in range(0, 4000, 250):
        b.x6(*[quick_udp(1024 + at + n) for n in range(250)])
    b.poll("the end of the sessions",
           lambda: rows("status")[0]["sessions"] == 0, 60)
    moved = b.delta()
    check(moved["sessions-removed"] == moved["sessions-created"] == 4000,
          "counters %r", moved)


@test("CONF.save-restore-identity")
def save_restore(b):
    b.configure("pool add 203.0.113.64/27 ports 2000-3000 proto udp",
                "pool add 198.51.100.128-198.51.100.131",
                "prefix add 2001:db8:46::/64",
                "binding add %s 80 to %s 8080 proto tcp" % (C, T),
                "timeout set udp 10min", "limit set subscriber-sessions 77",
                "option set filtering-tcp address-dependent",
                "option set tos-6to4 12")
    first = saved()
    restore(first.splitlines())
    check(saved() == first, "restored differently:\n%s\n%s", first, saved())
    for word in ("203.0.113.64", "2001:db8:46::/64", "8080", "77",
                 "address-dependent", "tos-6to4"):
        check(word in first, "%s is not in %s", word, first)


@test("CONF.restore-keeps-sessions")
def restore_keeps(b):
    flows = [kind(b).open() for kind in (Udp, Echo)]
    restore(BASE + ["timeout set udp 10min"])
    b.dirty = True
    check(b.count() == (2, 2), "state %r", b.count())
    for flow in flows:
        flow.back()
        flow.out()
    restore(BASE + ["pool add 198.51.100.99"])
    for flow in flows:
        flow.back()


@test("CONF.sync-keeps-sessions")
def sync_keeps(b):
    flow = Udp(b).open()
    b.dirty = True
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write("\n".join(BASE + ["limit set sessions 1000"]) + "\n")
        file.flush()
        ctl(["config", "sync", file.name])
    check(value("limit", "sessions")["value"] == 1000, "not synchronised")
    flow.back()


@test("CONF.sessions-go-with-their-pool")
def pool_goes(b):
    b.configure("pool add 198.51.100.7")
    flow = Udp(b).open()
    # Which of the two a subscriber gets is chance.
    left = "198.51.100.7" if flow.pool == T else T
    ctl("pool del " + flow.pool)
    check(not b.sessions(pool_addr=flow.pool),
          "sessions of a removed address")
    got = b.x4(flow.four())
    check(not got.six, "translated")
    again = Udp(b, port=flow.port).open()
    check(again.pool == left, "address %s", again.pool)


@test("CONF.sessions-go-with-their-prefix")
def prefix_goes(b):
    b.configure("prefix add 2001:db8:46::/96")
    one, two = Udp(b).open(), Udp(b, prefix="2001:db8:46::/96").open()
    ctl("prefix del " + P64)
    b.poll("the end of its session", lambda: len(b.sessions()) == 1)
    check(b.session()["server_addr6"] == v6(two.server6), "the other")
    two.back()
    got = b.x4(one.four())
    check(not [f for f in got.six if v6(f[IPv6].src) == v6(one.server6)],
          "translated from a removed prefix")


@test("CONF.half-applied-never")
def half_applied(b):
    flow = Udp(b).open()
    for bad in ("pool add 198.51.100.1", "prefix add 2001:db8::/33",
                "timeout set udp 1s", "limit set nonsense 3",
                "option set filtering-udp sometimes",
                "binding add 2001:db8::1 1 to 192.0.2.200 1 proto udp"):
        with b.case(bad), untouched(b):
            try:
                restore(BASE + ["pool add 203.0.113.200",
                                "timeout set udp 9min", bad])
            except Exception as error:
                check(":%d:" % (len(BASE) + 3) in str(error),
                      "no line in %s", error)
            else:
                raise AssertionError("accepted")
    flow.back()


@test("CONF.refusals")
def refusals(b):
    """Each names its reason, and changes nothing."""
    lines = ("pool add 198.51.100.1", "pool add 198.51.100.0/28",
             "pool add 198.51.100.1 ports 5-4", "pool add 224.0.0.1",
             "pool add 0.0.0.0", "pool add 255.255.255.255",
             "pool add 127.0.0.1", "pool del 203.0.113.77",
             "prefix add 2001:db8:64::/96", "prefix del 2001:db8:65::/96",
             "prefix add 2001:db8:64::/64", "prefix add ff00::/32",
             "limit set no-such 1",
             "timeout set no-such 1s", "option set no-such 1",
             "option set icmp-info maybe", "option set tos-6to4 256",
             "option set lowest-ipv6-mtu 1279")
    for line in lines:
        with b.case(line), untouched(b):
            code, _, err = call(*line.split())
            check(code in (1, 2), "exit %d for %r: %s", code, line, err)
            check(err.strip(), "no reason for %r", line)


@test("S-05.algs-per-name")
def algs(b):
    """ALGs are named; none is on before it is asked for."""
    for row in rows("alg show"):
        check(not row.get("enabled"), "%r", row)
    refused("alg enable no-such-alg")
    check(rows("gate show") == [], "gates")


@test("SEC-18.capability")
def capability(b):
    """Whoever is not CAP_NET_ADMIN in the namespace may change nothing."""
    flow = Udp(b).open()
    # The build directory may be one that only root can enter.
    place = tempfile.mkdtemp()
    os.chmod(place, 0o755)
    tool = shutil.copy(TOOL, place)
    with untouched(b):
        for words in (["session", "flush"], ["prefix", "del", P64],
                      ["pool", "flush"], ["timeout", "reset"],
                      ["option", "set", "icmp-info", "off"],
                      ["stats", "reset"], ["gate", "flush"],
                      ["session", "kill", "proto", "udp"]):
            with b.case(" ".join(words)):
                done = subprocess.run([tool, *words], user=65534, group=65534,
                                      extra_groups=[], text=True,
                                      capture_output=True)
                check(done.returncode == 1, "exit %d: %s", done.returncode,
                      done.stderr)
    shutil.rmtree(place)
    flow.back()


@test("SEC-18.user-namespace")
def user_namespace(b):
    """
    Root of another user namespace may configure its own network namespace,
    and not ours.
    """
    flow = Udp(b).open()
    with untouched(b):
        for words in (["session", "flush"], ["pool", "flush"]):
            done = subprocess.run(["unshare", "-U", "-r", TOOL, *words],
                                  text=True, capture_output=True)
            check(done.returncode == 1, "exit %d: %s", done.returncode,
                  done.stderr)
        done = subprocess.run(["unshare", "-U", "-r", "-n", "sh", "-c",
                               "%s prefix add default && "
                               "%s -j prefix show" % (TOOL, TOOL)],
                              text=True, capture_output=True)
        check(done.returncode == 0 and "64:ff9b::/96" in done.stdout,
              "exit %d: %s", done.returncode, done.stderr)
    flow.back()


@contextlib.contextmanager
def genl():
    sock = Genl()
    try:
        yield sock
    finally:
        sock.close()


GOOD = {
    "prefix": op("ADD", "PREFIX", nl.addr6("A_ADDR6", "2001:db8:77::"),
                 nl.u8("A_PREFIX_LEN", 96)),
    "pool": op("ADD", "POOL", nl.addr4("A_ADDR4", "203.0.113.77"),
               nl.addr4("A_ADDR4_LAST", "203.0.113.78"),
               nl.u16("A_PORT_MIN", 1024), nl.u16("A_PORT_MAX", 2047),
               nl.u8("A_PROTO", 17)),
    "binding": op("ADD", "BINDING", nl.u8("A_PROTO", 17),
                  nl.addr6("A_ADDR6", C), nl.u16("A_PORT6", 77),
                  nl.addr4("A_ADDR4", T), nl.u16("A_PORT4", 77)),
    "timeout": op("SET", "TIMEOUT", nl.text("A_NAME", "udp"),
                  nl.u64("A_VALUE", 400000)),
    "limit": op("SET", "LIMIT", nl.text("A_NAME", "sessions"),
                nl.u64("A_VALUE", 4000)),
    "option": op("SET", "OPTION", nl.text("A_NAME", "icmp-info"),
                 nl.text("A_OPTION_TEXT", "off")),
}


@test("SEC-18.by-hand")
def by_hand(b):
    """Our messages are right before they are made wrong."""
    b.dirty = True
    with genl() as sock:
        before = sock.genid()
        for name, body in GOOD.items():
            with b.case(name):
                error, _, extra = sock.apply(body)
                check(error == 0, "error %d %r", error, extra)
        check(sock.genid() != before, "the generation did not move")
    check(value("timeout", "udp")["value_ms"] == 400000, "timeout")
    check(b.binding()["pool_port"] == 77, "binding")


def children(body):
    """The attributes inside an operation."""
    inner, out = body[4:], []
    while len(inner) >= 4:
        size = struct.unpack_from("<H", inner)[0]
        out.append(inner[:(size + 3) & ~3])
        inner = inner[(size + 3) & ~3:]
    return out


def nest(parts):
    return attr(N["A_OP"] | nl.NLA_F_NESTED, b"".join(parts))


@test("SEC-18.missing-attributes")
def missing(b):
    optional = {N["A_PORT_MIN"], N["A_PORT_MAX"], N["A_PROTO"]}
    with genl() as sock, untouched(b):
        for name, body in GOOD.items():
            parts = children(body)
            for n, part in enumerate(parts):
                kind = struct.unpack_from("<HH", part)[1]
                if name == "pool" and kind in optional:
                    continue
                with b.case("%s without %d" % (name, kind)):
                    error, _, extra = sock.apply(nest(parts[:n] +
                                                      parts[n + 1:]))
                    check(error < 0, "accepted")
                    check(extra, "error %d without a text", error)


@test("SEC-18.wrong-sizes")
def wrong_sizes(b):
    with genl() as sock, untouched(b):
        for name, body in GOOD.items():
            parts = children(body)
            for n, part in enumerate(parts):
                size, kind = struct.unpack_from("<HH", part)
                texts = (N["A_NAME"], N["A_OPTION_TEXT"])
                for wrong in (0, 1, 2, 3, 5, 7, 9, 15, 17, 64, 300):
                    if wrong == size - 4 or kind in texts:
                        continue
                    with b.case("%s %d: %d bytes" % (name, kind, wrong)):
                        error, _, _ = sock.apply(nest(
                            parts[:n] + [attr(kind, b"\x01" * wrong)] +
                            parts[n + 1:]))
                        check(error < 0, "accepted")


@test("SEC-18.wrong-texts")
def wrong_texts(b):
    with genl() as sock, untouched(b):
        for octets in (b"", b"\0", b"x" * 31 + b"\0", b"x" * 32,
                       b"x" * 400 + b"\0", b"udp", b"\xff\xfe\0", b"udp \0",
                       b"u\0dp\0"):
            for thing, extra in (("TIMEOUT", nl.u64("A_VALUE", 1 << 40)),
                                 ("LIMIT", b""),
                                 ("OPTION", nl.text("A_OPTION_TEXT", "on"))):
                with b.case("%s %r" % (thing, octets[:8])):
                    if octets == b"udp" and thing == "TIMEOUT":
                        continue    # a string need not end in NUL
                    error, _, _ = sock.apply(op("SET", thing,
                                                attr("A_NAME", octets),
                                                extra))
                    check(error < 0, "accepted")


@test("SEC-18.bad-kinds-and-objects")
def bad_kinds(b):
    with genl() as sock, untouched(b):
        for kind in (0, 6, 7, 100, 255):
            for thing in (0, 1, 2, 3, 7, 8, 255):
                with b.case("%d of %d" % (kind, thing)):
                    error, _, extra = sock.apply(op(kind, thing))
                    check(error < 0, "accepted")
        for kind in ("ADD", "DEL", "SET"):
            for thing in (0, 8, 9, 255):
                error, _, _ = sock.apply(op(kind, thing))
                check(error < 0, "%s of object %d accepted", kind, thing)
        check(sock.apply(op("SET", "PREFIX"))[0] < 0, "set prefix")
        check(sock.apply(op("ADD", "TIMEOUT"))[0] < 0, "add timeout")


@test("SEC-18.values")
def bad_values(b):
    """Numbers that are the right size and wrong all the same."""
    with genl() as sock, untouched(b):
        for label, body in (
                ("length 255", op("ADD", "PREFIX",
                                  nl.addr6("A_ADDR6", "2001:db8:77::"),
                                  nl.u8("A_PREFIX_LEN", 255))),
                ("range backwards", op("ADD", "POOL",
                                       nl.addr4("A_ADDR4", "203.0.113.9"),
                                       nl.addr4("A_ADDR4_LAST",
                                                "203.0.113.8"))),
                ("range of everything", op("ADD", "POOL",
                                           nl.addr4("A_ADDR4", "0.0.0.0"),
                                           nl.addr4("A_ADDR4_LAST",
                                                    "255.255.255.255"))),
                ("enormous range", op("ADD", "POOL",
                                      nl.addr4("A_ADDR4", "1.0.0.0"),
                                      nl.addr4("A_ADDR4_LAST",
                                               "99.255.255.255"))),
                ("ports backwards", op("ADD", "POOL",
                                       nl.addr4("A_ADDR4", "203.0.113.9"),
                                       nl.addr4("A_ADDR4_LAST",
                                                "203.0.113.9"),
                                       nl.u16("A_PORT_MIN", 9),
                                       nl.u16("A_PORT_MAX", 8))),
                ("protocol 200", op("ADD", "POOL",
                                    nl.addr4("A_ADDR4", "203.0.113.9"),
                                    nl.addr4("A_ADDR4_LAST", "203.0.113.9"),
                                    nl.u8("A_PROTO", 200))),
                ("unknown flags", op("ADD", "POOL",
                                     nl.addr4("A_ADDR4", "203.0.113.9"),
                                     nl.addr4("A_ADDR4_LAST", "203.0.113.9"),
                                     nl.u32("A_FLAGS", 0xffffffff))),
                ("timeout 0", op("SET", "TIMEOUT", nl.text("A_NAME", "udp"),
                                 nl.u64("A_VALUE", 0))),
                ("endless timeout", op("SET", "TIMEOUT",
                                       nl.text("A_NAME", "udp"),
                                       nl.u64("A_VALUE", (1 << 64) - 1))),
                ("binding on port 0", op("ADD", "BINDING",
                                         nl.u8("A_PROTO", 6),
                                         nl.addr6("A_ADDR6", C),
                                         nl.u16("A_PORT6", 0),
                                         nl.addr4("A_ADDR4", T),
                                         nl.u16("A_PORT4", 0)))):
            with b.case(label):
                error, _, extra = sock.apply(body)
                check(error < 0, "accepted")
                check(extra, "error %d without a text", error)


@test("SEC-18.truncated-messages")
def truncated(b):
    """Cut at every byte, with lengths that agree and lengths that lie."""
    with genl() as sock, untouched(b):
        head = struct.pack("<BBH", N["CMD_APPLY"], 1, 0)
        for body in GOOD.values():
            for n in range(len(body)):
                cut = body[:n] + b"\0" * (-n % 4)
                if cut == body:  # only padding was cut
                    continue
                error, _, _ = sock.raw(sock.family, head + cut)
                if n >= 4:
                    check(error < 0, "%d of %d bytes accepted", n, len(body))
        for n in range(4):
            sock.raw(sock.family, head[:n], wait=False)
        check(sock.status(), "no answer any more")


@test("SEC-18.nesting")
def nesting(b):
    with genl() as sock, untouched(b):
        body = GOOD["option"]
        for _ in range(60):
            body = attr(N["A_OP"] | nl.NLA_F_NESTED, body)
        check(sock.apply(body)[0] < 0, "accepted")
        check(sock.apply(attr(N["A_OP"], b""))[0] < 0, "empty operation")
        for kind in range(0, N["A_TIMESTAMP_MS"] + 20):
            if kind == N["A_OP"]:
                continue
            sock.apply(attr(kind, b"\1" * 8))
            sock.apply(attr(kind | nl.NLA_F_NESTED, attr(kind, b"\1\0\0\0")))


@test("SEC-18.unknown-commands")
def unknown_commands(b):
    with genl() as sock, untouched(b):
        for command in [0, N["CMD_EVENT"]] + list(range(N["CMD_EVENT"] + 1,
                                                        N["CMD_EVENT"] + 9)):
            for dump in (False, True):
                check(sock.call(command, dump=dump)[0] < 0, "command %d",
                      command)
        for name, number in N.items():
            if name.startswith("CMD_") and number and not name.endswith(
                    ("MAX", "SESSION_KILL", "GATE_FLUSH", "STATS_RESET")):
                sock.call(number, attr(0x3ff0, b"junk"), dump=True)
                sock.call(number, attr(0x3ff0, b"junk"), dump=False)
        sock.status()


@test("SEC-18.last-of-thousands-refused")
def last_refused(b):
    """One transaction: the fault of the last operation undoes all."""
    with genl() as sock, untouched(b):
        ops = [op("ADD", "BINDING", nl.u8("A_PROTO", 17),
                  nl.addr6("A_ADDR6", C), nl.u16("A_PORT6", 1000 + n),
                  nl.addr4("A_ADDR4", T), nl.u16("A_PORT4", 1000 + n))
               for n in range(3000)]
        error, _, extra = sock.apply(*ops, GOOD["binding"], ops[5])
        check(error < 0, "a duplicate was accepted")
        check(2 in extra, "no offset of the bad attribute: %r", extra)
        offset = struct.unpack("<I", extra[2])[0]
        start = 16 + 4 + sum(map(len, ops)) + len(GOOD["binding"])
        check(start <= offset < start + len(ops[5]), "offset %d, wanted %d",
              offset, start)


@test("SEC-18.thousands-applied")
def thousands(b):
    b.dirty = True
    with genl() as sock:
        ops = [op("ADD", "BINDING", nl.u8("A_PROTO", 17),
                  nl.addr6("A_ADDR6", C), nl.u16("A_PORT6", 1000 + n),
                  nl.addr4("A_ADDR4", T), nl.u16("A_PORT4", 1000 + n))
               for n in range(3000)]
        error, _, extra = sock.apply(*ops)
        check(error == 0, "error %d %r", error, extra)
    check(len(b.bindings()) == 3000, "%d bindings", len(b.bindings()))
    sent = UDP(sport=9, dport=3999) / b"x"
    got = b.to6(four(sent))
    check(got[UDP].dport == 3999, "port")


@test("SEC-18.mutated-messages")
def mutated(b):
    """Anything may be refused or taken; nothing may break."""
    rng = random.Random(18)
    b.dirty = True
    flow = Udp(b).open()
    commands = [n for name, n in N.items() if name.startswith("CMD_") and
                n and not name.endswith("MAX")]
    with genl() as sock:
        for n in range(3000):
            body = bytearray(b"".join(rng.sample(list(GOOD.values()),
                                                 rng.randrange(1, 4))))
            for _ in range(rng.randrange(1, 6)):
                body[rng.randrange(len(body))] = rng.choice(
                    (0, 1, 4, 8, 0x80, 0xff, rng.randrange(256)))
            command = N["CMD_APPLY"] if n % 3 else rng.choice(commands)
            sock.raw(sock.family, struct.pack("<BBH", command,
                                              rng.randrange(256), 0) +
                     bytes(body), nl.NLM_F_REQUEST | rng.choice(
                         (nl.NLM_F_ACK, nl.NLM_F_DUMP)))
    restore(BASE)
    check(Udp(b, port=flow.port).open().back(), "traffic")


@test("SEC-18.dumps-abandoned")
def dumps_abandoned(b):
    """A reader that goes away in the middle of a dump."""
    b.x6(*[quick_udp(1024 + n) for n in range(600)])
    for name in ("SESSION_GET", "BINDING_GET", "POOL_GET", "STATS_GET"):
        for _ in range(10):
            sock = Genl()
            sock.raw(sock.family, struct.pack("<BBH", N["CMD_" + name], 1, 0),
                     nl.NLM_F_REQUEST | nl.NLM_F_DUMP, wait=False)
            sock.sock.recv(64)
            sock.close()
    check(len(b.sessions()) == 600, "%d sessions", len(b.sessions()))


@test("SEC-18.dump-during-changes")
def dump_during_changes(b):
    """A session that exists throughout is in the dump."""
    keep = [quick_udp(1024 + n) for n in range(300)]
    b.x6(*keep)
    with genl() as sock:
        sock.raw(sock.family, struct.pack("<BBH", N["CMD_SESSION_GET"], 1, 0),
                 nl.NLM_F_REQUEST | nl.NLM_F_DUMP, wait=False)
        b.x6(*[quick_udp(20000 + n) for n in range(600)])
        error, payloads, _ = sock.answer()
    check(error == 0, "error %d", error)
    ports = {struct.unpack("<H", nl.parse(p)[N["A_PORT6"]])[0]
             for p in payloads}
    check(set(range(1024, 1324)) <= ports, "%d of 300 are missing",
          len(set(range(1024, 1324)) - ports))


@test("CONF.tool-and-netlink-agree")
def tool_agrees(b):
    """What nat64ctl -j prints is what the tests read by themselves."""
    b.configure("binding add %s 80 to %s 80 proto tcp" % (C2, T))
    for flow in (Udp(b), Syn(b), Echo(b), Udp(b, client=C2)):
        flow.open()
    b.to6(four(TCP(sport=9, dport=80, flags="S")))
    b.none4(four(TCP(sport=9, dport=81, flags="S")))

    def comparable(table, reference):
        return sorted(repr(sorted((k, r.get(k)) for k in reference
                                  if k not in ("expires_ms", "client_addr",
                                               "client_port")))
                      for r in table)
    for line, mine in (("session show", b.sessions()),
                       ("binding show", b.bindings())):
        with b.case(line):
            theirs = rows(line)
            check(comparable(theirs, mine[0]) == comparable(mine, mine[0]),
                  "%r, wanted %r", theirs, mine)
    b.x6(Udp(b).six())
    theirs = {r["name"]: r["value"] for r in rows("stats show")}
    check(theirs == b.netlink.stats(), "stats differ")
    for row in rows("stats show"):
        check(row["help"], "%s is not explained", row["name"])


@test("CONF.filters")
def filters(b):
    flows = [Udp(b).open(), Udp(b, client=C2, server=S2).open(),
             Syn(b).open(), Echo(b, server=S3).open()]
    for words, want in (
            ("", 4), ("proto udp", 2), ("proto tcp", 1), ("proto icmp", 1),
            ("client " + C, 3), ("client 2001:db8:1:2::/64", 1),
            ("server " + S, 2), ("server 203.0.113.4/30", 4),
            ("server-port 7 proto tcp", 1),
            ("pool %s pool-port %d proto udp" % (T, flows[0].pport), 1),
            ("client-port %d proto tcp" % flows[2].port, 1),
            ("state v6-init", 1), ("state established", 0),
            ("inbound", 0), ("proto udp client " + C2, 1)):
        with b.case(words):
            got = len(rows("session show " + words))
            check(got == want, "%d sessions, wanted %d", got, want)
            got = rows("session count " + words)[0]["sessions"]
            check(got == want, "count %d, wanted %d", got, want)
    out = rows("session kill proto udp")
    check(out == [{"sessions": 2}], "kill: %r", out)
    check(len(b.sessions()) == 2, "kill removed others")


@contextlib.contextmanager
def monitor(b, *words):
    """Yields listen(enough): the events until ENOUGH of them came."""
    watch = subprocess.Popen([TOOL, "-j", "monitor", *words],
                             stdout=subprocess.PIPE, bufsize=0)
    seen, rest = [], b""

    def more(patience):
        nonlocal rest
        if not select.select([watch.stdout], [], [], patience)[0]:
            return False
        whole, _, rest = (rest + os.read(watch.stdout.fileno(),
                                         65536)).rpartition(b"\n")
        seen.extend(json.loads(line) for line in whole.splitlines())
        return True

    def listen(enough):
        while not enough(seen):
            check(more(30), "events: %r", seen)
        return seen

    def subscribed():
        b.x6(Udp(b).six())
        return more(0.2)
    try:
        b.poll("the first event", subscribed, 30)
        ctl("session flush")
        yield listen
    finally:
        watch.kill()
        watch.wait()


def named(seen, *names):
    return set(names) <= {e["event"] for e in seen}


@test("CONF.events")
def events(b):
    """Creation and end are announced, in this order, with their owner."""
    b.configure("option set log-destinations on")
    with monitor(b, "session", "binding") as listen:
        flow = Udp(b).open()
        ctl("session flush")

        def both(seen):
            return named([e for e in seen if e["client_port"] == flow.port],
                         "session-create", "session-delete",
                         "binding-create", "binding-delete")
        mine = [e for e in listen(both) if e["client_port"] == flow.port]
    order = [e["event"] for e in mine]
    check(order.index("session-create") < order.index("session-delete") and
          order.index("binding-create") < order.index("binding-delete"),
          "order %r", order)
    for event in mine:
        check((event["proto"], event["client_addr"], event["pool_addr"],
               event["pool_port"]) == ("udp", v6(C), T, flow.pport),
              "event %r", event)
        check(abs(event["timestamp_ms"] / 1000 - time.time()) < 600, "time")
        if event["event"] == "session-create":
            check(event["server_addr"] == S, "event %r", event)


@test("C-09.destinations-not-logged")
def no_destinations(b):
    with monitor(b, "session", "binding") as listen:
        Udp(b).open()
        ctl("session flush")
        seen = listen(lambda seen: [e["event"] for e in seen].count(
            "binding-delete") >= 2)
    for event in seen:
        check("server_addr" not in event and
              not event["event"].startswith("session"), "event %r", event)


@test("C-08.notification")
def notification(b):
    """What is refused for want of ports or by a quota is announced."""
    b.reconfigure("prefix add " + P64, "pool add %s ports 7000-7001" % T,
                  "limit set held-ports 0", "option set port-parity off",
                  "option set icmp-error-rate 0")
    with monitor(b) as listen:
        for _ in range(3):
            b.x6(Udp(b).six())
        b.configure("limit set subscriber-ports 1")
        b.x6(Udp(b).six())
        listen(lambda seen: named(seen, "ports-exhausted", "quota-exceeded"))


@test("CONF.routes-are-followed")
def routes_followed(b):
    """A session keeps its route only while the route is right."""
    flow = Udp(b).open()
    flow.back()
    change = "route change 203.0.113.0/24 via %s\n"
    b.undo.append(lambda: ip(change % "192.168.44.2 dev p4"))
    ip(change % "192.0.3.77 dev q4")
    while b.g4.receive():
        pass
    b.x6(flow.six(b"elsewhere")).nothing()
    got = b.collect(b.g4, len)[0]
    same(got, flow.want4(b"elsewhere"), free=["id"])
    ip(change % "192.168.44.2 dev p4")
    flow.out(b"back again")
    back = "route change 2001:db8:1::/48 via %s\n"
    b.undo.append(lambda: ip(back % "2001:db8:6::2 dev p6"))
    ip(back % "2001:db8:61::77 dev q6")
    while b.g6.receive():
        pass
    b.x4(flow.four(b"elsewhere")).nothing()
    got = b.collect(b.g6, len)[0]
    same(got, flow.want6(b"elsewhere"))


@test("CONF.no-route")
def no_route(b):
    """Both ends are told when there is no way on."""
    flow = Udp(b).open()
    b.mark()
    got = b.error6(Udp(b, server="100.99.1.1").six())
    check(bytes(got)[40:42] == b"\1\0", "error %s",
          bytes(got)[40:42].hex())
    b.undo.append(lambda: ip("route add 2001:db8:1::/48 via 2001:db8:6::2 "
                             "dev p6\n"))
    ip("route del 2001:db8:1::/48\n")
    got = b.error4(flow.four())
    check((got[ICMP].type, got[ICMP].code) == (3, 1), "%d/%d",
          got[ICMP].type, got[ICMP].code)
    b.moved(drop_no_route=2)


@test("CONF.stats-reset")
def stats_reset(b):
    Udp(b).open()
    ctl("stats reset")
    left = {r["name"]: r["value"] for r in rows("stats show") if r["value"]}
    check(not left, "counters %r", left)
    b.mark()
    Udp(b).open()
    b.moved(translated_6to4=1)
