#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
GStreamer's RTSP server, and a way to have it and its players talk in segments
of one octet.

  rtsp.py serve DIR PATH...
        on port 554, and on 8554 with what it says in single octets. What
        clients ask for is shown on stdout, a line of JSON for each. By the
        name of PATH:
          record...  takes a tone and a picture; what came is in
                     DIR/PATH.audio and DIR/PATH.video
          slow...    answers no SETUP while the file DIR/slow is there
          others     a tone and a picture, 20 and 5 packets a second
  rtsp.py octets PORT MARK
        behind a redirection to PORT: goes on to where a connection was meant
        to go, with what the client says in single octets, and with MARK, so
        that it is not redirected itself
  rtsp.py play NAME SIZE PROPERTIES...
        of rtspsrc, which plays into NAME.audio and NAME.video until the first
        has got so large. (With gst-launch one of the media was missing now
        and then; why is not known.)
"""
import array
import fcntl
import json
import os
import socket
import sys
import threading
import time

CUT_PORT = 8554
SIOCOUTQNSD = 0x894b
# of IPv4 and of IPv6
SO_ORIGINAL_DST = 80

SOURCE = """(
    audiotestsrc is-live=true samplesperbuffer=400
        ! audio/x-raw,rate=8000,channels=1 ! mulawenc
        ! rtppcmupay name=pay0 pt=0
    videotestsrc is-live=true
        ! video/x-raw,format=I420,width=64,height=48,framerate=5/1
        ! jpegenc ! rtpjpegpay name=pay1 pt=26 )"""
SINK = """(
    rtppcmudepay name=depay0 ! filesink sync=false async=false
        buffer-mode=unbuffered location=%s.audio
    rtpjpegdepay name=depay1 ! filesink sync=false async=false
        buffer-mode=unbuffered location=%s.video )"""


def say(**what):
    what["time"] = round(time.monotonic(), 1)
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def send(sink, data):
    sink.sendall(data)


def send_octets(sink, data):
    """One leaves before the next is there, or they would share a segment."""
    unsent = array.array("i", [0])
    for octet in data:
        sink.sendall(bytes([octet]))
        fcntl.ioctl(sink, SIOCOUTQNSD, unsent)
        while unsent[0]:
            time.sleep(0.001)
            fcntl.ioctl(sink, SIOCOUTQNSD, unsent)


def forward(source, sink, how):
    sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        for data in iter(lambda: source.recv(65536), b""):
            how(sink, data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()


def start(function, *args):
    threading.Thread(target=function, args=args, daemon=True).start()


def original(conn):
    if conn.family == socket.AF_INET:
        raw = conn.getsockopt(socket.IPPROTO_IP, SO_ORIGINAL_DST, 16)
        address = socket.inet_ntop(socket.AF_INET, raw[4:8])
    else:
        raw = conn.getsockopt(socket.IPPROTO_IPV6, SO_ORIGINAL_DST, 28)
        address = socket.inet_ntop(socket.AF_INET6, raw[8:24])
    return address, int.from_bytes(raw[2:4], "big")


def octets(port, mark):
    def accept(server):
        while True:
            conn = server.accept()[0]
            onward = socket.socket(server.family)
            onward.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, mark)
            onward.connect(original(conn))
            start(forward, conn, onward, send_octets)
            start(forward, onward, conn, send)

    start(accept, socket.create_server(("::", port), family=socket.AF_INET6))
    accept(socket.create_server(("0.0.0.0", port)))


def size_of(path):
    return os.stat(path).st_size if os.path.exists(path) else 0


def play(name, size, properties):
    # pylint: disable=import-outside-toplevel
    import gi
    gi.require_version("Gst", "1.0")
    from gi.repository import GLib, Gst
    Gst.init(None)
    loop = GLib.MainLoop()
    pipeline = Gst.Pipeline()
    source = Gst.parse_launch("rtspsrc " + " ".join(properties))
    pipeline.add(source)
    depay = {"audio": "rtppcmudepay", "video": "rtpjpegdepay"}
    errors = []
    # Pads come in threads of their own, and PyGObject makes a second class of
    # the same name when two need one for the first time.
    one_at_a_time = threading.Lock()

    def stop(error):
        errors.append(error)
        loop.quit()

    def found(_source, pad):
        with one_at_a_time:
            connect(pad)

    def connect(pad):
        media = pad.get_current_caps().get_structure(0).get_string("media")
        say(what="pad", name=pad.get_name(), media=media)
        sink = Gst.parse_bin_from_description(
            "%s ! filesink buffer-mode=unbuffered location=%s.%s"
            % (depay[media], name, media), True)
        pipeline.add(sink)
        sink.sync_state_with_parent()
        if pad.link(sink.get_static_pad("sink")) != Gst.PadLinkReturn.OK:
            stop("cannot link " + media)

    def enough():
        if size_of(name + ".audio") >= size:
            loop.quit()
        return GLib.SOURCE_CONTINUE

    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message::error", lambda _b, m: stop(str(m.parse_error())))
    bus.connect("message::eos", lambda _b, _m: stop("end of stream"))
    source.connect("pad-added", found)
    pipeline.set_state(Gst.State.PLAYING)
    GLib.timeout_add(100, enough)
    loop.run()
    pipeline.set_state(Gst.State.NULL)
    if errors:
        sys.exit("\n".join(errors))


def serve(directory, paths):
    # pylint: disable=import-outside-toplevel,too-many-locals
    import gi
    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtsp", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer
    Gst.init(None)
    header = GstRtsp.RTSPHeaderField
    slow = os.path.join(directory, "slow")

    def wait(_client, ctx):
        path = ctx.uri.abspath
        if path.startswith("/slow") and os.path.exists(slow):
            say(what="wait", path=path)
            while os.path.exists(slow):
                time.sleep(0.05)
        return GstRtsp.RTSPStatusCode.OK

    def request(_client, ctx, name):
        line = {"what": name, "path": ctx.uri.abspath,
                "uri": ctx.uri.get_request_uri()}
        for key, field in (("agent", header.USER_AGENT),
                           ("asked", header.TRANSPORT)):
            result, value = ctx.request.get_header(field, 0)
            if result == GstRtsp.RTSPResult.OK:
                line[key] = value
        if name == "setup":
            line["given"] = ctx.trans.get_transport().as_text()
        say(**line)

    def connected(_server, client):
        peer = client.get_connection().get_ip()
        say(what="connected", peer=peer)
        client.connect("pre-setup-request", wait)
        for name in ("describe", "announce", "setup", "play", "record",
                     "teardown"):
            client.connect(name + "-request", request, name)
        client.connect("closed", lambda _c: say(what="closed", peer=peer))

    def hand_over(conn, peer):
        server.transfer_connection(conn, peer[0], peer[1], None)
        return GLib.SOURCE_REMOVE

    def accept_cut(outside, inside):
        while True:
            conn, peer = outside.accept()
            ours = socket.create_connection(inside.getsockname())
            theirs = Gio.Socket.new_from_fd(inside.accept()[0].detach())
            start(forward, conn, ours, send)
            start(forward, ours, conn, send_octets)
            GLib.idle_add(hand_over, theirs, peer)

    server = GstRtspServer.RTSPServer(service="554", address="0.0.0.0")
    for path in paths:
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_shared(True)
        factory.set_launch(SOURCE)
        # or a live source makes up for the time from DESCRIBE to PLAY
        factory.set_suspend_mode(GstRtspServer.RTSPSuspendMode.RESET)
        if path.startswith("record"):
            name = os.path.join(directory, path)
            factory.set_launch(SINK % (name, name))
            factory.set_transport_mode(
                GstRtspServer.RTSPTransportMode.RECORD)
        server.get_mount_points().add_factory("/" + path, factory)
    server.connect("client-connected", connected)
    server.attach(None)
    start(accept_cut, socket.create_server(("0.0.0.0", CUT_PORT)),
          socket.create_server(("127.0.0.1", 0)))
    GLib.MainLoop().run()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], sys.argv[3:])
    elif sys.argv[1] == "play":
        play(sys.argv[2], int(sys.argv[3]), sys.argv[4:])
    else:
        octets(int(sys.argv[2]), int(sys.argv[3]))
