// SPDX-License-Identifier: GPL-2.0
#include "stats.h"

static const struct {
	const char *name;
	const char *help;
} counters[] = {
#define X(id, name, help) [NAT64_CNT_##id] = { name, help },
	NAT64_COUNTERS(X)
#undef X
};

struct nat64_stats __percpu *nat64_stats_alloc(void)
{
	struct nat64_stats __percpu *stats = alloc_percpu(struct nat64_stats);
	int cpu;

	if (stats)
		for_each_possible_cpu(cpu)
			u64_stats_init(&per_cpu_ptr(stats, cpu)->syncp);
	return stats;
}

u64 nat64_stats_sum(const struct nat64_stats __percpu *stats,
		    enum nat64_counter counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct nat64_stats *s = per_cpu_ptr(stats, cpu);
		unsigned int start;
		u64 count;

		do {
			start = u64_stats_fetch_begin(&s->syncp);
			count = u64_stats_read(&s->count[counter]);
		} while (u64_stats_fetch_retry(&s->syncp, start));
		sum += count;
	}
	return sum;
}

const char *nat64_stats_name(enum nat64_counter counter)
{
	return counters[counter].name;
}

const char *nat64_stats_help(enum nat64_counter counter)
{
	return counters[counter].help;
}
