// SPDX-License-Identifier: GPL-2.0
/* The TCP state machine of a session (RFC 6146 3.5.2.2). */
#include "tcpstate.h"

#include "header.h"

enum event { SYN, FIN, RST, OTHER, EVENTS };

#define CLOSED NAT64_TCP_CLOSED
#define V4_INIT NAT64_TCP_V4_INIT
#define V6_INIT NAT64_TCP_V6_INIT
#define ESTAB NAT64_TCP_ESTABLISHED
#define V4_FIN NAT64_TCP_V4_FIN
#define V6_FIN NAT64_TCP_V6_FIN
#define V4V6_FIN NAT64_TCP_V4V6_FIN
#define TRANS NAT64_TCP_TRANS

#define T_KEEP NAT64_TIMER_KEEP
#define T_EST NAT64_TIMER_TCP_EST
#define T_TRANS NAT64_TIMER_TCP_TRANS

/* From the IPv6 side; the row of the requirement behind each cell */
static const struct nat64_tcp_next from_v6[NAT64_TCP_STATES][EVENTS] = {
	[CLOSED] = {
		[SYN] = { V6_INIT, T_TRANS },	/* T-01 */
		[FIN] = { CLOSED, T_KEEP },	/* T-06, T-07 */
		[RST] = { CLOSED, T_KEEP },	/* T-06, T-07 */
		[OTHER] = { CLOSED, T_KEEP },	/* T-06, T-07 */
	},
	[V4_INIT] = {
		[SYN] = { ESTAB, T_EST },	/* T-08 */
		[FIN] = { V4_INIT, T_KEEP },	/* T-10 */
		[RST] = { V4_INIT, T_KEEP },	/* T-10 */
		[OTHER] = { V4_INIT, T_KEEP },	/* T-10 */
	},
	[V6_INIT] = {
		[SYN] = { V6_INIT, T_TRANS },	/* T-12 */
		[FIN] = { V6_INIT, T_KEEP },	/* T-14 */
		[RST] = { V6_INIT, T_KEEP },	/* T-14 */
		[OTHER] = { V6_INIT, T_KEEP },	/* T-14 */
	},
	[ESTAB] = {
		[SYN] = { ESTAB, T_EST },	/* T-17 */
		[FIN] = { V6_FIN, T_KEEP },	/* T-15 */
		[RST] = { TRANS, T_TRANS },	/* T-16 */
		[OTHER] = { ESTAB, T_EST },	/* T-17 */
	},
	[V4_FIN] = {
		[SYN] = { V4_FIN, T_EST },	/* T-20 */
		[FIN] = { V4V6_FIN, T_TRANS },	/* T-19 */
		[RST] = { V4_FIN, T_EST },	/* T-20 */
		[OTHER] = { V4_FIN, T_EST },	/* T-20 */
	},
	[V6_FIN] = {
		[SYN] = { V6_FIN, T_EST },	/* T-20 */
		[FIN] = { V6_FIN, T_EST },	/* T-20 */
		[RST] = { V6_FIN, T_EST },	/* T-20 */
		[OTHER] = { V6_FIN, T_EST },	/* T-20 */
	},
	[V4V6_FIN] = {
		[SYN] = { V4V6_FIN, T_KEEP },	/* T-22 */
		[FIN] = { V4V6_FIN, T_KEEP },	/* T-22 */
		[RST] = { V4V6_FIN, T_KEEP },	/* T-22 */
		[OTHER] = { V4V6_FIN, T_KEEP },	/* T-22 */
	},
	[TRANS] = {
		[SYN] = { ESTAB, T_EST },	/* T-24 */
		[FIN] = { ESTAB, T_EST },	/* T-24 */
		[RST] = { TRANS, T_KEEP },	/* T-25 */
		[OTHER] = { ESTAB, T_EST },	/* T-24 */
	},
};

/* From the IPv4 side */
static const struct nat64_tcp_next from_v4[NAT64_TCP_STATES][EVENTS] = {
	[CLOSED] = {
		[SYN] = { V4_INIT, T_TRANS },	/* T-05; T-03, T-04 */
		[FIN] = { CLOSED, T_KEEP },	/* T-06, T-07 */
		[RST] = { CLOSED, T_KEEP },	/* T-06, T-07 */
		[OTHER] = { CLOSED, T_KEEP },	/* T-06, T-07 */
	},
	[V4_INIT] = {
		[SYN] = { V4_INIT, T_KEEP },	/* T-10 */
		[FIN] = { V4_INIT, T_KEEP },	/* T-10 */
		[RST] = { V4_INIT, T_KEEP },	/* T-10 */
		[OTHER] = { V4_INIT, T_KEEP },	/* T-10 */
	},
	[V6_INIT] = {
		[SYN] = { ESTAB, T_EST },	/* T-11 */
		[FIN] = { V6_INIT, T_KEEP },	/* T-14 */
		[RST] = { V6_INIT, T_KEEP },	/* T-14 */
		[OTHER] = { V6_INIT, T_KEEP },	/* T-14 */
	},
	[ESTAB] = {
		[SYN] = { ESTAB, T_EST },	/* T-17 */
		[FIN] = { V4_FIN, T_KEEP },	/* T-15 */
		[RST] = { TRANS, T_TRANS },	/* T-16 */
		[OTHER] = { ESTAB, T_EST },	/* T-17 */
	},
	[V4_FIN] = {
		[SYN] = { V4_FIN, T_EST },	/* T-20 */
		[FIN] = { V4_FIN, T_EST },	/* T-20 */
		[RST] = { V4_FIN, T_EST },	/* T-20 */
		[OTHER] = { V4_FIN, T_EST },	/* T-20 */
	},
	[V6_FIN] = {
		[SYN] = { V6_FIN, T_EST },	/* T-20 */
		[FIN] = { V4V6_FIN, T_TRANS },	/* T-19 */
		[RST] = { V6_FIN, T_EST },	/* T-20 */
		[OTHER] = { V6_FIN, T_EST },	/* T-20 */
	},
	[V4V6_FIN] = {
		[SYN] = { V4V6_FIN, T_KEEP },	/* T-22 */
		[FIN] = { V4V6_FIN, T_KEEP },	/* T-22 */
		[RST] = { V4V6_FIN, T_KEEP },	/* T-22 */
		[OTHER] = { V4V6_FIN, T_KEEP },	/* T-22 */
	},
	[TRANS] = {
		[SYN] = { ESTAB, T_EST },	/* T-24 */
		[FIN] = { ESTAB, T_EST },	/* T-24 */
		[RST] = { TRANS, T_KEEP },	/* T-25 */
		[OTHER] = { ESTAB, T_EST },	/* T-24 */
	},
};

static const u8 expiry[NAT64_TCP_STATES] = {
	[CLOSED] = NAT64_TCP_DELETE,
	[V4_INIT] = NAT64_TCP_REJECT,	/* T-09 */
	[V6_INIT] = NAT64_TCP_DELETE,	/* T-13 */
	[ESTAB] = NAT64_TCP_PROBE,	/* T-18 */
	[V4_FIN] = NAT64_TCP_DELETE,	/* T-21 */
	[V6_FIN] = NAT64_TCP_DELETE,	/* T-21 */
	[V4V6_FIN] = NAT64_TCP_DELETE,	/* T-23 */
	[TRANS] = NAT64_TCP_DELETE,	/* T-26 */
};

static enum event event_of(u8 flags)
{
	if (flags & NAT64_TCP_RST)
		return RST;
	switch (flags & (NAT64_TCP_SYN | NAT64_TCP_FIN)) {
	case NAT64_TCP_SYN:
		return SYN;
	case NAT64_TCP_FIN:
		return FIN;
	default:
		return OTHER;
	}
}

static bool is_pure_syn(u8 flags)
{
	return event_of(flags) == SYN && !(flags & NAT64_TCP_ACK);
}

struct nat64_tcp_next nat64_tcp_packet(enum nat64_tcp_state state, bool from6,
				       u8 flags, unsigned int opts)
{
	enum event event = event_of(flags);
	struct nat64_tcp_next next;

	/* The answer to a SYN opens nothing (T-06, T-07). */
	if (state == CLOSED && event == SYN && !is_pure_syn(flags))
		event = OTHER;
	next = from6 ? from_v6[state][event] : from_v4[state][event];
	if (state == CLOSED && next.state == V4_INIT &&
	    (opts & NAT64_TCP_OPT_STORE_SYN))
		next.timer = NAT64_TIMER_TCP_SYN;
	if ((state == V4V6_FIN || state == TRANS) && from6 &&
	    (opts & NAT64_TCP_OPT_RESTART) && is_pure_syn(flags))
		next = from_v6[CLOSED][SYN]; /* T-38 */
	return next;
}

enum nat64_tcp_expiry nat64_tcp_expire(enum nat64_tcp_state state,
				       struct nat64_tcp_next *next)
{
	if (expiry[state] == NAT64_TCP_PROBE)
		*next = (struct nat64_tcp_next){ TRANS, T_TRANS };
	return expiry[state];
}

/* RFC 7323 2.2: windows are scaled only if both SYNs carried the option */
static u32 scaled_window(const struct nat64_tcp_end *me,
			 const struct nat64_tcp_end *peer,
			 const struct nat64_tcp_segment *s)
{
	if (s->flags & NAT64_TCP_SYN)
		return s->window;
	if (!(me->known & peer->known & NAT64_TCP_END_SCALE))
		return (u32)s->window << 14; /* picked up late: be liberal */
	if (me->wscale == NAT64_TCP_NO_WSCALE ||
	    peer->wscale == NAT64_TCP_NO_WSCALE)
		return s->window;
	return (u32)s->window << me->wscale;
}

/* Could this be a segment of the connection, if maybe an old one? */
static bool is_plausible(const struct nat64_tcp_end *to,
			 const struct nat64_tcp_segment *s)
{
	u32 seq = s->seq + (s->flags & NAT64_TCP_SYN ? 1 : 0);

	if (!(to->known & NAT64_TCP_END_ACK))
		return true;
	return seq - to->ack + to->window <= 2 * to->window;
}

static void learn_syn(struct nat64_tcp_end *me, struct nat64_tcp_end *peer,
		      const struct nat64_tcp_segment *s)
{
	/* Until the sender has acknowledged anything, this may be a new try. */
	if (!(me->known & NAT64_TCP_END_ACK) ||
	    !(peer->known & NAT64_TCP_END_ACK)) {
		peer->ack = s->seq + 1;
		peer->known |= NAT64_TCP_END_ACK;
		me->wscale = s->wscale;
		me->known |= NAT64_TCP_END_SCALE;
	}
}

/*
 * The client reuses its port. All numbers are new, but a late copy of an old
 * SYN looks the same: learn them from what the other end answers.
 */
static void forget(struct nat64_tcp_window *w, bool from6,
		   const struct nat64_tcp_segment *s)
{
	memset(w, 0, sizeof(*w));
	w->end[from6].window = s->window;
	w->end[from6].wscale = s->wscale;
	w->end[from6].known = NAT64_TCP_END_SCALE;
}

void nat64_tcp_window_update(struct nat64_tcp_window *w, bool from6,
			     const struct nat64_tcp_segment *s)
{
	struct nat64_tcp_end *me = &w->end[from6];
	struct nat64_tcp_end *peer = &w->end[!from6];

	if (s->flags & NAT64_TCP_RST)
		return;
	if (from6 && is_pure_syn(s->flags) &&
	    (me->known & NAT64_TCP_END_ACK) && !is_plausible(peer, s)) {
		forget(w, from6, s);
		return;
	}
	if (s->flags & NAT64_TCP_SYN)
		learn_syn(me, peer, s);
	if (!is_plausible(peer, s))
		return;
	me->window = max(me->window, scaled_window(me, peer, s));
	if (!(s->flags & NAT64_TCP_ACK))
		return;
	if (!(me->known & NAT64_TCP_END_ACK)) {
		me->ack = s->ack;
		me->known |= NAT64_TCP_END_ACK;
	} else if (s->ack - me->ack <= me->window) {
		me->ack = s->ack;
	}
}

bool nat64_tcp_window_accepts(const struct nat64_tcp_window *w, bool from6,
			      const struct nat64_tcp_segment *s)
{
	const struct nat64_tcp_end *to = &w->end[!from6];
	u32 at = s->seq;

	switch (event_of(s->flags)) {
	case OTHER:
		return true;
	case SYN:
		if (from6 && is_pure_syn(s->flags))
			return true;
		/* a repeated one is as good as the first */
		at++;
		break;
	case FIN:
		at += s->len;
		break;
	default:
		break;
	}
	if (!(to->known & NAT64_TCP_END_ACK))
		return true;
	return at - to->ack <= to->window;
}

#define TCP_HLEN 20
#define OPT_END 0
#define OPT_NOP 1
#define OPT_WSCALE 3
#define WSCALE_MAX 14

u8 nat64_tcp_wscale(const u8 *tcp, u32 hlen)
{
	u32 i = TCP_HLEN;

	while (i + 2 < hlen && tcp[i] != OPT_END) {
		if (tcp[i] == OPT_NOP) {
			i++;
			continue;
		}
		if (tcp[i] == OPT_WSCALE && tcp[i + 1] == 3)
			return min_t(u8, tcp[i + 2], WSCALE_MAX);
		if (tcp[i + 1] < 2)
			break;
		i += tcp[i + 1];
	}
	return NAT64_TCP_NO_WSCALE;
}
