# shellcheck shell=bash disable=SC2154  # the net_ variables are of net.sh
# SPDX-License-Identifier: GPL-2.0
#
# Questions to the PLAT of net.sh, and the bed of a peers script; to be sourced
# after ktap.sh and net.sh.

plat() {
	nat64ctl -n plat "$@"
}

# stat_value COUNTER
stat_value() {
	plat -j stats show | jq -e --arg n "$1" '.[] | select(.name == $n).value'
}

# status_value KEY
status_value() {
	plat -j status | jq -e ".[0].$1"
}

# no state of any client
nothing_left() {
	[ "$(plat -j status | jq -c '.[0] | [.sessions, .bindings, .gates,
		.stored_syns, .subscribers, .ports_used]')" = "[0,0,0,0,0,0]" ]
}

# session_rows FILTER...: how many the kernel lists
session_rows() {
	plat -j session show "$@" | jq length
}

binding_rows() {
	plat -j binding show "$@" | jq length
}

# sum_values COUNTER...
sum_values() {
	local list

	list=$(printf '%s\n' "$@" | jq -Rn '[inputs]')
	plat -j stats show | jq --argjson l "$list" \
		'[.[] | select(.name as $n | $l | index($n)) | .value] | add'
}

# packets NS DEV rx|tx
packets() {
	ip -n "$1" -j -s link show "$2" | jq ".[0].stats64.$3.packets"
}

# expect_moved COUNTER MIN COMMAND ARG...: it succeeds and is seen to have
# passed the translator
expect_moved() {
	local counter=$1 min=$2 before after
	shift 2

	before=$(stat_value "$counter") || fail "no counter $counter"
	expect "failed" "$@"
	after=$(stat_value "$counter")
	[ $((after - before)) -ge "$min" ] ||
		fail "$counter moved by $((after - before)), wanted $min: $*"
}

# memory of the kernel's objects
slab_kb() {
	awk '$1 == "SUnreclaim:" { print $2 }' /proc/meminfo
}

slab_below() {
	[ "$(slab_kb)" -lt "$1" ]
}

# books_balance: what was made has gone or is there, and each binding has a port
# but for those of GRE, whose call ids are not the pool's. Without traffic.
books_balance() {
	local stats status ported

	stats=$(plat -j stats show) && status=$(plat -j status) &&
	ported=$(plat -j binding show | jq 'map(select(.proto != "gre"))
		| length') || return
	jq -en --argjson stats "$stats" --argjson status "$status" \
		--argjson ported "$ported" '
		$status[0] as $now | ($stats | map({ (.name): .value }) | add)
		as $n |
		$n["sessions-created"] - $n["sessions-removed"] ==
			$now.sessions and
		$n["bindings-created"] - $n["bindings-removed"] ==
			$now.bindings and
		$n["gates-opened"] - $n["gates-closed"] == $now.gates and
		$n["syns-stored"] - $n["syns-matched"] - $n["syns-expired"] ==
			$now.stored_syns and
		$ported + $now.held_ports == $now.ports_used'
}

expect_equal() {
	[ "$2" = "$3" ] || fail "$1: $2, wanted $3"
}

expect_match() {
	[[ $2 =~ $3 ]] || fail "$1: wanted $3 in: $2"
}

# packets that the PLAT dropped, for whatever reason
drops() {
	plat -j stats show | jq '[.[] | select(.name | startswith("drop-"))
		| .value] | add'
}

# the address of srv4 as a client sees it
server_of() {
	case $1 in
	phone) printf '%s' "$net_srv4" ;;
	*) printf '%s' "$net_srv4_in6" ;;
	esac
}

# an address in a URL
in_url() {
	case $1 in
	*:*) printf '[%s]' "$1" ;;
	*) printf '%s' "$1" ;;
	esac
}

# the IPv6 address under which the PLAT knows a client
client_of() {
	case $1 in
	phone) printf '%s' "$net_phone_in6" ;;
	*) printf '%s' "$net_host6" ;;
	esac
}

# A library of peers may say more, in bed_diagnose().
ktap_diagnose() {
	plat status
	plat -j stats show | jq -r '.[] | select(.value > 0)
		| "\(.name) \(.value)"'
	plat -d session show | head -n 20
	! declare -F bed_diagnose >/dev/null || bed_diagnose
	dmesg | tail -n 5
}

# bed_begin [SIZE-MB]: with the usual servers and a file of that size
bed_begin() {
	bed_with servers_up "${1:-1}"
}

# bed_with COMMAND ARG...: with the servers that it starts, and with what the
# command $bed_more adds to the network. A script cannot go on without its
# network: that is its one result.
bed_with() {
	local log status=0

	log=$(mktemp)
	trap net_down EXIT
	{ net_up && ${bed_more:-true} && plat_up && clat_up && "$@" &&
		plat_ready; } \
		>"$log" 2>&1 || status=$?
	if [ $status != 0 ]; then
		printf 'KTAP version 1\n1..1\n'
		{ cat "$log"; ktap_diagnose 2>&1; } | sed 's/^/# /'
		printf 'not ok 1 network\n'
		exit 1
	fi
	rm -f "$log"
}
