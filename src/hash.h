/* SPDX-License-Identifier: GPL-2.0 */
/* One keyed hash for all tables (SEC-09: nobody outside can choose a bucket). */
#ifndef _NAT64_HASH_H
#define _NAT64_HASH_H

#include <linux/prefetch.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>

extern hsiphash_key_t nat64_hash_key;

/**
 * nat64_hash() - rht_hashfn_t
 * @seed: random per table and resize
 */
static inline u32 nat64_hash(const void *key, u32 len, u32 seed)
{
	hsiphash_key_t k = nat64_hash_key;

	k.key[0] ^= seed;
	return hsiphash(key, len, &k);
}

/**
 * nat64_hash_prefetch() - have the bucket of a key at hand when it is looked for
 * @params: a constant, as for rhashtable_lookup()
 *
 * Of a new flow no bucket is in the cache. Waiting for several at a time takes as
 * long as for one.
 *
 * Context: RCU read side.
 */
static __always_inline void
nat64_hash_prefetch(struct rhashtable *ht, const void *key,
		    const struct rhashtable_params params)
{
	const struct bucket_table *tbl = rht_dereference_rcu(ht->tbl, ht);

	prefetch(rht_bucket(tbl, rht_key_hashfn(ht, tbl, key, params)));
}

#endif /* _NAT64_HASH_H */
