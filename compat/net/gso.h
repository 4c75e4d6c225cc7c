/* SPDX-License-Identifier: GPL-2.0 */
/* Before 6.5 segmentation was declared in linux/netdevice.h. */
#ifndef _NAT64_COMPAT_NET_GSO_H
#define _NAT64_COMPAT_NET_GSO_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#include <linux/netdevice.h>
#else
#include_next <net/gso.h>
#endif

#endif /* _NAT64_COMPAT_NET_GSO_H */
