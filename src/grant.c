// SPDX-License-Identifier: GPL-2.0
/* What an ALG asks for: bindings, call ids and the gates that hold them. */
#include "gate.h"

#include <linux/kernel.h>
#include <linux/random.h>

#include "alg.h"
#include "binding.h"
#include "config.h"
#include "expire.h"
#include "netns.h"
#include "notify.h"
#include "setting.h"
#include "subscriber.h"

#define WELL_KNOWN 1023
/* Call ids that one request may try. */
#define CALL_TRIES 256

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

	g = nat64_gate_alloc(r->conn);
	if (!g)
		return NULL;
	g->client_port = client_port;
	g->remote_port = spec->remote_port;
	g->dir = spec->dir;
	g->flags = flags;
	g->deadline = deadline(spec);
	g->binding = b;
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
		return !nat64_gate_taken(r->nn, g) &&
		       !nat64_session_find6(r->nn, &t6);
	}
	g->k4.pool_port = id;
	return !nat64_gate_taken(r->nn, g) &&
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
		err = nat64_gate_insert(r->nn, g);
	spin_unlock(&r->nn->call_lock);
	return err;
}

static int gate_publish(const struct request *r, struct nat64_gate *g)
{
	int err = nat64_gate_number(r->nn, g);

	if (err || g->flags & NAT64_GATE_RESERVED)
		return err;
	return r->spec->proto == IPPROTO_GRE ? call_publish(r, g) :
					       nat64_gate_insert(r->nn, g);
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
	if (err)
		nat64_gate_discard(r->nn, g);
	else
		nat64_gate_link(r->nn, g);
	return err;
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
		nat64_gate_unlink(r->nn, g, NAT64_EVENT_GATE_CLOSE);
		err = gate_add(r, g->binding, g->client_port, flags);
		nat64_binding_put(r->nn, g->binding);
		return err;
	}
	WRITE_ONCE(g->remote_port, spec->remote_port);
	if (!opens)
		return 0;
	g->k4.remote = spec->remote;
	err = nat64_gate_insert(r->nn, g);
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
			nat64_gate_unlink(r->nn, gate_own(r, second),
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
	nat64_gate_quoted(&t4, ctx, r->spec->remote, r->spec->remote_port);
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

/* Whoever sent through the gates may do so no longer. */
static void end_media(struct nat64_conn *conn, struct nat64_subscriber *sub,
		      __be16 client_port)
{
	const struct nat64_bkey6 k6 = {
		.addr = conn->ctx.client6,
		.port = client_port,
		.proto = IPPROTO_UDP,
	};
	struct nat64_binding *b = nat64_binding_find6(conn->nn, &k6);

	if (b && b->sub == sub)
		nat64_session_end_data(conn->nn, b, conn);
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
			nat64_gate_unlink(conn->nn, g, NAT64_EVENT_GATE_CLOSE);
	if (proto == IPPROTO_GRE)
		nat64_session_end_calls(conn->nn, master->binding, conn,
					&client_port);
	if (proto == IPPROTO_UDP)
		end_media(conn, sub, client_port);
	spin_unlock(&sub->lock);
}

