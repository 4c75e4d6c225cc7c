/* SPDX-License-Identifier: GPL-2.0 */
/* A plan is a list of configuration changes that take effect as a whole. */
#ifndef _NAT64CTL_PLAN_H
#define _NAT64CTL_PLAN_H

#include "nat64ctl.h"

/**
 * struct op - one change
 * @kind: enum nat64_op
 * @object: enum nat64_object, 0 for a reset of everything
 * @e: its attributes
 * @line: in the file that it came from
 * @command: its words, or NULL
 * @storage: memory that the texts of @e point into, freed with the plan
 */
struct op {
	uint8_t kind;
	uint8_t object;
	struct entry e;
	unsigned int line;
	char *command;
	char *storage;
};

struct plan {
	struct op *ops;
	size_t n;
	size_t room;
};

/* All ports are written as none in particular. */
void pool_normalize(struct entry *e);

/* Return: an empty operation at the end of the plan. */
struct op *plan_add(struct plan *plan, uint8_t kind, uint8_t object);
void plan_remove_last(struct plan *plan);
void plan_free(struct plan *plan);

/**
 * plan_apply - sends a plan as one transaction
 * @ctl: the run; @file is where its lines are, or NULL
 * @plan: the changes
 * @file: for complaints
 *
 * Return: an exit code; has complained unless it is CTL_OK.
 */
int plan_apply(struct ctl *ctl, const struct plan *plan, const char *file);

/**
 * plan_read - parses a configuration file
 * @ctl: the run
 * @plan: gets its changes
 * @file: a path, or "-" for standard input
 *
 * Complains about every line that is wrong, not only the first.
 * Return: an exit code.
 */
int plan_read(struct ctl *ctl, struct plan *plan, const char *file);

/* Writes the command line that makes @op; the caller frees it. */
char *op_command(const struct op *op);

#endif /* _NAT64CTL_PLAN_H */
