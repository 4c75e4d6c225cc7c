/* SPDX-License-Identifier: GPL-2.0 */
/* Events for the netlink group "events" (RFC 8158). */
#ifndef _NAT64_NOTIFY_H
#define _NAT64_NOTIFY_H

#include <linux/in6.h>
#include <linux/nat64.h>
#include <linux/types.h>

struct nat64_binding;
struct nat64_conn;
struct nat64_gate;
struct nat64_net;
struct nat64_session;

void nat64_notify_init(struct nat64_net *nn);

/*
 * All of these return at once if nobody listens, may be called from any
 * context, and lose the event if memory is short (the listener then sees
 * ENOBUFS).
 *
 * Session events are sent only with option log-destinations: without it they
 * would tell what the binding events tell already (RFC 8158 4.6.1), and no
 * event names a server unless asked to (RFC 6888 REQ-12).
 */
void nat64_notify_session(struct nat64_net *nn, const struct nat64_session *s,
			  enum nat64_event event);
void nat64_notify_binding(struct nat64_net *nn, const struct nat64_binding *b,
			  enum nat64_event event);

/* Gates name the server with the same option only. */
void nat64_notify_gate(struct nat64_net *nn, const struct nat64_gate *g,
		       enum nat64_event event);
/** nat64_notify_alg() - an event of a control connection; rate-limited */
void nat64_notify_alg(struct nat64_net *nn, const struct nat64_conn *conn,
		      enum nat64_event event);

/** nat64_notify_exhausted() - no address or port was left; rate-limited */
void nat64_notify_exhausted(struct nat64_net *nn, u8 proto,
			    const struct in6_addr *client,
			    enum nat64_event event);
/** nat64_notify_quota() - a limit was reached; rate-limited */
void nat64_notify_quota(struct nat64_net *nn, u8 proto,
			const struct in6_addr *client, enum nat64_quota quota);

#endif /* _NAT64_NOTIFY_H */
