// SPDX-License-Identifier: GPL-2.0
#include "sync.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* What two changes of the same thing have in common. */
static const uint64_t identity[] = {
	[NAT64_OBJECT_PREFIX]	= UINT64_MAX,
	[NAT64_OBJECT_POOL]	= UINT64_MAX,
	[NAT64_OBJECT_BINDING]	= UINT64_MAX,
	[NAT64_OBJECT_ALG]	= ENTRY_BIT(NAME),
	[NAT64_OBJECT_TIMEOUT]	= ENTRY_BIT(NAME),
	[NAT64_OBJECT_LIMIT]	= ENTRY_BIT(NAME),
	[NAT64_OBJECT_OPTION]	= ENTRY_BIT(NAME),
};

/*
 * The order of the changes: what goes makes room for what comes; an option
 * that permits something is set before, and one that forbids it after, what
 * depends on it.
 */
enum phase {
	PHASE_BINDING_DEL,
	PHASE_ALG_DEL,
	PHASE_POOL_DEL,
	PHASE_PREFIX_DEL,
	PHASE_OPTION_SET,
	PHASE_TIMEOUT,
	PHASE_LIMIT,
	PHASE_OPTION_DEFAULT,
	PHASE_PREFIX_ADD,
	PHASE_POOL_ADD,
	PHASE_BINDING_ADD,
	PHASE_ALG_ADD,
	PHASES,
};

/* Changes in the order of what they change. */
struct index {
	const struct op **ops;
	size_t n;
};

static int same_thing(const struct op *a, const struct op *b)
{
	if (a->object != b->object)
		return a->object - b->object;
	return entry_order(&a->e, &b->e, identity[a->object]);
}

/* Of two changes of the same thing the later one comes later: they are
 * elements of one array.
 */
static int op_order(const void *a, const void *b)
{
	const struct op *x = *(const struct op **)a;
	const struct op *y = *(const struct op **)b;

	return same_thing(x, y) ?: (x > y) - (x < y);
}

static bool empties(const struct op *op)
{
	return op->kind == NAT64_OP_FLUSH ||
	       (op->kind == NAT64_OP_RESET && !op->e.has);
}

/* Leaves the last change of each thing. */
static void index_unique(struct index *index)
{
	size_t i, n = 0;

	for (i = 0; i < index->n; i++) {
		if (i + 1 < index->n &&
		    !same_thing(index->ops[i], index->ops[i + 1]))
			continue;
		index->ops[n++] = index->ops[i];
	}
	index->n = n;
}

static void index_make(struct index *index, const struct plan *plan)
{
	size_t i, from[NAT64_OBJECT_OPTION + 1] = {};

	for (i = 0; i < plan->n; i++) {
		if (empties(&plan->ops[i]))
			from[plan->ops[i].object] = i + 1;
	}
	index->n = 0;
	index->ops = must(calloc(plan->n + 1, sizeof(*index->ops)));
	for (i = 0; i < plan->n; i++) {
		if (i >= from[plan->ops[i].object])
			index->ops[index->n++] = &plan->ops[i];
	}
	qsort(index->ops, index->n, sizeof(*index->ops), op_order);
	index_unique(index);
}

static bool makes(const struct op *op)
{
	return op->kind == NAT64_OP_ADD || op->kind == NAT64_OP_SET;
}

/* Return: whether @op sets what is the default anyway. */
static bool sets_default(const struct op *op, const struct snapshot *snap)
{
	const struct entry *now;
	struct entry then;

	if (op->kind != NAT64_OP_SET)
		return false;
	now = snapshot_setting(snap, op->object,
			       entry_text(&op->e, NAT64_A_NAME));
	if (!now)
		return false;
	then = *now;
	if (op->object == NAT64_OBJECT_OPTION)
		entry_set_text(&then, NAT64_A_OPTION_TEXT,
			       entry_text(&op->e, NAT64_A_OPTION_TEXT));
	else
		entry_set_number(&then, NAT64_A_VALUE,
				 entry_number(&op->e, NAT64_A_VALUE));
	return setting_is_default(&then);
}

static enum phase phase_of(const struct op *op, const struct snapshot *snap)
{
	bool add = op->kind == NAT64_OP_ADD;

	switch (op->object) {
	case NAT64_OBJECT_PREFIX:
		return add ? PHASE_PREFIX_ADD : PHASE_PREFIX_DEL;
	case NAT64_OBJECT_POOL:
		return add ? PHASE_POOL_ADD : PHASE_POOL_DEL;
	case NAT64_OBJECT_BINDING:
		return add ? PHASE_BINDING_ADD : PHASE_BINDING_DEL;
	case NAT64_OBJECT_ALG:
		return add ? PHASE_ALG_ADD : PHASE_ALG_DEL;
	case NAT64_OBJECT_TIMEOUT:
		return PHASE_TIMEOUT;
	case NAT64_OBJECT_LIMIT:
		return PHASE_LIMIT;
	default:
		return makes(op) && !sets_default(op, snap) ?
		       PHASE_OPTION_SET : PHASE_OPTION_DEFAULT;
	}
}

static void add_op(struct plan *plan, const struct op *op)
{
	struct op *copy = plan_add(plan, op->kind, op->object);

	copy->e = op->e;
	copy->line = op->line;
	copy->command = op->command ? must(strdup(op->command)) :
				      op_command(op);
}

/* Takes back what the configuration has. */
static void add_undo(struct plan *plan, const struct op *op)
{
	struct op undo = *op;

	undo.command = NULL;
	undo.line = 0;
	undo.kind = op->kind == NAT64_OP_SET ? NAT64_OP_RESET : NAT64_OP_DEL;
	if (op->kind == NAT64_OP_SET || op->object == NAT64_OBJECT_ALG)
		undo.e.has &= ENTRY_BIT(NAME);
	add_op(plan, &undo);
}

/* An ALG without ports has its usual one, which the module knows. */
static bool same_ports(const struct op *want, const struct op *have,
		       const struct snapshot *snap)
{
	const struct entry *alg;

	if (want->object != NAT64_OBJECT_ALG || want->e.nports ||
	    have->e.nports != 1)
		return false;
	alg = snapshot_setting(snap, NAT64_OBJECT_ALG,
			       entry_text(&want->e, NAT64_A_NAME));
	return alg &&
	       have->e.ports[0] == entry_number(alg, NAT64_A_DEFAULT);
}

/* Compares two sorted lists; either side is NULL where it has nothing. */
static void compare(struct plan *plan, const struct op *want,
		    const struct op *have, const struct snapshot *snap)
{
	if (want && !makes(want))
		want = NULL;
	if (want && !have && sets_default(want, snap))
		return;
	if (want && have && (!entry_order(&want->e, &have->e, UINT64_MAX) ||
			     same_ports(want, have, snap)))
		return;
	if (want)
		add_op(plan, want);
	else if (have)
		add_undo(plan, have);
}

static void merge(struct plan *plan, const struct index *want,
		  const struct index *have, const struct snapshot *snap)
{
	size_t i = 0, j = 0;
	int order;

	while (i < want->n || j < have->n) {
		if (i == want->n)
			order = 1;
		else if (j == have->n)
			order = -1;
		else
			order = same_thing(want->ops[i], have->ops[j]);
		compare(plan, order <= 0 ? want->ops[i] : NULL,
			order >= 0 ? have->ops[j] : NULL, snap);
		i += order <= 0;
		j += order >= 0;
	}
}

static void plan_phase(struct plan *to, struct plan *from, int phase,
		       const struct snapshot *snap)
{
	struct op *op, *moved;
	size_t i;

	for (i = 0; i < from->n; i++) {
		op = &from->ops[i];
		if ((int)phase_of(op, snap) != phase)
			continue;
		moved = plan_add(to, op->kind, op->object);
		*moved = *op;
		op->command = NULL;
	}
}

void sync_plan(struct plan *diff, const struct plan *file,
	       const struct snapshot *snap)
{
	struct plan changes = {};
	struct index want, have;
	int phase;

	index_make(&want, file);
	index_make(&have, &snap->plan);
	merge(&changes, &want, &have, snap);
	for (phase = 0; phase < PHASES; phase++)
		plan_phase(diff, &changes, phase, snap);
	plan_free(&changes);
	free(want.ops);
	free(have.ops);
}
