/* SPDX-License-Identifier: GPL-2.0 */
/* Where packets enter, and their way from there. */
#ifndef _NAT64_HOOK_H
#define _NAT64_HOOK_H

struct nf_hook_state;
struct sk_buff;

/** nat64_hook6() - netfilter hook for IPv6 packets */
unsigned int nat64_hook6(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state);

/** nat64_hook4() - netfilter hook for IPv4 packets */
unsigned int nat64_hook4(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state);

/**
 * nat64_hook_early() - netfilter hook at the ingress of a device
 *
 * Translates plain packets of known flows and the first datagrams of new ones,
 * or refuses these; leaves all others, unchanged, to the hooks above.
 */
unsigned int nat64_hook_early(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state);

#endif /* _NAT64_HOOK_H */
