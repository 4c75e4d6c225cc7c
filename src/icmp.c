// SPDX-License-Identifier: GPL-2.0
/* ICMPv6 <-> ICMPv4 (RFC 7915 4.2, 4.3, 5.2, 5.3; RFC 4884). */
#include "icmp.h"

#include "checksum.h"
#include "header.h"

#define DROP 0xff

#define CSUM_AT 2
#define REST_AT 4
#define LENGTH4_AT 5
#define LENGTH6_AT 4
#define MTU4_AT 6

/* RFC 4884 4: units of the length attribute, least size of the field */
#define LENGTH4_UNIT 4
#define LENGTH6_UNIT 8
#define QUOTE_MIN 128
#define EXTENSION_MIN 4

#define MIN_MTU4 68
#define MIN_MTU6 1280
#define MAX_PACKET 65535
/* A quote of less is of no use to its receiver (RFC 792). */
#define QUOTE_L4_MIN 8

#define PARAM6_NEXTHDR_AT 6

/* RFC 7915 4.2: destination unreachable by code; DROP marks a hole */
static const struct nat64_icmp_map unreach_46[] = {
	[0] = { NAT64_ICMP6_UNREACH, 0 },
	[1] = { NAT64_ICMP6_UNREACH, 0 },
	[2] = { NAT64_ICMP6_PARAM_PROBLEM, 1 },
	[3] = { NAT64_ICMP6_UNREACH, 4 },
	[4] = { NAT64_ICMP6_TOO_BIG, 0 },
	[5] = { NAT64_ICMP6_UNREACH, 0 },
	[6] = { NAT64_ICMP6_UNREACH, 0 },
	[7] = { NAT64_ICMP6_UNREACH, 0 },
	[8] = { NAT64_ICMP6_UNREACH, 0 },
	[9] = { NAT64_ICMP6_UNREACH, 1 },
	[10] = { NAT64_ICMP6_UNREACH, 1 },
	[11] = { NAT64_ICMP6_UNREACH, 0 },
	[12] = { NAT64_ICMP6_UNREACH, 0 },
	[13] = { NAT64_ICMP6_UNREACH, 1 },
	[14] = { DROP, 0 },
	[15] = { NAT64_ICMP6_UNREACH, 1 },
};

/* RFC 7915 5.2 */
static const struct nat64_icmp_map unreach_64[] = {
	[0] = { NAT64_ICMP4_UNREACH, 1 },
	[1] = { NAT64_ICMP4_UNREACH, 10 },
	[2] = { NAT64_ICMP4_UNREACH, 1 },
	[3] = { NAT64_ICMP4_UNREACH, 1 },
	[4] = { NAT64_ICMP4_UNREACH, 3 },
};

/* RFC 7915 figure 3: offset in the IPv4 header to that in the IPv6 header */
static const u8 pointer_46[] = {
	0, 1, 4, 4, DROP, DROP, DROP, DROP, 7, 6,
	DROP, DROP, 8, 8, 8, 8, 24, 24, 24, 24,
};

/* RFC 7915 figure 6 */
static const u8 pointer_64[] = {
	0, 1, DROP, DROP, 2, 2, 9, 8, 12, 12,
	12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
	12, 12, 12, 12, 16, 16, 16, 16, 16, 16,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
};

/* RFC 1191 7 */
static const u16 plateaus[] = {
	65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68,
};

int nat64_icmp_query_64(u8 type)
{
	switch (type) {
	case NAT64_ICMP6_ECHO:
		return NAT64_ICMP4_ECHO;
	case NAT64_ICMP6_ECHO_REPLY:
		return NAT64_ICMP4_ECHO_REPLY;
	default:
		return -NAT64_ICMP_UNTRANSLATABLE;
	}
}

int nat64_icmp_query_46(u8 type)
{
	switch (type) {
	case NAT64_ICMP4_ECHO:
		return NAT64_ICMP6_ECHO;
	case NAT64_ICMP4_ECHO_REPLY:
		return NAT64_ICMP6_ECHO_REPLY;
	default:
		return -NAT64_ICMP_UNTRANSLATABLE;
	}
}

u16 nat64_icmp_query_delta_64(const struct in6_addr *src6,
			      const struct in6_addr *dst6, u32 len, u8 type6,
			      __be16 id6, __be16 id4)
{
	u8 type4 = type6 == NAT64_ICMP6_ECHO ? NAT64_ICMP4_ECHO :
					       NAT64_ICMP4_ECHO_REPLY;
	u32 pseudo = nat64_csum_pseudo6(src6, dst6, len, NAT64_PROTO_ICMPV6);
	__be16 word6 = cpu_to_be16((u16)(type6 << 8));
	__be16 word4 = cpu_to_be16((u16)(type4 << 8));
	u16 delta = nat64_csum_neg(nat64_csum_fold(pseudo));

	delta = nat64_csum_add(delta, nat64_csum_delta16(word6, word4));
	return nat64_csum_add(delta, nat64_csum_delta16(id6, id4));
}

int nat64_icmp_error_map_64(u8 type, u8 code, struct nat64_icmp_map *out)
{
	switch (type) {
	case NAT64_ICMP6_UNREACH:
		if (code >= ARRAY_SIZE(unreach_64))
			break;
		*out = unreach_64[code];
		return 0;
	case NAT64_ICMP6_TOO_BIG:
		/* RFC 4443 3.2: the receiver ignores the code */
		*out = (struct nat64_icmp_map){ NAT64_ICMP4_UNREACH, 4 };
		return 0;
	case NAT64_ICMP6_TIME_EXCEEDED:
		*out = (struct nat64_icmp_map){ NAT64_ICMP4_TIME_EXCEEDED,
						code };
		return 0;
	case NAT64_ICMP6_PARAM_PROBLEM:
		if (code > 1)
			break;
		*out = code ? (struct nat64_icmp_map){ NAT64_ICMP4_UNREACH,
						       2 } :
			      (struct nat64_icmp_map){
				      NAT64_ICMP4_PARAM_PROBLEM, 0 };
		return 0;
	}
	return -NAT64_ICMP_UNTRANSLATABLE;
}

int nat64_icmp_error_map_46(u8 type, u8 code, struct nat64_icmp_map *out)
{
	switch (type) {
	case NAT64_ICMP4_UNREACH:
		if (code >= ARRAY_SIZE(unreach_46) ||
		    unreach_46[code].type == DROP)
			break;
		*out = unreach_46[code];
		return 0;
	case NAT64_ICMP4_TIME_EXCEEDED:
		*out = (struct nat64_icmp_map){ NAT64_ICMP6_TIME_EXCEEDED,
						code };
		return 0;
	case NAT64_ICMP4_PARAM_PROBLEM:
		if (code != 0 && code != 2)
			break;
		*out = (struct nat64_icmp_map){ NAT64_ICMP6_PARAM_PROBLEM, 0 };
		return 0;
	}
	return -NAT64_ICMP_UNTRANSLATABLE;
}

int nat64_icmp_pointer_64(u32 pointer)
{
	if (pointer >= ARRAY_SIZE(pointer_64) || pointer_64[pointer] == DROP)
		return -NAT64_ICMP_POINTER;
	return pointer_64[pointer];
}

int nat64_icmp_pointer_46(u8 pointer)
{
	if (pointer >= ARRAY_SIZE(pointer_46) || pointer_46[pointer] == DROP)
		return -NAT64_ICMP_POINTER;
	return pointer_46[pointer];
}

static u32 shorter(u32 mtu, u32 by)
{
	return mtu > by ? mtu - by : 0;
}

u16 nat64_icmp_mtu_64(u32 mtu, u32 mtu6, u32 mtu4, bool frag)
{
	u32 by = NAT64_IPV6_HLEN - NAT64_IPV4_HLEN;
	u32 res;

	if (frag)
		by += NAT64_FRAG_HLEN;
	res = shorter(mtu, by);
	if (mtu4)
		res = min(res, mtu4);
	if (mtu6)
		res = min(res, shorter(mtu6, by));
	res = max_t(u32, res, MIN_MTU4);
	return (u16)min_t(u32, res, MAX_PACKET);
}

/* RFC 7915 4.2: below MIN_MTU6 the caller's minimum decides */
static u32 plateau(u16 tot_len)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(plateaus); i++) {
		if (plateaus[i] < tot_len)
			return plateaus[i] < MIN_MTU6 ? 0 : plateaus[i];
	}
	return 0;
}

u32 nat64_icmp_mtu_46(u16 mtu, u16 tot_len, u32 mtu6, u32 mtu4)
{
	u32 by = NAT64_IPV6_HLEN - NAT64_IPV4_HLEN;
	u32 res = (mtu ? mtu : plateau(tot_len)) + by;

	if (mtu6)
		res = min(res, mtu6);
	if (mtu4)
		res = min(res, min_t(u32, mtu4, MAX_PACKET) + by);
	return max_t(u32, res, MIN_MTU6);
}

/* RFC 4884 4: which messages have the attribute, where, in which unit */
static u32 length_attribute(const u8 *icmp, u8 family)
{
	if (family == 6) {
		if (icmp[0] == NAT64_ICMP6_UNREACH ||
		    icmp[0] == NAT64_ICMP6_TIME_EXCEEDED)
			return icmp[LENGTH6_AT] * (u32)LENGTH6_UNIT;
		return 0;
	}
	if (icmp[0] == NAT64_ICMP4_UNREACH ||
	    icmp[0] == NAT64_ICMP4_TIME_EXCEEDED ||
	    icmp[0] == NAT64_ICMP4_PARAM_PROBLEM)
		return icmp[LENGTH4_AT] * (u32)LENGTH4_UNIT;
	return 0;
}

u32 nat64_icmp_quote_len(const u8 *icmp, u32 len, u8 family)
{
	u32 body = shorter(len, NAT64_ICMP_HLEN);
	u32 quote;

	if (!body)
		return 0;
	quote = length_attribute(icmp, family);
	return quote && quote <= body ? quote : body;
}

bool nat64_icmp_csum4_ok(const u8 *icmp, u32 len)
{
	return len >= NAT64_ICMP_HLEN &&
	       nat64_csum_bytes(icmp, len, 0) == 0xffff;
}

bool nat64_icmp_csum6_ok(const struct in6_addr *src,
			 const struct in6_addr *dst, const u8 *icmp, u32 len)
{
	u32 sum = nat64_csum_pseudo6(src, dst, len, NAT64_PROTO_ICMPV6);

	return len >= NAT64_ICMP_HLEN &&
	       nat64_csum_bytes(icmp, len, sum) == 0xffff;
}

/*
 * One translation. The output is
 *
 *	ICMP header, 8 | IP header, hlen | l4 octets quoted | pad | ext
 *
 * and the original datagram field of RFC 4884 is the middle three.
 */
struct job {
	const struct nat64_icmp_xlat *x;
	const u8 *inner;
	const u8 *in_ext;
	u8 *out;
	struct nat64_icmp_map map;
	struct nat64_header h;
	u32 in_ext_len;
	u32 hlen;
	u32 l4;
	u32 pad;
	u32 ext;
};

static int parse_reason(enum nat64_header_result r)
{
	switch (r) {
	case NAT64_HEADER_OK:
		return 0;
	case NAT64_HEADER_TRUNCATED:
		return -NAT64_ICMP_TRUNCATED;
	case NAT64_HEADER_NESTED_ERROR:
		return -NAT64_ICMP_NESTED;
	default:
		return -NAT64_ICMP_MALFORMED;
	}
}

static int parse_quote(struct job *j, const u8 *icmp, u32 len, u8 family)
{
	u32 quote = nat64_icmp_quote_len(icmp, len, family);
	enum nat64_header_result r;

	j->inner = icmp + NAT64_ICMP_HLEN;
	j->in_ext = j->inner + quote;
	j->in_ext_len = len - NAT64_ICMP_HLEN - quote;
	if (family == 6)
		r = nat64_header_parse_inner6(j->inner, quote, quote, &j->h);
	else
		r = nat64_header_parse_inner4(j->inner, quote, quote, &j->h);
	return parse_reason(r);
}

/*
 * Sizes of the output, whose part behind the ICMP header is to be at most
 * @cap octets. An extension that does not fit is left out; with @shrink the
 * quote gives way first.
 */
static bool plan(struct job *j, u32 cap, u32 unit, bool shrink)
{
	u32 least = j->hlen + min_t(u32, j->h.quoted, QUOTE_L4_MIN);
	u32 body = j->hlen + j->h.quoted;
	u32 field, most;

	if (cap < least)
		return false;
	j->l4 = min(j->h.quoted, cap - j->hlen);
	j->pad = 0;
	j->ext = 0;
	if (j->in_ext_len < EXTENSION_MIN || j->in_ext_len >= cap)
		return true;

	field = max_t(u32, QUOTE_MIN, (body + unit - 1) / unit * unit);
	most = min(cap - j->in_ext_len, 0xff * unit) / unit * unit;
	if (shrink && most >= QUOTE_MIN)
		field = min(field, most);
	if (field > most)
		return true;
	j->l4 = min(j->h.quoted, field - j->hlen);
	j->pad = field - j->hlen - j->l4;
	j->ext = j->in_ext_len;
	return true;
}

static u32 body_cap(u32 limit, u32 standard, u32 ip_hlen)
{
	limit = min_t(u32, limit ? limit : standard, MAX_PACKET);
	return shorter(limit, ip_hlen + NAT64_ICMP_HLEN);
}

static u32 result_len(const struct job *j)
{
	return NAT64_ICMP_HLEN + j->hlen + j->l4 + j->pad + j->ext;
}

/* RFC 4884: in units; 0 without an extension */
static u8 result_length_attribute(const struct job *j, u32 unit)
{
	return j->ext ? (u8)((j->hlen + j->l4 + j->pad) / unit) : 0;
}

static void update_csum(const struct job *j, u8 *l4, u16 delta)
{
	u32 at = j->h.csum_off - j->h.l4_off;
	__sum16 check;

	if (!(j->h.present & NAT64_HEADER_CSUM) || at + 2 > j->l4)
		return;
	if (j->h.proto == NAT64_PROTO_UDP && j->h.udp_csum_zero)
		return;
	__builtin_memcpy(&check, l4 + at, sizeof(check));
	check = nat64_csum_apply(check, delta);
	if (j->h.proto == NAT64_PROTO_UDP)
		check = nat64_csum_udp(check);
	__builtin_memcpy(l4 + at, &check, sizeof(check));
}

static void rewrite_ports(const struct job *j, u8 *l4, u16 addr_delta)
{
	__be16 sport = j->x->inner_sport;
	__be16 dport = j->x->inner_dport;
	u16 delta;

	delta = nat64_csum_add(nat64_csum_delta16(j->h.sport, sport),
			       nat64_csum_delta16(j->h.dport, dport));
	nat64_store_be16(sport, l4);
	nat64_store_be16(dport, l4 + 2);
	update_csum(j, l4, nat64_csum_add(delta, addr_delta));
}

static void rewrite_echo(const struct job *j, u8 *l4, u8 type, __be16 id,
			 u16 delta)
{
	l4[0] = type;
	nat64_store_be16(id, l4 + REST_AT);
	update_csum(j, l4, delta);
}

static void rewrite_gre(const struct job *j, u8 *l4)
{
	if (j->x->inner_dport)
		nat64_store_be16(j->x->inner_dport, l4 + NAT64_GRE_CALL_ID);
}

/* Copies the transport part and all behind it, leaves the rewriting */
static void copy_body(const struct job *j)
{
	u8 *l4 = j->out + NAT64_ICMP_HLEN + j->hlen;

	memcpy(l4, j->inner + j->h.l4_off, j->l4);
	memset(l4 + j->l4, 0, j->pad);
	memcpy(l4 + j->l4 + j->pad, j->in_ext, j->ext);
}

/* Is there a transport header that can be rewritten? */
static bool has_ports(const struct job *j)
{
	return (j->h.present & NAT64_HEADER_PORTS) && j->l4 >= QUOTE_L4_MIN;
}

/* Other ICMP than echo has no translation. */
static bool is_translatable(const struct nat64_header *h, u8 icmp)
{
	if (!nat64_header_translatable(h))
		return false;
	return h->proto != icmp || h->frag_off || h->icmp_query;
}

static int rest_64(const struct job *j, const u8 *icmp6)
{
	u8 *out = j->out;
	int pointer;

	memset(out + REST_AT, 0, 4);
	out[LENGTH4_AT] = result_length_attribute(j, LENGTH4_UNIT);
	if (icmp6[0] == NAT64_ICMP6_TOO_BIG) {
		u16 mtu = nat64_icmp_mtu_64(nat64_get_be32(icmp6 + REST_AT),
					    j->x->mtu6, j->x->mtu4, j->h.frag);

		nat64_put_be16(mtu, out + MTU4_AT);
	} else if (j->map.type == NAT64_ICMP4_PARAM_PROBLEM) {
		pointer = nat64_icmp_pointer_64(nat64_get_be32(icmp6 +
							       REST_AT));
		if (pointer < 0)
			return pointer;
		out[REST_AT] = (u8)pointer;
	}
	return 0;
}

static int rest_46(const struct job *j, const u8 *icmp4)
{
	u8 *out = j->out;
	int pointer;

	memset(out + REST_AT, 0, 4);
	switch (j->map.type) {
	case NAT64_ICMP6_TOO_BIG:
		nat64_put_be32(nat64_icmp_mtu_46(nat64_get_be16(icmp4 +
								MTU4_AT),
						 (u16)j->h.len, j->x->mtu6,
						 j->x->mtu4),
			       out + REST_AT);
		return 0;
	case NAT64_ICMP6_PARAM_PROBLEM:
		pointer = PARAM6_NEXTHDR_AT;
		if (icmp4[0] == NAT64_ICMP4_PARAM_PROBLEM)
			pointer = nat64_icmp_pointer_46(icmp4[REST_AT]);
		if (pointer < 0)
			return pointer;
		nat64_put_be32((u32)pointer, out + REST_AT);
		return 0;
	default:
		out[LENGTH6_AT] = result_length_attribute(j, LENGTH6_UNIT);
		return 0;
	}
}

/* RFC 7915 5.1, 5.1.1; the TTL stays (5.3) */
static void write_inner4(const struct job *j)
{
	u8 *ip = j->out + NAT64_ICMP_HLEN;
	const struct nat64_header *h = &j->h;
	u32 tot_len = NAT64_IPV4_HLEN + h->l4_len;
	__sum16 check;
	u16 frag = 0;

	if (h->frag)
		frag = (u16)((h->frag_off >> 3) | (h->more ? 0x2000 : 0));
	else if (tot_len > NAT64_DF_ABOVE)
		frag = 0x4000;

	ip[0] = 0x45;
	ip[1] = h->tos;
	nat64_put_be16((u16)tot_len, ip + 2);
	nat64_put_be16((u16)h->frag_id, ip + 4);
	nat64_put_be16(frag, ip + 6);
	ip[8] = h->ttl;
	ip[9] = h->proto == NAT64_PROTO_ICMPV6 ? NAT64_PROTO_ICMP : h->proto;
	nat64_put_be16(0, ip + 10);
	nat64_store_be32(j->x->inner_src4, ip + 12);
	nat64_store_be32(j->x->inner_dst4, ip + 16);
	check = nat64_csum_final(nat64_csum_bytes(ip, NAT64_IPV4_HLEN, 0));
	__builtin_memcpy(ip + 10, &check, sizeof(check));
}

/* RFC 7915 4.1 */
static void write_inner6(const struct job *j)
{
	u8 *ip = j->out + NAT64_ICMP_HLEN;
	const struct nat64_header *h = &j->h;
	u8 proto = h->proto == NAT64_PROTO_ICMP ? NAT64_PROTO_ICMPV6 :
						  h->proto;
	u32 ext = j->hlen - NAT64_IPV6_HLEN;
	u8 *fh = ip + NAT64_IPV6_HLEN;

	nat64_put_be32(0x60000000 | (u32)h->tos << 20, ip);
	nat64_put_be16((u16)(h->l4_len + ext), ip + 4);
	ip[6] = ext ? 44 : proto;
	ip[7] = h->ttl;
	memcpy(ip + 8, &j->x->inner_src6, sizeof(struct in6_addr));
	memcpy(ip + 24, &j->x->inner_dst6, sizeof(struct in6_addr));
	if (!ext)
		return;
	fh[0] = proto;
	fh[1] = 0;
	nat64_put_be16(h->frag_off | (h->more ? 1 : 0), fh + 2);
	nat64_put_be32(h->frag_id, fh + 4);
}

static void rewrite_l4_64(const struct job *j, u8 *l4)
{
	const struct nat64_icmp_xlat *x = j->x;
	struct in6_addr src, dst;

	memcpy(&src, j->inner + 8, sizeof(src));
	memcpy(&dst, j->inner + 24, sizeof(dst));
	if (j->h.icmp_query)
		rewrite_echo(j, l4, (u8)nat64_icmp_query_64(j->h.icmp_type),
			     x->inner_dport,
			     nat64_icmp_query_delta_64(&src, &dst, j->h.l4_len,
						       j->h.icmp_type,
						       j->h.dport,
						       x->inner_dport));
	else if (j->h.gre_pptp)
		rewrite_gre(j, l4);
	else
		rewrite_ports(j, l4, nat64_csum_delta_64(&src, &dst,
							 x->inner_src4,
							 x->inner_dst4));
}

static void rewrite_l4_46(const struct job *j, u8 *l4)
{
	const struct nat64_icmp_xlat *x = j->x;
	__be32 src = nat64_load_be32(j->inner + 12);
	__be32 dst = nat64_load_be32(j->inner + 16);
	u16 delta;

	if (j->h.icmp_query) {
		u8 type = (u8)nat64_icmp_query_46(j->h.icmp_type);

		delta = nat64_icmp_query_delta_64(&x->inner_src6,
						  &x->inner_dst6, j->h.l4_len,
						  type, x->inner_sport,
						  j->h.sport);
		rewrite_echo(j, l4, type, x->inner_sport,
			     nat64_csum_neg(delta));
	} else if (j->h.gre_pptp) {
		rewrite_gre(j, l4);
	} else {
		delta = nat64_csum_delta_64(&x->inner_src6, &x->inner_dst6,
					    src, dst);
		rewrite_ports(j, l4, nat64_csum_neg(delta));
	}
}

static void write_csum4(u8 *out, u32 len)
{
	__sum16 check = nat64_csum_final(nat64_csum_bytes(out, len, 0));

	__builtin_memcpy(out + CSUM_AT, &check, sizeof(check));
}

static void write_csum6(const struct nat64_icmp_xlat *x, u8 *out, u32 len)
{
	u32 sum = nat64_csum_pseudo6(&x->src6, &x->dst6, len,
				     NAT64_PROTO_ICMPV6);
	__sum16 check = nat64_csum_final(nat64_csum_bytes(out, len, sum));

	__builtin_memcpy(out + CSUM_AT, &check, sizeof(check));
}

static void write_head(const struct job *j)
{
	j->out[0] = j->map.type;
	j->out[1] = j->map.code;
	nat64_put_be16(0, j->out + CSUM_AT);
}

int nat64_icmp_error_64(const struct nat64_icmp_xlat *x, const u8 *icmp6,
			u32 len, u8 *out, u32 room)
{
	struct job j = { .x = x, .out = out, .hlen = NAT64_IPV4_HLEN };
	u32 cap = body_cap(x->limit, NAT64_ICMP4_MAX, NAT64_IPV4_HLEN);
	int err;

	if (len < NAT64_ICMP_HLEN)
		return -NAT64_ICMP_MALFORMED;
	err = nat64_icmp_error_map_64(icmp6[0], icmp6[1], &j.map);
	if (err)
		return err;
	err = parse_quote(&j, icmp6, len, 6);
	if (err)
		return err;
	if (!is_translatable(&j.h, NAT64_PROTO_ICMPV6))
		return -NAT64_ICMP_UNTRANSLATABLE;
	if (NAT64_IPV4_HLEN + j.h.l4_len > MAX_PACKET)
		return -NAT64_ICMP_MALFORMED;
	if (!plan(&j, cap, LENGTH4_UNIT, true) || result_len(&j) > room)
		return -NAT64_ICMP_NO_ROOM;

	write_head(&j);
	err = rest_64(&j, icmp6);
	if (err)
		return err;
	write_inner4(&j);
	copy_body(&j);
	if (has_ports(&j))
		rewrite_l4_64(&j, out + NAT64_ICMP_HLEN + j.hlen);
	write_csum4(out, result_len(&j));
	return (int)result_len(&j);
}

int nat64_icmp_error_46(const struct nat64_icmp_xlat *x, const u8 *icmp4,
			u32 len, u8 *out, u32 room)
{
	struct job j = { .x = x, .out = out, .hlen = NAT64_IPV6_HLEN };
	u32 cap = body_cap(x->limit, NAT64_ICMP6_MAX, NAT64_IPV6_HLEN);
	int err;

	if (len < NAT64_ICMP_HLEN)
		return -NAT64_ICMP_MALFORMED;
	err = nat64_icmp_error_map_46(icmp4[0], icmp4[1], &j.map);
	if (err)
		return err;
	err = parse_quote(&j, icmp4, len, 4);
	if (err)
		return err;
	if (!is_translatable(&j.h, NAT64_PROTO_ICMP))
		return -NAT64_ICMP_UNTRANSLATABLE;
	/* RFC 4884 4.6: no extensions on types 2 and 4 */
	if (j.map.type != NAT64_ICMP6_UNREACH &&
	    j.map.type != NAT64_ICMP6_TIME_EXCEEDED)
		j.in_ext_len = 0;
	if (j.h.frag)
		j.hlen += NAT64_FRAG_HLEN;
	if (!plan(&j, cap, LENGTH6_UNIT, false) || result_len(&j) > room)
		return -NAT64_ICMP_NO_ROOM;

	write_head(&j);
	err = rest_46(&j, icmp4);
	if (err)
		return err;
	write_inner6(&j);
	copy_body(&j);
	if (has_ports(&j))
		rewrite_l4_46(&j, out + NAT64_ICMP_HLEN + j.hlen);
	write_csum6(x, out, result_len(&j));
	return (int)result_len(&j);
}
