#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What tests/soak/run runs in its guest: workers that do one thing each, again
# and again, until the time is over. A worker writes down how often it went well
# and how often not; links that lose packets make some of it fail.

here=$(cd "$(dirname "$0")/../peers" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"
. "$here/../lib/ftp.sh"
. "$here/../lib/pptp.sh"

minutes=${MINUTES:-60}
work=$net_run/soak
echo_port=7007
sink_in6=${net_prefix}cb00:7207	# net4 swallows 203.0.114.0/24

# Short lifetimes, so that sessions and held ports turn over; and as the other
# one, what an operator might change meanwhile.
configuration() {
	cat <<-END
		option set allow-nonconforming on
		timeout set tcp-est 60s
		timeout set tcp-trans-open 10s
		timeout set tcp-trans-close 10s
		timeout set udp 10s
		timeout set udp-dns 10s
		timeout set icmp 10s
		timeout set port-hold 10s
		prefix add $net_prefix/96
		pool add $net_pool
		alg enable ftp
		alg enable pptp
		$([ $# = 0 ] || printf '%s\n' "$@")
	END
}

impair() {
	local link

	for link in "net6 plat" "plat net6" "net4 plat" "plat net4"; do
		# shellcheck disable=SC2086  # namespace and device
		set -- $link
		in_ns "$1" tc qdisc add dev "$2" root netem delay 2ms 1ms \
			loss 0.3% duplicate 0.3% reorder 1% || return
	done
}

soak_up() {
	mkdir -p "$work"
	servers_up 4 && ftp_tree && ftp_server vsftpd 21 && pptp_server &&
	gcc -O2 -Wall -Wextra -o "$net_run/flood" "$here/flood.c" &&
	service_start echo srv4 /usr/bin/python3 "$here/echo.py" serve \
		$echo_port &&
	wait_for 30 listening srv4 $echo_port &&
	routes_add net6 "blackhole 2001:db8:c::/48" &&
	routes_add net4 "blackhole 203.0.114.0/24" &&
	configuration >"$work/usual.conf" &&
	configuration "prefix add 64:ff9b::/96" "option set mss-clamp on" \
		"alg enable rtsp" >"$work/other.conf" &&
	plat config restore "$work/usual.conf" &&
	impair
}

# The workers: NAME PAUSE COMMAND ARG...
workers() {
	cat <<-END
		fetch-phone 1 fetch phone
		fetch-host6 1 fetch host6
		ftp-phone 1 ftp_both curl phone passive
		ftp-host6 1 ftp_both lftp host6 active
		names-phone 0.2 names phone
		names-host6 0.2 names host6
		connections-phone 2 connections phone 100
		connections-host6 2 connections host6 200
		ping-phone 1 pings phone 56
		ping-host6 1 pings host6 4000
		tunnel 2 tunnel_once phone2
		strangers 5 strangers
		operator 20 operator
	END
}

fetch() {
	in_ns "$1" curl -sS --max-time 120 \
		"http://$(in_url "$(server_of "$1")")/file" |
		cmp - "$net_run/www/file"
}

ftp_both() {
	ftp_exchange "$1" "$2" "$3" 21 "soak-$2" && ftp_same "$1" "soak-$2"
}

names() {
	[ "$(in_ns "$1" dig +short +tries=5 +time=2 "@$(server_of "$1")" \
		plain.test)" = 192.0.2.77 ]
}

connections() {
	[ "$(in_ns "$1" timeout 120 /usr/bin/python3 "$here/echo.py" client \
		"$(server_of "$1")" $echo_port "$2" </dev/null)" = \
		"$2 connections" ]
}

# Some of them are lost.
pings() {
	in_ns "$1" ping -n -q -c 20 -i 0.05 -W 5 -s "$2" "$(server_of "$1")"
}

tunnel_once() {
	local status=0

	pptp_up "$1" && in_ns "$1" curl -sS --max-time 120 \
		-o "$work/hello" "http://$pptp_inside/hello" &&
		cmp "$work/hello" "$net_run/www/hello" || status=1
	pptp_down "$1" || status=1
	return $status
}

# Many hosts with one packet each
strangers() {
	in_ns host6 "$net_run/flood" hosts 2000 "$sink_in6" 53
}

operator() {
	plat config sync "$work/other.conf" && sleep 10 &&
		plat config sync "$work/usual.conf"
}

# worker NAME PAUSE COMMAND ARG...: "GOOD BAD" in the file of its name
worker() {
	local name=$1 pause=$2 good=0 bad=0
	shift 2

	while [ $SECONDS -lt "$end" ]; do
		if "$@" >"$work/$name.last" 2>&1; then
			good=$((good + 1))
		else
			bad=$((bad + 1))
			{ echo "attempt $((good + bad))"
			  cat "$work/$name.last"; } >>"$work/$name.log"
		fi
		echo "$good $bad" >"$work/$name"
		sleep "$pause"
	done
}

# sample: "SESSIONS SLAB-KB CREATED" of this minute
sample() {
	printf '%s %s %s\n' "$(status_value sessions)" "$(slab_kb)" \
		"$(stat_value sessions-created)"
}

test_traffic() {
	local name pause command minute line pids=()

	end=$((SECONDS + minutes * 60))
	while read -r name pause command; do
		# shellcheck disable=SC2086  # words
		worker "$name" "$pause" $command </dev/null &
		pids+=($!)
	done < <(workers)
	# While all work: a sample takes time as well.
	for ((minute = 1; SECONDS + 60 < end; minute++)); do
		sleep 60
		line=$(sample)
		echo "$line" >>"$work/samples"
		note "minute $minute: sessions, slab kB, created: $line"
	done
	wait "${pids[@]}"
	while read -r name pause command; do
		line=$(cat "$work/$name" 2>/dev/null)
		note "$name: ${line% *} went well, ${line#* } did not"
	done < <(workers)
}

# Of each kind most must have gone well; only networks lose, so nothing may
# have failed by another octet.
test_all_kinds_work() {
	local name pause command good bad failed=''

	while read -r name pause command; do
		read -r good bad <"$work/$name" || good=0 bad=0
		if [ "$good" = 0 ] || [ "$bad" -gt $((good / 4 + 1)) ]; then
			failed+=" $name"
			tail -n 20 "$work/$name.log"
		fi
	done < <(workers)
	[ -z "$failed" ] || fail "failed too often:$failed"
	grep -H differ "$work"/*.log && fail "other octets"
	return 0
}

test_sessions_turn_over() {
	local most created name

	most=$(cut -d ' ' -f 1 "$work/samples" | sort -n | tail -n 1)
	created=$(stat_value sessions-created)
	[ "$created" -gt $((3 * most)) ] ||
		fail "$created created, at most $most at a time"
	for name in translated-early ftp-gates-used pptp-gates-used \
			fragmented-ipv6; do
		[ "$(stat_value $name)" -gt 0 ] || fail "no $name"
	done
}

# Once everything has been there, memory does not grow: the most of the last
# third is that of the second.
test_memory_level() {
	local lines second last

	lines=$(wc -l <"$work/samples")
	[ "$lines" -ge 6 ] || skip "less than six minutes"
	second=$(cut -d ' ' -f 2 "$work/samples" | head -n $((lines * 2 / 3)) |
		tail -n $((lines / 3)) | sort -n | tail -n 1)
	last=$(cut -d ' ' -f 2 "$work/samples" | tail -n $((lines / 3)) |
		sort -n | tail -n 1)
	[ "$last" -lt $((second + second / 10 + 4096)) ] ||
		fail "$second kB, later $last kB"
}

# created = expired + alive, ports used = ports held; then nothing
test_books() {
	expect "books" wait_for 30 books_balance
	expect "sessions stay" wait_for 120 no_sessions
	expect "books" books_balance
	expect "something stays" wait_for 60 nothing_left
}

no_sessions() {
	[ "$(status_value sessions)" = 0 ]
}

test_memory_back() {
	expect "memory" wait_for 60 slab_below $((before + 16384))
	expect "rmmod" rmmod nat64
	expect "memory" wait_for 60 slab_below $((before + 8192))
}

bed_more=pptp_phones
bed_with soak_up
before=$(slab_kb)
ktap_run traffic all-kinds-work sessions-turn-over memory-level books \
	memory-back
