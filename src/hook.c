// SPDX-License-Identifier: GPL-2.0
#include "hook.h"

#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/ipv6.h>
#include <linux/nat64.h>
#include <linux/random.h>
#include <linux/tcp.h>
#include <net/gso.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "alg.h"
#include "binding.h"
#include "error.h"
#include "gate.h"
#include "mangle.h"
#include "miss.h"
#include "packet.h"
#include "send.h"
#include "session.h"
#include "translate.h"

/* Super-packets of these kinds change like any other packet. */
#define GSO_PLAIN (SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_UDP_L4 |	\
		   SKB_GSO_DODGY | SKB_GSO_TCP_ECN |			\
		   SKB_GSO_TCP_ACCECN | SKB_GSO_TCP_FIXEDID |		\
		   SKB_GSO_PARTIAL)

typedef unsigned int translate_fn(struct nat64_packet *p);

/* BIG TCP does not fit into the length fields of what it would become. */
static bool gso_is_plain(const struct sk_buff *skb)
{
	return !skb_is_gso(skb) ||
	       (!(skb_shinfo(skb)->gso_type & ~GSO_PLAIN) &&
		skb->len <= U16_MAX);
}

/*
 * What cannot be translated as a super-packet is cut into what was, or will
 * be, on the wire, and each piece goes its way alone.
 */
static unsigned int segment(struct nat64_packet *p, translate_fn *translate)
{
	struct sk_buff *segs = skb_gso_segment(p->skb, 0), *seg, *next;

	if (IS_ERR_OR_NULL(segs)) {
		nat64_count(p->nn, NAT64_CNT_DROP_MEMORY);
		return NF_DROP;
	}
	nat64_count(p->nn, NAT64_CNT_SEGMENTED);
	/* Of a chain that GRO made, the first piece is the packet itself. */
	consume_skb(p->skb);
	skb_list_walk_safe(segs, seg, next) {
		struct nat64_packet piece = {
			.skb = seg,
			.state = p->state,
			.nn = p->nn,
			.cfg = p->cfg,
			.local = p->local,
			.mangled = p->mangled,
			.said = p->said,
		};

		skb_mark_not_on_list(seg);
		if (translate(&piece) != NF_STOLEN)
			kfree_skb(seg);
	}
	return NF_STOLEN;
}

/* RFC 6146 3.5: state machine and lifetime; data keep their control connection. */
static void track(struct nat64_packet *p, struct nat64_session *s, bool from6)
{
	struct nat64_tcp_segment seg;

	if (unlikely(s->flags & NAT64_SESSION_DATA))
		nat64_conn_refresh_master(p->cfg, s);
	if (s->t6.proto == IPPROTO_TCP) {
		nat64_packet_segment(p, &seg);
		nat64_session_tcp(p->nn, p->cfg, s, from6, &seg);
		return;
	}
	if (from6 ||
	    nat64_option(p->cfg, NAT64_OPTION_INBOUND_REFRESH) == NAT64_ON)
		nat64_session_refresh(s, nat64_miss_timeout(p->cfg,
							    s->t6.proto,
							    s->t6.remote_port));
}

/*
 * A packet whose session is known. @onward is a constant of every caller, so
 * that an established flow makes no indirect call.
 */
static __always_inline unsigned int run(struct nat64_packet *p,
					struct nat64_session *s,
					enum nat64_dir dir,
					nat64_onward *onward,
					struct nat64_session *sender)
{
	if (unlikely(s->flags & NAT64_SESSION_ALG))
		return p->mangled & NAT64_MANGLED(sender) ?
			       onward(p, s, sender) :
			       nat64_mangle(p, s, dir, onward, sender);
	track(p, s, dir == NAT64_DIR_64);
	return onward(p, s, sender);
}

static bool clamps_mss(const struct nat64_packet *p)
{
	return p->h.proto == IPPROTO_TCP &&
	       p->h.tcp_flags & NAT64_TCP_SYN &&
	       nat64_option(p->cfg, NAT64_OPTION_MSS_CLAMP) != NAT64_NO;
}

/* MSS of a SYN such that full segments fit on both sides (option mss-clamp) */
static void clamp_mss(struct nat64_packet *p, u32 mtu6, u32 mtu4)
{
	u32 mtu = min(mtu6, mtu4 + sizeof(struct ipv6hdr) -
			    sizeof(struct iphdr));

	nat64_translate_mss(p, min_t(u32, mtu, U16_MAX) -
				       sizeof(struct ipv6hdr) -
				       sizeof(struct tcphdr));
}

static u32 mtu_of_input(const struct nat64_packet *p)
{
	return p->state->in ? READ_ONCE(p->state->in->mtu) : U16_MAX;
}

/* RFC 7915 5.1 and 1.4: what leaves with DF set must fit. */
static int fit_64(struct nat64_packet *p, const struct dst_entry *dst,
		  bool *df, u16 *frag_max)
{
	u32 len4 = sizeof(struct iphdr) + nat64_packet_l4_len(p), mtu4;

	*frag_max = 0;
	*df = false;
	if (p->frag_max) {
		u32 gone = sizeof(struct ipv6hdr) + NAT64_FRAG_HLEN -
			   sizeof(struct iphdr);

		*frag_max = max_t(u32, p->frag_max, gone + 68) - gone;
		return 0;
	}
	if (len4 <= NAT64_DF_ABOVE)
		return 0;
	*df = true;
	mtu4 = ip_dst_mtu_maybe_forward(dst, !p->local);
	if (len4 <= mtu4)
		return 0;
	p->mtu = max_t(u32, mtu4 + sizeof(struct ipv6hdr) -
			    sizeof(struct iphdr), IPV6_MIN_MTU);
	return NAT64_CNT_DROP_TOO_BIG;
}

static unsigned int send_64(struct nat64_packet *p,
			    const struct nat64_session *s,
			    struct dst_entry *dst, bool df, u16 frag_max)
{
	int why = nat64_translate_64(p, s, df);

	if (why)
		return nat64_packet_drop6(p, why);
	nat64_count(p->nn, NAT64_CNT_XLAT_64);
	nat64_send4(p, dst, frag_max);
	return NF_STOLEN;
}

static unsigned int forward_64(struct nat64_packet *p,
			       struct nat64_session *s)
{
	struct dst_entry *dst;
	u16 frag_max;
	int why;
	bool df;

	dst = nat64_send_route4(p, s, s->t4.pool, s->t4.remote);
	if (!dst)
		return nat64_packet_drop6(p, NAT64_CNT_DROP_ROUTE);
	if (unlikely(clamps_mss(p)))
		clamp_mss(p, mtu_of_input(p), dst_mtu(dst));
	why = fit_64(p, dst, &df, &frag_max);
	if (why)
		return nat64_packet_drop6(p, why);
	return send_64(p, s, dst, df, frag_max);
}

/* From the client of session @s to that of session @t. */
static unsigned int forward_66(struct nat64_packet *p,
			       struct nat64_session *t,
			       struct nat64_session *s)
{
	u32 len = sizeof(struct ipv6hdr) + nat64_packet_l4_len(p);
	struct dst_entry *dst;
	int why;

	dst = nat64_send_to_client(p, t);
	if (!dst)
		return nat64_packet_drop6(p, NAT64_CNT_DROP_ROUTE);
	p->mtu = ip6_dst_mtu_maybe_forward(dst, !p->local);
	if (!p->frag_max && len > p->mtu)
		return nat64_packet_drop6(p, NAT64_CNT_DROP_TOO_BIG);
	why = nat64_translate_66(p, s, t);
	if (why)
		return nat64_packet_drop6(p, why);
	nat64_count(p->nn, NAT64_CNT_XLAT_64);
	nat64_count(p->nn, NAT64_CNT_HAIRPIN);
	nat64_send6(p, dst, p->frag_max ? min_t(u32, p->frag_max, p->mtu) : 0,
		    (__force __be32)get_random_u32());
	return NF_STOLEN;
}

/*
 * A gate is open on the ports of a data connection that has ended: the SYN is of
 * the next one, though the session stays for late packets. Clients may use one
 * port for every transfer, and servers have only one (FTP's 20).
 */
static bool is_next_data(const struct nat64_packet *p, struct nat64_session *s,
			 bool from6)
{
	const u8 kind = NAT64_TCP_SYN | NAT64_TCP_ACK | NAT64_TCP_FIN |
			NAT64_TCP_RST;

	if (likely(!(s->flags & NAT64_SESSION_DATA)) ||
	    p->h.proto != IPPROTO_TCP ||
	    (p->h.tcp_flags & kind) != NAT64_TCP_SYN)
		return false;
	if (!(from6 ? nat64_gate_find6(p->nn, &s->t6) :
		      nat64_gate_find4(p->nn, &s->t4)))
		return false;
	return nat64_session_end_closed(p->nn, s);
}

/*
 * RFC 6146 3.8: the destination is a pool address, so the packet comes back
 * at once as one from the IPv4 side.
 */
static unsigned int hairpin(struct nat64_packet *p, struct nat64_session *s)
{
	struct nat64_session tmp = {}, *t;
	struct nat64_tuple4 t4;
	unsigned int verdict;
	int why = 0;

	nat64_session_hairpin(&t4, s);
	t = nat64_session_find4(p->nn, &t4);
	if (!t || is_next_data(p, t, false))
		t = nat64_miss_46(p, &t4, &tmp, &why);
	if (!t)
		return why == NAT64_MISS_PASS ? forward_64(p, s) :
					  nat64_packet_drop6(p, why);
	if (t->binding == s->binding)
		return nat64_packet_drop6(p, NAT64_CNT_DROP_HAIRPIN);
	verdict = t == &tmp ? forward_66(p, t, s) :
			      run(p, t, NAT64_DIR_46, forward_66, s);
	nat64_miss_release(&tmp);
	return verdict;
}

static unsigned int onward_64(struct nat64_packet *p,
			      struct nat64_session *s,
			      struct nat64_session *sender)
{
	return unlikely(s->flags & NAT64_SESSION_HAIRPIN) ?
		       hairpin(p, s) : forward_64(p, s);
}

/* A session that is for one packet only lives here. */
static noinline unsigned int first_64(struct nat64_packet *p,
				      struct nat64_tuple6 *t6)
{
	struct nat64_session tmp, *s;
	unsigned int verdict;
	int why;

	tmp.dst[0] = NULL;
	tmp.dst[1] = NULL;
	s = nat64_miss_64(p, t6, &tmp, &why);
	if (!s && why == NAT64_MISS_PASS) {
		nat64_count(p->nn, NAT64_CNT_PASS_ROUTE);
		return NF_ACCEPT;
	}
	if (!s)
		return nat64_packet_drop6(p, why);
	verdict = s == &tmp ? onward_64(p, s, NULL) :
			      run(p, s, NAT64_DIR_64, onward_64, NULL);
	nat64_miss_release(&tmp);
	return verdict;
}

static __always_inline struct nat64_tuple6 tuple6(const struct nat64_packet *p)
{
	return (struct nat64_tuple6){
		.client = ipv6_hdr(p->skb)->saddr,
		.remote = nat64_address_extract(&p->cfg->prefix[p->prefix],
						&ipv6_hdr(p->skb)->daddr),
		.client_port = p->h.sport,
		.remote_port = p->h.dport,
		.proto = nat64_packet_proto(p),
		.prefix = p->prefix,
	};
}

static unsigned int translate_64(struct nat64_packet *p)
{
	struct nat64_session *s;
	struct nat64_tuple6 t6;
	int why;

	p->prefix = nat64_config_match(p->cfg, &ipv6_hdr(p->skb)->daddr);
	if (p->prefix < 0)
		return NF_ACCEPT;
	if (unlikely(!p->cfg->pool->count)) {
		nat64_count(p->nn, NAT64_CNT_NO_SESSION_6);
		return NF_ACCEPT;
	}
	if (unlikely(!gso_is_plain(p->skb)))
		return segment(p, translate_64);
	why = nat64_packet_parse6(p);
	if (unlikely(why))
		return nat64_packet_drop6(p, why);
	if (unlikely(p->h.icmp_error))
		return nat64_error_64(p);
	if (unlikely(p->h.udp_csum_zero) &&
	    nat64_option(p->cfg, NAT64_OPTION_UDP_ZERO_64) ==
	    NAT64_ZERO64_DROP)
		return nat64_packet_drop6(p, NAT64_CNT_DROP_UDP_ZERO);

	t6 = tuple6(p);
	s = nat64_session_find6(p->nn, &t6);
	if (unlikely(!s) || is_next_data(p, s, true))
		return first_64(p, &t6);
	why = nat64_packet_hops_left(p);
	if (unlikely(why))
		return nat64_packet_drop6(p, why);
	return run(p, s, NAT64_DIR_64, onward_64, NULL);
}

/* What an IPv6 packet must become on its way (RFC 7915 4, 4.1). */
struct fit_46 {
	u16 frag_max; /* 0: it stays whole */
	bool segment;
};

static int fit_46(struct nat64_packet *p, const struct dst_entry *dst,
		  struct fit_46 *fit)
{
	u32 len6 = sizeof(struct ipv6hdr) + nat64_packet_l4_len(p);
	u32 lowest = nat64_option(p->cfg, NAT64_OPTION_LOWEST_MTU);
	u32 grow = sizeof(struct ipv6hdr) - sizeof(struct iphdr);
	u32 mtu6, limit;

	*fit = (struct fit_46){};
	if (len6 <= IPV6_MIN_MTU && !p->frag_max)
		return 0;
	mtu6 = ip6_dst_mtu_maybe_forward(dst, !p->local);
	limit = p->h.df ? mtu6 : min(lowest, mtu6);
	if (p->frag_max) {
		u32 piece = p->frag_max + grow + NAT64_FRAG_HLEN;

		grow += NAT64_FRAG_HLEN;
		if (p->h.df && piece > mtu6)
			goto too_big;
		fit->frag_max = min(piece, limit);
		return 0;
	}
	if (len6 <= limit)
		return 0;
	if (p->h.df)
		goto too_big;
	fit->segment = skb_is_gso(p->skb);
	fit->frag_max = limit;
	return 0;

too_big:
	p->mtu = mtu6 - grow;
	return NAT64_CNT_DROP_TOO_BIG;
}

static unsigned int send_46(struct nat64_packet *p,
			    const struct nat64_session *s,
			    struct dst_entry *dst, u16 frag_max, bool here)
{
	__be32 id = htonl(ntohs(ip_hdr(p->skb)->id));
	int why = nat64_translate_46(p, s, LL_RESERVED_SPACE(dst->dev), !here);

	if (why)
		return nat64_packet_drop4(p, why);
	nat64_count(p->nn, NAT64_CNT_XLAT_46);
	nat64_send6(p, dst, frag_max, id);
	return NF_STOLEN;
}

static unsigned int translate_46(struct nat64_packet *p);

static unsigned int onward_46(struct nat64_packet *p,
			      struct nat64_session *s,
			      struct nat64_session *sender)
{
	struct dst_entry *dst;
	struct fit_46 fit;
	bool here;
	int why;

	dst = nat64_send_to_client(p, s);
	if (!dst)
		return nat64_packet_drop4(p, NAT64_CNT_DROP_ROUTE);
	here = p->local || nat64_send_is_local(dst);
	if (!here && p->h.ttl <= 1)
		return nat64_packet_drop4(p, NAT64_CNT_DROP_HOP_LIMIT);
	if (unlikely(clamps_mss(p)))
		clamp_mss(p, dst_mtu(dst), mtu_of_input(p));
	why = fit_46(p, dst, &fit);
	if (why)
		return nat64_packet_drop4(p, why);
	if (fit.segment)
		return segment(p, translate_46);
	return send_46(p, s, dst, fit.frag_max, here);
}

/* A bad packet for the box itself is the kernel's to refuse. */
static unsigned int refuse_46(struct nat64_packet *p, int why)
{
	if (inet_addr_type(p->nn->net, ip_hdr(p->skb)->daddr) != RTN_LOCAL)
		return nat64_packet_drop4(p, why);
	nat64_count(p->nn, NAT64_CNT_TO_KERNEL);
	return NF_ACCEPT;
}

static noinline unsigned int first_46(struct nat64_packet *p,
				      struct nat64_tuple4 *t4)
{
	struct nat64_session tmp, *s;
	unsigned int verdict;
	int why;

	tmp.dst[0] = NULL;
	tmp.dst[1] = NULL;
	s = nat64_miss_46(p, t4, &tmp, &why);
	if (!s && why == NAT64_MISS_PASS)
		return NF_ACCEPT;
	if (!s && why == NAT64_MISS_TAKEN)
		return NF_DROP;
	if (!s)
		return nat64_packet_drop4(p, why);
	verdict = s == &tmp ? onward_46(p, s, NULL) :
			      run(p, s, NAT64_DIR_46, onward_46, NULL);
	nat64_miss_release(&tmp);
	return verdict;
}

static __always_inline struct nat64_tuple4 tuple4(const struct nat64_packet *p)
{
	return (struct nat64_tuple4){
		.remote = ip_hdr(p->skb)->saddr,
		.pool = ip_hdr(p->skb)->daddr,
		.remote_port = p->h.sport,
		.pool_port = p->h.dport,
		.proto = p->h.proto,
	};
}

static unsigned int translate_46(struct nat64_packet *p)
{
	struct nat64_session *s;
	struct nat64_tuple4 t4;
	int why;

	if (!nat64_pool_has_addr(p->cfg->pool, ip_hdr(p->skb)->daddr))
		return NF_ACCEPT;
	if (unlikely(!gso_is_plain(p->skb)))
		return segment(p, translate_46);
	why = nat64_packet_parse4(p);
	if (unlikely(why))
		return refuse_46(p, why);
	if (unlikely(p->h.icmp_error))
		return nat64_error_46(p);

	t4 = tuple4(p);
	s = nat64_session_find4(p->nn, &t4);
	if (unlikely(p->h.udp_csum_zero && s)) {
		if (nat64_option(p->cfg, NAT64_OPTION_UDP_ZERO_46) ==
		    NAT64_ZERO46_DROP)
			return nat64_packet_drop4(p, NAT64_CNT_DROP_UDP_ZERO);
		if (skb_is_gso(p->skb))
			return segment(p, translate_46);
	}
	if (unlikely(!s) || is_next_data(p, s, false))
		return first_46(p, &t4);
	return run(p, s, NAT64_DIR_46, onward_46, NULL);
}

/* @translate is a constant of every caller, as in run(). */
static __always_inline unsigned int enter(struct sk_buff *skb,
					  const struct nf_hook_state *state,
					  translate_fn *translate)
{
	struct nat64_packet p NAT64_UNINITIALIZED;
	unsigned int verdict;

	/* All but the headers, which are parsed before anybody looks. */
	p.skb = skb;
	p.state = state;
	p.nn = nat64_net(state->net);
	p.local = state->hook == NF_INET_LOCAL_OUT;
	p.prefix = -1;
	p.mtu = 0;
	p.frag_max = 0;
	p.mangled = 0;
	p.cfg = rcu_dereference(p.nn->config);
	if (likely(in_softirq()))
		return translate(&p);
	/* The box's own packets, and those that NFQUEUE sends on. */
	local_bh_disable();
	verdict = translate(&p);
	local_bh_enable();
	return verdict;
}

/*
 * Early translation: a packet of a known flow, or the first datagram of a new
 * one, takes a shortcut from the ingress of its device, around the receive
 * functions of IP. Whatever these or a hook before ours would do with it must be
 * nothing, and the translation must not be able to fail: otherwise it stays as
 * it is and goes the usual way.
 */

/* After the defragmenter, which is always there, is ours the next? */
static bool is_next(const struct nf_hook_entries *e, nf_hookfn *ours)
{
	return e && e->num_hook_entries > 1 && e->hooks[1].hook == ours;
}

/* Would the device hand the packet to IP, and to nobody else? */
static bool is_for_ip(struct sk_buff *skb, const struct net_device *dev)
{
	return skb->pkt_type == PACKET_HOST && !skb_vlan_tag_present(skb) &&
	       !rcu_access_pointer(dev->rx_handler) &&
	       list_empty(&dev->ptype_specific) &&
	       !netif_is_l3_master(dev) && !netif_is_l3_slave(dev) &&
	       !skb_dst(skb) && !skb_sk_is_prefetched(skb) &&
	       (!skb_shared(skb) || !skb_is_nonlinear(skb));
}

/* The headers of TCP or UDP behind @hlen octets into the linear part */
static bool pull(struct sk_buff *skb, unsigned int hlen)
{
	return pskb_may_pull(skb, min_t(unsigned int, skb->len,
					hlen + sizeof(struct tcphdr)));
}

/* Of a flow whose packets need no more than an address and a port? */
static bool is_known(const struct nat64_packet *p,
		     const struct nat64_session *s)
{
	return s && !(s->flags & (NAT64_SESSION_ALG | NAT64_SESSION_HAIRPIN)) &&
	       p->h.ttl > 1 && !p->h.udp_csum_zero &&
	       !(p->h.proto == IPPROTO_TCP && p->h.tcp_flags & NAT64_TCP_SYN);
}

/* What IP would have counted. */
static void received6(const struct nat64_packet *p, struct inet6_dev *idev)
{
	const struct sk_buff *skb = p->skb;
	struct net *net = p->nn->net;

	__IP6_UPD_PO_STATS(net, idev, IPSTATS_MIB_IN, skb->len);
	__IP6_ADD_STATS(net, idev,
			IPSTATS_MIB_NOECTPKTS + (p->h.tos & INET_ECN_MASK),
			skb_shinfo(skb)->gso_segs ?: 1);
}

static void received4(const struct nat64_packet *p)
{
	const struct sk_buff *skb = p->skb;
	struct net *net = p->nn->net;

	__IP_UPD_PO_STATS(net, IPSTATS_MIB_IN, skb->len);
	__IP_ADD_STATS(net, IPSTATS_MIB_NOECTPKTS + (p->h.tos & INET_ECN_MASK),
		       skb_shinfo(skb)->gso_segs ?: 1);
}

/*
 * Whoever else holds the packet (pktgen) keeps it as it is. A clone would have
 * to be copied before it is written to.
 */
static bool own(struct nat64_packet *p)
{
	struct sk_buff *copy;

	if (likely(!skb_shared(p->skb)))
		return true;
	copy = skb_copy(p->skb, GFP_ATOMIC);
	if (copy)
		consume_skb(p->skb);
	else
		kfree_skb(p->skb);
	p->skb = copy;
	return copy;
}

static bool take(struct nat64_packet *p, struct nat64_session *s,
		 enum nat64_dir dir)
{
	if (unlikely(!own(p))) {
		nat64_count(p->nn, NAT64_CNT_DROP_MEMORY);
		return false;
	}
	nat64_count(p->nn, NAT64_CNT_EARLY);
	skb_orphan(p->skb);
	track(p, s, dir == NAT64_DIR_64);
	return true;
}

static bool plain6(struct nat64_packet *p, struct inet6_dev *idev)
{
	struct sk_buff *skb = p->skb;

	if (!idev || READ_ONCE(idev->cnf.disable_ipv6) ||
	    !pskb_may_pull(skb, sizeof(struct ipv6hdr)))
		return false;
	p->prefix = nat64_config_match(p->cfg, &ipv6_hdr(skb)->daddr);
	if (p->prefix < 0 || !p->cfg->pool->count ||
	    !pull(skb, sizeof(struct ipv6hdr)) ||
	    !nat64_header_plain6(skb->data, skb_headlen(skb), skb->len, &p->h))
		return false;
	skb_set_transport_header(skb, p->h.l4_off);
	return true;
}

/*
 * A session for a datagram; what else may open one goes the usual way. So does
 * a source that IPv6 would not have received anything from.
 */
static noinline struct nat64_session *begin_64(struct nat64_packet *p,
					       const struct nat64_tuple6 *t6,
					       int *why)
{
	const struct nat64_bkey6 k6 = nat64_session_bkey6(t6);

	nat64_binding_prefetch6(p->nn, &k6);
	*why = NAT64_MISS_PASS;
	if (p->h.proto != IPPROTO_UDP || p->h.ttl <= 1 ||
	    p->h.udp_csum_zero || !nat64_addr6_source_valid(&t6->client))
		return NULL;
	return nat64_miss_64(p, t6, NULL, why);
}

/* As IPv6 would have received it and the usual way refused it. */
static unsigned int refuse_64(struct nat64_packet *p, struct inet6_dev *idev,
			      int why)
{
	received6(p, idev);
	if (unlikely(!own(p))) {
		nat64_count(p->nn, NAT64_CNT_DROP_MEMORY);
		return NF_STOLEN;
	}
	memset(IP6CB(p->skb), 0, sizeof(*IP6CB(p->skb)));
	IP6CB(p->skb)->iif = p->skb->dev->ifindex;
	nat64_packet_drop6(p, why);
	kfree_skb(p->skb);
	return NF_STOLEN;
}

static unsigned int early_64(struct nat64_packet *p)
{
	struct inet6_dev *idev = __in6_dev_get(p->skb->dev);
	struct nat64_session *s;
	struct nat64_tuple6 t6;
	struct dst_entry *dst;
	u16 frag_max;
	bool df;
	int why;

	if (!plain6(p, idev))
		return NF_ACCEPT;
	t6 = tuple6(p);
	s = nat64_session_find6(p->nn, &t6);
	if (unlikely(!s))
		s = begin_64(p, &t6, &why);
	if (unlikely(!s && why != NAT64_MISS_PASS))
		return refuse_64(p, idev, why);
	if (!is_known(p, s))
		return NF_ACCEPT;
	dst = nat64_send_route4(p, s, s->t4.pool, s->t4.remote);
	if (!dst || fit_64(p, dst, &df, &frag_max))
		return NF_ACCEPT;
	received6(p, idev);
	return take(p, s, NAT64_DIR_64) ?
		       send_64(p, s, dst, df, frag_max) : NF_STOLEN;
}

static bool plain4(struct nat64_packet *p)
{
	struct sk_buff *skb = p->skb;

	if (!pskb_may_pull(skb, sizeof(struct iphdr)) ||
	    !nat64_pool_has_addr(p->cfg->pool, ip_hdr(skb)->daddr) ||
	    !pull(skb, sizeof(struct iphdr)) ||
	    !nat64_header_plain4(skb->data, skb_headlen(skb), skb->len,
				 &p->h) ||
	    ip_fast_csum(skb->data, sizeof(struct iphdr) / 4))
		return false;
	skb_set_transport_header(skb, p->h.l4_off);
	return true;
}

static unsigned int early_46(struct nat64_packet *p)
{
	struct nat64_session *s;
	struct nat64_tuple4 t4;
	struct dst_entry *dst;
	struct fit_46 fit;

	if (!plain4(p))
		return NF_ACCEPT;
	t4 = tuple4(p);
	s = nat64_session_find4(p->nn, &t4);
	if (!is_known(p, s))
		return NF_ACCEPT;
	dst = nat64_send_to_client(p, s);
	if (!dst || nat64_send_is_local(dst) || fit_46(p, dst, &fit) ||
	    fit.frag_max || fit.segment)
		return NF_ACCEPT;
	received4(p);
	return take(p, s, NAT64_DIR_46) ? send_46(p, s, dst, 0, false) :
					  NF_STOLEN;
}

static unsigned int translate_early(struct nat64_packet *p)
{
	struct net *net = p->nn->net;

	if (nat64_option(p->cfg, NAT64_OPTION_EARLY) == NAT64_OFF ||
	    !is_for_ip(p->skb, p->skb->dev) || !gso_is_plain(p->skb))
		return NF_ACCEPT;
	if (p->skb->protocol == htons(ETH_P_IPV6) &&
	    is_next(rcu_dereference(net->nf.hooks_ipv6[NF_INET_PRE_ROUTING]),
		    nat64_hook6))
		return early_64(p);
	if (p->skb->protocol == htons(ETH_P_IP) &&
	    is_next(rcu_dereference(net->nf.hooks_ipv4[NF_INET_PRE_ROUTING]),
		    nat64_hook4))
		return early_46(p);
	return NF_ACCEPT;
}

unsigned int nat64_hook6(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	return enter(skb, state, translate_64);
}

unsigned int nat64_hook4(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	return enter(skb, state, translate_46);
}

unsigned int nat64_hook_early(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	return enter(skb, state, translate_early);
}
