/* SPDX-License-Identifier: GPL-2.0 */
/* Objects as netlink attributes. */
#ifndef _NAT64_REPORT_H
#define _NAT64_REPORT_H

#include <linux/types.h>

struct nat64_binding;
struct nat64_config;
struct nat64_conn;
struct nat64_gate;
struct nat64_session;
struct sk_buff;

/*
 * Context: RCU read side. Return: 0 or -EMSGSIZE, with part of the attributes
 * in the message.
 */

/** nat64_report_binding() - both sides and the flags of a binding */
int nat64_report_binding(struct sk_buff *skb, const struct nat64_binding *b);

/** nat64_report_session() - all sides, state, flags and owner of a session */
int nat64_report_session(struct sk_buff *skb, const struct nat64_config *cfg,
			 const struct nat64_session *s);

/**
 * nat64_report_gate() - who may open a flow to where, and for whom
 * @remote: name the server as well
 */
int nat64_report_gate(struct sk_buff *skb, const struct nat64_gate *g,
		      bool remote);

/** nat64_report_conn() - a control connection, without its server */
int nat64_report_conn(struct sk_buff *skb, const struct nat64_conn *conn);

#endif /* _NAT64_REPORT_H */
