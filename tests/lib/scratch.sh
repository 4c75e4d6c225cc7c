# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# shellcheck disable=SC2034  # variables for those who source this
#
# What lint scripts share; to be sourced after ktap.sh.

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${NAT64_CACHE:-$HOME/.cache/nat64}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# sources DIR...: C files of the tree below DIR, generated ones excepted
sources() {
	local dir

	for dir in "$@"; do
		[ ! -d "$tree/$dir" ] || find "$tree/$dir" -name '*.[ch]' \
			! -name '*.mod.c' ! -path '*/build/*' | sort
	done
}
