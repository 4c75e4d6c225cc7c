// SPDX-License-Identifier: GPL-2.0
#include "core.h"

#include <stdio.h>
#include <stdlib.h>

#include "network.h"

#define WELL_KNOWN 1023

static struct core *core_of(struct nat64_alg_ctx *ctx)
{
	return (struct core *)((char *)ctx - offsetof(struct core, ctx));
}

struct core *core_new(const struct nat64_alg_ops *ops)
{
	static const struct in6_addr prefix = {
		.s6_addr = { 0x00, 0x64, 0xff, 0x9b }
	};
	static const struct in6_addr client = {
		.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 5 }
	};
	struct core *c = calloc(1, sizeof(*c));
	u32 i;

	if (!c || ops->priv_size > sizeof(c->priv))
		abort();
	c->ctx.ops = ops;
	c->ctx.priv = c->priv;
	c->ctx.prefix = (struct nat64_prefix){ .addr = prefix, .len = 96 };
	c->ctx.client6 = client;
	c->ctx.remote4 = cpu_to_be32(CORE_REMOTE4);
	c->ctx.remote6 = prefix;
	nat64_put_be32(CORE_REMOTE4, c->ctx.remote6.s6_addr + 12);
	c->ctx.pool4 = cpu_to_be32(CORE_POOL4);
	c->ctx.client_port = cpu_to_be16(CORE_CLIENT_PORT);
	c->ctx.pool_port = cpu_to_be16(CORE_POOL_PORT);
	c->ctx.options = NAT64_ALG_OPT_FTP_EPSV | NAT64_ALG_OPT_FTP_EPRT4 |
			 NAT64_ALG_OPT_RTSP_LITERALS;
	c->ctx.gate_ms = 60000;
	c->next_port = CORE_PORT;
	for (i = 0; i < 2; i++) {
		struct nat64_stream *st = &c->stream[i];

		st->hold_size = ops->hold;
		st->store_size = nat64_stream_store_size(ops->hold);
		st->hold = malloc(st->hold_size);
		st->store = malloc(st->store_size);
		if (!st->hold || !st->store)
			abort();
	}
	return c;
}

void core_free(struct core *c)
{
	u32 i;

	network_free(c);
	for (i = 0; i < 2; i++) {
		free(c->stream[i].hold);
		free(c->stream[i].store);
		free(c->out[i].b);
		free(c->in[i].b);
	}
	free(c);
}

int nat64_alg_replace(struct nat64_alg_ctx *ctx, u32 off, u32 len,
		      const void *new, u32 new_len)
{
	int err = nat64_stream_edit_add(ctx->stream, off, len, new, new_len);

	if (!err)
		core_of(ctx)->count[NAT64_ALG_CNT_REWRITES]++;
	return err;
}

void nat64_alg_skip(struct nat64_alg_ctx *ctx, u32 n)
{
	nat64_stream_skip_add(ctx->stream, n);
}

void nat64_alg_transparent(struct nat64_alg_ctx *ctx)
{
	core_give_up(core_of(ctx));
}

void nat64_alg_count(struct nat64_alg_ctx *ctx, enum nat64_alg_counter counter)
{
	core_of(ctx)->count[counter]++;
}

void core_give_up(struct core *c)
{
	nat64_stream_give_up(&c->stream[0]);
	nat64_stream_give_up(&c->stream[1]);
	if (!c->transparent)
		c->count[NAT64_ALG_CNT_TRANSPARENT]++;
	c->transparent = true;
}

/* A call id, or a port of the pool, as opposed to the server's own port. */
static bool maps(const struct nat64_gate_spec *spec)
{
	return spec->proto == IPPROTO_GRE || spec->dir == NAT64_DIR_46;
}

static bool is_free(const struct core *c, const struct nat64_gate_spec *spec,
		    u16 port)
{
	u32 i;

	if (!port)
		return false;
	for (i = 0; i < ARRAY_SIZE(c->taken) && c->taken[i]; i++) {
		if (be16_to_cpu(c->taken[i]) == port)
			return false;
	}
	for (i = 0; i < c->gates; i++) {
		const struct nat64_gate_spec *g = &c->gate[i].spec;
		u16 mapped = be16_to_cpu(g->mapped);

		if (!c->gate[i].open || g->proto != spec->proto ||
		    g->dir != spec->dir)
			continue;
		if (mapped == port || (g->flags & NAT64_GATE_PAIR &&
				       mapped + 1 == port))
			return false;
	}
	return true;
}

static bool fits(const struct core *c, const struct nat64_gate_spec *spec,
		 u16 port)
{
	if (!(spec->flags & NAT64_GATE_PAIR))
		return is_free(c, spec, port);
	return ((port ^ be16_to_cpu(spec->client_port)) & 1) == 0 &&
	       is_free(c, spec, port) && is_free(c, spec, (u16)(port + 1));
}

/* The second half of a pair that is open has its port already. */
static u16 twin(const struct core *c, const struct nat64_gate_spec *spec)
{
	u32 i;

	for (i = 0; i < c->gates; i++) {
		const struct nat64_gate_spec *g = &c->gate[i].spec;

		if (c->gate[i].open && g->flags & NAT64_GATE_PAIR &&
		    g->proto == spec->proto && g->dir == spec->dir &&
		    be16_to_cpu(g->client_port) + 1 ==
			    be16_to_cpu(spec->client_port))
			return (u16)(be16_to_cpu(g->mapped) + 1);
	}
	return 0;
}

static int choose(struct core *c, struct nat64_gate_spec *spec)
{
	u16 want = be16_to_cpu(spec->want), port;
	u32 i;

	if (!maps(spec)) {
		spec->mapped = spec->remote_port;
		return 0;
	}
	port = twin(c, spec);
	if (!port && want && fits(c, spec, want))
		port = want;
	if (!port && want && spec->proto == IPPROTO_GRE &&
	    c->ctx.options & NAT64_ALG_OPT_PPTP_STRICT)
		return -EADDRINUSE;
	for (i = 0; !port && i < 65536; i++) {
		if (fits(c, spec, c->next_port))
			port = c->next_port;
		c->next_port++;
	}
	if (!port)
		return -EADDRINUSE;
	if (want && port != want)
		c->count[NAT64_ALG_CNT_REMAPPED]++;
	spec->mapped = cpu_to_be16(port);
	return 0;
}

static int check(const struct core *c, const struct nat64_gate_spec *spec)
{
	bool out = spec->dir == NAT64_DIR_64;
	u16 port = be16_to_cpu(spec->client_port);

	if (spec->proto == IPPROTO_GRE)
		return spec->remote ? 0 : -EACCES;
	if (out && !spec->remote)
		return -EACCES;
	if (!port)
		return out ? 0 : -EACCES;
	if (port <= WELL_KNOWN &&
	    !(c->ctx.options & NAT64_ALG_OPT_LOW_PORTS))
		return -EACCES;
	return spec->flags & NAT64_GATE_PAIR && (out || port == 65535) ?
		       -EADDRINUSE : 0;
}

static struct core_gate *same(struct core *c,
			      const struct nat64_gate_spec *spec)
{
	u32 i;

	for (i = 0; i < c->gates; i++) {
		const struct nat64_gate_spec *g = &c->gate[i].spec;

		if (!c->gate[i].open || g->proto != spec->proto ||
		    g->dir != spec->dir ||
		    g->client_port != spec->client_port)
			continue;
		if (spec->dir == NAT64_DIR_46 ||
		    (g->remote == spec->remote &&
		     g->remote_port == spec->remote_port))
			return &c->gate[i];
	}
	return NULL;
}

/* Closed gates are history; the oldest goes when there is no room. */
static struct core_gate *slot(struct core *c)
{
	u32 i;

	if (c->gates < CORE_GATES)
		return &c->gate[c->gates++];
	for (i = 0; i < CORE_GATES && c->gate[i].open;)
		i++;
	if (i == CORE_GATES)
		return NULL;
	memmove(&c->gate[i], &c->gate[i + 1],
		(CORE_GATES - 1 - i) * sizeof(c->gate[0]));
	return &c->gate[CORE_GATES - 1];
}

/* The second port of a pair counts, although it is not listed until opened. */
static u32 counted(struct core *c, const struct nat64_gate_spec *spec)
{
	u32 n = spec->flags & NAT64_GATE_PAIR ? 2 : 1, i;

	for (i = 0; i < c->gates; i++) {
		struct nat64_gate_spec second = c->gate[i].spec;

		if (!c->gate[i].open)
			continue;
		n++;
		if (!(second.flags & NAT64_GATE_PAIR))
			continue;
		second.client_port =
			cpu_to_be16((u16)(be16_to_cpu(second.client_port) + 1));
		n += !same(c, &second);
	}
	return twin(c, spec) ? n - 1 : n;
}

static int gate_add(struct core *c, struct nat64_gate_spec *spec)
{
	struct core_gate *g;
	int err;

	if (counted(c, spec) > c->ctx.ops->gates_max)
		return -ENOSPC;
	err = choose(c, spec);
	if (err)
		return err;
	g = slot(c);
	if (!g)
		return -ENOSPC;
	g->spec = *spec;
	g->open = true;
	c->count[NAT64_ALG_CNT_GATES_OPENED]++;
	return 0;
}

int nat64_alg_gate_open(struct nat64_alg_ctx *ctx,
			struct nat64_gate_spec *spec)
{
	struct core *c = core_of(ctx);
	int err = check(c, spec);
	struct core_gate *g;

	if (!err && c->fail && !c->fail_after &&
	    (!c->fail_flags || spec->flags & c->fail_flags))
		err = c->fail;
	if (c->fail && c->fail_after)
		c->fail_after--;
	g = same(c, spec);
	if (!err && g) {
		spec->mapped = g->spec.mapped;
		spec->flags |= g->spec.flags & NAT64_GATE_PAIR;
		g->spec = *spec;
	} else if (!err) {
		err = gate_add(c, spec);
	}
	if (err)
		c->count[NAT64_ALG_CNT_GATES_REFUSED]++;
	return err;
}

void nat64_alg_gate_close(struct nat64_alg_ctx *ctx, u8 proto,
			  __be16 client_port)
{
	struct core *c = core_of(ctx);
	u32 i;

	for (i = 0; i < c->gates; i++) {
		if (c->gate[i].spec.proto == proto &&
		    c->gate[i].spec.client_port == client_port)
			c->gate[i].open = false;
	}
}

u32 core_gates_open(const struct core *c)
{
	u32 n = 0, i;

	for (i = 0; i < c->gates; i++)
		n += c->gate[i].open;
	return n;
}

const struct nat64_gate_spec *core_gate(const struct core *c, u8 proto,
					enum nat64_dir dir, u16 client_port)
{
	u32 i;

	for (i = 0; i < c->gates; i++) {
		const struct nat64_gate_spec *g = &c->gate[i].spec;

		if (c->gate[i].open && g->proto == proto && g->dir == dir &&
		    be16_to_cpu(g->client_port) == client_port)
			return g;
	}
	return NULL;
}

static bool gate_differs(const struct core_gate *x, const struct core_gate *y)
{
	const struct nat64_gate_spec *a = &x->spec, *b = &y->spec;

	return x->open != y->open || a->proto != b->proto ||
	       a->dir != b->dir || a->flags != b->flags ||
	       a->client_port != b->client_port || a->remote != b->remote ||
	       a->remote_port != b->remote_port || a->want != b->want ||
	       a->mapped != b->mapped || a->lifetime != b->lifetime;
}

static char message[512];

static const char *differ(const char *what, u32 which, u32 got, u32 want)
{
	snprintf(message, sizeof(message), "%s %u: %u, not %u", what, which,
		 got, want);
	return message;
}

const char *core_compare(const struct core *a, const struct core *b)
{
	u32 i, k;

	for (i = 0; i < 2; i++) {
		const struct core_bytes *x = &a->out[i], *y = &b->out[i];

		for (k = 0; k < x->len && k < y->len; k++) {
			if (x->b[k] != y->b[k])
				return differ("first octet that differs, direction",
					      i, k, x->len);
		}
		if (x->len != y->len)
			return differ("octets in direction", i, y->len,
				      x->len);
		if (a->fin[i] != b->fin[i])
			return differ("FIN in direction", i, b->fin[i],
				      a->fin[i]);
	}
	if (a->gates != b->gates)
		return differ("gates", 0, b->gates, a->gates);
	for (i = 0; i < a->gates; i++) {
		if (gate_differs(&a->gate[i], &b->gate[i]))
			return differ("gate", i, b->gate[i].open,
				      a->gate[i].open);
	}
	for (i = 0; i < NAT64_ALG_COUNTER_COUNT; i++) {
		if (a->count[i] != b->count[i])
			return differ("counter", i, b->count[i], a->count[i]);
	}
	return NULL;
}

static const char *one_way(const struct core *base, struct core *c,
			   const struct core_line *lines, u32 count,
			   enum core_way way, u64 seed)
{
	static char text[768];
	const char *err = core_talk(c, lines, count, way, seed);

	if (!err && base)
		err = core_compare(base, c);
	if (!err)
		return NULL;
	snprintf(text, sizeof(text), "way %d, seed %llu: %s", way,
		 (unsigned long long)seed, err);
	return text;
}

const char *core_everyway(const struct nat64_alg_ops *ops,
			  void (*setup)(struct core *c),
			  const struct core_line *lines, u32 count, u32 random)
{
	struct core *base = core_new(ops), *c;
	const char *err;
	u32 i;

	if (setup)
		setup(base);
	err = one_way(NULL, base, lines, count, CORE_WHOLE, 0);
	for (i = 0; !err && i <= random; i++) {
		c = core_new(ops);
		if (setup)
			setup(c);
		err = one_way(base, c, lines, count,
			      i ? CORE_RANDOM : CORE_BYTES, i);
		core_free(c);
	}
	core_free(base);
	return err;
}
