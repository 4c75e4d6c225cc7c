// SPDX-License-Identifier: GPL-2.0
#include "session.h"

#include "parse.h"
#include "print.h"
#include "request.h"

const struct keyword session_filter[] = {
	{ "proto", OPERAND_PROTO_ANY, NAT64_A_PROTO },
	{ "state", OPERAND_STATE, NAT64_A_STATE },
	{ "client", OPERAND_NET6, NAT64_A_ADDR6, NAT64_A_ADDR6_LEN },
	{ "client-port", OPERAND_PORT, NAT64_A_PORT6 },
	{ "pool", OPERAND_NET4, NAT64_A_ADDR4, NAT64_A_ADDR4_LEN },
	{ "pool-port", OPERAND_PORT, NAT64_A_PORT4 },
	{ "server", OPERAND_NET4, NAT64_A_REMOTE4, NAT64_A_REMOTE4_LEN },
	{ "server-port", OPERAND_PORT, NAT64_A_REMOTE_PORT4 },
	{ "inbound", OPERAND_NONE, NAT64_A_FLAGS, .flag = NAT64_F_INBOUND },
	{}
};

const struct field session_fields[] = {
	{ "proto", FIELD_PROTO, NAT64_A_PROTO },
	{ "state", FIELD_STATE, NAT64_A_STATE },
	{ "client_addr", FIELD_ADDR6, NAT64_A_ADDR6 },
	{ "client_port", FIELD_NUMBER, NAT64_A_PORT6 },
	{ "server_addr6", FIELD_ADDR6, NAT64_A_REMOTE6 },
	{ "server_port6", FIELD_NUMBER, NAT64_A_REMOTE_PORT6 },
	{ "pool_addr", FIELD_ADDR4, NAT64_A_ADDR4 },
	{ "pool_port", FIELD_NUMBER, NAT64_A_PORT4 },
	{ "server_addr", FIELD_ADDR4, NAT64_A_REMOTE4 },
	{ "server_port", FIELD_NUMBER, NAT64_A_REMOTE_PORT4 },
	{ "expires_ms", FIELD_PERIOD, NAT64_A_EXPIRES_MS },
	{ "inbound", FIELD_FLAG, NAT64_A_FLAGS, NAT64_F_INBOUND },
	{ "hairpin", FIELD_FLAG, NAT64_A_FLAGS, NAT64_F_HAIRPIN },
	{ "alg", FIELD_TEXT, NAT64_A_ALG },
	{ "owner_client_port", FIELD_NUMBER, NAT64_A_OWNER_PORT6 },
	{ "owner_pool_port", FIELD_NUMBER, NAT64_A_OWNER_PORT4 },
	{ "owner_server_port", FIELD_NUMBER, NAT64_A_OWNER_REMOTE_PORT },
	{}
};

static const struct listing listing = {
	session_fields,
	"{proto:4} {state:11} {client_addr}#{client_port} > "
	"{server_addr}#{server_port} via {pool_addr}#{pool_port}"
	"[ expires {expires_ms}][?inbound: inbound][?hairpin: hairpin]"
	"[ alg {alg}][d: as {server_addr6}#{server_port6}]"
	"[d: owner {client_addr}#{owner_client_port} > "
	"{server_addr}#{owner_server_port} via {pool_addr}#{owner_pool_port}]",
};

static const struct field count_fields[] = {
	{ "sessions", FIELD_NUMBER, NAT64_A_SESSIONS },
	{}
};

static const struct listing count_listing = { count_fields, "{sessions}" };

static const struct listing kill_listing = {
	count_fields, "{sessions} sessions removed",
};

int session_show(struct ctl *ctl, struct words *w)
{
	struct entry filter = {};
	int err;

	err = parse_keywords(ctl, w, session_filter, &filter);
	return err ?: request_show(ctl, NAT64_CMD_SESSION_GET, &filter,
				   &listing);
}

int session_count(struct ctl *ctl, struct words *w)
{
	struct entry filter = {};
	int err;

	err = parse_keywords(ctl, w, session_filter, &filter);
	return err ?: request_tell(ctl, NAT64_CMD_SESSION_COUNT, &filter,
				   &count_listing);
}

static int kill(struct ctl *ctl, const struct entry *filter)
{
	return request_tell(ctl, NAT64_CMD_SESSION_KILL, filter,
			    ctl->quiet ? NULL : &kill_listing);
}

int session_kill(struct ctl *ctl, struct words *w)
{
	struct entry filter = {};
	int err;

	err = parse_keywords(ctl, w, session_filter, &filter);
	if (!err && !filter.has) {
		complain(ctl, "which sessions? (\"session flush\" removes all)");
		err = CTL_USAGE;
	}
	return err ?: kill(ctl, &filter);
}

int session_flush(struct ctl *ctl, struct words *w)
{
	int err = parse_end(ctl, w);

	return err ?: kill(ctl, NULL);
}
