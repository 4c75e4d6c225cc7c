# SPDX-License-Identifier: GPL-2.0
"""
Section 13: the FTP ALG (RFC 6384), and S-50 to S-58 of section 16. What each
end says and what the other one hears is compared octet by octet, and the
gates as listed. More dialogues are in tests/unit/test_ftp.c; gates of all
ALGs are in test_gate.py.
"""
from control import Data, Ftp, gates_are, six_numbers
from dialogue import CLIENT, SERVER, Dialogue
from ktap import test
from wire import *

ALG = ["alg enable ftp"]
PORT = 31410


def start(b, **keys):
    return Ftp(b, **keys).open()


def talk(d, *lines):
    """(side, said, heard): heard is said if it is None."""
    for side, said, heard in lines:
        d.say(side, said, said if heard is None else heard)


def eprt(address, port):
    return b"EPRT |%d|%s|%d|\r\n" % (2 if ":" in address else 1,
                                     address.encode(), port)


@test("S-50.passive", config=ALG)
def passive(b):
    """S-50 to S-53, FT-20: nothing changes but what may pass"""
    d = start(b)
    data = d.passive(30001)
    gates_are(b, d.gate64(data))
    data.both()
    gates_are(b)
    check(data.pool == d.pool, "leaves from %s", data.pool)
    d.tell(b"RETR x\r\n")
    d.hear(b"150 here\r\n226 done\r\n")
    d.close()
    b.moved(ftp_rewrites=0, ftp_gates_opened=1, ftp_gates_used=1,
            ftp_errors=0, alg_segments_built=0)


@test("S-54.active", config=ALG)
def active(b):
    """S-54 to S-56: the six numbers, the gate, and who comes through it"""
    d = start(b)
    data = d.active(PORT)
    gates_are(b, d.gate46(data))
    data.both()
    gates_are(b)
    b.moved(ftp_rewrites=1, ftp_gates_opened=1, ftp_gates_used=1)


def end(b, data):
    """Both FIN segments of a data connection"""
    b.to4(six(TCP(sport=data.port, dport=data.sport, flags="FA", seq=1001,
                  ack=5001), data.client, data.server6))
    b.to6(four(TCP(sport=data.sport, dport=data.pport, flags="FA", seq=5001,
                   ack=1002), data.server, data.pool))


@test("FT-15.same-ports-again", config=ALG)
def same_ports(b):
    """A client with one port for all transfers, and a server with port 20"""
    d = start(b)
    for again in (lambda: d.active(PORT), lambda: d.passive(30001, PORT + 1)):
        for _ in range(3):
            b.mark()
            data = again()
            data.both()
            gates_are(b)
            b.moved(ftp_gates_used=1, sessions_created=1)
            rows = data.rows()
            check([r["state"] for r in rows] == ["established"], "%r", rows)
            end(b, data)
            check([r["state"] for r in data.rows()] == ["v4v6-fin"], "%r",
                  data.rows())
    with b.case("a SYN without a gate opens nothing"):
        b.mark()
        data.first()
        b.moved(sessions_created=0)


@test("S-57.nothing-else", config=ALG)
def nothing_else(b):
    """FT-09, FT-20, FT-29: what has no port is the same on both sides."""
    d = start(b)
    talk(d, (CLIENT, b"user  x \r\n", None), (SERVER, b"331 \xc3\xa9\n", None),
         (CLIENT, b"LANG fr\r\n", None),
         (SERVER, b"200-10,0,0,2,7,8\r\n 227 (1,2,3,4,5,6)\r\n200 ok\r\n",
          None),
         (CLIENT, b"CWD \xe2\x82\xac\r\0x\r\n", None),
         (SERVER, b"250 ok\r\n", None),
         (CLIENT, b"LPRT 6,16,32,1,13,184,0,0,0,0,0,0,0,0,0,0,0,1,2,7,8\r\n",
          None), (SERVER, b"501 no\r\n", None),
         (CLIENT, b"LPSV\r\n", None), (SERVER, b"500 no\r\n", None),
         (CLIENT, b"FEAT\r\n", None),
         (SERVER, b"211-x\r\n EPRT\r\n EPSV\r\n211 end\r\n", None))
    gates_are(b)
    b.moved(ftp_rewrites=0, ftp_errors=0, ftp_transparent=0)


@test("S-58.no-alg")
def no_alg(b):
    """Without the ALG no gate, on its port; with it none on another port."""
    for port, config in ((21, None), (2121, "alg enable ftp"),
                         (21, "alg enable ftp port 2121")):
        with b.case("%d %s" % (port, config)):
            if config:
                b.configure("alg disable ftp", config) if b.cases else \
                    b.configure(config)
            d = start(b, sport=port)
            d.active(PORT, 0)
            d.tell(b"EPSV\r\n")
            d.hear(b"229 ok (|||30001|)\r\n")
            gates_are(b)
    b.moved(ftp_connections=0)


@test("FT-01.other-port", config=["alg enable ftp port 21 port 2121"])
def other_port(b):
    for port in (21, 2121):
        d = start(b, sport=port)
        d.active(PORT + port).both()


@test("FT-04.lines", config=ALG)
def lines(b):
    """LF alone, any case, several lines in a segment and a reply of many"""
    d = start(b)
    want = d.command(d.pool, PORT).replace(b"\r", b"")
    d.tell(b"NOOP\npOrT " + six_numbers("10.0.0.2", PORT) + b"\n",
           b"NOOP\npOrT " + want[5:])
    d.hear(b"200 ok\r\n200-more\r\n 500 x\r\n200 ok\r\n")
    Data(d, PORT, 20, inbound=True).both()


@test("FT-05.telnet-options", config=ALG)
def telnet(b):
    """IAC DO is answered by us, with the next message."""
    d = start(b)
    d.tell(b"US\xff\xfd\x01ER x\r\n", b"USER x\r\n")
    d.hear(b"331 go on\r\n", b"\xff\xfc\x01331 go on\r\n")
    d.tell(b"PASS y\r\n")
    d.hear(b"230 in\r\n")
    b.moved(ftp_transparent=0)


@test("FT-06.abort", config=ALG)
def abort(b):
    """Telnet IP and an urgent DM before ABOR"""
    d = start(b)
    d.active(PORT)
    d.tell(b"RETR x\r\n")
    d.tell(b"\xff\xf4", flags="PAU", urgptr=2)
    d.tell(b"\xff\xf2ABOR\r\n", flags="PAU", urgptr=2)
    d.hear(b"426 no\r\n226 ok\r\n")
    b.moved(ftp_transparent=0)


@test("FT-07.auth", config=ALG)
def auth(b):
    """Declined, translation goes on; accepted, nothing is looked at."""
    d = start(b)
    d.tell(b"AUTH TLS\r\n")
    d.hear(b"502 no\r\n")
    d.active(PORT).both()
    b.moved(ftp_transparent=0)
    d.tell(b"AUTH TLS\r\n")
    d.hear(b"234 yes\r\n")
    d.active(PORT + 2, 0)
    gates_are(b)
    b.moved(ftp_transparent=1, ftp_errors=0)
    d.close()


@test("FT-10.epsv", config=ALG)
def epsv(b):
    d = start(b)
    for said in (b"EPSV\r\n", b"EPSV 2\r\n", b"epsv\r\n"):
        with b.case("%r" % said):
            d.tell(said, b"PASV\r\n")
            # FT-11: the address is not looked at
            d.hear(b"227 Entering Passive Mode (10,0,0,9,117,49).\r\n",
                   b"229 Entering Extended Passive Mode (|||30001|)\r\n")
            data = Data(d, b.fresh_port(), 30001)
            gates_are(b, d.gate64(data))
            data.both()
    b.moved(ftp_rewrites=6, ftp_gates_opened=3)


@test("FT-10.off", config=ALG + ["option set ftp-epsv off"])
def epsv_off(b):
    d = start(b)
    d.tell(b"EPSV\r\n")
    d.hear(b"229 ok (|||30001|)\r\n")
    data = Data(d, b.fresh_port(), 30001)
    gates_are(b, d.gate64(data))
    data.both()


def instead(d, said, wanted, reply=b"200 fine\r\n"):
    """SAID becomes a NOOP, and the REPLY to that one of our own."""
    d.tell(said, b"NOOP\r\n")
    f = d.fill(SERVER, reply)
    forth, back = d.inject(SERVER, f)
    check(len(forth) == 1 and not back, "frames")
    text = bytes(forth[0])[60:]
    check(text.startswith(wanted) and text[-2:] == b"\r\n" and
          all(32 <= c < 127 for c in text[:-2]), "reply %r", text)
    d.agree(SERVER, forth[0], dict(
        f, data=text, seq=d.ends[CLIENT].rcv, ack=d.ends[CLIENT].snd))
    d.ends[SERVER].snd += len(reply)
    d.ends[CLIENT].rcv += len(text)


@test("FT-12.refused", config=ALG)
def refused(b):
    """FT-12, FT-13, FT-22, FT-25: a NOOP, and our own reply to it"""
    d = start(b, fl=5)
    for said, code in ((b"EPSV 1\r\n", b"522 "), (b"EPSV ALL\r\n", b"504 "),
                       (b"ALGS\r\n", b"504 "), (b"ALGS FOO\r\n", b"504 ")):
        with b.case("%r" % said):
            instead(d, said, code)
    gates_are(b)
    b.moved(ftp_transparent=0)


@test("FT-21.algs", config=ALG)
def algs(b):
    """What is translated can be asked and said, for a connection by itself."""
    d = start(b)
    other = start(b)
    instead(d, b"ALGS STATUS64\r\n", b"216 EPSVEPRT")
    instead(d, b"algs disable64\r\n", b"216 NONE")
    instead(d, b"ALGS STATUS64\r\n", b"216 NONE")
    d.tell(b"EPSV\r\n")
    d.hear(b"500 what?\r\n")
    d.tell(eprt(d.client, PORT))
    d.hear(b"522 no\r\n")
    gates_are(b)
    other.tell(b"EPSV\r\n", b"PASV\r\n")
    other.hear(b"500 no\r\n")
    instead(other, b"ALGS STATUS64\r\n", b"216 EPSVEPRT")
    instead(d, b"ALGS ENABLE64\r\n", b"216 EPSV")
    d.tell(b"EPSV\r\n", b"PASV\r\n")
    d.hear(b"227 (203,0,113,5,117,49)\r\n",
           b"229 Entering Extended Passive Mode (|||30001|)\r\n")
    data = Data(d, b.fresh_port(), 30001)
    gates_are(b, d.gate64(data))
    data.both()
    b.moved(ftp_transparent=0)


@test("FT-25.noop-refused", config=ALG)
def noop_refused(b):
    """Whatever the server says of our NOOP, and then it goes on."""
    d = start(b)
    for reply in (b"500 what?\r\n", b"530 who?\r\n",
                  b"200-it is\r\n 504 x\r\n200 fine\r\n"):
        with b.case("%r" % reply):
            instead(d, b"EPSV ALL\r\n", b"504 ", reply)
    d.tell(b"EPSV ALL\r\n", b"NOOP\r\n")
    d.hear(b"421 good bye\r\n")
    b.moved(ftp_transparent=0)


@test("FT-14.pasv-refused", config=ALG)
def pasv_refused(b):
    """Only the answer to our PASV becomes a 229."""
    d = start(b)
    d.tell(b"EPSV\r\n", b"PASV\r\n")
    d.hear(b"550 no\r\n")
    d.tell(b"PASV\r\n")
    d.hear(b"227 no numbers\r\n")
    gates_are(b)


@test("FT-15.eprt", config=ALG)
def eprt_to_port(b):
    """FT-15, FT-16, D-05"""
    d = start(b)
    d.tell(eprt(d.client, PORT), d.command(T, PORT))
    d.hear(b"200 ok\r\n")
    data = Data(d, PORT, 20, inbound=True)
    gates_are(b, d.gate46(data))
    data.both()
    d.tell(eprt("10.0.0.2", PORT + 2), eprt(T, PORT + 2))
    d.hear(b"200 ok\r\n")
    Data(d, PORT + 2, 20, inbound=True).both()
    for said in (eprt(C2, PORT + 4), b"EPRT |3|x|1|\r\n", b"EPRT |2||\r\n"):
        d.tell(said)
        d.hear(b"522 no\r\n")
    gates_are(b)
    b.configure("option set ftp-eprt-ipv4 off")
    d = start(b)
    d.tell(eprt("10.0.0.2", PORT + 6))
    d.hear(b"522 no\r\n")
    gates_are(b)


@test("FT-17.one-connection", config=ALG)
def one_connection(b):
    """From the server only, and a second one is refused."""
    d = start(b)
    data = d.active(PORT)
    b.mark()
    other = Data(d, PORT, 20, inbound=True)
    other.server = S2
    check(not b.x4(other.four()).six, "another server comes in")
    gates_are(b, d.gate46(data))
    data.both()
    second = Data(d, PORT, 1020, inbound=True)
    check(not b.x4(second.four()).six, "a second one comes in")
    other.sport = 1021
    check(not b.x4(other.four()).six, "another server comes in")
    data.both()
    check(len(data.rows()) == 1 and not second.rows(), "sessions")
    check(b.delta().get("ftp-gates-used") == 1, "gates used")


@test("FT-18.default-port", config=ALG)
def default_port(b):
    """RETR without PORT: from port 20 to the client's control port"""
    d = start(b)
    d.tell(b"RETR x\r\n")
    data = Data(d, d.port, 20, d.pport, inbound=True)
    gates_are(b, d.gate46(data, sport=20))
    data.both()
    d.hear(b"150 here\r\n226 done\r\n")
    gates_are(b)


@test("FT-19.mixed", config=ALG)
def mixed(b):
    d = start(b)
    first = d.active(PORT)
    second = d.passive(30001)
    gates_are(b, d.gate64(second))
    check(not b.x4(first.four()).six, "the first gate is open")
    second.both()
    d.active(PORT + 2).both()


@test("FT-23.data-keeps-control", config=ALG + [
    "option set allow-nonconforming on"])
def data_keeps(b):
    """The control connection is idle, and lives as long as data flows."""
    b.configure("timeout set tcp-est 3s")
    d = start(b)
    data = d.passive(30001).both()
    data.numbers = (1001, 5001, 5001, 1001)
    left = [3000]

    def prolonged():
        data.back_data()
        left.append(d.row()["expires_ms"])
        return left[-1] > left[-2] + 500

    def back_data():
        packet = four(TCP(sport=data.sport, dport=data.pport, seq=5001,
                          ack=1001, flags="A") / Raw(b"octets"), d.server,
                      d.pool)
        check(len(b.x4(packet).six) == 1, "the data does not arrive")
    data.back_data = back_data
    for _ in range(3):
        b.poll("the idle control connection gets more time", prolonged)
        left.append(3000)
    d.tell(b"NOOP\r\n")
    d.hear(b"200 still here\r\n")


@test("FT-24.first-packet-late", config=ALG)
def late(b):
    """A gate waits, here 60 s, and says how long it still does."""
    d = start(b)
    data = d.active(PORT)
    left = b.gates()[0]["expires_ms"]
    check(30000 < left <= 60000, "left %d", left)
    b.poll("time passes", lambda: b.gates()[0]["expires_ms"] < left - 1000)
    data.both()


@test("FT-27.eprt-syntax", config=ALG)
def eprt_syntax(b):
    """FT-27, FT-28: any delimiter; nothing that does not fit is a port"""
    d = start(b)
    d.tell(b"EPRT !1!10.0.0.2!%d!\r\n" % PORT,
           b"EPRT !1!%s!%d!\r\n" % (T.encode(), PORT))
    d.hear(b"200 ok\r\n")
    Data(d, PORT, 20, inbound=True).both()
    for said in (b"EPRT |1|10.0.0.2|0|", b"EPRT |1|10.0.0.2|65536|",
                 b"EPRT |1|10.0.0.2|99999999999|", b"PORT 10,0,0,2,256,1",
                 b"PORT 10,0,0,2,0,0", b"PORT 10,0,0,2,1",
                 b"PORT 10,0,0,2,-1,5", b"PORT 1,2,3,4,5,99999999999"):
        with b.case("%r" % said):
            d.tell(said + b"\r\n")
            d.hear(b"501 no\r\n")
            gates_are(b)


@test("FT-28.six-numbers", config=ALG)
def six_numbers_(b):
    """As they are written by some, and what is none"""
    d = start(b)
    sport = 30001
    for form in (b"227 ok (203,0,113,5,%d,%d).", b"227 =203,0,113,5,%d,%d",
                 b"227 203,0,113,5,%d,%d", b"227-x\r\n227 (0,0,0,0,%d,%d)",
                 b"227 ok (203,000,113,005,0%d,0%d)"):
        with b.case("%r" % form):
            sport += 256
            said = form % (sport >> 8, sport & 255) + b"\r\n"
            d.tell(b"PASV\r\n")
            d.hear(said)
            data = Data(d, b.fresh_port(), sport)
            gates_are(b, d.gate64(data))
            data.both()
    for text in (b"203,0,113,5,0,0", b"203,0,113,5,256,1", b"203,0,113,5,1",
                 b"203,0,113,5,-1,9", b"203,0,113,5,99999999999,1"):
        with b.case("%r" % text):
            d.tell(b"PASV\r\n")
            d.hear(b"227 ok (" + text + b")\r\n")
            gates_are(b)
    for n, form in enumerate((b"PORT  10,0,0,2,%d,%d", b"port 10,0,0,2,%d,%d ",
                              b"PORT 010,000,000,002,%d,%d")):
        with b.case("%r" % form):
            port = PORT + 2 * n
            said = form % (port >> 8, port & 255) + b"\r\n"
            f = d.fill(CLIENT, said)
            forth, back = d.inject(CLIENT, f)
            check(len(forth) == 1 and not back, "frames")
            told = bytes(forth[0])[40:]
            want = six_numbers(T, port)
            check(told.split()[-1] == want, "told %r", told)
            d.ends[CLIENT].snd += len(said)
            d.ends[SERVER].rcv += len(told)
            d.hear(b"200 ok\r\n")
            Data(d, port, 20, inbound=True).both()
    gates_are(b)


@test("FT-30.long-line", config=ALG)
def long_line(b):
    """8 KiB without an end: given up, and all of it arrives."""
    d = start(b)
    sent, got = b"", b""
    for n in range(8):
        data = b"A" * 1024
        f = d.fill(CLIENT, data)
        forth, _ = d.inject(CLIENT, f)
        for frame in forth:
            got += bytes(frame)[40:]
        sent += data
        d.ends[CLIENT].snd += len(data)
    check(got == sent, "%d of %d octets", len(got), len(sent))
    d.ends[SERVER].rcv += len(got)
    d.ack(SERVER)
    b.moved(ftp_transparent=1)
    d.active(PORT, 0)
    d.close()


POST = (b"POST /x HTTP/1.1\r\nHost: ftp.example:21\r\nContent-Length: 99\r\n"
        b"\r\n")


@test("SEC-12.browser", config=ALG)
def browser(b):
    """A page makes the browser send commands to port 21 (NAT slipstreaming)."""
    port = b"PORT 10,0,0,2,122,178\r\n"
    for parts in ((POST, port), (POST + port,),
                  (POST + b"x" * (1440 - len(POST)), port)):
        with b.case("%d parts" % len(parts)):
            d = start(b)
            for part in parts:
                d.tell(part)
                d.ack(SERVER)
            d.hear(b"500 what?\r\n")
            d.hear(b"227 (203,0,113,5,100,100)\r\n")
            gates_are(b)
    b.moved(ftp_transparent=3, ftp_gates_opened=0, ftp_rewrites=0)


@test("SEC-12.text-at-a-segment-start", config=ALG)
def segment_start(b):
    """What begins a segment within a line, or a reply, begins no message."""
    d = start(b)
    d.hold(CLIENT, b"SITE ")
    d.tell(b"PORT 10,0,0,2,122,178\r\n", b"SITE PORT 10,0,0,2,122,178\r\n")
    d.hear(b"200 ok\r\n")
    d.tell(b"PASV\r\n")
    d.hear(b"150-x\r\n")
    d.hear(b"227 (203,0,113,5,100,100)\r\n")
    gates_are(b)
    b.moved(ftp_rewrites=0, ftp_gates_opened=0)


@test("SEC-12.client-first", config=ALG)
def client_first(b):
    """No server has greeted: this is no FTP."""
    d = Dialogue(b)
    Dialogue.open(d)
    d.tell(b"PORT 10,0,0,2,122,178\r\n")
    d.hear(b"200 ok\r\n")
    gates_are(b)
    b.moved(ftp_transparent=1, ftp_gates_opened=0)
