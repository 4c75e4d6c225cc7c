#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Under traffic from both sides: the module is loaded, configured and unloaded
# again and again; namespaces with a configuration come and go.

here=$(dirname "$0")
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"

cycles=${CYCLES:-200}
bound=198.51.100.3

slab_kb() {
	awk '$1 == "SUnreclaim:" { print $2 }' /proc/meminfo
}

slab_below() {
	[ "$(slab_kb)" -lt "$1" ]
}

configuration() {
	cat <<-END
		prefix add $net_prefix/96
		pool add $net_pool
		binding add $net_host6 7 to $bound 7 proto udp
	END
}

# Echo requests of host6 and datagrams of srv4 never stop. The read is a pause
# without a process.
traffic_start() {
	service_start ping6 host6 ping -n -q -i 0.01 $net_srv4_in6
	service_start ping6-large host6 ping -n -q -i 0.04 -s 3000 $net_srv4_in6
	service_start udp4 srv4 bash -c "exec 9<> <(:)
		while :; do
			printf x >/dev/udp/$bound/7
			read -r -t 0.01 -u 9
		done"
}

traffic_stop() {
	service_stop ping6
	service_stop ping6-large
	service_stop udp4
}

translating() {
	[ "$(sum_values translated-6to4)" -gt 0 ] &&
		[ "$(sum_values translated-4to6)" -gt 0 ]
}

unloaded() {
	rmmod nat64
}

one_load() {
	module_load || fail "insmod in cycle $1"
	plat -b "$net_run/cycle.conf" || fail "configuration in cycle $1"
	wait_for 20 translating || fail "no traffic in cycle $1"
	expect "rmmod in cycle $1" unloaded
}

test_module() {
	local i before

	expect "rmmod" unloaded
	traffic_start
	one_load warm-up
	before=$(slab_kb)
	for i in $(seq "$cycles"); do
		one_load "$i"
	done
	traffic_stop
	module_loaded && fail "still loaded"
	expect "memory" wait_for 60 slab_below $((before + 8192))
}

pair_links() {
	ip -batch - <<-END
		netns add plat2
		link add net6 netns plat2 mtu 1500 type veth peer plat2 netns net6 mtu 1500
		link add net4 netns plat2 mtu 1500 type veth peer plat2 netns net4 mtu 1500
	END
}

# The routers send everything to plat2, then plat is idle.
pair_addresses() {
	ns_setup plat2 &&
	links_up plat2 net6=2001:db8:8::2/64 net4=192.0.3.1/24 &&
	links_up net6 plat2=2001:db8:8::1/64 &&
	links_up net4 plat2=192.0.3.2/24 &&
	routes_add plat2 "default via 2001:db8:8::1" "default via 192.0.3.2" &&
	ip -n net6 route replace $net_prefix/96 via 2001:db8:8::2 &&
	ip -n net4 route replace $net_pool via 192.0.3.1
}

translating2() {
	[ "$(in_ns plat2 nat64ctl -j stats show | jq '[.[] | select(.name ==
		"translated-6to4" or .name == "translated-4to6").value]
		| min')" -gt 0 ]
}

one_namespace() {
	pair_links || fail "links in cycle $1"
	pair_addresses || fail "addresses in cycle $1"
	in_ns plat2 nat64ctl -b "$net_run/cycle.conf" ||
		fail "configuration in cycle $1"
	wait_for 20 translating2 || fail "no traffic in cycle $1"
	expect "netns del in cycle $1" ip netns del plat2
	# its links go with it, a little later
	expect "links of cycle $1" wait_for 30 links_gone
}

links_gone() {
	! ip -n net6 link show plat2 && ! ip -n net4 link show plat2
}

test_namespace() {
	local i before

	module_loaded || module_load || fail "insmod"
	traffic_start
	one_namespace warm-up
	before=$(slab_kb)
	for i in $(seq "$cycles"); do
		one_namespace "$i"
	done
	traffic_stop
	expect "memory" wait_for 60 slab_below $((before + 16384))
	expect "rmmod" unloaded
}

# Two at once: the last namespaces go while the module goes.
test_both() {
	local i

	traffic_start
	for i in $(seq $((cycles / 10))); do
		module_load || fail "insmod in cycle $i"
		pair_links || fail "links in cycle $i"
		pair_addresses || fail "addresses in cycle $i"
		in_ns plat2 nat64ctl -b "$net_run/cycle.conf" ||
			fail "configuration in cycle $i"
		wait_for 20 translating2 || fail "no traffic in cycle $i"
		ip netns del plat2 &
		expect "rmmod in cycle $i" unloaded
		wait $!
		expect "links of cycle $i" wait_for 30 links_gone
	done
	traffic_stop
}

bed_begin 1
configuration >"$net_run/cycle.conf"
ktap_run module namespace both
