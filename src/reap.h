/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Freeing what millions may end of at once.
 *
 * A callback of call_rcu() runs in a softirq, thousands of them in one, which
 * stops the processor for as long. Here a worker waits for the grace period,
 * and gives way between two objects.
 */
#ifndef _NAT64_REAP_H
#define _NAT64_REAP_H

#include <linux/llist.h>

/* Of the threads that free: packets go first. */
#define NAT64_WORKER_NICE 10

/**
 * struct nat64_reap - in an object that is to be freed
 * @node: in the list of the worker
 * @free: frees the object; called with softirqs disabled
 */
struct nat64_reap {
	struct llist_node node;
	void (*free)(struct nat64_reap *r);
};

/**
 * nat64_reap_init() - start the worker
 * Return: 0 or -errno.
 */
int __init nat64_reap_init(void);

/**
 * nat64_reap_exit() - until all is free
 * Context: Process, may sleep. Nobody calls nat64_reap() any more.
 */
void nat64_reap_exit(void);

/**
 * nat64_reap() - free an object after a grace period
 * @r: in the object, which is unlinked from everything
 * @free: see struct nat64_reap
 *
 * Context: any.
 */
void nat64_reap(struct nat64_reap *r, void (*free)(struct nat64_reap *r));

#endif /* _NAT64_REAP_H */
