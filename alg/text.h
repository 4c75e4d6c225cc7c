/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Words, numbers and addresses in the text of line protocols.
 *
 * Text is octets and a length, never terminated. Readers take what stands at
 * the beginning and say how many octets that was; 0 is "nothing of the kind".
 *
 * PURE: any context, no locks, no allocation.
 */
#ifndef _NAT64_ALG_TEXT_H
#define _NAT64_ALG_TEXT_H

#include "portable.h"

/* Octets that a writer below needs at most */
#define NAT64_TEXT_NUMBER_MAX 10
#define NAT64_TEXT_ADDR4_MAX 15
#define NAT64_TEXT_ADDR6_MAX 39

static inline bool nat64_text_is_blank(u8 c)
{
	return c == ' ' || c == '\t';
}

static inline bool nat64_text_is_digit(u8 c)
{
	return c >= '0' && c <= '9';
}

static inline bool nat64_text_is_alpha(u8 c)
{
	c |= 0x20;
	return c >= 'a' && c <= 'z';
}

/** nat64_text_blanks() - how many blanks and tabs @text begins with */
u32 nat64_text_blanks(const u8 *text, u32 len);

/** nat64_text_trim() - length of @text without the blanks at its end */
u32 nat64_text_trim(const u8 *text, u32 len);

/** nat64_text_equal() - is @text @word, whatever the case of ASCII letters? */
bool nat64_text_equal(const u8 *text, u32 len, const char *word);

/**
 * nat64_text_number() - read a decimal number
 * @text: begins with it
 * @len: octets of @text
 * @max: the largest that is accepted
 * @value: result; untouched on failure
 *
 * Takes all digits there are, leading zeros included; no sign.
 *
 * Return: octets, 0 if there is no digit or the number exceeds @max.
 */
u32 nat64_text_number(const u8 *text, u32 len, u32 max, u32 *value);

/** nat64_text_put_number() - write @value in decimal; returns octets */
u32 nat64_text_put_number(u8 *to, u32 value);

/**
 * nat64_text_addr4() - read four decimal numbers with dots
 * @addr: result; untouched on failure
 *
 * Return: octets, 0 if there is no address, or if a digit or a dot follows.
 */
u32 nat64_text_addr4(const u8 *text, u32 len, __be32 *addr);

/** nat64_text_put_addr4() - write @addr, four numbers and @separator */
u32 nat64_text_put_addr4(u8 *to, __be32 addr, char separator);

/**
 * nat64_text_addr6() - is all of @text an IPv6 address (RFC 4291 2.2)?
 * @addr: result; untouched on failure
 */
bool nat64_text_addr6(const u8 *text, u32 len, struct in6_addr *addr);

/**
 * nat64_text_put_addr6() - write @addr as RFC 5952 says, hexadecimal to the end
 * Return: octets.
 */
u32 nat64_text_put_addr6(u8 *to, const struct in6_addr *addr);

#endif /* _NAT64_ALG_TEXT_H */
