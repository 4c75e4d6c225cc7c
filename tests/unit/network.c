// SPDX-License-Identifier: GPL-2.0
/*
 *	host[46] --up--> box --down--> host[64]		and the other way round
 *
 * A host has the direction in which it sends as its index. In its own terms
 * octets are counted from 0; on the wire they have numbers. What is checked:
 * a sender hears nothing of octets that it has not sent; acknowledgements do
 * not go back; a number on the receiver's side always has the same octet;
 * and everything comes to an end, although a sender never repeats what it
 * believes delivered, by ACK or by SACK.
 */
#include "network.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LINK 64
#define MSS 1400
#define SACKS 2

struct segment {
	u32 seq;
	u32 ack;
	u32 len;
	u32 window;
	u32 sacks;
	u32 sack[SACKS][2];
	bool fin;
	u8 data[];
};

struct link {
	struct segment *seg[LINK];
	u32 count;
};

/*
 * @first: number of its first octet
 * @una, @nxt: what was acknowledged, and what comes next; FIN counts
 * @edge: end of the peer's window
 * @ready: octets that it may send; @fin: then a FIN
 * @sacked: by octet
 * @rcv, @high: received without, and with gaps, from the peer; @got by octet
 * @fin_at: where the peer's FIN is, ~0 if unknown
 * @late: owes an ACK
 */
struct host {
	struct link up, down;
	u32 first;
	u32 una, nxt, edge, ready;
	bool fin;
	struct core_bytes sacked;
	u32 rcv, high, window, fin_at;
	struct core_bytes got;
	bool late;
};

/*
 * @left: octets that left the box in each direction, by number; @seen: which
 * @heard: highest acknowledgement of the receiver; @said: what became of it
 * @window: last one that a direction's sender was offered
 */
struct core_net {
	struct core *c;
	struct host host[2];
	struct core_bytes left[2], seen[2];
	u32 heard[2], said[2], window[2];
	struct nat64_stream_plan plan;
	u64 random;
	u32 loss, twice, mess;
	bool direct, calm;
};

static void fail(struct core_net *net, const char *format, ...)
{
	va_list args;

	if (net->c->error[0])
		return;
	va_start(args, format);
	vsnprintf(net->c->error, sizeof(net->c->error), format, args);
	va_end(args);
}

static u32 rnd(struct core_net *net, u32 below)
{
	net->random ^= net->random >> 12;
	net->random ^= net->random << 25;
	net->random ^= net->random >> 27;
	return (u32)((net->random * 0x2545f4914f6cdd1dULL) >> 33) % below;
}

static bool chance(struct core_net *net, u32 percent)
{
	return rnd(net, 100) < percent;
}

/* At least @len octets, new ones zero. */
static void bytes_grow(struct core_bytes *b, u32 len)
{
	u32 size = len + len / 2 + 64;

	if (len <= b->size)
		return;
	b->b = realloc(b->b, size);
	if (!b->b)
		abort();
	memset(b->b + b->size, 0, size - b->size);
	b->size = size;
}

static struct segment *segment(u32 len)
{
	struct segment *s = calloc(1, sizeof(*s) + len);

	if (!s)
		abort();
	s->len = len;
	return s;
}

static void link_add(struct link *l, struct segment *s)
{
	if (l->count == LINK)
		free(s);
	else
		l->seg[l->count++] = s;
}

static struct segment *link_take(struct link *l, u32 i)
{
	struct segment *s = l->seg[i];

	l->count--;
	memmove(&l->seg[i], &l->seg[i + 1],
		(l->count - i) * sizeof(l->seg[0]));
	return s;
}

static struct segment *segment_copy(const struct segment *s)
{
	struct segment *copy = segment(s->len);

	memcpy(copy, s, sizeof(*s) + s->len);
	return copy;
}

static u32 total(const struct host *h)
{
	return h->ready + h->fin;
}

/* Runs of octets beyond a gap. */
static void write_sack(const struct core_net *net, u32 me, struct segment *s)
{
	const struct host *h = &net->host[me];
	u32 first = net->host[!me].first, i = h->rcv;

	while (s->sacks < SACKS && i < h->high) {
		if (!h->got.b[i++])
			continue;
		s->sack[s->sacks][0] = first + i - 1;
		while (i < h->high && h->got.b[i])
			i++;
		s->sack[s->sacks++][1] = first + i;
	}
}

static u32 ack_of(const struct core_net *net, u32 me)
{
	const struct host *h = &net->host[me];

	return net->host[!me].first + h->rcv + (h->rcv == h->fin_at);
}

/* Octets [@off, @off + @len) of a host, and FIN if it is due and wanted. */
static void host_send(struct core_net *net, u32 me, u32 off, u32 len, bool fin)
{
	struct host *h = &net->host[me];
	struct segment *s;

	fin &= h->fin && off + len == h->ready;
	s = segment(len);
	s->seq = h->first + off;
	s->ack = ack_of(net, me);
	s->window = h->window;
	s->fin = fin;
	if (len)
		memcpy(s->data, net->c->in[me].b + off, len);
	write_sack(net, me, s);
	h->late = false;
	if (len + fin && off + len + fin > h->nxt)
		h->nxt = off + len + fin;
	link_add(&h->up, s);
}

static void host_heard(struct core_net *net, u32 me, const struct segment *s)
{
	struct host *h = &net->host[me];
	u32 ack = s->ack - h->first, i, k;

	if ((s32)(ack - h->nxt) > 0) {
		fail(net, "host %u hears %u of %u", me, ack, h->nxt);
		return;
	}
	if ((s32)(ack - h->una) < 0)
		return;
	h->una = ack;
	h->edge = ack + s->window;
	for (i = 0; i < s->sacks; i++) {
		u32 from = s->sack[i][0] - h->first;
		u32 to = s->sack[i][1] - h->first;

		if ((s32)(to - from) <= 0 || (s32)(to - h->nxt) > 0)
			fail(net, "host %u hears SACK %u-%u of %u", me, from,
			     to, h->nxt);
		for (k = from; k < to && (s32)from >= 0 && k < h->ready; k++)
			h->sacked.b[k] = 1;
	}
}

static void host_take(struct core_net *net, u32 me, u32 off,
		      const struct segment *s)
{
	struct host *h = &net->host[me];
	struct core_bytes *out = &net->c->out[!me];
	u32 i, at;

	for (i = 0; i < s->len; i++) {
		at = off + i;
		if ((s32)(at - h->rcv) < 0)
			continue;
		if (at - h->rcv >= h->window)
			break;
		bytes_grow(&h->got, at + 1);
		bytes_grow(out, at + 1);
		h->got.b[at] = 1;
		out->b[at] = s->data[i];
		if (h->high <= at)
			h->high = at + 1;
	}
	if (s->fin && i == s->len)
		h->fin_at = off + s->len;
	while (h->rcv < h->high && h->got.b[h->rcv])
		h->rcv++;
	out->len = h->rcv;
	net->c->fin[!me] = h->rcv == h->fin_at;
}

/* RFC 9293 3.10.7.4: what is not acceptable is answered, and that is all. */
static void host_get(struct core_net *net, u32 me, const struct segment *s)
{
	struct host *h = &net->host[me];
	u32 off = s->seq - net->host[!me].first;
	u32 end = off + s->len + s->fin;
	u32 have = h->rcv + (h->rcv == h->fin_at);

	if (s->len || s->fin)
		h->late = true;
	if ((s32)(end - have) < 0) {
		h->late = true;
		return;
	}
	host_heard(net, me, s);
	if (s->len || s->fin)
		host_take(net, me, off, s);
}

static void segment_read(const void *from, u32 off, u8 *to, u32 len)
{
	const struct segment *s = from;

	if (off > s->len || len > s->len - off)
		abort();
	memcpy(to, s->data + off, len);
}

/* What leaves; a number that the receiver may lack has one octet only. */
static struct segment *assemble(struct core_net *net, u32 dir,
				const struct segment *in)
{
	const struct nat64_stream *st = &net->c->stream[dir];
	const struct nat64_stream_plan *plan = &net->plan;
	struct segment *s = segment(plan->len);
	u32 off = plan->seq - net->host[dir].first, i, at = 0;
	u32 una = st->una - net->host[dir].first, ahead;

	for (i = 0; i < plan->pieces; i++) {
		const struct nat64_stream_piece *p = &plan->piece[i];
		u32 size = p->stored ? st->store_used : in->len;

		if (p->off > size || p->len > size - p->off ||
		    p->len > plan->len - at)
			abort();
		memcpy(s->data + at,
		       (p->stored ? st->store : in->data) + p->off, p->len);
		at += p->len;
	}
	if (plan->whole && at + in->len == plan->len) {
		memcpy(s->data, in->data, in->len);
		at = in->len;
	}
	if (at != plan->len)
		fail(net, "pieces have %u octets, not %u", at, plan->len);
	for (i = 0; i < plan->len; i++) {
		at = off + i;
		if ((s32)(at - una) < 0)
			continue;
		bytes_grow(&net->left[dir], at + 1);
		bytes_grow(&net->seen[dir], at + 1);
		if (net->seen[dir].b[at] && net->left[dir].b[at] != s->data[i])
			fail(net, "octet %u of direction %u was %02x, is %02x",
			     at, dir, net->left[dir].b[at], s->data[i]);
		net->left[dir].b[at] = s->data[i];
		net->seen[dir].b[at] = 1;
	}
	/* A bare one is as far ahead as its sender was. */
	ahead = in->len || (s32)(in->seq - st->next) < 0 ? 0 :
							   in->seq - st->next;
	if (!st->transparent &&
	    (s32)(plan->seq - ahead - nat64_stream_seq(st, st->done)) > 1)
		fail(net, "number %u is beyond what left", off);
	return s;
}

/* Acknowledgement number of the receiver of @dir, for its sender. */
static u32 map_ack(struct core_net *net, u32 dir, u32 ack)
{
	struct nat64_stream *st = &net->c->stream[dir];
	u32 first = net->host[dir].first;
	bool was = st->transparent;
	u32 to = nat64_stream_ack(st, ack);

	if (st->transparent && !was)
		fail(net, "direction %u: %u was never sent", dir, ack - first);
	ack -= first;
	if (ack >= net->heard[dir] && to - first < net->said[dir])
		fail(net, "direction %u: ACK %u after %u", dir, to - first,
		     net->said[dir]);
	if (ack >= net->heard[dir])
		net->heard[dir] = ack;
	if ((s32)(to - first - net->said[dir]) > 0)
		net->said[dir] = to - first;
	return to;
}

static void map_sack(struct core_net *net, u32 dir, const struct segment *in,
		     struct segment *s)
{
	const struct nat64_stream *st = &net->c->stream[dir];
	u32 i, left, right;

	for (i = 0; i < in->sacks; i++) {
		left = in->sack[i][0];
		right = in->sack[i][1];
		if (!nat64_stream_sack(st, &left, &right))
			continue;
		if ((s32)(nat64_stream_seq(st, left) - in->sack[i][0]) < 0 ||
		    (s32)(nat64_stream_seq(st, right) - in->sack[i][1]) > 0)
			fail(net, "SACK claims too much");
		s->sack[s->sacks][0] = left;
		s->sack[s->sacks++][1] = right;
	}
}

static void map_header(struct core_net *net, u32 dir, const struct segment *in,
		       struct segment *s)
{
	u32 growth;

	map_sack(net, !dir, in, s);
	s->ack = map_ack(net, !dir, in->ack);
	growth = nat64_stream_growth(&net->c->stream[!dir]);
	s->window = in->window > growth ? in->window - growth : 0;
	net->window[!dir] = s->window;
	s->seq = net->plan.seq;
	s->fin = net->plan.fin;
}

/* Cut what an edit made too long, and at random places besides. */
static void deliver(struct core_net *net, u32 dir, struct segment *s)
{
	struct segment *part;
	u32 n = s->len, rest;

	if (!net->direct && s->len > 1 && chance(net, 30))
		n = 1 + rnd(net, s->len);
	if (!net->direct && n > MSS && !net->plan.whole)
		n = MSS;
	rest = s->len - n;
	if (rest) {
		part = segment_copy(s);
		part->len = n;
		part->fin = false;
		link_add(&net->host[!dir].down, part);
		memmove(s->data, s->data + n, rest);
		s->len = rest;
		s->seq += n;
		deliver(net, dir, s);
	} else {
		link_add(&net->host[!dir].down, s);
	}
}

static void answer(struct core_net *net, u32 dir, u32 ack)
{
	struct segment *s = segment(0);
	u32 off = ack - net->host[dir].first;
	struct host *h = &net->host[dir];

	s->seq = net->host[!dir].first + h->rcv + (h->rcv == h->fin_at);
	s->ack = ack;
	s->window = net->window[dir];
	if ((s32)(off - net->said[dir]) > 0)
		net->said[dir] = off;
	link_add(&h->down, s);
}

static void box(struct core_net *net, u32 dir, const struct segment *in)
{
	struct core *c = net->c;
	const struct nat64_stream_packet pkt = {
		.seq = in->seq,
		.len = in->len,
		.fin = in->fin,
		.copy = segment_read,
		.from = in,
	};
	struct segment *s;

	nat64_stream_push(&c->stream[dir], &c->ctx, (enum nat64_dir)dir, &pkt,
			  &net->plan);
	if (net->plan.drop)
		return;
	s = assemble(net, dir, in);
	map_header(net, dir, in, s);
	if (net->plan.desynced || c->stream[0].transparent !=
				  c->stream[1].transparent)
		core_give_up(c);
	if (net->plan.ack)
		answer(net, dir, net->plan.ack_seq);
	deliver(net, dir, s);
}

static void send_new(struct core_net *net, u32 me)
{
	struct host *h = &net->host[me];
	u32 room = (s32)(h->edge - h->nxt) > 0 ? h->edge - h->nxt : 0, len;

	if (h->nxt >= h->ready) {
		host_send(net, me, h->ready, 0, true);
		return;
	}
	/* A window of nothing is probed. */
	if (!room && h->una == h->nxt)
		room = 1;
	switch (rnd(net, 5)) {
	case 0:
		len = 1;
		break;
	case 1:
		len = 1 + rnd(net, 20);
		break;
	case 2:
		len = 1 + rnd(net, 20 * MSS);
		break;
	default:
		len = 1 + rnd(net, MSS);
	}
	len = min(min(len, room), h->ready - h->nxt);
	if (len)
		host_send(net, me, h->nxt, len, chance(net, 70));
}

/* From @off on, as far as the peer has not said that it has it; or further. */
static void send_again(struct core_net *net, u32 me, u32 off)
{
	struct host *h = &net->host[me];
	u32 end = min(h->nxt, h->ready), len = 0, most;

	if (chance(net, 30) && (s32)(h->edge - end) > 0)
		end = min(h->edge, h->ready);
	most = chance(net, 50) ? 1 + rnd(net, MSS) : 1 + rnd(net, 20 * MSS);
	while (off < end && h->sacked.b[off] && off != h->una)
		off++;
	while (off + len < end && len < most && !h->sacked.b[off + len])
		len++;
	host_send(net, me, off, len, h->nxt > h->ready);
}

static void host_act(struct core_net *net, u32 me)
{
	struct host *h = &net->host[me];
	bool idle = !h->up.count && !h->down.count;

	if (h->late && chance(net, 40))
		host_send(net, me, h->nxt, 0, false);
	else if (h->una < h->nxt && chance(net, idle ? 50 : 3))
		send_again(net, me,
			   net->calm || chance(net, 60) ?
				   h->una :
				   h->una + rnd(net, h->nxt - h->una));
	else if (h->nxt < total(h))
		send_new(net, me);
	else if (chance(net, 5))
		host_send(net, me, h->nxt, 0, false);
	else if (chance(net, 2) && h->una)
		host_send(net, me, h->una - 1, 0, false);
}

/* The next segment of a link, or NULL if it is lost. The caller frees it. */
static struct segment *carry(struct core_net *net, struct link *l)
{
	struct segment *s;
	u32 i = 0;

	if (!net->calm && chance(net, net->mess))
		i = rnd(net, l->count);
	if (!net->calm && chance(net, net->twice))
		return segment_copy(l->seg[i]);
	s = link_take(l, i);
	if (!net->calm && chance(net, net->loss)) {
		free(s);
		return NULL;
	}
	return s;
}

static void step(struct core_net *net)
{
	u32 me = rnd(net, 2), what = rnd(net, 16);
	struct host *h = &net->host[me];
	struct segment *s;

	if (what < 6 && h->up.count) {
		s = carry(net, &h->up);
		if (s)
			box(net, me, s);
		free(s);
	} else if (what >= 6 && what < 13 && h->down.count) {
		s = carry(net, &h->down);
		if (s)
			host_get(net, me, s);
		free(s);
	} else {
		host_act(net, me);
	}
}

static bool at_end(const struct core_net *net)
{
	return net->c->error[0] ||
	       (net->host[0].una == total(&net->host[0]) &&
		net->host[1].una == total(&net->host[1]));
}

static void run_random(struct core_net *net)
{
	u32 todo = total(&net->host[0]) - net->host[0].una +
		   total(&net->host[1]) - net->host[1].una;
	u32 most = min(2000 + 100 * todo, 300000U), i;

	net->calm = false;
	for (i = 0; !at_end(net); i++) {
		if (i == most)
			net->calm = true;
		if (i == 3 * most)
			fail(net, "no end: %u of %u, %u of %u",
			     net->host[0].una, total(&net->host[0]),
			     net->host[1].una, total(&net->host[1]));
		step(net);
	}
}

/* Everything under way arrives; whoever owes an ACK sends it. */
static void settle(struct core_net *net)
{
	struct segment *s;
	bool moved = true;
	u32 me;

	while (moved && !net->c->error[0]) {
		moved = false;
		for (me = 0; me < 2; me++) {
			struct host *h = &net->host[me];

			if (h->late && !h->up.count)
				host_send(net, me, h->nxt, 0, false);
			if (!h->up.count && !h->down.count)
				continue;
			moved = true;
			if (h->up.count) {
				s = link_take(&h->up, 0);
				box(net, me, s);
			} else {
				s = link_take(&h->down, 0);
				host_get(net, me, s);
			}
			free(s);
		}
	}
}

static void run_direct(struct core_net *net, u32 me, u32 most)
{
	struct host *h = &net->host[me];
	u32 stuck = 0, was, len;

	while (h->una != total(h) && !net->c->error[0]) {
		was = h->una;
		len = min(most, h->ready - min(h->una, h->ready));
		host_send(net, me, min(h->una, h->ready), len, true);
		settle(net);
		stuck = h->una == was ? stuck + 1 : 0;
		if (stuck == 4)
			fail(net, "stuck at %u of %u", h->una, total(h));
	}
}

static void network_new(struct core *c, bool direct, u64 seed)
{
	struct core_net *net = calloc(1, sizeof(*net));
	u32 i;

	if (!net)
		abort();
	c->net = net;
	net->c = c;
	net->direct = direct;
	net->calm = direct;
	net->random = (seed + 1) * 0x9e3779b97f4a7c15ULL;
	net->loss = chance(net, 70) ? rnd(net, 25) : 0;
	net->twice = chance(net, 70) ? rnd(net, 20) : 0;
	net->mess = chance(net, 70) ? rnd(net, 40) : 0;
	for (i = 0; i < 2; i++) {
		struct host *h = &net->host[i];

		/* Every other run, numbers wrap. */
		h->first = chance(net, 50) ? 0U - rnd(net, 3000) :
					     rnd(net, 0x7fffffff) * 2;
		h->fin_at = ~0U;
		h->window = direct ? 1U << 30 : 400 + rnd(net, 65000);
		nat64_stream_syn(&c->stream[i], h->first - 1);
	}
	for (i = 0; i < 2; i++) {
		net->host[i].edge = net->host[!i].window;
		net->window[i] = net->host[!i].window;
	}
	if (c->ctx.ops->init)
		c->ctx.ops->init(&c->ctx);
}

void network_free(struct core *c)
{
	struct core_net *net = c->net;
	u32 i;

	if (!net)
		return;
	for (i = 0; i < 2; i++) {
		struct host *h = &net->host[i];

		while (h->up.count)
			free(link_take(&h->up, 0));
		while (h->down.count)
			free(link_take(&h->down, 0));
		free(h->sacked.b);
		free(h->got.b);
		free(net->left[i].b);
		free(net->seen[i].b);
	}
	free(net);
}

static void line_add(struct core *c, const struct core_line *line)
{
	struct host *h = &c->net->host[line->dir];
	struct core_bytes *in = &c->in[line->dir];

	bytes_grow(in, in->len + line->len + 1);
	bytes_grow(&h->sacked, in->len + line->len + 1);
	if (line->len)
		memcpy(in->b + in->len, line->data, line->len);
	in->len += line->len;
	h->ready = in->len;
	h->fin |= line->fin;
}

const char *core_talk(struct core *c, const struct core_line *lines,
		      u32 count, enum core_way way, u64 seed)
{
	u32 i;

	if (!c->net)
		network_new(c, way != CORE_RANDOM, seed);
	for (i = 0; i < count && !c->error[0]; i++) {
		line_add(c, &lines[i]);
		if (way != CORE_RANDOM)
			run_direct(c->net, lines[i].dir,
				   way == CORE_BYTES ? 1 : ~0U);
		else if (i + 1 == count || !lines[i + 1].also)
			run_random(c->net);
	}
	return c->error[0] ? c->error : NULL;
}
