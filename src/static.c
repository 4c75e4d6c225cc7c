// SPDX-License-Identifier: GPL-2.0
#include "static.h"

#include <linux/errno.h>
#include <linux/in.h>
#include <linux/mm.h>
#include <linux/nat64.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/netlink.h>
#include "draft.h"

static int by6_cmp(const void *key, const struct rb_node *node)
{
	const struct nat64_entry *e = rb_entry(node, struct nat64_entry, by6);

	return memcmp(key, &e->binding.k6, sizeof(e->binding.k6));
}

static int by4_cmp(const void *key, const struct rb_node *node)
{
	const struct nat64_entry *e = rb_entry(node, struct nat64_entry, by4);

	return memcmp(key, &e->binding.k4, sizeof(e->binding.k4));
}

/* Link @node, or return the one that has the key already. */
static struct rb_node *tree_add(struct rb_root *root, struct rb_node *node,
				const void *key,
				int (*cmp)(const void *,
					   const struct rb_node *))
{
	struct rb_node **link = &root->rb_node, *parent = NULL;
	int c;

	while (*link) {
		parent = *link;
		c = cmp(key, parent);
		if (!c)
			return parent;
		link = c < 0 ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(node, parent, link);
	rb_insert_color(node, root);
	return NULL;
}

/* Link the next free entry, or return the one that is in its way. */
static struct nat64_entry *entry_add(struct nat64_draft *d,
				     const struct nat64_static *s,
				     const struct nlattr *op)
{
	struct nat64_entry *e = &d->entry[d->entries];
	struct rb_node *other;

	e->binding = *s;
	e->op = op;
	other = tree_add(&d->by6, &e->by6, &s->k6, by6_cmp);
	if (other)
		return rb_entry(other, struct nat64_entry, by6);
	other = tree_add(&d->by4, &e->by4, &s->k4, by4_cmp);
	if (other) {
		rb_erase(&e->by6, &d->by6);
		return rb_entry(other, struct nat64_entry, by4);
	}
	d->entries++;
	return NULL;
}

/*
 * Most requests leave the static bindings alone; the trees are made when an
 * operation needs them. No operation adds more than one entry.
 */
static int entries_open(struct nat64_draft *d)
{
	u32 i;

	if (d->entry)
		return 0;
	d->entry = kvcalloc((size_t)d->statics + d->ops, sizeof(*d->entry),
			    GFP_KERNEL_ACCOUNT);
	if (!d->entry)
		return -ENOMEM;
	for (i = 0; i < d->statics; i++) {
		entry_add(d, &d->old->statics[i], NULL);
		if (i % 1024 == 1023)
			cond_resched();
	}
	return 0;
}

static int key6_read(struct nat64_draft *d, struct nlattr **tb,
		     struct nat64_bkey6 *k6)
{
	memset(k6, 0, sizeof(*k6));
	k6->proto = nla_get_u8(tb[NAT64_A_PROTO]);
	k6->addr = nla_get_in6_addr(tb[NAT64_A_ADDR6]);
	k6->port = cpu_to_be16(nla_get_u16(tb[NAT64_A_PORT6]));
	switch (k6->proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_ICMP:
		return 0;
	default:
		return nat64_refuse(d, tb[NAT64_A_PROTO], -EINVAL,
				    "protocol is not TCP, UDP or ICMP");
	}
}

static int client_check(struct nat64_draft *d, const struct nlattr *attr,
			const struct in6_addr *a)
{
	int type = ipv6_addr_type(a);

	if (!(type & IPV6_ADDR_UNICAST) ||
	    type & (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL |
		    IPV6_ADDR_MAPPED))
		return nat64_refuse(d, attr, -EINVAL,
				    "not the address of a client");
	return 0;
}

static int ports_check(struct nat64_draft *d, struct nlattr **tb,
		       const struct nat64_static *s)
{
	if (s->k6.proto == IPPROTO_ICMP)
		return 0;
	if (!s->k6.port)
		return nat64_refuse(d, tb[NAT64_A_PORT6], -EINVAL,
				    "port is zero");
	if (!s->k4.port)
		return nat64_refuse(d, tb[NAT64_A_PORT4], -EINVAL,
				    "port is zero");
	return 0;
}

static int static_read(struct nat64_draft *d, struct nlattr **tb,
		       struct nat64_static *s)
{
	int err;

	err = key6_read(d, tb, &s->k6) ?:
	      client_check(d, tb[NAT64_A_ADDR6], &s->k6.addr);
	if (err)
		return err;
	memset(&s->k4, 0, sizeof(s->k4));
	s->k4.proto = s->k6.proto;
	s->k4.addr = nla_get_in_addr(tb[NAT64_A_ADDR4]);
	s->k4.port = cpu_to_be16(nla_get_u16(tb[NAT64_A_PORT4]));
	return ports_check(d, tb, s);
}

int nat64_static_add(struct nat64_draft *d, struct nlattr **tb)
{
	const struct nat64_entry *other;
	struct nat64_static s;
	int err;

	err = static_read(d, tb, &s) ?: entries_open(d);
	if (err)
		return err;
	other = entry_add(d, &s, d->op);
	if (other && !memcmp(&other->binding.k6, &s.k6, sizeof(s.k6)))
		return nat64_refuse(d, tb[NAT64_A_ADDR6], -EEXIST,
				    "client is bound to %pI4 port %u already",
				    &other->binding.k4.addr,
				    be16_to_cpu(other->binding.k4.port));
	if (other)
		return nat64_refuse(d, tb[NAT64_A_ADDR4], -EEXIST,
				    "is bound to %pI6c port %u already",
				    &other->binding.k6.addr,
				    be16_to_cpu(other->binding.k6.port));
	if (d->statics == NAT64_STATIC_MAX)
		return nat64_refuse(d, d->op, -ENOSPC,
				    "more than %u static bindings",
				    NAT64_STATIC_MAX);
	d->statics++;
	return 0;
}

int nat64_static_del(struct nat64_draft *d, struct nlattr **tb)
{
	struct nat64_bkey6 k6;
	struct rb_node *node;
	struct nat64_entry *e = NULL;
	int err;

	err = key6_read(d, tb, &k6) ?: entries_open(d);
	if (err)
		return err;
	node = rb_find(&k6, &d->by6, by6_cmp);
	if (node)
		e = rb_entry(node, struct nat64_entry, by6);
	if (e && tb[NAT64_A_ADDR4] &&
	    nla_get_in_addr(tb[NAT64_A_ADDR4]) != e->binding.k4.addr)
		e = NULL;
	if (e && tb[NAT64_A_PORT4] &&
	    nla_get_u16(tb[NAT64_A_PORT4]) != be16_to_cpu(e->binding.k4.port))
		e = NULL;
	if (!e)
		return nat64_refuse(d, tb[NAT64_A_ADDR6], -ENOENT,
				    "no such static binding");
	rb_erase(&e->by6, &d->by6);
	rb_erase(&e->by4, &d->by4);
	d->statics--;
	return 0;
}

int nat64_static_flush(struct nat64_draft *d, struct nlattr **tb)
{
	int err;

	err = entries_open(d);
	if (err)
		return err;
	d->by6 = RB_ROOT;
	d->by4 = RB_ROOT;
	d->statics = 0;
	return 0;
}

static int static_check(struct nat64_draft *d, const struct nat64_static *s,
			const struct nlattr *op)
{
	if (!nat64_pool_has_addr(d->cfg->pool, s->k4.addr))
		return nat64_refuse(d, op, -EADDRNOTAVAIL,
				    "static binding to %pI4 port %u: address is not in the pool",
				    &s->k4.addr, be16_to_cpu(s->k4.port));
	if (nat64_config_match(d->cfg, &s->k6.addr) >= 0)
		return nat64_refuse(d, op, -EINVAL,
				    "static binding of %pI6c: inside a prefix",
				    &s->k6.addr);
	return 0;
}

/* In the order of the client side, whether the trees exist or not. */
static void statics_gather(struct nat64_draft *d)
{
	struct nat64_static *s = d->cfg->statics;
	struct rb_node *node;

	if (!d->entry) {
		memcpy(s, d->old->statics, d->statics * sizeof(*s));
		return;
	}
	for (node = rb_first(&d->by6); node; node = rb_next(node))
		*s++ = rb_entry(node, struct nat64_entry, by6)->binding;
}

int nat64_static_finish(struct nat64_draft *d)
{
	const struct nat64_static *s;
	u32 i;
	int err;

	if (!d->statics)
		return 0;
	d->cfg->statics = kvmalloc_array(d->statics, sizeof(*s),
					 GFP_KERNEL_ACCOUNT);
	if (!d->cfg->statics)
		return -ENOMEM;
	d->cfg->static_count = d->statics;
	statics_gather(d);
	for (i = 0; i < d->statics; i++) {
		s = &d->cfg->statics[i];
		err = static_check(d, s, nat64_static_op(d, s));
		if (err)
			return err;
		if (i % 1024 == 1023)
			cond_resched();
	}
	return 0;
}

const struct nlattr *nat64_static_op(struct nat64_draft *d,
				     const struct nat64_static *s)
{
	struct rb_node *node = rb_find(&s->k6, &d->by6, by6_cmp);

	return node ? rb_entry(node, struct nat64_entry, by6)->op : NULL;
}
