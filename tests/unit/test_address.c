// SPDX-License-Identifier: GPL-2.0
#include "address.h"
#include "ktap.h"
#include "vectors_address.h"

static struct nat64_prefix prefix_of(const u8 *octets, u8 len)
{
	struct nat64_prefix p = { .len = len };

	memcpy(p.addr.s6_addr, octets, 16);
	return p;
}

static struct in6_addr addr_of(const u8 *octets)
{
	struct in6_addr a;

	memcpy(a.s6_addr, octets, 16);
	return a;
}

static void prefix_lengths(void)
{
	unsigned int len;

	for (len = 0; len < 256; len++) {
		static const u8 db8[16] = { 0x20, 0x01, 0x0d, 0xb8 };
		struct nat64_prefix p = prefix_of(db8, (u8)len);
		bool ok = len == 32 || len == 40 || len == 48 || len == 56 ||
			  len == 64 || len == 96;
		const char *why = NULL;

		CHECK_EQ(nat64_prefix_check(&p, &why), ok ? 0 : -EINVAL,
			 "/%u", len);
		CHECK(ok || why, "/%u without a reason", len);
	}
}

static void prefix_check(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_prefix); i++) {
		struct nat64_prefix p = prefix_of(vec_prefix[i].prefix,
						  vec_prefix[i].len);
		const char *why = NULL;

		CHECK_EQ(nat64_prefix_check(&p, &why),
			 vec_prefix[i].ok ? 0 : -EINVAL, "%s",
			 vec_prefix[i].text);
		CHECK(!why == vec_prefix[i].ok, "%s", vec_prefix[i].text);
	}
}

/* Every single bit behind the length, and of octet u, is refused. */
static void prefix_bits(void)
{
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(vec_embed); i++) {
		for (bit = 0; bit < 128; bit++) {
			struct nat64_prefix p = prefix_of(vec_embed[i].prefix,
							  vec_embed[i].len);
			bool ok = bit < p.len && !(bit >= 64 && bit < 72);
			const char *why;

			if (bit < 8)
				continue; /* may become multicast */
			p.addr.s6_addr[bit / 8] ^= 0x80 >> bit % 8;
			CHECK_EQ(nat64_prefix_check(&p, &why),
				 ok ? 0 : -EINVAL, "/%u bit %u", p.len, bit);
		}
	}
}

static void embed_vectors(void)
{
	const u8 octets[4] = { 192, 0, 2, 33 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_embed); i++) {
		struct nat64_prefix p = prefix_of(vec_embed[i].prefix,
						  vec_embed[i].len);
		struct in6_addr out, want = addr_of(vec_embed[i].addr);

		memset(&out, 0xee, sizeof(out));
		nat64_address_embed(&p, nat64_load_be32(octets), &out);
		CHECK_BYTES("embed", out.s6_addr, 16, want.s6_addr, 16);
		CHECK(nat64_prefix_match(&p, &want), "/%u", p.len);
		CHECK(nat64_address_extract(&p, &want) ==
		      nat64_load_be32(octets), "/%u", p.len);
	}
}

/* octet u and the suffix of a received address mean nothing. */
static void extract_suffix(void)
{
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(vec_embed); i++) {
		struct nat64_prefix p = prefix_of(vec_embed[i].prefix,
						  vec_embed[i].len);
		struct in6_addr ones;
		__be32 want;

		memset(&ones, 0xff, sizeof(ones));
		want = nat64_address_extract(&p, &ones);
		CHECK(want == (__be32)0xffffffff, "/%u", p.len);
		for (bit = p.len; bit < 128; bit++) {
			struct in6_addr a = addr_of(vec_embed[i].addr);
			u32 v4 = 0xc0000221, at;
			bool used = false;

			a.s6_addr[bit / 8] ^= 0x80 >> bit % 8;
			/* v4 bits are the 32 after len, bits 64-71 left out */
			at = bit - p.len;
			if (p.len <= 64 && bit >= 72)
				at -= 8;
			if (at < 32 && !(p.len <= 64 && bit >= 64 && bit < 72))
				used = true;
			if (used)
				v4 ^= 0x80000000U >> at;
			CHECK_EQ(be32_to_cpu(nat64_address_extract(&p, &a)),
				 v4, "/%u bit %u", p.len, bit);
		}
	}
}

static void embed_reversible(void)
{
	unsigned int i, n;
	u32 v4 = 1;

	for (i = 0; i < ARRAY_SIZE(vec_embed); i++) {
		struct nat64_prefix p = prefix_of(vec_embed[i].prefix,
						  vec_embed[i].len);

		for (n = 0; n < 2000; n++) {
			struct in6_addr a;

			v4 = v4 * 1664525 + 1013904223;
			nat64_address_embed(&p, cpu_to_be32(v4), &a);
			CHECK_EQ(be32_to_cpu(nat64_address_extract(&p, &a)),
				 v4, "/%u", p.len);
			CHECK_EQ(a.s6_addr[8], 0, "octet u, /%u", p.len);
			CHECK(nat64_prefix_match(&p, &a), "/%u", p.len);
		}
	}
}

static void match_bits(void)
{
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(vec_embed); i++) {
		struct nat64_prefix p = prefix_of(vec_embed[i].prefix,
						  vec_embed[i].len);

		for (bit = 0; bit < 128; bit++) {
			struct in6_addr a = addr_of(vec_embed[i].addr);

			a.s6_addr[bit / 8] ^= 0x80 >> bit % 8;
			CHECK_EQ(nat64_prefix_match(&p, &a), bit >= p.len,
				 "/%u bit %u", p.len, bit);
		}
	}
}

static void prefix_identity(void)
{
	struct nat64_prefix wkp = prefix_of(vec_prefix[0].prefix, 96);
	struct nat64_prefix local = prefix_of(vec_prefix[7].prefix, 96);
	unsigned int i, k;

	CHECK(nat64_prefix_is_wkp(&wkp), "64:ff9b::/96");
	CHECK(!nat64_prefix_is_wkp(&local), "64:ff9b:1::/96");
	for (i = 0; i < ARRAY_SIZE(vec_embed); i++) {
		struct nat64_prefix a = prefix_of(vec_embed[i].prefix,
						  vec_embed[i].len);

		CHECK(!nat64_prefix_is_wkp(&a), "/%u", a.len);
		for (k = 0; k < ARRAY_SIZE(vec_embed); k++) {
			struct nat64_prefix b = prefix_of(vec_embed[k].prefix,
							  vec_embed[k].len);

			CHECK_EQ(nat64_prefix_equal(&a, &b), i == k,
				 "/%u /%u", a.len, b.len);
		}
	}
}

static void wkp_global(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_global); i++) {
		const u8 *v = vec_global[i].v4;

		CHECK_EQ(nat64_addr4_is_global(nat64_load_be32(v)),
			 vec_global[i].global, "%u.%u.%u.%u", v[0], v[1], v[2],
			 v[3]);
	}
}

static void class4_source(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_class4); i++) {
		const u8 *v = vec_class4[i].v4;

		CHECK_EQ(nat64_addr4_source_valid(nat64_load_be32(v)),
			 vec_class4[i].valid, "%u.%u.%u.%u", v[0], v[1], v[2],
			 v[3]);
	}
}

static void class4_dest(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_class4); i++) {
		const u8 *v = vec_class4[i].v4;
		__be32 a = nat64_load_be32(v);

		CHECK_EQ(nat64_addr4_dest_valid(a), vec_class4[i].valid,
			 "%u.%u.%u.%u", v[0], v[1], v[2], v[3]);
		CHECK_EQ(nat64_addr4_is_multicast(a), vec_class4[i].multicast,
			 "%u.%u.%u.%u", v[0], v[1], v[2], v[3]);
		CHECK_EQ(nat64_addr4_is_broadcast(a), vec_class4[i].broadcast,
			 "%u.%u.%u.%u", v[0], v[1], v[2], v[3]);
		CHECK_EQ(nat64_addr4_is_reserved(a), vec_class4[i].reserved,
			 "%u.%u.%u.%u", v[0], v[1], v[2], v[3]);
	}
}

static void class6_source(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_class6); i++) {
		struct in6_addr a = addr_of(vec_class6[i].addr);

		CHECK_EQ(nat64_addr6_source_valid(&a), vec_class6[i].valid,
			 "%u", i);
		CHECK_EQ(nat64_addr6_is_multicast(&a),
			 vec_class6[i].multicast, "%u", i);
	}
}

static const struct test address_tests[] = {
	{ "A-02.prefix-lengths", prefix_lengths },
	{ "A-02.prefixes", prefix_check },
	{ "A-04.zero-bits", prefix_bits },
	{ "A-05.vectors", embed_vectors },
	{ "A-06.suffix-ignored", extract_suffix },
	{ "A-10.reversible", embed_reversible },
	{ "A-12.match", match_bits },
	{ "A-18.prefix-identity", prefix_identity },
	{ "A-08.non-global", wkp_global },
	{ "A-14.source4", class4_source },
	{ "A-15.source6", class6_source },
	{ "A-16.destination4", class4_dest },
};
SUITE(address);
