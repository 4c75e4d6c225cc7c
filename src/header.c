// SPDX-License-Identifier: GPL-2.0
/* Reading of IPv6, IPv4 and transport headers. */
#include "header.h"

#include "checksum.h"

enum {
	NEXTHDR_HBH = 0,
	NEXTHDR_ROUTE = 43,
	NEXTHDR_FRAG = 44,
	NEXTHDR_AH = 51,
	NEXTHDR_OPTS = 60,
	NEXTHDR_MOBIL = 135,
	NEXTHDR_HOSTID = 139,
	NEXTHDR_SHIM = 140,
};

enum {
	OPT_END = 0,
	OPT_NOP = 1,
	OPT_LSRR = 131,
	OPT_SSRR = 137,
};

#define TCP_HLEN 20
#define TCP_FLAGS_AT 13
#define TCP_CSUM_AT 16
#define UDP_HLEN 8
#define UDP_CSUM_AT 6
#define ICMP_CSUM_AT 2
#define GRE_HLEN 4
#define GRE_PPTP_HLEN 8
#define GRE_PROTO_PPTP 0x880b
/* What an ICMP error quotes at least (RFC 792) */
#define INNER_MIN 8

/*
 * end is where the packet ends: for a quoted one, where the quote ends.
 * avail <= end, and nothing at or behind avail is read.
 */
struct cursor {
	const u8 *pkt;
	u32 avail;
	u32 end;
	bool inner;
	struct nat64_header *h;
};

static enum nat64_header_result require(const struct cursor *c, u32 upto)
{
	if (upto <= c->avail)
		return NAT64_HEADER_OK;
	if (upto > c->end)
		return NAT64_HEADER_TRUNCATED;
	c->h->need = upto;
	return NAT64_HEADER_NEED;
}

/* The first @len octets of the transport header */
static enum nat64_header_result require_l4(const struct cursor *c, u32 len)
{
	const struct nat64_header *h = c->h;

	if (!c->inner && h->l4_len < len && h->more)
		return NAT64_HEADER_TINY_FRAGMENT;
	return require(c, h->l4_off + len);
}

static enum nat64_header_result tcp_full(const struct cursor *c)
{
	const u8 *tcp = c->pkt + c->h->l4_off;
	struct nat64_header *h = c->h;
	enum nat64_header_result r;

	r = require_l4(c, TCP_HLEN);
	if (r)
		return r;
	h->tcp_hlen = (u8)(tcp[12] >> 4) * 4;
	if (h->tcp_hlen < TCP_HLEN)
		return NAT64_HEADER_BAD_TRANSPORT;
	if (h->tcp_hlen > h->l4_len)
		return h->more ? NAT64_HEADER_TINY_FRAGMENT :
				 NAT64_HEADER_BAD_TRANSPORT;
	h->present |= NAT64_HEADER_FLAGS | NAT64_HEADER_CSUM;
	h->payload_off = h->l4_off + h->tcp_hlen;
	return NAT64_HEADER_OK;
}

static enum nat64_header_result tcp_quoted(const struct cursor *c)
{
	const u8 *tcp = c->pkt + c->h->l4_off;
	struct nat64_header *h = c->h;
	enum nat64_header_result r;

	r = require_l4(c, max_t(u32, INNER_MIN,
				min_t(u32, h->quoted, TCP_HLEN)));
	if (r)
		return r;
	h->payload_off = c->end;
	if (h->quoted > TCP_FLAGS_AT) {
		h->present |= NAT64_HEADER_FLAGS;
		h->tcp_hlen = (u8)(tcp[12] >> 4) * 4;
		h->payload_off = min(h->l4_off + h->tcp_hlen, c->end);
	}
	if (h->quoted >= TCP_CSUM_AT + 2)
		h->present |= NAT64_HEADER_CSUM;
	return NAT64_HEADER_OK;
}

static enum nat64_header_result parse_tcp(const struct cursor *c)
{
	const u8 *tcp = c->pkt + c->h->l4_off;
	struct nat64_header *h = c->h;
	enum nat64_header_result r;

	r = c->inner ? tcp_quoted(c) : tcp_full(c);
	if (r)
		return r;
	h->sport = nat64_load_be16(tcp);
	h->dport = nat64_load_be16(tcp + 2);
	h->present |= NAT64_HEADER_PORTS;
	if (h->present & NAT64_HEADER_FLAGS)
		h->tcp_flags = tcp[TCP_FLAGS_AT];
	if (h->present & NAT64_HEADER_CSUM)
		h->csum_off = h->l4_off + TCP_CSUM_AT;
	return NAT64_HEADER_OK;
}

static enum nat64_header_result parse_udp(const struct cursor *c)
{
	const u8 *udp = c->pkt + c->h->l4_off;
	struct nat64_header *h = c->h;
	enum nat64_header_result r;

	r = require_l4(c, UDP_HLEN);
	if (r)
		return r;
	h->udp_len = nat64_get_be16(udp + 4);
	if (!c->inner && (h->udp_len < UDP_HLEN ||
			  (!h->more && h->udp_len > h->l4_len)))
		return NAT64_HEADER_BAD_TRANSPORT;
	h->sport = nat64_load_be16(udp);
	h->dport = nat64_load_be16(udp + 2);
	h->csum_off = h->l4_off + UDP_CSUM_AT;
	h->udp_csum_zero = !nat64_get_be16(udp + UDP_CSUM_AT);
	h->payload_off = h->l4_off + UDP_HLEN;
	h->present = NAT64_HEADER_PORTS | NAT64_HEADER_CSUM;
	return NAT64_HEADER_OK;
}

static bool is_query(u8 family, u8 type)
{
	return family == 6 ? type == 128 || type == 129 :
			     type == 0 || type == 8;
}

static bool is_error(u8 family, u8 type)
{
	if (family == 6)
		return type < 128;
	return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

static enum nat64_header_result parse_icmp(const struct cursor *c)
{
	const u8 *icmp = c->pkt + c->h->l4_off;
	struct nat64_header *h = c->h;
	enum nat64_header_result r;

	r = require_l4(c, NAT64_ICMP_HLEN);
	if (r)
		return r;
	h->icmp_type = icmp[0];
	h->icmp_code = icmp[1];
	h->icmp_query = is_query(h->family, icmp[0]);
	h->icmp_error = is_error(h->family, icmp[0]);
	h->csum_off = h->l4_off + ICMP_CSUM_AT;
	h->payload_off = h->l4_off + NAT64_ICMP_HLEN;
	h->present = NAT64_HEADER_CSUM;
	if (h->icmp_query) {
		h->present |= NAT64_HEADER_PORTS;
		if ((h->family == 6) != c->inner)
			h->sport = nat64_load_be16(icmp + 4);
		else
			h->dport = nat64_load_be16(icmp + 4);
	}
	if (!h->icmp_error)
		return NAT64_HEADER_OK;
	if (c->inner)
		return NAT64_HEADER_NESTED_ERROR;
	h->inner_off = h->payload_off;
	return NAT64_HEADER_OK;
}

/* RFC 2637 4.1: all bits of the first two octets but S and A are fixed. */
static bool is_pptp(const u8 *gre)
{
	return (gre[0] & 0xef) == 0x20 && (gre[1] & 0x7f) == 0x01 &&
	       nat64_get_be16(gre + 2) == GRE_PROTO_PPTP;
}

static enum nat64_header_result parse_gre(const struct cursor *c)
{
	const u8 *gre = c->pkt + c->h->l4_off;
	struct nat64_header *h = c->h;
	enum nat64_header_result r;
	u32 hlen = GRE_PPTP_HLEN;

	r = require_l4(c, GRE_HLEN);
	if (r)
		return r;
	if (!is_pptp(gre))
		return NAT64_HEADER_OK;
	hlen += gre[0] & 0x10 ? 4 : 0;
	hlen += gre[1] & 0x80 ? 4 : 0;
	r = require_l4(c, GRE_PPTP_HLEN);
	if (r)
		return r;
	if (hlen > h->l4_len)
		return h->more ? NAT64_HEADER_TINY_FRAGMENT :
				 NAT64_HEADER_TRUNCATED;
	h->gre_pptp = true;
	h->gre_call_id = nat64_load_be16(gre + NAT64_GRE_CALL_ID);
	h->dport = h->gre_call_id;
	h->present = NAT64_HEADER_PORTS;
	h->payload_off = min(h->l4_off + hlen, c->end);
	return NAT64_HEADER_OK;
}

static enum nat64_header_result parse_l4(const struct cursor *c, u32 off)
{
	struct nat64_header *h = c->h;

	h->l4_off = off;
	h->l4_len = h->len - off;
	h->payload_off = off;
	if (c->inner)
		h->quoted = c->end - off;
	if (h->frag_off)
		return NAT64_HEADER_OK;

	switch (h->proto) {
	case NAT64_PROTO_TCP:
		return parse_tcp(c);
	case NAT64_PROTO_UDP:
		return parse_udp(c);
	case NAT64_PROTO_GRE:
		return parse_gre(c);
	case NAT64_PROTO_ICMP:
		return h->family == 4 ? parse_icmp(c) : NAT64_HEADER_OK;
	case NAT64_PROTO_ICMPV6:
		return h->family == 6 ? parse_icmp(c) : NAT64_HEADER_OK;
	default:
		return NAT64_HEADER_OK;
	}
}

/* Where the packet ends, once its own length is known */
static bool set_end(struct cursor *c)
{
	if (c->h->len > c->end && !c->inner)
		return false;
	c->end = min(c->end, c->h->len);
	c->avail = min(c->avail, c->end);
	return true;
}

static bool is_skipped(u8 nexthdr)
{
	return nexthdr == NEXTHDR_HBH || nexthdr == NEXTHDR_ROUTE ||
	       nexthdr == NEXTHDR_OPTS;
}

static bool is_ext(u8 nexthdr)
{
	return is_skipped(nexthdr) || nexthdr == NEXTHDR_FRAG ||
	       nexthdr == NEXTHDR_AH || nexthdr == NEXTHDR_MOBIL ||
	       nexthdr == NEXTHDR_HOSTID || nexthdr == NEXTHDR_SHIM;
}

static enum nat64_header_result skip_frag(const struct cursor *c, u32 *off)
{
	struct nat64_header *h = c->h;
	enum nat64_header_result r;
	const u8 *fh;

	r = require(c, *off + NAT64_FRAG_HLEN);
	if (r)
		return r;
	fh = c->pkt + *off;
	if (is_ext(fh[0]))
		return NAT64_HEADER_EXT_IN_FRAGMENT;
	h->proto = fh[0];
	h->frag = true;
	h->frag_hdr_off = *off;
	h->frag_off = nat64_get_be16(fh + 2) & 0xfff8;
	h->more = fh[3] & 1;
	h->frag_id = nat64_get_be32(fh + 4);
	*off += NAT64_FRAG_HLEN;
	return NAT64_HEADER_OK;
}

static enum nat64_header_result skip_ext(const struct cursor *c, u32 *off)
{
	struct nat64_header *h = c->h;
	enum nat64_header_result r;
	const u8 *ext;
	u32 next;

	r = require(c, *off + 8);
	if (r)
		return r;
	ext = c->pkt + *off;
	if (h->proto == NEXTHDR_ROUTE && ext[3]) {
		h->error_ptr = *off + 3;
		return NAT64_HEADER_SEGMENTS_LEFT;
	}
	next = *off + 8 + ext[1] * 8U;
	if (next > c->end)
		return NAT64_HEADER_TRUNCATED;
	h->proto = ext[0];
	*off = next;
	return NAT64_HEADER_OK;
}

/* RFC 7915 5.1: leaves in h->proto the first header that is not skipped */
static enum nat64_header_result skip_chain(const struct cursor *c, u32 *off)
{
	enum nat64_header_result r;
	unsigned int n;

	for (n = 0; n < NAT64_HEADER_MAX_EXT; n++) {
		if (c->h->proto == NEXTHDR_FRAG)
			return skip_frag(c, off);
		if (!is_skipped(c->h->proto))
			return NAT64_HEADER_OK;
		r = skip_ext(c, off);
		if (r)
			return r;
	}
	if (c->h->proto == NEXTHDR_FRAG || is_skipped(c->h->proto))
		return NAT64_HEADER_TOO_MANY_EXT;
	return NAT64_HEADER_OK;
}

static enum nat64_header_result parse6(struct cursor *c)
{
	struct nat64_header *h = c->h;
	enum nat64_header_result r;
	u32 off = NAT64_IPV6_HLEN;

	r = require(c, NAT64_IPV6_HLEN);
	if (r)
		return r;
	if (c->pkt[0] >> 4 != 6)
		return NAT64_HEADER_BAD_VERSION;
	h->family = 6;
	h->tos = (u8)(nat64_get_be16(c->pkt) >> 4);
	h->len = NAT64_IPV6_HLEN + nat64_get_be16(c->pkt + 4);
	h->proto = c->pkt[6];
	h->ttl = c->pkt[7];
	if (!set_end(c))
		return NAT64_HEADER_BAD_LENGTH;
	r = skip_chain(c, &off);
	if (r)
		return r;
	return parse_l4(c, off);
}

/*
 * RFC 7915 4.1. A malformed option ends the list: no option is copied, so
 * nothing that follows it can do harm.
 */
static bool has_source_route(const u8 *opt, u32 len)
{
	u32 i = 0;

	while (i + 2 < len && opt[i] != OPT_END) {
		if (opt[i] == OPT_NOP) {
			i++;
			continue;
		}
		if (opt[i + 1] < 2 || i + opt[i + 1] > len)
			return false;
		if ((opt[i] == OPT_LSRR || opt[i] == OPT_SSRR) &&
		    opt[i + 1] > 2 && opt[i + 2] <= opt[i + 1])
			return true;
		i += opt[i + 1];
	}
	return false;
}

static enum nat64_header_result parse4(struct cursor *c)
{
	struct nat64_header *h = c->h;
	enum nat64_header_result r;
	u32 hlen;
	u16 frag;

	r = require(c, NAT64_IPV4_HLEN);
	if (r)
		return r;
	if (c->pkt[0] >> 4 != 4)
		return NAT64_HEADER_BAD_VERSION;
	hlen = (c->pkt[0] & 0xf) * 4;
	frag = nat64_get_be16(c->pkt + 6);
	h->family = 4;
	h->tos = c->pkt[1];
	h->len = nat64_get_be16(c->pkt + 2);
	h->frag_id = nat64_get_be16(c->pkt + 4);
	h->df = frag & 0x4000;
	h->more = frag & 0x2000;
	h->frag_off = (u16)(frag << 3);
	h->frag = h->more || h->frag_off;
	h->ttl = c->pkt[8];
	h->proto = c->pkt[9];
	if (hlen < NAT64_IPV4_HLEN || h->len < hlen || !set_end(c))
		return NAT64_HEADER_BAD_LENGTH;
	r = require(c, hlen);
	if (r)
		return r;
	if (!c->inner && has_source_route(c->pkt + NAT64_IPV4_HLEN,
					  hlen - NAT64_IPV4_HLEN))
		return NAT64_HEADER_SOURCE_ROUTE;
	return parse_l4(c, hlen);
}

static struct cursor cursor(const u8 *pkt, u32 avail, u32 total, bool inner,
			    struct nat64_header *h)
{
	struct cursor c = {
		.pkt = pkt,
		.avail = min(avail, total),
		.end = total,
		.inner = inner,
		.h = h,
	};

	memset(h, 0, sizeof(*h));
	return c;
}

enum nat64_header_result nat64_header_parse6(const u8 *pkt, u32 avail,
					     u32 total, struct nat64_header *h)
{
	struct cursor c = cursor(pkt, avail, total, false, h);

	return parse6(&c);
}

enum nat64_header_result nat64_header_parse4(const u8 *pkt, u32 avail,
					     u32 total, struct nat64_header *h)
{
	struct cursor c = cursor(pkt, avail, total, false, h);

	return parse4(&c);
}

/* The transport header, at @h->l4_off; the rest of @h is as it must be. */
static bool plain_l4(const u8 *l4, u32 avail, struct nat64_header *h)
{
	h->sport = nat64_load_be16(l4);
	h->dport = nat64_load_be16(l4 + 2);
	h->present = NAT64_HEADER_PORTS | NAT64_HEADER_CSUM;
	if (h->proto == NAT64_PROTO_UDP) {
		h->csum_off = h->l4_off + UDP_CSUM_AT;
		h->payload_off = h->l4_off + UDP_HLEN;
		h->udp_len = nat64_get_be16(l4 + 4);
		h->udp_csum_zero = !nat64_load_be16(l4 + UDP_CSUM_AT);
		return h->udp_len >= UDP_HLEN && h->udp_len <= h->l4_len;
	}
	if (h->proto != NAT64_PROTO_TCP || avail < h->l4_off + TCP_HLEN)
		return false;
	h->csum_off = h->l4_off + TCP_CSUM_AT;
	h->tcp_hlen = (u8)(l4[12] >> 4) * 4;
	h->tcp_flags = l4[TCP_FLAGS_AT];
	h->payload_off = h->l4_off + h->tcp_hlen;
	h->present |= NAT64_HEADER_FLAGS;
	return h->tcp_hlen >= TCP_HLEN && h->tcp_hlen <= h->l4_len;
}

bool nat64_header_plain6(const u8 *pkt, u32 avail, u32 total,
			 struct nat64_header *h)
{
	if (avail < NAT64_IPV6_HLEN + UDP_HLEN || pkt[0] >> 4 != 6 ||
	    total != NAT64_IPV6_HLEN + (u32)nat64_get_be16(pkt + 4))
		return false;
	memset(h, 0, sizeof(*h));
	h->len = total;
	h->l4_off = NAT64_IPV6_HLEN;
	h->l4_len = total - NAT64_IPV6_HLEN;
	h->family = 6;
	h->proto = pkt[6];
	h->tos = (u8)(nat64_get_be16(pkt) >> 4);
	h->ttl = pkt[7];
	return plain_l4(pkt + NAT64_IPV6_HLEN, avail, h);
}

bool nat64_header_plain4(const u8 *pkt, u32 avail, u32 total,
			 struct nat64_header *h)
{
	u16 frag;

	if (avail < NAT64_IPV4_HLEN + UDP_HLEN || pkt[0] != 0x45 ||
	    total != nat64_get_be16(pkt + 2))
		return false;
	frag = nat64_get_be16(pkt + 6);
	if (frag & 0x3fff)
		return false;
	memset(h, 0, sizeof(*h));
	h->len = total;
	h->l4_off = NAT64_IPV4_HLEN;
	h->l4_len = total - NAT64_IPV4_HLEN;
	h->frag_id = nat64_get_be16(pkt + 4);
	h->family = 4;
	h->proto = pkt[9];
	h->tos = pkt[1];
	h->ttl = pkt[8];
	h->df = frag & 0x4000;
	return plain_l4(pkt + NAT64_IPV4_HLEN, avail, h);
}

enum nat64_header_result nat64_header_parse_inner6(const u8 *pkt, u32 avail,
						   u32 total,
						   struct nat64_header *h)
{
	struct cursor c = cursor(pkt, avail, total, true, h);

	return parse6(&c);
}

enum nat64_header_result nat64_header_parse_inner4(const u8 *pkt, u32 avail,
						   u32 total,
						   struct nat64_header *h)
{
	struct cursor c = cursor(pkt, avail, total, true, h);

	return parse4(&c);
}

bool nat64_header_translatable(const struct nat64_header *h)
{
	if (h->family == 6)
		return h->proto != NAT64_PROTO_ICMP;
	if (h->proto == NAT64_PROTO_ICMPV6)
		return false;
	/* AH is at home in both, but not behind a fragment header (5.1.1). */
	return !is_ext(h->proto) || (h->proto == NEXTHDR_AH && !h->frag);
}

bool nat64_header_csum4_ok(const u8 *pkt, u32 avail)
{
	u32 hlen;

	if (avail < NAT64_IPV4_HLEN)
		return false;
	hlen = (pkt[0] & 0xf) * 4;
	if (hlen < NAT64_IPV4_HLEN || hlen > avail)
		return false;
	return nat64_csum_bytes(pkt, hlen, 0) == 0xffff;
}
