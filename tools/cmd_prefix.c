// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <string.h>

#include "parse.h"
#include "plan.h"
#include "print.h"
#include "request.h"

/* RFC 6052 2.1 */
#define WELL_KNOWN_PREFIX	"64:ff9b::/96"

static const struct field fields[] = {
	{ "prefix", FIELD_PREFIX, NAT64_A_ADDR6 },
	{ "sessions", FIELD_NUMBER, NAT64_A_SESSIONS },
	{}
};

static const struct column columns[] = {
	{ "PREFIX", "{prefix}" },
	{ "SESSIONS", "{sessions}", COLUMN_STATS, true },
	{}
};

static const struct listing listing = { fields, .columns = columns };

int prefix_show(struct ctl *ctl, struct words *w)
{
	int err = parse_end(ctl, w);

	return err ?: request_show(ctl, NAT64_CMD_PREFIX_GET, NULL, &listing);
}

static int parse_prefix(struct ctl *ctl, struct words *w, struct op *op)
{
	const char *word = parse_take(ctl, w, "the prefix");
	struct in6_addr addr;
	uint64_t len;

	if (!word)
		return CTL_USAGE;
	if (!strcmp(word, "default"))
		word = WELL_KNOWN_PREFIX;
	if (!strchr(word, '/') || !parse_net6(word, &addr, &len)) {
		complain(ctl, "\"%s\" is not an IPv6 prefix", word);
		return CTL_USAGE;
	}
	op->object = NAT64_OBJECT_PREFIX;
	entry_set_addr6(&op->e, NAT64_A_ADDR6, &addr);
	entry_set_number(&op->e, NAT64_A_PREFIX_LEN, len);
	return parse_end(ctl, w);
}

int prefix_add(struct ctl *ctl, struct words *w, struct op *op)
{
	op->kind = NAT64_OP_ADD;
	return parse_prefix(ctl, w, op);
}

int prefix_del(struct ctl *ctl, struct words *w, struct op *op)
{
	op->kind = NAT64_OP_DEL;
	return parse_prefix(ctl, w, op);
}
