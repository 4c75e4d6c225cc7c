#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 200,000 sessions of a thousand clients: created, listed as JSON, filtered,
# killed and expired; memory returns to where it was.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"

flows=${FLOWS:-200000}
clients=1000
# net4 swallows what is for 203.0.114.0/24
sink=203.0.114.7
sink_in6=${net_prefix}cb00:7207
list=$net_run/sessions.json

# flood COUNT
flood() {
	in_ns host6 "$net_run/flood" clients "$1" $sink_in6 53 $clients
}

# ask PYTHON-EXPRESSION over the parsed list
ask_list() {
	/usr/bin/python3 -c "
import json, sys
rows = json.load(open(sys.argv[1]))
print($1)" "$list"
}

sessions() {
	status_value sessions
}

sessions_are() {
	[ "$(sessions)" = "$1" ]
}

test_create() {
	local before

	before=$(stat_value sessions-created)
	slab_kb >"$net_run/slab-before"
	expect "flood" flood "$flows"
	expect "created" wait_for 30 sessions_are "$flows"
	expect_equal "sessions-created" \
		"$(($(stat_value sessions-created) - before))" "$flows"
	expect_equal "subscribers" "$(status_value subscribers)" $clients
	slab_kb >"$net_run/slab-full"
	note "$(($(cat "$net_run/slab-full") - $(cat "$net_run/slab-before")))" \
		"kB of slab for $flows sessions"
}

# Nothing is lost when all flows send again: refreshed, none new.
test_refresh() {
	local before

	before=$(stat_value sessions-created)
	expect "flood" flood 20000
	expect_equal "created" "$(($(stat_value sessions-created) - before))" 0
	expect_equal "sessions" "$(sessions)" "$flows"
}

test_list() {
	plat -j session show >"$list" || fail "session show"
	expect_equal "rows" "$(ask_list 'len(rows)')" "$flows"
	expect_equal "clients" "$(ask_list \
		'len({r["client_addr"] for r in rows})')" $clients
	expect_equal "different inside" "$(ask_list \
		'len({(r["client_addr"], r["client_port"]) for r in rows})')" \
		"$flows"
	expect_equal "different outside" "$(ask_list \
		'len({(r["pool_addr"], r["pool_port"]) for r in rows})')" \
		"$flows"
	expect_equal "server" "$(ask_list \
		'{(r["server_addr"], r["server_port"]) for r in rows}')" \
		"{('$sink', 53)}"
	rm -f "$list"
}

test_filter() {
	local each=$((flows / clients))

	plat -j session show client 2001:db8:c:7::1 >"$list" || fail "show"
	expect_equal "rows" "$(ask_list 'len(rows)')" $each
	expect_equal "clients" "$(ask_list \
		'{r["client_addr"] for r in rows}')" "{'2001:db8:c:7::1'}"
	expect_equal "count by prefix" "$(plat -j session count client \
		2001:db8:c:100::/56 | jq '.[0].sessions')" $((256 * each))
	expect_equal "count of none" "$(plat -j session count proto tcp |
		jq '.[0].sessions')" 0
}

test_kill() {
	local each=$((flows / clients))

	expect_equal "killed" "$(plat -j session kill client \
		2001:db8:c:100::/56 | jq '.[0].sessions')" $((256 * each))
	expect "left" sessions_are $((flows - 256 * each))
	expect_equal "left of them" "$(plat -j session count client \
		2001:db8:c:100::/56 | jq '.[0].sessions')" 0
	expect_equal "flushed" "$(plat -j session flush |
		jq '.[0].sessions')" $((flows - 256 * each))
	expect "empty" wait_for 60 nothing_left
}

# Those whose flows have ended go, by the worker, while others still come.
test_expire() {
	local created removed

	created=$(stat_value sessions-created)
	removed=$(stat_value sessions-removed)
	expect "timeout" plat timeout set udp-dns 1s
	expect "flood" flood "$flows"
	expect_equal "created" \
		"$(($(stat_value sessions-created) - created))" "$flows"
	expect "expired" wait_for 120 nothing_left
	expect_equal "removed" \
		"$(($(stat_value sessions-removed) - removed))" "$flows"
}

test_memory() {
	local before full

	before=$(cat "$net_run/slab-before")
	full=$(cat "$net_run/slab-full")
	[ $((full - before)) -gt $((flows / 10)) ] ||
		fail "the sessions took $((full - before)) kB: blind"
	expect "memory" wait_for 60 slab_below \
		$((before + (full - before) / 8))
}

bed_begin 1
gcc -O2 -Wall -Wextra -o "$net_run/flood" "$here/flood.c" &&
	routes_add net6 "2001:db8:c::/48 via 2001:db8:2::2" &&
	ip -n net4 route add blackhole 203.0.114.0/24 &&
	plat -q session flush && plat limit set held-ports 0 || exit
wait_for 60 nothing_left
ktap_run create refresh list filter kill expire memory
