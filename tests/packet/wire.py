# SPDX-License-Identifier: GPL-2.0
"""Addresses of the bed, packets, and comparing them byte by byte."""
import functools
import itertools
import ipaddress
import os
import socket
import struct

os.environ.setdefault("XDG_CONFIG_HOME", "/nonexistent")
os.environ.setdefault("XDG_CACHE_HOME", "/nonexistent")
# pylint: disable=wildcard-import,unused-wildcard-import,wrong-import-position
from scapy.layers.inet import (  # noqa: E402
    ICMP, IP, TCP, UDP, IPOption, fragment)
from scapy.layers.inet6 import (  # noqa: E402
    ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6PacketTooBig,
    ICMPv6ParamProblem, ICMPv6TimeExceeded, HBHOptUnknown, IPv6,
    IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, PadN)
from scapy.layers.l2 import Ether  # noqa: E402
from scapy.packet import Raw  # noqa: E402

__all__ = [
    "ICMP", "IP", "TCP", "UDP", "IPOption", "fragment", "ICMPv6DestUnreach",
    "ICMPv6EchoReply", "ICMPv6EchoRequest", "ICMPv6PacketTooBig",
    "ICMPv6ParamProblem", "ICMPv6TimeExceeded", "IPv6", "IPv6ExtHdrDestOpt",
    "IPv6ExtHdrFragment", "IPv6ExtHdrHopByHop", "IPv6ExtHdrRouting", "PadN",
    "HBHOptUnknown", "Ether", "Raw", "P64", "T", "C", "C_TWIN", "C2", "C3", "S", "S2", "S3", "R4",
    "R6", "S6", "PLAT4", "PLAT6", "embed", "six", "four", "same", "check",
    "Flow", "Udp", "Echo", "Syn", "checksum", "icmp4", "icmp6", "v6", "frag4",
    "frag6", "wanted4", "df", "join4", "join6", "raw_sum6", "raw_sum4", "parse",
    "quick_udp", "quick_syn"]

P64 = "2001:db8:64::/96"
T = "198.51.100.1"              # the pool address of the base configuration
C = "2001:db8:1:1::10"          # a client
C_TWIN = "2001:db8:1:1::11"     # another host of its /64: one subscriber
C2 = "2001:db8:1:2::20"         # another subscriber
C3 = "2001:db8:1:3::30"
S = "203.0.113.5"               # servers
S2 = "203.0.113.6"
S3 = "203.0.113.7"
R4 = "203.0.113.254"            # a router on the way to the servers
R6 = "2001:db8:1:ffff::1"       # a router on the way to the clients
PLAT4 = "192.168.44.1"          # the translator itself
PLAT6 = "2001:db8:6::1"
FENCE6 = "fd00:6::1"              # outside of every prefix a test configures
FENCE4 = "fd00:4::1"
CLIENT_NETS = ["2001:db8:1::/48", "2001:db8:2::/48"]
SERVER_NETS = ["203.0.113.0/24", "198.18.0.0/15", "192.0.2.0/24", "8.8.0.0/16"]


def embed(address, prefix=P64):
    """RFC 6052 2.2: bits 64-71 stay zero."""
    net = ipaddress.IPv6Network(prefix)
    out = bytearray(net.network_address.packed)
    at = net.prefixlen // 8
    for octet in ipaddress.IPv4Address(address).packed:
        if at == 8:
            at += 1
        out[at] = octet
        at += 1
    return str(ipaddress.IPv6Address(bytes(out)))


S6 = embed(S)


def v6(text):
    """The canonical text of an IPv6 address."""
    return str(ipaddress.IPv6Address(text))


def parse(data):
    if data and data[0] >> 4 == 6:
        return IPv6(data)
    return IP(data)


def summary(data):
    try:
        return parse(data).summary()
    except Exception as error:      # a diagnosis, of whatever was sent
        return repr(error)


def six(payload, src=C, dst=S6, hlim=64, **fields):
    return IPv6(src=src, dst=dst, hlim=hlim, **fields) / payload


IDENTS = itertools.count(0x1235)    # fragments of two tests never mix


def four(payload, src=S, dst=T, ttl=64, **fields):
    fields.setdefault("id", next(IDENTS) & 0xffff)
    return IP(src=src, dst=dst, ttl=ttl, **fields) / payload


def fence(src, dst, tag):
    head = struct.pack(">IHBB", 6 << 28, len(tag), 59, 64)
    return head + pton(src) + pton(dst) + tag


def checksum(data):
    """RFC 1071. The sum of 16-bit words is the number modulo 65535."""
    if len(data) % 2:
        data += b"\0"
    number = int.from_bytes(data, "big")
    if not number:
        return 0xffff
    return ~(number % 65535 or 65535) & 0xffff


@functools.lru_cache(4096)
def pton(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.inet_pton(family, address)


def raw_sum6(src, dst, proto, data):
    """Checksum of DATA with the IPv6 pseudo-header; 0 if DATA's is right."""
    return checksum(pton(src) + pton(dst) +
                    struct.pack(">II", len(data), proto) + data)


def raw_sum4(src, dst, proto, data):
    return checksum(pton(src) + pton(dst) + struct.pack(">HH", proto, len(data)) + data)


def quick6(proto, l4, src=C, dst=S6):
    """As six(), in bytes and much faster: for tests of many packets."""
    at = {6: 16, 17: 6}[proto]
    total = raw_sum6(src, dst, proto, l4) or 0xffff
    l4 = l4[:at] + struct.pack(">H", total) + l4[at + 2:]
    return (struct.pack(">IHBB", 6 << 28, len(l4), proto, 64) + pton(src) +
            pton(dst) + l4)


def quick_udp(sport, dport=7, data=b"x", src=C, dst=S6):
    return quick6(17, struct.pack(">HHHH", sport, dport, 8 + len(data), 0) +
                  data, src, dst)


def quick_syn(sport, dport=7, src=C, dst=S6):
    return quick6(6, struct.pack(">HHIIHHHH", sport, dport, 1, 0, 0x5002,
                                 8192, 0, 0), src, dst)


def check(condition, text, *values):
    if not condition:
        raise AssertionError(text % values if values else text)


def same(got, want, free=()):
    """
    GOT, a captured frame, is WANT byte by byte. FREE names the fields of the
    outer IPv4 header whose value is the translator's choice ("id").
    """
    have = bytes(got)
    if "id" in free:
        want = want.copy()
        want.id = struct.unpack_from(">H", have, 4)[0]
        del want.chksum
    need = bytes(want)
    if have == need:
        return
    at = next((i for i, (a, b) in enumerate(zip(have, need)) if a != b),
              min(len(have), len(need)))
    raise AssertionError(
        "differs from byte %d on (lengths %d, wanted %d)\n"
        "  got    %s\n  wanted %s\n  got    %r\n  wanted %r" %
        (at, len(have), len(need), have[:160].hex(), need[:160].hex(),
         parse(have), parse(need)))


def df(length):
    """RFC 7915 5.1: DF by the size of the resulting IPv4 packet."""
    return "DF" if length > 1260 else 0


def wanted4(payload, src=T, dst=S, ttl=63, **fields):
    """The IPv4 packet that RFC 7915 5.1 makes; its id is free."""
    fields.setdefault("flags", df(20 + len(payload)))
    return IP(src=src, dst=dst, ttl=ttl, id=0, **fields) / payload


class Flow:
    """
    One client's port towards one server, and the pool endpoint it got. Made
    by open(), which sends the first packet and learns the endpoint from it.
    """
    proto = None

    def __init__(self, bed, client=C, port=None, server=S, sport=7,
                 prefix=P64):
        self.bed = bed
        self.client = client
        self.port = port if port is not None else bed.fresh_port()
        self.server = server
        self.server6 = embed(server, prefix)
        self.sport = sport
        self.pool = None
        self.pport = None

    def open(self):
        got = self.bed.to4(self.six())
        self.learn(got)
        same(got, self.want4(), free=["id"])
        return self

    def learn(self, got):
        self.pool = got[IP].src
        self.pport = self.port_of(got)

    # The four packets: as each side sends it, as the other must see it

    def six(self, data=b"data", **fields):
        return six(self.l4out(self.port, data), self.client, self.server6,
                   **fields)

    def want4(self, data=b"data", **fields):
        return wanted4(self.l4at4(data), self.pool, self.server, **fields)

    def four(self, data=b"data", **fields):
        return four(self.l4back(self.pport, data), self.server, self.pool,
                    **fields)

    def want6(self, data=b"data", hlim=63, **fields):
        return six(self.l4at6(data), self.server6, self.client, hlim=hlim,
                   **fields)

    def out(self, data=b"data"):
        got = self.bed.to4(self.six(data))
        same(got, self.want4(data), free=["id"])
        return got

    def back(self, data=b"data"):
        got = self.bed.to6(self.four(data))
        same(got, self.want6(data))
        return got

    def session(self):
        return self.bed.session(proto=self.proto, client_addr=v6(self.client),
                                client_port=self.port,
                                server_addr=self.server,
                                server_port=0 if self.proto == "icmp"
                                else self.sport)

    def expires(self):
        return self.session()["expires_ms"]


class Udp(Flow):
    proto = "udp"

    def port_of(self, got):
        return got[UDP].sport

    def l4out(self, port, data):
        return UDP(sport=port, dport=self.sport) / Raw(data)

    def l4at4(self, data):
        return self.l4out(self.pport, data)

    def l4back(self, port, data):
        return UDP(sport=self.sport, dport=port) / Raw(data)

    def l4at6(self, data):
        return self.l4back(self.port, data)


class Syn(Udp):
    """A TCP connection of which only SYN segments are seen."""
    proto = "tcp"

    def port_of(self, got):
        return got[TCP].sport

    def l4out(self, port, data):
        return TCP(sport=port, dport=self.sport, flags="S", seq=1000)

    def l4back(self, port, data):
        return TCP(sport=self.sport, dport=port, flags="SA", seq=5000,
                   ack=1001)


class Echo(Flow):
    """An ICMP query session: ports are identifiers."""
    proto = "icmp"

    def port_of(self, got):
        return got[ICMP].id

    def l4out(self, port, data):
        return ICMPv6EchoRequest(id=port, seq=77, data=data)

    def l4at4(self, data):
        return ICMP(type=8, id=self.pport, seq=77) / Raw(data)

    def l4back(self, port, data):
        return ICMP(type=0, id=port, seq=77) / Raw(data)

    def l4at6(self, data):
        return ICMPv6EchoReply(id=self.port, seq=77, data=data)


def icmp4(kind, code, inner, rest=b"\0\0\0\0", bad=0):
    """An ICMPv4 message as bytes; BAD is added to its checksum."""
    head = struct.pack(">BBH", kind, code, 0) + rest
    data = head + bytes(inner)
    total = (checksum(data) + bad) & 0xffff
    return data[:2] + struct.pack(">H", total) + data[4:]


def icmp6(src, dst, kind, code, inner, rest=b"\0\0\0\0", bad=0):
    """An ICMPv6 message as bytes."""
    data = struct.pack(">BBH", kind, code, 0) + rest + bytes(inner)
    total = (raw_sum6(src, dst, 58, data) + bad) & 0xffff
    return data[:2] + struct.pack(">H", total) + data[4:]


def frag4(packet, size):
    """IPv4 fragments with at most SIZE bytes of payload (a multiple of 8)."""
    whole = bytes(packet)
    body = whole[20:]
    pieces = []
    for at in range(0, len(body), size):
        piece = body[at:at + size]
        more = at + size < len(body)
        head = packet.copy()
        head.remove_payload()
        head.len = 20 + len(piece)
        head.flags = "MF" if more else 0
        head.frag = at // 8
        head.proto = whole[9]
        del head.chksum
        pieces.append(head / Raw(piece))
    return pieces


def frag6(packet, size, ident=None):
    """IPv6 fragments of a packet without extension headers."""
    if ident is None:
        ident = next(IDENTS)
    whole = bytes(packet)
    body = whole[40:]
    pieces = []
    for at in range(0, len(body), size):
        piece = body[at:at + size]
        more = at + size < len(body)
        head = IPv6(whole[:40])
        head.remove_payload()
        head.plen = 8 + len(piece)
        head.nh = 44
        pieces.append(head / IPv6ExtHdrFragment(
            nh=whole[6], offset=at // 8, m=int(more), id=ident) / Raw(piece))
    return pieces


def spans_join(spans):
    """The bytes of (offset, more, data) pieces, which must not overlap."""
    spans = sorted(spans)
    body = b""
    for offset, more, data in spans:
        check(offset == len(body), "piece at %d, wanted %d", offset, len(body))
        if more:
            check(len(data) % 8 == 0, "piece of %d bytes with M", len(data))
        body += data
    check([more for _, more, _ in spans] == [True] * (len(spans) - 1) + [False],
          "M flags are %r", [more for _, more, _ in spans])
    return body


def join4(frames):
    """The payload of the IPv4 datagram that FRAMES are fragments of."""
    return spans_join([((struct.unpack_from(">H", bytes(f), 6)[0] & 0x1fff) * 8,
                        bool(bytes(f)[6] & 0x20), bytes(f)[20:])
                       for f in frames])


def join6(frames):
    spans = []
    for frame in frames:
        data = bytes(frame)
        check(data[6] == 44, "next header %d instead of a fragment", data[6])
        field = struct.unpack_from(">H", data, 42)[0]
        spans.append((field & 0xfff8, bool(field & 1), data[48:]))
    return spans_join(spans)
