/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NAT64_NETLINK_H
#define _NAT64_NETLINK_H

#include <net/genetlink.h>

extern struct genl_family nat64_genl_family;

int __init nat64_netlink_init(void);
void nat64_netlink_exit(void);

#endif /* _NAT64_NETLINK_H */
