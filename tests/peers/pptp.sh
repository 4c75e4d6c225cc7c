#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# PPTP tunnels of IPv4-only hosts behind the CLAT: pptp-linux and pppd there,
# pptpd on the IPv4 Internet. Call ids are given as client/pool server4/server6:
# what an end gave itself, and what the other one is told.

here=$(dirname "$0")
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"
. "$here/../lib/pptp.sh"

phones="phone phone2 phone3"

# pptpd's first call id is 0, which becomes 65002 and 0 again.
test_call_id_zero() {
	tunnel phone
	expect_match "call ids" "$(pptp_ids phone)" ' 0/65002$'
	expect_equal "errors" "$(stat_value pptp-errors)" 0
	expect "ping" in_ns phone ping -n -c 5 -i 0.1 -W 5 $pptp_inside
}

test_transfer() {
	expect_moved translated-6to4 200 transfer phone
	expect "the largest packets" in_ns phone \
		ping -n -c 5 -i 0.1 -W 5 -M 'do' -s 1372 $pptp_inside
}

# The tunnel's own packets at their limit; outside they are fragments.
test_mtu() {
	tunnel phone2 mtu 1500 mru 1500
	expect_equal "MTU" \
		"$(ip -n phone2 -j link show pptp0 | jq '.[0].mtu')" 1500
	expect_moved fragmented-ipv6 5 in_ns phone2 \
		ping -n -c 5 -i 0.1 -W 5 -M 'do' -s 1472 $pptp_inside
	tunnel_gone phone2
}

# Three behind one pool address, to one server
test_three_at_once() {
	local client

	tunnel phone2
	tunnel phone3
	expect_equal "pool addresses" "$(plat -j session show proto gre |
		jq -c '[length, (map(.pool_addr) | unique | length)]')" '[6,1]'
	expect_equal "call ids" "$(plat -j session show proto gre |
		jq '[.[] | select(.inbound) | .pool_port] | unique | length')" 3
	for client in $phones; do
		expect "ping from $client" in_ns "$client" \
			ping -n -c 5 -i 0.1 -W 5 $pptp_inside
	done
}

# gre_from NS FAMILY ADDRESS CALL-ID: five packets of a call
gre_from() {
	in_ns "$1" /usr/bin/python3 - "$2" "$3" "$4" <<-'END'
		import socket, struct, sys
		family = getattr(socket, sys.argv[1])
		s = socket.socket(family, socket.SOCK_RAW, 47)
		for seq in range(5):
		    s.sendto(struct.pack(">HHHHI", 0x3001, 0x880b, 4,
		             int(sys.argv[3]), 1000 + seq) + b"\xff\x03\xc0\x21",
		             (sys.argv[2], 0))
	END
}

# A neighbour knows the call ids and the addresses, and is not the client; nor
# is another IPv4 host the server.
test_injection() {
	local ids server6 pool before after

	ids=$(pptp_ids phone)
	server6=${ids##*/}
	pool=${ids%% *}
	pool=${pool#*/}
	before=$(stat_value drop-protocol)
	expect "sending" gre_from host6 AF_INET6 $net_srv4_in6 "$server6"
	expect "sending" gre_from net4 AF_INET \
		"$(pptp_rows phone | jq -r '.[0].pool_addr')" "$pool"
	after=$(stat_value drop-protocol)
	expect_equal "dropped" $((after - before)) 10
	expect_equal "call ids" "$(pptp_ids phone)" "$ids"
	expect_equal "GRE sessions" "$(session_rows proto gre)" 6
	expect "ping" in_ns phone ping -n -c 3 -i 0.1 -W 5 $pptp_inside
}

test_disconnect() {
	local client

	for client in $phones; do
		tunnel_gone "$client"
	done
	expect_equal "GRE sessions" "$(session_rows proto gre)" 0
}

test_same_call_id() {
	local ids

	pptp_random=$pptp_dir/random
	printf same >"$pptp_random"
	pptp_start phone
	pptp_start phone2
	expect "no tunnel" pptp_wait phone
	expect "no tunnel" pptp_wait phone2
	ids=$(plat -j session show proto gre | jq -c '[.[] | select(.inbound)]
		| [(map(.client_port) | unique | length),
		   (map(.pool_port) | unique | length)]')
	expect_equal "ids of clients, and as the server sees them" "$ids" \
		'[1,2]'
	expect_equal "remapped" "$(stat_value pptp-remapped)" 1
	expect "ping" in_ns phone ping -n -c 5 -i 0.1 -W 5 $pptp_inside
	expect "ping" in_ns phone2 ping -n -c 5 -i 0.1 -W 5 $pptp_inside
	tunnel_gone phone
	expect "ping" in_ns phone2 ping -n -c 5 -i 0.1 -W 5 $pptp_inside
	tunnel_gone phone2
}

bed_more=pptp_phones
bed_with pptp_servers
ktap_run call-id-zero transfer mtu three-at-once injection disconnect \
	same-call-id
