/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions (RFC 6146 3.2): one object in two hash tables.
 *
 * Found under RCU with one probe; created, moved between states and removed
 * under the lock of the subscriber that its binding belongs to. Removal only
 * unlinks; memory is freed after a grace period.
 */
#ifndef _NAT64_SESSION_H
#define _NAT64_SESSION_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/rhashtable-types.h>
#include <linux/types.h>
#include "binding.h"
#include "nat64_alg.h"
#include "reap.h"
#include "tcpstate.h"

struct dst_entry;
struct nat64_config;
struct nat64_conn;
struct nat64_gate;
struct nat64_net;

/**
 * struct nat64_tuple6 - a session seen from IPv6
 * @client: X'
 * @remote: Z, the server; the IPv6 destination is @prefix with Z in it
 * @client_port: x, or the ICMP identifier
 * @remote_port: y, 0 for ICMP
 * @proto: IPPROTO_*, IPPROTO_ICMP for ICMPv6
 * @prefix: index into nat64_config.prefix
 * @quoted: GRE: see struct nat64_call; otherwise zero
 * @zero: padding, zero
 */
struct nat64_tuple6 {
	struct in6_addr client;
	__be32 remote;
	__be16 client_port;
	__be16 remote_port;
	u8 proto;
	u8 prefix;
	u8 quoted;
	u8 zero;
};

/**
 * struct nat64_tuple4 - a session seen from IPv4
 * @remote: Z
 * @pool: T
 * @remote_port: z
 * @pool_port: t, or the ICMP identifier
 * @proto: as in struct nat64_tuple6
 * @quoted: likewise
 * @zero: padding, zero
 */
struct nat64_tuple4 {
	__be32 remote;
	__be32 pool;
	__be16 remote_port;
	__be16 pool_port;
	u8 proto;
	u8 quoted;
	u16 zero;
};

#define NAT64_SESSION_DEAD 0x01		/* unlinked */
#define NAT64_SESSION_INBOUND 0x02	/* opened from the IPv4 side */
#define NAT64_SESSION_HAIRPIN 0x04	/* the server is behind us as well */
#define NAT64_SESSION_ALG 0x08		/* control connection of an ALG */
#define NAT64_SESSION_DATA 0x10		/* came through a gate */
/* What an established flow need not look at one by one. */
#define NAT64_SESSION_SPECIAL						\
	(NAT64_SESSION_HAIRPIN | NAT64_SESSION_ALG | NAT64_SESSION_DATA)

/**
 * struct nat64_call - GRE behind a gate (RFC 2637 4.1)
 * @client_port: the call id that the IPv6 end gave
 *
 * A packet carries one call id, which the receiver gave. So a call is two
 * sessions with the same @client_port, one per direction. c and s are what the
 * IPv6 and the IPv4 end gave, c' and s' what the other end was told instead:
 *
 *	packets		t6: client, remote		t4: pool, remote
 *	to IPv6		c, 0, quoted			c', 0
 *	to IPv4		0, s'				0, s, quoted
 *
 * No packet may come in by a key that is "quoted": it is what an ICMP error
 * about a translated packet quotes, and it is looked up for that only.
 */
struct nat64_call {
	__be16 client_port;
};

/**
 * struct nat64_session - one session
 * @node6: in nn->sessions6
 * @node4: in nn->sessions4
 * @t6: key; constant
 * @t4: key; constant
 * @deadline: ms on nat64_now()'s clock; written without lock by any packet
 * @state: enum nat64_state
 * @flags: NAT64_SESSION_*
 * @wheel: index of the wheel that it is on
 * @slot: slot of that wheel
 * @delta: nat64_csum_delta_64() of its addresses; constant
 * @dst: cached route per direction; replaced by xchg()
 * @cookie: for dst_check() of the IPv6 route; IPv4's has none
 * @window: TCP: what both ends accept; written without lock, where a torn
 *	value can only misjudge one RST, FIN or SYN until the next segment
 * @call: GRE with NAT64_SESSION_DATA: constant
 * @binding: which it holds; constant
 * @binding_node: in binding->session_list
 * @wheel_node: in its wheel's slot
 * @conn: with NAT64_SESSION_ALG or NAT64_SESSION_DATA: the control connection,
 *	to which it holds a reference
 * @reap: after it is unlinked from everything
 */
struct nat64_session {
	struct rhash_head node6;
	struct rhash_head node4;
	struct nat64_tuple6 t6;
	struct nat64_tuple4 t4;
	u32 deadline;
	u8 state;
	u8 flags;
	u16 delta;
	u16 slot;
	u8 wheel;
	u8 unused;
	struct dst_entry __rcu *dst[2];
	u32 cookie;
	union {
		struct nat64_tcp_window window;
		struct nat64_call call;
	};
	struct nat64_binding *binding;
	struct hlist_node binding_node;
	union {
		struct hlist_node wheel_node;
		struct nat64_reap reap;
	};
	struct nat64_conn *conn;
};

extern const struct rhashtable_params nat64_session_params6;
extern const struct rhashtable_params nat64_session_params4;

int __init nat64_session_init(void);
void nat64_session_exit(void);

/** nat64_session_find6() - Context: RCU read side. */
struct nat64_session *nat64_session_find6(struct nat64_net *nn,
					  const struct nat64_tuple6 *t6);

/** nat64_session_find4() - Context: RCU read side. */
struct nat64_session *nat64_session_find4(struct nat64_net *nn,
					  const struct nat64_tuple4 *t4);

/** nat64_session_bkey6() - client side of the binding that @t6 needs */
static inline struct nat64_bkey6
nat64_session_bkey6(const struct nat64_tuple6 *t6)
{
	return (struct nat64_bkey6){
		.addr = t6->client,
		.port = t6->client_port,
		.proto = t6->proto,
	};
}

/** nat64_session_tuple4() - @t6 as seen behind binding @b */
void nat64_session_tuple4(struct nat64_tuple4 *t4,
			  const struct nat64_tuple6 *t6,
			  const struct nat64_binding *b);

/**
 * nat64_session_tuple6() - @t4 as seen in front of binding @b
 * Context: RCU read side.
 * Return: false if there is no prefix.
 */
bool nat64_session_tuple6(struct nat64_tuple6 *t6,
			  const struct nat64_config *cfg,
			  const struct nat64_tuple4 *t4,
			  const struct nat64_binding *b);

/**
 * nat64_session_hairpin() - the same flow as the other end's session has it
 *
 * A call's GRE: what the packets of one end's session become is what the other
 * end's is found by: @t4->quoted is @s->t6.quoted.
 */
void nat64_session_hairpin(struct nat64_tuple4 *t4,
			   const struct nat64_session *s);

/**
 * nat64_session_fill() - a session that is in no table
 *
 * For a packet that is translated by its binding alone (RFC 6146 3.5.2.2,
 * CLOSED). The caller releases @s->dst.
 */
void nat64_session_fill(struct nat64_session *s,
			const struct nat64_config *cfg,
			const struct nat64_tuple6 *t6,
			const struct nat64_tuple4 *t4,
			struct nat64_binding *b);

/**
 * struct nat64_open - what a new session starts with
 * @state: enum nat64_state
 * @timeout: ms
 * @alg: that watches it, or NULL
 * @gate: that it came through, or NULL; a gate that is dead by then does not
 *	count
 */
struct nat64_open {
	u8 state;
	u32 timeout;
	const struct nat64_alg_ops *alg;
	struct nat64_gate *gate;
};

/**
 * nat64_session_new() - a session that is in no table yet
 * @flags: NAT64_SESSION_*
 *
 * With its control connection, if it has one by @open.
 *
 * Context: subscriber's lock held, softirqs disabled.
 * Return: session for nat64_session_insert(), or NULL.
 */
struct nat64_session *nat64_session_new(struct nat64_net *nn,
					const struct nat64_config *cfg,
					const struct nat64_tuple6 *t6,
					const struct nat64_tuple4 *t4,
					struct nat64_binding *b,
					const struct nat64_open *open,
					u8 flags);

/**
 * nat64_session_insert() - put a new session into the tables
 * @s: session; replaced by what another CPU was faster to insert
 *
 * Context: as nat64_session_new().
 * Return: 0, or enum nat64_counter: @s is gone.
 */
int __must_check nat64_session_insert(struct nat64_net *nn,
				      struct nat64_session **s);

/**
 * nat64_session_open6() - session for a packet from the IPv6 side
 * @nn: namespace
 * @cfg: its configuration
 * @t6: its tuple
 * @open: initial state
 * @why: enum nat64_counter, the reason of a failure
 *
 * Makes the binding, and the subscriber, if need be.
 *
 * Context: RCU read side, softirqs disabled.
 * Return: the session; another CPU may have made it meanwhile. Or NULL.
 */
struct nat64_session *nat64_session_open6(struct nat64_net *nn,
					  const struct nat64_config *cfg,
					  const struct nat64_tuple6 *t6,
					  const struct nat64_open *open,
					  int *why);

/**
 * nat64_session_open4() - session for a packet from the IPv4 side
 * @b: binding of its destination
 *
 * As nat64_session_open6().
 */
struct nat64_session *nat64_session_open4(struct nat64_net *nn,
					  const struct nat64_config *cfg,
					  const struct nat64_tuple4 *t4,
					  struct nat64_binding *b,
					  const struct nat64_open *open,
					  int *why);

/**
 * nat64_session_open_gate() - session for a packet through a gate
 * @t6: as the session will have it: nat64_gate_tuples()
 * @t4: likewise
 *
 * For gates that have a binding for it: those from the IPv4 side, and GRE.
 * As nat64_session_open6(); NULL with DROP_GATE_ONLY if @open->gate was used by
 * another packet meanwhile.
 */
struct nat64_session *nat64_session_open_gate(struct nat64_net *nn,
					      const struct nat64_config *cfg,
					      const struct nat64_tuple6 *t6,
					      const struct nat64_tuple4 *t4,
					      const struct nat64_open *open,
					      int *why);

/**
 * nat64_session_talked() - has the client behind @b a session with @remote?
 *
 * Address-dependent filtering (RFC 6146 3.5.1): any port of the remote.
 *
 * Context: RCU read side.
 */
bool nat64_session_talked(struct nat64_binding *b, __be32 remote);

/**
 * nat64_session_refresh() - a packet extends the session's life
 * @s: session
 * @timeout: ms from now; a shorter rest is never the result
 *
 * Context: any.
 */
void nat64_session_refresh(struct nat64_session *s, u32 timeout);

/**
 * nat64_session_tcp() - run a segment through the state machine
 * @nn: namespace
 * @cfg: its configuration
 * @s: session
 * @from6: direction
 * @seg: the segment
 *
 * Context: RCU read side, softirqs disabled.
 */
void nat64_session_tcp(struct nat64_net *nn, const struct nat64_config *cfg,
		       struct nat64_session *s, bool from6,
		       const struct nat64_tcp_segment *seg);

/**
 * nat64_session_advance() - run TCP flags through the state machine, locked
 *
 * nat64_session_tcp() comes here when the state changes, which is rare; a
 * new deadline puts the session into its right slot.
 *
 * Context: RCU read side, softirqs disabled.
 */
void nat64_session_advance(struct nat64_net *nn,
			   const struct nat64_config *cfg,
			   struct nat64_session *s, bool from6, u8 flags,
			   unsigned int opts);

/** nat64_session_tcp_timeout() - how long a TCP session in @state may idle */
u32 nat64_session_tcp_timeout(const struct nat64_config *cfg, u8 state);

/**
 * nat64_session_kill() - unlink a session, and its binding with the last one
 *
 * Context: RCU read side; takes the subscriber's lock.
 * Return: true if this call did it.
 */
bool nat64_session_kill(struct nat64_net *nn, struct nat64_session *s);

/**
 * nat64_session_sweep() - kill sessions that a predicate picks
 * @pick: called under RCU; must not sleep
 * @data: for @pick
 *
 * Context: Process, may sleep.
 * Return: number of sessions killed.
 */
u32 nat64_session_sweep(struct nat64_net *nn,
			bool (*pick)(const struct nat64_session *s,
				     const void *data),
			const void *data);

/**
 * nat64_session_unlink_all() - unlink every session of @b
 * Context: RCU read side, subscriber's lock held.
 */
void nat64_session_unlink_all(struct nat64_net *nn, struct nat64_binding *b);

/**
 * nat64_session_end_closed() - end a TCP session whose connection is over
 *
 * Context: RCU read side, softirqs disabled.
 * Return: whether it was over; then it is gone.
 */
bool nat64_session_end_closed(struct nat64_net *nn, struct nat64_session *s);

/**
 * nat64_session_end_calls() - end the GRE sessions of a control connection
 * @b: its binding
 * @conn: the connection
 * @client_port: the call, both directions of it; NULL: all calls
 *
 * Context: RCU read side, subscriber's lock held.
 */
void nat64_session_end_calls(struct nat64_net *nn, struct nat64_binding *b,
			     const struct nat64_conn *conn,
			     const __be16 *client_port);

/**
 * nat64_session_end_data() - end what came through gates for a port
 * @b: binding of the port
 * @conn: whose gates they were
 *
 * Context: RCU read side, subscriber's lock held. @b may end with them.
 */
void nat64_session_end_data(struct nat64_net *nn, struct nat64_binding *b,
			    const struct nat64_conn *conn);

/**
 * nat64_session_expire() - the slot of @s came up, and it was taken out
 *
 * Removes the session if its deadline is over, or probes it (established
 * TCP, RFC 6146 3.5.2.2); otherwise it goes back on a wheel. One direction of a
 * GRE call stays while the other one is alive.
 *
 * Context: RCU read side, softirqs enabled.
 */
void nat64_session_expire(struct nat64_net *nn, struct nat64_session *s);

#endif /* _NAT64_SESSION_H */
