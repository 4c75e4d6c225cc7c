// SPDX-License-Identifier: GPL-2.0
#include "names.h"

#include <netinet/in.h>
#include <string.h>
#include <linux/nat64.h>

const struct name proto_names[] = {
	{ IPPROTO_TCP, "tcp" },
	{ IPPROTO_UDP, "udp" },
	{ IPPROTO_ICMP, "icmp" },
	{ IPPROTO_GRE, "gre" },
	{}
};

const struct name state_names[] = {
	{ NAT64_STATE_CLOSED, "closed" },
	{ NAT64_STATE_V4_INIT, "v4-init" },
	{ NAT64_STATE_V6_INIT, "v6-init" },
	{ NAT64_STATE_ESTABLISHED, "established" },
	{ NAT64_STATE_V4_FIN, "v4-fin" },
	{ NAT64_STATE_V6_FIN, "v6-fin" },
	{ NAT64_STATE_V4V6_FIN, "v4v6-fin" },
	{ NAT64_STATE_TRANS, "trans" },
	{ NAT64_STATE_ACTIVE, "active" },
	{}
};

const struct name event_names[] = {
	{ NAT64_EVENT_ADDRESSES_EXHAUSTED, "addresses-exhausted" },
	{ NAT64_EVENT_SESSION_CREATE, "session-create" },
	{ NAT64_EVENT_SESSION_DELETE, "session-delete" },
	{ NAT64_EVENT_BINDING_CREATE, "binding-create" },
	{ NAT64_EVENT_BINDING_DELETE, "binding-delete" },
	{ NAT64_EVENT_PORTS_EXHAUSTED, "ports-exhausted" },
	{ NAT64_EVENT_QUOTA_EXCEEDED, "quota-exceeded" },
	{ NAT64_EVENT_ADDRESS_BIND, "address-bind" },
	{ NAT64_EVENT_ADDRESS_UNBIND, "address-unbind" },
	{ NAT64_EVENT_GATE_OPEN, "gate-open" },
	{ NAT64_EVENT_GATE_USE, "gate-use" },
	{ NAT64_EVENT_GATE_EXPIRE, "gate-expire" },
	{ NAT64_EVENT_GATE_CLOSE, "gate-close" },
	{ NAT64_EVENT_ALG_TRANSPARENT, "alg-transparent" },
	{}
};

const struct name quota_names[] = {
	{ NAT64_QUOTA_SESSIONS, "sessions" },
	{ NAT64_QUOTA_BINDINGS, "bindings" },
	{ NAT64_QUOTA_PER_SUBSCRIBER, "per-subscriber" },
	{ NAT64_QUOTA_SUBSCRIBERS, "subscribers" },
	{}
};

const char *name_of(const struct name *names, uint64_t number)
{
	for (; names->name; names++) {
		if (names->number == number)
			return names->name;
	}
	return NULL;
}

bool name_number(const struct name *names, const char *name, uint64_t *number)
{
	for (; names->name; names++) {
		if (!strcmp(names->name, name)) {
			*number = names->number;
			return true;
		}
	}
	return false;
}
