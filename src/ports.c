// SPDX-License-Identifier: GPL-2.0
#include "ports.h"

#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/slab.h>

bool nat64_ports_used(const struct nat64_ports *p, u32 port)
{
	return p->map && test_bit(port, p->map);
}

bool nat64_ports_ready(struct nat64_ports *p)
{
	if (!p->map)
		p->map = kzalloc(NAT64_PORTS / BITS_PER_BYTE,
				 GFP_ATOMIC | __GFP_NOWARN);
	return p->map;
}

void nat64_ports_take(struct nat64_ports *p, u32 port)
{
	__set_bit(port, p->map);
	p->used[port >> NAT64_PORTS_SHIFT][port & 1]++;
	p->total++;
}

void nat64_ports_release(struct nat64_ports *p, u32 port)
{
	if (WARN_ON_ONCE(!nat64_ports_used(p, port)))
		return;
	__clear_bit(port, p->map);
	p->used[port >> NAT64_PORTS_SHIFT][port & 1]--;
	p->total--;
}

static bool block_full(const struct nat64_ports *p, u32 block,
		       enum nat64_parity parity)
{
	u32 half = 1U << (NAT64_PORTS_SHIFT - 1);

	if (parity == NAT64_PARITY_ANY)
		return p->used[block][0] + p->used[block][1] == 2 * half;
	return p->used[block][parity] == half;
}

static unsigned long parity_mask(enum nat64_parity parity)
{
	/* Bits 0, 2, 4 ... are even ports. */
	unsigned long even = ~0UL / 3;

	switch (parity) {
	case NAT64_PARITY_EVEN:
		return even;
	case NAT64_PARITY_ODD:
		return even << 1;
	default:
		return ~0UL;
	}
}

/* Free ports of a word; with @pair those whose successor is free as well. */
static unsigned long word_free(const struct nat64_ports *p, u32 word,
			       bool pair)
{
	unsigned long free = ~p->map[word], next = free >> 1;

	if (!pair)
		return free;
	if (word + 1 < NAT64_PORTS / BITS_PER_LONG && ~p->map[word + 1] & 1)
		next |= 1UL << (BITS_PER_LONG - 1);
	return free & next;
}

/* First free port, or pair, from @port to @last, or -1. */
static int scan(const struct nat64_ports *p, u32 port, u32 last,
		enum nat64_parity parity, bool pair)
{
	while (port <= last) {
		u32 word = port / BITS_PER_LONG;
		unsigned long free;
		u32 found;

		if (block_full(p, port >> NAT64_PORTS_SHIFT, parity)) {
			port = ((port >> NAT64_PORTS_SHIFT) + 1)
			       << NAT64_PORTS_SHIFT;
			continue;
		}
		free = word_free(p, word, pair) & parity_mask(parity) &
		       (~0UL << (port % BITS_PER_LONG));
		if (free) {
			found = word * BITS_PER_LONG + __ffs(free);
			return found <= last ? (int)found : -1;
		}
		port = (word + 1) * BITS_PER_LONG;
	}
	return -1;
}

static int pick(const struct nat64_ports *p, u32 first, u32 last,
		enum nat64_parity parity, bool pair)
{
	u32 start;
	int port;

	if (first > last)
		return -1;
	start = first + reciprocal_scale(get_random_u32(), last - first + 1);
	port = scan(p, start, last, parity, pair);
	if (port < 0 && start > first)
		port = scan(p, first, start - 1, parity, pair);
	return port;
}

int nat64_ports_pick(const struct nat64_ports *p, u32 first, u32 last,
		     enum nat64_parity parity)
{
	return pick(p, first, last, parity, false);
}

int nat64_ports_pick_pair(const struct nat64_ports *p, u32 first, u32 last,
			  enum nat64_parity parity)
{
	return last ? pick(p, first, last - 1, parity, true) : -1;
}
