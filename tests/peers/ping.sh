#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ping from both kinds of clients and from the PLAT itself.

here=$(dirname "$0")
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"

# ping_from NS ARG...: five packets, all answered
ping_from() {
	local ns=$1
	shift

	in_ns "$ns" ping -n -c 5 -i 0.1 -W 5 "$@" | grep -q ' 5 received'
}

answered() {
	local client
	client=$(client_of "$1")

	expect_moved translated-6to4 5 ping_from "$1" "$(server_of "$1")"
	expect_equal "ICMP sessions of $client" \
		"$(session_rows proto icmp client "$client" server $net_srv4 |
			sed 's/^[1-9][0-9]*$/some/')" some
}

test_phone() {
	answered phone
}

test_host6() {
	answered host6
}

# A CLAT translates no fragments of ICMP (RFC 7915 1.2), and answers without DF
# are cut to 1280 bytes of IPv6: the largest that pass.
test_phone_large() {
	expect_moved translated-4to6 5 ping_from phone -s 1232 $net_srv4
}

# Fragments on both sides, defragmented and cut anew.
test_host6_large() {
	expect_moved translated-4to6 5 ping_from host6 -s 4000 $net_srv4_in6
}

test_host6_full_frame() {
	expect_moved translated-4to6 5 ping_from host6 -s 1432 $net_srv4_in6
}

# The box's own traffic (LOCAL_OUT, and delivery of the answer).
test_plat_itself() {
	expect_moved translated-6to4 5 ping_from plat $net_srv4_in6
}

# A host that is not there: the router's error comes back translated.
test_unreachable() {
	local text before after

	before=$(stat_value icmp-error-4to6)
	text=$(in_ns host6 ping -n -c 2 -i 0.2 -W 8 ${net_prefix}cb00:7163)
	after=$(stat_value icmp-error-4to6)
	expect_match "answer" "$text" \
		"From ${net_prefix}c000:202 .*unreachable"
	[ "$after" -gt "$before" ] || fail "no ICMP error translated"
}

# The server sees pool addresses only.
test_sources() {
	local text

	in_ns srv4 timeout 100 tcpdump -nn -l -c 4 -i net4 \
		'icmp[icmptype] == icmp-echo' >"$net_run/dump" 2>/dev/null &
	wait_for 10 pgrep -f 'tcpdump -nn -l -c 4' || fail "no tcpdump"
	wait_for 10 in_ns phone ping -c 1 -W 2 $net_srv4
	wait_for 10 in_ns host6 ping -c 1 -W 2 $net_srv4_in6
	in_ns phone ping -n -c 4 -i 0.2 $net_srv4 >/dev/null
	wait
	text=$(sed -n 's/.*IP \([0-9.]*\) > .*/\1/p' "$net_run/dump" | sort -u)
	[ -n "$text" ] || fail "nothing captured"
	printf '%s\n' "$text" | grep -Evx "$net_pool_re" &&
		fail "source outside of the pool"
	return 0
}

bed_begin 1
ktap_run phone host6 phone-large host6-large host6-full-frame plat-itself \
	unreachable sources
