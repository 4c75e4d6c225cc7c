// SPDX-License-Identifier: GPL-2.0
/*
 * Input: one octet (parser, fix-ups), then a packet.
 *
 * Each parser is run as a caller does that pulls what it is asked for, on
 * memory that holds exactly this.
 */
#include "fuzz.h"
#include "header.h"
#include "tcpstate.h"

typedef enum nat64_header_result (*parser)(const u8 *, u32, u32,
					   struct nat64_header *);

static const parser parsers[] = {
	nat64_header_parse6, nat64_header_parse4,
	nat64_header_parse_inner6, nat64_header_parse_inner4,
};

const unsigned int fuzz_paths = ARRAY_SIZE(parsers) + 1;

static enum nat64_header_result pull(parser fn, const u8 *pkt, u32 total,
				     struct nat64_header *h)
{
	enum nat64_header_result r;
	u32 avail = 0;

	for (;;) {
		u8 *copy = fuzz_copy(pkt, avail);

		r = fn(copy, avail, total, h);
		free(copy);
		if (r != NAT64_HEADER_NEED)
			return r;
		ENSURE(h->need > avail && h->need <= total);
		avail = h->need;
	}
}

static void check(const struct nat64_header *h, u32 total, bool inner)
{
	u32 here = inner ? h->l4_off + h->quoted : h->len;

	ENSURE(here <= total && here <= h->len);
	ENSURE(h->l4_off >= (h->family == 6 ? 40 : 20));
	ENSURE(h->l4_off + h->l4_len == h->len);
	ENSURE(h->payload_off >= h->l4_off && h->payload_off <= here);
	ENSURE(!h->frag_off || !h->present);
	ENSURE(h->frag || (!h->frag_off && !h->more));
	ENSURE(!(h->present & NAT64_HEADER_CSUM) || h->csum_off + 2 <= here);
	ENSURE(!(h->present & NAT64_HEADER_PORTS) || h->l4_off + 8 <= here);
	ENSURE(!h->frag_hdr_off || h->frag_hdr_off + 8 == h->l4_off);
	ENSURE(!h->icmp_error || (!inner && h->inner_off == h->l4_off + 8));
	ENSURE(!(h->icmp_query && h->icmp_error));
}

/* Lengths that fit, so that most inputs get past them */
static void fix(u8 *pkt, u32 len, bool v6)
{
	if (v6 && len >= 40) {
		pkt[0] = (pkt[0] & 0x0f) | 0x60;
		nat64_put_be16((u16)(len - 40), pkt + 4);
	} else if (!v6 && len >= 20) {
		pkt[0] = 0x40 | max(5, pkt[0] & 0x0f);
		nat64_put_be16((u16)len, pkt + 2);
	}
}

typedef bool (*plain_fn)(const u8 *, u32, u32, struct nat64_header *);

/* The short way finds nothing, or what the parser found. */
static void check_plain(plain_fn fn, const u8 *pkt, u32 len,
			const struct nat64_header *whole)
{
	struct nat64_header h;

	if (!fn(pkt, len, len, &h))
		return;
	fuzz_hit(ARRAY_SIZE(parsers));
	ENSURE(whole && !memcmp(&h, whole, sizeof(h)));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	enum nat64_header_result r;
	struct nat64_header h, whole;
	unsigned int which;
	u8 *pkt, *exact;
	u32 len;

	if (size < 1 || size > 65535)
		return 0;
	fuzz_inputs++;
	which = data[0] & 3;
	len = (u32)size - 1;
	pkt = fuzz_copy(data + 1, len);
	if (data[0] & 4)
		fix(pkt, len, !(which & 1));

	exact = fuzz_copy(pkt, len);
	r = parsers[which](exact, len, len, &whole);
	ENSURE(r != NAT64_HEADER_NEED);
	ENSURE(pull(parsers[which], pkt, len, &h) == r);
	if (which < 2)
		check_plain(which ? nat64_header_plain4 : nat64_header_plain6,
			    exact, len, r == NAT64_HEADER_OK ? &whole : NULL);
	if (r == NAT64_HEADER_OK) {
		fuzz_hit(which);
		ENSURE(!memcmp(&h, &whole, sizeof(h)));
		check(&whole, len, which >= 2);
		if (whole.tcp_hlen && which < 2)
			(void)nat64_tcp_wscale(exact + whole.l4_off,
					       whole.tcp_hlen);
	}
	if (r == NAT64_HEADER_SEGMENTS_LEFT)
		ENSURE(whole.error_ptr < len && exact[whole.error_ptr]);
	free(exact);
	free(pkt);
	return 0;
}
