// SPDX-License-Identifier: GPL-2.0
/*
 * Dialogues through bad networks, and the proof that those would notice what
 * is wrong.
 */
#include "core.h"
#include "ktap.h"
#include "toy.h"

#define SCHEDULES 200

static void everyway(const struct core_line *talk, u32 count)
{
	const char *err = core_everyway(&toy, NULL, talk, count, SCHEDULES);

	CHECK(!err, "%s", err);
}

static void every_edit(void)
{
	static const struct core_line talk[] = {
		CORE_46("hello grow and shrink\n"),
		CORE_64("M one\nM two gone three\n"),
		CORE_46("E add\nD delete me\n+ a + b\npartial "),
		CORE_46("line grow\nS20\n01234567890123456789after grow\n"),
		CORE_64("D\n"), CORE_64("+\n"), CORE_64("E\n"),
		CORE_64("D xx"), CORE_64("x\nD a\nD b\n"),
		CORE_64("grow\ngrow\ngrow\ngrow\ngrow\ngrow\ngrow\ngrow\n"
			"grow\ngrow\ngrow\ngrow\ngrow\ngrow\ngrow\ngrow\n"
			"grow\ngrow\ngrow\ngrow\ngrow\ngrow\ngrow\ngrow\n"
			"grow\ngrow\ngrow\ngrow\ngrow\ngrow\ngrow\ngrow\n"),
	};

	everyway(talk, ARRAY_SIZE(talk));
}

static void both_ways(void)
{
	static const struct core_line talk[] = {
		CORE_46("a grow\nb gone\nE\nhalf a "),
		{ .dir = NAT64_DIR_64, .data = "shrink\n+ grow\nD\nmore", .len = 21,
		  .also = true },
		CORE_46("line\ngrow grow grow grow\n"),
		{ .dir = NAT64_DIR_64, .data = " grow\n", .len = 6,
		  .also = true },
	};

	everyway(talk, ARRAY_SIZE(talk));
}

static void gates_once(void)
{
	static const struct core_line talk[] = {
		CORE_64("G2000\nG2001\n"), CORE_46("ok\n"),
		CORE_64("G2000\n"), CORE_46("ok\n"), CORE_64("G1023\n"),
	};
	struct core *c = core_new(&toy);
	const char *err;

	everyway(talk, ARRAY_SIZE(talk));
	err = core_talk(c, talk, ARRAY_SIZE(talk), CORE_WHOLE, 0);
	CHECK(!err, "%s", err);
	CHECK_EQ(core_gates_open(c), 2, "gates");
	CHECK_EQ(c->count[NAT64_ALG_CNT_GATES_REFUSED], 1, "refused");
	CHECK_BYTES("octets", c->out[NAT64_DIR_64].b, c->out[NAT64_DIR_64].len,
		    (const u8 *)"G50000\nG50001\nG50000\nG1023\n", 27);
	core_free(c);
}

static void at_the_end(void)
{
	static const struct core_line talk[] = {
		CORE_46("grow\n"), CORE_64("a\nunfinished grow"),
		CORE_FIN64, CORE_46("bye grow\n"), CORE_46("x"), CORE_FIN46,
	};
	struct core *c = core_new(&toy);
	const char *err;

	everyway(talk, ARRAY_SIZE(talk));
	err = core_talk(c, talk, ARRAY_SIZE(talk), CORE_BYTES, 0);
	CHECK(!err, "%s", err);
	CHECK(c->fin[0] && c->fin[1], "FIN");
	CHECK_BYTES("octets", c->out[NAT64_DIR_64].b, c->out[NAT64_DIR_64].len,
		    (const u8 *)"a\nunfinished grow", 17);
	core_free(c);
}

static void given_up(void)
{
	static const struct core_line talk[] = {
		CORE_46("grow\nhalf a "), CORE_64("a grow\nX\nno grow\n"),
		CORE_46("grow\n"), CORE_46("grow\n"), CORE_64("end\n"),
		CORE_FIN64, CORE_FIN46,
	};
	static const char want[] = "much-longer-than-before\nhalf a grow\ngrow\n";
	struct core *c = core_new(&toy);
	const char *err;

	everyway(talk, ARRAY_SIZE(talk));
	err = core_talk(c, talk, ARRAY_SIZE(talk), CORE_WHOLE, 0);
	CHECK(!err, "%s", err);
	CHECK_EQ(c->count[NAT64_ALG_CNT_TRANSPARENT], 1, "given up");
	CHECK_BYTES("octets", c->out[NAT64_DIR_46].b, c->out[NAT64_DIR_46].len,
		    (const u8 *)want, sizeof(want) - 1);
	core_free(c);
}

static void long_line(void)
{
	static char line[8192];
	const struct core_line talk[] = {
		CORE_64("grow\nab "),
		{ .dir = NAT64_DIR_64, .data = line, .len = sizeof(line) },
		CORE_46("grow\n"), CORE_64("grow\n"), CORE_FIN64, CORE_FIN46,
	};
	struct core *c = core_new(&toy);
	const char *err;

	memset(line, 'x', sizeof(line));
	everyway(talk, ARRAY_SIZE(talk));
	err = core_talk(c, talk, ARRAY_SIZE(talk), CORE_WHOLE, 0);
	CHECK(!err, "%s", err);
	CHECK_EQ(c->count[NAT64_ALG_CNT_TRANSPARENT], 1, "given up");
	CHECK_EQ(c->out[NAT64_DIR_64].len, 24 + 3 + 8192 + 5, "octets");
	core_free(c);
}

static void super_packets(void)
{
	static char frame[65536];
	const struct core_line talk[] = {
		CORE_46("S65536\n"),
		{ .dir = NAT64_DIR_46, .data = frame, .len = sizeof(frame) },
		CORE_46("grow\nS65536\n"),
		{ .dir = NAT64_DIR_46, .data = frame, .len = sizeof(frame) },
		CORE_46("grow\n"),
	};
	const char *err;
	u32 i;

	for (i = 0; i < sizeof(frame); i++)
		frame[i] = "grow\n+"[i % 6];
	err = core_everyway(&toy, NULL, talk, ARRAY_SIZE(talk), 4);
	CHECK(!err, "%s", err);
}

static void setup_pair(struct nat64_gate_spec *spec, u16 port)
{
	*spec = (struct nat64_gate_spec){
		.proto = IPPROTO_UDP,
		.dir = NAT64_DIR_46,
		.flags = NAT64_GATE_PAIR | NAT64_GATE_RESERVED,
		.client_port = cpu_to_be16(port),
	};
}

static void fake_gates(void)
{
	struct core *c = core_new(&toy);
	struct nat64_gate_spec spec;

	c->taken[0] = cpu_to_be16(CORE_PORT + 2);
	setup_pair(&spec, 4001);
	CHECK_EQ(nat64_alg_gate_open(&c->ctx, &spec), 0, "pair");
	CHECK_EQ(be16_to_cpu(spec.mapped), CORE_PORT + 3, "odd, both free");
	setup_pair(&spec, 4002);
	spec.flags = 0;
	CHECK_EQ(nat64_alg_gate_open(&c->ctx, &spec), 0, "its second half");
	CHECK_EQ(be16_to_cpu(spec.mapped), CORE_PORT + 4, "adjacent");
	setup_pair(&spec, 4001);
	spec.flags = 0;
	spec.remote_port = cpu_to_be16(6000);
	CHECK_EQ(nat64_alg_gate_open(&c->ctx, &spec), 0, "no reservation now");
	CHECK_EQ(be16_to_cpu(spec.mapped), CORE_PORT + 3, "the same port");
	CHECK(core_gate(c, IPPROTO_UDP, NAT64_DIR_46, 4001)->remote_port ==
	      cpu_to_be16(6000), "changed");
	spec.client_port = cpu_to_be16(4010);
	spec.want = cpu_to_be16(CORE_PORT + 3);
	CHECK_EQ(nat64_alg_gate_open(&c->ctx, &spec), 0, "wants a taken one");
	CHECK_EQ(c->count[NAT64_ALG_CNT_REMAPPED], 1, "remapped");
	CHECK_EQ(core_gates_open(c), 3, "gates");
	nat64_alg_gate_close(&c->ctx, IPPROTO_UDP, cpu_to_be16(4001));
	CHECK_EQ(core_gates_open(c), 2, "gates");
	c->fail = -ENOMEM;
	c->fail_after = 1;
	spec.client_port = cpu_to_be16(4011);
	CHECK_EQ(nat64_alg_gate_open(&c->ctx, &spec), 0, "not yet");
	CHECK_EQ(nat64_alg_gate_open(&c->ctx, &spec), -ENOMEM, "fails");
	core_free(c);
}

/* Both ports of a pair count, the toy may have 20. */
static void fake_limit(void)
{
	struct core *c = core_new(&toy);
	struct nat64_gate_spec spec;
	u16 i;

	for (i = 0; i < 9; i++) {
		setup_pair(&spec, 4000 + 2 * i);
		CHECK_EQ(nat64_alg_gate_open(&c->ctx, &spec), 0, "pair %u", i);
	}
	spec.flags = 0;
	spec.client_port = cpu_to_be16(4001);
	CHECK_EQ(nat64_alg_gate_open(&c->ctx, &spec), 0, "second of a pair");
	spec.client_port = cpu_to_be16(5000);
	CHECK_EQ(nat64_alg_gate_open(&c->ctx, &spec), 0, "number 19");
	setup_pair(&spec, 6000);
	CHECK_EQ(nat64_alg_gate_open(&c->ctx, &spec), -ENOSPC, "21");
	spec.flags = 0;
	CHECK_EQ(nat64_alg_gate_open(&c->ctx, &spec), 0, "number 20");
	spec.client_port = cpu_to_be16(6001);
	CHECK_EQ(nat64_alg_gate_open(&c->ctx, &spec), -ENOSPC, "21");
	core_free(c);
}

/* Takes each segment for a message. */
static u32 naive(struct nat64_alg_ctx *ctx, enum nat64_dir dir, const u8 *data,
		 u32 len)
{
	(void)dir;
	if (len >= 4 && !memcmp(data, "grow", 4) &&
	    nat64_alg_replace(ctx, 0, 4, "GROWN", 5))
		return 0;
	return len;
}

static void notices_cuts(void)
{
	static const struct nat64_alg_ops ops = {
		.id = NAT64_ALG_FTP,
		.hold = TOY_HOLD,
		.payload = naive,
	};
	static const struct core_line talk[] = {
		CORE_64("grow\n"), CORE_46("ok\n"), CORE_64("a grow\n"),
	};

	CHECK(core_everyway(&ops, NULL, talk, ARRAY_SIZE(talk), SCHEDULES),
	      "an ALG that depends on cuts passes");
}

static u32 calls;

static u32 counting(struct nat64_alg_ctx *ctx, enum nat64_dir dir,
		    const u8 *data, u32 len)
{
	(void)dir;
	(void)data;
	if (calls++ && nat64_alg_replace(ctx, 0, 0, "!", 1))
		return 0;
	return len;
}

/* What changes from run to run is a difference, too. */
static void notices_state(void)
{
	static const struct nat64_alg_ops ops = {
		.id = NAT64_ALG_FTP,
		.hold = TOY_HOLD,
		.payload = counting,
	};
	static const struct core_line talk[] = { CORE_64("x") };

	calls = 0;
	CHECK(core_everyway(&ops, NULL, talk, ARRAY_SIZE(talk), 1),
	      "an ALG that depends on other things passes");
}

static const struct test core_tests[] = {
	{ "FT-04.any-cut-gives-the-same-octets", every_edit },
	{ "FT-04.both-directions-at-once", both_ways },
	{ "FT-04.closing-in-the-middle-of-a-line", at_the_end },
	{ "FT-04.cut-dependence-is-noticed", notices_cuts },
	{ "FT-04.difference-is-noticed", notices_state },
	{ "FT-08.given-up-in-any-network", given_up },
	{ "FT-30.long-line-in-any-network", long_line },
	{ "G-10.one-gate-in-any-network", gates_once },
	{ "G-10.gates-of-the-tests", fake_gates },
	{ "G-09.limit-of-the-tests", fake_limit },
	{ "R-03.super-packets-in-any-network", super_packets },
};

SUITE(core);
