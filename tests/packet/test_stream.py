# SPDX-License-Identifier: GPL-2.0
"""
The streams of control connections seen from the wire: TCP between two ends
that number their octets differently, because an ALG edits what they say. The
edits are those of FTP's PORT.
"""
import struct

from control import Data, Ftp
from dialogue import CLIENT, SERVER
from ktap import test
from test_icmp import err4
from wire import *

ALG = ["alg enable ftp"]
P1 = 31210


def start(b, **keys):
    return Ftp(b, **keys).open()


def said(port):
    """PORT as a client behind a CLAT says it: always shorter than T's"""
    return b"PORT 10,0,0,2,%d,%d\r\n" % (port >> 8, port & 0xff)


def told(port, pool=T):
    return b"PORT %s,%d,%d\r\n" % (pool.replace(".", ",").encode(),
                                   port >> 8, port & 0xff)


GROWTH = len(told(P1)) - len(said(P1))


def fields(frame):
    """(seq, ack, window, urgptr, flags, options, payload)"""
    t = frame[TCP]
    return (t.seq, t.ack, t.window, t.urgptr, str(t.flags), t.options,
            bytes(frame)[len(bytes(frame)) - payload_len(frame):])


def payload_len(frame):
    data = bytes(frame)
    head = 40 if data[0] >> 4 == 6 else 20
    return len(data) - head - (data[head + 12] >> 4) * 4


def repeat(d, data, image, at, there, **keys):
    """What was sent at AT once more; the receiver sees it at THERE."""
    d.say(CLIENT, data, image, seq=at, over={"seq": there}, **keys)


@test("FT-03.split-anywhere", config=ALG)
def split(b):
    """A command in two segments, cut at each octet"""
    for cut in range(1, len(said(P1))):
        with b.case("%d" % cut):
            d = start(b)
            d.hold(CLIENT, said(P1)[:cut])
            d.tell(said(P1)[cut:], told(P1))
            d.hear(b"200 ok\r\n")
            check(len(b.gates(owner_client_port=d.port)) == 1, "gates")
            d.reset()
    b.moved(ftp_gates_opened=len(said(P1)) - 1, ftp_transparent=0,
            alg_acks_sent=len(said(P1)) - 1)


@test("FT-04.coalesced", config=ALG)
def coalesced(b):
    """Several commands in a segment, and the rest of one before them"""
    d = start(b)
    d.hold(CLIENT, b"US")
    d.tell(b"ER x\r\nPASS y\r\n" + said(P1) + b"PWD\r\n",
           b"USER x\r\nPASS y\r\n" + told(P1) + b"PWD\r\n")
    d.hear(b"331 p\r\n230 in\r\n200 ok\r\n257 /\r\n")
    Data(d, P1, 20, inbound=True).both()


def stamps(own, other):
    return [("NOP", None), ("NOP", None), ("Timestamp", (own, other))]


@test("SEC-16.newest-timestamp", config=ALG)
def newest(b):
    """
    What is held is acknowledged with the newest timestamp and window of the
    other end, not with those that came last: TCP discards an older timestamp
    (RFC 7323 5), and both ends would wait for ever.
    """
    d = start(b)
    octets = iter(b"200 no end of it")

    def answered(own, window):
        f = d.fill(SERVER, bytes([next(octets)]), options=stamps(80, 500))
        forth, back = d.inject(SERVER, f)
        check(len(forth) == 1 and len(back) == 1, "%d, %d", len(forth),
              len(back))
        d.ends[SERVER].snd += 1
        got = fields(back[0])
        check(got[1] == d.ends[SERVER].snd, "ack %d", got[1])
        check(got[5] == stamps(own, 80), "options %r", got[5])
        check(got[2] == window, "window %d", got[2])

    d.say(CLIENT, flags="A", options=stamps(500, 70), window=3000)
    answered(500, 3000)
    d.say(CLIENT, flags="A", options=stamps(400, 70), window=77)
    answered(500, 3000)
    # Numbers of no segment that the server would take
    at = d.ends[CLIENT].snd
    for seq in (at - 1, at - 500, at + 1, at + (1 << 30)):
        d.say(CLIENT, flags="A", options=stamps(1 << 30, 70), seq=seq,
              over={"seq": seq})
        answered(500, 3000)
    # The same once more: because it was lost, and although it was not
    d.tell(b"NOOP\r\n", options=stamps(600, 70))
    repeat(d, b"NOOP\r\n", b"NOOP\r\n", at, at, options=stamps(700, 70))
    answered(700, 8192)
    repeat(d, b"NOOP\r\n", b"NOOP\r\n", at, at, options=stamps(800, 70))
    answered(800, 8192)


@test("SEC-16.repeated-with-other-boundaries", config=ALG)
def boundaries(b):
    """By the place of the octets, not by the last offset"""
    d = start(b)
    ports = (P1, P1 + 2, P1 + 4)
    at, there = d.ends[CLIENT].snd, d.ends[SERVER].rcv
    for port in ports:
        d.tell(said(port), told(port))
    old, new = len(said(P1)), len(told(P1))
    b.mark()
    # Each of them again, the last one first; two together; all
    for n in (2, 0, 1):
        repeat(d, said(ports[n]), told(ports[n]), at + n * old,
               there + n * new)
    repeat(d, said(ports[1]) + said(ports[2]), told(ports[1]) +
           told(ports[2]), at + old, there + new)
    whole = b"".join(map(said, ports))
    repeat(d, whole, b"".join(map(told, ports)), at, there)
    # Its verb alone, which nothing has changed
    repeat(d, whole[:5], whole[:5], at, there)
    # From within an edit, which then leaves as a whole
    got = d.inject(CLIENT, d.fill(CLIENT, whole[8:old], seq=at + 8))[0]
    check(len(got) == 1, "%d frames", len(got))
    text = fields(got[0])[6]
    check(text == told(P1)[-len(text):] and
          fields(got[0])[0] == there + new - len(text), "became %r", text)
    b.moved(ftp_rewrites=0, ftp_gates_opened=0)
    # The receiver has the first two: they need no log any more.
    f = d.fill(SERVER, flags="A", ack=there + 2 * new)
    got = d.inject(SERVER, f)[0]
    check(fields(got[0])[1] == at + 2 * old, "ack %d", fields(got[0])[1])
    repeat(d, said(ports[2]), told(ports[2]), at + 2 * old, there + 2 * new)
    d.hear(b"200 ok\r\n" * 3)


@test("SEC-16.out-of-order", config=ALG)
def order(b):
    """
    What comes too early is dropped, its sender told what is missing, and right
    when it comes again.
    """
    d = start(b)
    at = d.ends[CLIENT].snd
    for _ in range(3):
        forth, back = d.inject(CLIENT, d.fill(CLIENT, b"PWD\r\n",
                                              seq=at + len(said(P1))))
        check(not forth and len(back) == 1, "%d, %d", len(forth), len(back))
        check(fields(back[0])[1] == at, "ack %d", fields(back[0])[1])
        check(not payload_len(back[0]), "octets")
        b.moved(drop_alg_order=1, alg_acks_sent=1)
    # Far beyond the window is somebody else's.
    b.none6(d.packet(CLIENT, d.fill(CLIENT, b"PWD\r\n",
                                    seq=at + (1 << 24))))
    b.moved(drop_alg_order=1, alg_acks_sent=0)
    d.tell(said(P1), told(P1))
    d.tell(b"PWD\r\n")
    d.hear(b"200 ok\r\n257 /\r\n")
    b.moved(ftp_gates_opened=1)


@test("FT-03.past-the-mss", config=ALG)
def mss(b):
    """A full segment that grows becomes two."""
    for size in (512, 513, 1000, 1420, 1440):
        with b.case("%d" % size):
            d = start(b)
            head = b"NOOP " + b"x" * (size - len(said(P1)) - 7) + b"\r\n"
            b.mark()
            d.tell(head + said(P1), head + told(P1))
            b.moved(alg_segments_built=2, ftp_gates_opened=1)
            d.ack(SERVER)
            d.reset()


@test("FT-03.acks-and-sacks", config=ALG)
def sacks(b):
    """Several edits in flight, acknowledged piece by piece"""
    d = start(b)
    ports = (P1, P1 + 2, P1 + 4)
    at, there = d.ends[CLIENT].snd, d.ends[SERVER].rcv
    for port in ports:
        d.tell(said(port), told(port))
    old, new = len(said(P1)), len(told(P1))
    cases = [(there + new * 0, there + 1 * new, there + 2 * new,
              at, at + old, at + 2 * old),
             (there, there + new, there + 3 * new,
              at, at + old, at + 3 * old),
             (there, there + 2 * new, there + 2 * new + 5,
              at, at + 2 * old, at + 2 * old + 5)]
    for ack, left, right, wack, wleft, wright in cases:
        with b.case("%d %d" % (left - there, right - there)):
            f = d.fill(SERVER, flags="A", ack=ack, options=[
                ("NOP", None), ("NOP", None), ("SAck", (left, right))])
            got = d.inject(SERVER, f)[0]
            _, gack, _, _, _, options, _ = fields(got[0])
            sack = dict(options).get("SAck")
            check(gack == wack and sack == (wleft, wright),
                  "ack %d sack %r, wanted %d %r", gack - at, sack, wack - at,
                  (wleft, wright))
    # A block inside of an edit claims nothing: it becomes NOPs.
    f = d.fill(SERVER, flags="A", ack=there, options=[
        ("NOP", None), ("NOP", None), ("SAck", (there + 7, there + 9))])
    got = d.inject(SERVER, f)[0]
    check("SAck" not in dict(fields(got[0])[5]), "options %r",
          fields(got[0])[5])
    for n in (1, 2, 3):
        f = d.fill(SERVER, flags="A", ack=there + n * new)
        got = d.inject(SERVER, f)[0]
        check(fields(got[0])[1] == at + n * old, "ack of %d", n)
    d.hear(b"200 ok\r\n" * 3)


@test("FT-06.urgent", config=ALG)
def urgent(b):
    """The pointer stays at its octet, also behind an edit."""
    d = start(b)
    d.tell(said(P1), told(P1))
    d.hear(b"200 ok\r\n")
    d.tell(b"\xff\xf4", flags="PAU", urgptr=2)
    d.tell(b"\xff\xf2ABOR\r\n", flags="PAU", urgptr=2)
    d.hear(b"226 ok\r\n")
    data, image = said(P1 + 2) + b"PWD\r\n", told(P1 + 2) + b"PWD\r\n"
    d.tell(data, image, flags="PAU", urgptr=len(data),
           over={"urgptr": len(image)})


@test("FT-03.window", config=ALG)
def window(b):
    """The room that an edit takes is not the sender's."""
    d = start(b)
    d.tell(said(P1), told(P1))
    at = d.ends[CLIENT].snd
    for size, wanted in ((8192, 8192 - GROWTH), (GROWTH, 0), (1, 0), (0, 0)):
        with b.case("%d" % size):
            f = d.fill(SERVER, flags="A", window=size,
                       ack=d.ends[SERVER].rcv - len(told(P1)))
            got = fields(d.inject(SERVER, f)[0][0])
            check(got[2] == wanted and got[1] == at - len(said(P1)),
                  "window %d, wanted %d", got[2], wanted)
    d.ack(SERVER)


@test("FT-03.window-scale", config=ALG)
def scale(b):
    """It counts only if both ends offered it (RFC 7323 2.2)."""
    for mine, theirs, shift in ((7, 3, 3), (7, None, 0), (None, 3, 0),
                                (2, 0, 0), (0, 2, 2)):
        with b.case("%r %r" % (mine, theirs)):
            d = Ftp(b)
            options = [[("WScale", n)] if n is not None else []
                       for n in (mine, theirs)]
            f = d.fill(CLIENT, flags="S", options=options[0])
            got = d.inject(CLIENT, f)[0]
            d.learn(got[0])
            d.ends[CLIENT].snd += 1
            d.ends[SERVER].rcv += 1
            d.say(SERVER, flags="SA", options=options[1])
            d.ack(CLIENT)
            d.hear(b"220 hi\r\n")
            d.ack(CLIENT)
            d.tell(said(P1), told(P1))
            f = d.fill(SERVER, flags="A", window=100,
                       ack=d.ends[SERVER].rcv - len(told(P1)))
            got = fields(d.inject(SERVER, f)[0][0])
            wanted = 100 - -(-GROWTH // (1 << shift))
            check(got[2] == wanted, "window %d, wanted %d", got[2], wanted)
            d.reset()


@test("T-18.keep-alive", config=ALG)
def keep_alive(b):
    """The probe of an idle end is one for the other end, held octets or not."""
    d = start(b)
    d.tell(said(P1), told(P1))
    d.hear(b"200 ok\r\n")
    for held in (b"", b"PW"):
        with b.case("%r" % held):
            if held:
                d.hold(CLIENT, held)
            there = d.ends[SERVER].rcv
            d.say(CLIENT, flags="A", seq=d.ends[CLIENT].snd - 1,
                  over={"seq": there - 1})
            # The answer acknowledges what its sender has sent.
            d.ack(SERVER)
            d.say(CLIENT, flags="A", over={"seq": there})
    d.tell(b"D\r\n", b"PWD\r\n")


@test("FT-04.fin-and-rst-with-held-octets", config=ALG)
def ends(b):
    for flags in ("FA", "RA"):
        with b.case(flags):
            d = start(b)
            d.hold(CLIENT, b"PO")
            d.say(CLIENT, b"", b"PO" if flags == "FA" else b"", flags=flags)
            if flags == "FA":
                d.say(SERVER, flags="FA")
                d.ack(CLIENT)


@test("FT-08.offsets-kept", config=ALG)
def transparent(b):
    d = start(b)
    d.tell(said(P1), told(P1))
    d.hear(b"200 ok\r\n")
    d.tell(b"\x16\x03\x01 nothing of FTP")
    b.moved(ftp_transparent=1)
    for n in range(3):
        d.tell(said(P1 + 2))
        d.hear(b"227 %d\r\n" % n)
    at, there = d.ends[CLIENT].snd, d.ends[SERVER].rcv
    d.say(CLIENT, said(P1 + 2), seq=at - len(said(P1)),
          over={"seq": there - len(said(P1))})
    d.close()
    check(not b.gates(client_port=P1 + 2), "gates")


@test("SEC-16.blind-ack", config=ALG)
def blind_ack(b):
    """An ACK of what was never sent, by somebody who has to guess, is none."""
    d = start(b)
    d.tell(said(P1), told(P1))
    b.mark()
    n = 0
    for side in (CLIENT, SERVER):
        for far in (100000, 1 << 20, 1 << 30, (1 << 31) - 1000):
            for data in (b"", b"PWD\r\n"):
                f = d.fill(side, data, "PA" if data else "A")
                f["ack"] = d.ends[side].rcv + far & 0xffffffff
                forth, back = d.inject(side, f)
                check(not forth and not back, "%d passes", far)
                n += 1
    # Near, but its own number is not.
    f = d.fill(SERVER, flags="A", seq=d.ends[SERVER].snd + 1000000)
    f["ack"] = d.ends[SERVER].rcv + 10
    check(d.inject(SERVER, f) == ([], []), "passes")
    b.moved(drop_alg_order=n + 1, ftp_transparent=0)
    # Numbers and edits are what they were.
    at, there = d.ends[CLIENT].snd, d.ends[SERVER].rcv
    repeat(d, said(P1), told(P1), at - len(said(P1)), there - len(told(P1)))
    d.hear(b"200 ok\r\n")
    d.tell(said(P1 + 2), told(P1 + 2))
    b.moved(ftp_gates_opened=1, ftp_transparent=0)


@test("G-13.octets-that-went-another-way", config=ALG)
def other_way(b):
    """Whom both numbers fit is believed: the connection lives."""
    d = start(b)
    d.tell(said(P1), told(P1))
    d.hear(b"200 ok\r\n")
    b.mark()
    f = d.fill(SERVER, flags="A")
    f["ack"] = d.ends[SERVER].rcv + 10
    got = d.inject(SERVER, f)[0]
    check(fields(got[0])[1] == d.ends[CLIENT].snd + 10, "ack")
    b.moved(ftp_transparent=1)
    d.ends[CLIENT].snd += 10
    d.ends[SERVER].rcv += 10
    d.tell(said(P1 + 2))
    d.hear(b"200 ok\r\n")


@test("SEC-16.blind-rst", config=ALG)
def blind_rst(b):
    """A number that is wrong for one end is as wrong for the other."""
    d = start(b)
    d.tell(said(P1), told(P1))
    d.ack(SERVER)
    for side in (CLIENT, SERVER):
        for far in (1, 5000, 1 << 20, 1 << 30):
            with b.case("%d %d" % (side, far)):
                there = d.ends[not side].rcv
                d.say(side, flags="R", seq=d.ends[side].snd + far,
                      over={"seq": there + far})


def icmp_seq(frame):
    """The sequence number that an error quotes"""
    data = bytes(frame)
    return struct.unpack_from(">I", data, 40 + 8 + 40 + 4 if data[0] >> 4 == 6
                              else 20 + 8 + 20 + 4)[0]


@test("I-09.errors-quote-the-sender", config=ALG)
def errors(b):
    """Of a segment behind an edit, with the number that its sender knows"""
    d = start(b)
    d.tell(said(P1), told(P1))
    d.hear(b"200 ok\r\n")
    f = d.fill(CLIENT, b"PWD\r\n")
    frame = d.inject(CLIENT, f)[0][0]
    check(frame[TCP].seq != f["seq"], "no offset")
    for kind, code in ((3, 1), (11, 0), (3, 4)):
        got = b.to6(err4(d, kind, code, b"\0\0\5\x14", bytes(frame)))
        check(icmp_seq(got) == f["seq"], "quotes %d, wanted %d",
              icmp_seq(got), f["seq"])


@test("I-09.own-errors-quote-the-sender", config=ALG)
def own_errors(b):
    """What we refuse ourselves, behind an edit and with one"""
    d = start(b)
    d.tell(said(P1), told(P1))
    d.hear(b"200 ok\r\n")
    b.route_mtu4(1300)
    line = b"NOOP " + b"x" * 1393 + b"\r\n"
    for data in (line, said(P1 + 2) + line[len(said(P1)):]):
        with b.case("%r" % data[:8]):
            f = d.fill(CLIENT, data)
            got = d.inject(CLIENT, f)
            six_ = got[1]
            check(six_, "no error, %r", got)
            check(all(bytes(x)[40] == 2 for x in six_), "error %r", six_)
            check(all(icmp_seq(x) == f["seq"] for x in six_),
                  "quotes %r, wanted %d", [icmp_seq(x) for x in six_],
                  f["seq"])


@test("FT-03.bad-checksum", config=ALG)
def checksum_(b):
    """What is damaged opens nothing; the sender repeats it."""
    d = start(b)
    packet = d.packet(CLIENT, d.fill(CLIENT, said(P1)))
    data = bytearray(bytes(packet))
    data[-4] ^= 1
    b.none6(Raw(bytes(data)))
    b.moved(drop_alg_checksum=1, ftp_gates_opened=0)
    d.tell(said(P1), told(P1))


@test("FT-04.half-a-command-then-silence", config=ALG)
def silence(b):
    """Neither the other direction nor the other end waits for the rest."""
    d = start(b)
    d.hold(CLIENT, said(P1)[:9])
    for n in range(3):
        d.hear(b"120 in %d minutes\r\n" % n)
        d.ack(CLIENT)
    check(not b.gates(), "gates")
    d.tell(said(P1)[9:], told(P1))
    b.moved(ftp_gates_opened=1)


@test("FT-03.zero-window", config=ALG)
def zero_window(b):
    """A probe of one octet into a closed window, refused and then taken"""
    d = start(b)
    d.say(SERVER, flags="A", window=0)
    at, there = d.ends[CLIENT].snd, d.ends[SERVER].rcv
    f = d.fill(CLIENT, b"P", flags="A")
    forth, back = d.inject(CLIENT, f)
    check(len(forth) == 1 and len(back) == 1, "frames")
    # What we say in the receiver's place says its window too.
    d.agree_answer(CLIENT, back[0], d.fill(SERVER, flags="A", window=0,
                                           seq=d.ends[CLIENT].rcv,
                                           ack=at + 1))
    d.ends[CLIENT].snd += 1
    d.say(SERVER, flags="A", window=8192, over={"ack": at + 1})
    d.tell(said(P1)[1:], told(P1), over={"seq": there})
