// SPDX-License-Identifier: GPL-2.0
#include "gate.h"

#include <linux/rhashtable.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "alg.h"
#include "binding.h"
#include "config.h"
#include "expire.h"
#include "hash.h"
#include "netns.h"
#include "notify.h"
#include "subscriber.h"

static struct kmem_cache *cache;

static const struct rhashtable_params params6 = {
	.head_offset = offsetof(struct nat64_gate, node),
	.key_offset = offsetof(struct nat64_gate, k6),
	.key_len = sizeof(struct nat64_gkey6),
	.hashfn = nat64_hash,
	.automatic_shrinking = true,
};

static const struct rhashtable_params params4 = {
	.head_offset = offsetof(struct nat64_gate, node),
	.key_offset = offsetof(struct nat64_gate, k4),
	.key_len = sizeof(struct nat64_gkey4),
	.hashfn = nat64_hash,
	.automatic_shrinking = true,
};

int __init nat64_gate_init(void)
{
	cache = KMEM_CACHE(nat64_gate, 0);
	return cache ? 0 : -ENOMEM;
}

void nat64_gate_exit(void)
{
	kmem_cache_destroy(cache);
}

int nat64_gate_net_init(struct nat64_net *nn)
{
	int err;

	xa_init_flags(&nn->gates, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
	spin_lock_init(&nn->call_lock);
	err = rhltable_init(&nn->gates6, &params6);
	if (err)
		return err;
	err = rhltable_init(&nn->gates4, &params4);
	if (err)
		rhltable_destroy(&nn->gates6);
	return err;
}

void nat64_gate_net_exit(struct nat64_net *nn)
{
	rhltable_destroy(&nn->gates4);
	rhltable_destroy(&nn->gates6);
	xa_destroy(&nn->gates);
}

u8 nat64_gate_proto(const struct nat64_gate *g)
{
	return g->dir == NAT64_DIR_64 ? g->k6.proto : g->k4.proto;
}

/* Ports that are no part of the key; a call id always is. */
static bool ports_match(const struct nat64_gate *g, __be16 client_port,
			__be16 remote_port)
{
	__be16 remote = READ_ONCE(g->remote_port);

	if (READ_ONCE(g->flags) & NAT64_GATE_DEAD)
		return false;
	if (nat64_gate_proto(g) == IPPROTO_GRE)
		return true;
	if (g->dir == NAT64_DIR_64)
		return !g->client_port || g->client_port == client_port;
	return !remote || remote == remote_port;
}

static struct nat64_gate *find6(struct nat64_net *nn,
				const struct nat64_gkey6 *key,
				const struct nat64_tuple6 *t6)
{
	struct rhlist_head *list, *pos;
	struct nat64_gate *g;

	list = rhltable_lookup(&nn->gates6, key, params6);
	rhl_for_each_entry_rcu(g, pos, list, node) {
		const struct nat64_session *master =
			rcu_dereference(g->conn->master);

		if (master && master->t6.prefix == t6->prefix &&
		    ports_match(g, t6->client_port, t6->remote_port))
			return g;
	}
	return NULL;
}

struct nat64_gate *nat64_gate_find6(struct nat64_net *nn,
				    const struct nat64_tuple6 *t6)
{
	struct nat64_gkey6 key = {
		.client = t6->client,
		.remote = t6->remote,
		.remote_port = t6->remote_port,
		.proto = t6->proto,
	};
	struct nat64_gate *g;

	if (likely(!atomic_read(&nn->gate_count)))
		return NULL;
	g = find6(nn, &key, t6);
	if (g || t6->proto == IPPROTO_GRE)
		return g;
	key.remote_port = 0;
	return find6(nn, &key, t6);
}

static struct nat64_gate *find4(struct nat64_net *nn,
				const struct nat64_gkey4 *key,
				const struct nat64_tuple4 *t4)
{
	struct rhlist_head *list, *pos;
	struct nat64_gate *g;

	list = rhltable_lookup(&nn->gates4, key, params4);
	rhl_for_each_entry_rcu(g, pos, list, node)
		if (ports_match(g, t4->pool_port, t4->remote_port))
			return g;
	return NULL;
}

struct nat64_gate *nat64_gate_find4(struct nat64_net *nn,
				    const struct nat64_tuple4 *t4)
{
	struct nat64_gkey4 key = {
		.remote = t4->remote,
		.pool = t4->pool,
		.pool_port = t4->pool_port,
		.proto = t4->proto,
	};
	struct nat64_gate *g;

	if (likely(!atomic_read(&nn->gate_count)))
		return NULL;
	g = find4(nn, &key, t4);
	if (g || t4->proto == IPPROTO_GRE)
		return g;
	key.remote = 0;
	return find4(nn, &key, t4);
}

void nat64_gate_quoted(struct nat64_tuple4 *t4,
		       const struct nat64_alg_ctx *ctx, __be32 remote,
		       __be16 id)
{
	*t4 = (struct nat64_tuple4){
		.remote = remote,
		.pool = ctx->pool4,
		.remote_port = id,
		.proto = IPPROTO_GRE,
		.quoted = 1,
	};
}

bool nat64_gate_tuples(const struct nat64_gate *g,
		       const struct nat64_config *cfg,
		       struct nat64_tuple6 *t6, struct nat64_tuple4 *t4)
{
	const struct nat64_alg_ctx *ctx = &g->conn->ctx;
	const struct nat64_session *master = rcu_dereference(g->conn->master);

	if (!master || !cfg->prefix[master->t6.prefix].len)
		return false;
	if (g->dir == NAT64_DIR_64) {
		nat64_gate_quoted(t4, ctx, g->k6.remote, g->remote_port);
		return true;
	}
	*t6 = (struct nat64_tuple6){
		.client = ctx->client6,
		.remote = t4->remote,
		.client_port = g->client_port,
		.remote_port = t4->remote_port,
		.proto = t4->proto,
		.prefix = master->t6.prefix,
		.quoted = t4->proto == IPPROTO_GRE,
	};
	return true;
}

struct nat64_gate *nat64_gate_alloc(struct nat64_conn *conn)
{
	struct nat64_gate *g;

	g = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!g)
		return NULL;
	g->conn = conn;
	refcount_inc(&conn->ref);
	return g;
}

static void gate_free(struct rcu_head *rcu)
{
	struct nat64_gate *g = container_of(rcu, struct nat64_gate, rcu);

	nat64_conn_put(g->conn);
	kmem_cache_free(cache, g);
}

bool nat64_gate_taken(struct nat64_net *nn, const struct nat64_gate *g)
{
	if (g->dir == NAT64_DIR_64)
		return rhltable_lookup(&nn->gates6, &g->k6, params6);
	return rhltable_lookup(&nn->gates4, &g->k4, params4);
}

int nat64_gate_insert(struct nat64_net *nn, struct nat64_gate *g)
{
	int err = g->dir == NAT64_DIR_64 ?
			  rhltable_insert(&nn->gates6, &g->node, params6) :
			  rhltable_insert(&nn->gates4, &g->node, params4);

	return err ? -ENOMEM : 0;
}

int nat64_gate_number(struct nat64_net *nn, struct nat64_gate *g)
{
	int err = xa_alloc_cyclic(&nn->gates, &g->id, g, xa_limit_32b,
				  &nn->gate_next, GFP_ATOMIC | __GFP_NOWARN);

	return err < 0 ? -ENOMEM : 0;
}

void nat64_gate_discard(struct nat64_net *nn, struct nat64_gate *g)
{
	/* A dump may have seen it. */
	WRITE_ONCE(g->flags, g->flags | NAT64_GATE_DEAD);
	if (g->id)
		xa_erase(&nn->gates, g->id);
	call_rcu(&g->rcu, gate_free);
}

void nat64_gate_link(struct nat64_net *nn, struct nat64_gate *g)
{
	struct nat64_conn *conn = g->conn;

	lockdep_assert_held(&g->binding->sub->lock);
	nat64_binding_use(nn, g->binding);
	list_add_tail(&g->conn_node, &conn->gates);
	conn->gate_count++;
	g->binding->sub->gates++;
	atomic_inc(&nn->gate_count);
	nat64_count(nn, NAT64_CNT_GATE_NEW);
	nat64_conn_count(conn, NAT64_ALG_CNT_GATES_OPENED);
	nat64_notify_gate(nn, g, NAT64_EVENT_GATE_OPEN);
}

void nat64_gate_unlink(struct nat64_net *nn, struct nat64_gate *g,
		       enum nat64_event event)
{
	lockdep_assert_held(&g->binding->sub->lock);
	WRITE_ONCE(g->flags, g->flags | NAT64_GATE_DEAD);
	if (!(g->flags & NAT64_GATE_RESERVED)) {
		if (g->dir == NAT64_DIR_64)
			rhltable_remove(&nn->gates6, &g->node, params6);
		else
			rhltable_remove(&nn->gates4, &g->node, params4);
	}
	xa_erase(&nn->gates, g->id);
	list_del(&g->conn_node);
	g->conn->gate_count--;
	g->binding->sub->gates--;
	atomic_dec(&nn->gate_count);
	nat64_count(nn, NAT64_CNT_GATE_END);
	nat64_notify_gate(nn, g, event);
	nat64_binding_put(nn, g->binding);
	call_rcu(&g->rcu, gate_free);
}

void nat64_gate_use(struct nat64_net *nn, struct nat64_gate *g,
		    struct nat64_session *s)
{
	nat64_conn_count(g->conn, NAT64_ALG_CNT_GATES_USED);
	nat64_gate_unlink(nn, g, NAT64_EVENT_GATE_USE);
}

void nat64_gate_close_all(struct nat64_net *nn, struct nat64_conn *conn)
{
	struct nat64_gate *g, *next;

	list_for_each_entry_safe(g, next, &conn->gates, conn_node)
		nat64_gate_unlink(nn, g, NAT64_EVENT_GATE_CLOSE);
}

void nat64_gate_abandon(struct nat64_net *nn, struct nat64_binding *b)
{
	struct nat64_gate *g;
	unsigned long i;

	/* Those of other subscribers hold other bindings. */
	if (!b->sub->gates)
		return;
	xa_for_each(&nn->gates, i, g)
		if (READ_ONCE(g->binding) == b &&
		    !(READ_ONCE(g->flags) & NAT64_GATE_DEAD))
			nat64_gate_unlink(nn, g, NAT64_EVENT_GATE_CLOSE);
}

static bool gate_end(struct nat64_net *nn, struct nat64_gate *g, bool due)
{
	struct nat64_subscriber *sub = g->binding->sub;
	bool ends;

	spin_lock_bh(&sub->lock);
	ends = !(g->flags & NAT64_GATE_DEAD) &&
	       !(due && nat64_left(g->deadline));
	if (ends && due)
		nat64_conn_count(g->conn, NAT64_ALG_CNT_GATES_EXPIRED);
	if (ends)
		nat64_gate_unlink(nn, g, due ? NAT64_EVENT_GATE_EXPIRE :
					       NAT64_EVENT_GATE_CLOSE);
	nat64_subscriber_settle(nn, sub);
	spin_unlock_bh(&sub->lock);
	return ends;
}

u32 nat64_gate_expire(struct nat64_net *nn, bool due)
{
	struct nat64_gate *g;
	unsigned long i;
	u32 seen = 0, ended = 0;

	if (!atomic_read(&nn->gate_count))
		return 0;
	rcu_read_lock();
	xa_for_each(&nn->gates, i, g) {
		if (!due || !nat64_left(READ_ONCE(g->deadline)))
			ended += gate_end(nn, g, due);
		if (++seen % 256)
			continue;
		rcu_read_unlock();
		cond_resched();
		rcu_read_lock();
	}
	rcu_read_unlock();
	return ended;
}
