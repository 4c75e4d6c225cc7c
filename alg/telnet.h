/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines that may have Telnet commands in them (RFC 854), as on the control
 * connection of FTP (RFC 959 5.3).
 *
 * PURE: any context, no locks, no allocation.
 */
#ifndef _NAT64_ALG_TELNET_H
#define _NAT64_ALG_TELNET_H

#include "portable.h"

#define NAT64_TELNET_IAC 0xff
#define NAT64_TELNET_DONT 0xfe
#define NAT64_TELNET_DO 0xfd
#define NAT64_TELNET_WONT 0xfc
#define NAT64_TELNET_WILL 0xfb
#define NAT64_TELNET_SB 0xfa

/* What stands behind an IAC */
enum nat64_telnet_kind {
	NAT64_TELNET_MORE,	/* cannot be told yet */
	NAT64_TELNET_DATA,	/* nothing: a stray octet of the text */
	NAT64_TELNET_ESCAPED,	/* IAC IAC: one such octet */
	NAT64_TELNET_COMMAND,	/* Interrupt Process, Data Mark, ... */
	NAT64_TELNET_OPTION,	/* WILL, WONT, DO, DONT */
	NAT64_TELNET_SUBOPTION,	/* SB: of any length */
};

/**
 * nat64_telnet_kind() - look at an IAC
 * @data: begins with it
 * @len: octets
 * @size: octets that belong together; 0 for MORE and SUBOPTION
 */
enum nat64_telnet_kind nat64_telnet_kind(const u8 *data, u32 len, u32 *size);

/**
 * nat64_telnet_asks() - is this option command, complete, a request?
 *
 * WILL and DO have to be answered; WONT and DONT not.
 */
static inline bool nat64_telnet_asks(const u8 *data)
{
	return data[1] == NAT64_TELNET_WILL || data[1] == NAT64_TELNET_DO;
}

/**
 * nat64_telnet_refuse() - the answer to a request
 * @data: WILL or DO
 * @to: DONT or WONT, 3 octets
 */
void nat64_telnet_refuse(const u8 *data, u8 *to);

/* Enough for every command that we translate */
#define NAT64_LINE_COPY 256

/**
 * struct nat64_line - a line
 * @text: its text, without end of line and Telnet commands
 * @len: octets of @text
 * @total: octets of the line as it is sent
 * @end: octets of its end, CR LF or LF
 * @telnet: Telnet commands were left out, so @text is @copy, and offsets into
 *	it are not offsets into the line
 * @cut: @copy does not have all of the text
 * @copy: see @telnet
 */
struct nat64_line {
	const u8 *text;
	u32 len;
	u32 total;
	u32 end;
	bool telnet;
	bool cut;
	u8 copy[NAT64_LINE_COPY];
};

enum nat64_line_result {
	NAT64_LINE_MORE,	/* no end yet; text and len are what there is */
	NAT64_LINE_DONE,
	NAT64_LINE_BAD,		/* Telnet that nobody uses with FTP */
};

/**
 * nat64_line_read() - the first line of @data
 *
 * An octet of a Telnet command is never the end of the line, even if it is an
 * LF. A line ends with LF; one CR before it belongs to the end. Other CRs, and
 * NULs behind them, are text.
 */
enum nat64_line_result nat64_line_read(struct nat64_line *l, const u8 *data,
				       u32 len);

/**
 * nat64_line_certain() - octets of the text of a line without an end
 *
 * A CR at its end may belong to the end of the line.
 */
static inline u32 nat64_line_certain(const struct nat64_line *l)
{
	return l->len && l->text[l->len - 1] == '\r' ? l->len - 1 : l->len;
}

#endif /* _NAT64_ALG_TELNET_H */
