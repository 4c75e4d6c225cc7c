// SPDX-License-Identifier: GPL-2.0
/*
 * Input: one octet (options), then segments of 16 octets each.
 *
 * A session lives through them as in session.c: the window is asked, learns,
 * and the flags go through the state machine. Whatever comes, a state is one of
 * the table, a session that is open closes only by what ends one, and what an
 * end has just acknowledged is acceptable to it.
 */
#include "fuzz.h"
#include "tcpstate.h"

#define SEGMENT 16
#define SYN 0x02
#define FIN 0x01
#define RST 0x04
#define ACK 0x10

enum { OPENED, CLOSED_BY_FIN, CLOSED_BY_RST, REFUSED };
const unsigned int fuzz_paths = REFUSED + 1;

/* Numbers that are near each other, so that most segments fit. */
static u32 number(const u8 *p)
{
	u32 n = nat64_get_be16(p);

	return p[0] & 0x80 ? n << 16 : n;
}

static bool read_segment(const u8 *p, struct nat64_tcp_segment *s)
{
	s->seq = number(p + 1);
	s->ack = number(p + 3);
	s->len = nat64_get_be16(p + 5);
	s->window = nat64_get_be16(p + 7);
	s->flags = p[9];
	s->wscale = p[10] < 15 ? p[10] : NAT64_TCP_NO_WSCALE;
	return p[0] & 1;
}

static void check_next(u8 state, struct nat64_tcp_next next, u8 flags)
{
	bool fin = (flags & (SYN | FIN | RST)) == FIN;

	ENSURE(next.state < NAT64_TCP_STATES && next.timer <= 3);
	if (state != NAT64_TCP_CLOSED)
		ENSURE(next.state != NAT64_TCP_CLOSED);
	if (next.state == state)
		return;
	switch (next.state) {
	case NAT64_TCP_ESTABLISHED:
		fuzz_hit(OPENED);
		ENSURE(state == NAT64_TCP_V4_INIT ||
		       state == NAT64_TCP_V6_INIT || state == NAT64_TCP_TRANS);
		break;
	case NAT64_TCP_V4_FIN:
	case NAT64_TCP_V6_FIN:
		ENSURE(fin && state == NAT64_TCP_ESTABLISHED);
		break;
	case NAT64_TCP_V4V6_FIN:
		fuzz_hit(CLOSED_BY_FIN);
		ENSURE(fin && (state == NAT64_TCP_V4_FIN ||
			       state == NAT64_TCP_V6_FIN));
		break;
	case NAT64_TCP_TRANS:
		fuzz_hit(CLOSED_BY_RST);
		ENSURE(flags & RST && state == NAT64_TCP_ESTABLISHED);
		break;
	}
}

/* In order, within the window that @w knows: nobody could tell it from real. */
static void check_window(const struct nat64_tcp_window *w, bool from6)
{
	const struct nat64_tcp_end *to = &w->end[!from6];
	struct nat64_tcp_segment rst = { .seq = to->ack, .flags = RST };

	ENSURE(to->wscale <= 14 || to->wscale == NAT64_TCP_NO_WSCALE);
	ENSURE(nat64_tcp_window_accepts(w, from6, &rst));
	rst.seq += to->window + 1;
	if (to->known & NAT64_TCP_END_ACK)
		ENSURE(!nat64_tcp_window_accepts(w, from6, &rst));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct nat64_tcp_window w = {};
	struct nat64_tcp_segment s;
	struct nat64_tcp_next next;
	u8 state = NAT64_TCP_CLOSED;
	unsigned int opts;

	if (size < 1 + SEGMENT)
		return 0;
	fuzz_inputs++;
	opts = data[0] & 3;
	for (data++, size--; size >= SEGMENT; data += SEGMENT, size -= SEGMENT) {
		bool from6 = read_segment(data, &s);
		bool ok = nat64_tcp_window_accepts(&w, from6, &s);

		(void)nat64_tcp_wscale(data, SEGMENT);
		nat64_tcp_window_update(&w, from6, &s);
		check_window(&w, from6);
		check_window(&w, !from6);
		if (!ok) {
			fuzz_hit(REFUSED);
			ENSURE(s.flags & (SYN | FIN | RST));
			continue;
		}
		next = nat64_tcp_packet(state, from6, s.flags, opts);
		if (!(opts & NAT64_TCP_OPT_RESTART))
			check_next(state, next, s.flags);
		ENSURE(next.state < NAT64_TCP_STATES);
		state = next.state;
		ENSURE(nat64_tcp_expire(state, &next) <= NAT64_TCP_REJECT);
	}
	return 0;
}
