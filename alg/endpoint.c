// SPDX-License-Identifier: GPL-2.0
#include "endpoint.h"
#include "text.h"

/* A comma between two numbers, with blanks around it; octets or 0 */
static u32 read_comma(const u8 *text, u32 len)
{
	u32 n = nat64_text_blanks(text, len);

	if (n == len || text[n] != ',')
		return 0;
	n++;
	return n + nat64_text_blanks(text + n, len - n);
}

/* Exactly six numbers with commas; octets or 0 */
static u32 read_six(const u8 *text, u32 len, u16 *port)
{
	u32 v[6], off = 0, n, i;

	for (i = 0; i < 6; i++) {
		if (i) {
			n = read_comma(text + off, len - off);
			if (!n)
				return 0;
			off += n;
		}
		n = nat64_text_number(text + off, len - off, 255, &v[i]);
		if (!n)
			return 0;
		off += n;
	}
	*port = (u16)(v[4] << 8 | v[5]);
	if (!*port || read_comma(text + off, len - off))
		return 0;
	return off;
}

/* Past all numbers, signs and commas: what is no six is no part of six. */
static u32 skip_list(const u8 *text, u32 len)
{
	u32 off = 0, n;

	do {
		while (off < len && (text[off] == '-' ||
				     nat64_text_is_digit(text[off])))
			off++;
		n = read_comma(text + off, len - off);
		off += n;
	} while (n);
	return off;
}

bool nat64_endpoint_port(const u8 *text, u32 len, struct nat64_endpoint *e)
{
	e->off = nat64_text_blanks(text, len);
	e->len = read_six(text + e->off, len - e->off, &e->port);
	return e->len && nat64_text_trim(text, len) == e->off + e->len;
}

bool nat64_endpoint_227(const u8 *text, u32 len, struct nat64_endpoint *e)
{
	u32 off = 0, n;

	while (off < len) {
		if (!nat64_text_is_digit(text[off]) && text[off] != '-') {
			off++;
			continue;
		}
		n = read_six(text + off, len - off, &e->port);
		if (n) {
			e->off = off;
			e->len = n;
			return true;
		}
		off += skip_list(text + off, len - off);
	}
	return false;
}

static bool is_delimiter(u8 c)
{
	return c >= 33 && c <= 126;
}

/* Offset of the next @delimiter, or @len */
static u32 field_end(const u8 *text, u32 len, u32 off, u8 delimiter)
{
	while (off < len && text[off] != delimiter)
		off++;
	return off;
}

bool nat64_endpoint_eprt(const u8 *text, u32 len, struct nat64_endpoint *e)
{
	u32 begin[3], end[3], off, i, v;
	__be32 v4;

	len = nat64_text_trim(text, len);
	off = nat64_text_blanks(text, len);
	if (off == len || !is_delimiter(text[off]))
		return false;
	e->delimiter = text[off];
	for (i = 0; i < 3; i++) {
		begin[i] = off + 1;
		off = field_end(text, len, begin[i], e->delimiter);
		if (off == len)
			return false;
		end[i] = off;
	}
	if (off + 1 != len || end[0] - begin[0] != 1 || end[2] == begin[2])
		return false;
	if (nat64_text_number(text + begin[2], end[2] - begin[2], 65535, &v) !=
	    end[2] - begin[2] || !v)
		return false;
	e->port = (u16)v;
	e->off = begin[1];
	e->len = end[2] - begin[1];
	switch (text[begin[0]]) {
	case '1':
		e->family = 1;
		return end[1] > begin[1] &&
		       nat64_text_addr4(text + begin[1], end[1] - begin[1],
					&v4) == end[1] - begin[1];
	case '2':
		e->family = 2;
		return nat64_text_addr6(text + begin[1], end[1] - begin[1],
					&e->addr);
	}
	return false;
}

bool nat64_endpoint_229(const u8 *text, u32 len, struct nat64_endpoint *e)
{
	u32 off, n, v;

	for (off = 0; off + 3 < len; off++) {
		u8 d = text[off];

		if (!is_delimiter(d) || text[off + 1] != d ||
		    text[off + 2] != d)
			continue;
		n = nat64_text_number(text + off + 3, len - off - 3, 65535, &v);
		if (!n || !v || off + 3 + n == len || text[off + 3 + n] != d)
			continue;
		e->port = (u16)v;
		e->delimiter = d;
		e->off = off + 3;
		e->len = n;
		return true;
	}
	return false;
}

u32 nat64_endpoint_put_six(u8 *to, __be32 addr, __be16 port)
{
	u32 off = nat64_text_put_addr4(to, addr, ',');
	u16 p = be16_to_cpu(port);

	to[off++] = ',';
	off += nat64_text_put_number(to + off, p >> 8);
	to[off++] = ',';
	off += nat64_text_put_number(to + off, p & 0xff);
	return off;
}
