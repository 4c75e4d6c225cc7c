// SPDX-License-Identifier: GPL-2.0
/*
 * Input: operations on one stream with any numbers, under an ALG that edits as
 * the input says. The state must stay consistent, and what leaves inside the
 * buffers.
 */
#include "../unit/core.h"
#include "fuzz.h"
#include "stream.h"

/* An edit, a hold, a drop, given up */
const unsigned int fuzz_paths = 4;

enum { HIT_EDIT, HIT_HOLD, HIT_DROP, HIT_GIVEN_UP };

#define HOLD 96

struct input {
	const u8 *data;
	size_t len;
};

static u8 next(struct input *in)
{
	if (!in->len)
		return 0;
	in->len--;
	return *in->data++;
}

static u32 next32(struct input *in)
{
	u32 v = next(in);

	v = v << 8 | next(in);
	v = v << 8 | next(in);
	return v << 8 | next(in);
}

/* Where the ALG of the operations takes its decisions from */
static struct input *script;
static struct core *box;

static u32 obey(struct nat64_alg_ctx *ctx, enum nat64_dir dir, const u8 *data,
		u32 len)
{
	static const u8 text[2048];
	u32 count, off, cut, add;
	u8 what = next(script);

	(void)dir;
	ENSURE(len && data && data[0] + data[len - 1] >= 0);
	for (count = what & 15; count; count--) {
		off = next(script);
		cut = next(script) % 8;
		add = next(script);
		if (add > 250)
			add *= 8;
		if (!nat64_alg_replace(ctx, off, cut, text, add))
			fuzz_hit(HIT_EDIT);
	}
	if (what & 16)
		nat64_alg_skip(ctx, next(script) < 250 ? next(script) :
							  next32(script));
	if (what & 32 && next(script) == 7)
		nat64_alg_transparent(ctx);
	return what & 64 ? 0 : what & 128 ? len : next(script);
}

static const struct nat64_alg_ops hostile = {
	.id = NAT64_ALG_FTP,
	.hold = HOLD,
	.payload = obey,
};

static void read_payload(const void *from, u32 off, u8 *to, u32 len)
{
	memcpy(to, (const u8 *)from + off, len);
}

static void check_state(const struct nat64_stream *st)
{
	u32 shift = st->base, end = 0, pos = 0, i;

	ENSURE(st->next - st->done <= st->hold_size);
	ENSURE(st->edits <= NAT64_STREAM_EDITS);
	ENSURE(st->store_used <= st->store_size);
	ENSURE(!st->pending);
	for (i = 0; i < st->edits; i++) {
		const struct nat64_stream_edit *e = &st->edit[i];

		ENSURE(e->start != e->end);
		ENSURE((s32)(e->end - e->start) > 0);
		ENSURE(!i || (s32)(e->start - end) >= 0);
		ENSURE(e->out == e->start + shift);
		ENSURE(e->pos == pos);
		end = e->end;
		pos += e->len;
		shift = e->out + e->len - e->end;
	}
	ENSURE(pos == st->store_used);
	ENSURE(!i || st->transparent || (s32)(st->done - end) >= 0);
	if (st->owing && st->next != st->done)
		ENSURE((s32)(st->next - st->acked) >= 0);
}

static void check_plan(const struct nat64_stream *st, u32 len, bool fin,
		       const struct nat64_stream_plan *plan)
{
	u32 sum = 0, i;

	ENSURE(plan->pieces <= NAT64_STREAM_PIECES);
	for (i = 0; i < plan->pieces; i++) {
		u32 size = plan->piece[i].stored ? st->store_used : len;

		ENSURE(plan->piece[i].len && plan->piece[i].off <= size);
		ENSURE(plan->piece[i].len <= size - plan->piece[i].off);
		sum += plan->piece[i].len;
	}
	if (plan->whole)
		ENSURE(!plan->pieces && plan->len == len);
	else
		ENSURE(plan->len == sum);
	ENSURE(fin || !plan->fin);
	if (plan->ack && st->synced)
		ENSURE((s32)(st->next + 1 - plan->ack_seq) >= 0 ||
		       st->transparent);
	if (plan->ack)
		fuzz_hit(HIT_HOLD);
	if (plan->drop)
		fuzz_hit(HIT_DROP);
	if (st->transparent)
		fuzz_hit(HIT_GIVEN_UP);
}

static u32 any_number(struct input *in, const struct nat64_stream *st)
{
	switch (next(in) % 8) {
	case 0:
		return next32(in);
	case 1:
		return st->done - next(in);
	case 2:
		return st->next - next(in) % 8;
	case 3:
		return st->una + next(in) % 16;
	case 4:
		return nat64_stream_seq(st, st->done) - next(in) % 4;
	case 5:
		return st->edits ? st->edit[next(in) % st->edits].start +
					   next(in) % 4 : st->next;
	default:
		return st->next;
	}
}

static void operate_push(struct input *in, struct nat64_stream *st)
{
	struct nat64_stream_packet pkt = { .copy = read_payload };
	struct nat64_stream_plan plan;
	u8 what = next(in), *payload;

	pkt.seq = any_number(in, st);
	pkt.fin = what == 255;
	pkt.len = what & 1 ? next(in) : next(in) % 8;
	payload = fuzz_copy(in->data, min(pkt.len, (u32)in->len));
	if (pkt.len > in->len) {
		free(payload);
		payload = calloc(1, pkt.len);
		ENSURE(payload);
	}
	pkt.from = payload;
	nat64_stream_push(st, &box->ctx, NAT64_DIR_46, &pkt, &plan);
	check_plan(st, pkt.len, pkt.fin, &plan);
	free(payload);
}

static void operate_ack(struct input *in, struct nat64_stream *st)
{
	u32 ack = next(in) < 128 ? nat64_stream_seq(st, any_number(in, st)) :
				   any_number(in, st);
	/* Otherwise an old one, or what only skips of gigabytes explain */
	bool beyond = nat64_stream_beyond(st, ack);
	bool news = !beyond && (s32)(ack - st->una) >= 0 &&
		    nat64_stream_seq(st, st->next) - st->una < 1U << 30;
	u32 to = nat64_stream_ack(st, ack);

	if (st->synced && !st->transparent && news)
		ENSURE((s32)(st->next + 1 - to) >= 0);
	if (st->owing && !st->transparent && !beyond)
		ENSURE((s32)(to - st->acked) >= 0);
}

static void operate(struct input *in, struct nat64_stream *st)
{
	u32 a, b;

	switch (next(in) % 16) {
	case 0:
		a = any_number(in, st);
		b = any_number(in, st);
		if (nat64_stream_sack(st, &a, &b) && st->synced)
			ENSURE((s32)(a - b) < 0);
		break;
	case 1:
		if (next(in) % 8 == 0)
			nat64_stream_syn(st, any_number(in, st));
		break;
	case 2:
		if (next(in) == 0)
			nat64_stream_give_up(st);
		break;
	case 3:
		(void)nat64_stream_seq(st, any_number(in, st));
		(void)nat64_stream_unseq(st, any_number(in, st));
		(void)nat64_stream_growth(st);
		break;
	case 4:
	case 5:
	case 6:
	case 7:
		operate_ack(in, st);
		break;
	default:
		operate_push(in, st);
	}
	check_state(st);
}

static void operations(struct input *in)
{
	struct nat64_stream *st;

	/* Memory is made once; a stream begins with its SYN. */
	if (!box)
		box = core_new(&hostile);
	st = &box->stream[NAT64_DIR_46];
	*st = (struct nat64_stream){
		.hold = st->hold,
		.hold_size = st->hold_size,
		.store = st->store,
		.store_size = st->store_size,
	};
	script = in;
	if (next(in) != 255)
		nat64_stream_syn(st, next(in) < 128 ? 0U - next(in) :
						      next32(in));
	while (in->len)
		operate(in, st);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };

	if (size < 4 || size > 2048)
		return 0;
	fuzz_inputs++;
	operations(&in);
	return 0;
}
