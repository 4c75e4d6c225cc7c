// SPDX-License-Identifier: GPL-2.0
#include "translate.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "checksum.h"
#include "icmp.h"
#include "packet.h"
#include "session.h"

/* How the transport header changes. */
struct l4_change {
	__be16 sport;
	__be16 dport;
	u16 addrs; /* delta of the addresses in the pseudo-header */
	u16 icmp; /* delta of the pseudo-header's rest and type */
	u8 icmp_type;
};

static bool is_shared(const struct sk_buff *skb, unsigned int len)
{
	/* gso_type lies in a part that clones share even if headers are ours. */
	return skb_cloned(skb) &&
	       (skb_is_gso(skb) || !skb_clone_writable(skb, len));
}

/* The head is copied at most once. */
static noinline int own_headers(struct nat64_packet *p, unsigned int headroom)
{
	struct sk_buff *skb = p->skb;
	unsigned int more;

	if (!pskb_may_pull(skb, p->h.payload_off))
		return NAT64_CNT_DROP_MEMORY;
	more = headroom > skb_headroom(skb) ? headroom - skb_headroom(skb) : 0;
	if ((more || is_shared(skb, p->h.payload_off)) &&
	    pskb_expand_head(skb, ALIGN(more, NET_SKB_PAD), 0, GFP_ATOMIC))
		return NAT64_CNT_DROP_MEMORY;
	return 0;
}

/* Everything up to here can fail, nothing after it. */
static __always_inline int make_writable(struct nat64_packet *p,
					 unsigned int headroom)
{
	struct sk_buff *skb = p->skb;

	if (unlikely(skb_cloned(skb) || skb_headlen(skb) < p->h.payload_off ||
		     skb_headroom(skb) < headroom) &&
	    own_headers(p, headroom))
		return NAT64_CNT_DROP_MEMORY;
	/* Only TCP and UDP leave their sum to the device in practice. */
	if (p->h.proto != IPPROTO_TCP && p->h.proto != IPPROTO_UDP &&
	    skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		return NAT64_CNT_DROP_MEMORY;
	return 0;
}

static __always_inline bool sum_is_partial(const struct nat64_packet *p)
{
	return p->skb->ip_summed == CHECKSUM_PARTIAL &&
	       skb_checksum_start_offset(p->skb) == (int)p->h.l4_off;
}

static __always_inline u16 port_delta(__be16 old_src, __be16 old_dst,
				      const struct l4_change *c)
{
	return nat64_csum_add(nat64_csum_delta16(old_src, c->sport),
			      nat64_csum_delta16(old_dst, c->dport));
}

static __always_inline __sum16 update(const struct nat64_packet *p,
				      __sum16 check, u16 addrs, u16 ports)
{
	if (sum_is_partial(p))
		return nat64_csum_apply_partial(check, addrs);
	return nat64_csum_apply(check, nat64_csum_add(addrs, ports));
}

static __always_inline void change_tcp(const struct nat64_packet *p,
				       struct tcphdr *th,
				       const struct l4_change *c)
{
	th->check = update(p, th->check, c->addrs,
			   port_delta(th->source, th->dest, c));
	th->source = c->sport;
	th->dest = c->dport;
}

static __always_inline void change_udp(const struct nat64_packet *p,
				       struct udphdr *uh,
				       const struct l4_change *c)
{
	if (!p->h.udp_csum_zero)
		uh->check = nat64_csum_udp(update(p, uh->check, c->addrs,
						  port_delta(uh->source,
							     uh->dest, c)));
	uh->source = c->sport;
	uh->dest = c->dport;
}

static void change_icmp(struct icmphdr *icmp, const struct l4_change *c)
{
	icmp->checksum = nat64_csum_apply(icmp->checksum, c->icmp);
	icmp->type = c->icmp_type;
	icmp->un.echo.id = c->sport;
}

/* RFC 2637 4.1: no checksum covers the call id, which is the receiver's. */
static void change_gre(const struct nat64_packet *p, u8 *gre,
		       const struct l4_change *c)
{
	if (p->h.gre_pptp)
		nat64_store_be16(c->dport, gre + NAT64_GRE_CALL_ID);
}

static __always_inline void change_l4(const struct nat64_packet *p,
				      const struct l4_change *c)
{
	u8 *l4 = p->skb->data + p->h.l4_off;

	switch (p->h.proto) {
	case IPPROTO_TCP:
		change_tcp(p, (struct tcphdr *)l4, c);
		break;
	case IPPROTO_UDP:
		change_udp(p, (struct udphdr *)l4, c);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		change_icmp((struct icmphdr *)l4, c);
		break;
	case IPPROTO_GRE:
		change_gre(p, l4, c);
		break;
	}
	/* A sum over the whole packet is of no use any more. */
	if (p->skb->ip_summed == CHECKSUM_COMPLETE)
		p->skb->ip_summed = CHECKSUM_NONE;
}

static void change_gso(struct sk_buff *skb, unsigned int from,
		       unsigned int to)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	if (!skb_is_gso(skb) || !(shinfo->gso_type & from))
		return;
	shinfo->gso_type &= ~(from | SKB_GSO_TCP_FIXEDID);
	shinfo->gso_type |= to;
}

/* Move the start of the packet so that @hlen octets precede the transport. */
static void move_l3(struct nat64_packet *p, unsigned int hlen)
{
	struct sk_buff *skb = p->skb;

	if (p->h.l4_off >= hlen)
		__skb_pull(skb, p->h.l4_off - hlen);
	else
		__skb_push(skb, hlen - p->h.l4_off);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, hlen);
}

static u8 tos_of(const struct nat64_packet *p, enum nat64_option option)
{
	u32 value = nat64_option(p->cfg, option);

	return value == NAT64_TOS_COPY ? p->h.tos : value - NAT64_TOS_FIXED;
}

static void write_ip4(struct nat64_packet *p, const struct nat64_session *s,
		      bool df, u8 tos, u8 proto)
{
	struct sk_buff *skb = p->skb;
	struct iphdr *iph = ip_hdr(skb);

	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tos = tos;
	iph->tot_len = htons(skb->len);
	iph->frag_off = df ? htons(IP_DF) : 0;
	iph->ttl = p->h.ttl - !p->local;
	iph->protocol = proto;
	iph->saddr = s->t4.pool;
	iph->daddr = s->t4.remote;
	/* RFC 7915 5.1: never a constant, also where it has no meaning. */
	__ip_select_ident(p->nn->net, iph, skb_shinfo(skb)->gso_segs ?: 1);
	ip_send_check(iph);
}

/*
 * Behind a prefix shorter than /96 the destination has bits that are ignored
 * (RFC 6052 2.2), but its checksum covers them.
 */
static u16 addr_delta_64(const struct nat64_packet *p,
			 const struct nat64_session *s)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(p->skb);

	if (likely(p->cfg->prefix[p->prefix].len == 96))
		return s->delta;
	return nat64_csum_delta_64(&ip6->saddr, &ip6->daddr, s->t4.pool,
				   s->t4.remote);
}

int nat64_translate_64(struct nat64_packet *p, const struct nat64_session *s,
		       bool df)
{
	const struct ipv6hdr *ip6;
	struct l4_change c = {
		.sport = s->t4.pool_port,
		.dport = s->t4.remote_port,
		.addrs = addr_delta_64(p, s),
	};
	u8 tos = tos_of(p, NAT64_OPTION_TOS_64);
	u8 proto = p->h.proto;
	int why;

	why = make_writable(p, 0);
	if (why)
		return why;
	if (proto == IPPROTO_ICMPV6) {
		ip6 = ipv6_hdr(p->skb);
		c.icmp = nat64_icmp_query_delta_64(&ip6->saddr, &ip6->daddr,
						   p->h.l4_len,
						   p->h.icmp_type,
						   s->t6.client_port, c.sport);
		c.icmp_type = nat64_icmp_query_64(p->h.icmp_type);
		proto = IPPROTO_ICMP;
	}
	change_l4(p, &c);
	change_gso(p->skb, SKB_GSO_TCPV6, SKB_GSO_TCPV4);
	move_l3(p, sizeof(struct iphdr));
	write_ip4(p, s, df, tos, proto);
	return 0;
}

static void write_ip6(struct nat64_packet *p, const struct in6_addr *src,
		      const struct in6_addr *dst, u8 tos, u8 proto, u8 hops)
{
	struct sk_buff *skb = p->skb;
	struct ipv6hdr *ip6 = ipv6_hdr(skb);

	ip6_flow_hdr(ip6, tos, 0);
	ip6->payload_len = htons(skb->len - sizeof(*ip6));
	ip6->nexthdr = proto;
	ip6->hop_limit = hops;
	ip6->saddr = *src;
	ip6->daddr = *dst;
}

/* A UDP checksum where there was none: RFC 6146 3.4. */
static void sum_udp6(struct nat64_packet *p, const struct in6_addr *src,
		     const struct in6_addr *dst)
{
	struct udphdr *uh = udp_hdr(p->skb);
	__wsum sum = skb_checksum(p->skb, skb_transport_offset(p->skb),
				  p->h.l4_len, 0);

	uh->check = csum_ipv6_magic(src, dst, p->h.l4_len, IPPROTO_UDP, sum);
	if (!uh->check)
		uh->check = CSUM_MANGLED_0;
}

int nat64_translate_46(struct nat64_packet *p, const struct nat64_session *s,
		       unsigned int headroom, u8 decrement)
{
	struct l4_change c = {
		.sport = s->t6.remote_port,
		.dport = s->t6.client_port,
		.addrs = nat64_csum_neg(s->delta),
	};
	u8 tos = tos_of(p, NAT64_OPTION_TOS_46);
	u8 proto = p->h.proto;
	struct in6_addr src;
	int why;

	/* Usually 20 octets more than before, fewer with IPv4 options. */
	if (p->h.l4_off < sizeof(struct ipv6hdr))
		headroom += sizeof(struct ipv6hdr) - p->h.l4_off;
	why = make_writable(p, headroom);
	if (why)
		return why;
	nat64_address_embed(&p->cfg->prefix[s->t6.prefix], s->t6.remote, &src);
	if (proto == IPPROTO_ICMP) {
		c.sport = s->t6.client_port;
		c.icmp_type = nat64_icmp_query_46(p->h.icmp_type);
		c.icmp = nat64_csum_neg(
			nat64_icmp_query_delta_64(&src, &s->t6.client,
						  p->h.l4_len, c.icmp_type,
						  c.sport, s->t4.pool_port));
		proto = IPPROTO_ICMPV6;
	}
	change_l4(p, &c);
	change_gso(p->skb, SKB_GSO_TCPV4, SKB_GSO_TCPV6);
	move_l3(p, sizeof(struct ipv6hdr));
	write_ip6(p, &src, &s->t6.client, tos, proto, p->h.ttl - decrement);
	if (p->h.udp_csum_zero &&
	    nat64_option(p->cfg, NAT64_OPTION_UDP_ZERO_46) ==
	    NAT64_ZERO46_CALCULATE)
		sum_udp6(p, &src, &s->t6.client);
	return 0;
}

int nat64_translate_66(struct nat64_packet *p, const struct nat64_session *s,
		       const struct nat64_session *t)
{
	u16 addrs = nat64_csum_add(addr_delta_64(p, s),
				   nat64_csum_neg(t->delta));
	struct l4_change c = {
		.sport = s->t4.pool_port,
		.dport = t->t6.client_port,
		.addrs = addrs,
	};
	struct in6_addr src;
	int why;

	why = make_writable(p, 0);
	if (why)
		return why;
	nat64_address_embed(&p->cfg->prefix[t->t6.prefix], t->t6.remote, &src);
	if (p->h.proto == IPPROTO_ICMPV6) {
		c.sport = t->t6.client_port;
		c.icmp_type = p->h.icmp_type;
		c.icmp = nat64_csum_add(addrs,
					nat64_csum_delta16(s->t6.client_port,
							   c.sport));
	}
	change_l4(p, &c);
	move_l3(p, sizeof(struct ipv6hdr));
	write_ip6(p, &src, &t->t6.client, p->h.tos, p->h.proto,
		  p->h.ttl - !p->local);
	return 0;
}

/* At an odd offset the two octets belong to different words of the sum. */
static u16 mss_delta(u16 old, u16 new, unsigned int offset)
{
	if (offset & 1)
		return nat64_csum_delta16(htons(swab16(old)),
					  htons(swab16(new)));
	return nat64_csum_delta16(htons(old), htons(new));
}

void nat64_translate_mss(struct nat64_packet *p, u16 mss)
{
	unsigned int end = p->h.l4_off + p->h.tcp_hlen, i;
	struct tcphdr *th;
	u8 *opt;

	if (skb_ensure_writable(p->skb, end))
		return;
	th = (struct tcphdr *)(p->skb->data + p->h.l4_off);
	opt = (u8 *)th;
	for (i = sizeof(*th); i + TCPOLEN_MSS <= p->h.tcp_hlen;) {
		u16 old;

		if (opt[i] == TCPOPT_EOL)
			return;
		if (opt[i] == TCPOPT_NOP) {
			i++;
			continue;
		}
		if (opt[i + 1] < 2)
			return;
		if (opt[i] != TCPOPT_MSS || opt[i + 1] != TCPOLEN_MSS) {
			i += opt[i + 1];
			continue;
		}
		old = nat64_get_be16(opt + i + 2);
		if (old <= mss)
			return;
		nat64_put_be16(mss, opt + i + 2);
		if (!sum_is_partial(p))
			th->check = nat64_csum_apply(th->check,
						     mss_delta(old, mss, i));
		return;
	}
}
