// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "parse.h"
#include "print.h"
#include "request.h"

#define EVENT(name)	(1U << NAT64_EVENT_##name)
#define POOL_EVENTS	(EVENT(ADDRESSES_EXHAUSTED) | EVENT(PORTS_EXHAUSTED) | \
			 EVENT(QUOTA_EXCEEDED) | EVENT(ADDRESS_BIND) |	\
			 EVENT(ADDRESS_UNBIND))

/* The ALGs and gates have no events in this version of the protocol. */
const struct keyword monitor_keywords[] = {
	{ "session", .attr = NAT64_A_FLAGS,
	  .flag = EVENT(SESSION_CREATE) | EVENT(SESSION_DELETE) },
	{ "binding", .attr = NAT64_A_FLAGS,
	  .flag = EVENT(BINDING_CREATE) | EVENT(BINDING_DELETE) },
	{ "gate", .attr = NAT64_A_FLAGS },
	{ "alg", .attr = NAT64_A_FLAGS },
	{ "pool", .attr = NAT64_A_FLAGS, .flag = POOL_EVENTS },
	{}
};

static const struct field fields[] = {
	{ "event", FIELD_EVENT, NAT64_A_EVENT },
	{ "timestamp_ms", FIELD_TIME, NAT64_A_TIMESTAMP_MS },
	{ "proto", FIELD_PROTO, NAT64_A_PROTO },
	{ "state", FIELD_STATE, NAT64_A_STATE },
	{ "client_addr", FIELD_ADDR6, NAT64_A_ADDR6 },
	{ "client_port", FIELD_NUMBER, NAT64_A_PORT6 },
	{ "server_addr6", FIELD_ADDR6, NAT64_A_REMOTE6 },
	{ "server_port6", FIELD_NUMBER, NAT64_A_REMOTE_PORT6 },
	{ "pool_addr", FIELD_ADDR4, NAT64_A_ADDR4 },
	{ "pool_port", FIELD_NUMBER, NAT64_A_PORT4 },
	{ "pool_last", FIELD_ADDR4, NAT64_A_ADDR4_LAST },
	{ "server_addr", FIELD_ADDR4, NAT64_A_REMOTE4 },
	{ "server_port", FIELD_NUMBER, NAT64_A_REMOTE_PORT4 },
	{ "quota", FIELD_QUOTA, NAT64_A_QUOTA },
	{ "alg", FIELD_TEXT, NAT64_A_ALG },
	{}
};

static const struct listing listing = {
	fields,
	"{timestamp_ms} {event}[ quota {quota}][ {proto}]"
	"[ {client_addr}[#{client_port}]][ > {server_addr}[#{server_port}]]"
	"[ via {pool_addr}[#{pool_port}]][ alg {alg}]",
};

struct watch {
	const struct ctl *ctl;
	uint64_t events;	/* a bit for each that is wanted */
};

static bool watch(const struct entry *e, void *arg)
{
	const struct watch *w = arg;
	uint64_t event;

	if (!e) {
		if (!w->ctl->quiet)
			complain(w->ctl, "events came too fast, some are lost");
		return true;
	}
	event = entry_number(e, NAT64_A_EVENT);
	if (event < 64 ? !(w->events >> event & 1) : w->events != UINT64_MAX)
		return true;
	print_event(w->ctl, &listing, e);
	return !ferror(stdout);
}

int monitor_run(struct ctl *ctl, struct words *w)
{
	struct watch watched = { ctl, UINT64_MAX };
	struct entry wanted = {};
	struct refusal why;
	int err;

	err = parse_keywords(ctl, w, monitor_keywords, &wanted);
	if (err)
		return err;
	if (entry_has(&wanted, NAT64_A_FLAGS))
		watched.events = entry_number(&wanted, NAT64_A_FLAGS);
	err = request_open(ctl);
	if (err)
		return err;
	if (channel_listen(ctl->channel, watch, &watched, &why))
		return request_refused(ctl, &why);
	return CTL_OK;
}
