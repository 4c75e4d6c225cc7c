/* SPDX-License-Identifier: GPL-2.0 */
/* Vectors for header parsing, plain data. Needs header.h. */
#ifndef _NAT64_VECTORS_HEADER_H
#define _NAT64_VECTORS_HEADER_H

/*
 * H6-09, H6-10: chains between the IPv6 header and 24 octets of UDP. value
 * is the transport's offset, or the pointer of the ICMPv6 error.
 */
static const struct {
	const char *name;
	u8 first;
	u8 octets[64];
	u32 len;
	enum nat64_header_result result;
	u32 value;
	u8 proto;
} vec_ext6[] = {
	{ "none", 17, { 0 }, 0, NAT64_HEADER_OK, 40, 17 },
	{ "hop-by-hop", 0, { 17, 0, 1, 4 }, 8, NAT64_HEADER_OK, 48, 17 },
	{ "hop-by-hop 24", 0, { 17, 2, 1, 20 }, 24, NAT64_HEADER_OK, 64, 17 },
	{ "destination", 60, { 17, 0, 1, 4 }, 8, NAT64_HEADER_OK, 48, 17 },
	{ "routing done", 43, { 17, 0, 0, 0 }, 8, NAT64_HEADER_OK, 48, 17 },
	{ "routing done, type 4", 43, { 17, 2, 4, 0 }, 24, NAT64_HEADER_OK, 64,
	  17 },
	{ "hbh, dest, routing, dest", 0,
	  { 60, 0, 1, 4, 0, 0, 0, 0, 43, 0, 1, 4, 0, 0, 0, 0,
	    60, 0, 0, 0, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0 }, 32,
	  NAT64_HEADER_OK, 72, 17 },
	{ "routing left 1", 43, { 17, 0, 0, 1 }, 8,
	  NAT64_HEADER_SEGMENTS_LEFT, 43, 0 },
	{ "routing left 255", 43, { 17, 2, 4, 255 }, 24,
	  NAT64_HEADER_SEGMENTS_LEFT, 43, 0 },
	{ "hbh 16, routing left 2", 0,
	  { 43, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	    17, 0, 0, 2 }, 24,
	  NAT64_HEADER_SEGMENTS_LEFT, 59, 0 },
	{ "authentication is not skipped", 51, { 17, 1 }, 12, NAT64_HEADER_OK,
	  40, 51 },
	{ "hbh, authentication", 0, { 51, 0, 1, 4, 0, 0, 0, 0, 17, 1 }, 20,
	  NAT64_HEADER_OK, 48, 51 },
	{ "no next header", 59, { 0 }, 8, NAT64_HEADER_OK, 40, 59 },
	{ "length past the end", 0, { 17, 255 }, 8, NAT64_HEADER_TRUNCATED, 0,
	  0 },
	{ "length past the end, unknown", 0, { 99, 255 }, 8,
	  NAT64_HEADER_TRUNCATED, 0, 0 },
	{ "fragment, atomic", 44, { 17, 0, 0, 0, 0, 0, 0, 1 }, 8,
	  NAT64_HEADER_OK, 48, 17 },
	{ "dest, fragment", 60,
	  { 44, 0, 1, 4, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 1 }, 16,
	  NAT64_HEADER_OK, 56, 17 },
	{ "two fragment headers", 44,
	  { 44, 0, 0, 0, 0, 0, 0, 1, 17, 0, 0, 0, 0, 0, 0, 1 }, 16,
	  NAT64_HEADER_EXT_IN_FRAGMENT, 0, 0 },
};

/* H4-05, H4-06 */
static const struct {
	const char *name;
	u8 octets[40];
	u32 len;
	bool source_route;
} vec_opt4[] = {
	{ "none", { 0 }, 0, false },
	{ "NOPs", { 1, 1, 1, 1 }, 4, false },
	{ "record route", { 7, 7, 4, 0, 0, 0, 0, 0 }, 8, false },
	{ "timestamp", { 68, 8, 5, 0, 0, 0, 0, 0 }, 8, false },
	{ "router alert", { 148, 4, 0, 0 }, 4, false },
	{ "LSRR", { 131, 7, 4, 10, 0, 0, 1, 0 }, 8, true },
	{ "SSRR", { 137, 7, 4, 10, 0, 0, 1, 0 }, 8, true },
	{ "LSRR, last", { 131, 11, 8, 10, 0, 0, 1, 10, 0, 0, 2, 0 }, 12,
	  true },
	{ "LSRR, expired", { 131, 7, 8, 10, 0, 0, 1, 0 }, 8, false },
	{ "LSRR, pointer at length", { 131, 7, 7, 10, 0, 0, 1, 0 }, 8, true },
	{ "SSRR, expired", { 137, 7, 8, 10, 0, 0, 1, 0 }, 8, false },
	{ "LSRR, empty", { 131, 3, 4, 0 }, 4, false },
	{ "NOPs, LSRR", { 1, 1, 1, 131, 7, 4, 10, 0, 0, 1, 0, 0 }, 12, true },
	{ "RR, SSRR",
	  { 7, 7, 4, 0, 0, 0, 0, 137, 7, 4, 10, 0, 0, 1, 0, 0 }, 16, true },
	{ "end, LSRR", { 0, 131, 7, 4, 10, 0, 0, 1 }, 8, false },
	{ "LSRR past the end", { 131, 40, 4, 0 }, 4, false },
	{ "length 0", { 7, 0, 131, 7, 4, 10, 0, 0 }, 8, false },
	{ "length 1", { 7, 1, 131, 7, 4, 10, 0, 0 }, 8, false },
	{ "LSRR without pointer", { 131, 2, 1, 0 }, 4, false },
	{ "type only", { 1, 1, 1, 131 }, 4, false },
	{ "40 octets", { 131, 39, 36, [39] = 0 }, 40, true },
};

static const struct {
	u16 off;
	u8 more;
} vec_frag[] = {
	{ 0, 0 }, { 0, 1 }, { 8, 1 }, { 8, 0 }, { 1232, 1 }, { 65528, 0 },
};

#endif
