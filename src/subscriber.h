/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Subscribers: the owner of bindings, told apart by an IPv6 prefix
 * (RFC 6877 6.3: a CLAT client is many addresses of one prefix).
 *
 * Its lock serialises all creation and removal of its bindings and sessions,
 * so quotas are plain numbers, and different subscribers never wait for each
 * other.
 */
#ifndef _NAT64_SUBSCRIBER_H
#define _NAT64_SUBSCRIBER_H

#include <linux/in6.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include "pool.h"
#include "reap.h"

struct nat64_config;
struct nat64_net;

/**
 * struct nat64_subscriber - one customer
 * @node: in nn->subscribers
 * @key: address with the bits behind the subscriber length cleared
 * @lock: see above; protects everything below
 * @dead: unlinked; who finds this looks again
 * @has_addr: bit (1 << enum nat64_l4): @addr is set
 * @bindings: number of its bindings; it lives until this is zero again
 * @sessions: number of its sessions, and of gates, which become sessions
 * @gates: number of its gates
 * @ports: number of its bindings per protocol
 * @addr: its pool address per protocol (RFC 6888 REQ-2: the same for all)
 * @tokens: sessions that it may still open in this second
 * @refilled: ms, when @tokens was filled last
 * @reap: after it is unlinked
 */
struct nat64_subscriber {
	struct rhash_head node;
	struct in6_addr key;
	spinlock_t lock;
	bool dead;
	u8 has_addr;
	u32 bindings;
	u32 sessions;
	u32 gates;
	u32 ports[NAT64_L4_COUNT];
	__be32 addr[NAT64_L4_COUNT];
	u32 tokens;
	u32 refilled;
	struct nat64_reap reap;
};

extern const struct rhashtable_params nat64_subscriber_params;

int __init nat64_subscriber_init(void);
void nat64_subscriber_exit(void);

/**
 * nat64_subscriber_get() - the subscriber of a client
 * @nn: namespace
 * @cfg: its configuration
 * @client: address of the client
 * @why: enum nat64_counter, the reason of a failure
 *
 * The caller locks it, looks again if it is dead by then, and settles it
 * before unlocking.
 *
 * Context: RCU read side, softirqs disabled.
 * Return: a subscriber, made if need be, or NULL.
 */
struct nat64_subscriber *nat64_subscriber_get(struct nat64_net *nn,
					      const struct nat64_config *cfg,
					      const struct in6_addr *client,
					      int *why);

/**
 * nat64_subscriber_settle() - unlink a subscriber that owns nothing
 *
 * Context: @sub->lock held, softirqs disabled. The last thing to do before
 * every unlock that follows a change.
 */
void nat64_subscriber_settle(struct nat64_net *nn,
			     struct nat64_subscriber *sub);

/**
 * nat64_subscriber_kept() - part of a limit that a new session must leave
 * @limit: of sessions, or of new ones
 * @unasked: it is opened from outside, by nobody that was asked to
 *
 * Anybody may send to a binding. An eighth is kept for what clients open, so
 * that nobody outside can use up what they need.
 */
static inline u32 nat64_subscriber_kept(u32 limit, bool unasked)
{
	return unasked ? limit / 8 : 0;
}

/**
 * nat64_subscriber_allows() - take a token for a new session (subscriber-rate)
 * @unasked: as above
 */
bool nat64_subscriber_allows(const struct nat64_config *cfg,
			     struct nat64_subscriber *sub, bool unasked);

#endif /* _NAT64_SUBSCRIBER_H */
