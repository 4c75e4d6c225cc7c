# shellcheck shell=bash disable=SC2154  # the net_ variables are of net.sh
# SPDX-License-Identifier: GPL-2.0
#
# shellcheck disable=SC2034  # variables for those who source this
#
# PPTP: pptpd on srv4, and pptp-linux with pppd in IPv4-only namespaces behind
# the CLAT; to be sourced after net.sh and plat.sh.
#
#   pptp_phones                 phone2 and phone3 beside the phone; before
#                               clat_up
#   pptp_server                 pptpd; pptp_options: words for its pppd
#   pptp_up CLIENT [WORD...]    a tunnel of a phone; words for pppd
#   pptp_down CLIENT            as a user ends it
#   pptp_address CLIENT         what the server has assigned
#   pptp_rows CLIENT [FILTER]   GRE sessions of its calls, as the kernel lists
#                               them; pptp_ids CLIENT: their call ids as
#                               client/pool server4/server6
#
# and for the tests themselves
#
#   tunnel CLIENT [WORD...]     pptp_up, by two gates that were used
#   tunnel_gone CLIENT          pptp_down, and nothing of it stays
#   transfer CLIENT             TCP through the tunnel, both ways

pptp_inside=10.9.0.1		# the server, in every tunnel
pptp_dir=$net_run/pptp
pptp_random=/dev/random		# the first two octets are a client's call id

# The programs know where each other is, and pptp-linux where to put sockets.
pptp_install() {
	local from=$NAT64_CACHE/peers name

	for name in ppp_generic ppp_async ppp_mppe; do
		modprobe "$name" || return
	done
	for name in pptpd pptpctrl pppd pptp; do
		[ -e "/usr/sbin/$name" ] ||
			ln -s "$from/usr/sbin/$name" "/usr/sbin/$name" || return
	done
	mkdir -p /etc/ppp /run/pptp /var/lock "$pptp_dir"
	: >/etc/ppp/options
	printf '* * "secret" *\n' >/etc/ppp/chap-secrets
	chmod 600 /etc/ppp/chap-secrets
}

# phone_add N: 192.168.N.2, for the CLAT and the PLAT 2001:db8:1:464::N2
phone_add() {
	local ns=phone$1

	ip -batch - <<-END || return
		netns add $ns
		link add clat netns $ns mtu 1500 type veth peer $ns netns clat mtu 1500
	END
	ns_setup "$ns" &&
	links_up "$ns" "clat=192.168.$1.2/24" &&
	links_up clat "$ns=192.168.$1.1/24" &&
	routes_add "$ns" "default via 192.168.$1.1" &&
	clat_map "192.168.$1.2" "2001:db8:1:464::${1}2"
}

pptp_phones() {
	phone_add 2 && phone_add 3
}

# pptp_options WORD...: of the server's pppd, from the next tunnel on
pptp_options() {
	printf '%s\n' nobsdcomp nodeflate novj novjccomp nodefaultroute \
		noipv6 "$@" >"$pptp_dir/options"
}

# Its first call id is 0.
pptp_server() {
	pptp_install || return
	cat >"$pptp_dir/pptpd.conf" <<-END
		option $pptp_dir/options
		localip $pptp_inside
		remoteip 10.9.0.10-40
		pidfile $pptp_dir/pptpd.pid
	END
	pptp_options noauth noccp
	# Where all of these programs say why they end
	service_start syslogd srv4 busybox syslogd -n -O "$pptp_dir/syslog"
	service_start pptpd srv4 pptpd -f -c "$pptp_dir/pptpd.conf"
	wait_for 30 listening srv4 1723
}

# Its socket is named after the server only, hence a directory for each. It has
# been seen to end by a segmentation fault in its queue of packets that are out
# of order, hence no queue. It and pptpd end when an ICMP error says that a
# packet was too big (recv() says so, and they take it for the end): the path
# carries 1,460 octets of IPv4, and no packet of these tunnels needs as many.
pptp_start() {
	local client=$1
	shift

	# shellcheck disable=SC2016  # the inner shell expands them
	service_start "pppd-$client" "$client" unshare -m sh -c \
		'mount -t tmpfs run /run/pptp &&
		mount --bind "$0" /dev/random && exec "$@"' "$pptp_random" \
		pppd pty "pptp $net_srv4 --nolaunchpppd --nobuffer --loglevel 2" \
		nodetach noauth nobsdcomp nodeflate novj novjccomp noipv6 \
		noipdefault nodefaultroute ipcp-accept-remote \
		ipcp-accept-local mtu 1400 mru 1400 ifname pptp0 \
		linkname "$client" "$@"
}

pptp_address() {
	ip -n "$1" -j addr show dev pptp0 2>/dev/null |
		jq -er '.[].addr_info[] | select(.family == "inet").local'
}

pptp_answers() {
	in_ns "$1" ping -n -c 1 -W 1 $pptp_inside
}

pptp_wait() {
	wait_for 60 pptp_answers "$1"
}

# What the programs say of themselves when a test has failed
bed_diagnose() {
	tail -n 40 "$pptp_dir/syslog" "$net_run"/pppd-*.log \
		"$net_run/pptpd.log"
}

pptp_up() {
	pptp_start "$@" && pptp_wait "$1"
}

pptp_client6() {
	case $1 in
	phone) printf '%s' "$net_phone_in6" ;;
	phone*) printf '2001:db8:1:464::%s2' "${1#phone}" ;;
	esac
}

pptp_rows() {
	local client=$1
	shift

	plat -j session show proto gre client "$(pptp_client6 "$client")" "$@"
}

pptp_ids() {
	pptp_rows "$1" | jq -er '[
		(.[] | select(.inbound) | "\(.client_port)/\(.pool_port)"),
		(.[] | select(.inbound | not)
			| "\(.server_port)/\(.server_port6)")] | join(" ")'
}

pptp_link_gone() {
	! ip -n "$1" link show dev pptp0
}

# pppd waits for the server's consent, but not for ever.
pptp_down() {
	service_stop "pppd-$1"
	wait_for 30 pptp_link_gone "$1"
}

pptp_servers() {
	servers_up 1 && pptp_server && plat alg enable pptp
}

# The two sessions of a call, and nothing else of it
has_call() {
	local ids

	ids=$(pptp_ids "$1") || return
	[[ $ids =~ ^[0-9]+/[0-9]+\ [0-9]+/[0-9]+$ ]]
}

no_call() {
	[ "$(pptp_rows "$1" | jq length)" = 0 ]
}

no_gates() {
	[ "$(plat -j gate show | jq length)" = 0 ]
}

# tunnel CLIENT [WORD...]: it is up, by two gates that were used
tunnel() {
	local client=$1 used
	used=$(stat_value pptp-gates-used)

	expect "no tunnel" pptp_up "$@"
	expect_match "address of $client" "$(pptp_address "$client")" \
		'^10\.9\.0\.[1-4][0-9]$'
	expect "no call of $client" has_call "$client"
	expect_equal "gates used" $(($(stat_value pptp-gates-used) - used)) 2
	expect "gates that stay" no_gates
}

tunnel_gone() {
	expect "link of $1" pptp_down "$1"
	expect "the GRE sessions of $1 stay" wait_for 20 no_call "$1"
	expect "gates that stay" no_gates
}

# transfer CLIENT: TCP in the tunnel, both ways
transfer() {
	local sum

	expect "iperf3" in_ns "$1" timeout 200 iperf3 -c $pptp_inside -n 1M
	expect "iperf3 -R" in_ns "$1" timeout 200 iperf3 -c $pptp_inside \
		-n 1M -R
	sum=$(in_ns "$1" curl -sS --max-time 200 http://$pptp_inside/file |
		sha256sum)
	expect_equal "hash" "$sum" "$(sha256sum <"$net_run/www/file")"
}
