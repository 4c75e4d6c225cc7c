# SPDX-License-Identifier: GPL-2.0
"""
PPTP (RFC 2637) by hand: the control connection's messages, and the GRE of a
call. What a message becomes is always said by the test, id by id.
"""
import struct

import tool
from dialogue import CLIENT, Dialogue
from wire import *

SCCRQ, SCCRP, STOP_RQ, STOP_RP, ECHO_RQ, ECHO_RP, OCRQ, OCRP, ICRQ, ICRP, \
    ICCN, CCRQ, CDN, WEN, SLI = range(1, 16)
SIZE = (0, 156, 156, 16, 16, 16, 20, 168, 32, 220, 24, 28, 16, 148, 40, 24)
ZERO = 65002                    # what call id 0 is told as


def message(kind, ident=0, peer=None, result=1):
    """A control message with call ids; the rest is a pattern."""
    size = SIZE[kind]
    data = bytearray((n * 7 + kind) & 0xff for n in range(size))
    struct.pack_into(">HHIHHH", data, 0, size, 1, 0x1a2b3c4d, kind, 0, ident)
    if peer is not None:
        struct.pack_into(">HB", data, 14, peer, result)
    return bytes(data)


def gre(ident, data=b"", seq=None, ack=None, head=0x2001, proto=0x880b):
    """GRE version 1 (RFC 2637 4.1)."""
    out = struct.pack(">HHHH", head | (0x1000 if seq is not None else 0) |
                      (0x0080 if ack is not None else 0), proto, len(data),
                      ident)
    for number in (seq, ack):
        if number is not None:
            out += struct.pack(">I", number)
    return out + data


def told(ident):
    return ident or ZERO


class Pptp(Dialogue):
    """A control connection after SCCRQ and SCCRP."""

    def __init__(self, bed, sport=1723, **keys):
        super().__init__(bed, sport=sport, **keys)

    def open(self, first=CLIENT):
        super().open(first)
        self.say(first, message(SCCRQ))
        self.say(not first, message(SCCRP))
        self.ack(first)
        return self

    def send(self, side, kind, ident, becomes=None):
        """A message with one id."""
        becomes = ident if becomes is None else becomes
        self.say(side, message(kind, ident), message(kind, becomes))

    def reply(self, side, kind, own, peer, result=1):
        """OWN and PEER: (as said, as the other end must see it)."""
        self.say(side, message(kind, own[0], peer[0], result),
                 message(kind, own[1], peer[1], result))

    def ask_any(self, c):
        """OCRQ; returns what the server is told, whatever it is."""
        me, other = self.ends
        f = self.fill(CLIENT, message(OCRQ, c))
        forth, back = self.inject(CLIENT, f)
        check(len(forth) == 1 and not back, "frames")
        ident = struct.unpack_from(">H", bytes(forth[0]), 20 + 20 + 12)[0]
        data = message(OCRQ, ident)
        self.agree(CLIENT, forth[0], dict(f, data=data, seq=other.rcv,
                                          ack=other.snd))
        me.snd += len(data)
        other.rcv += len(data)
        return ident

    def call(self, c, s, c_told=None, s_told=None):
        """OCRQ and OCRP for the client's id C and the server's S."""
        call = Call(self, c, s, c_told, s_told)
        self.send(CLIENT, OCRQ, c, call.c_told)
        self.reply(not CLIENT, OCRP, (s, call.s_told), (call.c_told, c))
        return call


class Call:
    """A call of control connection D. C and S: ids of client and server."""

    def __init__(self, d, c, s, c_told=None, s_told=None):
        self.d = d
        self.bed = d.bed
        self.c, self.s = c, s
        self.c_told = told(c) if c_told is None else c_told
        self.s_told = told(s) if s_told is None else s_told

    # The four packets: as each end sends it, as the other must see it

    def six(self, data=b"data", seq=1, ack=None, **fields):
        return six(Raw(gre(self.s_told, data, seq, ack)), self.d.client,
                   self.d.server6, nh=47, **fields)

    def want4(self, data=b"data", seq=1, ack=None, **fields):
        return wanted4(Raw(gre(self.s, data, seq, ack)), self.d.pool,
                       self.d.server, proto=47, **fields)

    def four(self, data=b"data", seq=1, ack=None, **fields):
        return four(Raw(gre(self.c_told, data, seq, ack)), self.d.server,
                    self.d.pool, proto=47, **fields)

    def want6(self, data=b"data", seq=1, ack=None, hlim=63, **fields):
        return six(Raw(gre(self.c, data, seq, ack)), self.d.server6,
                   self.d.client, nh=47, hlim=hlim, **fields)

    def out(self, data=b"data", seq=1, ack=None):
        same(self.bed.to4(self.six(data, seq, ack)),
             self.want4(data, seq, ack), free=["id"])

    def back(self, data=b"data", seq=1, ack=None):
        same(self.bed.to6(self.four(data, seq, ack)),
             self.want6(data, seq, ack))

    def both(self):
        self.out()
        self.back()
        return self

    def silent(self):
        """Nothing passes in either direction."""
        check(not self.bed.x6(self.six()).four, "the client still sends")
        check(not self.bed.x4(self.four()).six, "the server still sends")

    # What the tool shows

    def gates(self):
        return [g for g in tool.rows("gate show proto gre")
                if g["client_port"] == self.c and
                g["client_addr"] == v6(self.d.client)]

    def sessions(self):
        """The call's sessions: (to the client, to the server)."""
        mine = [r for r in tool.rows("session show proto gre")
                if r["client_addr"] == v6(self.d.client) and
                r["owner_client_port"] == self.d.port]
        return ([r for r in mine if r["inbound"] and
                 r["client_port"] == self.c],
                [r for r in mine if not r["inbound"] and
                 r["server_port"] == self.s])
