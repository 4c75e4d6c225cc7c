/* SPDX-License-Identifier: GPL-2.0 */
/* Which bindings, sessions or gates a request is about. */
#ifndef _NAT64_FILTER_H
#define _NAT64_FILTER_H

#include <linux/in6.h>
#include <linux/nat64.h>
#include <linux/types.h>
#include <net/netlink.h>

struct nat64_binding;
struct nat64_gate;
struct nat64_session;

/**
 * struct nat64_filter - all that is given must match
 * @has: bit (1 << enum nat64_attr) of what is given
 * @addr6: client
 * @addr4: pool address
 * @mask4: bits of @addr4 to compare
 * @remote4: server
 * @remote_mask4: bits of @remote4 to compare
 * @port6: of the client
 * @port4: of the pool address
 * @remote_port4: of the server
 * @addr6_len: bits of @addr6 to compare
 * @proto: IPPROTO_*
 * @state: enum nat64_state
 * @flags: NAT64_F_*, all must be set
 */
struct nat64_filter {
	u64 has;
	struct in6_addr addr6;
	__be32 addr4;
	__be32 mask4;
	__be32 remote4;
	__be32 remote_mask4;
	__be16 port6;
	__be16 port4;
	__be16 remote_port4;
	u8 addr6_len;
	u8 proto;
	u8 state;
	u32 flags;
};

#define NAT64_FILTER_MAX NAT64_A_REMOTE_PORT4

extern const struct nla_policy nat64_session_policy[NAT64_FILTER_MAX + 1];
extern const struct nla_policy nat64_binding_policy[NAT64_FILTER_MAX + 1];
extern const struct nla_policy nat64_gate_policy[NAT64_FILTER_MAX + 1];

/**
 * nat64_filter_parse() - read a filter
 * @tb: attributes that fit one of the policies above; NULL if there are none
 *
 * Return: 0, or -EINVAL with @extack set.
 */
int __must_check nat64_filter_parse(struct nat64_filter *f,
				    struct nlattr **tb,
				    struct netlink_ext_ack *extack);

bool nat64_filter_binding(const struct nat64_filter *f,
			  const struct nat64_binding *b);

/** nat64_filter_session() - a predicate for nat64_session_sweep() */
bool nat64_filter_session(const struct nat64_session *s, const void *filter);

/** nat64_filter_gate() - what may be any matches no value */
bool nat64_filter_gate(const struct nat64_filter *f,
		       const struct nat64_gate *g);

#endif /* _NAT64_FILTER_H */
