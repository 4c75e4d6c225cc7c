// SPDX-License-Identifier: GPL-2.0
#include "parse.h"
#include "print.h"
#include "request.h"

static const struct field fields[] = {
	{ "name", FIELD_TEXT, NAT64_A_NAME },
	{ "value", FIELD_NUMBER, NAT64_A_VALUE },
	{ "help", FIELD_TEXT, NAT64_A_HELP },
	{}
};

static const struct column columns[] = {
	{ "COUNTER", "{name}" },
	{ "VALUE", "{value}", .right = true },
	{ "EXPLANATION", "{help}", COLUMN_DETAILS },
	{}
};

static const struct listing listing = { fields, .columns = columns };

int stats_show(struct ctl *ctl, struct words *w)
{
	int err = parse_end(ctl, w);

	return err ?: request_show(ctl, NAT64_CMD_STATS_GET, NULL, &listing);
}

int stats_reset(struct ctl *ctl, struct words *w)
{
	int err = parse_end(ctl, w);

	return err ?: request_do(ctl, NAT64_CMD_STATS_RESET, NULL, NULL, NULL);
}
