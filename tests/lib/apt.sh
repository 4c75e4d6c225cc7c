# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Packages of the machine's own Debian suites, or of others, for set-up scripts;
# to be sourced. Expects $cache, a directory that exists.
#
#   packages_install NAME...     install what is missing; starts no daemon
#   debs_unpack DIR NAME...      unpack below DIR, installing nothing
#   debs_unpack_whole DIR NAME...  with all that they depend on; suites_use first
#   candidates NAME...           NAME=VERSION of what apt would install
#   index_update                 apt-get update, once in a run
#   suites_use DIR SUITE...      from here on, know nothing but those suites
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

# An index of its own, and no package installed. The mirror is the one that the
# machine has its own suite from.
suites_use() {
	local dir=$1 own uri suite
	shift

	# shellcheck source=/dev/null
	own=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
	# shellcheck disable=SC2016  # apt's, not the shell's
	uri=$(apt-get indextargets 'Created-By: Packages' \
		--format '$(REPO_URI) $(RELEASE) $(CODENAME)' |
		awk -v own="$own" '$2 == own || $3 == own { print $1 }' |
		sed -n 1p)
	[ -n "$uri" ] || die "no source of $own to take the mirror from"

	mkdir -p "$dir"/{lists,cache}
	for suite; do
		printf 'deb %s %s main\n' "$uri" "$suite"
	done >"$dir/sources.list"
	: >"$dir/status"
	cat >"$dir/apt.conf" <<-END
		Dir::Etc::sourcelist "$dir/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::State::lists "$dir/lists";
		Dir::State::status "$dir/status";
		Dir::Cache "$dir/cache";
		APT::Sandbox::User "root";
	END
	export APT_CONFIG=$dir/apt.conf
	updated=
	index_update
}

debs_unpack() {
	local into=$1
	shift

	mkdir -p "$into.debs"
	(
		cd "$into.debs"
		# root's sandbox user cannot write below a private home
		apt -o APT::Sandbox::User=root download "$@"
	) || return 1
	debs_extract "$into"
}

# Where nothing is installed, apt fetches whatever is depended on.
debs_unpack_whole() {
	local into=$1
	shift

	mkdir -p "$into.debs/partial"
	apt -o Dir::Cache::archives="$into.debs" --no-install-recommends \
		--download-only install "$@" || return 1
	debs_extract "$into"
}

# In the order of names: base-files, which has the links to usr, is the first
# with directories of theirs.
debs_extract() {
	local into=$1 deb

	mkdir -p "$into"
	for deb in "$into.debs"/*.deb; do
		dpkg-deb -x "$deb" "$into"
	done
	rm -rf "$into.debs"
}
