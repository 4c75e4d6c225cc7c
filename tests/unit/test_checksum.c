// SPDX-License-Identifier: GPL-2.0
#include "checksum.h"
#include "header.h"
#include "ktap.h"
#include "packet.h"

static struct pkt before, after;

static u32 seed = 12345;

static u32 roll(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

static struct in6_addr addr6(const u8 *octets)
{
	struct in6_addr a;

	memcpy(&a, octets, sizeof(a));
	return a;
}

static u16 field(__sum16 v)
{
	u8 b[2];

	memcpy(b, &v, 2);
	return (u16)(b[0] << 8 | b[1]);
}

static __sum16 load(const u8 *p)
{
	__sum16 v;

	memcpy(&v, p, 2);
	return v;
}

/* Every length, every alignment, against plain big-endian addition */
static void bytes(void)
{
	u8 data[96];
	u32 len, align, i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (u8)roll();
	for (align = 0; align < 8; align++) {
		for (len = 0; len + align <= sizeof(data); len++) {
			u8 *copy = pkt_copy(data + align, len);

			CHECK_EQ(field(nat64_csum_final(
					 nat64_csum_bytes(copy, len, 0))),
				 ref_csum(data + align, len, 0), "%u+%u",
				 align, len);
			free(copy);
		}
	}
}

static void carries(void)
{
	static u8 ones[65536];
	u32 sum;

	memset(ones, 0xff, sizeof(ones));
	sum = nat64_csum_bytes(ones, sizeof(ones), 0xffffffff);
	CHECK_EQ(sum, 0xffff, "all ones");
	CHECK_EQ(nat64_csum_fold(0xffffffff), 0xffff, "fold");
	CHECK_EQ(nat64_csum_fold(0x1fffe), 0xffff, "fold");
	CHECK_EQ(nat64_csum_fold(0xffff0001), 1, "fold");
	CHECK_EQ(nat64_csum_add(0xffff, 1), 1, "end around");
}

static void pseudo(void)
{
	struct spec s = { .kind = 17, .ttl = 64, .payload = 33 };
	struct in6_addr src6 = addr6(flow_out.src6);
	struct in6_addr dst6 = addr6(flow_out.dst6);

	before.len = 0;
	build6(&before, &flow_out, &s);
	CHECK_EQ(field(nat64_csum_final(nat64_csum_bytes(
			 before.b + 40, before.len - 40,
			 nat64_csum_pseudo6(&src6, &dst6, 41, 17)))),
		 0, "UDP over IPv6");
	before.len = 0;
	build4(&before, &flow_out, &s);
	CHECK_EQ(field(nat64_csum_final(nat64_csum_bytes(
			 before.b + 20, before.len - 20,
			 nat64_csum_pseudo4(nat64_load_be32(flow_out.src4),
					    nat64_load_be32(flow_out.dst4),
					    41, 17)))),
		 0, "UDP over IPv4");
	/* lengths beyond 16 bits are legal in a GSO packet */
	CHECK_EQ(nat64_csum_fold(nat64_csum_pseudo4(0, 0, 0x12345, 0)),
		 nat64_csum_fold((u32)htons(1) + htons(0x2345)), "length");
}

static u16 flow_delta(const struct flow *f)
{
	struct in6_addr src6 = addr6(f->src6), dst6 = addr6(f->dst6);

	return nat64_csum_delta_64(&src6, &dst6, nat64_load_be32(f->src4),
				   nat64_load_be32(f->dst4));
}

static u16 port_delta(const struct flow *f)
{
	return nat64_csum_add(nat64_csum_delta16(htons(f->sport6),
						 htons(f->sport4)),
			      nat64_csum_delta16(htons(f->dport6),
						 htons(f->dport4)));
}

static void random_flow(struct flow *f)
{
	u8 *p = (u8 *)f;
	size_t i;

	for (i = 0; i < sizeof(*f); i++)
		p[i] = (u8)roll();
}

/* H6-12, H4-10: the constant of a session turns one right sum into the other */
static void delta_both_ways(void)
{
	unsigned int n;

	for (n = 0; n < 3000; n++) {
		struct spec s = { .kind = n & 1 ? 6 : 17, .ttl = 64,
				  .payload = roll() % 64 };
		u32 at = n & 1 ? 16 : 6;
		struct flow f;
		u16 delta;

		random_flow(&f);
		before.len = 0;
		build6(&before, &f, &s);
		after.len = 0;
		build4(&after, &f, &s);
		delta = nat64_csum_add(flow_delta(&f), port_delta(&f));
		CHECK_EQ(field(nat64_csum_udp(nat64_csum_apply(
				 load(before.b + 40 + at), delta))),
			 field(nat64_csum_udp(load(after.b + 20 + at))),
			 "64, %u", n);
		CHECK_EQ(field(nat64_csum_udp(nat64_csum_apply(
				 load(after.b + 20 + at),
				 nat64_csum_neg(delta)))),
			 field(nat64_csum_udp(load(before.b + 40 + at))),
			 "46, %u", n);
	}
}

/* A wrong checksum stays wrong by the same difference. */
static void bad_stays_bad(void)
{
	struct spec s = { .kind = 6, .ttl = 64, .payload = 11 };
	u16 delta = nat64_csum_add(flow_delta(&flow_out),
				   port_delta(&flow_out));
	u32 error;

	before.len = 0;
	build6(&before, &flow_out, &s);
	after.len = 0;
	build4(&after, &flow_out, &s);
	for (error = 1; error < 0xffff; error += 13) {
		u16 bad6 = nat64_csum_fold(field(load(before.b + 56)) + error);
		u16 bad4 = nat64_csum_fold(field(load(after.b + 36)) + error);
		__sum16 got;

		got = nat64_csum_apply((__sum16)htons(bad6), delta);
		CHECK_EQ(field(got) % 0xffff, bad4 % 0xffff, "off by %u",
			 error);
		CHECK(field(got) % 0xffff !=
		      field(load(after.b + 36)) % 0xffff, "%u", error);
	}
}

/* CHECKSUM_PARTIAL: the field holds the pseudo-header's sum alone. */
static void partial(void)
{
	unsigned int n;

	for (n = 0; n < 1000; n++) {
		struct in6_addr src6, dst6;
		__sum16 seed6, seed4;
		u32 len = roll() % 70000;
		struct flow f;

		random_flow(&f);
		src6 = addr6(f.src6);
		dst6 = addr6(f.dst6);
		seed6 = (__sum16)nat64_csum_fold(
			nat64_csum_pseudo6(&src6, &dst6, len, 6));
		seed4 = (__sum16)nat64_csum_fold(
			nat64_csum_pseudo4(nat64_load_be32(f.src4),
					   nat64_load_be32(f.dst4), len, 6));
		CHECK_EQ(nat64_csum_apply_partial(seed6, flow_delta(&f)) %
				 0xffff,
			 seed4 % 0xffff, "%u", n);
		CHECK_EQ(nat64_csum_apply_partial(
				 seed4, nat64_csum_neg(flow_delta(&f))) %
				 0xffff,
			 seed6 % 0xffff, "%u", n);
	}
}

/* H6-16: some payload gives zero, which UDP writes as ones. */
static void udp_zero(void)
{
	u16 delta = nat64_csum_delta16(htons(1000), htons(1001));
	unsigned int v, zeros = 0;

	for (v = 0; v < 0x10000; v++) {
		__sum16 check = (__sum16)v;
		__sum16 plain = nat64_csum_apply(check, delta);

		zeros += !plain;
		CHECK(nat64_csum_udp(plain), "%u", v);
		if (plain)
			CHECK_EQ(nat64_csum_udp(plain), plain, "%u", v);
		else
			CHECK_EQ(nat64_csum_udp(plain), 0xffff, "%u", v);
	}
	CHECK(zeros, "no field gave zero");
}

static void header4(void)
{
	struct spec s = { .kind = 6, .ttl = 64, .payload = 3 };
	u32 i;

	before.len = 0;
	build4(&before, &flow_out, &s);
	for (i = 0; i < 20; i++) {
		u8 *copy = pkt_copy(before.b, i);

		CHECK(!nat64_header_csum4_ok(copy, i), "%u octets", i);
		free(copy);
	}
	CHECK(nat64_header_csum4_ok(before.b, before.len), "good");
	for (i = 0; i < 20; i++) {
		before.b[i] ^= 0x01;
		CHECK(!nat64_header_csum4_ok(before.b, 20), "octet %u", i);
		before.b[i] ^= 0x01;
	}
}

static const struct test checksum_tests[] = {
	{ "H6-11.sum-of-octets", bytes },
	{ "H6-11.carries", carries },
	{ "H6-12.pseudo-headers", pseudo },
	{ "H6-12.delta-of-addresses-and-ports", delta_both_ways },
	{ "H6-12.bad-stays-bad", bad_stays_bad },
	{ "H4-10.partial", partial },
	{ "H6-16.udp-zero", udp_zero },
	{ "I-13.header-checksum", header4 },
};
SUITE(checksum);
