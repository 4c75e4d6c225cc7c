// SPDX-License-Identifier: GPL-2.0
#include "range.h"

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/inetdevice.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nat64.h>
#include <linux/netdevice.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/ip.h>
#include <net/netlink.h>
#include "draft.h"
#include "netns.h"

#define RANGE_ADDRESSES_MAX (1U << 24)
#define RANGE_PROTOS_ALL (BIT(NAT64_L4_COUNT) - 1)
#define RANGE_PORTS (BIT(NAT64_L4_TCP) | BIT(NAT64_L4_UDP))

/* What no host can have as its address. */
static const struct {
	u32 first;
	u32 last;
	const char *why;
} unusable[] = {
	{ 0x00000000, 0x00ffffff, "covers 0.0.0.0/8" },
	{ 0x7f000000, 0x7fffffff, "covers the loopback addresses 127.0.0.0/8" },
	{ 0xe0000000, 0xefffffff, "covers the multicast addresses 224.0.0.0/4" },
	{ 0xf0000000, 0xffffffff, "covers the reserved addresses 240.0.0.0/4" },
};

/* The order of struct nat64_pool; the rest only makes it definite. */
static int range_cmp(const struct nat64_pool_entry *a,
		     const struct nat64_pool_entry *b)
{
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->last != b->last)
		return a->last < b->last ? -1 : 1;
	if (a->port_min != b->port_min)
		return a->port_min < b->port_min ? -1 : 1;
	if (a->port_max != b->port_max)
		return a->port_max < b->port_max ? -1 : 1;
	return a->protos - b->protos;
}

static bool range_overlap(const struct nat64_pool_entry *a,
			  const struct nat64_pool_entry *b)
{
	return a->first <= b->last && b->first <= a->last &&
	       a->port_min <= b->port_max && b->port_min <= a->port_max &&
	       a->protos & b->protos;
}

/* First entry that is not before @e. */
static u32 range_place(const struct nat64_draft *d,
		       const struct nat64_pool_entry *e)
{
	u32 low = 0, high = d->ranges;

	while (low < high) {
		u32 mid = (low + high) / 2;

		if (range_cmp(&d->range[mid], e) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int range_protos(struct nat64_draft *d, const struct nlattr *attr,
			u8 *protos)
{
	if (!attr) {
		*protos = RANGE_PROTOS_ALL;
		return 0;
	}
	switch (nla_get_u8(attr)) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_ICMP:
		*protos = BIT(nat64_l4(nla_get_u8(attr)));
		return 0;
	default:
		return nat64_refuse(d, attr, -EINVAL,
				    "protocol is not TCP, UDP or ICMP");
	}
}

static int range_read(struct nat64_draft *d, struct nlattr **tb,
		      struct nat64_pool_entry *e)
{
	u32 flags = tb[NAT64_A_FLAGS] ? nla_get_u32(tb[NAT64_A_FLAGS]) : 0;

	memset(e, 0, sizeof(*e));
	e->first = be32_to_cpu(nla_get_in_addr(tb[NAT64_A_ADDR4]));
	e->last = be32_to_cpu(nla_get_in_addr(tb[NAT64_A_ADDR4_LAST]));
	e->port_max = U16_MAX;
	if (tb[NAT64_A_PORT_MIN])
		e->port_min = nla_get_u16(tb[NAT64_A_PORT_MIN]);
	if (tb[NAT64_A_PORT_MAX])
		e->port_max = nla_get_u16(tb[NAT64_A_PORT_MAX]);
	e->no_pat = flags & NAT64_F_NO_PAT;
	e->forced = flags & NAT64_F_FORCE;
	return range_protos(d, tb[NAT64_A_PROTO], &e->protos);
}

static int range_check(struct nat64_draft *d, struct nlattr **tb,
		       const struct nat64_pool_entry *e)
{
	unsigned int i;

	if (e->first > e->last)
		return nat64_refuse(d, tb[NAT64_A_ADDR4_LAST], -EINVAL,
				    "last address is before the first");
	for (i = 0; i < ARRAY_SIZE(unusable); i++)
		if (e->first <= unusable[i].last && unusable[i].first <= e->last)
			return nat64_refuse(d, tb[NAT64_A_ADDR4], -EINVAL,
					    "%s", unusable[i].why);
	if (e->port_min > e->port_max)
		return nat64_refuse(d, tb[NAT64_A_PORT_MAX] ?:
				    tb[NAT64_A_PORT_MIN], -EINVAL,
				    "last port is before the first");
	if (!e->port_max && e->protos != BIT(NAT64_L4_ICMP))
		return nat64_refuse(d, tb[NAT64_A_PORT_MAX], -EINVAL,
				    "port 0 alone is of no use");
	if (!e->no_pat)
		return 0;
	if (e->port_min || e->port_max != U16_MAX)
		return nat64_refuse(d, tb[NAT64_A_PORT_MIN] ?:
				    tb[NAT64_A_PORT_MAX], -EINVAL,
				    "a no-pat entry has all ports");
	if (nat64_option(d->cfg, NAT64_OPTION_PERSISTENT) == NAT64_YES)
		return nat64_refuse(d, tb[NAT64_A_FLAGS], -EOPNOTSUPP,
				    "a no-pat pool and persistent bindings exclude each other");
	return 0;
}

/* An address of the box inside of a range, in host order, or 0. */
static u32 range_own_address(struct net *net, const struct nat64_pool_entry *e)
{
	const struct in_ifaddr *ifa;
	struct in_device *in_dev;
	struct net_device *dev;
	u32 own = 0;

	rcu_read_lock();
	for_each_netdev_rcu(net, dev) {
		in_dev = __in_dev_get_rcu(dev);
		if (!in_dev)
			continue;
		in_dev_for_each_ifa_rcu(ifa, in_dev) {
			own = be32_to_cpu(ifa->ifa_local);
			if (own >= e->first && own <= e->last)
				goto out;
		}
	}
	own = 0;
out:
	rcu_read_unlock();
	return own;
}

/* The box's own connections from such an address would go to a client. */
static int range_check_own(struct nat64_draft *d, struct nlattr **tb,
			   const struct nat64_pool_entry *e)
{
	struct net *net = d->nn->net;
	int low, high;
	__be32 addr;

	if (e->forced || !(e->protos & RANGE_PORTS))
		return 0;
	inet_get_local_port_range(net, &low, &high);
	if (e->port_min > high || e->port_max < low)
		return 0;
	addr = cpu_to_be32(range_own_address(net, e));
	if (!addr)
		return 0;
	return nat64_refuse(d, tb[NAT64_A_ADDR4], -EADDRINUSE,
			    "the box itself uses %pI4 ports %d-%d; leave them out or force it",
			    &addr, low, high);
}

static const char *range_proto_name(u8 protos)
{
	switch (protos) {
	case BIT(NAT64_L4_TCP):
		return " tcp";
	case BIT(NAT64_L4_UDP):
		return " udp";
	case BIT(NAT64_L4_ICMP):
		return " icmp";
	default:
		return "";
	}
}

static int range_refuse_overlap(struct nat64_draft *d,
				const struct nlattr *attr,
				const struct nat64_pool_entry *other)
{
	__be32 first = cpu_to_be32(other->first);
	__be32 last = cpu_to_be32(other->last);
	u32 size = other->last - other->first + 1;
	char addresses[40];

	if (first == last)
		scnprintf(addresses, sizeof(addresses), "%pI4", &first);
	else if (is_power_of_2(size) && !(other->first & (size - 1)))
		scnprintf(addresses, sizeof(addresses), "%pI4/%u", &first,
			  32 - ilog2(size));
	else
		scnprintf(addresses, sizeof(addresses), "%pI4-%pI4", &first,
			  &last);
	if (!other->port_min && other->port_max == U16_MAX)
		return nat64_refuse(d, attr, -EEXIST, "overlaps %s%s",
				    addresses,
				    range_proto_name(other->protos));
	return nat64_refuse(d, attr, -EEXIST, "overlaps %s ports %u-%u%s",
			    addresses, other->port_min, other->port_max,
			    range_proto_name(other->protos));
}

static int range_grow(struct nat64_draft *d)
{
	u32 room = min_t(u32, max_t(u32, d->range_room * 2, 16),
			 NAT64_POOL_MAX);
	struct nat64_pool_entry *range;

	if (d->ranges < d->range_room)
		return 0;
	range = kvmalloc_array(room, sizeof(*range), GFP_KERNEL_ACCOUNT);
	if (!range)
		return -ENOMEM;
	if (d->ranges)
		memcpy(range, d->range, d->ranges * sizeof(*range));
	kvfree(d->range);
	d->range = range;
	d->range_room = room;
	return 0;
}

int nat64_range_add(struct nat64_draft *d, struct nlattr **tb)
{
	struct nat64_pool_entry e;
	u32 i;
	int err;

	err = range_read(d, tb, &e) ?: range_check(d, tb, &e);
	if (err)
		return err;
	for (i = 0; i < d->ranges && d->range[i].first <= e.last; i++)
		if (range_overlap(&d->range[i], &e))
			return range_refuse_overlap(d, tb[NAT64_A_ADDR4],
						    &d->range[i]);
	err = range_check_own(d, tb, &e);
	if (err)
		return err;
	if (d->ranges == NAT64_POOL_MAX)
		return nat64_refuse(d, tb[NAT64_A_ADDR4], -ENOSPC,
				    "more than %u pool entries",
				    NAT64_POOL_MAX);
	err = range_grow(d);
	if (err)
		return err;
	i = range_place(d, &e);
	memmove(&d->range[i + 1], &d->range[i],
		(d->ranges - i) * sizeof(*d->range));
	d->range[i] = e;
	d->ranges++;
	return 0;
}

int nat64_range_del(struct nat64_draft *d, struct nlattr **tb)
{
	struct nat64_pool_entry e;
	u32 i;
	int err;

	err = range_read(d, tb, &e);
	if (err)
		return err;
	i = range_place(d, &e);
	if (i == d->ranges || range_cmp(&d->range[i], &e))
		return nat64_refuse(d, tb[NAT64_A_ADDR4], -ENOENT,
				    "no such pool entry");
	d->ranges--;
	memmove(&d->range[i], &d->range[i + 1],
		(d->ranges - i) * sizeof(*d->range));
	return 0;
}

int nat64_range_flush(struct nat64_draft *d, struct nlattr **tb)
{
	d->ranges = 0;
	return 0;
}

bool nat64_range_no_pat(const struct nat64_draft *d)
{
	u32 i;

	for (i = 0; i < d->ranges; i++)
		if (d->range[i].no_pat)
			return true;
	return false;
}

int nat64_range_init(struct nat64_draft *d)
{
	const struct nat64_pool *old = d->old->pool;

	if (!old->count)
		return 0;
	d->range = kvmalloc_array(old->count, sizeof(*d->range),
				  GFP_KERNEL_ACCOUNT);
	if (!d->range)
		return -ENOMEM;
	memcpy(d->range, old->entry, old->count * sizeof(*d->range));
	d->ranges = old->count;
	d->range_room = old->count;
	return 0;
}

int nat64_range_finish(struct nat64_draft *d)
{
	struct nat64_pool *pool;
	u64 addresses = 0;
	u32 i, reach = 0;

	pool = kvzalloc(struct_size(pool, entry, d->ranges),
			GFP_KERNEL_ACCOUNT);
	if (!pool)
		return -ENOMEM;
	d->cfg->pool = pool;
	pool->count = d->ranges;
	for (i = 0; i < d->ranges; i++) {
		struct nat64_pool_entry *e = &pool->entry[i];

		*e = d->range[i];
		/* 0.0.0.0 is in no entry, so reach 0 is before them all. */
		if (e->last > reach)
			addresses += e->last - max(e->first - 1, reach);
		reach = max(reach, e->last);
		e->reach = reach;
	}
	if (addresses > RANGE_ADDRESSES_MAX)
		return nat64_refuse(d, NULL, -ENOSPC,
				    "the pool has more than %u addresses",
				    RANGE_ADDRESSES_MAX);
	pool->addresses = addresses;
	return 0;
}
