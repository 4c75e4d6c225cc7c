// SPDX-License-Identifier: GPL-2.0
#include "telnet.h"

#define FIRST_COMMAND 0xf0

enum nat64_telnet_kind nat64_telnet_kind(const u8 *data, u32 len, u32 *size)
{
	*size = 0;
	if (len < 2)
		return NAT64_TELNET_MORE;
	if (data[1] == NAT64_TELNET_SB)
		return NAT64_TELNET_SUBOPTION;
	if (data[1] < FIRST_COMMAND) {
		*size = 1;
		return NAT64_TELNET_DATA;
	}
	if (data[1] < NAT64_TELNET_SB) {
		*size = 2;
		return NAT64_TELNET_COMMAND;
	}
	if (data[1] == NAT64_TELNET_IAC) {
		*size = 2;
		return NAT64_TELNET_ESCAPED;
	}
	if (len < 3)
		return NAT64_TELNET_MORE;
	*size = 3;
	return NAT64_TELNET_OPTION;
}

void nat64_telnet_refuse(const u8 *data, u8 *to)
{
	to[0] = NAT64_TELNET_IAC;
	to[1] = data[1] == NAT64_TELNET_WILL ? NAT64_TELNET_DONT :
					       NAT64_TELNET_WONT;
	to[2] = data[2];
}

static void put(struct nat64_line *l, u8 c)
{
	if (!l->telnet)
		l->len++;
	else if (l->len < sizeof(l->copy))
		l->copy[l->len++] = c;
	else
		l->cut = true;
}

/* From here on @text has to be a copy. */
static void copy(struct nat64_line *l)
{
	if (l->telnet)
		return;
	l->cut = l->len > sizeof(l->copy);
	l->len = min_t(u32, l->len, sizeof(l->copy));
	memcpy(l->copy, l->text, l->len);
	l->text = l->copy;
	l->telnet = true;
}

/* @cr: the octet before the LF is a CR, and text. */
static void finish(struct nat64_line *l, u32 lf, bool cr)
{
	l->total = lf + 1;
	l->end = 1;
	if (cr) {
		l->end = 2;
		if (!l->cut)
			l->len--;
	}
}

enum nat64_line_result nat64_line_read(struct nat64_line *l, const u8 *data,
				       u32 len)
{
	bool cr = false;
	u32 i, size;

	l->text = data;
	l->len = 0;
	l->total = 0;
	l->end = 0;
	l->telnet = false;
	l->cut = false;
	for (i = 0; i < len; i += size) {
		size = 1;
		if (data[i] == '\n') {
			finish(l, i, cr);
			return NAT64_LINE_DONE;
		}
		cr = data[i] == '\r';
		if (data[i] != NAT64_TELNET_IAC) {
			put(l, data[i]);
			continue;
		}
		switch (nat64_telnet_kind(data + i, len - i, &size)) {
		case NAT64_TELNET_MORE:
			return NAT64_LINE_MORE;
		case NAT64_TELNET_SUBOPTION:
			return NAT64_LINE_BAD;
		case NAT64_TELNET_DATA:
			put(l, data[i]);
			break;
		case NAT64_TELNET_ESCAPED:
			copy(l);
			put(l, data[i]);
			break;
		case NAT64_TELNET_COMMAND:
		case NAT64_TELNET_OPTION:
			copy(l);
			break;
		}
	}
	return NAT64_LINE_MORE;
}
