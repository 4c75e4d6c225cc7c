// SPDX-License-Identifier: GPL-2.0
/*
 * One deliberate mistake of each kind that the debug kernel is there to find:
 * insmod broken.ko mistake=NAME makes it at once and then refuses to load.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

static char *mistake = "none";
module_param(mistake, charp, 0444);

static DEFINE_SPINLOCK(first);
static DEFINE_SPINLOCK(second);
static int __rcu *shared;
static LIST_HEAD(list);

struct item {
	struct list_head list;
	struct timer_list timer;
	struct work_struct work;
	struct rcu_head rcu;
	u8 octets[20];
};

/* Sizes and results the compiler must not see through. */
static volatile int volatile_zero;

static struct item *item_new(void)
{
	return kzalloc(sizeof(struct item) + volatile_zero, GFP_KERNEL);
}

static void none(void)
{
	kfree(item_new());
}

static void use_after_free(void)
{
	struct item *item = item_new();

	kfree(item);
	WRITE_ONCE(item->octets[volatile_zero], 1);
}

static void out_of_bounds(void)
{
	u8 *octets = kmalloc(20 + volatile_zero, GFP_KERNEL);

	WRITE_ONCE(octets[20 + volatile_zero], 1);
	kfree(octets);
}

static void double_free(void)
{
	struct item *item = item_new();

	kfree(item);
	kfree(item + volatile_zero);
}

/* It may wait for memory. */
static void sleep_in_atomic(void)
{
	spin_lock(&first);
	none();
	spin_unlock(&first);
}

static void lock_inversion(void)
{
	spin_lock(&first);
	spin_lock(&second);
	spin_unlock(&second);
	spin_unlock(&first);
	spin_lock(&second);
	spin_lock(&first);
	spin_unlock(&first);
	spin_unlock(&second);
}

static void take_in_softirq(struct timer_list *timer)
{
	spin_lock(&first);
	spin_unlock(&first);
}

/* Taken with softirqs on here, and in one there. */
static void softirq_unsafe(void)
{
	static DEFINE_TIMER(timer, take_in_softirq);

	spin_lock(&first);
	spin_unlock(&first);
	mod_timer(&timer, jiffies + 1);
	while (timer_pending(&timer))
		msleep(10);
	timer_delete_sync(&timer);
}

static void rcu_unprotected(void)
{
	WRITE_ONCE(volatile_zero, rcu_dereference(shared) ? 0 : 0);
}

static void rcu_list_unprotected(void)
{
	struct item *item;

	list_for_each_entry_rcu(item, &list, list)
		WRITE_ONCE(volatile_zero, 0);
}

static void rcu_sleep(void)
{
	rcu_read_lock();
	msleep(1);
	rcu_read_unlock();
}

static void never(struct timer_list *timer)
{
}

static void timer_freed(void)
{
	struct item *item = item_new();

	timer_setup(&item->timer, never, 0);
	mod_timer(&item->timer, jiffies + 100 * HZ);
	kfree(item);
}

static void work_run(struct work_struct *work)
{
}

static void work_reinit(void)
{
	struct item *item = item_new();

	INIT_WORK(&item->work, work_run);
	schedule_work(&item->work);
	INIT_WORK(&item->work, work_run);
	msleep(100);
	flush_scheduled_work();
}

static void item_free(struct rcu_head *rcu)
{
}

static void rcu_twice(void)
{
	struct item *item = item_new();

	call_rcu(&item->rcu, item_free);
	call_rcu(&item->rcu, item_free);
	rcu_barrier();
}

static void list_corrupt(void)
{
	struct item *item = item_new();

	list_add(&item->list, &list);
	list_del(&item->list);
	list_del(&item->list);
}

static void objects_left(void)
{
	struct kmem_cache *cache = KMEM_CACHE(item, 0);

	WRITE_ONCE(volatile_zero,
		   kmem_cache_alloc(cache, GFP_KERNEL) ? 0 : 0);
	kmem_cache_destroy(cache);
}

/* Nobody notices while the kernel runs: objects.sh has to. */
static void memory_left(void)
{
	WRITE_ONCE(volatile_zero, item_new() ? 0 : 0);
}

static void packet_left(void)
{
	WRITE_ONCE(volatile_zero, alloc_skb(100, GFP_KERNEL) ? 0 : 0);
}

static void warning(void)
{
	WARN_ON(!volatile_zero);
}

static const struct {
	const char *name;
	void (*make)(void);
} mistakes[] = {
	{ "none", none },
	{ "use-after-free", use_after_free },
	{ "out-of-bounds", out_of_bounds },
	{ "double-free", double_free },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "lock-inversion", lock_inversion },
	{ "softirq-unsafe", softirq_unsafe },
	{ "rcu-unprotected", rcu_unprotected },
	{ "rcu-list-unprotected", rcu_list_unprotected },
	{ "rcu-sleep", rcu_sleep },
	{ "timer-freed", timer_freed },
	{ "work-reinit", work_reinit },
	{ "rcu-twice", rcu_twice },
	{ "list-corrupt", list_corrupt },
	{ "objects-left", objects_left },
	{ "memory-left", memory_left },
	{ "packet-left", packet_left },
	{ "warning", warning },
};

static int __init broken_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		if (strcmp(mistakes[i].name, mistake))
			continue;
		mistakes[i].make();
		/* The code stays until nothing can refer to it. */
		rcu_barrier();
		pr_info("broken: done with %s\n", mistake);
		return -ECANCELED;
	}
	return -EINVAL;
}

module_init(broken_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Deliberate mistakes");
