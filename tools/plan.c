// SPDX-License-Identifier: GPL-2.0
#include "plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "lines.h"
#include "memory.h"
#include "request.h"

/* An operation with the longest name and text, and every port of an ALG. */
#define OP_ROOM		512

struct op *plan_add(struct plan *plan, uint8_t kind, uint8_t object)
{
	struct op *op;

	if (plan->n == plan->room) {
		plan->room = 2 * plan->room + 4;
		plan->ops = must(reallocarray(plan->ops, plan->room,
					      sizeof(*op)));
	}
	op = &plan->ops[plan->n++];
	memset(op, 0, sizeof(*op));
	op->kind = kind;
	op->object = object;
	return op;
}

void plan_remove_last(struct plan *plan)
{
	struct op *op = &plan->ops[--plan->n];

	free(op->command);
	free(op->storage);
}

void plan_free(struct plan *plan)
{
	while (plan->n)
		plan_remove_last(plan);
	free(plan->ops);
	memset(plan, 0, sizeof(*plan));
}

static int op_write(const struct op *op, struct nl_msg *msg)
{
	struct nlattr *nest = nla_nest_start(msg, NLA_F_NESTED | NAT64_A_OP);

	if (!nest || nla_put_u8(msg, NAT64_A_OP_KIND, op->kind))
		return -EMSGSIZE;
	if (op->object && nla_put_u8(msg, NAT64_A_OBJECT, op->object))
		return -EMSGSIZE;
	if (entry_write(&op->e, msg))
		return -EMSGSIZE;
	return nla_nest_end(msg, nest);
}

/* Return: the operation whose attributes end behind @offset, or NULL. */
static const struct op *op_at(const struct plan *plan, const uint32_t *ends,
			      uint32_t offset)
{
	size_t i;

	if (!offset)
		return NULL;
	for (i = 0; i < plan->n; i++) {
		if (offset < ends[i])
			return &plan->ops[i];
	}
	return NULL;
}

static int refused(const struct ctl *ctl, const struct refusal *why,
		   const struct op *op, const char *file)
{
	struct ctl at = *ctl;

	if (op && op->command) {
		at.file = op->line ? file : NULL;
		at.line = op->line;
		at.command = op->command;
	}
	return request_refused(&at, why);
}

static int send_plan(struct ctl *ctl, const struct plan *plan,
		     struct nl_msg *msg, uint32_t *ends, const char *file)
{
	struct refusal why;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		if (op_write(&plan->ops[i], msg)) {
			nlmsg_free(msg);
			complain(ctl, "%s", strerror(EMSGSIZE));
			return CTL_REFUSED;
		}
		ends[i] = nlmsg_hdr(msg)->nlmsg_len;
	}
	if (!channel_request(ctl->channel, msg, NULL, NULL, &why))
		return CTL_OK;
	return refused(ctl, &why, op_at(plan, ends, why.offset), file);
}

int plan_apply(struct ctl *ctl, const struct plan *plan, const char *file)
{
	struct nl_msg *msg;
	uint32_t *ends;
	int err;

	err = request_open(ctl);
	if (err || !plan->n)
		return err;
	msg = channel_message(ctl->channel, NAT64_CMD_APPLY, false,
			      plan->n * OP_ROOM);
	ends = calloc(plan->n, sizeof(*ends));
	if (!msg || !ends) {
		nlmsg_free(msg);
		free(ends);
		complain(ctl, "%s", strerror(ENOMEM));
		return CTL_REFUSED;
	}
	err = send_plan(ctl, plan, msg, ends, file);
	free(ends);
	return err;
}

static int parse_line(struct ctl *ctl, struct line *line, void *arg)
{
	const struct command *command = command_find(ctl, &line->w);
	struct plan *plan = arg;
	struct op *op;
	int err;

	if (!command)
		return CTL_USAGE;
	if (!command->op) {
		complain(ctl, "does not belong into a configuration");
		return CTL_USAGE;
	}
	op = plan_add(plan, 0, 0);
	err = command->op(ctl, &line->w, op);
	if (err) {
		plan_remove_last(plan);
		return err;
	}
	op->line = ctl->line;
	op->command = line->command;
	op->storage = line->storage;
	line->command = NULL;
	line->storage = NULL;
	return CTL_OK;
}

int plan_read(struct ctl *ctl, struct plan *plan, const char *file)
{
	return lines_read(ctl, file, true, parse_line, plan);
}
