/* SPDX-License-Identifier: GPL-2.0 */
/* A packet on its way through the translator. */
#ifndef _NAT64_PACKET_H
#define _NAT64_PACKET_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include "config.h"
#include "header.h"
#include "netns.h"

/**
 * struct nat64_packet - what is known about a packet
 * @skb: the packet; data points to its IP header
 * @state: of the hook that it came through
 * @nn: namespace
 * @cfg: its configuration; one for the whole way of the packet
 * @h: parsed headers
 * @prefix: from IPv6: index of the prefix of its destination
 * @mtu: MTU to report when it is dropped as too big
 * @frag_max: size of the largest fragment that it arrived in, 0 if whole
 * @local: this box sent it
 * @mangled: ALGs that have seen it: NAT64_MANGLED() bits
 * @said: with @mangled: a sequence number of its sender's, for errors
 */
struct nat64_packet {
	struct sk_buff *skb;
	const struct nf_hook_state *state;
	struct nat64_net *nn;
	const struct nat64_config *cfg;
	struct nat64_header h;
	int prefix;
	u32 mtu;
	u16 frag_max;
	bool local;
	u8 mangled;
	u32 said;
};

/* Kernels that zero what is on the stack need not do it to what is written. */
#if __has_attribute(uninitialized)
#define NAT64_UNINITIALIZED __attribute__((uninitialized))
#else
#define NAT64_UNINITIALIZED
#endif

/**
 * nat64_packet_parse6() - read the headers, and what they came in
 *
 * For a packet that went through the receive function of IP, whose control
 * block says how it was fragmented.
 *
 * Return: 0, or an enum nat64_counter, the reason to drop it.
 */
int nat64_packet_parse6(struct nat64_packet *p);

/** nat64_packet_parse4() - as nat64_packet_parse6() */
int nat64_packet_parse4(struct nat64_packet *p);

/** nat64_packet_proto() - IPPROTO_* as sessions have it */
static inline u8 nat64_packet_proto(const struct nat64_packet *p)
{
	return p->h.proto == IPPROTO_ICMPV6 ? IPPROTO_ICMP : p->h.proto;
}

/**
 * nat64_packet_hops_left() - may an IPv6 packet go on?
 *
 * The box's own packets have not come a hop yet.
 *
 * Return: 0, or NAT64_CNT_DROP_HOP_LIMIT.
 */
static inline int nat64_packet_hops_left(const struct nat64_packet *p)
{
	return p->local || p->h.ttl > 1 ? 0 : NAT64_CNT_DROP_HOP_LIMIT;
}

/** nat64_packet_segment() - the fields of a TCP segment for its state */
void nat64_packet_segment(const struct nat64_packet *p,
			  struct nat64_tcp_segment *seg);

/**
 * nat64_packet_l4_len() - transport octets of the packet as it will be sent
 *
 * Of a super-packet that is one segment, which decides about the MTU.
 */
u32 nat64_packet_l4_len(const struct nat64_packet *p);

/**
 * nat64_packet_drop6() - refuse a packet from the IPv6 side
 * @why: enum nat64_counter
 *
 * Counts it, and answers with the ICMPv6 error that belongs to the reason.
 * The packet is unchanged.
 *
 * Return: NF_DROP.
 */
unsigned int nat64_packet_drop6(struct nat64_packet *p, int why);

/** nat64_packet_drop4() - as nat64_packet_drop6(), from the IPv4 side */
unsigned int nat64_packet_drop4(struct nat64_packet *p, int why);

#endif /* _NAT64_PACKET_H */
