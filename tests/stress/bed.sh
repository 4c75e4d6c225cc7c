# shellcheck shell=bash disable=SC2154  # net_run is of net.sh
# SPDX-License-Identifier: GPL-2.0
#
# The bed of the stress tests; to be sourced after ktap.sh and net.sh. A
# translator between two wires, with nobody but the test at their ends:
#
#    n6                     plat                     n4
#   c6 |----| p6 2001:db8:6::1     192.168.44.1 p4 |----| s4
#
# Clients are in 2001:db8:1::/48, servers in 203.0.113.0/24.

stress_conf=$net_run/stress.conf

stress_configuration() {
	cat <<-END
		prefix add 2001:db8:64::/96
		pool add 198.51.100.1
		limit set held-ports 0
		limit set subscriber-gates 64
		alg enable ftp
		alg enable rtsp
		alg enable pptp
	END
}

stress_network() {
	ip -batch - <<-END &&
		netns add n6
		netns add plat
		netns add n4
		link add p6 netns plat address 02:00:00:00:06:01 type veth peer name c6 netns n6 address 02:00:00:00:06:02
		link add p4 netns plat address 02:00:00:00:04:01 type veth peer name s4 netns n4 address 02:00:00:00:04:02
	END
	ns_setup n6 plat n4 &&
	in_ns n6 sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6' &&
	in_ns n4 sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6' &&
	in_ns plat ethtool -K p6 tx off >/dev/null &&
	in_ns plat ethtool -K p4 tx off >/dev/null &&
	ip -n n6 link set c6 up && ip -n n4 link set s4 up &&
	ip -n plat -batch - <<-END
		link set lo up
		link set p6 up
		link set p4 up
		addr add 2001:db8:6::1/64 dev p6
		addr add 192.168.44.1/24 dev p4
		neigh add 2001:db8:6::2 lladdr 02:00:00:00:06:02 dev p6 nud permanent
		neigh add 192.168.44.2 lladdr 02:00:00:00:04:02 dev p4 nud permanent
		route add 2001:db8:1::/48 via 2001:db8:6::2
		route add 203.0.113.0/24 via 192.168.44.2
	END
}

# stress_build NAME...: programs of this directory, for the guest
stress_build() {
	local name netlink

	netlink=$(pkg-config --cflags --libs libnl-genl-3.0) || return
	for name in "$@"; do
		# shellcheck disable=SC2086  # words
		gcc -O2 -Wall -Wextra -o "$net_run/$name" "$here/$name.c" \
			"$here/talk.c" "$here/text.c" "$here/wire.c" \
			$netlink || return
	done
}

# stress_start PROGRAM...: all that the tests need; says why if it fails
stress_start() {
	mkdir -p "$net_run"
	stress_configuration >"$stress_conf"
	stress_network && stress_build "$@" &&
		{ module_loaded || module_load; } &&
		plat config restore "$stress_conf"
}

# What was created has gone or is there; some go between the questions.
balanced() {
	local row objects created removed before now after

	for row in "sessions sessions-created sessions-removed" \
			"bindings bindings-created bindings-removed" \
			"gates gates-opened gates-closed"; do
		read -r objects created removed <<<"$row"
		before=$(stat_value "$removed")
		now=$(status_value "$objects")
		after=$(stat_value "$removed")
		created=$(stat_value "$created")
		if [ "$now" -lt $((created - after)) ] ||
				[ "$now" -gt $((created - before)) ]; then
			echo "$now $objects: $created less $before to $after"
			return 1
		fi
	done
}

# The last packets may still be on their way.
expect_balance() {
	wait_for 10 balanced || fail "$(balanced)"
}

stress_down() {
	service_stop_all
	net_down
}
