#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Both compilers' opinions, none of which may be a warning: gcc with W=1 and
# sparse with endianness checks for the module, gcc for the tool. The module is
# built for each of $KERNELS.

. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/scratch.sh"
. "$(dirname "$0")/../lib/kernel.sh"

build=$scratch/build
read -ra kernels <<<"${KERNELS:-6.1}"

sources_copy() {
	local part

	mkdir -p "$build"
	for part in Kbuild Makefile src include compat alg tools packaging; do
		[ ! -e "$tree/$part" ] ||
			cp -a "$tree/$part" "$build/" || return
	done
}

# In the one copy, for all of the tests; what stays is for the last kernel.
# Debian's newer headers lack the script that C=2 asks for leave, and its sparse
# the keyword for a type without qualifiers.
module_build() {
	local kernel=$1 flags="-D__CHECK_ENDIAN__"

	flags+=" -D__typeof_unqual__=__typeof__"
	find "$build" \( -name '*.ko' -o -name '*.o' -o -name '.*.cmd' \) \
		-delete
	kernel_make "$kernel" -j2 -C "$cache/kernel-$kernel/build" \
		M="$build" W=1 KBUILD_CHECKSRC=2 CF="$flags" modules \
		>"$scratch/$kernel.log" 2>&1 || {
		grep -E 'error|Error' "$scratch/$kernel.log"
		return 1
	}
	[ -s "$build/nat64.ko" ]
}

test_module_builds() {
	local kernel

	sources_copy || fail "no copy"
	for kernel in "${kernels[@]}"; do
		module_build "$kernel" || fail "does not build for $kernel"
	done
}

# compiled KERNEL STEP: the kernel's build did that to every file
compiled() {
	local files seen

	files=$(find "$build/src" "$build/alg" -name '*.c' | wc -l)
	seen=$(grep -Ec "^ *$2 .*(src|alg)/[a-z0-9]*\.[co]$" "$scratch/$1.log")
	[ "$seen" = "$files" ] || fail "$1: $2 of $seen of $files files"
}

# gcc ends its warnings with the option that asked for them.
test_module_W1() {
	local kernel

	for kernel in "${kernels[@]}"; do
		compiled "$kernel" 'CC \[M\]'
		grep -E '(warning|error):.*\[-W' "$scratch/$kernel.log" &&
			fail "warnings for $kernel"
	done
	return 0
}

# Newer kernels compare a length of each MODULE_INFO() with that of strlen(),
# which sparse does not compute.
test_module_sparse() {
	local kernel modinfo='src/main\.c:.* bad constant expression$'

	for kernel in "${kernels[@]}"; do
		compiled "$kernel" CHECK
		grep -E '(warning|error):' "$scratch/$kernel.log" |
			grep -v -e '\[-W' -e "$modinfo" &&
			fail "warnings for $kernel"
	done
	return 0
}

test_tool_warnings() {
	make -C "$build/tools" clean >/dev/null 2>&1
	make -j2 -C "$build/tools" all CFLAGS='-O2 -Werror' 2>&1 ||
		fail "warnings"
}

# What a package would contain, and nothing outside of DESTDIR. Nothing is made
# again: the module for the same W, nat64ctl by the machine's own tools.
test_install() {
	local root=$scratch/root kernel=${kernels[-1]} file release

	kernel_make "$kernel" -C "$build" DESTDIR="$root" PREFIX=/usr W=1 \
		KDIR="$cache/kernel-$kernel/build" install \
		>"$scratch/install.log" 2>&1 || {
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
