#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
One long FTP dialogue, and what its octets became on the way.

  ftp_stream.py talk URL BASE CUT NAME
        the dialogue, from local port BASE and with data ports behind it, in
        segments of CUT octets (0: as they come). NAME.sent and NAME.got are
        the octets of both directions, NAME.data is what was fetched. Prints
        "look WHAT" and waits for a line of stdin when a gate is open; at last
        "commands N data-segments N octets N repeated N"
  ftp_stream.py relay PORT ADDRESS SERVER-PORT CUT DIR
        stands before a server, which gets every command as it came and whose
        replies leave in segments of CUT octets; DIR/PORT.got and DIR/PORT.sent
        are the octets of both directions of the connection from PORT,
        DIR/PORT.segments is written at the end: "data-segments N octets N
        repeated N" of the replies
"""
import os
import re
import socket
import struct
import sys
import threading

from ftp import TIMEOUT, Control


def segments(sock):
    """What TCP_INFO of linux/tcp.h says of the octets that were sent."""
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    repeated, = struct.unpack_from("=I", info, 100)
    count, = struct.unpack_from("=I", info, 156)
    octets, = struct.unpack_from("=Q", info, 200)
    return "data-segments %d octets %d repeated %d" % (count, octets,
                                                       repeated)


class Talk(Control):
    """The client, which knows what every reply has to be."""

    def __init__(self, url, base, cut, name):
        super().__init__(url, cut, base)
        self.sock.settimeout(2 * TIMEOUT)
        self.base = base
        self.host = self.sock.getsockname()[0]
        self.tag = "host6" if self.six else "phone"
        self.fetched = open(name + ".data", "wb")
        self.commands = 0

    def expect(self, pattern):
        text = self.reply()
        if not re.match(pattern, text):
            raise AssertionError("%r, wanted %s" % (text, pattern))
        return text

    def ask(self, *pairs):
        """Commands that are sent together, each with what its reply is."""
        self.send(b"".join(text.encode() + b"\r\n" for text, _ in pairs))
        self.commands += len(pairs)
        return [self.expect(pattern) for _, pattern in pairs]

    # Data connections

    def socket(self):
        sock = socket.socket(self.sock.family)
        sock.settimeout(2 * TIMEOUT)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return sock

    def passive(self, command):
        """Returns what makes the data connection."""
        if self.six or command != "PASV":
            text, = self.ask((command, "229 Entering Extended Passive Mode "
                              r"\(\|\|\|[0-9]+\|\)$"))
            port = int(re.findall(r"\d+", text)[-1])
        else:
            text, = self.ask((command, r"227 .*\(203,0,113,9,\d+,\d+\)"))
            high, low = re.findall(r"\d+", text)[-2:]
            port = int(high) << 8 | int(low)

        def connect():
            data = self.socket()
            data.connect((self.sock.getpeername()[0], port))
            return data
        return connect

    def listen(self, port):
        listener = self.socket()
        listener.bind((self.host, port))
        listener.listen()

        def accept():
            data = listener.accept()[0]
            data.settimeout(2 * TIMEOUT)
            listener.close()
            return data
        return accept

    def active(self, number, command=None):
        """PORT or EPRT; returns what waits for the data connection."""
        accept = self.listen(self.base + number)
        self.ask((command or self.announce(self.base + number), "200 "))
        return accept

    def fetch(self, connect, command):
        """The client connects first, the server when it has been told."""
        passive = connect.__name__ == "connect"
        data = connect() if passive else None
        self.ask((command, "150 "))
        data = data or connect()
        self.fetched.write(command.encode() + b"\n")
        while True:
            block = data.recv(65536)
            if not block:
                break
            self.fetched.write(block)
        data.close()
        self.expect("226 ")

    def store(self, connect, name, octets):
        passive = connect.__name__ == "connect"
        data = connect() if passive else None
        self.ask(("STOR in/%s-%s" % (self.tag, name), "150 "))
        data = data or connect()
        data.sendall(octets)
        data.close()
        self.expect("226 ")

    @staticmethod
    def look(what):
        print("look", what, flush=True)
        sys.stdin.readline()


def common(c):
    c.expect("220 ")
    c.ask(("USER anonymous", "230 "))
    c.ask(("PASS nobody@example.org", "230 "))
    c.ask(("SYST", "215 "), ("FEAT", "211-"), ("HELP", "214-"))
    c.ask(("CWD /b\u00fccher", "250 "))
    c.ask(("PWD", '257 "/b\u00fccher"'), ("CDUP", "250 "))
    c.ask(("TYPE I", "200 "))
    # PASV of a 464XLAT client is not touched, EPSV becomes one
    data = c.passive("EPSV" if c.six else "PASV")
    c.look("passive")
    c.fetch(data, "RETR pub/small")
    data = c.active(1)
    c.look("active")
    c.store(data, "one", b"1" * 3000)
    # in the middle of others
    accept = c.listen(c.base + 2)
    c.ask(("NOOP", "200 "), (c.announce(c.base + 2), "200 "),
          ("NOOP", "200 "))
    c.fetch(accept, "LIST pub")
    # not to be understood
    c.ask(("port 1,2,3", "500 "))
    c.ask(("PORT 1,2,3,4,5,600", "500 "), ("EPRT |1|x|1|", "5"),
          ("MDTM pub/small", "213 "))
    c.fetch(c.passive("epsv"), "NLST pub")
    c.ask(("AUTH TLS", "5"))
    c.fetch(c.active(3), "RETR pub/small")
    # longer than any segment
    accept = c.listen(c.base + 4)
    c.ask(("CWD " + "x" * 1400, "550 "), (c.announce(c.base + 4), "200 "),
          ("CWD " + "y" * 300, "550 "))
    c.fetch(accept, "RETR pub/small")
    c.fetch(c.passive("EPSV 2"), "LIST -l pub")
    c.ask(("EPSV ALL", "504 "))
    # nobody comes; the same once more
    c.active(5)
    c.active(5)
    data = c.active(6, c.announce(c.base + 6).lower())
    c.look("lower case")
    c.store(data, "two", b"2" * 100)


def phone(c):
    """What an IPv4 client says besides."""
    c.fetch(c.active(7, "EPRT |1|%s|%d|" % (c.host, c.base + 7)),
            "RETR pub/small")
    c.fetch(c.active(8, "EPRT |1|203.0.113.77|%d|" % (c.base + 8)), "NLST pub")
    # Its family is IPv4.
    c.fetch(c.passive("EPSV 1"), "RETR pub/small")
    # The address is nobody's business.
    data = c.active(9, "PORT 203,0,113,77,%d,%d" % (c.base >> 8, 9))
    c.look("other address")
    c.fetch(data, "RETR pub/small")


def host(c):
    """What an IPv6 client says besides."""
    c.ask(("ALGS STATUS64", "216 EPSVEPRT"))
    c.ask(("ALGS NONSENSE", "504 "))
    c.ask(("EPSV 1", "522 "))
    c.ask(("EPRT |2|2001:db8:ffff::1|%d|" % (c.base + 7), "5"))
    c.ask(("ALGS DISABLE64", "216 NONE"), ("ALGS ENABLE64", "216 EPSV"))
    c.fetch(c.active(9, "EPRT !2!%s!%d!" % (c.host, c.base + 9)),
            "RETR pub/small")


def talk(url, base, cut, name):
    c = Talk(url, int(base), int(cut), name)
    common(c)
    (host if c.six else phone)(c)
    c.ask(("RNFR a", "550 "), ("RNTO b", "5"), ("DELE b", "550 "))
    c.ask(("SIZE pub/small", "213 "), ("REST 0", "350 "))
    c.ask(("RETR pub/small", "425 "), ("ABOR", "225 "))
    c.ask(("QUIT", "221 "))
    c.fetched.close()
    for text, octets in ((".sent", c.sent), (".got", c.got)):
        with open(name + text, "wb") as file:
            file.write(octets)
    print("commands %d %s" % (c.commands, segments(c.sock)), flush=True)


class Relay:
    """One connection, in the name of its client's port"""

    def __init__(self, sock, server, cut, name):
        self.near = sock
        self.far = socket.create_connection(server)
        self.cut = cut
        self.name = name
        for end in (self.near, self.far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def copy(self, source, sink, name, cut=0):
        with open(name, "wb", buffering=0) as file:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                file.write(data)
                step = cut or len(data)
                for begin in range(0, len(data), step):
                    sink.sendall(data[begin:begin + step], socket.MSG_EOR)
        sink.shutdown(socket.SHUT_WR)

    def run(self):
        back = threading.Thread(target=self.copy, args=(
            self.far, self.near, self.name + ".sent", self.cut))
        back.start()
        self.copy(self.near, self.far, self.name + ".got")
        back.join()
        with open(self.name + ".part", "w", encoding="ascii") as file:
            print(segments(self.near), file=file)
        os.rename(self.name + ".part", self.name + ".segments")


def relay(port, address, server_port, cut, folder):
    os.makedirs(folder, exist_ok=True)
    listener = socket.create_server(("", int(port)), backlog=16)
    while True:
        sock, peer = listener.accept()
        one = Relay(sock, (address, int(server_port)), int(cut),
                    os.path.join(folder, str(peer[1])))
        threading.Thread(target=one.run, daemon=True).start()


COMMANDS = {"talk": talk, "relay": relay}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
