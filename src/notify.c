// SPDX-License-Identifier: GPL-2.0
#include "notify.h"

#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <net/netlink.h>
#include "netlink.h"
#include "netns.h"
#include "report.h"

#define NOTIFY_BURST 10 /* events about exhaustion and quotas per second */
#define EVENT_SIZE 256 /* more than the attributes of a session take */

void nat64_notify_init(struct nat64_net *nn)
{
	ratelimit_state_init(&nn->event_limit, HZ, NOTIFY_BURST);
	/* Without it the kernel's log would tell what was held back. */
	ratelimit_set_flags(&nn->event_limit, RATELIMIT_MSG_ON_RELEASE);
}

static bool heard(const struct nat64_net *nn)
{
	return genl_has_listeners(&nat64_genl_family, nn->net, 0);
}

/* A message about @event, or NULL. */
static struct sk_buff *event_begin(enum nat64_event event, void **head)
{
	struct sk_buff *skb = genlmsg_new(EVENT_SIZE, GFP_ATOMIC);

	if (!skb)
		return NULL;
	*head = genlmsg_put(skb, 0, 0, &nat64_genl_family, 0,
			    NAT64_CMD_EVENT);
	if (*head && !nla_put_u8(skb, NAT64_A_EVENT, event) &&
	    !nla_put_u64_64bit(skb, NAT64_A_TIMESTAMP_MS,
			       ktime_to_ms(ktime_get_real()), NAT64_A_PAD))
		return skb;
	nlmsg_free(skb);
	return NULL;
}

static void event_end(const struct nat64_net *nn, struct sk_buff *skb,
		      void *head)
{
	genlmsg_end(skb, head);
	genlmsg_multicast_netns(&nat64_genl_family, nn->net, skb, 0, 0,
				GFP_ATOMIC);
}

static void event_lost(const struct nat64_net *nn, struct sk_buff *skb)
{
	nlmsg_free(skb);
	genl_set_err(&nat64_genl_family, nn->net, 0, 0, -ENOBUFS);
}

void nat64_notify_session(struct nat64_net *nn, const struct nat64_session *s,
			  enum nat64_event event)
{
	const struct nat64_config *cfg;
	struct sk_buff *skb;
	void *head;

	if (!heard(nn))
		return;
	rcu_read_lock();
	cfg = rcu_dereference(nn->config);
	if (!cfg || nat64_option(cfg, NAT64_OPTION_LOG_REMOTE) == NAT64_NO)
		goto unlock;
	skb = event_begin(event, &head);
	if (skb && !nat64_report_session(skb, cfg, s))
		event_end(nn, skb, head);
	else
		event_lost(nn, skb);
unlock:
	rcu_read_unlock();
}

void nat64_notify_binding(struct nat64_net *nn, const struct nat64_binding *b,
			  enum nat64_event event)
{
	struct sk_buff *skb;
	void *head;

	if (!heard(nn))
		return;
	skb = event_begin(event, &head);
	if (skb && !nat64_report_binding(skb, b))
		event_end(nn, skb, head);
	else
		event_lost(nn, skb);
}

static bool names_servers(struct nat64_net *nn)
{
	const struct nat64_config *cfg;
	bool yes;

	rcu_read_lock();
	cfg = rcu_dereference(nn->config);
	yes = cfg && nat64_option(cfg, NAT64_OPTION_LOG_REMOTE) == NAT64_YES;
	rcu_read_unlock();
	return yes;
}

void nat64_notify_gate(struct nat64_net *nn, const struct nat64_gate *g,
		       enum nat64_event event)
{
	struct sk_buff *skb;
	void *head;

	if (!heard(nn))
		return;
	skb = event_begin(event, &head);
	if (skb && !nat64_report_gate(skb, g, names_servers(nn)))
		event_end(nn, skb, head);
	else
		event_lost(nn, skb);
}

void nat64_notify_alg(struct nat64_net *nn, const struct nat64_conn *conn,
		      enum nat64_event event)
{
	struct sk_buff *skb;
	void *head;

	if (!heard(nn) || !__ratelimit(&nn->event_limit))
		return;
	skb = event_begin(event, &head);
	if (skb && !nat64_report_conn(skb, conn))
		event_end(nn, skb, head);
	else
		event_lost(nn, skb);
}

/* An event about a client that got nothing; @quota is 0 if it does not apply. */
static void notify_client(struct nat64_net *nn, u8 proto,
			  const struct in6_addr *client,
			  enum nat64_event event, u8 quota)
{
	struct sk_buff *skb;
	void *head;

	if (!heard(nn) || !__ratelimit(&nn->event_limit))
		return;
	skb = event_begin(event, &head);
	if (skb && !(proto && nla_put_u8(skb, NAT64_A_PROTO, proto)) &&
	    !nla_put_in6_addr(skb, NAT64_A_ADDR6, client) &&
	    !(quota && nla_put_u8(skb, NAT64_A_QUOTA, quota)))
		event_end(nn, skb, head);
	else
		event_lost(nn, skb);
}

void nat64_notify_exhausted(struct nat64_net *nn, u8 proto,
			    const struct in6_addr *client,
			    enum nat64_event event)
{
	notify_client(nn, proto, client, event, 0);
}

void nat64_notify_quota(struct nat64_net *nn, u8 proto,
			const struct in6_addr *client, enum nat64_quota quota)
{
	notify_client(nn, proto, client, NAT64_EVENT_QUOTA_EXCEEDED, quota);
}
