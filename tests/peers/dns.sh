#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dig over UDP and TCP against dnsmasq.

here=$(dirname "$0")
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"

dig_from() {
	local ns=$1
	shift

	in_ns "$ns" dig "@$(server_of "$ns")" +tries=2 +time=5 "$@"
}

# ask NS PROTO +ARG...
ask() {
	local ns=$1 proto=$2 client
	shift 2

	client=$(client_of "$ns")
	expect_equal "answer" "$(dig_from "$ns" +short "$@" plain.test)" \
		192.0.2.77
	[ "$(session_rows proto "$proto" client "$client" server $net_srv4 \
		server-port 53)" -gt 0 ] || fail "no $proto session of $client"
}

test_udp_phone() {
	expect_moved translated-4to6 1 ask phone udp +notcp
}

test_udp_host6() {
	expect_moved translated-4to6 1 ask host6 udp +notcp
}

test_tcp_phone() {
	expect_moved translated-4to6 3 ask phone tcp +tcp
}

test_tcp_host6() {
	expect_moved translated-4to6 3 ask host6 tcp +tcp
}

# Five strings of 200 characters do not fit 512 bytes: truncated, then TCP.
truncated() {
	local text

	text=$(dig_from "$1" +noedns TXT long.test)
	expect_match "dig" "$text" "Truncated, retrying in TCP mode"
	expect_equal "strings" "$(printf '%s\n' "$text" |
		grep -o '0\{199\}[1-5]' | wc -l)" 5
}

test_truncated_phone() {
	expect_moved translated-4to6 4 truncated phone
}

test_truncated_host6() {
	expect_moved translated-4to6 4 truncated host6
}

# One UDP answer of a kilobyte.
test_edns_host6() {
	expect_equal "strings" "$(dig_from host6 +notcp +bufsize=1232 TXT \
		long.test | grep -o '0\{199\}[1-5]' | wc -l)" 5
}

# The server's log: it was asked by pool addresses only.
test_sources() {
	local from

	from=$(sed -n 's/.*query\[.*\] .* from \(.*\)$/\1/p' \
		"$net_run/dns-srv4.log" | sort -u)
	[ -n "$from" ] || fail "the server logged nothing"
	printf '%s\n' "$from" | grep -Evx "$net_pool_re" &&
		fail "asked by somebody else"
	return 0
}

bed_begin 1
ktap_run udp-phone udp-host6 tcp-phone tcp-host6 truncated-phone \
	truncated-host6 edns-host6 sources
