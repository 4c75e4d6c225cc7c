// SPDX-License-Identifier: GPL-2.0
/*
 * Valid and spoilt packets of all kinds, through both sides of a translator.
 *
 *   packets SEED COUNT SPOILT
 *
 * SPOILT of 100 packets are spoilt. It sends and receives frames at c6 in the
 * namespace n6 and at s4 in n4 (see bed.sh), and ends with 1 at the first frame
 * that no translator may emit. The same SEED makes the same choices; what the
 * translator chooses by itself (numbers of fragments, ports that replace taken
 * ones) comes back in later packets.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "talk.h"

#define TALKS	48
#define OLD	64
#define STEPS	60

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

static const struct {
	const char *ns;
	const char *dev;
	uint8_t ends[12];
} sides[] = {
	[CLIENT] = { "/run/netns/n6", "c6",
		     { 2, 0, 0, 0, 6, 1, 2, 0, 0, 0, 6, 2 } },
	[SERVER] = { "/run/netns/n4", "s4",
		     { 2, 0, 0, 0, 4, 1, 2, 0, 0, 0, 4, 2 } },
};

static int sockets[2];
static struct talk talks[TALKS];
static struct packet old[OLD];
static int old_side[OLD];
static unsigned long sent, spoilt, received[2];
static struct course course;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int side_open(int side)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL) };
	int ns = open(sides[side].ns, O_RDONLY), one = 1, size = 64 << 20;
	int fd;

	if (ns < 0 || setns(ns, CLONE_NEWNET))
		die(sides[side].ns);
	close(ns);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL));
	to.sll_ifindex = if_nametoindex(sides[side].dev);
	if (fd < 0 || bind(fd, (void *)&to, sizeof(to)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
		       sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		die(sides[side].dev);
	return fd;
}

static void dump(const char *what, const struct packet *p)
{
	unsigned int i;

	fprintf(stderr, "%s: ", what);
	for (i = 0; i < p->len; i++)
		fprintf(stderr, "%02x", p->data[i]);
	fprintf(stderr, "\n");
}

/* What has come by now; @last was sent last. */
static void drain(int side, struct talk *t, const struct packet *last)
{
	uint8_t frame[65536];
	struct packet p;
	const char *wrong;
	ssize_t len;

	while ((len = recv(sockets[side], frame, sizeof(frame), 0)) > 0) {
		/* Multicast is the kernel's own chatter, ARP as well. */
		if (len < 34 || len > 14 + PACKET_MAX || frame[0] & 1 ||
		    get16(frame + 12) == ETH_P_ARP)
			continue;
		p.len = len - 14;
		memcpy(p.data, frame + 14, p.len);
		received[side]++;
		wrong = packet_wrong(&p);
		if (wrong) {
			fprintf(stderr, "seed %llu, packet %lu: %s\n",
				course.seed, sent, wrong);
			dump("sent", last);
			dump("came", &p);
			exit(1);
		}
		talk_heard(t, side, &p);
	}
}

static void emit(int side, struct talk *t, struct packet *p, bool valid)
{
	uint8_t frame[14 + PACKET_MAX];
	unsigned int slot = sent % OLD;

	if (!valid)
		packet_doubt(p);
	memcpy(frame, sides[side].ends, 12);
	put16(frame + 12, is_six(p) ? ETH_P_IPV6 : ETH_P_IP);
	memcpy(frame + 14, p->data, p->len);
	while (send(sockets[side], frame, 14 + p->len, 0) < 0) {
		if (errno != ENOBUFS && errno != EAGAIN)
			die("send");
		usleep(1000);
	}
	old[slot] = *p;
	old_side[slot] = side;
	sent++;
	drain(CLIENT, t, p);
	drain(SERVER, t, p);
}

/* An error of its receiver, or of a router there, about a packet. */
static int error_make(const struct talk *t, struct packet *p)
{
	static const uint8_t types6[] = { 1, 2, 3, 4 };
	static const uint8_t types4[] = { 3, 3, 11, 12 };
	int who = choice(2);
	const struct packet *about = &t->seen[who];
	unsigned int quote = 28 + choice(500);
	uint8_t *l4;

	if (!about->len || is_six(about) != (who == CLIENT))
		return -1;
	if (quote > about->len)
		quote = about->len;
	if (who == CLIENT) {
		packet_six(p, t->client, about->data + 8, IPPROTO_ICMPV6,
			   8 + quote);
		l4 = p->data + 40;
		l4[0] = types6[choice(4)];
		l4[1] = choice(8);
	} else {
		packet_four(p, t->server, get32(about->data + 12),
			    IPPROTO_ICMP, 8 + quote);
		l4 = p->data + 20;
		l4[0] = types4[choice(4)];
		l4[1] = choice(16);
	}
	put32(l4 + 4, chance(1, 2) ? choice(2000) : choice_any());
	memcpy(l4 + 8, about->data, quote);
	packet_sum(p);
	return who;
}

/* Eight octets of destination options. */
static void extend(struct packet *p)
{
	if (!is_six(p) || p->len < 40 || p->len + 8 > PACKET_MAX)
		return;
	memmove(p->data + 48, p->data + 40, p->len - 40);
	memcpy(p->data + 40, "\0\0\1\4\0\0\0\0", 8);
	p->data[40] = p->data[6];
	p->data[6] = IPPROTO_DSTOPTS;
	p->len += 8;
	packet_fit(p);
}

/* Mostly behind the header, and mostly with lengths and sums that agree. */
static void packet_spoil(struct packet *p)
{
	unsigned int at = p->len < 40 || chance(1, 4) ? 0 : packet_l4(p);
	unsigned int len;

	if (at >= p->len)
		at = 0;
	len = p->len - at;
	spoil(p->data + at, &len, PACKET_MAX - at);
	p->len = at + len;
	if (p->len < 20)
		return;
	if (chance(3, 4))
		packet_fit(p);
	if (chance(3, 4) && packet_l4(p) <= p->len)
		packet_sum(p);
	spoilt++;
}

static void fragments_emit(int side, struct talk *t, const struct packet *p)
{
	struct packet pieces[4];
	unsigned int count, order = choice_any(), i;

	count = packet_cut(p, choice_any(), 8 * (1 + choice(40)), pieces);
	for (i = 0; i < count; i++) {
		unsigned int n = (i + order) % count;

		if (!chance(1, 20))
			emit(side, t, &pieces[n], false);
	}
}

static void one(void)
{
	struct talk *t = &talks[choice(TALKS)];
	unsigned int kind = choice(20), slot;
	uint32_t next[2];
	struct packet p;
	bool valid = true;
	int side;

	if (!t->port || t->steps > STEPS)
		talk_begin(t);
	memcpy(next, t->next, sizeof(next));
	if (kind < 2) {
		side = error_make(t, &p);
		valid = false;	/* may quote half of what it speaks about */
	} else if (kind < 3 && sent >= OLD) {
		slot = choice(OLD);
		p = old[slot];
		side = old_side[slot];
		valid = false;
	} else {
		side = talk_step(t, &p);
	}
	if (side < 0)
		return;
	if (chance(1, 20))
		extend(&p);
	if (kind == 19) {
		fragments_emit(side, t, &p);
		return;
	}
	if (chance(course.spoilt, 100)) {
		packet_spoil(&p);
		valid = false;
		/* Mostly what comes next is what should have come now. */
		if (t->steps > 3 && chance(3, 4))
			memcpy(t->next, next, sizeof(next));
	}
	emit(side, t, &p, valid);
}

int main(int argc, char **argv)
{
	course_begin(&course, argc, argv);
	sockets[CLIENT] = side_open(CLIENT);
	sockets[SERVER] = side_open(SERVER);
	while (sent < course.count)
		one();
	printf("seed %llu: %lu packets sent, %lu of them spoilt, %lu + %lu came\n",
	       course.seed, sent, spoilt, received[CLIENT], received[SERVER]);
	return 0;
}
