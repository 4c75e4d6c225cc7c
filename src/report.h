/* SPDX-License-Identifier: GPL-2.0 */
/* Objects as netlink attributes. */
#ifndef _NAT64_REPORT_H
#define _NAT64_REPORT_H

struct nat64_binding;
struct nat64_config;
struct nat64_session;
struct sk_buff;

/*
 * Context: RCU read side. Return: 0 or -EMSGSIZE, with part of the attributes
 * in the message.
 */

/** nat64_report_binding() - both sides and the flags of a binding */
int nat64_report_binding(struct sk_buff *skb, const struct nat64_binding *b);

/** nat64_report_session() - all sides, state and flags of a session */
int nat64_report_session(struct sk_buff *skb, const struct nat64_config *cfg,
			 const struct nat64_session *s);

#endif /* _NAT64_REPORT_H */
