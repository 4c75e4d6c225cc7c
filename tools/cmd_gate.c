// SPDX-License-Identifier: GPL-2.0
#include "parse.h"
#include "print.h"
#include "request.h"

const struct keyword gate_filter[] = {
	{ "proto", OPERAND_PROTO_ANY, NAT64_A_PROTO },
	{ "client", OPERAND_NET6, NAT64_A_ADDR6, NAT64_A_ADDR6_LEN },
	{ "client-port", OPERAND_PORT, NAT64_A_PORT6 },
	{ "pool", OPERAND_NET4, NAT64_A_ADDR4, NAT64_A_ADDR4_LEN },
	{ "pool-port", OPERAND_PORT, NAT64_A_PORT4 },
	{ "server", OPERAND_NET4, NAT64_A_REMOTE4, NAT64_A_REMOTE4_LEN },
	{ "server-port", OPERAND_PORT, NAT64_A_REMOTE_PORT4 },
	{ "to-ipv4", OPERAND_NONE, NAT64_A_FLAGS, .flag = NAT64_F_TO_IPV4 },
	{ "reserved", OPERAND_NONE, NAT64_A_FLAGS, .flag = NAT64_F_RESERVED },
	{}
};

/* A port or server that is absent may be any. */
static const struct field fields[] = {
	{ "proto", FIELD_PROTO, NAT64_A_PROTO },
	{ "direction", FIELD_DIRECTION, NAT64_A_FLAGS },
	{ "client_addr", FIELD_ADDR6, NAT64_A_ADDR6 },
	{ "client_port", FIELD_NUMBER, NAT64_A_PORT6 },
	{ "server_addr6", FIELD_ADDR6, NAT64_A_REMOTE6 },
	{ "server_port6", FIELD_NUMBER, NAT64_A_REMOTE_PORT6 },
	{ "pool_addr", FIELD_ADDR4, NAT64_A_ADDR4 },
	{ "pool_port", FIELD_NUMBER, NAT64_A_PORT4 },
	{ "server_addr", FIELD_ADDR4, NAT64_A_REMOTE4 },
	{ "server_port", FIELD_NUMBER, NAT64_A_REMOTE_PORT4 },
	{ "expires_ms", FIELD_PERIOD, NAT64_A_EXPIRES_MS },
	{ "reserved", FIELD_FLAG, NAT64_A_FLAGS, NAT64_F_RESERVED },
	{ "alg", FIELD_TEXT, NAT64_A_ALG },
	{ "owner_client_port", FIELD_NUMBER, NAT64_A_OWNER_PORT6 },
	{ "owner_pool_port", FIELD_NUMBER, NAT64_A_OWNER_PORT4 },
	{ "owner_server_port", FIELD_NUMBER, NAT64_A_OWNER_REMOTE_PORT },
	{ "server", FIELD_ADDR4, NAT64_A_REMOTE4, .text_only = true,
	  .absent = "any" },
	{ "out", FIELD_FLAG, NAT64_A_FLAGS, NAT64_F_TO_IPV4,
	  .text_only = true },
	{}
};

/* Who may send first, to where, and what becomes of it. */
static const struct listing listing = {
	fields,
	"{proto:4} "
	"[?out:{client_addr}[#{client_port}] > {server}[#{server_port6}] "
	"via {pool_addr}]"
	"[?pool_port:{server}[#{server_port}] > {pool_addr}#{pool_port} "
	"to {client_addr}#{client_port}]"
	"[ expires {expires_ms}][?reserved: reserved][ alg {alg}]"
	"[d: owner {client_addr}#{owner_client_port} > #{owner_server_port} "
	"via {pool_addr}#{owner_pool_port}]",
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

	err = parse_keywords(ctl, w, gate_filter, &filter);
	return err ?: request_show(ctl, NAT64_CMD_GATE_GET, &filter, &listing);
}

int gate_flush(struct ctl *ctl, struct words *w)
{
	int err = parse_end(ctl, w);

	return err ?: request_tell(ctl, NAT64_CMD_GATE_FLUSH, NULL,
				   ctl->quiet ? NULL : &flush_listing);
}
