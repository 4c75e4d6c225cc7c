#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The debug kernels notice: a module with one deliberate mistake of each kind,
# each in a boot of its own, must fail the run with the report of its kind.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/scratch.sh"

# boot KERNEL COMMAND...: the run's status
boot() {
	local kernel=$1
	shift

	"$here/../uml/run" --kernel "$kernel" --mem 512M --timeout 300 \
		--append slub_debug=U --log "$scratch/log" -- "$@" \
		>"$scratch/out" 2>&1
}

# make_mistake KERNEL NAME
make_mistake() {
	boot "$1" sh -c "insmod $scratch/$1/broken.ko mistake=$2
		sleep 0.3; sync"
}

# reported KERNEL NAME PATTERN: the run failed, and for this reason
reported() {
	local status

	make_mistake "$1" "$2"
	status=$?
	[ $status = 125 ] || {
		cat "$scratch/out"
		tail -n 30 "$scratch/log"
		fail "$2 passed unnoticed, status $status"
	}
	grep -Eq "$3" "$scratch/out" || {
		cat "$scratch/out"
		fail "$2 reported, but not as $3"
	}
}

# left NAME PATTERN: objects.sh finds it, with the stack of its allocation
left() {
	local status

	boot kasan "$here/objects.sh" sh -c \
		"insmod $scratch/kasan/broken.ko mistake=$1; true"
	status=$?
	[ $status = 1 ] || {
		cat "$scratch/out"
		fail "$1: status $status"
	}
	grep -q 'objects: left behind' "$scratch/out" || fail "$1: no verdict"
	grep -Eq "$2" "$scratch/out" || {
		cat "$scratch/out"
		fail "$1: found, but not as $2"
	}
}

test_build() {
	local kernel

	for kernel in kasan lockdep; do
		mkdir "$scratch/$kernel"
		cp "$here/broken/Kbuild" "$here/broken/broken.c" \
			"$scratch/$kernel/"
		nice -n 19 make -s -C "$cache/uml-$kernel/build" ARCH=um \
			M="$scratch/$kernel" modules || fail "make"
		[ -e "$scratch/$kernel/broken.ko" ] || fail "no module"
	done
}

test_none() {
	local kernel

	for kernel in kasan lockdep; do
		make_mistake $kernel none ||
			fail "$kernel: status $?: $(cat "$scratch/out")"
		grep -q 'broken: done with none' "$scratch/log" ||
			fail "$kernel: did not run"
	done
}

test_use_after_free() {
	reported kasan use-after-free 'KASAN: .*use-after-free'
}
test_out_of_bounds() { reported kasan out-of-bounds 'KASAN: .*out-of-bounds'; }
test_double_free() { reported kasan double-free 'KASAN: .*(double|invalid)-free'; }
test_sleep_in_atomic() {
	reported kasan sleep-in-atomic \
		'sleeping function called from invalid context'
}
test_lock_inversion() {
	reported lockdep lock-inversion 'possible circular locking dependency'
}
test_softirq_unsafe() {
	reported lockdep softirq-unsafe 'inconsistent lock state'
}
test_rcu_unprotected() {
	reported lockdep rcu-unprotected 'suspicious RCU usage'
}
test_rcu_list_unprotected() {
	reported lockdep rcu-list-unprotected 'suspicious RCU usage'
}
test_rcu_sleep() { reported lockdep rcu-sleep 'scheduling while atomic'; }
test_timer_freed() { reported kasan timer-freed 'ODEBUG: free active'; }
test_work_reinit() { reported kasan work-reinit 'ODEBUG: init active'; }
test_rcu_twice() { reported kasan rcu-twice 'ODEBUG: activate active'; }
test_list_corrupt() { reported kasan list-corrupt 'list_del corruption'; }
test_objects_left() { reported kasan objects-left 'Objects remaining'; }
test_warning() { reported kasan warning 'WARNING: .*warning'; }
test_memory_left() { left memory-left '^ +1 .*age='; }
test_packet_left() { left packet-left '^skbuff_head_cache |__alloc_skb'; }

ktap_run build none use-after-free out-of-bounds double-free sleep-in-atomic \
	lock-inversion softirq-unsafe rcu-unprotected rcu-list-unprotected \
	rcu-sleep timer-freed work-reinit rcu-twice list-corrupt objects-left \
	warning memory-left packet-left
