// SPDX-License-Identifier: GPL-2.0
#include "expire.h"

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "binding.h"
#include "gate.h"
#include "netns.h"
#include "pool.h"
#include "reap.h"
#include "session.h"
#include "syn.h"

#define SLOT_MASK (NAT64_WHEEL_SLOTS - 1)

/* A deadline is over for sure once its tick has passed. */
static u32 deadline_tick(u32 deadline)
{
	return (deadline >> NAT64_TICK_SHIFT) + 1;
}

static u32 tick_diff(u32 a, u32 b)
{
	/* Ticks have 32 - NAT64_TICK_SHIFT bits. */
	return (a - b) & (U32_MAX >> NAT64_TICK_SHIFT);
}

static u32 tick_now(void)
{
	return nat64_now() >> NAT64_TICK_SHIFT;
}

void nat64_expire_add(struct nat64_net *nn, struct nat64_session *s)
{
	unsigned int index = smp_processor_id() % nn->expire.wheels;
	struct nat64_wheel *w = &nn->expire.wheel[index];
	u32 ahead;

	spin_lock(&w->lock);
	ahead = tick_diff(deadline_tick(READ_ONCE(s->deadline)), w->cursor);
	/* Far ones are looked at once a turn; overdue ones at once. */
	if (ahead > (U32_MAX >> NAT64_TICK_SHIFT) / 2 || !ahead)
		ahead = 1;
	ahead = min_t(u32, ahead, NAT64_WHEEL_SLOTS - 1);
	s->wheel = index;
	s->slot = (w->cursor + ahead) & SLOT_MASK;
	hlist_add_head(&s->wheel_node, &w->slot[s->slot]);
	spin_unlock(&w->lock);
}

void nat64_expire_del(struct nat64_net *nn, struct nat64_session *s)
{
	struct nat64_wheel *w = &nn->expire.wheel[s->wheel];

	spin_lock(&w->lock);
	if (!hlist_unhashed(&s->wheel_node))
		hlist_del_init(&s->wheel_node);
	spin_unlock(&w->lock);
}

static struct nat64_session *wheel_pop(struct nat64_wheel *w, u32 slot)
{
	struct nat64_session *s;

	spin_lock_bh(&w->lock);
	s = hlist_entry_safe(w->slot[slot].first, struct nat64_session,
			     wheel_node);
	if (s)
		hlist_del_init(&s->wheel_node);
	spin_unlock_bh(&w->lock);
	return s;
}

/* Each session is handled on its own: nothing is held for long. */
static void slot_expire(struct nat64_net *nn, struct nat64_wheel *w, u32 slot)
{
	struct nat64_session *s;

	do {
		rcu_read_lock();
		s = wheel_pop(w, slot);
		if (s)
			nat64_session_expire(nn, s);
		rcu_read_unlock();
		cond_resched();
	} while (s);
}

static void wheel_turn(struct nat64_net *nn, struct nat64_wheel *w)
{
	u32 now = tick_now();

	if (tick_diff(now, w->cursor) > NAT64_WHEEL_SLOTS) {
		spin_lock_bh(&w->lock);
		w->cursor = now - NAT64_WHEEL_SLOTS;
		spin_unlock_bh(&w->lock);
	}
	while (tick_diff(now, w->cursor)) {
		slot_expire(nn, w, (w->cursor + 1) & SLOT_MASK);
		spin_lock_bh(&w->lock);
		w->cursor++;
		spin_unlock_bh(&w->lock);
	}
}

static void expire_work(struct kthread_work *work)
{
	struct nat64_expire *e = container_of(work, struct nat64_expire,
					      work.work);
	unsigned int i;

	for (i = 0; i < e->wheels; i++)
		wheel_turn(e->nn, &e->wheel[i]);
	nat64_gate_expire(e->nn, true);
	nat64_binding_expire(e->nn, true);
	nat64_pool_release(e->nn, true);
	nat64_syn_expire(e->nn);
	kthread_queue_delayed_work(e->worker, &e->work, HZ / 2);
}

int nat64_expire_init(struct nat64_net *nn)
{
	struct nat64_expire *e = &nn->expire;
	unsigned int i;

	e->nn = nn;
	e->wheels = min_t(unsigned int, num_possible_cpus(), NAT64_WHEELS);
	e->wheel = kvcalloc(e->wheels, sizeof(*e->wheel), GFP_KERNEL);
	if (!e->wheel)
		return -ENOMEM;
	for (i = 0; i < e->wheels; i++) {
		spin_lock_init(&e->wheel[i].lock);
		e->wheel[i].cursor = tick_now();
	}
	spin_lock_init(&e->idle_lock);
	INIT_LIST_HEAD(&e->idle);
	return 0;
}

void nat64_expire_exit(struct nat64_net *nn)
{
	nat64_expire_stop(nn);
	kvfree(nn->expire.wheel);
}

int nat64_expire_start(struct nat64_net *nn)
{
	struct nat64_expire *e = &nn->expire;
	struct kthread_worker *worker;

	worker = kthread_run_worker(0, "nat64_expire");
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	set_user_nice(worker->task, NAT64_WORKER_NICE);
	/* A work remembers its worker, and this one is new. */
	kthread_init_delayed_work(&e->work, expire_work);
	e->worker = worker;
	kthread_queue_delayed_work(worker, &e->work, HZ / 2);
	return 0;
}

void nat64_expire_stop(struct nat64_net *nn)
{
	struct nat64_expire *e = &nn->expire;

	if (!e->worker)
		return;
	kthread_cancel_delayed_work_sync(&e->work);
	kthread_destroy_worker(e->worker);
	e->worker = NULL;
}
