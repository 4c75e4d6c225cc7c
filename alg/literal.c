// SPDX-License-Identifier: GPL-2.0
#include "literal.h"

bool nat64_literal_parse4(const u8 *p, u32 len, __be32 *v4)
{
	u32 i = 0, n, value, addr = 0, start;

	for (n = 0; n < 4; n++) {
		if (n && (i == len || p[i++] != '.'))
			return false;
		start = i;
		for (value = 0; i < len && i - start < 3 && p[i] >= '0' &&
				p[i] <= '9'; i++)
			value = value * 10 + p[i] - '0';
		if (i == start || value > 255 ||
		    (i - start > 1 && p[start] == '0'))
			return false;
		addr = addr << 8 | value;
	}
	*v4 = cpu_to_be32(addr);
	return i == len;
}

static int hex_value(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One to four hexadecimal digits at @p; returns how many, 0 if none. */
static u32 parse_group(const u8 *p, u32 len, u16 *value)
{
	u32 i, v = 0;

	for (i = 0; i < len && i < 4 && hex_value(p[i]) >= 0; i++)
		v = v << 4 | (u32)hex_value(p[i]);
	*value = (u16)v;
	return i;
}

/* Groups by a "::" that stands for the rest of eight; @gap: where, or -1 */
static bool expand(struct in6_addr *v6, u32 groups, int gap)
{
	u32 tail, octets = 2 * groups;

	if (gap < 0)
		return groups == 8;
	if (groups > 7)
		return false;
	tail = octets - 2 * (u32)gap;
	memmove(v6->s6_addr + 16 - tail, v6->s6_addr + 2 * gap, tail);
	memset(v6->s6_addr + 2 * gap, 0, 16 - octets);
	return true;
}

bool nat64_literal_parse6(const u8 *p, u32 len, struct in6_addr *v6)
{
	u32 i = 0, groups = 0, n;
	int gap = -1;
	__be32 v4;
	u16 value;

	memset(v6, 0, sizeof(*v6));
	if (len >= 2 && p[0] == ':' && p[1] == ':') {
		gap = 0;
		i = 2;
	}
	while (i < len && groups < 8) {
		if (groups <= 6 && nat64_literal_parse4(p + i, len - i, &v4)) {
			nat64_store_be32(v4, v6->s6_addr + 2 * groups);
			return expand(v6, groups + 2, gap);
		}
		n = parse_group(p + i, len - i, &value);
		if (!n)
			return false;
		nat64_put_be16(value, v6->s6_addr + 2 * groups++);
		i += n;
		if (i == len)
			break;
		if (p[i++] != ':' || i == len)
			return false;
		if (p[i] == ':') {
			if (gap >= 0)
				return false;
			gap = (int)groups;
			i++;
		}
	}
	return i == len && expand(v6, groups, gap);
}

static u32 print_decimal(u32 v, u8 *out)
{
	u32 n = 0;

	if (v >= 100)
		out[n++] = (u8)('0' + v / 100);
	if (v >= 10)
		out[n++] = (u8)('0' + v / 10 % 10);
	out[n++] = (u8)('0' + v % 10);
	return n;
}

u32 nat64_literal_print4(__be32 v4, u8 *out)
{
	u32 addr = be32_to_cpu(v4), n = 0;
	int shift;

	for (shift = 24; shift >= 0; shift -= 8) {
		if (shift < 24)
			out[n++] = '.';
		n += print_decimal(addr >> shift & 255, out + n);
	}
	return n;
}

/* The first longest run of at least two zero groups (RFC 5952 4.2) */
static u32 zero_run(const u16 *group, u32 *start)
{
	u32 best = 1, i, n;

	*start = 8;
	for (i = 0; i < 8; i += n ? n : 1) {
		for (n = 0; i + n < 8 && !group[i + n]; n++)
			;
		if (n > best) {
			best = n;
			*start = i;
		}
	}
	return best;
}

static u32 print_group(u16 v, u8 *out)
{
	static const u8 digits[] = "0123456789abcdef";
	u32 n = 0;
	int shift;

	for (shift = 12; shift >= 0; shift -= 4)
		if (n || !shift || v >> shift)
			out[n++] = digits[v >> shift & 15];
	return n;
}

u32 nat64_literal_print6(const struct in6_addr *v6, u8 *out)
{
	u32 i, n = 0, run, start;
	u16 group[8];

	for (i = 0; i < 8; i++)
		group[i] = nat64_get_be16(v6->s6_addr + 2 * i);
	run = zero_run(group, &start);
	for (i = 0; i < 8; i++) {
		if (i == start) {
			out[n++] = ':';
			if (i + run == 8)
				out[n++] = ':';
			i += run - 1;
			continue;
		}
		if (i)
			out[n++] = ':';
		n += print_group(group[i], out + n);
	}
	return n;
}
