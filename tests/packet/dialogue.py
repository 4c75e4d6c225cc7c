# SPDX-License-Identifier: GPL-2.0
"""
TCP by hand, for control connections of ALGs. The test says what each end
sends and what the other one must see; every frame is compared octet by octet,
numbers, windows and checksums included.
"""
import tool
from wire import *

CLIENT, SERVER = 0, 1           # sides; the other one is "not side"
GROWN = 512                     # an edited segment may be so long anyway


def gates(words=""):
    """What `nat64ctl gate show` lists."""
    return tool.rows("gate show " + words)


class End:
    """What an end sends next, and what it expects next, as it counts."""

    def __init__(self, isn, peer):
        self.snd = isn
        self.rcv = peer


class Dialogue:
    """
    A connection of CLIENT, the IPv6 end, and SERVER, the IPv4 end, whichever
    of them opens it. Each end counts octets as it sent or saw them, so what
    the translator changed in length shows in the numbers of the other one.
    """

    def __init__(self, bed, client=C, port=None, server=S, sport=21,
                 prefix=P64, **fields):
        self.bed = bed
        self.client = client
        self.port = bed.fresh_port() if port is None else port
        self.server = server
        self.server6 = embed(server, prefix)
        self.sport = sport
        self.pool = self.pport = None
        self.fields = fields            # of the IPv6 end's header: fl=...
        self.ends = (End(1000, 5000), End(5000, 1000))

    # Frames

    def tcp(self, side, near, f):
        """The segment, with NEAR as the port of the IPv6 end."""
        ports = (near, self.sport)[::-1 if side else 1]
        return TCP(sport=ports[0], dport=ports[1], seq=f["seq"],
                   ack=f["ack"], flags=f["flags"], window=f["window"],
                   urgptr=f["urgptr"], options=f["options"]) / \
            Raw(f["data"])

    def packet(self, side, f):
        """As SIDE sends it"""
        if side == CLIENT:
            return six(self.tcp(side, self.port, f), self.client,
                       self.server6, **self.fields)
        return four(self.tcp(side, self.pport, f), self.server, self.pool,
                    flags="DF")

    def image(self, side, f):
        """As the other side must see it"""
        if side == CLIENT:
            return wanted4(self.tcp(side, self.pport, f), self.pool,
                           self.server)
        return six(self.tcp(side, self.port, f), self.server6, self.client,
                   hlim=63)

    def answer(self, side, f):
        """What the translator itself sends to SIDE"""
        if side == CLIENT:
            return six(self.tcp(not side, self.port, f), self.server6,
                       self.client)
        return four(self.tcp(not side, self.pport, f), self.pool, self.server,
                    id=0)

    def fill(self, side, data=b"", flags="PA", seq=None, **fields):
        me = self.ends[side]
        syn = "S" in flags and "A" not in flags
        return {"data": data, "flags": flags, "window": 8192, "urgptr": 0,
                "options": [], "seq": me.snd if seq is None else seq,
                "ack": 0 if syn else me.rcv, **fields}

    def inject(self, side, f):
        """Returns what came at the other side, and at this one."""
        packet = self.packet(side, f)
        if side == CLIENT:
            got = self.bed.x6(packet)
            return got.four, got.six
        got = self.bed.x4(packet)
        return got.six, got.four

    def agree(self, side, frame, f):
        same(frame, self.image(side, f), ["id"] if side == CLIENT else [])

    def agree_answer(self, side, frame, f):
        same(frame, self.answer(side, f), ["id"] if side == SERVER else [])

    def learn(self, got):
        self.pool = got[IP].src
        self.pport = self.port_of(got)

    @staticmethod
    def port_of(got):
        return got[TCP].sport

    # What the ends do

    def open(self, first=CLIENT):
        """SYN, SYN+ACK, ACK."""
        f = self.fill(first, flags="S")
        forth, back = self.inject(first, f)
        check(len(forth) == 1 and not back, "the SYN became %d frames",
              len(forth))
        if self.pool is None or first == CLIENT:
            self.learn(forth[0])
        self.agree(first, forth[0], f)
        self.ends[first].snd += 1
        self.ends[not first].rcv += 1
        self.say(not first, flags="SA")
        self.ack(first)
        return self

    def say(self, side, data=b"", image=None, flags="PA", seq=None, over=None,
            **fields):
        """
        A segment, and what it becomes; with SEQ one that is sent again. OVER:
        fields of the image.
        """
        me, other = self.ends[side], self.ends[not side]
        image = data if image is None else image
        f = self.fill(side, data, flags, seq, **fields)
        forth, back = self.inject(side, f)
        check(not back, "%d frames went back", len(back))
        want = dict(f, data=image, seq=other.rcv)
        if "A" in flags:
            want["ack"] = other.snd
        want.update(over or {})
        self.agree_all(side, forth, want, max(len(data), GROWN))
        if seq is None:
            ends = ("S" in flags) + ("F" in flags)
            me.snd += len(data) + ends
            other.rcv += len(image) + ends

    def agree_all(self, side, frames, want, size):
        """What grew may have become several segments."""
        data = want["data"]
        pieces = [data[n:n + size] for n in range(0, len(data), size)] or [b""]
        check(len(frames) == len(pieces), "%d frames, wanted %d", len(frames),
              len(pieces))
        for n, (frame, piece) in enumerate(zip(frames, pieces)):
            last = n == len(pieces) - 1
            flags = want["flags"] if last else \
                want["flags"].replace("P", "").replace("F", "")
            self.agree(side, frame, dict(want, data=piece, flags=flags,
                                         seq=want["seq"] + n * size))

    def tell(self, data, image=None, **fields):
        self.say(CLIENT, data, image, **fields)

    def hear(self, data, image=None, **fields):
        self.say(SERVER, data, image, **fields)

    def ack(self, side):
        self.say(side, flags="A")

    def hold(self, side, data, answered=True):
        """
        Octets that do not leave yet. ANSWERED: we acknowledge them, in the
        place of the other end.
        """
        me, other = self.ends[side], self.ends[not side]
        f = self.fill(side, data)
        forth, back = self.inject(side, f)
        check(len(forth) == 1 and len(back) == answered,
              "%d frames forth and %d back", len(forth), len(back))
        self.agree(side, forth[0], dict(f, data=b"", seq=other.rcv,
                                        ack=other.snd))
        me.snd += len(data)
        if answered:
            self.agree_answer(side, back[0], self.fill(
                not side, flags="A", seq=me.rcv, ack=me.snd))

    def reset(self, side=CLIENT):
        self.say(side, flags="RA")

    def close(self, first=CLIENT):
        """Both FIN segments."""
        self.say(first, flags="FA")
        self.say(not first, flags="FA")
        self.ack(first)

    # What the tool shows

    def row(self):
        """The control session"""
        found = [r for r in tool.rows("session show proto tcp server-port %d "
                                      "client-port %d" % (self.sport,
                                                          self.port))
                 if r["client_addr"] == v6(self.client)]
        check(len(found) == 1, "control sessions %r", found)
        return found[0]
