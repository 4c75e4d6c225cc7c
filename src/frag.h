/* SPDX-License-Identifier: GPL-2.0 */
/* Fragmentation of IPv6 packets that were IPv4 ones (RFC 7915 4.1). */
#ifndef _NAT64_FRAG_H
#define _NAT64_FRAG_H

#include <linux/types.h>

struct net;
struct sk_buff;
struct sock;

/**
 * nat64_frag_mark() - note how a packet is to be fragmented
 * @skb: IPv6, no extension headers, no super-packet; its control block is
 *	free to be written
 * @max: largest fragment, IPv6 and fragment header included
 * @id: identification
 */
void nat64_frag_mark(struct sk_buff *skb, u16 max, __be32 id);

/**
 * nat64_frag_output() - send the fragments of a marked packet
 *
 * Behind the firewall, which has seen the whole packet.
 */
int nat64_frag_output(struct net *net, struct sock *sk, struct sk_buff *skb);

#endif /* _NAT64_FRAG_H */
