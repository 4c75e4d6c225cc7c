# shellcheck shell=bash disable=SC2154  # variables of net.sh and pptp.sh
# SPDX-License-Identifier: GPL-2.0
#
# PPTP from behind the CLAT: call ids as each end gave them and as the other one
# is told, the gates as they open, the GRE sessions of the call.

# The messages that give call ids, on both sides of the PLAT
pptp_messages() {
	local side text

	for side in net6 net4; do
		text=$(tcpdump -r "$net_run/$side.pcap" -v 2>/dev/null |
			grep -o 'CTRL_MSGTYPE=OC.*CALL_ID([0-9]*)')
		printf '\n  on the side of %s\n%s\n' "$side" "$text"
		grep -q "$1" <<<"$text" || bad "no $1 there"
		shift
	done
}

pptp_capture() {
	local side

	for side in net6 net4; do
		service_start "pptp-$side" plat tcpdump -i $side -U \
			-w "$net_run/$side.pcap" tcp port 1723
		wait_for 20 test -s "$net_run/$side.pcap" || return
	done
}

scene_pptp() {
	title "PPTP: a tunnel of the IPv4-only host, GRE by call id"
	if ! pptp_server || ! pptp_capture; then
		bad "no PPTP server on srv4"
		return
	fi
	want '' plat nat64ctl alg enable pptp
	service_start pptp-events plat nat64ctl monitor gate
	printf '\nphone# pppd pty "pptp %s --nolaunchpppd" ...\n' "$net_srv4"
	pptp_up phone || bad "the tunnel does not come up"
	sed 's/^/  /' "$net_run/pppd-phone.log"

	printf '\nThe call ids, and what the other end is told: 0 is 65002\n'
	pptp_messages 'CALL_ID(65002)' 'CALL_ID(0)'
	printf '\nplat# nat64ctl monitor gate\n'
	sed 's/^/  /' "$net_run/pptp-events.log"
	[ "$(grep -c gate-use "$net_run/pptp-events.log")" = 2 ] ||
		bad "no gate for each direction"
	want 'as .*#65002' plat nat64ctl -d session show proto gre
	want ' 0% packet loss' phone ping -n -c 3 -i 0.2 "$pptp_inside"
	pptp_down phone || bad "the tunnel does not end"
	want '^$' plat nat64ctl session show proto gre
	service_stop pptp-net6
	service_stop pptp-net4
	service_stop pptp-events
}
