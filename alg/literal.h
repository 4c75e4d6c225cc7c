/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses as text.
 *
 * PURE: any context, no locks, no allocation.
 */
#ifndef _NAT64_ALG_LITERAL_H
#define _NAT64_ALG_LITERAL_H

#include "portable.h"

#define NAT64_LITERAL4_MAX 15
#define NAT64_LITERAL6_MAX 39

/**
 * nat64_literal_parse4() - four decimal numbers
 * @p: text
 * @len: octets, all of which must belong to it
 * @v4: result
 *
 * Numbers with a leading zero are refused: some take them for octal.
 */
bool __must_check nat64_literal_parse4(const u8 *p, u32 len, __be32 *v4);

/**
 * nat64_literal_parse6() - as of RFC 4291 2.2, all three forms
 * @p: text, without brackets and zone
 * @len: octets, all of which must belong to it
 * @v6: result
 */
bool __must_check nat64_literal_parse6(const u8 *p, u32 len,
				       struct in6_addr *v6);

/**
 * nat64_literal_print4()
 * @v4: address
 * @out: NAT64_LITERAL4_MAX octets; no end is marked
 *
 * Return: octets written.
 */
u32 nat64_literal_print4(__be32 v4, u8 *out);

/**
 * nat64_literal_print6() - the form of RFC 5952, hexadecimal to the end
 * @v6: address
 * @out: NAT64_LITERAL6_MAX octets; no end is marked
 *
 * Return: octets written.
 */
u32 nat64_literal_print6(const struct in6_addr *v6, u8 *out);

#endif /* _NAT64_ALG_LITERAL_H */
