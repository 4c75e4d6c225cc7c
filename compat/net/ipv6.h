/* SPDX-License-Identifier: GPL-2.0 */
/* Before 6.6 IPv6 counted only packets of this box as sent. */
#ifndef _NAT64_COMPAT_NET_IPV6_H
#define _NAT64_COMPAT_NET_IPV6_H

#include_next <net/ipv6.h>

#include <linux/version.h>

static inline void nat64_count_sent6(struct net *net, struct inet6_dev *idev,
				     unsigned int len)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	__IP6_UPD_PO_STATS(net, idev, IPSTATS_MIB_OUT, len);
#endif
}

#endif /* _NAT64_COMPAT_NET_IPV6_H */
