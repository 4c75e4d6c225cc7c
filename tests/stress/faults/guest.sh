#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# shellcheck disable=SC2154  # variables of net.sh and bed.sh
#
# Every allocation of the module fails, at its first call and then at random:
# while it is loaded, configured, asked and busy. In a guest, by faults.sh.
#
#   guest.sh FAULTS.KO SITES      with NAT64_KO built with faults.h

here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/plat.sh"
. "$here/bed.sh"

faults_ko=$1
sites=$2
list=/sys/kernel/debug/nat64_faults
packet=$here/../packet/run
rest=(F-16 F-17.mss-clamp HP-03.error C-05.held-back EARLY.shared-packets)

mode() {
	echo "$1" >/sys/module/faults/parameters/mode
}

failures() {
	awk '{ n += $2 } END { print n + 0 }' $list
}

# until_done COMMAND ARG...: it fails for a while, and then not
until_done() {
	local i before

	before=$(failures)
	for i in $(seq 80); do
		if "$@"; then
			note "$1 $2: $i tries, $(($(failures) - before))" \
				"failures"
			return 0
		fi
	done
	return 1
}

configuration() {
	stress_configuration
	cat <<-END
		pool add 198.51.100.8-198.51.100.9 proto tcp
		binding add 2001:db8:1::10 7 to 198.51.100.1 7 proto udp
		binding add 2001:db8:1::10 80 to 198.51.100.8 80 proto tcp
		option set allow-nonconforming on
		option set log-destinations on
		timeout set tcp-est 2s
		timeout set gate-ftp 30s
	END
}

try_load() {
	insmod "$NAT64_KO" && return
	module_loaded && fail "half loaded"
	return 1
}

test_load() {
	mode first
	expect "load" until_done try_load
	rmmod nat64 || fail "unload"
	expect "load again" insmod "$NAT64_KO"
}

# The table of a namespace is made when it is.
test_namespace() {
	mode 8
	until_done ip netns add other || fail "netns add"
	ip netns del other
	mode first
}

test_configure() {
	configuration >"$stress_conf"
	expect "configuration" until_done plat config restore "$stress_conf"
	mode off
	expect_equal "saved" "$(plat config save | grep -c '^pool add')" 2
	mode first
}

ask() {
	plat option set port-parity on && plat status &&
		plat -j stats show && plat config save && plat session show &&
		plat session count && plat gate show && plat binding show &&
		plat config sync "$stress_conf"
}

test_ask() {
	expect "questions" until_done ask >/dev/null
}

test_traffic() {
	service_start monitor plat nat64ctl monitor
	"$net_run/packets" 1 8000 10 || fail "packets"
	mode 10
	"$net_run/packets" 2 8000 10 || fail "packets"
	ask >/dev/null
	plat gate flush
	plat session kill proto udp
	"$net_run/packets" 3 8000 10 || fail "packets"
	mode 100
	"$net_run/packets" 4 8000 10 || fail "packets"
	service_stop monitor
}

probed() {
	[ "$(awk '$3 ~ /^send.c:.*alloc_skb$/ && !$2' $list)" = "" ]
}

# An idle connection is asked whether it lives.
test_idle() {
	mode first
	expect "probe" wait_for 30 probed
}

gates_opened() {
	stat_value "$1-gates-opened"
}

# Whether a packet meets a gate in time is chance; that it is opened is not.
test_alive() {
	local alg
	local -A before

	mode off
	plat config restore "$stress_conf" || fail "restore"
	plat -q session flush
	for alg in ftp rtsp pptp; do
		before[$alg]=$(gates_opened $alg)
	done
	"$net_run/packets" 5 8000 0 || fail "packets"
	for alg in ftp rtsp pptp; do
		note "$alg: $(($(gates_opened $alg) - before[$alg])) gates"
		[ "$(gates_opened $alg)" -gt "${before[$alg]}" ] ||
			fail "$alg no more"
	done
	expect_balance
	plat config restore /dev/null || fail "restore"
	expect "left" wait_for 60 nothing_left
}

# Super-packets, errors between clients, MSS, ports that are held, packets that
# somebody else holds: the tests may fail, and nothing else.
test_rest() {
	net_down
	mode first
	"$packet" "${rest[@]}" >/dev/null
	mode off
	"$packet" "${rest[@]}" || fail "not as before"
}

test_sites() {
	local missing

	missing=$(tr '\0' '\n' <"$sites" | sort -u | grep . |
		grep -vxFf <(awk '$2 { print $3 }' $list))
	note "$(awk '$2 { n++; f += $2 } END { print f, "failures at", n }' \
		$list) of $(tr '\0' '\n' <"$sites" | sort -u | grep -c .) sites"
	[ -z "$missing" ] || fail "never failed: $missing"
}

end() {
	stress_down
	rmmod nat64 faults
}

trap end EXIT
mkdir -p "$net_run"
stress_network && stress_build packets && insmod "$faults_ko" || exit
ktap_run load namespace configure ask traffic idle alive rest sites
