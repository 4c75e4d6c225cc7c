/* SPDX-License-Identifier: GPL-2.0 */
/* Dump requests of the netlink family. */
#ifndef _NAT64_DUMP_H
#define _NAT64_DUMP_H

#include <linux/types.h>

struct nat64_net;
struct nat64_session;
struct netlink_callback;
struct sk_buff;

/*
 * Objects of a hash table. A dump goes on at the entry for which the last
 * message had no room. Where the table was reorganised, it starts again and
 * says so (NLM_F_DUMP_INTR).
 */
int nat64_dump_start_bindings(struct netlink_callback *cb);
int nat64_dump_bindings(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_start_sessions(struct netlink_callback *cb);
int nat64_dump_sessions(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_start_prefixes(struct netlink_callback *cb);
int nat64_dump_start_gates(struct netlink_callback *cb);
int nat64_dump_done(struct netlink_callback *cb);

/** nat64_dump_gates() - in the order of their numbers */
int nat64_dump_gates(struct sk_buff *skb, struct netlink_callback *cb);

/* Lists; a change of the configuration meanwhile sets NLM_F_DUMP_INTR. */
int nat64_dump_prefixes(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_pool(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_timeouts(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_limits(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_options(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_stats(struct sk_buff *skb, struct netlink_callback *cb);
int nat64_dump_algs(struct sk_buff *skb, struct netlink_callback *cb);

/**
 * nat64_dump_tally() - count sessions by a property
 * @bin: index into @count, or negative; called under RCU
 * @data: for @bin
 * @count: results
 * @bins: their number
 *
 * Context: Process, may sleep.
 */
void nat64_dump_tally(struct nat64_net *nn,
		      int (*bin)(const struct nat64_session *s,
				 const void *data),
		      const void *data, u32 *count, unsigned int bins);

#endif /* _NAT64_DUMP_H */
