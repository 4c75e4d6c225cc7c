// SPDX-License-Identifier: GPL-2.0
#include "pending.h"

void nat64_pending_push(struct nat64_pending *q, enum nat64_pending_kind kind)
{
	q->kind[q->count++] = (u8)kind;
}

bool nat64_pending_has(const struct nat64_pending *q,
		       enum nat64_pending_kind kind)
{
	return memchr(q->kind, kind, q->count);
}

bool nat64_pending_exact(const struct nat64_pending *q)
{
	return !q->unsure && !nat64_pending_has(q, NAT64_PENDING_RUNNING) &&
	       !nat64_pending_has(q, NAT64_PENDING_ABORT) &&
	       !nat64_pending_has(q, NAT64_PENDING_BLANK);
}

/* Replies at the end of a transfer, also of one that is thought answered */
static bool is_stray(u16 code)
{
	return code == 225 || code == 226 || code == 426;
}

static bool is_passive(u16 code)
{
	return code == 227 || code == 229;
}

static bool fits(enum nat64_pending_kind kind, u16 code)
{
	bool error = code >= 400 && code != 426;

	switch (kind) {
	case NAT64_PENDING_OTHER:
	case NAT64_PENDING_TRANSFER:
		return true;
	case NAT64_PENDING_GREETING:
		return error || code == 220;
	case NAT64_PENDING_RUNNING:
		return code >= 400 || code == 226 || code == 250;
	case NAT64_PENDING_ABORT:
		return code >= 400 || code == 225 || code == 226;
	case NAT64_PENDING_BLANK:
		return code >= 500;
	case NAT64_PENDING_AUTH:
		return error || (!is_stray(code) && !is_passive(code));
	case NAT64_PENDING_PASV:
	case NAT64_PENDING_OUR_PASV:
		return error || code == 227;
	case NAT64_PENDING_EPSV:
		return error || code == 229;
	default:
		return error || (code < 300 && !is_stray(code) &&
				 !is_passive(code));
	}
}

/* May be left unanswered, or be answered after its successor */
static bool is_loose(enum nat64_pending_kind kind)
{
	return kind == NAT64_PENDING_RUNNING || kind == NAT64_PENDING_ABORT ||
	       kind == NAT64_PENDING_BLANK;
}

static u32 find_passive(const struct nat64_pending *q, u16 code)
{
	u32 i;

	for (i = 0; i < q->count; i++) {
		u8 k = q->kind[i];

		if (code == 227 ? k == NAT64_PENDING_PASV ||
				  k == NAT64_PENDING_OUR_PASV :
				  k == NAT64_PENDING_EPSV)
			return i;
		if (k == NAT64_PENDING_AUTH || nat64_pending_is_ours(k))
			break;
	}
	return q->count;
}

/* Index of what is answered, q->count if nothing */
static u32 find(const struct nat64_pending *q, u16 code, bool named)
{
	u32 i = q->count;

	if (named && is_passive(code))
		i = find_passive(q, code);
	if (i < q->count)
		return i;
	for (i = 0; i < q->count; i++) {
		if (fits(q->kind[i], code))
			return i;
		if (!is_loose(q->kind[i]))
			break;
	}
	return q->count;
}

enum nat64_pending_kind nat64_pending_peek(const struct nat64_pending *q,
					   u16 code, bool named)
{
	u32 i = find(q, code, named);

	if (i < q->count)
		return q->kind[i];
	return q->count && !is_stray(code) ? NAT64_PENDING_LOST :
					     NAT64_PENDING_NONE;
}

/*
 * Entry @i is answered. What is older has been answered as well, or never will
 * be; only a transfer that is running still can.
 */
static void remove(struct nat64_pending *q, u32 i)
{
	u32 from, to = 0;

	for (from = 0; from < q->count; from++) {
		if (from > i || (from < i &&
				 q->kind[from] == NAT64_PENDING_RUNNING))
			q->kind[to++] = q->kind[from];
	}
	q->count = (u8)to;
}

enum nat64_pending_kind nat64_pending_take(struct nat64_pending *q, u16 code,
					   bool named)
{
	enum nat64_pending_kind kind = nat64_pending_peek(q, code, named);

	if (kind == NAT64_PENDING_NONE || kind == NAT64_PENDING_LOST)
		return kind;
	remove(q, find(q, code, named));
	/* Was it for the loose one, or for the one behind? */
	if (code >= 400 && code != 426 && (kind == NAT64_PENDING_ABORT ||
					   kind == NAT64_PENDING_BLANK))
		q->unsure = true;
	if (!q->count)
		q->unsure = false;
	return kind;
}

void nat64_pending_begun(struct nat64_pending *q)
{
	u32 i;

	for (i = 0; i < q->count && is_loose(q->kind[i]); i++)
		;
	if (i < q->count && q->kind[i] == NAT64_PENDING_TRANSFER)
		q->kind[i] = NAT64_PENDING_RUNNING;
}
