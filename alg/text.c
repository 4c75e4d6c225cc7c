// SPDX-License-Identifier: GPL-2.0
#include "text.h"

u32 nat64_text_blanks(const u8 *text, u32 len)
{
	u32 n = 0;

	while (n < len && nat64_text_is_blank(text[n]))
		n++;
	return n;
}

u32 nat64_text_trim(const u8 *text, u32 len)
{
	while (len && nat64_text_is_blank(text[len - 1]))
		len--;
	return len;
}

static u8 lower(u8 c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

bool nat64_text_equal(const u8 *text, u32 len, const char *word)
{
	u32 i;

	for (i = 0; i < len && word[i]; i++) {
		if (lower(text[i]) != lower((u8)word[i]))
			return false;
	}
	return i == len && !word[i];
}

u32 nat64_text_number(const u8 *text, u32 len, u32 max, u32 *value)
{
	u64 v = 0;
	u32 n;

	/* Past @max the value stands still, so it cannot overflow. */
	for (n = 0; n < len && nat64_text_is_digit(text[n]); n++) {
		if (v <= max)
			v = v * 10 + (text[n] - '0');
	}
	if (!n || v > max)
		return 0;
	*value = (u32)v;
	return n;
}

u32 nat64_text_put_number(u8 *to, u32 value)
{
	u8 digits[NAT64_TEXT_NUMBER_MAX];
	u32 n = 0, i;

	do {
		digits[n++] = (u8)('0' + value % 10);
		value /= 10;
	} while (value);
	for (i = 0; i < n; i++)
		to[i] = digits[n - 1 - i];
	return n;
}

u32 nat64_text_addr4(const u8 *text, u32 len, __be32 *addr)
{
	u32 host = 0, off = 0, i, v, n;

	for (i = 0; i < 4; i++) {
		if (i && (off == len || text[off++] != '.'))
			return 0;
		n = nat64_text_number(text + off, len - off, 255, &v);
		if (!n || n > 3)
			return 0;
		off += n;
		host = host << 8 | v;
	}
	if (off < len && text[off] == '.')
		return 0;
	*addr = cpu_to_be32(host);
	return off;
}

u32 nat64_text_put_addr4(u8 *to, __be32 addr, char separator)
{
	u32 host = be32_to_cpu(addr), off = 0;
	int shift;

	for (shift = 24; shift >= 0; shift -= 8) {
		off += nat64_text_put_number(to + off, host >> shift & 0xff);
		if (shift)
			to[off++] = (u8)separator;
	}
	return off;
}

/* One to four hexadecimal digits that no other follows */
static u32 read_group(const u8 *text, u32 len, u16 *value)
{
	u32 n, v = 0;

	for (n = 0; n < len; n++) {
		u8 c = lower(text[n]);

		if (nat64_text_is_digit(c))
			v = v << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (u32)(c - 'a' + 10);
		else
			break;
		if (n == 4)
			return 0;
	}
	*value = (u16)v;
	return n;
}

#define NO_GAP 17

/* Groups into @out without the gap "::"; false if the text is malformed. */
static bool read_groups(const u8 *text, u32 len, u8 *out, u32 *used, u32 *gap)
{
	u32 off = 0, n;
	__be32 v4;
	u16 v;

	if (len >= 2 && text[0] == ':' && text[1] == ':') {
		*gap = 0;
		off = 2;
	}
	while (off < len) {
		if (*used <= 12 &&
		    nat64_text_addr4(text + off, len - off, &v4) == len - off) {
			nat64_store_be32(v4, out + *used);
			*used += 4;
			return true;
		}
		n = read_group(text + off, len - off, &v);
		if (!n || *used > 14)
			return false;
		nat64_put_be16(v, out + *used);
		*used += 2;
		off += n;
		if (off == len)
			return true;
		if (text[off++] != ':' || off == len)
			return false;
		if (text[off] == ':') {
			if (*gap != NO_GAP)
				return false;
			*gap = *used;
			off++;
		}
	}
	return *gap != NO_GAP;
}

bool nat64_text_addr6(const u8 *text, u32 len, struct in6_addr *addr)
{
	u8 out[16] = { 0 };
	u32 used = 0, gap = NO_GAP;

	if (!read_groups(text, len, out, &used, &gap))
		return false;
	if (gap == NO_GAP) {
		if (used != 16)
			return false;
	} else {
		if (used > 14)
			return false;
		memmove(out + 16 - (used - gap), out + gap, used - gap);
		memset(out + gap, 0, 16 - used);
	}
	memcpy(addr, out, sizeof(out));
	return true;
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

static u32 put_group(u8 *to, u16 v)
{
	static const u8 digits[] = "0123456789abcdef";
	u32 n = 0;
	int shift;

	for (shift = 12; shift >= 0; shift -= 4)
		if (n || !shift || v >> shift)
			to[n++] = digits[v >> shift & 15];
	return n;
}

u32 nat64_text_put_addr6(u8 *to, const struct in6_addr *addr)
{
	u32 i, n = 0, run, start;
	u16 group[8];

	for (i = 0; i < 8; i++)
		group[i] = nat64_get_be16(addr->s6_addr + 2 * i);
	run = zero_run(group, &start);
	for (i = 0; i < 8; i++) {
		if (i == start) {
			to[n++] = ':';
			if (i + run == 8)
				to[n++] = ':';
			i += run - 1;
			continue;
		}
		if (i)
			to[n++] = ':';
		n += put_group(to + n, group[i]);
	}
	return n;
}
