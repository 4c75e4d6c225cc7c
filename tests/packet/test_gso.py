# SPDX-License-Identifier: GPL-2.0
"""
F-16: packets that are larger than the wire, and checksums that the hardware
would fill in. Super-packets are injected and captured with their virtio-net
header, so that every offload field is seen; real sockets do the rest.
"""
import hashlib
import random
import socket
import struct
import threading

from control import Data, Ftp, gates_are
from dialogue import CLIENT as NEAR
from dialogue import SERVER as FAR
from ktap import test
from wire import *

NEEDS_CSUM = 1
GSO_NONE, GSO_TCP4, GSO_UDP, GSO_TCP6 = 0, 1, 3, 4
CLIENT, SERVER = "2001:db8:61::77", "192.0.3.77"
HOST6, HOST4 = "2001:db8:61::2", "192.0.3.2"
SOL_UDP, UDP_SEGMENT, UDP_GRO = 17, 103, 104
RNG = random.Random(16)
FTP = ["alg enable ftp"]


def pseudo(src, dst, proto, length):
    """The sum that CHECKSUM_PARTIAL leaves in the checksum field."""
    family = socket.AF_INET6 if ":" in src else socket.AF_INET
    data = socket.inet_pton(family, src) + socket.inet_pton(family, dst)
    return ~checksum(data + struct.pack(">II", length, proto)) & 0xffff


def partial(packet):
    """(bytes with a partial checksum, offset of the L4 header, of the sum)"""
    data = bytearray(bytes(packet))
    head, proto = (40, data[6]) if data[0] >> 4 == 6 else (20, data[9])
    at = {1: 2, 6: 16, 17: 6, 58: 2}[proto]
    struct.pack_into(">H", data, head + at, 0 if proto == 1 else
                     pseudo(packet.src, packet.dst, proto, len(data) - head))
    return bytes(data), head, at


def finished(frame):
    """The IP packet as a network card would send it."""
    data = bytearray(frame.ip)
    flags, _, _, _, start, offset = frame.vnet
    if flags & NEEDS_CSUM:
        start -= 14
        total = checksum(bytes(data[start:])) or 0xffff
        struct.pack_into(">H", data, start + offset, total)
    return bytes(data)


class Super(Flow):
    """A TCP flow between two addresses behind g6 and g4."""
    proto = "tcp"

    def __init__(self, b):
        super().__init__(b, client=CLIENT, server=SERVER, sport=5001)
        self.seq = 1

    def segment(self, back, at4, flags, data):
        near = self.pport if at4 else self.port
        return TCP(sport=self.sport if back else near,
                   dport=near if back else self.sport, flags=flags,
                   seq=1000, ack=2000, window=500) / Raw(data)

    def six(self, data=b"", flags="A", **ip):
        return six(self.segment(False, False, flags, data), CLIENT,
                   self.server6, **ip)

    def want4(self, data=b"", flags="A", **ip):
        return wanted4(self.segment(False, True, flags, data), self.pool,
                       SERVER, **ip)

    def four(self, data=b"", flags="A", **ip):
        return four(self.segment(True, True, flags, data), SERVER, self.pool,
                    **ip)

    def want6(self, data=b"", flags="A", **ip):
        return six(self.segment(True, False, flags, data), self.server6,
                   CLIENT, hlim=63, **ip)

    def open(self):
        drain(self.bed)
        self.bed.g6.send(self.six(flags="S"))
        got = self.bed.collect(self.bed.g4, len)[0]
        self.pool, self.pport = got[IP].src, got[TCP].sport
        self.bed.g4.send(self.four(flags="SA"))
        self.bed.collect(self.bed.g6, len)
        return self


def drain(b):
    for port in (b.g6, b.g4):
        while port.receive():
            pass


def inject(port, packet, gso_type=GSO_NONE, gso_size=0):
    data, head, at = partial(packet)
    total = head + (20 if at == 16 else 8)
    port.send(data, (NEEDS_CSUM, gso_type, 14 + total if gso_type else 0,
                     gso_size, 14 + head, at))


@test("F-16.tcp-super-packet-6to4")
def super64(b):
    flow = Super(b).open()
    b.mark()
    for mss, size in ((1400, 14000), (1440, 60000), (1000, 1500),
                      (1400, 2801), (500, 5000)):
        with b.case("%d of %d" % (size, mss)):
            data = RNG.randbytes(size)
            inject(b.g6, flow.six(data), GSO_TCP6, mss)
            got = b.collect(b.g4, len)
            flags, kind, _, gso, _, _ = got[0].vnet
            check(len(got) == 1 and kind & 0x7f == GSO_TCP4 and gso == mss,
                  "%d frames, gso type %d size %d", len(got), kind, gso)
            check(flags & NEEDS_CSUM, "no partial checksum")
            want = flow.want4(data, flags="A")
            want.id = got[0][IP].id
            have = finished(got[0])
            if mss + 40 <= 1260:    # DF by the segments, either is allowed
                want[IP].flags = got[0][IP].flags
                del want.chksum
            check(have == bytes(want), "differs: %s, wanted %s",
                  have[:60].hex(), bytes(want)[:60].hex())
    b.moved(segmented=0, translated_6to4=5)


@test("F-16.tcp-super-packet-4to6")
def super46(b):
    flow = Super(b).open()
    b.mark()
    for mss, size in ((1400, 14000), (1440, 57600), (1000, 1500)):
        with b.case("%d of %d" % (size, mss)):
            data = RNG.randbytes(size)
            drain(b)
            inject(b.g4, df_set(flow.four(data)), GSO_TCP4, mss)
            got = b.collect(b.g6, len)
            _, kind, _, gso, _, _ = got[0].vnet
            check(len(got) == 1 and kind & 0x7f == GSO_TCP6 and gso == mss,
                  "%d frames, gso type %d size %d", len(got), kind, gso)
            check(finished(got[0]) == bytes(flow.want6(data)), "differs")
    b.moved(segmented=0, translated_4to6=3, icmp_errors_sent=0)


def df_set(packet):
    packet = packet.copy()
    packet.flags = "DF"
    del packet.chksum
    return packet


@test("F-16.too-big-by-segment-4to6")
def too_big_by_segment(b):
    """1460 + 40 + 20 does not fit; 60000 bytes in small segments do."""
    flow = Super(b).open()
    b.mark()
    drain(b)
    inject(b.g4, df_set(flow.four(RNG.randbytes(29200))), GSO_TCP4, 1460)
    got = b.collect(b.g4, len)[0]
    check((got[ICMP].type, got[ICMP].code) == (3, 4), "no 3/4")
    check(struct.unpack_from(">H", got.ip, 26)[0] == 1480, "MTU %d",
          struct.unpack_from(">H", got.ip, 26)[0])
    b.moved(drop_too_big=1, icmp_errors_sent=1)
    data = RNG.randbytes(60000)
    inject(b.g4, df_set(flow.four(data)), GSO_TCP4, 1400)
    b.collect(b.g6, len)
    b.moved(translated_4to6=1, icmp_errors_sent=0)


@test("F-16.too-big-by-segment-6to4")
def too_big_by_segment64(b):
    b.mtu("q4", 1400)
    flow = Super(b).open()
    drain(b)
    b.mark()
    inject(b.g6, flow.six(RNG.randbytes(28000)), GSO_TCP6, 1400)
    got = b.collect(b.g6, len)[0]
    check(got[ICMPv6PacketTooBig].mtu == 1420, "MTU")
    inject(b.g6, flow.six(RNG.randbytes(27200)), GSO_TCP6, 1360)
    got = b.collect(b.g4, len)
    check(got[0].vnet[3] == 1360, "gso size %d", got[0].vnet[3])
    b.moved(drop_too_big=1, icmp_errors_sent=1)


@test("F-16.super-packet-without-df")
def without_df(b):
    """DF=0: the segments are cut to lowest-ipv6-mtu, each by itself."""
    flow = Super(b).open()
    drain(b)
    data = RNG.randbytes(2800)
    inject(b.g4, flow.four(data), GSO_TCP4, 1400)
    got = b.collect(b.g6, lambda frames: len(frames) == 4)
    check(all(len(f) <= 1280 for f in got), "lengths %r",
          [len(f) for f in got])
    bodies = b""
    for ident in dict.fromkeys(f.ip[44:48] for f in got):
        bodies += join6([f for f in got if f.ip[44:48] == ident])[20:]
    check(bodies == data, "other bytes")
    check(b.delta().get("segmented") == 1, "counters %r", b.delta())


@test("F-16.small-super-packet-without-df")
def small_without_df(b):
    """DF=0 but segments that need no cutting stay together."""
    flow = Super(b).open()
    drain(b)
    b.mark()
    data = RNG.randbytes(12000)
    inject(b.g4, flow.four(data), GSO_TCP4, 1200)
    got = b.collect(b.g6, len)
    check(len(got) == 1 and got[0].vnet[3] == 1200, "%d frames", len(got))
    check(finished(got[0]) == bytes(flow.want6(data)), "differs")
    b.moved(segmented=0)


def noops(size):
    """Commands of so many octets"""
    lines = b"NOOP " + b"x" * 993 + b"\r\n"
    lines *= size // len(lines) - 1
    for left in ((size - len(lines)) // 2, None):
        left = left or size - len(lines)
        lines += b"NOOP " + b"x" * (left - 7) + b"\r\n"
    return lines


def reply(size):
    """A reply of so many octets"""
    lines = b" " + b"x" * 997 + b"\r\n"
    lines *= size // len(lines) - 1
    lines = b"211-x\r\n" + lines
    return lines + b"211 " + b"x" * (size - len(lines) - 6) + b"\r\n"


class SuperFtp(Ftp):
    """A control connection that super-packets go through"""

    def __init__(self, b):
        super().__init__(b, client=CLIENT, server=SERVER)

    def ports(self, side):
        return (self.bed.g6, self.bed.g4)[::-1 if side else 1]

    def inject(self, side, f):
        """A segment; one comes out."""
        near, far = self.ports(side)
        drain(self.bed)
        near.send(self.packet(side, f))
        return self.bed.collect(far, len), []

    def burst(self, side, data, image, size):
        """DATA at once, in segments of 1400; IMAGE leaves in those of SIZE."""
        near, far = self.ports(side)
        me, other = self.ends[side], self.ends[not side]
        head = 60 if side == FAR else 40
        f = self.fill(side, data)
        drain(self.bed)
        inject(near, self.packet(side, f),
               GSO_TCP4 if side == FAR else GSO_TCP6, 1400)
        got = self.bed.collect(far, lambda frames: sum(
            len(frame) - head for frame in frames) >= len(image))
        self.agree_all(side, [Raw(finished(frame)) for frame in got], dict(
            f, data=image, seq=other.rcv, ack=other.snd), size)
        me.snd += len(data)
        other.rcv += len(image)
        return got


@test("FT-03.super-packet", config=FTP)
def super_ftp(b):
    """In which nothing changes: it stays one."""
    d = SuperFtp(b).open()
    b.mark()
    for side, data in ((NEAR, noops(14000)), (FAR, reply(14000))):
        with b.case("%d" % side):
            if side == FAR:
                d.tell(b"STAT\r\n")
                d.hear(b"200 ok\r\n" * 14)
            got = d.burst(side, data, data, len(data))
            check(len(got) == 1 and got[0].vnet[3] == 1400, "%d frames",
                  len(got))
    b.moved(alg_segments_built=0, segmented=0, ftp_transparent=0)


@test("FT-03.super-packet-with-edits", config=FTP)
def super_edits(b):
    """At its begin and end, across two of its segments, within one"""
    d = SuperFtp(b).open()
    data, image, at = b"", b"", []
    for n, fill in enumerate((0, 1400 - 30, 2000, 3000)):
        fill = noops(fill) if fill else b""
        at.append((len(data + fill), len(image + fill)))
        port = 31500 + 2 * n
        data += fill + d.command("10.0.0.2", port)
        image += fill + d.command(d.pool, port)
    check(at[1][0] < 1400 < at[1][0] + 20, "no command across segments")
    begin = d.ends[NEAR].snd, d.ends[FAR].rcv
    b.mark()
    d.burst(NEAR, data, image, 1400)
    b.moved(alg_segments_built=-(-len(image) // 1400), ftp_rewrites=4,
            ftp_transparent=0)
    # One of them again, as a segment
    d.say(NEAR, d.command("10.0.0.2", 31502), d.command(d.pool, 31502),
          seq=begin[0] + at[1][0], over={"seq": begin[1] + at[1][1]})
    rows = b.gates(owner_client_port=d.port)
    check([r["pool_port"] for r in rows] == [31506], "gates %r", rows)
    d.hear(b"200 ok\r\n" * 10)


@test("FT-03.super-packet-with-a-reply", config=FTP)
def super_reply(b):
    """A 227 across two of its segments becomes a 229."""
    d = SuperFtp(b).open()
    d.tell(b"STAT\r\nEPSV\r\nSTAT\r\n", b"STAT\r\nPASV\r\nSTAT\r\n")
    first, last = reply(4180), reply(3000)
    said = b"227 Entering Passive Mode (192,0,3,77,117,49).\r\n"
    told = b"229 Entering Extended Passive Mode (|||30001|)\r\n"
    d.burst(FAR, first + said + last, first + told + last, 1400)
    gates_are(b, d.gate64(Data(d, b.fresh_port(), 30001)))
    b.moved(ftp_rewrites=2, ftp_gates_opened=1, ftp_transparent=0)


@test("FT-04.super-packet-that-ends-in-a-command", config=FTP)
def super_held(b):
    """What is not complete is held, and acknowledged."""
    d = SuperFtp(b).open()
    lines = noops(5000)
    cut = 11
    said, told = d.command("10.0.0.2", 31510), d.command(d.pool, 31510)
    drain(b)
    b.mark()
    f = d.fill(NEAR, lines + said[:cut])
    inject(b.g6, d.packet(NEAR, f), GSO_TCP6, 1400)
    got = b.collect(b.g4, lambda frames: sum(
        len(frame) - 40 for frame in frames) >= len(lines))
    want = dict(f, data=lines, seq=d.ends[FAR].rcv,
                ack=d.ends[FAR].snd)
    d.agree_all(NEAR, [Raw(finished(frame)) for frame in got], want,
                1400)
    d.ends[NEAR].snd += len(f["data"])
    d.ends[FAR].rcv += len(lines)
    d.tell(said[cut:], told)
    b.moved(ftp_gates_opened=1, ftp_rewrites=1, ftp_transparent=0)


def pair(b, kind=Udp):
    flow = kind(b, client=CLIENT, server=SERVER, sport=5001)
    drain(b)
    b.g6.send(flow.six())
    flow.learn(b.collect(b.g4, len)[0])
    return flow


def whole_checksums(b, flow):
    for size in (0, 1, 2, 500, 1400):
        with b.case(size):
            data = RNG.randbytes(size)
            inject(b.g6, flow.six(data))
            got = b.collect(b.g4, len)[0]
            want = flow.want4(data)
            want.id = got[IP].id
            check(finished(got) == bytes(want), "6to4: %s",
                  finished(got)[:40].hex())
            inject(b.g4, df_set(flow.four(data)))
            got = b.collect(b.g6, len)[0]
            check(finished(got) == bytes(flow.want6(data)), "4to6: %s",
                  finished(got)[:60].hex())


@test("F-16.partial-checksum")
def partial_checksum(b):
    whole_checksums(b, pair(b))


@test("F-16.partial-checksum-icmp")
def partial_icmp(b):
    """Its sum covers a pseudo header on one side only."""
    whole_checksums(b, pair(b, Echo))


@test("F-16.partial-checksum-cut-4to6")
def partial_cut(b):
    """A checksum must be complete before the packet is cut."""
    flow = pair(b)
    data = RNG.randbytes(1400)
    inject(b.g4, flow.four(data))
    got = b.collect(b.g6, lambda frames: len(frames) == 2)
    check(join6(got) == bytes(flow.want6(data))[40:], "other bytes")


@test("F-16.partial-checksum-cut-6to4")
def partial_cut64(b):
    b.mtu("q4", 1000)
    flow = pair(b)
    data = RNG.randbytes(1200)
    inject(b.g6, flow.six(data))
    got = b.collect(b.g4, lambda frames: len(frames) == 2)
    check(join4(got) == bytes(flow.want4(data))[20:], "other bytes")


@test("F-16.partial-checksum-quoted")
def partial_quoted(b):
    """An error about such a packet is itself right."""
    b.mtu("q4", 1300)
    flow = pair(b)
    drain(b)
    inject(b.g6, flow.six(RNG.randbytes(1400)))
    got = b.collect(b.g6, len)[0]
    check(got[ICMPv6PacketTooBig].mtu == 1320, "MTU")
    check(raw_sum6(got[IPv6].src, CLIENT, 58, got.ip[40:]) == 0 or
          got.vnet[0] & NEEDS_CSUM, "ICMPv6 checksum")


@test("F-16.ufo")
def ufo(b):
    """UDP fragmentation offload ends as fragments."""
    flow = pair(b)
    data = RNG.randbytes(4000)
    drain(b)
    inject(b.g6, flow.six(data), GSO_UDP, 1448)
    got = b.collect(b.g4, lambda frames: sum(len(f) - 20 for f in frames) >=
                    4008)
    check(join4(got) == bytes(flow.want4(data))[20:], "6to4")
    drain(b)
    inject(b.g4, flow.four(data), GSO_UDP, 1448)
    got = b.collect(b.g6, lambda frames: sum(len(f) - 48 for f in frames) >=
                    4008)
    check(join6(got) == bytes(flow.want6(data))[40:], "4to6")


def listen4(b):
    with b.inside("h4"):
        listener = socket.socket()
        listener.bind((HOST4, 0))
        listener.listen()
    return listener, (embed(HOST4), listener.getsockname()[1])


def transfer(b, size, listener, address, seen_as=T):
    """SIZE bytes each way over one connection of real sockets."""
    up, down = RNG.randbytes(size), RNG.randbytes(size)
    with b.inside("h6"):
        sock = socket.socket(socket.AF_INET6)
    sock.settimeout(60)
    listener.settimeout(60)
    seen = {}

    def serve():
        conn, peer = listener.accept()
        conn.settimeout(60)
        with conn:
            got = b""
            while len(got) < size:
                part = conn.recv(1 << 20)
                if not part:
                    break
                got += part
            seen["up"], seen["peer"] = got, peer
            conn.sendall(down)
    server = threading.Thread(target=serve)
    server.start()
    try:
        sock.connect(address)
        sock.sendall(up)
        got = b""
        while len(got) < size:
            part = sock.recv(1 << 20)
            if not part:
                break
            got += part
    finally:
        sock.close()
        server.join(70)
        listener.close()
    check(seen.get("peer", ("",))[0] == seen_as, "the server sees %r",
          seen.get("peer"))
    for name, sent, came in (("up", up, seen["up"]), ("down", down, got)):
        check(hashlib.md5(came).digest() == hashlib.md5(sent).digest(),
              "%s: %d of %d bytes, or others", name, len(came), size)


def super_frames(port):
    count = 0
    while True:
        frame = port.receive()
        if frame is None:
            return count
        count += frame.vnet[3] > 0


@test("HP-06.super-packets")
def hairpin_transfer(b):
    """A real connection from one client to another, offloads on."""
    b.configure("binding add %s 8080 to %s 8080 proto tcp" % (HOST6, T))
    with b.inside("h6"):
        listener = socket.socket(socket.AF_INET6)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST6, 8080))
        listener.listen()
    drain(b)
    b.mark()
    transfer(b, 1 << 20, listener, (embed(T), 8080), v6(embed(T)))
    big = super_frames(b.g6)
    check(big > 5, "only %d super-packets", big)
    moved = b.delta()
    check(moved.get("hairpinned", 0) > 20 and
          not moved.get("drop-too-big"), "counters %r", moved)


SETTINGS = {
    "all-on": [],
    "gro-on-the-translator": [("q6", "gro on", "plat"),
                              ("q4", "gro on", "plat")],
    "frag-list-gro": [("q6", "gro on rx-gro-list on", "plat"),
                      ("q4", "gro on rx-gro-list on", "plat")],
    "senders-without-gso": [("g6", "tso off gso off", "h6"),
                            ("g4", "tso off gso off", "h4"),
                            ("q6", "gro on", "plat"),
                            ("q4", "gro on", "plat")],
    "translator-without-tso": [("q6", "tso off", "plat"),
                               ("q4", "tso off", "plat")],
    "translator-without-checksums": [("q6", "tx off", "plat"),
                                     ("q4", "tx off", "plat")],
    "all-off": [("g6", "tso off gso off tx off", "h6"),
                ("g4", "tso off gso off tx off", "h4"),
                ("q6", "tso off gso off tx off", "plat"),
                ("q4", "tso off gso off tx off", "plat")],
}


def with_settings(name):
    @test("F-16.tcp-" + name)
    def tcp(b):
        for dev, features, ns in SETTINGS[name]:
            b.offload(dev, features, ns)
        drain(b)
        b.mark()
        transfer(b, 2 << 20, *listen4(b))
        big = super_frames(b.g4)
        if name in ("all-on", "gro-on-the-translator", "frag-list-gro"):
            check(big > 10, "only %d super-packets were translated", big)
        if name == "all-off":
            check(big == 0, "%d super-packets", big)
        moved = b.delta()
        check(moved.get("drop-too-big", 0) <= 4, "a storm of PTB: %r", moved)
        check(moved["translated-6to4"] and moved["translated-4to6"],
              "counters %r", moved)
    return tcp


for _name in SETTINGS:
    with_settings(_name)


ECN, ACCURATE_ECN = 1, 3    # of tcp_ecn


@test("F-16.tcp-accurate-ecn")
def accurate_ecn(b):
    """Where the kernel knows it, each super-packet of it has a type bit."""
    flags = 0x1c0           # AE, CWR, ECE
    for ns in ("h6", "h4"):
        try:
            b.proc("net/ipv4/tcp_ecn", ACCURATE_ECN, ns)
        except OSError:
            b.proc("net/ipv4/tcp_ecn", ECN, ns)
            flags = 0xc0
    drain(b)
    b.mark()
    transfer(b, 1 << 20, *listen4(b))
    syn = b.g4.receive()
    check(syn[TCP].flags & 0x1c2 == flags | 2, "SYN with %s", syn[TCP].flags)
    big = super_frames(b.g4)
    check(big > 5, "only %d super-packets", big)
    b.moved(segmented=0)


def udp_sockets(b):
    with b.inside("h4"):
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind((HOST4, 0))
    with b.inside("h6"):
        client = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        client.connect((embed(HOST4), server.getsockname()[1]))
    for sock in (server, client):
        sock.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)
        sock.settimeout(30)
    client.send(b"hello")
    _, peer = server.recvfrom(100)
    check(peer[0] == T, "the server sees %r", peer)
    return client, server, peer


def datagrams(sock, count):
    return [sock.recv(65536) for _ in range(count)]


def burst(sock, segment, count, to=None, gso=True):
    """COUNT datagrams of SEGMENT bytes in one call; returns them."""
    parts = [struct.pack(">I", n) + RNG.randbytes(segment - 4)
             for n in range(count)]
    anc = [(SOL_UDP, UDP_SEGMENT, struct.pack("H", segment))]
    if gso:
        sock.sendmsg([b"".join(parts)], anc, 0, *([to] if to else []))
    else:
        for part in parts:
            sock.sendto(part, to) if to else sock.send(part)
    return parts


def udp_both_ways(b, sizes, gso=True, count=20):
    client, server, peer = udp_sockets(b)
    try:
        for segment in sizes:
            with b.case("%d bytes" % segment):
                sent = burst(client, segment, count, gso=gso)
                check(datagrams(server, count) == sent, "6to4 differs")
                sent = burst(server, segment, count, peer, gso=gso)
                check(datagrams(client, count) == sent, "4to6 differs")
    finally:
        client.close()
        server.close()


@test("F-16.udp-segmentation")
def udp_segmentation(b):
    b.mark()
    udp_both_ways(b, (100, 1000, 1232, 1400, 1452))
    moved = b.delta()
    check(moved["translated-6to4"] == 6, "super-packets were taken apart "
          "before translation: %r", moved)


@test("F-16.udp-frag-list-gro")
def udp_frag_list(b):
    """Datagrams that GRO chained, neither linear nor paged."""
    for dev in ("q6", "q4"):
        b.offload(dev, "gro on rx-gro-list on")
    for dev, ns in (("g6", "h6"), ("g4", "h4")):
        b.offload(dev, "tx-udp-segmentation off", ns)
    udp_both_ways(b, (100, 1000, 1400, 1452))


@test("F-16.udp-gro-forwarding")
def udp_gro_forwarding(b):
    for dev in ("q6", "q4"):
        b.offload(dev, "gro on rx-udp-gro-forwarding on")
    for dev, ns in (("g6", "h6"), ("g4", "h4")):
        b.offload(dev, "tx-udp-segmentation off", ns)
    udp_both_ways(b, (100, 1000, 1400, 1452))


@test("F-16.udp-segments-cut")
def udp_cut(b):
    """Without DF each datagram of a super-packet becomes fragments."""
    client, server, peer = udp_sockets(b)
    server.setsockopt(socket.IPPROTO_IP, 10, 0)     # IP_PMTUDISC_DONT
    sent = burst(server, 1400, 10, peer)
    check(datagrams(client, 10) == sent, "differs")
    check(b.delta().get("fragmented-ipv6", 0) >= 10, "counters %r",
          b.delta())
    client.close()
    server.close()


@test("U-05.super-packet-without-checksum")
def no_check(b):
    """SO_NO_CHECK on the server: every byte is summed by the translator."""
    client, server, peer = udp_sockets(b)
    server.setsockopt(socket.SOL_SOCKET, 11, 1)     # SO_NO_CHECK
    for size in (1, 1000, 1400, 1452, 9000):
        with b.case(size):
            data = RNG.randbytes(size)
            server.sendto(data, peer)
            check(client.recv(65536) == data, "differs")
    client.close()
    server.close()


@test("F-16.big-datagrams")
def big_datagrams(b):
    """Datagrams far above the MTU, fragmented by their sender."""
    client, server, peer = udp_sockets(b)
    for size in (3000, 20000, 60000):
        with b.case(size):
            data = RNG.randbytes(size)
            client.send(data)
            check(server.recv(65536) == data, "6to4 differs")
            server.sendto(data, peer)
            check(client.recv(65536) == data, "4to6 differs")
    client.close()
    server.close()
