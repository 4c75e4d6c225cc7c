/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints: the packet path prints nothing, these show what it does. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM nat64

#if !defined(_NAT64_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _NAT64_TRACE_H

#include <linux/tracepoint.h>
#include "session.h"

TRACE_EVENT(nat64_drop,
	TP_PROTO(const struct sk_buff *skb, const char *reason),
	TP_ARGS(skb, reason),
	TP_STRUCT__entry(
		__field(const void *, skb)
		__field(unsigned int, len)
		__field(const char *, reason)
	),
	TP_fast_assign(
		__entry->skb = skb;
		__entry->len = skb->len;
		__entry->reason = reason;
	),
	TP_printk("skb=%p len=%u reason=%s", __entry->skb, __entry->len,
		  __entry->reason)
);

DECLARE_EVENT_CLASS(nat64_session,
	TP_PROTO(const struct nat64_session *s),
	TP_ARGS(s),
	TP_STRUCT__entry(
		__field(u8, proto)
		__field(u8, state)
		__array(u8, client, 16)
		__field(u16, client_port)
		__array(u8, pool, 4)
		__field(u16, pool_port)
		__array(u8, remote, 4)
		__field(u16, remote_port)
	),
	TP_fast_assign(
		__entry->proto = s->t6.proto;
		__entry->state = s->state;
		memcpy(__entry->client, &s->t6.client, 16);
		__entry->client_port = be16_to_cpu(s->t6.client_port);
		memcpy(__entry->pool, &s->t4.pool, 4);
		__entry->pool_port = be16_to_cpu(s->t4.pool_port);
		memcpy(__entry->remote, &s->t4.remote, 4);
		__entry->remote_port = be16_to_cpu(s->t4.remote_port);
	),
	TP_printk("proto=%u state=%u client=%pI6c#%u pool=%pI4#%u remote=%pI4#%u",
		  __entry->proto, __entry->state, __entry->client,
		  __entry->client_port, __entry->pool, __entry->pool_port,
		  __entry->remote, __entry->remote_port)
);

DEFINE_EVENT(nat64_session, nat64_session_new,
	TP_PROTO(const struct nat64_session *s),
	TP_ARGS(s)
);

DEFINE_EVENT(nat64_session, nat64_session_end,
	TP_PROTO(const struct nat64_session *s),
	TP_ARGS(s)
);

#endif /* _NAT64_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
