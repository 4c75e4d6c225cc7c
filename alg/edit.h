/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Many small edits of one message as few: neighbours are joined, with the
 * octets between them, as far as the room goes.
 *
 * PURE: any context, no locks, no allocation.
 */
#ifndef _NAT64_ALG_EDIT_H
#define _NAT64_ALG_EDIT_H

#include "nat64_alg.h"
#include "portable.h"

#define NAT64_EDIT_ROOM 256

/**
 * struct nat64_edit - edits of one call of payload()
 * @ctx: connection
 * @data: what payload() was given
 * @off: first octet of the edit that is being joined
 * @end: after its last one
 * @len: octets instead of them
 * @text: they
 * @failed: the core took no more; from there on nothing is edited
 */
struct nat64_edit {
	struct nat64_alg_ctx *ctx;
	const u8 *data;
	u32 off;
	u32 end;
	u32 len;
	u8 text[NAT64_EDIT_ROOM];
	bool failed;
};

static inline void nat64_edit_begin(struct nat64_edit *ed,
				    struct nat64_alg_ctx *ctx, const u8 *data)
{
	ed->ctx = ctx;
	ed->data = data;
	ed->off = 0;
	ed->end = 0;
	ed->len = 0;
	ed->failed = false;
}

/**
 * nat64_edit_add() - replace octets
 * @ed: edits
 * @off: first one, counted from @ed->data; not before the end of the last edit
 * @len: how many
 * @new: instead of them
 * @new_len: how many, at most NAT64_EDIT_ROOM
 */
void nat64_edit_add(struct nat64_edit *ed, u32 off, u32 len, const void *new,
		    u32 new_len);

/** nat64_edit_number() - as nat64_edit_add(); a decimal number */
void nat64_edit_number(struct nat64_edit *ed, u32 off, u32 len, u32 value);

/**
 * nat64_edit_flush() - hand over what is left
 * Return: false if anything could not be edited since nat64_edit_begin().
 */
bool nat64_edit_flush(struct nat64_edit *ed);

#endif /* _NAT64_ALG_EDIT_H */
