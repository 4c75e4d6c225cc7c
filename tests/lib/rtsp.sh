# shellcheck shell=bash disable=SC2154  # the net_ variables are of net.sh
# SPDX-License-Identifier: GPL-2.0
#
# An RTSP server on srv4 and players in the other namespaces; to be sourced
# after ktap.sh, net.sh and plat.sh.
#
#   rtsp_server PATH...         see rtsp.py; the ALG on its ports
#   rtsp_bed PATH...            the same, with one address in the pool
#   rtsp_play NAME PLAYER NS PORT PATH [ARG...]     ffmpeg or gst, in the
#                               background, from its own fixed ports: a tone
#                               and a picture for $rtsp_seconds
#   rtsp_push NAME NS PATH [ARG...]     ffmpeg, which sends the same
#   rtsp_wait NAME...           for their ends
#   rtsp_received NAME PLAYER [PERCENT]         enough has come
#   rtsp_plays PATH             it has been asked to
#   rtsp_asked PATH STREAM, rtsp_given PATH STREAM  Transport of a SETUP, as the
#                               server saw it and answered it
#   rtsp_said WHAT PATH         how often the server was asked
#   rtsp_count, then rtsp_packets NS in|out PORT    UDP since then; on srv4
#                               PORT is the pool's

rtsp_dir=$net_run/rtsp
rtsp_helper=$(cd "$(dirname "${BASH_SOURCE[0]}")/../media" && pwd)/rtsp.py
# long enough for players that start at different speeds to play together
rtsp_seconds=${PLAY_SECONDS:-20}
# an address for all, so that clients compete for its ports
rtsp_pool=198.51.100.1

# Both of a player: RTP of the tone and of the picture; RTCP is one above.
declare -A rtsp_port=([ffmpeg]=6000 [gst]=7000)

# What `tests/vm/setup media` installs is there.
rtsp_installed() {
	command -v ffmpeg gst-inspect-1.0 >/dev/null &&
		/usr/bin/python3 -c 'import gi
gi.require_version("GstRtspServer", "1.0")' 2>/dev/null
}

# What is not used need not be looked at, which takes long.
rtsp_plugins() {
	local name from=/usr/lib/x86_64-linux-gnu/gstreamer-1.0

	mkdir -p "$rtsp_dir/plugins" || return
	for name in app audiotestsrc coreelements jpeg mulaw rtp rtpmanager \
			rtsp tcp typefindfunctions udp videotestsrc; do
		ln -sf $from/libgst$name.so "$rtsp_dir/plugins/" || return
	done
	export GST_PLUGIN_SYSTEM_PATH_1_0=$rtsp_dir/plugins
	export GST_REGISTRY=$rtsp_dir/registry GST_REGISTRY_FORK=no
	gst-inspect-1.0 --exists rtspsrc
}

rtsp_server() {
	rtsp_plugins || return
	service_start rtsp srv4 /usr/bin/python3 "$rtsp_helper" serve \
		"$rtsp_dir" "$@"
	wait_for 60 listening srv4 554 8554 &&
	plat alg enable rtsp port 554 port 8554
}

rtsp_bed() {
	plat pool del "$net_pool" &&
	plat pool add $rtsp_pool &&
	rtsp_server "$@"
}

rtsp_url() {
	printf 'rtsp://%s:%s/%s' "$(in_url "$(server_of "$1")")" "$2" "$3"
}

# rtsp_start NAME NS COMMAND ARG...
rtsp_start() {
	local name=$1 ns=$2
	shift 2

	rm -f "$rtsp_dir/$name".{log,status,crc,audio,video}
	{
		in_ns "$ns" timeout $((180 + rtsp_seconds)) "$@" \
			>"$rtsp_dir/$name.log" 2>&1 4>&-
		echo $? >"$rtsp_dir/$name.status"
	} &
}

rtsp_play() {
	local name=$1 player=$2 ns=$3 url
	url=$(rtsp_url "$ns" "$4" "$5")
	shift 5

	"rtsp_play_$player" "$name" "$ns" "$url" "$@"
}

# ARG: options before the input
rtsp_play_ffmpeg() {
	local name=$1 ns=$2 url=$3
	shift 3

	rtsp_start "$name" "$ns" ffmpeg -nostdin -v info -nostats \
		-min_port 6000 -max_port 6003 \
		-analyzeduration 60000000 -probesize 1000000 "$@" -i "$url" \
		-map 0 "-frames:a" $((20 * rtsp_seconds)) -c copy \
		-f framecrc "$rtsp_dir/$name.crc"
}

# ARG: properties of rtspsrc
rtsp_play_gst() {
	local name=$1 ns=$2 url=$3
	shift 3

	rtsp_start "$name" "$ns" /usr/bin/python3 "$rtsp_helper" play \
		"$rtsp_dir/$name" $((400 * 20 * rtsp_seconds)) \
		"location=$url" latency=0 port-range=7000-7003 \
		teardown-timeout=30000000000 tcp-timeout=200000000 "$@"
}

# ARG: options of the output
rtsp_push() {
	local name=$1 ns=$2 path=$3
	shift 3

	rtsp_start "$name" "$ns" ffmpeg -nostdin -v info -nostats \
		-re -f lavfi -i sine=r=8000:samples_per_frame=400 \
		-re -f lavfi -i testsrc=s=64x48:r=5 \
		-map 0 -map 1 -t "$rtsp_seconds" -pix_fmt yuvj420p \
		-c:a pcm_mulaw -c:v mjpeg -huffman default \
		-force_duplicated_matrix 1 -f rtsp "$@" \
		"$(rtsp_url "$ns" 554 "$path")"
}

rtsp_ended() {
	local name

	for name in "$@"; do
		[ -s "$rtsp_dir/$name.status" ] || return
	done
}

# rtsp_ready NAME COMMAND ARG...: it succeeds, or the player has ended before
rtsp_ready() {
	local name=$1
	shift

	"$@" || rtsp_ended "$name"
}

rtsp_wait() {
	wait_for $((180 + rtsp_seconds)) rtsp_ended "$@"
}

# frames of the tone and of the picture
rtsp_frames() {
	local file=$rtsp_dir/$1

	if [ "$2" = ffmpeg ]; then
		grep -c '^0,' "$file.crc"
		grep -c '^1,' "$file.crc"
	else
		echo $(($(stat -c %s "$file.audio") / 400))
		# each begins with SOI
		LC_ALL=C grep -abo -P '\xff\xd8\xff' "$file.video" | wc -l
	fi
}

rtsp_received() {
	local name=$1 percent=${3:-80} got

	[ "$(cat "$rtsp_dir/$name.status")" = 0 ] || {
		rtsp_log | tail -n 20
		tail -n 20 "$rtsp_dir/$name.log"
		fail "$name: status $(cat "$rtsp_dir/$name.status")"
	}
	mapfile -t got < <(rtsp_frames "$name" "$2")
	echo "$name: ${got[*]} frames in $rtsp_seconds s"
	[ "${got[0]}" -ge $((20 * rtsp_seconds * percent / 100)) ] ||
		fail "$name: too little sound"
	[ "${got[1]}" -ge $((5 * rtsp_seconds * percent / 100)) ] ||
		fail "$name: too few pictures"
}

rtsp_log() {
	grep '^{' "$net_run/rtsp.log"
}

rtsp_said() {
	rtsp_log | jq -s --arg w "$1" --arg p "/$2" 'map(select(.what == $w and
		(.path == $p or (.path // "" | startswith($p + "/"))))) | length'
}

rtsp_setup() {
	rtsp_log | jq -rs --arg p "/$2/stream" --argjson n "$3" --arg f "$1" \
		'map(select(.what == "setup" and (.path | startswith($p))))
			[$n][$f]'
}

rtsp_plays() {
	[ "$(rtsp_said play "$1")" != 0 ]
}

rtsp_asked() {
	rtsp_setup asked "$@"
}

rtsp_given() {
	rtsp_setup given "$@"
}

# rtsp_pair TRANSPORT: the first client_port of it
rtsp_pair() {
	sed -n 's/.*client_port=\([0-9]*\)-.*/\1/p' <<<"$1"
}

rtsp_count() {
	local ns in out

	for ns in phone host6 srv4; do
		in=dport out=sport
		[ $ns != srv4 ] || in=sport out=dport
		in_ns "$ns" nft -f - <<-END || return
			table inet media
			delete table inet media
			table inet media {
				set in {
					type inet_service
					size 1024
					flags dynamic
					counter
				}
				set out {
					type inet_service
					size 1024
					flags dynamic
					counter
				}
				chain input {
					type filter hook input priority 0
					meta l4proto udp update @in { udp $in }
				}
				chain output {
					type filter hook output priority 0
					meta l4proto udp update @out { udp $out }
				}
			}
		END
	done
}

rtsp_packets() {
	in_ns "$1" nft -j list set inet media "$2" | jq --argjson p "$3" '
		[.nftables[].set?.elem?[]?.elem
			| select(.val == $p).counter.packets] | add // 0'
}

# rtsp_udp_rows NS...: media of clients
rtsp_udp_rows() {
	local ns

	for ns in "$@"; do
		plat -j session show proto udp client "$(client_of "$ns")"
	done | jq -s add
}

rtsp_gates() {
	plat -j gate show "$@" | jq length
}

rtsp_no_gates() {
	[ "$(plat -j gate show | jq length)" = 0 ]
}

# rtsp_mark, then rtsp_moved COUNTER TEST NUMBER...: what the PLAT has counted
# since then
rtsp_mark() {
	plat stats show >"$rtsp_dir/mark"
}

rtsp_moved() {
	local before now

	before=$(awk -v n="$1" '$1 == n { print $2 }' "$rtsp_dir/mark")
	now=$(stat_value "$1") || fail "no counter $1"
	test $((now - before)) "$2" "$3" ||
		fail "$1 moved by $((now - before)), wanted $2 $3"
}

# Nothing was given up, and nothing could not be read.
rtsp_clean() {
	rtsp_moved rtsp-transparent -eq 0
	rtsp_moved rtsp-errors -eq 0
	rtsp_moved rtsp-gates-refused -eq 0
}

# rtsp_flowed PLAYER NS PATH DIRECTION PACKETS: both media of it, to the player
# (DIRECTION in) or from it, and RTCP both ways, counted at both ends. So many
# packets of the picture at least, and four times as many of the tone.
rtsp_flowed() {
	local player=$1 ns=$2 path=$3 to=$4 min=$5 i port pool from=in

	[ "$to" = out ] || from=out
	for i in 0 1; do
		port=$((${rtsp_port[$player]} + 2 * i))
		pool=$(rtsp_pair "$(rtsp_asked "$path" $i)")
		[ -n "$pool" ] || fail "no SETUP of stream $i"
		expect_many "$ns" "$to" $port srv4 $from "$pool" \
			$((i ? min : 4 * min))
		expect_many "$ns" out $((port + 1)) srv4 in $((pool + 1)) 1
		expect_many srv4 out $((pool + 1)) "$ns" in $((port + 1)) 1
	done
}

# expect_many NS WAY PORT NS WAY PORT MIN: packets at both ends
expect_many() {
	local a b

	a=$(rtsp_packets "$1" "$2" "$3")
	b=$(rtsp_packets "$4" "$5" "$6")
	echo "$1 $2 $3: $a, $4 $5 $6: $b packets"
	[ "$a" -ge "$7" ] || fail "wanted $7"
	[ "$b" -ge "$7" ] || fail "wanted $7"
}
