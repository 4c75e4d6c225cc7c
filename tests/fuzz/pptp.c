// SPDX-License-Identifier: GPL-2.0
/*
 * Input: a struct head, then steps of a control connection: a message made of
 * a type and of ids that are likely to meet again, or any octets, or the end
 * of all gates' time.
 *
 * The steps are run as they are, cut into pieces (every eighth, or by the mode
 * all of them, into octets), and with those of one direction joined: octets,
 * gates and counters must be the same. A gate must be for ids that the right
 * end announced on this connection and lead to its server only; nothing but
 * call ids may change.
 */
#include "fuzz.h"
#include "header.h"
#include "nat64_alg.h"

/* Both gates open; given up; remapped; refused; closed */
const unsigned int fuzz_paths = 5;

enum { HIT_CALL, HIT_TRANSPARENT, HIT_REMAPPED, HIT_REFUSED, HIT_CLOSED };

struct head {
	u8 mode;
	u8 fail_after;
	u8 taken[2];
	u8 cut;
};

#define MODE_INBOUND 1
#define MODE_STRICT 2
#define MODE_FAIL 4
#define MODE_EVERY 0x80

#define STEPS 48
#define ROOM (STEPS * 256)
#define GATES 32
#define REMOTE4 0xcb007109
#define GATE_MS 60000

enum { OCRQ = 7, OCRP = 8, ICRQ = 9, ICRP = 10, ICCN = 11, TYPES = 16 };

static const u8 size_of[TYPES] = {
	20, 156, 156, 16, 16, 16, 20, 168, 32, 220, 24, 28, 16, 148, 40, 24,
};

static const u16 ids[16] = {
	0, 1, 2, 65002, 65003, 65004, 65535, 65001, 3, 4, 5, 6, 7, 8, 50000,
	50001,
};

/* What a step puts into a direction; none: gates expire */
struct step {
	u8 dir;
	bool expire;
	u32 from;
	u32 len;
};

struct gate {
	struct nat64_gate_spec spec;
	bool open;
};

struct world {
	struct nat64_alg_ctx ctx;
	u64 priv[2048 / 8];
	const struct head *head;
	struct gate gate[GATES];
	u32 opens;
	u32 trail; /* of all that was done to gates */
	u16 next_id;
	u32 count[NAT64_ALG_COUNTER_COUNT];
	bool transparent;
	u8 announced[2][65536 / 8];
	u8 out[2][ROOM];
	u32 out_len[2];
	u8 held[2][1024];
	u32 held_len[2];
	/* the present call of payload() */
	u8 *data;
	u32 len;
	u32 edited;
	bool inside;
};

static struct world worlds[3];
static u8 *edge; /* 1024 octets, and nothing behind them */
static struct step steps[STEPS];
static u8 octets[ROOM];

static struct world *world_of(struct nat64_alg_ctx *ctx)
{
	return (struct world *)((u8 *)ctx - offsetof(struct world, ctx));
}

static void trail(struct world *w, u32 what)
{
	w->trail = (w->trail ^ what) * 16777619;
}

static bool announced(const struct world *w, enum nat64_dir end, __be16 id)
{
	u16 n = be16_to_cpu(id);

	return w->announced[end][n / 8] & 1 << n % 8;
}

int nat64_alg_replace(struct nat64_alg_ctx *ctx, u32 off, u32 len,
		      const void *new, u32 new_len)
{
	struct world *w = world_of(ctx);

	ENSURE(w->inside && !w->transparent);
	ENSURE(len == 2 && new_len == 2);
	ENSURE(off == 12 || off == 14);
	ENSURE(off >= w->edited && off + len <= w->len);
	w->edited = off + len;
	memcpy(w->data + off, new, new_len);
	return 0;
}

void nat64_alg_skip(struct nat64_alg_ctx *ctx, u32 n)
{
	(void)ctx;
	(void)n;
	ENSURE(false);
}

void nat64_alg_transparent(struct nat64_alg_ctx *ctx)
{
	ENSURE(world_of(ctx)->inside);
	world_of(ctx)->transparent = true;
	fuzz_hit(HIT_TRANSPARENT);
}

void nat64_alg_count(struct nat64_alg_ctx *ctx, enum nat64_alg_counter counter)
{
	struct world *w = world_of(ctx);

	ENSURE(w->inside);
	w->count[counter]++;
	if (counter == NAT64_ALG_CNT_REMAPPED)
		fuzz_hit(HIT_REMAPPED);
	if (counter == NAT64_ALG_CNT_GATES_REFUSED)
		fuzz_hit(HIT_REFUSED);
}

static struct gate *find(struct world *w, const struct nat64_gate_spec *spec)
{
	struct gate *g;

	for (g = w->gate; g < w->gate + GATES; g++)
		if (g->open && g->spec.dir == spec->dir &&
		    g->spec.client_port == spec->client_port &&
		    (spec->dir == NAT64_DIR_46 ||
		     g->spec.remote_port == spec->remote_port))
			return g;
	return NULL;
}

static bool is_free(const struct world *w, enum nat64_dir dir, u16 id)
{
	const struct gate *g;

	if (!id || id == nat64_get_be16(w->head->taken))
		return false;
	for (g = w->gate; g < w->gate + GATES; g++)
		if (g->open && g->spec.dir == dir &&
		    be16_to_cpu(g->spec.mapped) == id)
			return false;
	return true;
}

static int choose(struct world *w, struct nat64_gate_spec *spec)
{
	u16 id = be16_to_cpu(spec->want);

	ENSURE(id);
	if (!is_free(w, spec->dir, id)) {
		if (w->ctx.options & NAT64_ALG_OPT_PPTP_STRICT)
			return -EADDRINUSE;
		nat64_alg_count(&w->ctx, NAT64_ALG_CNT_REMAPPED);
		for (id = w->next_id; !is_free(w, spec->dir, id); id++)
			;
		w->next_id = (u16)(id + 1);
	}
	spec->mapped = cpu_to_be16(id);
	return 0;
}

static int gate_open(struct world *w, struct nat64_gate_spec *spec)
{
	struct gate *g = find(w, spec);
	int err;

	if (w->head->mode & MODE_FAIL && w->opens++ >= w->head->fail_after)
		return -ENOSPC;
	if (g) {
		spec->mapped = g->spec.mapped;
		g->spec = *spec;
		return 0;
	}
	err = choose(w, spec);
	if (err)
		return err;
	for (g = w->gate; g < w->gate + GATES && g->open; g++)
		;
	ENSURE(g < w->gate + GATES); /* ops->gates_max is enough */
	g->spec = *spec;
	g->open = true;
	return 0;
}

int nat64_alg_gate_open(struct nat64_alg_ctx *ctx,
			struct nat64_gate_spec *spec)
{
	struct world *w = world_of(ctx);
	int err;

	ENSURE(w->inside && !w->transparent);
	ENSURE(spec->proto == NAT64_PROTO_GRE && !spec->flags);
	ENSURE(spec->remote == cpu_to_be32(REMOTE4));
	ENSURE(spec->lifetime == GATE_MS);
	ENSURE(announced(w, NAT64_DIR_64, spec->client_port));
	if (spec->dir == NAT64_DIR_64)
		ENSURE(announced(w, NAT64_DIR_46, spec->remote_port));
	else
		ENSURE(spec->dir == NAT64_DIR_46 && !spec->remote_port);
	err = gate_open(w, spec);
	if (err)
		nat64_alg_count(ctx, NAT64_ALG_CNT_GATES_REFUSED);
	else if (spec->dir == NAT64_DIR_64)
		fuzz_hit(HIT_CALL);
	trail(w, (u32)be16_to_cpu(spec->client_port) << 16 |
		 be16_to_cpu(err ? spec->want : spec->mapped));
	trail(w, (u32)be16_to_cpu(spec->remote_port) << 16 | spec->dir);
	return err;
}

void nat64_alg_gate_close(struct nat64_alg_ctx *ctx, u8 proto,
			  __be16 client_port)
{
	struct world *w = world_of(ctx);
	struct gate *g;

	ENSURE(w->inside && proto == NAT64_PROTO_GRE);
	ENSURE(announced(w, NAT64_DIR_64, client_port));
	for (g = w->gate; g < w->gate + GATES; g++) {
		if (g->open && g->spec.client_port == client_port) {
			g->open = false;
			fuzz_hit(HIT_CLOSED);
		}
	}
	trail(w, 0x80000000 | be16_to_cpu(client_port));
}

/* Ids that a message gives, by a reading of our own */
static void announce(struct world *w, enum nat64_dir dir, const u8 *data,
		     u32 len)
{
	u16 type, id;

	if (len < 16 || nat64_get_be16(data) > len)
		return;
	type = nat64_get_be16(data + 8);
	id = nat64_get_be16(data + 12);
	if (type >= OCRQ && type <= ICRP)
		w->announced[dir][id / 8] |= (u8)(1 << id % 8);
}

/* No call has a gate to the server only, and no id stands for two calls. */
static void check_gates(const struct world *w)
{
	const struct gate *g, *o;
	bool twin;

	for (g = w->gate; g < w->gate + GATES; g++) {
		if (!g->open)
			continue;
		twin = g->spec.dir == NAT64_DIR_46;
		for (o = w->gate; o < w->gate + GATES; o++) {
			if (!o->open || o == g)
				continue;
			twin |= o->spec.client_port == g->spec.client_port;
			ENSURE(o->spec.dir != g->spec.dir ||
			       (o->spec.mapped != g->spec.mapped &&
				o->spec.client_port != g->spec.client_port));
		}
		ENSURE(twin);
	}
}

static u32 call_payload(struct world *w, enum nat64_dir dir, u8 *data,
			u32 len)
{
	u8 *copy = edge + 1024 - len;
	u32 before = w->trail, n;

	ENSURE(len && len <= 1024);
	memcpy(copy, data, len);
	announce(w, dir, data, len);
	w->data = data;
	w->len = len;
	w->edited = 0;
	w->inside = true;
	n = nat64_alg_pptp.payload(&w->ctx, dir, copy, len);
	w->inside = false;
	ENSURE(n <= len && w->edited <= n);
	if (n && !w->transparent)
		ENSURE(n == nat64_get_be16(copy));
	ENSURE(!memcmp(data, copy, min(len, 12U)));
	if (len > 16)
		ENSURE(!memcmp(data + 16, copy + 16, len - 16));
	if (w->trail != before)
		check_gates(w);
	return n;
}

static void leave(struct world *w, enum nat64_dir dir, u32 n)
{
	memcpy(w->out[dir] + w->out_len[dir], w->held[dir], n);
	w->out_len[dir] += n;
	w->held_len[dir] -= n;
	memmove(w->held[dir], w->held[dir] + n, w->held_len[dir]);
}

/* What the stream layer would do with octets that arrive in order */
static void feed(struct world *w, enum nat64_dir dir, const u8 *data, u32 len)
{
	u32 room, n;

	while (len || w->transparent) {
		room = min_t(u32, len, nat64_alg_pptp.hold - w->held_len[dir]);
		memcpy(w->held[dir] + w->held_len[dir], data, room);
		w->held_len[dir] += room;
		data += room;
		len -= room;
		do {
			n = w->transparent ? w->held_len[dir] :
				call_payload(w, dir, w->held[dir],
					     w->held_len[dir]);
			leave(w, dir, n);
		} while (n && w->held_len[dir]);
		if (!len)
			break;
		ENSURE(n || !w->held_len[dir] ||
		       w->held_len[dir] < nat64_alg_pptp.hold);
	}
}

static void world_new(struct world *w, const struct head *head)
{
	memset(w, 0, offsetof(struct world, out));
	memset(w->out_len, 0, sizeof(w->out_len));
	memset(w->held_len, 0, sizeof(w->held_len));
	w->inside = false;
	w->head = head;
	w->next_id = 50000;
	w->ctx.ops = &nat64_alg_pptp;
	w->ctx.priv = w->priv;
	w->ctx.remote4 = cpu_to_be32(REMOTE4);
	w->ctx.gate_ms = GATE_MS;
	w->ctx.inbound = head->mode & MODE_INBOUND;
	if (head->mode & MODE_STRICT)
		w->ctx.options |= NAT64_ALG_OPT_PPTP_STRICT;
}

static void expire(struct world *w)
{
	u32 i;

	for (i = 0; i < GATES; i++)
		w->gate[i].open = false;
}

enum way { AS_IT_IS, PIECES, JOINED, WAYS };

/* Octets of the next segment of step @i, if @len are left and @at were sent */
static u32 cut(const struct head *head, u32 i, u32 at, u32 len)
{
	if (head->mode & MODE_EVERY)
		return 1;
	if ((head->cut ^ i) & 7)
		return min_t(u32, len, at ? len : 1 + (head->cut >> 3));
	return at < 18 || len < 3 ? 1 : len - 2;
}

static void feed_cut(struct world *w, u32 i)
{
	const struct step *s = &steps[i];
	u32 at, n;

	for (at = 0; at < s->len; at += n) {
		n = cut(w->head, i, at, s->len - at);
		feed(w, s->dir, octets + s->from + at, n);
	}
}

static void run(struct world *w, u32 count, enum way way)
{
	u32 i, n;

	for (i = 0; i < count; i += n) {
		const struct step *s = &steps[i];
		u32 len = s->len;

		n = 1;
		if (s->expire) {
			expire(w);
			continue;
		}
		while (way == JOINED && i + n < count &&
		       steps[i + n].dir == s->dir && !steps[i + n].expire)
			len += steps[i + n++].len;
		if (way == PIECES)
			feed_cut(w, i);
		else
			feed(w, s->dir, octets + s->from, len);
	}
	/* The end of the stream */
	leave(w, 0, w->held_len[0]);
	leave(w, 1, w->held_len[1]);
}

static u32 put_message(u8 *to, u8 type, u8 arg, u8 more)
{
	u32 size = size_of[type];

	memset(to, 0xaa, size);
	nat64_put_be16((u16)size, to);
	nat64_put_be32(0x11a2b, to + 2);
	nat64_put_be16(0x3c4d, to + 6);
	nat64_put_be16(type, to + 8);
	nat64_put_be16(0, to + 10);
	nat64_put_be16(ids[arg & 15], to + 12);
	if (type == OCRP || type == ICRP) {
		nat64_put_be16(ids[arg >> 4], to + 14);
		to[16] = more & 7 ? 1 : more >> 3;
	}
	return size;
}

/* Returns how many steps the input is. */
static u32 read_steps(const struct head *head, const u8 *data, size_t size)
{
	enum nat64_dir opener = head->mode & MODE_INBOUND ? NAT64_DIR_46 :
							    NAT64_DIR_64;
	u32 n = 1, at;

	steps[0] = (struct step){ .dir = opener };
	at = put_message(octets, 1, 0, 0);
	steps[0].len = at;
	while (n < STEPS && size >= 3) {
		struct step *s = &steps[n++];
		u8 kind = data[0] & 0x1f;

		*s = (struct step){ .dir = data[0] >> 7, .from = at };
		if (kind == 0x10)
			s->expire = true;
		else if (kind)
			s->len = put_message(octets + at, kind & 15, data[1],
					     data[2]);
		else
			s->len = (u32)min_t(size_t, data[1], size - 3);
		if (!kind) {
			memcpy(octets + at, data + 3, s->len);
			data += s->len;
			size -= s->len;
		}
		at += s->len;
		data += 3;
		size -= 3;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct world *w = worlds;
	struct head head;
	u32 count, i, k;
	enum way way;

	if (size < sizeof(head))
		return 0;
	fuzz_inputs++;
	if (!edge)
		edge = fuzz_copy(octets, 1024);
	memcpy(&head, data, sizeof(head));
	count = read_steps(&head, data + sizeof(head), size - sizeof(head));
	for (way = AS_IT_IS; way < WAYS; way++) {
		world_new(&w[way], &head);
		run(&w[way], count, way);
	}
	for (i = 1; i < WAYS; i++) {
		ENSURE(w[i].trail == w[0].trail);
		ENSURE(w[i].transparent == w[0].transparent);
		ENSURE(!memcmp(w[i].count, w[0].count, sizeof(w[0].count)));
		for (k = 0; k < 2; k++) {
			ENSURE(w[i].out_len[k] == w[0].out_len[k]);
			ENSURE(!memcmp(w[i].out[k], w[0].out[k],
				       w[0].out_len[k]));
		}
	}
	return 0;
}
