#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# iperf3 in both directions: TCP with segmentation and checksum offload on and
# off, parallel streams, UDP. An amount is transferred, not a time.

here=$(dirname "$0")
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"

# iperf NS AMOUNT-MB ARG...: the report is in $report
iperf() {
	local ns=$1 mb=$2 error
	shift 2

	in_ns "$ns" timeout 240 iperf3 -J -c "$(server_of "$ns")" \
		-n "${mb}M" "$@" >"$net_run/iperf.json" || true
	error=$(jq -r '.error // empty' "$net_run/iperf.json")
	[ -z "$error" ] || fail "iperf3: $error"
}

report() {
	jq "$1" "$net_run/iperf.json"
}

# What one side has sent the other side has got, but for what is in the buffers
# of the streams when the sender says that it is done.
tcp() {
	local ns=$1 mb=$2 sent received buffers slack

	iperf "$@" -w 256K
	sent=$(report .end.sum_sent.bytes)
	received=$(report .end.sum_received.bytes)
	[ "$sent" -ge $((mb * 1048576)) ] || fail "sent $sent bytes"
	# A buffer of 256 KiB takes twice as much, at both ends of each stream.
	buffers=$(($(report '.end.streams | length') * 1048576))
	slack=$((sent / 8 > 2097152 ? sent / 8 : 2097152))
	slack=$((slack > buffers ? slack : buffers))
	[ "$received" -ge $((sent - slack)) ] ||
		fail "received $received of $sent bytes"
}

# Few packets for many bytes: super-packets were translated as they are.
test_offload_host6_up() {
	local before after

	before=$(stat_value translated-6to4)
	tcp host6 24
	after=$(stat_value translated-6to4)
	[ $((after - before)) -lt $((24 * 1048576 / 1440 / 2)) ] ||
		fail "$((after - before)) packets: no super-packets"
	expect_equal "segmented" "$(stat_value segmented)" 0
}

test_offload_host6_down() {
	local before after

	before=$(stat_value translated-4to6)
	tcp host6 24 -R
	after=$(stat_value translated-4to6)
	[ $((after - before)) -lt $((24 * 1048576 / 1440 / 2)) ] ||
		fail "$((after - before)) packets: no super-packets"
}

# 8 MiB are at least 128 super-packets.
test_offload_phone_up() {
	expect_moved translated-6to4 128 tcp phone 8
}

test_offload_phone_down() {
	expect_moved translated-4to6 128 tcp phone 8 -R
}

test_parallel_host6() {
	expect_moved translated-6to4 300 tcp host6 24 -P 8
	[ "$(session_rows proto tcp client $net_host6 server-port 5201)" -ge 9 ] ||
		fail "less than 9 sessions"
}

# From here on every packet is a frame and carries its whole checksum.
plain() {
	[ -e "$net_run/plain" ] || net_offloads off
	touch "$net_run/plain"
	tcp "$@"
}

test_plain_host6_up() {
	expect_moved translated-6to4 4000 plain host6 6
}

test_plain_host6_down() {
	expect_moved translated-4to6 4000 plain host6 6 -R
}

test_plain_phone_up() {
	expect_moved translated-6to4 2500 plain phone 4
}

test_plain_phone_down() {
	expect_moved translated-4to6 2500 plain phone 4 -R
}

# A loaded machine loses datagrams in sockets and in the CLAT, not in the PLAT.
udp() {
	local ns=$1 lost packets before
	shift

	before=$(drops)
	iperf "$ns" 4 -u -b 10M -l 1200 "$@"
	packets=$(report .end.sum.packets)
	lost=$(report .end.sum.lost_packets)
	[ "$packets" -ge 3000 ] || fail "$packets packets"
	[ "$lost" -lt $((packets / 2)) ] || fail "lost $lost of $packets"
	expect_equal "dropped by the PLAT" "$(drops)" "$before"
}

test_udp_host6_up() {
	expect_moved translated-6to4 3000 udp host6
}

test_udp_host6_down() {
	expect_moved translated-4to6 3000 udp host6 -R
}

test_udp_phone_up() {
	expect_moved translated-6to4 1500 udp phone
}

# Datagrams larger than any frame: fragments both ways.
test_udp_fragments_host6() {
	local before after

	before=$(stat_value fragmented-ipv6)
	iperf host6 2 -u -b 10M -l 4000 -R
	after=$(stat_value fragmented-ipv6)
	[ "$(report .end.sum.lost_packets)" -lt 250 ] || fail "lost many"
	[ $((after - before)) -ge 250 ] ||
		fail "fragmented-ipv6 moved by $((after - before))"
}

# The CLAT cuts fragments of its own, each IPv4 fragment into several.
test_udp_fragments_phone() {
	local before after

	before=$(stat_value translated-6to4)
	iperf phone 2 -u -b 5M -l 4000
	after=$(stat_value translated-6to4)
	[ "$(report .end.sum.lost_packets)" -lt 250 ] || fail "lost many"
	[ $((after - before)) -ge 250 ] ||
		fail "translated-6to4 moved by $((after - before))"
}

bed_begin 1
ktap_run offload-host6-up offload-host6-down offload-phone-up \
	offload-phone-down parallel-host6 udp-host6-up udp-host6-down \
	udp-phone-up udp-fragments-host6 udp-fragments-phone \
	plain-host6-up plain-host6-down plain-phone-up plain-phone-down
