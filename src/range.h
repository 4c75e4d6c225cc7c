/* SPDX-License-Identifier: GPL-2.0 */
/* The pool entries of a draft. */
#ifndef _NAT64_RANGE_H
#define _NAT64_RANGE_H

#include <linux/types.h>

struct nat64_draft;
struct nlattr;

int nat64_range_init(struct nat64_draft *d);

/* Operations of NAT64_CMD_APPLY; see draft.c for their arguments. */
int nat64_range_add(struct nat64_draft *d, struct nlattr **tb);
int nat64_range_del(struct nat64_draft *d, struct nlattr **tb);
int nat64_range_flush(struct nat64_draft *d, struct nlattr **tb);

/** nat64_range_no_pat() - is any entry a no-pat one? */
bool nat64_range_no_pat(const struct nat64_draft *d);

/** nat64_range_finish() - set the pool of the new configuration */
int nat64_range_finish(struct nat64_draft *d);

#endif /* _NAT64_RANGE_H */
