// SPDX-License-Identifier: GPL-2.0
#include "netns.h"

#include <linux/rhashtable.h>

#include "attach.h"
#include "binding.h"
#include "gate.h"
#include "notify.h"
#include "session.h"
#include "subscriber.h"

unsigned int nat64_net_id __read_mostly;

static int tables_init(struct nat64_net *nn)
{
	const struct {
		struct rhashtable *table;
		const struct rhashtable_params *params;
	} tables[] = {
		{ &nn->sessions6, &nat64_session_params6 },
		{ &nn->sessions4, &nat64_session_params4 },
		{ &nn->bindings6, &nat64_binding_params6 },
		{ &nn->bindings4, &nat64_binding_params4 },
		{ &nn->subscribers, &nat64_subscriber_params },
	};
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		err = rhashtable_init(tables[i].table, tables[i].params);
		if (err)
			goto destroy;
	}
	return 0;

destroy:
	while (i--)
		rhashtable_destroy(tables[i].table);
	return err;
}

static void tables_destroy(struct nat64_net *nn)
{
	rhashtable_destroy(&nn->subscribers);
	rhashtable_destroy(&nn->bindings4);
	rhashtable_destroy(&nn->bindings6);
	rhashtable_destroy(&nn->sessions4);
	rhashtable_destroy(&nn->sessions6);
}

static int __net_init net_init(struct net *net)
{
	struct nat64_net *nn = nat64_net(net);
	int err;

	nn->net = net;
	mutex_init(&nn->config_lock);
	nat64_pool_init(nn);
	nat64_syn_init(nn);
	nat64_notify_init(nn);
	nn->stats = nat64_stats_alloc();
	if (!nn->stats)
		return -ENOMEM;
	err = tables_init(nn);
	if (err)
		goto stats;
	err = nat64_gate_net_init(nn);
	if (err)
		goto tables;
	err = nat64_expire_init(nn);
	if (err)
		goto gates;
	err = nat64_config_init(nn);
	if (err)
		goto expire;
	return 0;

expire:
	nat64_expire_exit(nn);
gates:
	nat64_gate_net_exit(nn);
tables:
	tables_destroy(nn);
stats:
	free_percpu(nn->stats);
	return err;
}

static bool any(const struct nat64_session *s, const void *data)
{
	return true;
}

static void bindings_flush(struct nat64_net *nn)
{
	const struct nat64_config *cfg =
		rcu_dereference_protected(nn->config, true);
	u32 i;

	for (i = 0; i < cfg->static_count; i++)
		nat64_binding_del_static(nn, &cfg->statics[i].k6, false);
	nat64_binding_expire(nn, false);
}

static void __net_exit net_exit(struct net *net)
{
	struct nat64_net *nn = nat64_net(net);

	/* First no packet, then no timer, then no state. */
	nat64_detach(nn);
	nat64_expire_stop(nn);
	nat64_syn_flush(nn);
	/* Gates go with their control connections. */
	nat64_session_sweep(nn, any, NULL);
	bindings_flush(nn);
	nat64_config_exit(nn);
	nat64_expire_exit(nn);
	nat64_pool_exit(nn);
	nat64_gate_net_exit(nn);
	tables_destroy(nn);
	free_percpu(nn->stats);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.exit = net_exit,
	.id = &nat64_net_id,
	.size = sizeof(struct nat64_net),
};

int __init nat64_netns_init(void)
{
	return register_pernet_subsys(&net_ops);
}

void nat64_netns_exit(void)
{
	unregister_pernet_subsys(&net_ops);
}
