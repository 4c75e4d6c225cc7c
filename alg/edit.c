// SPDX-License-Identifier: GPL-2.0
#include "edit.h"

#include "text.h"

bool nat64_edit_flush(struct nat64_edit *ed)
{
	if (ed->failed || ed->off == ed->end)
		return !ed->failed;
	ed->failed = nat64_alg_replace(ed->ctx, ed->off, ed->end - ed->off,
				       ed->text, ed->len);
	ed->off = ed->end;
	ed->len = 0;
	return !ed->failed;
}

void nat64_edit_add(struct nat64_edit *ed, u32 off, u32 len, const void *new,
		    u32 new_len)
{
	u32 gap = off - ed->end;

	if (ed->off == ed->end || gap > NAT64_EDIT_ROOM ||
	    ed->len + gap + new_len > NAT64_EDIT_ROOM) {
		if (!nat64_edit_flush(ed))
			return;
		ed->off = off;
		gap = 0;
	}
	memcpy(ed->text + ed->len, ed->data + off - gap, gap);
	memcpy(ed->text + ed->len + gap, new, new_len);
	ed->len += gap + new_len;
	ed->end = off + len;
}

void nat64_edit_number(struct nat64_edit *ed, u32 off, u32 len, u32 value)
{
	u8 text[NAT64_TEXT_NUMBER_MAX];

	nat64_edit_add(ed, off, len, text, nat64_text_put_number(text, value));
}
