#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The debug kernel notices: a module with one deliberate mistake of each kind,
# each in a boot of its own, must fail the run with the report of its kind.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/scratch.sh"

# make_mistake NAME: the run's status
make_mistake() {
	"$here/../uml/run" --kernel debug --mem 512M --timeout 120 \
		--log "$scratch/log" -- \
		sh -c "insmod $scratch/broken.ko mistake=$1; sleep 0.3; sync" \
		>"$scratch/out" 2>&1
}

# reported NAME PATTERN: the run failed, and for this reason
reported() {
	local status

	make_mistake "$1"
	status=$?
	[ $status = 125 ] || {
		cat "$scratch/out"
		tail -n 30 "$scratch/log"
		fail "$1 passed unnoticed, status $status"
	}
	grep -Eq "$2" "$scratch/out" || {
		cat "$scratch/out"
		fail "$1 reported, but not as $2"
	}
}

test_build() {
	cp "$here/broken/Kbuild" "$here/broken/broken.c" "$scratch/"
	nice -n 19 make -s -C "$cache/uml-debug/build" ARCH=um M="$scratch" \
		modules || fail "make"
	[ -e "$scratch/broken.ko" ] || fail "no module"
}

test_none() {
	make_mistake none || fail "status $?: $(cat "$scratch/out")"
	grep -q 'broken: done with none' "$scratch/log" || fail "did not run"
}

test_use_after_free() { reported use-after-free 'KASAN: .*use-after-free'; }
test_out_of_bounds() { reported out-of-bounds 'KASAN: .*out-of-bounds'; }
test_double_free() { reported double-free 'KASAN: .*(double|invalid)-free'; }
test_sleep_in_atomic() {
	reported sleep-in-atomic 'sleeping function called from invalid context'
}
test_lock_inversion() {
	reported lock-inversion 'possible circular locking dependency'
}
test_softirq_unsafe() { reported softirq-unsafe 'inconsistent lock state'; }
test_rcu_unprotected() { reported rcu-unprotected 'suspicious RCU usage'; }
test_rcu_list_unprotected() {
	reported rcu-list-unprotected 'suspicious RCU usage'
}
test_rcu_sleep() { reported rcu-sleep 'scheduling while atomic'; }
test_timer_freed() { reported timer-freed 'ODEBUG: free active'; }
test_work_reinit() { reported work-reinit 'ODEBUG: init active'; }
test_rcu_twice() { reported rcu-twice 'ODEBUG: activate active'; }
test_list_corrupt() { reported list-corrupt 'list_del corruption'; }
test_objects_left() { reported objects-left 'Objects remaining'; }
test_warning() { reported warning 'WARNING: .*warning'; }

ktap_run build none use-after-free out-of-bounds double-free sleep-in-atomic \
	lock-inversion softirq-unsafe rcu-unprotected rcu-list-unprotected \
	rcu-sleep timer-freed work-reinit rcu-twice list-corrupt objects-left \
	warning
