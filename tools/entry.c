// SPDX-License-Identifier: GPL-2.0
#include "entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "memory.h"

_Static_assert(NAT64_A_MAX < 64, "struct entry keeps presence in 64 bits");

static const uint8_t types[NAT64_A_MAX + 1] = {
	[NAT64_A_OP_KIND]	= ATTR_U8,
	[NAT64_A_OBJECT]	= ATTR_U8,
	[NAT64_A_NAME]		= ATTR_TEXT,
	[NAT64_A_VALUE]		= ATTR_U64,
	[NAT64_A_DEFAULT]	= ATTR_U64,
	[NAT64_A_MIN]		= ATTR_U64,
	[NAT64_A_OPTION_TEXT]	= ATTR_TEXT,
	[NAT64_A_DEFAULT_TEXT]	= ATTR_TEXT,
	[NAT64_A_CHOICES]	= ATTR_TEXT,
	[NAT64_A_HELP]		= ATTR_TEXT,
	[NAT64_A_PROTO]		= ATTR_U8,
	[NAT64_A_STATE]		= ATTR_U8,
	[NAT64_A_FLAGS]		= ATTR_U32,
	[NAT64_A_ADDR6]		= ATTR_ADDR6,
	[NAT64_A_ADDR6_LEN]	= ATTR_U8,
	[NAT64_A_PORT6]		= ATTR_U16,
	[NAT64_A_REMOTE6]	= ATTR_ADDR6,
	[NAT64_A_REMOTE_PORT6]	= ATTR_U16,
	[NAT64_A_ADDR4]		= ATTR_ADDR4,
	[NAT64_A_ADDR4_LAST]	= ATTR_ADDR4,
	[NAT64_A_ADDR4_LEN]	= ATTR_U8,
	[NAT64_A_PORT4]		= ATTR_U16,
	[NAT64_A_REMOTE4]	= ATTR_ADDR4,
	[NAT64_A_REMOTE4_LEN]	= ATTR_U8,
	[NAT64_A_REMOTE_PORT4]	= ATTR_U16,
	[NAT64_A_PREFIX_LEN]	= ATTR_U8,
	[NAT64_A_PORT_MIN]	= ATTR_U16,
	[NAT64_A_PORT_MAX]	= ATTR_U16,
	[NAT64_A_PORTS_USED]	= ATTR_U64,
	[NAT64_A_PORTS_TOTAL]	= ATTR_U64,
	[NAT64_A_EXPIRES_MS]	= ATTR_U64,
	[NAT64_A_ALG]		= ATTR_TEXT,
	[NAT64_A_GENID]		= ATTR_U32,
	[NAT64_A_VERSION]	= ATTR_TEXT,
	[NAT64_A_SESSIONS]	= ATTR_U32,
	[NAT64_A_BINDINGS]	= ATTR_U32,
	[NAT64_A_SUBSCRIBERS]	= ATTR_U32,
	[NAT64_A_GATES]		= ATTR_U32,
	[NAT64_A_STORED_SYNS]	= ATTR_U32,
	[NAT64_A_HELD_PORTS]	= ATTR_U32,
	[NAT64_A_PREFIXES]	= ATTR_U32,
	[NAT64_A_POOLS]		= ATTR_U32,
	[NAT64_A_POOL_ADDRESSES] = ATTR_U32,
	[NAT64_A_ACTIVE]	= ATTR_U8,
	[NAT64_A_EVENT]		= ATTR_U8,
	[NAT64_A_QUOTA]		= ATTR_U8,
	[NAT64_A_TIMESTAMP_MS]	= ATTR_U64,
	[NAT64_A_OWNER_PORT6]	= ATTR_U16,
	[NAT64_A_OWNER_PORT4]	= ATTR_U16,
	[NAT64_A_OWNER_REMOTE_PORT] = ATTR_U16,
};

static const uint8_t sizes[] = {
	[ATTR_U8] = 1, [ATTR_U16] = 2, [ATTR_U32] = 4, [ATTR_U64] = 8,
	[ATTR_ADDR4] = 4, [ATTR_ADDR6] = 16,
};

enum attr_type entry_attr_type(int attr)
{
	return types[attr];
}

void entry_clear(struct entry *e)
{
	e->has = 0;
	e->nports = 0;
}

static void mark(struct entry *e, int attr)
{
	e->has |= 1ULL << attr;
}

void entry_set_number(struct entry *e, int attr, uint64_t number)
{
	if (attr == NAT64_A_PORT4 && e->nports < ENTRY_PORTS_MAX)
		e->ports[e->nports++] = number;
	e->value[attr].number = number;
	mark(e, attr);
}

void entry_set_text(struct entry *e, int attr, const char *text)
{
	e->value[attr].text = text;
	mark(e, attr);
}

void entry_set_addr4(struct entry *e, int attr, struct in_addr addr)
{
	e->value[attr].addr4 = addr;
	mark(e, attr);
}

void entry_set_addr6(struct entry *e, int attr, const struct in6_addr *addr)
{
	e->value[attr].addr6 = *addr;
	mark(e, attr);
}

static bool well_formed(const struct nlattr *nla, int attr)
{
	int len = nla_len(nla);
	const char *text;

	if (attr < 1 || attr > NAT64_A_MAX || types[attr] == ATTR_NONE)
		return false;
	if (types[attr] != ATTR_TEXT)
		return len == sizes[types[attr]];
	text = nla_data(nla);
	return len > 0 && text[len - 1] == '\0';
}

static void take(struct entry *e, int attr, const struct nlattr *nla)
{
	const void *data = nla_data(nla);
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	switch (types[attr]) {
	case ATTR_U8:
		entry_set_number(e, attr, *(const uint8_t *)data);
		break;
	case ATTR_U16:
		memcpy(&u16, data, sizeof(u16));
		entry_set_number(e, attr, u16);
		break;
	case ATTR_U32:
		memcpy(&u32, data, sizeof(u32));
		entry_set_number(e, attr, u32);
		break;
	case ATTR_U64:
		memcpy(&u64, data, sizeof(u64));
		entry_set_number(e, attr, u64);
		break;
	case ATTR_TEXT:
		entry_set_text(e, attr, data);
		break;
	case ATTR_ADDR4:
	case ATTR_ADDR6:
		memcpy(&e->value[attr], data, sizes[types[attr]]);
		mark(e, attr);
		break;
	}
}

void entry_read(struct entry *e, const void *attrs, size_t len)
{
	const struct nlattr *nla = attrs;
	int left = len;
	int attr;

	entry_clear(e);
	for (; nla_ok(nla, left); nla = nla_next(nla, &left)) {
		attr = nla_type(nla);
		if (well_formed(nla, attr))
			take(e, attr, nla);
	}
}

static int put_number(struct nl_msg *msg, int attr, uint64_t number)
{
	uint16_t u16 = number;
	uint32_t u32 = number;
	uint8_t u8 = number;

	switch (types[attr]) {
	case ATTR_U8:
		return nla_put(msg, attr, sizeof(u8), &u8);
	case ATTR_U16:
		return nla_put(msg, attr, sizeof(u16), &u16);
	case ATTR_U32:
		return nla_put(msg, attr, sizeof(u32), &u32);
	default:
		return nla_put(msg, attr, sizeof(number), &number);
	}
}

static int put(const struct entry *e, struct nl_msg *msg, int attr)
{
	unsigned int i;
	int err;

	if (attr == NAT64_A_PORT4) {
		for (i = 0, err = 0; i < e->nports && !err; i++)
			err = put_number(msg, attr, e->ports[i]);
		return err;
	}
	switch (types[attr]) {
	case ATTR_TEXT:
		return nla_put_string(msg, attr, e->value[attr].text);
	case ATTR_ADDR4:
	case ATTR_ADDR6:
		return nla_put(msg, attr, sizes[types[attr]], &e->value[attr]);
	default:
		return put_number(msg, attr, e->value[attr].number);
	}
}

int entry_write(const struct entry *e, struct nl_msg *msg)
{
	int attr;

	for (attr = 1; attr <= NAT64_A_MAX; attr++) {
		if (entry_has(e, attr) && put(e, msg, attr))
			return -EMSGSIZE;
	}
	return 0;
}

void entry_copy(struct entry *to, const struct entry *from)
{
	int attr;

	*to = *from;
	for (attr = 1; attr <= NAT64_A_MAX; attr++) {
		if (types[attr] == ATTR_TEXT && entry_has(from, attr))
			to->value[attr].text =
				must(strdup(from->value[attr].text));
	}
}

void entry_drop(struct entry *e)
{
	int attr;

	for (attr = 1; attr <= NAT64_A_MAX; attr++) {
		if (types[attr] == ATTR_TEXT && entry_has(e, attr))
			free((char *)e->value[attr].text);
	}
	entry_clear(e);
}

static int order_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int order_ports(const struct entry *a, const struct entry *b)
{
	unsigned int i;
	int order = order_numbers(a->nports, b->nports);

	for (i = 0; !order && i < a->nports; i++)
		order = order_numbers(a->ports[i], b->ports[i]);
	return order;
}

static int order(const struct entry *a, const struct entry *b, int attr)
{
	if (entry_has(a, attr) != entry_has(b, attr))
		return entry_has(a, attr) - entry_has(b, attr);
	if (!entry_has(a, attr))
		return 0;
	if (attr == NAT64_A_PORT4)
		return order_ports(a, b);
	switch (types[attr]) {
	case ATTR_TEXT:
		return strcmp(a->value[attr].text, b->value[attr].text);
	case ATTR_ADDR4:
	case ATTR_ADDR6:
		return memcmp(&a->value[attr], &b->value[attr],
			      sizes[types[attr]]);
	default:
		return order_numbers(a->value[attr].number,
				     b->value[attr].number);
	}
}

int entry_order(const struct entry *a, const struct entry *b, uint64_t mask)
{
	int attr, result = 0;

	for (attr = 1; !result && attr <= NAT64_A_MAX; attr++) {
		if (mask >> attr & 1)
			result = order(a, b, attr);
	}
	return result;
}
