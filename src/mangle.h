/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the packets of a control connection and the streams of its ALG
 * (src/stream.h): numbers, windows and SACK blocks are mapped in place, and
 * segments with edits are built anew.
 */
#ifndef _NAT64_MANGLE_H
#define _NAT64_MANGLE_H

#include <linux/types.h>
#include "nat64_alg.h"

struct nat64_packet;
struct nat64_session;

/**
 * typedef nat64_onward - the rest of the way of a packet
 * @p: packet
 * @s: its session
 * @sender: see nat64_mangle()
 *
 * Return: a verdict; NF_STOLEN if the packet was consumed.
 */
typedef unsigned int nat64_onward(struct nat64_packet *p,
				  struct nat64_session *s,
				  struct nat64_session *sender);

/* A hairpinned packet passes the sender's session, then the receiver's. */
#define NAT64_MANGLED(sender) ((sender) ? 2 : 1)

/**
 * nat64_mangle() - a segment of a control connection
 * @p: parsed, not translated; TCP
 * @s: session with NAT64_SESSION_ALG
 * @dir: direction in which @s is passed
 * @onward: what to do with each segment that leaves
 * @sender: hairpin: the session of the sender, which the segment has passed
 *	already; otherwise NULL
 *
 * Runs the TCP state machine of @s as well.
 *
 * Context: RCU read side, softirqs disabled; takes the connection's lock.
 * Return: a verdict.
 */
unsigned int nat64_mangle(struct nat64_packet *p, struct nat64_session *s,
			  enum nat64_dir dir, nat64_onward *onward,
			  struct nat64_session *sender);

#endif /* _NAT64_MANGLE_H */
