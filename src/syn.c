// SPDX-License-Identifier: GPL-2.0
#include "syn.h"

#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/ip.h>

#include "config.h"
#include "expire.h"
#include "hash.h"
#include "netns.h"
#include "send.h"

/* What an ICMP error may quote (RFC 1812 4.3.2.3), and so is kept. */
#define SYN_QUOTE 548

struct syn {
	struct hlist_node node;
	struct list_head list;
	struct nat64_tuple4 t4;
	u32 due;
	struct sk_buff *skb;
};

static struct hlist_head *bucket_of(struct nat64_net *nn,
				    const struct nat64_tuple4 *t4)
{
	u32 hash = nat64_hash(t4, sizeof(*t4), 0);

	return &nn->syns.bucket[hash % NAT64_SYN_BUCKETS];
}

static struct syn *syn_find(struct nat64_net *nn,
			    const struct nat64_tuple4 *t4)
{
	struct syn *syn;

	hlist_for_each_entry(syn, bucket_of(nn, t4), node)
		if (!memcmp(&syn->t4, t4, sizeof(*t4)))
			return syn;
	return NULL;
}

static void syn_unlink(struct nat64_net *nn, struct syn *syn)
{
	hlist_del(&syn->node);
	list_del(&syn->list);
}

static void syn_free(struct syn *syn)
{
	kfree_skb(syn->skb);
	kfree(syn);
}

/* It is counted until it is answered: it takes memory, and a frame may come. */
static void syn_drop(struct nat64_net *nn, struct syn *syn)
{
	syn_free(syn);
	spin_lock_bh(&nn->syns.lock);
	WRITE_ONCE(nn->syns.count, nn->syns.count - 1);
	spin_unlock_bh(&nn->syns.lock);
}

void nat64_syn_init(struct nat64_net *nn)
{
	spin_lock_init(&nn->syns.lock);
	INIT_LIST_HEAD(&nn->syns.queue);
}

/* The oldest SYN, if its time is over or @all are to go. */
static struct syn *syn_pop(struct nat64_net *nn, bool all)
{
	struct syn *syn;

	spin_lock_bh(&nn->syns.lock);
	syn = list_first_entry_or_null(&nn->syns.queue, struct syn, list);
	if (syn && !all && (s32)(syn->due - nat64_now()) > 0)
		syn = NULL;
	if (syn)
		syn_unlink(nn, syn);
	spin_unlock_bh(&nn->syns.lock);
	return syn;
}

void nat64_syn_flush(struct nat64_net *nn)
{
	struct syn *syn;

	while ((syn = syn_pop(nn, true)))
		syn_drop(nn, syn);
}

static struct syn *syn_new(const struct nat64_config *cfg,
			   const struct nat64_tuple4 *t4, struct sk_buff *skb)
{
	struct syn *syn = kmalloc(sizeof(*syn), GFP_ATOMIC | __GFP_NOWARN);
	unsigned int len = min_t(unsigned int, skb->len, SYN_QUOTE);

	if (!syn)
		return NULL;
	syn->skb = alloc_skb(LL_MAX_HEADER + len, GFP_ATOMIC | __GFP_NOWARN);
	if (!syn->skb)
		goto free;
	skb_reserve(syn->skb, LL_MAX_HEADER);
	skb_reset_network_header(syn->skb);
	if (skb_copy_bits(skb, 0, skb_put(syn->skb, len), len))
		goto free_skb;
	skb_set_transport_header(syn->skb, ip_hdrlen(syn->skb));
	syn->skb->protocol = htons(ETH_P_IP);
	syn->skb->mark = skb->mark;
	syn->t4 = *t4;
	syn->due = nat64_now() + cfg->timeout[NAT64_TIMEOUT_TCP_SYN];
	return syn;

free_skb:
	kfree_skb(syn->skb);
free:
	kfree(syn);
	return NULL;
}

int nat64_syn_store(struct nat64_net *nn, const struct nat64_config *cfg,
		    const struct nat64_tuple4 *t4, struct sk_buff *skb)
{
	struct syn *syn;
	int err = 0;

	if (READ_ONCE(nn->syns.count) >= cfg->limit[NAT64_LIMIT_STORED_SYNS])
		return -ENOSPC;
	syn = syn_new(cfg, t4, skb);
	if (!syn)
		return -ENOMEM;
	spin_lock(&nn->syns.lock);
	if (syn_find(nn, t4)) {
		/* A retransmission does not prolong the wait. */
		err = -EEXIST;
	} else if (nn->syns.count >= cfg->limit[NAT64_LIMIT_STORED_SYNS]) {
		err = -ENOSPC;
	} else {
		hlist_add_head(&syn->node, bucket_of(nn, t4));
		list_add_tail(&syn->list, &nn->syns.queue);
		WRITE_ONCE(nn->syns.count, nn->syns.count + 1);
		syn = NULL;
	}
	spin_unlock(&nn->syns.lock);
	if (syn)
		syn_free(syn);
	return err;
}

bool nat64_syn_match(struct nat64_net *nn, const struct nat64_tuple4 *t4)
{
	struct syn *syn;

	if (!READ_ONCE(nn->syns.count))
		return false;
	spin_lock(&nn->syns.lock);
	syn = syn_find(nn, t4);
	if (syn)
		syn_unlink(nn, syn);
	spin_unlock(&nn->syns.lock);
	if (!syn)
		return false;
	syn_drop(nn, syn);
	nat64_count(nn, NAT64_CNT_SYN_MATCHED);
	return true;
}

void nat64_syn_expire(struct nat64_net *nn)
{
	struct syn *syn;

	while ((syn = syn_pop(nn, false))) {
		local_bh_disable();
		rcu_read_lock();
		nat64_count(nn, NAT64_CNT_SYN_EXPIRED);
		nat64_send_icmp4(nn, syn->skb, ICMP_DEST_UNREACH,
				 ICMP_PORT_UNREACH, 0);
		rcu_read_unlock();
		local_bh_enable();
		syn_drop(nn, syn);
		cond_resched();
	}
}
