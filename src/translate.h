/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rewriting of a packet in place (RFC 7915, RFC 6146 3.7).
 *
 * A function either fails with the packet unchanged, or leaves a complete
 * packet of the new family at skb->data.
 */
#ifndef _NAT64_TRANSLATE_H
#define _NAT64_TRANSLATE_H

#include <linux/types.h>

struct nat64_packet;
struct nat64_session;

/**
 * nat64_translate_64() - IPv6 to IPv4
 * @p: parsed packet; p->skb's head may be replaced
 * @s: its session
 * @df: set Don't Fragment
 *
 * Return: 0, or an enum nat64_counter.
 */
int nat64_translate_64(struct nat64_packet *p, const struct nat64_session *s,
		       bool df);

/**
 * nat64_translate_46() - IPv4 to IPv6
 * @headroom: for the link layer of the device that it will leave by
 * @decrement: 1, or 0 if the packet is for this box
 *
 * Return: 0, or an enum nat64_counter.
 */
int nat64_translate_46(struct nat64_packet *p, const struct nat64_session *s,
		       unsigned int headroom, u8 decrement);

/**
 * nat64_translate_66() - hairpin: both translations in one step
 * @s: session of the sender
 * @t: session of the receiver
 *
 * Return: 0, or an enum nat64_counter.
 */
int nat64_translate_66(struct nat64_packet *p, const struct nat64_session *s,
		       const struct nat64_session *t);

/**
 * nat64_translate_mss() - lower the MSS option of a SYN
 * @p: parsed TCP segment, not translated yet
 * @mss: upper bound
 */
void nat64_translate_mss(struct nat64_packet *p, u16 mss);

#endif /* _NAT64_TRANSLATE_H */
