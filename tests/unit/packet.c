// SPDX-License-Identifier: GPL-2.0
#include "packet.h"

#include <assert.h>
#include <stdlib.h>

const struct flow flow_out = {
	.src6 = { 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0,
		  0x17 },
	.dst6 = { 0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 203, 0, 113,
		  9 },
	.src4 = { 198, 51, 100, 3 },
	.dst4 = { 203, 0, 113, 9 },
	.sport6 = 40001,
	.dport6 = 80,
	.sport4 = 61234,
	.dport4 = 80,
};

const struct flow flow_in = {
	.src6 = { 0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 203, 0, 113,
		  9 },
	.dst6 = { 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0,
		  0x17 },
	.src4 = { 203, 0, 113, 9 },
	.dst4 = { 198, 51, 100, 3 },
	.sport6 = 80,
	.dport6 = 40001,
	.sport4 = 80,
	.dport4 = 61234,
};

void pkt_u8(struct pkt *p, u8 v)
{
	assert(p->len < sizeof(p->b));
	p->b[p->len++] = v;
}

void pkt_be16(struct pkt *p, u16 v)
{
	pkt_u8(p, (u8)(v >> 8));
	pkt_u8(p, (u8)v);
}

void pkt_be32(struct pkt *p, u32 v)
{
	pkt_be16(p, (u16)(v >> 16));
	pkt_be16(p, (u16)v);
}

void pkt_bytes(struct pkt *p, const void *data, u32 len)
{
	assert(len <= sizeof(p->b) - p->len);
	if (len)
		memcpy(p->b + p->len, data, len);
	p->len += len;
}

void pkt_zero(struct pkt *p, u32 len)
{
	while (len--)
		pkt_u8(p, 0);
}

void pkt_pattern(struct pkt *p, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		pkt_u8(p, (u8)(i * 7 + (i >> 8) + 1));
}

void pkt_set16(struct pkt *p, u32 at, u16 v)
{
	p->b[at] = (u8)(v >> 8);
	p->b[at + 1] = (u8)v;
}

u8 *pkt_copy(const u8 *data, u32 len)
{
	u8 *copy = malloc(len ? len : 1);

	assert(copy);
	if (!len)
		return copy;
	memcpy(copy, data, len);
	return copy;
}

u16 ref_csum(const u8 *data, u32 len, u32 sum)
{
	u32 i;

	for (i = 0; i < len; i++) {
		sum += i & 1 ? data[i] : (u32)data[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u16)(0xffff - sum);
}

u32 ref_pseudo(const u8 *ip, u32 len, u8 proto)
{
	u8 head[40] = { 0 };
	u32 at = 0;

	if (ip[0] >> 4 == 6) {
		memcpy(head, ip + 8, 32);
		at = 32;
	} else {
		memcpy(head, ip + 12, 8);
		at = 8;
	}
	head[at] = (u8)(len >> 24);
	head[at + 1] = (u8)(len >> 16);
	head[at + 2] = (u8)(len >> 8);
	head[at + 3] = (u8)len;
	head[at + 7] = proto;
	return 0xffff - ref_csum(head, sizeof(head), 0);
}

static u32 put_tcp(struct pkt *p, const struct spec *s, u16 sport, u16 dport)
{
	u32 at = p->len;

	pkt_be16(p, sport);
	pkt_be16(p, dport);
	pkt_be32(p, 0x01020304);
	pkt_be32(p, 0x0a0b0c0d);
	pkt_be16(p, 0x5018);
	pkt_be16(p, 0xfaf0);
	pkt_be32(p, 0);
	pkt_pattern(p, s->payload);
	return at + 16;
}

static u32 put_udp(struct pkt *p, const struct spec *s, u16 sport, u16 dport)
{
	u32 at = p->len;

	pkt_be16(p, sport);
	pkt_be16(p, dport);
	pkt_be16(p, (u16)(8 + s->payload));
	pkt_be16(p, 0);
	pkt_pattern(p, s->payload);
	return at + 6;
}

static u32 put_echo(struct pkt *p, const struct spec *s, u8 type, u16 id)
{
	u32 at = p->len;

	pkt_u8(p, type);
	pkt_u8(p, 0);
	pkt_be16(p, 0);
	pkt_be16(p, id);
	pkt_be16(p, 0x0042);
	pkt_pattern(p, s->payload);
	return at + 2;
}

/* RFC 2637 4.1, with a sequence number */
static void put_gre(struct pkt *p, const struct spec *s, u16 call_id)
{
	pkt_be16(p, 0x3001);
	pkt_be16(p, 0x880b);
	pkt_be16(p, (u16)s->payload);
	pkt_be16(p, call_id);
	pkt_be32(p, 77);
	pkt_pattern(p, s->payload);
}

/* The transport part behind the headers at p->b + ip; 0: no checksum */
static void put_l4(struct pkt *p, u32 ip, const struct spec *s, bool v6,
		   u16 sport, u16 dport)
{
	u32 start = p->len, check = 0, pseudo = 0;
	u16 id = s->id_from_source ? sport : dport;
	u8 proto = s->kind;

	if (s->frag_off) {
		pkt_pattern(p, s->payload);
		return;
	}
	switch (s->kind) {
	case 1:
		check = put_echo(p, s, v6 ? 128 + s->echo_reply :
					    (s->echo_reply ? 0 : 8), id);
		proto = v6 ? 58 : 1;
		break;
	case 6:
		check = put_tcp(p, s, sport, dport);
		break;
	case 17:
		check = put_udp(p, s, sport, dport);
		break;
	case 47:
		put_gre(p, s, dport);
		return;
	default:
		pkt_pattern(p, s->payload);
		return;
	}
	if (s->kind == 17 && s->udp_csum_zero)
		return;
	if (v6 || s->kind != 1)
		pseudo = ref_pseudo(p->b + ip, p->len - start, proto);
	pkt_set16(p, check, ref_csum(p->b + start, p->len - start, pseudo));
	if (s->kind == 17 && !p->b[check] && !p->b[check + 1])
		pkt_set16(p, check, 0xffff);
}

void build6(struct pkt *p, const struct flow *f, const struct spec *s)
{
	u8 proto = s->kind == 1 ? 58 : s->kind;
	u8 nexthdr = s->frag ? 44 : proto;
	u32 ip = p->len;

	pkt_be32(p, 0x60000000 | (u32)s->tos << 20);
	pkt_be16(p, 0);
	pkt_u8(p, s->ext6_len ? s->ext6_first : nexthdr);
	pkt_u8(p, s->ttl);
	pkt_bytes(p, f->src6, 16);
	pkt_bytes(p, f->dst6, 16);
	pkt_bytes(p, s->ext6, s->ext6_len);
	if (s->frag) {
		pkt_u8(p, proto);
		pkt_u8(p, 0);
		pkt_be16(p, s->frag_off | s->more);
		pkt_be32(p, s->id);
	}
	put_l4(p, ip, s, true, f->sport6, f->dport6);
	pkt_set16(p, ip + 4, (u16)(p->len - ip - 40));
}

void build4(struct pkt *p, const struct flow *f, const struct spec *s)
{
	u32 ip = p->len, hlen = 20 + s->opt4_len;

	pkt_u8(p, (u8)(0x40 | hlen / 4));
	pkt_u8(p, s->tos);
	pkt_be16(p, 0);
	pkt_be16(p, (u16)s->id);
	pkt_be16(p, (u16)(s->df << 14 | s->more << 13 | s->frag_off >> 3));
	pkt_u8(p, s->ttl);
	pkt_u8(p, s->kind);
	pkt_be16(p, 0);
	pkt_bytes(p, f->src4, 4);
	pkt_bytes(p, f->dst4, 4);
	pkt_bytes(p, s->opt4, s->opt4_len);
	put_l4(p, ip, s, false, f->sport4, f->dport4);
	pkt_set16(p, ip + 2, (u16)(p->len - ip));
	pkt_set16(p, ip + 10, ref_csum(p->b + ip, hlen, 0));
}

void open_icmp(struct pkt *p, u8 type, u8 code, u32 rest)
{
	p->len = 0;
	pkt_u8(p, type);
	pkt_u8(p, code);
	pkt_be16(p, 0);
	pkt_be32(p, rest);
}

void close_icmp4(struct pkt *p)
{
	pkt_set16(p, 2, 0);
	pkt_set16(p, 2, ref_csum(p->b, p->len, 0));
}

void close_icmp6(struct pkt *p, const u8 *src, const u8 *dst)
{
	u8 ip[40] = { 0x60 };

	memcpy(ip + 8, src, 16);
	memcpy(ip + 24, dst, 16);
	pkt_set16(p, 2, 0);
	pkt_set16(p, 2, ref_csum(p->b, p->len, ref_pseudo(ip, p->len, 58)));
}
