// SPDX-License-Identifier: GPL-2.0
#include "reap.h"

#include <linux/bottom_half.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

static LLIST_HEAD(dead);

static void reap_work(struct work_struct *work)
{
	struct llist_node *list = llist_del_all(&dead);
	struct nat64_reap *r, *next;

	synchronize_rcu();
	llist_for_each_entry_safe(r, next, list, node) {
		local_bh_disable();
		r->free(r);
		local_bh_enable();
		cond_resched();
	}
}

static DECLARE_WORK(reaper, reap_work);

void nat64_reap(struct nat64_reap *r, void (*free)(struct nat64_reap *r))
{
	r->free = free;
	/* Whoever finds the list empty is the first since the worker took it. */
	if (llist_add(&r->node, &dead))
		queue_work(system_unbound_wq, &reaper);
}

void nat64_reap_wait(void)
{
	flush_work(&reaper);
}
