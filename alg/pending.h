/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands of an FTP client that the server has not answered yet.
 *
 * A server answers in order, with one final reply a command (RFC 959 5.4). The
 * exceptions are known: preliminary replies, 421 at any time, what follows an
 * aborted transfer (426 and 226, 225 or less, or more), commands that overtake
 * a transfer (STAT), empty lines that are answered or not.
 *
 * Invariant: a reply is changed only if it must be the answer to a command that
 * we changed.
 * - A 227 with numbers answers a PASV, whatever was counted before. Of PASV as
 *   the client sent it and PASV that was an EPSV, only one sort is pending at
 *   a time, so it is known which.
 * - Replies to NOOP are not so plain. NOOP is put in the place of a command
 *   only if all that is pending is answered exactly once, so counting holds.
 * - A reply that nothing pending can have caused, and that no exception
 *   explains, means that the order is lost: the caller gives the connection up.
 *
 * PURE: the caller serialises.
 */
#ifndef _NAT64_ALG_PENDING_H
#define _NAT64_ALG_PENDING_H

#include "portable.h"

enum nat64_pending_kind {
	NAT64_PENDING_NONE,	/* as a result: no command */
	NAT64_PENDING_LOST,	/* as a result: the order is lost */
	NAT64_PENDING_GREETING,	/* the connection itself */
	NAT64_PENDING_OTHER,
	NAT64_PENDING_TRANSFER,	/* needs a data connection */
	NAT64_PENDING_RUNNING,	/* the same after a preliminary reply */
	NAT64_PENDING_ABORT,
	NAT64_PENDING_BLANK,	/* an empty line */
	NAT64_PENDING_AUTH,
	NAT64_PENDING_PASV,	/* the client's own */
	NAT64_PENDING_EPSV,
	NAT64_PENDING_OUR_PASV,	/* was an EPSV */
	/* NOOP in the place of something else, by the reply that it becomes */
	NAT64_PENDING_NOOP_ALL,	/* EPSV ALL */
	NAT64_PENDING_NOOP_FAMILY, /* EPSV 1 */
	NAT64_PENDING_NOOP_ALGS, /* ALGS, not understood */
	NAT64_PENDING_NOOP_NONE, /* ALGS: nothing is translated */
	NAT64_PENDING_NOOP_EPSV,
	NAT64_PENDING_NOOP_BOTH,
};

#define NAT64_PENDING_MAX 64

/**
 * struct nat64_pending - the queue
 * @kind: enum nat64_pending_kind, oldest first
 * @count: entries
 * @unsure: an error may have been for another entry than the one it was
 *	counted for; over when the queue is empty
 */
struct nat64_pending {
	u8 kind[NAT64_PENDING_MAX];
	u8 count;
	bool unsure;
};

/**
 * nat64_pending_push() - a command goes to the server
 * @q: queue of less than NAT64_PENDING_MAX
 * @kind: of the command
 */
void nat64_pending_push(struct nat64_pending *q, enum nat64_pending_kind kind);

/** nat64_pending_has() - is one of this kind pending? */
bool nat64_pending_has(const struct nat64_pending *q,
		       enum nat64_pending_kind kind);

/** nat64_pending_busy() - is a data connection in use, or about to be? */
static inline bool nat64_pending_busy(const struct nat64_pending *q)
{
	return nat64_pending_has(q, NAT64_PENDING_TRANSFER) ||
	       nat64_pending_has(q, NAT64_PENDING_RUNNING);
}

/** nat64_pending_exact() - will everything be answered exactly once? */
bool nat64_pending_exact(const struct nat64_pending *q);

/** nat64_pending_is_noop() - is @kind a NOOP of ours? */
static inline bool nat64_pending_is_noop(enum nat64_pending_kind kind)
{
	return kind >= NAT64_PENDING_NOOP_ALL;
}

/** nat64_pending_is_ours() - do we change the answer to @kind? */
static inline bool nat64_pending_is_ours(enum nat64_pending_kind kind)
{
	return kind >= NAT64_PENDING_OUR_PASV;
}

/**
 * nat64_pending_peek() - what a final reply answers
 * @q: queue, left as it is
 * @code: of the reply, 200 to 599
 * @named: its text names a port
 *
 * Return: the kind; NONE if it answers nothing but may be passed on; LOST.
 */
enum nat64_pending_kind nat64_pending_peek(const struct nat64_pending *q,
					   u16 code, bool named);

/** nat64_pending_take() - as nat64_pending_peek(), and it is answered */
enum nat64_pending_kind nat64_pending_take(struct nat64_pending *q, u16 code,
					   bool named);

/** nat64_pending_begun() - a preliminary reply */
void nat64_pending_begun(struct nat64_pending *q);

#endif /* _NAT64_ALG_PENDING_H */
