// SPDX-License-Identifier: GPL-2.0
#include "edits.h"

/*
 * Numbers must stay comparable: less than 2^31 apart. The log and the receiver
 * are so far behind at most; RFC 7323 2.3 lets nobody have more in flight.
 */
#define FAR (1U << 30)

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

u32 nat64_edits_end(const struct nat64_stream *st)
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

void nat64_edits_forget(struct nat64_stream *st)
{
	const struct nat64_stream_edit *e = st->edit;
	u32 n, used;

	if (before(st->una, nat64_edits_end(st) - FAR))
		st->una = nat64_edits_end(st) - FAR;
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

u32 nat64_edits_reach(struct nat64_stream *st, u32 ack)
{
	u32 end = nat64_edits_end(st);

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
	u32 end = nat64_edits_end(st);

	if (!st->synced)
		return ack;
	if (before(end + st->fin, ack))
		return st->next + (ack - end);
	if (before(st->una, ack)) {
		st->una = ack;
		nat64_edits_forget(st);
	}
	return nat64_edits_reach(st, ack);
}

u32 nat64_stream_beyond(const struct nat64_stream *st, u32 ack)
{
	u32 end = nat64_edits_end(st) + st->fin;

	if (!st->synced || st->transparent || !before(end, ack))
		return 0;
	return ack - end;
}

bool nat64_stream_current(const struct nat64_stream *st, u32 seq, u32 len)
{
	return st->synced && !before(seq + len, st->una) &&
	       !before(nat64_edits_end(st) + st->fin, seq);
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
	if (!st->transparent && before(nat64_edits_end(st) + st->fin, *right))
		return false;
	*left = unseq_up(st, *left);
	*right = unseq(st, *right);
	return before(*left, *right);
}

u32 nat64_stream_growth(const struct nat64_stream *st)
{
	u32 out = nat64_edits_end(st) - st->una;
	u32 from = nat64_stream_unseq(st, st->una);
	u32 in = before(from, st->done) ? st->done - from : 0;

	if (!st->synced || before(nat64_edits_end(st), st->una))
		return 0;
	return before(in, out) ? out - in : 0;
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

void nat64_edits_clear(struct nat64_stream *st)
{
	discard(st, 0);
}

void nat64_edits_trim(struct nat64_stream *st, u32 n)
{
	u32 i;

	for (i = 0; i < st->pending; i++) {
		if (before(st->done + n, pending(st, i)->end))
			break;
	}
	discard(st, i);
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

bool nat64_edits_leave(struct nat64_stream *st, u32 n, u32 seq)
{
	u32 kept = kept_end(st, n, seq) - st->done, count, i;
	struct region r[NAT64_ALG_EDITS_MAX + 1];

	if (!st->pending && kept &&
	    (st->edits >= NAT64_STREAM_EDITS ||
	     kept > st->store_size - st->store_used))
		return false;
	count = divide(st, n, seq, r);
	compose(st, r, count);
	st->pending = 0;
	for (i = 0; i < count; i++) {
		r[i].e.out = r[i].e.start + delta(st);
		st->edit[st->edits++] = r[i].e;
	}
	st->done += n;
	if (held(st))
		memmove(st->hold, st->hold + n, held(st));
	return true;
}

bool nat64_edits_room(const struct nat64_stream *st, u32 len)
{
	return st->edits + NAT64_ALG_EDITS_MAX + 1 <= NAT64_STREAM_EDITS &&
	       len + NAT64_ALG_GROWTH_MAX <= st->store_size - st->store_used;
}

