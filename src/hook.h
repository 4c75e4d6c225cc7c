/* SPDX-License-Identifier: GPL-2.0 */
/* Where packets enter. */
#ifndef _NAT64_HOOK_H
#define _NAT64_HOOK_H

struct nat64_net;
struct netlink_ext_ack;

/**
 * nat64_hook_register() - start to see the packets of a namespace
 *
 * Switches on defragmentation, which is a module of its own.
 *
 * Context: Process, nn->config_lock held.
 * Return: 0 or -errno with @extack set.
 */
int __must_check nat64_hook_register(struct nat64_net *nn,
				     struct netlink_ext_ack *extack);

/** nat64_hook_unregister() - waits until no packet is inside */
void nat64_hook_unregister(struct nat64_net *nn);

#endif /* _NAT64_HOOK_H */
