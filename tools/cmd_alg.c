// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "parse.h"
#include "plan.h"
#include "print.h"
#include "request.h"

const struct keyword alg_keywords[] = {
	{ "port", OPERAND_PORT, NAT64_A_PORT4, .repeat = true },
	{}
};

static const struct field fields[] = {
	{ "name", FIELD_TEXT, NAT64_A_NAME },
	{ "enabled", FIELD_FLAG, NAT64_A_FLAGS, NAT64_F_ENABLED },
	{ "ports", FIELD_PORTS, NAT64_A_PORT4 },
	{ "default_port", FIELD_NUMBER, NAT64_A_DEFAULT },
	{ "help", FIELD_TEXT, NAT64_A_HELP },
	{}
};

static const struct column columns[] = {
	{ "NAME", "{name}" },
	{ "STATE", "[?enabled:enabled]" },
	{ "PORTS", "{ports}" },
	{ "DEFAULT", "{default_port}", .right = true },
	{ "EXPLANATION", "{help}", COLUMN_DETAILS },
	{}
};

static const struct listing listing = { fields, .columns = columns };

int alg_show(struct ctl *ctl, struct words *w)
{
	int err = parse_end(ctl, w);

	return err ?: request_show(ctl, NAT64_CMD_ALG_GET, NULL, &listing);
}

static int parse_alg(struct ctl *ctl, struct words *w, struct op *op)
{
	op->object = NAT64_OBJECT_ALG;
	return parse_text(ctl, w, "name of an ALG", NAT64_NAME_MAX, &op->e,
			  NAT64_A_NAME);
}

static int port_order(const void *a, const void *b)
{
	const uint16_t *x = a, *y = b;

	return *x - *y;
}

/* As the module keeps them: in order, each once. */
static void sort_ports(struct entry *e)
{
	unsigned int i, n = 0;

	qsort(e->ports, e->nports, sizeof(e->ports[0]), port_order);
	for (i = 0; i < e->nports; i++) {
		if (!n || e->ports[n - 1] != e->ports[i])
			e->ports[n++] = e->ports[i];
	}
	e->nports = n;
}

int alg_enable(struct ctl *ctl, struct words *w, struct op *op)
{
	int err = parse_alg(ctl, w, op);

	op->kind = NAT64_OP_ADD;
	if (!err)
		err = parse_keywords(ctl, w, alg_keywords, &op->e);
	sort_ports(&op->e);
	return err;
}

int alg_disable(struct ctl *ctl, struct words *w, struct op *op)
{
	int err = parse_alg(ctl, w, op);

	op->kind = NAT64_OP_DEL;
	return err ?: parse_end(ctl, w);
}
