/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Gates: permissions that an ALG gives for one data flow each.
 *
 * A gate belongs to a control connection and to the subscriber of its client,
 * whose lock protects it. It is found under RCU, on a session miss only, and
 * only while the namespace has any.
 *
 * A gate for packets from the IPv4 side holds a binding, which so exists before
 * its port is written into a payload. The session that comes through the gate
 * uses the same binding before the gate lets go of it: there is never a
 * moment when neither owns it. Such a binding, if the gate made it, is
 * NAT64_BINDING_GATED: whatever the filtering option says, from outside it can
 * be reached through gates and sessions only.
 *
 * A gate of GRE holds the control connection's binding: call ids are unique per
 * (pool address, server), not per pool address (S-28). Each direction of a call
 * has its gate and makes its session, struct nat64_call; a call id is given
 * only if both keys of that session are free.
 */
#ifndef _NAT64_GATE_H
#define _NAT64_GATE_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/nat64.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable-types.h>
#include <linux/types.h>
#include "nat64_alg.h"
#include "session.h"

struct nat64_binding;
struct nat64_config;
struct nat64_conn;
struct nat64_net;

/**
 * struct nat64_gkey6 - first packet from the IPv6 side
 * @client: its source; the port may be any
 * @remote: server
 * @remote_port: its port; GRE: the call id that the client uses; 0: any
 * @proto: IPPROTO_*
 * @zero: padding, zero
 */
struct nat64_gkey6 {
	struct in6_addr client;
	__be32 remote;
	__be16 remote_port;
	u8 proto;
	u8 zero;
};

/**
 * struct nat64_gkey4 - first packet from the IPv4 side
 * @remote: its source, 0: any
 * @pool: pool address
 * @pool_port: port or call id there
 * @proto: IPPROTO_*
 * @zero: padding, zero
 */
struct nat64_gkey4 {
	__be32 remote;
	__be32 pool;
	__be16 pool_port;
	u8 proto;
	u8 zero;
};

/**
 * struct nat64_gate - one gate
 * @node: in nn->gates6 or nn->gates4, by @dir; not for a reservation. Gates of
 *	several connections may have the same key
 * @k6: key if @dir is NAT64_DIR_64
 * @k4: key if @dir is NAT64_DIR_46
 * @client_port: see struct nat64_gate_spec
 * @remote_port: likewise
 * @dir: enum nat64_dir
 * @flags: NAT64_GATE_*, NAT64_GATE_DEAD
 * @deadline: ms, nat64_now()
 * @binding: that it holds
 * @conn: whose it is; the gate keeps it alive
 * @conn_node: in conn->gates
 * @id: index in nn->gates
 * @rcu: after it is unlinked
 */
struct nat64_gate {
	struct rhlist_head node;
	union {
		struct nat64_gkey6 k6;
		struct nat64_gkey4 k4;
	};
	__be16 client_port;
	__be16 remote_port;
	u8 dir;
	u8 flags;
	u32 deadline;
	struct nat64_binding *binding;
	struct nat64_conn *conn;
	struct list_head conn_node;
	u32 id;
	struct rcu_head rcu;
};

#define NAT64_GATE_DEAD 0x80

int __init nat64_gate_init(void);
void nat64_gate_exit(void);

int __must_check nat64_gate_net_init(struct nat64_net *nn);
/** nat64_gate_net_exit() - no gate is left */
void nat64_gate_net_exit(struct nat64_net *nn);

/** nat64_gate_proto() - IPPROTO_* */
u8 nat64_gate_proto(const struct nat64_gate *g);

/**
 * nat64_gate_find6() - the gate for a packet that has no session, or NULL
 * Context: RCU read side.
 */
struct nat64_gate *nat64_gate_find6(struct nat64_net *nn,
				    const struct nat64_tuple6 *t6);

/** nat64_gate_find4() - as nat64_gate_find6() */
struct nat64_gate *nat64_gate_find4(struct nat64_net *nn,
				    const struct nat64_tuple4 *t4);

/**
 * nat64_gate_tuples() - both sides of the session that a packet makes
 * @g: gate that the packet found
 * @cfg: configuration
 * @t6: from the IPv6 side: given; otherwise result
 * @t4: from the IPv4 side: given; otherwise result
 *
 * Only for gates of NAT64_DIR_46 and of GRE; behind the others a session is
 * made as without them. For GRE the result has .quoted set.
 *
 * Context: RCU read side.
 * Return: false: the control connection has ended.
 */
bool nat64_gate_tuples(const struct nat64_gate *g,
		       const struct nat64_config *cfg,
		       struct nat64_tuple6 *t6, struct nat64_tuple4 *t4);

/* nat64_alg_gate_open() and _close() of include/nat64_alg.h are in grant.c. */

/**
 * nat64_gate_use() - a session was made; the gate is used up
 *
 * @s has been inserted and holds its own reference to the binding.
 *
 * Context: subscriber's lock held.
 */
void nat64_gate_use(struct nat64_net *nn, struct nat64_gate *g,
		    struct nat64_session *s);

/** nat64_gate_close_all() - of @conn; subscriber's lock held */
void nat64_gate_close_all(struct nat64_net *nn, struct nat64_conn *conn);

/**
 * nat64_gate_abandon() - close all that hold @b, which is about to go
 * Context: RCU read side, subscriber's lock held.
 */
void nat64_gate_abandon(struct nat64_net *nn, struct nat64_binding *b);

/**
 * nat64_gate_expire() - close gates
 * @due: only those whose time is over; otherwise all
 *
 * Context: Process.
 * Return: how many.
 */
u32 nat64_gate_expire(struct nat64_net *nn, bool due);

/*
 * The steps of making a gate, for grant.c. Subscriber's lock held.
 */

/** nat64_gate_alloc() - a gate of @conn, otherwise zero, or NULL */
struct nat64_gate *nat64_gate_alloc(struct nat64_conn *conn);

/** nat64_gate_number() - give it its number, which lists it */
int __must_check nat64_gate_number(struct nat64_net *nn, struct nat64_gate *g);

/** nat64_gate_taken() - is there a gate with the key of @g? */
bool nat64_gate_taken(struct nat64_net *nn, const struct nat64_gate *g);

/** nat64_gate_insert() - let packets find it by its key */
int __must_check nat64_gate_insert(struct nat64_net *nn,
				    struct nat64_gate *g);

/** nat64_gate_link() - it is open, and holds its binding */
void nat64_gate_link(struct nat64_net *nn, struct nat64_gate *g);

/** nat64_gate_discard() - instead of nat64_gate_link(), with no key to find */
void nat64_gate_discard(struct nat64_net *nn, struct nat64_gate *g);

/**
 * nat64_gate_unlink() - close a gate
 * @event: why
 */
void nat64_gate_unlink(struct nat64_net *nn, struct nat64_gate *g,
		       enum nat64_event event);

/**
 * nat64_gate_quoted() - what packets of a call to the IPv4 side become
 *
 * No packet can come in by it; an ICMP error about them quotes it.
 */
void nat64_gate_quoted(struct nat64_tuple4 *t4,
		       const struct nat64_alg_ctx *ctx, __be32 remote,
		       __be16 id);

#endif /* _NAT64_GATE_H */
