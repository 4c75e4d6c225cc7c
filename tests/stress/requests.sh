#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Valid and spoilt requests of every command while packets pass: each is either
# done or refused as a whole, and afterwards everything is as it should be.
# EXECUTIONS requests (a smoke run by default) from SEED.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"
. "$here/bed.sh"

executions=${EXECUTIONS:-5000}
seed=${SEED:-1}

# fuzz SEED PERCENT-SPOILT
fuzz() {
	local said

	said=$(in_ns plat "$net_run/requests" "$1" "$executions" "$2" 2>&1) ||
		fail "$said"
	note "$said"
	[[ $said =~ \ ([0-9]+)\ accepted,\ ([0-9]+)\ refused,\ ([0-9]+)\ rows ]] ||
		fail "$said"
	[ "${BASH_REMATCH[1]}" -gt $((executions / 20)) ] || fail "few accepted"
	[ "${BASH_REMATCH[2]}" -gt 0 ] || fail "none refused"
	[ "${BASH_REMATCH[3]}" -gt 0 ] || fail "no rows"
}

test_valid() {
	fuzz "$seed" 0
}

test_spoilt() {
	fuzz "$((seed + 1))" 70
}

# A known configuration is what it was, byte by byte.
test_configuration() {
	local before after

	plat config restore "$stress_conf" || fail "restore"
	before=$(plat config save) || fail "save"
	fuzz "$((seed + 2))" 70
	plat config restore "$stress_conf" || fail "restore"
	after=$(plat config save) || fail "save"
	expect_equal "configuration" "$after" "$before"
}

test_under_traffic() {
	plat config restore "$stress_conf" || fail "restore"
	service_start packets plat bash -c "while :; do
		'$net_run/packets' \$((n++)) 2000 10 || exit; done"
	fuzz "$((seed + 3))" 30
	kill -0 "$(cat "$net_run/packets.pid")" ||
		fail "$(cat "$net_run/packets.log")"
	service_stop packets
	plat config restore "$stress_conf" || fail "restore"
	"$net_run/packets" 1 2000 0 || fail "packets"
	# a request may have reset the counters
	[ "$(sum_values translated-6to4 translated-4to6)" -gt 0 ] ||
		fail "nothing is translated any more"
}

test_empty() {
	plat -q session flush || fail "flush"
	plat config restore /dev/null || fail "restore"
	expect "left" wait_for 60 nothing_left
}

trap stress_down EXIT
stress_start packets requests || exit
ktap_run valid spoilt configuration under-traffic empty
