// SPDX-License-Identifier: GPL-2.0
#include "core.h"
#include "ktap.h"
#include "stream.h"
#include "toy.h"

/* Numbers wrap within the first message of every test. */
#define FIRST 0xfffffffaU

/*
 * Single segments of one direction, numbers counted from FIRST.
 * @b, @len: what left with the last one
 */
struct rig {
	struct core *c;
	struct nat64_stream *st;
	struct nat64_stream_plan plan;
	u8 b[8192];
	u32 len;
};

static struct rig rig;

static struct rig *rig_new(void)
{
	rig.c = core_new(&toy);
	rig.st = &rig.c->stream[NAT64_DIR_64];
	nat64_stream_syn(rig.st, FIRST - 1);
	return &rig;
}

static void rig_read(const void *from, u32 off, u8 *to, u32 len)
{
	memcpy(to, (const u8 *)from + off, len);
}

static void push_len(struct rig *r, u32 off, const void *data, u32 len,
		     bool fin)
{
	const struct nat64_stream_packet pkt = {
		.seq = FIRST + off,
		.len = len,
		.fin = fin,
		.copy = rig_read,
		.from = data,
	};
	u32 i;

	nat64_stream_push(r->st, &r->c->ctx, NAT64_DIR_64, &pkt, &r->plan);
	r->len = 0;
	for (i = 0; i < r->plan.pieces; i++) {
		const struct nat64_stream_piece *p = &r->plan.piece[i];

		memcpy(r->b + r->len,
		       (p->stored ? r->st->store : (const u8 *)data) + p->off,
		       p->len);
		r->len += p->len;
	}
	if (r->plan.whole && !r->plan.pieces) {
		memcpy(r->b, data, len);
		r->len = len;
	}
	CHECK_EQ(r->plan.len, r->len, "length of the plan");
}

static void push(struct rig *r, u32 off, const char *text)
{
	push_len(r, off, text, (u32)strlen(text), false);
}

static void push_fin(struct rig *r, u32 off, const char *text)
{
	push_len(r, off, text, (u32)strlen(text), true);
}

static u32 ack(struct rig *r, u32 off)
{
	return nat64_stream_ack(r->st, FIRST + off) - FIRST;
}

static void left(const struct rig *r, u32 off, const char *text)
{
	CHECK(!r->plan.drop, "dropped");
	CHECK_EQ(r->plan.seq - FIRST, off, "number of \"%s\"", text);
	CHECK_BYTES("left", r->b, r->len, (const u8 *)text, strlen(text));
}

static void acked(const struct rig *r, u32 off)
{
	CHECK(r->plan.ack, "no ACK");
	CHECK_EQ(r->plan.ack_seq - FIRST, off, "ACK");
}

static u32 seq(const struct rig *r, u32 off)
{
	return nat64_stream_seq(r->st, FIRST + off) - FIRST;
}

static u32 unseq(const struct rig *r, u32 off)
{
	return nat64_stream_unseq(r->st, FIRST + off) - FIRST;
}

/* "grow" gives 23 octets, "shrink" 1, "gone" none. */
#define GROWN "much-longer-than-before"

static void numbers(void)
{
	struct rig *r = rig_new();

	push(r, 0, "ab grow cd shrink ef gone g\n");
	left(r, 0, "ab " GROWN " cd s ef  g\n");
	CHECK_EQ(seq(r, 2), 2, "before the first edit");
	CHECK_EQ(seq(r, 3), 3, "start of an edit");
	CHECK_EQ(seq(r, 6), 6, "inside a longer one");
	CHECK_EQ(seq(r, 7), 26, "behind it");
	CHECK_EQ(seq(r, 11), 30, "start of the second");
	CHECK_EQ(seq(r, 14), 30, "inside a shorter one");
	CHECK_EQ(seq(r, 17), 31, "behind it");
	CHECK_EQ(seq(r, 22), 35, "inside a deletion");
	CHECK_EQ(seq(r, 25), 35, "behind it");
	CHECK_EQ(unseq(r, 3), 3, "start of an edit");
	CHECK_EQ(unseq(r, 25), 3, "inside it");
	CHECK_EQ(unseq(r, 26), 7, "behind it");
	CHECK_EQ(unseq(r, 31), 17, "behind the second");
	CHECK_EQ(unseq(r, 34), 20, "before a deletion");
	CHECK_EQ(unseq(r, 35), 25, "a deletion is received with what is before");
	CHECK_EQ(nat64_stream_growth(r->st), 10, "growth");
	core_free(r->c);
}

static void acks(void)
{
	struct rig *r = rig_new();

	push(r, 0, "a grow\n");
	push(r, 7, "b shrink\n");
	left(r, 26, "b s\n");
	CHECK_EQ(ack(r, 2), 2, "before the edit");
	CHECK_EQ(ack(r, 10), 2, "part of the edit");
	CHECK_EQ(r->st->edits, 2, "entries");
	CHECK_EQ(ack(r, 26), 7, "the first message");
	CHECK_EQ(r->st->edits, 1, "entries");
	CHECK_EQ(r->st->store_used, 1, "store");
	CHECK_EQ(ack(r, 30), 16, "both");
	CHECK_EQ(r->st->edits, 0, "entries");
	CHECK_EQ(r->st->store_used, 0, "store");
	CHECK_EQ(seq(r, 16), 30, "the offset stays");
	CHECK_EQ(ack(r, 26), 12, "an old one does not exceed it");
	CHECK(!r->st->transparent, "given up");
	core_free(r->c);
}

static bool sack(struct rig *r, u32 *from, u32 *to)
{
	bool kept;

	*from += FIRST;
	*to += FIRST;
	kept = nat64_stream_sack(r->st, from, to);
	*from -= FIRST;
	*to -= FIRST;
	return kept;
}

static void sacks(void)
{
	struct rig *r = rig_new();
	u32 from, to;

	push(r, 0, "ab grow cd shrink ef\n");
	from = 26, to = 35;
	CHECK(sack(r, &from, &to), "behind the first edit");
	CHECK_EQ(from, 7, "from");
	CHECK_EQ(to, 21, "to");
	from = 4, to = 30;
	CHECK(sack(r, &from, &to), "from inside of an edit");
	CHECK_EQ(from, 7, "from");
	CHECK_EQ(to, 11, "to");
	from = 1, to = 20;
	CHECK(sack(r, &from, &to), "to the inside of an edit");
	CHECK_EQ(from, 1, "from");
	CHECK_EQ(to, 3, "to");
	from = 4, to = 20;
	CHECK(!sack(r, &from, &to), "inside of an edit");
	from = 30, to = 26;
	CHECK(!sack(r, &from, &to), "reversed");
	from = 26, to = 36;
	CHECK(!sack(r, &from, &to), "beyond what left");
	core_free(r->c);
}

/* What we have acknowledged must not be taken for received. */
static void sack_owing(void)
{
	struct rig *r = rig_new();
	u32 from, to;

	push(r, 0, "ab ");
	acked(r, 3);
	push(r, 3, "cd\nef\n");
	left(r, 0, "ab cd\nef\n");
	from = 4, to = 9;
	CHECK(!sack(r, &from, &to), "the receiver lacks what we acknowledged");
	CHECK_EQ(ack(r, 0), 3, "its ACK");
	CHECK_EQ(ack(r, 3), 3, "its ACK of that");
	from = 4, to = 9;
	CHECK(sack(r, &from, &to), "the receiver has it");
	core_free(r->c);
}

static void held_is_acked(void)
{
	struct rig *r = rig_new();

	push(r, 0, "ab gr");
	left(r, 0, "");
	acked(r, 5);
	push(r, 0, "ab gr");
	left(r, 0, "");
	acked(r, 5);
	push(r, 5, "o");
	left(r, 0, "");
	acked(r, 6);
	push(r, 6, "w c\n");
	left(r, 0, "ab " GROWN " c\n");
	CHECK(!r->plan.ack, "the last octets are the receiver's to acknowledge");
	CHECK_EQ(ack(r, 0), 6, "nothing received");
	CHECK_EQ(ack(r, 27), 8, "a part behind the edit");
	CHECK_EQ(ack(r, 29), 10, "all");
	core_free(r->c);
}

/* An ACK of what is held would acknowledge what is before it, and can be lost. */
static void held_waits(void)
{
	struct rig *r = rig_new();

	push(r, 0, "a grow\nb gr");
	left(r, 0, "a " GROWN "\n");
	CHECK(!r->plan.ack, "the first message is under way");
	push(r, 11, "ow");
	left(r, 26, "");
	CHECK(!r->plan.ack, "the first message is under way");
	CHECK_EQ(ack(r, 3), 2, "a part of it");
	CHECK_EQ(ack(r, 26), 13, "all, and what is held");
	push(r, 7, "b grow");
	left(r, 26, "");
	acked(r, 13);
	push(r, 13, "\n");
	left(r, 26, "b " GROWN "\n");
	core_free(r->c);
}

static void held_without_ack(void)
{
	struct rig *r = rig_new();

	push(r, 0, "a\nb gr");
	left(r, 0, "a\n");
	push(r, 6, "ow c\n");
	left(r, 2, "b " GROWN " c\n");
	push(r, 2, "b grow c\n");
	left(r, 2, "b " GROWN " c\n");
	push(r, 6, "ow c\n");
	left(r, 2, "b " GROWN " c\n");
	CHECK_EQ(ack(r, 2), 2, "the first message");
	CHECK_EQ(ack(r, 30), 11, "all");
	core_free(r->c);
}

static void repetitions(void)
{
	struct rig *r = rig_new();

	push(r, 0, "G2000\nab grow cd\n");
	left(r, 0, "G50000\nab " GROWN " cd\n");
	push(r, 0, "G2000\nab grow cd\n");
	left(r, 0, "G50000\nab " GROWN " cd\n");
	push(r, 6, "ab ");
	left(r, 7, "ab ");
	CHECK(r->plan.whole, "no edit");
	push(r, 3, "00\nab gr");
	left(r, 1, "50000\nab " GROWN);
	push(r, 12, "w cd\nef gr");
	left(r, 10, GROWN " cd\n");
	push(r, 12, "w cd\nef grow\n");
	left(r, 10, GROWN " cd\nef " GROWN "\n");
	CHECK_EQ(core_gates_open(r->c), 1, "gates");
	CHECK_EQ(r->c->count[NAT64_ALG_CNT_REWRITES], 3, "rewrites");
	core_free(r->c);
}

/* Each takes along what its sender does not have any more. */
static void owed(void)
{
	struct rig *r = rig_new();

	push(r, 0, "ab gr");
	push(r, 5, "ow cd\nef\n");
	left(r, 0, "ab " GROWN " cd\nef\n");
	push(r, 7, " cd\nef\n");
	left(r, 0, "ab " GROWN " cd\nef\n");
	push(r, 5, "ow");
	left(r, 0, "ab " GROWN);
	push(r, 6, "w cd");
	left(r, 0, "ab " GROWN " cd");
	push(r, 8, "cd\n");
	left(r, 27, "cd\n");
	push(r, 2, " ");
	left(r, 0, "ab " GROWN);
	(void)ack(r, 26);
	push(r, 7, " cd\nef\n");
	left(r, 26, " cd\nef\n");
	core_free(r->c);
}

/* Our ACK comes late: the sender has repeated all, and then forgets a part. */
static void owed_late(void)
{
	struct rig *r = rig_new();

	push(r, 0, "ab cd");
	acked(r, 5);
	push(r, 0, "ab cd ef\n");
	left(r, 0, "ab cd ef\n");
	push(r, 5, " ef\n");
	left(r, 0, "ab cd ef\n");
	core_free(r->c);
}

static void fin(void)
{
	struct rig *r = rig_new();

	push(r, 0, "grow a\nab gr");
	left(r, 0, GROWN " a\n");
	CHECK_EQ(ack(r, 26), 12, "with what is held");
	push_fin(r, 12, "");
	left(r, 26, "ab gr");
	CHECK(r->plan.fin, "FIN");
	push_fin(r, 12, "");
	left(r, 26, "ab gr");
	CHECK(r->plan.fin, "FIN");
	CHECK_EQ(ack(r, 31), 12, "not the FIN");
	CHECK_EQ(ack(r, 32), 13, "the FIN");
	CHECK(!r->st->transparent, "given up");
	push(r, 13, "");
	left(r, 32, "");
	push_fin(r, 12, "");
	left(r, 31, "");
	CHECK(r->plan.whole && r->plan.fin, "a late one");
	core_free(r->c);
}

static void fin_waits(void)
{
	struct rig *r = rig_new();

	push_fin(r, 3, "");
	CHECK(r->plan.drop, "octets are missing");
	push_fin(r, 1, "b\n");
	CHECK(r->plan.drop, "octets are missing");
	push_fin(r, 0, "ab\n");
	left(r, 0, "ab\n");
	CHECK(r->plan.whole && r->plan.fin, "FIN");
	core_free(r->c);
}

static void order(void)
{
	struct rig *r = rig_new();

	push(r, 7, "b\n");
	CHECK(r->plan.drop, "a gap");
	CHECK(r->plan.ack, "the sender is told");
	CHECK_EQ(r->plan.ack_seq, FIRST, "what is missing");
	push(r, 0, "a grow\n");
	left(r, 0, "a " GROWN "\n");
	push(r, 7, "b\n");
	left(r, 26, "b\n");
	push(r, 0x80000010, "x");
	CHECK(!r->plan.drop && r->plan.len == 1, "an old one passes");
	CHECK_EQ(r->st->next - FIRST, 9, "an old one changes nothing");
	core_free(r->c);
}

static void bare(void)
{
	struct rig *r = rig_new();

	push(r, 0, "grow\nab");
	left(r, 0, GROWN "\n");
	push(r, 7, "");
	left(r, 24, "");
	CHECK(r->plan.whole, "a bare ACK");
	CHECK_EQ(ack(r, 24), 7, "ACK");
	push(r, 7, "");
	left(r, 24, "");
	push(r, 9, "");
	left(r, 26, "");
	push(r, 0x40000000, "");
	left(r, 24 + 0x40000000 - 7, "");
	push(r, 6, "");
	left(r, 23, "");
	push(r, 4, "");
	left(r, 23, "");
	core_free(r->c);
}

static void whole(void)
{
	static const char frame[3000] = "S2994\n";
	struct rig *r = rig_new();

	push(r, 0, "one\ntwo\nthree\n");
	CHECK(r->plan.whole && !r->plan.pieces, "no edit");
	push(r, 14, "one\ntwo gone\n");
	CHECK(!r->plan.whole, "an edit");
	push_len(r, 27, frame, sizeof(frame), false);
	CHECK(r->plan.whole && !r->plan.pieces, "a super-packet");
	CHECK_EQ(r->plan.seq - FIRST, 23, "number");
	core_free(r->c);
}

static void skip(void)
{
	struct rig *r = rig_new();

	push(r, 0, "grow S\nS100\n");
	left(r, 0, GROWN " S\nS100\n");
	push(r, 60, "grow\n");
	left(r, 79, "grow\n");
	CHECK(r->plan.whole, "in the middle of what is skipped");
	push(r, 12, "\n\n\n\n");
	left(r, 31, "\n\n\n\n");
	CHECK(r->plan.whole, "before that");
	push(r, 110, "--a grow\n");
	left(r, 129, "--a " GROWN "\n");
	push(r, 121, "x");
	CHECK(r->plan.drop, "beyond");
	CHECK_EQ(ack(r, 133), 114, "part of the edit");
	CHECK(!r->st->transparent, "given up");
	core_free(r->c);
}

/* What is skipped may be under way: no ACK for what is held behind it. */
static void skip_unacked(void)
{
	struct rig *r = rig_new();

	push(r, 0, "S10\n0123");
	left(r, 0, "S10\n0123");
	push(r, 12, "89a gr");
	left(r, 12, "89");
	CHECK(!r->plan.ack, "octets are missing");
	CHECK_EQ(ack(r, 8), 8, "octets are missing");
	push(r, 8, "4567");
	left(r, 8, "4567");
	CHECK_EQ(ack(r, 14), 18, "all, and what is held");
	push(r, 18, "ow\n");
	left(r, 14, "a " GROWN "\n");
	core_free(r->c);
}

static void skip_far(void)
{
	static const u32 at[] = { 11, 400000000, 536870920, 800000000 };
	struct rig *r = rig_new();
	u32 i;

	push(r, 0, "S999999999\n");
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		push(r, at[i], "grow");
		left(r, at[i], "grow");
		CHECK_EQ(ack(r, at[i]), at[i], "ACK");
	}
	push(r, 1000000010, "grow\n");
	left(r, 1000000010, GROWN "\n");
	core_free(r->c);
}

static void deletion(void)
{
	struct rig *r = rig_new();

	push(r, 0, "a\nDelete\n");
	left(r, 0, "a\n");
	CHECK(!r->plan.ack, "the receiver will");
	CHECK_EQ(ack(r, 2), 9, "what is deleted as well");
	push(r, 9, "Delete\n");
	left(r, 2, "");
	CHECK(!r->plan.whole, "nothing left");
	acked(r, 16);
	push(r, 9, "Delete\n");
	CHECK_EQ(r->plan.seq + r->plan.len - FIRST, 2, "what the receiver has");
	CHECK_EQ(ack(r, 2), 16, "its answer");
	push_fin(r, 9, "Delete\n");
	CHECK(r->plan.fin, "FIN");
	core_free(r->c);
}

/* The receiver, which gets nothing, will not answer. */
static void deletions(void)
{
	struct rig *r = rig_new();
	u32 i;

	for (i = 0; i < 100; i++) {
		push(r, 2 * i, "D\n");
		left(r, 0, "");
		acked(r, 2 * i + 2);
	}
	core_free(r->c);
}

static void insertion(void)
{
	struct rig *r = rig_new();

	push(r, 0, "+a\nE\n");
	left(r, 0, "<plus>+a\nE\ntail\n");
	CHECK_EQ(ack(r, 6), 0, "inserted only");
	CHECK_EQ(ack(r, 7), 1, "with the octet behind it");
	CHECK_EQ(ack(r, 11), 4, "not inserted yet");
	push(r, 4, "\n");
	left(r, 10, "\ntail\n");
	CHECK_EQ(ack(r, 16), 5, "all");
	core_free(r->c);
}

static void transparent(void)
{
	struct rig *r = rig_new();

	push(r, 0, "a grow\nXgrow\nb grow\n");
	left(r, 0, "a " GROWN "\nX" GROWN "\nb grow\n");
	CHECK(rig.c->transparent, "given up");
	push(r, 20, "grow\n");
	left(r, 58, "grow\n");
	CHECK(r->plan.whole, "not looked at");
	push(r, 2, "grow\n");
	left(r, 2, GROWN "\n");
	push(r, 2000, "x\n");
	left(r, 2038, "x\n");
	CHECK(r->plan.whole, "out of order");
	CHECK_EQ(ack(r, 58), 20, "ACK");
	push(r, 25, "y\n");
	left(r, 63, "y\n");
	push(r, 2002, "");
	left(r, 2040, "");
	core_free(r->c);
}

static void give_up_held(void)
{
	struct rig *r = rig_new();

	push(r, 0, "ab gr");
	acked(r, 5);
	nat64_stream_give_up(r->st);
	push(r, 0, "ab gr");
	left(r, 0, "");
	acked(r, 5);
	push(r, 6, "w");
	CHECK(r->plan.drop, "a gap");
	push(r, 5, "o");
	left(r, 0, "ab gro");
	push(r, 6, "w\n");
	left(r, 6, "w\n");
	push(r, 5, "ow\n");
	left(r, 0, "ab grow\n");
	CHECK_EQ(ack(r, 3), 5, "ACK");
	CHECK_EQ(ack(r, 8), 8, "ACK");
	core_free(r->c);
}

static void too_long(void)
{
	static char line[2 * TOY_HOLD + 1];
	struct rig *r = rig_new();

	memset(line, 'x', sizeof(line) - 1);
	push(r, 0, "grow\n");
	left(r, 0, GROWN "\n");
	(void)ack(r, 24);
	push_len(r, 5, line, TOY_HOLD - 1, false);
	left(r, 24, "");
	acked(r, 5 + TOY_HOLD - 1);
	push_len(r, 5 + TOY_HOLD - 1, line, 100, false);
	CHECK(r->plan.desynced, "given up");
	CHECK_EQ(r->len, TOY_HOLD + 99, "everything leaves");
	push(r, 5 + TOY_HOLD + 99, "grow\n");
	left(r, 24 + TOY_HOLD + 99, "grow\n");
	core_free(r->c);
}

static void too_many(void)
{
	struct rig *r = rig_new();
	char text[5 * 20 + 1] = "";
	u32 i, n;

	for (i = 0; i < 20; i++)
		memcpy(text + 5 * i, "grow\n", 6);
	push(r, 0, text);
	n = r->st->next - FIRST;
	CHECK(n && n < 100 && n % 5 == 0, "%u octets taken", n);
	CHECK_EQ(r->len, n / 5 * 24, "octets leave");
	push_fin(r, 0, text);
	CHECK_EQ(r->st->next - FIRST, n, "no room yet");
	CHECK(!r->plan.fin, "FIN is put off");
	CHECK_EQ(r->len, n / 5 * 24, "octets leave again");
	CHECK_EQ(ack(r, n / 5 * 24), n, "ACK");
	push_fin(r, n, text + n);
	left(r, n / 5 * 24, GROWN "\n" GROWN "\n" GROWN "\n" GROWN "\n");
	CHECK(r->plan.fin, "FIN");
	core_free(r->c);
}

static void beyond(void)
{
	struct rig *r = rig_new();

	push(r, 0, "a\nb");
	CHECK_EQ(ack(r, 2), 3, "ACK");
	CHECK_EQ(nat64_stream_beyond(r->st, FIRST + 2), 0, "all that left");
	CHECK_EQ(nat64_stream_beyond(r->st, FIRST + 1), 0, "less");
	CHECK_EQ(nat64_stream_beyond(r->st, FIRST + 4), 2, "more");
	CHECK_EQ(ack(r, 4), 5, "its distance");
	CHECK_EQ(ack(r, 0x40000000), 0x40000001, "its distance");
	CHECK(!r->st->transparent, "says nothing");
	push(r, 3, " grow\n");
	left(r, 2, "b " GROWN "\n");
	(void)ack(r, 1000);
	push(r, 2, "b grow\n");
	left(r, 2, "b " GROWN "\n");
	nat64_stream_give_up(r->st);
	(void)ack(r, 1000);
	push(r, 2, "b grow\n");
	left(r, 2, "b " GROWN "\n");
	CHECK_EQ(nat64_stream_beyond(r->st, FIRST + 1000), 0, "cannot know");
	core_free(r->c);
}

static bool plausible(struct rig *r, u32 off, u32 len)
{
	return nat64_stream_current(r->st, FIRST + off, len);
}

static void news(void)
{
	struct rig *r = rig_new();

	push(r, 0, "a\nb grow\nc");
	left(r, 0, "a\nb " GROWN "\n");
	CHECK(plausible(r, 0, 0) && plausible(r, 0, r->len), "nothing is known");
	CHECK(plausible(r, r->len, 0), "the end");
	CHECK(!plausible(r, r->len + 1, 0), "was not sent");
	CHECK(!plausible(r, 0x40000000, 0), "somebody's");
	(void)ack(r, 2);
	CHECK(plausible(r, 0, 2), "all of it is there, and nothing newer");
	CHECK(!plausible(r, 0, 1) && !plausible(r, 1, 0), "it is late");
	CHECK(!plausible(r, (u32)-0x40000000, 0), "somebody's");
	(void)ack(r, r->len);
	CHECK(plausible(r, r->len - 1, 1), "the last octet again");
	CHECK(!plausible(r, r->len - 1, 0), "a probe");
	push_fin(r, 10, "");
	CHECK(r->plan.fin, "FIN");
	CHECK(plausible(r, r->plan.seq - FIRST, r->plan.len + 1), "FIN");
	CHECK(plausible(r, r->plan.seq - FIRST + r->plan.len + 1, 0), "behind");
	core_free(r->c);
}

static void syn(void)
{
	struct rig *r = rig_new();

	nat64_stream_give_up(r->st);
	nat64_stream_syn(r->st, FIRST - 1);
	CHECK(r->st->transparent, "a repeated SYN changes nothing");
	nat64_stream_syn(r->st, FIRST);
	CHECK(!r->st->transparent, "another one begins anew");
	nat64_stream_syn(r->st, FIRST - 1);
	push(r, 0, "grow\nab");
	CHECK_EQ(ack(r, 24), 7, "ACK");
	nat64_stream_syn(r->st, 1000);
	CHECK_EQ(nat64_stream_seq(r->st, 1001), 1001, "no offset");
	CHECK_EQ(nat64_stream_ack(r->st, 1001), 1001, "nothing held");
	CHECK_EQ(r->st->edits, 0, "entries");
	CHECK(r->st->hold && r->st->store, "buffers are kept");
	memset(r->st, 0, offsetof(struct nat64_stream, hold));
	r->st->synced = false;
	push(r, 70, "grow\n");
	CHECK(r->plan.whole && r->plan.seq == FIRST + 70, "before the SYN");
	core_free(r->c);
}

static int refused;

static u32 edit_badly(struct nat64_alg_ctx *ctx, enum nat64_dir dir,
		      const u8 *data, u32 len)
{
	static const u8 text[NAT64_ALG_GROWTH_MAX + 2];
	u32 i;

	(void)dir;
	(void)data;
	refused = 0;
	refused += nat64_alg_replace(ctx, len + 1, 0, text, 1) == -EINVAL;
	refused += nat64_alg_replace(ctx, 1, len, text, 1) == -EINVAL;
	refused += nat64_alg_replace(ctx, 0, 1, text,
				     NAT64_ALG_GROWTH_MAX + 2) == -ENOSPC;
	refused += nat64_alg_replace(ctx, 1, 1, text,
				     NAT64_ALG_GROWTH_MAX + 1) == 0;
	refused += nat64_alg_replace(ctx, 1, 1, text, 1) == -EINVAL;
	refused += nat64_alg_replace(ctx, 2, 0, text, 1) == -ENOSPC;
	for (i = 0; i < NAT64_ALG_EDITS_MAX - 1; i++)
		refused += nat64_alg_replace(ctx, 2, 0, text, 0) == 0;
	refused += nat64_alg_replace(ctx, 2, 0, text, 0) == -ENOSPC;
	return len;
}

static void bad_edits(void)
{
	static const struct nat64_alg_ops bad = {
		.id = NAT64_ALG_FTP,
		.hold = 64,
		.payload = edit_badly,
	};
	struct rig *r = rig_new();

	core_free(r->c);
	r->c = core_new(&bad);
	r->st = &r->c->stream[NAT64_DIR_64];
	nat64_stream_syn(r->st, FIRST - 1);
	push(r, 0, "abcdef");
	CHECK_EQ(refused, 7 + NAT64_ALG_EDITS_MAX - 1, "answers");
	CHECK_EQ(r->len, 6 + NAT64_ALG_GROWTH_MAX, "octets leave");
	core_free(r->c);
}

static u32 edit_undecided(struct nat64_alg_ctx *ctx, enum nat64_dir dir,
			  const u8 *data, u32 len)
{
	(void)dir;
	refused = nat64_alg_replace(ctx, 0, 1, "XX", 2);
	return data[len - 1] == '\n' ? len - 1 : 0;
}

/* Only decided octets are edited, whatever the ALG asks for. */
static void undecided(void)
{
	static const struct nat64_alg_ops bad = {
		.id = NAT64_ALG_FTP,
		.hold = 64,
		.payload = edit_undecided,
	};
	struct rig *r = rig_new();

	core_free(r->c);
	r->c = core_new(&bad);
	r->st = &r->c->stream[NAT64_DIR_64];
	nat64_stream_syn(r->st, FIRST - 1);
	push(r, 0, "ab\n");
	left(r, 0, "XXb");
	push_fin(r, 3, "cd");
	left(r, 3, "\ncd");
	CHECK(r->plan.fin, "FIN");
	core_free(r->c);
}

static const struct test stream_tests[] = {
	{ "FT-03.numbers-map-by-position", numbers },
	{ "FT-03.acks-map-and-forget", acks },
	{ "FT-03.sack-claims-no-part-of-an-edit", sacks },
	{ "FT-03.no-sack-while-the-receiver-lacks-what-we-acked", sack_owing },
	{ "FT-03.bare-segments-keep-their-distance", bare },
	{ "FT-03.deletion-is-acked", deletion },
	{ "FT-03.deletions-need-no-receiver", deletions },
	{ "FT-03.insertion-is-repeated", insertion },
	{ "FT-04.held-octets-are-acked", held_is_acked },
	{ "FT-04.not-before-all-that-left-is", held_waits },
	{ "FT-04.held-octets-without-ack", held_without_ack },
	{ "FT-04.fin-lets-go", fin },
	{ "FT-04.fin-waits-for-octets", fin_waits },
	{ "FT-04.too-many-edits-wait", too_many },
	{ "FT-04.wrong-edits-are-refused", bad_edits },
	{ "FT-04.undecided-octets-are-not-edited", undecided },
	{ "FT-20.what-is-not-edited-stays-whole", whole },
	{ "R-03.skipped-octets-pass-in-any-order", skip },
	{ "R-03.no-ack-behind-skipped-octets", skip_unacked },
	{ "R-03.skip-a-gigabyte", skip_far },
	{ "G-10.repetition-is-identical", repetitions },
	{ "G-10.repetition-takes-along-what-is-owed", owed },
	{ "G-10.owed-although-it-was-repeated", owed_late },
	{ "SEC-16.order-is-kept", order },
	{ "SEC-16.ack-of-what-never-left", beyond },
	{ "SEC-16.news-or-late", news },
	{ "SEC-16.new-connection-starts-afresh", syn },
	{ "FT-08.transparent-keeps-offsets", transparent },
	{ "FT-08.held-octets-leave", give_up_held },
	{ "FT-30.long-line-passes", too_long },
};

SUITE(stream);
