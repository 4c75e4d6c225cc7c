// SPDX-License-Identifier: GPL-2.0
#include "snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "request.h"

/* A configuration that changes faster than it can be read is somebody's bug. */
#define ATTEMPTS	20

struct reading {
	struct snapshot *snap;
	size_t part;
	uint32_t genid;
	bool moved;
};

static const struct {
	uint8_t object;
	uint8_t cmd;
	uint8_t kind;
	uint64_t attrs;		/* that belong into an operation */
} parts[] = {
	{ NAT64_OBJECT_OPTION, NAT64_CMD_OPTION_GET, NAT64_OP_SET,
	  ENTRY_BIT(NAME) | ENTRY_BIT(OPTION_TEXT) },
	{ NAT64_OBJECT_TIMEOUT, NAT64_CMD_TIMEOUT_GET, NAT64_OP_SET,
	  ENTRY_BIT(NAME) | ENTRY_BIT(VALUE) },
	{ NAT64_OBJECT_LIMIT, NAT64_CMD_LIMIT_GET, NAT64_OP_SET,
	  ENTRY_BIT(NAME) | ENTRY_BIT(VALUE) },
	{ NAT64_OBJECT_PREFIX, NAT64_CMD_PREFIX_GET, NAT64_OP_ADD,
	  ENTRY_BIT(ADDR6) | ENTRY_BIT(PREFIX_LEN) },
	{ NAT64_OBJECT_POOL, NAT64_CMD_POOL_GET, NAT64_OP_ADD,
	  ENTRY_BIT(ADDR4) | ENTRY_BIT(ADDR4_LAST) | ENTRY_BIT(PORT_MIN) |
	  ENTRY_BIT(PORT_MAX) | ENTRY_BIT(PROTO) | ENTRY_BIT(FLAGS) },
	{ NAT64_OBJECT_BINDING, NAT64_CMD_BINDING_GET, NAT64_OP_ADD,
	  ENTRY_BIT(PROTO) | ENTRY_BIT(ADDR6) | ENTRY_BIT(PORT6) |
	  ENTRY_BIT(ADDR4) | ENTRY_BIT(PORT4) },
	{ NAT64_OBJECT_ALG, NAT64_CMD_ALG_GET, NAT64_OP_ADD,
	  ENTRY_BIT(NAME) | ENTRY_BIT(PORT4) },
};

static bool is_setting(uint8_t object)
{
	return object == NAT64_OBJECT_OPTION ||
	       object == NAT64_OBJECT_TIMEOUT || object == NAT64_OBJECT_LIMIT;
}

bool setting_is_default(const struct entry *e)
{
	if (entry_has(e, NAT64_A_OPTION_TEXT))
		return !strcmp(entry_text(e, NAT64_A_OPTION_TEXT),
			       entry_text(e, NAT64_A_DEFAULT_TEXT));
	return entry_number(e, NAT64_A_VALUE) ==
	       entry_number(e, NAT64_A_DEFAULT);
}

static const struct entry *keep_setting(struct settings *s,
					const struct entry *e)
{
	if (s->n == s->room) {
		s->room = 2 * s->room + 16;
		s->entries = must(reallocarray(s->entries, s->room,
					       sizeof(*s->entries)));
	}
	entry_copy(&s->entries[s->n], e);
	return &s->entries[s->n++];
}

static void keep_op(struct plan *plan, size_t part, const struct entry *e)
{
	struct op *op = plan_add(plan, parts[part].kind, parts[part].object);

	op->e = *e;
	op->e.has &= parts[part].attrs;
	if (!entry_number(e, NAT64_A_FLAGS))
		op->e.has &= ~ENTRY_BIT(FLAGS);
	if (op->object == NAT64_OBJECT_POOL)
		pool_normalize(&op->e);
	if (op->object == NAT64_OBJECT_ALG) {
		op->storage = must(strdup(entry_text(e, NAT64_A_NAME)));
		entry_set_text(&op->e, NAT64_A_NAME, op->storage);
	}
}

static bool take(const struct entry *e, void *arg)
{
	struct reading *r = arg;
	struct snapshot *snap = r->snap;
	uint8_t object = parts[r->part].object;

	if (entry_number(e, NAT64_A_GENID) != r->genid)
		r->moved = true;
	if (is_setting(object)) {
		e = keep_setting(&snap->settings[object], e);
		if (setting_is_default(e))
			return true;
	}
	if (object == NAT64_OBJECT_ALG) {
		e = keep_setting(&snap->settings[object], e);
		if (!(entry_number(e, NAT64_A_FLAGS) & NAT64_F_ENABLED))
			return true;
	}
	keep_op(&snap->plan, r->part, e);
	return true;
}

static bool take_status(const struct entry *e, void *arg)
{
	struct reading *r = arg;

	r->genid = entry_number(e, NAT64_A_GENID);
	snprintf(r->snap->version, sizeof(r->snap->version), "%s",
		 entry_text(e, NAT64_A_VERSION));
	return true;
}

static bool compare_status(const struct entry *e, void *arg)
{
	struct reading *r = arg;

	if (entry_number(e, NAT64_A_GENID) != r->genid)
		r->moved = true;
	return true;
}

static int op_order(const void *a, const void *b)
{
	const struct op *x = a, *y = b;

	return entry_order(&x->e, &y->e, UINT64_MAX);
}

/* The module keeps settings in an order of its own, which is as good. */
static int read_part(struct ctl *ctl, struct reading *r)
{
	struct plan *plan = &r->snap->plan;
	struct entry filter = {};
	size_t from = plan->n;
	int err;

	if (parts[r->part].object == NAT64_OBJECT_BINDING)
		entry_set_number(&filter, NAT64_A_FLAGS, NAT64_F_STATIC);
	err = request_dump(ctl, parts[r->part].cmd, &filter, take, r,
			   &r->moved);
	if (!err && !is_setting(parts[r->part].object) && plan->n > from)
		qsort(plan->ops + from, plan->n - from, sizeof(*plan->ops),
		      op_order);
	return err;
}

/* The number of the configuration tells, before and after, whether it stayed
 * the same while its parts were read.
 */
static int read_parts(struct ctl *ctl, struct reading *r)
{
	int err;

	err = request_do(ctl, NAT64_CMD_STATUS_GET, NULL, take_status, r);
	for (r->part = 0; !err && r->part < ARRAY_SIZE(parts); r->part++)
		err = read_part(ctl, r);
	return err ?: request_do(ctl, NAT64_CMD_STATUS_GET, NULL,
				 compare_status, r);
}

int snapshot_read(struct ctl *ctl, struct snapshot *snap)
{
	int err, attempt;

	memset(snap, 0, sizeof(*snap));
	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		struct reading r = { .snap = snap };

		err = read_parts(ctl, &r);
		if (err || !r.moved)
			return err;
		snapshot_free(snap);
	}
	complain(ctl, "the configuration changes faster than it can be read");
	return CTL_REFUSED;
}

void snapshot_free(struct snapshot *snap)
{
	struct settings *s;
	size_t i, j;

	plan_free(&snap->plan);
	for (i = 0; i <= NAT64_OBJECT_OPTION; i++) {
		s = &snap->settings[i];
		for (j = 0; j < s->n; j++)
			entry_drop(&s->entries[j]);
		free(s->entries);
	}
	memset(snap, 0, sizeof(*snap));
}

const struct entry *snapshot_setting(const struct snapshot *snap,
				     uint8_t object, const char *name)
{
	const struct settings *s = &snap->settings[object];
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (!strcmp(entry_text(&s->entries[i], NAT64_A_NAME), name))
			return &s->entries[i];
	}
	return NULL;
}
