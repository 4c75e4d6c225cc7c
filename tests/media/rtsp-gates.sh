#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# RTSP beyond playing: a server that takes its time with the 200 OK, media
# after the TEARDOWN, a player that dies, dialogues in single octets, ffmpeg
# that sends (RECORD).

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"
. "$here/../lib/rtsp.sh"

# inject PORT [FROM]: a packet of srv4 to a port of the pool
inject() {
	local from=()

	[ $# = 1 ] || from=(-p "$2")
	printf 'media' | in_ns srv4 ncat -u --send-only "${from[@]}" \
		$rtsp_pool "$1"
}

waits() {
	[ "$(rtsp_log | jq -s --arg p "/$1" 'map(select(.what == "wait" and
		(.path | startswith($p)))) | length')" != 0 ]
}

# The first SETUP has passed, its reply has not: the port is taken, nothing
# comes in. Then everything does.
test_S_40_before_the_reply() {
	local gates port drops_before

	rtsp_count
	touch "$rtsp_dir/slow"
	rtsp_play slow1 gst phone 554 slow1
	expect "SETUP" wait_for 60 waits slow1
	gates=$(plat -j gate show client $net_phone_in6)
	echo "$gates"
	jq -e 'length > 0 and all(.reserved)' <<<"$gates" || fail "gates"
	port=$(jq '.[] | select(.client_port == 7000).pool_port' <<<"$gates")
	rtsp_mark
	drops_before=$(drops)
	inject "$port"
	inject "$port"
	inject $((port + 1))
	expect_equal "sent" "$(rtsp_packets srv4 out "$port")" 2
	expect_equal "came" "$(rtsp_packets phone in 7000)" 0
	expect_equal "came" "$(rtsp_packets phone in 7001)" 0
	expect_equal "dropped" $(($(drops) - drops_before)) 3
	expect_equal "sessions" "$(rtsp_udp_rows phone | jq length)" 0
	expect_equal "used" "$(stat_value rtsp-gates-used)" 0

	rm "$rtsp_dir/slow"
	expect "PLAY" wait_for 60 rtsp_plays slow1
	expect "sessions" wait_for 60 has_rows phone 4
	rtsp_udp_rows phone >"$rtsp_dir/rows"
	rtsp_wait slow1 || fail "no end"
	rtsp_received slow1 gst
	rtsp_flowed gst phone slow1 in $((4 * rtsp_seconds))
}

has_rows() {
	[ "$(rtsp_udp_rows "$1" | jq length)" = "$2" ]
}

# From and to the very ports of the media that have ended.
test_R_11_after_the_teardown() {
	local port from i before drops_before

	[ -s "$rtsp_dir/rows" ] || fail "there were no media"
	expect "sessions" wait_for 30 has_rows phone 0
	expect "gates" wait_for 30 rtsp_no_gates
	drops_before=$(drops)
	for i in 7000 7002; do
		before=$(rtsp_packets phone in $i)
		read -r port from < <(jq -r --argjson p $i '.[] |
			select(.client_port == $p) |
			"\(.pool_port) \(.server_port)"' "$rtsp_dir/rows")
		inject "$port" "$from"
		expect_equal "came" "$(rtsp_packets phone in $i)" "$before"
	done
	expect_equal "dropped" $(($(drops) - drops_before)) 2
	expect_equal "sessions" "$(rtsp_udp_rows phone | jq length)" 0
}

# What a dead player had asked for is gone with its connection, not by expiry.
test_G_08_player_killed() {
	local pid

	expect "timeout" plat timeout set gate-rtsp 1h
	rtsp_mark
	touch "$rtsp_dir/slow"
	rtsp_play slow2 ffmpeg host6 554 slow2
	expect "SETUP" wait_for 60 waits slow2
	[ "$(rtsp_gates client $net_host6)" != 0 ] || fail "no gates"
	pid=$(pgrep -f "^ffmpeg .*/slow2\.crc")
	expect "kill" kill -9 "$pid"
	rm "$rtsp_dir/slow"
	expect "gates" wait_for 60 rtsp_no_gates
	rtsp_moved rtsp-gates-expired -eq 0
	expect_equal "sessions" "$(rtsp_udp_rows host6 | jq length)" 0
	expect "timeout" plat timeout set gate-rtsp 60s
}

# octets_rules FROM MATCH LENGTH: segments with one octet and with more behind
# IP headers of that length, whatever the options of TCP are
octets_rules() {
	local words match

	for words in {5..15}; do
		match="$2 tcp doff $words meta length"
		echo "$match $(($3 + 4 * words + 1)) counter name ${1}_one"
		echo "$match > $(($3 + 4 * words + 1)) counter name ${1}_more"
	done
}

# As they come to the PLAT: it sends whole messages on. Segments that are sent
# again do not grow.
octets_count() {
	local ns

	for ns in phone host6 srv4; do
		in_ns $ns sysctl -q net.ipv4.tcp_retrans_collapse=0 || return
	done
	in_ns plat nft -f - <<-END
		table inet octets {
			counter phone_one { }
			counter phone_more { }
			counter host6_one { }
			counter host6_more { }
			counter srv4_one { }
			counter srv4_more { }
			chain prerouting {
				type filter hook prerouting priority raw
				tcp flags & syn == syn accept
				$(octets_rules phone "ip6 saddr $net_phone_in6 tcp dport 8554" 40)
				$(octets_rules host6 "ip6 saddr $net_host6 tcp dport 8554" 40)
				$(octets_rules srv4 "ip saddr $net_srv4 tcp sport 8554" 20)
			}
		}
	END
}

octets_counted() {
	in_ns plat nft -j list counter inet octets "$1" |
		jq '.nftables[] | .counter? // empty | .packets'
}

# What players say to the server goes through a relay on their own host.
octets_redirect() {
	local ns

	for ns in phone host6; do
		service_start "octets-$ns" $ns /usr/bin/python3 "$rtsp_helper" \
			octets 8555 77
		in_ns $ns nft -f - <<-END || return
			table inet redirected {
				chain output {
					type nat hook output priority -100
					meta mark != 77 tcp dport 8554 \
						redirect to :8555
				}
			}
		END
		wait_for 30 listening $ns 8555 || return
	done
}

test_R_02_octet_by_octet() {
	expect "counters" octets_count
	expect "relays" octets_redirect
	rtsp_count
	rtsp_mark
	rtsp_play octets-phone ffmpeg phone 8554 octets-phone
	rtsp_play octets-host6 gst host6 8554 octets-host6
	rtsp_wait octets-phone octets-host6 || fail "no end"
	rtsp_received octets-phone ffmpeg
	rtsp_received octets-host6 gst
	rtsp_clean
	rtsp_moved rtsp-connections -eq 2
	# of what is held until a message is whole
	rtsp_moved alg-acks-sent -ge 2000
	rtsp_flowed ffmpeg phone octets-phone in $((4 * rtsp_seconds))
	rtsp_flowed gst host6 octets-host6 in $((4 * rtsp_seconds))
	for ns in srv4 phone host6; do
		echo "$ns: $(octets_counted ${ns}_one) of one octet"
		[ "$(octets_counted ${ns}_one)" -ge 500 ] || fail "too few"
		expect_equal "longer from $ns" "$(octets_counted ${ns}_more)" 0
	done
}

# pushed NS: it arrived, and the server's RTCP came back
pushed() {
	local ns=$1 path=record-$1 got i port pool

	expect_equal "status" "$(cat "$rtsp_dir/$path-push.status")" 0
	mapfile -t got < <(rtsp_frames "$path" gst)
	echo "${got[*]} frames"
	[ "${got[0]}" -ge $((16 * rtsp_seconds)) ] || fail "too little sound"
	[ "${got[1]}" -ge $((4 * rtsp_seconds)) ] || fail "too few pictures"
	for i in 0 1; do
		expect_match "asked" "$(rtsp_asked "$path" $i)" \
			'^RTP/AVP/UDP;unicast;client_port=.*mode=record'
		port=$(jq ".[$i]" "$rtsp_dir/$path.ports")
		pool=$(rtsp_pair "$(rtsp_asked "$path" $i)")
		expect_many "$ns" out "$port" srv4 in "$pool" \
			$((4 * rtsp_seconds))
		expect_many "$ns" out $((port + 1)) srv4 in $((pool + 1)) 1
		expect_many srv4 out $((pool + 1)) "$ns" in $((port + 1)) 1
	done
}

# push_ports NS: ffmpeg has no option for its ports when it sends
push_ports() {
	rtsp_udp_rows "$1" | jq -e 'map(.client_port) | sort |
		map(select(. % 2 == 0)) | if length == 2 then . else error end' \
		>"$rtsp_dir/record-$1.ports"
}

test_R_18_record() {
	local ns

	rtsp_count
	rtsp_mark
	for ns in phone host6; do
		rtsp_push "record-$ns-push" $ns "record-$ns"
	done
	for ns in phone host6; do
		expect "sessions" wait_for 60 push_ports $ns
	done
	rtsp_wait record-{phone,host6}-push || fail "no end"
	rtsp_clean
	expect_equal "RECORDs" "$(rtsp_log | grep -c '"what": "record"')" 2
}

test_R_18_record_phone() {
	pushed phone
}

test_R_18_record_host6() {
	pushed host6
}

test_G_08_nothing_left() {
	expect "phone" wait_for 30 has_rows phone 0
	expect "host6" wait_for 30 has_rows host6 0
	expect "gates" wait_for 30 rtsp_no_gates
}

bed_with rtsp_bed slow1 slow2 octets-{phone,host6} record-{phone,host6}
ktap_run S-40.before-the-reply R-11.after-the-teardown G-08.player-killed \
	R-02.octet-by-octet R-18.record R-18.record-phone R-18.record-host6 \
	G-08.nothing-left
