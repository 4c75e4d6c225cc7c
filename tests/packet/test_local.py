# SPDX-License-Identifier: GPL-2.0
"""The translator's own traffic: from and to sockets of its own."""
import errno
import socket
import struct
import threading

from ktap import test
from test_config import value
from wire import *

ROUTE = "2001:db8:64::/96 via 2001:db8:6::2 dev p6"


def udp6(b):
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.settimeout(30)
    b.undo.append(sock.close)
    return sock


@test("B-17.own-udp-out")
def own_udp(b):
    """The box itself uses the prefix, and is answered."""
    b.route(ROUTE)
    sock = udp6(b)
    sock.bind((PLAT6, 0))
    port = sock.getsockname()[1]
    sock.sendto(b"own", (S6, 7))
    got = b.settle().only4()
    check(got[IP].src == T and got[IP].dst == S, "%s > %s", got[IP].src,
          got[IP].dst)
    check(bytes(got)[28:] == b"own", "payload")
    check(raw_sum4(T, S, 17, bytes(got)[20:]) == 0, "checksum")
    check(checksum(bytes(got)[:20]) == 0, "header checksum")
    b.x4(four(UDP(sport=7, dport=got[UDP].sport) / b"answer")).nothing()
    data, peer = sock.recvfrom(100)
    check(data == b"answer" and v6(peer[0]) == v6(S6) and peer[1] == 7,
          "%r from %r", data, peer)
    row = b.session(client_addr=v6(PLAT6))
    check(row["client_port"] == port, "session %r", row)
    b.moved(translated_6to4=1, translated_4to6=1)


@test("B-17.own-large-datagrams")
def own_large(b):
    b.route(ROUTE)
    sock = udp6(b)
    data = bytes(range(256)) * 12
    sock.sendto(data, (S6, 7))
    got = b.settle().four
    body = join4(got)
    check(body[8:] == data, "payload")
    check(raw_sum4(T, S, 17, body) == 0, "checksum")
    port = struct.unpack_from(">H", body)[0]
    b.x4(*frag4(four(UDP(sport=7, dport=port) / data), 1480)).nothing()
    check(sock.recv(65536) == data, "answer")


@test("B-17.own-errors")
def own_errors(b):
    b.route(ROUTE)
    sock = udp6(b)
    sock.connect((S6, 7))
    sock.send(b"own")
    got = b.settle().only4()
    b.x4(four(Raw(icmp4(3, 3, bytes(got))), proto=1)).nothing()
    try:
        sock.recv(10)
    except OSError as error:
        check(error.errno == errno.ECONNREFUSED, "%r", error)
    else:
        raise AssertionError("no error")


@test("B-17.own-ping")
def own_ping(b):
    b.route(ROUTE)
    sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)
    sock.settimeout(30)
    b.undo.append(sock.close)
    sock.sendto(struct.pack(">BBHHH", 128, 0, 0, 4711, 1) + b"ping", (S6, 0))
    got = b.settle().only4()
    check(got[ICMP].type == 8 and checksum(bytes(got)[20:]) == 0, "request")
    b.x4(four(ICMP(type=0, id=got[ICMP].id, seq=1) / b"ping")).nothing()
    while True:
        data, peer = sock.recvfrom(200)
        if data[0] == 129:
            break
    check(data[4:] == struct.pack(">HH", 4711, 1) + b"ping", "reply %s",
          data.hex())
    check(v6(peer[0]) == v6(S6), "from %r", peer)


@test("B-17.own-tcp")
def own_tcp(b):
    """A real connection from the box to a real server."""
    b.route(ROUTE)
    with b.inside("h4"):
        listener = socket.socket()
        listener.bind(("192.0.3.2", 0))
        listener.listen()
    listener.settimeout(60)
    data = bytes(range(256)) * 4000

    def serve():
        conn, _ = listener.accept()
        with conn:
            got = b""
            while len(got) < len(data):
                part = conn.recv(1 << 20)
                if not part:
                    return
                got += part
            conn.sendall(got)
    server = threading.Thread(target=serve)
    server.start()
    sock = socket.create_connection(
        (embed("192.0.3.2"), listener.getsockname()[1]), 60)
    try:
        sock.sendall(data)
        got = b""
        while len(got) < len(data):
            part = sock.recv(1 << 20)
            if not part:
                break
            got += part
    finally:
        sock.close()
        server.join(60)
        listener.close()
    check(got == data, "%d of %d bytes", len(got), len(data))
    check(b.session(proto="tcp")["pool_addr"] == T, "no session")


@test("B-17.service-of-the-box")
def service(b):
    """A static binding to the box's own address."""
    b.route(ROUTE)
    b.configure("binding add %s 5353 to %s 5353 proto udp" % (PLAT6, T))
    sock = udp6(b)
    sock.bind((PLAT6, 5353))
    b.x4(four(UDP(sport=999, dport=5353) / b"query")).nothing()
    data, peer = sock.recvfrom(100)
    check(data == b"query" and v6(peer[0]) == v6(S6), "%r %r", data, peer)
    sock.sendto(b"reply", peer)
    got = b.settle().only4()
    same(got, IP(src=T, dst=S, ttl=got[IP].ttl, id=got[IP].id,
                 flags=got[IP].flags, tos=got[IP].tos) /
         UDP(sport=5353, dport=999) / b"reply")


def own_address(b):
    b.reconfigure("prefix add " + P64, "pool add %s ports 1024-9999" % T,
                  "limit set held-ports 0", "option set icmp-error-rate 0")
    b.address(T + "/32")
    b.mark()


@test("B-17.pool-address-is-the-boxes-own")
def own_pool_address(b):
    """What has no session on such an address belongs to the kernel."""
    own_address(b)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(30)
    b.undo.append(sock.close)
    sock.bind((T, 5000))
    b.x4(four(UDP(sport=7, dport=5000) / b"for the box")).nothing()
    check(sock.recv(100) == b"for the box", "not delivered")
    b.moved(to_kernel=1, translated_4to6=0)
    sock.sendto(b"from the box", (S, 7))
    got = b.settle().only4()
    check(got[IP].src == T and got[UDP].sport == 5000, "%s#%d", got[IP].src,
          got[UDP].sport)
    b.moved(translated_6to4=0)
    flow = Udp(b).open()
    flow.back()
    b.x4(four(UDP(sport=7, dport=5000) / b"again")).nothing()
    check(sock.recv(100) == b"again", "not delivered")


@test("B-17.kernel-answers-on-own-address")
def kernel_answers(b):
    own_address(b)
    got = b.error4(four(ICMP(type=8, id=77, seq=1) / b"ping"))
    check((got[ICMP].type, got[ICMP].id) == (0, 77), "no echo reply")
    got = b.error4(four(TCP(sport=7, dport=5000, flags="S", seq=5)))
    check(got[TCP].flags == "RA", "flags %s", got[TCP].flags)
    got = b.error4(four(UDP(sport=7, dport=5000) / b"x"))
    check((got[ICMP].type, got[ICMP].code) == (3, 3), "no 3/3")
    b.moved(to_kernel=3, syns_stored=0)


@test("B-17.own-tcp-port-not-taken")
def own_port(b):
    """The box's ports stay out of the pool's range."""
    own_address(b)
    for port in (1023, 10000, 40000, 65535):
        flow = Udp(b, port=port).open()
        check(1024 <= flow.pport <= 9999, "port %d", flow.pport)
    check(value("option", "port-preserve")["value"] == "on", "preserve")
