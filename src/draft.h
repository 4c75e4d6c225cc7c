/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A draft: the private copy of a configuration on which the operations of
 * one NAT64_CMD_APPLY run, in order.
 *
 * Context of everything here: process, nn->config_lock held.
 */
#ifndef _NAT64_DRAFT_H
#define _NAT64_DRAFT_H

#include <linux/compiler_attributes.h>
#include <linux/nat64.h>
#include <linux/rbtree.h>
#include <net/netlink.h>
#include "config.h"

#define NAT64_OPS_MAX (1U << 18)	/* operations in one request */

/* Longest text of a refusal. */
#define NAT64_REFUSAL_MAX 95

/**
 * struct nat64_entry - a static binding of a draft
 * @by6: in nat64_draft.by6
 * @by4: in nat64_draft.by4
 * @binding: the binding
 * @op: operation that added it; NULL if it is older
 */
struct nat64_entry {
	struct rb_node by6;
	struct rb_node by4;
	struct nat64_static binding;
	const struct nlattr *op;
};

/**
 * struct nat64_draft - a configuration in the making
 * @nn: namespace
 * @extack: where refusals go
 * @old: configuration in force
 * @cfg: the new one; all of it but pool and statics is changed in place
 * @op: operation that is being run
 * @ops: operations in the request
 * @ranges: entries of @range in use
 * @range_room: entries allocated
 * @range: pool entries, sorted as in struct nat64_pool
 * @entries: entries of @entry in use, those that were deleted included
 * @entry: NULL until the first operation on static bindings
 * @by6: live entries by client side
 * @by4: live entries by pool side
 * @statics: number of live static bindings
 * @alg_op: operation that enabled an ALG last
 */
struct nat64_draft {
	struct nat64_net *nn;
	struct netlink_ext_ack *extack;
	const struct nat64_config *old;
	struct nat64_config *cfg;
	const struct nlattr *op;
	u32 ops;
	u32 ranges;
	u32 range_room;
	struct nat64_pool_entry *range;
	u32 entries;
	struct nat64_entry *entry;
	struct rb_root by6;
	struct rb_root by4;
	u32 statics;
	const struct nlattr *alg_op[NAT64_ALG_COUNT];
};

/**
 * nat64_draft_init() - begin with a copy of the present configuration
 * @d: draft, whose @nn and @extack are set
 * @old: present configuration
 * @nlh: the request
 *
 * Return: 0 or -errno. nat64_draft_drop() is due in both cases.
 */
int __must_check nat64_draft_init(struct nat64_draft *d,
				  const struct nat64_config *old,
				  const struct nlmsghdr *nlh);

/** nat64_draft_run() - run all operations of a request */
int __must_check nat64_draft_run(struct nat64_draft *d,
				 const struct nlmsghdr *nlh);

/**
 * nat64_draft_finish() - check what only the whole can tell, and build it
 * @result: set to the new configuration, which the caller owns
 */
int __must_check nat64_draft_finish(struct nat64_draft *d,
				    struct nat64_config **result);

void nat64_draft_drop(struct nat64_draft *d);

/**
 * nat64_refuse() - give the reason of a refusal
 * @attr: to blame, or NULL
 * @err: -errno
 * @fmt: text for people, without a newline
 *
 * Return: @err.
 */
__printf(4, 5)
int nat64_refuse(struct nat64_draft *d, const struct nlattr *attr, int err,
		 const char *fmt, ...);

/** nat64_refuse_alloc() - room for the texts of a namespace, or NULL */
char *nat64_refuse_alloc(void);

extern const struct nla_policy nat64_apply_policy[NAT64_A_OP + 1];

#endif /* _NAT64_DRAFT_H */
