#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Both compilers' opinions, none of which may be a warning: gcc with W=1 and
# sparse with endianness checks for the module, gcc for the tool.

. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/scratch.sh"

module_copy() {
	local dir=$scratch/$1 part

	mkdir -p "$dir"
	for part in Kbuild Makefile src include compat alg; do
		[ ! -e "$tree/$part" ] ||
			cp -a "$tree/$part" "$dir/" || return
	done
	find "$dir" \( -name '*.o' -o -name '.*.cmd' \) -delete
}

# Warnings that a header of the kernel itself causes are not ours.
module_build() {
	local name=$1
	shift

	module_copy "$name" || fail "cannot copy the sources"
	make -C "$cache/kernel-6.1/build" M="$scratch/$name" "$@" modules \
		>"$scratch/$name.log" 2>&1 || {
		grep -E 'error|Error' "$scratch/$name.log"
		fail "does not build"
	}
	grep -E '(warning|error):' "$scratch/$name.log" && fail "warnings"
	[ -e "$scratch/$name/nat64.ko" ] || fail "no module"
}

test_module_W1() {
	module_build w1 W=1
}

test_module_sparse() {
	module_build sparse C=2 CF=-D__CHECK_ENDIAN__
	grep -q 'CHECK .*/src/' "$scratch/sparse.log" ||
		fail "sparse did not run"
}

test_tool_warnings() {
	cp -a "$tree/tools" "$tree/include" "$scratch/" || fail "cannot copy"
	make -C "$scratch/tools" clean >/dev/null 2>&1
	make -C "$scratch/tools" all CFLAGS='-O2 -Werror' 2>&1 ||
		fail "warnings"
}

ktap_run module-W1 module-sparse tool-warnings
