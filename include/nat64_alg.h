/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The contract between the core and an application-level gateway (ALG).
 *
 * An ALG reads the control connection of a protocol that carries addresses,
 * ports or call ids, rewrites them, and opens gates: permissions for the data
 * flows that the control connection announces. It sees two byte streams, one
 * per direction, never packets; src/stream.h makes that true over TCP.
 *
 * PURE: an ALG is called with its connection locked; it must not allocate,
 * sleep, print or keep pointers into the data. What it has to remember is in
 * its private area. Documentation/alg.md shows how to write one.
 */
#ifndef _NAT64_ALG_H
#define _NAT64_ALG_H

#include "address.h"
#include "nat64_tables.h"
#include "portable.h"

/* Direction of octets, and index of what is kept per direction. */
enum nat64_dir {
	NAT64_DIR_46,	/* to the IPv6 side */
	NAT64_DIR_64,	/* to the IPv4 side */
};

enum nat64_alg_id {
#define X(id, name, port, help) NAT64_ALG_##id,
	NAT64_ALGS(X)
#undef X
	NAT64_ALG_COUNT
};

/* What each ALG counts. */
enum nat64_alg_counter {
#define X(id, name, help) NAT64_##id,
	NAT64_ALG_COUNTERS(X, ALG_CNT, "")
#undef X
	NAT64_ALG_COUNTER_COUNT
};

/* Behaviour that the operator chose; fixed when a connection begins. */
enum nat64_alg_option {
	NAT64_ALG_OPT_LOW_PORTS = 0x01,	/* gates to ports below 1024 */
	NAT64_ALG_OPT_FTP_EPSV = 0x02,	/* EPSV becomes PASV (RFC 6384 6) */
	NAT64_ALG_OPT_FTP_EPRT4 = 0x04,	/* EPRT |1| of a 464XLAT client */
	NAT64_ALG_OPT_FTP_PORT20 = 0x08, /* active data only from port 20 */
	NAT64_ALG_OPT_RTSP_ANY = 0x10,	/* media from any IPv4 host */
	NAT64_ALG_OPT_RTSP_LITERALS = 0x20, /* IPv4 literals for native hosts */
	NAT64_ALG_OPT_PPTP_STRICT = 0x40, /* refuse instead of remapping ids */
};

/* At most so many edits by one call of payload(). */
#define NAT64_ALG_EDITS_MAX 8
/* The edits of one call make the message longer by at most so much. */
#define NAT64_ALG_GROWTH_MAX 1024

struct nat64_alg_ops;
struct nat64_stream;

/**
 * struct nat64_alg_ctx - a control connection as its ALG sees it
 * @ops: the ALG
 * @priv: its private area of @ops->priv_size octets, zero at first
 * @prefix: translation prefix of the connection
 * @client6: IPv6 end: the client, or the server if @inbound
 * @remote6: the IPv4 end as the IPv6 end sees it
 * @remote4: the IPv4 end
 * @pool4: the IPv6 end as the IPv4 end sees it
 * @client_port: port of the IPv6 end
 * @pool_port: the same as the IPv4 end sees it
 * @remote_port: port of the IPv4 end
 * @options: enum nat64_alg_option
 * @stream: the core's: set by nat64_stream_push() to the stream whose octets
 *	payload() gets, for nat64_alg_replace() and nat64_alg_skip()
 * @gate_ms: lifetime of an unused gate by configuration
 * @labelled: a segment of the IPv6 end had a flow label, so no CLAT made it:
 *	RFC 7915 4.1 has zero there. Says nothing while false
 * @inbound: the connection was opened from the IPv4 side: the server is the
 *	IPv6 end
 */
struct nat64_alg_ctx {
	const struct nat64_alg_ops *ops;
	void *priv;
	struct nat64_stream *stream;
	struct nat64_prefix prefix;
	struct in6_addr client6;
	struct in6_addr remote6;
	__be32 remote4;
	__be32 pool4;
	__be16 client_port;
	__be16 pool_port;
	__be16 remote_port;
	u32 options;
	u32 gate_ms;
	bool labelled;
	bool inbound;
};

/**
 * struct nat64_alg_ops - an ALG
 * @id: enum nat64_alg_id
 * @priv_size: octets of private area, at most 2048
 * @hold: longest message in octets; of an undecided one at most so many are
 *	kept. Past that the connection goes transparent
 * @gates_max: unused gates of one connection at a time
 * @init: a connection begins, or begins anew; @priv is zero. May be NULL
 * @payload: see below
 *
 * payload(ctx, dir, data, len) looks at the undecided octets of a direction,
 * in order and without gaps, @len > 0. It returns how many of them it has
 * decided: from 0 (more are needed) to @len. Decided octets leave, with the
 * edits applied; the others are presented again when more have come, and
 * edits belong to decided octets only. It should decide one message a call;
 * it is called again for the rest at once. The end of the stream is not
 * announced: what is undecided then leaves as it is.
 *
 * The result must depend on the octets only, never on where they were cut:
 * whatever it does on [0, n) it does before it has seen n + 1.
 */
struct nat64_alg_ops {
	u8 id;
	u16 priv_size;
	u32 hold;
	u32 gates_max;
	void (*init)(struct nat64_alg_ctx *ctx);
	u32 (*payload)(struct nat64_alg_ctx *ctx, enum nat64_dir dir,
		       const u8 *data, u32 len);
};

extern const struct nat64_alg_ops nat64_alg_ftp;
extern const struct nat64_alg_ops nat64_alg_rtsp;
extern const struct nat64_alg_ops nat64_alg_pptp;

/**
 * nat64_alg_replace() - edit octets that this call decides
 * @ctx: connection, inside payload()
 * @off: first octet, counted from @data
 * @len: how many; 0 inserts
 * @new: instead of them; copied
 * @new_len: how many; 0 deletes
 *
 * Edits come in the order of @off and do not overlap. The counter REWRITES
 * counts them.
 *
 * Return: 0, or -ENOSPC past NAT64_ALG_EDITS_MAX or NAT64_ALG_GROWTH_MAX.
 */
int __must_check nat64_alg_replace(struct nat64_alg_ctx *ctx, u32 off,
				   u32 len, const void *new, u32 new_len);

/**
 * nat64_alg_skip() - octets after the decided ones that pass unseen
 * @n: how many, at most 2^30
 *
 * They cost nothing: no copy, no call, super-packets stay whole.
 */
void nat64_alg_skip(struct nat64_alg_ctx *ctx, u32 n);

/**
 * nat64_alg_transparent() - give the connection up
 *
 * For good and in both directions: octets pass as they are, offsets of former
 * edits stay in force, gates that are open stay open.
 */
void nat64_alg_transparent(struct nat64_alg_ctx *ctx);

/** nat64_alg_count() - count an event of this ALG */
void nat64_alg_count(struct nat64_alg_ctx *ctx,
		     enum nat64_alg_counter counter);

#define NAT64_GATE_PAIR 0x01	 /* 46: reserve @client_port + 1 as well */
#define NAT64_GATE_RESERVED 0x02 /* 46: a mapping only, nobody may come yet */

/**
 * struct nat64_gate_spec - a gate: who may open one data flow, and to where
 *
 * The IPv6 end is always the one of the control connection, whatever the
 * payload says (SEC-11); the pool address is the control connection's (G-05).
 *
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_GRE
 * @dir: direction of the first packet
 * @flags: NAT64_GATE_*
 * @client_port: port, or call id, of the IPv6 end; 0: any (only NAT64_DIR_64)
 * @remote: IPv4 end; 0: any (only NAT64_DIR_46)
 * @remote_port: its port, or call id; 0: any
 * @mapped: result. NAT64_DIR_46: the port or call id on the pool address that
 *	stands for @client_port. NAT64_DIR_64, GRE: the call id that the IPv6
 *	end has to use for @remote_port
 * @want: NAT64_DIR_46 and GRE of both directions: @mapped if it is free
 * @lifetime: ms until an unused gate closes
 *
 * The two gates of a GRE call have the same @client_port, the call id of the
 * IPv6 end, by which the core knows that they belong together. Call ids of
 * either end may be 0, which then does not mean any; @mapped is never 0.
 */
struct nat64_gate_spec {
	u8 proto;
	u8 dir;
	u8 flags;
	__be16 client_port;
	__be32 remote;
	__be16 remote_port;
	__be16 want;
	__be16 mapped;
	u32 lifetime;
};

/**
 * nat64_alg_gate_open() - open a gate, or change one
 * @ctx: connection, inside payload()
 * @spec: what to open; @spec->mapped is set
 *
 * A gate of the same connection with equal proto, dir, client_port and, for
 * NAT64_DIR_64, remote and remote_port is changed instead and keeps its
 * mapping: so a repeated request gives the same answer (G-10), and a
 * reservation becomes a gate. With NAT64_GATE_PAIR the pool ports of
 * client_port and client_port + 1 are adjacent, even and odd as the client's
 * are; the second one is reserved, as a gate that counts, until a call of its
 * own opens it. A GRE gate that has been used counts as open while its session
 * lasts: nothing changes but @mapped.
 *
 * The mapping exists when this returns, so that it can be written into the
 * payload (G-06). The first packet that matches consumes the gate.
 *
 * Return: 0; -EACCES: a port below 1024 without NAT64_ALG_OPT_LOW_PORTS;
 * -ENOSPC: over a limit (G-09); -EADDRINUSE: no port or call id, or, with
 * NAT64_GATE_PAIR, no pair; -ENOMEM. Failures count as GATES_REFUSED.
 */
int __must_check nat64_alg_gate_open(struct nat64_alg_ctx *ctx,
				     struct nat64_gate_spec *spec);

/**
 * nat64_alg_gate_close() - close all gates of the connection for a port
 * @proto: IPPROTO_*
 * @client_port: as in their specification; 0: those with any
 *
 * Ends both sessions of a GRE call as well (P-08), and the UDP sessions that
 * came through gates for the port. TCP sessions end by themselves.
 */
void nat64_alg_gate_close(struct nat64_alg_ctx *ctx, u8 proto,
			  __be16 client_port);

#endif /* _NAT64_ALG_H */
