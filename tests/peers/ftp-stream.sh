#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One long FTP dialogue with vsftpd over the worst that TCP has to offer: the
# server has to hear the same octets every time, the client as well, and the
# same gates have to open. A relay before the server records what arrives.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"
. "$here/../lib/ftp.sh"

# One address for all, so that clients compete for its ports.
pool_addr=198.51.100.1
port=21
# before it: relays that send as it comes, and octet by octet
whole=2100
octets=2101
stream=${ftp_helper%.py}_stream.py
records=$net_run/records
talks=$net_run/talks


# What the dialogue of each client has to be.
commands=53
declare -A opened=([phone]=13 [host6]=10)
declare -A used=([phone]=12 [host6]=9)

# Every talk has ports of its own: no session or socket of one before is in
# the way. They stay below those that the clients' kernels choose.
fresh_base() {
	base=$(($(cat "$net_run/base" 2>/dev/null || echo 40) + 1))
	echo $base >"$net_run/base"
	base=$((base << 8))
}

# gate_rows: of gates or events, with ports as they are in every talk
gate_rows() {
	jq -cS --argjson base "$base" '
		def port: if . == null or . == 20 then .
			elif . >= $base and . < $base + 256 then . - $base
			else "any" end;
		del(.expires_ms, .timestamp_ms, .owner_server_port)
		| with_entries(if .key | test("_port6?$")
			then .value |= port else . end)'
}

# without_base: octets of a control connection, likewise
without_base() {
	local n script

	script="s/,$((base >> 8)),\([0-9]\)\r/,base,\1\r/"
	for n in {1..9}; do
		script+=$'\n'"s/|$((base + n))|/|base,$n|/"
	done
	sed "$script"
}

# to_server: what the server has to hear of what NS says
to_server() {
	local p4=${pool_addr//./,}

	if [ "$1" = phone ]; then
		sed -e "s/^\(PORT\|port\) \(192,168,1,2\|203,0,113,77\),/\1 $p4,/" \
			-e "s/^EPRT |1|\($net_phone\|203.0.113.77\)|/EPRT |1|$pool_addr|/" \
			-e 's/^\(EPSV\|EPSV [12]\|epsv\)\r$/PASV\r/' \
			-e 's/^EPSV ALL\r$/NOOP\r/'
	else
		sed -e 's/^\(EPSV\|EPSV 2\|epsv\)\r$/PASV\r/' \
			-e 's/^\(EPSV 1\|EPSV ALL\|ALGS .*\)\r$/NOOP\r/' \
			-e "s/^eprt/EPRT/" \
			-e "s/^EPRT \(.\)2\1$net_host6\1\([0-9]*\)\1/EPRT \2/" |
			awk -v p="PORT $p4" '/^EPRT [0-9]+\r$/ {
				printf "%s,%d,%d\r\n", p, $2 / 256, $2 % 256
				next
			} 1'
	fi
}

# talk NS RELAY CUT NAME: the dialogue; looks at the gates when it has to
talk() {
	local ns=$1 relay=$2 cut=$3 name=$4 word='' what in out pid
	local fifo=$talks/$4

	rm -f "$talks/$name".* "$ftp_root/in/$ns"-*
	mkfifo "$fifo.in" "$fifo.out"
	in_ns "$ns" /usr/bin/python3 "$stream" talk "$(ftp_url "$ns" "$relay")" \
		"$base" "$cut" "$fifo" <"$fifo.in" >"$fifo.out" 2>"$fifo.errors" &
	pid=$!
	exec {in}>"$fifo.in" {out}<"$fifo.out"
	while read -r -t 400 -u "$out" word what && [ "$word" = look ]; do
		plat -j gate show client "$(client_of "$ns")"
		echo >&"$in"
	done >"$fifo.gates"
	wait $pid || fail "$(tail -n 3 "$fifo.errors")"
	printf '%s\n' "$what" >"$fifo.segments"
	expect_match "commands" "$what" "^$commands "
}

# near_port: of the pool, for the control connection of NS from $base
near_port() {
	plat -j session show client "$(client_of "$1")" client-port "$base" |
		jq '.[0].pool_port'
}

events_of() {
	jq -c --arg client "$(client_of "$1")" --argjson base "$base" 'select(
		.client_addr == $client and .owner_client_port == $base)' \
		"$net_run/events.log"
}

# Events come a moment later.
all_events() {
	[ "$(events_of "$1" | grep -c '"gate-close"\|"gate-use"')" = \
		"${opened[$1]}" ]
}

# collect NS NAME: what has to be the same for each talk, as files
collect() {
	local ns=$1 name=$2 from=$talks/$2 to=$talks/$2.d port

	port=$(near_port "$ns")
	expect "end at the server" wait_for 30 \
		test -e "$records/$port.segments"
	expect "events" wait_for 30 all_events "$ns"
	mkdir "$to"
	to_server "$ns" <"$from.sent" >"$from.expected"
	without_base <"$records/$port.got" >"$to/server"
	sed -e 's/\(^227 .*\),[0-9]*,[0-9]*)/\1,port)/' \
		-e 's/(|||[0-9]*|)/(|||port|)/' "$from.got" >"$to/client"
	events_of "$ns" | gate_rows | sort >"$to/events"
	jq '.[]' "$from.gates" | gate_rows >"$to/gates"
	cp "$from.data" "$to/data"
	cat "$ftp_root/in/$ns-one" "$ftp_root/in/$ns-two" >"$to/uploads"
}

# converse NS RELAY CUT NAME: alone, with everything checked that can be
# without a comparison
converse() {
	local ns=$1 relay=$2 cut=$3 name=$4

	fresh_base
	ftp_mark
	talk "$@"
	collect "$ns" "$name"
	ftp_look
	expect "as it has to be" cmp "$talks/$name.expected" \
		"$records/$base.got"
	ftp_moved ftp-connections -eq 1
	ftp_moved ftp-gates-opened -eq "${opened[$ns]}"
	ftp_moved ftp-gates-used -eq "${used[$ns]}"
	ftp_moved ftp-transparent -eq 0
	ftp_moved ftp-remapped -eq 0
	for name in "${!ftp_seen[@]}"; do
		[[ $name != ftp-* ]] || printf '%s %d\n' "$name" \
			$((ftp_seen[$name] - ftp_marked[$name]))
	done | sort >"$talks/$4.d/counters"
}

# like_plain NS RELAY CUT NAME: and the same as in the first talk
like_plain() {
	converse "$@"
	expect "like the plain talk" diff -r "$talks/$1.d" "$talks/$4.d"
}

test_S_57_plain_phone() {
	converse phone $whole 0 phone
}

test_S_57_plain_host6() {
	converse host6 $whole 0 host6
}

# each_alone FILE: as many segments with octets as octets
each_alone() {
	expect_match "segments" "$(cat "$1")" 'data-segments ([0-9]+) octets \1 '
}

one_by_one() {
	like_plain "$1" $octets 1 "octets-$1"
	each_alone "$talks/octets-$1.segments"
	each_alone "$records/$base.segments"
}

test_FT_04_octets_phone() {
	one_by_one phone
}

test_FT_04_octets_host6() {
	one_by_one host6
}

# netem COMMAND ARG...: on both links of the PLAT, at both ends
netem() {
	local ns dev

	while read -r ns dev; do
		in_ns "$ns" tc qdisc "$1" dev "$dev" root netem "${@:2}" || return
	done <<-END
		net6 plat
		plat net6
		plat net4
		net4 plat
	END
}

# In each direction, half of it before the PLAT and half of it behind. The ends
# repeat soon, so that it does not take all day.
bad_network() {
	modprobe sch_netem 2>/dev/null
	netem replace delay 4ms reorder 25% loss 5% duplicate 5% &&
	ip -n phone route change default via 192.168.1.1 rto_min 40ms &&
	ip -n host6 route change default via 2001:db8:2::1 rto_min 40ms &&
	ip -n srv4 route change $net_pool via 203.0.113.1 rto_min 40ms
}

good_network() {
	netem del &&
	ip -n phone route change default via 192.168.1.1 &&
	ip -n host6 route change default via 2001:db8:2::1 &&
	ip -n srv4 route change $net_pool via 203.0.113.1
}

# lossy COMMAND ARG...: in a bad network, which stays if it fails
lossy() {
	expect "netem" bad_network
	"$@"
	tc -n plat -s qdisc
	expect "netem" good_network
}

repeated() {
	expect_match "segments" "$(cat "$1")" 'repeated [1-9]'
}

repeatedly() {
	lossy like_plain "$1" $whole 0 "lossy-$1"
	repeated "$talks/lossy-$1.segments"
	repeated "$records/$base.segments"
}

test_SEC_16_lossy_phone() {
	repeatedly phone
}

test_SEC_16_lossy_host6() {
	repeatedly host6
}

# without_ports: octets that the server got, from any port
without_ports() {
	sed -e 's/^\(PORT\|port\) 198,51,100,1,.*\r/\1 somewhere\r/' \
		-e 's/^EPRT |1|198.51.100.1|.*|/EPRT somewhere/'
}

without_pool_ports() {
	sed 's/"[a-z_]*pool_port":[^,]*,//g' "$1" | sort
}

# told_ports: those that the server was told, in their order
told_ports() {
	awk -F '[ ,|\r]' 'tolower($1) == "port" && $2 == 198 {
			print $6 * 256 + $7
		}
		$1 == "EPRT" && $4 ~ /^198/ { print $5 }' | uniq
}

# gate_ports NS: those that it got
gate_ports() {
	events_of "$1" | jq 'select(.event == "gate-open" and .client_port)
		.pool_port'
}

# Both have the same ports everywhere, and talk at the same time.
test_SEC_13_equal_ports() {
	local ns name file pids=()

	fresh_base
	ftp_mark
	for ns in phone host6; do
		talk $ns $whole 0 equal-$ns &
		pids+=($!)
	done
	wait "${pids[0]}" || fail "phone"
	wait "${pids[1]}" || fail "host6"
	ftp_look
	ftp_moved ftp-connections -eq 2
	ftp_moved ftp-gates-opened -eq $((opened[phone] + opened[host6]))
	ftp_moved ftp-gates-used -eq $((used[phone] + used[host6]))
	ftp_moved ftp-transparent -eq 0
	ftp_moved ftp-remapped -ge 1
	[ "$(near_port phone)" != "$(near_port host6)" ] ||
		fail "one port for both"
	for ns in phone host6; do
		name=equal-$ns
		collect $ns $name
		expect "server" cmp <(without_ports <"$talks/$ns.d/server") \
			<(without_ports <"$talks/$name.d/server")
		expect_equal "ports" "$(gate_ports $ns)" \
			"$(told_ports <"$records/$(near_port $ns).got")"
		for file in client data uploads; do
			expect "$ns" cmp "$talks/$ns.d/$file" \
				"$talks/$name.d/$file"
		done
		for file in gates events; do
			expect "$ns" diff \
				<(without_pool_ports "$talks/$ns.d/$file") \
				<(without_pool_ports "$talks/$name.d/$file")
		done
	done
}

test_FT_03_without_offloads_phone() {
	net_offloads off
	like_plain phone $whole 0 segments-phone
	net_offloads on
}

test_FT_03_without_offloads_host6() {
	net_offloads off
	like_plain host6 $whole 0 segments-host6
	net_offloads on
}

# narrow A B SIZE: the MTU of a link, at both ends. What the server has learned
# would be in the MSS that it offers.
narrow() {
	ip -n "$1" link set "$2" mtu "$3" && ip -n "$2" link set "$1" mtu "$3" &&
	ip -n phone route flush cache && ip -n host6 -6 route flush cache &&
	ip -n srv4 route flush cache
}

# path_mtu NS: what its kernel has learned
path_mtu() {
	ip -n "$1" -j route get "$(server_of "$1")" |
		jq '.[0].metrics[0].mtu'
}

# As much as fits into IPv4 leaves the client, and grows.
narrow4() {
	expect "MTU" narrow plat net4 1280
	ftp_mark
	like_plain "$1" $whole 0 "narrow4-$1"
	ftp_moved drop-too-big -ge 1
	expect_equal "path MTU" "$(path_mtu "$1")" "$2"
	expect "MTU" narrow plat net4 1500
}

test_FT_03_mtu_to_server_phone() {
	narrow4 phone 1280
}

test_FT_03_mtu_to_server_host6() {
	narrow4 host6 1300
}

narrow6() {
	expect "MTU" narrow plat net6 1280
	like_plain "$1" $whole 0 "narrow6-$1"
	expect_equal "path MTU" "$(path_mtu "$1")" "$2"
	expect "MTU" narrow plat net6 1500
}

test_FT_03_mtu_to_client_phone() {
	narrow6 phone 1260
}

test_FT_03_mtu_to_client_host6() {
	narrow6 host6 1280
}

relay() {
	service_start "relay-$1" srv4 /usr/bin/python3 "$stream" relay "$1" \
		$net_srv4 $port "$2" "$records"
}

servers() {
	ftp_tree || return
	mkdir -p "$talks" "$ftp_root/bücher"
	head -c 2000 /dev/urandom >"$ftp_root/pub/small"
	# To whom PORT may name any address, vsftpd has no root left for port 20.
	in_ns srv4 sysctl -qw net.ipv4.ip_unprivileged_port_start=0
	ftp_server vsftpd $port port_promiscuous=YES pasv_promiscuous=YES \
		pasv_min_port=50000 accept_timeout=300 connect_timeout=300 &&
	relay $whole 0 && relay $octets 1 &&
	plat pool del $net_pool &&
	plat pool add $pool_addr &&
	plat option set log-destinations on &&
	plat alg enable ftp port $whole port $octets &&
	service_start events plat nat64ctl -j monitor gate &&
	wait_for 60 listening srv4 $whole $octets
}

bed_with servers
ktap_run S-57.plain-phone S-57.plain-host6 FT-04.octets-phone \
	FT-04.octets-host6 SEC-13.equal-ports FT-03.without-offloads-phone \
	FT-03.without-offloads-host6 FT-03.mtu-to-server-phone \
	FT-03.mtu-to-server-host6 FT-03.mtu-to-client-phone \
	FT-03.mtu-to-client-host6 SEC-16.lossy-phone SEC-16.lossy-host6
