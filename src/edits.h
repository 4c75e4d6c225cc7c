/* SPDX-License-Identifier: GPL-2.0 */
/* The edit log, for stream.c; what others may use is in stream.h. */
#ifndef _NAT64_EDITS_H
#define _NAT64_EDITS_H

#include "stream.h"

static inline bool before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline u32 later(u32 a, u32 b)
{
	return before(a, b) ? b : a;
}

static inline u32 held(const struct nat64_stream *st)
{
	return st->next - st->done;
}

/** nat64_edits_end() - output number after the last octet that left */
u32 nat64_edits_end(const struct nat64_stream *st);

/** nat64_edits_forget() - drop the entries that cannot be asked for again */
void nat64_edits_forget(struct nat64_stream *st);

/**
 * nat64_edits_reach() - what the sender may hear when the receiver says @ack
 *
 * Once the receiver has all that left, what is held is acknowledged with it: not
 * earlier, since that would acknowledge octets that can still be lost.
 */
u32 nat64_edits_reach(struct nat64_stream *st, u32 ack);

/** nat64_edits_room() - for whatever payload() does with @len octets? */
bool nat64_edits_room(const struct nat64_stream *st, u32 len);

/** nat64_edits_trim() - discard pending edits of octets past @n held ones */
void nat64_edits_trim(struct nat64_stream *st, u32 n);

/** nat64_edits_clear() - discard all pending edits */
void nat64_edits_clear(struct nat64_stream *st);

/**
 * nat64_edits_leave() - held octets leave, with the pending edits
 * @st: stream
 * @n: how many
 * @seq: of the segment that is being pushed, with which they leave
 *
 * Return: false: no room, and nothing happened. After nat64_edits_room() said
 * yes there is room for the octets that payload() decided on, and then for
 * the rest of the hold.
 */
bool __must_check nat64_edits_leave(struct nat64_stream *st, u32 n, u32 seq);

#endif /* _NAT64_EDITS_H */
