// SPDX-License-Identifier: GPL-2.0
#include "send.h"

#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/tcp.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>

#include "frag.h"
#include "netns.h"
#include "packet.h"

static struct dst_entry *cache_get4(struct nat64_session *s)
{
	struct dst_entry *dst;

	if (!s)
		return NULL;
	dst = rcu_dereference(s->dst[NAT64_DIR_64]);
	return dst ? dst_check(dst, 0) : NULL;
}

/*
 * A reader may see the new route with the old cookie or the reverse; then
 * dst_check() fails and the route is looked up once more.
 */
static struct dst_entry *cache_get6(struct nat64_session *s)
{
	struct dst_entry *dst;

	if (!s)
		return NULL;
	dst = rcu_dereference(s->dst[NAT64_DIR_46]);
	return dst ? dst_check(dst, READ_ONCE(s->cookie)) : NULL;
}

static void cache_set(struct nat64_session *s, enum nat64_dir dir,
		      struct dst_entry *dst)
{
	struct dst_entry *old;

	old = unrcu_pointer(xchg(&s->dst[dir], RCU_INITIALIZER(dst)));
	dst_release(old);
}

static int master_ifindex(const struct nat64_packet *p)
{
	const struct net_device *dev = p->state->in ?: p->state->out;

	return dev ? l3mdev_master_ifindex_rcu(dev) : 0;
}

static noinline struct dst_entry *lookup4(struct nat64_packet *p,
					  struct nat64_session *s,
					  __be32 saddr, __be32 daddr)
{
	struct flowi4 fl4 = {
		.saddr = saddr,
		.daddr = daddr,
		.flowi4_mark = p->skb->mark,
		.flowi4_oif = master_ifindex(p),
		/* A pool address need not be configured on any interface. */
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
	};
	struct rtable *rt = ip_route_output_key(p->nn->net, &fl4);

	if (IS_ERR(rt))
		return NULL;
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		ip_rt_put(rt);
		return NULL;
	}
	if (s)
		cache_set(s, NAT64_DIR_64, &rt->dst);
	return &rt->dst;
}

struct dst_entry *nat64_send_route4(struct nat64_packet *p,
				    struct nat64_session *s, __be32 saddr,
				    __be32 daddr)
{
	struct dst_entry *dst = cache_get4(s);

	return likely(dst) ? dst : lookup4(p, s, saddr, daddr);
}

static noinline struct dst_entry *lookup6(struct nat64_packet *p,
					  struct nat64_session *s,
					  const struct in6_addr *saddr,
					  const struct in6_addr *daddr)
{
	struct flowi6 fl6 = {
		.saddr = *saddr,
		.daddr = *daddr,
		.flowi6_mark = p->skb->mark,
		.flowi6_oif = master_ifindex(p),
		.flowi6_flags = FLOWI_FLAG_ANYSRC,
	};
	struct dst_entry *dst = ip6_route_output(p->nn->net, NULL, &fl6);

	if (dst->error) {
		dst_release(dst);
		return NULL;
	}
	if (s) {
		WRITE_ONCE(s->cookie, rt6_get_cookie((struct rt6_info *)dst));
		cache_set(s, NAT64_DIR_46, dst);
	}
	return dst;
}

struct dst_entry *nat64_send_route6(struct nat64_packet *p,
				    struct nat64_session *s,
				    const struct in6_addr *saddr,
				    const struct in6_addr *daddr)
{
	struct dst_entry *dst = cache_get6(s);

	return likely(dst) ? dst : lookup6(p, s, saddr, daddr);
}

static noinline struct dst_entry *lookup_client(struct nat64_packet *p,
						struct nat64_session *s)
{
	struct in6_addr src;

	nat64_address_embed(&p->cfg->prefix[s->t6.prefix], s->t6.remote, &src);
	return lookup6(p, s, &src, &s->t6.client);
}

struct dst_entry *nat64_send_to_client(struct nat64_packet *p,
				       struct nat64_session *s)
{
	struct dst_entry *dst = cache_get6(s);

	return likely(dst) ? dst : lookup_client(p, s);
}

bool nat64_send_is_local(const struct dst_entry *dst)
{
	return dst->dev->flags & IFF_LOOPBACK;
}

bool nat64_send_specific6(const struct nat64_packet *p)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(p->skb);
	struct flowi6 fl6 = {
		.saddr = ip6->saddr,
		.daddr = ip6->daddr,
		.flowi6_mark = p->skb->mark,
		.flowi6_iif = p->state->in ? p->state->in->ifindex :
					     LOOPBACK_IFINDEX,
	};
	const struct fib6_info *from;
	struct dst_entry *dst;
	bool specific = false;

	dst = ip6_route_lookup(p->nn->net, &fl6, p->skb, 0);
	if (!dst->error) {
		from = rcu_dereference(((struct rt6_info *)dst)->from);
		specific = from && from->fib6_dst.plen >
				   p->cfg->prefix[p->prefix].len;
	}
	dst_release(dst);
	return specific;
}

/* What belongs to the packet's former life must not leak into its new one. */
static void scrub(struct sk_buff *skb, struct dst_entry *dst)
{
	skb_scrub_packet(skb, false);
	skb_dst_set_noref(skb, dst);
	/* Not "invalid" for the firewall, and no work for conntrack. */
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	/* A receive time is no departure time (the fq qdisc would drop). */
	skb_clear_tstamp(skb);
	/* The link header, if there is one, no longer precedes the packet. */
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);
	memset(skb->cb, 0, sizeof(skb->cb));
}

static void forward(struct nat64_packet *p, u8 pf, struct dst_entry *dst,
		    int (*okfn)(struct net *, struct sock *, struct sk_buff *))
{
	struct net *net = p->nn->net;

	if (p->local)
		NF_HOOK(pf, NF_INET_LOCAL_OUT, net, p->skb->sk, p->skb, NULL,
			dst->dev, okfn);
	else if (nat64_send_is_local(dst))
		okfn(net, NULL, p->skb);
	else
		NF_HOOK(pf, NF_INET_FORWARD, net, NULL, p->skb, p->state->in,
			dst->dev, okfn);
}

/*
 * From here on the output functions of IP, without what they do for others: a
 * packet that no hook waits for, and that needs neither fragmenting nor a
 * larger head, goes to its neighbour.
 */
static bool goes_straight(const struct nat64_packet *p,
			  struct nf_hook_entries __rcu *const *hooks,
			  const struct dst_entry *dst)
{
	return !p->local && !rcu_access_pointer(hooks[NF_INET_FORWARD]) &&
	       !rcu_access_pointer(hooks[NF_INET_POST_ROUTING]) &&
	       !dst->lwtstate && !skb_is_gso(p->skb) &&
	       skb_headroom(p->skb) >= LL_RESERVED_SPACE(dst->dev);
}

static bool straight4(const struct nat64_packet *p, struct dst_entry *dst)
{
	struct rtable *rt = container_of(dst, struct rtable, dst);
	struct net *net = p->nn->net;
	struct sk_buff *skb = p->skb;
	struct neighbour *neigh;
	bool is_v6gw = false;

	if (!goes_straight(p, net->nf.hooks_ipv4, dst) ||
	    dst->output != ip_output ||
	    skb->len > ip_dst_mtu_maybe_forward(dst, true))
		return false;
	neigh = ip_neigh_for_gw(rt, skb, &is_v6gw);
	if (IS_ERR(neigh))
		return false;
	__IP_UPD_PO_STATS(net, IPSTATS_MIB_OUT, skb->len);
	skb->dev = dst->dev;
	neigh_output(neigh, skb, is_v6gw);
	return true;
}

static bool straight6(const struct nat64_packet *p, struct dst_entry *dst)
{
	struct rt6_info *rt = container_of(dst, struct rt6_info, dst);
	struct inet6_dev *idev = ip6_dst_idev(dst);
	struct net *net = p->nn->net;
	struct sk_buff *skb = p->skb;
	struct neighbour *neigh;

	if (!goes_straight(p, net->nf.hooks_ipv6, dst) ||
	    dst->output != ip6_output ||
	    !idev || READ_ONCE(idev->cnf.disable_ipv6) ||
	    (skb->len > IPV6_MIN_MTU && skb->len > dst_mtu(dst)))
		return false;
	neigh = __ipv6_neigh_lookup_noref(dst->dev,
					  rt6_nexthop(rt, &ipv6_hdr(skb)->daddr));
	if (!neigh)
		return false;
	nat64_count_sent6(net, idev, skb->len);
	skb->dev = dst->dev;
	neigh_output(neigh, skb, false);
	return true;
}

void nat64_send4(struct nat64_packet *p, struct dst_entry *dst, u16 frag_max)
{
	struct sk_buff *skb = p->skb;

	scrub(skb, dst);
	skb->protocol = htons(ETH_P_IP);
	if (!frag_max && straight4(p, dst))
		return;
	IPCB(skb)->frag_max_size = frag_max;
	if (!p->local)
		IPCB(skb)->flags = IPSKB_FORWARDED;
	forward(p, NFPROTO_IPV4, dst, dst_output);
}

void nat64_send6(struct nat64_packet *p, struct dst_entry *dst, u16 frag_max,
		 __be32 frag_id)
{
	struct sk_buff *skb = p->skb;

	scrub(skb, dst);
	skb->protocol = htons(ETH_P_IPV6);
	if (!frag_max && straight6(p, dst))
		return;
	if (!p->local)
		IP6CB(skb)->flags = IP6SKB_FORWARDED;
	if (frag_max) {
		nat64_frag_mark(skb, frag_max, frag_id);
		forward(p, NFPROTO_IPV6, dst, nat64_frag_output);
	} else {
		forward(p, NFPROTO_IPV6, dst, dst_output);
	}
}

void nat64_send_error6(struct nat64_packet *p, u8 type, u8 code, u32 info)
{
	struct net_device *dev = p->skb->dev;

	/* A packet of our own has no device yet. */
	if (!dev)
		p->skb->dev = (struct net_device *)p->state->out;
	icmpv6_send(p->skb, type, code, info);
	p->skb->dev = dev;
	nat64_count(p->nn, NAT64_CNT_ICMP_SENT);
}

void nat64_send_icmp4(struct nat64_net *nn, struct sk_buff *skb, u8 type,
		      u8 code, u32 info)
{
	struct flowi4 fl4 = {
		.daddr = ip_hdr(skb)->saddr,
		.flowi4_mark = skb->mark,
	};
	bool routed = skb_dst(skb);
	struct rtable *rt;

	/* icmp_send() wants a packet with a route; the way back is one. */
	if (!routed) {
		rt = ip_route_output_key(nn->net, &fl4);
		if (IS_ERR(rt))
			return;
		skb_dst_set(skb, &rt->dst);
	}
	icmp_send(skb, type, code, htonl(info));
	if (!routed)
		skb_dst_drop(skb);
	nat64_count(nn, NAT64_CNT_ICMP_SENT);
}

void nat64_send_error4(struct nat64_packet *p, u8 type, u8 code, u32 info)
{
	nat64_send_icmp4(p->nn, p->skb, type, code, info);
}

static struct sk_buff *probe_build(const struct nat64_config *cfg,
				   const struct nat64_session *s)
{
	unsigned int len = sizeof(struct ipv6hdr) + sizeof(struct tcphdr);
	struct sk_buff *skb = alloc_skb(LL_MAX_HEADER + len, GFP_ATOMIC);
	struct ipv6hdr *ip6;
	struct tcphdr *th;

	if (!skb)
		return NULL;
	skb_reserve(skb, LL_MAX_HEADER);
	skb_reset_network_header(skb);
	ip6 = skb_put_zero(skb, sizeof(*ip6));
	ip6->version = 6;
	ip6->payload_len = htons(sizeof(*th));
	ip6->nexthdr = IPPROTO_TCP;
	ip6->hop_limit = IPDEFTTL;
	nat64_address_embed(&cfg->prefix[s->t6.prefix], s->t6.remote,
			    &ip6->saddr);
	ip6->daddr = s->t6.client;
	skb_set_transport_header(skb, sizeof(*ip6));
	th = skb_put_zero(skb, sizeof(*th));
	th->source = s->t6.remote_port;
	th->dest = s->t6.client_port;
	th->doff = sizeof(*th) / 4;
	th->ack = 1;
	th->check = csum_ipv6_magic(&ip6->saddr, &ip6->daddr, sizeof(*th),
				    IPPROTO_TCP,
				    csum_partial(th, sizeof(*th), 0));
	return skb;
}

void nat64_send_probe(struct nat64_net *nn, const struct nat64_config *cfg,
		      const struct nat64_session *s)
{
	const struct nf_hook_state state = { .net = nn->net };
	struct nat64_packet p = {
		.state = &state,
		.nn = nn,
		.cfg = cfg,
		.local = true,
	};
	struct dst_entry *dst;

	if (!cfg->prefix[s->t6.prefix].len)
		return;
	p.skb = probe_build(cfg, s);
	if (!p.skb)
		return;
	dst = nat64_send_route6(&p, NULL, &ipv6_hdr(p.skb)->saddr,
				&s->t6.client);
	if (!dst) {
		kfree_skb(p.skb);
		return;
	}
	nat64_count(nn, NAT64_CNT_PROBES);
	nat64_send6(&p, dst, 0, 0);
	dst_release(dst);
}

#define ACK_OPTIONS (TCPOLEN_TIMESTAMP + 2)

static void ack_write(struct tcphdr *th, const struct tcphdr *to,
		      const struct nat64_ack *ack)
{
	u8 *opt = (u8 *)(th + 1);

	th->source = to->dest;
	th->dest = to->source;
	th->seq = htonl(ack->seq);
	th->ack_seq = htonl(ack->ack);
	th->doff = sizeof(*th) / 4;
	th->ack = 1;
	th->window = ack->window;
	if (!ack->has_ts)
		return;
	th->doff += ACK_OPTIONS / 4;
	opt[0] = TCPOPT_NOP;
	opt[1] = TCPOPT_NOP;
	opt[2] = TCPOPT_TIMESTAMP;
	opt[3] = TCPOLEN_TIMESTAMP;
	nat64_store_be32(ack->tsval, opt + 4);
	nat64_store_be32(ack->tsecr, opt + 8);
}

static void ack_head6(struct sk_buff *skb, const struct ipv6hdr *to,
		      struct tcphdr *th, unsigned int len)
{
	struct ipv6hdr *ip6 = ipv6_hdr(skb);

	ip6->version = 6;
	ip6->payload_len = htons(len);
	ip6->nexthdr = IPPROTO_TCP;
	ip6->hop_limit = IPDEFTTL;
	ip6->saddr = to->daddr;
	ip6->daddr = to->saddr;
	th->check = csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, IPPROTO_TCP,
				    csum_partial(th, len, 0));
}

static void ack_head4(struct net *net, struct sk_buff *skb,
		      const struct iphdr *to, struct tcphdr *th,
		      unsigned int len)
{
	struct iphdr *iph = ip_hdr(skb);

	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tot_len = htons(skb->len);
	iph->ttl = IPDEFTTL;
	iph->protocol = IPPROTO_TCP;
	iph->saddr = to->daddr;
	iph->daddr = to->saddr;
	__ip_select_ident(net, iph, 1);
	ip_send_check(iph);
	th->check = csum_tcpudp_magic(iph->saddr, iph->daddr, len, IPPROTO_TCP,
				      csum_partial(th, len, 0));
}

static struct sk_buff *ack_build(const struct nat64_packet *p, bool v6,
				 const struct nat64_ack *ack)
{
	unsigned int hlen = v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	unsigned int len = sizeof(struct tcphdr) +
			   (ack->has_ts ? ACK_OPTIONS : 0);
	struct sk_buff *skb = alloc_skb(LL_MAX_HEADER + hlen + len,
					GFP_ATOMIC | __GFP_NOWARN);
	struct tcphdr *th;

	if (!skb)
		return NULL;
	skb_reserve(skb, LL_MAX_HEADER);
	skb_reset_network_header(skb);
	skb_put_zero(skb, hlen);
	skb_set_transport_header(skb, hlen);
	th = skb_put_zero(skb, len);
	skb->mark = p->skb->mark;
	ack_write(th, tcp_hdr(p->skb), ack);
	if (v6)
		ack_head6(skb, ipv6_hdr(p->skb), th, len);
	else
		ack_head4(p->nn->net, skb, ip_hdr(p->skb), th, len);
	return skb;
}

void nat64_send_ack(const struct nat64_packet *p, const struct nat64_ack *ack)
{
	bool v6 = p->skb->protocol == htons(ETH_P_IPV6);
	struct nat64_packet out = *p;
	struct dst_entry *dst;

	out.skb = ack_build(p, v6, ack);
	if (!out.skb)
		return;
	/* It is the box's own, in the place of another host. */
	out.local = true;
	if (v6)
		dst = nat64_send_route6(&out, NULL, &ipv6_hdr(out.skb)->saddr,
					&ipv6_hdr(out.skb)->daddr);
	else
		dst = nat64_send_route4(&out, NULL, ip_hdr(out.skb)->saddr,
					ip_hdr(out.skb)->daddr);
	if (!dst) {
		kfree_skb(out.skb);
		return;
	}
	nat64_count(p->nn, NAT64_CNT_ALG_ACKS);
	if (v6)
		nat64_send6(&out, dst, 0, 0);
	else
		nat64_send4(&out, dst, 0);
	dst_release(dst);
}
