/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pool addresses and their ports.
 *
 * What may be used is configuration (struct nat64_pool, immutable); what is
 * in use is state (struct nat64_pool_state) that outlives configurations: a
 * bitmap per address and protocol, made when the first port is taken.
 */
#ifndef _NAT64_POOL_H
#define _NAT64_POOL_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct nat64_config;
struct nat64_net;
struct nat64_subscriber;

/* Protocols that have a port space of their own on a pool address. */
enum nat64_l4 {
	NAT64_L4_TCP,
	NAT64_L4_UDP,
	NAT64_L4_ICMP,
	NAT64_L4_OTHER,		/* address only, or call ids */
	NAT64_L4_COUNT
};

/** nat64_l4() - port space of an IPPROTO_* (IPPROTO_ICMP for ICMPv6) */
enum nat64_l4 nat64_l4(u8 proto);

/**
 * struct nat64_pool_entry - addresses and ports that may be used
 * @first: first address, host order
 * @last: last address, host order
 * @port_min: first port; port 0 of TCP and UDP is never used
 * @port_max: last port
 * @protos: bit (1 << enum nat64_l4)
 * @no_pat: an address belongs to one subscriber, ports stay as they are
 * @forced: allowed to cover ports that the box itself uses
 * @reach: largest @last of this entry and of all before it in the pool, so
 *	that a binary search by @first finds out whether any entry has an address
 */
struct nat64_pool_entry {
	u32 first;
	u32 last;
	u16 port_min;
	u16 port_max;
	u8 protos;
	bool no_pat;
	bool forced;
	u32 reach;
};

/**
 * struct nat64_pool - the pool of a configuration
 * @count: entries
 * @addresses: number of different addresses
 * @entry: sorted by @first, then by @last
 *
 * No two entries share an address, a port and a protocol.
 */
struct nat64_pool {
	u32 count;
	u32 addresses;
	struct nat64_pool_entry entry[];
};

/**
 * struct nat64_pool_state - ports in use
 * @addrs: struct nat64_pool_addr by address (host order)
 * @lock: protects @hold
 * @hold: released ports that wait for reuse, oldest first (RFC 6888 REQ-8)
 * @held: their number
 * @cursor: where the last search for an address stopped
 */
struct nat64_pool_state {
	struct xarray addrs;
	spinlock_t lock;
	struct list_head hold;
	u32 held;
	u32 cursor;
};

void nat64_pool_init(struct nat64_net *nn);
/** nat64_pool_exit() - free everything; no binding is left */
void nat64_pool_exit(struct nat64_net *nn);

/**
 * nat64_pool_trim() - free what addresses that left the pool no longer need
 *
 * Context: Process, after a grace period since @pool was published.
 */
void nat64_pool_trim(struct nat64_net *nn, const struct nat64_pool *pool);

/** nat64_pool_has_addr() - is @addr in any entry of @pool? */
bool nat64_pool_has_addr(const struct nat64_pool *pool, __be32 addr);

/** nat64_pool_has_port() - may this port be given to a client? */
bool nat64_pool_has_port(const struct nat64_pool *pool, __be32 addr,
			 enum nat64_l4 l4, __be16 port);

/**
 * nat64_pool_alloc() - take a port for a client
 * @nn: namespace
 * @cfg: its configuration
 * @sub: subscriber, locked; remembers its address (paired pooling)
 * @l4: protocol
 * @want: the client's own port
 * @addr: set to the pool address
 * @port: set to the port
 *
 * RFC 6146 3.5.1.1: the subscriber's address, the same port if it is free,
 * else one of the same range (well-known or not) and, for UDP, parity, at
 * random; then one of the other parity, then of the other range.
 *
 * Context: @sub->lock held.
 * Return: 0, or an enum nat64_counter with the reason.
 */
int __must_check nat64_pool_alloc(struct nat64_net *nn,
				  const struct nat64_config *cfg,
				  struct nat64_subscriber *sub,
				  enum nat64_l4 l4, __be16 want,
				  __be32 *addr, __be16 *port);

enum nat64_port_kind {
	NAT64_PORT_ANY,
	NAT64_PORT_EXACT,	/* the one that is wanted */
	NAT64_PORT_PAIR,	/* the next one as well, and the parity kept */
};

/**
 * nat64_pool_alloc_at() - take a port on a certain address
 * @addr: the address
 * @kind: enum nat64_port_kind
 * @port: wanted; set to the port, the first one of a pair
 *
 * Otherwise as nat64_pool_alloc().
 */
int __must_check nat64_pool_alloc_at(struct nat64_net *nn,
				     const struct nat64_config *cfg,
				     struct nat64_subscriber *sub,
				     enum nat64_l4 l4, __be32 addr,
				     enum nat64_port_kind kind, __be16 *port);

/**
 * nat64_pool_take() - take a certain port, for a static binding
 *
 * The port need not be in a range, and may be one that is held back.
 *
 * Context: softirqs disabled.
 * Return: 0, -EADDRINUSE or -ENOMEM.
 */
int __must_check nat64_pool_take(struct nat64_net *nn, enum nat64_l4 l4,
				 __be32 addr, __be16 port);

/**
 * nat64_pool_free() - give a port back
 * @hold: hold it back for the time of RFC 6888 REQ-8
 *
 * Context: softirqs disabled.
 */
void nat64_pool_free(struct nat64_net *nn, const struct nat64_config *cfg,
		     enum nat64_l4 l4, __be32 addr, __be16 port, bool hold);

/** nat64_pool_disown() - @sub is gone, its no-pat addresses are free again */
void nat64_pool_disown(struct nat64_net *nn, struct nat64_subscriber *sub);

/**
 * nat64_pool_release() - let held ports go
 * @due: only those whose time is over; otherwise all
 *
 * Context: softirqs enabled.
 */
void nat64_pool_release(struct nat64_net *nn, bool due);

/**
 * nat64_pool_shorten() - apply limit and time of @cfg to ports already held
 *
 * Context: Process.
 */
void nat64_pool_shorten(struct nat64_net *nn, const struct nat64_config *cfg);

/** nat64_pool_used() - ports in use in an entry, for the dump; may sleep */
u64 nat64_pool_used(struct nat64_net *nn, const struct nat64_pool_entry *e);

#endif /* _NAT64_POOL_H */
