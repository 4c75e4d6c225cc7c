// SPDX-License-Identifier: GPL-2.0
#include "alg.h"

#include <linux/build_bug.h>
#include <linux/slab.h>

#include "config.h"
#include "expire.h"
#include "gate.h"
#include "netns.h"
#include "notify.h"
#include "session.h"
#include "subscriber.h"

#define PRIV_MAX 2048

static const struct {
	const char *name;
	enum nat64_timeout gate;
	enum nat64_counter counter;
	const struct nat64_alg_ops *ops;
} algs[] = {
	[NAT64_ALG_FTP] = { "ftp", NAT64_TIMEOUT_GATE_FTP,
			    NAT64_CNT_FTP_CONNECTIONS, &nat64_alg_ftp },
	[NAT64_ALG_RTSP] = { "rtsp", NAT64_TIMEOUT_GATE_RTSP,
			     NAT64_CNT_RTSP_CONNECTIONS, &nat64_alg_rtsp },
	[NAT64_ALG_PPTP] = { "pptp", NAT64_TIMEOUT_GATE_PPTP,
			     NAT64_CNT_PPTP_CONNECTIONS, &nat64_alg_pptp },
};

static_assert(ARRAY_SIZE(algs) == NAT64_ALG_COUNT);

const struct nat64_alg_ops *nat64_alg_ops(enum nat64_alg_id id)
{
	return algs[id].ops;
}

const char *nat64_alg_name(enum nat64_alg_id id)
{
	return algs[id].name;
}

const struct nat64_alg_ops *nat64_alg_watches(const struct nat64_config *cfg,
					      __be16 port)
{
	unsigned int id, i;

	if (likely(!cfg->algs))
		return NULL;
	for (id = 0; id < NAT64_ALG_COUNT; id++)
		for (i = 0; i < cfg->alg[id].ports; i++)
			if (cfg->alg[id].port[i] == port)
				return algs[id].ops;
	return NULL;
}

static u32 alg_options(const struct nat64_config *cfg)
{
	/* The value of an option by which its bit is set. */
	static const struct {
		enum nat64_option option;
		u32 value;
		enum nat64_alg_option bit;
	} map[] = {
		{ NAT64_OPTION_ALG_LOW_PORTS, NAT64_YES,
		  NAT64_ALG_OPT_LOW_PORTS },
		{ NAT64_OPTION_FTP_EPSV, NAT64_ON, NAT64_ALG_OPT_FTP_EPSV },
		{ NAT64_OPTION_FTP_EPRT4, NAT64_ON, NAT64_ALG_OPT_FTP_EPRT4 },
		{ NAT64_OPTION_FTP_DATA_PORT, NAT64_DATA_PORT_20,
		  NAT64_ALG_OPT_FTP_PORT20 },
		{ NAT64_OPTION_RTSP_MEDIA, NAT64_MEDIA_ANY,
		  NAT64_ALG_OPT_RTSP_ANY },
		{ NAT64_OPTION_RTSP_LITERALS, NAT64_ON,
		  NAT64_ALG_OPT_RTSP_LITERALS },
		{ NAT64_OPTION_PPTP_CONFLICT, NAT64_CONFLICT_REFUSE,
		  NAT64_ALG_OPT_PPTP_STRICT },
	};
	u32 bits = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(map); i++)
		if (nat64_option(cfg, map[i].option) == map[i].value)
			bits |= map[i].bit;
	return bits;
}

static void ctx_fill(struct nat64_alg_ctx *ctx, const struct nat64_config *cfg,
		     const struct nat64_session *s)
{
	ctx->prefix = cfg->prefix[s->t6.prefix];
	ctx->client6 = s->t6.client;
	nat64_address_embed(&ctx->prefix, s->t6.remote, &ctx->remote6);
	ctx->remote4 = s->t4.remote;
	ctx->pool4 = s->t4.pool;
	ctx->client_port = s->t6.client_port;
	ctx->pool_port = s->t4.pool_port;
	ctx->remote_port = s->t4.remote_port;
	ctx->options = alg_options(cfg);
	ctx->gate_ms = cfg->timeout[algs[ctx->ops->id].gate];
	ctx->inbound = s->flags & NAT64_SESSION_INBOUND;
}

int nat64_conn_attach(struct nat64_net *nn, const struct nat64_config *cfg,
		      struct nat64_session *s, const struct nat64_alg_ops *ops)
{
	struct nat64_conn *conn;

	if (atomic_read(&nn->alg_sessions) >=
	    cfg->limit[NAT64_LIMIT_ALG_SESSIONS]) {
		nat64_count(nn, NAT64_CNT_ALG_REFUSED);
		return 0;
	}
	if (WARN_ON_ONCE(ops->priv_size > PRIV_MAX))
		return 0;
	conn = kzalloc(struct_size(conn, priv, ops->priv_size),
		       GFP_ATOMIC | __GFP_NOWARN);
	if (!conn)
		return -ENOMEM;
	refcount_set(&conn->ref, 1);
	spin_lock_init(&conn->lock);
	conn->nn = nn;
	INIT_LIST_HEAD(&conn->gates);
	conn->ctx.ops = ops;
	conn->ctx.priv = conn->priv;
	ctx_fill(&conn->ctx, cfg, s);
	if (ops->init)
		ops->init(&conn->ctx);
	RCU_INIT_POINTER(conn->master, s);
	s->conn = conn;
	s->flags |= NAT64_SESSION_ALG;
	atomic_inc(&nn->alg_sessions);
	nat64_conn_count(conn, NAT64_ALG_CNT_CONNECTIONS);
	return 0;
}

void nat64_conn_adopt(struct nat64_conn *conn, struct nat64_session *s)
{
	refcount_inc(&conn->ref);
	s->conn = conn;
	s->flags |= NAT64_SESSION_DATA;
}

void nat64_conn_hangup(struct nat64_net *nn, struct nat64_session *s)
{
	lockdep_assert_held(&s->binding->sub->lock);
	nat64_gate_close_all(nn, s->conn);
	nat64_session_end_calls(nn, s->binding, s->conn, NULL);
}

void nat64_conn_leave(struct nat64_net *nn, struct nat64_session *s)
{
	if (!(s->flags & NAT64_SESSION_ALG))
		return;
	RCU_INIT_POINTER(s->conn->master, NULL);
	atomic_dec(&nn->alg_sessions);
	nat64_conn_hangup(nn, s);
}

void nat64_conn_free(struct nat64_session *s)
{
	struct nat64_conn *conn = s->conn;

	/* Data sessions may outlive the streams, which only the master uses. */
	if (s->flags & NAT64_SESSION_ALG) {
		kfree(conn->buffers);
		conn->buffers = NULL;
	}
	nat64_conn_put(conn);
}

void nat64_conn_put(struct nat64_conn *conn)
{
	if (refcount_dec_and_test(&conn->ref))
		kfree(conn);
}

static void stream_reset(struct nat64_stream *st)
{
	*st = (struct nat64_stream){
		.hold = st->hold,
		.hold_size = st->hold_size,
		.store = st->store,
		.store_size = st->store_size,
	};
}

void nat64_conn_restart(struct nat64_conn *conn)
{
	struct nat64_alg_ctx *ctx = &conn->ctx;
	struct nat64_session *master = rcu_dereference(conn->master);
	struct nat64_subscriber *sub;

	lockdep_assert_held(&conn->lock);
	stream_reset(&conn->stream[0]);
	stream_reset(&conn->stream[1]);
	conn->has_ts = 0;
	conn->announced = false;
	memset(conn->priv, 0, ctx->ops->priv_size);
	if (ctx->ops->init)
		ctx->ops->init(ctx);
	nat64_conn_count(conn, NAT64_ALG_CNT_CONNECTIONS);

	if (!master)
		return;
	sub = master->binding->sub;
	spin_lock(&sub->lock);
	nat64_gate_close_all(conn->nn, conn);
	spin_unlock(&sub->lock);
}

int nat64_conn_buffers(struct nat64_conn *conn)
{
	u32 hold = conn->ctx.ops->hold, store = nat64_stream_store_size(hold);
	unsigned int i;
	u8 *at;

	lockdep_assert_held(&conn->lock);
	if (conn->buffers)
		return 0;
	at = kmalloc(2 * (hold + store), GFP_ATOMIC | __GFP_NOWARN);
	if (!at)
		return -ENOMEM;
	conn->buffers = at;
	for (i = 0; i < 2; i++) {
		struct nat64_stream *st = &conn->stream[i];

		st->hold = at;
		st->hold_size = hold;
		st->store = at + hold;
		st->store_size = store;
		at += hold + store;
	}
	return 0;
}

void nat64_conn_gave_up(struct nat64_conn *conn)
{
	nat64_conn_count(conn, NAT64_ALG_CNT_TRANSPARENT);
	nat64_notify_alg(conn->nn, conn, NAT64_EVENT_ALG_TRANSPARENT);
}

void nat64_conn_count(const struct nat64_conn *conn,
		      enum nat64_alg_counter counter)
{
	u32 first = algs[conn->ctx.ops->id].counter;

	nat64_count(conn->nn, first + counter);
}

void nat64_conn_refresh_master(const struct nat64_config *cfg,
			       const struct nat64_session *s)
{
	struct nat64_session *master = rcu_dereference(s->conn->master);

	if (master)
		nat64_session_refresh(master, nat64_session_tcp_timeout(
						      cfg,
						      READ_ONCE(master->state)));
}

static struct nat64_conn *conn_of(struct nat64_alg_ctx *ctx)
{
	return container_of(ctx, struct nat64_conn, ctx);
}

int nat64_alg_replace(struct nat64_alg_ctx *ctx, u32 off, u32 len,
		      const void *new, u32 new_len)
{
	int err = nat64_stream_edit_add(ctx->stream, off, len, new, new_len);

	if (!err)
		nat64_conn_count(conn_of(ctx), NAT64_ALG_CNT_REWRITES);
	return err;
}

void nat64_alg_skip(struct nat64_alg_ctx *ctx, u32 n)
{
	nat64_stream_skip_add(ctx->stream, n);
}

void nat64_alg_transparent(struct nat64_alg_ctx *ctx)
{
	struct nat64_conn *conn = conn_of(ctx);

	nat64_stream_give_up(&conn->stream[0]);
	nat64_stream_give_up(&conn->stream[1]);
}

void nat64_alg_count(struct nat64_alg_ctx *ctx, enum nat64_alg_counter counter)
{
	nat64_conn_count(conn_of(ctx), counter);
}
