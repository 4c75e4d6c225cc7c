// SPDX-License-Identifier: GPL-2.0
#include "session.h"

#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/dst.h>
#include <net/ipv6.h>

#include "alg.h"
#include "binding.h"
#include "checksum.h"
#include "config.h"
#include "expire.h"
#include "gate.h"
#include "hash.h"
#include "header.h"
#include "netns.h"
#include "notify.h"
#include "send.h"
#include "subscriber.h"
#include "trace.h"

/* Millions of these are the memory of a busy translator. */
static_assert(sizeof(struct nat64_session) + sizeof(struct nat64_binding) <=
	      256);

/* compare6() and compare4() rely on this. */
static_assert(offsetof(struct nat64_tuple6, proto) == 24 &&
	      sizeof(struct nat64_tuple6) == 28);
static_assert(offsetof(struct nat64_tuple4, proto) == 12 &&
	      sizeof(struct nat64_tuple4) == 16);

static struct kmem_cache *cache;
hsiphash_key_t nat64_hash_key __read_mostly;

/*
 * In line, by words: the comparison of rhashtable is a call, and memcmp() goes
 * octet by octet on some architectures.
 */
static __always_inline int compare6(struct rhashtable_compare_arg *arg,
				    const void *obj)
{
	const struct nat64_tuple6 *a = &((const struct nat64_session *)obj)->t6;
	const struct nat64_tuple6 *b = arg->key;

	return !ipv6_addr_equal(&a->client, &b->client) ||
	       a->remote != b->remote ||
	       nat64_load_be32(&a->client_port) !=
		       nat64_load_be32(&b->client_port) ||
	       nat64_load_be32(&a->proto) != nat64_load_be32(&b->proto);
}

static __always_inline int compare4(struct rhashtable_compare_arg *arg,
				    const void *obj)
{
	const struct nat64_tuple4 *a = &((const struct nat64_session *)obj)->t4;
	const struct nat64_tuple4 *b = arg->key;

	return a->remote != b->remote || a->pool != b->pool ||
	       nat64_load_be32(&a->remote_port) !=
		       nat64_load_be32(&b->remote_port) ||
	       nat64_load_be32(&a->proto) != nat64_load_be32(&b->proto);
}

/*
 * The tables keep the size that they once needed. What was needed is soon
 * needed again, and until rhashtable has moved every entry to a smaller table
 * and back, packets search both.
 */
const struct rhashtable_params nat64_session_params6 = {
	.head_offset = offsetof(struct nat64_session, node6),
	.key_offset = offsetof(struct nat64_session, t6),
	.key_len = sizeof(struct nat64_tuple6),
	.hashfn = nat64_hash,
	.obj_cmpfn = compare6,
};

const struct rhashtable_params nat64_session_params4 = {
	.head_offset = offsetof(struct nat64_session, node4),
	.key_offset = offsetof(struct nat64_session, t4),
	.key_len = sizeof(struct nat64_tuple4),
	.hashfn = nat64_hash,
	.obj_cmpfn = compare4,
};

int __init nat64_session_init(void)
{
	get_random_bytes(&nat64_hash_key, sizeof(nat64_hash_key));
	cache = KMEM_CACHE(nat64_session, 0);
	return cache ? 0 : -ENOMEM;
}

void nat64_session_exit(void)
{
	kmem_cache_destroy(cache);
}

struct nat64_session *nat64_session_find6(struct nat64_net *nn,
					  const struct nat64_tuple6 *t6)
{
	return rhashtable_lookup(&nn->sessions6, t6, nat64_session_params6);
}

struct nat64_session *nat64_session_find4(struct nat64_net *nn,
					  const struct nat64_tuple4 *t4)
{
	return rhashtable_lookup(&nn->sessions4, t4, nat64_session_params4);
}

static void session_free(struct nat64_reap *r)
{
	struct nat64_session *s = container_of(r, struct nat64_session, reap);

	/* No packet can be using the session any more. */
	dst_release(rcu_dereference_protected(s->dst[0], true));
	dst_release(rcu_dereference_protected(s->dst[1], true));
	if (s->conn)
		nat64_conn_free(s);
	kmem_cache_free(cache, s);
}

void nat64_session_fill(struct nat64_session *s,
			const struct nat64_config *cfg,
			const struct nat64_tuple6 *t6,
			const struct nat64_tuple4 *t4,
			struct nat64_binding *b)
{
	struct in6_addr remote6;

	nat64_address_embed(&cfg->prefix[t6->prefix], t6->remote, &remote6);
	memset(s, 0, sizeof(*s));
	s->t6 = *t6;
	s->t4 = *t4;
	s->delta = nat64_csum_delta_64(&t6->client, &remote6, t4->pool,
				       t4->remote);
	s->binding = b;
	if (nat64_pool_has_addr(cfg->pool, t6->remote))
		s->flags |= NAT64_SESSION_HAIRPIN;
}

/* Its control connection, or none. */
static int session_join(struct nat64_net *nn, const struct nat64_config *cfg,
			struct nat64_session *s, const struct nat64_open *open)
{
	if (open->gate) {
		nat64_conn_adopt(open->gate->conn, s);
		return 0;
	}
	return open->alg ? nat64_conn_attach(nn, cfg, s, open->alg) : 0;
}

struct nat64_session *nat64_session_new(struct nat64_net *nn,
					const struct nat64_config *cfg,
					const struct nat64_tuple6 *t6,
					const struct nat64_tuple4 *t4,
					struct nat64_binding *b,
					const struct nat64_open *open,
					u8 flags)
{
	struct nat64_session *s;

	nat64_hash_prefetch(&nn->sessions4, t4, nat64_session_params4);
	s = kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!s)
		return NULL;
	nat64_session_fill(s, cfg, t6, t4, b);
	s->state = open->state;
	s->deadline = nat64_now() + open->timeout;
	s->flags |= flags;
	if (session_join(nn, cfg, s, open)) {
		kmem_cache_free(cache, s);
		return NULL;
	}
	return s;
}

int nat64_session_insert(struct nat64_net *nn, struct nat64_session **s)
{
	struct nat64_session *new = *s, *old;
	int err;

	old = rhashtable_lookup_get_insert_fast(&nn->sessions6, &new->node6,
						nat64_session_params6);
	if (old) {
		/* Two calls to one end with the same id: one at a time. */
		bool other = !IS_ERR(old) &&
			     memcmp(&old->t4, &new->t4, sizeof(new->t4));

		if (new->conn)
			nat64_conn_leave(nn, new);
		session_free(&new->reap);
		*s = old;
		if (IS_ERR(old))
			return NAT64_CNT_DROP_MEMORY;
		return other ? NAT64_CNT_DROP_CONFLICT : 0;
	}
	err = rhashtable_lookup_insert_fast(&nn->sessions4, &new->node4,
					    nat64_session_params4);
	if (err) {
		new->flags |= NAT64_SESSION_DEAD;
		rhashtable_remove_fast(&nn->sessions6, &new->node6,
				       nat64_session_params6);
		if (new->conn)
			nat64_conn_leave(nn, new);
		nat64_reap(&new->reap, session_free);
		return err == -EEXIST ? NAT64_CNT_DROP_CONFLICT :
					NAT64_CNT_DROP_MEMORY;
	}
	nat64_binding_use(nn, new->binding);
	hlist_add_head_rcu(&new->binding_node, &new->binding->session_list);
	nat64_expire_add(nn, new);
	nat64_count(nn, NAT64_CNT_SESSION_NEW);
	nat64_notify_session(nn, new, NAT64_EVENT_SESSION_CREATE);
	trace_nat64_session_new(new);
	return 0;
}

void nat64_session_tuple4(struct nat64_tuple4 *t4,
			  const struct nat64_tuple6 *t6,
			  const struct nat64_binding *b)
{
	*t4 = (struct nat64_tuple4){
		.remote = t6->remote,
		.pool = b->k4.addr,
		.remote_port = t6->remote_port,
		.pool_port = b->k4.port,
		.proto = t6->proto,
	};
}

void nat64_session_hairpin(struct nat64_tuple4 *t4,
			   const struct nat64_session *s)
{
	*t4 = (struct nat64_tuple4){
		.remote = s->t4.pool,
		.pool = s->t4.remote,
		.remote_port = s->t4.pool_port,
		.pool_port = s->t4.remote_port,
		.proto = s->t4.proto,
		.quoted = s->t6.quoted,
	};
	/* A query has one identifier, and it is the receiver's. */
	if (s->t4.proto == IPPROTO_ICMP) {
		t4->pool_port = s->t4.pool_port;
		t4->remote_port = 0;
	}
}

/* A new remote is shown under the prefix that the client used last. */
static int inbound_prefix(const struct nat64_config *cfg,
			  const struct nat64_binding *b)
{
	const struct nat64_session *s;
	unsigned int i;

	s = hlist_entry_safe(rcu_dereference_raw(hlist_first_rcu(
				     &b->session_list)),
			     struct nat64_session, binding_node);
	if (s && cfg->prefix[s->t6.prefix].len)
		return s->t6.prefix;
	for (i = 0; i < NAT64_PREFIX_SLOTS; i++)
		if (cfg->prefix[i].len)
			return i;
	return -1;
}

bool nat64_session_tuple6(struct nat64_tuple6 *t6,
			  const struct nat64_config *cfg,
			  const struct nat64_tuple4 *t4,
			  const struct nat64_binding *b)
{
	int prefix = inbound_prefix(cfg, b);

	*t6 = (struct nat64_tuple6){
		.client = b->k6.addr,
		.remote = t4->remote,
		.client_port = b->k6.port,
		.remote_port = t4->remote_port,
		.proto = t4->proto,
		.prefix = prefix,
	};
	return prefix >= 0;
}

bool nat64_session_talked(struct nat64_binding *b, __be32 remote)
{
	const struct nat64_session *s;

	hlist_for_each_entry_rcu(s, &b->session_list, binding_node)
		if (s->t4.remote == remote)
			return true;
	return false;
}

void nat64_session_refresh(struct nat64_session *s, u32 timeout)
{
	u32 deadline = nat64_now() + timeout;

	/* Once a second is enough, and keeps the cache line clean. */
	if ((s32)(deadline - READ_ONCE(s->deadline)) >= (s32)MSEC_PER_SEC)
		WRITE_ONCE(s->deadline, deadline);
}

u32 nat64_session_tcp_timeout(const struct nat64_config *cfg, u8 state)
{
	switch (state) {
	case NAT64_TCP_V4_INIT:
	case NAT64_TCP_V6_INIT:
		return cfg->timeout[NAT64_TIMEOUT_TCP_OPEN];
	case NAT64_TCP_V4V6_FIN:
	case NAT64_TCP_TRANS:
		return cfg->timeout[NAT64_TIMEOUT_TCP_CLOSE];
	default:
		return cfg->timeout[NAT64_TIMEOUT_TCP_EST];
	}
}

/* A control connection ends by two FIN segments, or by RST in any state. */
static bool hangs_up(const struct nat64_session *s, u8 next, u8 flags)
{
	if (!(s->flags & NAT64_SESSION_ALG))
		return false;
	return flags & NAT64_TCP_RST ||
	       (next == NAT64_TCP_V4V6_FIN && s->state != next);
}

void nat64_session_advance(struct nat64_net *nn,
			   const struct nat64_config *cfg,
			   struct nat64_session *s, bool from6, u8 flags,
			   unsigned int opts)
{
	struct nat64_subscriber *sub = s->binding->sub;
	struct nat64_tcp_next next;

	spin_lock(&sub->lock);
	if (!(s->flags & NAT64_SESSION_DEAD)) {
		next = nat64_tcp_packet(s->state, from6, flags, opts);
		if (hangs_up(s, next.state, flags))
			nat64_conn_hangup(nn, s);
		WRITE_ONCE(s->state, next.state);
		if (next.timer != NAT64_TIMER_KEEP) {
			u32 ms = nat64_session_tcp_timeout(cfg, next.state);

			nat64_expire_del(nn, s);
			WRITE_ONCE(s->deadline, nat64_now() + ms);
			nat64_expire_add(nn, s);
		}
	}
	spin_unlock(&sub->lock);
}

void nat64_session_tcp(struct nat64_net *nn, const struct nat64_config *cfg,
		       struct nat64_session *s, bool from6,
		       const struct nat64_tcp_segment *seg)
{
	unsigned int opts = 0;
	struct nat64_tcp_next next;
	u8 state = READ_ONCE(s->state);

	if (nat64_option(cfg, NAT64_OPTION_TCP_WINDOW) == NAT64_ON) {
		bool ok = nat64_tcp_window_accepts(&s->window, from6, seg);

		nat64_tcp_window_update(&s->window, from6, seg);
		if (!ok)
			return;
	}
	if (nat64_option(cfg, NAT64_OPTION_TCP_RESTART) == NAT64_YES)
		opts |= NAT64_TCP_OPT_RESTART;
	next = nat64_tcp_packet(state, from6, seg->flags, opts);
	if (next.state != state || hangs_up(s, next.state, seg->flags))
		nat64_session_advance(nn, cfg, s, from6, seg->flags, opts);
	else if (next.timer != NAT64_TIMER_KEEP)
		nat64_session_refresh(s, nat64_session_tcp_timeout(cfg,
								   state));
}

static void session_unlink(struct nat64_net *nn, struct nat64_session *s)
{
	lockdep_assert_held(&s->binding->sub->lock);
	s->flags |= NAT64_SESSION_DEAD;
	rhashtable_remove_fast(&nn->sessions6, &s->node6,
			       nat64_session_params6);
	rhashtable_remove_fast(&nn->sessions4, &s->node4,
			       nat64_session_params4);
	nat64_expire_del(nn, s);
	hlist_del_rcu(&s->binding_node);
	nat64_count(nn, NAT64_CNT_SESSION_END);
	nat64_notify_session(nn, s, NAT64_EVENT_SESSION_DELETE);
	trace_nat64_session_end(s);
	if (s->conn)
		nat64_conn_leave(nn, s);
	nat64_binding_put(nn, s->binding);
	nat64_reap(&s->reap, session_free);
}

bool nat64_session_end_closed(struct nat64_net *nn, struct nat64_session *s)
{
	struct nat64_subscriber *sub = s->binding->sub;
	bool closed;

	spin_lock(&sub->lock);
	closed = !(s->flags & NAT64_SESSION_DEAD) &&
		 (s->state == NAT64_TCP_V4V6_FIN ||
		  s->state == NAT64_TCP_TRANS);
	if (closed)
		session_unlink(nn, s);
	spin_unlock(&sub->lock);
	return closed;
}

void nat64_session_unlink_all(struct nat64_net *nn, struct nat64_binding *b)
{
	/* A control connection takes others along. */
	while (!hlist_empty(&b->session_list))
		session_unlink(nn, hlist_entry(b->session_list.first,
					       struct nat64_session,
					       binding_node));
}

static bool is_call(const struct nat64_session *s,
		    const struct nat64_conn *conn, const __be16 *client_port)
{
	return s->t6.proto == IPPROTO_GRE && s->conn == conn &&
	       (!client_port || s->call.client_port == *client_port);
}

void nat64_session_end_calls(struct nat64_net *nn, struct nat64_binding *b,
			     const struct nat64_conn *conn,
			     const __be16 *client_port)
{
	struct nat64_session *s;
	struct hlist_node *next;

	hlist_for_each_entry_safe(s, next, &b->session_list, binding_node)
		if (is_call(s, conn, client_port))
			session_unlink(nn, s);
}

void nat64_session_end_data(struct nat64_net *nn, struct nat64_binding *b,
			    const struct nat64_conn *conn)
{
	struct nat64_session *s;
	struct hlist_node *next;

	hlist_for_each_entry_safe(s, next, &b->session_list, binding_node)
		if (s->flags & NAT64_SESSION_DATA && s->conn == conn)
			session_unlink(nn, s);
}

bool nat64_session_kill(struct nat64_net *nn, struct nat64_session *s)
{
	struct nat64_subscriber *sub = s->binding->sub;
	bool alive;

	spin_lock_bh(&sub->lock);
	alive = !(s->flags & NAT64_SESSION_DEAD);
	if (alive)
		session_unlink(nn, s);
	nat64_subscriber_settle(nn, sub);
	spin_unlock_bh(&sub->lock);
	return alive;
}

/* One pass over the table; false if it has to be repeated to see all. */
static bool sweep_pass(struct nat64_net *nn,
		       bool (*pick)(const struct nat64_session *s,
				    const void *data),
		       const void *data, u32 *killed)
{
	struct rhashtable_iter iter;
	struct nat64_session *s;
	bool complete = true;
	u32 seen = 0;

	rhashtable_walk_enter(&nn->sessions6, &iter);
	rhashtable_walk_start(&iter);
	while ((s = rhashtable_walk_next(&iter))) {
		if (IS_ERR(s)) {
			complete = false;
			continue;
		}
		if (pick(s, data) && nat64_session_kill(nn, s)) {
			(*killed)++;
			/* Removal moves the place where a pause resumes. */
			complete = false;
		}
		if (++seen % 256 == 0) {
			rhashtable_walk_stop(&iter);
			cond_resched();
			rhashtable_walk_start(&iter);
		}
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return complete;
}

u32 nat64_session_sweep(struct nat64_net *nn,
			bool (*pick)(const struct nat64_session *s,
				     const void *data),
			const void *data)
{
	unsigned int passes = 0;
	u32 killed = 0;

	/* New sessions may keep coming; do not chase them for ever. */
	while (!sweep_pass(nn, pick, data, &killed) && ++passes < 16)
		;
	return killed;
}

static u32 later(u32 a, u32 b)
{
	return (s32)(a - b) > 0 ? a : b;
}

/*
 * The latest deadline of a data session: its own, that of the other direction
 * of a call, and one that its control connection sets, whose messages may be
 * all that is sent for long (P-07, R-14).
 */
static u32 data_deadline(const struct nat64_config *cfg,
			 const struct nat64_session *s)
{
	bool call = s->t6.proto == IPPROTO_GRE;
	u32 timeout = cfg->timeout[call ? NAT64_TIMEOUT_OTHER :
					  NAT64_TIMEOUT_UDP];
	u32 last = later(READ_ONCE(s->deadline),
			 READ_ONCE(s->conn->heard) + timeout);
	const struct nat64_session *other;

	if (!call)
		return last;
	hlist_for_each_entry(other, &s->binding->session_list, binding_node)
		if (is_call(other, s->conn, &s->call.client_port))
			last = later(last, READ_ONCE(other->deadline));
	return last;
}

/* Returns true if the session is to be probed. */
static bool expire(struct nat64_net *nn, const struct nat64_config *cfg,
		   struct nat64_session *s)
{
	struct nat64_tcp_next next;

	/* Killed, or given a new slot, since it was taken out. */
	if (s->flags & NAT64_SESSION_DEAD || !hlist_unhashed(&s->wheel_node))
		return false;
	if (s->conn && s->t6.proto != IPPROTO_TCP)
		WRITE_ONCE(s->deadline, data_deadline(cfg, s));
	if ((s32)(READ_ONCE(s->deadline) - nat64_now()) > 0) {
		nat64_expire_add(nn, s);
		return false;
	}
	if (s->t6.proto != IPPROTO_TCP ||
	    nat64_tcp_expire(s->state, &next) != NAT64_TCP_PROBE) {
		session_unlink(nn, s);
		return false;
	}
	WRITE_ONCE(s->state, next.state);
	WRITE_ONCE(s->deadline, nat64_now() +
		   nat64_session_tcp_timeout(cfg, next.state));
	nat64_expire_add(nn, s);
	return true;
}

void nat64_session_expire(struct nat64_net *nn, struct nat64_session *s)
{
	const struct nat64_config *cfg = rcu_dereference(nn->config);
	struct nat64_subscriber *sub = s->binding->sub;
	bool probe;

	local_bh_disable();
	spin_lock(&sub->lock);
	probe = expire(nn, cfg, s);
	nat64_subscriber_settle(nn, sub);
	spin_unlock(&sub->lock);
	if (probe)
		nat64_send_probe(nn, cfg, s);
	local_bh_enable();
}
