// SPDX-License-Identifier: GPL-2.0
#include "config.h"

#include <linux/bitmap.h>
#include <linux/bsearch.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "draft.h"
#include "attach.h"
#include "netns.h"
#include "session.h"
#include "setting.h"
#include "static.h"

static void config_free(struct nat64_config *cfg)
{
	kvfree(cfg->pool);
	kvfree(cfg->statics);
	kfree(cfg);
}

static void config_free_rcu(struct rcu_head *rcu)
{
	config_free(container_of(rcu, struct nat64_config, rcu));
}

int nat64_config_init(struct nat64_net *nn)
{
	struct nat64_config *cfg;
	int err = -ENOMEM;

	cfg = kzalloc(sizeof(*cfg), GFP_KERNEL_ACCOUNT);
	if (!cfg)
		return -ENOMEM;
	cfg->genid = 1;
	cfg->pool = kvzalloc(sizeof(*cfg->pool), GFP_KERNEL_ACCOUNT);
	nn->refusals = nat64_refuse_alloc();
	if (!cfg->pool || !nn->refusals)
		goto free;
	err = nat64_setting_defaults(cfg);
	if (err)
		goto free;
	rcu_assign_pointer(nn->config, cfg);
	return 0;

free:
	kfree(nn->refusals);
	config_free(cfg);
	return err;
}

void nat64_config_exit(struct nat64_net *nn)
{
	config_free(rcu_dereference_protected(nn->config, true));
	RCU_INIT_POINTER(nn->config, NULL);
	kfree(nn->refusals);
}

static int static_cmp(const void *a, const void *b)
{
	const struct nat64_static *x = a, *y = b;

	return memcmp(&x->k6, &y->k6, sizeof(x->k6));
}

/* Does @cfg have this static binding, with both sides equal? */
static bool static_kept(const struct nat64_config *cfg,
			const struct nat64_static *s)
{
	const struct nat64_static *other;

	if (!cfg->static_count)
		return false;
	other = bsearch(s, cfg->statics, cfg->static_count, sizeof(*s),
			static_cmp);
	return other && !memcmp(&other->k4, &s->k4, sizeof(s->k4));
}

/* Does a static binding that is about to go stand in the way of @s? */
static bool static_waits(struct nat64_net *nn, const struct nat64_static *s)
{
	const struct nat64_binding *b6, *b4;
	bool waits;

	rcu_read_lock();
	b6 = nat64_binding_find6(nn, &s->k6);
	b4 = nat64_binding_find4(nn, &s->k4);
	waits = (b6 && READ_ONCE(b6->flags) & NAT64_BINDING_STATIC) ||
		(b4 && READ_ONCE(b4->flags) & NAT64_BINDING_STATIC);
	rcu_read_unlock();
	return waits;
}

static int static_add(struct nat64_draft *d, const struct nat64_config *cfg,
		      const struct nat64_static *s)
{
	int err = nat64_binding_add_static(d->nn, cfg, &s->k6, &s->k4);

	switch (err) {
	case -EEXIST:
		return nat64_refuse(d, nat64_static_op(d, s), err,
				    "address and port in use by a dynamic binding");
	case -ENOSPC:
		return nat64_refuse(d, nat64_static_op(d, s), err,
				    "over the limit bindings or subscribers");
	default:
		return err;
	}
}

/*
 * Add the static bindings of @cfg that the present configuration lacks; those
 * that have to wait for another one to go only if @waiting.
 */
static int statics_add(struct nat64_draft *d, const struct nat64_config *cfg,
		       unsigned long *added, bool waiting)
{
	u32 i;
	int err;

	for (i = 0; i < cfg->static_count; i++) {
		const struct nat64_static *s = &cfg->statics[i];

		if (i % 1024 == 1023)
			cond_resched();
		if (test_bit(i, added) || static_kept(d->old, s))
			continue;
		if (!waiting && static_waits(d->nn, s))
			continue;
		err = static_add(d, cfg, s);
		if (err)
			return err;
		set_bit(i, added);
	}
	return 0;
}

/* Remove the static bindings of @from that @to lacks. */
static void statics_remove(struct nat64_net *nn,
			   const struct nat64_config *from,
			   const struct nat64_config *to)
{
	u32 i;

	for (i = 0; i < from->static_count; i++) {
		if (i % 1024 == 1023)
			cond_resched();
		if (!static_kept(to, &from->statics[i]))
			nat64_binding_del_static(nn, &from->statics[i].k6,
						 false);
	}
}

/* Take back what statics_swap() did, its old bindings being gone or not. */
static void statics_undo(struct nat64_draft *d, const struct nat64_config *cfg,
			 const unsigned long *added)
{
	u32 i;

	for_each_set_bit(i, added, cfg->static_count)
		nat64_binding_del_static(d->nn, &cfg->statics[i].k6, true);
	for (i = 0; i < d->old->static_count; i++) {
		const struct nat64_static *s = &d->old->statics[i];

		/* Only a client that took the port meanwhile prevents it. */
		if (!static_kept(cfg, s) && !static_waits(d->nn, s) &&
		    nat64_binding_add_static(d->nn, d->old, &s->k6, &s->k4))
			pr_warn_ratelimited("nat64: static binding to %pI4 port %u was lost\n",
					    &s->k4.addr,
					    be16_to_cpu(s->k4.port));
	}
}

/*
 * Removing a binding ends its sessions, which no undoing brings back; so
 * whatever can fail without that is tried first.
 */
static int statics_swap(struct nat64_draft *d, const struct nat64_config *cfg)
{
	unsigned long *added;
	int err;

	if (!d->entry)
		return 0;
	added = bitmap_zalloc(cfg->static_count, GFP_KERNEL);
	if (!added)
		return -ENOMEM;
	err = statics_add(d, cfg, added, false);
	if (!err) {
		statics_remove(d->nn, d->old, cfg);
		err = statics_add(d, cfg, added, true);
	}
	if (err)
		statics_undo(d, cfg, added);
	bitmap_free(added);
	return err;
}

static int activate(struct nat64_net *nn, struct netlink_ext_ack *extack)
{
	int err = nat64_attach(nn, extack);

	if (err)
		return err;
	err = nat64_expire_start(nn);
	if (err)
		nat64_detach(nn);
	return err;
}

static void deactivate(struct nat64_net *nn)
{
	nat64_detach(nn);
	nat64_expire_stop(nn);
}

/* Has @data, the new configuration, no place for a session? */
static bool session_lost(const struct nat64_session *s, const void *data)
{
	const struct nat64_config *cfg = data;

	return !cfg->prefix[s->t6.prefix].len ||
	       !nat64_pool_has_addr(cfg->pool, s->t4.pool);
}

/* Does an entry of @pool, or do several of them, cover @e? */
static bool pool_covers(const struct nat64_pool *pool,
			const struct nat64_pool_entry *e)
{
	u32 i, next = e->first;

	for (i = 0; i < pool->count && pool->entry[i].first <= next; i++) {
		if (pool->entry[i].last >= e->last)
			return true;
		if (pool->entry[i].last >= next)
			next = pool->entry[i].last + 1;
	}
	return false;
}

/* Is a prefix or a pool address of @old missing from @new? */
static bool config_shrinks(const struct nat64_config *old,
			   const struct nat64_config *new)
{
	u32 i;

	for (i = 0; i < NAT64_PREFIX_SLOTS; i++)
		if (old->prefix[i].len && !new->prefix[i].len)
			return true;
	if (old->pool->count == new->pool->count &&
	    !memcmp(old->pool->entry, new->pool->entry,
		    new->pool->count * sizeof(new->pool->entry[0])))
		return false;
	for (i = 0; i < old->pool->count; i++)
		if (!pool_covers(new->pool, &old->pool->entry[i]))
			return true;
	return false;
}

/* Does @new hold back fewer ports than @old, or for a shorter time? */
static bool holds_less(const struct nat64_config *old,
		       const struct nat64_config *new)
{
	return new->limit[NAT64_LIMIT_HELD_PORTS] <
	       old->limit[NAT64_LIMIT_HELD_PORTS] ||
	       new->timeout[NAT64_TIMEOUT_PORT_HOLD] <
	       old->timeout[NAT64_TIMEOUT_PORT_HOLD];
}

static int config_publish(struct nat64_draft *d, struct nat64_config *new)
{
	struct nat64_config *old = (struct nat64_config *)d->old;
	struct nat64_net *nn = d->nn;
	bool start = !nn->active && new->prefixes;
	bool stop = nn->active && !new->prefixes;
	int err;

	if (start) {
		err = activate(nn, d->extack);
		if (err)
			return err;
	}
	err = statics_swap(d, new);
	if (err) {
		if (start)
			deactivate(nn);
		return err;
	}
	rcu_assign_pointer(nn->config, new);

	if (stop)
		deactivate(nn);
	if (config_shrinks(old, new)) {
		/* Packets that go by the old one make no sessions any more. */
		synchronize_rcu();
		nat64_session_sweep(nn, session_lost, new);
		nat64_binding_expire(nn, false);
		nat64_pool_trim(nn, new->pool);
	}
	if (stop) {
		nat64_syn_flush(nn);
		nat64_pool_release(nn, false);
	}
	if (holds_less(old, new))
		nat64_pool_shorten(nn, new);
	call_rcu(&old->rcu, config_free_rcu);
	return 0;
}

int nat64_config_apply(struct nat64_net *nn, const struct nlmsghdr *nlh,
		       struct netlink_ext_ack *extack)
{
	struct nat64_draft d = { .nn = nn, .extack = extack };
	struct nat64_config *new;
	int err;

	mutex_lock(&nn->config_lock);
	err = nat64_draft_init(&d, rcu_dereference_protected(nn->config,
				   lockdep_is_held(&nn->config_lock)), nlh);
	if (!err)
		err = nat64_draft_run(&d, nlh);
	if (!err)
		err = nat64_draft_finish(&d, &new);
	if (!err) {
		err = config_publish(&d, new);
		if (err)
			config_free(new);
	}
	nat64_draft_drop(&d);
	mutex_unlock(&nn->config_lock);
	return err;
}
