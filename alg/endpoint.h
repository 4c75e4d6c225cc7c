/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How FTP writes the end of a data connection (RFC 959 5.3.2, RFC 2428).
 *
 * What a reader does not understand it refuses as a whole: there is no number
 * that is cut, wrapped or guessed (SEC-15).
 *
 * PURE: any context, no locks, no allocation.
 */
#ifndef _NAT64_ALG_ENDPOINT_H
#define _NAT64_ALG_ENDPOINT_H

#include "portable.h"

/**
 * struct nat64_endpoint - where one end waits for the data connection
 * @off: offset of what names it: six numbers; |address|port| without the outer
 *	delimiters; the port of a 229
 * @len: octets of that
 * @port: never 0
 * @family: of EPRT: 1 is IPv4, 2 is IPv6 (RFC 2428 2)
 * @delimiter: of EPRT and 229
 * @addr: of EPRT with @family 2
 */
struct nat64_endpoint {
	u32 off;
	u32 len;
	u16 port;
	u8 family;
	u8 delimiter;
	struct in6_addr addr;
};

/** nat64_endpoint_port() - the argument of PORT: six numbers, nothing else */
bool nat64_endpoint_port(const u8 *text, u32 len, struct nat64_endpoint *e);

/**
 * nat64_endpoint_227() - six numbers in the text of a 227
 *
 * With or without parentheses (RFC 1123 4.1.2.6), anywhere.
 */
bool nat64_endpoint_227(const u8 *text, u32 len, struct nat64_endpoint *e);

/**
 * nat64_endpoint_eprt() - the argument of EPRT
 *
 * Only families 1 and 2 have an address that we can read.
 */
bool nat64_endpoint_eprt(const u8 *text, u32 len, struct nat64_endpoint *e);

/** nat64_endpoint_229() - (|||port|) in the text of a 229 */
bool nat64_endpoint_229(const u8 *text, u32 len, struct nat64_endpoint *e);

#define NAT64_ENDPOINT_SIX_MAX 23

/** nat64_endpoint_put_six() - write h1,h2,h3,h4,p1,p2; returns octets */
u32 nat64_endpoint_put_six(u8 *to, __be32 addr, __be16 port);

#endif /* _NAT64_ALG_ENDPOINT_H */
