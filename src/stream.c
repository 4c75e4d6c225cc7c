// SPDX-License-Identifier: GPL-2.0
#include "stream.h"

#define SKIP_MAX (1U << 30)
/* A skip, and more than is ever in flight; numbers must stay comparable. */
#define FAR (3U << 29)

/* Whatever one call of payload() does fits into an empty log. */
_Static_assert(sizeof(((struct nat64_stream *)NULL)->edit) >
		       NAT64_ALG_EDITS_MAX * sizeof(struct nat64_stream_edit),
	       "an entry for each edit, and one for what is owed");

/* An entry in the making: octets of the hold, with @count edits from @first. */
struct region {
	struct nat64_stream_edit e;
	u32 first;
	u32 count;
};

static bool before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static u32 later(u32 a, u32 b)
{
	return before(a, b) ? b : a;
}

static u32 held(const struct nat64_stream *st)
{
	return st->next - st->done;
}

/* Output number after the replacement. */
static u32 out_end(const struct nat64_stream_edit *e)
{
	return e->out + e->len;
}

/* Output minus original number behind the last entry. */
static u32 delta(const struct nat64_stream *st)
{
	const struct nat64_stream_edit *e;

	if (!st->edits)
		return st->base;
	e = &st->edit[st->edits - 1];
	return out_end(e) - e->end;
}

/* Output number after the last octet that left. */
static u32 sent(const struct nat64_stream *st)
{
	return st->done + delta(st);
}

u32 nat64_stream_seq(const struct nat64_stream *st, u32 seq)
{
	const struct nat64_stream_edit *e = st->edit;
	u32 shift = st->base;

	for (; e < st->edit + st->edits; e++) {
		if (before(seq, e->start))
			break;
		if (before(seq, e->end))
			return e->out + min(seq - e->start,
					    e->len ? e->len - 1 : 0);
		shift = out_end(e) - e->end;
	}
	return seq + shift;
}

/* By the log alone. An octet of a replacement: where that begins. */
static u32 unseq(const struct nat64_stream *st, u32 out)
{
	const struct nat64_stream_edit *e = st->edit;
	u32 shift = st->base;

	for (; e < st->edit + st->edits; e++) {
		if (before(out, e->out))
			break;
		if (before(out, out_end(e)))
			return e->start;
		shift = out_end(e) - e->end;
	}
	return out - shift;
}

u32 nat64_stream_unseq(const struct nat64_stream *st, u32 out)
{
	u32 seq = unseq(st, out);

	return st->owing ? later(seq, st->acked) : seq;
}

/* Drop the entries that cannot be asked for again. */
static void forget(struct nat64_stream *st)
{
	const struct nat64_stream_edit *e = st->edit;
	u32 n, used;

	for (n = 0; n < st->edits; n++, e++) {
		if (before(st->una, out_end(e)) &&
		    st->next - e->start <= FAR)
			break;
		st->base = out_end(e) - e->end;
	}
	if (n) {
		used = n < st->edits ? e->pos : st->store_used;
		st->store_used -= used;
		if (st->store_used)
			memmove(st->store, st->store + used, st->store_used);
		st->edits -= n;
		memmove(st->edit, e, st->edits * sizeof(*e));
		for (n = 0; n < st->edits; n++)
			st->edit[n].pos -= used;
	}
	if (st->owing && !before(unseq(st, st->una), st->acked))
		st->owing = false;
}

/*
 * What the sender may hear when the receiver says @ack. Once the receiver has
 * all that left, what is held is acknowledged with it: not earlier, since
 * that would acknowledge octets that can still be lost.
 */
static u32 reach(struct nat64_stream *st, u32 ack)
{
	u32 end = sent(st);

	if (before(ack, end))
		return nat64_stream_unseq(st, ack);
	if (held(st)) {
		st->acked = st->next;
		st->owing = true;
	}
	return st->next + (ack - end);
}

u32 nat64_stream_ack(struct nat64_stream *st, u32 ack)
{
	if (!st->synced)
		return ack;
	if (!st->transparent && before(sent(st) + st->fin, ack))
		st->transparent = true;
	if (before(st->una, ack)) {
		st->una = ack;
		forget(st);
	}
	return reach(st, ack);
}

/* As unseq(), but an octet of a replacement is where that ends. */
static u32 unseq_up(const struct nat64_stream *st, u32 out)
{
	const struct nat64_stream_edit *e = st->edit;

	for (; e < st->edit + st->edits; e++) {
		if (before(e->out, out) && before(out, out_end(e)))
			return e->end;
	}
	return unseq(st, out);
}

bool nat64_stream_sack(const struct nat64_stream *st, u32 *left, u32 *right)
{
	if (!st->synced)
		return true;
	if (st->owing || !before(*left, *right))
		return false;
	if (!st->transparent && before(sent(st) + st->fin, *right))
		return false;
	*left = unseq_up(st, *left);
	*right = unseq(st, *right);
	return before(*left, *right);
}

u32 nat64_stream_growth(const struct nat64_stream *st)
{
	u32 out = sent(st) - st->una;
	u32 from = nat64_stream_unseq(st, st->una);
	u32 in = before(from, st->done) ? st->done - from : 0;

	if (!st->synced || before(sent(st), st->una))
		return 0;
	return before(in, out) ? out - in : 0;
}

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

/*
 * Pending edits wait one place behind the log, so that they can be turned
 * into entries where they are: there is at most one entry more.
 */
static struct nat64_stream_edit *pending(struct nat64_stream *st, u32 i)
{
	return &st->edit[st->edits + 1 + i];
}

static void discard(struct nat64_stream *st, u32 keep)
{
	while (st->pending > keep)
		st->store_used -= pending(st, --st->pending)->len;
}

int nat64_stream_edit_add(struct nat64_stream *st, u32 off, u32 len,
			  const void *new, u32 new_len)
{
	u32 end = 0, added = new_len, gone = len, i;
	struct nat64_stream_edit *e;

	if (off > held(st) || len > held(st) - off)
		return -EINVAL;
	if (st->pending >= NAT64_ALG_EDITS_MAX ||
	    st->edits + 1 + st->pending >= NAT64_STREAM_EDITS ||
	    new_len > st->store_size - st->store_used)
		return -ENOSPC;
	for (i = 0; i < st->pending; i++) {
		e = pending(st, i);
		added += e->len;
		gone += e->end - e->start;
		end = e->end - st->done;
	}
	if (off < end)
		return -EINVAL;
	if (added > gone + NAT64_ALG_GROWTH_MAX)
		return -ENOSPC;
	e = pending(st, st->pending++);
	e->start = st->done + off;
	e->end = e->start + len;
	e->len = new_len;
	e->pos = st->store_used;
	if (new_len)
		memcpy(st->store + e->pos, new, new_len);
	st->store_used += new_len;
	return 0;
}

void nat64_stream_skip_add(struct nat64_stream *st, u32 n)
{
	st->skip = min(st->skip + min(n, SKIP_MAX), SKIP_MAX);
}

/*
 * Of held octets [done, done + @n) that leave, those before this number must
 * be kept: their sender will not send them again, or they are not in the
 * segment at @seq that they leave with.
 */
static u32 kept_end(const struct nat64_stream *st, u32 n, u32 seq)
{
	u32 end = later(st->done, seq);

	if (st->owing)
		end = later(end, st->acked);
	return before(st->done + n, end) ? st->done + n : end;
}

/*
 * Entries for @n held octets that leave. An insertion takes in an octet beside
 * it: so each entry has octets that the sender repeats until its output has
 * been received.
 */
static u32 divide(struct nat64_stream *st, u32 n, u32 seq, struct region *r)
{
	u32 end = kept_end(st, n, seq), count = 0, i, from, to;

	if (end != st->done)
		r[count++] = (struct region){
			.e.start = st->done,
			.e.end = end,
			.e.owed = st->owing && before(st->done, st->acked),
		};
	for (i = 0; i < st->pending; i++) {
		from = pending(st, i)->start;
		to = pending(st, i)->end;
		if (from == to && to != st->done + n)
			to++;
		else if (from == to)
			from--;
		if (!count || !before(from, r[count - 1].e.end))
			r[count++] = (struct region){ .e.start = from,
						      .e.end = to };
		if (!r[count - 1].count++)
			r[count - 1].first = i;
		r[count - 1].e.end = later(r[count - 1].e.end, to);
	}
	return count;
}

/* Held octets [@from, @to) to the store, before @pos; returns where. */
static u32 literal(struct nat64_stream *st, u32 pos, u32 from, u32 to)
{
	pos -= to - from;
	memcpy(st->store + pos, st->hold + (from - st->done), to - from);
	return pos;
}

/*
 * The texts of the pending edits are the last in the store, in order. From the
 * last to the first they move up to where they belong, and the octets between
 * them take the room: what is behind the texts not moved yet is free.
 */
static void compose(struct nat64_stream *st, struct region *r, u32 count)
{
	u32 pos = st->store_used, from, i, k;
	const struct nat64_stream_edit *e;

	for (k = 0; k < count; k++) {
		pos += r[k].e.end - r[k].e.start;
		for (i = 0; i < r[k].count; i++) {
			e = pending(st, r[k].first + i);
			pos -= e->end - e->start;
		}
	}
	st->store_used = pos;
	while (count--) {
		r[count].e.len = pos;
		from = r[count].e.end;
		for (i = r[count].count; i--; from = e->start) {
			e = pending(st, r[count].first + i);
			pos = literal(st, pos, e->end, from) - e->len;
			memmove(st->store + pos, st->store + e->pos, e->len);
		}
		pos = literal(st, pos, r[count].e.start, from);
		r[count].e.pos = pos;
		r[count].e.len -= pos;
	}
}

/*
 * @n held octets leave, with the pending edits, together with the segment at
 * @seq that is being pushed.
 */
static void leave(struct nat64_stream *st, u32 n, u32 seq)
{
	struct region r[NAT64_ALG_EDITS_MAX + 1];
	u32 count = divide(st, n, seq, r), i;

	compose(st, r, count);
	st->pending = 0;
	for (i = 0; i < count; i++) {
		r[i].e.out = r[i].e.start + delta(st);
		st->edit[st->edits++] = r[i].e;
	}
	st->done += n;
	st->fin = false;
	if (held(st))
		memmove(st->hold, st->hold + n, held(st));
}

/* Room for whatever payload() does with @len octets? */
static bool room(const struct nat64_stream *st, u32 len)
{
	return st->edits + NAT64_ALG_EDITS_MAX + 1 <= NAT64_STREAM_EDITS &&
	       len + NAT64_ALG_GROWTH_MAX <= st->store_size - st->store_used;
}

/* One call of payload(). Returns false if it waits for more. */
static bool decide(struct nat64_stream *st, struct nat64_alg_ctx *ctx,
		   enum nat64_dir dir, u32 seq)
{
	u32 n, part, i;

	discard(st, 0);
	st->skip = 0;
	ctx->stream = st;
	n = ctx->ops->payload(ctx, dir, st->hold, held(st));
	n = min(n, held(st));
	for (i = 0; i < st->pending; i++) {
		if (before(st->done + n, pending(st, i)->end))
			break;
	}
	discard(st, i);
	part = min(st->skip, held(st) - n);
	if (n + part)
		leave(st, n + part, seq);
	discard(st, 0);
	st->next += st->skip - part;
	if (st->skip > part)
		st->done = st->next;
	return n || st->skip;
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
		n = min(left, st->hold_size - held(st));
		if (st->hold_size && !room(st, held(st) + n)) {
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
	u32 end = pkt->seq + pkt->len, n = held(st), kept;
	bool go = pkt->fin && st->next == end;

	if (st->transparent)
		go = pkt->fin || !st->owing || before(st->acked, end);
	if (n && go) {
		kept = kept_end(st, n, pkt->seq) - st->done;
		if (!kept || (st->edits < NAT64_STREAM_EDITS &&
			      kept <= st->store_size - st->store_used))
			leave(st, n, pkt->seq);
	}
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
	ack = reach(st, st->una);
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
		return sent(st) - 1;
	if (before(st->done, seq))
		return sent(st) + (st->fin && before(st->next, seq));
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
		return;
	}
	if (held(st) && before(st->done, begin))
		begin = st->done;
	forget(st);
	if (pkt->len)
		feed(st, ctx, dir, pkt, plan);
	let_go(st, pkt);
	emit(st, begin, pkt, plan);
	if (plan->fin && pkt->seq + pkt->len == st->done)
		st->fin = true;
	answer(st, pkt, plan);
}
