// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "parse.h"
#include "print.h"
#include "request.h"

/* What an event is about, as bits of NAT64_A_FLAGS. */
enum {
	ABOUT_SESSION = 1,
	ABOUT_BINDING = 2,
	ABOUT_GATE = 4,
	ABOUT_ALG = 8,
	ABOUT_POOL = 16,
};

const struct keyword monitor_keywords[] = {
	{ "session", .attr = NAT64_A_FLAGS, .flag = ABOUT_SESSION },
	{ "binding", .attr = NAT64_A_FLAGS, .flag = ABOUT_BINDING },
	{ "gate", .attr = NAT64_A_FLAGS, .flag = ABOUT_GATE },
	{ "alg", .attr = NAT64_A_FLAGS, .flag = ABOUT_ALG },
	{ "pool", .attr = NAT64_A_FLAGS, .flag = ABOUT_POOL },
	{}
};

static const uint8_t about[UINT8_MAX + 1] = {
	[NAT64_EVENT_SESSION_CREATE] = ABOUT_SESSION,
	[NAT64_EVENT_SESSION_DELETE] = ABOUT_SESSION,
	[NAT64_EVENT_BINDING_CREATE] = ABOUT_BINDING,
	[NAT64_EVENT_BINDING_DELETE] = ABOUT_BINDING,
	[NAT64_EVENT_GATE_OPEN] = ABOUT_GATE,
	[NAT64_EVENT_GATE_USE] = ABOUT_GATE,
	[NAT64_EVENT_GATE_EXPIRE] = ABOUT_GATE,
	[NAT64_EVENT_GATE_CLOSE] = ABOUT_GATE,
	[NAT64_EVENT_ALG_TRANSPARENT] = ABOUT_ALG,
	[NAT64_EVENT_ADDRESSES_EXHAUSTED] = ABOUT_POOL,
	[NAT64_EVENT_PORTS_EXHAUSTED] = ABOUT_POOL,
	[NAT64_EVENT_QUOTA_EXCEEDED] = ABOUT_POOL,
	[NAT64_EVENT_ADDRESS_BIND] = ABOUT_POOL,
	[NAT64_EVENT_ADDRESS_UNBIND] = ABOUT_POOL,
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
	{ "owner_client_port", FIELD_NUMBER, NAT64_A_OWNER_PORT6 },
	{ "owner_pool_port", FIELD_NUMBER, NAT64_A_OWNER_PORT4 },
	{ "owner_server_port", FIELD_NUMBER, NAT64_A_OWNER_REMOTE_PORT },
	{}
};

static const struct listing listing = {
	fields,
	"{timestamp_ms} {event}[ quota {quota}][ {proto}]"
	"[ {client_addr}[#{client_port}]][ > {server_addr}[#{server_port}]]"
	"[ via {pool_addr}[#{pool_port}]][ alg {alg}]"
	"[ owner #{owner_client_port}]",
};

struct watch {
	const struct ctl *ctl;
	uint64_t wanted;	/* what events may be about; 0: all of them */
};

static bool watch(const struct entry *e, void *arg)
{
	const struct watch *w = arg;

	if (!e) {
		if (!w->ctl->quiet)
			complain(w->ctl, "events came too fast, some are lost");
		return true;
	}
	if (w->wanted && !(w->wanted & about[entry_number(e, NAT64_A_EVENT)]))
		return true;
	print_event(w->ctl, &listing, e);
	return !ferror(stdout);
}

int monitor_run(struct ctl *ctl, struct words *w)
{
	struct watch watched = { ctl };
	struct entry wanted = {};
	struct refusal why;
	int err;

	err = parse_keywords(ctl, w, monitor_keywords, &wanted);
	if (err)
		return err;
	watched.wanted = entry_number(&wanted, NAT64_A_FLAGS);
	err = request_open(ctl);
	if (err)
		return err;
	if (channel_listen(ctl->channel, watch, &watched, &why))
		return request_refused(ctl, &why);
	return CTL_OK;
}
