# shellcheck shell=bash disable=SC2154  # variables of net.sh and pptp.sh
# SPDX-License-Identifier: GPL-2.0
#
# PPTP from behind the CLAT: call ids as each end gave them and as the other one
# is told, the gates as they open, the GRE sessions of the call.

# pptp_messages SIDE: those that give call ids, as that side of the PLAT sees them
pptp_messages() {
	tcpdump -r "$net_run/$1.pcap" -v 2>/dev/null |
		grep -o 'CTRL_MSGTYPE=OC.*CALL_ID([0-9]*)'
}

pptp_seen() {
	pptp_messages "$1" | grep -q "$2"
}

# show_messages SIDE WORDS: tcpdump hands them over in its own time
show_messages() {
	wait_for 20 pptp_seen "$1" "$2" || bad "no $2 there"
	printf '\n  on the side of %s\n' "$1"
	pptp_messages "$1"
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
	show_messages net6 'CALL_ID(65002)'
	show_messages net4 'CALL_ID(0)'
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
