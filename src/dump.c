// SPDX-License-Identifier: GPL-2.0
#include "dump.h"

#include <linux/err.h>
#include <linux/in.h>
#include <linux/mutex.h>
#include <linux/nat64.h>
#include <linux/netlink.h>
#include <linux/rhashtable.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>
#include <net/sock.h>
#include "binding.h"
#include "filter.h"
#include "gate.h"
#include "netlink.h"
#include "netns.h"
#include "report.h"
#include "session.h"

/* Entries between two chances for others to run. */
#define DUMP_BATCH 1024

/**
 * struct dump - state of a dump between its messages
 * @iter: position in the table; unused by lists
 * @walks: @iter is in use
 * @filter: what to report
 * @sessions: of each prefix, when the dump began
 */
struct dump {
	struct rhashtable_iter iter;
	bool walks;
	union {
		struct nat64_filter filter;
		u32 sessions[NAT64_PREFIX_SLOTS];
	};
};

static struct dump *dump_get(const struct netlink_callback *cb)
{
	return (struct dump *)cb->args[0];
}

static struct nat64_net *dump_net(const struct netlink_callback *cb)
{
	return nat64_net(sock_net(cb->skb->sk));
}

static void *dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	void *head = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				 cb->nlh->nlmsg_seq, &nat64_genl_family,
				 NLM_F_MULTI, cmd);

	if (head)
		genl_dump_check_consistent(cb, head);
	return head;
}

/* End the message if @err is 0, take it back otherwise. */
static int dump_close(struct sk_buff *skb, void *head, int err)
{
	if (err)
		genlmsg_cancel(skb, head);
	else
		genlmsg_end(skb, head);
	return err;
}

/*
 * Step into the table again. The entry where we stopped may be gone, and
 * others of its chain too: report the chain again rather than skip one.
 */
static bool walk_resume(struct rhashtable_iter *iter) __acquires(RCU)
{
	bool stopped = iter->p;
	bool same = rhashtable_walk_start_check(iter) != -EAGAIN;

	if (same && stopped && !iter->p)
		iter->skip = 0;
	return same;
}

static void walk_pause(struct rhashtable_iter *iter) __releases(RCU)
{
	rhashtable_walk_stop(iter);
	cond_resched();
}

static int table_dump(struct sk_buff *skb, struct netlink_callback *cb,
		      int (*put)(struct sk_buff *skb,
				 struct netlink_callback *cb,
				 const struct nat64_filter *f, void *obj))
{
	struct dump *d = dump_get(cb);
	unsigned int seen = 0;
	void *obj;

	if (!walk_resume(&d->iter))
		cb->seq++;
	obj = rhashtable_walk_peek(&d->iter);
	for (; obj; obj = rhashtable_walk_next(&d->iter)) {
		if (IS_ERR(obj))
			cb->seq++;
		else if (put(skb, cb, &d->filter, obj))
			break;
		if (++seen % DUMP_BATCH)
			continue;
		walk_pause(&d->iter);
		if (!walk_resume(&d->iter))
			cb->seq++;
	}
	rhashtable_walk_stop(&d->iter);
	return skb->len;
}

static int filter_start(struct netlink_callback *cb,
			const struct nla_policy *policy)
{
	struct nlattr *tb[NAT64_FILTER_MAX + 1];
	struct dump *d;
	int err;

	err = genlmsg_parse(cb->nlh, &nat64_genl_family, tb, NAT64_FILTER_MAX,
			    policy, cb->extack);
	if (err)
		return err;
	d = kzalloc(sizeof(*d), GFP_KERNEL);
	if (!d)
		return -ENOMEM;
	err = nat64_filter_parse(&d->filter, tb, cb->extack);
	if (err) {
		kfree(d);
		return err;
	}
	cb->args[0] = (long)d;
	cb->seq = 1;
	return 0;
}

static int table_start(struct netlink_callback *cb, struct rhashtable *table,
		       const struct nla_policy *policy)
{
	int err = filter_start(cb, policy);

	if (err)
		return err;
	rhashtable_walk_enter(table, &dump_get(cb)->iter);
	dump_get(cb)->walks = true;
	return 0;
}

int nat64_dump_done(struct netlink_callback *cb)
{
	struct dump *d = dump_get(cb);

	if (d && d->walks)
		rhashtable_walk_exit(&d->iter);
	kfree(d);
	return 0;
}

static int binding_put(struct sk_buff *skb, struct netlink_callback *cb,
		       const struct nat64_filter *f, void *obj)
{
	const struct nat64_binding *b = obj;
	const struct nat64_config *cfg;
	void *head;
	int err;

	if (READ_ONCE(b->flags) & NAT64_BINDING_DEAD ||
	    !nat64_filter_binding(f, b))
		return 0;
	head = dump_put(skb, cb, NAT64_CMD_BINDING_GET);
	if (!head)
		return -EMSGSIZE;
	cfg = rcu_dereference(dump_net(cb)->config);
	err = nla_put_u32(skb, NAT64_A_GENID, cfg->genid) ?:
	      nat64_report_binding(skb, b) ?:
	      nla_put_u32(skb, NAT64_A_SESSIONS, READ_ONCE(b->sessions));
	return dump_close(skb, head, err);
}

int nat64_dump_start_bindings(struct netlink_callback *cb)
{
	return table_start(cb, &dump_net(cb)->bindings4, nat64_binding_policy);
}

int nat64_dump_bindings(struct sk_buff *skb, struct netlink_callback *cb)
{
	return table_dump(skb, cb, binding_put);
}

static int session_put(struct sk_buff *skb, struct netlink_callback *cb,
		       const struct nat64_filter *f, void *obj)
{
	const struct nat64_session *s = obj;
	const struct nat64_config *cfg;
	void *head;
	int err;

	if (READ_ONCE(s->flags) & NAT64_SESSION_DEAD ||
	    !nat64_filter_session(s, f))
		return 0;
	head = dump_put(skb, cb, NAT64_CMD_SESSION_GET);
	if (!head)
		return -EMSGSIZE;
	cfg = rcu_dereference(dump_net(cb)->config);
	err = nat64_report_session(skb, cfg, s) ?:
	      nla_put_u64_64bit(skb, NAT64_A_EXPIRES_MS,
				nat64_left(READ_ONCE(s->deadline)),
				NAT64_A_PAD);
	return dump_close(skb, head, err);
}

int nat64_dump_start_sessions(struct netlink_callback *cb)
{
	return table_start(cb, &dump_net(cb)->sessions6, nat64_session_policy);
}

int nat64_dump_sessions(struct sk_buff *skb, struct netlink_callback *cb)
{
	return table_dump(skb, cb, session_put);
}

static int gate_put(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct nat64_gate *g)
{
	void *head;
	int err;

	if (READ_ONCE(g->flags) & NAT64_GATE_DEAD ||
	    !nat64_filter_gate(&dump_get(cb)->filter, g))
		return 0;
	head = dump_put(skb, cb, NAT64_CMD_GATE_GET);
	if (!head)
		return -EMSGSIZE;
	err = nat64_report_gate(skb, g, true) ?:
	      nla_put_u64_64bit(skb, NAT64_A_EXPIRES_MS,
				nat64_left(READ_ONCE(g->deadline)),
				NAT64_A_PAD);
	return dump_close(skb, head, err);
}

int nat64_dump_start_gates(struct netlink_callback *cb)
{
	return filter_start(cb, nat64_gate_policy);
}

int nat64_dump_gates(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct xarray *gates = &dump_net(cb)->gates;
	unsigned long id = cb->args[1];
	unsigned int seen = 0;
	struct nat64_gate *g;

	rcu_read_lock();
	for (g = xa_find(gates, &id, ULONG_MAX, XA_PRESENT); g;
	     g = xa_find_after(gates, &id, ULONG_MAX, XA_PRESENT)) {
		if (gate_put(skb, cb, g))
			break;
		cb->args[1] = id + 1;
		if (++seen % DUMP_BATCH)
			continue;
		rcu_read_unlock();
		cond_resched();
		rcu_read_lock();
	}
	rcu_read_unlock();
	return skb->len;
}

void nat64_dump_tally(struct nat64_net *nn,
		      int (*bin)(const struct nat64_session *s,
				 const void *data),
		      const void *data, u32 *count, unsigned int bins)
{
	unsigned int seen = 0, restarts = 0;
	struct rhashtable_iter iter;
	struct nat64_session *s;

	memset(count, 0, bins * sizeof(*count));
	rhashtable_walk_enter(&nn->sessions6, &iter);
	rhashtable_walk_start(&iter);
	while ((s = rhashtable_walk_next(&iter))) {
		if (!IS_ERR(s) && !(READ_ONCE(s->flags) & NAT64_SESSION_DEAD)) {
			int i = bin(s, data);

			if (i >= 0)
				count[i]++;
		}
		if (IS_ERR(s) && restarts++ < 8)
			memset(count, 0, bins * sizeof(*count));
		if (++seen % DUMP_BATCH)
			continue;
		walk_pause(&iter);
		if (rhashtable_walk_start_check(&iter) == -EAGAIN)
			memset(count, 0, bins * sizeof(*count));
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

/*
 * Lists: entry @i is put by a function, cb->args[1] is the next one. The lock
 * keeps the configuration, and lets the functions sleep.
 */
static int list_dump(struct sk_buff *skb, struct netlink_callback *cb,
		     u8 cmd, u32 count,
		     int (*put)(struct sk_buff *skb,
				struct netlink_callback *cb,
				const struct nat64_config *cfg, u32 i),
		     const struct nat64_config *cfg)
{
	void *head;
	int err;

	for (; cb->args[1] < count; cb->args[1]++) {
		head = dump_put(skb, cb, cmd);
		if (!head)
			break;
		err = put(skb, cb, cfg, cb->args[1]);
		if (err == -ENOENT) {
			genlmsg_cancel(skb, head);
			continue;
		}
		if (dump_close(skb, head, err))
			break;
	}
	return skb->len;
}

static const struct nat64_config *config_lock(struct netlink_callback *cb)
{
	struct nat64_net *nn = dump_net(cb);
	const struct nat64_config *cfg;

	mutex_lock(&nn->config_lock);
	cfg = rcu_dereference_protected(nn->config,
					lockdep_is_held(&nn->config_lock));
	cb->seq = cfg->genid;
	return cfg;
}

static void config_unlock(struct netlink_callback *cb)
{
	mutex_unlock(&dump_net(cb)->config_lock);
}

static int prefix_bin(const struct nat64_session *s, const void *data)
{
	return s->t6.prefix;
}

int nat64_dump_start_prefixes(struct netlink_callback *cb)
{
	struct dump *d = kzalloc(sizeof(*d), GFP_KERNEL);

	if (!d)
		return -ENOMEM;
	nat64_dump_tally(dump_net(cb), prefix_bin, NULL, d->sessions,
			 NAT64_PREFIX_SLOTS);
	cb->args[0] = (long)d;
	return 0;
}

static int prefix_put(struct sk_buff *skb, struct netlink_callback *cb,
		      const struct nat64_config *cfg, u32 i)
{
	const struct nat64_prefix *p = &cfg->prefix[i];

	if (!p->len)
		return -ENOENT;
	return nla_put_u32(skb, NAT64_A_GENID, cfg->genid) ?:
	       nla_put_in6_addr(skb, NAT64_A_ADDR6, &p->addr) ?:
	       nla_put_u8(skb, NAT64_A_PREFIX_LEN, p->len) ?:
	       nla_put_u32(skb, NAT64_A_SESSIONS, dump_get(cb)->sessions[i]);
}

int nat64_dump_prefixes(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct nat64_config *cfg = config_lock(cb);
	int len = list_dump(skb, cb, NAT64_CMD_PREFIX_GET, NAT64_PREFIX_SLOTS,
			    prefix_put, cfg);

	config_unlock(cb);
	return len;
}

static u64 pool_ports(const struct nat64_pool_entry *e)
{
	u32 ports = e->port_max - e->port_min + 1, each = 0;

	if (e->protos & BIT(NAT64_L4_ICMP))
		each += ports;
	/* Nobody may have port 0 of TCP and UDP. */
	ports -= !e->port_min;
	if (e->protos & BIT(NAT64_L4_TCP))
		each += ports;
	if (e->protos & BIT(NAT64_L4_UDP))
		each += ports;
	return (u64)(e->last - e->first + 1) * each;
}

/* The protocol that @e is for, or 0 if it is for all. */
static u8 pool_proto(const struct nat64_pool_entry *e)
{
	switch (e->protos) {
	case BIT(NAT64_L4_TCP):
		return IPPROTO_TCP;
	case BIT(NAT64_L4_UDP):
		return IPPROTO_UDP;
	case BIT(NAT64_L4_ICMP):
		return IPPROTO_ICMP;
	default:
		return 0;
	}
}

static int pool_put(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct nat64_config *cfg, u32 i)
{
	const struct nat64_pool_entry *e = &cfg->pool->entry[i];
	u32 flags = (e->no_pat ? NAT64_F_NO_PAT : 0) |
		    (e->forced ? NAT64_F_FORCE : 0);
	u8 proto = pool_proto(e);

	if (nla_put_u32(skb, NAT64_A_GENID, cfg->genid) ||
	    nla_put_in_addr(skb, NAT64_A_ADDR4, cpu_to_be32(e->first)) ||
	    nla_put_in_addr(skb, NAT64_A_ADDR4_LAST, cpu_to_be32(e->last)) ||
	    nla_put_u16(skb, NAT64_A_PORT_MIN, e->port_min) ||
	    nla_put_u16(skb, NAT64_A_PORT_MAX, e->port_max) ||
	    (proto && nla_put_u8(skb, NAT64_A_PROTO, proto)) ||
	    nla_put_u32(skb, NAT64_A_FLAGS, flags) ||
	    nla_put_u64_64bit(skb, NAT64_A_PORTS_USED,
			      nat64_pool_used(dump_net(cb), e), NAT64_A_PAD))
		return -EMSGSIZE;
	return nla_put_u64_64bit(skb, NAT64_A_PORTS_TOTAL, pool_ports(e),
				 NAT64_A_PAD);
}

int nat64_dump_pool(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct nat64_config *cfg = config_lock(cb);
	int len = list_dump(skb, cb, NAT64_CMD_POOL_GET, cfg->pool->count,
			    pool_put, cfg);

	config_unlock(cb);
	return len;
}

static int timeout_put(struct sk_buff *skb, struct netlink_callback *cb,
		       const struct nat64_config *cfg, u32 i)
{
	const struct nat64_timeout_info *info = &nat64_timeouts[i];

	return nla_put_u32(skb, NAT64_A_GENID, cfg->genid) ?:
	       nla_put_string(skb, NAT64_A_NAME, info->name) ?:
	       nla_put_u64_64bit(skb, NAT64_A_VALUE, cfg->timeout[i],
				 NAT64_A_PAD) ?:
	       nla_put_u64_64bit(skb, NAT64_A_DEFAULT, info->def_ms,
				 NAT64_A_PAD) ?:
	       nla_put_u64_64bit(skb, NAT64_A_MIN, info->floor_ms,
				 NAT64_A_PAD) ?:
	       nla_put_string(skb, NAT64_A_HELP, info->help);
}

int nat64_dump_timeouts(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct nat64_config *cfg = config_lock(cb);
	int len = list_dump(skb, cb, NAT64_CMD_TIMEOUT_GET,
			    NAT64_TIMEOUT_COUNT, timeout_put, cfg);

	config_unlock(cb);
	return len;
}

static int limit_put(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct nat64_config *cfg, u32 i)
{
	const struct nat64_limit_info *info = &nat64_limits[i];

	return nla_put_u32(skb, NAT64_A_GENID, cfg->genid) ?:
	       nla_put_string(skb, NAT64_A_NAME, info->name) ?:
	       nla_put_u64_64bit(skb, NAT64_A_VALUE, cfg->limit[i],
				 NAT64_A_PAD) ?:
	       nla_put_u64_64bit(skb, NAT64_A_DEFAULT, info->def,
				 NAT64_A_PAD) ?:
	       nla_put_string(skb, NAT64_A_HELP, info->help);
}

int nat64_dump_limits(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct nat64_config *cfg = config_lock(cb);
	int len = list_dump(skb, cb, NAT64_CMD_LIMIT_GET, NAT64_LIMIT_COUNT,
			    limit_put, cfg);

	config_unlock(cb);
	return len;
}

static int option_put(struct sk_buff *skb, struct netlink_callback *cb,
		      const struct nat64_config *cfg, u32 i)
{
	const struct nat64_option_info *info = &nat64_options[i];
	char text[NAT64_TEXT_MAX];

	nat64_option_text(cfg, i, text, sizeof(text));
	return nla_put_u32(skb, NAT64_A_GENID, cfg->genid) ?:
	       nla_put_string(skb, NAT64_A_NAME, info->name) ?:
	       nla_put_string(skb, NAT64_A_OPTION_TEXT, text) ?:
	       nla_put_string(skb, NAT64_A_DEFAULT_TEXT, info->def) ?:
	       nla_put_string(skb, NAT64_A_CHOICES, info->choices) ?:
	       nla_put_string(skb, NAT64_A_HELP, info->help);
}

int nat64_dump_options(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct nat64_config *cfg = config_lock(cb);
	int len = list_dump(skb, cb, NAT64_CMD_OPTION_GET, NAT64_OPTION_COUNT,
			    option_put, cfg);

	config_unlock(cb);
	return len;
}

static int stats_put(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct nat64_config *cfg, u32 i)
{
	const struct nat64_net *nn = dump_net(cb);
	u64 value = nat64_stats_sum(nn->stats, i) - nn->stats_base[i];

	return nla_put_string(skb, NAT64_A_NAME, nat64_stats_name(i)) ?:
	       nla_put_u64_64bit(skb, NAT64_A_VALUE, value, NAT64_A_PAD) ?:
	       nla_put_string(skb, NAT64_A_HELP, nat64_stats_help(i));
}

int nat64_dump_stats(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct nat64_config *cfg = config_lock(cb);
	int len = list_dump(skb, cb, NAT64_CMD_STATS_GET, NAT64_COUNTER_COUNT,
			    stats_put, cfg);

	config_unlock(cb);
	return len;
}

static int alg_put(struct sk_buff *skb, struct netlink_callback *cb,
		   const struct nat64_config *cfg, u32 i)
{
	const struct nat64_alg_config *alg = &cfg->alg[i];
	unsigned int n;

	if (nla_put_u32(skb, NAT64_A_GENID, cfg->genid) ||
	    nla_put_string(skb, NAT64_A_NAME, nat64_algs[i].name) ||
	    nla_put_u32(skb, NAT64_A_FLAGS, alg->ports ? NAT64_F_ENABLED : 0))
		return -EMSGSIZE;
	for (n = 0; n < alg->ports; n++)
		if (nla_put_u16(skb, NAT64_A_PORT4, be16_to_cpu(alg->port[n])))
			return -EMSGSIZE;
	return nla_put_u64_64bit(skb, NAT64_A_DEFAULT, nat64_algs[i].port,
				 NAT64_A_PAD) ?:
	       nla_put_string(skb, NAT64_A_HELP, nat64_algs[i].help);
}

int nat64_dump_algs(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct nat64_config *cfg = config_lock(cb);
	int len = list_dump(skb, cb, NAT64_CMD_ALG_GET, NAT64_ALG_COUNT,
			    alg_put, cfg);

	config_unlock(cb);
	return len;
}
