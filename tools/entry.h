/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An entry is one set of netlink attributes in memory: what a command line
 * asks for, what a filter demands, or what the kernel reported.
 */
#ifndef _NAT64CTL_ENTRY_H
#define _NAT64CTL_ENTRY_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <linux/netlink.h>
#include <linux/nat64.h>

struct nl_msg;

/* Ports of one ALG; the kernel refuses more than it supports. */
#define ENTRY_PORTS_MAX	16

enum attr_type {
	ATTR_NONE,
	ATTR_U8,
	ATTR_U16,
	ATTR_U32,
	ATTR_U64,
	ATTR_TEXT,
	ATTR_ADDR4,
	ATTR_ADDR6,
};

/**
 * struct entry - the attributes of one object
 * @has: bit n tells whether attribute n is present
 * @nports: how many of @ports are in use
 * @ports: every NAT64_A_PORT4 where the object may have several (an ALG)
 * @value: the attributes, indexed by enum nat64_attr. Numbers in host byte
 *	order, addresses in network byte order. Texts are borrowed, from the
 *	message or from the command line.
 */
struct entry {
	uint64_t has;
	unsigned int nports;
	uint16_t ports[ENTRY_PORTS_MAX];
	union {
		uint64_t number;
		const char *text;
		struct in_addr addr4;
		struct in6_addr addr6;
	} value[NAT64_A_MAX + 1];
};

static inline bool entry_has(const struct entry *e, int attr)
{
	return e->has >> attr & 1;
}

static inline uint64_t entry_number(const struct entry *e, int attr)
{
	return entry_has(e, attr) ? e->value[attr].number : 0;
}

static inline const char *entry_text(const struct entry *e, int attr)
{
	return entry_has(e, attr) ? e->value[attr].text : "";
}

void entry_clear(struct entry *e);
void entry_set_number(struct entry *e, int attr, uint64_t number);
void entry_set_text(struct entry *e, int attr, const char *text);
void entry_set_addr4(struct entry *e, int attr, struct in_addr addr);
void entry_set_addr6(struct entry *e, int attr, const struct in6_addr *addr);

enum attr_type entry_attr_type(int attr);

/**
 * entry_read - takes the attributes of a message
 * @e: where to put them; cleared first
 * @attrs: the first attribute
 * @len: bytes of attributes
 *
 * Attributes that are unknown or of the wrong size are left out, so that a
 * newer module can be read.
 */
void entry_read(struct entry *e, const void *attrs, size_t len);

/* Return: 0, or -EMSGSIZE where the message has no room left. */
int entry_write(const struct entry *e, struct nl_msg *msg);

/* Copies @from with texts of its own; entry_drop() frees them. */
void entry_copy(struct entry *to, const struct entry *from);
void entry_drop(struct entry *e);

/* Compares the attributes whose bits are set in @mask, presence included.
 * Return: less than, equal to or greater than 0.
 */
int entry_order(const struct entry *a, const struct entry *b, uint64_t mask);

#define ENTRY_BIT(name)	(1ULL << NAT64_A_##name)

#endif /* _NAT64CTL_ENTRY_H */
