// SPDX-License-Identifier: GPL-2.0
#include "packet.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/ip.h>

#include "send.h"
#include "trace.h"

/* Reasons of a parser; those without an entry are drop-malformed. */
static int header_reason(enum nat64_header_result result)
{
	switch (result) {
	case NAT64_HEADER_OK:
		return 0;
	case NAT64_HEADER_TRUNCATED:
		return NAT64_CNT_DROP_TRUNCATED;
	case NAT64_HEADER_TINY_FRAGMENT:
		return NAT64_CNT_DROP_FRAGMENT;
	case NAT64_HEADER_SEGMENTS_LEFT:
	case NAT64_HEADER_SOURCE_ROUTE:
		return NAT64_CNT_DROP_SOURCE_ROUTE;
	case NAT64_HEADER_EXT_IN_FRAGMENT:
	case NAT64_HEADER_TOO_MANY_EXT:
		return NAT64_CNT_DROP_EXTENSIONS;
	default:
		return NAT64_CNT_DROP_MALFORMED;
	}
}

typedef enum nat64_header_result parse_fn(const u8 *pkt, u32 avail, u32 total,
					  struct nat64_header *h);

/* @fn is a constant of every caller: no indirect call */
static __always_inline int parse(struct nat64_packet *p, parse_fn *fn)
{
	struct sk_buff *skb = p->skb;
	enum nat64_header_result result;

	for (;;) {
		result = fn(skb->data, skb_headlen(skb), skb->len, &p->h);
		if (likely(result != NAT64_HEADER_NEED))
			break;
		if (!pskb_may_pull(skb, p->h.need))
			return NAT64_CNT_DROP_TRUNCATED;
	}
	if (unlikely(result))
		return header_reason(result);
	/* What the kernel did not reassemble cannot be looked up. */
	if (p->h.frag_off || p->h.more)
		return NAT64_CNT_DROP_FRAGMENT;
	skb_set_transport_header(skb, p->h.l4_off);
	return 0;
}

/* Size of the fragments that an IPv6 packet came in, or would leave in. */
static u32 fragments6(const struct nat64_packet *p)
{
	const struct sk_buff *skb = p->skb;
	u32 mtu;

	if (!p->local)
		return IP6CB(skb)->flags & IP6SKB_FRAGMENTED ?
			       IP6CB(skb)->frag_max_size :
			       (p->h.frag ? p->h.len : 0);
	/* A large datagram of our own, just before it is fragmented. */
	mtu = skb_dst(skb) ? dst_mtu(skb_dst(skb)) : IPV6_MIN_MTU;
	return !skb_is_gso(skb) && p->h.len > mtu ? mtu : 0;
}

int nat64_packet_parse6(struct nat64_packet *p)
{
	int why = parse(p, nat64_header_parse6);

	if (!why)
		p->frag_max = min_t(u32, fragments6(p), U16_MAX);
	return why;
}

int nat64_packet_parse4(struct nat64_packet *p)
{
	int why = parse(p, nat64_header_parse4);

	if (!why && !p->local)
		p->frag_max = IPCB(p->skb)->frag_max_size;
	return why;
}

void nat64_packet_segment(const struct nat64_packet *p,
			  struct nat64_tcp_segment *seg)
{
	const struct tcphdr *th = tcp_hdr(p->skb);

	seg->seq = ntohl(th->seq);
	seg->ack = ntohl(th->ack_seq);
	seg->len = p->h.l4_len - p->h.tcp_hlen;
	seg->window = ntohs(th->window);
	seg->flags = p->h.tcp_flags;
	seg->wscale = NAT64_TCP_NO_WSCALE;
	if (seg->flags & NAT64_TCP_SYN &&
	    pskb_may_pull(p->skb, p->h.l4_off + p->h.tcp_hlen))
		seg->wscale = nat64_tcp_wscale((const u8 *)tcp_hdr(p->skb),
					       p->h.tcp_hlen);
}

u32 nat64_packet_l4_len(const struct nat64_packet *p)
{
	if (!skb_is_gso(p->skb))
		return p->h.l4_len;
	return skb_shinfo(p->skb)->gso_size +
	       (p->h.proto == IPPROTO_TCP ? p->h.tcp_hlen : sizeof(struct udphdr));
}

/*
 * The answer to a packet that is refused; type 0 is none (ICMPv6 has no
 * type 0, ICMPv4's is no error).
 */
struct reply {
	u8 type;
	u8 code;
	bool always; /* not policy: the sender cannot do without */
	bool exhaustion; /* code by option exhaustion-error */
};

static const struct reply reply6[NAT64_COUNTER_COUNT] = {
	[NAT64_CNT_DROP_HOP_LIMIT] = {
		ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, .always = true },
	[NAT64_CNT_DROP_TOO_BIG] = { ICMPV6_PKT_TOOBIG, 0, .always = true },
	[NAT64_CNT_DROP_SOURCE_ROUTE] = { ICMPV6_PARAMPROB, ICMPV6_HDR_FIELD },
	[NAT64_CNT_DROP_PROTOCOL] = {
		ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH },
	[NAT64_CNT_DROP_ROUTE] = { ICMPV6_DEST_UNREACH, ICMPV6_NOROUTE },
	[NAT64_CNT_DROP_EXTENSIONS] = {
		ICMPV6_DEST_UNREACH, ICMPV6_ADM_PROHIBITED },
	[NAT64_CNT_DROP_WKP] = {
		ICMPV6_DEST_UNREACH, ICMPV6_ADM_PROHIBITED },
	[NAT64_CNT_DROP_UDP_ZERO] = {
		ICMPV6_DEST_UNREACH, ICMPV6_ADM_PROHIBITED },
	[NAT64_CNT_DROP_CONFLICT] = {
		ICMPV6_DEST_UNREACH, ICMPV6_ADM_PROHIBITED },
	[NAT64_CNT_DROP_POOL_EMPTY] = { ICMPV6_DEST_UNREACH,
		.exhaustion = true },
	[NAT64_CNT_DROP_NO_PAT] = { ICMPV6_DEST_UNREACH,
		.exhaustion = true },
	[NAT64_CNT_DROP_SESSION_LIMIT] = { ICMPV6_DEST_UNREACH,
		.exhaustion = true },
	[NAT64_CNT_DROP_SUB_LIMIT] = { ICMPV6_DEST_UNREACH,
		.exhaustion = true },
	[NAT64_CNT_DROP_SUB_SESSIONS] = { ICMPV6_DEST_UNREACH,
		.exhaustion = true },
	[NAT64_CNT_DROP_SUB_PORTS] = { ICMPV6_DEST_UNREACH,
		.exhaustion = true },
	[NAT64_CNT_DROP_SUB_RATE] = { ICMPV6_DEST_UNREACH,
		.exhaustion = true },
};

static const struct reply reply4[NAT64_COUNTER_COUNT] = {
	[NAT64_CNT_DROP_HOP_LIMIT] = {
		ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, .always = true },
	[NAT64_CNT_DROP_TOO_BIG] = {
		ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, .always = true },
	[NAT64_CNT_DROP_SOURCE_ROUTE] = { ICMP_DEST_UNREACH, ICMP_SR_FAILED },
	[NAT64_CNT_DROP_PROTOCOL] = { ICMP_DEST_UNREACH, ICMP_PROT_UNREACH },
	[NAT64_CNT_DROP_ROUTE] = { ICMP_DEST_UNREACH, ICMP_HOST_UNREACH },
	[NAT64_CNT_DROP_WKP] = { ICMP_DEST_UNREACH, ICMP_PKT_FILTERED },
};

/* icmp-error-rate: a fresh budget every second, shared by all CPUs. */
static bool reply_allowed(struct nat64_packet *p, const struct reply *r)
{
	u32 rate = nat64_option(p->cfg, NAT64_OPTION_ICMP_ERROR_RATE);
	struct nat64_net *nn = p->nn;
	u32 now = nat64_now();

	if (!r->always &&
	    nat64_option(p->cfg, NAT64_OPTION_ICMP_ERRORS) == NAT64_OFF)
		return false;
	if (!rate)
		return true;
	if (now - READ_ONCE(nn->error_stamp) >= MSEC_PER_SEC) {
		WRITE_ONCE(nn->error_stamp, now);
		atomic_set(&nn->error_count, 0);
	}
	if ((u32)atomic_inc_return(&nn->error_count) <= rate)
		return true;
	nat64_count(nn, NAT64_CNT_ICMP_LIMITED);
	return false;
}

/*
 * The sender of a segment believes an error only if it quotes a number of its
 * own (RFC 5927 4), which an ALG may have changed.
 */
static void quote_said(struct nat64_packet *p)
{
	struct tcphdr *th = (struct tcphdr *)(p->skb->data + p->h.l4_off);
	__be32 said = htonl(p->said);

	if (!p->mangled || th->seq == said)
		return;
	if (p->skb->ip_summed != CHECKSUM_PARTIAL)
		csum_replace4(&th->check, th->seq, said);
	th->seq = said;
}

unsigned int nat64_packet_drop6(struct nat64_packet *p, int why)
{
	const struct reply *r = &reply6[why];
	u8 code = r->code;
	u32 info = 0;

	nat64_count(p->nn, why);
	trace_nat64_drop(p->skb, nat64_stats_name(why));
	if (!r->type || p->h.icmp_error)
		return NF_DROP;
	if (r->exhaustion) {
		switch (nat64_option(p->cfg, NAT64_OPTION_EXHAUSTION)) {
		case NAT64_EXHAUST_SILENT:
			return NF_DROP;
		case NAT64_EXHAUST_ADDRESS:
			code = ICMPV6_ADDR_UNREACH;
			break;
		default:
			code = ICMPV6_ADM_PROHIBITED;
		}
	} else if (why == NAT64_CNT_DROP_SOURCE_ROUTE) {
		info = p->h.error_ptr;
	} else if (why == NAT64_CNT_DROP_TOO_BIG) {
		info = p->mtu;
	}
	if (reply_allowed(p, r)) {
		quote_said(p);
		nat64_send_error6(p, r->type, code, info);
	}
	return NF_DROP;
}

unsigned int nat64_packet_drop4(struct nat64_packet *p, int why)
{
	const struct reply *r = &reply4[why];

	nat64_count(p->nn, why);
	trace_nat64_drop(p->skb, nat64_stats_name(why));
	if (r->type && !p->h.icmp_error && reply_allowed(p, r)) {
		quote_said(p);
		nat64_send_error4(p, r->type, r->code,
				  why == NAT64_CNT_DROP_TOO_BIG ? p->mtu : 0);
	}
	return NF_DROP;
}
