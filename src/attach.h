/* SPDX-License-Identifier: GPL-2.0 */
/* Registration of the hooks of a namespace. */
#ifndef _NAT64_ATTACH_H
#define _NAT64_ATTACH_H

#include <linux/compiler_attributes.h>

struct nat64_net;
struct netlink_ext_ack;

/**
 * nat64_attach() - start to see the packets of a namespace
 *
 * Switches on defragmentation, which is a module of its own.
 *
 * Context: Process, nn->config_lock held.
 * Return: 0 or -errno with @extack set.
 */
int __must_check nat64_attach(struct nat64_net *nn,
			      struct netlink_ext_ack *extack);

/** nat64_detach() - waits until no packet is inside */
void nat64_detach(struct nat64_net *nn);

#endif /* _NAT64_ATTACH_H */
