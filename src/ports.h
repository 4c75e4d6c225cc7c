/* SPDX-License-Identifier: GPL-2.0 */
/* Ports in use of one protocol on one pool address. The caller serialises. */
#ifndef _NAT64_PORTS_H
#define _NAT64_PORTS_H

#include <linux/types.h>

#define NAT64_PORTS 65536
#define NAT64_PORTS_SHIFT 10	/* a block is 1024 ports */
#define NAT64_PORTS_BLOCKS (NAT64_PORTS >> NAT64_PORTS_SHIFT)

/* Which ports a search may return. */
enum nat64_parity {
	NAT64_PARITY_EVEN,
	NAT64_PARITY_ODD,
	NAT64_PARITY_ANY,
};

/**
 * struct nat64_ports - a bitmap
 * @total: ports in use
 * @used: of each block, even and odd apart, so that a search steps over what
 *	is full
 * @map: NULL until the first port is taken
 */
struct nat64_ports {
	u32 total;
	u16 used[NAT64_PORTS_BLOCKS][2];
	unsigned long *map;
};

/** nat64_ports_ready() - false if memory for the bitmap could not be had */
bool nat64_ports_ready(struct nat64_ports *p);

bool nat64_ports_used(const struct nat64_ports *p, u32 port);
void nat64_ports_take(struct nat64_ports *p, u32 port);
void nat64_ports_release(struct nat64_ports *p, u32 port);

/** nat64_ports_pick() - a random free port in [first, last], or -1 */
int nat64_ports_pick(const struct nat64_ports *p, u32 first, u32 last,
		     enum nat64_parity parity);

/**
 * nat64_ports_pick_pair() - two free ports that follow each other
 * @parity: of the first one
 *
 * Return: the first one, or -1.
 */
int nat64_ports_pick_pair(const struct nat64_ports *p, u32 first, u32 last,
			  enum nat64_parity parity);

#endif /* _NAT64_PORTS_H */
