// SPDX-License-Identifier: GPL-2.0
#include "parse.h"
#include "print.h"
#include "request.h"
#include "session.h"

/* A port that is absent may be any. */
static const struct listing listing = {
	session_fields,
	"{proto:4} {client_addr}[#{client_port}] <> {server_addr}"
	"[#{server_port}] via {pool_addr}[#{pool_port}]"
	"[ expires {expires_ms}][?inbound: inbound][ alg {alg}]",
};

static const struct field flush_fields[] = {
	{ "gates", FIELD_NUMBER, NAT64_A_GATES },
	{}
};

static const struct listing flush_listing = {
	flush_fields, "{gates} gates closed",
};

int gate_show(struct ctl *ctl, struct words *w)
{
	struct entry filter = {};
	int err;

	err = parse_keywords(ctl, w, session_filter, &filter);
	return err ?: request_show(ctl, NAT64_CMD_GATE_GET, &filter, &listing);
}

int gate_flush(struct ctl *ctl, struct words *w)
{
	int err = parse_end(ctl, w);

	return err ?: request_tell(ctl, NAT64_CMD_GATE_FLUSH, NULL,
				   ctl->quiet ? NULL : &flush_listing);
}
