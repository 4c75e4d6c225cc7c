// SPDX-License-Identifier: GPL-2.0
#include "header.h"
#include "ktap.h"
#include "packet.h"
#include "tcpstate.h"
#include "vectors_tcp.h"

#define F NAT64_TCP_FIN
#define S NAT64_TCP_SYN
#define R NAT64_TCP_RST
#define A NAT64_TCP_ACK

/* Rows from @first to @last, with all flags that mean the event */
static void rows(const char *first, const char *last)
{
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(vec_tcp); i++) {
		if (strcmp(vec_tcp[i].row, first) < 0 ||
		    strcmp(vec_tcp[i].row, last) > 0)
			continue;
		for (k = 0; k < ARRAY_SIZE(vec_tcp_flags); k++) {
			struct nat64_tcp_next next;

			if (vec_tcp_flags[k].event != vec_tcp[i].event)
				continue;
			next = nat64_tcp_packet(vec_tcp[i].state,
						vec_tcp[i].from6,
						vec_tcp_flags[k].flags, 0);
			/* The answer to a SYN opens nothing. */
			if (vec_tcp[i].state == NAT64_TCP_CLOSED &&
			    vec_tcp[i].event == VEC_SYN &&
			    (vec_tcp_flags[k].flags & A)) {
				CHECK_EQ(next.state, NAT64_TCP_CLOSED,
					 "T-07 flags %02x",
					 vec_tcp_flags[k].flags);
				continue;
			}
			CHECK_EQ(next.state, vec_tcp[i].next,
				 "%s cell %u flags %02x", vec_tcp[i].row, i,
				 vec_tcp_flags[k].flags);
			CHECK_EQ(next.timer, vec_tcp[i].timer,
				 "%s cell %u flags %02x", vec_tcp[i].row, i,
				 vec_tcp_flags[k].flags);
		}
	}
}

#define ROWS(name, first, last)						\
	static void name(void) { rows(first, last); }
ROWS(closed, "T-01", "T-07")
ROWS(v4_init_syn, "T-08", "T-08")
ROWS(v4_init, "T-10", "T-10")
ROWS(v6_init_syn4, "T-11", "T-11")
ROWS(v6_init_syn6, "T-12", "T-12")
ROWS(v6_init, "T-14", "T-14")
ROWS(est_fin, "T-15", "T-15")
ROWS(est_rst, "T-16", "T-16")
ROWS(est, "T-17", "T-17")
ROWS(fin_fin, "T-19", "T-19")
ROWS(fin, "T-20", "T-20")
ROWS(fins, "T-22", "T-22")
ROWS(trans, "T-24", "T-24")
ROWS(trans_rst, "T-25", "T-25")

/* The table of vectors names each cell once, all 8 states x 2 x 4. */
static void table_complete(void)
{
	bool seen[NAT64_TCP_STATES][2][4] = { 0 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_tcp); i++) {
		bool *cell = &seen[vec_tcp[i].state][vec_tcp[i].from6]
				  [vec_tcp[i].event];

		CHECK(!*cell, "cell %u twice", i);
		*cell = true;
	}
	CHECK_EQ(ARRAY_SIZE(vec_tcp), NAT64_TCP_STATES * 2 * 4, "cells");
}

static void store_syn(void)
{
	unsigned int state, flags;

	for (state = 0; state < NAT64_TCP_STATES; state++) {
		for (flags = 0; flags < 512; flags++) {
			bool from6 = flags & 256;
			struct nat64_tcp_next a, b;

			a = nat64_tcp_packet(state, from6, (u8)flags, 0);
			b = nat64_tcp_packet(state, from6, (u8)flags,
					     NAT64_TCP_OPT_STORE_SYN);
			CHECK_EQ(a.state, b.state, "%u %x", state, flags);
			if (state == NAT64_TCP_CLOSED && !from6 &&
			    a.state == NAT64_TCP_V4_INIT)
				CHECK_EQ(b.timer, NAT64_TIMER_TCP_SYN, "%x",
					 flags);
			else
				CHECK_EQ(a.timer, b.timer, "%x", flags);
		}
	}
}

/* T-38: only a pure SYN of the client, only in the two states, only if on */
static void restart(void)
{
	unsigned int state, flags;

	for (state = 0; state < NAT64_TCP_STATES; state++) {
		for (flags = 0; flags < 512; flags++) {
			bool from6 = flags & 256;
			bool pure = (flags & (S | A | F | R)) == S;
			struct nat64_tcp_next a, b;

			a = nat64_tcp_packet(state, from6, (u8)flags, 0);
			b = nat64_tcp_packet(state, from6, (u8)flags,
					     NAT64_TCP_OPT_RESTART);
			if (from6 && pure && (state == NAT64_TCP_V4V6_FIN ||
					      state == NAT64_TCP_TRANS)) {
				a.state = NAT64_TCP_V6_INIT;
				a.timer = NAT64_TIMER_TCP_TRANS;
			}
			CHECK_EQ(b.state, a.state, "%u %x", state, flags);
			CHECK_EQ(b.timer, a.timer, "%u %x", state, flags);
		}
	}
}

static void expiry(const char *row)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vec_tcp_expiry); i++) {
		struct nat64_tcp_next next = { 99, 99 };
		bool probe = vec_tcp_expiry[i].expiry == NAT64_TCP_PROBE;

		if (strcmp(vec_tcp_expiry[i].row, row))
			continue;
		CHECK_EQ(nat64_tcp_expire(vec_tcp_expiry[i].state, &next),
			 vec_tcp_expiry[i].expiry, "%s", row);
		CHECK_EQ(next.state, probe ? NAT64_TCP_TRANS : 99, "%s", row);
		CHECK_EQ(next.timer, probe ? NAT64_TIMER_TCP_TRANS : 99, "%s",
			 row);
	}
}

#define EXPIRY(name, row) static void name(void) { expiry(row); }
EXPIRY(v4_init_timeout, "T-09")
EXPIRY(v6_init_timeout, "T-13")
EXPIRY(est_timeout, "T-18")
EXPIRY(fin_timeout, "T-21")
EXPIRY(fins_timeout, "T-23")
EXPIRY(trans_timeout, "T-26")

/* T-30: both SYN orders establish */
static void simultaneous(void)
{
	unsigned int first;

	for (first = 0; first < 2; first++) {
		struct nat64_tcp_next n;

		n = nat64_tcp_packet(NAT64_TCP_CLOSED, first, S,
				     NAT64_TCP_OPT_STORE_SYN);
		n = nat64_tcp_packet(n.state, !first, S, 0);
		CHECK_EQ(n.state, NAT64_TCP_ESTABLISHED, "%u first", first);
		n = nat64_tcp_packet(n.state, first, S | A, 0);
		CHECK_EQ(n.state, NAT64_TCP_ESTABLISHED, "%u first", first);
		CHECK_EQ(n.timer, NAT64_TIMER_TCP_EST, "%u first", first);
	}
}

/* Windows (T-35): a conversation, then segments that claim to belong to it */

#define CLIENT true
#define SERVER false

static struct nat64_tcp_segment seg(u8 flags, u32 seq, u32 ack, u32 len,
				    u16 window)
{
	struct nat64_tcp_segment s = {
		.seq = seq, .ack = ack, .len = len, .window = window,
		.flags = flags, .wscale = NAT64_TCP_NO_WSCALE,
	};

	return s;
}

static bool pass(struct nat64_tcp_window *w, bool from6,
		 struct nat64_tcp_segment s)
{
	bool ok = nat64_tcp_window_accepts(w, from6, &s);

	nat64_tcp_window_update(w, from6, &s);
	return ok;
}

static bool accepts(const struct nat64_tcp_window *w, bool from6, u8 flags,
		    u32 seq, u32 len)
{
	struct nat64_tcp_segment s = seg(flags, seq, 0, len, 0);

	return nat64_tcp_window_accepts(w, from6, &s);
}

/* @isn of the client, @isn + 0x40000000 of the server; windows 1000, 2000 */
static void handshake(struct nat64_tcp_window *w, u32 isn, u8 scale6,
		      u8 scale4)
{
	struct nat64_tcp_segment s;
	u32 peer = isn + 0x40000000;

	memset(w, 0, sizeof(*w));
	s = seg(S, isn, 0, 0, 1000);
	s.wscale = scale6;
	CHECK(pass(w, CLIENT, s), "SYN");
	s = seg(S | A, peer, isn + 1, 0, 2000);
	s.wscale = scale4;
	CHECK(pass(w, SERVER, s), "SYN+ACK");
	CHECK(pass(w, CLIENT, seg(A, isn + 1, peer + 1, 0, 1000)), "ACK");
	CHECK(pass(w, SERVER, seg(A, peer + 1, isn + 1, 0, 2000)), "ACK");
}

static const u32 isns[] = { 0, 1000, 0x7ffffff0, 0xbffffff0, 0xfffffff0 };

static void window_rst(void)
{
	struct nat64_tcp_window w;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(isns); i++) {
		u32 c = isns[i] + 1, s = isns[i] + 0x40000001;

		handshake(&w, isns[i], NAT64_TCP_NO_WSCALE,
			  NAT64_TCP_NO_WSCALE);
		for (k = 0; k < 2; k++) {
			u8 flags = k ? R | A : R;

			CHECK(accepts(&w, CLIENT, flags, c, 0), "exact");
			CHECK(accepts(&w, CLIENT, flags, c + 2000, 0), "end");
			CHECK(!accepts(&w, CLIENT, flags, c + 2001, 0),
			      "behind");
			CHECK(!accepts(&w, CLIENT, flags, c - 1, 0), "before");
			CHECK(accepts(&w, SERVER, flags, s, 0), "exact");
			CHECK(accepts(&w, SERVER, flags, s + 1000, 0), "end");
			CHECK(!accepts(&w, SERVER, flags, s + 1001, 0),
			      "behind");
			CHECK(!accepts(&w, SERVER, flags, s + 0x80000000, 0),
			      "far");
		}
	}
}

/* How much of the number space a blind sender can hit */
static void window_blind(void)
{
	struct nat64_tcp_window w;
	unsigned int hits = 0;
	u32 n, seq = 0;

	handshake(&w, 77, NAT64_TCP_NO_WSCALE, NAT64_TCP_NO_WSCALE);
	for (n = 0; n < 100000; n++) {
		seq += 2654435761U;
		hits += accepts(&w, SERVER, R, seq, 0);
	}
	CHECK(hits <= 1, "%u of %u blind numbers", hits, n);
}

static void window_fin(void)
{
	struct nat64_tcp_window w;
	u32 c = 501;

	handshake(&w, 500, NAT64_TCP_NO_WSCALE, NAT64_TCP_NO_WSCALE);
	CHECK(accepts(&w, CLIENT, F | A, c, 0), "FIN");
	CHECK(accepts(&w, CLIENT, F | A, c, 1460), "FIN with data");
	CHECK(accepts(&w, CLIENT, F | A, c - 100, 200), "FIN, sent again");
	CHECK(!accepts(&w, CLIENT, F | A, c - 200, 100), "old FIN");
	CHECK(!accepts(&w, CLIENT, F | A, c, 2001), "FIN past the window");
	CHECK(!accepts(&w, CLIENT, F | A, c + 0x10000000, 0), "wild FIN");
}

static void window_syn(void)
{
	struct nat64_tcp_window w = { 0 };

	CHECK(accepts(&w, SERVER, S, 12345, 0), "nothing known");
	handshake(&w, 500, NAT64_TCP_NO_WSCALE, NAT64_TCP_NO_WSCALE);
	CHECK(accepts(&w, SERVER, S | A, 500 + 0x40000000, 0), "SYN+ACK again");
	CHECK(!accepts(&w, SERVER, S | A, 7, 0), "wild SYN+ACK");
	CHECK(!accepts(&w, SERVER, S, 7, 0), "wild SYN");
	CHECK(accepts(&w, CLIENT, S, 99, 0), "client reuses its port");
	CHECK(!accepts(&w, CLIENT, S | A, 99, 0), "no pure SYN");
	CHECK(accepts(&w, SERVER, A, 7, 0), "no flag that matters");
}

static void window_scale(void)
{
	static const struct {
		u8 scale6, scale4;
		u32 window4;
	} cases[] = {
		{ NAT64_TCP_NO_WSCALE, NAT64_TCP_NO_WSCALE, 2000 },
		{ NAT64_TCP_NO_WSCALE, 7, 2000 },
		{ 7, NAT64_TCP_NO_WSCALE, 2000 },
		{ 0, 7, 2000 << 7 },
		{ 5, 14, 2000 << 14 },
		{ 3, 0, 2000 },
	};
	struct nat64_tcp_window w;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		handshake(&w, 500, cases[i].scale6, cases[i].scale4);
		CHECK(accepts(&w, CLIENT, R, 501 + cases[i].window4, 0), "%u",
		      i);
		CHECK(!accepts(&w, CLIENT, R, 502 + cases[i].window4, 0), "%u",
		      i);
	}
}

/* Data moves the window along, also over the end of the number space. */
static void window_slides(void)
{
	struct nat64_tcp_window w;
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(isns); i++) {
		u32 c = isns[i] + 1, s = isns[i] + 0x40000001;

		handshake(&w, isns[i], NAT64_TCP_NO_WSCALE,
			  NAT64_TCP_NO_WSCALE);
		for (n = 0; n < 50; n++) {
			pass(&w, CLIENT, seg(A, c, s, 500, 1000));
			c += 500;
			pass(&w, SERVER, seg(A, s, c, 0, 2000));
		}
		CHECK(accepts(&w, CLIENT, R, c, 0), "now");
		CHECK(!accepts(&w, CLIENT, R, c - 500, 0), "then");
		CHECK(accepts(&w, SERVER, R, s, 0), "other way");
	}
}

/* A blind segment must not open the window for the next one. */
static void window_poison(void)
{
	struct nat64_tcp_window w, clean;
	u32 c = 501, s = 0x40000000 + 501;
	unsigned int n;

	handshake(&clean, 500, NAT64_TCP_NO_WSCALE, NAT64_TCP_NO_WSCALE);
	w = clean;
	for (n = 0; n < 64; n++) {
		u32 wild = 0x10000000 + n * 0x03000000;

		pass(&w, SERVER, seg(A, s + wild, c, 0, 65535));
		pass(&w, CLIENT, seg(A, c + wild, s, 0, 65535));
		pass(&w, SERVER, seg(S, s + wild, 0, 0, 65535));
		pass(&w, SERVER, seg(S | A, s + wild, c, 0, 65535));
		pass(&w, CLIENT, seg(R | A, c, s + 10, 0, 65535));
	}
	CHECK(!memcmp(&w, &clean, sizeof(w)), "state moved");
	/* right number, but acknowledges what was never sent */
	pass(&w, SERVER, seg(A, s, c + 0x10000000, 0, 2000));
	CHECK(!memcmp(&w, &clean, sizeof(w)), "state moved");
	/* an old acknowledgment does not move it back */
	pass(&w, CLIENT, seg(A, c, s, 300, 1000));
	pass(&w, SERVER, seg(A, s, c + 300, 0, 2000));
	pass(&w, SERVER, seg(A, s, c, 0, 2000));
	CHECK(accepts(&w, CLIENT, R, c + 300, 0), "moved on");
	CHECK(!accepts(&w, CLIENT, R, c, 0), "moved back");
}

/* The client gives up and tries again with another number. */
static void window_retry(void)
{
	struct nat64_tcp_window w = { 0 };

	pass(&w, CLIENT, seg(S, 100, 0, 0, 1000));
	pass(&w, CLIENT, seg(S, 0x70000000, 0, 0, 1000));
	pass(&w, SERVER, seg(S | A, 5, 0x70000001, 0, 2000));
	pass(&w, CLIENT, seg(A, 0x70000001, 6, 0, 1000));
	CHECK(accepts(&w, CLIENT, R, 0x70000001, 0), "new");
	CHECK(!accepts(&w, CLIENT, R, 101, 0), "old");
	CHECK(accepts(&w, SERVER, R, 6, 0), "server");
}

/* T-38: the client reuses its port; an old SYN does no lasting harm. */
static void window_reuse(void)
{
	struct nat64_tcp_window w;
	struct nat64_tcp_segment s;
	u32 c = 501, v = 0x40000000 + 501;

	handshake(&w, 500, 2, 2);
	s = seg(S, 0x20000000, 0, 0, 1000);
	s.wscale = 2;
	CHECK(pass(&w, CLIENT, s), "SYN");
	s = seg(S | A, 0x60000000, 0x20000001, 0, 2000);
	s.wscale = 3;
	CHECK(pass(&w, SERVER, s), "SYN+ACK");
	pass(&w, CLIENT, seg(A, 0x20000001, 0x60000001, 0, 1000));
	pass(&w, SERVER, seg(A, 0x60000001, 0x20000001, 0, 2000));
	CHECK(accepts(&w, CLIENT, R, 0x20000001 + (2000 << 3), 0), "new");
	CHECK(!accepts(&w, CLIENT, R, 0x20000002 + (2000 << 3), 0), "scale");
	CHECK(accepts(&w, SERVER, R, 0x60000001 + (1000 << 2), 0), "new");
	CHECK(!accepts(&w, SERVER, R, v, 0), "old");

	handshake(&w, 500, 2, 2);
	pass(&w, CLIENT, seg(S, 0x20000000, 0, 0, 1000));
	pass(&w, SERVER, seg(A, v, c, 0, 2000)); /* RFC 5961 4 */
	pass(&w, CLIENT, seg(A, c, v, 0, 1000));
	CHECK(accepts(&w, CLIENT, R, c, 0), "client goes on");
	CHECK(accepts(&w, SERVER, R, v, 0), "server goes on");
	CHECK(!accepts(&w, CLIENT, R, 0x20000001, 0), "not the copy");
	CHECK(!accepts(&w, SERVER, R, v + 0x10000000, 0), "wild");
}

/* A session whose beginning was not seen: liberal, but it converges. */
static void window_midstream(void)
{
	struct nat64_tcp_window w = { 0 };

	CHECK(accepts(&w, SERVER, R, 1, 0), "nothing known");
	pass(&w, CLIENT, seg(A, 1000, 9000, 0, 4));
	pass(&w, SERVER, seg(A, 9000, 1000, 0, 4));
	CHECK(accepts(&w, SERVER, R, 9000 + (4 << 14), 0), "largest scale");
	CHECK(!accepts(&w, SERVER, R, 9001 + (4 << 14), 0), "behind it");
	CHECK(!accepts(&w, SERVER, R, 0x80000000, 0), "wild");
}

static void window_size(void)
{
	CHECK(sizeof(struct nat64_tcp_window) <= 24, "%zu octets",
	      sizeof(struct nat64_tcp_window));
}

static void wscale_option(void)
{
	static const struct {
		u8 opt[12];
		u32 len;
		u8 want;
	} cases[] = {
		{ { 0 }, 0, NAT64_TCP_NO_WSCALE },
		{ { 3, 3, 7, 0 }, 4, 7 },
		{ { 1, 3, 3, 9 }, 4, 9 },
		{ { 2, 4, 5, 0xb4, 1, 3, 3, 0 }, 8, 0 },
		{ { 4, 2, 8, 10, [11] = 3 }, 12, NAT64_TCP_NO_WSCALE },
		{ { 1, 1, 4, 2, 3, 3, 255, 0 }, 8, 14 },
		{ { 3, 4, 7, 0 }, 4, NAT64_TCP_NO_WSCALE },
		{ { 0, 3, 3, 7 }, 4, NAT64_TCP_NO_WSCALE },
		{ { 2, 0, 3, 3, 7, 0, 0, 0 }, 8, NAT64_TCP_NO_WSCALE },
		{ { 2, 1, 3, 3, 7, 0, 0, 0 }, 8, NAT64_TCP_NO_WSCALE },
		{ { 2, 255, 3, 3 }, 4, NAT64_TCP_NO_WSCALE },
		{ { 1, 1, 3, 3 }, 4, NAT64_TCP_NO_WSCALE },
	};
	unsigned int i;
	u32 n;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u8 tcp[32] = { 0 };

		memcpy(tcp + 20, cases[i].opt, sizeof(cases[i].opt));
		for (n = 0; n <= 20 + cases[i].len; n++) {
			u8 *copy = pkt_copy(tcp, n);
			u8 got = nat64_tcp_wscale(copy, n);

			free(copy);
			if (n == 20 + cases[i].len)
				CHECK_EQ(got, cases[i].want, "%u", i);
		}
	}
}

static const struct test tcpstate_tests[] = {
	{ "T-01.closed", closed },
	{ "T-01.table-complete", table_complete },
	{ "T-03.stored-syn-timer", store_syn },
	{ "T-08.v4-init-syn6", v4_init_syn },
	{ "T-09.v4-init-timeout", v4_init_timeout },
	{ "T-10.v4-init-other", v4_init },
	{ "T-11.v6-init-syn4", v6_init_syn4 },
	{ "T-12.v6-init-syn6", v6_init_syn6 },
	{ "T-13.v6-init-timeout", v6_init_timeout },
	{ "T-14.v6-init-other", v6_init },
	{ "T-15.est-fin", est_fin },
	{ "T-16.est-rst", est_rst },
	{ "T-17.est-other", est },
	{ "T-18.est-timeout", est_timeout },
	{ "T-19.fin-fin", fin_fin },
	{ "T-20.fin-other", fin },
	{ "T-21.fin-timeout", fin_timeout },
	{ "T-22.fins-any", fins },
	{ "T-23.fins-timeout", fins_timeout },
	{ "T-24.trans-other", trans },
	{ "T-25.trans-rst", trans_rst },
	{ "T-26.trans-timeout", trans_timeout },
	{ "T-30.simultaneous-open", simultaneous },
	{ "T-35.rst", window_rst },
	{ "T-35.blind", window_blind },
	{ "T-35.fin", window_fin },
	{ "T-35.syn", window_syn },
	{ "T-35.scale", window_scale },
	{ "T-35.slides", window_slides },
	{ "T-35.poison", window_poison },
	{ "T-35.retry", window_retry },
	{ "T-35.midstream", window_midstream },
	{ "T-35.size", window_size },
	{ "T-35.scale-option", wscale_option },
	{ "T-38.restart", restart },
	{ "T-38.window-starts-over", window_reuse },
};
SUITE(tcpstate);
