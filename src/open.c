// SPDX-License-Identifier: GPL-2.0
/* New sessions: under limits, with a binding, through a gate. */
#include "session.h"

#include "alg.h"
#include "binding.h"
#include "config.h"
#include "gate.h"
#include "netns.h"
#include "notify.h"
#include "subscriber.h"

static u32 share(u32 limit, bool unasked)
{
	return limit - nat64_subscriber_kept(limit, unasked);
}

/*
 * A gate counts as one of the subscriber's sessions until it is used. What
 * comes through one was asked for.
 */
static bool may_open(struct nat64_net *nn, const struct nat64_config *cfg,
		     struct nat64_subscriber *sub,
		     const struct nat64_tuple6 *t6,
		     const struct nat64_gate *gate, bool unasked, int *why)
{
	u32 limit = share(cfg->limit[NAT64_LIMIT_SUB_SESSIONS], unasked);

	if (atomic_read(&nn->sessions6.nelems) >=
	    share(cfg->limit[NAT64_LIMIT_SESSIONS], unasked)) {
		*why = NAT64_CNT_DROP_SESSION_LIMIT;
		nat64_notify_quota(nn, t6->proto, &t6->client,
				   NAT64_QUOTA_SESSIONS);
		return false;
	}
	if (limit && sub->sessions - !!gate >= limit) {
		*why = NAT64_CNT_DROP_SUB_SESSIONS;
		nat64_notify_quota(nn, t6->proto, &t6->client,
				   NAT64_QUOTA_PER_SUBSCRIBER);
		return false;
	}
	if (!nat64_subscriber_allows(cfg, sub, unasked)) {
		*why = NAT64_CNT_DROP_SUB_RATE;
		return false;
	}
	return true;
}

/* Room for a session of @b? A gate that holds it has it already. */
static bool binding_allows(const struct nat64_config *cfg,
			   const struct nat64_binding *b,
			   const struct nat64_gate *gate, int *why)
{
	u32 limit = cfg->limit[NAT64_LIMIT_BINDING_SESSIONS];

	*why = NAT64_CNT_DROP_SUB_SESSIONS;
	return !limit || b->sessions - (gate && gate->binding == b) < limit;
}

/* The gate that a packet found, if it is still there and @sub's. */
static struct nat64_gate *gate_alive(struct nat64_gate *gate,
				     const struct nat64_subscriber *sub)
{
	return gate && !(gate->flags & NAT64_GATE_DEAD) &&
	       gate->binding->sub == sub ? gate : NULL;
}

/* G-05: a data flow leaves from the address of its control connection. */
static struct nat64_binding *bind6(struct nat64_net *nn,
				   const struct nat64_config *cfg,
				   struct nat64_subscriber *sub,
				   const struct nat64_bkey6 *k6,
				   const struct nat64_gate *gate, int *why)
{
	struct nat64_binding *b = NULL;

	if (gate) {
		const struct nat64_place place = {
			.addr = gate->conn->ctx.pool4,
			.want = k6->port,
		};

		b = nat64_binding_create_at(nn, cfg, sub, k6, &place, why);
	}
	return b ?: nat64_binding_create(nn, cfg, sub, k6, why);
}

/* With the owner of the binding locked; @b is it if there is one. */
static struct nat64_session *open6(struct nat64_net *nn,
				   const struct nat64_config *cfg,
				   struct nat64_subscriber *sub,
				   struct nat64_binding *b,
				   const struct nat64_bkey6 *k6,
				   const struct nat64_tuple6 *t6,
				   struct nat64_open open, int *why)
{
	/* Without binding there is no session to find. */
	struct nat64_session *s = b ? nat64_session_find6(nn, t6) : NULL;
	struct nat64_tuple4 t4;

	open.gate = gate_alive(open.gate, sub);
	if (s || !may_open(nn, cfg, sub, t6, open.gate, false, why))
		return s;
	if (!b)
		b = bind6(nn, cfg, sub, k6, open.gate, why);
	if (!b)
		return NULL;
	if (!binding_allows(cfg, b, NULL, why))
		return NULL;
	*why = NAT64_CNT_DROP_MEMORY;
	nat64_session_tuple4(&t4, t6, b);
	s = nat64_session_new(nn, cfg, t6, &t4, b, &open, 0);
	if (s)
		*why = nat64_session_insert(nn, &s);
	if (*why) {
		nat64_binding_drop(nn, cfg, b);
		return NULL;
	}
	if (open.gate)
		nat64_gate_use(nn, open.gate, s);
	return s;
}

struct nat64_session *nat64_session_open6(struct nat64_net *nn,
					  const struct nat64_config *cfg,
					  const struct nat64_tuple6 *t6,
					  const struct nat64_open *open,
					  int *why)
{
	const struct nat64_bkey6 k6 = nat64_session_bkey6(t6);
	struct nat64_subscriber *sub;
	struct nat64_session *s;
	struct nat64_binding *b;
	bool again;

	do {
		sub = nat64_binding_owner(nn, cfg, &k6, why);
		if (!sub)
			return NULL;
		s = NULL;
		spin_lock(&sub->lock);
		b = nat64_binding_find6(nn, &k6);
		again = sub->dead || (b && b->sub != sub);
		if (!again)
			s = open6(nn, cfg, sub, b, &k6, t6, *open, why);
		nat64_subscriber_settle(nn, sub);
		spin_unlock(&sub->lock);
	} while (again);
	return s;
}

static struct nat64_session *open4(struct nat64_net *nn,
				   const struct nat64_config *cfg,
				   const struct nat64_tuple4 *t4,
				   struct nat64_binding *b,
				   const struct nat64_open *open, int *why)
{
	struct nat64_session *s = nat64_session_find4(nn, t4);
	struct nat64_tuple6 t6;

	*why = NAT64_CNT_DROP_NO_BINDING;
	if (s || b->flags & NAT64_BINDING_DEAD ||
	    !nat64_session_tuple6(&t6, cfg, t4, b))
		return s;
	if (!may_open(nn, cfg, b->sub, &t6, NULL, true, why) ||
	    !binding_allows(cfg, b, NULL, why))
		return NULL;
	*why = NAT64_CNT_DROP_MEMORY;
	s = nat64_session_new(nn, cfg, &t6, t4, b, open,
			      NAT64_SESSION_INBOUND);
	if (!s)
		return NULL;
	*why = nat64_session_insert(nn, &s);
	return *why ? NULL : s;
}

struct nat64_session *nat64_session_open4(struct nat64_net *nn,
					  const struct nat64_config *cfg,
					  const struct nat64_tuple4 *t4,
					  struct nat64_binding *b,
					  const struct nat64_open *open,
					  int *why)
{
	struct nat64_subscriber *sub = b->sub;
	struct nat64_session *s;

	spin_lock(&sub->lock);
	s = open4(nn, cfg, t4, b, open, why);
	nat64_subscriber_settle(nn, sub);
	spin_unlock(&sub->lock);
	return s;
}

/* With the gate's subscriber locked. */
static struct nat64_session *open_gate(struct nat64_net *nn,
				       const struct nat64_config *cfg,
				       const struct nat64_tuple6 *t6,
				       const struct nat64_tuple4 *t4,
				       const struct nat64_open *open, int *why)
{
	struct nat64_gate *g = open->gate;
	bool inbound = g->dir == NAT64_DIR_46;
	struct nat64_session *s = inbound ? nat64_session_find4(nn, t4) :
					    nat64_session_find6(nn, t6);

	*why = NAT64_CNT_DROP_GATE_ONLY;
	if (s || g->flags & NAT64_GATE_DEAD)
		return s;
	if (!may_open(nn, cfg, g->binding->sub, t6, g, false, why) ||
	    !binding_allows(cfg, g->binding, g, why))
		return NULL;
	*why = NAT64_CNT_DROP_MEMORY;
	s = nat64_session_new(nn, cfg, t6, t4, g->binding, open,
			      inbound ? NAT64_SESSION_INBOUND : 0);
	if (!s)
		return NULL;
	if (t6->proto == IPPROTO_GRE)
		s->call.client_port = g->client_port;
	*why = nat64_session_insert(nn, &s);
	if (*why)
		return NULL;
	nat64_gate_use(nn, g, s);
	return s;
}

struct nat64_session *nat64_session_open_gate(struct nat64_net *nn,
					      const struct nat64_config *cfg,
					      const struct nat64_tuple6 *t6,
					      const struct nat64_tuple4 *t4,
					      const struct nat64_open *open,
					      int *why)
{
	struct nat64_subscriber *sub = open->gate->binding->sub;
	struct nat64_session *s;

	spin_lock(&sub->lock);
	s = open_gate(nn, cfg, t6, t4, open, why);
	nat64_subscriber_settle(nn, sub);
	spin_unlock(&sub->lock);
	return s;
}
