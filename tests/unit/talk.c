// SPDX-License-Identifier: GPL-2.0
#include "talk.h"

#define LINES 160
#define RANDOM_WAYS 8

static void append(struct core_bytes *to, const char *text)
{
	u32 len = (u32)strlen(text);

	to->b = realloc(to->b, to->len + len + 1);
	if (!to->b)
		abort();
	memcpy(to->b + to->len, text, len);
	to->len += len;
}

static struct core *carry(const char *what, const struct nat64_alg_ops *ops,
			  void (*setup)(struct core *c), const struct say *say,
			  u32 count)
{
	struct core_line line[LINES];
	struct core *c = core_new(ops);
	const char *error;
	u32 i;

	CHECK(count <= LINES, "%s: too long", what);
	for (i = 0; i < count && i < LINES; i++)
		line[i] = (struct core_line){
			.dir = say[i].dir, .data = say[i].said,
			.len = (u32)strlen(say[i].said),
		};
	error = core_everyway(ops, setup, line, i, RANDOM_WAYS);
	CHECK(!error, "%s: %s", what, error);
	if (setup)
		setup(c);
	error = core_talk(c, line, i, CORE_WHOLE, 1);
	CHECK(!error, "%s: %s", what, error);
	return c;
}

struct core *mumble(const char *what, const struct nat64_alg_ops *ops,
		    void (*setup)(struct core *c), const struct say *say,
		    u32 count)
{
	return carry(what, ops, setup, say, count);
}

struct core *talk(const char *what, const struct nat64_alg_ops *ops,
		  void (*setup)(struct core *c), const struct say *say,
		  u32 count)
{
	struct core *c = carry(what, ops, setup, say, count);
	struct core_bytes want[2] = { 0 };
	u32 i;

	for (i = 0; i < count; i++)
		append(&want[say[i].dir],
		       say[i].want ? say[i].want : say[i].said);
	for (i = 0; i < 2; i++) {
		if (c->out[i].len || want[i].len)
			CHECK_BYTES(what, c->out[i].b, c->out[i].len,
				    want[i].b, want[i].len);
		free(want[i].b);
	}
	return c;
}

void check_gate46(const char *what, const struct core *c, u16 client_port,
		  u16 mapped, u16 remote_port, bool reserved)
{
	const struct nat64_gate_spec *g;

	g = core_gate(c, IPPROTO_UDP, NAT64_DIR_46, client_port);
	CHECK(g, "%s: no gate to %u", what, client_port);
	if (!g)
		return;
	CHECK_EQ(be16_to_cpu(g->mapped), mapped, "%s", what);
	CHECK_EQ(be16_to_cpu(g->remote_port), remote_port, "%s", what);
	CHECK_EQ(!!(g->flags & NAT64_GATE_RESERVED), reserved, "%s", what);
	CHECK(g->remote == c->ctx.remote4, "%s: anybody may come", what);
}

void check_gate64(const char *what, const struct core *c, u16 client_port,
		  u16 remote_port)
{
	const struct nat64_gate_spec *g;

	g = core_gate(c, IPPROTO_UDP, NAT64_DIR_64, client_port);
	CHECK(g, "%s: no gate from %u", what, client_port);
	if (!g)
		return;
	CHECK_EQ(be16_to_cpu(g->remote_port), remote_port, "%s", what);
	CHECK(g->remote == c->ctx.remote4, "%s: to elsewhere", what);
}
