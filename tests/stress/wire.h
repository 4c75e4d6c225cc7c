/* SPDX-License-Identifier: GPL-2.0 */
/* Packets in memory, their checksums, a repeatable choice, and mutation. */
#ifndef _NAT64_STRESS_WIRE_H
#define _NAT64_STRESS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX	1500

/** struct packet - an IP packet of either family */
struct packet {
	unsigned int len;
	uint8_t data[PACKET_MAX];
};

/**
 * struct course - what a program is told
 * @seed: of its choices
 * @count: how much it sends
 * @spoilt: percentage of that
 */
struct course {
	unsigned long long seed;
	unsigned long count;
	unsigned int spoilt;
};

/** course_begin() - read the command line; the same seed, the same choices */
void course_begin(struct course *c, int argc, char **argv);

uint32_t choice_any(void);

/** choice() - one of @count numbers, from 0 */
uint32_t choice(uint32_t count);

/** chance() - true @part times of @of */
bool chance(uint32_t part, uint32_t of);

void put16(uint8_t *at, uint16_t value);
void put32(uint8_t *at, uint32_t value);
uint16_t get16(const uint8_t *at);
uint32_t get32(const uint8_t *at);

bool is_six(const struct packet *p);

/** packet_proto() - the protocol after the fixed header */
uint8_t packet_proto(const struct packet *p);

/** packet_l4() - offset of the octets after the (whole) IP header */
unsigned int packet_l4(const struct packet *p);

/** packet_six(), packet_four() - a header; @p has @len octets behind it */
void packet_six(struct packet *p, const uint8_t *src, const uint8_t *dst,
		uint8_t proto, unsigned int len);
void packet_four(struct packet *p, uint32_t src, uint32_t dst, uint8_t proto,
		 unsigned int len);

/** packet_fit() - lengths and the IPv4 checksum agree with the octets */
void packet_fit(struct packet *p);

/** packet_sum() - fill in the checksum of the protocol, if it has one */
void packet_sum(struct packet *p);

/** packet_doubt() - mark @p: its checksums may be wrong, also when it arrives */
void packet_doubt(struct packet *p);

/** packet_wrong() - what is wrong with a packet that was received, or NULL */
const char *packet_wrong(const struct packet *p);

/** packet_cut() - fragment @p; returns the number of @pieces (at most 4) */
unsigned int packet_cut(const struct packet *p, uint32_t id, unsigned int size,
			struct packet *pieces);

/** spoil() - change some octets, or their number */
void spoil(uint8_t *data, unsigned int *len, unsigned int room);

#endif /* _NAT64_STRESS_WIRE_H */
