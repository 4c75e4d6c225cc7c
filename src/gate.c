// SPDX-License-Identifier: GPL-2.0
#include "gate.h"

#include <linux/kernel.h>
#include <linux/random.h>
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
#include "setting.h"
#include "subscriber.h"

#define WELL_KNOWN 1023
/* Call ids that one request may try. */
#define CALL_TRIES 256

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

/* The tuple that a call's packets get: enough for errors that quote them. */
static void quoted4(struct nat64_tuple4 *t4, const struct nat64_alg_ctx *ctx,
		    __be32 remote, __be16 id)
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
		quoted4(t4, ctx, g->k6.remote, g->remote_port);
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

static void gate_free(struct rcu_head *rcu)
{
	struct nat64_gate *g = container_of(rcu, struct nat64_gate, rcu);

	nat64_conn_put(g->conn);
	kmem_cache_free(cache, g);
}

static int table_add(struct nat64_net *nn, struct nat64_gate *g)
{
	int err = g->dir == NAT64_DIR_64 ?
			  rhltable_insert(&nn->gates6, &g->node, params6) :
			  rhltable_insert(&nn->gates4, &g->node, params4);

	return err ? -ENOMEM : 0;
}

static void gate_unlink(struct nat64_net *nn, struct nat64_gate *g,
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

/* A request for a gate, with the subscriber of @master locked. */
struct request {
	struct nat64_net *nn;
	const struct nat64_config *cfg;
	struct nat64_conn *conn;
	struct nat64_session *master;
	struct nat64_subscriber *sub;
	struct nat64_gate_spec *spec;
};

static int limits_check(const struct request *r, const struct nat64_binding *b)
{
	const u32 *limit = r->cfg->limit;
	u32 sessions = limit[NAT64_LIMIT_SUB_SESSIONS];
	u32 each = limit[NAT64_LIMIT_BINDING_SESSIONS];

	if (r->conn->gate_count >= r->conn->ctx.ops->gates_max ||
	    atomic_read(&r->nn->gate_count) >= limit[NAT64_LIMIT_GATES] ||
	    r->sub->gates >= limit[NAT64_LIMIT_SUB_GATES])
		return -ENOSPC;
	if ((sessions && r->sub->sessions >= sessions) ||
	    (each && b != r->master->binding && b->sessions >= each))
		return -ENOSPC;
	return 0;
}

static u32 deadline(const struct nat64_gate_spec *spec)
{
	return nat64_now() + min(spec->lifetime, NAT64_TIMEOUT_MAX_MS);
}

static struct nat64_gate *gate_alloc(const struct request *r,
				     struct nat64_binding *b,
				     __be16 client_port, u8 flags)
{
	const struct nat64_gate_spec *spec = r->spec;
	struct nat64_gate *g;

	g = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!g)
		return NULL;
	g->client_port = client_port;
	g->remote_port = spec->remote_port;
	g->dir = spec->dir;
	g->flags = flags;
	g->deadline = deadline(spec);
	g->binding = b;
	g->conn = r->conn;
	refcount_inc(&r->conn->ref);
	if (spec->dir == NAT64_DIR_64)
		g->k6 = (struct nat64_gkey6){
			.client = r->conn->ctx.client6,
			.remote = spec->remote,
			.remote_port = spec->remote_port,
			.proto = spec->proto,
		};
	else
		g->k4 = (struct nat64_gkey4){
			.remote = spec->remote,
			.pool = b->k4.addr,
			.pool_port = b->k4.port,
			.proto = spec->proto,
		};
	return g;
}

/*
 * Is @id free for the packets of a call that come in by it? A gate that is
 * gone after the first look has left its session behind for the second.
 */
static bool call_free(const struct request *r, struct nat64_gate *g,
		      __be16 id)
{
	const struct nat64_alg_ctx *ctx = &r->conn->ctx;
	const struct nat64_tuple6 t6 = {
		.client = ctx->client6,
		.remote = r->spec->remote,
		.remote_port = id,
		.proto = IPPROTO_GRE,
		.prefix = r->master->t6.prefix,
	};
	const struct nat64_tuple4 t4 = {
		.remote = r->spec->remote,
		.pool = ctx->pool4,
		.pool_port = id,
		.proto = IPPROTO_GRE,
	};

	if (g->dir == NAT64_DIR_64) {
		g->k6.remote_port = id;
		return !rhltable_lookup(&r->nn->gates6, &g->k6, params6) &&
		       !nat64_session_find6(r->nn, &t6);
	}
	g->k4.pool_port = id;
	return !rhltable_lookup(&r->nn->gates4, &g->k4, params4) &&
	       !nat64_session_find4(r->nn, &t4);
}

static int call_choose(const struct request *r, struct nat64_gate *g)
{
	__be16 want = r->spec->want;
	unsigned int i;
	u16 id;

	lockdep_assert_held(&r->nn->call_lock);
	if (want && call_free(r, g, want))
		return 0;
	if (want && r->conn->ctx.options & NAT64_ALG_OPT_PPTP_STRICT)
		return -EADDRINUSE;
	id = get_random_u32();
	for (i = 0; i < CALL_TRIES; i++, id++) {
		if (!id || !call_free(r, g, cpu_to_be16(id)))
			continue;
		if (want)
			nat64_conn_count(r->conn, NAT64_ALG_CNT_REMAPPED);
		return 0;
	}
	return -EADDRINUSE;
}

/* Two connections must not be given the same call id. */
static int call_publish(const struct request *r, struct nat64_gate *g)
{
	int err;

	spin_lock(&r->nn->call_lock);
	err = call_choose(r, g);
	if (!err)
		err = table_add(r->nn, g);
	spin_unlock(&r->nn->call_lock);
	return err;
}

static int gate_publish(const struct request *r, struct nat64_gate *g)
{
	struct nat64_net *nn = r->nn;
	int err;

	err = xa_alloc_cyclic(&nn->gates, &g->id, g, xa_limit_32b,
			      &nn->gate_next, GFP_ATOMIC | __GFP_NOWARN);
	if (err < 0)
		return -ENOMEM;
	err = 0;
	if (r->spec->proto == IPPROTO_GRE)
		err = call_publish(r, g);
	else if (!(g->flags & NAT64_GATE_RESERVED))
		err = table_add(nn, g);
	if (err)
		xa_erase(&nn->gates, g->id);
	return err;
}

/* A new gate that holds @b. */
static int gate_add(const struct request *r, struct nat64_binding *b,
		    __be16 client_port, u8 flags)
{
	struct nat64_gate *g;
	int err;

	err = limits_check(r, b);
	if (err)
		return err;
	g = gate_alloc(r, b, client_port, flags);
	if (!g)
		return -ENOMEM;
	err = gate_publish(r, g);
	if (err) {
		/* A dump may have seen it. */
		g->flags |= NAT64_GATE_DEAD;
		call_rcu(&g->rcu, gate_free);
		return err;
	}
	nat64_binding_use(r->nn, b);
	list_add_tail(&g->conn_node, &r->conn->gates);
	r->conn->gate_count++;
	r->sub->gates++;
	atomic_inc(&r->nn->gate_count);
	nat64_count(r->nn, NAT64_CNT_GATE_NEW);
	nat64_conn_count(r->conn, NAT64_ALG_CNT_GATES_OPENED);
	nat64_notify_gate(r->nn, g, NAT64_EVENT_GATE_OPEN);
	return 0;
}

/* Somebody else may send now, or the reservation becomes a gate. */
static int gate_change(const struct request *r, struct nat64_gate *g, u8 flags)
{
	const struct nat64_gate_spec *spec = r->spec;
	bool opens = g->flags & NAT64_GATE_RESERVED &&
		     !(flags & NAT64_GATE_RESERVED);
	int err = 0;

	WRITE_ONCE(g->deadline, deadline(spec));
	if (flags & NAT64_GATE_RESERVED)
		return 0;
	if (!opens && g->dir == NAT64_DIR_46 && g->k4.remote != spec->remote) {
		/* A key is constant, so it takes another gate. */
		nat64_binding_use(r->nn, g->binding);
		gate_unlink(r->nn, g, NAT64_EVENT_GATE_CLOSE);
		err = gate_add(r, g->binding, g->client_port, flags);
		nat64_binding_put(r->nn, g->binding);
		return err;
	}
	WRITE_ONCE(g->remote_port, spec->remote_port);
	if (!opens)
		return 0;
	g->k4.remote = spec->remote;
	err = table_add(r->nn, g);
	if (err)
		return err;
	WRITE_ONCE(g->flags, g->flags & ~NAT64_GATE_RESERVED);
	nat64_notify_gate(r->nn, g, NAT64_EVENT_GATE_OPEN);
	return 0;
}

static struct nat64_gate *gate_own(const struct request *r, __be16 client_port)
{
	const struct nat64_gate_spec *spec = r->spec;
	struct nat64_gate *g;

	list_for_each_entry(g, &r->conn->gates, conn_node) {
		if (g->dir != spec->dir || g->client_port != client_port ||
		    nat64_gate_proto(g) != spec->proto)
			continue;
		if (g->dir == NAT64_DIR_46 ||
		    (g->k6.remote == spec->remote &&
		     g->remote_port == spec->remote_port))
			return g;
	}
	return NULL;
}

static int gate_set(const struct request *r, struct nat64_binding *b,
		    __be16 client_port, u8 flags)
{
	struct nat64_gate *g = gate_own(r, client_port);

	flags &= NAT64_GATE_RESERVED;
	return g ? gate_change(r, g, flags) :
		   gate_add(r, b, client_port, flags);
}

static int bind_error(int why)
{
	switch (why) {
	case NAT64_CNT_DROP_MEMORY:
		return -ENOMEM;
	case NAT64_CNT_DROP_SUB_PORTS:
	case NAT64_CNT_DROP_SESSION_LIMIT:
		return -ENOSPC;
	default:
		return -EADDRINUSE;
	}
}

static __be16 next_port(__be16 port, int by)
{
	return cpu_to_be16(be16_to_cpu(port) + by);
}

static struct nat64_bkey6 client_key(const struct request *r, int by)
{
	return (struct nat64_bkey6){
		.addr = r->conn->ctx.client6,
		.port = next_port(r->spec->client_port, by),
		.proto = r->spec->proto,
	};
}

/* Another subscriber's after a change of the subscriber length, or off T. */
static bool binding_fits(const struct request *r,
			 const struct nat64_binding *b)
{
	return b->sub == r->sub && b->k4.addr == r->conn->ctx.pool4;
}

/* G-05: the port, and the one after it, are the control connection's T's. */
static bool pair_fits(const struct request *r, struct nat64_binding **b)
{
	u16 first = be16_to_cpu(b[0]->k4.port);
	u16 second = be16_to_cpu(b[1]->k4.port);

	return binding_fits(r, b[0]) && binding_fits(r, b[1]) &&
	       second == first + 1 &&
	       !((first ^ be16_to_cpu(r->spec->client_port)) & 1);
}

/* Make the binding of @k6 at @place if there is none. */
static int bind_one(const struct request *r, const struct nat64_bkey6 *k6,
		    const struct nat64_place *place, struct nat64_binding **b)
{
	int why = 0;

	if (*b)
		return 0;
	*b = nat64_binding_create_at(r->nn, r->cfg, r->sub, k6, place, &why);
	if (!*b)
		return bind_error(why);
	if ((*b)->k4.port != place->want)
		nat64_conn_count(r->conn, NAT64_ALG_CNT_REMAPPED);
	return 0;
}

static int bind_pair(const struct request *r, struct nat64_place *place,
		     struct nat64_binding **b)
{
	const struct nat64_bkey6 k6[2] = { client_key(r, 0),
					   client_key(r, 1) };
	int why = 0, err;

	/* Even or odd as the client's is, which matters more. */
	if ((be16_to_cpu(place->want) ^ be16_to_cpu(k6[0].port)) & 1)
		place->want = k6[0].port;
	b[1] = nat64_binding_find6(r->nn, &k6[1]);
	if (!b[0] && !b[1]) {
		if (!nat64_binding_create_pair(r->nn, r->cfg, r->sub, &k6[0],
					       place, b, &why))
			return bind_error(why);
		if (b[0]->k4.port != place->want)
			nat64_conn_count(r->conn, NAT64_ALG_CNT_REMAPPED);
		return 0;
	}
	place->exact = true;
	if (b[0]) {
		place->want = next_port(b[0]->k4.port, 1);
		err = bind_one(r, &k6[1], place, &b[1]);
	} else {
		place->want = next_port(b[1]->k4.port, -1);
		err = bind_one(r, &k6[0], place, &b[0]);
	}
	if (err)
		return err;
	return pair_fits(r, b) ? 0 : -EADDRINUSE;
}

static int bind(const struct request *r, struct nat64_binding **b)
{
	const struct nat64_bkey6 k6 = client_key(r, 0);
	struct nat64_place place = {
		.addr = r->conn->ctx.pool4,
		.want = r->spec->want ?: r->spec->client_port,
		.flags = NAT64_BINDING_GATED,
	};
	int err;

	b[0] = nat64_binding_find6(r->nn, &k6);
	if (r->spec->flags & NAT64_GATE_PAIR)
		return bind_pair(r, &place, b);
	err = bind_one(r, &k6, &place, &b[0]);
	if (err)
		return err;
	return binding_fits(r, b[0]) ? 0 : -EADDRINUSE;
}

static void bind_undo(const struct request *r, struct nat64_binding *b)
{
	if (b && b->sub == r->sub)
		nat64_binding_drop(r->nn, r->cfg, b);
}

/* The second port of a pair is kept until it gets a gate of its own. */
static int open_46(const struct request *r)
{
	struct nat64_gate_spec *spec = r->spec;
	__be16 second = next_port(spec->client_port, 1);
	bool pair = spec->flags & NAT64_GATE_PAIR;
	struct nat64_binding *b[2] = {};
	struct nat64_gate *kept = pair ? gate_own(r, second) : NULL;
	int err;

	err = bind(r, b);
	if (!err && pair)
		err = gate_set(r, b[1], second, NAT64_GATE_RESERVED);
	if (!err) {
		spec->mapped = b[0]->k4.port;
		err = gate_set(r, b[0], spec->client_port, spec->flags);
		if (err && pair && !kept && gate_own(r, second))
			gate_unlink(r->nn, gate_own(r, second),
				    NAT64_EVENT_GATE_CLOSE);
	}
	bind_undo(r, b[0]);
	bind_undo(r, b[1]);
	return err;
}

/* The session whose packets get the call id that they are asked for here. */
static struct nat64_session *call_session(const struct request *r)
{
	const struct nat64_alg_ctx *ctx = &r->conn->ctx;
	const struct nat64_tuple6 t6 = {
		.client = ctx->client6,
		.remote = r->spec->remote,
		.client_port = r->spec->client_port,
		.proto = IPPROTO_GRE,
		.prefix = r->master->t6.prefix,
		.quoted = 1,
	};
	struct nat64_tuple4 t4;

	if (r->spec->dir == NAT64_DIR_46)
		return nat64_session_find6(r->nn, &t6);
	quoted4(&t4, ctx, r->spec->remote, r->spec->remote_port);
	return nat64_session_find4(r->nn, &t4);
}

/* Either key of a call's session may be taken. Ids can be mapped, ends not. */
static int open_call(const struct request *r)
{
	struct nat64_session *s = call_session(r);
	bool out = r->spec->dir == NAT64_DIR_64;
	struct nat64_gate *g;
	int err;

	if (s) {
		r->spec->mapped = out ? s->t6.remote_port : s->t4.pool_port;
		return s->conn == r->conn &&
		       s->call.client_port == r->spec->client_port ?
			       0 : -EADDRINUSE;
	}
	err = gate_set(r, r->master->binding, r->spec->client_port, 0);
	if (err)
		return err;
	g = gate_own(r, r->spec->client_port);
	r->spec->mapped = out ? g->k6.remote_port : g->k4.pool_port;
	return 0;
}

static int spec_check(const struct nat64_alg_ctx *ctx,
		      const struct nat64_gate_spec *spec)
{
	bool out = spec->dir == NAT64_DIR_64;
	u16 port = be16_to_cpu(spec->client_port);

	if (spec->proto == IPPROTO_GRE)
		return spec->remote ? 0 : -EACCES;
	if (out && !spec->remote)
		return -EACCES;
	if (!port)
		return out ? 0 : -EACCES;
	if (port <= WELL_KNOWN && !(ctx->options & NAT64_ALG_OPT_LOW_PORTS))
		return -EACCES;
	return spec->flags & NAT64_GATE_PAIR && (out || port == U16_MAX) ?
		       -EADDRINUSE : 0;
}

static int open_any(const struct request *r)
{
	const struct nat64_gate_spec *spec = r->spec;
	int err = spec_check(&r->conn->ctx, spec);

	if (err)
		return err;
	if (spec->proto == IPPROTO_GRE)
		return open_call(r);
	if (spec->dir == NAT64_DIR_46)
		return open_46(r);
	r->spec->mapped = spec->remote_port;
	return gate_set(r, r->master->binding, spec->client_port, 0);
}

int nat64_alg_gate_open(struct nat64_alg_ctx *ctx,
			struct nat64_gate_spec *spec)
{
	struct nat64_conn *conn = container_of(ctx, struct nat64_conn, ctx);
	struct request r = {
		.nn = conn->nn,
		.cfg = rcu_dereference(conn->nn->config),
		.conn = conn,
		.master = rcu_dereference(conn->master),
		.spec = spec,
	};
	int err = -ENOSPC;

	if (r.master) {
		r.sub = r.master->binding->sub;
		spin_lock(&r.sub->lock);
		/* It may have ended meanwhile. */
		if (rcu_access_pointer(conn->master))
			err = open_any(&r);
		spin_unlock(&r.sub->lock);
	}
	if (err)
		nat64_conn_count(conn, NAT64_ALG_CNT_GATES_REFUSED);
	return err;
}

void nat64_alg_gate_close(struct nat64_alg_ctx *ctx, u8 proto,
			  __be16 client_port)
{
	struct nat64_conn *conn = container_of(ctx, struct nat64_conn, ctx);
	struct nat64_session *master = rcu_dereference(conn->master);
	struct nat64_subscriber *sub;
	struct nat64_gate *g, *next;

	if (!master)
		return;
	sub = master->binding->sub;
	spin_lock(&sub->lock);
	list_for_each_entry_safe(g, next, &conn->gates, conn_node)
		if (nat64_gate_proto(g) == proto &&
		    g->client_port == client_port)
			gate_unlink(conn->nn, g, NAT64_EVENT_GATE_CLOSE);
	if (proto == IPPROTO_GRE)
		nat64_session_end_calls(conn->nn, master->binding, conn,
					&client_port);
	spin_unlock(&sub->lock);
}

void nat64_gate_use(struct nat64_net *nn, struct nat64_gate *g,
		    struct nat64_session *s)
{
	nat64_conn_count(g->conn, NAT64_ALG_CNT_GATES_USED);
	gate_unlink(nn, g, NAT64_EVENT_GATE_USE);
}

void nat64_gate_close_all(struct nat64_net *nn, struct nat64_conn *conn)
{
	struct nat64_gate *g, *next;

	list_for_each_entry_safe(g, next, &conn->gates, conn_node)
		gate_unlink(nn, g, NAT64_EVENT_GATE_CLOSE);
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
			gate_unlink(nn, g, NAT64_EVENT_GATE_CLOSE);
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
		gate_unlink(nn, g, due ? NAT64_EVENT_GATE_EXPIRE :
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
		if (++seen % 256 == 0)
			cond_resched_rcu();
	}
	rcu_read_unlock();
	return ended;
}
