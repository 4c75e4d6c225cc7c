/* SPDX-License-Identifier: GPL-2.0 */
/* Vectors for RFC 6052, plain data. Needs the types of portable.h. */
#ifndef _NAT64_VECTORS_ADDRESS_H
#define _NAT64_VECTORS_ADDRESS_H

/* RFC 6052 2.4, 192.0.2.33 under each length */
static const struct {
	u8 len;
	u8 prefix[16];
	u8 addr[16];
} vec_embed[] = {
	{ 32, { 0x20, 0x01, 0x0d, 0xb8 },
	  { 0x20, 0x01, 0x0d, 0xb8, 0xc0, 0x00, 0x02, 0x21 } },
	{ 40, { 0x20, 0x01, 0x0d, 0xb8, 0x01 },
	  { 0x20, 0x01, 0x0d, 0xb8, 0x01, 0xc0, 0x00, 0x02, 0x00, 0x21 } },
	{ 48, { 0x20, 0x01, 0x0d, 0xb8, 0x01, 0x22 },
	  { 0x20, 0x01, 0x0d, 0xb8, 0x01, 0x22, 0xc0, 0x00, 0x00, 0x02,
	    0x21 } },
	{ 56, { 0x20, 0x01, 0x0d, 0xb8, 0x01, 0x22, 0x03 },
	  { 0x20, 0x01, 0x0d, 0xb8, 0x01, 0x22, 0x03, 0xc0, 0x00, 0x00, 0x02,
	    0x21 } },
	{ 64, { 0x20, 0x01, 0x0d, 0xb8, 0x01, 0x22, 0x03, 0x44 },
	  { 0x20, 0x01, 0x0d, 0xb8, 0x01, 0x22, 0x03, 0x44, 0x00, 0xc0, 0x00,
	    0x02, 0x21 } },
	{ 96, { 0x20, 0x01, 0x0d, 0xb8, 0x01, 0x22, 0x03, 0x44 },
	  { 0x20, 0x01, 0x0d, 0xb8, 0x01, 0x22, 0x03, 0x44, 0x00, 0x00, 0x00,
	    0x00, 0xc0, 0x00, 0x02, 0x21 } },
};

/* what may be configured */
static const struct {
	const char *text;
	u8 prefix[16];
	u8 len;
	bool ok;
} vec_prefix[] = {
	{ "64:ff9b::/96", { 0, 0x64, 0xff, 0x9b }, 96, true },
	{ "64:ff9b::/32", { 0, 0x64, 0xff, 0x9b }, 32, false },
	{ "64:ff9b::/40", { 0, 0x64, 0xff, 0x9b }, 40, false },
	{ "64:ff9b::/48", { 0, 0x64, 0xff, 0x9b }, 48, false },
	{ "64:ff9b::/56", { 0, 0x64, 0xff, 0x9b }, 56, false },
	{ "64:ff9b::/64", { 0, 0x64, 0xff, 0x9b }, 64, false },
	{ "64:ff9b:1::/48", { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48, true },
	{ "64:ff9b:1::/96", { 0, 0x64, 0xff, 0x9b, 0, 1 }, 96, true },
	{ "64:ff9b:1:fffe::/64",
	  { 0, 0x64, 0xff, 0x9b, 0, 1, 0xff, 0xfe }, 64, true },
	{ "2001:db8::/32", { 0x20, 0x01, 0x0d, 0xb8 }, 32, true },
	{ "2001:db8:100::/32", { 0x20, 0x01, 0x0d, 0xb8, 1 }, 32, false },
	{ "2001:db8:100::/40", { 0x20, 0x01, 0x0d, 0xb8, 1 }, 40, true },
	{ "2001:db8:122:300::/48",
	  { 0x20, 0x01, 0x0d, 0xb8, 1, 0x22, 3 }, 48, false },
	{ "2001:db8:0:0:ff::/96 (u)",
	  { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0xff }, 96, true },
	{ "2001:db8:0:0:100::/96 (u)",
	  { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 1 }, 96, false },
	{ "2001:db8::1/96",
	  { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 96,
	  false },
	{ "2001:db8::/33", { 0x20, 0x01, 0x0d, 0xb8 }, 33, false },
	{ "2001:db8::/72", { 0x20, 0x01, 0x0d, 0xb8 }, 72, false },
	{ "2001:db8::/128", { 0x20, 0x01, 0x0d, 0xb8 }, 128, false },
	{ "2001:db8::/0", { 0x20, 0x01, 0x0d, 0xb8 }, 0, false },
	{ "ff0e::/32", { 0xff, 0x0e }, 32, false },
	{ "fe80::/64", { 0xfe, 0x80 }, 64, false },
	{ "febf::/32", { 0xfe, 0xbf }, 32, false },
	{ "fec0::/32", { 0xfe, 0xc0 }, 32, true },
	{ "::/96", { 0 }, 96, false },
	{ "::ffff:0:0/96",
	  { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96, false },
};

/* each range, its ends and both neighbours */
static const struct {
	u8 v4[4];
	bool global;
} vec_global[] = {
	{ { 0, 0, 0, 0 }, false },	  { { 0, 255, 255, 255 }, false },
	{ { 1, 0, 0, 0 }, true },
	{ { 9, 255, 255, 255 }, true },	  { { 10, 0, 0, 0 }, false },
	{ { 10, 255, 255, 255 }, false }, { { 11, 0, 0, 0 }, true },
	{ { 100, 63, 255, 255 }, true },  { { 100, 64, 0, 0 }, false },
	{ { 100, 127, 255, 255 }, false }, { { 100, 128, 0, 0 }, true },
	{ { 126, 255, 255, 255 }, true }, { { 127, 0, 0, 0 }, false },
	{ { 127, 255, 255, 255 }, false }, { { 128, 0, 0, 0 }, true },
	{ { 169, 253, 255, 255 }, true }, { { 169, 254, 0, 0 }, false },
	{ { 169, 254, 255, 255 }, false }, { { 169, 255, 0, 0 }, true },
	{ { 172, 15, 255, 255 }, true },  { { 172, 16, 0, 0 }, false },
	{ { 172, 31, 255, 255 }, false }, { { 172, 32, 0, 0 }, true },
	{ { 191, 255, 255, 255 }, true }, { { 192, 0, 0, 0 }, false },
	{ { 192, 0, 0, 255 }, false },	  { { 192, 0, 1, 0 }, true },
	{ { 192, 0, 1, 255 }, true },	  { { 192, 0, 2, 0 }, false },
	{ { 192, 0, 2, 255 }, false },	  { { 192, 0, 3, 0 }, true },
	{ { 192, 88, 98, 255 }, true },	  { { 192, 88, 99, 0 }, false },
	{ { 192, 88, 99, 255 }, false },  { { 192, 88, 100, 0 }, true },
	{ { 192, 167, 255, 255 }, true }, { { 192, 168, 0, 0 }, false },
	{ { 192, 168, 255, 255 }, false }, { { 192, 169, 0, 0 }, true },
	{ { 198, 17, 255, 255 }, true },  { { 198, 18, 0, 0 }, false },
	{ { 198, 19, 255, 255 }, false }, { { 198, 20, 0, 0 }, true },
	{ { 198, 51, 99, 255 }, true },	  { { 198, 51, 100, 0 }, false },
	{ { 198, 51, 100, 255 }, false }, { { 198, 51, 101, 0 }, true },
	{ { 203, 0, 112, 255 }, true },	  { { 203, 0, 113, 0 }, false },
	{ { 203, 0, 113, 255 }, false },  { { 203, 0, 114, 0 }, true },
	{ { 223, 255, 255, 255 }, true }, { { 224, 0, 0, 0 }, false },
	{ { 239, 255, 255, 255 }, false }, { { 240, 0, 0, 0 }, false },
	{ { 255, 255, 255, 255 }, false },
	{ { 8, 8, 8, 8 }, true },	  { { 33, 0, 2, 192 }, true },
};

/* */
static const struct {
	u8 v4[4];
	bool valid;
	bool multicast;
	bool broadcast;
	bool reserved;
} vec_class4[] = {
	{ { 0, 0, 0, 0 }, false, false, false, false },
	{ { 0, 255, 255, 255 }, false, false, false, false },
	{ { 1, 0, 0, 0 }, true, false, false, false },
	{ { 10, 1, 2, 3 }, true, false, false, false },
	{ { 126, 255, 255, 255 }, true, false, false, false },
	{ { 127, 0, 0, 1 }, false, false, false, false },
	{ { 128, 0, 0, 0 }, true, false, false, false },
	{ { 192, 0, 2, 1 }, true, false, false, false },
	{ { 223, 255, 255, 255 }, true, false, false, false },
	{ { 224, 0, 0, 0 }, false, true, false, false },
	{ { 224, 0, 0, 251 }, false, true, false, false },
	{ { 239, 255, 255, 255 }, false, true, false, false },
	{ { 240, 0, 0, 0 }, false, false, false, true },
	{ { 255, 255, 255, 254 }, false, false, false, true },
	{ { 255, 255, 255, 255 }, false, false, true, true },
};

/* */
static const struct {
	u8 addr[16];
	bool valid;
	bool multicast;
} vec_class6[] = {
	{ { 0 }, false, false },
	{ { [15] = 1 }, false, false },
	{ { [15] = 2 }, true, false },
	{ { [14] = 1 }, true, false },
	{ { 0xff, 0x02, [15] = 1 }, false, true },
	{ { 0xff }, false, true },
	{ { 0xfe, 0x80, [15] = 1 }, false, false },
	{ { 0xfe, 0xbf, 0xff, [15] = 1 }, false, false },
	{ { 0xfe, 0xc0, [15] = 1 }, true, false },
	{ { 0xfe, 0x7f, [15] = 1 }, true, false },
	{ { 0xfd, 0, [15] = 1 }, true, false },
	{ { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, true, false },
};

#endif
