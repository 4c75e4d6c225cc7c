/* SPDX-License-Identifier: GPL-2.0 */
/* What belongs to one network namespace. */
#ifndef _NAT64_NETNS_H
#define _NAT64_NETNS_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/ratelimit_types.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include "config.h"
#include "expire.h"
#include "stats.h"
#include "syn.h"

/**
 * struct nat64_net - all state of a namespace
 * @net: back pointer
 * @config: current configuration; replaced under @config_lock
 * @stats: counters
 * @sessions6: sessions by struct nat64_tuple6
 * @sessions4: sessions by struct nat64_tuple4
 * @bindings6: bindings by struct nat64_bkey6
 * @bindings4: bindings by struct nat64_bkey4
 * @subscribers: by masked IPv6 address
 * @gates6: gates by struct nat64_gkey6
 * @gates4: gates by struct nat64_gkey4
 * @gates: all gates, by number
 * @gate_next: number of the next one; under the lock of @gates
 * @gate_count: their number
 * @call_lock: two connections do not get the same call id
 * @alg_sessions: control connections that ALGs watch
 * @pool: port bitmaps of the pool addresses
 * @expire: the wheels and their worker
 * @syns: stored inbound SYN packets
 * @event_limit: of events about exhaustion and quotas
 * @stats_base: counters at the last reset; under @config_lock
 * @refusals: texts of refused requests, see nat64_refuse()
 * @error_stamp: ms, start of the present second of icmp-error-rate
 * @error_count: ICMP errors since then
 * @config_lock: serialises changes of the configuration
 * @on_device: devices that come and go
 * @entrances: hooks at the ingress of devices; under RTNL
 * @active: hooks are registered; under @config_lock
 */
struct nat64_net {
	struct net *net;
	struct nat64_config __rcu *config;
	struct nat64_stats __percpu *stats;
	struct rhashtable sessions6;
	struct rhashtable sessions4;
	struct rhashtable bindings6;
	struct rhashtable bindings4;
	struct rhashtable subscribers;
	struct rhltable gates6;
	struct rhltable gates4;
	struct xarray gates;
	u32 gate_next;
	atomic_t gate_count;
	spinlock_t call_lock;
	atomic_t alg_sessions;
	struct nat64_pool_state pool;
	struct nat64_expire expire;
	struct nat64_syns syns;

	struct ratelimit_state event_limit;
	u64 stats_base[NAT64_COUNTER_COUNT];
	char *refusals;

	u32 error_stamp;
	atomic_t error_count;

	struct mutex config_lock;
	struct notifier_block on_device;
	struct list_head entrances;
	bool active;
};

extern unsigned int nat64_net_id;

/** nat64_net() - our part of @net */
static inline struct nat64_net *nat64_net(const struct net *net)
{
	return net_generic(net, nat64_net_id);
}

int __init nat64_netns_init(void);
void nat64_netns_exit(void);

/** nat64_count() - count one event; softirqs disabled */
static inline void nat64_count(const struct nat64_net *nn,
			       enum nat64_counter counter)
{
	nat64_stats_add(nn->stats, counter, 1);
}

#endif /* _NAT64_NETNS_H */
