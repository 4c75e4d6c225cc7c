/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The TCP state machine of a session (RFC 6146 3.5.2.2).
 *
 * PURE: any context. The caller serialises access to a session's state.
 */
#ifndef _NAT64_TCPSTATE_H
#define _NAT64_TCPSTATE_H

#include "portable.h"

/**
 * enum nat64_tcp_state - state of a session, names as in the RFC
 * @NAT64_TCP_CLOSED: no session
 * @NAT64_TCP_V4_INIT: SYN from the IPv4 side only
 * @NAT64_TCP_V6_INIT: SYN from the IPv6 side only
 * @NAT64_TCP_ESTABLISHED: SYN from both
 * @NAT64_TCP_V4_FIN: FIN from the IPv4 side
 * @NAT64_TCP_V6_FIN: FIN from the IPv6 side
 * @NAT64_TCP_V4V6_FIN: FIN from both
 * @NAT64_TCP_TRANS: RST seen, or idle and probed
 * @NAT64_TCP_STATES: number of states
 */
enum nat64_tcp_state {
	NAT64_TCP_CLOSED,
	NAT64_TCP_V4_INIT,
	NAT64_TCP_V6_INIT,
	NAT64_TCP_ESTABLISHED,
	NAT64_TCP_V4_FIN,
	NAT64_TCP_V6_FIN,
	NAT64_TCP_V4V6_FIN,
	NAT64_TCP_TRANS,
	NAT64_TCP_STATES,
};

/**
 * enum nat64_tcp_timer - what a packet does to the session's expiry
 * @NAT64_TIMER_KEEP: unchanged
 * @NAT64_TIMER_TCP_EST: now + TCP_EST
 * @NAT64_TIMER_TCP_TRANS: now + TCP_TRANS
 * @NAT64_TIMER_TCP_SYN: now + TCP_INCOMING_SYN
 */
enum nat64_tcp_timer {
	NAT64_TIMER_KEEP,
	NAT64_TIMER_TCP_EST,
	NAT64_TIMER_TCP_TRANS,
	NAT64_TIMER_TCP_SYN,
};

/**
 * enum nat64_tcp_expiry - what the end of a session's lifetime means
 * @NAT64_TCP_DELETE: delete the session
 * @NAT64_TCP_PROBE: send a probe (ACK, no data, seq 0, ack 0), keep the
 *	session: next.state, next.timer (RFC 6146 3.5.2.2, ESTABLISHED)
 * @NAT64_TCP_REJECT: if a SYN is stored, send ICMPv4 3/3 quoting it to its
 *	source; then delete
 */
enum nat64_tcp_expiry {
	NAT64_TCP_DELETE,
	NAT64_TCP_PROBE,
	NAT64_TCP_REJECT,
};

/* Options of nat64_tcp_packet(). */
#define NAT64_TCP_OPT_RESTART 0x1 /* SYN from IPv6 reopens a closed session */
#define NAT64_TCP_OPT_STORE_SYN 0x2 /* CLOSED: the SYN from IPv4 is stored */

/**
 * struct nat64_tcp_next - result of an event
 * @state: enum nat64_tcp_state
 * @timer: enum nat64_tcp_timer
 */
struct nat64_tcp_next {
	u8 state;
	u8 timer;
};

/**
 * nat64_tcp_packet() - a packet of the session (or its first) arrives
 * @state: present state; CLOSED when a session is about to be created
 * @from6: direction: from the IPv6 side
 * @flags: octet 13 of the TCP header
 * @opts: NAT64_TCP_OPT_*
 *
 * RST wins over all other flags; SYN with FIN is no SYN and no FIN. The
 * packet is forwarded in any case but one: CLOSED, which stays CLOSED unless
 * a SYN opens it (T-06, T-07 are the caller's).
 */
struct nat64_tcp_next nat64_tcp_packet(enum nat64_tcp_state state, bool from6,
				       u8 flags, unsigned int opts);

/**
 * nat64_tcp_expire() - the session's lifetime is over
 * @state: present state
 * @next: set for NAT64_TCP_PROBE only
 */
enum nat64_tcp_expiry nat64_tcp_expire(enum nat64_tcp_state state,
				       struct nat64_tcp_next *next);

/**
 * struct nat64_tcp_end - what one end of a connection will accept
 * @ack: next sequence number that it expects, as far as known
 * @window: largest receive window that it ever offered, in octets, scaled
 * @wscale: its window scale, 0-14, or NAT64_TCP_NO_WSCALE
 * @known: NAT64_TCP_END_* bits
 *
 * Without padding, which every session would carry twice.
 */
struct nat64_tcp_end {
	u32 ack;
	u32 window;
	u8 wscale;
	u8 known;
} __packed __aligned(2);

#define NAT64_TCP_END_ACK 0x1 /* ack is valid */
#define NAT64_TCP_END_SCALE 0x2 /* its SYN was seen, wscale is valid */

/**
 * struct nat64_tcp_window - both ends; all zero for a new session
 * @end: [0] the IPv4 end, [1] the IPv6 end, that is, index @from6 sends
 */
struct nat64_tcp_window {
	struct nat64_tcp_end end[2];
};

/* The SYN carries no window scale option */
#define NAT64_TCP_NO_WSCALE 0xff

/**
 * struct nat64_tcp_segment - the fields of a segment that matter here
 * @seq: host order
 * @ack: host order
 * @len: payload octets, without SYN and FIN
 * @window: as in the header
 * @flags: octet 13 of the header
 * @wscale: nat64_tcp_wscale(); read only if @flags has SYN
 */
struct nat64_tcp_segment {
	u32 seq;
	u32 ack;
	u32 len;
	u16 window;
	u8 flags;
	u8 wscale;
};

/**
 * nat64_tcp_window_update() - learn from a segment that is forwarded
 * @w: windows of the session
 * @from6: direction
 * @s: segment. Where an ALG shifts numbers, @s->seq is as the receiver of
 *	the segment sees it and @s->ack is as its sender wrote it: both belong
 *	to the end that @w has them compared with
 *
 * A segment that does not fit what is known teaches nothing, so that a
 * blind one cannot open the window for the next. The exception is a pure SYN
 * of the client, which starts over: it is the client's session.
 */
void nat64_tcp_window_update(struct nat64_tcp_window *w, bool from6,
			     const struct nat64_tcp_segment *s);

/**
 * nat64_tcp_window_accepts() - may this SYN, FIN or RST change the state?
 * @w: windows of the session, before nat64_tcp_window_update() of @s
 * @from6: direction
 * @s: segment
 *
 * RFC 6146 5.2, RFC 5961 3: the sequence number of the flag must be one that
 * the receiver can accept. Without knowledge of the receiver all are
 * accepted. A pure SYN from the IPv6 side is the client's own attempt to
 * reuse its port and is accepted with any number. Segments without these
 * flags are always accepted.
 *
 * Return: false: leave state and timer as they are; whether to forward is
 * policy.
 */
bool nat64_tcp_window_accepts(const struct nat64_tcp_window *w, bool from6,
			      const struct nat64_tcp_segment *s);

/**
 * nat64_tcp_wscale() - window scale option of a TCP header
 * @tcp: first octet of the TCP header
 * @hlen: octets readable: the header with its options
 *
 * Return: 0-14 (larger values count as 14, RFC 7323 2.3), or
 * NAT64_TCP_NO_WSCALE.
 */
u8 nat64_tcp_wscale(const u8 *tcp, u32 hlen);

#endif /* _NAT64_TCPSTATE_H */
