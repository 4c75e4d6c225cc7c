/* SPDX-License-Identifier: GPL-2.0 */
/* Counters: one per reason, per CPU and namespace. */
#ifndef _NAT64_STATS_H
#define _NAT64_STATS_H

#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>
#include "nat64_tables.h"

enum nat64_counter {
#define X(id, name, help) NAT64_CNT_##id,
	NAT64_COUNTERS(X)
#undef X
	NAT64_COUNTER_COUNT
};

struct nat64_stats {
	u64_stats_t count[NAT64_COUNTER_COUNT];
	struct u64_stats_sync syncp;
};

/**
 * nat64_stats_alloc() - counters for a namespace, all zero
 * Context: Process.
 * Return: per-CPU pointer or NULL; free_percpu() releases it.
 */
struct nat64_stats __percpu *nat64_stats_alloc(void);

/** nat64_stats_sum() - add up one counter over all CPUs */
u64 nat64_stats_sum(const struct nat64_stats __percpu *stats,
		    enum nat64_counter counter);

/** nat64_stats_name() - name and explanation of a counter */
const char *nat64_stats_name(enum nat64_counter counter);
const char *nat64_stats_help(enum nat64_counter counter);

/**
 * nat64_stats_add() - count events
 * Context: softirqs disabled.
 */
static inline void nat64_stats_add(struct nat64_stats __percpu *stats,
				   enum nat64_counter counter, u32 n)
{
	struct nat64_stats *s = this_cpu_ptr(stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_add(&s->count[counter], n);
	u64_stats_update_end(&s->syncp);
}

#endif /* _NAT64_STATS_H */
