/* SPDX-License-Identifier: GPL-2.0 */
/* One keyed hash for all tables (SEC-09: nobody outside can choose a bucket). */
#ifndef _NAT64_HASH_H
#define _NAT64_HASH_H

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

#endif /* _NAT64_HASH_H */
