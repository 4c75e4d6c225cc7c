// SPDX-License-Identifier: GPL-2.0
#include <netinet/in.h>

#include "parse.h"
#include "plan.h"
#include "print.h"
#include "request.h"

const struct keyword pool_keywords[] = {
	{ "ports", OPERAND_PORTS, NAT64_A_PORT_MIN },
	{ "proto", OPERAND_PROTO, NAT64_A_PROTO },
	{ "no-pat", OPERAND_NONE, NAT64_A_FLAGS, .flag = NAT64_F_NO_PAT },
	{ "force", OPERAND_NONE, NAT64_A_FLAGS, .flag = NAT64_F_FORCE },
	{}
};

static const struct field fields[] = {
	{ "first", FIELD_ADDR4, NAT64_A_ADDR4 },
	{ "last", FIELD_ADDR4, NAT64_A_ADDR4_LAST },
	{ "range", FIELD_RANGE, NAT64_A_ADDR4, .text_only = true },
	{ "port_min", FIELD_NUMBER, NAT64_A_PORT_MIN },
	{ "port_max", FIELD_NUMBER, NAT64_A_PORT_MAX },
	{ "proto", FIELD_PROTO, NAT64_A_PROTO, .absent = "any" },
	{ "no_pat", FIELD_FLAG, NAT64_A_FLAGS, NAT64_F_NO_PAT },
	{ "force", FIELD_FLAG, NAT64_A_FLAGS, NAT64_F_FORCE },
	{ "ports_used", FIELD_NUMBER, NAT64_A_PORTS_USED },
	{ "ports_total", FIELD_NUMBER, NAT64_A_PORTS_TOTAL },
	{}
};

static const struct column columns[] = {
	{ "ADDRESSES", "{range}" },
	{ "PORTS", "{port_min}-{port_max}" },
	{ "PROTO", "{proto}" },
	{ "MODE", "[?no_pat:no-pat][?force: force]" },
	{ "USED", "{ports_used}", COLUMN_STATS, true },
	{ "TOTAL", "{ports_total}", COLUMN_STATS, true },
	{}
};

static const struct listing listing = { fields, .columns = columns };

int pool_show(struct ctl *ctl, struct words *w)
{
	int err = parse_end(ctl, w);

	return err ?: request_show(ctl, NAT64_CMD_POOL_GET, NULL, &listing);
}

void pool_normalize(struct entry *e)
{
	if (!entry_number(e, NAT64_A_PORT_MIN) &&
	    entry_number(e, NAT64_A_PORT_MAX) == UINT16_MAX)
		e->has &= ~(ENTRY_BIT(PORT_MIN) | ENTRY_BIT(PORT_MAX));
}

static int parse_pool(struct ctl *ctl, struct words *w, struct op *op)
{
	const char *word = parse_take(ctl, w, "the address or range");
	struct in_addr first, last;
	const char *wrong;
	int err;

	if (!word)
		return CTL_USAGE;
	wrong = parse_range4(word, &first, &last);
	if (wrong) {
		complain(ctl, "\"%s\" is %s", word, wrong);
		return CTL_USAGE;
	}
	op->object = NAT64_OBJECT_POOL;
	entry_set_addr4(&op->e, NAT64_A_ADDR4, first);
	entry_set_addr4(&op->e, NAT64_A_ADDR4_LAST, last);
	err = parse_keywords(ctl, w, pool_keywords, &op->e);
	pool_normalize(&op->e);
	return err;
}

int pool_add(struct ctl *ctl, struct words *w, struct op *op)
{
	op->kind = NAT64_OP_ADD;
	return parse_pool(ctl, w, op);
}

int pool_del(struct ctl *ctl, struct words *w, struct op *op)
{
	op->kind = NAT64_OP_DEL;
	return parse_pool(ctl, w, op);
}

int pool_flush(struct ctl *ctl, struct words *w, struct op *op)
{
	op->kind = NAT64_OP_FLUSH;
	op->object = NAT64_OBJECT_POOL;
	return parse_end(ctl, w);
}
