#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# traceroute by UDP, TCP and ICMP: from the clients to srv4, and from srv4 to
# host6 behind a static binding. Every hop answers, on either side of the PLAT.

here=$(dirname "$0")
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"

port=8080
pool_addr=198.51.100.3

# hops NS TARGET ARG...: the addresses that answered, in order
# Once more if the target was silent: on a busy machine an answer may be late.
hops() {
	local ns=$1 target=$2 text
	shift 2

	for _ in 1 2 3; do
		text=$(in_ns "$ns" traceroute -n -q 1 -w 5 -m 8 -N 1 "$@" \
			"$target" | awk 'NR > 1 { print $2 }' | paste -sd ' ')
		[[ $text == *'*' ]] || break
	done
	printf '%s\n' "$text"
}

from_host6() {
	expect_equal "hops" "$(hops host6 $net_srv4_in6 -6 "$@")" \
		"2001:db8:2::1 2001:db8:9::2 ${net_prefix}c000:202 $net_srv4_in6"
}

# The CLAT has no IPv4 address to show for the routers of the IPv6 network.
from_phone() {
	local text

	text=$(hops phone $net_srv4 "$@")
	expect_match "hops" "$text" \
		"^192\.168\.1\.1 192\.0\.0\.2 .*192\.0\.2\.2 203\.0\.113\.9$"
}

# RFC 6791: the router of the IPv6 network speaks by an address of the pool.
from_srv4() {
	local text

	text=$(hops srv4 $pool_addr "$@")
	expect_match "hops" "$text" \
		"^203\.0\.113\.1 192\.0\.2\.1 $net_pool_re $pool_addr$"
}

test_host6_udp() {
	expect_moved icmp-error-4to6 2 from_host6
}

test_host6_tcp() {
	expect_moved icmp-error-4to6 1 from_host6 -T -p 80
}

test_host6_icmp() {
	expect_moved icmp-error-4to6 1 from_host6 -I
}

test_phone_udp() {
	expect_moved icmp-error-4to6 2 from_phone
}

test_phone_tcp() {
	expect_moved icmp-error-4to6 1 from_phone -T -p 80
}

test_phone_icmp() {
	expect_moved icmp-error-4to6 1 from_phone -I
}

test_srv4_udp() {
	expect "binding" plat binding add $net_host6 $port to $pool_addr \
		$port proto udp
	expect_moved icmp-error-6to4 2 from_srv4 -U -p $port
}

test_srv4_tcp() {
	expect "binding" plat binding add $net_host6 $port to $pool_addr \
		$port proto tcp
	service_start listener host6 ncat -6 -k -l $port
	expect "listener" wait_for 20 listening host6 $port
	expect_moved icmp-error-6to4 1 from_srv4 -T -p $port
	service_stop listener
}

# The identifier of its echo requests is the process number of traceroute.
hops_icmp() {
	# shellcheck disable=SC2016  # expanded by the inner shell
	in_ns srv4 bash -c '
		nsenter --net=/run/netns/plat nat64ctl binding add \
			$1 $$ to $2 $$ proto icmp >&2 || exit
		exec traceroute -n -q 1 -w 5 -m 8 -N 1 -I $2' - \
		$net_host6 $pool_addr | awk 'NR > 1 { print $2 }' |
		paste -sd ' '
}

from_srv4_icmp() {
	expect_match "hops" "$(hops_icmp)" \
		"^203\.0\.113\.1 192\.0\.2\.1 $net_pool_re $pool_addr$"
}

test_srv4_icmp() {
	expect_moved icmp-error-6to4 1 from_srv4_icmp
}

bed_begin 1
ktap_run host6-udp host6-tcp host6-icmp phone-udp phone-tcp phone-icmp \
	srv4-udp srv4-tcp srv4-icmp
