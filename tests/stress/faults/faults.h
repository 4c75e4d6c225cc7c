/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before every file of the module by faults.sh: each call that may
 * fail for want of memory asks faults.ko first. The names of all such sites
 * are in the section nat64_faults of nat64.ko.
 */
#ifndef _NAT64_STRESS_FAULTS_H
#define _NAT64_STRESS_FAULTS_H

/* All that the files of the module include and that names these calls. */
#include <linux/compiler.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/kthread.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/percpu.h>
#include <linux/rhashtable.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/stringify.h>
#include <linux/types.h>
#include <linux/xarray.h>
#include <net/genetlink.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/route.h>

/* Does the call at @site, NAME:LINE:FUNCTION, fail? */
bool nat64_fault(const char *site);

#define FAULT(call, result, ...) ({					\
	static const char site[] __aligned(1) __section("nat64_faults") = \
		KBUILD_BASENAME ".c:" __stringify(__LINE__) ":" #call;	\
									\
	nat64_fault(site) ? (result) : call(__VA_ARGS__); })

#define kmalloc(...) FAULT(kmalloc, NULL, __VA_ARGS__)
#define kzalloc(...) FAULT(kzalloc, NULL, __VA_ARGS__)
#define kmemdup(...) FAULT(kmemdup, NULL, __VA_ARGS__)
#define kvzalloc(...) FAULT(kvzalloc, NULL, __VA_ARGS__)
#define kvcalloc(...) FAULT(kvcalloc, NULL, __VA_ARGS__)
#define kvmalloc_array(...) FAULT(kvmalloc_array, NULL, __VA_ARGS__)
#define kmem_cache_create(...) FAULT(kmem_cache_create, NULL, __VA_ARGS__)
#define kmem_cache_alloc(...) FAULT(kmem_cache_alloc, NULL, __VA_ARGS__)
#define kmem_cache_zalloc(...) FAULT(kmem_cache_zalloc, NULL, __VA_ARGS__)
#define __alloc_percpu(...) FAULT(__alloc_percpu, NULL, __VA_ARGS__)
#define alloc_skb(...) FAULT(alloc_skb, NULL, __VA_ARGS__)
#define genlmsg_new(...) FAULT(genlmsg_new, NULL, __VA_ARGS__)
#define skb_gso_segment(...) FAULT(skb_gso_segment, ERR_PTR(-ENOMEM), \
				   __VA_ARGS__)
#define pskb_expand_head(...) FAULT(pskb_expand_head, -ENOMEM, __VA_ARGS__)
#define pskb_may_pull(...) FAULT(pskb_may_pull, false, __VA_ARGS__)
#define skb_ensure_writable(...) FAULT(skb_ensure_writable, -ENOMEM, \
				       __VA_ARGS__)
#define skb_checksum_help(...) FAULT(skb_checksum_help, -ENOMEM, __VA_ARGS__)
#define skb_copy(...) FAULT(skb_copy, NULL, __VA_ARGS__)
#define xa_alloc_cyclic(...) FAULT(xa_alloc_cyclic, -ENOMEM, __VA_ARGS__)
#define rhashtable_init(...) FAULT(rhashtable_init, -ENOMEM, __VA_ARGS__)
#define rhltable_init(...) FAULT(rhltable_init, -ENOMEM, __VA_ARGS__)
#define rhltable_insert(...) FAULT(rhltable_insert, -ENOMEM, __VA_ARGS__)
#define rhashtable_lookup_insert_fast(...) \
	FAULT(rhashtable_lookup_insert_fast, -ENOMEM, __VA_ARGS__)
#define rhashtable_lookup_get_insert_fast(...) \
	FAULT(rhashtable_lookup_get_insert_fast, ERR_PTR(-ENOMEM), __VA_ARGS__)
#define nf_register_net_hooks(...) \
	FAULT(nf_register_net_hooks, -ENOMEM, __VA_ARGS__)
#define nf_register_net_hook(...) \
	FAULT(nf_register_net_hook, -ENOMEM, __VA_ARGS__)
#define register_netdevice_notifier_net(...) \
	FAULT(register_netdevice_notifier_net, -ENOMEM, __VA_ARGS__)
/* By its name until 6.13, which is what the debug kernels have. */
#undef kthread_run_worker
#define kthread_run_worker(...) \
	FAULT(kthread_create_worker, ERR_PTR(-ENOMEM), __VA_ARGS__)
#define genl_register_family(...) \
	FAULT(genl_register_family, -ENOMEM, __VA_ARGS__)
#define register_pernet_subsys(...) \
	FAULT(register_pernet_subsys, -ENOMEM, __VA_ARGS__)

#endif /* _NAT64_STRESS_FAULTS_H */
