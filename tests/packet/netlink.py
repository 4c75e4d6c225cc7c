# SPDX-License-Identifier: GPL-2.0
"""
Generic netlink by hand, so that messages can be wrong in every way. Numbers
come from the uapi header itself.
"""
import os
import re
import socket
import struct

HEADER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../include/uapi/linux/nat64.h")
NETLINK_GENERIC = 16
GENL_ID_CTRL = 16
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 10, 11
NLA_F_NESTED = 0x8000


def numbers():
    """Every enumerator of the uapi header."""
    with open(HEADER) as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    out = {}
    for body in re.findall(r"enum \w+ \{(.*?)\};", text, re.S):
        value = -1
        for name, given in re.findall(r"(\w+)\s*(?:=\s*([^,]+))?\s*(?:,|$)",
                                      body.strip()):
            if given and not given.strip().isdigit():
                continue
            value = int(given) if given else value + 1
            out[name.replace("NAT64_", "", 1)] = value
    return out


N = numbers()


def attr(kind, data, length=None):
    """One attribute; LENGTH is what its header claims."""
    kind = N[kind] if isinstance(kind, str) else kind
    claim = 4 + len(data) if length is None else length
    return struct.pack("<HH", claim & 0xffff, kind) + data + \
        b"\0" * (-len(data) % 4)


def u8(kind, value):
    return attr(kind, struct.pack("<B", value))


def u16(kind, value):
    return attr(kind, struct.pack("<H", value))


def u32(kind, value):
    return attr(kind, struct.pack("<I", value))


def u64(kind, value):
    return attr(kind, struct.pack("<Q", value))


def text(kind, value):
    return attr(kind, value.encode() + b"\0")


def addr6(kind, value):
    return attr(kind, socket.inet_pton(socket.AF_INET6, value))


def addr4(kind, value):
    return attr(kind, socket.inet_aton(value))


def op(kind, thing, *attributes):
    kind = N["OP_" + kind] if isinstance(kind, str) else kind
    thing = N["OBJECT_" + thing] if isinstance(thing, str) else thing
    body = u8("A_OP_KIND", kind)
    if thing is not None:
        body += u8("A_OBJECT", thing)
    return attr(N["A_OP"] | NLA_F_NESTED, body + b"".join(attributes))


class Genl:
    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_GENERIC)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, 32, 64 << 20)
        self.sock.settimeout(30)
        self.sock.bind((0, 0))
        self.seq = 0
        error, messages, _ = self.raw(
            GENL_ID_CTRL, struct.pack("<BBH", 3, 1, 0) +
            attr(2, b"nat64\0"))
        if error:
            raise RuntimeError("family nat64: error %d" % error)
        self.family = struct.unpack("<H", parse(messages[0])[1])[0]

    def close(self):
        self.sock.close()

    def raw(self, kind, body, flags=NLM_F_REQUEST | NLM_F_ACK, length=None,
            wait=True):
        """Send one message; returns (error, payloads, extack attributes)."""
        self.seq += 1
        size = 16 + len(body) if length is None else length
        self.sock.send(struct.pack("<IHHII", size, kind, flags, self.seq, 0) +
                       body)
        return self.answer() if wait else None

    def answer(self):
        payloads = []
        while True:
            data = self.sock.recv(1 << 20)
            while len(data) >= 16:
                size, kind, flags, seq, _ = struct.unpack_from("<IHHII", data)
                body, data = data[16:size], data[(size + 3) & ~3:]
                if seq != self.seq:
                    continue
                if kind == NLMSG_ERROR:
                    error = struct.unpack_from("<i", body)[0]
                    extra = parse(body[20:], 0) if flags & 0x200 else {}
                    return error, payloads, extra
                if kind == NLMSG_DONE:
                    error = struct.unpack_from("<i", body)[0] if body else 0
                    return error, payloads, {}
                payloads.append(body)

    def call(self, command, body=b"", dump=False, version=1):
        command = N["CMD_" + command] if isinstance(command, str) else command
        flags = NLM_F_REQUEST | (NLM_F_DUMP if dump else NLM_F_ACK)
        return self.raw(self.family, struct.pack("<BBH", command, version, 0)
                        + body, flags)

    def apply(self, *ops):
        return self.call("APPLY", b"".join(ops))

    def status(self):
        error, payloads, _ = self.call("STATUS_GET")
        if error or not payloads:
            raise RuntimeError("status: error %d" % error)
        return parse(payloads[0])

    def dump(self, name):
        """The attributes of every object."""
        error, payloads, _ = self.call(name, dump=True)
        if error:
            raise RuntimeError("%s: error %d" % (name, error))
        return [parse(p) for p in payloads]

    def stats(self):
        return {row[N["A_NAME"]].rstrip(b"\0").decode(): u(row[N["A_VALUE"]])
                for row in self.dump("STATS_GET")}

    def flush(self):
        """Every session; the number of them."""
        error, payloads, _ = self.call("SESSION_KILL")
        if error:
            raise RuntimeError("session flush: error %d" % error)
        return u(parse(payloads[0])[N["A_SESSIONS"]])

    def sessions(self):
        return [row_of(attrs, SESSION) for attrs in self.dump("SESSION_GET")]

    def bindings(self):
        return [row_of(attrs, BINDING) for attrs in self.dump("BINDING_GET")]

    def gates(self):
        return [row_of(attrs, GATE) for attrs in self.dump("GATE_GET")]

    def snapshot(self):
        """The whole configuration, as the kernel reports it."""
        rows = [row for name in ("PREFIX_GET", "POOL_GET", "BINDING_GET",
                                 "ALG_GET", "TIMEOUT_GET", "LIMIT_GET",
                                 "OPTION_GET") for row in self.dump(name)]
        for row in rows:
            row.pop(N["A_GENID"], None)     # an empty change counts too
        return rows

    def number(self, name):
        """A number of the status."""
        return u(self.status()[N[name]])

    def genid(self):
        return self.number("A_GENID")


def u(data):
    return int.from_bytes(data, "little")


def _ip(data):
    return socket.inet_ntop(socket.AF_INET6 if len(data) == 16
                            else socket.AF_INET, data)


def _proto(data):
    return {1: "icmp", 6: "tcp", 17: "udp", 47: "gre"}.get(data[0], data[0])


def _state(data):
    return STATES[data[0]]


def _text(data):
    return data.rstrip(b"\0").decode()


# The rows that `nat64ctl -j` prints: key, attribute, form.
SESSION = (
    ("proto", "A_PROTO", _proto), ("state", "A_STATE", _state),
    ("client_addr", "A_ADDR6", _ip), ("client_port", "A_PORT6", u),
    ("server_addr6", "A_REMOTE6", _ip),
    ("server_port6", "A_REMOTE_PORT6", u),
    ("pool_addr", "A_ADDR4", _ip), ("pool_port", "A_PORT4", u),
    ("server_addr", "A_REMOTE4", _ip), ("server_port", "A_REMOTE_PORT4", u),
    ("expires_ms", "A_EXPIRES_MS", u),
    ("inbound", "A_FLAGS", lambda data: bool(u(data) & 4)),
    ("alg", "A_ALG", _text),
    ("owner_client_port", "A_OWNER_PORT6", u))
GATE = (
    ("proto", "A_PROTO", _proto),
    ("direction", "A_FLAGS",
     lambda data: "to-ipv4" if u(data) & 0x40 else "to-ipv6"),
    ("client_addr", "A_ADDR6", _ip), ("client_port", "A_PORT6", u),
    ("server_addr6", "A_REMOTE6", _ip),
    ("server_port6", "A_REMOTE_PORT6", u),
    ("pool_addr", "A_ADDR4", _ip), ("pool_port", "A_PORT4", u),
    ("server_addr", "A_REMOTE4", _ip), ("server_port", "A_REMOTE_PORT4", u),
    ("expires_ms", "A_EXPIRES_MS", u),
    ("reserved", "A_FLAGS", lambda data: bool(u(data) & 0x80)),
    ("alg", "A_ALG", _text),
    ("owner_client_port", "A_OWNER_PORT6", u),
    ("owner_pool_port", "A_OWNER_PORT4", u),
    ("owner_server_port", "A_OWNER_REMOTE_PORT", u))
BINDING = (
    ("proto", "A_PROTO", _proto),
    ("client_addr", "A_ADDR6", _ip), ("client_port", "A_PORT6", u),
    ("pool_addr", "A_ADDR4", _ip), ("pool_port", "A_PORT4", u),
    ("sessions", "A_SESSIONS", u),
    ("static", "A_FLAGS", lambda data: bool(u(data) & 1)))
STATES = ("closed", "v4-init", "v6-init", "established", "v4-fin", "v6-fin",
          "v4v6-fin", "trans", "active")


def row_of(attrs, form):
    return {key: convert(attrs[N[name]]) if N[name] in attrs else None
            for key, name, convert in form}


def parse(data, skip=4):
    """The attributes of a payload behind its generic netlink header."""
    out = {}
    data = data[skip:]
    while len(data) >= 4:
        size, kind = struct.unpack_from("<HH", data)
        if size < 4 or size > len(data):
            raise AssertionError("the kernel sent a bad attribute")
        out[kind & 0x3fff] = data[4:size]
        data = data[(size + 3) & ~3:]
    return out
