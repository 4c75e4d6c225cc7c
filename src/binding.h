/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bindings, the entries of the BIB (RFC 6146 3.1): endpoint-independent
 * mappings (X',x) <--> (T,t), one table for all protocols.
 *
 * A binding belongs to the subscriber of its client and is created, changed
 * and removed under that subscriber's lock. It is found under RCU.
 */
#ifndef _NAT64_BINDING_H
#define _NAT64_BINDING_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/rhashtable-types.h>
#include <linux/types.h>
#include "reap.h"

struct nat64_config;
struct nat64_net;
struct nat64_subscriber;

/**
 * struct nat64_bkey6 - client side of a binding
 * @addr: X'
 * @port: x: port, ICMP identifier, or 0 for a protocol without either
 * @proto: IPPROTO_*, IPPROTO_ICMP for ICMPv6
 * @zero: padding, zero
 */
struct nat64_bkey6 {
	struct in6_addr addr;
	__be16 port;
	u8 proto;
	u8 zero;
};

/**
 * struct nat64_bkey4 - pool side of a binding
 * @addr: T
 * @port: t
 * @proto: as in struct nat64_bkey6
 * @zero: padding, zero
 */
struct nat64_bkey4 {
	__be32 addr;
	__be16 port;
	u8 proto;
	u8 zero;
};

#define NAT64_BINDING_STATIC 0x01	/* stays without sessions */
#define NAT64_BINDING_DEAD 0x02		/* unlinked */
#define NAT64_BINDING_IDLE 0x04		/* persistent: kept for a while */
#define NAT64_BINDING_GATED 0x08	/* inbound only as gates allow */

/**
 * struct nat64_binding - one mapping
 * @node6: in nn->bindings6
 * @node4: in nn->bindings4
 * @k6: client side
 * @k4: pool side
 * @sessions: number of its sessions, and of gates that hold it; under the
 *	subscriber's lock
 * @sub: its subscriber, which it keeps alive
 * @session_list: its sessions; written under the subscriber's lock
 * @idle_due: ms, see NAT64_BINDING_IDLE
 * @flags: NAT64_BINDING_*; under the subscriber's lock
 * @idle: in nn->expire.idle, under NAT64_BINDING_IDLE
 * @reap: after it is unlinked
 */
struct nat64_binding {
	struct rhash_head node6;
	struct rhash_head node4;
	struct nat64_bkey6 k6;
	struct nat64_bkey4 k4;
	u32 sessions;
	struct nat64_subscriber *sub;
	struct hlist_head session_list;
	u32 idle_due;
	u8 flags;
	union {
		struct list_head idle;
		struct nat64_reap reap;
	};
};

extern const struct rhashtable_params nat64_binding_params6;
extern const struct rhashtable_params nat64_binding_params4;

int __init nat64_binding_init(void);
void nat64_binding_exit(void);

/** nat64_binding_find6() - by client side. Context: RCU read side. */
struct nat64_binding *nat64_binding_find6(struct nat64_net *nn,
					  const struct nat64_bkey6 *k6);

/**
 * nat64_binding_prefetch6() - somebody will soon ask for a client's binding
 * Context: RCU read side.
 */
void nat64_binding_prefetch6(struct nat64_net *nn,
			     const struct nat64_bkey6 *k6);

/** nat64_binding_find4() - by pool side. Context: RCU read side. */
struct nat64_binding *nat64_binding_find4(struct nat64_net *nn,
					  const struct nat64_bkey4 *k4);

/**
 * nat64_binding_create() - a dynamic binding for a client
 * @nn: namespace
 * @cfg: its configuration
 * @sub: subscriber, locked
 * @k6: client side, not bound yet
 * @why: enum nat64_counter, the reason of a failure
 *
 * Context: @sub->lock held.
 * Return: binding without sessions, or NULL.
 */
struct nat64_binding *nat64_binding_create(struct nat64_net *nn,
					   const struct nat64_config *cfg,
					   struct nat64_subscriber *sub,
					   const struct nat64_bkey6 *k6,
					   int *why);

/**
 * struct nat64_place - where a binding has to be
 * @addr: pool address
 * @want: port, if it is free
 * @exact: @want and no other
 * @flags: NAT64_BINDING_GATED or 0
 */
struct nat64_place {
	__be32 addr;
	__be16 want;
	bool exact;
	u8 flags;
};

/** nat64_binding_create_at() - nat64_binding_create() at a place */
struct nat64_binding *nat64_binding_create_at(struct nat64_net *nn,
					      const struct nat64_config *cfg,
					      struct nat64_subscriber *sub,
					      const struct nat64_bkey6 *k6,
					      const struct nat64_place *place,
					      int *why);

/**
 * nat64_binding_create_pair() - bindings for two adjacent ports of a client
 * @k6: client side of the first one; neither is bound
 * @place: of the first one; its port is even or odd as the client's is
 * @pair: set to both
 *
 * Context: as nat64_binding_create().
 * Return: false with a reason in @why.
 */
bool __must_check nat64_binding_create_pair(struct nat64_net *nn,
					    const struct nat64_config *cfg,
					    struct nat64_subscriber *sub,
					    const struct nat64_bkey6 *k6,
					    const struct nat64_place *place,
					    struct nat64_binding *pair[2],
					    int *why);

/**
 * nat64_binding_owner() - the subscriber that has, or would have, a binding
 *
 * As nat64_subscriber_get(), but bindings outlive a change of the subscriber
 * length, so an existing one decides.
 */
struct nat64_subscriber *nat64_binding_owner(struct nat64_net *nn,
					     const struct nat64_config *cfg,
					     const struct nat64_bkey6 *k6,
					     int *why);

/**
 * nat64_binding_use() - @b gets another session, or gate
 * Context: subscriber's lock held.
 */
void nat64_binding_use(struct nat64_net *nn, struct nat64_binding *b);

/**
 * nat64_binding_drop() - remove a dynamic binding that has no session
 *
 * With option persistent it becomes idle instead. One that is gone already
 * stays so.
 *
 * Context: subscriber's lock held.
 */
void nat64_binding_drop(struct nat64_net *nn, const struct nat64_config *cfg,
			struct nat64_binding *b);

/**
 * nat64_binding_put() - a session of @b, or a gate, is gone
 *
 * Removes a dynamic binding with its last session (RFC 6146 3.1).
 *
 * Context: subscriber's lock held.
 */
void nat64_binding_put(struct nat64_net *nn, struct nat64_binding *b);

/**
 * nat64_binding_add_static() - make a static binding
 * @nn: namespace
 * @cfg: configuration that will hold for it
 * @k6: client side
 * @k4: pool side; an equal dynamic binding becomes static
 *
 * Context: Process, nn->config_lock held.
 * Return: 0, -EEXIST if either side is bound to something else, -ENOSPC for
 * the limits on bindings and subscribers, -ENOMEM.
 */
int __must_check nat64_binding_add_static(struct nat64_net *nn,
					  const struct nat64_config *cfg,
					  const struct nat64_bkey6 *k6,
					  const struct nat64_bkey4 *k4);

/**
 * nat64_binding_del_static() - remove a static binding and its sessions
 * @nn: namespace
 * @k6: client side
 * @keep: if it has sessions, make it a dynamic binding instead
 *
 * Context: Process, nn->config_lock held.
 */
void nat64_binding_del_static(struct nat64_net *nn,
			      const struct nat64_bkey6 *k6, bool keep);

/**
 * nat64_binding_expire() - remove idle bindings
 * @due: only those whose time is over; otherwise all
 *
 * Context: Process.
 */
void nat64_binding_expire(struct nat64_net *nn, bool due);

#endif /* _NAT64_BINDING_H */
