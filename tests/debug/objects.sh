#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run a program, unload the module and see that nothing is left of it; in a
# guest of a debug kernel that was booted with slub_debug=U.
#
#   tests/debug/objects.sh COMMAND ARG...
#
# Each object of each cache has the stack that allocated it. After the unload
# the frames of the module have no names any more: an object with such a frame
# was left behind. Packets and routes pass the module, so they are counted;
# packets by their octets, since the kernel keeps up to 64 heads for later.
#
# Exit status: that of the command, or 1 when objects are left.

slab=/sys/kernel/debug/slab
counted="skbuff_fclone_cache skbuff_ext_cache ip_dst_cache ip6_dst_cache
	net_namespace"
kernel_end=$(awk '$3 == "_end" { sub(/^0+/, "", $1); print $1 }' /proc/kallsyms)
log=$(mktemp)

# KASAN keeps what was freed; shrinking makes it let go.
quarantine_flush() {
	local file

	for file in /sys/kernel/slab/*/shrink; do
		echo 1 >"$file"
	done
}

# packets: what was allocated for their octets, with the stacks
packets() {
	awk -v RS= -v ORS='\n\n' /__alloc_skb/ "$slab"/kmalloc-*/alloc_traces
}

# alive: "CACHE NUMBER" of the counted caches, and of packets
alive() {
	local cache

	echo "packets $(packets | awk '/^ +[0-9]+ [^ ]/ { n += $1 }
		END { print n + 0 }')"
	for cache in $counted; do
		[ ! -e "$slab/$cache" ] ||
			awk -v c="$cache" '/^ +[0-9]+ [^ ]/ { n += $1 }
				END { print c, n + 0 }' "$slab/$cache/alloc_traces"
	done
}

# More than before, as "CACHE BEFORE AFTER" lines
grown() {
	join <(sort <<<"$before") <(alive | sort) | awk '$3 > $2'
}

# Init sections of the kernel have no names either, but lie before its end. It
# keeps three things for itself: the debugfs directory of a cache that has gone
# (until 6.3), the longer array of a namespace's pointers, and the larger table of
# all namespaces' neighbours, made when a packet of ours met a new one.
left_behind() {
	cat "$slab"/*/alloc_traces | awk -v RS= -v end="$kernel_end" '
		function beyond(at) {
			return length(at) > length(end) ||
				(length(at) == length(end) && at > end)
		}
		!/debugfs_slab_add|net_alloc_generic|neigh_hash_alloc/ {
			n = split($0, line, /\n */)
			for (i = 2; i <= n; i++)
				if (line[i] ~ /^0x[0-9a-f]+$/ &&
				    beyond(substr(line[i], 3))) {
					print $0 "\n"
					next
				}
		}'
}

settled() {
	unshare -n true
	quarantine_flush
	left_behind >"$log"
	[ ! -s "$log" ] && [ -z "$(grown)" ]
}

# Namespaces and what they hold go some time after their last user. That may be
# a connection nobody owns, until it would send once more: at most two minutes.
wait_settled() {
	local end=$((SECONDS + 180))

	until settled; do
		[ $SECONDS -lt $end ] || return 1
		sleep 1
	done
}

if [ ! -e "$slab/kmalloc-64/alloc_traces" ] || [ -z "$kernel_end" ]; then
	echo "objects: boot a debug kernel with slub_debug=U" >&2
	exit 1
fi
# The last namespace that goes is freed with the next one.
unshare -n true
quarantine_flush
before=$(alive)
"$@"
status=$?
[ ! -e /sys/module/nat64 ] || rmmod nat64 || status=1
if wait_settled; then
	alive | tr '\n' ',' | sed 's/^/# objects: none left; /; s/,$/\n/'
else
	echo "objects: left behind (cache, before, after; stacks)"
	grown
	head -n 60 "$log"
	packets | head -n 60
	[ $status != 0 ] || status=1
fi
rm -f "$log"
exit $status
