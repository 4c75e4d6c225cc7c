# SPDX-License-Identifier: GPL-2.0
"""Section 4, RFC 4884: extensions behind the quoted packet."""
import struct

from ktap import test
from test_icmp import R46, err4, err6, quoted4
from wire import *


def extension(objects=b"\0\x0c\1\1\x12\x34\x51\xff\x56\x78\x91\x3f"):
    """An extension structure with one MPLS label stack object (RFC 4950)."""
    head = b"\x20\0\0\0"
    total = checksum(head + objects)
    return head[:2] + struct.pack(">H", total) + objects


EXT = extension()


def rest4(words):
    return bytes([0, words, 0, 0])


def rest6(words):
    return bytes([words, 0, 0, 0])


def send46(b, flow, kind, code, quote, words, tail=EXT, keep=0):
    """
    An ICMPv4 error quoting QUOTE bytes, its length field WORDS; returns the
    ICMPv6 message that came.
    """
    inner = bytes(quoted4(flow, b"e" * 1000))[:quote]
    inner += b"\0" * (words * 4 - len(inner))
    rest = bytes([keep, words, 0, 0])
    got = b.to6(err4(flow, kind, code, rest, inner=inner + tail))
    message = bytes(got)[40:]
    check(raw_sum6(R46, C, 58, message) == 0, "ICMPv6 checksum")
    return message


def send64(b, flow, kind, code, quote, words, tail=EXT, rest=None):
    inner = bytes(flow.want6(b"e" * 1000))[:quote]
    inner += b"\0" * (words * 8 - len(inner))
    got = b.to4(err6(flow, kind, code, rest or rest6(words),
                     inner=inner + tail))
    message = bytes(got)[20:]
    check(checksum(message) == 0, "ICMPv4 checksum")
    return message


def parts(message, length):
    """(quoted packet with its padding, extension)"""
    return message[8:8 + length], message[8 + length:]


@test("X-01.length-attribute-4to6")
def length46(b):
    """128 octets (32 words of 4) become 148, padded to 152 (19 of 8)."""
    flow = Udp(b).open()
    for kind, code in ((3, 1), (3, 3), (3, 13), (11, 0), (11, 1)):
        with b.case("%d/%d" % (kind, code)):
            message = send46(b, flow, kind, code, 128, 32)
            check(message[4] == 19 and message[5:8] == b"\0\0\0",
                  "second word %s", message[4:8].hex())
            quote, tail = parts(message, 152)
            want = bytes(flow.six(b"e" * 1000, hlim=63))[:148]
            check(quote == want + b"\0" * 4, "quoted packet %s, wanted %s",
                  quote.hex(), want.hex())
            check(tail == EXT, "extension %s", tail.hex())


@test("X-01.length-attribute-6to4")
def length64(b):
    """152 octets become 132 (33 words of 4)."""
    flow = Udp(b).open()
    for kind, code in ((1, 0), (1, 1), (1, 4), (3, 0), (3, 1)):
        with b.case("%d/%d" % (kind, code)):
            message = send64(b, flow, kind, code, 152, 19)
            check(message[4] == 0 and message[5] == 33 and
                  message[6:8] == b"\0\0", "second word %s",
                  message[4:8].hex())
            quote, tail = parts(message, 132)
            check(quote[20:] == bytes(flow.four(b"e" * 1000))[20:132],
                  "quoted packet %s", quote.hex())
            check(tail == EXT, "extension %s", tail.hex())


@test("X-02.padded-to-128")
def padded(b):
    """128 octets of IPv6 become 108 of IPv4: padded with zeros to 128."""
    flow = Udp(b).open()
    message = send64(b, flow, 1, 4, 128, 16)
    check(message[5] == 32, "length attribute %d", message[5])
    quote, tail = parts(message, 128)
    check(quote[20:108] == bytes(flow.four(b"e" * 1000))[20:108], "quote")
    check(quote[108:] == b"\0" * 20, "padding %s", quote[108:].hex())
    check(tail == EXT, "extension %s", tail.hex())


@test("X-02.short-packet-with-padding")
def short_packet(b):
    """A short quoted packet and the zeros behind it."""
    flow = Udp(b).open()
    inner = bytes(quoted4(flow, b"short"))
    inner += b"\0" * (128 - len(inner))
    got = bytes(b.to6(err4(flow, 11, 0, rest4(32), inner=inner + EXT)))[40:]
    want = bytes(flow.six(b"short", hlim=63))
    check(got[8:8 + len(want)] == want, "quoted packet")
    check(got[4] * 8 >= 128 and len(got) == 8 + got[4] * 8 + len(EXT),
          "length attribute %d of %d", got[4], len(got))
    check(got[8 + len(want):8 + got[4] * 8].strip(b"\0") == b"", "padding")
    check(got[-len(EXT):] == EXT, "extension")


@test("I-14.padding-outside-transport")
def padding_outside(b):
    """Padding and extension take no part in the inner checksum."""
    flow = Udp(b).open()
    inner = bytes(quoted4(flow, b"short"))
    inner += b"\0" * (128 - len(inner))
    got = bytes(b.to6(err4(flow, 11, 0, rest4(32), inner=inner + EXT)))[40:]
    want = bytes(flow.six(b"short", hlim=63))
    check(got[48:48 + 13] == want[40:], "inner UDP %s, wanted %s",
          got[48:61].hex(), want[40:].hex())
    check(raw_sum6(C, S6, 17, got[48:61]) == 0, "inner checksum")


@test("X-03.objects-opaque")
def opaque(b):
    """Addresses inside an extension object, and its bad checksum, stay."""
    flow = Udp(b).open()
    objects = struct.pack(">HBB", 8, 2, 1) + bytes([203, 0, 113, 5])
    tail = extension(objects)
    bad = tail[:2] + b"\xba\xad" + tail[4:]
    for octets in (tail, bad, extension(EXT[4:] * 4)):
        with b.case(octets[:8].hex()):
            message = send46(b, flow, 11, 0, 128, 32, tail=octets)
            check(message[-len(octets):] == octets, "4to6")
            message = send64(b, flow, 3, 0, 152, 19, tail=octets)
            check(message[-len(octets):] == octets, "6to4")


@test("X-04.cut-when-too-long")
def cut(b):
    """The extension goes when the message does not fit 1280 with it."""
    flow = Udp(b).open()
    objects = struct.pack(">HBB", 1024, 9, 9) + b"o" * 1020
    tail = extension(objects)
    inner = bytes(quoted4(flow, b"e" * 1000))[:256]
    got = b.to6(err4(flow, 11, 0, rest4(64), inner=inner + tail))
    message = bytes(got)[40:]
    check(len(got) <= 1280, "%d bytes", len(got))
    check(raw_sum6(R46, C, 58, message) == 0, "ICMPv6 checksum")
    if message[4]:
        check(message[8 + message[4] * 8:] == tail,
              "a part of the extension was sent")
    else:
        check(b"oooo" not in message, "length 0, but an extension behind")


@test("X-05.no-extension-4to6")
def none46(b):
    """Packet too big and parameter problem have no extension in ICMPv6."""
    flow = Udp(b).open()
    inner = bytes(quoted4(flow, b"e" * 1000))[:128]
    want = bytes(flow.six(b"e" * 1000, hlim=63))[:148]
    for kind, code, rest, word in (
            (3, 4, struct.pack(">BBH", 0, 32, 1400), struct.pack(">I", 1420)),
            (3, 2, rest4(32), struct.pack(">I", 6)),
            (12, 0, bytes([8, 32, 0, 0]), struct.pack(">I", 7))):
        with b.case("%d/%d" % (kind, code)):
            got = b.to6(err4(flow, kind, code, rest, inner=inner + EXT))
            message = bytes(got)[40:]
            check(message[4:8] == word, "second word %s", message[4:8].hex())
            check(message[8:] == want, "%d bytes, wanted %d",
                  len(message) - 8, len(want))


@test("X-05.no-extension-6to4")
def none64(b):
    """ICMPv6 2 and 4 have no length attribute: all of it is the packet."""
    flow = Udp(b).open()
    inner = bytes(flow.want6(b"e" * 1000))[:152]
    for kind, code, rest, word in (
            (2, 0, struct.pack(">I", 1400), struct.pack(">I", 1380)),
            (4, 0, struct.pack(">I", 7), bytes([8, 0, 0, 0])),
            (4, 1, struct.pack(">I", 6), b"\0" * 4)):
        with b.case("%d/%d" % (kind, code)):
            got = b.to4(err6(flow, kind, code, rest, inner=inner))
            check(bytes(got)[24:28] == word, "second word %s",
                  bytes(got)[24:28].hex())


@test("X-06.length-zero")
def length_zero(b):
    """Without a length there is no extension: all of it is the packet."""
    flow = Udp(b).open()
    inner = bytes(quoted4(flow, b"e" * 1000))[:300]
    got = bytes(b.to6(err4(flow, 11, 0, inner=inner)))[40:]
    check(got[4:8] == b"\0" * 4, "second word %s", got[4:8].hex())
    check(got[8:] == bytes(flow.six(b"e" * 1000, hlim=63))[:320], "quote")


@test("X-06.length-beyond-the-end")
def length_beyond(b):
    flow = Udp(b).open()
    for words in (76, 100, 255):
        with b.case(words):
            inner = bytes(quoted4(flow, b"e" * 1000))[:300]
            got = bytes(b.to6(err4(flow, 11, 0, rest4(words),
                                   inner=inner)))[40:]
            check(got[4:8] == b"\0" * 4, "second word %s", got[4:8].hex())
            check(got[8:] == bytes(flow.six(b"e" * 1000, hlim=63))[:320],
                  "quote")
            inner = bytes(flow.want6(b"e" * 1000))[:304]
            got = bytes(b.to4(err6(flow, 3, 0, rest6(words), inner=inner)))
            check(got[24:28] == b"\0" * 4, "second word %s",
                  got[24:28].hex())


@test("X-06.length-inside-the-header")
def length_inside(b):
    """A length below the quoted header itself: never a bad access."""
    flow = Udp(b).open()
    inner = bytes(quoted4(flow, b"e" * 1000))[:300]
    for words in (1, 4, 5, 6, 31):
        got = b.x4(err4(flow, 11, 0, rest4(words), inner=inner))
        check(len(got.six) <= 1 and not got.four, "answered")
        for frame in got.six:
            check(raw_sum6(R46, C, 58, bytes(frame)[40:]) == 0, "checksum")
