/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Control connections under an ALG.
 *
 * A session whose port an ALG watches gets a struct nat64_conn when it is
 * created. Data sessions that came through a gate point to the same one
 * (session.conn in both cases), so that it can be found through them.
 *
 * Locks: conn->lock serialises the streams and the ALG; the subscriber's lock
 * is taken inside it and protects gates and what binds them to sessions.
 */
#ifndef _NAT64_ALG_CONN_H
#define _NAT64_ALG_CONN_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include "nat64_alg.h"
#include "stream.h"

struct nat64_config;
struct nat64_net;
struct nat64_session;

/**
 * struct nat64_conn - a control connection
 * @ref: its session, every data session, and every gate
 * @lock: see above; softirqs disabled
 * @nn: namespace
 * @master: its session; NULL once that is unlinked. Written under the
 *	subscriber's lock
 * @gates: struct nat64_gate.conn_node; under the subscriber's lock
 * @gate_count: their number
 * @ctx: for the ALG; under @lock
 * @stream: by the direction of the octets, enum nat64_dir; under @lock
 * @buffers: memory of the streams, made for the first payload
 * @window: what each end offered last in a header, as sent to the other end;
 *	index: direction of the segment; under @lock
 * @tsval: TCP timestamp that it sent last, as on the wire; under @lock
 * @has_ts: bit (1 << direction): @tsval means something
 * @asked: sequence number of the last SYN without ACK, by direction
 * @offered: its window scale, as nat64_tcp_wscale() returns it
 * @scale: of the windows in segments of this direction, 0 unless both ends
 *	offered one (RFC 7323 2.2)
 * @isn: of the SYN that the stream began with
 * @heard: time of its last segment, nat64_now()
 * @announced: given up, and told so
 * @priv: private area of the ALG
 */
struct nat64_conn {
	refcount_t ref;
	spinlock_t lock;
	struct nat64_net *nn;
	struct nat64_session __rcu *master;
	struct list_head gates;
	u32 gate_count;
	struct nat64_alg_ctx ctx;
	struct nat64_stream stream[2];
	u8 *buffers;
	__be16 window[2];
	__be32 tsval[2];
	u32 asked[2];
	u32 isn[2];
	u8 offered[2];
	u8 scale[2];
	u32 heard;
	u8 has_ts;
	bool announced;
	u8 priv[] __aligned(8);
};

/** nat64_alg_ops() - by enum nat64_alg_id */
const struct nat64_alg_ops *nat64_alg_ops(enum nat64_alg_id id);

/** nat64_alg_name() - by enum nat64_alg_id */
const char *nat64_alg_name(enum nat64_alg_id id);

/**
 * nat64_alg_watches() - the ALG for a control connection, or NULL
 * @cfg: configuration
 * @port: port of the server; as the server has it itself
 */
const struct nat64_alg_ops *nat64_alg_watches(const struct nat64_config *cfg,
					      __be16 port);

/**
 * nat64_conn_attach() - give a new session its control connection
 * @nn: namespace
 * @cfg: its configuration
 * @s: session, in no table yet
 * @ops: ALG
 *
 * Over the limit alg-sessions the session stays without, which is counted.
 *
 * Context: subscriber's lock held, softirqs disabled.
 * Return: 0 or -ENOMEM.
 */
int __must_check nat64_conn_attach(struct nat64_net *nn,
				   const struct nat64_config *cfg,
				   struct nat64_session *s,
				   const struct nat64_alg_ops *ops);

/**
 * nat64_conn_adopt() - make @s, in no table yet, a data session of @conn
 * Context: subscriber's lock held, which keeps @conn.
 */
void nat64_conn_adopt(struct nat64_conn *conn, struct nat64_session *s);

/**
 * nat64_conn_hangup() - both ends have closed control session @s, or one reset
 *
 * Closes the gates, and ends the GRE sessions (G-08). The session itself stays
 * for a while (RFC 6146 3.5.2.2).
 *
 * Context: subscriber's lock held.
 */
void nat64_conn_hangup(struct nat64_net *nn, struct nat64_session *s);

/**
 * nat64_conn_leave() - session @s with a conn is being unlinked
 *
 * For the master that is nat64_conn_hangup() as well.
 *
 * Context: subscriber's lock held.
 */
void nat64_conn_leave(struct nat64_net *nn, struct nat64_session *s);

/** nat64_conn_free() - in the RCU callback that frees @s, which has a conn */
void nat64_conn_free(struct nat64_session *s);

/** nat64_conn_put() - in the RCU callback that frees a gate */
void nat64_conn_put(struct nat64_conn *conn);

/**
 * nat64_conn_restart() - the client begins the connection anew
 *
 * Streams follow from the SYN; the ALG forgets everything, unused gates
 * close.
 *
 * Context: @conn->lock held.
 */
void nat64_conn_restart(struct nat64_conn *conn);

/**
 * nat64_conn_buffers() - have memory for the streams
 * Context: @conn->lock held.
 * Return: 0 or -ENOMEM.
 */
int __must_check nat64_conn_buffers(struct nat64_conn *conn);

/**
 * nat64_conn_gave_up() - both directions are transparent: count it, tell it
 * Context: @conn->lock held.
 */
void nat64_conn_gave_up(struct nat64_conn *conn);

/** nat64_conn_count() - count an event of the ALG of @conn */
void nat64_conn_count(const struct nat64_conn *conn,
		      enum nat64_alg_counter counter);

/**
 * nat64_conn_refresh_master() - a data session is alive (FT-23)
 * @s: session with NAT64_SESSION_DATA
 *
 * Context: RCU read side.
 */
void nat64_conn_refresh_master(const struct nat64_config *cfg,
			       const struct nat64_session *s);

#endif /* _NAT64_ALG_CONN_H */
