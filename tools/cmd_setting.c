// SPDX-License-Identifier: GPL-2.0
/*
 * Timeouts, limits and options: the module names, bounds and explains them,
 * so that there is no list of them here.
 */
#include "parse.h"
#include "plan.h"
#include "print.h"
#include "request.h"

static const struct field timeout_fields[] = {
	{ "name", FIELD_TEXT, NAT64_A_NAME },
	{ "value_ms", FIELD_DURATION, NAT64_A_VALUE },
	{ "default_ms", FIELD_DURATION, NAT64_A_DEFAULT },
	{ "min_ms", FIELD_DURATION, NAT64_A_MIN },
	{ "help", FIELD_TEXT, NAT64_A_HELP },
	{}
};

static const struct column timeout_columns[] = {
	{ "TIMEOUT", "{name}" },
	{ "VALUE", "{value_ms}", .right = true },
	{ "DEFAULT", "{default_ms}", .right = true },
	{ "FLOOR", "{min_ms}", .right = true },
	{ "EXPLANATION", "{help}", COLUMN_DETAILS },
	{}
};

static const struct field limit_fields[] = {
	{ "name", FIELD_TEXT, NAT64_A_NAME },
	{ "value", FIELD_NUMBER, NAT64_A_VALUE },
	{ "default", FIELD_NUMBER, NAT64_A_DEFAULT },
	{ "help", FIELD_TEXT, NAT64_A_HELP },
	{}
};

static const struct column limit_columns[] = {
	{ "LIMIT", "{name}" },
	{ "VALUE", "{value}", .right = true },
	{ "DEFAULT", "{default}", .right = true },
	{ "EXPLANATION", "{help}", COLUMN_DETAILS },
	{}
};

static const struct field option_fields[] = {
	{ "name", FIELD_TEXT, NAT64_A_NAME },
	{ "value", FIELD_TEXT, NAT64_A_OPTION_TEXT },
	{ "default", FIELD_TEXT, NAT64_A_DEFAULT_TEXT },
	{ "choices", FIELD_TEXT, NAT64_A_CHOICES },
	{ "help", FIELD_TEXT, NAT64_A_HELP },
	{}
};

static const struct column option_columns[] = {
	{ "OPTION", "{name}" },
	{ "VALUE", "{value}" },
	{ "DEFAULT", "{default}" },
	{ "CHOICES", "{choices}" },
	{ "EXPLANATION", "{help}", COLUMN_DETAILS },
	{}
};

static int show(struct ctl *ctl, struct words *w, uint8_t cmd,
		const struct field *fields, const struct column *columns)
{
	struct listing listing = { fields, .columns = columns };
	int err = parse_end(ctl, w);

	return err ?: request_show(ctl, cmd, NULL, &listing);
}

int timeout_show(struct ctl *ctl, struct words *w)
{
	return show(ctl, w, NAT64_CMD_TIMEOUT_GET, timeout_fields,
		    timeout_columns);
}

int limit_show(struct ctl *ctl, struct words *w)
{
	return show(ctl, w, NAT64_CMD_LIMIT_GET, limit_fields, limit_columns);
}

int option_show(struct ctl *ctl, struct words *w)
{
	return show(ctl, w, NAT64_CMD_OPTION_GET, option_fields,
		    option_columns);
}

static int parse_name(struct ctl *ctl, struct words *w, const char *what,
		      uint8_t object, struct op *op)
{
	op->object = object;
	return parse_text(ctl, w, what, NAT64_NAME_MAX, &op->e, NAT64_A_NAME);
}

int timeout_set(struct ctl *ctl, struct words *w, struct op *op)
{
	int err = parse_name(ctl, w, "timeout", NAT64_OBJECT_TIMEOUT, op);
	const char *word;
	uint64_t ms;

	if (err)
		return err;
	word = parse_take(ctl, w, "the duration");
	if (!word)
		return CTL_USAGE;
	if (!parse_duration(word, &ms)) {
		complain(ctl, "\"%s\" is not a duration (as 300, 300s, 5min, 2h, 1d or 500ms)",
			 word);
		return CTL_USAGE;
	}
	op->kind = NAT64_OP_SET;
	entry_set_number(&op->e, NAT64_A_VALUE, ms);
	return parse_end(ctl, w);
}

int limit_set(struct ctl *ctl, struct words *w, struct op *op)
{
	int err = parse_name(ctl, w, "limit", NAT64_OBJECT_LIMIT, op);
	const char *word;
	uint64_t n;

	if (err)
		return err;
	word = parse_take(ctl, w, "the number");
	if (!word)
		return CTL_USAGE;
	if (!parse_number(word, UINT64_MAX, &n)) {
		complain(ctl, "\"%s\" is not a number", word);
		return CTL_USAGE;
	}
	op->kind = NAT64_OP_SET;
	entry_set_number(&op->e, NAT64_A_VALUE, n);
	return parse_end(ctl, w);
}

int option_set(struct ctl *ctl, struct words *w, struct op *op)
{
	int err = parse_name(ctl, w, "option", NAT64_OBJECT_OPTION, op);

	if (!err)
		err = parse_text(ctl, w, "value", NAT64_TEXT_MAX, &op->e,
				 NAT64_A_OPTION_TEXT);
	op->kind = NAT64_OP_SET;
	return err ?: parse_end(ctl, w);
}

static int reset(struct ctl *ctl, struct words *w, const char *what,
		 uint8_t object, struct op *op)
{
	int err;

	op->kind = NAT64_OP_RESET;
	op->object = object;
	if (!w->left)
		return CTL_OK;
	err = parse_name(ctl, w, what, object, op);
	return err ?: parse_end(ctl, w);
}

int timeout_reset(struct ctl *ctl, struct words *w, struct op *op)
{
	return reset(ctl, w, "timeout", NAT64_OBJECT_TIMEOUT, op);
}

int limit_reset(struct ctl *ctl, struct words *w, struct op *op)
{
	return reset(ctl, w, "limit", NAT64_OBJECT_LIMIT, op);
}

int option_reset(struct ctl *ctl, struct words *w, struct op *op)
{
	return reset(ctl, w, "option", NAT64_OBJECT_OPTION, op);
}
