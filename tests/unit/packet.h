/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets for tests, built and summed without the code under test, so that
 * an expectation never comes from what it is compared with.
 */
#ifndef _NAT64_TESTS_PACKET_H
#define _NAT64_TESTS_PACKET_H

#include "portable.h"

struct pkt {
	u8 b[70000];
	u32 len;
};

void pkt_u8(struct pkt *p, u8 v);
void pkt_be16(struct pkt *p, u16 v);
void pkt_be32(struct pkt *p, u32 v);
void pkt_bytes(struct pkt *p, const void *data, u32 len);
void pkt_zero(struct pkt *p, u32 len);
void pkt_pattern(struct pkt *p, u32 len);
void pkt_set16(struct pkt *p, u32 at, u16 v);

/* A copy of exactly @len octets, so that the sanitizer sees each overrun. */
u8 *pkt_copy(const u8 *data, u32 len);

/* Internet checksum field (host order) over big-endian words */
u16 ref_csum(const u8 *data, u32 len, u32 sum);
/* Sum of the pseudo-header of an IPv6 or IPv4 packet at @ip */
u32 ref_pseudo(const u8 *ip, u32 len, u8 proto);

/* One flow, as it looks on both sides */
struct flow {
	u8 src6[16];
	u8 dst6[16];
	u8 src4[4];
	u8 dst4[4];
	u16 sport6;
	u16 dport6;
	u16 sport4;
	u16 dport4;
};

extern const struct flow flow_out; /* client to server */
extern const struct flow flow_in; /* server to client */

/*
 * What a packet of a flow is. kind is the IPv4 protocol number; echo takes
 * its identifier from the port on the client's side (id_from_source).
 */
struct spec {
	u8 kind;
	u8 echo_reply;
	u8 id_from_source;
	u8 udp_csum_zero;
	u8 tos;
	u8 ttl;
	u8 frag;
	u8 more;
	u8 df;
	u16 frag_off;
	u32 id;
	u32 payload;
	u8 ext6_first;
	const u8 *ext6;
	u32 ext6_len;
	const u8 *opt4;
	u32 opt4_len;
};

void build6(struct pkt *p, const struct flow *f, const struct spec *s);
void build4(struct pkt *p, const struct flow *f, const struct spec *s);

/* ICMP header; the checksum is set by close_icmp*() once all is there */
void open_icmp(struct pkt *p, u8 type, u8 code, u32 rest);
void close_icmp4(struct pkt *p);
void close_icmp6(struct pkt *p, const u8 *src, const u8 *dst);

#endif
