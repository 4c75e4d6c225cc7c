/* SPDX-License-Identifier: GPL-2.0 */
/* Before 6.5 segmentation was declared in linux/netdevice.h. */
#ifndef _NAT64_COMPAT_NET_GSO_H
#define _NAT64_COMPAT_NET_GSO_H

#include <linux/netdevice.h>

#endif /* _NAT64_COMPAT_NET_GSO_H */
