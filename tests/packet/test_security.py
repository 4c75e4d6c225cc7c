# SPDX-License-Identifier: GPL-2.0
"""
Section 12: hostile packets. Whatever comes, the translator either drops it or
emits a packet that is well formed, and traffic goes on.
"""
import random
import socket
import struct

from ktap import test
from test_header46 import with_options
from test_icmp import err4, err6, quoted4
from wire import *


PLAT4_RAW = socket.inet_aton(PLAT4)


def well_formed(frame):
    """The translator's own part of a packet is right, whatever is inside."""
    data = bytes(frame)
    if data[0] >> 4 == 4:
        if data[12:16] == PLAT4_RAW:
            size = (data[0] & 15) * 4   # the kernel's errors echo options
        else:
            check(data[0] == 0x45, "first byte %#x", data[0])
            size = 20
        check(struct.unpack_from(">H", data, 2)[0] == len(data),
              "total length %d of %d", struct.unpack_from(">H", data, 2)[0],
              len(data))
        check(checksum(data[:size]) == 0, "header checksum")
    else:
        check(data[0] >> 4 == 6, "version %d", data[0] >> 4)
        check(struct.unpack_from(">H", data, 4)[0] + 40 == len(data),
              "payload length %d of %d",
              struct.unpack_from(">H", data, 4)[0], len(data) - 40)


class Victims:
    """Live flows, the packets to spoil, and that they still work after it."""

    def __init__(self, b):
        self.b = b
        self.udp = Udp(b).open()
        self.tcp = Syn(b).open()
        self.echo = Echo(b).open()

    def six(self):
        chain = (IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]) /
                 IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)]) /
                 IPv6ExtHdrRouting(type=4, segleft=0,
                                   addresses=["2001:db8::1"]))
        udp = self.udp
        return {
            "udp": udp.six(), "tcp": self.tcp.six(), "echo": self.echo.six(),
            "extensions": six(chain / udp.l4out(udp.port, b"data")),
            "fragment": frag6(udp.six(b"f" * 200), 104)[0],
            "last-fragment": frag6(udp.six(b"f" * 200), 104)[1],
            "atomic-fragment": frag6(udp.six(), 2000)[0],
            "error": err6(udp, 1, 4), "too-big": err6(udp, 2, 0),
            "tcp-error": err6(self.tcp, 3, 0),
            "echo-error": err6(self.echo, 4, 0),
            "extended-error": err6(udp, 1, 4, bytes([16, 0, 0, 0]),
                                   inner=bytes(udp.want6(b"e" * 200))[:128] +
                                   b"\x20\0\0\0\0\x08\1\1abcd"),
        }

    def four(self):
        udp = self.udp
        return {
            "udp": udp.four(), "tcp": self.tcp.four(),
            "echo": self.echo.four(),
            "options": with_options(udp.four(), b"\7\7\4\0\0\0\0\0"),
            "route": with_options(udp.four(), b"\x83\7\x08\0\0\0\0\0"),
            "fragment": frag4(udp.four(b"f" * 200), 104)[0],
            "last-fragment": frag4(udp.four(b"f" * 200), 104)[1],
            "error": err4(udp, 3, 3), "too-big": err4(udp, 3, 4),
            "tcp-error": err4(self.tcp, 11, 0),
            "echo-error": err4(self.echo, 12, 0),
            "extended-error": err4(udp, 11, 0, bytes([0, 32, 0, 0]),
                                   inner=bytes(quoted4(
                                       udp, b"e" * 200))[:128] +
                                   b"\x20\0\0\0\0\x08\1\1abcd"),
        }

    def alive(self):
        for flow in (self.udp, self.echo):
            flow.out(b"alive")
            flow.back(b"alive")
        check(self.tcp.session()["state"], "the TCP session is gone")


def refit(data):
    """DATA with IP lengths (and the IPv4 checksum) that agree with it."""
    data = bytearray(data)
    if len(data) >= 6 and data[0] >> 4 == 6:
        struct.pack_into(">H", data, 4, max(0, len(data) - 40))
    elif len(data) >= 20 and data[0] >> 4 == 4:
        size = (data[0] & 15) * 4
        struct.pack_into(">H", data, 2, len(data))
        if 20 <= size <= len(data):
            struct.pack_into(">H", data, 10, 0)
            struct.pack_into(">H", data, 10, checksum(bytes(data[:size])))
    return bytes(data)


def truncated(b, packets, send, eth):
    for name, packet in packets.items():
        with b.case(name):
            whole = bytes(packet)
            frames = [eth + whole[:n] for n in range(len(whole))]
            frames += [eth + refit(whole[:n]) for n in range(len(whole))]
            for frame in frames:
                send(frame)
            got = b.settle()
            for frame in got.six + got.four:
                well_formed(frame)


@test("SEC-04.truncated-ipv6")
def truncated6(b):
    victims = Victims(b)
    truncated(b, victims.six(), b.c6.sock.send, b.c6.eth6)
    victims.alive()


@test("SEC-04.truncated-ipv4")
def truncated4(b):
    victims = Victims(b)
    truncated(b, victims.four(), b.s4.sock.send, b.s4.eth4)
    victims.alive()


def spoil(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(data))
        data[at] = rng.choice((0, 1, 0x7f, 0x80, 0xff, rng.randrange(256),
                               data[at] ^ (1 << rng.randrange(8))))
    if rng.random() < 0.2:
        data = data[:rng.randrange(len(data)) + 1]
    if rng.random() < 0.2:
        data += bytes(rng.randrange(64))
    return refit(data) if rng.random() < 0.5 else bytes(data)


def mutated(b, packets, send, eth, seed, rounds):
    rng = random.Random(seed)
    bodies = [bytes(p) for p in packets.values()]
    for _ in range(rounds):
        frames = []
        for _ in range(100):
            data = rng.choice(bodies)
            keep = 40 if data[0] >> 4 == 6 else 20
            if rng.random() < 0.7:      # reach what lies behind the header
                data = data[:keep] + spoil(rng, data[keep:])
                data = refit(data)
            else:
                data = spoil(rng, data)
            frames.append(eth + data)
        for frame in frames:
            send(frame)
        got = b.settle()
        for frame in got.six + got.four:
            try:
                well_formed(frame)
            except AssertionError as error:
                raise AssertionError("%s; one of\n%s" % (
                    error, "\n".join(f[14:].hex() for f in frames))) \
                    from error


@test("SEC-15.mutated-ipv6")
def mutated6(b):
    victims = Victims(b)
    mutated(b, victims.six(), b.c6.sock.send, b.c6.eth6, 6, 25)
    victims.alive()


@test("SEC-15.mutated-ipv4")
def mutated4(b):
    victims = Victims(b)
    mutated(b, victims.four(), b.s4.sock.send, b.s4.eth4, 4, 25)
    victims.alive()


@test("SEC-15.mutated-errors")
def mutated_errors(b):
    """Spoiled inside, checksum right: the inner packet is what is parsed."""
    victims = Victims(b)
    rng = random.Random(15)
    errors6 = [bytes(p) for n, p in victims.six().items() if "error" in n]
    errors4 = [bytes(p) for n, p in victims.four().items() if "error" in n]
    for _ in range(12):
        for _ in range(40):
            data = rng.choice(errors6)
            message = data[40:48] + spoil(rng, data[48:])
            message = message[:2] + b"\0\0" + message[4:]
            total = raw_sum6(C, S6, 58, message)
            message = message[:2] + struct.pack(">H", total) + message[4:]
            b.c6.send(refit(data[:40] + message))
            data = rng.choice(errors4)
            message = data[20:28] + spoil(rng, data[28:])
            message = message[:2] + b"\0\0" + message[4:]
            message = message[:2] + struct.pack(">H", checksum(message)) + \
                message[4:]
            b.s4.send(refit(data[:20] + message))
        got = b.settle()
        for frame in got.six:
            well_formed(frame)
            check(raw_sum6(frame[IPv6].src, frame[IPv6].dst, 58,
                           bytes(frame)[40:]) == 0, "ICMPv6 checksum: %s",
                  bytes(frame).hex())
        for frame in got.four:
            well_formed(frame)
            if bytes(frame)[9] == 1:
                check(checksum(bytes(frame)[20:]) == 0,
                      "ICMPv4 checksum: %s", bytes(frame).hex())
    victims.alive()


@test("SEC-04.bad-versions-and-lengths")
def bad_lengths(b):
    victims = Victims(b)
    whole = bytes(victims.udp.six())
    for version in range(16):
        b.c6.sock.send(b.c6.eth6 + bytes([version << 4]) + whole[1:])
    for plen in (0, 1, 7, len(whole) - 41, len(whole), 65535):
        b.c6.sock.send(b.c6.eth6 + whole[:4] + struct.pack(">H", plen) +
                       whole[6:])
    whole = bytes(victims.udp.four())
    for first in range(256):
        head = bytearray(whole)
        head[0] = first
        b.s4.sock.send(b.s4.eth4 + refit(head))
    for length in (0, 19, 20, 27, len(whole) - 1, len(whole) + 1, 65535):
        head = bytearray(whole)
        struct.pack_into(">HH", head, 2, length, 7)
        head[10:12] = b"\0\0"
        head[10:12] = struct.pack(">H", checksum(bytes(head[:20])))
        b.s4.sock.send(b.s4.eth4 + bytes(head))
    got = b.settle()
    for frame in got.six + got.four:
        well_formed(frame)
    victims.alive()


@test("SEC-04.extension-header-chains")
def chains(b):
    victims = Victims(b)
    flow = victims.udp
    b.mark()
    for count in (1, 4, 8, 16, 64, 150):
        chain = b""
        for n in range(count):
            nxt = 60 if n + 1 < count else 17
            chain += bytes([nxt, 0, 1, 4, 0, 0, 0, 0])
        packet = bytes(IPv6(src=C, dst=S6, nh=60) / Raw(
            chain + bytes(flow.six())[40:]))
        got = b.x6(packet)
        check(len(got.four) + len(got.six) <= 1, "several")
        if got.four:
            same(got.four[0], flow.want4(), free=["id"])
        elif count <= 4:
            raise AssertionError("%d headers are refused" % count)
    for last in (0, 43, 60):     # a header whose length leaves the packet
        got = b.x6(bytes(IPv6(src=C, dst=S6, nh=last) /
                         Raw(bytes([17, 255, 0, 0, 0, 0, 0, 0]))))
        check(not got.four, "translated")
    victims.alive()


@test("SEC-04.tcp-header-length")
def tcp_header_length(b):
    victims = Victims(b)
    for offset in range(16):
        data = bytearray(bytes(victims.tcp.six()))
        data[52] = offset << 4
        got = b.x6(bytes(data))
        check(offset == 5 or not got.four, "offset %d was translated", offset)
        data = bytearray(bytes(victims.tcp.four()))
        data[32] = offset << 4
        got = b.x4(bytes(data))
        check(offset == 5 or not got.six, "offset %d was translated", offset)
    victims.alive()


@test("SEC-06.no-loop")
def no_loop(b):
    """Packets that would be translated again after translation."""
    victims = Victims(b)
    t6 = embed(T)
    b.mark()
    for src, dst in ((t6, t6), (t6, S6), (C, t6), (S6, t6), (C, C),
                     (embed("127.0.0.1"), t6), (C, embed("127.0.0.1")),
                     (C, embed(PLAT4))):
        for port in (victims.udp.pport, 1, 65535):
            got = b.x6(six(UDP(sport=victims.udp.port, dport=port) / b"x",
                           src, dst))
            check(len(got.six) + len(got.four) <= 1, "%s > %s: %d frames",
                  src, dst, len(got.six) + len(got.four))
    victims.alive()


@test("SEC-06.land")
def land(b):
    """Source and destination are the pool's own endpoint."""
    flow = Udp(b).open()
    got = b.x4(four(UDP(sport=flow.pport, dport=flow.pport) / b"x", T, T))
    check(len(got.six) + len(got.four) <= 1, "%d frames",
          len(got.six) + len(got.four))
    got = b.x4(four(TCP(sport=9, dport=9, flags="S"), T, T))
    check(len(got.six) + len(got.four) <= 1, "looped")
    flow.back()


@test("SEC-09.same-hash-neighbourhood")
def neighbourhood(b):
    """Many sessions that differ in one field each: all are found again."""
    packets = [quick_udp(20000, n) for n in range(1, 401)]
    packets += [quick_udp(20000, 9, dst=embed("198.18.%d.%d" %
                                              (n // 200, n % 200 + 1)))
                for n in range(400)]
    for at in range(0, 800, 100):
        b.x6(*packets[at:at + 100])
    check(b.count() == (800, 1), "state %r", b.count())
    b.mark()
    for at in range(0, 800, 100):
        got = b.x6(*packets[at:at + 100])
        check(len(got.four) == 100, "%d of 100", len(got.four))
    b.moved(translated_6to4=800, sessions_created=0)
