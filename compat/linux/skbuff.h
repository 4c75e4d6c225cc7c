/* SPDX-License-Identifier: GPL-2.0 */
/* Before 6.15 no super-packet was one of accurate ECN. */
#ifndef _NAT64_COMPAT_LINUX_SKBUFF_H
#define _NAT64_COMPAT_LINUX_SKBUFF_H

#include_next <linux/skbuff.h>

#include <linux/netdev_features.h>

#ifndef NETIF_F_GSO_ACCECN
#define SKB_GSO_TCP_ACCECN 0
#endif

#endif /* _NAT64_COMPAT_LINUX_SKBUFF_H */
