// SPDX-License-Identifier: GPL-2.0
/*
 * Whole messages are compared with ones that packet.c builds for the other
 * side of the same flow: same quoted packet, summed there from scratch.
 */
#include "checksum.h"
#include "header.h"
#include "icmp.h"
#include "ktap.h"
#include "packet.h"
#include "vectors_icmp.h"

#define ALL 0xffffffff
#define ROOM4 (NAT64_ICMP4_MAX - NAT64_IPV4_HLEN)
#define ROOM6 (NAT64_ICMP6_MAX - NAT64_IPV6_HLEN)

static struct pkt in, want, inner;
static u8 *out;
static int out_len;

/* An error that is made for a flow, on either side */
struct error {
	u8 type;
	u8 code;
	u32 rest;
	u32 quote; /* octets of the transport part, at most */
	u32 ext;
};

static const u8 router6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0xfe };

static u32 ext6_len(const struct spec *s)
{
	return s->ext6_len + (s->frag ? 8 : 0);
}

static void append_ext(struct pkt *m, u32 unit, u32 at, u32 ext)
{
	u32 field = (m->len - 8 + unit - 1) / unit * unit;

	field = max_t(u32, field, 128);
	pkt_zero(m, field + 8 - m->len);
	m->b[at] = (u8)(field / unit);
	pkt_pattern(m, ext);
}

static void make6(struct pkt *m, const struct flow *f, const struct spec *s,
		  const struct error *e)
{
	inner.len = 0;
	build6(&inner, f, s);
	open_icmp(m, e->type, e->code, e->rest);
	pkt_bytes(m, inner.b, min_t(u64, inner.len,
				    40ULL + ext6_len(s) + e->quote));
	if (e->ext)
		append_ext(m, 8, 4, e->ext);
	close_icmp6(m, router6, f->src6);
}

static void make4(struct pkt *m, const struct flow *f, const struct spec *s,
		  const struct error *e)
{
	inner.len = 0;
	build4(&inner, f, s);
	open_icmp(m, e->type, e->code, e->rest);
	pkt_bytes(m, inner.b, min_t(u64, inner.len,
				    20ULL + s->opt4_len + e->quote));
	if (e->ext)
		append_ext(m, 4, 5, e->ext);
	close_icmp4(m);
}

static struct nat64_icmp_xlat xlat_of(const struct flow *f)
{
	struct nat64_icmp_xlat x = {
		.inner_src4 = nat64_load_be32(f->src4),
		.inner_dst4 = nat64_load_be32(f->dst4),
	};

	memcpy(&x.src6, router6, 16);
	memcpy(&x.dst6, f->src6, 16);
	memcpy(&x.inner_src6, f->src6, 16);
	memcpy(&x.inner_dst6, f->dst6, 16);
	return x;
}

/* Both buffers are of exactly the size that the function is told. */
static int run_limited(bool to4, const struct flow *f, u32 room,
		       const struct nat64_icmp_xlat *tmpl)
{
	struct nat64_icmp_xlat x = *tmpl;
	u8 *copy = pkt_copy(in.b, in.len);

	x.inner_sport = htons(to4 ? f->sport4 : f->sport6);
	x.inner_dport = htons(to4 ? f->dport4 : f->dport6);
	free(out);
	out = malloc(room ? room : 1);
	memset(out, 0xa5, room);
	out_len = to4 ? nat64_icmp_error_64(&x, copy, in.len, out, room) :
			nat64_icmp_error_46(&x, copy, in.len, out, room);
	free(copy);
	return out_len;
}

static int run64(const struct flow *f)
{
	struct nat64_icmp_xlat x = xlat_of(f);

	return run_limited(true, f, ROOM4, &x);
}

static int run46(const struct flow *f)
{
	struct nat64_icmp_xlat x = xlat_of(f);

	return run_limited(false, f, ROOM6, &x);
}

static void compare(const char *what)
{
	CHECK(out_len > 0, "%s: dropped with %d", what, out_len);
	if (out_len > 0)
		CHECK_BYTES(what, out, (size_t)out_len, want.b, want.len);
}

static const struct vec_icmp *lookup(const struct vec_icmp *v, size_t n,
				     unsigned int type, unsigned int code)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].type == type &&
		    (v[i].code < 0 || v[i].code == (int)code))
			return &v[i];
	}
	return NULL;
}

static u8 code_of(const struct vec_icmp *v, unsigned int code)
{
	return (u8)(v->to_code < 0 ? code : (unsigned int)v->to_code);
}

/* I-01: all 65536 types and codes, by the map and in a whole message */
static void types(bool to4)
{
	struct spec s = { .kind = 17, .ttl = 3, .payload = 32 };
	const struct flow *f = to4 ? &flow_in : &flow_out;
	unsigned int type, code;

	for (type = 0; type < 256; type++) {
		for (code = 0; code < 256; code++) {
			struct error e = { .type = (u8)type, .code = (u8)code,
					   .quote = ALL };
			const struct vec_icmp *v = to4 ?
				lookup(vec_icmp_64, ARRAY_SIZE(vec_icmp_64),
				       type, code) :
				lookup(vec_icmp_46, ARRAY_SIZE(vec_icmp_46),
				       type, code);
			struct nat64_icmp_map m = { 0, 0 };
			int r;

			r = to4 ? nat64_icmp_error_map_64((u8)type, (u8)code,
							  &m) :
				  nat64_icmp_error_map_46((u8)type, (u8)code,
							  &m);
			CHECK_EQ(r, v ? 0 : -NAT64_ICMP_UNTRANSLATABLE,
				 "%u/%u", type, code);
			if (v)
				CHECK(m.type == v->to_type &&
				      m.code == code_of(v, code), "%u/%u: %u/%u",
				      type, code, m.type, m.code);
			if (code > 17 && code < 254)
				continue;
			if (to4)
				make6(&in, f, &s, &e);
			else
				make4(&in, f, &s, &e);
			r = to4 ? run64(f) : run46(f);
			CHECK_EQ(r > 0, !!v, "%u/%u: %d", type, code, r);
			if (r > 0 && v)
				CHECK(out[0] == v->to_type &&
				      out[1] == code_of(v, code), "%u/%u",
				      type, code);
		}
	}
}

static void types_64(void)
{
	types(true);
}

static void types_46(void)
{
	types(false);
}

static void queries(void)
{
	unsigned int type;

	for (type = 0; type < 256; type++) {
		int to4 = type == 128 ? 8 : type == 129 ? 0 :
			  -NAT64_ICMP_UNTRANSLATABLE;
		int to6 = type == 8 ? 128 : type == 0 ? 129 :
			  -NAT64_ICMP_UNTRANSLATABLE;

		CHECK_EQ(nat64_icmp_query_64((u8)type), to4, "%u", type);
		CHECK_EQ(nat64_icmp_query_46((u8)type), to6, "%u", type);
	}
}

/* I-02, I-21: the difference turns one echo message into the other */
static void query_delta(void)
{
	unsigned int n;

	for (n = 0; n < 400; n++) {
		struct spec s = { .kind = 1, .ttl = 64, .payload = n,
				  .echo_reply = n & 1, .id_from_source = 1 };
		struct in6_addr src6, dst6;
		__sum16 c6, c4;
		u16 delta;

		memcpy(&src6, flow_out.src6, 16);
		memcpy(&dst6, flow_out.dst6, 16);
		in.len = 0;
		build6(&in, &flow_out, &s);
		want.len = 0;
		build4(&want, &flow_out, &s);
		memcpy(&c6, in.b + 42, 2);
		memcpy(&c4, want.b + 22, 2);
		delta = nat64_icmp_query_delta_64(&src6, &dst6, 8 + n,
						  128 + (n & 1),
						  htons(flow_out.sport6),
						  htons(flow_out.sport4));
		CHECK_EQ(nat64_csum_apply(c6, delta), c4, "%u octets", n);
		CHECK_EQ(nat64_csum_apply(c4, nat64_csum_neg(delta)), c6,
			 "%u octets", n);
	}
}

/* Both directions, every value that the field can hold (and more) */
static void pointers(void)
{
	struct spec s = { .kind = 17, .ttl = 3, .payload = 32 };
	unsigned int p, i;

	for (p = 0; p < 300; p++) {
		struct error e6 = { 4, 0, p, ALL, 0 };
		struct error e4 = { 12, p & 1 ? 2 : 0, p << 24, ALL, 0 };
		int to4 = -NAT64_ICMP_POINTER, to6 = -NAT64_ICMP_POINTER;

		for (i = 0; i < ARRAY_SIZE(vec_pointer_64); i++) {
			if (vec_pointer_64[i].from == p)
				to4 = vec_pointer_64[i].to;
		}
		for (i = 0; i < ARRAY_SIZE(vec_pointer_46); i++) {
			if (vec_pointer_46[i].from == (p & 0xff))
				to6 = vec_pointer_46[i].to;
		}
		CHECK_EQ(nat64_icmp_pointer_64(p), to4, "%u", p);
		CHECK_EQ(nat64_icmp_pointer_46((u8)p), to6, "%u", p);
		make6(&in, &flow_in, &s, &e6);
		CHECK_EQ(run64(&flow_in) < 0, to4 < 0, "%u", p);
		if (out_len > 0)
			CHECK_EQ(nat64_get_be32(out + 4), (u32)to4 << 24, "%u",
				 p);
		make4(&in, &flow_out, &s, &e4);
		CHECK_EQ(run46(&flow_out) < 0, to6 < 0, "%u", p);
		if (out_len > 0)
			CHECK_EQ(nat64_get_be32(out + 4), to6, "%u", p);
	}
	CHECK_EQ(nat64_icmp_pointer_64(0x100000000ULL - 1),
		 -NAT64_ICMP_POINTER, "32 bits");
	CHECK_EQ(nat64_icmp_pointer_64(0x01000000), -NAT64_ICMP_POINTER,
		 "32 bits");
}

/* 3/2 becomes 4/1, which points at Next Header */
static void pointer_protocol(void)
{
	struct spec s = { .kind = 17, .ttl = 3, .payload = 32 };
	struct error e = { 3, 2, 0, ALL, 0 };

	make4(&in, &flow_out, &s, &e);
	CHECK(run46(&flow_out) > 0, "%d", out_len);
	CHECK_EQ(out[0], 4, "type");
	CHECK_EQ(out[1], 1, "code");
	CHECK_EQ(nat64_get_be32(out + 4), 6, "pointer");
}

static void mtu_46(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_mtu_46); i++) {
		struct nat64_icmp_xlat x = xlat_of(&flow_out);
		struct error e = { 3, 4, vec_mtu_46[i].mtu, ALL, 0 };
		u16 tot_len = vec_mtu_46[i].tot_len;
		struct spec s = { .kind = 17, .ttl = 3, .df = 1 };

		CHECK_EQ(nat64_icmp_mtu_46(vec_mtu_46[i].mtu, tot_len,
					   vec_mtu_46[i].mtu6,
					   vec_mtu_46[i].mtu4),
			 vec_mtu_46[i].want, "%u", i);
		if (tot_len < 28)
			continue;
		s.payload = tot_len - 28;
		e.quote = 400;
		make4(&in, &flow_out, &s, &e);
		x.mtu6 = vec_mtu_46[i].mtu6;
		x.mtu4 = vec_mtu_46[i].mtu4;
		CHECK(run_limited(false, &flow_out, ROOM6, &x) > 0, "%u", i);
		CHECK_EQ(nat64_get_be32(out + 4), vec_mtu_46[i].want, "%u", i);
	}
}

static void mtu_64(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_mtu_64); i++) {
		struct nat64_icmp_xlat x = xlat_of(&flow_in);
		struct error e = { 2, 0, vec_mtu_64[i].mtu, ALL, 0 };
		struct spec s = { .kind = 17, .ttl = 3, .payload = 1400,
				  .frag = vec_mtu_64[i].frag,
				  .more = vec_mtu_64[i].frag };

		CHECK_EQ(nat64_icmp_mtu_64(vec_mtu_64[i].mtu,
					   vec_mtu_64[i].mtu6,
					   vec_mtu_64[i].mtu4,
					   vec_mtu_64[i].frag),
			 vec_mtu_64[i].want, "%u", i);
		make6(&in, &flow_in, &s, &e);
		x.mtu6 = vec_mtu_64[i].mtu6;
		x.mtu4 = vec_mtu_64[i].mtu4;
		CHECK(run_limited(true, &flow_in, ROOM4, &x) > 0, "%u", i);
		CHECK_EQ(nat64_get_be32(out + 4), vec_mtu_64[i].want, "%u", i);
	}
}

/*
 * I-06, I-07, I-10, I-15 and the checksums: the message equals the one that
 * the other side would have made about its form of the packet. Identifiers
 * of unfragmented packets are not carried over (0 in IPv4).
 */
static const struct spec kinds[] = {
	{ .kind = 6, .ttl = 61, .tos = 0xb9 },
	{ .kind = 17, .ttl = 1, .tos = 0x03 },
	{ .kind = 17, .ttl = 1, .udp_csum_zero = 1 },
	{ .kind = 1, .ttl = 255, .tos = 0xff },
	{ .kind = 1, .ttl = 255, .echo_reply = 1 },
	{ .kind = 47, .ttl = 0, .tos = 0x20 },
	{ .kind = 50, .ttl = 64 },
	{ .kind = 6, .ttl = 61, .frag = 1, .more = 1, .id = 0xbeef },
	{ .kind = 17, .ttl = 61, .frag = 1, .more = 1, .id = 0x0001 },
	{ .kind = 1, .ttl = 61, .frag = 1, .more = 1, .id = 0x0001 },
	{ .kind = 17, .ttl = 61, .frag = 1, .frag_off = 1480, .id = 0x1234 },
	{ .kind = 6, .ttl = 61, .frag = 1, .frag_off = 65528, .id = 0xffff },
	{ .kind = 1, .ttl = 61, .frag = 1, .more = 1, .frag_off = 8 },
};

static const u32 payloads[] = { 0, 1, 7, 100, 500, 1231, 1232, 1400, 8900 };

static void expect64(const struct flow *f, struct spec s, u32 quote)
{
	struct error e6 = { 3, 0, 0, quote, 0 };
	struct error e4 = { 11, 0, 0, min_t(u32, quote, 576 - 48), 0 };

	make6(&in, f, &s, &e6);
	inner.len = 0;
	build4(&inner, f, &s);
	s.df = !s.frag && inner.len > 1260;
	make4(&want, f, &s, &e4);
	run64(f);
	compare("64");
	if (out_len > 0)
		CHECK(nat64_icmp_csum4_ok(out, (u32)out_len), "checksum");
}

static void expect46(const struct flow *f, struct spec s, u32 quote)
{
	u32 most = 1280 - 40 - 8 - 40 - ext6_len(&s);
	struct error e4 = { 11, 0, 0, quote, 0 };
	struct error e6 = { 3, 0, 0, min_t(u32, quote, most), 0 };

	s.id_from_source = 1;
	make4(&in, f, &s, &e4);
	make6(&want, f, &s, &e6);
	run46(f);
	compare("46");
}

static void whole_64(void)
{
	unsigned int k, i;

	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (i = 0; i < ARRAY_SIZE(payloads); i++) {
			struct spec s = kinds[k];

			s.payload = payloads[i] + 8;
			expect64(&flow_in, s, ALL);
			expect64(&flow_out, s, ALL);
		}
	}
}

static void whole_46(void)
{
	unsigned int k, i;

	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (i = 0; i < ARRAY_SIZE(payloads); i++) {
			struct spec s = kinds[k];

			s.payload = payloads[i] + 8;
			s.df = !s.frag;
			expect46(&flow_out, s, ALL);
			expect46(&flow_in, s, ALL);
		}
	}
}

/* The same for addresses and ports without any pattern */
static void random_flows(void)
{
	u32 seed = 4711;
	unsigned int n, k;

	for (n = 0; n < 500; n++) {
		struct flow f;
		u8 *b = (u8 *)&f;

		for (k = 0; k < sizeof(f); k++) {
			seed = seed * 1664525 + 1013904223;
			b[k] = (u8)(seed >> 24);
		}
		for (k = 0; k < ARRAY_SIZE(kinds); k++) {
			struct spec s = kinds[k];

			s.payload = seed >> 16 & 63;
			s.payload += 8;
			expect64(&f, s, ALL);
			expect46(&f, s, ALL);
		}
	}
}

/* I-09: the quote cut behind each octet */
static void cut_quote(void)
{
	unsigned int k;
	u32 n;

	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		struct spec s = kinds[k];
		bool first = !s.frag_off;

		s.payload = 40;
		for (n = 0; n <= 60; n++) {
			struct error e = { 3, 0, 0, n, 0 };

			/* half a checksum cannot be updated */
			if (first && s.kind == 6 && n == 17)
				continue;
			if (n >= 8 || !first || s.kind == 50) {
				expect64(&flow_in, s, n);
				expect46(&flow_out, s, n);
				continue;
			}
			make6(&in, &flow_in, &s, &e);
			CHECK_EQ(run64(&flow_in), -NAT64_ICMP_TRUNCATED,
				 "kind %u, %u octets", k, n);
			make4(&in, &flow_out, &s, &e);
			CHECK_EQ(run46(&flow_out), -NAT64_ICMP_TRUNCATED,
				 "kind %u, %u octets", k, n);
		}
	}
}

/* The whole message cut behind each octet, header included */
static void cut_message(void)
{
	struct spec s = { .kind = 6, .ttl = 9, .payload = 40 };
	struct error e = { 3, 0, 0, ALL, 16 };
	u32 full, n;

	make6(&in, &flow_in, &s, &e);
	full = in.len;
	for (n = 0; n <= full; n++) {
		in.len = n;
		run64(&flow_in);
		CHECK_EQ(out_len < 0, n < 8 + 40 + 8, "%u octets: %d", n,
			 out_len);
		if (out_len > 0)
			CHECK(nat64_icmp_csum4_ok(out, (u32)out_len), "%u", n);
	}
	e.type = 11;
	make4(&in, &flow_out, &s, &e);
	full = in.len;
	for (n = 0; n <= full; n++) {
		in.len = n;
		run46(&flow_out);
		CHECK_EQ(out_len < 0, n < 8 + 20 + 8, "%u octets: %d", n,
			 out_len);
	}
}

/* I-06: the quoted packet has been decremented when it was sent */
static void ttl_unchanged(void)
{
	unsigned int ttl;

	for (ttl = 0; ttl < 256; ttl++) {
		struct spec s = { .kind = 17, .ttl = (u8)ttl, .payload = 9 };
		struct error e6 = { 3, 0, 0, ALL, 0 };
		struct error e4 = { 11, 0, 0, ALL, 0 };

		make6(&in, &flow_in, &s, &e6);
		CHECK(run64(&flow_in) > 0, "%d", out_len);
		CHECK_EQ(out[8 + 8], ttl, "TTL");
		make4(&in, &flow_out, &s, &e4);
		CHECK(run46(&flow_out) > 0, "%d", out_len);
		CHECK_EQ(out[8 + 7], ttl, "hop limit");
	}
}

/* I-15: lengths speak of the original, DF follows them */
static void inner_lengths(void)
{
	u32 len;

	for (len = 1250; len < 1270; len++) {
		struct spec s = { .kind = 17, .ttl = 9, .payload = len - 28 };
		struct error e = { 3, 0, 0, 64, 0 };

		make6(&in, &flow_in, &s, &e);
		CHECK(run64(&flow_in) > 0, "%d", out_len);
		CHECK_EQ(nat64_get_be16(out + 8 + 2), len, "total length");
		CHECK_EQ(nat64_get_be16(out + 8 + 6),
			 len > 1260 ? 0x4000 : 0, "DF at %u", len);
		CHECK(nat64_header_csum4_ok(out + 8, 20), "header checksum");
	}
	{
		struct spec s = { .kind = 6, .ttl = 9, .payload = 1288 - 20 };
		struct error e = { 3, 0, 0, ALL, 0 };

		make6(&in, &flow_in, &s, &e);
		CHECK(run64(&flow_in) > 0, "%d", out_len);
		CHECK_EQ(nat64_get_be16(out + 8 + 2), 1308, "total length");
		e.type = 11;
		make4(&in, &flow_out, &s, &e);
		CHECK(run46(&flow_out) > 0, "%d", out_len);
		CHECK_EQ(nat64_get_be16(out + 8 + 4), 1288, "payload length");
	}
}

/* A length that IPv4 cannot say */
static void inner_too_long(void)
{
	struct spec s = { .kind = 17, .ttl = 9, .payload = 100 };
	struct error e = { 3, 0, 0, ALL, 0 };
	u32 len;

	for (len = 65510; len < 65536; len++) {
		make6(&in, &flow_in, &s, &e);
		pkt_set16(&in, 8 + 4, (u16)len);
		run64(&flow_in);
		if (len > 65515)
			CHECK_EQ(out_len, -NAT64_ICMP_MALFORMED, "%u", len);
		else
			CHECK_EQ(nat64_get_be16(out + 8 + 2), len + 20, "%u",
				 len);
	}
}

/* I-08 */
static void nested(void)
{
	struct spec s = { .kind = 1, .ttl = 9, .payload = 60 };
	struct error e6 = { 1, 0, 0, ALL, 0 }, e4 = { 3, 1, 0, ALL, 0 };
	unsigned int type;

	for (type = 0; type < 256; type++) {
		int r6 = type < 128 ? -NAT64_ICMP_NESTED :
			 type < 130 ? 0 : -NAT64_ICMP_UNTRANSLATABLE;
		int r4 = type == 3 || type == 4 || type == 5 || type == 11 ||
			 type == 12 ? -NAT64_ICMP_NESTED :
			 type == 0 || type == 8 ? 0 :
						  -NAT64_ICMP_UNTRANSLATABLE;

		make6(&in, &flow_in, &s, &e6);
		in.b[8 + 40] = (u8)type;
		run64(&flow_in);
		CHECK_EQ(min(out_len, 0), r6, "%u", type);
		make4(&in, &flow_out, &s, &e4);
		in.b[8 + 20] = (u8)type;
		run46(&flow_out);
		CHECK_EQ(min(out_len, 0), r4, "%u", type);
	}
}

/* What the quoted header may say and has no meaning here */
static void inner_foreign(void)
{
	struct spec s = { .kind = 99, .ttl = 9, .payload = 60 };
	struct error e6 = { 1, 0, 0, ALL, 0 }, e4 = { 3, 1, 0, ALL, 0 };
	unsigned int v;

	make6(&in, &flow_in, &s, &e6);
	in.b[8 + 6] = 1;
	CHECK_EQ(run64(&flow_in), -NAT64_ICMP_UNTRANSLATABLE, "ICMPv4");
	make4(&in, &flow_out, &s, &e4);
	in.b[8 + 9] = 58;
	CHECK_EQ(run46(&flow_out), -NAT64_ICMP_UNTRANSLATABLE, "ICMPv6");
	for (v = 0; v < 256; v++) {
		bool ext = v == 0 || v == 43 || v == 44 || v == 60 ||
			   v == 135 || v == 139 || v == 140;
		bool ip = v == 1 || v == 6 || v == 17 || v == 47;

		if (ip)
			continue; /* the payload is none of these */
		for (s.more = 0; s.more < 2; s.more++) {
			make4(&in, &flow_out, &s, &e4);
			in.b[8 + 9] = (u8)v;
			CHECK_EQ(min(run46(&flow_out), 0),
				 ext || v == 58 || (v == 51 && s.more) ?
				 -NAT64_ICMP_UNTRANSLATABLE : 0,
				 "protocol %u", v);
		}
	}
	s.more = 0;
	for (v = 0; v < 16; v++) {
		make6(&in, &flow_in, &s, &e6);
		in.b[8] = (u8)(v << 4);
		CHECK_EQ(min(run64(&flow_in), 0),
			 v == 6 ? 0 : -NAT64_ICMP_MALFORMED, "version %u", v);
		make4(&in, &flow_out, &s, &e4);
		in.b[8] = (u8)(v << 4 | 5);
		CHECK_EQ(min(run46(&flow_out), 0),
			 v == 4 ? 0 : -NAT64_ICMP_MALFORMED, "version %u", v);
	}
	for (v = 0; v < 5; v++) {
		make4(&in, &flow_out, &s, &e4);
		in.b[8] = (u8)(0x40 | v);
		CHECK_EQ(run46(&flow_out), -NAT64_ICMP_MALFORMED, "IHL %u", v);
	}
}

/* Extension headers and options of the quoted packet disappear. */
static void inner_extras(void)
{
	static const u8 hbh[24] = { 60, 0, 1, 4, 0, 0, 0, 0, 17, 1, 1, 12 };
	static const u8 rr[8] = { 7, 7, 4, 0, 0, 0, 0, 0 };
	struct spec plain = { .kind = 17, .ttl = 9, .payload = 100 };
	struct error e6 = { 3, 0, 0, ALL, 0 }, e4 = { 11, 0, 0, ALL, 0 };
	struct spec s = plain;

	s.ext6 = hbh;
	s.ext6_len = sizeof(hbh);
	make6(&in, &flow_in, &s, &e6);
	make4(&want, &flow_in, &plain, &e4);
	run64(&flow_in);
	compare("extension headers");

	plain.id_from_source = 1;
	s = plain;
	s.opt4 = rr;
	s.opt4_len = sizeof(rr);
	make4(&in, &flow_out, &s, &e4);
	make6(&want, &flow_out, &plain, &e6);
	run46(&flow_out);
	compare("options");
}

/* I-16: 700 to 576, 1500 to 1280, and other limits */
static void limits(void)
{
	struct spec s = { .kind = 17, .ttl = 9, .payload = 8000 };
	struct error e6 = { 3, 0, 0, 652, 0 }, e4 = { 11, 0, 0, 1452, 0 };
	struct nat64_icmp_xlat x;
	u32 limit;

	make6(&in, &flow_in, &s, &e6);
	CHECK_EQ(in.len, 700, "input");
	CHECK_EQ(run64(&flow_in), 576 - 20, "64");
	make4(&in, &flow_out, &s, &e4);
	CHECK_EQ(in.len, 1480, "input");
	CHECK_EQ(run46(&flow_out), 1280 - 40, "46");

	for (limit = 1; limit < 2000; limit++) {
		u32 most4 = 8 + 20 + 652, most6 = 8 + 40 + 1452;

		make6(&in, &flow_in, &s, &e6);
		x = xlat_of(&flow_in);
		x.limit = limit;
		run_limited(true, &flow_in, 2000, &x);
		if (limit < 20 + 8 + 20 + 8)
			CHECK_EQ(out_len, -NAT64_ICMP_NO_ROOM, "%u", limit);
		else
			CHECK_EQ(out_len, min(limit - 20, most4), "%u", limit);
		make4(&in, &flow_out, &s, &e4);
		x = xlat_of(&flow_out);
		x.limit = limit;
		run_limited(false, &flow_out, 2000, &x);
		if (limit < 40 + 8 + 40 + 8)
			CHECK_EQ(out_len, -NAT64_ICMP_NO_ROOM, "%u", limit);
		else
			CHECK_EQ(out_len, min(limit - 40, most6), "%u", limit);
	}
}

/* A buffer that is too small by any amount is refused, not overrun. */
static void room(void)
{
	struct spec s = { .kind = 6, .ttl = 9, .payload = 50 };
	struct error e6 = { 3, 0, 0, ALL, 12 }, e4 = { 11, 0, 0, ALL, 12 };
	struct nat64_icmp_xlat x = xlat_of(&flow_in);
	u32 size, need;

	make6(&in, &flow_in, &s, &e6);
	need = (u32)run64(&flow_in);
	for (size = 0; size <= need; size++)
		CHECK_EQ(run_limited(true, &flow_in, size, &x),
			 size < need ? -NAT64_ICMP_NO_ROOM : (int)need, "%u",
			 size);
	x = xlat_of(&flow_out);
	make4(&in, &flow_out, &s, &e4);
	need = (u32)run46(&flow_out);
	for (size = 0; size <= need; size++)
		CHECK_EQ(run_limited(false, &flow_out, size, &x),
			 size < need ? -NAT64_ICMP_NO_ROOM : (int)need, "%u",
			 size);
}

/* with an extension, for quotes of all sizes around the minimum */
static void ext_length(void)
{
	u32 payload;

	for (payload = 0; payload < 300; payload++) {
		struct spec s = { .kind = 17, .ttl = 9, .payload = payload };
		struct error e6 = { 3, 0, 0, ALL, 20 };
		struct error e4 = { 11, 0, 0, ALL, 20 };

		make6(&in, &flow_in, &s, &e6);
		make4(&want, &flow_in, &s, &e4);
		run64(&flow_in);
		compare("64");
		s.id_from_source = 1;
		make4(&in, &flow_out, &s, &e4);
		make6(&want, &flow_out, &s, &e6);
		run46(&flow_out);
		compare("46");
	}
}

/* the example of the requirement: 128 (32) to 148, so 152 (19) */
static void ext_example(void)
{
	struct spec s = { .kind = 17, .ttl = 9, .payload = 1000 };
	struct error e6 = { 1, 4, 0, 112, 8 }, e4 = { 3, 3, 0, 108, 8 };

	make4(&in, &flow_out, &s, &e4);
	CHECK_EQ(in.b[5], 32, "input");
	CHECK_EQ(run46(&flow_out), 8 + 152 + 8, "46");
	CHECK_EQ(out[4], 19, "units of 8");
	CHECK_EQ(out[5] | out[6] | out[7], 0, "unused");
	make6(&in, &flow_in, &s, &e6);
	CHECK_EQ(in.b[4], 19, "input");
	CHECK_EQ(run64(&flow_in), 8 + 132 + 8, "64");
	CHECK_EQ(out[5], 33, "units of 4");
	CHECK_EQ(out[4] | out[6] | out[7], 0, "unused");
}

/* opaque, octet for octet */
static void ext_opaque(void)
{
	struct spec s = { .kind = 17, .ttl = 9, .payload = 60 };
	u32 ext;

	for (ext = 4; ext < 200; ext++) {
		struct error e6 = { 1, 0, 0, ALL, ext };
		struct error e4 = { 3, 0, 0, ALL, ext };

		make6(&in, &flow_in, &s, &e6);
		CHECK(run64(&flow_in) > 0, "%d", out_len);
		CHECK_BYTES("64", out + out_len - ext, ext,
			    in.b + in.len - ext, ext);
		make4(&in, &flow_out, &s, &e4);
		CHECK(run46(&flow_out) > 0, "%d", out_len);
		CHECK_BYTES("46", out + out_len - ext, ext,
			    in.b + in.len - ext, ext);
	}
}

/* it goes when it does not fit, and Length with it */
static void ext_cut(void)
{
	struct spec s = { .kind = 17, .ttl = 9, .payload = 4000 };
	u32 quote;

	for (quote = 1000; quote <= 1012; quote++) {
		/* a v4 quote of 20 + quote, Length at most 255 * 4 */
		struct error e4 = { 11, 0, 0, min(quote, 1000U), 160 };
		u32 field = (40 + e4.quote + 7) / 8 * 8;
		bool fits;

		e4.ext = 1240 - 8 - field + quote - 1004;
		fits = 8 + field + e4.ext <= 1240;
		make4(&in, &flow_out, &s, &e4);
		CHECK(run46(&flow_out) > 0, "%d", out_len);
		CHECK_EQ(out[4], fits ? field / 8 : 0, "ext %u", e4.ext);
		CHECK_EQ(out_len, fits ? 8 + field + e4.ext :
					 8 + 40 + e4.quote, "ext %u", e4.ext);
	}
}

/* 576 octets are few: the quote gives way, down to 128 octets */
static void ext_shrinks_quote(void)
{
	struct spec s = { .kind = 17, .ttl = 9, .payload = 4000 };
	u32 ext;

	for (ext = 4; ext < 600; ext++) {
		struct error e6 = { 3, 0, 0, 1000, ext };
		u32 field = 548 > ext ? (548 - ext) / 4 * 4 : 0;

		make6(&in, &flow_in, &s, &e6);
		CHECK(run64(&flow_in) > 0, "%d", out_len);
		if (field < 128) {
			CHECK_EQ(out[5], 0, "ext %u", ext);
			CHECK_EQ(out_len, 556, "ext %u", ext);
			continue;
		}
		CHECK_EQ(out[5], field / 4, "ext %u", ext);
		CHECK_EQ(out_len, 8 + field + ext, "ext %u", ext);
		CHECK_BYTES("extension", out + 8 + field, ext,
			    in.b + in.len - ext, ext);
	}
}

/* ICMPv6 2 and 4 have none: the message ends with the quote */
static void ext_dropped(void)
{
	static const struct {
		u8 type, code;
		u32 rest;
	} cases[] = { { 3, 4, 1400 }, { 3, 2, 0 }, { 12, 0, 8U << 24 } };
	struct spec s = { .kind = 17, .ttl = 9, .payload = 1000 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error e4 = { cases[i].type, cases[i].code,
				    cases[i].rest, 108, 24 };

		make4(&in, &flow_out, &s, &e4);
		CHECK_EQ(run46(&flow_out), 8 + 148, "%u", i);
	}
}

/* Length 0, or past the end, or covering all: no extension */
static void ext_malformed(void)
{
	struct spec s = { .kind = 17, .ttl = 9, .payload = 200 };
	struct error e6 = { 1, 0, 0, ALL, 0 }, e4 = { 3, 0, 0, ALL, 0 };
	unsigned int v;

	for (v = 0; v < 256; v++) {
		make6(&in, &flow_in, &s, &e6);
		in.b[4] = (u8)v;
		run64(&flow_in);
		/* 248 octets: 31 units are all of it, less leave a rest */
		if (!v || v >= 31) {
			CHECK_EQ(out_len, 8 + 228, "%u", v);
			CHECK_EQ(out[5], 0, "%u", v);
		} else if (v * 8 < 48) {
			CHECK_EQ(out_len, -NAT64_ICMP_TRUNCATED, "%u", v);
		} else {
			CHECK_EQ(out[5] * 4, max(v * 8 - 20, 128U), "%u", v);
		}
		make4(&in, &flow_out, &s, &e4);
		in.b[5] = (u8)v;
		run46(&flow_out);
		if (!v || v >= 57) {
			CHECK_EQ(out_len, 8 + 248, "%u", v);
			CHECK_EQ(out[4], 0, "%u", v);
		} else if (v * 4 < 28) {
			CHECK_EQ(out_len, -NAT64_ICMP_TRUNCATED, "%u", v);
		} else {
			CHECK_EQ(out[4] * 8,
				 max((v * 4 + 20 + 7) / 8 * 8, 128U), "%u", v);
		}
	}
}

/* which messages have the attribute, and where */
static void quote_len(void)
{
	unsigned int type;

	for (type = 0; type < 256; type++) {
		u8 m6[8] = { (u8)type, 0, 0, 0, 16, 0, 0, 0 };
		u8 m4[8] = { (u8)type, 0, 0, 0, 0, 32, 0, 0 };
		bool has6 = type == 1 || type == 3;
		bool has4 = type == 3 || type == 11 || type == 12;

		CHECK_EQ(nat64_icmp_quote_len(m6, 308, 6), has6 ? 128 : 300,
			 "%u", type);
		CHECK_EQ(nat64_icmp_quote_len(m4, 308, 4), has4 ? 128 : 300,
			 "%u", type);
		CHECK_EQ(nat64_icmp_quote_len(m6, 135, 6), 127, "%u", type);
		CHECK_EQ(nat64_icmp_quote_len(m4, 135, 4), 127, "%u", type);
		CHECK_EQ(nat64_icmp_quote_len(m6, 8, 6), 0, "%u", type);
	}
}

/* Padding behind a short quoted packet is not part of it. */
static void ext_padding(void)
{
	struct spec s = { .kind = 17, .ttl = 9, .payload = 4 };
	struct error e6 = { 3, 0, 0, ALL, 0 }, e4 = { 11, 0, 0, ALL, 0 };

	make6(&in, &flow_in, &s, &e6);
	pkt_pattern(&in, 30);
	CHECK_EQ(run64(&flow_in), 8 + 20 + 12, "64");
	make4(&in, &flow_out, &s, &e4);
	pkt_pattern(&in, 30);
	CHECK_EQ(run46(&flow_out), 8 + 40 + 12, "46");
}

/* I-13 */
static void verify(void)
{
	struct spec s = { .kind = 17, .ttl = 9, .payload = 40 };
	struct error e = { 3, 0, 0, ALL, 0 };
	struct in6_addr src, dst;
	u32 i;

	memcpy(&src, router6, 16);
	memcpy(&dst, flow_in.src6, 16);
	make6(&in, &flow_in, &s, &e);
	CHECK(nat64_icmp_csum6_ok(&src, &dst, in.b, in.len), "good");
	CHECK(!nat64_icmp_csum6_ok(&src, &src, in.b, in.len), "address");
	CHECK(!nat64_icmp_csum4_ok(in.b, in.len), "pseudo-header");
	for (i = 0; i < in.len; i++) {
		in.b[i] ^= 0x10;
		CHECK(!nat64_icmp_csum6_ok(&src, &dst, in.b, in.len), "%u", i);
		in.b[i] ^= 0x10;
	}
	make4(&in, &flow_in, &s, &e);
	CHECK(nat64_icmp_csum4_ok(in.b, in.len), "good");
	for (i = 0; i < in.len; i++) {
		in.b[i] ^= 0x10;
		CHECK(!nat64_icmp_csum4_ok(in.b, in.len), "%u", i);
		in.b[i] ^= 0x10;
	}
	for (i = 0; i < 8; i++)
		CHECK(!nat64_icmp_csum4_ok(in.b, i), "%u octets", i);
}

/* I-02: the result's checksum over the IPv6 pseudo-header, and none */
static void result_csum(void)
{
	struct spec s = { .kind = 6, .ttl = 9, .payload = 41 };
	struct nat64_icmp_xlat x = xlat_of(&flow_out);
	struct error e = { 11, 0, 0, ALL, 0 };

	make4(&in, &flow_out, &s, &e);
	CHECK(run46(&flow_out) > 0, "%d", out_len);
	CHECK(nat64_icmp_csum6_ok(&x.src6, &x.dst6, out, (u32)out_len), "46");
	e.type = 3;
	make6(&in, &flow_in, &s, &e);
	CHECK(run64(&flow_in) > 0, "%d", out_len);
	CHECK(nat64_icmp_csum4_ok(out, (u32)out_len), "64");
}

/* H6-12 inside of an error: a wrong inner checksum is not repaired. */
static void inner_bad_csum(void)
{
	struct spec s = { .kind = 6, .ttl = 9, .payload = 40 };
	struct error e6 = { 3, 0, 0, ALL, 0 }, e4 = { 11, 0, 0, ALL, 0 };
	u16 good, bad;

	make6(&in, &flow_in, &s, &e6);
	make4(&want, &flow_in, &s, &e4);
	good = nat64_get_be16(want.b + 8 + 20 + 16);
	in.b[8 + 40 + 17] ^= 0x01;
	CHECK(run64(&flow_in) > 0, "%d", out_len);
	bad = nat64_get_be16(out + 8 + 20 + 16);
	CHECK(bad != good, "repaired");
	CHECK(bad - good == 1 || good - bad == 1, "%04x %04x", good, bad);
}

/* H6-16 inside of an error: some port makes the checksum zero. */
/* P-10: the call id that the session gives, all else of the quote as it was */
static void inner_gre(void)
{
	static const u16 ids[] = { 1, 0x1234, 65002, 0xffff };
	struct spec s = { .kind = 47, .ttl = 9, .payload = 60 };
	struct flow f = flow_in;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		for (k = 0; k < ARRAY_SIZE(ids); k++) {
			f.dport6 = ids[i];
			f.dport4 = ids[k];
			expect64(&f, s, ALL);
			expect64(&f, s, 8);
			expect46(&f, s, ALL);
			expect46(&f, s, 8);
		}
	}
}

/* D-01: without a call there is no other id. */
static void inner_gre_stray(void)
{
	struct spec s = { .kind = 47, .ttl = 9, .payload = 60 };
	struct error e6 = { 3, 0, 0, ALL, 0 }, e4 = { 11, 0, 0, ALL, 0 };
	struct flow f = flow_in, none = flow_in;

	f.dport4 = f.dport6;
	none.dport4 = 0;
	none.dport6 = 0;
	make6(&in, &f, &s, &e6);
	make4(&want, &f, &s, &e4);
	run64(&none);
	compare("64");
	make4(&in, &f, &s, &e4);
	make6(&want, &f, &s, &e6);
	run46(&none);
	compare("46");
}

static void inner_udp_zero(void)
{
	struct spec s = { .kind = 17, .ttl = 9, .payload = 12 };
	unsigned int port, ones = 0;

	for (port = 0; port < 0x10000; port++) {
		struct flow f = flow_in;

		f.dport4 = (u16)port;
		expect64(&f, s, ALL);
		ones += out_len > 0 && nat64_get_be16(out + 34) == 0xffff;
		f = flow_out;
		f.sport6 = (u16)port;
		expect46(&f, s, ALL);
		ones += out_len > 0 && nat64_get_be16(out + 54) == 0xffff;
	}
	CHECK_EQ(ones, 2, "each direction once");
}

static const struct test icmp_tests[] = {
	{ "I-01.types-64", types_64 },
	{ "I-01.types-46", types_46 },
	{ "I-01.queries", queries },
	{ "I-01.pointers", pointers },
	{ "I-01.pointer-of-protocol", pointer_protocol },
	{ "I-02.result-checksum", result_csum },
	{ "I-03.mtu-46", mtu_46 },
	{ "I-05.mtu-64", mtu_64 },
	{ "I-06.inner-ttl", ttl_unchanged },
	{ "I-07.whole-64", whole_64 },
	{ "I-07.whole-46", whole_46 },
	{ "I-08.nested-error", nested },
	{ "I-09.quote-cut-everywhere", cut_quote },
	{ "I-09.message-cut-everywhere", cut_message },
	{ "I-10.random-flows", random_flows },
	{ "I-10.inner-udp-zero", inner_udp_zero },
	{ "P-10.inner-call-id", inner_gre },
	{ "D-01.inner-call-id-stays", inner_gre_stray },
	{ "I-13.verify", verify },
	{ "I-13.inner-checksum-unjudged", inner_bad_csum },
	{ "I-13.inner-extras-skipped", inner_extras },
	{ "I-14.padding", ext_padding },
	{ "I-15.inner-lengths", inner_lengths },
	{ "I-15.inner-too-long", inner_too_long },
	{ "I-16.limits", limits },
	{ "I-16.room", room },
	{ "I-21.echo-delta", query_delta },
	{ "I-01.inner-foreign", inner_foreign },
	{ "X-01.length-attribute", quote_len },
	{ "X-02.length", ext_length },
	{ "X-02.example", ext_example },
	{ "X-03.opaque", ext_opaque },
	{ "X-04.cut-46", ext_cut },
	{ "X-04.quote-first-64", ext_shrinks_quote },
	{ "X-05.dropped", ext_dropped },
	{ "X-06.malformed", ext_malformed },
};
SUITE(icmp);
