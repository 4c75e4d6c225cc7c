# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# KTAP from shell functions; to be sourced.
#
#   ktap_run NAME...    one test per function test_NAME (- and . become _),
#                       each in a subshell; what it prints is shown as a
#                       diagnosis if it fails. The caller exits with the
#                       status: 0, or 1 when something failed.
#   skip REASON         inside a test function: does not apply here
#   fail TEXT           inside a test function: ends it
#   expect TEXT COMMAND ARG...   fail TEXT unless the command succeeds
#   note TEXT           a diagnosis line that is always shown

ktap_skip_status=4

skip() {
	printf 'SKIP %s\n' "$*"
	exit $ktap_skip_status
}

fail() {
	printf '%s\n' "$*"
	exit 1
}

expect() {
	local text=$1
	shift

	"$@" || fail "$text: $* (status $?)"
}

note() {
	printf '# %s\n' "$*" >&4
}

ktap_one() {
	local number=$1 name=$2 log=$3 status reason

	("test_${name//[-.]/_}") </dev/null >"$log" 2>&1
	status=$?
	reason=$(sed -n 's/^SKIP //p' "$log" | tail -n 1)
	case $status in
	0)
		printf 'ok %d %s\n' "$number" "$name"
		return 0
		;;
	"$ktap_skip_status")
		printf 'ok %d %s # SKIP %s\n' "$number" "$name" "$reason"
		return 0
		;;
	esac
	tail -n 60 "$log" | sed 's/^/# /'
	printf 'not ok %d %s\n' "$number" "$name"
	# what the caller knows about the state of things at this moment
	if declare -F ktap_diagnose >/dev/null; then
		ktap_diagnose 2>&1 | sed 's/^/# /'
	fi
	return 1
}

ktap_run() {
	local log name number=0 failed=0

	log=$(mktemp)
	exec 4>&1
	printf 'KTAP version 1\n1..%d\n' $#
	for name in "$@"; do
		number=$((number + 1))
		ktap_one $number "$name" "$log" || failed=1
	done
	rm -f "$log"
	return $failed
}
