// SPDX-License-Identifier: GPL-2.0
#include "header.h"
#include "ktap.h"
#include "packet.h"
#include "vectors_header.h"

typedef enum nat64_header_result (*parser)(const u8 *, u32, u32,
					   struct nat64_header *);

static struct pkt p;

/*
 * The short way, on memory that holds exactly @avail octets. Where it finds
 * anything, it finds what the parser does.
 */
static bool plain(parser fn, const struct pkt *pkt, u32 avail)
{
	bool v6 = fn == nat64_header_parse6, found;
	struct nat64_header h, full;
	u8 *copy;

	if (!v6 && fn != nat64_header_parse4)
		return false;
	copy = pkt_copy(pkt->b, avail);
	found = v6 ? nat64_header_plain6(copy, avail, pkt->len, &h) :
		     nat64_header_plain4(copy, avail, pkt->len, &h);
	if (found) {
		CHECK_EQ(fn(copy, avail, pkt->len, &full), NAT64_HEADER_OK,
			 "plain, but not good");
		CHECK(!memcmp(&h, &full, sizeof(h)), "plain, but different");
	}
	free(copy);
	return found;
}

static enum nat64_header_result parse(parser fn, struct nat64_header *h)
{
	u8 *copy = pkt_copy(p.b, p.len);
	enum nat64_header_result r = fn(copy, p.len, p.len, h);

	free(copy);
	plain(fn, &p, p.len);
	return r;
}

static enum nat64_header_result parse6(struct nat64_header *h)
{
	return parse(nat64_header_parse6, h);
}

static enum nat64_header_result parse4(struct nat64_header *h)
{
	return parse(nat64_header_parse4, h);
}

static void make6(const struct spec *s)
{
	p.len = 0;
	build6(&p, &flow_out, s);
}

static void make4(const struct spec *s)
{
	p.len = 0;
	build4(&p, &flow_in, s);
}

/* H6-02, H6-07, H6-08: what is copied */
static void fields6(void)
{
	unsigned int tos;

	for (tos = 0; tos < 256; tos++) {
		struct spec s = { .kind = 6, .tos = (u8)tos,
				  .ttl = (u8)(255 - tos), .payload = 10 };
		struct nat64_header h;

		make6(&s);
		p.b[1] |= 0x0b; /* flow label */
		p.b[2] = 0xcd;
		CHECK_EQ(parse6(&h), NAT64_HEADER_OK, "%u", tos);
		CHECK_EQ(h.tos, tos, "traffic class");
		CHECK_EQ(h.ttl, 255 - tos, "hop limit");
		CHECK_EQ(h.family, 6, "family");
		CHECK_EQ(h.len, 40 + 20 + 10, "length");
		CHECK_EQ(h.l4_off, 40, "offset");
		CHECK_EQ(h.l4_len, 30, "length");
		CHECK_EQ(h.frag | h.more | h.frag_off, 0, "no fragment");
	}
}

static void fields4(void)
{
	unsigned int tos;

	for (tos = 0; tos < 256; tos++) {
		struct spec s = { .kind = 17, .tos = (u8)tos, .id = 0xbeef,
				  .ttl = (u8)(255 - tos), .payload = 10,
				  .df = tos & 1 };
		struct nat64_header h;

		make4(&s);
		CHECK_EQ(parse4(&h), NAT64_HEADER_OK, "%u", tos);
		CHECK_EQ(h.tos, tos, "TOS");
		CHECK_EQ(h.ttl, 255 - tos, "TTL");
		CHECK_EQ(h.family, 4, "family");
		CHECK_EQ(h.len, 20 + 8 + 10, "length");
		CHECK_EQ(h.l4_off, 20, "offset");
		CHECK_EQ(h.l4_len, 18, "length");
		CHECK_EQ(h.df, tos & 1, "DF");
		CHECK_EQ(h.frag_id, 0xbeef, "identification");
		CHECK_EQ(h.frag | h.more | h.frag_off, 0, "no fragment");
	}
}

static void transport_tcp(void)
{
	struct spec s = { .kind = 6, .ttl = 64, .payload = 40 };
	struct nat64_header h;
	unsigned int doff;

	for (doff = 0; doff < 16; doff++) {
		make6(&s);
		p.b[52] = (u8)(doff << 4);
		p.b[53] = 0x12;
		if (doff < 5) {
			CHECK_EQ(parse6(&h), NAT64_HEADER_BAD_TRANSPORT,
				 "data offset %u", doff);
			continue;
		}
		CHECK_EQ(parse6(&h), NAT64_HEADER_OK, "%u", doff);
		CHECK_EQ(ntohs(h.sport), flow_out.sport6, "source port");
		CHECK_EQ(ntohs(h.dport), flow_out.dport6, "dest port");
		CHECK_EQ(h.tcp_flags, 0x12, "flags");
		CHECK_EQ(h.tcp_hlen, doff * 4, "header length");
		CHECK_EQ(h.payload_off, 40 + doff * 4, "payload");
		CHECK_EQ(h.csum_off, 56, "checksum");
		CHECK_EQ(h.present, NAT64_HEADER_PORTS | NAT64_HEADER_CSUM |
					    NAT64_HEADER_FLAGS, "present");
	}
	s.payload = 3;
	make6(&s);
	p.b[52] = 0x60;
	CHECK_EQ(parse6(&h), NAT64_HEADER_BAD_TRANSPORT, "options past end");
}

static void transport_udp(void)
{
	struct spec s = { .kind = 17, .ttl = 64, .payload = 9 };
	struct nat64_header h;
	unsigned int len;

	for (len = 0; len < 30; len++) {
		bool ok = len >= 8 && len <= 17;

		make4(&s);
		pkt_set16(&p, 24, (u16)len);
		CHECK_EQ(parse4(&h), ok ? NAT64_HEADER_OK :
					  NAT64_HEADER_BAD_TRANSPORT,
			 "length %u", len);
		if (!ok)
			continue;
		CHECK_EQ(h.udp_len, len, "length");
		CHECK_EQ(ntohs(h.sport), flow_in.sport4, "source port");
		CHECK_EQ(ntohs(h.dport), flow_in.dport4, "dest port");
		CHECK_EQ(h.csum_off, 26, "checksum");
		CHECK_EQ(h.payload_off, 28, "payload");
		CHECK(!h.udp_csum_zero, "checksum");
	}
	s.udp_csum_zero = 1;
	make4(&s);
	CHECK_EQ(parse4(&h), NAT64_HEADER_OK, "zero checksum");
	CHECK(h.udp_csum_zero, "zero checksum");
	make6(&s);
	CHECK_EQ(parse6(&h), NAT64_HEADER_OK, "zero checksum");
	CHECK(h.udp_csum_zero, "zero checksum");
}

/* Each type, which of them are queries and errors, and where ids go */
static void transport_icmp(void)
{
	struct spec s = { .kind = 1, .ttl = 64, .payload = 60,
			  .id_from_source = 1 };
	struct nat64_header h;
	unsigned int type;

	for (type = 0; type < 256; type++) {
		bool error4 = type == 3 || type == 4 || type == 5 ||
			      type == 11 || type == 12;

		make6(&s);
		p.b[40] = (u8)type;
		p.b[41] = 7;
		CHECK_EQ(parse6(&h), NAT64_HEADER_OK, "%u", type);
		CHECK_EQ(h.icmp_query, type == 128 || type == 129, "%u", type);
		CHECK_EQ(h.icmp_error, type < 128, "%u", type);
		CHECK_EQ(h.icmp_type, type, "type");
		CHECK_EQ(h.icmp_code, 7, "code");
		CHECK_EQ(h.csum_off, 42, "checksum");
		CHECK_EQ(ntohs(h.sport), h.icmp_query ? flow_out.sport6 : 0,
			 "%u", type);
		CHECK_EQ(h.dport, 0, "%u", type);
		CHECK_EQ(h.inner_off, h.icmp_error ? 48 : 0, "%u", type);
		make4(&s);
		p.b[20] = (u8)type;
		CHECK_EQ(parse4(&h), NAT64_HEADER_OK, "%u", type);
		CHECK_EQ(h.icmp_query, type == 0 || type == 8, "%u", type);
		CHECK_EQ(h.icmp_error, error4, "%u", type);
		CHECK_EQ(ntohs(h.dport), h.icmp_query ? flow_in.sport4 : 0,
			 "%u", type);
		CHECK_EQ(h.sport, 0, "%u", type);
		CHECK_EQ(h.inner_off, error4 ? 28 : 0, "%u", type);
	}
}

/* The other family's ICMP is an unknown protocol. */
static void transport_foreign(void)
{
	struct spec s = { .kind = 99, .ttl = 64, .payload = 60 };
	struct nat64_header h;

	make6(&s);
	p.b[6] = 1;
	CHECK_EQ(parse6(&h), NAT64_HEADER_OK, "ICMPv4 in IPv6");
	CHECK_EQ(h.present, 0, "ICMPv4 in IPv6");
	make4(&s);
	p.b[9] = 58;
	CHECK_EQ(parse4(&h), NAT64_HEADER_OK, "ICMPv6 in IPv4");
	CHECK_EQ(h.present, 0, "ICMPv6 in IPv4");
	CHECK_EQ(h.proto, 58, "ICMPv6 in IPv4");
}

/* P-02: every combination of the first two octets */
static void transport_gre(void)
{
	struct spec s = { .kind = 47, .ttl = 64, .payload = 20 };
	struct nat64_header h;
	unsigned int v;

	for (v = 0; v < 0x10000; v++) {
		bool seq = v & 0x1000, ack = v & 0x0080;
		bool pptp = (v & 0xef7f) == 0x2001;

		make6(&s);
		pkt_set16(&p, 40, (u16)v);
		CHECK_EQ(parse6(&h), NAT64_HEADER_OK, "%04x", v);
		CHECK_EQ(h.gre_pptp, pptp, "%04x", v);
		if (!pptp) {
			CHECK_EQ(h.present, 0, "%04x", v);
			continue;
		}
		CHECK_EQ(ntohs(h.gre_call_id), flow_out.dport6, "%04x", v);
		CHECK(h.dport == h.gre_call_id && !h.sport, "%04x", v);
		CHECK_EQ(h.payload_off, 48 + 4 * seq + 4 * ack, "%04x", v);
		CHECK_EQ(h.present, NAT64_HEADER_PORTS, "%04x", v);
	}
	make6(&s);
	p.b[43] = 0x0c;
	CHECK_EQ(parse6(&h), NAT64_HEADER_OK, "other protocol");
	CHECK(!h.gre_pptp, "other protocol");
	s.payload = 0;
	make6(&s);
	p.b[41] = 0x81;
	CHECK_EQ(parse6(&h), NAT64_HEADER_TRUNCATED, "no room for ack");
}

static void extensions(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_ext6); i++) {
		struct spec s = { .kind = 17, .ttl = 64, .payload = 16,
				  .ext6 = vec_ext6[i].octets,
				  .ext6_len = vec_ext6[i].len,
				  .ext6_first = vec_ext6[i].first };
		struct nat64_header h;

		make6(&s);
		CHECK_EQ(parse6(&h), vec_ext6[i].result, "%s",
			 vec_ext6[i].name);
		if (vec_ext6[i].result == NAT64_HEADER_SEGMENTS_LEFT)
			CHECK_EQ(h.error_ptr, vec_ext6[i].value, "%s",
				 vec_ext6[i].name);
		if (vec_ext6[i].result)
			continue;
		CHECK_EQ(h.l4_off, vec_ext6[i].value, "%s", vec_ext6[i].name);
		CHECK_EQ(h.l4_len, h.len - h.l4_off, "%s", vec_ext6[i].name);
		CHECK_EQ(h.proto, vec_ext6[i].proto, "%s", vec_ext6[i].name);
		if (h.proto == 17)
			CHECK_EQ(ntohs(h.dport), flow_out.dport6, "%s",
				 vec_ext6[i].name);
	}
}

/* NAT64_HEADER_MAX_EXT are followed, one more is not. */
static void extension_bound(void)
{
	unsigned int n;

	for (n = 0; n <= 2 * NAT64_HEADER_MAX_EXT; n++) {
		u8 chain[8 * 2 * NAT64_HEADER_MAX_EXT] = { 0 };
		struct spec s = { .kind = 17, .ttl = 64, .payload = 16,
				  .ext6 = chain, .ext6_len = 8 * n,
				  .ext6_first = 60 };
		struct nat64_header h;
		unsigned int i;

		for (i = 0; i < n; i++)
			chain[8 * i] = i + 1 < n ? 60 : 17;
		make6(&s);
		CHECK_EQ(parse6(&h), n <= NAT64_HEADER_MAX_EXT ?
				 NAT64_HEADER_OK : NAT64_HEADER_TOO_MANY_EXT,
			 "%u", n);
	}
}

/* F-06: all fields of a fragment header */
static void fragment6(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_frag); i++) {
		struct spec s = { .kind = 17, .ttl = 64, .payload = 24,
				  .frag = 1, .frag_off = vec_frag[i].off,
				  .more = vec_frag[i].more,
				  .id = 0xdeadbe00 + i };
		struct nat64_header h;

		make6(&s);
		p.b[40 + 3] |= 0x06; /* reserved bits */
		CHECK_EQ(parse6(&h), NAT64_HEADER_OK, "%u", i);
		CHECK(h.frag, "%u", i);
		CHECK_EQ(h.frag_hdr_off, 40, "%u", i);
		CHECK_EQ(h.frag_off, vec_frag[i].off, "%u", i);
		CHECK_EQ(h.more, vec_frag[i].more, "%u", i);
		CHECK_EQ(h.frag_id, 0xdeadbe00 + i, "%u", i);
		CHECK_EQ(h.l4_off, 48, "%u", i);
		CHECK_EQ(h.l4_len, h.len - 48, "%u", i);
		CHECK_EQ(!h.present, vec_frag[i].off > 0, "%u", i);
		CHECK_EQ(h.proto, 17, "%u", i);
	}
}

static void fragment4(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_frag); i++) {
		struct spec s = { .kind = 17, .ttl = 64, .payload = 24,
				  .frag_off = vec_frag[i].off,
				  .more = vec_frag[i].more, .id = 0x1234 };
		struct nat64_header h;

		make4(&s);
		CHECK_EQ(parse4(&h), NAT64_HEADER_OK, "%u", i);
		CHECK_EQ(h.frag, vec_frag[i].off || vec_frag[i].more, "%u", i);
		CHECK_EQ(h.frag_off, vec_frag[i].off, "%u", i);
		CHECK_EQ(h.more, vec_frag[i].more, "%u", i);
		CHECK_EQ(h.frag_id, 0x1234, "%u", i);
		CHECK_EQ(!h.present, vec_frag[i].off > 0, "%u", i);
	}
}

/* F-07 */
static void fragment_ext(void)
{
	unsigned int nexthdr;

	for (nexthdr = 0; nexthdr < 256; nexthdr++) {
		struct spec s = { .kind = 17, .ttl = 64, .payload = 64,
				  .frag = 1, .frag_off = 64 };
		bool ext = nexthdr == 0 || nexthdr == 43 || nexthdr == 44 ||
			   nexthdr == 51 || nexthdr == 60 || nexthdr == 135 ||
			   nexthdr == 139 || nexthdr == 140;
		struct nat64_header h;

		make6(&s);
		p.b[40] = (u8)nexthdr;
		CHECK_EQ(parse6(&h), ext ? NAT64_HEADER_EXT_IN_FRAGMENT :
					   NAT64_HEADER_OK, "%u", nexthdr);
	}
}

/* F-13: a first fragment has the whole transport header */
static void fragment_tiny(void)
{
	static const struct {
		u8 proto;
		u32 least;
	} kinds[] = { { 6, 20 }, { 17, 8 }, { 58, 8 }, { 47, 12 } };
	struct nat64_header h;
	unsigned int k;
	u32 n;

	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (n = 0; n < 30; n++) {
			struct spec s = { .kind = kinds[k].proto, .ttl = 64,
					  .payload = 30, .frag = 1,
					  .more = 1 };

			if (s.kind == 58)
				s.kind = 1;
			make6(&s);
			p.len = 48 + n;
			pkt_set16(&p, 4, (u16)(8 + n));
			CHECK_EQ(parse6(&h), n < kinds[k].least ?
					 NAT64_HEADER_TINY_FRAGMENT :
					 NAT64_HEADER_OK,
				 "protocol %u, %u octets", kinds[k].proto, n);
		}
	}
	{
		struct spec s = { .kind = 6, .ttl = 64, .payload = 4,
				  .frag = 1, .more = 1 };

		make6(&s);
		p.b[48 + 12] = 0x70;
		CHECK_EQ(parse6(&h), NAT64_HEADER_TINY_FRAGMENT,
			 "TCP options missing");
	}
}

static void options4(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_opt4); i++) {
		struct spec s = { .kind = 17, .ttl = 64, .payload = 5,
				  .opt4 = vec_opt4[i].octets,
				  .opt4_len = vec_opt4[i].len };
		enum nat64_header_result want = vec_opt4[i].source_route ?
			NAT64_HEADER_SOURCE_ROUTE : NAT64_HEADER_OK;
		struct nat64_header h;

		make4(&s);
		CHECK_EQ(parse4(&h), want, "%s", vec_opt4[i].name);
		if (want)
			continue;
		CHECK_EQ(h.l4_off, 20 + vec_opt4[i].len, "%s",
			 vec_opt4[i].name);
		CHECK_EQ(h.l4_len, 13, "%s", vec_opt4[i].name);
		CHECK_EQ(ntohs(h.dport), flow_in.dport4, "%s",
			 vec_opt4[i].name);
	}
}

/* Length and version fields that lie */
static void lengths(void)
{
	struct spec s = { .kind = 17, .ttl = 64, .payload = 100 };
	struct nat64_header h;
	unsigned int v;

	for (v = 0; v < 16; v++) {
		make6(&s);
		p.b[0] = (u8)(v << 4);
		CHECK_EQ(parse6(&h), v == 6 ? NAT64_HEADER_OK :
					      NAT64_HEADER_BAD_VERSION,
			 "version %u", v);
		make4(&s);
		p.b[0] = (u8)(v << 4 | 5);
		CHECK_EQ(parse4(&h), v == 4 ? NAT64_HEADER_OK :
					      NAT64_HEADER_BAD_VERSION,
			 "version %u", v);
		make4(&s);
		p.b[0] = (u8)(0x40 | v);
		if (v < 5)
			CHECK_EQ(parse4(&h), NAT64_HEADER_BAD_LENGTH,
				 "IHL %u", v);
	}
	for (v = 0; v < 200; v++) {
		bool fits6 = v <= 108, fits4 = v >= 20 && v <= 128;

		make6(&s);
		pkt_set16(&p, 4, (u16)v);
		CHECK_EQ(parse6(&h) == NAT64_HEADER_BAD_LENGTH, !fits6,
			 "payload length %u", v);
		if (parse6(&h) == NAT64_HEADER_OK)
			CHECK_EQ(h.len, 40 + v, "padding is not length");
		make4(&s);
		pkt_set16(&p, 2, (u16)v);
		CHECK_EQ(parse4(&h) == NAT64_HEADER_BAD_LENGTH, !fits4,
			 "total length %u", v);
		if (parse4(&h) == NAT64_HEADER_OK)
			CHECK_EQ(h.len, v, "padding is not length");
	}
}

/*
 * What a caller does on NEED. The copy has only what is said to be
 * available, so that the sanitizer sees the first octet read behind it.
 */
static enum nat64_header_result pull(parser fn, u32 total,
				     struct nat64_header *h, u32 *rounds)
{
	enum nat64_header_result r;
	u32 avail = 0;

	for (*rounds = 0; *rounds < 64; (*rounds)++) {
		u8 *copy = pkt_copy(p.b, avail);

		r = fn(copy, avail, total, h);
		free(copy);
		if (r != NAT64_HEADER_NEED)
			return r;
		CHECK(h->need > avail && h->need <= total,
		      "need %u of %u with %u", h->need, total, avail);
		if (h->need <= avail)
			return r;
		avail = h->need;
	}
	return NAT64_HEADER_NEED;
}

static void need_agrees(parser fn, u32 total, const char *name)
{
	u8 *copy = pkt_copy(p.b, total);
	struct nat64_header whole, pulled;
	enum nat64_header_result r;
	u32 rounds;

	r = fn(copy, total, total, &whole);
	free(copy);
	CHECK(r != NAT64_HEADER_NEED, "%s", name);
	CHECK_EQ(pull(fn, total, &pulled, &rounds), r, "%s, %u octets", name,
		 total);
	CHECK(rounds <= NAT64_HEADER_MAX_EXT + 4, "%s: %u rounds", name,
	      rounds);
	pulled.need = 0;
	if (r == NAT64_HEADER_OK)
		CHECK(!memcmp(&whole, &pulled, sizeof(whole)), "%s", name);
}

/* Every kind of packet, cut at every octet, with and without its length */
static void cut_everywhere(void)
{
	static const u8 kinds[] = { 1, 6, 17, 47, 50 };
	unsigned int k, e;
	u32 n;

	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (e = 0; e < ARRAY_SIZE(vec_ext6); e++) {
			struct spec s = { .kind = kinds[k], .ttl = 64,
					  .payload = 30, .frag = e & 1,
					  .ext6 = vec_ext6[e].octets,
					  .ext6_len = vec_ext6[e].len,
					  .ext6_first = vec_ext6[e].first };
			u32 full;

			make6(&s);
			full = p.len;
			for (n = 0; n <= full; n++) {
				need_agrees(nat64_header_parse6, n, "6");
				need_agrees(nat64_header_parse_inner6, n,
					    "inner6");
			}
			for (n = 40; n <= full; n++) {
				pkt_set16(&p, 4, (u16)(n - 40));
				need_agrees(nat64_header_parse6, n, "6 len");
			}
		}
		for (e = 0; e < ARRAY_SIZE(vec_opt4); e++) {
			struct spec s = { .kind = kinds[k], .ttl = 64,
					  .payload = 30, .more = e & 1,
					  .opt4 = vec_opt4[e].octets,
					  .opt4_len = vec_opt4[e].len };
			u32 full;

			make4(&s);
			full = p.len;
			for (n = 0; n <= full; n++) {
				need_agrees(nat64_header_parse4, n, "4");
				need_agrees(nat64_header_parse_inner4, n,
					    "inner4");
			}
			for (n = 20; n <= full; n++) {
				pkt_set16(&p, 2, (u16)n);
				need_agrees(nat64_header_parse4, n, "4 len");
			}
		}
	}
}

/* I-09: 8 octets are enough for the tuple, less are not */
static void inner_cut(void)
{
	static const u8 kinds[] = { 1, 6, 17, 47 };
	unsigned int k;
	u32 n;

	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		struct spec s = { .kind = kinds[k], .ttl = 64,
				  .payload = 30 };
		u32 csum = kinds[k] == 6 ? 18 : 8;
		struct nat64_header h;

		for (n = 0; n <= 30; n++) {
			enum nat64_header_result want = n < 8 ?
				NAT64_HEADER_TRUNCATED : NAT64_HEADER_OK;
			u32 full;

			make6(&s);
			full = p.len;
			p.len = 40 + n;
			CHECK_EQ(parse(nat64_header_parse_inner6, &h), want,
				 "protocol %u, %u octets", kinds[k], n);
			if (!want) {
				CHECK_EQ(h.quoted, n, "%u", n);
				CHECK_EQ(h.len, full, "%u", n);
				CHECK_EQ(h.l4_len, full - 40, "%u", n);
				CHECK(h.present & NAT64_HEADER_PORTS, "%u", n);
				CHECK_EQ(ntohs(h.dport), flow_out.dport6,
					 "%u", n);
				CHECK_EQ(!(h.present & NAT64_HEADER_CSUM),
					 n < csum || kinds[k] == 47, "%u", n);
				CHECK_EQ(!(h.present & NAT64_HEADER_FLAGS),
					 n < 14 || kinds[k] != 6, "%u", n);
			}
			s.id_from_source = 1;
			make4(&s);
			s.id_from_source = 0;
			full = p.len;
			p.len = 20 + n;
			CHECK_EQ(parse(nat64_header_parse_inner4, &h), want,
				 "protocol %u, %u octets", kinds[k], n);
			if (want)
				continue;
			CHECK_EQ(h.l4_len, full - 20, "%u", n);
			CHECK_EQ(ntohs(kinds[k] == 47 ? h.dport : h.sport),
				 kinds[k] == 47 ? flow_in.dport4 :
						  flow_in.sport4, "%u", n);
		}
	}
}

/* I-08 */
static void inner_nested(void)
{
	struct spec s = { .kind = 1, .ttl = 64, .payload = 60 };
	struct nat64_header h;
	unsigned int type;

	for (type = 0; type < 256; type++) {
		bool error4 = type == 3 || type == 4 || type == 5 ||
			      type == 11 || type == 12;

		make6(&s);
		p.b[40] = (u8)type;
		CHECK_EQ(parse(nat64_header_parse_inner6, &h),
			 type < 128 ? NAT64_HEADER_NESTED_ERROR :
				      NAT64_HEADER_OK, "%u", type);
		make4(&s);
		p.b[20] = (u8)type;
		CHECK_EQ(parse(nat64_header_parse_inner4, &h),
			 error4 ? NAT64_HEADER_NESTED_ERROR : NAT64_HEADER_OK,
			 "%u", type);
	}
}

static void inner_fragment(void)
{
	struct spec s = { .kind = 6, .ttl = 64, .payload = 16, .frag = 1,
			  .frag_off = 1480, .more = 1, .id = 99 };
	struct nat64_header h;

	make6(&s);
	CHECK_EQ(parse(nat64_header_parse_inner6, &h), NAT64_HEADER_OK, "6");
	CHECK_EQ(h.present, 0, "no ports in a later fragment");
	CHECK_EQ(h.frag_off, 1480, "offset");
	make4(&s);
	CHECK_EQ(parse(nat64_header_parse_inner4, &h), NAT64_HEADER_OK, "4");
	CHECK_EQ(h.present, 0, "no ports in a later fragment");
	CHECK_EQ(h.frag_off, 1480, "offset");
}

/* I-13: options of the quoted packet are skipped, source routes too */
static void inner_options(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_opt4); i++) {
		struct spec s = { .kind = 17, .ttl = 64, .payload = 5,
				  .opt4 = vec_opt4[i].octets,
				  .opt4_len = vec_opt4[i].len };
		struct nat64_header h;

		make4(&s);
		CHECK_EQ(parse(nat64_header_parse_inner4, &h),
			 NAT64_HEADER_OK, "%s", vec_opt4[i].name);
		CHECK_EQ(ntohs(h.dport), flow_in.dport4, "%s",
			 vec_opt4[i].name);
	}
}

/* Each spec as IPv6 and as IPv4: what parses the @i-th packet, now in p */
static parser make_either(const struct spec *specs, unsigned int i)
{
	if (i & 1) {
		make4(&specs[i / 2]);
		return nat64_header_parse4;
	}
	make6(&specs[i / 2]);
	return nat64_header_parse6;
}

static void plain_only(void)
{
	static const struct spec plain_specs[] = {
		{ .kind = 6, .ttl = 64, .payload = 16 },
		{ .kind = 6, .ttl = 1, .tos = 0xff, .df = 1 },
		{ .kind = 17, .ttl = 255, .payload = 16, .id = 7 },
		{ .kind = 17 },
	};
	static const struct spec other_specs[] = {
		{ .kind = 1, .ttl = 64, .payload = 16 },
		{ .kind = 47, .ttl = 64, .payload = 16 },
		{ .kind = 17, .ttl = 64, .payload = 16, .frag = 1, .more = 1 },
		{ .kind = 6, .ttl = 64, .payload = 16, .frag = 1,
		  .frag_off = 8 },
	};
	unsigned int i;
	u32 avail;

	for (i = 0; i < 2 * ARRAY_SIZE(plain_specs); i++) {
		parser fn = make_either(plain_specs, i);
		u32 need = (i & 1 ? 20 : 40) +
			   (plain_specs[i / 2].kind == 6 ? 20 : 8);

		for (avail = 0; avail <= p.len; avail++)
			CHECK_EQ(plain(fn, &p, avail), avail >= need,
				 "%u: %u octets", i, avail);
		p.b[p.len++] = 0;
		CHECK(!plain(fn, &p, p.len), "%u: an octet too many", i);
	}
	for (i = 0; i < 2 * ARRAY_SIZE(other_specs); i++) {
		parser fn = make_either(other_specs, i);

		CHECK(!plain(fn, &p, p.len), "%u: not plain", i);
	}
}

/* Whatever the octets of the headers are */
static void plain_agrees(void)
{
	static const struct spec s[] = {
		{ .kind = 6, .ttl = 64, .payload = 16 },
		{ .kind = 17, .ttl = 64, .payload = 16 },
	};
	unsigned int i, at, value;

	for (i = 0; i < 2 * ARRAY_SIZE(s); i++) {
		parser fn = make_either(s, i);

		for (at = 0; at < p.len; at++) {
			u8 old = p.b[at];

			for (value = 0; value < 256; value++) {
				p.b[at] = (u8)value;
				plain(fn, &p, p.len);
			}
			p.b[at] = old;
		}
	}
}

static const struct test header_tests[] = {
	{ "header.plain-only", plain_only },
	{ "header.plain-agrees", plain_agrees },
	{ "H6-02.fields", fields6 },
	{ "H6-03.lengths", lengths },
	{ "H6-08.tcp", transport_tcp },
	{ "H6-08.udp", transport_udp },
	{ "H6-08.icmp", transport_icmp },
	{ "H6-08.foreign-icmp", transport_foreign },
	{ "H6-09.extensions", extensions },
	{ "H6-09.extension-bound", extension_bound },
	{ "H6-10.cut-everywhere", cut_everywhere },
	{ "H4-01.fields", fields4 },
	{ "H4-05.options", options4 },
	{ "F-05.fragment4", fragment4 },
	{ "F-06.fragment6", fragment6 },
	{ "F-07.extension-in-fragment", fragment_ext },
	{ "F-13.tiny-fragment", fragment_tiny },
	{ "I-08.nested", inner_nested },
	{ "I-09.inner-cut", inner_cut },
	{ "I-09.inner-fragment", inner_fragment },
	{ "I-13.inner-options", inner_options },
	{ "P-02.gre", transport_gre },
};
SUITE(header);
