// SPDX-License-Identifier: GPL-2.0
#include "frag.h"

#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/dst.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>

#include "header.h"
#include "netns.h"

/* The control block of a marked packet; netfilter keeps it. */
struct frag_cb {
	struct inet6_skb_parm parm;
	__be32 id;
	u16 max;
};

static struct frag_cb *frag_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct frag_cb) > sizeof(skb->cb));
	return (struct frag_cb *)skb->cb;
}

void nat64_frag_mark(struct sk_buff *skb, u16 max, __be32 id)
{
	frag_cb(skb)->max = max;
	frag_cb(skb)->id = id;
}

int nat64_frag_output(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct nat64_net *nn = nat64_net(net);
	struct frag_cb cb = *frag_cb(skb);
	struct dst_entry *dst = skb_dst(skb);
	struct ip6_frag_state state;
	u8 proto = ipv6_hdr(skb)->nexthdr;
	struct sk_buff *frag;
	int err;

	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		goto drop;
	nat64_count(nn, NAT64_CNT_FRAGMENTED_6);
	ip6_frag_init(skb, sizeof(struct ipv6hdr),
		      cb.max - sizeof(struct ipv6hdr) - NAT64_FRAG_HLEN,
		      dst->dev->needed_tailroom,
		      LL_RESERVED_SPACE(dst->dev),
		      &ipv6_hdr(skb)->nexthdr, proto, cb.id, &state);
	while (state.left > 0) {
		frag = ip6_frag_next(skb, &state);
		if (IS_ERR(frag))
			goto drop;
		*(struct inet6_skb_parm *)frag->cb = cb.parm;
		nf_ct_set(frag, NULL, IP_CT_UNTRACKED);
		err = dst_output(net, sk, frag);
		if (err)
			break;
	}
	consume_skb(skb);
	return 0;
drop:
	nat64_count(nn, NAT64_CNT_DROP_MEMORY);
	kfree_skb(skb);
	return 0;
}
