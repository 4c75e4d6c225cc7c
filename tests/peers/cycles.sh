#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Under traffic from both sides: the module is loaded, configured and unloaded
# again and again; namespaces with a configuration come and go.

here=$(dirname "$0")
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"

# A cycle takes seconds of emulation: 200 of them are for CYCLES=200 make peers,
# or for the kernel that runs natively (make check-debug).
cycles=${CYCLES:-8}
bound=198.51.100.3

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

# translating NS: it has translated in both directions; in one process, since
# those are what a cycle costs
translating() {
	local name value seen=''

	while read -r name value; do
		case $name in
		translated-*) [ "$value" = 0 ] || seen+=${name#translated-} ;;
		esac
	done < <(nat64ctl -n "$1" stats show)
	[ "$seen" = 6to44to6 ]
}

one_load() {
	insmod "$NAT64_KO" || fail "insmod in cycle $1"
	nat64ctl -n plat -b "$net_run/cycle.conf" ||
		fail "configuration in cycle $1"
	wait_for 20 translating plat || fail "no traffic in cycle $1"
	expect "rmmod in cycle $1" rmmod nat64
}

test_module() {
	local i before

	expect "rmmod" rmmod nat64
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
	ip -n plat2 -batch - <<-END &&
		link set lo up
		addr add 2001:db8:8::2/64 dev net6
		addr add 192.0.3.1/24 dev net4
		link set net6 up
		link set net4 up
	END
	ip -n net6 -batch - <<-END &&
		addr add 2001:db8:8::1/64 dev plat2
		link set plat2 up
		route replace $net_prefix/96 via 2001:db8:8::2
	END
	ip -n net4 -batch - <<-END &&
		addr add 192.0.3.2/24 dev plat2
		link set plat2 up
		route replace $net_pool via 192.0.3.1
	END
	routes_add plat2 "default via 2001:db8:8::1" "default via 192.0.3.2"
}

one_namespace() {
	pair_links || fail "links in cycle $1"
	pair_addresses || fail "addresses in cycle $1"
	nat64ctl -n plat2 -b "$net_run/cycle.conf" ||
		fail "configuration in cycle $1"
	wait_for 20 translating plat2 || fail "no traffic in cycle $1"
	expect "netns del in cycle $1" ip netns del plat2
	# its links go with it, a little later
	expect "links of cycle $1" wait_for 30 links_gone
}

links_gone() {
	! ip -n net4 link show plat2
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
	expect "rmmod" rmmod nat64
}

# Two at once: the last namespaces go while the module goes.
test_both() {
	local i

	traffic_start
	for i in $(seq $((cycles / 10))); do
		insmod "$NAT64_KO" || fail "insmod in cycle $i"
		pair_links || fail "links in cycle $i"
		pair_addresses || fail "addresses in cycle $i"
		nat64ctl -n plat2 -b "$net_run/cycle.conf" ||
			fail "configuration in cycle $i"
		wait_for 20 translating plat2 || fail "no traffic in cycle $i"
		ip netns del plat2 &
		expect "rmmod in cycle $i" rmmod nat64
		wait $!
		expect "links of cycle $i" wait_for 30 links_gone
	done
	traffic_stop
}

bed_begin 1
configuration >"$net_run/cycle.conf"
ktap_run module namespace both
