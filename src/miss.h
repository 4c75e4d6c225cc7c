/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet without session: whether, and how, it gets one. Everything that a
 * session vouches for once it exists is checked here.
 */
#ifndef _NAT64_MISS_H
#define _NAT64_MISS_H

#include <linux/types.h>

struct nat64_config;
struct nat64_packet;
struct nat64_session;
struct nat64_tuple4;
struct nat64_tuple6;

/* Besides enum nat64_counter: what may become of a packet without session. */
enum {
	NAT64_MISS_PASS = -1,	/* the kernel's own */
	NAT64_MISS_TAKEN = -2,	/* stored */
};

/** nat64_miss_timeout() - ms that a session other than TCP's may idle */
u32 nat64_miss_timeout(const struct nat64_config *cfg, u8 proto,
		       __be16 remote_port);

/**
 * nat64_miss_64() - a packet from the IPv6 side
 * @p: packet
 * @t6: its tuple
 * @tmp: room for a session that lives for this packet only; no UDP packet
 *	needs it
 * @why: reason of a failure, enum nat64_counter or NAT64_MISS_*
 *
 * A gate, a binding, the pool: in this order.
 *
 * Context: RCU read side, softirqs disabled.
 * Return: a new session; @tmp, which nat64_miss_release() is due for; or NULL.
 */
struct nat64_session *nat64_miss_64(struct nat64_packet *p,
				    const struct nat64_tuple6 *t6,
				    struct nat64_session *tmp, int *why);

/** nat64_miss_46() - as nat64_miss_64(), from the IPv4 side */
struct nat64_session *nat64_miss_46(struct nat64_packet *p,
				    const struct nat64_tuple4 *t4,
				    struct nat64_session *tmp, int *why);

/** nat64_miss_release() - let go of the routes that @tmp cached */
void nat64_miss_release(struct nat64_session *tmp);

#endif /* _NAT64_MISS_H */
