// SPDX-License-Identifier: GPL-2.0
#include "filter.h"

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/inetdevice.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/netlink.h>
#include "alg.h"
#include "binding.h"
#include "gate.h"
#include "session.h"

#define COMMON_POLICY							\
	[NAT64_A_PROTO] = { .type = NLA_U8 },				\
	[NAT64_A_ADDR6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)), \
	[NAT64_A_ADDR6_LEN] = NLA_POLICY_MAX(NLA_U8, 128),		\
	[NAT64_A_PORT6] = { .type = NLA_U16 },				\
	[NAT64_A_ADDR4] = NLA_POLICY_EXACT_LEN(sizeof(struct in_addr)),	\
	[NAT64_A_ADDR4_LEN] = NLA_POLICY_MAX(NLA_U8, 32),		\
	[NAT64_A_PORT4] = { .type = NLA_U16 }

#define REMOTE_POLICY							\
	[NAT64_A_REMOTE4] = NLA_POLICY_EXACT_LEN(sizeof(struct in_addr)), \
	[NAT64_A_REMOTE4_LEN] = NLA_POLICY_MAX(NLA_U8, 32),		\
	[NAT64_A_REMOTE_PORT4] = { .type = NLA_U16 }

const struct nla_policy nat64_binding_policy[NAT64_FILTER_MAX + 1] = {
	COMMON_POLICY,
	[NAT64_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, NAT64_F_STATIC),
};

const struct nla_policy nat64_session_policy[NAT64_FILTER_MAX + 1] = {
	COMMON_POLICY,
	[NAT64_A_STATE] = NLA_POLICY_MAX(NLA_U8, NAT64_STATE_ACTIVE),
	[NAT64_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, NAT64_F_INBOUND |
					  NAT64_F_HAIRPIN),
	REMOTE_POLICY,
};

const struct nla_policy nat64_gate_policy[NAT64_FILTER_MAX + 1] = {
	COMMON_POLICY,
	[NAT64_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, NAT64_F_TO_IPV4 |
					  NAT64_F_RESERVED),
	REMOTE_POLICY,
};

/* Value of a length: all bits, where none is given. */
static int length_read(struct nlattr **tb, int attr, int addr, u8 all, u8 *len,
		       struct netlink_ext_ack *extack)
{
	if (tb[attr] && !tb[addr]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[attr],
				    "length without an address");
		return -EINVAL;
	}
	*len = tb[attr] ? nla_get_u8(tb[attr]) : all;
	return 0;
}

static void values_read(struct nat64_filter *f, struct nlattr **tb)
{
	if (tb[NAT64_A_PROTO])
		f->proto = nla_get_u8(tb[NAT64_A_PROTO]);
	if (tb[NAT64_A_STATE])
		f->state = nla_get_u8(tb[NAT64_A_STATE]);
	if (tb[NAT64_A_FLAGS])
		f->flags = nla_get_u32(tb[NAT64_A_FLAGS]);
	if (tb[NAT64_A_ADDR6])
		f->addr6 = nla_get_in6_addr(tb[NAT64_A_ADDR6]);
	if (tb[NAT64_A_PORT6])
		f->port6 = cpu_to_be16(nla_get_u16(tb[NAT64_A_PORT6]));
	if (tb[NAT64_A_ADDR4])
		f->addr4 = nla_get_in_addr(tb[NAT64_A_ADDR4]);
	if (tb[NAT64_A_PORT4])
		f->port4 = cpu_to_be16(nla_get_u16(tb[NAT64_A_PORT4]));
	if (tb[NAT64_A_REMOTE4])
		f->remote4 = nla_get_in_addr(tb[NAT64_A_REMOTE4]);
	if (tb[NAT64_A_REMOTE_PORT4])
		f->remote_port4 =
			cpu_to_be16(nla_get_u16(tb[NAT64_A_REMOTE_PORT4]));
}

int nat64_filter_parse(struct nat64_filter *f, struct nlattr **tb,
		       struct netlink_ext_ack *extack)
{
	unsigned int i;
	u8 len4, len;
	int err;

	BUILD_BUG_ON(BITS_PER_TYPE(f->has) <= NAT64_FILTER_MAX);
	memset(f, 0, sizeof(*f));
	if (!tb)
		return 0;
	for (i = 0; i <= NAT64_FILTER_MAX; i++)
		if (tb[i])
			f->has |= BIT_ULL(i);
	err = length_read(tb, NAT64_A_ADDR6_LEN, NAT64_A_ADDR6, 128,
			  &f->addr6_len, extack) ?:
	      length_read(tb, NAT64_A_ADDR4_LEN, NAT64_A_ADDR4, 32, &len4,
			  extack) ?:
	      length_read(tb, NAT64_A_REMOTE4_LEN, NAT64_A_REMOTE4, 32, &len,
			  extack);
	if (err)
		return err;
	f->mask4 = inet_make_mask(len4);
	f->remote_mask4 = inet_make_mask(len);
	values_read(f, tb);
	return 0;
}

#define HAS(f, name) ((f)->has & BIT_ULL(NAT64_A_##name))

/* What bindings and sessions have in common: the client and the pool side. */
static bool sides_match(const struct nat64_filter *f, u8 proto,
			const struct in6_addr *addr6, __be16 port6,
			__be32 addr4, __be16 port4)
{
	return !(HAS(f, PROTO) && proto != f->proto) &&
	       !(HAS(f, PORT6) && port6 != f->port6) &&
	       !(HAS(f, PORT4) && port4 != f->port4) &&
	       !(HAS(f, ADDR4) && (addr4 ^ f->addr4) & f->mask4) &&
	       !(HAS(f, ADDR6) &&
		 !ipv6_prefix_equal(addr6, &f->addr6, f->addr6_len));
}

bool nat64_filter_binding(const struct nat64_filter *f,
			  const struct nat64_binding *b)
{
	bool fixed = READ_ONCE(b->flags) & NAT64_BINDING_STATIC;

	return !(f->flags & NAT64_F_STATIC && !fixed) &&
	       sides_match(f, b->k6.proto, &b->k6.addr, b->k6.port,
			   b->k4.addr, b->k4.port);
}

static bool remote_matches(const struct nat64_filter *f, __be32 addr,
			   __be16 port)
{
	return !(HAS(f, REMOTE_PORT4) && port != f->remote_port4) &&
	       !(HAS(f, REMOTE4) && (addr ^ f->remote4) & f->remote_mask4);
}

bool nat64_filter_gate(const struct nat64_filter *f,
		       const struct nat64_gate *g)
{
	const struct nat64_alg_ctx *ctx = &g->conn->ctx;
	bool out = g->dir == NAT64_DIR_64;
	bool reserved = READ_ONCE(g->flags) & NAT64_GATE_RESERVED;

	return !(f->flags & NAT64_F_TO_IPV4 && !out) &&
	       !(f->flags & NAT64_F_RESERVED && !reserved) &&
	       remote_matches(f, out ? g->k6.remote : READ_ONCE(g->k4.remote),
			      READ_ONCE(g->remote_port)) &&
	       sides_match(f, nat64_gate_proto(g), &ctx->client6,
			   g->client_port, ctx->pool4,
			   out ? 0 : g->k4.pool_port);
}

bool nat64_filter_session(const struct nat64_session *s, const void *filter)
{
	const struct nat64_filter *f = filter;
	u8 flags = READ_ONCE(s->flags);

	return !(f->flags & NAT64_F_INBOUND &&
		 !(flags & NAT64_SESSION_INBOUND)) &&
	       !(f->flags & NAT64_F_HAIRPIN &&
		 !(flags & NAT64_SESSION_HAIRPIN)) &&
	       !(HAS(f, STATE) && READ_ONCE(s->state) != f->state) &&
	       remote_matches(f, s->t4.remote, s->t4.remote_port) &&
	       sides_match(f, s->t6.proto, &s->t6.client, s->t6.client_port,
			   s->t4.pool, s->t4.pool_port);
}
