#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# RTSP: ffmpeg and GStreamer's rtspsrc behind the CLAT and native, all four at
# a time, play a tone and a picture from GStreamer's server; both ends count.
# They share one pool address, and the two of a kind ask for the same ports.
#
#   udp     as the players come: they go over to TCP if no RTP arrives
#   tcp     interleaved
#   lossy   UDP, one medium for all, loss and reordering

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"
. "$here/../lib/rtsp.sh"

# path KIND PLAYER NS
path() {
	[ "$1" = lossy ] && echo lossy || echo "$1-$2-$3"
}

# for_all COMMAND: with PLAYER NS
for_all() {
	local player ns

	for player in ffmpeg gst; do
		for ns in phone host6; do
			"$1" $player $ns || return
		done
	done
}

begin() {
	local how=()

	[ "$kind $1" != "tcp ffmpeg" ] || how=(-rtsp_transport tcp)
	[ "$kind $1" != "tcp gst" ] || how=(protocols=tcp)
	rtsp_play "$kind-$1-$2" "$1" "$2" 554 "$(path "$kind" "$1" "$2")" \
		"${how[@]}"
}

# begin_all KIND: returns when they play
begin_all() {
	local kind=$1

	rtsp_count || return
	rtsp_mark
	for_all begin
	expect "PLAY" wait_for 120 all_play
}

all_play() {
	local n=0 p

	for p in $(for_all path_of | sort -u); do
		n=$((n + $(rtsp_said play "$p")))
	done
	[ $n = 4 ]
}

path_of() {
	path "$kind" "$1" "$2"
}

end_all() {
	rtsp_wait "$1"-{ffmpeg,gst}-{phone,host6} || fail "no end"
}

# A row for RTP and one for RTCP of each medium.
all_rows() {
	rtsp_udp_rows phone host6 >"$rtsp_dir/rows"
	[ "$(jq length "$rtsp_dir/rows")" = 16 ]
}

no_rows() {
	[ "$(rtsp_udp_rows phone host6 | jq length)" = 0 ]
}

# What the PLAT lists while they play: the same ports of two clients, each with
# a port of its own at the same address.
expect_rows() {
	local port

	expect "sessions" wait_for 60 all_rows
	for port in 6000 6001 6002 6003 7000 7001 7002 7003; do
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

test_S_41_udp_equal_ports() {
	begin_all udp
	expect_rows
	end_all udp
	rtsp_clean
	# two pairs of each player
	rtsp_moved rtsp-gates-opened -ge 32
	rtsp_moved rtsp-gates-used -ge 16
}

test_R_11_udp_ended() {
	expect "sessions" wait_for 30 no_rows
	expect "gates" wait_for 30 rtsp_no_gates
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

test_R_07_tcp() {
	begin_all tcp
	end_all tcp
	rtsp_clean
	rtsp_moved rtsp-messages -ge 32
	rtsp_moved rtsp-gates-opened -eq 0
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

# The server sends all of it from the same ports.
test_R_22_lossy() {
	expect "netem" netem add netem delay 20ms loss 3% reorder 25%
	begin_all lossy
	expect_rows
	jq -e 'map(.server_port) | unique | length == 4' "$rtsp_dir/rows" ||
		fail "ports of the server"
	end_all lossy
	expect_match "lost" "$(in_ns plat tc -s qdisc show dev net4)" \
		'dropped [1-9]'
	expect "netem" netem del
	rtsp_clean
	expect_equal "SETUPs" "$(rtsp_said setup lossy)" 8
	expect_equal "UDP" "$(rtsp_log | grep -c \
		'"setup".*"/lossy/.*"asked": "RTP/AVP\(/UDP\)*;unicast')" 8
}

lossy() {
	rtsp_received "lossy-$1-$2" "$1" 50
}

test_R_22_lossy_ffmpeg_phone() {
	lossy ffmpeg phone
}

test_R_22_lossy_ffmpeg_host6() {
	lossy ffmpeg host6
}

test_R_22_lossy_gst_phone() {
	lossy gst phone
}

test_R_22_lossy_gst_host6() {
	lossy gst host6
}

test_G_08_nothing_left() {
	expect "sessions" wait_for 30 no_rows
	expect "gates" wait_for 30 rtsp_no_gates
	expect_equal "opened and closed" "$(stat_value gates-opened)" \
		"$(stat_value gates-closed)"
}

bed_with rtsp_bed {udp,tcp}-{ffmpeg,gst}-{phone,host6} lossy
ktap_run S-41.udp-equal-ports R-11.udp-ended \
	S-30.udp-ffmpeg-phone R-17.udp-ffmpeg-host6 \
	S-30.udp-gst-phone R-17.udp-gst-host6 \
	R-07.tcp R-03.tcp-ffmpeg-phone R-03.tcp-ffmpeg-host6 \
	R-03.tcp-gst-phone R-03.tcp-gst-host6 \
	R-22.lossy R-22.lossy-ffmpeg-phone R-22.lossy-ffmpeg-host6 \
	R-22.lossy-gst-phone R-22.lossy-gst-host6 \
	G-08.nothing-left
