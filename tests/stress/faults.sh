#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Want of memory at every place where the module asks for it: it is built with
# calls that fail on demand, and runs so on each debug kernel.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/scratch.sh"

# Builds unchanged in user space, and allocates nothing
pure=" address edits header icmp stream tcpstate "

# build_faults KERNEL: DIR/faults.ko, DIR/mod/nat64.ko, DIR/sites
build_faults() {
	local dir=$scratch/$1 make name
	make=(nice -n 19 make -s -C "$cache/uml-$1/build" ARCH=um)

	mkdir -p "$dir/mod"
	cp "$here/faults"/{Kbuild,faults.c,faults.h} "$dir/"
	(cd "$tree" && cp -r Kbuild src include alg compat "$dir/mod/")
	for name in "$tree"/src/*.c; do
		name=$(basename "$name" .c)
		[[ $pure == *" $name "* ]] ||
			echo "CFLAGS_src/$name.o += -include $dir/faults.h"
	done >>"$dir/mod/Kbuild"
	"${make[@]}" M="$dir" modules &&
		"${make[@]}" M="$dir/mod" \
			KBUILD_EXTRA_SYMBOLS="$dir/Module.symvers" modules &&
		objcopy -O binary --only-section=nat64_faults \
			"$dir/mod/nat64.ko" "$dir/sites"
}

run_faults() {
	local dir=$scratch/$1 build

	build_faults "$1" || fail "build"
	build=$("$here/../uml/build" --kernel "$1") || fail "build"
	"$here/../uml/run" --kernel "$1" --timeout 1800 \
		--append slub_debug=U --env "NAT64_KO=$dir/mod/nat64.ko" \
		--env "NAT64CTL=$build/tools/nat64ctl" -- \
		"$here/../debug/objects.sh" "$here/faults/guest.sh" \
		"$dir/faults.ko" "$dir/sites" >"$scratch/out" 2>&1 || {
		cat "$scratch/out"
		# Last, so that it is not what is cut.
		grep -B 4 '^not ok' "$scratch/out"
		fail "failed on $1"
	}
	note "$1: $(sed -n 's/^# //p' "$scratch/out" | grep ' sites$')"
}

test_kasan() { run_faults kasan; }
test_lockdep() { run_faults lockdep; }

ktap_run kasan lockdep
