# shellcheck shell=bash disable=SC2154  # variables of net.sh and rtsp.sh
# SPDX-License-Identifier: GPL-2.0
#
# RTSP behind the CLAT and native: SETUP on both sides of the PLAT, the gates as
# they open and are used, RTP counted at both ends. The players are those of the
# media lane; the demo does not install them.

# rtsp_transport NS: of its first SETUP, as it sent it
rtsp_transport() {
	LC_ALL=C grep -aoE 'Transport: RTP/AVP[^[:cntrl:]]*client_port[^[:cntrl:]]*' \
		"$net_run/rtsp-sent.log" | head -n 1
}

rtsp_scene_setup() {
	local ns=$1 sent saw
	sent=$(rtsp_transport)
	saw=$(rtsp_asked "demo-$ns" 0)

	cat <<-END

		SETUP of the tone
		  $ns sent:      $sent
		  the server saw:  Transport: $saw
		  the server said: Transport: $(rtsp_given "demo-$ns" 0)
	END
	[[ $sent =~ client_port ]] || bad "no SETUP seen in $ns"
	[[ $saw =~ client_port ]] || bad "no SETUP seen by the server"
}

rtsp_scene_counts() {
	local player=$1 ns=$2 i port pool came media=(tone picture)

	printf '\nRTP, as the server sent it and as it came\n'
	for i in 0 1; do
		port=$((${rtsp_port[$player]} + 2 * i))
		pool=$(rtsp_pair "$(rtsp_asked "demo-$ns" $i)")
		came=$(rtsp_packets "$ns" in $port)
		printf '  %-8s %4d packets to pool port %s, %4d to port %s of %s\n' \
			"${media[i]}" "$(rtsp_packets srv4 out "$pool")" "$pool" \
			"$came" $port "$ns"
		[ "$came" -ge $((4 * rtsp_seconds)) ] || bad "hardly any"
	done
}

# rtsp_scene_play PLAYER NS PROGRAM
rtsp_scene_play() {
	local player=$1 ns=$2 name=demo-$2

	service_start rtsp-events plat nat64ctl monitor gate
	service_start rtsp-sent "$ns" tcpdump -A -l -n -i any tcp dst port 554
	wait_for 20 grep -q listening "$net_run/rtsp-sent.log" || bad "tcpdump"
	rtsp_count || bad "nft"
	printf '\n%s# %s %s     (%d seconds)\n' "$ns" "$3" \
		"$(rtsp_url "$ns" 554 "$name")" "$rtsp_seconds"
	rtsp_play "$name" "$player" "$ns" 554 "$name"
	wait_for 60 rtsp_ready "$name" rtsp_plays "$name"
	want 'owner' plat nat64ctl -d session show proto udp \
		client "$(client_of "$ns")"
	rtsp_wait "$name" || bad "$player does not end"
	grep -q '^0' "$rtsp_dir/$name.status" || bad "$player has failed"
	service_stop rtsp-sent
	service_stop rtsp-events
	rtsp_scene_setup "$ns"
	printf '\nplat# nat64ctl monitor gate\n'
	sed 's/^/  /' "$net_run/rtsp-events.log"
	grep -q gate-use "$net_run/rtsp-events.log" || bad "no gate was used"
	rtsp_scene_counts "$player" "$ns"
}

scene_rtsp() {
	title "RTSP: players ask for media on ports of their own"
	if ! rtsp_installed; then
		printf '\nNo players here (they take 250 MB): "%s" installs them.\n' \
			"tests/vm/setup media"
		return
	fi
	if ! rtsp_server demo-phone demo-host6; then
		bad "no RTSP server on srv4"
		return
	fi
	want 'rtsp' plat nat64ctl alg show
	rtsp_scene_play ffmpeg phone 'ffmpeg -i'
	rtsp_scene_play gst host6 rtspsrc
}
