# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Packages of the machine's own Debian suite, for set-up scripts; to be
# sourced. Expects $cache, a directory that exists.
#
#   packages_install NAME...     install what is missing; starts no daemon
#   debs_unpack DIR NAME...      unpack below DIR, installing nothing
#   candidates NAME...           NAME=VERSION of what apt would install
#   index_update                 apt-get update, once in a run
#   say TEXT, die TEXT

# shellcheck disable=SC2154  # cache is the caller's

say() {
	printf 'setup: %s\n' "$*"
}

die() {
	printf 'setup: %s\n' "$*" >&2
	exit 1
}

# Package scripts ask policy-rc.d whether they may start a daemon. The answer
# is no for the time of our call; the administrator's own file comes back.
policy=/usr/sbin/policy-rc.d
policy_saved=$policy.nat64-saved

policy_deny() {
	policy_restore
	if [ -e $policy ]; then
		mv $policy $policy_saved
	fi
	printf '#!/bin/sh\n# nat64 tests/vm/setup\nexit 101\n' >$policy
	chmod 755 $policy
}

policy_restore() {
	if [ -e $policy ] && grep -q '^# nat64 tests/vm/setup$' $policy; then
		rm -f $policy
	fi
	if [ -e $policy_saved ]; then
		mv $policy_saved $policy
	fi
}

# Its many lines are of interest only when something goes wrong.
apt() {
	local status=0

	DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" \
		>"$cache/apt.log" 2>&1 || status=$?
	[ $status = 0 ] || tail -n 20 "$cache/apt.log" >&2
	return $status
}

updated=
index_update() {
	[ -z "$updated" ] || return 0
	say "updating the package index"
	apt update || say "apt-get update failed, using the old index"
	updated=1
}

installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = \
		installed ]
}

packages_install() {
	local p missing=()

	for p in "$@"; do
		installed "$p" || missing+=("$p")
	done
	[ ${#missing[@]} -gt 0 ] || return 0

	say "installing: ${missing[*]}"
	policy_deny
	trap policy_restore EXIT
	if ! apt_install "${missing[@]}"; then
		index_update
		apt_install "${missing[@]}" || die "apt-get install failed"
	fi
	policy_restore
	trap - EXIT
}

apt_install() {
	apt -o Dpkg::Options::=--force-confdef \
		-o Dpkg::Options::=--force-confold \
		--no-install-recommends install "$@"
}

# NAME=VERSION of what apt would install.
candidates() {
	apt-cache policy "$@" | awk '
		/^[^ ]/ { name = $1; sub(/:$/, "", name) }
		/^ *Candidate: / { print name "=" $2 }'
}

debs_unpack() {
	local into=$1 deb
	shift

	mkdir -p "$into" "$into.debs"
	(
		cd "$into.debs"
		# root's sandbox user cannot write below a private home
		apt -o APT::Sandbox::User=root download "$@"
	) || return 1
	for deb in "$into.debs"/*.deb; do
		dpkg-deb -x "$deb" "$into"
	done
	rm -rf "$into.debs"
}
