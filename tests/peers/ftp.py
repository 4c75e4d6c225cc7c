#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
FTP with Python's ftplib, and with plain sockets where a test wants to say when
and in which pieces something is sent.

  ftp.py exchange URL passive|active TAG
        upload "file" to in/TAG, fetch pub/file as TAG
  ftp.py repeat URL N
        N transfers in one control session, passive and active in turn
  ftp.py secure URL TAG
        PORT before there is a login, which is refused, then AUTH TLS and a
        passive transfer
  ftp.py console URL [CUT]
        a dialogue by the lines of stdin, one line of output for each; see
        class Console. CUT as below
  ftp.py dialogue URL CUT FILE
        the 50 commands of dialogue(), in segments of CUT octets (0: as they
        come); FILE.sent and FILE.got are the octets of both directions
  ftp.py flood URL COUNT WINDOW
        COUNT times PORT, at most WINDOW of them without a reply; then the
        control session stays until a line comes from stdin
  ftp.py send ADDRESS PORT FILE
        the octets of FILE at once, then what comes back until the end
  ftp.py record PORT DIR
        a server for dialogues; DIR/N.got and DIR/N.sent are the octets of
        connection N
"""
import ftplib
import hashlib
import os
import re
import socket
import sys
import threading
import urllib.parse

TIMEOUT = 120


def parse(url):
    parts = urllib.parse.urlsplit(url)
    return parts.hostname, parts.port


def login(url):
    ftp = ftplib.FTP(timeout=TIMEOUT)
    ftp.connect(*parse(url))
    ftp.login()
    return ftp


def upload(ftp, name, tag):
    with open(name, "rb") as file:
        ftp.storbinary("STOR in/" + tag, file)


def download(ftp, tag):
    with open(tag, "wb") as file:
        ftp.retrbinary("RETR pub/file", file.write)


def exchange(url, mode, tag):
    ftp = login(url)
    ftp.set_pasv(mode == "passive")
    upload(ftp, "file", tag)
    download(ftp, tag)
    ftp.quit()


def repeat(url, count):
    ftp = login(url)
    seen = set()
    for number in range(int(count)):
        ftp.set_pasv(number % 2 == 0)
        data = hashlib.sha256()
        ftp.retrbinary("RETR pub/file", data.update)
        seen.add(data.hexdigest())
    ftp.quit()
    print(count, *seen)


def secure(url, tag):
    ftp = ftplib.FTP_TLS(timeout=TIMEOUT)
    ftp.connect(*parse(url))
    try:
        ftp.makeport().close()
    except ftplib.error_perm as error:
        print(error)
    ftp.auth()
    ftp.login(secure=False)
    download(ftp, tag)
    ftp.quit()


class Control:
    """A control connection that sends as it is told."""

    def __init__(self, url, cut=0):
        self.sock = socket.create_connection(parse(url), TIMEOUT)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.six = self.sock.family == socket.AF_INET6
        self.cut = cut
        self.sent = b""
        self.got = b""
        self.read = 0

    def send(self, data):
        """MSG_EOR keeps what follows out of the segment."""
        self.sent += data
        step = self.cut or len(data)
        for begin in range(0, len(data), step):
            self.sock.sendall(data[begin:begin + step], socket.MSG_EOR)

    def line(self):
        while True:
            end = self.got.find(b"\n", self.read)
            if end >= 0:
                break
            data = self.sock.recv(65536)
            if not data:
                raise EOFError("the server has closed the connection")
            self.got += data
        text = self.got[self.read:end + 1]
        self.read = end + 1
        return text.decode(errors="replace").rstrip("\r\n")

    def reply(self):
        lines = [self.line()]
        if lines[0][3:4] == "-":
            last = lines[0][:3] + " "
            while not lines[-1].startswith(last):
                lines.append(self.line())
        return " / ".join(lines)

    def say(self, text):
        self.send(text.encode() + b"\r\n")
        return self.reply()

    def announce(self, port):
        """What an active client says of itself."""
        host = self.sock.getsockname()[0]
        if self.six:
            return "EPRT |2|%s|%d|" % (host, port)
        return "PORT %s,%d,%d" % (host.replace(".", ","), port >> 8,
                                  port & 255)


class Console:
    """
    Lines of stdin and what they do; each yields one line.

      say TEXT       send it as a command; the reply
      send TEXT      send these octets, \\r\\n and the like written so
      urgent TEXT    likewise, the last one as urgent data
      reply          the next reply
      spoken         the last command, as it was sent
      passive        PASV, or EPSV over IPv6; the reply
      active PORT    wait on PORT (0: any), say so; the reply
      fetch NAME     RETR, with a data connection; the first reply
      take COUNT     read so much of the data; what was read
      rest           read the data to its end; octets, hash, last reply
      drop           close the data connection
      hang           close the control connection
    """

    def __init__(self, url, cut):
        self.control = Control(url, cut)
        self.target = None
        self.listener = None
        self.data = None
        print(self.control.reply(), flush=True)

    def say(self, text):
        return self.control.say(text)

    def send(self, text):
        data = text.encode().decode("unicode_escape").encode("latin-1")
        self.control.send(data)
        return "%d octets" % len(data)

    def urgent(self, text):
        data = text.encode().decode("unicode_escape").encode("latin-1")
        self.control.sock.send(data, socket.MSG_OOB)
        return "%d octets" % len(data)

    def reply(self, _):
        return self.control.reply()

    def spoken(self, _):
        return self.control.sent.decode().splitlines()[-1]

    def passive(self, _):
        text = self.control.say("EPSV" if self.control.six else "PASV")
        numbers = [int(n) for n in re.findall(r"\d+", text[4:])]
        port = numbers[-1]
        if not self.control.six:
            port += numbers[-2] * 256
        self.target = self.control.sock.getpeername()[0], port
        self.listener = None
        return text

    def active(self, port):
        self.listener = self.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((self.control.sock.getsockname()[0], int(port)))
        self.listener.listen()
        self.target = None
        return self.control.say(self.control.announce(
            self.listener.getsockname()[1]))

    def socket(self):
        """Takes little at a time, so that a transfer lasts while it is seen."""
        sock = socket.socket(self.control.sock.family)
        sock.settimeout(TIMEOUT)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        return sock

    def fetch(self, name):
        if self.target:
            self.data = self.socket()
            self.data.connect(self.target)
        text = self.control.say("RETR " + name)
        if self.listener and text[0] == "1":
            self.data = self.listener.accept()[0]
            self.data.settimeout(TIMEOUT)
            self.listener.close()
        return text

    def take(self, count):
        left = int(count)
        while left:
            data = self.data.recv(min(left, 65536))
            if not data:
                break
            left -= len(data)
        return "%d octets" % (int(count) - left)

    def rest(self, _):
        data = hashlib.sha256()
        count = 0
        while True:
            block = self.data.recv(65536)
            if not block:
                break
            count += len(block)
            data.update(block)
        self.data.close()
        return "%d %s %s" % (count, data.hexdigest(), self.control.reply())

    def drop(self, _):
        self.data.close()
        return "closed"

    def hang(self, _):
        self.control.sock.close()
        return "closed"


def console(url, cut="0"):
    here = Console(url, int(cut))
    for line in sys.stdin:
        words = line.rstrip("\n").split(" ", 1)
        try:
            print(getattr(here, words[0])("".join(words[1:])), flush=True)
        except (OSError, EOFError) as error:
            print("error: %s" % error, flush=True)


def dialogue_lines(control):
    """Groups of commands; those of a group are sent together."""
    active = [control.announce(port) for port in range(40001, 40011)]
    if control.six:
        own = ["EPSV", "EPSV 2", "epsv", "ALGS STATUS64", "EPSV 1", "EPSV"]
        other = ["EPRT |2|2001:db8:ffff::1|40099|", "ALGS NONSENSE"]
    else:
        host = control.sock.getsockname()[0]
        own = ["PASV", "EPSV", "pasv", "EPRT |1|%s|40012|" % host,
               "EPRT !1!%s!40013!" % host, "PASV"]
        other = ["PORT 203,0,113,77,156,100", "EPSV"]
    return [
        ["USER anonymous"], ["PASS nobody@example.org"],
        ["SYST", "FEAT"], ["CWD /b\u00fccher"], ["TYPE I"],
        [own[0]], ["RETR eins"], [active[0]], ["STOR zwei"],
        [active[1], "NOOP"], ["NOOP", active[2], "NOOP"],
        ["port 1,2,3"], ["PORT 1,2,3,4,5,600"], ["EPRT |1|x|1|"],
        [own[1]], ["LIST"], [own[2]], ["NLST /tmp"], [own[3]], ["MLSD"],
        ["AUTH TLS"], [active[3]],
        ["CWD " + "x" * 1190, active[4], "CWD " + "y" * 1300],
        ["APPE drei"], [active[5], "APPE vier"],
        [own[4]], ["SIZE eins", "REST 0"],
        ["EPSV ALL"], [active[6].lower()], ["LIST -l"],
        [active[7]], [active[7]], [other[0]], [other[1]],
        [own[5]], ["RETR f\u00fcnf"], ["ABOR"], [active[8]],
        ["RNFR a", "RNTO b", "DELE b"], ["QUIT"],
    ]


def dialogue(url, cut, name):
    control = Control(url, int(cut))
    control.reply()
    if control.cut:
        control.say("SITE CUT %d" % control.cut)
    control.sent = control.got = b""
    control.read = 0
    count = 0
    for group in dialogue_lines(control):
        control.send(b"".join(text.encode() + b"\r\n" for text in group))
        for text in group:
            count += 1
            while control.reply()[0] == "1":
                pass
    with open(name + ".sent", "wb") as file:
        file.write(control.sent)
    with open(name + ".got", "wb") as file:
        file.write(control.got)
    print("%d commands" % count)


def flood(url, count, window):
    control = Control(url)
    control.reply()
    control.say("USER anonymous")
    credit = threading.Semaphore(int(window))

    def send():
        for number in range(int(count)):
            credit.acquire()
            control.sock.sendall(control.announce(
                1024 + number % 60000).encode() + b"\r\n")

    sender = threading.Thread(target=send)
    sender.start()
    codes = {}
    for _ in range(int(count)):
        code = control.reply()[:3]
        codes[code] = codes.get(code, 0) + 1
        credit.release()
    sender.join()
    print(" ".join("%s %d" % pair for pair in sorted(codes.items())),
          flush=True)
    sys.stdin.readline()
    print(control.say("NOOP"))


def send(address, port, name):
    with open(name, "rb") as file:
        data = file.read()
    sock = socket.create_connection((address, int(port)), TIMEOUT)
    out = sys.stdout.buffer
    try:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        while True:
            block = sock.recv(65536)
            if not block:
                out.write(b"\n[end]\n")
                break
            out.write(block)
    except ConnectionError:
        out.write(b"\n[reset]\n")


class Recorder:
    """One connection of the server for dialogues."""

    REPLIES = {
        "USER": "331 who?", "PASS": "230 welcome", "PWD": '257 "/"',
        "SYST": "215 UNIX Type: L8", "AUTH": "502 no", "QUIT": "221 bye",
        "FEAT": "211-Features:\r\n EPSV\r\n227 (1,2,3,4,5,6)\r\n211 end",
        "CWD": "250 (10,0,0,1,2,3) it is",
        "ABOR": "226 nothing to abort", "ALGS": "500 what?",
        "EPSV": "500 what?", "LPRT": "500 what?",
    }
    TRANSFERS = ("RETR", "STOR", "LIST", "NLST", "MLSD", "APPE")

    def __init__(self, sock, name):
        self.sock = sock
        self.got = open(name + ".got", "wb", buffering=0)
        self.sent = open(name + ".sent", "wb", buffering=0)
        self.cut = 0
        self.passive = 0

    def send(self, text):
        data = text.encode() + b"\r\n"
        self.sent.write(data)
        step = self.cut or len(data)
        for begin in range(0, len(data), step):
            self.sock.sendall(data[begin:begin + step], socket.MSG_EOR)

    def pasv(self):
        """With and without parentheses, as servers do."""
        self.passive += 1
        text = "%s,195,%d" % (self.sock.getsockname()[0].replace(".", ","),
                              self.passive)
        if self.passive % 2:
            return "227 Entering Passive Mode (%s)." % text
        return "227 Entering Passive Mode. " + text

    def answer(self, text):
        words = text.split(" ")
        verb = words[0].upper()
        if verb == "SITE" and words[1:2] == ["CUT"]:
            self.cut = int(words[2])
        if verb in self.TRANSFERS:
            self.send("150 here it comes")
            self.send("226 that was it")
        elif verb == "PASV":
            self.send(self.pasv())
        else:
            self.send(self.REPLIES.get(verb, "200 ok"))
        return verb != "QUIT"

    def run(self):
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send("220-hello\r\n220 ready (127,0,0,1,1,1)")
        rest = b""
        going = True
        while going:
            data = self.sock.recv(65536)
            if not data:
                break
            self.got.write(data)
            lines = (rest + data).split(b"\n")
            rest = lines.pop()
            for line in lines:
                going = self.answer(line.decode(errors="replace")
                                    .rstrip("\r")) and going
        self.got.close()
        self.sent.close()
        self.sock.close()


def record(port, folder):
    os.makedirs(folder, exist_ok=True)
    server = socket.create_server(("", int(port)), backlog=16)
    number = 0
    while True:
        sock = server.accept()[0]
        number += 1
        worker = Recorder(sock, os.path.join(folder, str(number)))
        threading.Thread(target=worker.run, daemon=True).start()


COMMANDS = {
    "exchange": exchange,
    "repeat": repeat,
    "secure": secure,
    "console": console,
    "dialogue": dialogue,
    "flood": flood,
    "send": send,
    "record": record,
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
