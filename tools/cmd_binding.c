// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "parse.h"
#include "plan.h"
#include "print.h"
#include "request.h"

const struct keyword binding_keywords[] = {
	{ "proto", OPERAND_PROTO, NAT64_A_PROTO },
	{}
};

const struct keyword binding_filter[] = {
	{ "proto", OPERAND_PROTO_ANY, NAT64_A_PROTO },
	{ "client", OPERAND_NET6, NAT64_A_ADDR6, NAT64_A_ADDR6_LEN },
	{ "client-port", OPERAND_PORT, NAT64_A_PORT6 },
	{ "pool", OPERAND_NET4, NAT64_A_ADDR4, NAT64_A_ADDR4_LEN },
	{ "pool-port", OPERAND_PORT, NAT64_A_PORT4 },
	{ "static", OPERAND_NONE, NAT64_A_FLAGS, .flag = NAT64_F_STATIC },
	{}
};

static const struct field fields[] = {
	{ "proto", FIELD_PROTO, NAT64_A_PROTO },
	{ "client_addr", FIELD_ADDR6, NAT64_A_ADDR6 },
	{ "client_port", FIELD_NUMBER, NAT64_A_PORT6 },
	{ "pool_addr", FIELD_ADDR4, NAT64_A_ADDR4 },
	{ "pool_port", FIELD_NUMBER, NAT64_A_PORT4 },
	{ "sessions", FIELD_NUMBER, NAT64_A_SESSIONS },
	{ "static", FIELD_FLAG, NAT64_A_FLAGS, NAT64_F_STATIC },
	{}
};

static const struct listing listing = {
	fields,
	"{proto:4} {client_addr}#{client_port} as {pool_addr}#{pool_port}"
	"[s: sessions {sessions}][?static: static]",
};

int binding_show(struct ctl *ctl, struct words *w)
{
	struct entry filter = {};
	int err;

	err = parse_keywords(ctl, w, binding_filter, &filter);
	return err ?: request_show(ctl, NAT64_CMD_BINDING_GET, &filter,
				   &listing);
}

static int parse_port(struct ctl *ctl, struct words *w, struct entry *e,
		      int attr)
{
	const char *word = parse_take(ctl, w, "the port");
	uint64_t port;

	if (!word)
		return CTL_USAGE;
	if (!parse_number(word, UINT16_MAX, &port)) {
		complain(ctl, "\"%s\" is not a port (0-65535)", word);
		return CTL_USAGE;
	}
	entry_set_number(e, attr, port);
	return CTL_OK;
}

static int parse_inside(struct ctl *ctl, struct words *w, struct entry *e)
{
	const char *word = parse_take(ctl, w, "the client's address");
	struct in6_addr addr;

	if (!word)
		return CTL_USAGE;
	if (!parse_addr6(word, &addr)) {
		complain(ctl, "\"%s\" is not an IPv6 address", word);
		return CTL_USAGE;
	}
	entry_set_addr6(e, NAT64_A_ADDR6, &addr);
	return parse_port(ctl, w, e, NAT64_A_PORT6);
}

static int parse_outside(struct ctl *ctl, struct words *w, struct entry *e)
{
	const char *word = parse_take(ctl, w, "the pool address");
	struct in_addr addr;

	if (!word)
		return CTL_USAGE;
	if (!parse_addr4(word, &addr)) {
		complain(ctl, "\"%s\" is not an IPv4 address", word);
		return CTL_USAGE;
	}
	entry_set_addr4(e, NAT64_A_ADDR4, addr);
	return parse_port(ctl, w, e, NAT64_A_PORT4);
}

static int parse_binding(struct ctl *ctl, struct words *w, struct op *op,
			 bool whole)
{
	int err;

	op->object = NAT64_OBJECT_BINDING;
	err = parse_inside(ctl, w, &op->e);
	if (err)
		return err;
	if (w->left && !strcmp(words_peek(w), "to")) {
		words_take(w);
		err = parse_outside(ctl, w, &op->e);
	} else if (whole) {
		complain(ctl, "\"to\" is missing after the client's port");
		err = CTL_USAGE;
	}
	if (!err)
		err = parse_keywords(ctl, w, binding_keywords, &op->e);
	if (!err && !entry_has(&op->e, NAT64_A_PROTO)) {
		complain(ctl, "\"proto\" is missing");
		err = CTL_USAGE;
	}
	return err;
}

int binding_add(struct ctl *ctl, struct words *w, struct op *op)
{
	op->kind = NAT64_OP_ADD;
	return parse_binding(ctl, w, op, true);
}

int binding_del(struct ctl *ctl, struct words *w, struct op *op)
{
	op->kind = NAT64_OP_DEL;
	return parse_binding(ctl, w, op, false);
}
