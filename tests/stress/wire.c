// SPDX-License-Identifier: GPL-2.0
#include "wire.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

void course_begin(struct course *c, int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: %s SEED COUNT SPOILT\n", argv[0]);
		exit(2);
	}
	c->seed = strtoull(argv[1], NULL, 0);
	c->count = strtoul(argv[2], NULL, 0);
	c->spoilt = strtoul(argv[3], NULL, 0);
	state = c->seed * 0x9e3779b97f4a7c15 + 1;
}

/* xorshift64* */
uint32_t choice_any(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1d) >> 32;
}

uint32_t choice(uint32_t count)
{
	return (uint64_t)choice_any() * count >> 32;
}

bool chance(uint32_t part, uint32_t of)
{
	return choice(of) < part;
}

void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

uint16_t get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

bool is_six(const struct packet *p)
{
	return p->data[0] >> 4 == 6;
}

uint8_t packet_proto(const struct packet *p)
{
	return p->data[is_six(p) ? 6 : 9];
}

unsigned int packet_l4(const struct packet *p)
{
	return is_six(p) ? 40 : (p->data[0] & 15) * 4;
}

static uint32_t sum(const uint8_t *data, unsigned int len, uint32_t total)
{
	unsigned int i;

	for (i = 0; i + 1 < len; i += 2)
		total += get16(data + i);
	if (len & 1)
		total += data[len - 1] << 8;
	return total;
}

static uint16_t fold(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return ~total;
}

void packet_six(struct packet *p, const uint8_t *src, const uint8_t *dst,
		uint8_t proto, unsigned int len)
{
	memset(p->data, 0, 40);
	p->data[0] = 0x60;
	p->data[6] = proto;
	p->data[7] = 64;
	memcpy(p->data + 8, src, 16);
	memcpy(p->data + 24, dst, 16);
	p->len = 40 + len;
	packet_fit(p);
}

void packet_four(struct packet *p, uint32_t src, uint32_t dst, uint8_t proto,
		 unsigned int len)
{
	memset(p->data, 0, 20);
	p->data[0] = 0x45;
	put16(p->data + 4, choice_any());
	p->data[8] = 64;
	p->data[9] = proto;
	put32(p->data + 12, src);
	put32(p->data + 16, dst);
	p->len = 20 + len;
	packet_fit(p);
}

void packet_fit(struct packet *p)
{
	unsigned int header = (p->data[0] & 15) * 4;

	if (is_six(p)) {
		put16(p->data + 4, p->len > 40 ? p->len - 40 : 0);
	} else if (p->len >= 20) {
		put16(p->data + 2, p->len);
		put16(p->data + 10, 0);
		if (header <= p->len)
			put16(p->data + 10, fold(sum(p->data, header, 0)));
	}
}

/* The sum over the octets after the header and what goes before them. */
static uint16_t sum_l4(const struct packet *p)
{
	unsigned int at = packet_l4(p);
	uint32_t total = 0;

	if (packet_proto(p) != IPPROTO_ICMP) {
		total = packet_proto(p) + p->len - at;
		total = is_six(p) ? sum(p->data + 8, 32, total) :
				    sum(p->data + 12, 8, total);
	}
	return fold(sum(p->data + at, p->len - at, total));
}

/*
 * The hop limit passes the translator, less one or two, and those of valid
 * packets are low.
 */
#define DOUBT 0xc0
#define DOUBT_ARRIVED 0x80

static bool in_doubt(const struct packet *p)
{
	return p->data[is_six(p) ? 7 : 8] & DOUBT_ARRIVED;
}

/* Where the protocol has its checksum; 0 for none. */
static unsigned int sum_at(const struct packet *p)
{
	unsigned int at = packet_l4(p), offset;

	switch (packet_proto(p)) {
	case IPPROTO_TCP:
		offset = 16;
		break;
	case IPPROTO_UDP:
		offset = 6;
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		offset = 2;
		break;
	default:
		return 0;
	}
	if (packet_proto(p) == (is_six(p) ? IPPROTO_ICMP : IPPROTO_ICMPV6) ||
	    at + offset + 2 > p->len)
		return 0;
	return at + offset;
}

void packet_sum(struct packet *p)
{
	unsigned int at = sum_at(p);

	if (!at)
		return;
	if (packet_proto(p) == IPPROTO_UDP)
		put16(p->data + packet_l4(p) + 4, p->len - packet_l4(p));
	put16(p->data + at, 0);
	put16(p->data + at, sum_l4(p) ?: 0xffff);
}

void packet_doubt(struct packet *p)
{
	uint8_t *hops = p->data + (is_six(p) ? 7 : 8), was = *hops;

	if (p->len < 20 || was < 2)
		return;
	*hops |= DOUBT;
	if (!is_six(p))
		put16(p->data + 10, fold((uint16_t)~get16(p->data + 10) +
					 ((*hops - was) << 8)));
}

static const char *wrong_sum(const struct packet *p)
{
	unsigned int at = sum_at(p);

	if (!at || (!is_six(p) && get16(p->data + 6) & 0x3fff))
		return NULL;
	if (packet_proto(p) == IPPROTO_UDP && !get16(p->data + at))
		return is_six(p) ? "no UDP checksum" : NULL;
	return sum_l4(p) ? "checksum" : NULL;
}

const char *packet_wrong(const struct packet *p)
{
	if (is_six(p)) {
		if (p->len < 40 || get16(p->data + 4) + 40u != p->len)
			return "payload length";
		if (!p->data[7])
			return "hop limit";
	} else {
		if (p->len < 20 || p->data[0] >> 4 != 4 || packet_l4(p) < 20 ||
		    packet_l4(p) > p->len)
			return "header length";
		if (get16(p->data + 2) != p->len)
			return "total length";
		if (fold(sum(p->data, packet_l4(p), 0)))
			return "header checksum";
		if (!p->data[8])
			return "TTL";
	}
	return in_doubt(p) ? NULL : wrong_sum(p);
}

static void piece_make(struct packet *piece, const struct packet *p,
		       uint32_t id, unsigned int offset, unsigned int size)
{
	unsigned int at = packet_l4(p);
	bool more = at + offset + size < p->len;

	if (!more)
		size = p->len - at - offset;
	memcpy(piece->data, p->data, at);
	if (is_six(p)) {
		piece->data[6] = IPPROTO_FRAGMENT;
		piece->data[at] = p->data[6];
		piece->data[at + 1] = 0;
		put16(piece->data + at + 2, offset | more);
		put32(piece->data + at + 4, id);
		at += 8;
	} else {
		put16(piece->data + 4, id);
		put16(piece->data + 6, offset / 8 | (more ? 0x2000 : 0));
	}
	memcpy(piece->data + at, p->data + packet_l4(p) + offset, size);
	piece->len = at + size;
	packet_fit(piece);
}

unsigned int packet_cut(const struct packet *p, uint32_t id, unsigned int size,
			struct packet *pieces)
{
	unsigned int at = packet_l4(p), offset = 0, count = 0;

	while (at + offset < p->len && count < 4) {
		/* What is left over goes with the last one. */
		if (count == 3)
			size = PACKET_MAX;
		piece_make(&pieces[count++], p, id, offset, size);
		offset += size;
	}
	return count;
}

static uint8_t spoilt(uint8_t octet)
{
	static const uint8_t edges[] = { 0, 1, 0x7f, 0x80, 0xff };

	switch (choice(3)) {
	case 0:
		return edges[choice(sizeof(edges))];
	case 1:
		return choice(256);
	default:
		return octet ^ 1 << choice(8);
	}
}

void spoil(uint8_t *data, unsigned int *len, unsigned int room)
{
	unsigned int more = choice(64), times = 1 + choice(4);

	while (times-- && *len) {
		unsigned int at = choice(*len);

		data[at] = spoilt(data[at]);
	}
	if (chance(1, 5) && *len)
		*len = 1 + choice(*len);
	if (chance(1, 10) && *len + more <= room) {
		memset(data + *len, choice(256), more);
		*len += more;
	}
}
