# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# shellcheck disable=SC2034  # for those who source this
#
# What a healthy kernel never prints, as an extended regular expression; to be
# sourced by what runs a kernel.

complaints='BUG:|WARNING:|Oops|Call Trace:|kernel BUG at|general protection'
complaints+='|suspicious RCU|possible .* deadlock|inconsistent lock state'
complaints+='|INFO: task .* blocked|soft lockup|hard LOCKUP'
complaints+='|self-detected stall|detected stalls|kthread starved'
complaints+='|Kernel panic|leak|Objects remaining|refcount_t:'
complaints+='|unregister_netdevice: waiting|KASAN|UBSAN|scheduling while atomic'
complaints+='|sleeping function called|bad page|nf_conntrack: table full'
complaints+='|Out of memory|oom-kill|page allocation failure'
complaints+='|trying to register non-static key|turning off the locking'
complaints+='|DEBUG_LOCKS_WARN|ODEBUG: (activate|assert|free|init|active_state)'

# complaints_show LOG: the first of them with what stands around it
complaints_show() {
	grep -Eqa "$complaints" "$1" || return 1
	grep -Eam1 -B5 -A60 "$complaints" "$1"
}
