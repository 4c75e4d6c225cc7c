// SPDX-License-Identifier: GPL-2.0
#include "miss.h"

#include <linux/inetdevice.h>
#include <linux/ipv6.h>
#include <linux/nat64.h>
#include <net/route.h>

#include "alg.h"
#include "binding.h"
#include "gate.h"
#include "packet.h"
#include "send.h"
#include "session.h"
#include "syn.h"

u32 nat64_miss_timeout(const struct nat64_config *cfg, u8 proto,
		       __be16 remote_port)
{
	switch (proto) {
	case IPPROTO_UDP:
		if (remote_port == htons(53) || remote_port == htons(123))
			return cfg->timeout[NAT64_TIMEOUT_UDP_DNS];
		return cfg->timeout[NAT64_TIMEOUT_UDP];
	case IPPROTO_ICMP:
		return cfg->timeout[NAT64_TIMEOUT_ICMP];
	default:
		return cfg->timeout[NAT64_TIMEOUT_OTHER];
	}
}

static bool is_syn(const struct nat64_packet *p)
{
	return nat64_tcp_packet(NAT64_TCP_CLOSED, true, p->h.tcp_flags,
				0).state != NAT64_TCP_CLOSED;
}

static struct nat64_open opening(const struct nat64_packet *p,
				 const struct nat64_tuple6 *t6, u8 tcp_state)
{
	if (t6->proto == IPPROTO_TCP)
		return (struct nat64_open){
			.state = tcp_state,
			.timeout = nat64_session_tcp_timeout(p->cfg,
							     tcp_state),
		};
	return (struct nat64_open){
		.state = NAT64_STATE_ACTIVE,
		.timeout = nat64_miss_timeout(p->cfg, t6->proto,
					      t6->remote_port),
	};
}

/* May the protocol have a session at all? */
static int proto_allowed(const struct nat64_packet *p)
{
	switch (p->h.proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		return 0;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		if (!p->h.icmp_query)
			return NAT64_CNT_DROP_ICMP_TYPE;
		return nat64_option(p->cfg, NAT64_OPTION_ICMP_INFO) ==
		       NAT64_ON ? 0 : NAT64_CNT_DROP_ICMP_POLICY;
	default:
		return nat64_header_translatable(&p->h) &&
		       nat64_option(p->cfg, NAT64_OPTION_OTHER_PROTO) ==
		       NAT64_YES ? 0 : NAT64_CNT_DROP_PROTOCOL;
	}
}

static bool wkp_refuses(const struct nat64_config *cfg, int prefix,
			__be32 addr)
{
	return nat64_prefix_is_wkp(&cfg->prefix[prefix]) &&
	       !nat64_addr4_is_global(addr) &&
	       nat64_option(cfg, NAT64_OPTION_WKP_PRIVATE) == NAT64_NO;
}

/* All that a session, once it exists, vouches for. */
static int admit_64(struct nat64_packet *p, __be32 remote)
{
	const struct in6_addr *src = &ipv6_hdr(p->skb)->saddr;

	if (!nat64_addr6_source_valid(src))
		return NAT64_CNT_DROP_SOURCE;
	if (nat64_config_match(p->cfg, src) >= 0)
		return NAT64_CNT_DROP_LOOP;
	if (nat64_send_specific6(p))
		return NAT64_MISS_PASS;
	if (!nat64_addr4_dest_valid(remote))
		return NAT64_CNT_DROP_DESTINATION;
	if (wkp_refuses(p->cfg, p->prefix, remote))
		return NAT64_CNT_DROP_WKP;
	return 0;
}

/*
 * RFC 6146 3.5.2.2, CLOSED: a segment that opens nothing is translated by its
 * binding alone and leaves no trace. @tmp lives for this packet only.
 */
static struct nat64_session *borrow_64(struct nat64_packet *p,
				       const struct nat64_tuple6 *t6,
				       struct nat64_session *tmp)
{
	const struct nat64_bkey6 k6 = nat64_session_bkey6(t6);
	struct nat64_binding *b = nat64_binding_find6(p->nn, &k6);
	struct nat64_tuple4 t4;

	if (!b)
		return NULL;
	nat64_session_tuple4(&t4, t6, b);
	nat64_session_fill(tmp, p->cfg, t6, &t4, b);
	return tmp;
}

/*
 * A packet that a gate lets through, with a binding that is there already:
 * from the IPv4 side, or of GRE.
 */
static struct nat64_session *through_gate(struct nat64_packet *p,
					  struct nat64_gate *g,
					  struct nat64_tuple6 *t6,
					  struct nat64_tuple4 *t4, int *why)
{
	struct nat64_open open;

	if (t4->proto == IPPROTO_TCP && !is_syn(p)) {
		*why = NAT64_CNT_DROP_TCP_NO_SESSION;
		return NULL;
	}
	*why = NAT64_CNT_DROP_GATE_ONLY;
	if (!nat64_gate_tuples(g, p->cfg, t6, t4))
		return NULL;
	*why = NAT64_CNT_DROP_WKP;
	if (wkp_refuses(p->cfg, t6->prefix, t4->remote))
		return NULL;
	open = opening(p, t6, NAT64_STATE_V4_INIT);
	open.gate = g;
	return nat64_session_open_gate(p->nn, p->cfg, t6, t4, &open, why);
}

/* D-01: GRE of no call has addresses only; a call id that it names stays. */
static bool is_stray(struct nat64_packet *p)
{
	bool stray = p->h.gre_pptp;

	p->h.gre_pptp = false;
	return stray;
}

struct nat64_session *nat64_miss_64(struct nat64_packet *p,
				    const struct nat64_tuple6 *t6,
				    struct nat64_session *tmp, int *why)
{
	struct nat64_gate *g;
	struct nat64_session *s;
	struct nat64_tuple4 t4 = { .proto = t6->proto };
	struct nat64_tuple6 both = *t6;
	struct nat64_open open;

	*why = admit_64(p, t6->remote) ?: nat64_packet_hops_left(p);
	if (*why)
		return NULL;
	g = nat64_gate_find6(p->nn, t6);
	if (g && t6->proto == IPPROTO_GRE)
		return through_gate(p, g, &both, &t4, why);
	*why = proto_allowed(p);
	if (*why)
		return NULL;
	if (is_stray(p)) {
		both.remote_port = 0;
		t6 = &both;
		s = nat64_session_find6(p->nn, t6);
		if (s)
			return s;
	}
	if (t6->proto == IPPROTO_TCP && !is_syn(p)) {
		*why = NAT64_CNT_DROP_TCP_NO_SESSION;
		return borrow_64(p, t6, tmp);
	}
	open = opening(p, t6, NAT64_STATE_V6_INIT);
	open.gate = g;
	if (t6->proto == IPPROTO_TCP)
		open.alg = nat64_alg_watches(p->cfg, t6->remote_port);
	s = nat64_session_open6(p->nn, p->cfg, t6, &open, why);
	/* T-08: the server's SYN was here first. */
	if (s && t6->proto == IPPROTO_TCP && nat64_syn_match(p->nn, &s->t4))
		nat64_session_advance(p->nn, p->cfg, s, false, NAT64_TCP_SYN,
				      0);
	return s;
}

void nat64_miss_release(struct nat64_session *tmp)
{
	dst_release(rcu_dereference_protected(tmp->dst[0], true));
	dst_release(rcu_dereference_protected(tmp->dst[1], true));
}

/* Who may send to @b (RFC 6146 3.5.1, 3.5.2.2, 3.5.3)? */
static bool filter_allows(const struct nat64_packet *p,
			  const struct nat64_tuple4 *t4,
			  struct nat64_binding *b)
{
	enum nat64_option option;

	switch (t4->proto) {
	case IPPROTO_TCP:
		option = NAT64_OPTION_FILTER_TCP;
		break;
	case IPPROTO_ICMP:
		option = NAT64_OPTION_FILTER_ICMP;
		break;
	default:
		option = NAT64_OPTION_FILTER_UDP;
	}
	return nat64_option(p->cfg, option) == NAT64_FILTER_EI ||
	       nat64_session_talked(b, t4->remote);
}

/* T-03, T-04: keep a SYN that may not pass, in case the client opens. */
static int keep_syn(struct nat64_packet *p, const struct nat64_tuple4 *t4)
{
	if (nat64_option(p->cfg, NAT64_OPTION_INCOMING_SYN) == NAT64_SYN_DROP)
		return NAT64_CNT_DROP_SYN_POLICY;
	/* A hairpinned SYN has not become an IPv4 packet; it has no answer. */
	if (p->skb->protocol != htons(ETH_P_IP))
		return NAT64_CNT_DROP_FILTERED;
	switch (nat64_syn_store(p->nn, p->cfg, t4, p->skb)) {
	case 0:
		nat64_count(p->nn, NAT64_CNT_SYN_STORED);
		fallthrough;
	case -EEXIST:
		return NAT64_MISS_TAKEN;
	case -ENOSPC:
		return NAT64_CNT_DROP_SYN_LIMIT;
	default:
		return NAT64_CNT_DROP_MEMORY;
	}
}

/* Nothing is bound there. */
static int unbound_46(struct nat64_packet *p, const struct nat64_tuple4 *t4)
{
	if (inet_addr_type(p->nn->net, t4->pool) == RTN_LOCAL) {
		nat64_count(p->nn, NAT64_CNT_TO_KERNEL);
		return NAT64_MISS_PASS;
	}
	if (!nat64_addr4_source_valid(t4->remote))
		return NAT64_CNT_DROP_SOURCE;
	if (t4->proto != IPPROTO_TCP)
		return proto_allowed(p) ?: NAT64_CNT_DROP_NO_BINDING;
	if (!is_syn(p))
		return NAT64_CNT_DROP_TCP_NO_SESSION;
	if (!nat64_pool_has_port(p->cfg->pool, t4->pool, NAT64_L4_TCP,
				 t4->pool_port))
		return NAT64_CNT_DROP_NO_BINDING;
	return keep_syn(p, t4);
}

/* Not by its protocol, its source or its prefix. */
static int admit_46(const struct nat64_packet *p,
		    const struct nat64_tuple4 *t4,
		    const struct nat64_tuple6 *t6)
{
	if (!nat64_addr4_source_valid(t4->remote))
		return NAT64_CNT_DROP_SOURCE;
	return wkp_refuses(p->cfg, t6->prefix, t4->remote) ?
		       NAT64_CNT_DROP_WKP : 0;
}

/* May a packet that no gate lets through reach the binding? */
static int filter_46(struct nat64_packet *p, const struct nat64_tuple4 *t4,
		     struct nat64_binding *b)
{
	if (READ_ONCE(b->flags) & NAT64_BINDING_GATED)
		return NAT64_CNT_DROP_GATE_ONLY;
	if (filter_allows(p, t4, b))
		return 0;
	return t4->proto == IPPROTO_TCP && is_syn(p) ?
		       keep_syn(p, t4) : NAT64_CNT_DROP_FILTERED;
}

static struct nat64_session *bound_46(struct nat64_packet *p,
				      const struct nat64_tuple4 *t4,
				      struct nat64_binding *b,
				      struct nat64_session *tmp, int *why)
{
	struct nat64_tuple6 t6;
	struct nat64_open open;

	*why = proto_allowed(p);
	if (*why)
		return NULL;
	*why = NAT64_CNT_DROP_NO_BINDING;
	if (!nat64_session_tuple6(&t6, p->cfg, t4, b))
		return NULL;
	*why = admit_46(p, t4, &t6) ?: filter_46(p, t4, b);
	if (*why)
		return NULL;
	if (t4->proto == IPPROTO_TCP && !is_syn(p)) {
		nat64_session_fill(tmp, p->cfg, &t6, t4, b);
		return tmp;
	}
	open = opening(p, &t6, NAT64_STATE_V4_INIT);
	if (t4->proto == IPPROTO_TCP)
		open.alg = nat64_alg_watches(p->cfg, t6.client_port);
	return nat64_session_open4(p->nn, p->cfg, t4, b, &open, why);
}

struct nat64_session *nat64_miss_46(struct nat64_packet *p,
				    const struct nat64_tuple4 *t4,
				    struct nat64_session *tmp, int *why)
{
	struct nat64_bkey4 k4 = {
		.addr = t4->pool,
		.port = t4->pool_port,
		.proto = t4->proto,
	};
	struct nat64_gate *g = nat64_gate_find4(p->nn, t4);
	struct nat64_tuple4 both = *t4;
	struct nat64_session *s;
	struct nat64_binding *b;
	struct nat64_tuple6 t6;

	if (g) {
		*why = NAT64_CNT_DROP_SOURCE;
		if (!nat64_addr4_source_valid(t4->remote))
			return NULL;
		return through_gate(p, g, &t6, &both, why);
	}
	if (is_stray(p)) {
		both.pool_port = 0;
		t4 = &both;
		s = nat64_session_find4(p->nn, t4);
		if (s)
			return s;
		k4.port = 0;
	}
	b = nat64_binding_find4(p->nn, &k4);
	if (b)
		return bound_46(p, t4, b, tmp, why);
	*why = unbound_46(p, t4);
	return NULL;
}
