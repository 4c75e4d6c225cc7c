// SPDX-License-Identifier: GPL-2.0
/*
 * Input: one octet, then
 *  - even: operations on one stream with any numbers, under an ALG that edits
 *    as the input says. The state must stay consistent, and what leaves inside
 *    the buffers;
 *  - odd: a dialogue under an ALG that edits by what it reads. However the
 *    network cuts, loses and reorders, the receivers must get the same octets.
 */
#include "../unit/core.h"
#include "fuzz.h"
#include "stream.h"

/* An edit, a hold, a drop, given up; a dialogue, one with a skip or an end */
const unsigned int fuzz_paths = 6;

enum { HIT_EDIT, HIT_HOLD, HIT_DROP, HIT_GIVEN_UP, HIT_TALK, HIT_SKIP };

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
			fuzz_hits[HIT_EDIT]++;
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
	fuzz_hits[HIT_HOLD] += plan->ack;
	fuzz_hits[HIT_DROP] += plan->drop;
	fuzz_hits[HIT_GIVEN_UP] += st->transparent;
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
	bool news = (s32)(ack - st->una) >= 0 &&
		    nat64_stream_seq(st, st->next) - st->una < 1U << 30;
	u32 to = nat64_stream_ack(st, ack);

	if (st->synced && !st->transparent && news)
		ENSURE((s32)(st->next + 1 - to) >= 0);
	if (st->owing)
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

	box = core_new(&hostile);
	st = &box->stream[NAT64_DIR_46];
	script = in;
	if (next(in) != 255)
		nat64_stream_syn(st, next(in) < 128 ? 0U - next(in) :
						      next32(in));
	while (in->len)
		operate(in, st);
	core_free(box);
}

/*
 * A message: a length, flags, and a body out of whose octets the edits come.
 * So the result depends on the octets only.
 */
static u32 parse(struct nat64_alg_ctx *ctx, enum nat64_dir dir, const u8 *data,
		 u32 len)
{
	static const u8 text[] = "0123456789abcdefghijklmnopqrstuv";
	u32 n = 2, off = 0, cut, add, i;

	(void)dir;
	if (len < 2)
		return 0;
	n += data[0] % 128;
	if (len < n)
		return 0;
	for (i = 0; i < (data[1] & 15U) && i < n; i++) {
		off += data[i] % 16;
		cut = data[i] / 16 % 4;
		add = data[i] / 64 * 9;
		if (off + cut > n)
			break;
		if (nat64_alg_replace(ctx, off, cut, text, add))
			nat64_alg_count(ctx, NAT64_ALG_CNT_ERRORS);
		off += cut;
	}
	if (data[1] & 16) {
		nat64_alg_skip(ctx, data[n - 1]);
		fuzz_hits[HIT_SKIP]++;
	}
	if (data[1] == 255 && ctx->ops->hold == HOLD)
		nat64_alg_transparent(ctx);
	return data[1] & 32 && data[1] & 16 ? n / 2 : n;
}

static const struct nat64_alg_ops reader = {
	.id = NAT64_ALG_FTP,
	.hold = HOLD,
	.payload = parse,
};

/* No message is too long: one direction never changes the other. */
static const struct nat64_alg_ops tolerant = {
	.id = NAT64_ALG_FTP,
	.hold = 2 * HOLD,
	.payload = parse,
};

static void dialogue(struct input *in, bool both)
{
	struct core_line lines[16];
	u32 count = 0, len;
	const char *err;

	while (in->len && count < ARRAY_SIZE(lines)) {
		u8 what = next(in);

		len = min((u32)what % 64, (u32)in->len);
		lines[count++] = (struct core_line){
			.dir = what & 64 ? NAT64_DIR_46 : NAT64_DIR_64,
			.data = in->data,
			.len = len,
			.also = both && what & 128,
		};
		in->data += len;
		in->len -= len;
	}
	if (count && lines[count - 1].len % 3 == 0)
		lines[count - 1].fin = true;
	err = core_everyway(both ? &tolerant : &reader, NULL, lines, count, 1);
	if (err)
		fprintf(stderr, "%s\n", err);
	ENSURE(!err);
	fuzz_hits[HIT_TALK]++;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u8 what;

	if (size < 4 || size > 2048)
		return 0;
	fuzz_inputs++;
	what = next(&in);
	if (what & 1)
		dialogue(&in, what & 2);
	else
		operations(&in);
	return 0;
}
