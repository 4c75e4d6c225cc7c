// SPDX-License-Identifier: GPL-2.0
#include "report.h"

#include <linux/errno.h>
#include <linux/in.h>
#include <linux/nat64.h>
#include <net/netlink.h>
#include "alg.h"
#include "binding.h"
#include "config.h"
#include "gate.h"
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

/* The ALG; with @owner the ports of its connection, whose ends are known. */
static int report_owner(struct sk_buff *skb, const struct nat64_conn *conn,
			bool owner)
{
	const struct nat64_alg_ctx *ctx = &conn->ctx;

	if (nla_put_string(skb, NAT64_A_ALG, nat64_alg_name(ctx->ops->id)))
		return -EMSGSIZE;
	if (!owner)
		return 0;
	return nla_put_u16(skb, NAT64_A_OWNER_PORT6,
			   be16_to_cpu(ctx->client_port)) ?:
	       nla_put_u16(skb, NAT64_A_OWNER_PORT4,
			   be16_to_cpu(ctx->pool_port)) ?:
	       nla_put_u16(skb, NAT64_A_OWNER_REMOTE_PORT,
			   be16_to_cpu(ctx->remote_port));
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
	if (s->conn && report_owner(skb, s->conn,
				    has & NAT64_SESSION_DATA))
		return -EMSGSIZE;
	return report_remote(skb, cfg, s);
}

/* The server, or what is known of it. */
static int gate_remote(struct sk_buff *skb, const struct nat64_gate *g)
{
	const struct nat64_prefix *p = &g->conn->ctx.prefix;
	bool out = g->dir == NAT64_DIR_64;
	__be16 port6, port = READ_ONCE(g->remote_port);
	__be32 addr = out ? g->k6.remote : READ_ONCE(g->k4.remote);
	struct in6_addr addr6;

	if (addr) {
		nat64_address_embed(p, addr, &addr6);
		if (nla_put_in_addr(skb, NAT64_A_REMOTE4, addr) ||
		    nla_put_in6_addr(skb, NAT64_A_REMOTE6, &addr6))
			return -EMSGSIZE;
	}
	/* A call id may be 0; the IPv4 end's is known to the other gate. */
	if (nat64_gate_proto(g) == IPPROTO_GRE ? !out : !port)
		return 0;
	port6 = out ? g->k6.remote_port : port;
	return nla_put_u16(skb, NAT64_A_REMOTE_PORT6, be16_to_cpu(port6)) ?:
	       nla_put_u16(skb, NAT64_A_REMOTE_PORT4, be16_to_cpu(port));
}

int nat64_report_gate(struct sk_buff *skb, const struct nat64_gate *g,
		      bool remote)
{
	const struct nat64_alg_ctx *ctx = &g->conn->ctx;
	bool out = g->dir == NAT64_DIR_64;
	bool call = nat64_gate_proto(g) == IPPROTO_GRE;
	u32 flags = out ? NAT64_F_TO_IPV4 : 0;

	if (READ_ONCE(g->flags) & NAT64_GATE_RESERVED)
		flags |= NAT64_F_RESERVED;
	if (nla_put_u8(skb, NAT64_A_PROTO, nat64_gate_proto(g)) ||
	    nla_put_u32(skb, NAT64_A_FLAGS, flags) ||
	    nla_put_in6_addr(skb, NAT64_A_ADDR6, &ctx->client6) ||
	    nla_put_in_addr(skb, NAT64_A_ADDR4, ctx->pool4))
		return -EMSGSIZE;
	if ((g->client_port || call) &&
	    nla_put_u16(skb, NAT64_A_PORT6, be16_to_cpu(g->client_port)))
		return -EMSGSIZE;
	if (!out && nla_put_u16(skb, NAT64_A_PORT4,
				be16_to_cpu(g->k4.pool_port)))
		return -EMSGSIZE;
	if (remote && gate_remote(skb, g))
		return -EMSGSIZE;
	return report_owner(skb, g->conn, true);
}

int nat64_report_conn(struct sk_buff *skb, const struct nat64_conn *conn)
{
	const struct nat64_alg_ctx *ctx = &conn->ctx;

	if (nla_put_u8(skb, NAT64_A_PROTO, IPPROTO_TCP) ||
	    nla_put_in6_addr(skb, NAT64_A_ADDR6, &ctx->client6) ||
	    nla_put_u16(skb, NAT64_A_PORT6, be16_to_cpu(ctx->client_port)) ||
	    nla_put_in_addr(skb, NAT64_A_ADDR4, ctx->pool4) ||
	    nla_put_u16(skb, NAT64_A_PORT4, be16_to_cpu(ctx->pool_port)))
		return -EMSGSIZE;
	return report_owner(skb, conn, false);
}
