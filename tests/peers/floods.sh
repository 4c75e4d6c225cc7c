#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Floods, as fast as a sender is: the limit that is there for it holds and
# counts, memory stays, flows that exist lose no packet, and somebody else opens
# new ones meanwhile. TESTS: names of those that are to run, or "all".

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"
. "$here/../lib/ftp.sh"

# net4 swallows what is for 203.0.114.0/24
sink_in6=${net_prefix}cb00:7207
bound=198.51.100.3
bound_in6=${net_prefix}c633:6403
attacker=2001:db8:c:1::/64
guarded=100

# With sessions for the guards' echo that last for as long as a slow machine needs.
configuration() {
	cat <<-END
		prefix add $net_prefix/96
		pool add ${pool:-$net_pool}
		limit set held-ports 0
		timeout set icmp 10m
		alg enable ftp
	END
	[ $# = 0 ] || printf '%s\n' "$@"
}

# A packet to another namespace waits in a queue of its processor. One that finds
# it full is lost, and nat64 has never seen it.
queue_deep() {
	echo 10000 >/proc/sys/net/core/netdev_max_backlog
}

# fresh LINE...: nothing is there but this configuration
fresh() {
	service_stop flood
	service_stop crowd
	configuration "$@" >"$net_run/floods.conf"
	# what is there may have the ports of a static binding
	expect "flush" plat -q session flush
	expect "configuration" plat config restore "$net_run/floods.conf"
	expect "flush" plat -q session flush
	expect "sessions stay" wait_for 30 nobody
	slab=$(slab_kb)
}

nobody() {
	[ "$(plat -j status | jq -c '.[0] | [.sessions, .gates,
		.stored_syns]')" = "[0,0,0]" ]
}

count() {
	plat -j session count "$@" | jq '.[0].sessions'
}

# Flows that exist before the flood, of a native client and of one behind the
# CLAT: echo, of which each is counted, and TCP.
guards_start() {
	service_start guard-host6 host6 timeout 120 ping -n -q -c $guarded \
		-i 0.02 "$net_srv4_in6"
	service_start guard-phone phone timeout 120 ping -n -q -c $guarded \
		-i 0.02 "$net_srv4"
	service_start guard-tcp phone curl -sS --max-time 120 \
		--limit-rate 400k -o "$net_run/guarded" "http://$net_srv4/file"
	expect "no flows to guard" wait_for 20 guards_there
}

guards_there() {
	[ "$(plat -j session show | jq -c 'map(.proto) | sort')" = \
		'["icmp","icmp","tcp"]' ]
}

guards_end() {
	local name

	for name in guard-host6 guard-phone guard-tcp; do
		wait "$(cat "$net_run/$name.pid")"
		rm -f "$net_run/$name.pid"
	done
	for name in host6 phone; do
		expect_match "$name" "$(cat "$net_run/guard-$name.log")" \
			"$guarded packets transmitted, $guarded received"
	done
	expect "another file" cmp "$net_run/guarded" "$net_run/www/file"
}

# flows: "CLIENT PROTO NUMBER" lines of those that clients have opened to srv4
flows() {
	plat -j session show server "$net_srv4" | jq -r 'group_by(.client_addr,
		.proto)[] | "\(.[0].client_addr) \(.[0].proto) \(length)"'
}

# New flows of all kinds, of both clients. A process costs a lot while there is
# a flood.
newcomers() {
	local client server proto before after

	before=$(flows)
	for client in phone host6; do
		server=$(server_of $client)
		expect_equal "$client" "$(in_ns $client curl -sS --max-time 60 \
			"http://$(in_url "$server")/hello")" \
			"hello from the server"
		expect_equal "$client" "$(in_ns $client dig +short +tries=1 \
			+time=20 "@$server" plain.test)" 192.0.2.77
		expect "$client" in_ns $client ping -n -c 1 -W 20 "$server"
	done
	after=$(flows)
	for client in phone host6; do
		for proto in tcp udp icmp; do
			expect_equal "new $proto flows of $client" \
				$(($(flows_in "$after") - $(flows_in "$before"))) 1
		done
	done
}

# flows_in LIST: those of $client and $proto
flows_in() {
	local address name number

	while read -r address name number; do
		[ "$address $name" != "$(client_of "$client") $proto" ] ||
			break
	done <<<"$1"
	printf '%d' "$number"
}

flood_ns() {
	case $1 in
	senders | syns | *4) printf srv4 ;;
	*) printf host6 ;;
	esac
}

# flood_send KIND COUNT ARG...
flood_send() {
	in_ns "$(flood_ns "$1")" "$net_run/flood" "$@" >/dev/null
}

# flood_start KIND ARG...: with all the time that nobody else needs
flood_start() {
	local kind=$1
	shift

	service_start flood "$(flood_ns "$kind")" nice -n 10 \
		"$net_run/flood" "$kind" 0 "$@"
}

# flood_end: says how many packets there were
flood_end() {
	local sent

	expect "the flood has ended" kill -0 "$(cat "$net_run/flood.pid")"
	service_stop flood
	sent=$(cat "$net_run/flood.log")
	[[ $sent =~ ^[0-9]+$ ]] || fail "flood: $sent"
	[ "$sent" -gt 5000 ] || fail "a flood of $sent packets"
	printf '%s' "$sent"
}

moved_by() {
	[ $(($(stat_value "$1") - $2)) -ge "$3" ]
}

# under_flood COUNTER MEANWHILE KIND ARG...: it is the counter of the limit
under_flood() {
	local counter=$1 meanwhile=$2 kind=$3 before sent
	shift 2

	guards_start
	before=$(stat_value "$counter")
	flood_start "$@"
	expect "$counter does not move" wait_for 60 \
		moved_by "$counter" "$before" 2000
	$meanwhile
	guards_end
	sessions=$(status_value sessions)
	sent=$(flood_end) || fail "$sent"
	note "$kind: $sent packets, $(($(stat_value "$counter") - before))" \
		"$counter, $sessions sessions," \
		"$(($(slab_kb) - slab)) kB of slab"
}

test_one_subscriber() {
	fresh "limit set subscriber-ports 4000"
	under_flood drop-subscriber-ports newcomers hosts "$sink_in6" 53
	expect_equal "sessions" "$(count client $attacker)" 4000
}

# By the limits that are there at first, with one address for all.
test_one_address() {
	pool=$bound fresh
	under_flood drop-subscriber-ports newcomers hosts "$sink_in6" 53
}

# One socket and everybody's ports
test_scanner() {
	fresh "limit set binding-sessions 2000"
	under_flood drop-subscriber-sessions newcomers servers "$sink_in6"
	expect_equal "sessions" "$(count client 2001:db8:c:2::1)" 2000
}

test_many_subscribers() {
	fresh "limit set subscribers 10000"
	under_flood drop-limit-subscribers newcomers subscribers "$sink_in6" 53
	expect_equal "subscribers" "$(status_value subscribers)" 10000
}

# Nobody is evicted, nobody gets in.
test_full_table() {
	fresh "limit set sessions 10000"
	under_flood drop-limit-sessions refused subscribers "$sink_in6" 53
	[ "$sessions" -le 10004 ] || fail "$sessions sessions"
	expect "kill" plat -q session kill client 2001:db8:8000::/33
	newcomers
}

refused() {
	in_ns phone ping -n -c 1 -W 1 "$net_srv4" && fail "a new session"
	return 0
}

# Everybody may send to a binding, and takes from its subscriber by that.
test_inbound_one() {
	fresh "binding add $net_host6 7 to $bound 7 proto udp" \
		"limit set subscriber-sessions 4000"
	under_flood drop-subscriber-sessions newcomers senders $bound 7
}

test_inbound_all() {
	fresh "binding add $net_host6 7 to $bound 7 proto udp" \
		"limit set subscriber-sessions 0" "limit set sessions 8000"
	under_flood drop-limit-sessions newcomers senders $bound 7
}

test_inbound_syns() {
	fresh "binding add $net_host6 7 to $bound 7 proto tcp" \
		"limit set subscriber-sessions 4000"
	under_flood drop-subscriber-sessions newcomers syns $bound 7
}

syns_gone() {
	[ "$(status_value stored_syns)" = 0 ]
}

test_stored_syns() {
	local stored ended

	fresh "limit set stored-syns 500"
	stored=$(stat_value syns-stored)
	ended=$(sum_values syns-expired syns-matched)
	under_flood drop-stored-syn-limit newcomers syns $bound
	[ "$(status_value stored_syns)" -le 500 ] || fail "too many"
	expect "stored SYNs stay" wait_for 20 syns_gone
	expect_equal "answered" $(($(sum_values syns-expired syns-matched) -
		ended)) $(($(stat_value syns-stored) - stored))
}

# fragments4: what the kernel keeps of them
fragments4_kb() {
	in_ns plat cat /proc/net/sockstat |
		awk '$1 == "FRAG:" { print int($5 / 1024) }'
}

fragments4_at_least() {
	[ "$(fragments4_kb)" -ge "$1" ]
}

whole_again() {
	in_ns host6 ping -c 1 -W 1 -s 3000 "$net_srv4_in6"
}

test_fragments() {
	local thresh=512 kind sent

	fresh
	in_ns plat sysctl -q net.ipv4.ipfrag_low_thresh=0 \
		net.netfilter.nf_conntrack_frag6_low_thresh=0 \
		net.ipv4.ipfrag_high_thresh=$((thresh * 1024)) \
		net.ipv4.ipfrag_time=3 \
		net.netfilter.nf_conntrack_frag6_high_thresh=$((thresh * 1024)) \
		net.netfilter.nf_conntrack_frag6_timeout=3 || fail "sysctl"
	expect "no fragments pass" whole_again
	for kind in fragments4 fragments6; do
		fresh
		guards_start
		case $kind in
		fragments4) flood_start $kind $bound
			expect "no memory" wait_for 20 \
				fragments4_at_least $((thresh - 8)) ;;
		*) flood_start $kind "$sink_in6" ;;
		esac
		newcomers
		guards_end
		[ "$(fragments4_kb)" -le $((thresh + 8)) ] ||
			fail "$(fragments4_kb) kB of fragments"
		[ "$(slab_kb)" -lt $((slab + 8 * thresh)) ] ||
			fail "$(($(slab_kb) - slab)) kB of slab"
		sent=$(flood_end) || fail "$sent"
		note "$kind: $sent packets, $(($(slab_kb) - slab)) kB of slab"
		expect "fragments pass no more" wait_for 20 whole_again
	done
}

# Errors about nothing
test_errors() {
	local kind to created

	for kind in errors4 errors6; do
		fresh
		created=$(stat_value sessions-created)
		to=$bound
		[ $kind = errors4 ] || to=$sink_in6
		under_flood drop-icmp-unknown newcomers $kind $to
		# three were there before, and six newcomers
		expect_equal "sessions" \
			$(($(stat_value sessions-created) - created)) 9
	done
}

# What makes errors, of which only so many are sent
test_last_hops() {
	fresh
	under_flood icmp-errors-limited newcomers lasthops "$sink_in6" 53
	expect_equal "sessions" "$(count client $attacker)" 0
}

# A client's packets to a binding of another, and to its own
test_hairpin() {
	fresh "binding add $net_host6 7 to $bound 7 proto udp" \
		"limit set subscriber-sessions 4000"
	under_flood drop-subscriber-sessions newcomers hosts $bound_in6 7
	[ "$(stat_value hairpinned)" -gt 3000 ] || fail "no hairpin"
	expect_equal "sessions" "$(count client $attacker)" 4000
}

test_hairpin_loop() {
	fresh "binding add 2001:db8:c:2::1 5000 to $bound 5000 proto udp"
	under_flood drop-hairpin-loop newcomers socket $bound_in6 5000
	expect_equal "sessions" "$(count client 2001:db8:c:2::1)" 1
}

# Each control connection may have its gates, and all of a client not too many.
test_gates() {
	local before

	fresh "limit set subscriber-gates 10"
	guards_start
	before=$(stat_value ftp-gates-refused)
	service_start crowd phone /usr/bin/python3 "$ftp_helper" crowd \
		"$(ftp_url phone 21)" 20
	expect "no gates are refused" wait_for 60 \
		moved_by ftp-gates-refused "$before" 200
	expect "transfer" ftp_exchange curl host6 active 21 other
	expect "files" ftp_same curl other
	guards_end
	[ "$(gates_of phone)" -le 10 ] || fail "$(gates_of phone) gates"
	service_stop crowd
	expect_match "replies" "$(cat "$net_run/crowd.log")" '^[0-9]+ 200 '
	note "gates: PORT and replies: $(cat "$net_run/crowd.log")," \
		"$(($(stat_value ftp-gates-refused) - before)) refused"
	expect "gates stay" wait_for 20 no_gates
}

gates_of() {
	plat -j gate show client "$(client_of "$1")" | jq length
}

no_gates() {
	[ "$(status_value gates)" = 0 ]
}

# Keys that differ in little: none is refused, all are found again.
test_collisions() {
	local kind lost created passed refused="drop-no-memory
		drop-tuple-conflict drop-pool-exhausted"

	fresh "limit set subscriber-ports 0"
	# shellcheck disable=SC2086  # a list
	lost=$(sum_values $refused)
	for kind in "hosts 10000 $sink_in6 53" "servers 10000 $sink_in6" \
		"clients 10000 $sink_in6 53 1" \
		"subscribers 10000 $sink_in6 53"; do
		created=$(stat_value sessions-created)
		passed=$(stat_value translated-6to4)
		# shellcheck disable=SC2086  # words
		expect "send" flood_send $kind
		# shellcheck disable=SC2086  # words
		expect "send" flood_send $kind
		expect_equal "$kind" $(($(stat_value sessions-created) - \
			created)) 10000
		expect_equal "$kind" $(($(stat_value translated-6to4) - \
			passed)) 20000
	done
	# shellcheck disable=SC2086  # a list
	expect_equal "drops" "$(sum_values $refused)" "$lost"
}

test_nothing_left() {
	fresh
	expect "something stays" wait_for 30 nothing_left
	expect "books" books_balance
	expect "memory" wait_for 60 slab_below \
		$(($(cat "$net_run/slab") + 16384))
	expect "rmmod" rmmod nat64
}

servers() {
	queue_deep && servers_up 1 && ftp_tree && ftp_server vsftpd 21 &&
	gcc -O2 -Wall -Wextra -o "$net_run/flood" "$here/flood.c" &&
	routes_add net6 "blackhole 2001:db8:c::/48" \
		"blackhole 2001:db8:8000::/33" &&
	routes_add net4 "blackhole 203.0.114.0/24" "blackhole 198.18.0.0/15"
}

bed_with servers
slab_kb >"$net_run/slab"
# One of each kind; the rest takes too long on an emulated machine.
short="one-address full-table stored-syns fragments nothing-left"
all="one-subscriber one-address scanner many-subscribers full-table inbound-one
	inbound-all inbound-syns stored-syns fragments errors last-hops hairpin
	hairpin-loop gates collisions nothing-left"
tests=${TESTS:-$short}
[ "$tests" != all ] || tests=$all
# shellcheck disable=SC2086  # a list
ktap_run $tests
