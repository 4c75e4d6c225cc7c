// SPDX-License-Identifier: GPL-2.0
#include "subscriber.h"

#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "config.h"
#include "expire.h"
#include "hash.h"
#include "netns.h"
#include "notify.h"

static struct kmem_cache *cache;

const struct rhashtable_params nat64_subscriber_params = {
	.head_offset = offsetof(struct nat64_subscriber, node),
	.key_offset = offsetof(struct nat64_subscriber, key),
	.key_len = sizeof_field(struct nat64_subscriber, key),
	.hashfn = nat64_hash,
	.automatic_shrinking = true,
};

int __init nat64_subscriber_init(void)
{
	cache = KMEM_CACHE(nat64_subscriber, 0);
	return cache ? 0 : -ENOMEM;
}

void nat64_subscriber_exit(void)
{
	kmem_cache_destroy(cache);
}

static void subscriber_free(struct nat64_reap *r)
{
	kmem_cache_free(cache, container_of(r, struct nat64_subscriber, reap));
}

static struct nat64_subscriber *subscriber_new(struct nat64_net *nn,
					       const struct nat64_config *cfg,
					       const struct in6_addr *key,
					       int *why)
{
	u32 limit = cfg->limit[NAT64_LIMIT_SUBSCRIBERS];
	struct nat64_subscriber *sub, *old;

	if (atomic_read(&nn->subscribers.nelems) >= limit) {
		*why = NAT64_CNT_DROP_SUB_LIMIT;
		nat64_notify_quota(nn, 0, key, NAT64_QUOTA_SUBSCRIBERS);
		return NULL;
	}
	*why = NAT64_CNT_DROP_MEMORY;
	sub = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!sub)
		return NULL;
	sub->key = *key;
	spin_lock_init(&sub->lock);
	sub->refilled = nat64_now() - MSEC_PER_SEC;
	old = rhashtable_lookup_get_insert_fast(&nn->subscribers, &sub->node,
						nat64_subscriber_params);
	if (!old)
		return sub;
	kmem_cache_free(cache, sub);
	return IS_ERR(old) ? NULL : old;
}

struct nat64_subscriber *nat64_subscriber_get(struct nat64_net *nn,
					      const struct nat64_config *cfg,
					      const struct in6_addr *client,
					      int *why)
{
	static const u8 length[] = {
		[NAT64_SUB_48] = 48, [NAT64_SUB_56] = 56,
		[NAT64_SUB_64] = 64, [NAT64_SUB_128] = 128,
	};
	struct nat64_subscriber *sub;
	struct in6_addr key;

	ipv6_addr_prefix(&key, client,
			 length[nat64_option(cfg, NAT64_OPTION_SUBSCRIBER_LEN)]);
	sub = rhashtable_lookup_fast(&nn->subscribers, &key,
				     nat64_subscriber_params);
	return sub ?: subscriber_new(nn, cfg, &key, why);
}

void nat64_subscriber_settle(struct nat64_net *nn,
			     struct nat64_subscriber *sub)
{
	lockdep_assert_held(&sub->lock);
	if (sub->bindings || sub->dead)
		return;
	sub->dead = true;
	rhashtable_remove_fast(&nn->subscribers, &sub->node,
			       nat64_subscriber_params);
	nat64_pool_disown(nn, sub);
	/* The caller's unlock comes before the end of any grace period. */
	nat64_reap(&sub->reap, subscriber_free);
}

bool nat64_subscriber_allows(const struct nat64_config *cfg,
			     struct nat64_subscriber *sub, bool unasked)
{
	u32 rate = cfg->limit[NAT64_LIMIT_SUB_RATE];
	u32 now = nat64_now();

	lockdep_assert_held(&sub->lock);
	if (!rate)
		return true;
	if (now - sub->refilled >= MSEC_PER_SEC) {
		sub->refilled = now;
		sub->tokens = rate;
	}
	if (sub->tokens <= nat64_subscriber_kept(rate, unasked))
		return false;
	sub->tokens--;
	return true;
}
