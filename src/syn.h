/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stored inbound SYN packets (RFC 6146 3.5.2.2, RFC 5382 REQ-4): a SYN from
 * the IPv4 side that may not pass yet waits for the client to open the same
 * session. If it does, the SYN is forgotten; after 6 s it is answered by an
 * ICMPv4 error.
 */
#ifndef _NAT64_SYN_H
#define _NAT64_SYN_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include "session.h"

struct nat64_config;
struct nat64_net;
struct sk_buff;

#define NAT64_SYN_BUCKETS 256

/**
 * struct nat64_syns - all stored SYN packets of a namespace
 * @lock: protects all of it
 * @count: their number; read without the lock to skip an empty table
 * @bucket: by tuple
 * @queue: in order of arrival
 */
struct nat64_syns {
	spinlock_t lock;
	u32 count;
	struct hlist_head bucket[NAT64_SYN_BUCKETS];
	struct list_head queue;
};

void nat64_syn_init(struct nat64_net *nn);
/** nat64_syn_flush() - forget all */
void nat64_syn_flush(struct nat64_net *nn);

/**
 * nat64_syn_store() - keep a SYN
 * @skb: network header is IPv4; a short copy is kept
 *
 * Context: softirqs disabled.
 * Return: 0, -EEXIST: it is stored already, -ENOSPC over the limit, -ENOMEM.
 */
int __must_check nat64_syn_store(struct nat64_net *nn,
				 const struct nat64_config *cfg,
				 const struct nat64_tuple4 *t4,
				 struct sk_buff *skb);

/**
 * nat64_syn_match() - the client opened @t4: forget its SYN
 * Return: true if there was one.
 */
bool nat64_syn_match(struct nat64_net *nn, const struct nat64_tuple4 *t4);

/** nat64_syn_expire() - answer those whose time is over; softirqs enabled */
void nat64_syn_expire(struct nat64_net *nn);

#endif /* _NAT64_SYN_H */
