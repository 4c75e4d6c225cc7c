// SPDX-License-Identifier: GPL-2.0
#include "netlink.h"

#include <linux/module.h>
#include <linux/nat64.h>
#include <linux/rcupdate.h>
#include "draft.h"
#include "dump.h"
#include "filter.h"
#include "gate.h"
#include "netns.h"
#include "session.h"

static struct nat64_net *request_net(struct genl_info *info)
{
	return nat64_net(genl_info_net(info));
}

/* Answer with one number. */
static int reply_number(struct genl_info *info, u8 cmd, int attr, u32 number)
{
	struct sk_buff *skb = genlmsg_new(nla_total_size(sizeof(number)),
					  GFP_KERNEL);
	void *head;

	if (!skb)
		return -ENOMEM;
	head = genlmsg_put_reply(skb, info, &nat64_genl_family, 0, cmd);
	if (!head || nla_put_u32(skb, attr, number)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return genlmsg_reply(skb, info);
}

static int do_apply(struct sk_buff *skb, struct genl_info *info)
{
	return nat64_config_apply(request_net(info), info->nlhdr,
				  info->extack);
}

static int status_put(struct sk_buff *skb, struct nat64_net *nn,
		      const struct nat64_config *cfg)
{
	const struct {
		int attr;
		u32 value;
	} numbers[] = {
		{ NAT64_A_GENID, cfg->genid },
		{ NAT64_A_SESSIONS, atomic_read(&nn->sessions6.nelems) },
		{ NAT64_A_BINDINGS, atomic_read(&nn->bindings4.nelems) },
		{ NAT64_A_SUBSCRIBERS, atomic_read(&nn->subscribers.nelems) },
		{ NAT64_A_GATES, atomic_read(&nn->gate_count) },
		{ NAT64_A_STORED_SYNS, READ_ONCE(nn->syns.count) },
		{ NAT64_A_HELD_PORTS, READ_ONCE(nn->pool.held) },
		{ NAT64_A_PREFIXES, cfg->prefixes },
		{ NAT64_A_POOLS, cfg->pool->count },
		{ NAT64_A_POOL_ADDRESSES, cfg->pool->addresses },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		if (nla_put_u32(skb, numbers[i].attr, numbers[i].value))
			return -EMSGSIZE;
	return nla_put_u8(skb, NAT64_A_ACTIVE, READ_ONCE(nn->active)) ?:
	       nla_put_string(skb, NAT64_A_VERSION, THIS_MODULE->version);
}

static int do_status(struct sk_buff *request, struct genl_info *info)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	struct nat64_net *nn = request_net(info);
	void *head;
	int err;

	if (!skb)
		return -ENOMEM;
	head = genlmsg_put_reply(skb, info, &nat64_genl_family, 0,
				 NAT64_CMD_STATUS_GET);
	if (!head) {
		err = -EMSGSIZE;
		goto free;
	}
	rcu_read_lock();
	err = status_put(skb, nn, rcu_dereference(nn->config));
	rcu_read_unlock();
	if (err)
		goto free;
	genlmsg_end(skb, head);
	return genlmsg_reply(skb, info);

free:
	nlmsg_free(skb);
	return err;
}

static int do_stats_reset(struct sk_buff *skb, struct genl_info *info)
{
	struct nat64_net *nn = request_net(info);
	unsigned int i;

	/* Others count meanwhile: what was there is subtracted from now on. */
	mutex_lock(&nn->config_lock);
	for (i = 0; i < NAT64_COUNTER_COUNT; i++)
		nn->stats_base[i] = nat64_stats_sum(nn->stats, i);
	mutex_unlock(&nn->config_lock);
	return 0;
}

static int do_session_kill(struct sk_buff *skb, struct genl_info *info)
{
	struct nat64_filter filter;
	u32 killed;
	int err;

	err = nat64_filter_parse(&filter, info->attrs, info->extack);
	if (err)
		return err;
	killed = nat64_session_sweep(request_net(info), nat64_filter_session,
				     &filter);
	return reply_number(info, NAT64_CMD_SESSION_KILL, NAT64_A_SESSIONS,
			    killed);
}

static int filter_bin(const struct nat64_session *s, const void *filter)
{
	return nat64_filter_session(s, filter) ? 0 : -ENOENT;
}

static int do_session_count(struct sk_buff *skb, struct genl_info *info)
{
	struct nat64_filter filter;
	u32 count;
	int err;

	err = nat64_filter_parse(&filter, info->attrs, info->extack);
	if (err)
		return err;
	nat64_dump_tally(request_net(info), filter_bin, &filter, &count, 1);
	return reply_number(info, NAT64_CMD_SESSION_COUNT, NAT64_A_SESSIONS,
			    count);
}

static int do_gate_flush(struct sk_buff *skb, struct genl_info *info)
{
	return reply_number(info, NAT64_CMD_GATE_FLUSH, NAT64_A_GATES,
			    nat64_gate_expire(request_net(info), false));
}

/*
 * What a namespace is set to may be read by anybody in it; who talks to whom
 * only by its administrator.
 */
static const struct genl_ops ops[] = {
	{
		.cmd = NAT64_CMD_APPLY,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = nat64_apply_policy,
		.maxattr = NAT64_A_OP,
		.doit = do_apply,
	},
	{
		.cmd = NAT64_CMD_STATUS_GET,
		.doit = do_status,
	},
	{
		.cmd = NAT64_CMD_PREFIX_GET,
		.start = nat64_dump_start_prefixes,
		.dumpit = nat64_dump_prefixes,
		.done = nat64_dump_done,
	},
	{
		.cmd = NAT64_CMD_POOL_GET,
		.dumpit = nat64_dump_pool,
	},
	{
		.cmd = NAT64_CMD_BINDING_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = nat64_binding_policy,
		.maxattr = NAT64_FILTER_MAX,
		.start = nat64_dump_start_bindings,
		.dumpit = nat64_dump_bindings,
		.done = nat64_dump_done,
	},
	{
		.cmd = NAT64_CMD_SESSION_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = nat64_session_policy,
		.maxattr = NAT64_FILTER_MAX,
		.start = nat64_dump_start_sessions,
		.dumpit = nat64_dump_sessions,
		.done = nat64_dump_done,
	},
	{
		.cmd = NAT64_CMD_GATE_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = nat64_gate_policy,
		.maxattr = NAT64_FILTER_MAX,
		.start = nat64_dump_start_gates,
		.dumpit = nat64_dump_gates,
		.done = nat64_dump_done,
	},
	{
		.cmd = NAT64_CMD_ALG_GET,
		.dumpit = nat64_dump_algs,
	},
	{
		.cmd = NAT64_CMD_TIMEOUT_GET,
		.dumpit = nat64_dump_timeouts,
	},
	{
		.cmd = NAT64_CMD_LIMIT_GET,
		.dumpit = nat64_dump_limits,
	},
	{
		.cmd = NAT64_CMD_OPTION_GET,
		.dumpit = nat64_dump_options,
	},
	{
		.cmd = NAT64_CMD_STATS_GET,
		.dumpit = nat64_dump_stats,
	},
	{
		.cmd = NAT64_CMD_STATS_RESET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = do_stats_reset,
	},
	{
		.cmd = NAT64_CMD_SESSION_KILL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = nat64_session_policy,
		.maxattr = NAT64_FILTER_MAX,
		.doit = do_session_kill,
	},
	{
		.cmd = NAT64_CMD_SESSION_COUNT,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = nat64_session_policy,
		.maxattr = NAT64_FILTER_MAX,
		.doit = do_session_count,
	},
	{
		.cmd = NAT64_CMD_GATE_FLUSH,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = do_gate_flush,
	},
};

static const struct genl_multicast_group groups[] = {
	{ .name = NAT64_GENL_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family nat64_genl_family __ro_after_init = {
	.name = NAT64_GENL_NAME,
	.version = NAT64_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	/* Everything is under RCU or the lock of its namespace. */
	.parallel_ops = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

int __init nat64_netlink_init(void)
{
	return genl_register_family(&nat64_genl_family);
}

void nat64_netlink_exit(void)
{
	genl_unregister_family(&nat64_genl_family);
}
