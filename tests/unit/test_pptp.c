// SPDX-License-Identifier: GPL-2.0
/*
 * PPTP: every message of a dialogue is said with the ids that its sender
 * uses, and expected with the ids that its receiver knows. All other octets
 * are a pattern, so that a change anywhere else shows.
 */
#include "core.h"
#include "ktap.h"

enum {
	SCCRQ = 1, SCCRP, STOP_RQ, STOP_RP, ECHO_RQ, ECHO_RP, OCRQ, OCRP, ICRQ,
	ICRP, ICCN, CCRQ, CDN, WEN, SLI, TYPES,
};

#define LINES 128
#define ROOM 16384
#define RANDOM_WAYS 12
#define OK 1

/* RFC 2637 2.1 to 2.15 */
static const u16 size_of[] = {
	0, 156, 156, 16, 16, 16, 20, 168, 32, 220, 24, 28, 16, 148, 40, 24,
};

static struct core_line line[LINES];
static u32 lines;
static u8 said[ROOM];
static u32 said_len;
static u8 want[2][ROOM];
static u32 want_len[2];

static void begin(void)
{
	lines = 0;
	said_len = 0;
	want_len[0] = 0;
	want_len[1] = 0;
}

static u32 build(u8 *to, unsigned int type, u16 id, u16 peer, u8 result)
{
	u32 size = type < TYPES && type ? size_of[type] : 20, i;

	for (i = 0; i < size; i++)
		to[i] = (u8)(i * 7 + type + 1);
	nat64_put_be16((u16)size, to);
	nat64_put_be16(1, to + 2);
	nat64_put_be32(0x1a2b3c4d, to + 4);
	nat64_put_be16((u16)type, to + 8);
	nat64_put_be16(0, to + 10);
	nat64_put_be16(id, to + 12);
	if (type == OCRP || type == ICRP) {
		nat64_put_be16(peer, to + 14);
		to[16] = result;
	}
	return size;
}

static void raw(enum nat64_dir dir, const void *data, u32 len)
{
	memcpy(said + said_len, data, len);
	line[lines++] = (struct core_line){
		.dir = dir, .data = said + said_len, .len = len,
	};
	said_len += len;
	memcpy(want[dir] + want_len[dir], data, len);
	want_len[dir] += len;
}

/* A message that names one call id, or none */
static void say(enum nat64_dir dir, unsigned int type, u16 id, u16 becomes)
{
	u8 *to = said + said_len;

	line[lines++] = (struct core_line){
		.dir = dir, .data = to, .len = build(to, type, id, 0, 0),
	};
	said_len += line[lines - 1].len;
	want_len[dir] += build(want[dir] + want_len[dir], type, becomes, 0, 0);
}

struct ids {
	u16 own;
	u16 peer;
};

static void reply(enum nat64_dir dir, unsigned int type, u8 result,
		  struct ids ids, struct ids become)
{
	u8 *to = said + said_len;
	u32 len = build(to, type, ids.own, ids.peer, result);

	line[lines++] = (struct core_line){
		.dir = dir, .data = to, .len = len,
	};
	said_len += len;
	want_len[dir] += build(want[dir] + want_len[dir], type, become.own,
			       become.peer, result);
}

/* Lines of one end become one segment. */
static void coalesce(void)
{
	u32 from = 1;

	while (from < lines) {
		if (line[from].dir != line[from - 1].dir) {
			from++;
			continue;
		}
		line[from - 1].len += line[from].len;
		memmove(line + from, line + from + 1,
			(lines - from - 1) * sizeof(*line));
		lines--;
	}
}

static void open_control(void)
{
	say(NAT64_DIR_64, SCCRQ, 0x100, 0x100);
	say(NAT64_DIR_46, SCCRP, 0x100, 0x100);
}

static void arrived(const struct core *c, const char *what)
{
	unsigned int dir;

	for (dir = 0; dir < 2; dir++) {
		CHECK_EQ(c->out[dir].len, want_len[dir], "%s, direction %u",
			 what, dir);
		if (c->out[dir].len)
			CHECK_BYTES(what, c->out[dir].b, c->out[dir].len,
				    want[dir], want_len[dir]);
	}
}

/* The same octets and gates however they travel; the first run is returned. */
static struct core *hold(const char *what, void (*setup)(struct core *c))
{
	struct core *c = core_new(&nat64_alg_pptp);
	const char *err;

	if (setup)
		setup(c);
	err = core_talk(c, line, lines, CORE_WHOLE, 0);
	CHECK(!err, "%s: %s", what, err);
	arrived(c, what);
	err = core_everyway(&nat64_alg_pptp, setup, line, lines, RANDOM_WAYS);
	CHECK(!err, "%s: %s", what, err);
	return c;
}

static u32 counted(const struct core *c, enum nat64_alg_counter what)
{
	return c->count[what];
}

/* Is the gate for packets to the IPv6 end open: @told on the pool, for @id? */
static void check46(const struct core *c, u16 id, u16 told)
{
	const struct nat64_gate_spec *g;

	g = core_gate(c, IPPROTO_GRE, NAT64_DIR_46, id);
	CHECK(g, "gate to the IPv6 end's %u", id);
	if (!g)
		return;
	CHECK_EQ(ntohs(g->mapped), told, "for %u", id);
	CHECK_EQ(ntohl(g->remote), CORE_REMOTE4, "for %u", id);
	CHECK_EQ(g->lifetime, c->ctx.gate_ms, "for %u", id);
	CHECK_EQ(g->flags, 0, "for %u", id);
}

/* Likewise for packets of the call @id to the IPv4 end's id @remote */
static void check64(const struct core *c, u16 id, u16 remote, u16 told)
{
	const struct nat64_gate_spec *g;

	g = core_gate(c, IPPROTO_GRE, NAT64_DIR_64, id);
	CHECK(g, "gate to the IPv4 end's %u", remote);
	if (!g)
		return;
	CHECK_EQ(ntohs(g->mapped), told, "for %u", remote);
	CHECK_EQ(ntohs(g->remote_port), remote, "for %u", remote);
	CHECK_EQ(ntohl(g->remote), CORE_REMOTE4, "for %u", remote);
	CHECK_EQ(g->lifetime, c->ctx.gate_ms, "for %u", remote);
	CHECK_EQ(g->flags, 0, "for %u", remote);
}

/* All there is about one call of the client: its id @id, the server's @s */
static void call_out(u16 id, u16 id_told, u16 s, u16 s_told)
{
	say(NAT64_DIR_64, OCRQ, id, id_told);
	reply(NAT64_DIR_46, OCRP, OK, (struct ids){ s, id_told },
	      (struct ids){ s_told, id });
}

static void use(u16 id, u16 id_told, u16 s, u16 s_told)
{
	say(NAT64_DIR_64, SLI, s_told, s);
	say(NAT64_DIR_46, SLI, id_told, id);
	say(NAT64_DIR_46, WEN, id_told, id);
	say(NAT64_DIR_64, WEN, s_told, s);
}

static void hang_up(u16 id, u16 id_told, u16 s, u16 s_told)
{
	say(NAT64_DIR_64, CCRQ, id, id_told);
	say(NAT64_DIR_46, CDN, s, s_told);
}

/* S-11, S-12: the request alone */
static void request(void)
{
	struct core *c;

	begin();
	open_control();
	say(NAT64_DIR_64, OCRQ, 7, 7);
	c = hold("OCRQ", NULL);
	check46(c, 7, 7);
	CHECK_EQ(core_gates_open(c), 1, "only to the client yet");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REWRITES), 0, "nothing to change");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_MESSAGES), 3, "messages");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	core_free(c);
}

/* S-14, S-15 */
static void request_zero(void)
{
	struct core *c;

	begin();
	open_control();
	say(NAT64_DIR_64, OCRQ, 0, 65002);
	c = hold("OCRQ", NULL);
	check46(c, 0, 65002);
	CHECK_EQ(core_gates_open(c), 1, "only to the client yet");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REWRITES), 1, "one id");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REMAPPED), 0, "not a conflict");
	core_free(c);
}

/* A whole call, with every message that may follow, and its end */
static void whole_call(u16 id, u16 id_told, u16 s, u16 s_told)
{
	struct core *c;

	begin();
	open_control();
	call_out(id, id_told, s, s_told);
	use(id, id_told, s, s_told);
	c = hold("call", NULL);
	check46(c, id, id_told);
	check64(c, id, s, s_told);
	CHECK_EQ(core_gates_open(c), 2, "gates of one call");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	core_free(c);

	hang_up(id, id_told, s, s_told);
	c = hold("call and end", NULL);
	CHECK_EQ(core_gates_open(c), 0, "P-08");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_MESSAGES), lines, "messages");
	core_free(c);
}

static void plain(void)
{
	whole_call(7, 7, 9, 9);
	whole_call(9, 9, 9, 9);
	whole_call(1, 1, 65535, 65535);
	whole_call(65002, 65002, 65002, 65002);
}

static void client_zero(void)
{
	whole_call(0, 65002, 9, 9);
	whole_call(0, 65002, 65002, 65002);
}

static void server_zero(void)
{
	whole_call(7, 7, 0, 65002);
	whole_call(65002, 65002, 0, 65002);
}

static void both_zero(void)
{
	whole_call(0, 65002, 0, 65002);
}

static void take_65002(struct core *c)
{
	c->taken[0] = htons(65002);
}

static void take_7(struct core *c)
{
	c->taken[0] = htons(7);
}

/* S-28: another client has the id. */
static void conflict(void)
{
	struct core *c;

	begin();
	open_control();
	call_out(7, CORE_PORT, 9, 9);
	use(7, CORE_PORT, 9, 9);
	c = hold("taken", take_7);
	check46(c, 7, CORE_PORT);
	check64(c, 7, 9, 9);
	core_free(c);

	hang_up(7, CORE_PORT, 9, 9);
	c = hold("taken, and end", take_7);
	CHECK_EQ(core_gates_open(c), 0, "gates");
	core_free(c);
}

/*
 * Another call of this connection was told the id, and nothing depends on it
 * any more: that call is over, since the core gave the id again.
 */
static void conflict_stale(void)
{
	struct core *c = core_new(&nat64_alg_pptp);
	const char *err;
	u32 first, i;

	begin();
	open_control();
	call_out(CORE_PORT, CORE_PORT, 3, 3);
	first = lines;
	call_out(7, CORE_PORT, 9, 9);
	use(7, CORE_PORT, 9, 9);
	say(NAT64_DIR_64, CCRQ, CORE_PORT, CORE_PORT);
	take_7(c);
	err = core_talk(c, line, first, CORE_WHOLE, 0);
	CHECK(!err, "%s", err);
	for (i = 0; i < c->gates; i++)
		c->gate[i].open = false;
	err = core_talk(c, line + first, lines - first, CORE_WHOLE, 0);
	CHECK(!err, "%s", err);
	arrived(c, "stale");
	check46(c, 7, CORE_PORT);
	check64(c, 7, 9, 9);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 1, "the old call is gone");
	core_free(c);
}

/* S-28: 65002 itself is taken, for both ends. */
static void conflict_zero(void)
{
	struct core *c;

	begin();
	open_control();
	call_out(0, CORE_PORT, 0, CORE_PORT + 1);
	use(0, CORE_PORT, 0, CORE_PORT + 1);
	c = hold("taken", take_65002);
	check46(c, 0, CORE_PORT);
	check64(c, 0, 0, CORE_PORT + 1);
	core_free(c);
}

/* 65002 and 0 on one connection, in either order */
static void zero_and_65002(void)
{
	struct core *c;

	begin();
	open_control();
	call_out(0, 65002, 0, 65002);
	call_out(65002, 65003, 65002, 65003);
	use(0, 65002, 0, 65002);
	use(65002, 65003, 65002, 65003);
	c = hold("0 first", NULL);
	check46(c, 0, 65002);
	check46(c, 65002, 65003);
	check64(c, 0, 0, 65002);
	check64(c, 65002, 65002, 65003);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REMAPPED), 2, "either end");
	core_free(c);

	begin();
	open_control();
	call_out(65002, 65002, 65002, 65002);
	call_out(0, 65003, 0, 65003);
	hang_up(65002, 65002, 65002, 65002);
	use(0, 65003, 0, 65003);
	c = hold("0 last", NULL);
	check46(c, 0, 65003);
	check64(c, 0, 0, 65003);
	CHECK_EQ(core_gates_open(c), 2, "the other call has ended");
	core_free(c);
}

static void strict(struct core *c)
{
	c->ctx.options |= NAT64_ALG_OPT_PPTP_STRICT;
}

/* Option pptp-conflict refuse: nothing is mapped, nothing opened for it. */
static void conflict_strict(void)
{
	struct core *c;

	begin();
	open_control();
	call_out(0, 65002, 3, 3);
	say(NAT64_DIR_64, OCRQ, 65002, 65002);
	c = hold("strict", strict);
	CHECK_EQ(core_gates_open(c), 2, "of the first call");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REMAPPED), 0, "remapped");
	CHECK(counted(c, NAT64_ALG_CNT_GATES_REFUSED), "refused");
	core_free(c);

	begin();
	open_control();
	call_out(1, 1, 0, 65002);
	call_out(2, 2, 65002, 65002);
	hang_up(1, 1, 0, 65002);
	c = hold("strict, by the server's id", strict);
	CHECK_EQ(core_gates_open(c), 0, "the request's gate must not stay");
	core_free(c);
}

static void fail_first(struct core *c)
{
	c->fail = -ENOSPC;
}

static void fail_third(struct core *c)
{
	c->fail = -ENOSPC;
	c->fail_after = 2;
}

/* G-06: no gate, no change; later messages of the call stay as they are. */
static void refused(void)
{
	struct core *c;

	begin();
	open_control();
	call_out(0, 0, 0, 0);
	use(0, 0, 0, 0);
	hang_up(0, 0, 0, 0);
	c = hold("refused at once", fail_first);
	CHECK_EQ(core_gates_open(c), 0, "gates");
	CHECK_EQ(c->gates, 0, "gates ever");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_REWRITES), 0, "rewrites");
	core_free(c);
}

/*
 * The server has been told 65002 when the second gate fails: that stays so,
 * while the server's id is not mapped any more.
 */
static void refused_later(void)
{
	struct core *c;

	begin();
	open_control();
	call_out(0, 65002, 0, 0);
	use(0, 65002, 0, 0);
	hang_up(0, 65002, 0, 0);
	c = hold("refused later", fail_third);
	CHECK_EQ(core_gates_open(c), 0, "gates");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	core_free(c);
}

/* P-08, S-20: an answer that is no */
static void negative(void)
{
	struct core *c;
	u8 result;

	for (result = 0; result < 9; result++) {
		if (result == OK)
			continue;
		begin();
		open_control();
		say(NAT64_DIR_64, OCRQ, 0, 65002);
		reply(NAT64_DIR_46, OCRP, result, (struct ids){ 0, 65002 },
		      (struct ids){ 0, 0 });
		c = hold("negative", NULL);
		CHECK_EQ(core_gates_open(c), 0, "result %u", result);
		CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "%u", result);
		core_free(c);
	}
}

/* P-05, G-09 */
static void many_calls(void)
{
	struct core *c;
	u16 i;

	begin();
	open_control();
	for (i = 0; i < 16; i++)
		call_out(i, i ? i : 65002, 100 + i, 100 + i);
	c = hold("16 calls", NULL);
	CHECK_EQ(core_gates_open(c), 32, "gates");
	core_free(c);

	/* One more is seen, and left alone. */
	say(NAT64_DIR_64, OCRQ, 16, 16);
	reply(NAT64_DIR_46, OCRP, OK, (struct ids){ 116, 16 },
	      (struct ids){ 116, 16 });
	for (i = 0; i < 16; i++)
		use(i, i ? i : 65002, 100 + i, 100 + i);
	c = hold("17 calls", NULL);
	CHECK_EQ(core_gates_open(c), 32, "gates");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_GATES_REFUSED), 1, "refused");
	core_free(c);

	/* There is room again when a call has ended. */
	hang_up(3, 3, 103, 103);
	call_out(16, 16, 116, 116);
	c = hold("one goes, one comes", NULL);
	CHECK_EQ(core_gates_open(c), 32, "gates");
	check46(c, 16, 16);
	check64(c, 16, 116, 116);
	CHECK(!core_gate(c, IPPROTO_GRE, NAT64_DIR_46, 3), "gone");
	core_free(c);
}

/* The same id again and again, as clients do that reconnect */
static void again(void)
{
	struct core *c;
	u16 i;

	begin();
	open_control();
	for (i = 0; i < 10; i++) {
		call_out(0, 65002, i, i ? i : 65002);
		hang_up(0, 65002, i, i ? i : 65002);
	}
	call_out(0, 65002, 5, 5);
	c = hold("ten times", NULL);
	CHECK_EQ(core_gates_open(c), 2, "gates");
	check46(c, 0, 65002);
	check64(c, 0, 5, 5);
	core_free(c);

	/* without a word that the former call has ended */
	begin();
	open_control();
	call_out(0, 65002, 1, 1);
	call_out(0, 65002, 2, 2);
	use(0, 65002, 2, 2);
	c = hold("id given anew by the client", NULL);
	CHECK_EQ(core_gates_open(c), 2, "gates");
	check64(c, 0, 2, 2);
	core_free(c);

	begin();
	open_control();
	call_out(0, 65002, 1, 1);
	say(NAT64_DIR_64, OCRQ, 0, 65002);
	c = hold("and not answered yet", NULL);
	CHECK_EQ(core_gates_open(c), 1, "gates");
	check46(c, 0, 65002);
	core_free(c);

	begin();
	open_control();
	call_out(1, 1, 0, 65002);
	call_out(2, 2, 0, 65002);
	use(2, 2, 0, 65002);
	c = hold("id given anew by the server", NULL);
	CHECK_EQ(core_gates_open(c), 2, "gates");
	check46(c, 2, 2);
	check64(c, 2, 0, 65002);
	core_free(c);
}

/* The server calls: ICRQ, ICRP, ICCN */
static void call_in(u16 id, u16 id_told, u16 s, u16 s_told)
{
	say(NAT64_DIR_46, ICRQ, s, s_told);
	reply(NAT64_DIR_64, ICRP, OK, (struct ids){ id, s_told },
	      (struct ids){ id_told, s });
	say(NAT64_DIR_46, ICCN, id_told, id);
}

static void incoming_with(u16 id, u16 id_told, u16 s, u16 s_told)
{
	struct core *c;

	begin();
	open_control();
	say(NAT64_DIR_46, ICRQ, s, s_told);
	c = hold("ICRQ", NULL);
	CHECK_EQ(core_gates_open(c), 0, "nobody has agreed yet");
	core_free(c);

	begin();
	open_control();
	call_in(id, id_told, s, s_told);
	use(id, id_told, s, s_told);
	c = hold("incoming call", NULL);
	check46(c, id, id_told);
	check64(c, id, s, s_told);
	CHECK_EQ(core_gates_open(c), 2, "gates");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	core_free(c);

	hang_up(id, id_told, s, s_told);
	c = hold("incoming call, and end", NULL);
	CHECK_EQ(core_gates_open(c), 0, "gates");
	core_free(c);
}

static void incoming(void)
{
	incoming_with(7, 7, 9, 9);
	incoming_with(0, 65002, 9, 9);
	incoming_with(7, 7, 0, 65002);
	incoming_with(0, 65002, 0, 65002);
}

/* Told before a gate could be had: it must be that id, or no gate at all. */
static void incoming_conflict(void)
{
	struct core *c;

	begin();
	open_control();
	say(NAT64_DIR_46, ICRQ, 0, 65002);
	reply(NAT64_DIR_64, ICRP, OK, (struct ids){ 7, 65002 },
	      (struct ids){ 7, 0 });
	c = hold("taken by another connection", take_65002);
	CHECK_EQ(core_gates_open(c), 0, "gates");
	CHECK(counted(c, NAT64_ALG_CNT_GATES_REFUSED), "refused");
	core_free(c);

	begin();
	open_control();
	call_in(0, 65002, 0, 65002);
	call_in(65002, 65003, 65002, 65003);
	use(0, 65002, 0, 65002);
	use(65002, 65003, 65002, 65003);
	c = hold("taken on this one", NULL);
	CHECK_EQ(core_gates_open(c), 4, "gates");
	check64(c, 0, 0, 65002);
	check64(c, 65002, 65002, 65003);
	core_free(c);
}

static void incoming_refused(void)
{
	struct core *c;

	begin();
	open_control();
	say(NAT64_DIR_46, ICRQ, 0, 65002);
	reply(NAT64_DIR_64, ICRP, 3, (struct ids){ 0, 65002 },
	      (struct ids){ 0, 0 });
	/* Nobody knows the id any more. */
	say(NAT64_DIR_64, SLI, 65002, 65002);
	c = hold("declined", NULL);
	CHECK_EQ(c->gates, 0, "gates");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 1, "errors");
	core_free(c);

	begin();
	open_control();
	say(NAT64_DIR_46, ICRQ, 0, 65002);
	say(NAT64_DIR_46, CDN, 0, 65002);
	reply(NAT64_DIR_64, ICRP, OK, (struct ids){ 0, 65002 },
	      (struct ids){ 0, 65002 });
	c = hold("hung up while it rang", NULL);
	CHECK_EQ(c->gates, 0, "gates");
	core_free(c);
}

static void inbound(struct core *c)
{
	c->ctx.inbound = true;
}

/* G-11: the server is the IPv6 end. */
static void server_inside(void)
{
	struct core *c;

	begin();
	say(NAT64_DIR_46, SCCRQ, 0x100, 0x100);
	say(NAT64_DIR_64, SCCRP, 0x100, 0x100);
	say(NAT64_DIR_46, OCRQ, 0, 65002);
	reply(NAT64_DIR_64, OCRP, OK, (struct ids){ 0, 65002 },
	      (struct ids){ 65002, 0 });
	say(NAT64_DIR_46, SLI, 65002, 0);
	c = hold("server inside", inbound);
	check46(c, 0, 65002);
	check64(c, 0, 0, 65002);
	CHECK_EQ(core_gates_open(c), 2, "gates");
	CHECK(!c->transparent, "given up");
	core_free(c);

	say(NAT64_DIR_46, CCRQ, 0, 65002);
	say(NAT64_DIR_64, CDN, 0, 65002);
	c = hold("server inside, and end", inbound);
	CHECK_EQ(core_gates_open(c), 0, "gates");
	core_free(c);

	begin();
	open_control();
	c = hold("the opener is the other end", inbound);
	CHECK(c->transparent, "given up");
	core_free(c);
}

/* P-06: control connection begun or stopped anew */
static void reset(void)
{
	static const unsigned int types[] = { SCCRQ, STOP_RP };
	struct core *c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		begin();
		open_control();
		call_out(0, 65002, 0, 65002);
		call_out(5, 5, 6, 6);
		say(NAT64_DIR_64, types[i], 0x100, 0x100);
		say(NAT64_DIR_64, SLI, 65002, 65002);
		c = hold("reset", NULL);
		CHECK_EQ(core_gates_open(c), 0, "type %u", types[i]);
		CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 1, "unknown call");
		core_free(c);
	}
	begin();
	open_control();
	call_out(5, 5, 6, 6);
	say(NAT64_DIR_64, STOP_RQ, 0x100, 0x100);
	c = hold("a request to stop is not the end", NULL);
	CHECK_EQ(core_gates_open(c), 2, "gates");
	core_free(c);
}

/* Call-Disconnect-Notify as servers send it, right and wrong */
static void disconnect(void)
{
	struct core *c;

	begin();
	open_control();
	call_out(0, 65002, 0, 65002);
	say(NAT64_DIR_46, CDN, 0, 65002);
	c = hold("by the server", NULL);
	CHECK_EQ(core_gates_open(c), 0, "gates");
	core_free(c);

	begin();
	open_control();
	call_out(0, 65002, 9, 9);
	say(NAT64_DIR_46, CDN, 65002, 0);
	c = hold("by the server, with the client's id", NULL);
	CHECK_EQ(core_gates_open(c), 0, "gates");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 0, "errors");
	core_free(c);

	begin();
	open_control();
	say(NAT64_DIR_64, OCRQ, 0, 65002);
	say(NAT64_DIR_64, CCRQ, 0, 65002);
	say(NAT64_DIR_46, CDN, 77, 77);
	c = hold("before there was an answer", NULL);
	CHECK_EQ(core_gates_open(c), 0, "gates");
	core_free(c);

	begin();
	open_control();
	call_out(1, 1, 2, 2);
	say(NAT64_DIR_46, CDN, 77, 77);
	say(NAT64_DIR_64, CCRQ, 78, 78);
	c = hold("of no call", NULL);
	CHECK_EQ(core_gates_open(c), 2, "gates");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 2, "errors");
	core_free(c);
}

/* Ids that nobody announced: counted, not touched, nothing opened */
static void unknown_ids(void)
{
	struct core *c;

	begin();
	open_control();
	reply(NAT64_DIR_46, OCRP, OK, (struct ids){ 0, 0 },
	      (struct ids){ 0, 0 });
	reply(NAT64_DIR_64, ICRP, OK, (struct ids){ 0, 0 },
	      (struct ids){ 0, 0 });
	use(0, 0, 0, 0);
	hang_up(0, 0, 0, 0);
	say(NAT64_DIR_46, ICCN, 0, 0);
	c = hold("unknown", NULL);
	CHECK_EQ(c->gates, 0, "gates");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 9, "errors");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_MESSAGES), 2, "messages");
	CHECK(!c->transparent, "given up");
	core_free(c);

	/* An answer of the wrong kind, from the wrong end, or once more */
	begin();
	open_control();
	say(NAT64_DIR_64, OCRQ, 7, 7);
	reply(NAT64_DIR_46, ICRP, OK, (struct ids){ 0, 7 },
	      (struct ids){ 0, 7 });
	reply(NAT64_DIR_64, OCRP, OK, (struct ids){ 0, 7 },
	      (struct ids){ 0, 7 });
	c = hold("wrong answers", NULL);
	CHECK_EQ(c->gates, 1, "gates");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 2, "errors");
	core_free(c);

	reply(NAT64_DIR_46, OCRP, OK, (struct ids){ 9, 7 },
	      (struct ids){ 9, 7 });
	reply(NAT64_DIR_46, OCRP, OK, (struct ids){ 0, 7 },
	      (struct ids){ 0, 7 });
	c = hold("right answer, then another", NULL);
	CHECK_EQ(c->gates, 2, "gates");
	check64(c, 7, 9, 9);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 3, "errors");
	core_free(c);

	begin();
	open_control();
	call_out(0, 65002, 0, 65002);
	reply(NAT64_DIR_46, OCRP, OK, (struct ids){ 0, 65002 },
	      (struct ids){ 65002, 0 });
	c = hold("the same answer twice", NULL);
	CHECK_EQ(c->gates, 2, "gates");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 1, "errors");
	core_free(c);
}

/* Control types that do not exist */
static void unknown_types(void)
{
	static const u16 types[] = { 0, 16, 255, 256, 263, 65535 };
	struct core *c;
	unsigned int i;

	begin();
	open_control();
	for (i = 0; i < ARRAY_SIZE(types); i++)
		say(NAT64_DIR_64, types[i], 0, 0);
	call_out(0, 65002, 4, 4);
	c = hold("unknown types", NULL);
	CHECK(!c->transparent, "given up");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), i, "errors");
	check46(c, 0, 65002);
	core_free(c);
}

/* From here on octets pass as they are, and open nothing. */
static void given_up(const char *what, u32 gates)
{
	struct core *c;

	say(NAT64_DIR_64, OCRQ, 0, 0);
	reply(NAT64_DIR_46, OCRP, OK, (struct ids){ 0, 0 },
	      (struct ids){ 0, 0 });
	c = hold(what, NULL);
	CHECK(c->transparent, "%s: not given up", what);
	CHECK_EQ(c->gates, gates, "%s: gates", what);
	CHECK_EQ(counted(c, NAT64_ALG_CNT_ERRORS), 1, "%s: errors", what);
	core_free(c);
}

/* P-04: what is not framed cannot be followed. */
static void bad_frame(void)
{
	static const u16 lens[] = { 0, 1, 11, 15, 17, 513, 0x8000, 65535 };
	unsigned int i, k;
	u8 msg[256];
	u32 len;

	for (i = 2; i < 8; i++) {
		for (k = 0; k < 8; k++) {
			begin();
			open_control();
			len = build(msg, ECHO_RQ, 1, 0, 0);
			msg[i] ^= 1 << k;
			raw(NAT64_DIR_64, msg, len);
			given_up("cookie or message type", 0);
		}
	}
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		begin();
		open_control();
		call_out(1, 1, 2, 2);
		len = build(msg, ECHO_RQ, 1, 0, 0);
		nat64_put_be16(lens[i], msg);
		raw(i & 1 ? NAT64_DIR_46 : NAT64_DIR_64, msg, len);
		given_up("length", 2);
	}
}

/* The length of every type is fixed. */
static void lengths(void)
{
	unsigned int type;
	u8 msg[256];
	u32 len;
	int by;

	for (type = SCCRQ; type < TYPES; type++) {
		for (by = -1; by < 2; by += 2) {
			begin();
			open_control();
			len = build(msg, type, 1, 0, 0);
			nat64_put_be16((u16)(len + (u32)by), msg);
			raw(NAT64_DIR_64, msg, len);
			given_up("length of a type", 0);
		}
	}
}

/* SEC-12: other protocols on this port */
static void foreign(void)
{
	static const char http[] = "POST / HTTP/1.1\r\nHost: a\r\n\r\n";
	static const char tls[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03";
	unsigned int type;
	u8 msg[256];

	begin();
	raw(NAT64_DIR_64, http, sizeof(http) - 1);
	given_up("HTTP", 0);
	begin();
	raw(NAT64_DIR_64, tls, sizeof(tls) - 1);
	given_up("TLS", 0);
	/* A message of PPTP, but not the one that comes first */
	for (type = SCCRP; type < TYPES; type++) {
		begin();
		raw(NAT64_DIR_64, msg, build(msg, type, 7, 7, OK));
		given_up("not a start", 0);
	}
}

/*
 * Nobody waits for the rest of what can be no message: the sender may wait
 * for an answer to just that.
 */
static void few_octets(void)
{
	static const u8 starts[][10] = {
		{ 3 }, { 'H', 'I' }, { 0, 11 }, { 2, 1 }, { 0, 16, 1 },
		{ 0, 16, 0, 2 }, { 0, 16, 0, 1, 0x1b },
		{ 0, 16, 0, 1, 0x1a, 0x2c }, { 0, 16, 0, 1, 0x1a, 0x2b, 0x3d },
		{ 0, 16, 0, 1, 0x1a, 0x2b, 0x3c, 0x4c },
		{ 0, 16, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, OCRQ },
	};
	static const u8 lens[] = { 1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 10 };
	unsigned int i, dir;
	struct core *c;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		for (dir = 0; dir < 2; dir++) {
			begin();
			open_control();
			raw(dir, starts[i], lens[i]);
			c = hold("a few octets", NULL);
			CHECK(c->transparent, "start %u", i);
			core_free(c);
		}
	}
	for (i = 1; i < 10; i++) {
		begin();
		raw(NAT64_DIR_64, starts[1], i);
		c = hold("at once", NULL);
		CHECK(c->transparent, "%u octets", i);
		core_free(c);
	}
}

/* A text with a message inside, where a segment may begin */
static void slipstream(void)
{
	u8 text[1000];

	begin();
	memset(text, 'a', sizeof(text));
	build(text + 500, SCCRQ, 0, 0, 0);
	build(text + 500 + 156, OCRQ, 0, 0, 0);
	raw(NAT64_DIR_64, text, 500);
	raw(NAT64_DIR_64, text + 500, 500);
	given_up("slipstream", 0);
}

/* P-04: 50 messages in one segment of each end */
static void coalesced(void)
{
	struct core *c;
	u16 i;

	begin();
	say(NAT64_DIR_64, SCCRQ, 0x100, 0x100);
	for (i = 0; i < 12; i++)
		say(NAT64_DIR_64, OCRQ, i, i ? i : 65002);
	for (i = 0; i < 37; i++)
		say(NAT64_DIR_64, ECHO_RQ, i, i);
	say(NAT64_DIR_46, SCCRP, 0x100, 0x100);
	for (i = 0; i < 12; i++)
		reply(NAT64_DIR_46, OCRP, OK,
		      (struct ids){ i, i ? i : 65002 },
		      (struct ids){ i ? i : 65002, i });
	for (i = 0; i < 37; i++)
		say(NAT64_DIR_46, ECHO_RP, i, i);
	coalesce();
	CHECK_EQ(lines, 2, "segments");
	c = hold("50 messages", NULL);
	CHECK_EQ(core_gates_open(c), 24, "gates");
	CHECK_EQ(counted(c, NAT64_ALG_CNT_MESSAGES), 100, "messages");
	core_free(c);
}

/* The end comes inside of a message. */
static void cut_short(void)
{
	struct core *c;
	u8 msg[256];

	begin();
	open_control();
	call_out(0, 65002, 3, 3);
	build(msg, OCRQ, 0, 0, 0);
	raw(NAT64_DIR_64, msg, 100);
	line[lines++] = (struct core_line)CORE_FIN64;
	line[lines++] = (struct core_line)CORE_FIN46;
	c = hold("half a message, then the end", NULL);
	CHECK_EQ(core_gates_open(c), 2, "gates");
	CHECK(c->fin[NAT64_DIR_64], "FIN");
	core_free(c);
}

static const struct test pptp_tests[] = {
	{ "P-04.foreign", foreign },
	{ "P-04.few-octets", few_octets },
	{ "P-04.bad-frame", bad_frame },
	{ "P-04.lengths", lengths },
	{ "P-04.coalesced", coalesced },
	{ "P-04.cut-short", cut_short },
	{ "P-04.unknown-types", unknown_types },
	{ "P-05.many-calls", many_calls },
	{ "P-06.reset", reset },
	{ "P-08.negative", negative },
	{ "P-08.disconnect", disconnect },
	{ "P-09.unknown-ids", unknown_ids },
	{ "P-03.id-again", again },
	{ "S-11.request", request },
	{ "S-14.request-zero", request_zero },
	{ "S-17.client-zero", client_zero },
	{ "S-21.plain", plain },
	{ "S-24.server-zero", server_zero },
	{ "S-26.incoming", incoming },
	{ "S-26.incoming-refused", incoming_refused },
	{ "S-27.both-zero", both_zero },
	{ "S-28.conflict", conflict },
	{ "S-28.conflict-stale", conflict_stale },
	{ "S-28.conflict-zero", conflict_zero },
	{ "S-28.zero-and-65002", zero_and_65002 },
	{ "S-28.strict", conflict_strict },
	{ "S-28.incoming", incoming_conflict },
	{ "G-06.refused", refused },
	{ "G-06.refused-later", refused_later },
	{ "G-11.server-inside", server_inside },
	{ "SEC-12.slipstream", slipstream },
};

SUITE(pptp);
