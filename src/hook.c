// SPDX-License-Identifier: GPL-2.0
#include "hook.h"

#include <linux/inetdevice.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/nat64.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/random.h>
#include <linux/tcp.h>
#include <net/gso.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include <net/route.h>

#include "binding.h"
#include "error.h"
#include "icmp.h"
#include "packet.h"
#include "send.h"
#include "session.h"
#include "syn.h"
#include "translate.h"

/* Besides enum nat64_counter: what may become of a packet without session. */
enum {
	MISS_PASS = -1,		/* the kernel's own */
	MISS_TAKEN = -2,	/* stored */
};

/* Super-packets of these kinds change like any other packet. */
#define GSO_PLAIN (SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_UDP_L4 |	\
		   SKB_GSO_DODGY | SKB_GSO_TCP_ECN |			\
		   SKB_GSO_TCP_FIXEDID | SKB_GSO_PARTIAL)

typedef unsigned int translate_fn(struct nat64_packet *p);

/* BIG TCP does not fit into the length fields of what it would become. */
static bool gso_is_plain(const struct sk_buff *skb)
{
	return !skb_is_gso(skb) ||
	       (!(skb_shinfo(skb)->gso_type & ~GSO_PLAIN) &&
		skb->len <= U16_MAX);
}

/*
 * What cannot be translated as a super-packet is cut into what was, or will
 * be, on the wire, and each piece goes its way alone.
 */
static unsigned int segment(struct nat64_packet *p, translate_fn *translate)
{
	struct sk_buff *segs = skb_gso_segment(p->skb, 0), *seg, *next;

	if (IS_ERR_OR_NULL(segs)) {
		nat64_count(p->nn, NAT64_CNT_DROP_MEMORY);
		return NF_DROP;
	}
	nat64_count(p->nn, NAT64_CNT_SEGMENTED);
	/* Of a chain that GRO made, the first piece is the packet itself. */
	consume_skb(p->skb);
	skb_list_walk_safe(segs, seg, next) {
		struct nat64_packet piece = {
			.skb = seg,
			.state = p->state,
			.nn = p->nn,
			.cfg = p->cfg,
			.local = p->local,
		};

		skb_mark_not_on_list(seg);
		if (translate(&piece) != NF_STOLEN)
			kfree_skb(seg);
	}
	return NF_STOLEN;
}

static u32 session_timeout(const struct nat64_config *cfg,
			   const struct nat64_session *s)
{
	switch (s->t6.proto) {
	case IPPROTO_UDP:
		if (s->t6.remote_port == htons(53) ||
		    s->t6.remote_port == htons(123))
			return cfg->timeout[NAT64_TIMEOUT_UDP_DNS];
		return cfg->timeout[NAT64_TIMEOUT_UDP];
	case IPPROTO_ICMP:
		return cfg->timeout[NAT64_TIMEOUT_ICMP];
	default:
		return cfg->timeout[NAT64_TIMEOUT_OTHER];
	}
}

/* RFC 6146 3.5: state machine and lifetime. */
static void track(struct nat64_packet *p, struct nat64_session *s, bool from6)
{
	struct nat64_tcp_segment seg;

	if (s->t6.proto == IPPROTO_TCP) {
		nat64_packet_segment(p, &seg);
		nat64_session_tcp(p->nn, p->cfg, s, from6, &seg);
		return;
	}
	if (from6 ||
	    nat64_option(p->cfg, NAT64_OPTION_INBOUND_REFRESH) == NAT64_ON)
		nat64_session_refresh(s, session_timeout(p->cfg, s));
}

static bool is_syn(const struct nat64_packet *p)
{
	return nat64_tcp_packet(NAT64_TCP_CLOSED, true, p->h.tcp_flags,
				0).state != NAT64_TCP_CLOSED;
}

static struct nat64_open opening(const struct nat64_packet *p,
				 const struct nat64_tuple6 *t6, u8 tcp_state)
{
	const struct nat64_session s = { .t6 = *t6 };

	if (t6->proto == IPPROTO_TCP)
		return (struct nat64_open){
			tcp_state,
			nat64_session_tcp_timeout(p->cfg, tcp_state),
		};
	return (struct nat64_open){
		NAT64_STATE_ACTIVE, session_timeout(p->cfg, &s)
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
	if (nat64_send_specific6(p)) {
		nat64_count(p->nn, NAT64_CNT_PASS_ROUTE);
		return MISS_PASS;
	}
	if (!nat64_addr4_dest_valid(remote))
		return NAT64_CNT_DROP_DESTINATION;
	if (wkp_refuses(p->cfg, p->prefix, remote))
		return NAT64_CNT_DROP_WKP;
	return 0;
}

/* The box's own packets have not come a hop yet. */
static int hops_left_64(const struct nat64_packet *p)
{
	return p->local || p->h.ttl > 1 ? 0 : NAT64_CNT_DROP_HOP_LIMIT;
}

/*
 * RFC 6146 3.5.2.2, CLOSED: a segment that opens nothing is translated by its
 * binding alone and leaves no trace. @tmp lives for this packet only.
 */
static struct nat64_session *borrow_64(struct nat64_packet *p,
				       const struct nat64_tuple6 *t6,
				       struct nat64_session *tmp)
{
	const struct nat64_bkey6 k6 = {
		.addr = t6->client,
		.port = t6->client_port,
		.proto = t6->proto,
	};
	struct nat64_binding *b = nat64_binding_find6(p->nn, &k6);
	struct nat64_tuple4 t4;

	if (!b)
		return NULL;
	nat64_session_tuple4(&t4, t6, b);
	nat64_session_fill(tmp, p->cfg, t6, &t4, b);
	return tmp;
}

static struct nat64_session *miss_64(struct nat64_packet *p,
				     const struct nat64_tuple6 *t6,
				     struct nat64_session *tmp, int *why)
{
	struct nat64_session *s;
	struct nat64_open open;

	*why = admit_64(p, t6->remote) ?: hops_left_64(p) ?: proto_allowed(p);
	if (*why)
		return NULL;
	if (t6->proto == IPPROTO_TCP && !is_syn(p)) {
		*why = NAT64_CNT_DROP_TCP_NO_SESSION;
		return borrow_64(p, t6, tmp);
	}
	open = opening(p, t6, NAT64_STATE_V6_INIT);
	s = nat64_session_open6(p->nn, p->cfg, t6, &open, why);
	/* T-08: the server's SYN was here first. */
	if (s && t6->proto == IPPROTO_TCP && nat64_syn_match(p->nn, &s->t4))
		nat64_session_advance(p->nn, p->cfg, s, false, NAT64_TCP_SYN,
				      0);
	return s;
}

static void release(struct nat64_session *tmp)
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
		return MISS_TAKEN;
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
		return MISS_PASS;
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

static struct nat64_session *miss_46(struct nat64_packet *p,
				     const struct nat64_tuple4 *t4,
				     struct nat64_session *tmp, int *why)
{
	const struct nat64_bkey4 k4 = {
		.addr = t4->pool,
		.port = t4->pool_port,
		.proto = t4->proto,
	};
	struct nat64_binding *b = nat64_binding_find4(p->nn, &k4);
	struct nat64_tuple6 t6;
	struct nat64_open open;

	if (!b) {
		*why = unbound_46(p, t4);
		return NULL;
	}
	*why = proto_allowed(p);
	if (*why)
		return NULL;
	*why = NAT64_CNT_DROP_SOURCE;
	if (!nat64_addr4_source_valid(t4->remote))
		return NULL;
	*why = NAT64_CNT_DROP_NO_BINDING;
	if (!nat64_session_tuple6(&t6, p->cfg, t4, b))
		return NULL;
	*why = NAT64_CNT_DROP_WKP;
	if (wkp_refuses(p->cfg, t6.prefix, t4->remote))
		return NULL;
	if (!filter_allows(p, t4, b)) {
		*why = t4->proto == IPPROTO_TCP && is_syn(p) ?
			keep_syn(p, t4) : NAT64_CNT_DROP_FILTERED;
		return NULL;
	}
	if (t4->proto == IPPROTO_TCP && !is_syn(p)) {
		nat64_session_fill(tmp, p->cfg, &t6, t4, b);
		return tmp;
	}
	open = opening(p, &t6, NAT64_STATE_V4_INIT);
	return nat64_session_open4(p->nn, p->cfg, t4, b, &open, why);
}

/* MSS of a SYN such that full segments fit on both sides (option mss-clamp) */
static void clamp_mss(struct nat64_packet *p, u32 mtu6, u32 mtu4)
{
	u32 mtu = min(mtu6, mtu4 + sizeof(struct ipv6hdr) -
			    sizeof(struct iphdr));

	if (p->h.proto != IPPROTO_TCP || !(p->h.tcp_flags & NAT64_TCP_SYN) ||
	    nat64_option(p->cfg, NAT64_OPTION_MSS_CLAMP) == NAT64_NO)
		return;
	nat64_translate_mss(p, min_t(u32, mtu, U16_MAX) -
				       sizeof(struct ipv6hdr) -
				       sizeof(struct tcphdr));
}

static u32 mtu_of_input(const struct nat64_packet *p)
{
	return p->state->in ? READ_ONCE(p->state->in->mtu) : U16_MAX;
}

/* RFC 7915 5.1 and 1.4: what leaves with DF set must fit. */
static int fit_64(struct nat64_packet *p, u32 mtu4, bool *df, u16 *frag_max)
{
	u32 len4 = sizeof(struct iphdr) + nat64_packet_l4_len(p);

	*frag_max = 0;
	*df = false;
	if (p->frag_max) {
		u32 gone = sizeof(struct ipv6hdr) + NAT64_FRAG_HLEN -
			   sizeof(struct iphdr);

		*frag_max = max_t(u32, p->frag_max, gone + 68) - gone;
		return 0;
	}
	if (len4 <= NAT64_DF_ABOVE)
		return 0;
	*df = true;
	if (len4 <= mtu4)
		return 0;
	p->mtu = max_t(u32, mtu4 + sizeof(struct ipv6hdr) -
			    sizeof(struct iphdr), IPV6_MIN_MTU);
	return NAT64_CNT_DROP_TOO_BIG;
}

static unsigned int forward_64(struct nat64_packet *p,
			       struct nat64_session *s)
{
	struct dst_entry *dst;
	u16 frag_max;
	int why;
	bool df;

	dst = nat64_send_route4(p, s, s->t4.pool, s->t4.remote);
	if (!dst)
		return nat64_packet_drop6(p, NAT64_CNT_DROP_ROUTE);
	clamp_mss(p, mtu_of_input(p), dst_mtu(dst));
	why = fit_64(p, ip_dst_mtu_maybe_forward(dst, !p->local), &df,
		     &frag_max);
	if (!why)
		why = nat64_translate_64(p, s, df);
	if (why)
		return nat64_packet_drop6(p, why);
	nat64_count(p->nn, NAT64_CNT_XLAT_64);
	nat64_send4(p, dst, frag_max);
	return NF_STOLEN;
}

static unsigned int translate_66(struct nat64_packet *p,
				 struct nat64_session *s,
				 struct nat64_session *t)
{
	u32 len = sizeof(struct ipv6hdr) + nat64_packet_l4_len(p);
	struct in6_addr src;
	struct dst_entry *dst;
	int why;

	nat64_address_embed(&p->cfg->prefix[t->t6.prefix], t->t6.remote, &src);
	dst = nat64_send_route6(p, t, &src, &t->t6.client);
	if (!dst)
		return nat64_packet_drop6(p, NAT64_CNT_DROP_ROUTE);
	p->mtu = ip6_dst_mtu_maybe_forward(dst, !p->local);
	if (!p->frag_max && len > p->mtu)
		return nat64_packet_drop6(p, NAT64_CNT_DROP_TOO_BIG);
	why = nat64_translate_66(p, s, t);
	if (why)
		return nat64_packet_drop6(p, why);
	nat64_count(p->nn, NAT64_CNT_XLAT_64);
	nat64_count(p->nn, NAT64_CNT_HAIRPIN);
	nat64_send6(p, dst, p->frag_max ? min_t(u32, p->frag_max, p->mtu) : 0,
		    (__force __be32)get_random_u32());
	return NF_STOLEN;
}

/*
 * RFC 6146 3.8: the destination is a pool address, so the packet comes back
 * at once as one from the IPv4 side.
 */
static unsigned int hairpin(struct nat64_packet *p, struct nat64_session *s)
{
	struct nat64_session tmp = {}, *t;
	struct nat64_tuple4 t4;
	unsigned int verdict;
	int why = 0;

	nat64_session_hairpin(&t4, s);
	t = nat64_session_find4(p->nn, &t4);
	if (!t)
		t = miss_46(p, &t4, &tmp, &why);
	if (!t)
		return why == MISS_PASS ? forward_64(p, s) :
					  nat64_packet_drop6(p, why);
	if (t->binding == s->binding)
		return nat64_packet_drop6(p, NAT64_CNT_DROP_HAIRPIN);
	if (t != &tmp)
		track(p, t, false);
	verdict = translate_66(p, s, t);
	release(&tmp);
	return verdict;
}

static unsigned int translate_64(struct nat64_packet *p)
{
	struct nat64_session tmp, *s;
	struct nat64_tuple6 t6;
	unsigned int verdict;
	int why;

	p->prefix = nat64_config_match(p->cfg, &ipv6_hdr(p->skb)->daddr);
	if (p->prefix < 0)
		return NF_ACCEPT;
	if (unlikely(!p->cfg->pool->count)) {
		nat64_count(p->nn, NAT64_CNT_NO_SESSION_6);
		return NF_ACCEPT;
	}
	if (unlikely(!gso_is_plain(p->skb)))
		return segment(p, translate_64);
	why = nat64_packet_parse6(p);
	if (unlikely(why))
		return nat64_packet_drop6(p, why);
	if (unlikely(p->h.icmp_error))
		return nat64_error_64(p);
	if (unlikely(p->h.udp_csum_zero) &&
	    nat64_option(p->cfg, NAT64_OPTION_UDP_ZERO_64) ==
	    NAT64_ZERO64_DROP)
		return nat64_packet_drop6(p, NAT64_CNT_DROP_UDP_ZERO);

	t6 = (struct nat64_tuple6){
		.client = ipv6_hdr(p->skb)->saddr,
		.remote = nat64_address_extract(&p->cfg->prefix[p->prefix],
						&ipv6_hdr(p->skb)->daddr),
		.client_port = p->h.sport,
		.remote_port = p->h.dport,
		.proto = nat64_packet_proto(p),
		.prefix = p->prefix,
	};
	s = nat64_session_find6(p->nn, &t6);
	if (likely(s)) {
		why = hops_left_64(p);
		if (unlikely(why))
			return nat64_packet_drop6(p, why);
		track(p, s, true);
		return unlikely(s->flags & NAT64_SESSION_HAIRPIN) ?
			       hairpin(p, s) : forward_64(p, s);
	}
	tmp.dst[0] = NULL;
	tmp.dst[1] = NULL;
	s = miss_64(p, &t6, &tmp, &why);
	if (!s)
		return why == MISS_PASS ? NF_ACCEPT :
					  nat64_packet_drop6(p, why);
	if (s != &tmp)
		track(p, s, true);
	verdict = s->flags & NAT64_SESSION_HAIRPIN ? hairpin(p, s) :
						     forward_64(p, s);
	release(&tmp);
	return verdict;
}

/* What an IPv6 packet must become on its way (RFC 7915 4, 4.1). */
struct fit_46 {
	u16 frag_max; /* 0: it stays whole */
	bool segment;
};

static int fit_46(struct nat64_packet *p, u32 mtu6, struct fit_46 *fit)
{
	u32 len6 = sizeof(struct ipv6hdr) + nat64_packet_l4_len(p);
	u32 lowest = nat64_option(p->cfg, NAT64_OPTION_LOWEST_MTU);
	u32 grow = sizeof(struct ipv6hdr) - sizeof(struct iphdr);
	u32 limit = p->h.df ? mtu6 : min(lowest, mtu6);

	*fit = (struct fit_46){};
	if (p->frag_max) {
		u32 piece = p->frag_max + grow + NAT64_FRAG_HLEN;

		grow += NAT64_FRAG_HLEN;
		if (p->h.df && piece > mtu6)
			goto too_big;
		fit->frag_max = min(piece, limit);
		return 0;
	}
	if (len6 <= limit)
		return 0;
	if (p->h.df)
		goto too_big;
	fit->segment = skb_is_gso(p->skb);
	fit->frag_max = limit;
	return 0;

too_big:
	p->mtu = mtu6 - grow;
	return NAT64_CNT_DROP_TOO_BIG;
}

static unsigned int translate_46(struct nat64_packet *p);

static unsigned int forward_46(struct nat64_packet *p,
			       struct nat64_session *s)
{
	struct in6_addr src;
	struct dst_entry *dst;
	struct fit_46 fit;
	bool here;
	__be32 id;
	int why;

	nat64_address_embed(&p->cfg->prefix[s->t6.prefix], s->t6.remote, &src);
	dst = nat64_send_route6(p, s, &src, &s->t6.client);
	if (!dst)
		return nat64_packet_drop4(p, NAT64_CNT_DROP_ROUTE);
	here = p->local || nat64_send_is_local(dst);
	if (!here && p->h.ttl <= 1)
		return nat64_packet_drop4(p, NAT64_CNT_DROP_HOP_LIMIT);
	clamp_mss(p, dst_mtu(dst), mtu_of_input(p));
	why = fit_46(p, ip6_dst_mtu_maybe_forward(dst, !p->local), &fit);
	if (why)
		return nat64_packet_drop4(p, why);
	if (fit.segment)
		return segment(p, translate_46);
	id = htonl(ntohs(ip_hdr(p->skb)->id));
	why = nat64_translate_46(p, s, LL_RESERVED_SPACE(dst->dev), !here);
	if (why)
		return nat64_packet_drop4(p, why);
	nat64_count(p->nn, NAT64_CNT_XLAT_46);
	nat64_send6(p, dst, fit.frag_max, id);
	return NF_STOLEN;
}

/* A bad packet for the box itself is the kernel's to refuse. */
static unsigned int refuse_46(struct nat64_packet *p, int why)
{
	if (inet_addr_type(p->nn->net, ip_hdr(p->skb)->daddr) != RTN_LOCAL)
		return nat64_packet_drop4(p, why);
	nat64_count(p->nn, NAT64_CNT_TO_KERNEL);
	return NF_ACCEPT;
}

static unsigned int translate_46(struct nat64_packet *p)
{
	struct nat64_session tmp, *s;
	struct nat64_tuple4 t4;
	unsigned int verdict;
	int why;

	if (!nat64_pool_has_addr(p->cfg->pool, ip_hdr(p->skb)->daddr))
		return NF_ACCEPT;
	if (unlikely(!gso_is_plain(p->skb)))
		return segment(p, translate_46);
	why = nat64_packet_parse4(p);
	if (unlikely(why))
		return refuse_46(p, why);
	if (unlikely(p->h.icmp_error))
		return nat64_error_46(p);

	t4 = (struct nat64_tuple4){
		.remote = ip_hdr(p->skb)->saddr,
		.pool = ip_hdr(p->skb)->daddr,
		.remote_port = p->h.sport,
		.pool_port = p->h.dport,
		.proto = p->h.proto,
	};
	s = nat64_session_find4(p->nn, &t4);
	if (unlikely(p->h.udp_csum_zero && s)) {
		if (nat64_option(p->cfg, NAT64_OPTION_UDP_ZERO_46) ==
		    NAT64_ZERO46_DROP)
			return nat64_packet_drop4(p, NAT64_CNT_DROP_UDP_ZERO);
		if (skb_is_gso(p->skb))
			return segment(p, translate_46);
	}
	if (likely(s)) {
		track(p, s, false);
		return forward_46(p, s);
	}
	tmp.dst[0] = NULL;
	tmp.dst[1] = NULL;
	s = miss_46(p, &t4, &tmp, &why);
	if (!s && why == MISS_PASS)
		return NF_ACCEPT;
	if (!s && why == MISS_TAKEN)
		return NF_DROP;
	if (!s)
		return nat64_packet_drop4(p, why);
	if (s != &tmp)
		track(p, s, false);
	verdict = forward_46(p, s);
	release(&tmp);
	return verdict;
}

static unsigned int enter(struct sk_buff *skb,
			  const struct nf_hook_state *state,
			  translate_fn *translate)
{
	struct nat64_packet p = {
		.skb = skb,
		.state = state,
		.nn = nat64_net(state->net),
		.local = state->hook == NF_INET_LOCAL_OUT,
	};
	unsigned int verdict;

	/* Only the box's own packets come with softirqs enabled. */
	local_bh_disable();
	p.cfg = rcu_dereference(p.nn->config);
	verdict = translate(&p);
	local_bh_enable();
	return verdict;
}

static unsigned int hook6(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	return enter(skb, state, translate_64);
}

static unsigned int hook4(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	return enter(skb, state, translate_46);
}

/* After defragmentation and raw, before conntrack could see the packet. */
static const struct nf_hook_ops hooks[] = {
	{
		.hook = hook6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_CONNTRACK - 1,
	}, {
		.hook = hook6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP6_PRI_CONNTRACK - 1,
	}, {
		.hook = hook4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_CONNTRACK - 1,
	}, {
		.hook = hook4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_CONNTRACK - 1,
	},
};

/*
 * The defragmenters are modules. Linking against them would make insmod fail
 * wherever they are not loaded; asking for them by name does not. A symbol
 * that is held keeps its module.
 */
#define DEFRAG_ON(family, net) ({					\
	typeof(&nf_defrag_##family##_enable) on =			\
		symbol_request(nf_defrag_##family##_enable);		\
	int err = on ? on(net) : -EOPNOTSUPP;				\
									\
	if (on && err)							\
		symbol_put(nf_defrag_##family##_enable);		\
	err; })

#define DEFRAG_OFF(family, net) do {					\
	typeof(&nf_defrag_##family##_disable) off =			\
		symbol_get(nf_defrag_##family##_disable);		\
									\
	if (off) {							\
		off(net);						\
		symbol_put(nf_defrag_##family##_disable);		\
	}								\
	symbol_put(nf_defrag_##family##_enable);			\
} while (0)

static int defrag_on(struct net *net)
{
	int err = DEFRAG_ON(ipv4, net);

	if (err)
		return err;
	err = DEFRAG_ON(ipv6, net);
	if (err)
		DEFRAG_OFF(ipv4, net);
	return err;
}

static void defrag_off(struct net *net)
{
	DEFRAG_OFF(ipv6, net);
	DEFRAG_OFF(ipv4, net);
}

int nat64_hook_register(struct nat64_net *nn, struct netlink_ext_ack *extack)
{
	int err = defrag_on(nn->net);

	if (err) {
		NL_SET_ERR_MSG_MOD(extack,
				   "nf_defrag_ipv4 or nf_defrag_ipv6 cannot be loaded");
		return err;
	}
	err = nf_register_net_hooks(nn->net, hooks, ARRAY_SIZE(hooks));
	if (err) {
		NL_SET_ERR_MSG_MOD(extack, "hooks cannot be registered");
		defrag_off(nn->net);
		return err;
	}
	nn->active = true;
	return 0;
}

static unsigned int pass(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

void nat64_hook_unregister(struct nat64_net *nn)
{
	static const struct nf_hook_ops fence = {
		.hook = pass,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
	};

	if (!nn->active)
		return;
	nf_unregister_net_hooks(nn->net, hooks, ARRAY_SIZE(hooks));
	synchronize_net();
	/*
	 * A packet that was inside may have been queued to user space (NFQUEUE)
	 * with our function to continue it. Taking away any hook drops what is
	 * queued in the namespace.
	 */
	if (!nf_register_net_hook(nn->net, &fence))
		nf_unregister_net_hook(nn->net, &fence);
	defrag_off(nn->net);
	nn->active = false;
}
