// SPDX-License-Identifier: GPL-2.0
/*
 * Packets as fast as a raw socket takes them, of somebody who means no good or
 * of very many who do.
 *
 *   flood KIND COUNT DESTINATION [PORT [CLIENTS]]
 *
 * COUNT packets, or until SIGTERM if that is 0; then their number is printed.
 * Packet number i is
 *
 *   to IPv4, UDP to PORT
 *     clients      from 2001:db8:c:N::1 with N = i % CLIENTS, and from port
 *                  1024 + i / CLIENTS
 *     hosts        from address i of 2001:db8:c:1::/64
 *     subscribers  from ::1 of the prefix number i of 2001:db8:8000::/33
 *     socket       from port 5000 of 2001:db8:c:2::1, always the same packet
 *     servers      likewise, to port i of DESTINATION instead, and when
 *                  those have come to an end, of the next address
 *     lasthops     like hosts, but with the hop limit of a last hop
 *   to IPv4
 *     fragments6   a first fragment, number i, without the others
 *     errors6      an error about a packet of no session
 *   to IPv6, from address i of 198.18.0.0/15
 *     senders      UDP to PORT
 *     syns         SYN to a port above 1023, which i gives
 *     fragments4   as above
 *     errors4      as above
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAYLOAD 8
#define BATCH	32
#define PORTS	(65536 - 1024)

static struct in6_addr to6;
static struct in_addr to4;
static uint16_t port;
static unsigned long clients;
static volatile sig_atomic_t over;

struct datagram {
	struct udphdr udp;
	uint8_t data[PAYLOAD];
} __attribute__((packed, aligned(4)));

/* A whole packet; what is behind the header is one of several. */
struct packet6 {
	struct ip6_hdr ip;
	union {
		uint8_t data[0];
		struct datagram datagram;
		struct {
			struct ip6_frag frag;
			struct datagram datagram;
		} fragment;
		struct {
			struct icmp6_hdr icmp;
			struct ip6_hdr ip;
			struct udphdr udp;
		} error;
	};
} __attribute__((packed, aligned(4)));

struct packet4 {
	struct iphdr ip;
	union {
		uint8_t data[0];
		struct datagram datagram;
		struct tcphdr tcp;
		struct {
			struct icmphdr icmp;
			struct iphdr ip;
			struct udphdr udp;
		} error;
	};
} __attribute__((packed, aligned(4)));

static uint32_t sum(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t total = 0;
	size_t i;

	for (i = 0; i < len; i += 2)
		total += p[i] << 8 | p[i + 1];
	return total;
}

static uint16_t checksum(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return htons(~total & 0xffff);
}

/* Never 0, which would mean none. */
static uint16_t checksum6(const struct packet6 *p, uint8_t proto, size_t len)
{
	uint16_t check = checksum(sum(&p->ip.ip6_src, 32) + len + proto +
				  sum(p->data, len));

	return check ? check : 0xffff;
}

static uint16_t checksum4(const struct packet4 *p, size_t len)
{
	uint16_t check = checksum(sum(&p->ip.saddr, 8) + len +
				  p->ip.protocol + sum(p->data, len));

	return check ? check : 0xffff;
}

static void header6(struct packet6 *p, uint8_t proto, size_t len)
{
	p->ip.ip6_flow = htonl(6 << 28);
	p->ip.ip6_plen = htons(len);
	p->ip.ip6_nxt = proto;
	p->ip.ip6_hlim = 64;
	p->ip.ip6_dst = to6;
}

static void udp_header(struct udphdr *udp, uint16_t from, uint16_t to)
{
	udp->source = htons(from);
	udp->dest = htons(to);
	udp->len = htons(sizeof(struct datagram));
	udp->check = 0;
}

static size_t datagram6(struct packet6 *p, uint16_t from, uint16_t to)
{
	size_t len = sizeof(p->datagram);

	header6(p, IPPROTO_UDP, len);
	udp_header(&p->datagram.udp, from, to);
	p->datagram.udp.check = checksum6(p, IPPROTO_UDP, len);
	return sizeof(p->ip) + len;
}

/* Words 2 and 3 of 2001:db8:HIGH:LOW::LAST */
static void source6(struct packet6 *p, uint32_t words, uint32_t last)
{
	struct in6_addr *src = &p->ip.ip6_src;

	src->s6_addr32[0] = htonl(0x20010db8);
	src->s6_addr32[1] = htonl(words);
	src->s6_addr32[3] = htonl(last);
}

static size_t from_clients(void *at, unsigned long i)
{
	source6(at, 0xc << 16 | i % clients, 1);
	return datagram6(at, 1024 + i / clients % PORTS, port);
}

static size_t from_hosts(void *at, unsigned long i)
{
	source6(at, 0xc << 16 | 1, i);
	return datagram6(at, 5000, port);
}

static size_t from_subscribers(void *at, unsigned long i)
{
	source6(at, 1u << 31 | i, 1);
	return datagram6(at, 5000, port);
}

static size_t from_socket(void *at, unsigned long i)
{
	(void)i;
	source6(at, 0xc << 16 | 2, 1);
	return datagram6(at, 5000, port);
}

static size_t to_servers(void *at, unsigned long i)
{
	source6(at, 0xc << 16 | 2, 1);
	to6.s6_addr32[3] = htonl(ntohl(to4.s_addr) + i / 65535);
	return datagram6(at, 5000, 1 + i % 65535);
}

static size_t with_last_hop(void *at, unsigned long i)
{
	struct packet6 *p = at;
	size_t len = from_hosts(at, i);

	/* net6 is a hop of its own. */
	p->ip.ip6_hlim = 2;
	return len;
}

static size_t fragment6(void *at, unsigned long i)
{
	struct packet6 *p = at;

	source6(p, 0xc << 16 | 1, 1);
	header6(p, IPPROTO_FRAGMENT, sizeof(p->fragment));
	p->fragment.frag.ip6f_nxt = IPPROTO_UDP;
	p->fragment.frag.ip6f_offlg = IP6F_MORE_FRAG;
	p->fragment.frag.ip6f_ident = htonl(i);
	udp_header(&p->fragment.datagram.udp, 5000, 53);
	return sizeof(p->ip) + sizeof(p->fragment);
}

static size_t error6(void *at, unsigned long i)
{
	struct packet6 *p = at;

	source6(p, 0xc << 16 | 1, i);
	header6(p, IPPROTO_ICMPV6, sizeof(p->error));
	p->error.icmp.icmp6_type = ICMP6_DST_UNREACH;
	p->error.icmp.icmp6_code = ICMP6_DST_UNREACH_NOPORT;
	p->error.ip = p->ip;
	p->error.ip.ip6_src = p->ip.ip6_dst;
	p->error.ip.ip6_dst = p->ip.ip6_src;
	p->error.ip.ip6_nxt = IPPROTO_UDP;
	p->error.ip.ip6_plen = htons(sizeof(struct datagram));
	udp_header(&p->error.udp, 53, 5000);
	p->error.icmp.icmp6_cksum = 0;
	p->error.icmp.icmp6_cksum = checksum6(p, IPPROTO_ICMPV6,
					      sizeof(p->error));
	return sizeof(p->ip) + sizeof(p->error);
}

static void header4(struct packet4 *p, uint8_t proto, size_t len,
		    unsigned long i)
{
	p->ip.version = 4;
	p->ip.ihl = sizeof(p->ip) / 4;
	p->ip.tot_len = htons(sizeof(p->ip) + len);
	p->ip.id = htons(1 + i % 65535);
	p->ip.ttl = 64;
	p->ip.protocol = proto;
	p->ip.saddr = htonl(198u << 24 | 18 << 16 | (i & 0x1ffff));
	p->ip.daddr = to4.s_addr;
}

static size_t from_senders(void *at, unsigned long i)
{
	struct packet4 *p = at;
	size_t len = sizeof(p->datagram);

	header4(p, IPPROTO_UDP, len, i);
	udp_header(&p->datagram.udp, 1024 + (i >> 17) % PORTS, port);
	p->datagram.udp.check = checksum4(p, len);
	return sizeof(p->ip) + len;
}

static size_t syn(void *at, unsigned long i)
{
	struct packet4 *p = at;
	size_t len = sizeof(p->tcp);

	header4(p, IPPROTO_TCP, len, i);
	p->tcp.source = htons(1024 + (i >> 17) % PORTS);
	p->tcp.dest = htons(port ? port : 1024 + i % PORTS);
	p->tcp.seq = htonl(i);
	p->tcp.doff = len / 4;
	p->tcp.syn = 1;
	p->tcp.window = htons(65535);
	p->tcp.check = 0;
	p->tcp.check = checksum4(p, len);
	return sizeof(p->ip) + len;
}

static size_t fragment4(void *at, unsigned long i)
{
	struct packet4 *p = at;

	header4(p, IPPROTO_UDP, sizeof(p->datagram), i);
	p->ip.frag_off = htons(IP_MF);
	udp_header(&p->datagram.udp, 53, 5000);
	return sizeof(p->ip) + sizeof(p->datagram);
}

static size_t error4(void *at, unsigned long i)
{
	struct packet4 *p = at;

	header4(p, IPPROTO_ICMP, sizeof(p->error), i);
	p->error.icmp.type = ICMP_DEST_UNREACH;
	p->error.icmp.code = ICMP_PORT_UNREACH;
	p->error.ip = p->ip;
	p->error.ip.saddr = p->ip.daddr;
	p->error.ip.daddr = p->ip.saddr;
	p->error.ip.protocol = IPPROTO_UDP;
	p->error.ip.tot_len = htons(sizeof(struct iphdr) +
				    sizeof(struct datagram));
	p->error.ip.check = 0;
	p->error.ip.check = checksum(sum(&p->error.ip, sizeof(p->error.ip)));
	udp_header(&p->error.udp, 5000, 53);
	p->error.icmp.checksum = 0;
	p->error.icmp.checksum = checksum(sum(&p->error, sizeof(p->error)));
	return sizeof(p->ip) + sizeof(p->error);
}

static const struct kind {
	const char *name;
	int family;
	size_t (*build)(void *packet, unsigned long number);
} kinds[] = {
	{ "clients", AF_INET6, from_clients },
	{ "hosts", AF_INET6, from_hosts },
	{ "subscribers", AF_INET6, from_subscribers },
	{ "socket", AF_INET6, from_socket },
	{ "servers", AF_INET6, to_servers },
	{ "lasthops", AF_INET6, with_last_hop },
	{ "fragments6", AF_INET6, fragment6 },
	{ "errors6", AF_INET6, error6 },
	{ "senders", AF_INET, from_senders },
	{ "syns", AF_INET, syn },
	{ "fragments4", AF_INET, fragment4 },
	{ "errors4", AF_INET, error4 },
	{ NULL, 0, NULL },
};

static void stop(int number)
{
	(void)number;
	over = 1;
}

/* Packets for one call: in User-Mode Linux it costs more than they do. */
static struct {
	union {
		struct packet6 six;
		struct packet4 four;
	} packet[BATCH];
	union {
		struct sockaddr_in6 six;
		struct sockaddr_in four;
	} to[BATCH];
	struct iovec vec[BATCH];
	struct mmsghdr msg[BATCH];
} batch;

static void fill(const struct kind *k, unsigned int n, unsigned long i)
{
	struct msghdr *m = &batch.msg[n].msg_hdr;

	batch.vec[n].iov_base = &batch.packet[n];
	batch.vec[n].iov_len = k->build(&batch.packet[n], i);
	m->msg_iov = &batch.vec[n];
	m->msg_iovlen = 1;
	m->msg_name = &batch.to[n];
	if (k->family == AF_INET6) {
		batch.to[n].six = (struct sockaddr_in6){
			.sin6_family = AF_INET6, .sin6_addr = to6 };
		m->msg_namelen = sizeof(batch.to[n].six);
	} else {
		batch.to[n].four = (struct sockaddr_in){
			.sin_family = AF_INET, .sin_addr = to4 };
		m->msg_namelen = sizeof(batch.to[n].four);
	}
}

static int send_all(int fd, const struct kind *k, unsigned long count)
{
	unsigned long i = 0;
	unsigned int n;
	int sent;

	while (!over && (!count || i < count)) {
		for (n = 0; n < BATCH && (!count || i + n < count); n++)
			fill(k, n, i + n);
		sent = sendmmsg(fd, batch.msg, n, 0);
		if (sent >= 0) {
			i += sent;
		} else if (errno == ENOBUFS || errno == EAGAIN) {
			usleep(1000);
		} else if (errno != EINTR) {
			perror("sendmmsg");
			return 1;
		}
	}
	printf("%lu\n", i);
	return 0;
}

static const struct kind *kind_named(const char *name)
{
	const struct kind *k = kinds;

	while (k->name && strcmp(k->name, name))
		k++;
	return k->name ? k : NULL;
}

/* An IPv4 destination may be written in a prefix of 96 bits as well. */
static int read_destination(const struct kind *k, const char *text)
{
	if (k->family == AF_INET)
		return inet_pton(AF_INET, text, &to4);
	if (inet_pton(AF_INET6, text, &to6) != 1)
		return 0;
	to4.s_addr = to6.s6_addr32[3];
	return 1;
}

int main(int argc, char **argv)
{
	const struct kind *k = argc > 3 ? kind_named(argv[1]) : NULL;
	int fd;

	if (!k || read_destination(k, argv[3]) != 1) {
		fprintf(stderr, "usage: flood KIND COUNT DESTINATION [PORT [CLIENTS]]\n");
		return 2;
	}
	port = argc > 4 ? atoi(argv[4]) : 0;
	clients = argc > 5 ? strtoul(argv[5], NULL, 10) : 1;
	signal(SIGTERM, stop);
	fd = socket(k->family, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0) {
		perror("socket");
		return 1;
	}
	return send_all(fd, k, strtoul(argv[2], NULL, 10));
}
