#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# PPTP tunnels that begin and end often, are encrypted, reset, or cross a bad
# network.

here=$(dirname "$0")
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"
. "$here/../lib/pptp.sh"

test_reconnect() {
	local i

	for i in 1 2 3 4 5 6 7 8 9 10; do
		tunnel phone
		tunnel_gone phone
	done
}

# The server's firewall resets the control connection: there is no
# Call-Disconnect-Notify, and nobody is left who could end the call.
test_reset() {
	tunnel phone
	in_ns srv4 nft -f - <<-END
		table ip pptp {
			chain input {
				type filter hook input priority 0
				tcp dport 1723 reject with tcp reset
			}
		}
	END
	tunnel_gone phone
	in_ns srv4 nft delete table ip pptp
}

test_mppe() {
	pptp_options require-mschap-v2 require-mppe-128 name pptpd
	tunnel phone user anybody password secret require-mppe-128
	grep -q 'MPPE 128-bit' "$net_run/pppd-phone.log" ||
		fail "$(cat "$net_run/pppd-phone.log")"
	expect "transfer" transfer phone
	tunnel_gone phone
}

# bad_network [DEL]: both sides of the PLAT
bad_network() {
	local dev

	for dev in net6 net4; do
		in_ns plat tc qdisc "${1:-add}" dev $dev root netem \
			loss 3% delay 10ms 5ms reorder 25% duplicate 3% ||
			return
	done
}

# A segment that is lost again and again makes TCP wait for minutes.
one_of_three_works() {
	"$@" || "$@" || "$@"
}

test_bad_network() {
	modprobe sch_netem 2>/dev/null
	pptp_options noauth noccp
	expect "netem" bad_network
	tunnel phone
	expect "iperf3" one_of_three_works \
		in_ns phone timeout 100 iperf3 -c $pptp_inside -n 64K
	expect "file" one_of_three_works in_ns phone \
		curl -sS --max-time 100 -o "$net_run/bad" \
		http://$pptp_inside/hello
	expect_equal "page" "$(cat "$net_run/bad")" "hello from the server"
	tunnel_gone phone
	bad_network del
}

dropped_since() {
	[ "$(stat_value drop-protocol)" -gt "$1" ]
}

# Without the ALG there is no way for GRE.
test_without_alg() {
	local drops connections

	expect "alg disable" plat alg disable pptp
	drops=$(stat_value drop-protocol)
	connections=$(stat_value pptp-connections)
	pptp_start phone
	expect "nobody sent GRE" wait_for 60 dropped_since "$drops"
	expect_equal "connections" "$(stat_value pptp-connections)" \
		"$connections"
	expect "a call without ALG" no_call phone
	pptp_down phone
}

bed_with pptp_servers
ktap_run reconnect reset mppe bad-network without-alg
