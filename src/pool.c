// SPDX-License-Identifier: GPL-2.0
#include "pool.h"

#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "config.h"
#include "expire.h"
#include "hash.h"
#include "netns.h"
#include "ports.h"
#include "subscriber.h"

#define WELL_KNOWN 1023
/* Most addresses that one packet may look at. */
#define PROBES 1024

/* One port in use of which only the number is left. */
struct pool_hold {
	struct list_head list;
	u32 addr;
	u32 due;
	u16 port;
	u8 l4;
};

struct pool_addr {
	u32 addr;
	spinlock_t lock; /* protects ports */
	struct nat64_subscriber *owner; /* no-pat; by cmpxchg() */
	struct nat64_ports ports[NAT64_L4_OTHER];
	struct rcu_head rcu;
};

enum nat64_l4 nat64_l4(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return NAT64_L4_TCP;
	case IPPROTO_UDP:
		return NAT64_L4_UDP;
	case IPPROTO_ICMP:
		return NAT64_L4_ICMP;
	default:
		return NAT64_L4_OTHER;
	}
}

void nat64_pool_init(struct nat64_net *nn)
{
	xa_init_flags(&nn->pool.addrs, XA_FLAGS_LOCK_BH);
	spin_lock_init(&nn->pool.lock);
	INIT_LIST_HEAD(&nn->pool.hold);
}

static void addr_free(struct pool_addr *pa)
{
	unsigned int l4;

	for (l4 = 0; l4 < NAT64_L4_OTHER; l4++)
		kfree(pa->ports[l4].map);
	kfree(pa);
}

static void addr_free_rcu(struct rcu_head *rcu)
{
	addr_free(container_of(rcu, struct pool_addr, rcu));
}

void nat64_pool_exit(struct nat64_net *nn)
{
	struct pool_addr *pa;
	unsigned long index;

	nat64_pool_release(nn, false);
	xa_for_each(&nn->pool.addrs, index, pa)
		addr_free(pa);
	xa_destroy(&nn->pool.addrs);
}

static struct pool_addr *addr_get(struct nat64_net *nn, u32 addr)
{
	struct pool_addr *pa = xa_load(&nn->pool.addrs, addr);
	struct pool_addr *old;

	if (pa)
		return pa;
	pa = kzalloc(sizeof(*pa), GFP_ATOMIC | __GFP_NOWARN);
	if (!pa)
		return NULL;
	pa->addr = addr;
	spin_lock_init(&pa->lock);
	old = xa_cmpxchg_bh(&nn->pool.addrs, addr, NULL, pa,
			    GFP_ATOMIC | __GFP_NOWARN);
	if (!old)
		return pa;
	kfree(pa);
	return xa_is_err(old) ? NULL : old;
}

/* What a client asks of an address. */
struct port_request {
	enum nat64_l4 l4;
	u16 want;
	bool preserve;
	bool parity;
	bool exact; /* @want and no other */
	bool pair; /* the next port as well; @parity is a must */
};

static u32 entry_min(const struct nat64_pool_entry *e, enum nat64_l4 l4)
{
	if (!e->port_min && l4 != NAT64_L4_ICMP)
		return 1;
	return e->port_min;
}

static bool entry_serves(const struct nat64_pool_entry *e, u32 addr,
			 enum nat64_l4 l4)
{
	return e->first <= addr && addr <= e->last && e->protos & BIT(l4);
}

/*
 * Number of entries that begin at or before @addr. Those that hold it are
 * among the last of them, none before an entry whose reach is less.
 */
static u32 pool_upto(const struct nat64_pool *pool, u32 addr)
{
	u32 low = 0, high = pool->count;

	while (low < high) {
		u32 mid = (low + high) / 2;

		if (pool->entry[mid].first <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static enum nat64_parity want_parity(const struct port_request *r)
{
	return r->want & 1 ? NAT64_PARITY_ODD : NAT64_PARITY_EVEN;
}

static bool want_free(const struct nat64_pool_entry *e,
		      const struct nat64_ports *p,
		      const struct port_request *r)
{
	u32 last = r->want + r->pair;

	return (r->preserve || r->exact) && r->want >= entry_min(e, r->l4) &&
	       last <= e->port_max && !nat64_ports_used(p, r->want) &&
	       !nat64_ports_used(p, last);
}

static int pick(const struct nat64_ports *p, const struct port_request *r,
		u32 first, u32 last, enum nat64_parity parity)
{
	if (r->exact)
		return -1;
	return r->pair ? nat64_ports_pick_pair(p, first, last, parity) :
			 nat64_ports_pick(p, first, last, parity);
}

/*
 * The steps of RFC 6146 3.5.1.1, from what the client would like best to
 * what is left. ICMP identifiers have neither ranges nor parity.
 */
static int entry_pick(const struct nat64_pool_entry *e,
		      const struct nat64_ports *p,
		      const struct port_request *r, unsigned int step)
{
	u32 first = entry_min(e, r->l4), last = e->port_max;
	enum nat64_parity parity = NAT64_PARITY_ANY;

	if (step == 0)
		return want_free(e, p, r) ? r->want : -1;
	if (r->l4 == NAT64_L4_ICMP || step == 3) {
		if (r->pair)
			parity = want_parity(r);
		return step == 3 ? pick(p, r, first, last, parity) : -1;
	}
	if (r->want <= WELL_KNOWN)
		last = min_t(u32, last, WELL_KNOWN);
	else
		first = max_t(u32, first, WELL_KNOWN + 1);
	if (step == 1 && !r->parity)
		return -1;
	if (step == 1 || r->pair)
		parity = want_parity(r);
	return pick(p, r, first, last, parity);
}

/* Take a port of @pa, or return the reason why not. */
static int addr_alloc(struct pool_addr *pa, const struct nat64_pool *pool,
		      const struct port_request *r, u16 *out)
{
	struct nat64_ports *p = &pa->ports[r->l4];
	int port = -1, why = NAT64_CNT_DROP_POOL_EMPTY;
	unsigned int step;
	u32 i;

	spin_lock(&pa->lock);
	if (!nat64_ports_ready(p)) {
		why = NAT64_CNT_DROP_MEMORY;
		goto unlock;
	}
	for (step = 0; step < 4 && port < 0; step++) {
		for (i = pool_upto(pool, pa->addr);
		     i-- && pool->entry[i].reach >= pa->addr && port < 0;) {
			const struct nat64_pool_entry *e = &pool->entry[i];

			if (!entry_serves(e, pa->addr, r->l4))
				continue;
			if (e->no_pat && step) {
				why = NAT64_CNT_DROP_NO_PAT;
				continue;
			}
			port = entry_pick(e, p, r, step);
		}
	}
	if (port >= 0) {
		nat64_ports_take(p, port);
		if (r->pair)
			nat64_ports_take(p, port + 1);
		*out = port;
		why = 0;
	}
unlock:
	spin_unlock(&pa->lock);
	return why;
}

static const struct nat64_pool_entry *
pool_find(const struct nat64_pool *pool, u32 addr, enum nat64_l4 l4)
{
	u32 i;

	for (i = pool_upto(pool, addr); i-- && pool->entry[i].reach >= addr;)
		if (entry_serves(&pool->entry[i], addr, l4))
			return &pool->entry[i];
	return NULL;
}

/* The address number @index of those that serve @l4. */
static const struct nat64_pool_entry *
pool_index(const struct nat64_pool *pool, enum nat64_l4 l4, u64 index,
	   u32 *addr)
{
	u32 i;

	for (i = 0; i < pool->count; i++) {
		const struct nat64_pool_entry *e = &pool->entry[i];
		u64 size = (u64)e->last - e->first + 1;

		if (!(e->protos & BIT(l4)))
			continue;
		if (index < size) {
			*addr = e->first + (u32)index;
			return e;
		}
		index -= size;
	}
	return NULL;
}

static u64 pool_size(const struct nat64_pool *pool, enum nat64_l4 l4)
{
	u64 size = 0;
	u32 i;

	for (i = 0; i < pool->count; i++)
		if (pool->entry[i].protos & BIT(l4))
			size += (u64)pool->entry[i].last -
				pool->entry[i].first + 1;
	return size;
}

/* Try one address. A no-pat one must be nobody's, or already @sub's. */
static int addr_try(struct nat64_net *nn, const struct nat64_pool *pool,
		    const struct nat64_pool_entry *e, u32 addr,
		    struct nat64_subscriber *sub, const struct port_request *r,
		    u16 *port)
{
	struct pool_addr *pa;
	int why;

	*port = 0;
	if (r->l4 == NAT64_L4_OTHER && !e->no_pat)
		return 0;
	pa = addr_get(nn, addr);
	if (!pa)
		return NAT64_CNT_DROP_MEMORY;
	if (e->no_pat) {
		struct nat64_subscriber *owner =
			cmpxchg(&pa->owner, NULL, sub);

		if (owner && owner != sub)
			return NAT64_CNT_DROP_POOL_EMPTY;
		if (r->l4 == NAT64_L4_OTHER)
			return 0;
		why = addr_alloc(pa, pool, r, port);
		if (why && !owner)
			WRITE_ONCE(pa->owner, NULL);
		return why;
	}
	return addr_alloc(pa, pool, r, port);
}

/*
 * Look for an address with a free port, at most PROBES of them. The first is
 * given by the subscriber, so that subscribers spread; where the pool is so
 * full that this fails, the next search goes on where this one stopped.
 */
static int pool_search(struct nat64_net *nn, const struct nat64_pool *pool,
		       struct nat64_subscriber *sub,
		       const struct port_request *r, __be32 *addr, u16 *port)
{
	u64 size = pool_size(pool, r->l4), start, i;
	int why = NAT64_CNT_DROP_POOL_EMPTY;

	if (!size)
		return why;
	start = nat64_hash(&sub->key, sizeof(sub->key), 0);
	start += READ_ONCE(nn->pool.cursor);
	for (i = 0; i < min_t(u64, size, PROBES); i++) {
		const struct nat64_pool_entry *e;
		u64 index;
		u32 a;

		div64_u64_rem(start + i, size, &index);
		e = pool_index(pool, r->l4, index, &a);
		why = addr_try(nn, pool, e, a, sub, r, port);
		if (!why) {
			*addr = cpu_to_be32(a);
			return 0;
		}
	}
	WRITE_ONCE(nn->pool.cursor, nn->pool.cursor + (u32)i);
	return why;
}

/* The subscriber's address for @l4: that of another protocol if it may be. */
static bool sub_address(const struct nat64_pool *pool,
			struct nat64_subscriber *sub, enum nat64_l4 l4)
{
	unsigned int other;

	if (sub->has_addr & BIT(l4) &&
	    pool_find(pool, be32_to_cpu(sub->addr[l4]), l4))
		return true;
	for (other = 0; other < NAT64_L4_COUNT; other++) {
		if (!(sub->has_addr & BIT(other)))
			continue;
		if (!pool_find(pool, be32_to_cpu(sub->addr[other]), l4))
			continue;
		sub->addr[l4] = sub->addr[other];
		sub->has_addr |= BIT(l4);
		return true;
	}
	return false;
}

int nat64_pool_alloc(struct nat64_net *nn, const struct nat64_config *cfg,
		     struct nat64_subscriber *sub, enum nat64_l4 l4,
		     __be16 want, __be32 *addr, __be16 *port)
{
	const struct port_request r = {
		.l4 = l4,
		.want = be16_to_cpu(want),
		.preserve = nat64_option(cfg, NAT64_OPTION_PRESERVE) ==
			    NAT64_ON,
		.parity = l4 == NAT64_L4_UDP &&
			  nat64_option(cfg, NAT64_OPTION_PARITY) == NAT64_ON,
	};
	const struct nat64_pool *pool = cfg->pool;
	u16 taken;
	int why;

	if (sub_address(pool, sub, l4)) {
		u32 a = be32_to_cpu(sub->addr[l4]);
		const struct nat64_pool_entry *e = pool_find(pool, a, l4);

		why = addr_try(nn, pool, e, a, sub, &r, &taken);
		*addr = sub->addr[l4];
		*port = cpu_to_be16(taken);
		if (!why || e->no_pat ||
		    nat64_option(cfg, NAT64_OPTION_PAIRING) == 0)
			return why;
	}
	why = pool_search(nn, pool, sub, &r, addr, &taken);
	if (why)
		return why;
	*port = cpu_to_be16(taken);
	if (!(sub->has_addr & BIT(l4))) {
		sub->addr[l4] = *addr;
		sub->has_addr |= BIT(l4);
	}
	return 0;
}

int nat64_pool_alloc_at(struct nat64_net *nn, const struct nat64_config *cfg,
			struct nat64_subscriber *sub, enum nat64_l4 l4,
			__be32 addr, enum nat64_port_kind kind, __be16 *port)
{
	const struct port_request r = {
		.l4 = l4,
		.want = be16_to_cpu(*port),
		.preserve = nat64_option(cfg, NAT64_OPTION_PRESERVE) ==
			    NAT64_ON,
		.parity = kind == NAT64_PORT_PAIR ||
			  (l4 == NAT64_L4_UDP &&
			   nat64_option(cfg, NAT64_OPTION_PARITY) == NAT64_ON),
		.exact = kind == NAT64_PORT_EXACT,
		.pair = kind == NAT64_PORT_PAIR,
	};
	u32 a = be32_to_cpu(addr);
	const struct nat64_pool_entry *e = pool_find(cfg->pool, a, l4);
	u16 taken;
	int why;

	if (!e)
		return NAT64_CNT_DROP_POOL_EMPTY;
	why = addr_try(nn, cfg->pool, e, a, sub, &r, &taken);
	if (!why)
		*port = cpu_to_be16(taken);
	return why;
}

/* Forget that a port is held back; the caller owns it now. */
static bool hold_claim(struct nat64_net *nn, enum nat64_l4 l4, u32 addr,
		       u16 port)
{
	struct pool_hold *h;
	bool found = false;

	spin_lock(&nn->pool.lock);
	list_for_each_entry(h, &nn->pool.hold, list) {
		if (h->addr != addr || h->port != port || h->l4 != l4)
			continue;
		list_del(&h->list);
		nn->pool.held--;
		kfree(h);
		found = true;
		break;
	}
	spin_unlock(&nn->pool.lock);
	return found;
}

int nat64_pool_take(struct nat64_net *nn, enum nat64_l4 l4, __be32 addr,
		    __be16 port)
{
	u16 number = be16_to_cpu(port);
	struct pool_addr *pa;
	struct nat64_ports *p;
	int err = 0;

	if (l4 == NAT64_L4_OTHER)
		return 0;
	pa = addr_get(nn, be32_to_cpu(addr));
	if (!pa)
		return -ENOMEM;
	p = &pa->ports[l4];
	spin_lock(&pa->lock);
	if (!nat64_ports_ready(p))
		err = -ENOMEM;
	else if (!nat64_ports_used(p, number))
		nat64_ports_take(p, number);
	else if (!hold_claim(nn, l4, pa->addr, number))
		err = -EADDRINUSE;
	spin_unlock(&pa->lock);
	return err;
}

static void port_put(struct nat64_net *nn, enum nat64_l4 l4, u32 addr,
		     u16 port)
{
	struct pool_addr *pa = xa_load(&nn->pool.addrs, addr);

	if (WARN_ON_ONCE(!pa))
		return;
	spin_lock(&pa->lock);
	nat64_ports_release(&pa->ports[l4], port);
	spin_unlock(&pa->lock);
}

static bool port_hold(struct nat64_net *nn, const struct nat64_config *cfg,
		      enum nat64_l4 l4, u32 addr, u16 port)
{
	struct pool_hold *h;

	if (READ_ONCE(nn->pool.held) >= cfg->limit[NAT64_LIMIT_HELD_PORTS])
		return false;
	h = kmalloc(sizeof(*h), GFP_ATOMIC | __GFP_NOWARN);
	if (!h)
		return false;
	h->addr = addr;
	h->port = port;
	h->l4 = l4;
	h->due = nat64_now() + cfg->timeout[NAT64_TIMEOUT_PORT_HOLD];
	spin_lock(&nn->pool.lock);
	list_add_tail(&h->list, &nn->pool.hold);
	nn->pool.held++;
	spin_unlock(&nn->pool.lock);
	return true;
}

void nat64_pool_free(struct nat64_net *nn, const struct nat64_config *cfg,
		     enum nat64_l4 l4, __be32 addr, __be16 port, bool hold)
{
	u32 a = be32_to_cpu(addr);
	u16 number = be16_to_cpu(port);

	if (l4 == NAT64_L4_OTHER)
		return;
	if (hold && port_hold(nn, cfg, l4, a, number))
		return;
	port_put(nn, l4, a, number);
}

void nat64_pool_disown(struct nat64_net *nn, struct nat64_subscriber *sub)
{
	unsigned int l4;

	for (l4 = 0; l4 < NAT64_L4_COUNT; l4++) {
		struct pool_addr *pa;

		if (!(sub->has_addr & BIT(l4)))
			continue;
		pa = xa_load(&nn->pool.addrs, be32_to_cpu(sub->addr[l4]));
		if (pa)
			cmpxchg(&pa->owner, sub, NULL);
	}
}

/* Let those of @list go that were taken from the hold list. */
static void hold_free(struct nat64_net *nn, struct list_head *list)
{
	struct pool_hold *h, *next;

	list_for_each_entry_safe(h, next, list, list) {
		local_bh_disable();
		rcu_read_lock();
		port_put(nn, h->l4, h->addr, h->port);
		rcu_read_unlock();
		local_bh_enable();
		kfree(h);
		cond_resched();
	}
}

/* Some of those that may go; few at a time, since packets wait for the lock. */
static unsigned int hold_take(struct nat64_net *nn, bool due,
			      struct list_head *list)
{
	struct pool_hold *h, *next;
	u32 now = nat64_now();
	unsigned int n = 0;

	spin_lock_bh(&nn->pool.lock);
	list_for_each_entry_safe(h, next, &nn->pool.hold, list) {
		if ((due && (s32)(h->due - now) > 0) || n == 256)
			break;
		list_move_tail(&h->list, list);
		nn->pool.held--;
		n++;
	}
	spin_unlock_bh(&nn->pool.lock);
	return n;
}

void nat64_pool_release(struct nat64_net *nn, bool due)
{
	LIST_HEAD(list);

	while (hold_take(nn, due, &list)) {
		hold_free(nn, &list);
		INIT_LIST_HEAD(&list);
	}
}

void nat64_pool_shorten(struct nat64_net *nn, const struct nat64_config *cfg)
{
	u32 longest = nat64_now() + cfg->timeout[NAT64_TIMEOUT_PORT_HOLD];
	u32 limit = cfg->limit[NAT64_LIMIT_HELD_PORTS];
	struct pool_hold *h, *next;
	LIST_HEAD(list);

	/* The list stays in the order of what is due. */
	spin_lock_bh(&nn->pool.lock);
	list_for_each_entry_safe(h, next, &nn->pool.hold, list) {
		if (nn->pool.held > limit) {
			list_move_tail(&h->list, &list);
			nn->pool.held--;
		} else if ((s32)(h->due - longest) > 0) {
			h->due = longest;
		}
	}
	spin_unlock_bh(&nn->pool.lock);
	hold_free(nn, &list);
}

/* Ports of addresses that left the pool need no rest. */
static void hold_trim(struct nat64_net *nn, const struct nat64_pool *pool)
{
	struct pool_hold *h, *next;
	LIST_HEAD(list);

	spin_lock_bh(&nn->pool.lock);
	list_for_each_entry_safe(h, next, &nn->pool.hold, list) {
		if (nat64_pool_has_addr(pool, cpu_to_be32(h->addr)))
			continue;
		list_move_tail(&h->list, &list);
		nn->pool.held--;
	}
	spin_unlock_bh(&nn->pool.lock);
	hold_free(nn, &list);
}

void nat64_pool_trim(struct nat64_net *nn, const struct nat64_pool *pool)
{
	struct pool_addr *pa;
	unsigned long index;

	hold_trim(nn, pool);
	xa_for_each(&nn->pool.addrs, index, pa) {
		bool used = READ_ONCE(pa->owner);
		unsigned int l4;

		if (nat64_pool_has_addr(pool, cpu_to_be32(pa->addr)))
			continue;
		for (l4 = 0; l4 < NAT64_L4_OTHER; l4++)
			used |= READ_ONCE(pa->ports[l4].total);
		if (used)
			continue;
		xa_erase_bh(&nn->pool.addrs, index);
		call_rcu(&pa->rcu, addr_free_rcu);
	}
}

bool nat64_pool_has_addr(const struct nat64_pool *pool, __be32 addr)
{
	u32 a = be32_to_cpu(addr), n = pool_upto(pool, a);

	return n && pool->entry[n - 1].reach >= a;
}

bool nat64_pool_has_port(const struct nat64_pool *pool, __be32 addr,
			 enum nat64_l4 l4, __be16 port)
{
	u32 a = be32_to_cpu(addr), p = be16_to_cpu(port), i;

	for (i = pool_upto(pool, a); i-- && pool->entry[i].reach >= a;) {
		const struct nat64_pool_entry *e = &pool->entry[i];

		if (entry_serves(e, a, l4) && entry_min(e, l4) <= p &&
		    p <= e->port_max)
			return true;
	}
	return false;
}

u64 nat64_pool_used(struct nat64_net *nn, const struct nat64_pool_entry *e)
{
	struct pool_addr *pa;
	unsigned long index;
	u64 used = 0;

	xa_for_each_range(&nn->pool.addrs, index, pa, e->first, e->last) {
		unsigned int l4;

		for (l4 = 0; l4 < NAT64_L4_OTHER; l4++) {
			const struct nat64_ports *p = &pa->ports[l4];

			if (!(e->protos & BIT(l4)) || !READ_ONCE(p->map))
				continue;
			used += bitmap_weight(p->map, e->port_max + 1);
			used -= bitmap_weight(p->map, e->port_min);
		}
		cond_resched();
	}
	return used;
}
