// SPDX-License-Identifier: GPL-2.0
#include "attach.h"

#include <linux/list.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/slab.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "hook.h"
#include "netns.h"

/* After defragmentation and raw, before conntrack could see the packet. */
static const struct nf_hook_ops hooks[] = {
	{
		.hook = nat64_hook6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_CONNTRACK - 1,
	}, {
		.hook = nat64_hook6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP6_PRI_CONNTRACK - 1,
	}, {
		.hook = nat64_hook4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_CONNTRACK - 1,
	}, {
		.hook = nat64_hook4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_CONNTRACK - 1,
	},
};

/*
 * The defragmenters are modules. Linking against them would make insmod fail
 * wherever they are not loaded; asking for them by name does not. A symbol
 * that is held keeps its module.
 */
#define DEFRAG_ON(family, net) ({					\
	typeof(&nf_defrag_##family##_enable) on =			\
		symbol_request(nf_defrag_##family##_enable);		\
	int err = on ? on(net) : -EOPNOTSUPP;				\
									\
	if (on && err)							\
		symbol_put(nf_defrag_##family##_enable);		\
	err; })

#define DEFRAG_OFF(family, net) do {					\
	typeof(&nf_defrag_##family##_disable) off =			\
		symbol_get(nf_defrag_##family##_disable);		\
									\
	if (off) {							\
		off(net);						\
		symbol_put(nf_defrag_##family##_disable);		\
	}								\
	symbol_put(nf_defrag_##family##_enable);			\
} while (0)

static int defrag_on(struct net *net)
{
	int err = DEFRAG_ON(ipv4, net);

	if (err)
		return err;
	err = DEFRAG_ON(ipv6, net);
	if (err)
		DEFRAG_OFF(ipv4, net);
	return err;
}

static void defrag_off(struct net *net)
{
	DEFRAG_OFF(ipv6, net);
	DEFRAG_OFF(ipv4, net);
}

/**
 * struct entrance - our hook at the ingress of a device
 * @list: of the namespace; under RTNL
 * @ops: as registered
 * @rcu: netfilter reads @ops until a grace period after they are gone
 */
struct entrance {
	struct list_head list;
	struct nf_hook_ops ops;
	struct rcu_head rcu;
};

/* A device without goes on the longer way: nothing depends on it. */
static void entrance_add(struct nat64_net *nn, struct net_device *dev)
{
	struct entrance *e;

	if (dev->flags & IFF_LOOPBACK)
		return;
	e = kzalloc(sizeof(*e), GFP_KERNEL_ACCOUNT);
	if (!e)
		return;
	e->ops = (struct nf_hook_ops){
		.hook = nat64_hook_early,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
		.dev = dev,
		/* After whatever else looks at the packets of the device. */
		.priority = INT_MAX,
	};
	if (nf_register_net_hook(nn->net, &e->ops))
		kfree(e);
	else
		list_add(&e->list, &nn->entrances);
}

static void entrance_del(struct nat64_net *nn, const struct net_device *dev)
{
	struct entrance *e;

	list_for_each_entry(e, &nn->entrances, list) {
		if (e->ops.dev != dev)
			continue;
		list_del(&e->list);
		nf_unregister_net_hook(nn->net, &e->ops);
		kfree_rcu(e, rcu);
		return;
	}
}

/* Registering it brings an event of each device, and unregistering as well. */
static int on_device(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct nat64_net *nn = container_of(nb, struct nat64_net, on_device);
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	if (event == NETDEV_REGISTER)
		entrance_add(nn, dev);
	else if (event == NETDEV_UNREGISTER)
		entrance_del(nn, dev);
	return NOTIFY_DONE;
}

int nat64_attach(struct nat64_net *nn, struct netlink_ext_ack *extack)
{
	int err = defrag_on(nn->net);

	if (err) {
		NL_SET_ERR_MSG_MOD(extack,
				   "nf_defrag_ipv4 or nf_defrag_ipv6 cannot be loaded");
		return err;
	}
	err = nf_register_net_hooks(nn->net, hooks, ARRAY_SIZE(hooks));
	if (err)
		goto defrag;
	INIT_LIST_HEAD(&nn->entrances);
	nn->on_device.notifier_call = on_device;
	err = register_netdevice_notifier_net(nn->net, &nn->on_device);
	if (err)
		goto hooks;
	nn->active = true;
	return 0;

hooks:
	nf_unregister_net_hooks(nn->net, hooks, ARRAY_SIZE(hooks));
defrag:
	NL_SET_ERR_MSG_MOD(extack, "hooks cannot be registered");
	defrag_off(nn->net);
	return err;
}

static unsigned int pass(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

void nat64_detach(struct nat64_net *nn)
{
	static const struct nf_hook_ops fence = {
		.hook = pass,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
	};

	if (!nn->active)
		return;
	unregister_netdevice_notifier_net(nn->net, &nn->on_device);
	nf_unregister_net_hooks(nn->net, hooks, ARRAY_SIZE(hooks));
	synchronize_net();
	/*
	 * A packet that was inside may have been queued to user space (NFQUEUE)
	 * with our function to continue it. Taking away any hook drops what is
	 * queued in the namespace.
	 */
	if (!nf_register_net_hook(nn->net, &fence))
		nf_unregister_net_hook(nn->net, &fence);
	defrag_off(nn->net);
	nn->active = false;
}
