// SPDX-License-Identifier: GPL-2.0
#include "error.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/inetdevice.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "alg.h"
#include "icmp.h"
#include "packet.h"
#include "send.h"
#include "session.h"

/* Octets of an ICMP message that are looked at; results are shorter. */
#define ERROR_READ 1500

/**
 * struct error - an ICMP error being translated
 * @icmp: the message, linear
 * @len: octets at @icmp
 * @inner: its quoted packet
 * @h: headers of the quoted packet
 */
struct error {
	const u8 *icmp;
	u32 len;
	const u8 *inner;
	struct nat64_header h;
};

static int drop_reason(int icmp_drop)
{
	switch (-icmp_drop) {
	case NAT64_ICMP_UNTRANSLATABLE:
	case NAT64_ICMP_POINTER:
		return NAT64_CNT_DROP_ICMP_TYPE;
	case NAT64_ICMP_NO_ROOM:
		return NAT64_CNT_DROP_MEMORY;
	default:
		return NAT64_CNT_DROP_ICMP_ERROR;
	}
}

/* Make the message readable, and read what it quotes. */
static bool error_read(struct nat64_packet *p, struct error *e, u8 family)
{
	enum nat64_header_result result;
	u32 quoted;

	e->len = min_t(u32, p->h.l4_len, ERROR_READ);
	if (!pskb_may_pull(p->skb, p->h.l4_off + e->len))
		return false;
	e->icmp = p->skb->data + p->h.l4_off;
	e->inner = p->skb->data + p->h.inner_off;
	quoted = min(nat64_icmp_quote_len(e->icmp, p->h.l4_len, family),
		     e->len - NAT64_ICMP_HLEN);
	if (family == 6)
		result = nat64_header_parse_inner6(e->inner, quoted, quoted,
						   &e->h);
	else
		result = nat64_header_parse_inner4(e->inner, quoted, quoted,
						   &e->h);
	return result == NAT64_HEADER_OK && !e->h.frag_off;
}

static bool sum_ok6(const struct nat64_packet *p)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(p->skb);
	__wsum sum = skb_checksum(p->skb, p->h.l4_off, p->h.l4_len, 0);

	return !csum_ipv6_magic(&ip6->saddr, &ip6->daddr, p->h.l4_len,
				IPPROTO_ICMPV6, sum);
}

static bool sum_ok4(const struct nat64_packet *p)
{
	return !csum_fold(skb_checksum(p->skb, p->h.l4_off, p->h.l4_len, 0));
}

/* A fresh packet with room in front and @len octets of transport. */
static struct sk_buff *error_alloc(const struct sk_buff *old, u32 hlen,
				   u32 len)
{
	struct sk_buff *skb = alloc_skb(LL_MAX_HEADER + hlen + len,
					GFP_ATOMIC | __GFP_NOWARN);

	if (!skb)
		return NULL;
	skb_reserve(skb, LL_MAX_HEADER);
	skb_reset_network_header(skb);
	skb_put(skb, hlen);
	skb_set_transport_header(skb, hlen);
	skb->mark = old->mark;
	skb->priority = old->priority;
	skb->dev = old->dev;
	return skb;
}

static u32 mtu_in(const struct nat64_packet *p)
{
	return p->state->in ? READ_ONCE(p->state->in->mtu) : 0;
}

/*
 * Session that the quoted packet belongs to; it went from IPv4 to IPv6. GRE
 * that is of no call has no ports (D-01).
 */
static struct nat64_session *error_session_64(struct nat64_packet *p,
					      const struct error *e)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)e->inner;
	struct nat64_tuple6 t6 = {
		.client = ip6->daddr,
		.client_port = e->h.dport,
		.remote_port = e->h.sport,
		.proto = e->h.proto == IPPROTO_ICMPV6 ? IPPROTO_ICMP :
							e->h.proto,
		.quoted = e->h.gre_pptp,
	};
	int prefix = nat64_config_match(p->cfg, &ip6->saddr);
	struct nat64_session *s;

	/* The error goes to the sender of the packet that it is about. */
	if (prefix < 0 || !ipv6_addr_equal(&ip6->saddr,
					   &ipv6_hdr(p->skb)->daddr))
		return NULL;
	t6.prefix = prefix;
	t6.remote = nat64_address_extract(&p->cfg->prefix[prefix],
					  &ip6->saddr);
	s = nat64_session_find6(p->nn, &t6);
	if (s || !t6.quoted)
		return s;
	t6.client_port = 0;
	t6.quoted = 0;
	return nat64_session_find6(p->nn, &t6);
}

/*
 * The packet that an error quotes went out with the numbers of its receiver;
 * its sender checks that they are its own (RFC 5927 4).
 */
static void error_renumber(struct nat64_packet *p,
			   const struct nat64_session *s, struct error *e,
			   enum nat64_dir dir)
{
	u32 off = p->h.inner_off + e->h.l4_off + offsetof(struct tcphdr, seq);
	struct nat64_conn *conn = s->conn;
	u8 *seq;

	if (!(s->flags & NAT64_SESSION_ALG) ||
	    e->h.quoted < offsetofend(struct tcphdr, seq) ||
	    skb_ensure_writable(p->skb, p->h.l4_off + e->len))
		return;
	e->icmp = p->skb->data + p->h.l4_off;
	e->inner = p->skb->data + p->h.inner_off;
	seq = p->skb->data + off;
	spin_lock(&conn->lock);
	nat64_put_be32(nat64_stream_unseq(&conn->stream[dir],
					  nat64_get_be32(seq)), seq);
	spin_unlock(&conn->lock);
}

static int error_write_64(const struct nat64_session *s,
			  const struct error *e, u32 mtu6, u32 mtu4, u8 *out,
			  u32 room)
{
	const struct nat64_icmp_xlat x = {
		.inner_src4 = s->t4.remote,
		.inner_dst4 = s->t4.pool,
		.inner_sport = s->t4.remote_port,
		.inner_dport = s->t4.pool_port,
		.mtu6 = mtu6,
		.mtu4 = mtu4,
	};

	return nat64_icmp_error_64(&x, e->icmp, e->len, out, room);
}

/* The addresses of an error for the IPv6 end of @s, sent by @source. */
static void error_ends_46(const struct nat64_config *cfg,
			  const struct nat64_session *s, __be32 source,
			  struct nat64_icmp_xlat *x)
{
	const struct nat64_prefix *prefix = &cfg->prefix[s->t6.prefix];

	nat64_address_embed(prefix, source, &x->src6);
	x->dst6 = s->t6.client;
	x->inner_src6 = s->t6.client;
	nat64_address_embed(prefix, s->t6.remote, &x->inner_dst6);
	x->inner_sport = s->t6.client_port;
	x->inner_dport = s->t6.remote_port;
}

static void error_head_6(const struct nat64_packet *p, struct sk_buff *skb,
			 const struct nat64_icmp_xlat *x, u8 hops)
{
	struct ipv6hdr *ip6 = ipv6_hdr(skb);

	ip6_flow_hdr(ip6, p->h.tos, 0);
	ip6->payload_len = htons(skb->len - sizeof(*ip6));
	ip6->nexthdr = IPPROTO_ICMPV6;
	ip6->hop_limit = hops;
	ip6->saddr = x->src6;
	ip6->daddr = x->dst6;
}

/*
 * Write the message that the IPv6 end of @s gets, and send it. @source is the
 * IPv4 address that reports the error.
 */
static int error_send_46(struct nat64_packet *p, struct nat64_session *s,
			 __be32 source, const u8 *icmp4, u32 len, u32 mtu4)
{
	const u32 room = NAT64_ICMP6_MAX - sizeof(struct ipv6hdr);
	struct nat64_packet out = *p;
	struct nat64_icmp_xlat x = { .mtu4 = mtu4 };
	bool local;
	struct dst_entry *dst;
	int n;

	error_ends_46(p->cfg, s, source, &x);
	dst = nat64_send_route6(p, s, &x.inner_dst6, &x.dst6);
	if (!dst)
		return NAT64_CNT_DROP_ROUTE;
	local = p->local || nat64_send_is_local(dst);
	if (!local && p->h.ttl <= 1)
		return NAT64_CNT_DROP_HOP_LIMIT;
	x.mtu6 = dst_mtu(dst);
	out.skb = error_alloc(p->skb, sizeof(struct ipv6hdr), room);
	if (!out.skb)
		return NAT64_CNT_DROP_MEMORY;
	n = nat64_icmp_error_46(&x, icmp4, len, skb_transport_header(out.skb),
				room);
	if (n < 0) {
		kfree_skb(out.skb);
		return drop_reason(n);
	}
	skb_put(out.skb, n);
	error_head_6(p, out.skb, &x, p->h.ttl - !local);
	nat64_send6(&out, dst, 0, 0);
	return 0;
}

/* Both ends are behind us: the way through IPv4 exists on paper only. */
static int error_hairpin(struct nat64_packet *p, struct nat64_session *s,
			 struct nat64_session *t, const struct error *e)
{
	u8 *icmp4 = kmalloc(NAT64_ICMP4_MAX, GFP_ATOMIC | __GFP_NOWARN);
	int n, why;

	if (!icmp4)
		return NAT64_CNT_DROP_MEMORY;
	n = error_write_64(s, e, mtu_in(p), 0, icmp4, NAT64_ICMP4_MAX);
	if (n < 0)
		why = drop_reason(n);
	else
		why = error_send_46(p, t, s->t4.pool, icmp4, n, 0);
	kfree(icmp4);
	if (!why)
		nat64_count(p->nn, NAT64_CNT_HAIRPIN);
	return why;
}

static void error_head_4(const struct nat64_packet *p, struct sk_buff *skb,
			 const struct nat64_session *s, u8 ttl)
{
	struct iphdr *iph = ip_hdr(skb);

	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tos = p->h.tos;
	iph->tot_len = htons(skb->len);
	iph->frag_off = 0;
	iph->ttl = ttl;
	iph->protocol = IPPROTO_ICMP;
	iph->saddr = s->t4.pool;
	iph->daddr = s->t4.remote;
	__ip_select_ident(p->nn->net, iph, 1);
	ip_send_check(iph);
}

static int error_send_64(struct nat64_packet *p, struct nat64_session *s,
			 const struct error *e)
{
	const u32 room = NAT64_ICMP4_MAX - sizeof(struct iphdr);
	struct nat64_packet out = *p;
	struct dst_entry *dst;
	int n;

	dst = nat64_send_route4(p, s, s->t4.pool, s->t4.remote);
	if (!dst)
		return NAT64_CNT_DROP_ROUTE;
	out.skb = error_alloc(p->skb, sizeof(struct iphdr), room);
	if (!out.skb)
		return NAT64_CNT_DROP_MEMORY;
	n = error_write_64(s, e, mtu_in(p), dst_mtu(dst),
			   skb_transport_header(out.skb), room);
	if (n < 0) {
		kfree_skb(out.skb);
		return drop_reason(n);
	}
	skb_put(out.skb, n);
	error_head_4(p, out.skb, s, p->h.ttl - !p->local);
	nat64_send4(&out, dst, 0);
	return 0;
}

/* The session at the other end of a hairpin. */
static struct nat64_session *error_peer(struct nat64_packet *p,
					const struct nat64_session *s)
{
	struct nat64_tuple4 t4;

	if (!(s->flags & NAT64_SESSION_HAIRPIN))
		return NULL;
	nat64_session_hairpin(&t4, s);
	return nat64_session_find4(p->nn, &t4);
}

static int error_run_64(struct nat64_packet *p)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(p->skb);
	struct nat64_session *s, *t;
	struct error e;

	if (!nat64_addr6_source_valid(&ip6->saddr))
		return NAT64_CNT_DROP_SOURCE;
	if (nat64_config_match(p->cfg, &ip6->saddr) >= 0)
		return NAT64_CNT_DROP_LOOP;
	if (!p->local && p->h.ttl <= 1)
		return NAT64_CNT_DROP_HOP_LIMIT;
	if (!sum_ok6(p) || !error_read(p, &e, 6))
		return NAT64_CNT_DROP_ICMP_ERROR;
	s = error_session_64(p, &e);
	if (!s)
		return NAT64_CNT_DROP_ICMP_UNKNOWN;
	error_renumber(p, s, &e, NAT64_DIR_46);
	t = error_peer(p, s);
	if (t)
		error_renumber(p, t, &e, NAT64_DIR_64);
	return t ? error_hairpin(p, s, t, &e) : error_send_64(p, s, &e);
}

unsigned int nat64_error_64(struct nat64_packet *p)
{
	int why = error_run_64(p);

	if (why)
		return nat64_packet_drop6(p, why);
	nat64_count(p->nn, NAT64_CNT_XLAT_64);
	nat64_count(p->nn, NAT64_CNT_ICMP_ERR_64);
	consume_skb(p->skb);
	return NF_STOLEN;
}

static struct nat64_session *error_session_46(struct nat64_packet *p,
					      const struct error *e)
{
	const struct iphdr *iph = (const struct iphdr *)e->inner;
	struct nat64_tuple4 t4 = {
		.remote = iph->daddr,
		.pool = iph->saddr,
		.remote_port = e->h.dport,
		.pool_port = e->h.sport,
		.proto = e->h.proto,
		.quoted = e->h.gre_pptp,
	};
	struct nat64_session *s;

	if (iph->saddr != ip_hdr(p->skb)->daddr)
		return NULL;
	s = nat64_session_find4(p->nn, &t4);
	if (s || !t4.quoted)
		return s;
	t4.remote_port = 0;
	t4.quoted = 0;
	return nat64_session_find4(p->nn, &t4);
}

static int error_run_46(struct nat64_packet *p)
{
	__be32 source = ip_hdr(p->skb)->saddr;
	const struct nat64_prefix *prefix;
	struct nat64_session *s;
	struct error e;

	if (!sum_ok4(p) || !error_read(p, &e, 4) ||
	    !nat64_header_csum4_ok(e.inner, e.len - NAT64_ICMP_HLEN))
		return NAT64_CNT_DROP_ICMP_ERROR;
	s = error_session_46(p, &e);
	if (!s)
		return NAT64_CNT_DROP_ICMP_UNKNOWN;
	error_renumber(p, s, &e, NAT64_DIR_64);
	prefix = &p->cfg->prefix[s->t6.prefix];
	if (nat64_prefix_is_wkp(prefix) && !nat64_addr4_is_global(source) &&
	    nat64_option(p->cfg, NAT64_OPTION_WKP_PRIVATE) == NAT64_NO)
		return NAT64_CNT_DROP_WKP;
	return error_send_46(p, s, ip_hdr(p->skb)->saddr, e.icmp, e.len,
			     mtu_in(p));
}

unsigned int nat64_error_46(struct nat64_packet *p)
{
	__be32 pool = ip_hdr(p->skb)->daddr;
	int why = error_run_46(p);

	/* About the box's own traffic from one of its pool addresses. */
	if (why == NAT64_CNT_DROP_ICMP_UNKNOWN &&
	    inet_addr_type(p->nn->net, pool) == RTN_LOCAL) {
		nat64_count(p->nn, NAT64_CNT_TO_KERNEL);
		return NF_ACCEPT;
	}
	if (why)
		return nat64_packet_drop4(p, why);
	nat64_count(p->nn, NAT64_CNT_XLAT_46);
	nat64_count(p->nn, NAT64_CNT_ICMP_ERR_46);
	consume_skb(p->skb);
	return NF_STOLEN;
}
