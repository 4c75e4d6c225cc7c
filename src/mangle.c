// SPDX-License-Identifier: GPL-2.0
#include "mangle.h"

#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "alg.h"
#include "checksum.h"
#include "packet.h"
#include "send.h"
#include "session.h"

/*
 * Every path takes segments of this payload. An edit may make a segment longer
 * than what its sender found to fit, but no longer than this.
 */
#define SEGMENT_SAFE 512

/**
 * struct mangle - a segment under way
 * @p: packet
 * @s: session
 * @conn: of @s
 * @dir: direction
 * @seg: as its sender wrote it
 * @plan: what the stream makes of the payload
 * @ack: acknowledgement number for the receiver
 * @window: window for the receiver, as on the wire
 * @urgent: output number of the urgent pointer
 * @tsval: option of the segment, as on the wire
 * @has_ts: @tsval is there
 * @reply: what to acknowledge to the sender; only with @plan.ack
 */
struct mangle {
	struct nat64_packet *p;
	struct nat64_session *s;
	struct nat64_conn *conn;
	enum nat64_dir dir;
	struct nat64_tcp_segment seg;
	struct nat64_stream_plan plan;
	u32 ack;
	__be16 window;
	u32 urgent;
	__be32 tsval;
	bool has_ts;
	struct nat64_ack reply;
};

static struct tcphdr *header(const struct nat64_packet *p)
{
	return (struct tcphdr *)(p->skb->data + p->h.l4_off);
}

static unsigned int drop(struct nat64_packet *p, int why)
{
	return p->skb->protocol == htons(ETH_P_IPV6) ?
		       nat64_packet_drop6(p, why) : nat64_packet_drop4(p, why);
}

/* The next option at @i of a TCP header, or 0 at the end or if it is cut. */
static unsigned int option_len(const struct tcphdr *th, unsigned int hlen,
			       unsigned int i)
{
	const u8 *opt = (const u8 *)th;

	if (i >= hlen || opt[i] == TCPOPT_EOL)
		return 0;
	if (opt[i] == TCPOPT_NOP)
		return 1;
	if (i + 1 >= hlen || opt[i + 1] < 2 || i + opt[i + 1] > hlen)
		return 0;
	return opt[i + 1];
}

/* Octets @len at @off of a TCP header change; its checksum follows. */
static void patch(const struct nat64_packet *p, struct tcphdr *th,
		  unsigned int off, const void *new, unsigned int len)
{
	u8 *at = (u8 *)th + off;

	/* A partial checksum covers the pseudo-header only. */
	if (p->skb->ip_summed != CHECKSUM_PARTIAL) {
		__wsum old = csum_partial(at, len, 0);
		__wsum sum = csum_sub(csum_partial(new, len, 0), old);

		if (off & 1)
			sum = csum_shift(sum, 1);
		csum_replace_by_diff(&th->check, sum);
	}
	memcpy(at, new, len);
}

static void patch16(const struct nat64_packet *p, struct tcphdr *th,
		    unsigned int off, __be16 new)
{
	patch(p, th, off, &new, sizeof(new));
}

static void patch32(const struct nat64_packet *p, struct tcphdr *th,
		    unsigned int off, u32 new)
{
	__be32 v = htonl(new);

	patch(p, th, off, &v, sizeof(v));
}

/*
 * SACK blocks are about what the sender of this segment has received, that
 * is, about the other stream. A block of which nothing is left becomes NOPs,
 * together with all of the option: what remains would have to move.
 */
static void map_sack(const struct nat64_packet *p, struct tcphdr *th,
		     const struct nat64_stream *st, unsigned int at,
		     unsigned int len)
{
	static const u8 nops[40] = { [0 ... 39] = TCPOPT_NOP };
	unsigned int i;

	for (i = at + 2; i + TCPOLEN_SACK_PERBLOCK <= at + len;
	     i += TCPOLEN_SACK_PERBLOCK) {
		u32 left = nat64_get_be32((u8 *)th + i);
		u32 right = nat64_get_be32((u8 *)th + i + 4);

		if (!nat64_stream_sack(st, &left, &right)) {
			patch(p, th, at, nops, len);
			return;
		}
		patch32(p, th, i, left);
		patch32(p, th, i + 4, right);
	}
}

static void map_options(struct mangle *m, struct tcphdr *th)
{
	const struct nat64_stream *other = &m->conn->stream[!m->dir];
	unsigned int hlen = m->p->h.tcp_hlen, i, len;
	const u8 *opt = (const u8 *)th;

	for (i = sizeof(*th); (len = option_len(th, hlen, i)); i += len) {
		if (opt[i] == TCPOPT_SACK && other->synced) {
			map_sack(m->p, th, other, i, len);
		} else if (opt[i] == TCPOPT_TIMESTAMP &&
			   len == TCPOLEN_TIMESTAMP) {
			m->tsval = nat64_load_be32(opt + i + 2);
			m->has_ts = true;
		}
	}
}

/*
 * What is sent in the name of an end repeats the newest that it said, as far as
 * the other end knows it. With an older timestamp our acknowledgements would be
 * refused, and for good if the end has nothing more to say (RFC 7323 5).
 */
static void remember(const struct mangle *m)
{
	u32 len = m->plan.len + !!(m->seg.flags & NAT64_TCP_SYN) + m->plan.fin;
	struct nat64_conn *conn = m->conn;
	u8 bit = 1 << m->dir;

	if (!nat64_stream_current(&conn->stream[m->dir], m->plan.seq, len))
		return;
	if (m->has_ts) {
		if (conn->has_ts & bit &&
		    before(ntohl(m->tsval), ntohl(conn->tsval[m->dir])))
			return;
		conn->tsval[m->dir] = m->tsval;
		conn->has_ts |= bit;
	}
	conn->window[m->dir] = m->window;
}

/* The other direction: what this segment acknowledges, and how much room. */
static void map_ack(struct mangle *m, const struct tcphdr *th)
{
	struct nat64_stream *other = &m->conn->stream[!m->dir];
	u32 window = ntohs(th->window), growth;

	m->ack = m->seg.ack;
	if (m->seg.flags & NAT64_TCP_ACK && other->synced)
		m->ack = nat64_stream_ack(other, m->seg.ack);
	growth = nat64_stream_growth(other);
	if (growth && !(m->seg.flags & NAT64_TCP_SYN)) {
		growth = DIV_ROUND_UP(growth, 1U << m->conn->scale[m->dir]);
		window -= min(window, growth);
	}
	m->window = htons(window);
	remember(m);
}

/* Both directions or none: what one says is about the other. */
static void give_up_both(struct nat64_conn *conn)
{
	nat64_stream_give_up(&conn->stream[0]);
	nat64_stream_give_up(&conn->stream[1]);
}

/* Octets that an end has room for, as it said last. */
static u32 room(const struct nat64_conn *conn, enum nat64_dir dir)
{
	return (u32)ntohs(conn->window[dir]) << conn->scale[dir];
}

/*
 * A segment that acknowledges what was never sent. With numbers that fit
 * otherwise it is true, and octets took another way: nothing can be known any
 * more. TCP discards any other (RFC 5961 5), and neither its octets nor its
 * window may have an effect here.
 */
static int judge_ack(const struct mangle *m)
{
	struct nat64_conn *conn = m->conn;
	const struct nat64_stream *st = &conn->stream[m->dir];
	u32 beyond = nat64_stream_beyond(&conn->stream[!m->dir], m->seg.ack);
	u32 seq = nat64_stream_seq(st, m->seg.seq), in = room(conn, !m->dir);

	if (!beyond || !(m->seg.flags & NAT64_TCP_ACK) ||
	    m->seg.flags & (NAT64_TCP_SYN | NAT64_TCP_RST))
		return 0;
	if (beyond > room(conn, m->dir) || seq - st->una + in > 2 * in)
		return NAT64_CNT_DROP_ALG_ORDER;
	give_up_both(conn);
	return 0;
}

/* The SYN and the answer to it: are windows scaled? */
static void agree_scale(const struct mangle *m)
{
	struct nat64_conn *conn = m->conn;
	u8 other = conn->offered[!m->dir];
	bool both = m->seg.wscale != NAT64_TCP_NO_WSCALE &&
		    other != NAT64_TCP_NO_WSCALE;

	conn->scale[m->dir] = both ? m->seg.wscale : 0;
	conn->scale[!m->dir] = both ? other : 0;
}

static void stream_start(struct nat64_conn *conn, enum nat64_dir dir, u32 isn)
{
	conn->isn[dir] = isn;
	nat64_stream_syn(&conn->stream[dir], isn);
}

/*
 * A SYN of the end that opened the connection starts it, or asks to start it
 * anew. The latter is believed once the other end has agreed: until then the
 * numbers of the present connection hold.
 */
static void take_syn(struct mangle *m)
{
	struct nat64_conn *conn = m->conn;
	struct nat64_stream *st = &conn->stream[m->dir];
	struct nat64_stream *other = &conn->stream[!m->dir];
	u32 asked = conn->asked[!m->dir];

	if (!(m->seg.flags & NAT64_TCP_ACK)) {
		conn->asked[m->dir] = m->seg.seq;
		conn->offered[m->dir] = m->seg.wscale;
		if (!st->synced)
			stream_start(conn, m->dir, m->seg.seq);
	} else if (!st->synced) {
		stream_start(conn, m->dir, m->seg.seq);
		stream_start(conn, !m->dir, asked);
	} else if (m->seg.ack == asked + 1 &&
		   (m->seg.seq != conn->isn[m->dir] ||
		    asked != conn->isn[!m->dir])) {
		nat64_conn_restart(conn);
		stream_start(conn, m->dir, m->seg.seq);
		stream_start(conn, !m->dir, asked);
	}
	if (m->seg.flags & NAT64_TCP_ACK && m->seg.ack == asked + 1)
		agree_scale(m);
	/* Data before the handshake is complete has no place in a dialogue. */
	if (m->seg.len) {
		nat64_stream_give_up(st);
		nat64_stream_give_up(other);
	}
}

static void copy_payload(const void *from, u32 off, u8 *to, u32 len)
{
	const struct nat64_packet *p = from;

	if (skb_copy_bits(p->skb, p->h.payload_off + off, to, len))
		memset(to, 0, len);
}

static bool checksum_ok(const struct nat64_packet *p)
{
	u8 pf = p->skb->protocol == htons(ETH_P_IPV6) ? NFPROTO_IPV6 :
							NFPROTO_IPV4;

	return !nf_checksum(p->skb, p->state->hook, p->h.l4_off, IPPROTO_TCP,
			    pf);
}

static void announce(struct nat64_conn *conn)
{
	if (conn->announced || !conn->stream[0].transparent ||
	    !conn->stream[1].transparent)
		return;
	conn->announced = true;
	nat64_conn_gave_up(conn);
}

/* The ALG's turn. @m->plan is what leaves. Returns 0 or why nothing does. */
static int push(struct mangle *m)
{
	struct nat64_stream *st = &m->conn->stream[m->dir];
	bool dull = m->seg.flags & (NAT64_TCP_SYN | NAT64_TCP_RST);
	const struct nat64_stream_packet pkt = {
		.seq = m->seg.seq,
		.len = dull ? 0 : m->seg.len,
		.fin = !dull && m->seg.flags & NAT64_TCP_FIN,
		.copy = copy_payload,
		.from = m->p,
	};

	/* What is not looked at need not be right either. */
	if (pkt.len && st->synced && !st->transparent) {
		if (!checksum_ok(m->p))
			return NAT64_CNT_DROP_ALG_CHECKSUM;
		if (nat64_conn_buffers(m->conn))
			return NAT64_CNT_DROP_MEMORY;
	}
	nat64_stream_push(st, &m->conn->ctx, m->dir, &pkt, &m->plan);
	if (m->plan.drop) {
		/* What is beyond the window is nobody's, and gets no answer. */
		if (m->seg.seq - m->plan.ack_seq > room(m->conn, !m->dir))
			m->plan.ack = false;
		return NAT64_CNT_DROP_ALG_ORDER;
	}
	if (m->seg.flags & NAT64_TCP_SYN)
		m->plan.seq = m->seg.seq;
	/* A FIN that is put off is a header that changes. */
	if (pkt.fin && !m->plan.fin)
		m->plan.whole = false;
	return 0;
}

static void prepare_reply(struct mangle *m)
{
	struct nat64_conn *conn = m->conn;

	if (!(m->seg.flags & NAT64_TCP_ACK)) {
		m->plan.ack = false;
		return;
	}
	m->reply = (struct nat64_ack){
		.seq = m->seg.ack,
		.ack = m->plan.ack_seq,
		.window = conn->window[!m->dir],
		.has_ts = m->has_ts && conn->has_ts & 1 << !m->dir,
		.tsval = conn->tsval[!m->dir],
		.tsecr = m->tsval,
	};
}

/* In the hairpin the sender's numbers are those before its own session. */
static void reply_via(struct nat64_ack *reply, struct nat64_session *sender,
		      enum nat64_dir dir)
{
	struct nat64_conn *conn = sender->conn;

	if (!(sender->flags & NAT64_SESSION_ALG))
		return;
	spin_lock(&conn->lock);
	reply->seq = nat64_stream_seq(&conn->stream[dir], reply->seq);
	reply->ack = nat64_stream_unseq(&conn->stream[!dir], reply->ack);
	spin_unlock(&conn->lock);
}

/* All that needs the connection's lock. */
static int consult(struct mangle *m)
{
	struct nat64_conn *conn = m->conn;
	struct tcphdr *th = header(m->p);
	int why;

	lockdep_assert_held(&conn->lock);
	if (m->dir == NAT64_DIR_64 && ip6_flowlabel(ipv6_hdr(m->p->skb)))
		conn->ctx.labelled = true;
	if (m->seg.flags & NAT64_TCP_SYN)
		take_syn(m);
	why = judge_ack(m) ?: push(m);
	if (why && !m->plan.ack)
		return why;
	map_options(m, th);
	if (why) {
		prepare_reply(m);
		return why;
	}
	map_ack(m, th);
	m->urgent = nat64_stream_seq(&conn->stream[m->dir],
				     m->seg.seq + ntohs(th->urg_ptr));
	if (m->plan.ack)
		prepare_reply(m);
	if (m->plan.desynced || conn->stream[0].transparent !=
				conn->stream[1].transparent)
		give_up_both(conn);
	announce(conn);
	WRITE_ONCE(conn->heard, nat64_now());
	return 0;
}

/* The urgent pointer counts from the segment's first octet. */
static bool urgent_reaches(const struct mangle *m, u32 seq, __be16 *urg)
{
	u32 rel = m->urgent - seq;

	*urg = 0;
	if (!(m->seg.flags & NAT64_TCP_URG) || !rel || rel > U16_MAX)
		return false;
	*urg = htons(rel);
	return true;
}

static void patch_header(const struct mangle *m, struct nat64_packet *p,
			 u32 seq)
{
	struct tcphdr *th = header(p);
	__be16 urg;

	if (th->seq != htonl(seq))
		patch32(p, th, offsetof(struct tcphdr, seq), seq);
	if (th->ack && th->ack_seq != htonl(m->ack))
		patch32(p, th, offsetof(struct tcphdr, ack_seq), m->ack);
	if (th->window != m->window)
		patch16(p, th, offsetof(struct tcphdr, window), m->window);
	if (urgent_reaches(m, seq, &urg) && th->urg_ptr != urg)
		patch16(p, th, offsetof(struct tcphdr, urg_ptr), urg);
}

/* Payload octets [@off, @off + @len) of what the plan lets leave. */
static void gather(const struct mangle *m, u32 off, u32 len, u8 *to)
{
	const struct nat64_stream *st = &m->conn->stream[m->dir];
	const struct nat64_stream_piece *piece = m->plan.piece;
	u32 n;

	if (!len)
		return;
	for (; off >= piece->len; piece++)
		off -= piece->len;
	for (; len; piece++) {
		n = min(len, piece->len - off);
		if (piece->stored)
			memcpy(to, st->store + piece->off + off, n);
		else
			copy_payload(m->p, piece->off + off, to, n);
		to += n;
		len -= n;
		off = 0;
	}
}

static void head_lengths(struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IPV6)) {
		ipv6_hdr(skb)->payload_len =
			htons(skb->len - sizeof(struct ipv6hdr));
	} else {
		ip_hdr(skb)->tot_len = htons(skb->len);
		ip_send_check(ip_hdr(skb));
	}
}

static void sum_tcp(struct sk_buff *skb, struct tcphdr *th, unsigned int len)
{
	__wsum sum;

	th->check = 0;
	sum = csum_partial(th, len, 0);
	if (skb->protocol == htons(ETH_P_IPV6))
		th->check = csum_ipv6_magic(&ipv6_hdr(skb)->saddr,
					    &ipv6_hdr(skb)->daddr, len,
					    IPPROTO_TCP, sum);
	else
		th->check = csum_tcpudp_magic(ip_hdr(skb)->saddr,
					      ip_hdr(skb)->daddr, len,
					      IPPROTO_TCP, sum);
}

static struct sk_buff *segment_alloc(const struct sk_buff *old, u32 len)
{
	/* The IP header will grow if it is IPv4's. */
	unsigned int room = LL_MAX_HEADER + sizeof(struct ipv6hdr);
	struct sk_buff *skb = alloc_skb(room + len,
					GFP_ATOMIC | __GFP_NOWARN);

	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	skb_put(skb, len);
	skb->dev = old->dev;
	skb->skb_iif = old->skb_iif;
	skb->mark = old->mark;
	skb->priority = old->priority;
	skb->protocol = old->protocol;
	memcpy(skb->cb, old->cb, sizeof(skb->cb));
	return skb;
}

/* A segment with octets [@off, @off + @len) of the plan. */
static bool segment_build(const struct mangle *m, u32 off, u32 len,
			  struct nat64_packet *q)
{
	const struct nat64_header *h = &m->p->h;
	bool last = off + len == m->plan.len;
	u32 seq = m->plan.seq + off;
	struct tcphdr *th;
	__be16 urg;

	*q = *m->p;
	q->skb = segment_alloc(m->p->skb, h->payload_off + len);
	if (!q->skb)
		return false;
	q->frag_max = 0;
	q->h.len = h->payload_off + len;
	q->h.l4_len = h->tcp_hlen + len;
	skb_copy_from_linear_data(m->p->skb, q->skb->data, h->payload_off);
	skb_reset_network_header(q->skb);
	skb_set_transport_header(q->skb, h->l4_off);
	gather(m, off, len, q->skb->data + h->payload_off);

	head_lengths(q->skb);
	th = header(q);
	th->seq = htonl(seq);
	th->ack_seq = th->ack ? htonl(m->ack) : th->ack_seq;
	th->window = m->window;
	th->fin = last && m->plan.fin;
	th->psh = last && th->psh;
	th->cwr = !off && th->cwr;
	th->urg = urgent_reaches(m, seq, &urg);
	th->urg_ptr = urg;
	q->h.tcp_flags = ((const u8 *)th)[13];
	sum_tcp(q->skb, th, q->h.l4_len);
	return true;
}

static void deliver(struct nat64_packet *q, const struct mangle *m,
		    nat64_onward *onward, struct nat64_session *sender)
{
	nat64_count(q->nn, NAT64_CNT_ALG_SPLIT);
	if (onward(q, m->s, sender) != NF_STOLEN)
		kfree_skb(q->skb);
}

/* No longer than what its sender sends, unless that is very little. */
static u32 segment_max(const struct mangle *m)
{
	const struct sk_buff *skb = m->p->skb;
	u32 len = skb_is_gso(skb) ? skb_shinfo(skb)->gso_size : m->seg.len;

	return max_t(u32, len, SEGMENT_SAFE);
}

/*
 * The plan as segments; the store may change once the lock is gone, so they
 * are built first. The limits on holds and edits bound their number.
 */
static int build(struct mangle *m, struct sk_buff_head *queue)
{
	u32 max = segment_max(m), off = 0, len;
	struct nat64_packet q;

	do {
		len = min(m->plan.len - off, max);
		if (!segment_build(m, off, len, &q)) {
			__skb_queue_purge(queue);
			return NAT64_CNT_DROP_MEMORY;
		}
		__skb_queue_tail(queue, q.skb);
		off += len;
	} while (off < m->plan.len);
	return 0;
}

static void send_built(struct mangle *m, struct sk_buff_head *queue,
		       nat64_onward *onward, struct nat64_session *sender)
{
	struct nat64_packet q = *m->p;
	struct sk_buff *skb;

	q.frag_max = 0;
	while ((skb = __skb_dequeue(queue))) {
		q.skb = skb;
		q.h = m->p->h;
		q.h.len = skb->len;
		q.h.l4_len = skb->len - q.h.l4_off;
		q.h.tcp_flags = ((const u8 *)header(&q))[13];
		deliver(&q, m, onward, sender);
	}
}

static void track(struct mangle *m)
{
	struct nat64_tcp_segment seg = m->seg;

	seg.seq = m->plan.seq;
	seg.len = m->plan.whole ? seg.len : m->plan.len;
	if (seg.flags & NAT64_TCP_FIN && !m->plan.fin)
		seg.flags &= ~NAT64_TCP_FIN;
	nat64_session_tcp(m->p->nn, m->p->cfg, m->s, m->dir == NAT64_DIR_64,
			  &seg);
}

static void reply(struct mangle *m, struct nat64_session *sender)
{
	if (sender)
		reply_via(&m->reply, sender, m->dir);
	nat64_send_ack(m->p, &m->reply);
}

unsigned int nat64_mangle(struct nat64_packet *p, struct nat64_session *s,
			  enum nat64_dir dir, nat64_onward *onward,
			  struct nat64_session *sender)
{
	struct mangle m = { .p = p, .s = s, .conn = s->conn, .dir = dir };
	struct sk_buff_head built;
	int why;

	/* All of the header, options included, is read and written. */
	if (skb_ensure_writable(p->skb, p->h.payload_off))
		return drop(p, NAT64_CNT_DROP_MEMORY);
	nat64_packet_segment(p, &m.seg);
	__skb_queue_head_init(&built);

	spin_lock(&m.conn->lock);
	why = consult(&m);
	if (!why && !m.plan.whole)
		why = build(&m, &built);
	spin_unlock(&m.conn->lock);
	if (why == NAT64_CNT_DROP_ALG_ORDER && m.plan.ack)
		reply(&m, sender);
	if (why)
		return drop(p, why);

	track(&m);
	if (!p->mangled)
		p->said = m.seg.seq;
	p->mangled |= NAT64_MANGLED(sender);
	if (m.plan.ack)
		reply(&m, sender);
	if (m.plan.whole) {
		patch_header(&m, p, m.plan.seq);
		return onward(p, s, sender);
	}
	send_built(&m, &built, onward, sender);
	consume_skb(p->skb);
	return NF_STOLEN;
}
