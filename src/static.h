/* SPDX-License-Identifier: GPL-2.0 */
/* The static bindings of a draft. */
#ifndef _NAT64_STATIC_H
#define _NAT64_STATIC_H

struct nat64_draft;
struct nat64_static;
struct nlattr;

/* Operations of NAT64_CMD_APPLY; see draft.c for their arguments. */
int nat64_static_add(struct nat64_draft *d, struct nlattr **tb);
int nat64_static_del(struct nat64_draft *d, struct nlattr **tb);
int nat64_static_flush(struct nat64_draft *d, struct nlattr **tb);

/**
 * nat64_static_finish() - set the static bindings of the new configuration
 *
 * Needs its prefixes and its pool, which every binding must fit.
 */
int nat64_static_finish(struct nat64_draft *d);

/** nat64_static_op() - the operation that added @s, or NULL */
const struct nlattr *nat64_static_op(struct nat64_draft *d,
				     const struct nat64_static *s);

#endif /* _NAT64_STATIC_H */
