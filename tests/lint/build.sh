#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Both compilers' opinions, none of which may be a warning: gcc with W=1 and
# sparse with endianness checks for the module, gcc for the tool. The module is
# built for each of $KERNELS.

. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/scratch.sh"

build=$scratch/build
read -ra kernels <<<"${KERNELS:-6.1}"

# Built once for each kernel, in a copy, for all of the tests; what stays is for
# the last one.
module_build() {
	local part kernel

	mkdir -p "$build"
	for part in Kbuild Makefile src include compat alg tools packaging; do
		[ ! -e "$tree/$part" ] ||
			cp -a "$tree/$part" "$build/" || return
	done
	for kernel in "${kernels[@]}"; do
		find "$build" \( -name '*.ko' -o -name '*.o' -o \
			-name '.*.cmd' \) -delete
		make -j2 -C "$cache/kernel-$kernel/build" M="$build" W=1 C=2 \
			CF=-D__CHECK_ENDIAN__ modules \
			>>"$scratch/build.log" 2>&1 || return
	done
}

test_module_builds() {
	module_build || {
		grep -E 'error|Error' "$scratch/build.log"
		fail "does not build"
	}
	[ -s "$build/nat64.ko" ] || fail "no module"
}

# gcc ends its warnings with the option that asked for them.
test_module_W1() {
	grep -q "CC \[M\] .*/src/main.o" "$scratch/build.log" ||
		fail "gcc did not run"
	grep -E '(warning|error):.*\[-W' "$scratch/build.log" &&
		fail "warnings"
	return 0
}

test_module_sparse() {
	grep -q 'CHECK .*/src/main.c' "$scratch/build.log" ||
		fail "sparse did not run"
	grep -E '(warning|error):' "$scratch/build.log" | grep -v '\[-W' &&
		fail "warnings"
	return 0
}

test_tool_warnings() {
	make -C "$build/tools" clean >/dev/null 2>&1
	make -j2 -C "$build/tools" all CFLAGS='-O2 -Werror' 2>&1 ||
		fail "warnings"
}

# What a package would contain, and nothing outside of DESTDIR.
test_install() {
	local root=$scratch/root kernel=${kernels[-1]} file release

	make -C "$build" KDIR="$cache/kernel-$kernel/build" DESTDIR="$root" \
		PREFIX=/usr install >"$scratch/install.log" 2>&1 || {
		tail -n 20 "$scratch/install.log"
		fail "make install"
	}
	release=$(cat "$cache/kernel-$kernel/release")
	# newer kernels compress it
	[ -s "$(echo "$root/lib/modules/$release/updates"/nat64.ko*)" ] ||
		fail "no module installed"
	for file in usr/sbin/nat64ctl usr/share/man/man8/nat64ctl.8 \
			usr/share/bash-completion/completions/nat64ctl \
			lib/systemd/system/nat64.service; do
		[ -s "$root/$file" ] || fail "not installed: $file"
	done
	grep -q '@' "$root/lib/systemd/system/nat64.service" &&
		fail "unit not filled in"
	grep -q '^ExecStart=/usr/sbin/nat64ctl config restore' \
		"$root/lib/systemd/system/nat64.service" || fail "unit"
}

# The version is named in four places.
test_version() {
	local module

	module=$(sed -n 's/^MODULE_VERSION("\(.*\)");/\1/p' \
		"$tree"/src/*.c)
	[ -n "$module" ] || module=$(sed -n \
		's/^#define NAT64_VERSION[[:space:]]*"\(.*\)"/\1/p' \
		"$tree"/src/*.[ch] "$tree"/include/*.h)
	grep -q "^PACKAGE_VERSION=\"$module\"$" "$tree/dkms.conf" ||
		fail "dkms.conf is not $module"
	grep -q "^VERSION	*?= $module$" "$tree/tools/Makefile" ||
		fail "tools/Makefile is not $module"
	grep -q "nat64-$module" "$tree/README.md" ||
		fail "README.md is not $module"
}

ktap_run module-builds module-W1 module-sparse tool-warnings install version
