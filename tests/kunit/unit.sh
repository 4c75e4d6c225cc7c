#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The unit tests in the kernel: the same sources and vectors, built as a module
# of KUnit, on the kernel that checks memory. What user space has not run there
# has failed.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/scratch.sh"

unit=$here/../unit

test_build() {
	local dir=$scratch/module

	mkdir "$dir" "$dir/unit"
	cp -r "$here"/{Kbuild,kunit.c,libc} "$tree"/{src,include,alg,compat} \
		"$dir/"
	cp "$unit"/*.[ch] "$unit/sources.mk" "$dir/unit/"
	nice -n 19 make -s -C "$cache/uml-kasan/build" ARCH=um M="$dir" \
		modules || fail "module"
	make -s -C "$unit" BUILD="$scratch/unit" || fail "user space"
	"$scratch/unit/unit" names | sort >"$scratch/names"
	[ -s "$scratch/names" ] || fail "no tests"
}

test_run() {
	# shellcheck disable=SC2016  # for the guest
	"$here/../uml/run" --kernel kasan --log "$scratch/log" -- sh -c '
		insmod /lib/modules/$(uname -r)/kernel/lib/kunit/kunit.ko &&
		insmod "$0"' "$scratch/module/nat64_kunit.ko" ||
		fail "status $?"
}

test_vectors() {
	local missing

	[ -s "$scratch/names" ] || fail "nothing was built"
	sed -nE 's/^ +ok [0-9]+ //p' "$scratch/log" | sort >"$scratch/passed"
	missing=$(comm -23 "$scratch/names" "$scratch/passed")
	[ -z "$missing" ] || {
		grep -E '^(#| +not ok)' "$scratch/log"
		fail "not passed in the kernel: $missing"
	}
	note "$(wc -l <"$scratch/names") tests passed in the kernel"
}

ktap_run build run vectors
