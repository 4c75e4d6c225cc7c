/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One direction of a TCP connection whose octets an ALG reads and edits.
 *
 * "Original" numbers are those of the sender, "output" numbers those that the
 * receiver sees. The edit log, original range -> new octets, is the one source
 * for the output of a range however often, and however cut, it is sent again,
 * and for the mapping of SEQ, ACK and SACK. An entry leaves the log when the
 * receiver has acknowledged its output.
 *
 *	      una      edits        done        next
 *	-------|---[..]----[...]-----|~~~~~~~~~~~|------> original numbers
 *	 known to the receiver       | held      | not seen yet
 *
 * Octets that the ALG has not decided on are held: they do not leave, and are
 * acknowledged to the sender in the receiver's place, so that it goes on; but
 * not before the receiver has acknowledged all that left earlier, which could
 * still be lost. The sender will not send them again, so when they leave, they
 * are an edit of their own ("owed") that leaves together with the segment that
 * completed them. That segment's octets are the sender's to repeat, and each
 * repetition takes along what is owed before it.
 *
 * Segments beyond @next are refused, and come again: an ALG cannot know what
 * they are.
 *
 * PURE: the caller serialises, and owns the buffers.
 */
#ifndef _NAT64_STREAM_H
#define _NAT64_STREAM_H

#include "nat64_alg.h"
#include "portable.h"

#define NAT64_STREAM_EDITS 24
#define NAT64_STREAM_PIECES (2 * NAT64_STREAM_EDITS + 1)

/**
 * struct nat64_stream_edit - entry of the log
 * @start: original number of the first octet that it replaces
 * @end: original number after the last one; behind @start, since an insertion
 *	takes in an octet beside it
 * @out: output number of the first octet of its replacement
 * @len: octets of the replacement
 * @pos: where they begin in the store
 * @owed: the sender does not have the octets before the end any more
 */
struct nat64_stream_edit {
	u32 start;
	u32 end;
	u32 out;
	u32 len;
	u32 pos;
	bool owed;
};

/**
 * struct nat64_stream - one direction
 * @next: original number expected next
 * @done: original number of the first octet that is held, else @next
 * @acked: up to this original number we acknowledged in the receiver's place;
 *	meaningful only with @owing
 * @una: highest acknowledgement of the receiver, an output number
 * @base: output minus original number before the first entry
 * @edits: entries of @edit in use
 * @edit: the log, in order
 * @hold: octets [done, next)
 * @hold_size: room in @hold: nat64_alg_ops.hold
 * @store: replacements of the log
 * @store_size: room in @store: nat64_stream_store_size()
 * @store_used: octets in use
 * @pending: edits of the present call of payload(), not in the log yet
 * @skip: octets to skip that are not behind @done yet
 * @synced: the SYN was seen, numbers mean something
 * @owing: see @acked
 * @fin: the FIN left, behind @done
 * @transparent: no octet is looked at any more
 */
struct nat64_stream {
	u32 next;
	u32 done;
	u32 acked;
	u32 una;
	u32 base;
	u32 edits;
	struct nat64_stream_edit edit[NAT64_STREAM_EDITS];
	u8 *hold;
	u32 hold_size;
	u8 *store;
	u32 store_size;
	u32 store_used;
	u32 pending;
	u32 skip;
	bool synced;
	bool owing;
	bool fin;
	bool transparent;
};

/** nat64_stream_store_size() - octets of store that @hold octets of hold need */
static inline u32 nat64_stream_store_size(u32 hold)
{
	return 2 * (hold + NAT64_ALG_GROWTH_MAX);
}

/**
 * nat64_stream_syn() - the sender's SYN; also one that begins anew
 * @st: stream; its buffers are kept
 * @seq: of the SYN
 *
 * The repetition of a SYN before any octet was seen changes nothing.
 */
void nat64_stream_syn(struct nat64_stream *st, u32 seq);

/**
 * struct nat64_stream_packet - the payload of a segment
 * @seq: original number of its first octet (behind a SYN)
 * @len: octets, 0 for a bare ACK
 * @fin: FIN is set
 * @copy: reads octets of the payload
 * @from: for @copy
 */
struct nat64_stream_packet {
	u32 seq;
	u32 len;
	bool fin;
	void (*copy)(const void *from, u32 off, u8 *to, u32 len);
	const void *from;
};

/**
 * struct nat64_stream_piece - octets that leave
 * @stored: from the store, otherwise from the payload of the packet
 * @off: offset there
 * @len: octets
 */
struct nat64_stream_piece {
	bool stored;
	u32 off;
	u32 len;
};

/**
 * struct nat64_stream_plan - what becomes of a segment
 *
 * A plan without @drop lets the header leave, for what it acknowledges, even if
 * no octet does. @piece is good until the next call for the stream.
 *
 * @drop: nothing leaves; the sender will send it again. With @ack octets before
 *	it are missing, which a receiver would ask for (RFC 5681 4.2).
 * @whole: the payload leaves as it is, only numbers change; no piece is listed
 * @fin: FIN leaves with the last octet (@fin of the packet, and nothing of it
 *	was put off)
 * @ack: acknowledge up to original number @ack_seq to the sender
 * @ack_seq: see @ack
 * @seq: output number of the first octet that leaves
 * @len: octets that leave
 * @pieces: entries of @piece in use
 * @piece: the octets, in order
 * @desynced: this segment made the stream transparent although the ALG did
 *	not ask for it (a message too long)
 */
struct nat64_stream_plan {
	bool drop;
	bool whole;
	bool fin;
	bool ack;
	u32 ack_seq;
	u32 seq;
	u32 len;
	u32 pieces;
	struct nat64_stream_piece piece[NAT64_STREAM_PIECES];
	bool desynced;
};

/**
 * nat64_stream_push() - a segment of the sender
 * @st: stream
 * @ctx: connection, for @ctx->ops->payload()
 * @dir: direction, likewise
 * @pkt: the segment
 * @plan: result
 *
 * Calls the ALG for every new message. If the log or the store cannot take
 * the edits of another message, or @plan no more pieces, the rest of the
 * segment is put off: it does not leave and is not acknowledged.
 *
 * A segment without payload leaves (whole, len 0) with a number as far from
 * what the receiver expects as @pkt->seq is from what is expected of its
 * sender: a wrong one stays wrong. That of a probe of the sender (RFC 9293
 * 3.8.4) is one that the receiver has to answer. Before the SYN, everything
 * leaves as it is.
 */
void nat64_stream_push(struct nat64_stream *st, struct nat64_alg_ctx *ctx,
		       enum nat64_dir dir,
		       const struct nat64_stream_packet *pkt,
		       struct nat64_stream_plan *plan);

/**
 * nat64_stream_edit_add() - nat64_alg_replace(), inside nat64_stream_push()
 * Return: 0, -ENOSPC, or -EINVAL if it is out of order or range.
 */
int __must_check nat64_stream_edit_add(struct nat64_stream *st, u32 off,
				       u32 len, const void *new, u32 new_len);

/** nat64_stream_skip_add() - nat64_alg_skip(), inside nat64_stream_push() */
void nat64_stream_skip_add(struct nat64_stream *st, u32 n);

/**
 * nat64_stream_give_up() - transparent from now on
 *
 * Octets that are held leave with the next segment of the sender.
 */
void nat64_stream_give_up(struct nat64_stream *st);

/**
 * nat64_stream_seq() - output number for an original one
 *
 * For an octet that was replaced, the number of the replacement's
 * corresponding octet, or of its last one if it is shorter.
 */
u32 nat64_stream_seq(const struct nat64_stream *st, u32 seq);

/**
 * nat64_stream_unseq() - original number for an output one
 *
 * For an octet of a replacement, the number where the replaced range starts;
 * never less than what we acknowledged ourselves. Also what an ICMP error
 * quotes.
 */
u32 nat64_stream_unseq(const struct nat64_stream *st, u32 out);

/**
 * nat64_stream_ack() - the receiver acknowledges
 * @st: stream that it receives
 * @ack: its acknowledgement number
 *
 * Forgets what the receiver has. A number beyond all that was sent to it says
 * nothing, see nat64_stream_beyond().
 *
 * Return: number to put there for the sender.
 */
u32 nat64_stream_ack(struct nat64_stream *st, u32 ack);

/**
 * nat64_stream_beyond() - octets that @ack acknowledges and nobody sent
 *
 * Either octets took another way, or the segment is somebody else's (RFC 5961
 * 5): the caller has to tell by the rest of it. A transparent stream does not
 * know what was sent.
 */
u32 nat64_stream_beyond(const struct nat64_stream *st, u32 ack);

/**
 * nat64_stream_current() - may the receiver take a segment for news?
 * @st: stream that it receives
 * @seq: output number of the segment
 * @len: what it counts for, SYN and FIN included
 *
 * It does even if it has all of it, as long as nothing newer was acknowledged:
 * then, too, it keeps the timestamp (RFC 7323 4.3). What comes later, or fits
 * nowhere, changes nothing there.
 */
bool nat64_stream_current(const struct nat64_stream *st, u32 seq, u32 len);

/**
 * nat64_stream_sack() - map a block of a SACK option
 * @st: stream
 * @left: first octet received, network order inside the option is the
 *	caller's; replaced
 * @right: after the last one; replaced
 *
 * Return: false if nothing is left of the block, and it must go: parts of a
 * replacement count as not received, and so does everything while the receiver
 * lacks octets that we acknowledged.
 */
bool nat64_stream_sack(const struct nat64_stream *st, u32 *left, u32 *right);

/**
 * nat64_stream_growth() - octets by which the output in flight is longer
 *
 * The window of the receiver is smaller by so much for the sender. What is held
 * does not count: a message longer than the window would never be complete.
 */
u32 nat64_stream_growth(const struct nat64_stream *st);

#endif /* _NAT64_STREAM_H */
