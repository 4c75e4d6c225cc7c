# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Building for a kernel of tests/vm/setup; to be sourced. Expects $cache.
#
#   kernel_make SERIES ARG...    make, with the tools that this kernel came with

# shellcheck disable=SC2154  # cache is the caller's

# Tools of another release take the place of the machine's: its /usr lies over
# ours, read-only, in a mount namespace that goes with the command. So all other
# paths mean the same to both.
kernel_make() {
	local usr=$cache/kernel-$1/root/usr
	shift

	if [ ! -e "$usr/bin/make" ]; then
		make "$@"
		return
	fi
	# shellcheck disable=SC2016  # expanded by the inner shell
	unshare --mount sh -c 'mount --bind -o ro "$0" /usr && exec make "$@"' \
		"$usr" "$@"
}
