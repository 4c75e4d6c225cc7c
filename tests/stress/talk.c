// SPDX-License-Identifier: GPL-2.0
#include "talk.h"

#include <netinet/in.h>
#include <string.h>

#define FIN 1
#define SYN 2
#define RST 4
#define PSH 8
#define ACK 16

#define POOL 0xc6336401 /* 198.51.100.1 */

#define TEXT_AT(p) ((p)->data + packet_l4(p) + 20)

static const uint8_t prefix[12] = { 0x20, 1, 0xd, 0xb8, 0, 0x64 };

static void embed(uint8_t *six, uint32_t four)
{
	memcpy(six, prefix, sizeof(prefix));
	put32(six + 12, four);
}

static const uint16_t ports[] = {
	[TALK_UDP] = 7, [TALK_TCP] = 80, [TALK_FTP] = 21,
	[TALK_RTSP] = 554, [TALK_PPTP] = 1723,
};

/* One of 16 subscribers and 4 servers, one of which is a pool address. */
void talk_begin(struct talk *t)
{
	static const uint8_t net[] = { 0x20, 1, 0xd, 0xb8, 0, 1 };

	memset(t, 0, sizeof(*t));
	t->kind = choice(TALK_KINDS);
	memcpy(t->client, net, sizeof(net));
	t->client[7] = choice(16);
	t->client[15] = 0x10;
	t->server = chance(1, 32) ? POOL :
				    0xcb007109 + choice(3);
	t->pool = POOL;
	t->port = 1024 + choice(60000);
	t->pport = t->port;
	t->sport = ports[t->kind];
	t->data = 5000 + choice(40000);
	t->next[CLIENT] = choice_any();
	t->next[SERVER] = choice_any();
}

/* The header for @len octets that the caller fills in. */
static uint8_t *begin(const struct talk *t, int who, struct packet *p,
		      uint8_t proto, unsigned int len)
{
	uint8_t server6[16];

	if (who == CLIENT) {
		embed(server6, t->server);
		if (proto == IPPROTO_ICMP)
			proto = IPPROTO_ICMPV6;
		packet_six(p, t->client, server6, proto, len);
	} else {
		packet_four(p, t->server, t->pool, proto, len);
	}
	memset(p->data + packet_l4(p), 0, len);
	return p->data + packet_l4(p);
}

static void ports_put(const struct talk *t, int who, uint8_t *l4)
{
	put16(l4, who == CLIENT ? t->port : t->sport);
	put16(l4 + 2, who == CLIENT ? t->sport : t->pport);
}

static int udp_step(struct talk *t, struct packet *p)
{
	int who = t->steps ? choice(2) : CLIENT;

	ports_put(t, who, begin(t, who, p, IPPROTO_UDP, 8 + choice(600)));
	return who;
}

static int echo_step(struct talk *t, struct packet *p)
{
	int who = t->steps ? choice(2) : CLIENT;
	uint8_t *l4 = begin(t, who, p, IPPROTO_ICMP, 8 + choice(600));

	l4[0] = who == CLIENT ? 128 : 0;
	put16(l4 + 4, who == CLIENT ? t->port : t->pport);
	put16(l4 + 6, t->steps);
	return who;
}

static void segment(struct talk *t, int who, struct packet *p, uint8_t flags,
		    unsigned int len)
{
	uint8_t *l4 = begin(t, who, p, IPPROTO_TCP, 20 + len);

	ports_put(t, who, l4);
	put32(l4 + 4, t->next[who]);
	if (flags & ACK)
		put32(l4 + 8, t->ack[who]);
	l4[12] = 0x50;
	l4[13] = flags;
	put16(l4 + 14, 0x4000);
	t->next[who] += len + !!(flags & (SYN | FIN));
}

static int tcp_step(struct talk *t, struct packet *p)
{
	uint8_t text[1024];
	unsigned int len;
	int who;

	switch (t->steps) {
	case 0:
		segment(t, CLIENT, p, SYN, 0);
		return CLIENT;
	case 1:
		segment(t, SERVER, p, SYN | ACK, 0);
		return SERVER;
	case 2:
		segment(t, CLIENT, p, ACK, 0);
		return CLIENT;
	}
	who = text_turn(t);
	if (chance(1, 60)) {
		segment(t, who, p, chance(1, 2) ? FIN | ACK : RST | ACK, 0);
		return who;
	}
	len = text_next(t, who, text);
	segment(t, who, p, ACK | PSH, len);
	memcpy(TEXT_AT(p), text, len);
	/* Now and then a message comes in two segments. */
	if (len > 1 && chance(1, 8)) {
		unsigned int first = 1 + choice(len - 1);

		p->len -= len - first;
		t->next[who] -= len - first;
		packet_fit(p);
	}
	return who;
}

/* The flow that the control connection has announced. */
static int data_step(struct talk *t, struct packet *p)
{
	int who = choice(2);
	uint8_t *l4;

	switch (t->kind) {
	case TALK_FTP:
		l4 = begin(t, who, p, IPPROTO_TCP, 20);
		put16(l4, who == CLIENT ? 40000 : 20);
		put16(l4 + 2, t->data);
		put32(l4 + 4, choice_any());
		l4[12] = 0x50;
		l4[13] = SYN;
		break;
	case TALK_RTSP:
		l4 = begin(t, who, p, IPPROTO_UDP, 8 + choice(200));
		put16(l4, who == CLIENT ? t->data : 5000);
		put16(l4 + 2, who == CLIENT ? 5000 : t->data);
		break;
	default:
		l4 = begin(t, who, p, IPPROTO_GRE, 16 + choice(100));
		put32(l4, 0x3081880b);
		put16(l4 + 4, p->len - packet_l4(p) - 16);
		put16(l4 + 6, t->data);
		break;
	}
	return who;
}

int talk_step(struct talk *t, struct packet *p)
{
	int who;

	if (t->kind > TALK_TCP && t->steps > 4 && chance(1, 4)) {
		who = data_step(t, p);
		packet_sum(p);
		return who;
	}
	switch (t->kind) {
	case TALK_UDP:
		who = udp_step(t, p);
		break;
	case TALK_ECHO:
		who = echo_step(t, p);
		break;
	default:
		who = tcp_step(t, p);
		break;
	}
	t->steps++;
	packet_sum(p);
	return who;
}

static void tcp_heard(struct talk *t, int who, const uint8_t *l4,
		      unsigned int len)
{
	unsigned int header = (l4[12] >> 4) * 4;

	if (header < 20 || header > len)
		return;
	t->ack[who] = get32(l4 + 4) + len - header + !!(l4[13] & (SYN | FIN));
}

void talk_heard(struct talk *t, int who, const struct packet *p)
{
	unsigned int at = packet_l4(p);
	const uint8_t *l4 = p->data + at;

	if (at + 20 > p->len)
		return;
	t->seen[who] = *p;
	switch (packet_proto(p)) {
	case IPPROTO_TCP:
		if (get16(l4 + (who == SERVER ? 2 : 0)) != t->sport)
			return;
		tcp_heard(t, who, l4, p->len - at);
		break;
	case IPPROTO_UDP:
		if (who == CLIENT || get16(l4 + 2) != t->sport)
			return;
		break;
	case IPPROTO_ICMP:
		if (who == CLIENT || l4[0] != 8)
			return;
		t->pport = get16(l4 + 4);
		t->pool = get32(p->data + 12);
		return;
	default:
		return;
	}
	if (who == SERVER) {
		t->pport = get16(l4);
		t->pool = get32(p->data + 12);
	}
}
