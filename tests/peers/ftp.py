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
  ftp.py console URL
        a dialogue by the lines of stdin, one line of output for each; see
        class Console
  ftp.py flood URL COUNT WINDOW
        COUNT times PORT, at most WINDOW of them without a reply; then the
        control session stays until a line comes from stdin
  ftp.py crowd URL CONNECTIONS
        PORT again and again in each of so many control sessions, until
        SIGTERM; then how many there were, and a number of each reply
  ftp.py send ADDRESS PORT FILE
        the octets of FILE at once, then what comes back until the end
  ftp.py record PORT DIR
        a server that says 200 to every line; DIR/N.got is what it got from
        its connection N
"""
import collections
import ftplib
import hashlib
import os
import re
import signal
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

    def __init__(self, url, cut=0, port=0):
        self.sock = socket.create_connection(parse(url), TIMEOUT, ("", port))
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

    def __init__(self, url):
        self.control = Control(url)
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


def console(url):
    here = Console(url)
    for line in sys.stdin:
        words = line.rstrip("\n").split(" ", 1)
        try:
            print(getattr(here, words[0])("".join(words[1:])), flush=True)
        except (OSError, EOFError) as error:
            print("error: %s" % error, flush=True)


def text_of(codes):
    return " ".join("%s %d" % pair for pair in sorted(codes.items()))


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
    codes = collections.Counter()
    for _ in range(int(count)):
        codes[control.reply()[:3]] += 1
        credit.release()
    sender.join()
    print(text_of(codes), flush=True)
    sys.stdin.readline()
    print(control.say("NOOP"))


def crowd(url, connections):
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    controls = [Control(url) for _ in range(int(connections))]
    for control in controls:
        control.reply()
        control.say("USER anonymous")
    codes = collections.Counter()
    number = 0
    while not over.is_set():
        for control in controls:
            lines = [control.announce(1024 + (number + n) % 60000)
                     for n in range(8)]
            control.send("".join(line + "\r\n" for line in lines).encode())
            number += 8
        for control in controls:
            for _ in range(8):
                codes[control.reply()[:3]] += 1
    print(number, text_of(codes))


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
    """One connection of the server that says 200 to every line."""

    def __init__(self, sock, name):
        self.sock = sock
        self.got = open(name + ".got", "wb", buffering=0)

    def run(self):
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.sendall(b"220-hello\r\n220 ready (127,0,0,1,1,1)\r\n")
        while True:
            data = self.sock.recv(65536)
            if not data:
                break
            self.got.write(data)
            self.sock.sendall(b"200 ok\r\n" * data.count(b"\n"))
        self.got.close()
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
    "flood": flood,
    "crowd": crowd,
    "send": send,
    "record": record,
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
