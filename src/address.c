// SPDX-License-Identifier: GPL-2.0
/* IPv4-embedded IPv6 addresses (RFC 6052) and address classes. */
#include "address.h"

#define OCTET_U 8

struct range4 {
	u32 net;
	u8 len;
};

/* RFC 6052 3.1 with the special-purpose registry of RFC 6890 */
static const struct range4 non_global[] = {
	{ 0x00000000, 8 },  /* 0.0.0.0/8 */
	{ 0x0a000000, 8 },  /* 10.0.0.0/8 */
	{ 0x64400000, 10 }, /* 100.64.0.0/10 */
	{ 0x7f000000, 8 },  /* 127.0.0.0/8 */
	{ 0xa9fe0000, 16 }, /* 169.254.0.0/16 */
	{ 0xac100000, 12 }, /* 172.16.0.0/12 */
	{ 0xc0000000, 24 }, /* 192.0.0.0/24 */
	{ 0xc0000200, 24 }, /* 192.0.2.0/24 */
	{ 0xc0586300, 24 }, /* 192.88.99.0/24 */
	{ 0xc0a80000, 16 }, /* 192.168.0.0/16 */
	{ 0xc6120000, 15 }, /* 198.18.0.0/15 */
	{ 0xc6336400, 24 }, /* 198.51.100.0/24 */
	{ 0xcb007100, 24 }, /* 203.0.113.0/24 */
	{ 0xe0000000, 4 },  /* 224.0.0.0/4 */
	{ 0xf0000000, 4 },  /* 240.0.0.0/4 */
};

static const u8 wkp[16] = { 0x00, 0x64, 0xff, 0x9b };
static const u8 unspecified[16];
static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool in_range4(__be32 a, u32 net, u8 len)
{
	return !((be32_to_cpu(a) ^ net) >> (32 - len));
}

static bool length_valid(u8 len)
{
	switch (len) {
	case 32:
	case 40:
	case 48:
	case 56:
	case 64:
	case 96:
		return true;
	default:
		return false;
	}
}

static bool host_bits_zero(const struct nat64_prefix *p)
{
	return !memcmp(p->addr.s6_addr + p->len / 8, unspecified,
		       sizeof(unspecified) - p->len / 8);
}

static bool is_link_local(const u8 *a)
{
	return a[0] == 0xfe && (a[1] & 0xc0) == 0x80;
}

int nat64_prefix_check(const struct nat64_prefix *p, const char **why)
{
	const u8 *a = p->addr.s6_addr;

	if (!length_valid(p->len))
		*why = "prefix length is not one of 32, 40, 48, 56, 64, 96";
	else if (!host_bits_zero(p))
		*why = "bits after the prefix length are not zero";
	else if (a[OCTET_U])
		*why = "bits 64 to 71 of the prefix are not zero";
	else if (!memcmp(a, wkp, sizeof(wkp)) && p->len != 96)
		*why = "the well-known prefix 64:ff9b:: has length 96 only";
	else if (nat64_addr6_is_multicast(&p->addr))
		*why = "prefix is multicast";
	else if (is_link_local(a))
		*why = "prefix is link-local";
	else if (!memcmp(a, unspecified, sizeof(unspecified)))
		*why = "prefix is the unspecified address";
	else if (!memcmp(a, mapped, sizeof(mapped)))
		*why = "prefix is that of IPv4-mapped addresses";
	else
		return 0;
	return -EINVAL;
}

bool nat64_prefix_match_any(const struct nat64_prefix *p,
			    const struct in6_addr *a)
{
	return !memcmp(p->addr.s6_addr, a->s6_addr, p->len / 8);
}

bool nat64_prefix_is_wkp(const struct nat64_prefix *p)
{
	return p->len == 96 && !memcmp(p->addr.s6_addr, wkp, sizeof(wkp));
}

bool nat64_prefix_equal(const struct nat64_prefix *a,
			const struct nat64_prefix *b)
{
	return a->len == b->len && nat64_prefix_match(a, &b->addr);
}

/*
 * RFC 6052 2.2: the four octets follow the prefix, but octet u (bits 64 to
 * 71) is jumped over.
 */
static u8 embedded_at(u8 len, u8 octet)
{
	u8 at = len / 8 + octet;

	return len <= 64 && at >= OCTET_U ? at + 1 : at;
}

__be32 nat64_address_extract_any(const struct nat64_prefix *p,
				 const struct in6_addr *a)
{
	u8 v4[4];
	u8 i;

	for (i = 0; i < sizeof(v4); i++)
		v4[i] = a->s6_addr[embedded_at(p->len, i)];
	return nat64_load_be32(v4);
}

void nat64_address_embed(const struct nat64_prefix *p, __be32 v4,
			 struct in6_addr *out)
{
	u8 octets[4];
	u8 i;

	*out = p->addr;
	if (p->len == 96) {
		nat64_store_be32(v4, out->s6_addr + 12);
		return;
	}
	nat64_store_be32(v4, octets);
	for (i = 0; i < sizeof(octets); i++)
		out->s6_addr[embedded_at(p->len, i)] = octets[i];
}

bool nat64_addr4_is_global(__be32 a)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(non_global); i++) {
		if (in_range4(a, non_global[i].net, non_global[i].len))
			return false;
	}
	return true;
}

bool nat64_addr4_is_multicast(__be32 a)
{
	return in_range4(a, 0xe0000000, 4);
}

bool nat64_addr4_is_broadcast(__be32 a)
{
	return be32_to_cpu(a) == 0xffffffff;
}

bool nat64_addr4_is_reserved(__be32 a)
{
	return in_range4(a, 0xf0000000, 4);
}

static bool is_host4(__be32 a)
{
	return !in_range4(a, 0x00000000, 8) && !in_range4(a, 0x7f000000, 8) &&
	       !nat64_addr4_is_multicast(a) && !nat64_addr4_is_reserved(a);
}

bool nat64_addr4_source_valid(__be32 a)
{
	return is_host4(a);
}

bool nat64_addr4_dest_valid(__be32 a)
{
	return is_host4(a);
}

bool nat64_addr6_is_multicast(const struct in6_addr *a)
{
	return a->s6_addr[0] == 0xff;
}

bool nat64_addr6_source_valid(const struct in6_addr *a)
{
	const u8 *o = a->s6_addr;

	/* :: and ::1 */
	if (!memcmp(o, unspecified, 15) && o[15] <= 1)
		return false;
	return !nat64_addr6_is_multicast(a) && !is_link_local(o);
}
