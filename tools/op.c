// SPDX-License-Identifier: GPL-2.0
/* Changes back into the words of the configuration language. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

#include "memory.h"
#include "names.h"
#include "plan.h"
#include "print.h"

#define VALUE_ROOM	128

static void write_proto(FILE *out, const struct entry *e)
{
	uint64_t proto = entry_number(e, NAT64_A_PROTO);
	const char *name = name_of(proto_names, proto);

	if (!entry_has(e, NAT64_A_PROTO))
		return;
	if (name)
		fprintf(out, " proto %s", name);
	else
		fprintf(out, " proto %" PRIu64, proto);
}

static void write_prefix(FILE *out, const struct op *op)
{
	char prefix[VALUE_ROOM];

	format_prefix(prefix, sizeof(prefix), &op->e);
	fprintf(out, " %s", prefix);
}

static void write_pool(FILE *out, const struct op *op)
{
	char range[VALUE_ROOM];

	format_range(range, sizeof(range), &op->e);
	fprintf(out, " %s", range);
	if (entry_has(&op->e, NAT64_A_PORT_MIN))
		fprintf(out, " ports %" PRIu64 "-%" PRIu64,
			entry_number(&op->e, NAT64_A_PORT_MIN),
			entry_number(&op->e, NAT64_A_PORT_MAX));
	write_proto(out, &op->e);
	if (entry_number(&op->e, NAT64_A_FLAGS) & NAT64_F_NO_PAT)
		fputs(" no-pat", out);
	if (entry_number(&op->e, NAT64_A_FLAGS) & NAT64_F_FORCE)
		fputs(" force", out);
}

static void write_binding(FILE *out, const struct op *op)
{
	char addr[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, &op->e.value[NAT64_A_ADDR6], addr, sizeof(addr));
	fprintf(out, " %s %" PRIu64, addr,
		entry_number(&op->e, NAT64_A_PORT6));
	inet_ntop(AF_INET, &op->e.value[NAT64_A_ADDR4], addr, sizeof(addr));
	if (entry_has(&op->e, NAT64_A_ADDR4))
		fprintf(out, " to %s %" PRIu64, addr,
			entry_number(&op->e, NAT64_A_PORT4));
	write_proto(out, &op->e);
}

static void write_alg(FILE *out, const struct op *op)
{
	unsigned int i;

	fprintf(out, " %s", entry_text(&op->e, NAT64_A_NAME));
	for (i = 0; i < op->e.nports; i++)
		fprintf(out, " port %u", op->e.ports[i]);
}

static void write_timeout(FILE *out, const struct op *op)
{
	char duration[VALUE_ROOM];

	fprintf(out, " %s", entry_text(&op->e, NAT64_A_NAME));
	if (!entry_has(&op->e, NAT64_A_VALUE))
		return;
	format_duration(duration, sizeof(duration),
			entry_number(&op->e, NAT64_A_VALUE));
	fprintf(out, " %s", duration);
}

static void write_limit(FILE *out, const struct op *op)
{
	fprintf(out, " %s", entry_text(&op->e, NAT64_A_NAME));
	if (entry_has(&op->e, NAT64_A_VALUE))
		fprintf(out, " %" PRIu64, entry_number(&op->e, NAT64_A_VALUE));
}

static void write_option(FILE *out, const struct op *op)
{
	fprintf(out, " %s", entry_text(&op->e, NAT64_A_NAME));
	if (entry_has(&op->e, NAT64_A_OPTION_TEXT))
		fprintf(out, " %s", entry_text(&op->e, NAT64_A_OPTION_TEXT));
}

static const struct {
	const char *name;
	void (*write)(FILE *out, const struct op *op);
} objects[] = {
	[NAT64_OBJECT_PREFIX]	= { "prefix", write_prefix },
	[NAT64_OBJECT_POOL]	= { "pool", write_pool },
	[NAT64_OBJECT_BINDING]	= { "binding", write_binding },
	[NAT64_OBJECT_ALG]	= { "alg", write_alg },
	[NAT64_OBJECT_TIMEOUT]	= { "timeout", write_timeout },
	[NAT64_OBJECT_LIMIT]	= { "limit", write_limit },
	[NAT64_OBJECT_OPTION]	= { "option", write_option },
};

static const char *kind_word(const struct op *op)
{
	bool alg = op->object == NAT64_OBJECT_ALG;

	switch (op->kind) {
	case NAT64_OP_ADD:
		return alg ? "enable" : "add";
	case NAT64_OP_DEL:
		return alg ? "disable" : "del";
	case NAT64_OP_SET:
		return "set";
	case NAT64_OP_FLUSH:
		return "flush";
	default:
		return "reset";
	}
}

char *op_command(const struct op *op)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	out = must(open_memstream(&text, &len));
	fprintf(out, "%s %s", objects[op->object].name, kind_word(op));
	if (op->e.has)
		objects[op->object].write(out, op);
	fclose(out);
	return must(text);
}
