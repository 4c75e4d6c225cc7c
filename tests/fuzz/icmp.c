// SPDX-License-Identifier: GPL-2.0
/*
 * Input: a struct head, then an ICMP error of either family.
 *
 * Whatever is translated must be a right message of the other family, must
 * quote the same octets, and must come back when it is translated again.
 */
#include "icmp.h"

#include "checksum.h"
#include "fuzz.h"
#include "header.h"

struct head {
	u8 mode;
	u8 limit[2];
	u8 mtu6[2];
	u8 mtu4[2];
	u8 sport[2];
	u8 dport[2];
	u8 addr[8];
};

#define MODE_46 1
#define MODE_FIX 2
#define MODE_LIMIT 4

/* Translated 64, 46; with an extension 64, 46 */
const unsigned int fuzz_paths = 4;

static const u8 base6[16] = { 0x20, 0x01, 0x0d, 0xb8 };

static void xlat_of(const struct head *head, struct nat64_icmp_xlat *x)
{
	memset(x, 0, sizeof(*x));
	memcpy(&x->src6, base6, 16);
	memcpy(&x->dst6, base6, 16);
	memcpy(&x->inner_src6, base6, 16);
	memcpy(&x->inner_dst6, base6, 16);
	memcpy((u8 *)&x->inner_src6 + 12, head->addr, 4);
	memcpy((u8 *)&x->inner_dst6 + 12, head->addr + 4, 4);
	x->inner_src4 = nat64_load_be32(head->addr);
	x->inner_dst4 = nat64_load_be32(head->addr + 4);
	x->inner_sport = nat64_load_be16(head->sport);
	x->inner_dport = nat64_load_be16(head->dport);
	x->mtu6 = nat64_get_be16(head->mtu6);
	x->mtu4 = nat64_get_be16(head->mtu4);
	if (head->mode & MODE_LIMIT)
		x->limit = nat64_get_be16(head->limit);
}

static int translate(bool to6, const struct nat64_icmp_xlat *x, const u8 *in,
		     u32 len, u8 *out, u32 room)
{
	return to6 ? nat64_icmp_error_46(x, in, len, out, room) :
		     nat64_icmp_error_64(x, in, len, out, room);
}

static enum nat64_header_result quote(bool v6, const u8 *msg, u32 len,
				      struct nat64_header *h)
{
	u32 n = nat64_icmp_quote_len(msg, len, v6 ? 6 : 4);

	return v6 ? nat64_header_parse_inner6(msg + 8, n, n, h) :
		    nat64_header_parse_inner4(msg + 8, n, n, h);
}

static void check_outer(bool v6, const struct nat64_icmp_xlat *x,
			const u8 *msg, u32 len)
{
	struct nat64_icmp_map unused;
	u32 limit = x->limit;

	if (!limit)
		limit = v6 ? NAT64_ICMP6_MAX : NAT64_ICMP4_MAX;
	ENSURE(len + (v6 ? 40 : 20) <= limit);
	if (v6) {
		ENSURE(nat64_icmp_csum6_ok(&x->src6, &x->dst6, msg, len));
		ENSURE(msg[0] >= 1 && msg[0] <= 4);
	} else {
		ENSURE(nat64_icmp_csum4_ok(msg, len));
		ENSURE(nat64_header_csum4_ok(msg + 8, len - 8));
		ENSURE(!nat64_icmp_error_map_46(msg[0], msg[1], &unused));
	}
}

static void check_quote(const struct nat64_header *a,
			const struct nat64_header *b)
{
	bool icmp = a->proto == 1 || a->proto == 58;

	ENSURE(a->family + b->family == 10);
	ENSURE(a->tos == b->tos && a->ttl == b->ttl);
	ENSURE(a->l4_len == b->l4_len);
	/* zeros before an extension look like more of the packet */
	ENSURE(b->quoted <= max(a->quoted + 7, 128U));
	ENSURE(icmp ? a->proto + b->proto == 59 : a->proto == b->proto);
	ENSURE(a->frag_off == b->frag_off && a->more == b->more);
	if (a->frag)
		ENSURE((u16)a->frag_id == (u16)b->frag_id);
	ENSURE(a->icmp_query == b->icmp_query);
	ENSURE(a->gre_pptp == b->gre_pptp);
}

/*
 * Of the transport part, only these octets may change. Returns whether the
 * octet at @i is one.
 */
static bool may_change(const struct nat64_header *h, u32 i)
{
	if (!(h->present & NAT64_HEADER_PORTS))
		return false;
	if (h->icmp_query)
		return i == 0 || (i >= 2 && i < 6);
	if (h->gre_pptp)
		return i == 6 || i == 7;
	if (i < 4)
		return true;
	i += h->l4_off;
	return (h->present & NAT64_HEADER_CSUM) &&
	       (i == h->csum_off || i == h->csum_off + 1);
}

static void check_payload(const u8 *a, const struct nat64_header *ha,
			  const u8 *b, const struct nat64_header *hb)
{
	u32 i;

	for (i = 0; i < min(ha->quoted, hb->quoted); i++) {
		if (!may_change(ha, i))
			ENSURE(a[ha->l4_off + i] == b[hb->l4_off + i]);
	}
}

static void check_ports(bool v6, const struct nat64_icmp_xlat *x,
			const struct nat64_header *h)
{
	if (!(h->present & NAT64_HEADER_PORTS))
		return;
	if (h->icmp_query)
		ENSURE(v6 ? h->sport == 0 && h->dport == x->inner_sport :
			    h->dport == 0 && h->sport == x->inner_dport);
	else if (h->gre_pptp)
		ENSURE(!x->inner_dport || h->dport == x->inner_dport);
	else
		ENSURE(h->sport == x->inner_sport &&
		       h->dport == x->inner_dport);
}

/* The extension is the last thing in both messages and the same. */
static bool check_ext(bool v6, const u8 *in, u32 in_len, const u8 *msg,
		      u32 len)
{
	u32 had = in_len - 8 - nat64_icmp_quote_len(in, in_len, v6 ? 4 : 6);
	u32 has = len - 8 - nat64_icmp_quote_len(msg, len, v6 ? 6 : 4);

	if (!has)
		return false;
	ENSURE(has == had);
	ENSURE(!memcmp(in + in_len - had, msg + len - has, has));
	ENSURE(len - 8 - has >= 128);
	ENSURE((len - 8 - has) % (v6 ? 8 : 4) == 0);
	return true;
}

/* What the session would say in the other direction */
static void back(bool v6, const u8 *quoted, const struct nat64_header *h,
		 struct nat64_icmp_xlat *x)
{
	memset(x, 0, sizeof(*x));
	if (v6) { /* the result is IPv6, the original was IPv4 */
		x->inner_src4 = nat64_load_be32(quoted + 12);
		x->inner_dst4 = nat64_load_be32(quoted + 16);
	} else {
		memcpy(&x->inner_src6, quoted + 8, 16);
		memcpy(&x->inner_dst6, quoted + 24, 16);
	}
	x->inner_sport = h->sport;
	x->inner_dport = h->dport;
	if (h->icmp_query) { /* an id is in the place that its family has */
		x->inner_sport = h->family == 6 ? h->dport : 0;
		x->inner_dport = h->family == 4 ? h->sport : 0;
	}
	x->limit = 65535;
}

static void check_csum(const u8 *a, const struct nat64_header *ha,
		       const u8 *b, const struct nat64_header *hb)
{
	if (!(ha->present & hb->present & NAT64_HEADER_CSUM))
		return;
	ENSURE(nat64_get_be16(a + ha->csum_off) % 0xffff ==
	       nat64_get_be16(b + hb->csum_off) % 0xffff);
}

/*
 * Translated again, every octet of the transport part is as it was, as far
 * as it is quoted everywhere. The checksum is compared by value.
 */
static void check_return(bool v6, const u8 *in, const struct nat64_header *h,
			 const u8 *msg, u32 len, const struct nat64_header *ho)
{
	u32 here = min(h->quoted, ho->quoted);

	static u8 again[70000];
	struct nat64_icmp_xlat x;
	struct nat64_header hr;
	u8 *type = fuzz_copy(msg, len);
	u32 i;
	int r;

	back(v6, in + 8, h, &x);
	/* a type that can go back, and has the same attribute */
	type[0] = v6 ? 3 : 11;
	type[1] = 0;
	if (v6 && (msg[0] == 2 || msg[0] == 4))
		type[4] = 0;
	r = translate(!v6, &x, type, len, again, sizeof(again));
	free(type);
	if (h->proto == 135 || h->proto == 139 || h->proto == 140)
		return; /* an extension header's number: one way only */
	if (h->gre_pptp && !h->dport)
		return; /* as an id that is asked for, 0 means none */
	ENSURE(r > 0);
	ENSURE(quote(!v6, again, (u32)r, &hr) == NAT64_HEADER_OK);
	ENSURE(!memcmp(in + 8 + (v6 ? 12 : 8), again + 8 + (v6 ? 12 : 8),
		       v6 ? 8 : 32));
	ENSURE(hr.family == h->family && hr.sport == h->sport &&
	       hr.dport == h->dport);
	for (i = 0; i < min(here, hr.quoted); i++) {
		u32 at = i + hr.l4_off;

		if ((hr.present & NAT64_HEADER_CSUM) &&
		    (at == hr.csum_off || at == hr.csum_off + 1))
			continue;
		ENSURE(in[8 + h->l4_off + i] == again[8 + at]);
	}
	if (ho->present & NAT64_HEADER_CSUM)
		check_csum(in + 8, h, again + 8, &hr);
}

/* Consistent lengths and a type that is an error, for most inputs */
static void fix(u8 *msg, u32 len, bool v6)
{
	if (len < 8 + 40)
		return;
	if (v6) {
		msg[0] = 1 + (msg[0] & 3);
		msg[1] &= 7;
		msg[8] = 0x60 | (msg[8] & 0x0f);
	} else {
		msg[0] = msg[0] & 1 ? 3 : msg[0] & 2 ? 11 : 12;
		msg[1] &= 15;
		msg[8] = 0x45 | (msg[8] & 2);
		if (nat64_get_be16(msg + 10) < 40)
			msg[10] |= 2;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct nat64_icmp_xlat x;
	struct nat64_header h, ho;
	struct head head;
	u8 *in, *out;
	u32 len, room;
	bool to6;
	int r;

	if (size < sizeof(head) || size > 65535)
		return 0;
	fuzz_inputs++;
	memcpy(&head, data, sizeof(head));
	xlat_of(&head, &x);
	to6 = head.mode & MODE_46;
	len = (u32)(size - sizeof(head));
	in = fuzz_copy(data + sizeof(head), len);
	if (head.mode & MODE_FIX)
		fix(in, len, !to6);

	room = x.limit ? x.limit :
	       to6 ? NAT64_ICMP6_MAX - 40 : NAT64_ICMP4_MAX - 20;
	out = malloc(room);
	ENSURE(out);
	r = translate(to6, &x, in, len, out, room);
	ENSURE(r >= -NAT64_ICMP_NO_ROOM && r <= (int)room && r != 0);
	ENSURE(r != -NAT64_ICMP_NO_ROOM || x.limit);
	if (r > 0) {
		fuzz_hit(to6);
		check_outer(to6, &x, out, (u32)r);
		ENSURE(quote(!to6, in, len, &h) == NAT64_HEADER_OK);
		ENSURE(quote(to6, out, (u32)r, &ho) == NAT64_HEADER_OK);
		check_quote(&h, &ho);
		check_payload(in + 8, &h, out + 8, &ho);
		check_ports(to6, &x, &ho);
		if (check_ext(to6, in, len, out, (u32)r))
			fuzz_hit(2 + to6);
		check_return(to6, in, &h, out, (u32)r, &ho);
	}
	free(out);
	free(in);
	return 0;
}
