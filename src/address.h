/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IPv4-embedded IPv6 addresses (RFC 6052) and address classes.
 *
 * PURE: any context, no locks, no allocation.
 */
#ifndef _NAT64_ADDRESS_H
#define _NAT64_ADDRESS_H

#include "portable.h"

/**
 * struct nat64_prefix - a translation prefix, Pref64::/n
 * @addr: network byte order; every bit after @len is zero once
 *	nat64_prefix_check() accepted it
 * @len: in bits: 32, 40, 48, 56, 64 or 96
 */
struct nat64_prefix {
	struct in6_addr addr;
	u8 len;
};

/**
 * nat64_prefix_check() - may this be configured as a translation prefix?
 * @p: candidate
 * @why: set on refusal to a constant sentence for the operator (extack)
 *
 * RFC 6052 2.2: six lengths, bits 64-71 zero, the well-known prefix only as
 * /96; besides, only unicast space that a host can own.
 *
 * Context: Any.
 * Return: 0, or -EINVAL with @why set. All functions below require a prefix
 * for which this returned 0.
 */
int __must_check nat64_prefix_check(const struct nat64_prefix *p,
				    const char **why);

/* Those of other lengths than 96 */
bool nat64_prefix_match_any(const struct nat64_prefix *p,
			    const struct in6_addr *a);
__be32 nat64_address_extract_any(const struct nat64_prefix *p,
				 const struct in6_addr *a);

/** nat64_prefix_match() - is @a inside @p (only its first @p->len bits)? */
static inline bool nat64_prefix_match(const struct nat64_prefix *p,
				      const struct in6_addr *a)
{
	const u8 *x = p->addr.s6_addr, *y = a->s6_addr;

	if (p->len != 96)
		return nat64_prefix_match_any(p, a);
	/* By words: memcmp() may go octet by octet. */
	return nat64_load_be32(x) == nat64_load_be32(y) &&
	       nat64_load_be32(x + 4) == nat64_load_be32(y + 4) &&
	       nat64_load_be32(x + 8) == nat64_load_be32(y + 8);
}

/** nat64_prefix_is_wkp() - is @p 64:ff9b::/96 (RFC 6052 2.1)? */
bool nat64_prefix_is_wkp(const struct nat64_prefix *p);

/** nat64_prefix_equal() - do @a and @b name the same prefix? */
bool nat64_prefix_equal(const struct nat64_prefix *a,
			const struct nat64_prefix *b);

/**
 * nat64_address_extract() - the IPv4 address inside @a
 * @p: prefix that matches @a
 * @a: IPv6 address; octet u and the suffix are ignored (RFC 6052 2.2)
 *
 * Return: IPv4 address.
 */
static inline __be32 nat64_address_extract(const struct nat64_prefix *p,
					   const struct in6_addr *a)
{
	return p->len == 96 ? nat64_load_be32(a->s6_addr + 12) :
			      nat64_address_extract_any(p, a);
}

/**
 * nat64_address_embed() - the IPv6 address for @v4 under @p
 * @p: prefix
 * @v4: IPv4 address
 * @out: result; octet u and the suffix are zero
 */
void nat64_address_embed(const struct nat64_prefix *p, __be32 v4,
			 struct in6_addr *out);

/**
 * nat64_addr4_is_global() - may @a be combined with the well-known prefix?
 * @a: IPv4 address
 *
 * RFC 6052 3.1. Only the well-known prefix has the restriction; the caller
 * asks nat64_prefix_is_wkp() first.
 */
bool nat64_addr4_is_global(__be32 a);

/** nat64_addr4_is_multicast() - 224.0.0.0/4 */
bool nat64_addr4_is_multicast(__be32 a);

/** nat64_addr4_is_broadcast() - 255.255.255.255 */
bool nat64_addr4_is_broadcast(__be32 a);

/** nat64_addr4_is_reserved() - 240.0.0.0/4, the limited broadcast included */
bool nat64_addr4_is_reserved(__be32 a);

/**
 * nat64_addr4_source_valid() - may @a be the source of a packet?
 * @a: IPv4 address
 *
 * RFC 7915 4.1: otherwise a silent drop, except as the outer source of an
 * ICMPv4 error.
 */
bool nat64_addr4_source_valid(__be32 a);

/** nat64_addr4_dest_valid() - may @a be the destination (RFC 7915 1.2)? */
bool nat64_addr4_dest_valid(__be32 a);

/** nat64_addr6_source_valid() - may @a be the source (RFC 7915 5.1)? */
bool nat64_addr6_source_valid(const struct in6_addr *a);

/** nat64_addr6_is_multicast() - ff00::/8 */
bool nat64_addr6_is_multicast(const struct in6_addr *a);

#endif /* _NAT64_ADDRESS_H */
