// SPDX-License-Identifier: GPL-2.0
/*
 * nat64: stateful NAT64 (RFC 6146), the PLAT of 464XLAT (RFC 6877).
 *
 * Only the order of things: each step of nat64_init() is undone by
 * nat64_exit() in reverse.
 */
#include <linux/module.h>

#include "binding.h"
#include "gate.h"
#include "netlink.h"
#include "netns.h"
#include "reap.h"
#include "session.h"
#include "subscriber.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static int __init nat64_init(void)
{
	int err;

	err = nat64_session_init();
	if (err)
		return err;
	err = nat64_binding_init();
	if (err)
		goto session;
	err = nat64_subscriber_init();
	if (err)
		goto binding;
	err = nat64_gate_init();
	if (err)
		goto subscriber;
	err = nat64_reap_init();
	if (err)
		goto gate;
	err = nat64_netns_init();
	if (err)
		goto reap;
	err = nat64_netlink_init();
	if (err)
		goto netns;
	return 0;

netns:
	nat64_netns_exit();
reap:
	nat64_reap_exit();
	rcu_barrier();
gate:
	nat64_gate_exit();
subscriber:
	nat64_subscriber_exit();
binding:
	nat64_binding_exit();
session:
	nat64_session_exit();
	return err;
}

static void __exit nat64_exit(void)
{
	nat64_netlink_exit();
	nat64_netns_exit();
	/* Objects are freed after a grace period into the caches below. */
	nat64_reap_exit();
	rcu_barrier();
	nat64_gate_exit();
	nat64_subscriber_exit();
	nat64_binding_exit();
	nat64_session_exit();
}

module_init(nat64_init);
module_exit(nat64_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Stateful NAT64, the PLAT of 464XLAT");
MODULE_VERSION("0.1.0");
MODULE_ALIAS_GENL_FAMILY("nat64");
/* Asked for by name when a namespace gets its first prefix. */
MODULE_SOFTDEP("pre: nf_defrag_ipv4 nf_defrag_ipv6");
