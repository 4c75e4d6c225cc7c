/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Internet checksum (RFC 1071, RFC 1624).
 *
 * Sums and differences are kept in memory order, as the kernel's __wsum and
 * __sum16 are: words are added as they lie in memory, so no byte is swapped
 * on either endianness. A "sum" (u32) may be unfolded; a "delta" (u16) is
 * the folded difference sum(new) - sum(old), which is constant for the
 * addresses and ports of a session.
 *
 * PURE: any context.
 */
#ifndef _NAT64_CHECKSUM_H
#define _NAT64_CHECKSUM_H

#include "portable.h"

/** nat64_csum_fold() - @sum as 16 bits, not complemented */
static inline u16 nat64_csum_fold(u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)sum;
}

/** nat64_csum_add() - sum of two folded sums or deltas */
static inline u16 nat64_csum_add(u16 a, u16 b)
{
	return nat64_csum_fold((u32)a + b);
}

/** nat64_csum_neg() - the delta that undoes @delta */
static inline u16 nat64_csum_neg(u16 delta)
{
	return (u16)~delta;
}

/**
 * nat64_csum_bytes() - add @len octets to @sum
 * @data: any alignment; starts at an even position of the checksummed data
 * @len: octets; an odd one is padded with zero (only at the very end)
 * @sum: sum so far
 *
 * Return: folded sum.
 */
static inline u32 nat64_csum_bytes(const void *data, u32 len, u32 sum)
{
	const u8 *p = data;
	u64 acc = sum;

	for (; len >= 4; len -= 4, p += 4) {
		u32 w;

		__builtin_memcpy(&w, p, 4);
		acc += w;
	}
	if (len & 2) {
		u16 w;

		__builtin_memcpy(&w, p, 2);
		acc += w;
		p += 2;
	}
	if (len & 1) {
		u8 last[2] = { *p, 0 };
		u16 w;

		__builtin_memcpy(&w, last, 2);
		acc += w;
	}
	acc = (acc & 0xffffffff) + (acc >> 32);
	acc = (acc & 0xffffffff) + (acc >> 32);
	return nat64_csum_fold((u32)acc);
}

/** nat64_csum_addr6() - folded sum of an IPv6 address */
static inline u16 nat64_csum_addr6(const struct in6_addr *a)
{
	return (u16)nat64_csum_bytes(a, sizeof(*a), 0);
}

/** nat64_csum_addr4() - folded sum of an IPv4 address */
static inline u16 nat64_csum_addr4(__be32 a)
{
	return nat64_csum_fold((__force u32)a);
}

/**
 * nat64_csum_pseudo6() - sum of the IPv6 pseudo-header
 * @src: source
 * @dst: destination
 * @len: octets of the upper-layer packet
 * @proto: its protocol
 */
static inline u32 nat64_csum_pseudo6(const struct in6_addr *src,
				     const struct in6_addr *dst, u32 len,
				     u8 proto)
{
	u32 sum = nat64_csum_addr6(src);

	sum += nat64_csum_addr6(dst);
	sum += nat64_csum_fold((__force u32)cpu_to_be32(len));
	sum += (__force u16)cpu_to_be16(proto);
	return sum;
}

/** nat64_csum_pseudo4() - sum of the IPv4 pseudo-header */
static inline u32 nat64_csum_pseudo4(__be32 src, __be32 dst, u32 len,
				     u8 proto)
{
	u32 sum = nat64_csum_addr4(src);

	sum += nat64_csum_addr4(dst);
	sum += nat64_csum_fold((__force u32)cpu_to_be32(len));
	sum += (__force u16)cpu_to_be16(proto);
	return sum;
}

/** nat64_csum_final() - checksum field for @sum */
static inline __sum16 nat64_csum_final(u32 sum)
{
	return (__force __sum16)(u16)~nat64_csum_fold(sum);
}

/** nat64_csum_udp() - as a UDP checksum field: never zero (RFC 768) */
static inline __sum16 nat64_csum_udp(__sum16 check)
{
	return check ? check : (__force __sum16)0xffff;
}

/**
 * nat64_csum_delta_64() - delta for the addresses of a packet, IPv6 to IPv4
 * @src6: source before
 * @dst6: destination before
 * @src4: source after
 * @dst4: destination after
 *
 * Length and protocol add the same to both pseudo-headers, so this is all
 * for TCP and UDP. The other direction applies nat64_csum_neg() of it, given
 * the same addresses.
 */
static inline u16 nat64_csum_delta_64(const struct in6_addr *src6,
				      const struct in6_addr *dst6,
				      __be32 src4, __be32 dst4)
{
	u32 new = (u32)nat64_csum_addr4(src4) + nat64_csum_addr4(dst4);
	u32 old = (u32)nat64_csum_addr6(src6) + nat64_csum_addr6(dst6);

	return nat64_csum_add(nat64_csum_fold(new),
			      nat64_csum_neg(nat64_csum_fold(old)));
}

/** nat64_csum_delta16() - delta for one 16-bit field (port, identifier) */
static inline u16 nat64_csum_delta16(__be16 old, __be16 new)
{
	return nat64_csum_add((__force u16)new,
			      nat64_csum_neg((__force u16)old));
}

/**
 * nat64_csum_apply() - update a checksum field
 * @check: field before; right or wrong, it stays that (RFC 1624 eqn. 3)
 * @delta: difference of all that it covers: addresses and ports
 *
 * Return: field after. UDP: not for a field that is zero, and the result
 * goes through nat64_csum_udp().
 */
static inline __sum16 nat64_csum_apply(__sum16 check, u16 delta)
{
	return nat64_csum_final((u32)(u16)~(__force u16)check + delta);
}

/**
 * nat64_csum_apply_partial() - update the field of a CHECKSUM_PARTIAL packet
 * @check: field before: the pseudo-header's sum, not complemented
 * @delta: difference of the addresses only; the rest is summed later
 *
 * Return: field after.
 */
static inline __sum16 nat64_csum_apply_partial(__sum16 check, u16 delta)
{
	return (__force __sum16)nat64_csum_add((__force u16)check, delta);
}

#endif /* _NAT64_CHECKSUM_H */
