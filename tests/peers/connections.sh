#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Many connections at the same time, seen as sessions while they are open.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"

port=7007

# many NS COUNT: the client waits with open connections while we look
many() {
	local ns=$1 count=$2 client rows ports
	local -a filter

	client=$(client_of "$ns")
	filter=(proto tcp client "$client" server-port "$port")
	expect "flush" plat -q session flush
	coproc in_ns "$ns" timeout 120 /usr/bin/python3 "$here/echo.py" \
		client "$(server_of "$ns")" $port "$count" 2>"$net_run/echo.err"
	read -r -t 100 line <&"${COPROC[0]}" || {
		cat "$net_run/echo.err"
		fail "client did not connect"
	}
	expect_equal "client" "$line" "$count connections"

	rows=$(plat -j session show "${filter[@]}")
	expect_equal "sessions" "$(jq length <<<"$rows")" "$count"
	expect_equal "session count" \
		"$(plat -j session count "${filter[@]}" | jq '.[0].sessions')" \
		"$count"
	expect_equal "established" "$(jq '[.[] | select(.state ==
		"established")] | length' <<<"$rows")" "$count"
	ports=$(jq -r '.[] | "\(.pool_addr) \(.pool_port)"' <<<"$rows" |
		sort -u | wc -l)
	expect_equal "pool ports" "$ports" "$count"
	expect_equal "pool addresses (paired)" "$(jq -r '.[].pool_addr' \
		<<<"$rows" | sort -u | wc -l)" 1

	echo >&"${COPROC[1]}"
	wait "$COPROC_PID" || fail "client failed: $(cat "$net_run/echo.err")"
}

no_established() {
	[ "$(session_rows state established server-port $port)" = 0 ]
}

test_phone() {
	many phone 200
}

test_host6() {
	many host6 500
}

# Closed by both sides: all of them are on their way out.
test_closed() {
	expect "still established" wait_for 20 no_established
}

test_kill() {
	local before

	before=$(session_rows server-port "$port")
	[ "$before" -gt 0 ] || fail "no sessions to kill"
	expect_equal "killed" "$(plat -j session kill server-port $port |
		jq '.[0].sessions')" "$before"
	expect_equal "left" "$(session_rows server-port $port)" 0
}

lines_arrived() {
	[ "$(grep -c '^line [0-9]*$' "$net_run/ncat.log")" = "$1" ]
}

# ncat: a line each, side by side; the server writes down what it gets. The
# program itself costs seconds where everything is emulated, hence the few.
test_ncat() {
	local i pids=()

	for i in $(seq 8); do
		in_ns host6 timeout 300 ncat -6 -w 60 --send-only \
			$net_srv4_in6 7008 <<<"line $i" \
			>"$net_run/client.$i" 2>&1 &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || fail "ncat failed: $(cat "$net_run"/client.*)"
	done
	expect "lines at the server" wait_for 30 lines_arrived 8
	expect_equal "different lines" "$(grep '^line' "$net_run/ncat.log" |
		sort -u | wc -l)" 8
	[ "$(session_rows server-port 7008)" -ge 8 ] || fail "few sessions"
}

bed_begin 1
service_start echo srv4 /usr/bin/python3 "$here/echo.py" serve $port
service_start ncat srv4 ncat -k -l -m 200 7008 --recv-only
wait_for 30 listening srv4 $port 7008
ktap_run phone host6 closed kill ncat
