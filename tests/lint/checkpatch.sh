#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# checkpatch.pl of the kernel, one test for each directory.

. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/scratch.sh"

ignored() {
	sed -n 's/^\([A-Z_]\+\)[[:space:]].*/\1/p' \
		"$tree/tests/lint/checkpatch.ignore" | paste -sd,
}

checkpatch() {
	local files ignored

	ignored=$(ignored)${also_ignored:+,$also_ignored}
	mapfile -t files < <(sources "$@")
	[ ${#files[@]} -gt 0 ] || fail "no files in $*"
	cd "$tree" || fail "no tree"
	perl "$cache/checkpatch/checkpatch.pl" --no-tree --no-summary --quiet \
		--show-types --terse --max-line-length=100 \
		--ignore "$ignored" -f "${files[@]#"$tree"/}" ||
		fail "complaints"
}

test_src() {
	checkpatch src alg
}

# The one place that may ask what the kernel is.
test_compat() {
	also_ignored=LINUX_VERSION_CODE,CONSTANT_COMPARISON \
		checkpatch compat
}

test_include() {
	checkpatch include
}

test_tools() {
	checkpatch tools
}

# Self-check: a program that cannot complain would pass everything.
test_complains() {
	printf 'int f( void ){\n  return 0;\n}\n' >"$scratch/bad.c"
	perl "$cache/checkpatch/checkpatch.pl" --no-tree --quiet --terse \
		-f "$scratch/bad.c" && fail "bad style found good"
	return 0
}

ktap_run src compat include tools complains
