#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# RTSP: ffmpeg and GStreamer's rtspsrc, each behind the CLAT and native at a
# time, play a tone and a picture from GStreamer's server; both ends count. They
# share one pool address, and the two ask for the same ports.
#
#   udp     as the players come: they go over to TCP if no RTP arrives
#   tcp     interleaved
#   lossy   UDP, one medium for both, loss and reordering

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"
. "$here/../lib/rtsp.sh"

# play KIND PLAYER [ARG...]: on both hosts at a time, to the end; what the PLAT
# lists meanwhile is in the file rows. The server refuses (503) who asks for a
# medium while it begins for another: where it is one for both, one comes first.
play() {
	local kind=$1 player=$2 ns
	shift 2

	rtsp_count || fail "no counters"
	rtsp_mark
	for ns in phone host6; do
		rtsp_play "$kind-$player-$ns" "$player" $ns 554 \
			"$(path "$kind" "$player" $ns)" "$@"
		[ "$kind" != lossy ] ||
			wait_for 120 rtsp_ready "$kind-$player-$ns" \
				rtsp_plays "$(path "$kind" "$player" $ns)"
	done
	for ns in phone host6; do
		wait_for 120 rtsp_ready "$kind-$player-$ns" \
			rtsp_plays "$(path "$kind" "$player" $ns)"
	done
	wait_for 60 rtsp_ready "$kind-$player-phone" rows_complete "$kind"
	rtsp_wait "$kind-$player"-{phone,host6} || fail "no end"
}

path() {
	[ "$1" = lossy ] && echo "lossy-$2" || echo "$1-$2-$3"
}

# A row for RTP and one for RTCP of each medium.
rows_complete() {
	rtsp_udp_rows phone host6 >"$rtsp_dir/rows"
	[ "$1" = tcp ] || [ "$(jq length "$rtsp_dir/rows")" = 8 ]
}

# expect_rows PLAYER: the same ports of two clients, each with a port of its own
# at the same address, while both play
expect_rows() {
	local port i

	for i in 0 1 2 3; do
		port=$((${rtsp_port[$1]} + i))
		jq -e --argjson p $port 'map(select(.client_port == $p)) |
			length == 2 and
			(map(.client_addr) | unique | length == 2) and
			(map(.pool_port) | unique | length == 2) and
			all(.pool_addr == "'$rtsp_pool'" and
				.pool_port % 2 == $p % 2 and
				.owner_server_port == 554)' "$rtsp_dir/rows" ||
			fail "port $port: $(cat "$rtsp_dir/rows")"
	done
}

no_rows() {
	[ "$(rtsp_udp_rows phone host6 | jq length)" = 0 ]
}

# equal_ports PLAYER: what it does as it comes is UDP
equal_ports() {
	play udp "$1"
	expect_rows "$1"
	rtsp_clean
	# two pairs of each
	rtsp_moved rtsp-gates-opened -ge 16
	rtsp_moved rtsp-gates-used -ge 8
	expect "sessions" wait_for 30 no_rows
	expect "gates" wait_for 30 rtsp_no_gates
}

test_S_41_equal_ports_ffmpeg() {
	equal_ports ffmpeg
}

test_S_41_equal_ports_gst() {
	equal_ports gst
}

# udp PLAYER NS: it asked for UDP, it got it, and it stayed with it
udp() {
	local player=$1 ns=$2 path=udp-$1-$2 i

	rtsp_received "$path" "$player"
	expect_equal "SETUPs" "$(rtsp_said setup "$path")" 2
	expect_equal "PLAYs" "$(rtsp_said play "$path")" 1
	expect_equal "TEARDOWNs" "$(rtsp_said teardown "$path")" 1
	for i in 0 1; do
		expect_match "asked" "$(rtsp_asked "$path" $i)" \
			'^RTP/AVP(/UDP)?;unicast;client_port='
		expect_match "given" "$(rtsp_given "$path" $i)" \
			"^RTP/AVP;unicast;destination=$rtsp_pool;"
	done
	rtsp_flowed "$player" "$ns" "$path" in $((4 * rtsp_seconds))
}

test_S_30_udp_ffmpeg_phone() {
	udp ffmpeg phone
}

test_R_17_udp_ffmpeg_host6() {
	udp ffmpeg host6
}

test_S_30_udp_gst_phone() {
	udp gst phone
}

test_R_17_udp_gst_host6() {
	udp gst host6
}

# interleaved PLAYER ARG...
interleaved() {
	play tcp "$@"
	rtsp_clean
	rtsp_moved rtsp-messages -ge 16
	rtsp_moved rtsp-gates-opened -eq 0
}

test_R_07_tcp_ffmpeg() {
	interleaved ffmpeg -rtsp_transport tcp
}

test_R_07_tcp_gst() {
	interleaved gst protocols=tcp
}

tcp() {
	local player=$1 ns=$2 path=tcp-$1-$2 i

	rtsp_received "$path" "$player"
	expect_equal "SETUPs" "$(rtsp_said setup "$path")" 2
	for i in 0 1; do
		expect_match "asked" "$(rtsp_asked "$path" $i)" \
			'^RTP/AVP/TCP;unicast;interleaved='
		expect_equal "UDP" "$(rtsp_packets "$ns" in \
			$((${rtsp_port[$player]} + 2 * i)))" 0
	done
}

test_R_03_tcp_ffmpeg_phone() {
	tcp ffmpeg phone
}

test_R_03_tcp_ffmpeg_host6() {
	tcp ffmpeg host6
}

test_R_03_tcp_gst_phone() {
	tcp gst phone
}

test_R_03_tcp_gst_host6() {
	tcp gst host6
}

# netem COMMAND [ARG...]: on both of the PLAT's links
netem() {
	local dev verb=$1
	shift

	for dev in net4 net6; do
		in_ns plat tc qdisc "$verb" dev $dev root "$@" || return
	done
}

# The server sends to both from the same ports. The second player may lose its
# requests, and the first must still be there when it plays.
lossy() {
	local player=$1 rtsp_seconds=$((2 * rtsp_seconds))

	expect "netem" netem replace netem delay 20ms loss 3% reorder 25%
	play lossy "$player"
	# Media go there; of the few packets to the server all may arrive.
	expect_match "lost" "$(in_ns plat tc -s qdisc show dev net6)" \
		'dropped [1-9]'
	expect "netem" netem del
	expect_rows "$player"
	jq -e 'map(.server_port) | unique | length == 4' "$rtsp_dir/rows" ||
		fail "ports of the server"
	rtsp_clean
	rtsp_moved rtsp-gates-used -ge 8
	rtsp_received "lossy-$player-phone" "$player" 50
	rtsp_received "lossy-$player-host6" "$player" 50
}

test_R_22_lossy_ffmpeg() {
	lossy ffmpeg
}

test_R_22_lossy_gst() {
	lossy gst
}

test_G_08_nothing_left() {
	expect "sessions" wait_for 30 no_rows
	expect "gates" wait_for 30 rtsp_no_gates
	expect_equal "opened and closed" "$(stat_value gates-opened)" \
		"$(stat_value gates-closed)"
}

bed_with rtsp_bed {udp,tcp}-{ffmpeg,gst}-{phone,host6} lossy-{ffmpeg,gst}
ktap_run S-41.equal-ports-ffmpeg S-30.udp-ffmpeg-phone R-17.udp-ffmpeg-host6 \
	S-41.equal-ports-gst S-30.udp-gst-phone R-17.udp-gst-host6 \
	R-07.tcp-ffmpeg R-03.tcp-ffmpeg-phone R-03.tcp-ffmpeg-host6 \
	R-07.tcp-gst R-03.tcp-gst-phone R-03.tcp-gst-host6 \
	R-22.lossy-ffmpeg R-22.lossy-gst G-08.nothing-left
