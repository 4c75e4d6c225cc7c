#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Under traffic from both sides, again and again: the module is loaded, configured
# and unloaded; namespaces with a configuration come and go; so do the links,
# sizes and routes of plat; its configuration changes, and the clock jumps.

here=$(dirname "$0")
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"

# A cycle takes seconds of emulation: 200 of them are for CYCLES=200 make peers,
# or for the kernel that runs natively (make check-debug).
cycles=${CYCLES:-8}
busy_cycles=${CYCLES:-1}
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

# counters NS NAME...: their values, in the order of the list, in $values. In one
# process, since those are what a cycle costs
counters() {
	local ns=$1 name value
	shift

	values=()
	while read -r name value; do
		[[ " $* " != *" $name "* ]] || values+=("$value")
	done < <(nat64ctl -n "$ns" stats show)
	[ ${#values[@]} = $# ]
}

# translating NS: it has translated in both directions
translating() {
	counters "$1" translated-6to4 translated-4to6 &&
		[ "${values[0]}" != 0 ] && [ "${values[1]}" != 0 ]
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
	for i in $(seq $(((cycles + 9) / 10))); do
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

# The tests above may have left plat without what the picture says.
routes_back() {
	ip -n net6 route replace $net_prefix/96 via 2001:db8:9::2 &&
	ip -n net4 route replace $net_pool via 192.0.2.1
}

busy_start() {
	expect "routes" routes_back
	module_loaded || module_load || fail "insmod"
	expect "configuration" nat64ctl -n plat config restore \
		"$net_run/cycle.conf"
	traffic_start
	goes_on "before all"
	before=$(slab_kb)
}

# busy_end: all that was made is accounted for, and goes with the module
busy_end() {
	goes_on "after all"
	traffic_stop
	expect "books" wait_for 30 books_balance
	expect "rmmod" rmmod nat64
	expect "memory" wait_for 60 slab_below $((before + 8192))
}

moved() {
	counters plat translated-6to4 translated-4to6 &&
		[ "${values[0]}" -gt "$1" ] && [ "${values[1]}" -gt "$2" ]
}

# goes_on WHEN: packets pass both ways from now on
goes_on() {
	expect "$1: no counters" moved -1 -1
	expect "$1: nothing passes" wait_for 20 moved "${values[@]}"
}

no_route_more() {
	counters plat drop-no-route && [ "${values[0]}" -gt "$1" ]
}

# stops WHEN: packets find no route
stops() {
	expect "$1: no counter" no_route_more -1
	expect "$1: not seen" wait_for 20 no_route_more "${values[0]}"
}

link4_back() {
	ip -batch - <<-END || return
		link add net4 netns plat mtu 1500 type veth peer plat netns net4 mtu 1500
	END
	links_up plat net4=192.0.2.1/24 &&
	links_up net4 plat=192.0.2.2/24 &&
	routes_add plat "default via 192.0.2.2" &&
	routes_add net4 "$net_pool via 192.0.2.1"
}

link6_back() {
	ip -batch - <<-END || return
		link add net6 netns plat mtu 1500 type veth peer plat netns net6 mtu 1500
	END
	links_up plat net6=2001:db8:9::2/64 &&
	links_up net6 plat=2001:db8:9::1/64 &&
	routes_add plat "default via 2001:db8:9::1" &&
	routes_add net6 "$net_prefix/96 via 2001:db8:9::2"
}

test_interface() {
	local i

	busy_start
	for i in $(seq "$busy_cycles"); do
		expect "link in cycle $i" ip -n plat link del net4
		stops "without IPv4 in cycle $i"
		expect "link in cycle $i" link4_back
		goes_on "IPv4 link back in cycle $i"
		expect "link in cycle $i" ip -n plat link del net6
		stops "without IPv6 in cycle $i"
		expect "link in cycle $i" link6_back
		goes_on "IPv6 link back in cycle $i"
	done
	busy_end
}

test_mtu() {
	local i dev size

	busy_start
	for i in $(seq "$busy_cycles"); do
		for dev in net4 net6; do
			for size in 1280 9000 1500; do
				expect "MTU in cycle $i" \
					ip -n plat link set $dev mtu $size
				goes_on "$dev with $size in cycle $i"
			done
		done
	done
	busy_end
}

test_route() {
	local i

	busy_start
	for i in $(seq "$busy_cycles"); do
		expect "route in cycle $i" \
			ip -n plat route del default via 192.0.2.2
		stops "without IPv4 in cycle $i"
		expect "route in cycle $i" routes_add plat \
			"default via 192.0.2.2"
		goes_on "IPv4 route back in cycle $i"
		expect "route in cycle $i" \
			ip -n plat route del default via 2001:db8:9::1
		stops "without IPv6 in cycle $i"
		expect "route in cycle $i" routes_add plat \
			"default via 2001:db8:9::1"
		goes_on "IPv6 route back in cycle $i"
	done
	busy_end
}

# Another pool, prefix, option and ALG, but the same static binding
other_configuration() {
	cat <<-END
		prefix add $net_prefix/96
		prefix add 64:ff9b::/96
		pool add 198.51.100.0/30 ports 1024-65535
		pool add $bound ports 7-7
		binding add $net_host6 7 to $bound 7 proto udp
		option set filtering-udp address-dependent
		alg enable ftp
	END
}

sync_to() {
	expect "sync in cycle $2" \
		nat64ctl -n plat config sync "$net_run/$1.conf"
}

test_sync() {
	local i

	other_configuration >"$net_run/other.conf"
	busy_start
	for i in $(seq "$busy_cycles"); do
		sync_to other "$i"
		goes_on "other configuration in cycle $i"
		sync_to cycle "$i"
		sync_to other "$i"
		sync_to cycle "$i"
		goes_on "same configuration in cycle $i"
	done
	[ "$(binding_rows static)" = 1 ] || fail "static binding lost"
	busy_end
}

echoes() {
	plat -j session show proto icmp client $net_host6 |
		jq -c '[.[] | .client_port, .pool_port] | sort'
}

# Lifetimes are not the wall clock's.
test_clock() {
	local i now jump old

	[ -n "$NAT64_VM" ] || skip "the clock of this machine is not ours"
	busy_start
	old=$(echoes)
	now=$(date +%s)
	for i in $(seq "$busy_cycles"); do
		for jump in 31536000 -86400 5 -3600; do
			expect "clock in cycle $i" date -s "@$((now + jump))"
			goes_on "clock by $jump in cycle $i"
		done
	done
	expect "clock" date -s "@$now"
	expect_equal "echo sessions" "$(echoes)" "$old"
	busy_end
}

bed_begin 1
configuration >"$net_run/cycle.conf"
ktap_run module namespace both interface mtu route sync clock
