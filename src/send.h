/* SPDX-License-Identifier: GPL-2.0 */
/* Routes, firewall, output; and the packets that we make ourselves. */
#ifndef _NAT64_SEND_H
#define _NAT64_SEND_H

#include <linux/types.h>
#include <net/dst.h>
#include "session.h"

struct nat64_packet;

/**
 * nat64_send_route4() - route of a translated packet
 * @p: the packet, in any state of translation
 * @s: session whose cached route is used and renewed; NULL: no cache, the
 *	caller releases the route
 * @saddr: its IPv4 source
 * @daddr: its IPv4 destination
 *
 * Context: RCU read side.
 * Return: route, or NULL if there is none to a unicast destination.
 */
struct dst_entry *nat64_send_route4(struct nat64_packet *p,
				    struct nat64_session *s, __be32 saddr,
				    __be32 daddr);

/** nat64_send_route6() - as nat64_send_route4() */
struct dst_entry *nat64_send_route6(struct nat64_packet *p,
				    struct nat64_session *s,
				    const struct in6_addr *saddr,
				    const struct in6_addr *daddr);

/** nat64_send_to_client() - the way from the server of @s to its client */
struct dst_entry *nat64_send_to_client(struct nat64_packet *p,
				       struct nat64_session *s);

/** nat64_send_is_local() - is the route to this box itself? */
bool nat64_send_is_local(const struct dst_entry *dst);

/**
 * nat64_send_specific6() - is there a route that the prefix must not hide?
 *
 * A route more specific than the prefix leads to a host that has the address
 * itself (RFC 7915 4.6, 5.6).
 */
bool nat64_send_specific6(const struct nat64_packet *p);

/**
 * nat64_send4() - pass an IPv4 packet through the firewall and send it
 * @p: hook, namespace; p->skb is IPv4
 * @dst: its route; a reference stays with the caller
 * @frag_max: fragment it to at most this size; 0: as the MTU demands
 *
 * It runs the hook that a packet of the new family would run here: FORWARD,
 * or OUTPUT if this box sent it, or none yet if it is on its way to this
 * box's INPUT.
 *
 * Context: RCU read side, softirqs disabled. Consumes p->skb.
 */
void nat64_send4(struct nat64_packet *p, struct dst_entry *dst, u16 frag_max);

/**
 * nat64_send6() - as nat64_send4()
 * @frag_max: fragment it to at most this size, fragment header included; 0:
 *	it fits
 * @frag_id: identification of the fragments
 */
void nat64_send6(struct nat64_packet *p, struct dst_entry *dst, u16 frag_max,
		 __be32 frag_id);

/** nat64_send_error6() - ICMPv6 error about p->skb, which is unchanged */
void nat64_send_error6(struct nat64_packet *p, u8 type, u8 code, u32 info);

/** nat64_send_error4() - ICMPv4 error about p->skb, which is unchanged */
void nat64_send_error4(struct nat64_packet *p, u8 type, u8 code, u32 info);

/** nat64_send_icmp4() - ICMPv4 error about @skb, an IPv4 packet */
void nat64_send_icmp4(struct nat64_net *nn, struct sk_buff *skb, u8 type,
		      u8 code, u32 info);

/**
 * nat64_send_probe() - ask the IPv6 end whether a session still lives
 *
 * An ACK without data, seq 0 and ack 0 (RFC 6146 3.5.2.2).
 *
 * Context: RCU read side, softirqs disabled.
 */
void nat64_send_probe(struct nat64_net *nn, const struct nat64_config *cfg,
		      const struct nat64_session *s);

/**
 * struct nat64_ack - an acknowledgement that an end would have sent
 * @seq: its sequence number, as the other end sees it
 * @ack: what it acknowledges, likewise
 * @window: as on the wire
 * @has_ts: with a timestamp option
 * @tsval: as on the wire
 * @tsecr: as on the wire
 */
struct nat64_ack {
	u32 seq;
	u32 ack;
	__be16 window;
	bool has_ts;
	__be32 tsval;
	__be32 tsecr;
};

/**
 * nat64_send_ack() - answer a segment with an ACK in its receiver's place
 * @p: the segment, not translated
 * @ack: the answer
 *
 * Without memory or route none is sent: the sender repeats its segment.
 *
 * Context: RCU read side, softirqs disabled.
 */
void nat64_send_ack(const struct nat64_packet *p,
		    const struct nat64_ack *ack);

#endif /* _NAT64_SEND_H */
