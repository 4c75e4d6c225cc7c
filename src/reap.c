// SPDX-License-Identifier: GPL-2.0
#include "reap.h"

#include <linux/bottom_half.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

static LLIST_HEAD(dead);
static struct kthread_worker *worker;

static void reap_work(struct kthread_work *work)
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

static DEFINE_KTHREAD_WORK(reaper, reap_work);

int __init nat64_reap_init(void)
{
	worker = kthread_run_worker(0, "nat64_reap");
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	set_user_nice(worker->task, NAT64_WORKER_NICE);
	return 0;
}

void nat64_reap_exit(void)
{
	kthread_destroy_worker(worker);
}

void nat64_reap(struct nat64_reap *r, void (*free)(struct nat64_reap *r))
{
	r->free = free;
	/* Whoever finds the list empty is the first since the worker took it. */
	if (llist_add(&r->node, &dead))
		kthread_queue_work(worker, &reaper);
}
