// SPDX-License-Identifier: GPL-2.0
/*
 * Many flows from many clients, as fast as a raw socket takes them: one UDP
 * datagram each.
 *
 *   flood COUNT CLIENTS DESTINATION PORT
 *
 * Flow i comes from client i % CLIENTS, whose address is 2001:db8:c:N::1, and
 * from port 1024 + i / CLIENTS.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct datagram {
	struct ip6_hdr ip;
	struct udphdr udp;
	char data[8];
};

#define UDP_LEN	(sizeof(struct udphdr) + 8)

static uint32_t sum(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t total = 0;
	size_t i;

	for (i = 0; i < len; i += 2)
		total += p[i] << 8 | p[i + 1];
	return total;
}

static uint16_t checksum(const struct datagram *d)
{
	uint32_t total = sum(&d->ip.ip6_src, 32) + UDP_LEN + IPPROTO_UDP +
			 sum(&d->udp, UDP_LEN);

	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	total = ~total & 0xffff;
	return htons(total ? total : 0xffff);
}

static void fill(struct datagram *d, unsigned long flow, unsigned long clients)
{
	unsigned long client = flow % clients;

	d->ip.ip6_src.s6_addr[6] = client >> 8;
	d->ip.ip6_src.s6_addr[7] = client;
	d->udp.source = htons(1024 + flow / clients);
	d->udp.check = 0;
	d->udp.check = checksum(d);
}

static int send_all(int fd, const struct sockaddr_in6 *to, unsigned long count,
		    unsigned long clients, uint16_t port)
{
	struct datagram d = {
		.ip.ip6_flow = htonl(6 << 28),
		.ip.ip6_plen = htons(UDP_LEN),
		.ip.ip6_nxt = IPPROTO_UDP,
		.ip.ip6_hlim = 64,
		.ip.ip6_dst = to->sin6_addr,
		.udp.dest = htons(port),
		.udp.len = htons(UDP_LEN),
		.data = "flood",
	};
	unsigned long i = 0;

	inet_pton(AF_INET6, "2001:db8:c::1", &d.ip.ip6_src);
	while (i < count) {
		fill(&d, i, clients);
		if (sendto(fd, &d, sizeof(d), 0, (const void *)to,
			   sizeof(*to)) == sizeof(d)) {
			i++;
		} else if (errno == ENOBUFS || errno == EAGAIN) {
			usleep(1000);
		} else {
			perror("sendto");
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };
	int fd;

	if (argc != 5 || inet_pton(AF_INET6, argv[3], &to.sin6_addr) != 1) {
		fprintf(stderr, "usage: flood COUNT CLIENTS DESTINATION PORT\n");
		return 2;
	}
	fd = socket(AF_INET6, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0) {
		perror("socket");
		return 1;
	}
	return send_all(fd, &to, strtoul(argv[1], NULL, 10),
			strtoul(argv[2], NULL, 10),
			strtoul(argv[4], NULL, 10));
}
