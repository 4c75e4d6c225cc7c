# SPDX-License-Identifier: GPL-2.0
"""
What goes with control connections: the data flows that they announce, FTP
(RFC 959) as far as gates need it, and RTSP (RFC 2326).
"""
from dialogue import CLIENT, SERVER, Dialogue
from wire import *


def gate(d, direction, proto, **keys):
    """The row of a gate of control connection D, expires_ms apart."""
    row = {"proto": proto, "direction": direction,
           "client_addr": v6(d.client), "client_port": None,
           "server_addr6": v6(d.server6), "server_port6": None,
           "pool_addr": d.pool, "pool_port": None,
           "server_addr": d.server, "server_port": None,
           "reserved": False, "alg": d.alg, "owner_client_port": d.port,
           "owner_pool_port": d.pport, "owner_server_port": d.sport}
    if "sport" in keys:
        row["server_port"] = row["server_port6"] = keys.pop("sport")
    return {**row, **keys}


def gates_are(b, *want):
    """These gates, in the order of their opening, and no others"""
    got = b.gates()
    left = [g.pop("expires_ms") for g in got]
    check(all(0 < ms <= 3600000 for ms in left), "left %r", left)

    def text(table):
        return "\n".join(sorted(repr(sorted(g.items(), key=str))
                                for g in table))
    check(text(got) == text(want), "gates\n%s\nwanted\n%s", text(got),
          text(want))


class Data(Syn):
    """A TCP data connection; the SYN is the server's if INBOUND."""

    def __init__(self, d, port, sport, pport=None, inbound=False):
        super().__init__(d.bed, d.client, port, d.server, sport)
        self.server6 = d.server6
        self.pool = d.pool
        self.pport = port if pport is None else pport
        self.inbound = inbound
        self.numbers = (1000, 0, 5000, 1001) if not inbound else \
            (1000, 5001, 5000, 0)

    def l4out(self, port, data):
        seq, ack = self.numbers[:2]
        return TCP(sport=port, dport=self.sport, seq=seq, ack=ack,
                   flags="SA" if self.inbound else "S")

    def l4back(self, port, data):
        seq, ack = self.numbers[2:]
        return TCP(sport=self.sport, dport=port, seq=seq, ack=ack,
                   flags="S" if self.inbound else "SA")

    def first(self):
        """The packet that needs the gate"""
        return self.back() if self.inbound else self.out()

    def both(self):
        self.first()
        if self.inbound:
            self.out()
        else:
            self.back()
        return self

    def rows(self):
        return self.bed.sessions(proto="tcp", client_addr=v6(self.client),
                                 client_port=self.port,
                                 server_addr=self.server,
                                 server_port=self.sport)


def six_numbers(address, port):
    return ("%s,%d,%d" % (address.replace(".", ","), port >> 8,
                          port & 0xff)).encode()


class Ftp(Dialogue):
    """A control connection after the greeting"""
    alg = "ftp"

    def open(self, first=CLIENT):
        super().open(first)
        self.say(not first, b"220 ready\r\n")
        self.ack(first)
        return self

    def command(self, address, port):
        return b"PORT " + six_numbers(address, port) + b"\r\n"

    def active(self, port, becomes=None, sport=20, ok=True):
        """PORT; returns the data connection. BECOMES 0: it stays."""
        becomes = port if becomes is None else becomes
        said = self.command("10.0.0.2", port)
        self.tell(said, self.command(self.pool, becomes) if becomes else said)
        self.hear(b"200 ok\r\n" if ok else b"500 no\r\n")
        return Data(self, port, sport, becomes, inbound=True)

    def active_any(self, port, sport=20):
        """PORT whose port is taken: whatever it becomes"""
        f = self.fill(CLIENT, self.command("10.0.0.2", port))
        forth, back = self.inject(CLIENT, f)
        check(len(forth) == 1 and not back, "frames")
        told = bytes(forth[0])[40:]
        *_, high, low = told.split(b",")
        becomes = int(high) << 8 | int(low)
        want = self.command(self.pool, becomes)
        self.agree(CLIENT, forth[0], dict(
            f, data=want, seq=self.ends[SERVER].rcv,
            ack=self.ends[SERVER].snd))
        self.ends[CLIENT].snd += len(f["data"])
        self.ends[SERVER].rcv += len(want)
        self.hear(b"200 ok\r\n")
        return Data(self, port, sport, becomes, inbound=True)

    def passive(self, sport, port=None):
        """PASV and its 227; returns the data connection."""
        self.tell(b"PASV\r\n")
        self.hear(b"227 Entering Passive Mode (" +
                  six_numbers(self.server, sport) + b")\r\n")
        return Data(self, self.bed.fresh_port() if port is None else port,
                    sport)

    def gate46(self, data, **keys):
        return gate(self, "to-ipv6", "tcp", client_port=data.port,
                    pool_port=data.pport, **keys)

    def gate64(self, data, **keys):
        return gate(self, "to-ipv4", "tcp", sport=data.sport, **keys)


# RTSP

def message(first, cseq, *headers, body=b"", end="\r\n"):
    lines = [first, "CSeq: %s" % cseq, *headers, "", ""]
    return end.join(lines).encode() + body


def udp(ports, server=None, extra=""):
    text = "RTP/AVP;unicast;client_port=" + span(ports)
    if server:
        text += ";server_port=" + span(server)
    return text + extra


def span(ports):
    if isinstance(ports, (tuple, list)):
        return "%d-%d" % tuple(ports)
    return str(ports)


class Rtsp(Dialogue):
    """A control connection; URL is what the client asks for."""
    alg = "rtsp"

    def __init__(self, bed, sport=554, url=None, **keys):
        super().__init__(bed, sport=sport, **keys)
        self.url = url or "rtsp://%s/live" % self.server
        self.cseq = 0

    def ask(self, method, *headers, becomes=None, url=None, body=b"",
            side=CLIENT, version="RTSP/1.0"):
        """A request; BECOMES: the headers as the other end sees them."""
        self.cseq += 1
        first = "%s %s %s" % (method, url or self.url, version)
        self.say(side, message(first, self.cseq, *headers, body=body),
                 message(first, self.cseq, *(headers if becomes is None
                                             else becomes), body=body))

    def reply(self, *headers, becomes=None, status="200 OK", body=b"",
              side=SERVER, cseq=None, version="RTSP/1.0"):
        cseq = self.cseq if cseq is None else cseq
        first = "%s %s" % (version, status)
        self.say(side, message(first, cseq, *headers, body=body),
                 message(first, cseq, *(headers if becomes is None
                                        else becomes), body=body))

    def setup(self, ports, mapped=None, track="/1", extra=""):
        """The request: PORTS become MAPPED."""
        mapped = mapped or ports
        self.ask("SETUP", "Transport: " + udp(ports, extra=extra),
                 becomes=["Transport: " + udp(mapped, extra=extra)],
                 url=self.url + track)

    def agreed(self, ports, server, mapped=None, session="abc", extra=""):
        """The 200 OK"""
        mapped = mapped or ports
        self.reply("Session: " + session,
                   "Transport: " + udp(mapped, server, extra),
                   becomes=["Session: " + session,
                            "Transport: " + udp(ports, server, extra)])

    def media(self, ports, server, mapped=None, session="abc", track="/1"):
        """Both; returns the flows of RTP and RTCP."""
        self.setup(ports, mapped, track)
        self.agreed(ports, server, mapped, session)
        return self.flows(ports, server, mapped)

    def flows(self, ports, server, mapped=None):
        return [self.flow(*three) for three in zip(ports, server,
                                                   mapped or ports)]

    def flow(self, port, sport, pport):
        flow = Udp(self.bed, self.client, port, self.server, sport)
        flow.server6 = self.server6
        flow.pool, flow.pport = self.pool, pport
        return flow

    def teardown(self, session="abc", status="200 OK", url=None):
        self.ask("TEARDOWN", "Session: " + session, url=url)
        self.reply("Session: " + session, status=status)

    def gates46(self, *flows, **keys):
        return [gate(self, "to-ipv6", "udp", client_port=f.port,
                     pool_port=f.pport, sport=f.sport, **keys)
                for f in flows]

    def gates64(self, *flows, **keys):
        return [gate(self, "to-ipv4", "udp", client_port=f.port,
                     sport=f.sport, **keys) for f in flows]

    def gates(self, *flows):
        """All gates of media that are set up"""
        return self.gates46(*flows) + self.gates64(*flows)

    def reserved(self, *flows):
        return [gate(self, "to-ipv6", "udp", client_port=f.port,
                     pool_port=f.pport, reserved=True) for f in flows]


def silent46(b, *flows):
    """Nothing that their servers send passes."""
    for flow in flows:
        check(not b.x4(flow.four()).six, "port %d is open", flow.pport)


class Hairpin:
    """
    Mixed into a control connection: the server is another client of ours,
    INSIDE, at the port of T. What it says is translated twice, what it is told
    as well.
    """

    def __init__(self, bed, inside=C2, **keys):
        super().__init__(bed, server=T, **keys)
        self.inside = inside
        # As the server sees it: under the prefix that it has used itself
        self.client6 = embed(T, P64)

    def packet(self, side, f):
        if side == CLIENT:
            return six(self.tcp(side, self.port, f), self.client,
                       self.server6)
        return six(self.tcp(side, self.pport, f), self.inside, self.client6)

    def image(self, side, f):
        if side == CLIENT:
            return six(self.tcp(side, self.pport, f), self.client6,
                       self.inside, hlim=63)
        return six(self.tcp(side, self.port, f), self.server6, self.client,
                   hlim=63)

    def inject(self, side, f):
        ends = v6(self.client), v6(self.inside)
        got = self.bed.x6(self.packet(side, f))
        check(not got.four, "frames at n4")
        return ([x for x in got.six if v6(x[IPv6].dst) == ends[not side]],
                [x for x in got.six if v6(x[IPv6].dst) == ends[side]])

    def agree(self, side, frame, f):
        same(frame, self.image(side, f))

    def learn(self, got):
        self.pool = T
        self.pport = self.port_of(got)
