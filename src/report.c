// SPDX-License-Identifier: GPL-2.0
#include "report.h"

#include <linux/errno.h>
#include <linux/nat64.h>
#include <net/netlink.h>
#include "binding.h"
#include "config.h"
#include "session.h"

int nat64_report_binding(struct sk_buff *skb, const struct nat64_binding *b)
{
	u32 flags = 0;

	if (READ_ONCE(b->flags) & NAT64_BINDING_STATIC)
		flags |= NAT64_F_STATIC;
	if (nla_put_u8(skb, NAT64_A_PROTO, b->k6.proto) ||
	    nla_put_in6_addr(skb, NAT64_A_ADDR6, &b->k6.addr) ||
	    nla_put_u16(skb, NAT64_A_PORT6, be16_to_cpu(b->k6.port)) ||
	    nla_put_in_addr(skb, NAT64_A_ADDR4, b->k4.addr) ||
	    nla_put_u16(skb, NAT64_A_PORT4, be16_to_cpu(b->k4.port)) ||
	    nla_put_u32(skb, NAT64_A_FLAGS, flags))
		return -EMSGSIZE;
	return 0;
}

static int report_remote(struct sk_buff *skb, const struct nat64_config *cfg,
			 const struct nat64_session *s)
{
	const struct nat64_prefix *p = &cfg->prefix[s->t6.prefix];
	struct in6_addr remote;

	if (nla_put_in_addr(skb, NAT64_A_REMOTE4, s->t4.remote) ||
	    nla_put_u16(skb, NAT64_A_REMOTE_PORT4,
			be16_to_cpu(s->t4.remote_port)) ||
	    nla_put_u16(skb, NAT64_A_REMOTE_PORT6,
			be16_to_cpu(s->t6.remote_port)))
		return -EMSGSIZE;
	/* Gone while the last sessions of a deleted prefix are removed. */
	if (!p->len)
		return 0;
	nat64_address_embed(p, s->t6.remote, &remote);
	return nla_put_in6_addr(skb, NAT64_A_REMOTE6, &remote);
}

int nat64_report_session(struct sk_buff *skb, const struct nat64_config *cfg,
			 const struct nat64_session *s)
{
	u8 has = READ_ONCE(s->flags);
	u32 flags = 0;

	if (has & NAT64_SESSION_INBOUND)
		flags |= NAT64_F_INBOUND;
	if (has & NAT64_SESSION_HAIRPIN)
		flags |= NAT64_F_HAIRPIN;
	if (nla_put_u8(skb, NAT64_A_PROTO, s->t6.proto) ||
	    nla_put_u8(skb, NAT64_A_STATE, READ_ONCE(s->state)) ||
	    nla_put_in6_addr(skb, NAT64_A_ADDR6, &s->t6.client) ||
	    nla_put_u16(skb, NAT64_A_PORT6,
			be16_to_cpu(s->t6.client_port)) ||
	    nla_put_in_addr(skb, NAT64_A_ADDR4, s->t4.pool) ||
	    nla_put_u16(skb, NAT64_A_PORT4, be16_to_cpu(s->t4.pool_port)) ||
	    nla_put_u32(skb, NAT64_A_FLAGS, flags))
		return -EMSGSIZE;
	return report_remote(skb, cfg, s);
}
