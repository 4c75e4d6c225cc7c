// SPDX-License-Identifier: GPL-2.0
#include "binding.h"

#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "config.h"
#include "expire.h"
#include "gate.h"
#include "hash.h"
#include "netns.h"
#include "notify.h"
#include "pool.h"
#include "session.h"
#include "subscriber.h"

static struct kmem_cache *cache;

/* compare6() and compare4() rely on this. */
static_assert(sizeof(struct nat64_bkey6) == 20 &&
	      offsetof(struct nat64_bkey6, port) == 16);
static_assert(sizeof(struct nat64_bkey4) == 8 &&
	      offsetof(struct nat64_bkey4, port) == 4);

/* In line, by words: see those of sessions. */
static int compare6(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct nat64_bkey6 *a = &((const struct nat64_binding *)obj)->k6;
	const struct nat64_bkey6 *b = arg->key;

	return !ipv6_addr_equal(&a->addr, &b->addr) ||
	       nat64_load_be32(&a->port) != nat64_load_be32(&b->port);
}

static int compare4(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct nat64_bkey4 *a = &((const struct nat64_binding *)obj)->k4;
	const struct nat64_bkey4 *b = arg->key;

	return a->addr != b->addr ||
	       nat64_load_be32(&a->port) != nat64_load_be32(&b->port);
}

/* The tables keep their size: see those of sessions. */
const struct rhashtable_params nat64_binding_params6 = {
	.head_offset = offsetof(struct nat64_binding, node6),
	.key_offset = offsetof(struct nat64_binding, k6),
	.key_len = sizeof(struct nat64_bkey6),
	.hashfn = nat64_hash,
	.obj_cmpfn = compare6,
};

const struct rhashtable_params nat64_binding_params4 = {
	.head_offset = offsetof(struct nat64_binding, node4),
	.key_offset = offsetof(struct nat64_binding, k4),
	.key_len = sizeof(struct nat64_bkey4),
	.hashfn = nat64_hash,
	.obj_cmpfn = compare4,
};

int __init nat64_binding_init(void)
{
	cache = KMEM_CACHE(nat64_binding, 0);
	return cache ? 0 : -ENOMEM;
}

void nat64_binding_exit(void)
{
	kmem_cache_destroy(cache);
}

struct nat64_binding *nat64_binding_find6(struct nat64_net *nn,
					  const struct nat64_bkey6 *k6)
{
	return rhashtable_lookup(&nn->bindings6, k6, nat64_binding_params6);
}

struct nat64_binding *nat64_binding_find4(struct nat64_net *nn,
					  const struct nat64_bkey4 *k4)
{
	return rhashtable_lookup(&nn->bindings4, k4, nat64_binding_params4);
}

void nat64_binding_prefetch6(struct nat64_net *nn,
			     const struct nat64_bkey6 *k6)
{
	nat64_hash_prefetch(&nn->bindings6, k6, nat64_binding_params6);
}

static void binding_free(struct nat64_reap *r)
{
	kmem_cache_free(cache, container_of(r, struct nat64_binding, reap));
}

/* A new binding in both tables, or NULL: out of memory or already there. */
static struct nat64_binding *binding_insert(struct nat64_net *nn,
					    struct nat64_subscriber *sub,
					    const struct nat64_bkey6 *k6,
					    const struct nat64_bkey4 *k4,
					    u8 flags)
{
	struct nat64_binding *b;

	lockdep_assert_held(&sub->lock);
	nat64_hash_prefetch(&nn->bindings4, k4, nat64_binding_params4);
	b = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!b)
		return NULL;
	b->k6 = *k6;
	b->k4 = *k4;
	b->sub = sub;
	b->flags = flags;
	if (rhashtable_lookup_insert_fast(&nn->bindings4, &b->node4,
					  nat64_binding_params4))
		goto free;
	if (rhashtable_lookup_insert_fast(&nn->bindings6, &b->node6,
					  nat64_binding_params6))
		goto remove;
	sub->bindings++;
	sub->ports[nat64_l4(k6->proto)]++;
	nat64_count(nn, NAT64_CNT_BINDING_NEW);
	nat64_notify_binding(nn, b, NAT64_EVENT_BINDING_CREATE);
	return b;

remove:
	b->flags |= NAT64_BINDING_DEAD;
	rhashtable_remove_fast(&nn->bindings4, &b->node4,
			       nat64_binding_params4);
	nat64_reap(&b->reap, binding_free);
	return NULL;
free:
	kmem_cache_free(cache, b);
	return NULL;
}

static bool may_create(struct nat64_net *nn, const struct nat64_config *cfg,
		       struct nat64_subscriber *sub,
		       const struct nat64_bkey6 *k6, int *why)
{
	u32 ports = cfg->limit[NAT64_LIMIT_SUB_PORTS];

	if (ports && sub->ports[nat64_l4(k6->proto)] >= ports) {
		*why = NAT64_CNT_DROP_SUB_PORTS;
		nat64_notify_quota(nn, k6->proto, &k6->addr,
				   NAT64_QUOTA_PER_SUBSCRIBER);
		return false;
	}
	if (atomic_read(&nn->bindings6.nelems) >=
	    cfg->limit[NAT64_LIMIT_BINDINGS]) {
		*why = NAT64_CNT_DROP_SESSION_LIMIT;
		nat64_notify_quota(nn, k6->proto, &k6->addr,
				   NAT64_QUOTA_BINDINGS);
		return false;
	}
	return true;
}

/* A new binding whose port has been taken; gives it back otherwise. */
static struct nat64_binding *binding_make(struct nat64_net *nn,
					  const struct nat64_config *cfg,
					  struct nat64_subscriber *sub,
					  const struct nat64_bkey6 *k6,
					  const struct nat64_bkey4 *k4,
					  u8 flags, int *why)
{
	enum nat64_l4 l4 = nat64_l4(k6->proto);
	struct nat64_binding *b = binding_insert(nn, sub, k6, k4, flags);

	if (b)
		return b;
	nat64_pool_free(nn, cfg, l4, k4->addr, k4->port, false);
	/* Without ports, an address serves one client a protocol. */
	*why = l4 == NAT64_L4_OTHER ? NAT64_CNT_DROP_POOL_EMPTY :
				      NAT64_CNT_DROP_MEMORY;
	return NULL;
}

static void tell_exhausted(struct nat64_net *nn, const struct nat64_bkey6 *k6,
			   int why)
{
	if (why == NAT64_CNT_DROP_POOL_EMPTY)
		nat64_notify_exhausted(nn, k6->proto, &k6->addr,
				       NAT64_EVENT_PORTS_EXHAUSTED);
}

struct nat64_binding *nat64_binding_create(struct nat64_net *nn,
					   const struct nat64_config *cfg,
					   struct nat64_subscriber *sub,
					   const struct nat64_bkey6 *k6,
					   int *why)
{
	struct nat64_bkey4 k4 = { .proto = k6->proto };

	if (!may_create(nn, cfg, sub, k6, why))
		return NULL;
	*why = nat64_pool_alloc(nn, cfg, sub, nat64_l4(k6->proto), k6->port,
				&k4.addr, &k4.port);
	if (*why) {
		tell_exhausted(nn, k6, *why);
		return NULL;
	}
	return binding_make(nn, cfg, sub, k6, &k4, 0, why);
}

struct nat64_binding *nat64_binding_create_at(struct nat64_net *nn,
					      const struct nat64_config *cfg,
					      struct nat64_subscriber *sub,
					      const struct nat64_bkey6 *k6,
					      const struct nat64_place *place,
					      int *why)
{
	struct nat64_bkey4 k4 = {
		.addr = place->addr,
		.port = place->want,
		.proto = k6->proto,
	};

	if (!may_create(nn, cfg, sub, k6, why))
		return NULL;
	*why = nat64_pool_alloc_at(nn, cfg, sub, nat64_l4(k6->proto),
				   place->addr,
				   place->exact ? NAT64_PORT_EXACT :
						  NAT64_PORT_ANY,
				   &k4.port);
	if (*why) {
		if (!place->exact)
			tell_exhausted(nn, k6, *why);
		return NULL;
	}
	return binding_make(nn, cfg, sub, k6, &k4, place->flags, why);
}

bool nat64_binding_create_pair(struct nat64_net *nn,
			       const struct nat64_config *cfg,
			       struct nat64_subscriber *sub,
			       const struct nat64_bkey6 *k6,
			       const struct nat64_place *place,
			       struct nat64_binding *pair[2], int *why)
{
	enum nat64_l4 l4 = nat64_l4(k6->proto);
	struct nat64_bkey6 second6 = *k6;
	struct nat64_bkey4 k4 = {
		.addr = place->addr,
		.port = place->want,
		.proto = k6->proto,
	};
	struct nat64_bkey4 second4;

	if (!may_create(nn, cfg, sub, k6, why))
		return false;
	*why = nat64_pool_alloc_at(nn, cfg, sub, l4, place->addr,
				   NAT64_PORT_PAIR, &k4.port);
	if (*why)
		return false;
	second4 = k4;
	be16_add_cpu(&second4.port, 1);
	be16_add_cpu(&second6.port, 1);
	pair[0] = binding_make(nn, cfg, sub, k6, &k4, place->flags, why);
	if (pair[0] && may_create(nn, cfg, sub, &second6, why)) {
		pair[1] = binding_make(nn, cfg, sub, &second6, &second4,
				       place->flags, why);
		if (pair[1])
			return true;
	} else {
		nat64_pool_free(nn, cfg, l4, second4.addr, second4.port,
				false);
	}
	if (pair[0])
		nat64_binding_drop(nn, cfg, pair[0]);
	pair[0] = NULL;
	return false;
}

/*
 * RFC 6888 REQ-8 exempts TCP, whose state is tracked, static bindings, and
 * ports behind address-dependent filtering.
 */
static bool binding_holds(const struct nat64_config *cfg,
			  const struct nat64_binding *b)
{
	if (b->flags & NAT64_BINDING_STATIC)
		return false;
	switch (b->k6.proto) {
	case IPPROTO_UDP:
		return cfg->option[NAT64_OPTION_FILTER_UDP] == NAT64_FILTER_EI;
	case IPPROTO_ICMP:
		return cfg->option[NAT64_OPTION_FILTER_ICMP] ==
		       NAT64_FILTER_EI;
	default:
		return false;
	}
}

static void idle_leave(struct nat64_net *nn, struct nat64_binding *b)
{
	if (!(b->flags & NAT64_BINDING_IDLE))
		return;
	b->flags &= ~NAT64_BINDING_IDLE;
	spin_lock(&nn->expire.idle_lock);
	list_del(&b->idle);
	spin_unlock(&nn->expire.idle_lock);
}

static void binding_unlink(struct nat64_net *nn,
			   const struct nat64_config *cfg,
			   struct nat64_binding *b)
{
	struct nat64_subscriber *sub = b->sub;
	enum nat64_l4 l4 = nat64_l4(b->k6.proto);

	lockdep_assert_held(&sub->lock);
	idle_leave(nn, b);
	b->flags |= NAT64_BINDING_DEAD;
	rhashtable_remove_fast(&nn->bindings6, &b->node6,
			       nat64_binding_params6);
	rhashtable_remove_fast(&nn->bindings4, &b->node4,
			       nat64_binding_params4);
	sub->bindings--;
	sub->ports[l4]--;
	nat64_pool_free(nn, cfg, l4, b->k4.addr, b->k4.port,
			binding_holds(cfg, b));
	nat64_count(nn, NAT64_CNT_BINDING_END);
	nat64_notify_binding(nn, b, NAT64_EVENT_BINDING_DELETE);
	nat64_reap(&b->reap, binding_free);
}

void nat64_binding_use(struct nat64_net *nn, struct nat64_binding *b)
{
	lockdep_assert_held(&b->sub->lock);
	idle_leave(nn, b);
	b->sessions++;
	b->sub->sessions++;
}

void nat64_binding_put(struct nat64_net *nn, struct nat64_binding *b)
{
	const struct nat64_config *cfg = rcu_dereference(nn->config);

	lockdep_assert_held(&b->sub->lock);
	b->sub->sessions--;
	b->sessions--;
	nat64_binding_drop(nn, cfg, b);
}

void nat64_binding_drop(struct nat64_net *nn, const struct nat64_config *cfg,
			struct nat64_binding *b)
{
	if (b->sessions ||
	    b->flags & (NAT64_BINDING_STATIC | NAT64_BINDING_IDLE |
			NAT64_BINDING_DEAD))
		return;
	if (cfg->option[NAT64_OPTION_PERSISTENT] != NAT64_YES ||
	    !nat64_pool_has_addr(cfg->pool, b->k4.addr)) {
		binding_unlink(nn, cfg, b);
		return;
	}
	b->flags |= NAT64_BINDING_IDLE;
	b->idle_due = nat64_now() + cfg->timeout[NAT64_TIMEOUT_PERSISTENT];
	spin_lock(&nn->expire.idle_lock);
	list_add_tail(&b->idle, &nn->expire.idle);
	spin_unlock(&nn->expire.idle_lock);
}

/* The binding that has been idle for longest. */
static struct nat64_binding *idle_first(struct nat64_net *nn, bool due)
{
	struct nat64_binding *b;

	spin_lock_bh(&nn->expire.idle_lock);
	b = list_first_entry_or_null(&nn->expire.idle, struct nat64_binding,
				     idle);
	if (b && due && (s32)(b->idle_due - nat64_now()) > 0)
		b = NULL;
	spin_unlock_bh(&nn->expire.idle_lock);
	return b;
}

void nat64_binding_expire(struct nat64_net *nn, bool due)
{
	struct nat64_subscriber *sub;
	struct nat64_binding *b;

	do {
		rcu_read_lock();
		b = idle_first(nn, due);
		if (b) {
			/* It may be used or removed before we lock. */
			sub = b->sub;
			spin_lock_bh(&sub->lock);
			if (b->flags & NAT64_BINDING_IDLE)
				binding_unlink(nn, rcu_dereference(nn->config),
					       b);
			nat64_subscriber_settle(nn, sub);
			spin_unlock_bh(&sub->lock);
		}
		rcu_read_unlock();
		cond_resched();
	} while (b);
}

static int static_insert(struct nat64_net *nn, struct nat64_subscriber *sub,
			 const struct nat64_config *cfg,
			 const struct nat64_bkey6 *k6,
			 const struct nat64_bkey4 *k4)
{
	enum nat64_l4 l4 = nat64_l4(k6->proto);
	struct nat64_binding *b6, *b4;
	int err;

	b6 = nat64_binding_find6(nn, k6);
	b4 = nat64_binding_find4(nn, k4);
	if (b6 && b6->sub != sub)
		return -EAGAIN;
	if (b6 && b6 == b4) {
		idle_leave(nn, b6);
		b6->flags |= NAT64_BINDING_STATIC;
		b6->flags &= ~NAT64_BINDING_GATED;
		return 0;
	}
	if (b6 || b4)
		return -EEXIST;
	if (atomic_read(&nn->bindings6.nelems) >=
	    cfg->limit[NAT64_LIMIT_BINDINGS])
		return -ENOSPC;
	err = nat64_pool_take(nn, l4, k4->addr, k4->port);
	if (err)
		return err == -EADDRINUSE ? -EEXIST : err;
	if (binding_insert(nn, sub, k6, k4, NAT64_BINDING_STATIC))
		return 0;
	nat64_pool_free(nn, cfg, l4, k4->addr, k4->port, false);
	return -ENOMEM;
}

struct nat64_subscriber *nat64_binding_owner(struct nat64_net *nn,
					     const struct nat64_config *cfg,
					     const struct nat64_bkey6 *k6,
					     int *why)
{
	struct nat64_binding *b = nat64_binding_find6(nn, k6);

	return b ? b->sub : nat64_subscriber_get(nn, cfg, &k6->addr, why);
}

int nat64_binding_add_static(struct nat64_net *nn,
			     const struct nat64_config *cfg,
			     const struct nat64_bkey6 *k6,
			     const struct nat64_bkey4 *k4)
{
	struct nat64_subscriber *sub;
	int err, why;

	local_bh_disable();
	rcu_read_lock();
	do {
		sub = nat64_binding_owner(nn, cfg, k6, &why);
		if (!sub) {
			err = why == NAT64_CNT_DROP_MEMORY ? -ENOMEM : -ENOSPC;
			break;
		}
		spin_lock(&sub->lock);
		err = sub->dead ? -EAGAIN :
				  static_insert(nn, sub, cfg, k6, k4);
		nat64_subscriber_settle(nn, sub);
		spin_unlock(&sub->lock);
	} while (err == -EAGAIN);
	rcu_read_unlock();
	local_bh_enable();
	return err;
}

void nat64_binding_del_static(struct nat64_net *nn,
			      const struct nat64_bkey6 *k6, bool keep)
{
	struct nat64_subscriber *sub;
	struct nat64_binding *b;

	local_bh_disable();
	rcu_read_lock();
	b = nat64_binding_find6(nn, k6);
	if (b && b->flags & NAT64_BINDING_STATIC) {
		sub = b->sub;
		spin_lock(&sub->lock);
		if (keep && b->sessions) {
			b->flags &= ~NAT64_BINDING_STATIC;
		} else {
			/* Static until the end, so that it cannot get idle. */
			nat64_session_unlink_all(nn, b);
			nat64_gate_abandon(nn, b);
			binding_unlink(nn, rcu_dereference(nn->config), b);
		}
		nat64_subscriber_settle(nn, sub);
		spin_unlock(&sub->lock);
	}
	rcu_read_unlock();
	local_bh_enable();
}
