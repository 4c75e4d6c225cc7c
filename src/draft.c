// SPDX-License-Identifier: GPL-2.0
#include "draft.h"

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/nat64.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include <net/genetlink.h>
#include "netns.h"
#include "range.h"
#include "setting.h"
#include "static.h"

/*
 * The text of a refusal is read after the lock is gone: netlink measures it,
 * allocates the acknowledgement, and measures it again. So there is a slot per
 * length, in which the NUL never moves: two refusals at the same time may
 * spoil the words of one, but not its length.
 */
char *nat64_refuse_alloc(void)
{
	const unsigned int n = NAT64_REFUSAL_MAX + 1;

	return kzalloc(n * (n + 1) / 2, GFP_KERNEL_ACCOUNT);
}

int nat64_refuse(struct nat64_draft *d, const struct nlattr *attr, int err,
		 const char *fmt, ...)
{
	char text[NAT64_REFUSAL_MAX + 1];
	va_list args;
	char *slot;
	int len;

	va_start(args, fmt);
	len = vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	slot = d->nn->refusals + len * (len + 1) / 2;
	memcpy(slot, text, len);
	if (d->extack) {
		d->extack->_msg = slot;
		NL_SET_BAD_ATTR(d->extack, attr);
	}
	return err;
}

static int prefix_read(struct nat64_draft *d, struct nlattr **tb,
		       struct nat64_prefix *p)
{
	const char *why;

	p->addr = nla_get_in6_addr(tb[NAT64_A_ADDR6]);
	p->len = nla_get_u8(tb[NAT64_A_PREFIX_LEN]);
	if (nat64_prefix_check(p, &why))
		return nat64_refuse(d, tb[NAT64_A_ADDR6], -EINVAL, "%s", why);
	return 0;
}

static bool prefix_overlap(const struct nat64_prefix *a,
			   const struct nat64_prefix *b)
{
	return a->len <= b->len ? nat64_prefix_match(a, &b->addr) :
				  nat64_prefix_match(b, &a->addr);
}

/*
 * Sessions store the index of their prefix, so a prefix keeps its index, and
 * one that is used by the present configuration goes to no other prefix.
 */
static int prefix_place(const struct nat64_draft *d,
			const struct nat64_prefix *p)
{
	int i, place = -ENOSPC;

	for (i = NAT64_PREFIX_SLOTS - 1; i >= 0; i--) {
		const struct nat64_prefix *old = &d->old->prefix[i];

		if (d->cfg->prefix[i].len)
			continue;
		if (!old->len)
			place = i;
		else if (nat64_prefix_equal(old, p))
			return i;
	}
	return place;
}

static int prefix_add(struct nat64_draft *d, struct nlattr **tb)
{
	struct nat64_prefix p;
	int i, err;

	err = prefix_read(d, tb, &p);
	if (err)
		return err;
	for (i = 0; i < NAT64_PREFIX_SLOTS; i++) {
		const struct nat64_prefix *other = &d->cfg->prefix[i];

		if (!other->len || !prefix_overlap(other, &p))
			continue;
		return nat64_refuse(d, tb[NAT64_A_ADDR6], -EEXIST,
				    "%s %pI6c/%u",
				    nat64_prefix_equal(other, &p) ?
				    "exists already:" : "overlaps",
				    &other->addr, other->len);
	}
	i = d->cfg->prefixes < NAT64_PREFIX_MAX ? prefix_place(d, &p) :
						  -ENOSPC;
	if (i < 0)
		return nat64_refuse(d, tb[NAT64_A_ADDR6], i,
				    "more than %u prefixes",
				    NAT64_PREFIX_MAX);
	d->cfg->prefix[i] = p;
	d->cfg->prefixes++;
	return 0;
}

static int prefix_del(struct nat64_draft *d, struct nlattr **tb)
{
	struct nat64_prefix p;
	int i, err;

	err = prefix_read(d, tb, &p);
	if (err)
		return err;
	for (i = 0; i < NAT64_PREFIX_SLOTS; i++) {
		struct nat64_prefix *other = &d->cfg->prefix[i];

		if (!other->len || !nat64_prefix_equal(other, &p))
			continue;
		memset(other, 0, sizeof(*other));
		d->cfg->prefixes--;
		return 0;
	}
	return nat64_refuse(d, tb[NAT64_A_ADDR6], -ENOENT, "no such prefix");
}

static int prefix_flush(struct nat64_draft *d, struct nlattr **tb)
{
	memset(d->cfg->prefix, 0, sizeof(d->cfg->prefix));
	d->cfg->prefixes = 0;
	return 0;
}

static int reset_all(struct nat64_draft *d, struct nlattr **tb)
{
	int err;

	prefix_flush(d, tb);
	nat64_range_flush(d, tb);
	err = nat64_static_flush(d, tb);
	return err ?: nat64_setting_defaults(d->cfg);
}

#define HAS(name) BIT_ULL(NAT64_A_##name)
#define HAS_OP (HAS(OP_KIND) | HAS(OBJECT))

/* What can be asked for, what that takes and what else it may have. */
static const struct operation {
	int (*run)(struct nat64_draft *d, struct nlattr **tb);
	u64 must;
	u64 may;
} operations[NAT64_OBJECT_OPTION + 1][NAT64_OP_RESET + 1] = {
	[0][NAT64_OP_RESET] = { reset_all, HAS(OP_KIND), 0 },

	[NAT64_OBJECT_PREFIX][NAT64_OP_ADD] = {
		prefix_add, HAS_OP | HAS(ADDR6) | HAS(PREFIX_LEN), 0 },
	[NAT64_OBJECT_PREFIX][NAT64_OP_DEL] = {
		prefix_del, HAS_OP | HAS(ADDR6) | HAS(PREFIX_LEN), 0 },
	[NAT64_OBJECT_PREFIX][NAT64_OP_FLUSH] = { prefix_flush, HAS_OP, 0 },

	[NAT64_OBJECT_POOL][NAT64_OP_ADD] = {
		nat64_range_add, HAS_OP | HAS(ADDR4) | HAS(ADDR4_LAST),
		HAS(PORT_MIN) | HAS(PORT_MAX) | HAS(PROTO) | HAS(FLAGS) },
	[NAT64_OBJECT_POOL][NAT64_OP_DEL] = {
		nat64_range_del, HAS_OP | HAS(ADDR4) | HAS(ADDR4_LAST),
		HAS(PORT_MIN) | HAS(PORT_MAX) | HAS(PROTO) | HAS(FLAGS) },
	[NAT64_OBJECT_POOL][NAT64_OP_FLUSH] = { nat64_range_flush, HAS_OP, 0 },

	[NAT64_OBJECT_BINDING][NAT64_OP_ADD] = {
		nat64_static_add, HAS_OP | HAS(PROTO) | HAS(ADDR6) |
		HAS(PORT6) | HAS(ADDR4) | HAS(PORT4), 0 },
	[NAT64_OBJECT_BINDING][NAT64_OP_DEL] = {
		nat64_static_del, HAS_OP | HAS(PROTO) | HAS(ADDR6) |
		HAS(PORT6), HAS(ADDR4) | HAS(PORT4) },
	[NAT64_OBJECT_BINDING][NAT64_OP_FLUSH] = {
		nat64_static_flush, HAS_OP, 0 },

	[NAT64_OBJECT_ALG][NAT64_OP_ADD] = {
		nat64_alg_enable, HAS_OP | HAS(NAME), HAS(PORT4) },
	[NAT64_OBJECT_ALG][NAT64_OP_DEL] = {
		nat64_alg_disable, HAS_OP | HAS(NAME), 0 },
	[NAT64_OBJECT_ALG][NAT64_OP_FLUSH] = { nat64_alg_flush, HAS_OP, 0 },

	[NAT64_OBJECT_TIMEOUT][NAT64_OP_SET] = {
		nat64_timeout_set, HAS_OP | HAS(NAME) | HAS(VALUE), 0 },
	[NAT64_OBJECT_TIMEOUT][NAT64_OP_RESET] = {
		nat64_timeout_reset, HAS_OP, HAS(NAME) },
	[NAT64_OBJECT_LIMIT][NAT64_OP_SET] = {
		nat64_limit_set, HAS_OP | HAS(NAME) | HAS(VALUE), 0 },
	[NAT64_OBJECT_LIMIT][NAT64_OP_RESET] = {
		nat64_limit_reset, HAS_OP, HAS(NAME) },
	[NAT64_OBJECT_OPTION][NAT64_OP_SET] = {
		nat64_option_set, HAS_OP | HAS(NAME) | HAS(OPTION_TEXT), 0 },
	[NAT64_OBJECT_OPTION][NAT64_OP_RESET] = {
		nat64_option_reset, HAS_OP, HAS(NAME) },
};

static const struct nla_policy op_policy[] = {
	[NAT64_A_OP_KIND] = NLA_POLICY_RANGE(NLA_U8, NAT64_OP_ADD,
					     NAT64_OP_RESET),
	[NAT64_A_OBJECT] = NLA_POLICY_RANGE(NLA_U8, NAT64_OBJECT_PREFIX,
					    NAT64_OBJECT_OPTION),
	[NAT64_A_NAME] = { .type = NLA_NUL_STRING, .len = NAT64_NAME_MAX - 1 },
	[NAT64_A_VALUE] = { .type = NLA_U64 },
	[NAT64_A_OPTION_TEXT] = { .type = NLA_NUL_STRING,
				  .len = NAT64_TEXT_MAX - 1 },
	[NAT64_A_PROTO] = { .type = NLA_U8 },
	[NAT64_A_FLAGS] = NLA_POLICY_MASK(NLA_U32,
					  NAT64_F_NO_PAT | NAT64_F_FORCE),
	[NAT64_A_ADDR6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[NAT64_A_PORT6] = { .type = NLA_U16 },
	[NAT64_A_ADDR4] = NLA_POLICY_EXACT_LEN(sizeof(struct in_addr)),
	[NAT64_A_ADDR4_LAST] = NLA_POLICY_EXACT_LEN(sizeof(struct in_addr)),
	[NAT64_A_PORT4] = { .type = NLA_U16 },
	[NAT64_A_PREFIX_LEN] = { .type = NLA_U8 },
	[NAT64_A_PORT_MIN] = { .type = NLA_U16 },
	[NAT64_A_PORT_MAX] = { .type = NLA_U16 },
};

const struct nla_policy nat64_apply_policy[NAT64_A_OP + 1] = {
	[NAT64_A_OP] = NLA_POLICY_NESTED(op_policy),
};

static int attributes_check(struct nat64_draft *d, struct nlattr **tb,
			    const struct operation *o)
{
	unsigned int i;

	BUILD_BUG_ON(ARRAY_SIZE(op_policy) > BITS_PER_TYPE(o->must));
	for (i = 0; i < ARRAY_SIZE(op_policy); i++) {
		if (tb[i] && !((o->must | o->may) & BIT_ULL(i)))
			return nat64_refuse(d, tb[i], -EINVAL,
					    "attribute %u does not belong to this operation",
					    i);
		if (!tb[i] && o->must & BIT_ULL(i)) {
			NL_SET_ERR_ATTR_MISS(d->extack, d->op, i);
			return nat64_refuse(d, d->op, -EINVAL,
					    "attribute %u is missing", i);
		}
	}
	return 0;
}

static int operation_run(struct nat64_draft *d)
{
	struct nlattr *tb[ARRAY_SIZE(op_policy)];
	u8 object = 0, kind = 0;
	const struct operation *o;
	int err;

	err = nla_parse_nested(tb, ARRAY_SIZE(op_policy) - 1, d->op, op_policy,
			       d->extack);
	if (err)
		return err;
	if (tb[NAT64_A_OP_KIND])
		kind = nla_get_u8(tb[NAT64_A_OP_KIND]);
	if (tb[NAT64_A_OBJECT])
		object = nla_get_u8(tb[NAT64_A_OBJECT]);
	o = &operations[object][kind];
	if (!o->run)
		return nat64_refuse(d, tb[NAT64_A_OP_KIND] ?: d->op,
				    -EOPNOTSUPP,
				    "object has no such operation");
	err = attributes_check(d, tb, o);
	return err ?: o->run(d, tb);
}

int nat64_draft_run(struct nat64_draft *d, const struct nlmsghdr *nlh)
{
	const struct nlattr *op;
	int rem, err;

	nlmsg_for_each_attr(op, nlh, GENL_HDRLEN, rem) {
		d->op = op;
		err = operation_run(d);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

int nat64_draft_init(struct nat64_draft *d, const struct nat64_config *old,
		     const struct nlmsghdr *nlh)
{
	const struct nlattr *op;
	int rem;

	d->old = old;
	nlmsg_for_each_attr(op, nlh, GENL_HDRLEN, rem)
		d->ops++;
	if (d->ops > NAT64_OPS_MAX)
		return nat64_refuse(d, NULL, -E2BIG,
				    "more than %u operations", NAT64_OPS_MAX);
	d->cfg = kmemdup(old, sizeof(*old), GFP_KERNEL_ACCOUNT);
	if (!d->cfg)
		return -ENOMEM;
	d->cfg->genid = old->genid + 1 ?: 1;
	d->cfg->pool = NULL;
	d->cfg->statics = NULL;
	d->cfg->static_count = 0;
	d->statics = old->static_count;
	return nat64_range_init(d);
}

int nat64_draft_finish(struct nat64_draft *d, struct nat64_config **result)
{
	int err;

	d->op = NULL;
	err = nat64_range_finish(d);
	if (!err)
		err = nat64_alg_finish(d);
	if (!err)
		err = nat64_static_finish(d);
	if (err)
		return err;
	*result = d->cfg;
	d->cfg = NULL;
	return 0;
}

void nat64_draft_drop(struct nat64_draft *d)
{
	if (d->cfg) {
		kvfree(d->cfg->pool);
		kvfree(d->cfg->statics);
		kfree(d->cfg);
	}
	kvfree(d->range);
	kvfree(d->entry);
}
