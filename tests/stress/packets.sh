#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Valid and spoilt packets of all kinds through both hooks: every packet that
# comes out is well formed, traffic goes on, and the counters agree with what is
# there. EXECUTIONS packets (a smoke run by default) from SEED.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"
. "$here/bed.sh"

executions=${EXECUTIONS:-10000}
seed=${SEED:-1}

# fuzz SEED PERCENT-SPOILT
fuzz() {
	local said

	said=$("$net_run/packets" "$1" "$executions" "$2" 2>&1) ||
		fail "$said"
	note "$said"
}

# All that can happen to valid packets: each ALG has worked.
test_valid() {
	local alg

	fuzz "$seed" 0
	expect_balance
	for alg in ftp rtsp pptp; do
		[ "$(stat_value "$alg-gates-used")" -gt 0 ] ||
			fail "no data flow of $alg"
	done
	[ "$(stat_value icmp-error-6to4)" -gt 0 ] || fail "no ICMPv6 errors"
	[ "$(stat_value icmp-error-4to6)" -gt 0 ] || fail "no ICMPv4 errors"
}

test_spoilt() {
	fuzz "$((seed + 1))" 50
	expect_balance
	[ "$(drops)" -gt 0 ] || fail "nothing dropped"
}

# The other way where there is a choice
options() {
	cat <<-END
		option set filtering-tcp address-dependent
		option set filtering-udp address-dependent
		option set filtering-icmp address-dependent
		option set incoming-syn drop
		option set udp-zero-checksum-4to6 zero
		option set udp-zero-checksum-6to4 zero
		option set lowest-ipv6-mtu 1400
		option set other-proto translate
		option set mss-clamp on
		option set early-translation off
		option set port-parity off
		option set port-preserve off
		option set tcp-restart on
		option set tcp-window off
		option set alg-low-ports on
		option set ftp-epsv off
		option set ftp-eprt-ipv4 off
		option set rtsp-media any
		option set rtsp-literals off
		option set pptp-conflict refuse
		limit set subscriber-gates 4
		limit set subscriber-sessions 200
		limit set alg-sessions 20
	END
}

test_options() {
	plat -b <(options) || fail "options"
	fuzz "$((seed + 2))" 30
	expect_balance
	plat config restore "$stress_conf" || fail "restore"
}

test_alive() {
	local before

	plat -q session flush || fail "flush"
	before=$(sum_values translated-6to4 translated-4to6)
	fuzz "$((seed + 3))" 0
	[ "$(sum_values translated-6to4 translated-4to6)" -gt "$before" ] ||
		fail "nothing is translated any more"
}

test_empty() {
	plat -q session flush || fail "flush"
	expect "left" wait_for 60 nothing_left
	expect_balance
}

trap stress_down EXIT
stress_start packets || exit
ktap_run valid spoilt options alive empty
