// SPDX-License-Identifier: GPL-2.0
/*
 * Valid and spoilt requests of every command of the netlink interface.
 *
 *   requests SEED COUNT SPOILT
 *
 * SPOILT of 100 requests are spoilt. The configuration changes all the time,
 * sessions are listed and killed meanwhile; somebody listens to events.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../../include/nat64_tables.h"
#include "../../include/uapi/linux/nat64.h"
#include "wire.h"

#define REQUEST_MAX 4096
#define ANSWER_MAX (1 << 18)

struct request {
	unsigned int len;
	uint8_t data[REQUEST_MAX];
};

static const char *const algs[] = {
#define X(id, name, port, help) name,
	NAT64_ALGS(X)
#undef X
};
static const char *const timeouts[] = {
#define X(id, name, value, min, help) name,
	NAT64_TIMEOUTS(X)
#undef X
};
static const char *const limits[] = {
#define X(id, name, value, help) name,
	NAT64_LIMITS(X)
#undef X
};
static const char *const options[][2] = {
#define X(id, name, choices, value, help) { name, choices },
	NAT64_OPTIONS(X)
#undef X
};

#define PICK(list) ((list)[choice(sizeof(list) / sizeof(*(list)))])

static struct course course;
static unsigned long sent, spoilt, accepted, refused, rows, events;
static int family, requests_fd, events_fd;

static void die(const char *what)
{
	fprintf(stderr, "seed %llu, request %lu: %s: %s\n", course.seed, sent,
		what, strerror(errno));
	exit(1);
}

static void put(struct request *r, unsigned int type, const void *data,
		unsigned int len)
{
	struct nlattr *a = (void *)(r->data + r->len);

	if (r->len + NLA_HDRLEN + NLA_ALIGN(len) > REQUEST_MAX)
		return;
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memset(a + 1, 0, NLA_ALIGN(len));
	memcpy(a + 1, data, len);
	r->len += NLA_HDRLEN + NLA_ALIGN(len);
}

static void put_u8(struct request *r, unsigned int type, uint8_t value)
{
	put(r, type, &value, sizeof(value));
}

static void put_u16(struct request *r, unsigned int type, uint16_t value)
{
	put(r, type, &value, sizeof(value));
}

static void put_u32(struct request *r, unsigned int type, uint32_t value)
{
	put(r, type, &value, sizeof(value));
}

static void put_u64(struct request *r, unsigned int type, uint64_t value)
{
	put(r, type, &value, sizeof(value));
}

static void put_text(struct request *r, unsigned int type, const char *text)
{
	put(r, type, text, strlen(text) + 1);
}

static void put_addr4(struct request *r, unsigned int type, uint32_t addr)
{
	addr = htonl(addr);
	put(r, type, &addr, sizeof(addr));
}

/* Clients of the packets of this directory, and their neighbours */
static void put_client(struct request *r)
{
	uint8_t addr[16] = { 0x20, 1, 0xd, 0xb8, 0, 1, 0, choice(16) };

	addr[15] = 0x10;
	put(r, NAT64_A_ADDR6, addr, sizeof(addr));
}

static uint8_t a_proto(void)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_UDP,
					  IPPROTO_ICMP, IPPROTO_GRE };

	return PICK(protos);
}

static void prefix_put(struct request *r)
{
	static const uint8_t lens[] = { 32, 40, 48, 56, 64, 96 };
	uint8_t addr[16] = { 0x20, 1, 0xd, 0xb8, 0, 0x64 };
	uint8_t len = chance(1, 2) ? 96 : PICK(lens);

	addr[3] = len == 96 ? 0xb8 : 0xb9;
	addr[5] = len == 96 ? 0x64 : 0;
	put(r, NAT64_A_ADDR6, addr, sizeof(addr));
	put_u8(r, NAT64_A_PREFIX_LEN, len);
}

static void pool_put(struct request *r)
{
	uint32_t first = 0xc6336401 + (chance(1, 2) ? 0 : choice(32));

	put_addr4(r, NAT64_A_ADDR4, first);
	put_addr4(r, NAT64_A_ADDR4_LAST, first + (chance(1, 2) ? 0 : choice(9)));
	if (chance(1, 4)) {
		uint16_t min = choice(60000);

		put_u16(r, NAT64_A_PORT_MIN, min);
		put_u16(r, NAT64_A_PORT_MAX, min + choice(5000));
	}
	if (chance(1, 4))
		put_u8(r, NAT64_A_PROTO, a_proto());
	if (chance(1, 4))
		put_u32(r, NAT64_A_FLAGS, chance(1, 2) ? NAT64_F_NO_PAT :
							 NAT64_F_FORCE);
}

static void binding_put(struct request *r)
{
	uint16_t port = 1000 + choice(64);

	put_u8(r, NAT64_A_PROTO, a_proto());
	put_client(r);
	put_u16(r, NAT64_A_PORT6, port);
	if (chance(3, 4)) {
		put_addr4(r, NAT64_A_ADDR4, 0xc6336401 + choice(4));
		put_u16(r, NAT64_A_PORT4, port);
	}
}

static void alg_put(struct request *r, bool ports)
{
	put_text(r, NAT64_A_NAME, PICK(algs));
	while (ports && chance(1, 3))
		put_u16(r, NAT64_A_PORT4, choice(3000));
}

/* One of "a|b|c", or a number of "min-max", mostly. */
static void choice_put(struct request *r, const char *choices)
{
	char text[256], *word, *last, *picked = NULL;
	unsigned int count = 0;

	snprintf(text, sizeof(text), "%s", choices);
	for (word = strtok_r(text, "|", &last); word;
	     word = strtok_r(NULL, "|", &last))
		if (!choice(++count))
			picked = word;
	if (picked[0] >= '0' && picked[0] <= '9')
		sprintf(picked, "%u", choice(chance(1, 2) ? 256 : 70000));
	put_text(r, NAT64_A_OPTION_TEXT, picked);
}

static void setting_put(struct request *r, uint8_t object, bool set)
{
	static const uint64_t values[] = { 0, 1, 20, 1000, 130000, 240000,
					   7200000, UINT32_MAX, UINT64_MAX };
	unsigned int i = choice(sizeof(options) / sizeof(*options));

	if (object == NAT64_OBJECT_OPTION) {
		put_text(r, NAT64_A_NAME, options[i][0]);
		if (set)
			choice_put(r, options[i][1]);
		return;
	}
	put_text(r, NAT64_A_NAME, object == NAT64_OBJECT_LIMIT ?
		 PICK(limits) : PICK(timeouts));
	if (set)
		put_u64(r, NAT64_A_VALUE, PICK(values));
}

static void object_put(struct request *r, uint8_t object, uint8_t op)
{
	if (op == NAT64_OP_FLUSH || (op == NAT64_OP_RESET && chance(1, 2)))
		return;
	switch (object) {
	case NAT64_OBJECT_PREFIX:
		prefix_put(r);
		break;
	case NAT64_OBJECT_POOL:
		pool_put(r);
		break;
	case NAT64_OBJECT_BINDING:
		binding_put(r);
		break;
	case NAT64_OBJECT_ALG:
		alg_put(r, op == NAT64_OP_ADD);
		break;
	default:
		setting_put(r, object, op == NAT64_OP_SET);
		break;
	}
}

static unsigned int op_begin(struct request *r, uint8_t op, uint8_t object)
{
	unsigned int at = r->len;

	put(r, NAT64_A_OP | NLA_F_NESTED, NULL, 0);
	put_u8(r, NAT64_A_OP_KIND, op);
	if (object)
		put_u8(r, NAT64_A_OBJECT, object);
	return at;
}

static void op_end(struct request *r, unsigned int at)
{
	if (at < r->len)
		((struct nlattr *)(r->data + at))->nla_len = r->len - at;
}

static void op_put(struct request *r)
{
	static const uint8_t lists[] = { NAT64_OP_ADD, NAT64_OP_ADD,
					 NAT64_OP_ADD, NAT64_OP_DEL,
					 NAT64_OP_FLUSH };
	static const uint8_t values[] = { NAT64_OP_SET, NAT64_OP_SET,
					  NAT64_OP_RESET };
	uint8_t object = NAT64_OBJECT_PREFIX + choice(NAT64_OBJECT_OPTION);
	uint8_t op = object >= NAT64_OBJECT_TIMEOUT ? PICK(values) :
						      PICK(lists);
	unsigned int at = op_begin(r, op, object);

	object_put(r, object, op);
	op_end(r, at);
}

/* Something that translates, from nothing. */
static void base_put(struct request *r)
{
	unsigned int at = op_begin(r, NAT64_OP_RESET, 0);
	uint8_t addr[16] = { 0x20, 1, 0xd, 0xb8, 0, 0x64 };

	op_end(r, at);
	at = op_begin(r, NAT64_OP_ADD, NAT64_OBJECT_PREFIX);
	put(r, NAT64_A_ADDR6, addr, sizeof(addr));
	put_u8(r, NAT64_A_PREFIX_LEN, 96);
	op_end(r, at);
	at = op_begin(r, NAT64_OP_ADD, NAT64_OBJECT_POOL);
	put_addr4(r, NAT64_A_ADDR4, 0xc6336401);
	put_addr4(r, NAT64_A_ADDR4_LAST, 0xc6336401);
	op_end(r, at);
}

static void apply_put(struct request *r)
{
	unsigned int ops = choice(6);

	if (chance(1, 4))
		base_put(r);
	while (ops--)
		op_put(r);
}

static void filter_put(struct request *r, uint8_t cmd)
{
	if (chance(1, 3))
		put_u8(r, NAT64_A_PROTO, a_proto());
	if (chance(1, 8) && cmd != NAT64_CMD_BINDING_GET &&
	    cmd != NAT64_CMD_GATE_GET)
		put_u8(r, NAT64_A_STATE, choice(9));
	if (chance(1, 3)) {
		put_client(r);
		if (chance(1, 2))
			put_u8(r, NAT64_A_ADDR6_LEN, choice(129));
	}
	if (chance(1, 6))
		put_u16(r, NAT64_A_PORT6, choice(0x10000));
	if (chance(1, 4)) {
		put_addr4(r, NAT64_A_ADDR4, 0xc6336401);
		if (chance(1, 2))
			put_u8(r, NAT64_A_ADDR4_LEN, choice(33));
	}
	if (chance(1, 6))
		put_u16(r, NAT64_A_PORT4, choice(0x10000));
	if (chance(1, 4) && cmd != NAT64_CMD_BINDING_GET)
		put_addr4(r, NAT64_A_REMOTE4, 0xcb007109 + choice(3));
	if (chance(1, 6) && cmd != NAT64_CMD_BINDING_GET)
		put_u16(r, NAT64_A_REMOTE_PORT4, choice(2000));
	if (chance(1, 6))
		put_u32(r, NAT64_A_FLAGS, 1 << choice(8));
}

static void request_make(struct request *r)
{
	struct nlmsghdr *n = (void *)r->data;
	struct genlmsghdr *g = NLMSG_DATA(n);
	uint8_t cmd = chance(1, 2) ? NAT64_CMD_APPLY :
				     1 + choice(NAT64_CMD_GATE_FLUSH);

	memset(r->data, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	r->len = NLMSG_HDRLEN + GENL_HDRLEN;
	n->nlmsg_type = family;
	n->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	n->nlmsg_seq = sent;
	g->cmd = cmd;
	g->version = NAT64_GENL_VERSION;
	switch (cmd) {
	case NAT64_CMD_APPLY:
		apply_put(r);
		break;
	case NAT64_CMD_BINDING_GET:
	case NAT64_CMD_SESSION_GET:
	case NAT64_CMD_GATE_GET:
	case NAT64_CMD_SESSION_KILL:
	case NAT64_CMD_SESSION_COUNT:
		filter_put(r, cmd);
		break;
	default:
		break;
	}
	if (cmd >= NAT64_CMD_PREFIX_GET && cmd <= NAT64_CMD_STATS_GET)
		n->nlmsg_flags |= NLM_F_DUMP;
	n->nlmsg_len = r->len;
}

/* The header of some attribute, found as the kernel finds it. */
static struct nlattr *attr_pick(struct request *r)
{
	unsigned int at = NLMSG_HDRLEN + GENL_HDRLEN;
	struct nlattr *picked = NULL, *a;

	while (at + NLA_HDRLEN <= r->len) {
		a = (void *)(r->data + at);
		if (chance(1, 3))
			picked = a;
		/* Into a nest, or over it. */
		if (a->nla_type & NLA_F_NESTED && chance(1, 2))
			at += NLA_HDRLEN;
		else if (a->nla_len < NLA_HDRLEN)
			break;
		else
			at += NLA_ALIGN(a->nla_len);
	}
	return picked;
}

static void request_spoil(struct request *r)
{
	unsigned int head = NLMSG_HDRLEN + GENL_HDRLEN;
	struct nlmsghdr *n = (void *)r->data;
	struct genlmsghdr *g = NLMSG_DATA(n);
	struct nlattr *a = attr_pick(r);
	unsigned int len = r->len - head;

	switch (choice(8)) {
	case 0:
		g->cmd = choice(NAT64_CMD_MAX + 2);
		break;
	case 1:
		n->nlmsg_flags ^= 1 << choice(12);
		break;
	case 2:
	case 3:
		if (a && chance(1, 2))
			a->nla_len = choice(40);
		else if (a)
			a->nla_len += choice(9) - 4;
		break;
	case 4:
		if (a)
			a->nla_type = choice(NAT64_A_MAX + 3) |
				      (chance(1, 8) ? NLA_F_NESTED : 0);
		break;
	default:
		spoil(r->data + head, &len, REQUEST_MAX - head);
		r->len = head + len;
		break;
	}
	n->nlmsg_len = chance(1, 40) ? choice(r->len + 40) : r->len;
	spoilt++;
}

static void answer_take(const struct nlmsghdr *n)
{
	const struct nlmsgerr *e = NLMSG_DATA(n);

	if (n->nlmsg_type != NLMSG_ERROR)
		rows++;
	else if (!e->error)
		accepted++;
	else
		refused++;
}

static void drain(int fd, unsigned long *count)
{
	static uint8_t answer[ANSWER_MAX];
	const struct nlmsghdr *n;
	ssize_t len;

	for (;;) {
		len = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
		if (len < 0 && errno == ENOBUFS)
			continue;
		if (len <= 0)
			return;
		for (n = (void *)answer; NLMSG_OK(n, len);
		     n = NLMSG_NEXT(n, len)) {
			if (count)
				(*count)++;
			else
				answer_take(n);
		}
	}
}

static void sockets_open(void)
{
	struct nl_sock *one = nl_socket_alloc(), *two = nl_socket_alloc();
	int group;

	if (!one || !two || genl_connect(one) || genl_connect(two))
		die("socket");
	family = genl_ctrl_resolve(one, NAT64_GENL_NAME);
	group = genl_ctrl_resolve_grp(one, NAT64_GENL_NAME,
				      NAT64_GENL_EVENTS);
	if (family < 0 || group < 0 || nl_socket_add_membership(two, group))
		die("family");
	requests_fd = nl_socket_get_fd(one);
	events_fd = nl_socket_get_fd(two);
}

int main(int argc, char **argv)
{
	struct request r;

	course_begin(&course, argc, argv);
	sockets_open();
	while (sent < course.count) {
		request_make(&r);
		if (chance(course.spoilt, 100))
			request_spoil(&r);
		if (send(requests_fd, r.data, r.len, 0) < 0 &&
		    errno != ENOBUFS)
			die("send");
		sent++;
		drain(requests_fd, NULL);
		drain(events_fd, &events);
	}
	printf("seed %llu: %lu requests sent, %lu of them spoilt, %lu accepted, "
	       "%lu refused, %lu rows, %lu events\n",
	       course.seed, sent, spoilt, accepted, refused, rows, events);
	return 0;
}
