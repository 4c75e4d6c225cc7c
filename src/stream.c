// SPDX-License-Identifier: GPL-2.0
#include "stream.h"

#include "edits.h"

#define SKIP_MAX (1U << 30)
/* See FAR: together they are less than 2^31. */
#define SKIP_STEP (1U << 29)

void nat64_stream_syn(struct nat64_stream *st, u32 seq)
{
	if (st->synced && st->next == seq + 1 && st->done == st->next &&
	    !st->edits && !st->base)
		return;
	st->next = seq + 1;
	st->done = st->next;
	st->una = st->next;
	st->base = 0;
	st->edits = 0;
	st->store_used = 0;
	st->pending = 0;
	st->skip = 0;
	st->synced = true;
	st->owing = false;
	st->fin = false;
	st->transparent = false;
}

void nat64_stream_give_up(struct nat64_stream *st)
{
	st->transparent = true;
}

void nat64_stream_skip_add(struct nat64_stream *st, u32 n)
{
	st->skip = min(st->skip + min(n, SKIP_MAX), SKIP_MAX);
}

/* Octets not seen yet count as if they had left. */
static void skip(struct nat64_stream *st)
{
	u32 n = min(st->skip, SKIP_STEP);

	if (!n)
		return;
	st->skip -= n;
	st->next += n;
	st->done = st->next;
}

/* One call of payload(). Returns false if it waits for more. */
static bool decide(struct nat64_stream *st, struct nat64_alg_ctx *ctx,
		   enum nat64_dir dir, u32 seq)
{
	u32 n, part;

	nat64_edits_clear(st);
	st->skip = 0;
	ctx->stream = st;
	n = ctx->ops->payload(ctx, dir, st->hold, held(st));
	n = min(n, held(st));
	nat64_edits_trim(st, n);
	part = min(st->skip, held(st) - n);
	if (!n && !part)
		nat64_edits_clear(st);
	else if (!nat64_edits_leave(st, n + part, seq))
		return false;
	st->skip -= part;
	skip(st);
	return n + part;
}

/*
 * The new octets of a segment. What the log cannot take is put off: forgotten,
 * except what its sender believes delivered.
 */
static void feed(struct nat64_stream *st, struct nat64_alg_ctx *ctx,
		 enum nat64_dir dir, const struct nat64_stream_packet *pkt,
		 struct nat64_stream_plan *plan)
{
	u32 end = pkt->seq + pkt->len, left, n;
	bool again = false;

	while (!st->transparent) {
		left = before(st->next, end) ? end - st->next : 0;
		if (!left && !(again && held(st)))
			return;
		if (st->skip) {
			skip(st);
			continue;
		}
		n = min(left, st->hold_size - held(st));
		if (st->hold_size && !nat64_edits_room(st, held(st) + n)) {
			if (again)
				st->next = st->owing ? later(st->done,
							     st->acked) :
						       st->done;
			return;
		}
		if (n)
			pkt->copy(pkt->from, st->next - pkt->seq,
				  st->hold + held(st), n);
		st->next += n;
		again = held(st) && decide(st, ctx, dir, pkt->seq);
		if (!again && held(st) == st->hold_size) {
			st->transparent = true;
			plan->desynced = true;
		}
	}
}

/*
 * What is held leaves as it is before a FIN, or when the connection was given
 * up, then with octets or a FIN that the sender will repeat.
 */
static void let_go(struct nat64_stream *st,
		   const struct nat64_stream_packet *pkt)
{
	u32 end = pkt->seq + pkt->len;
	bool go = pkt->fin && st->next == end;

	if (st->transparent)
		go = pkt->fin || !st->owing || before(st->acked, end);
	/* Without room they stay, and the segment is put off. */
	if (held(st) && go && !nat64_edits_leave(st, held(st), pkt->seq))
		return;
	if (st->transparent && !held(st)) {
		st->next = later(st->next, end);
		st->done = st->next;
	}
}

static void add(struct nat64_stream_plan *plan, bool stored, u32 off, u32 len)
{
	struct nat64_stream_piece *piece = &plan->piece[plan->pieces++];

	piece->stored = stored;
	piece->off = off;
	piece->len = len;
	plan->len += len;
}

/* Octets [@from, @to) of the payload. */
static void add_payload(struct nat64_stream_plan *plan,
			const struct nat64_stream_packet *pkt, u32 from,
			u32 to)
{
	u32 off = from - pkt->seq;

	if (from == to)
		return;
	if (off <= pkt->len && to - from <= pkt->len - off)
		add(plan, false, off, to - from);
	else
		plan->drop = true;
}

/* Entries leave as a whole, and take along what is owed before them. */
static u32 widen(const struct nat64_stream *st, u32 begin)
{
	const struct nat64_stream_edit *e;
	u32 i;

	for (i = st->edits; i--;) {
		e = &st->edit[i];
		if (!before(e->start, begin))
			continue;
		if (!before(begin, e->end) && !(e->owed && e->end == begin))
			break;
		begin = e->start;
	}
	return begin;
}

/* The plan for original numbers [@begin, end of @pkt), as far as decided. */
static void emit(const struct nat64_stream *st, u32 begin,
		 const struct nat64_stream_packet *pkt,
		 struct nat64_stream_plan *plan)
{
	const struct nat64_stream_edit *e = st->edit;
	u32 end = pkt->seq + pkt->len;

	plan->fin = pkt->fin && !before(st->done, end);
	if (before(st->done, end))
		end = st->done;
	end = later(begin, end);
	begin = widen(st, begin);
	plan->seq = nat64_stream_seq(st, begin);
	for (; e < st->edit + st->edits && before(e->start, end); e++) {
		if (before(e->start, begin))
			continue;
		add_payload(plan, pkt, begin, e->start);
		if (e->len)
			add(plan, true, e->pos, e->len);
		begin = e->end;
	}
	if (before(begin, end))
		add_payload(plan, pkt, begin, end);
	plan->whole = plan->len == pkt->len &&
		      (!plan->pieces ||
		       (plan->pieces == 1 && !plan->piece->stored));
	if (plan->whole)
		plan->pieces = 0;
}

/* Whom the receiver will not answer, we answer. */
static void answer(struct nat64_stream *st,
		   const struct nat64_stream_packet *pkt,
		   struct nat64_stream_plan *plan)
{
	u32 ack;

	if (!pkt->len || (plan->len && !held(st)))
		return;
	ack = nat64_edits_reach(st, st->una);
	if (!before(pkt->seq, ack))
		return;
	plan->ack = true;
	plan->ack_seq = ack;
}

/*
 * The number of a segment without payload. What is held has no output number
 * yet. A probe (RFC 9293 3.8.4) wants an answer, so it must stay outside of the
 * receiver's window.
 */
static u32 bare(const struct nat64_stream *st, u32 seq)
{
	if (st->transparent && !held(st))
		return nat64_stream_seq(st, seq);
	if (held(st) && st->owing && !before(seq, st->done) &&
	    before(seq, st->acked))
		return nat64_edits_end(st) - 1;
	/* What is no number of the connection must not become one. */
	if (before(st->next, seq))
		return nat64_edits_end(st) + (seq - st->next);
	if (before(st->done, seq))
		return nat64_edits_end(st);
	return nat64_stream_seq(st, seq);
}

void nat64_stream_push(struct nat64_stream *st, struct nat64_alg_ctx *ctx,
		       enum nat64_dir dir,
		       const struct nat64_stream_packet *pkt,
		       struct nat64_stream_plan *plan)
{
	u32 begin = pkt->seq;

	memset(plan, 0, sizeof(*plan));
	if (!st->synced || (!pkt->len && !pkt->fin)) {
		plan->whole = true;
		plan->fin = pkt->fin;
		plan->len = pkt->len;
		plan->seq = st->synced ? bare(st, pkt->seq) : pkt->seq;
		return;
	}
	if (before(st->next, pkt->seq) && (!st->transparent || held(st))) {
		plan->drop = true;
		plan->ack = true;
		plan->ack_seq = nat64_edits_reach(st, st->una);
		return;
	}
	if (held(st) && before(st->done, begin))
		begin = st->done;
	nat64_edits_forget(st);
	if (pkt->len)
		feed(st, ctx, dir, pkt, plan);
	let_go(st, pkt);
	emit(st, begin, pkt, plan);
	if (plan->fin && pkt->seq + pkt->len == st->done)
		st->fin = true;
	answer(st, pkt, plan);
}
