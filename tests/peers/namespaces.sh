#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A second NAT64 beside the first, in a namespace of its own (plat2, at the
# same routers), with another configuration.

here=$(dirname "$0")
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"

prefix2=2001:db8:65:0:0:1::
pool2=198.51.100.64/30
srv4_in6_2=2001:db8:65::1:cb00:7109

plat2() {
	in_ns plat2 nat64ctl "$@"
}

plat2_up() {
	ip netns add plat2 && ns_setup plat2 &&
	ip link add net6 netns plat2 mtu 1500 type veth \
		peer plat2 netns net6 mtu 1500 &&
	ip link add net4 netns plat2 mtu 1500 type veth \
		peer plat2 netns net4 mtu 1500 &&
	links_up plat2 net6=2001:db8:8::2/64 net4=192.0.3.1/24 &&
	links_up net6 plat2=2001:db8:8::1/64 &&
	links_up net4 plat2=192.0.3.2/24 &&
	routes_add plat2 "default via 2001:db8:8::1" \
		"default via 192.0.3.2" &&
	routes_add net6 "2001:db8:65::/48 via 2001:db8:8::2" &&
	routes_add net4 "$pool2 via 192.0.3.1" &&
	routes_add srv4 "$pool2 via 203.0.113.1" &&
	plat2 prefix add "${prefix2}/96" &&
	plat2 pool add "$pool2" &&
	plat2 option set pairing soft
}

stat2() {
	plat2 -j stats show | jq --arg n "$1" '.[] | select(.name == $n).value'
}

fetch_hello() {
	[ "$(in_ns host6 timeout 30 curl -sS "http://[$1]/hello")" = \
		"hello from the server" ]
}

test_second_up() {
	expect "second NAT64" plat2_up
	expect "ready" wait_for 20 in_ns host6 ping -c 1 -W 1 $srv4_in6_2
}

# Each keeps its own books.
test_apart() {
	local one two

	one=$(stat_value translated-6to4)
	two=$(stat2 translated-6to4)
	expect "by the second" fetch_hello $srv4_in6_2
	expect_equal "first" "$(stat_value translated-6to4)" "$one"
	[ "$(stat2 translated-6to4)" -ge $((two + 4)) ] || fail "second idle"

	two=$(stat2 translated-6to4)
	expect "by the first" fetch_hello "$net_srv4_in6"
	expect_equal "second" "$(stat2 translated-6to4)" "$two"
	[ "$(stat_value translated-6to4)" -ge $((one + 4)) ] ||
		fail "first idle"
}

# pools NAT64CTL...: whose addresses its TCP sessions have
pools() {
	"$@" -j session show proto tcp | jq -r '.[].pool_addr' |
		sed -E 's/^198\.51\.100\.6[4-7]$/second/; s/^[0-9.]+$/first/' |
		sort -u | paste -sd ' '
}

test_sessions_apart() {
	expect_equal "pool of the first" "$(pools plat)" first
	expect_equal "pool of the second" "$(pools plat2)" second
}

test_configuration_apart() {
	expect_equal "prefixes" "$(plat2 -j prefix show |
		jq -r '.[].prefix')" "2001:db8:65::1:0:0/96"
	expect_equal "pairing of the second" "$(plat2 -j option show |
		jq -r '.[] | select(.name == "pairing").value')" soft
	expect_equal "pairing of the first" "$(plat -j option show |
		jq -r '.[] | select(.name == "pairing").value')" strict
}

# A namespace without configuration translates nothing and says so.
test_none_elsewhere() {
	expect_equal "active" \
		"$(in_ns net6 nat64ctl -j status | jq '.[0].active')" false
	expect_equal "sessions" \
		"$(in_ns net6 nat64ctl -j session show | jq length)" 0
}

# The second goes away with its sessions, the first goes on.
test_second_gone() {
	service_start busy host6 ping -i 0.01 $srv4_in6_2
	expect "traffic" wait_for 10 fetch_hello $srv4_in6_2
	expect "delete" ip netns del plat2
	expect "the first" fetch_hello "$net_srv4_in6"
	service_stop busy
}

bed_begin 1
ktap_run second-up apart sessions-apart configuration-apart none-elsewhere \
	second-gone
