/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timer wheels for sessions, and the worker that turns them.
 *
 * A session lies in the slot of a deadline that was true once. Packets only
 * move the deadline; when the slot comes up, a session whose deadline has
 * moved is put into its new slot. So an established flow never touches a
 * wheel, and every session costs the worker one visit per lifetime, not one
 * per second. Shortening a deadline moves the session at once.
 */
#ifndef _NAT64_EXPIRE_H
#define _NAT64_EXPIRE_H

#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct nat64_binding;
struct nat64_net;
struct nat64_session;

#define NAT64_TICK_SHIFT 10	/* a slot is 1.024 s */
#define NAT64_WHEEL_SLOTS 4096	/* power of two: 70 minutes */
#define NAT64_WHEELS 8

/**
 * struct nat64_wheel - sessions by deadline
 * @lock: protects all of it
 * @cursor: last tick that the worker has finished
 * @slot: sessions
 */
struct nat64_wheel {
	spinlock_t lock;
	u32 cursor;
	struct hlist_head slot[NAT64_WHEEL_SLOTS];
};

/**
 * struct nat64_expire - all that ends by itself in a namespace
 * @worker: a thread of its own, behind everything that carries packets; NULL
 *	while the namespace is not active
 * @work: what it does twice a second
 * @nn: back pointer
 * @wheel: one per CPU, at most NAT64_WHEELS
 * @wheels: their number
 * @idle_lock: protects @idle
 * @idle: persistent bindings without sessions, in order of their deadlines
 */
struct nat64_expire {
	struct kthread_worker *worker;
	struct kthread_delayed_work work;
	struct nat64_net *nn;
	struct nat64_wheel *wheel;
	u8 wheels;
	spinlock_t idle_lock;
	struct list_head idle;
};

/**
 * nat64_now() - milliseconds, wraps after 49 days
 *
 * Immune to changes of the wall clock. Compare by signed difference only.
 */
static inline u32 nat64_now(void)
{
	return (u32)jiffies64_to_msecs(get_jiffies_64());
}

/** nat64_left() - ms until @deadline, 0 if it is over */
static inline u32 nat64_left(u32 deadline)
{
	s32 left = (s32)(deadline - nat64_now());

	return left > 0 ? left : 0;
}

int __must_check nat64_expire_init(struct nat64_net *nn);
void nat64_expire_exit(struct nat64_net *nn);

/**
 * nat64_expire_start() - run the worker
 * Context: Process, nn->config_lock held.
 * Return: 0 or -errno.
 */
int __must_check nat64_expire_start(struct nat64_net *nn);

/** nat64_expire_stop() - and no more; may sleep */
void nat64_expire_stop(struct nat64_net *nn);

/**
 * nat64_expire_add() - put @s on the wheel of this CPU
 * Context: softirqs disabled; the subscriber's lock, or @s is new.
 */
void nat64_expire_add(struct nat64_net *nn, struct nat64_session *s);

/**
 * nat64_expire_del() - take @s from its wheel, if it is on one
 * Context: subscriber's lock held.
 */
void nat64_expire_del(struct nat64_net *nn, struct nat64_session *s);

#endif /* _NAT64_EXPIRE_H */
