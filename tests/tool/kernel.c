// SPDX-License-Identifier: GPL-2.0
/*
 * A model of the module behind the tool's channel: it decodes the very messages
 * that would go to the kernel, strictly, keeps a configuration, and answers in
 * messages of the same protocol. So all of the tool but its socket can be
 * tested where no module can be loaded. What the model refuses, it refuses for
 * reasons of the protocol; policy is the module's and tested there.
 *
 * The environment says what is to happen:
 *   MODEL_ABSENT      no module
 *   MODEL_SESSIONS=N  sessions to list
 *   MODEL_MOVING=N    the configuration changes during the first N dumps
 *   MODEL_INTERRUPT   dumps of sessions are interrupted
 *   MODEL_FAIL=N      a dump of sessions fails after N of them
 *   MODEL_REPORT      what is configured is printed to stderr at the end
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "../../include/nat64_tables.h"
#include "../../tools/channel.h"
#include "../../tools/plan.h"
#include "../../tools/print.h"

#define FAMILY		0x20

struct list_of {
	struct entry *entries;
	size_t n, room;
};

struct config {
	struct list_of prefixes;
	struct list_of pools;
	struct list_of bindings;
	struct list_of algs;
	struct list_of timeouts;
	struct list_of limits;
	struct list_of options;
};

struct channel {
	struct config config;
	uint32_t genid;
	long moving;
	uint32_t sessions;
};

#define X(id, name, def, floor, help) { name, help, def, floor },
static const struct { const char *name, *help; uint64_t def, min; }
timeouts[] = { NAT64_TIMEOUTS(X) };
#undef X
#define X(id, name, def, help) { name, help, def },
static const struct { const char *name, *help; uint64_t def; }
limits[] = { NAT64_LIMITS(X) };
#undef X
#define X(id, name, choices, def, help) { name, choices, def, help },
static const struct { const char *name, *choices, *def, *help; }
options[] = { NAT64_OPTIONS(X) };
#undef X
#define X(id, name, help) { name, help },
static const struct { const char *name, *help; }
counters[] = { NAT64_COUNTERS(X) };
#undef X

static long setting(const char *name)
{
	const char *value = getenv(name);

	return value ? atol(value) : 0;
}

static void refuse(struct refusal *why, int error, const char *text)
{
	why->error = error;
	snprintf(why->text, sizeof(why->text), "%.200s", text);
}

static void list_push(struct list_of *list, const struct entry *e)
{
	/* By doubling: the sanitizer's realloc() always copies. */
	if (list->n == list->room) {
		list->room = list->room ? 2 * list->room : 8;
		list->entries = realloc(list->entries, list->room *
					sizeof(*list->entries));
	}
	entry_copy(&list->entries[list->n++], e);
}

static void list_empty(struct list_of *list)
{
	while (list->n)
		entry_drop(&list->entries[--list->n]);
}

static void list_drop(struct list_of *list)
{
	list_empty(list);
	free(list->entries);
	list->entries = NULL;
	list->room = 0;
}

static void list_remove(struct list_of *list, size_t i)
{
	entry_drop(&list->entries[i]);
	list->n--;
	memmove(&list->entries[i], &list->entries[i + 1],
		(list->n - i) * sizeof(*list->entries));
}

static ssize_t list_find(const struct list_of *list, const struct entry *e,
			 uint64_t mask)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (!entry_order(&list->entries[i], e, mask))
			return i;
	}
	return -1;
}

static void list_clone(struct list_of *to, const struct list_of *from)
{
	size_t i;

	memset(to, 0, sizeof(*to));
	for (i = 0; i < from->n; i++)
		list_push(to, &from->entries[i]);
}

static void add_alg(struct list_of *list, const char *name, uint64_t port,
		    const char *help)
{
	struct entry e = {};

	entry_set_text(&e, NAT64_A_NAME, name);
	entry_set_number(&e, NAT64_A_DEFAULT, port);
	entry_set_text(&e, NAT64_A_HELP, help);
	list_push(list, &e);
}

static void config_defaults(struct config *c)
{
	struct entry e;
	size_t i;

	list_empty(&c->timeouts);
	list_empty(&c->limits);
	list_empty(&c->options);
	for (i = 0; i < ARRAY_SIZE(timeouts); i++) {
		entry_clear(&e);
		entry_set_text(&e, NAT64_A_NAME, timeouts[i].name);
		entry_set_text(&e, NAT64_A_HELP, timeouts[i].help);
		entry_set_number(&e, NAT64_A_VALUE, timeouts[i].def);
		entry_set_number(&e, NAT64_A_DEFAULT, timeouts[i].def);
		entry_set_number(&e, NAT64_A_MIN, timeouts[i].min);
		list_push(&c->timeouts, &e);
	}
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		entry_clear(&e);
		entry_set_text(&e, NAT64_A_NAME, limits[i].name);
		entry_set_text(&e, NAT64_A_HELP, limits[i].help);
		entry_set_number(&e, NAT64_A_VALUE, limits[i].def);
		entry_set_number(&e, NAT64_A_DEFAULT, limits[i].def);
		list_push(&c->limits, &e);
	}
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		entry_clear(&e);
		entry_set_text(&e, NAT64_A_NAME, options[i].name);
		entry_set_text(&e, NAT64_A_HELP, options[i].help);
		entry_set_text(&e, NAT64_A_OPTION_TEXT, options[i].def);
		entry_set_text(&e, NAT64_A_DEFAULT_TEXT, options[i].def);
		entry_set_text(&e, NAT64_A_CHOICES, options[i].choices);
		list_push(&c->options, &e);
	}
	list_empty(&c->prefixes);
	list_empty(&c->pools);
	list_empty(&c->bindings);
	list_empty(&c->algs);
#define X(id, name, port, help) add_alg(&c->algs, name, port, help);
	NAT64_ALGS(X)
#undef X
}

static struct list_of *config_list(struct config *c, int object)
{
	struct list_of *lists[] = {
		[NAT64_OBJECT_PREFIX] = &c->prefixes,
		[NAT64_OBJECT_POOL] = &c->pools,
		[NAT64_OBJECT_BINDING] = &c->bindings,
		[NAT64_OBJECT_ALG] = &c->algs,
		[NAT64_OBJECT_TIMEOUT] = &c->timeouts,
		[NAT64_OBJECT_LIMIT] = &c->limits,
		[NAT64_OBJECT_OPTION] = &c->options,
	};

	return lists[object];
}

static void config_drop(struct config *c)
{
	int object;

	for (object = NAT64_OBJECT_PREFIX; object <= NAT64_OBJECT_OPTION;
	     object++)
		list_drop(config_list(c, object));
}

static void config_clone(struct config *to, struct config *from)
{
	int object;

	for (object = NAT64_OBJECT_PREFIX; object <= NAT64_OBJECT_OPTION;
	     object++)
		list_clone(config_list(to, object),
			   config_list(from, object));
}

struct channel *channel_open(const char *netns, struct refusal *why)
{
	struct channel *c;

	memset(why, 0, sizeof(*why));
	if (netns) {
		refuse(why, ENXIO, "the model has no namespaces");
		return NULL;
	}
	if (getenv("MODEL_ABSENT")) {
		refuse(why, ENOENT, "");
		return NULL;
	}
	c = calloc(1, sizeof(*c));
	c->genid = 1;
	c->moving = setting("MODEL_MOVING");
	c->sessions = setting("MODEL_SESSIONS");
	config_defaults(&c->config);
	return c;
}

void channel_close(struct channel *c)
{
	if (!c)
		return;
	if (getenv("MODEL_REPORT"))
		fprintf(stderr, "model: genid %u, %zu prefixes, %zu pools\n",
			c->genid, c->config.prefixes.n, c->config.pools.n);
	config_drop(&c->config);
	free(c);
}

struct nl_msg *channel_message(struct channel *c, uint8_t cmd, bool dump,
			       size_t room)
{
	struct nl_msg *msg = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + room);

	(void)c;
	genlmsg_put(msg, 1, 1, FAMILY, 0, dump ? NLM_F_DUMP : NLM_F_ACK, cmd,
		    NAT64_GENL_VERSION);
	return msg;
}

/* Return: whether the kernel's strict validation would take this. */
static bool strict(const struct nlattr *first, int left, uint64_t allowed,
		   uint64_t repeated)
{
	const struct nlattr *nla;
	uint64_t seen = 0;
	int attr, len;
	static const int sizes[] = { -1, 1, 2, 4, 8, -1, 4, 16 };

	for (nla = first; nla_ok(nla, left); nla = nla_next(nla, &left)) {
		attr = nla_type(nla);
		if (attr < 1 || attr > NAT64_A_MAX || !(allowed >> attr & 1) ||
		    (seen & ~repeated) >> attr & 1)
			return false;
		seen |= 1ULL << attr;
		if (attr == NAT64_A_OP) {
			if (!(nla->nla_type & NLA_F_NESTED))
				return false;
			continue;
		}
		len = sizes[entry_attr_type(attr)];
		if (len >= 0 && nla_len(nla) != len)
			return false;
		if (len < 0 && (nla_len(nla) < 2 ||
				memchr(nla_data(nla), 0, nla_len(nla)) !=
				(char *)nla_data(nla) + nla_len(nla) - 1))
			return false;
	}
	return left == 0;
}

static bool overlap(const struct entry *a, const struct entry *b)
{
	uint32_t a1 = ntohl(a->value[NAT64_A_ADDR4].addr4.s_addr);
	uint32_t a2 = ntohl(a->value[NAT64_A_ADDR4_LAST].addr4.s_addr);
	uint32_t b1 = ntohl(b->value[NAT64_A_ADDR4].addr4.s_addr);
	uint32_t b2 = ntohl(b->value[NAT64_A_ADDR4_LAST].addr4.s_addr);

	if (a1 > b2 || b1 > a2)
		return false;
	if (entry_has(a, NAT64_A_PROTO) && entry_has(b, NAT64_A_PROTO) &&
	    entry_number(a, NAT64_A_PROTO) != entry_number(b, NAT64_A_PROTO))
		return false;
	return entry_number(a, NAT64_A_PORT_MIN) <=
	       entry_number(b, NAT64_A_PORT_MAX) &&
	       entry_number(b, NAT64_A_PORT_MIN) <=
	       entry_number(a, NAT64_A_PORT_MAX);
}

static bool add(struct list_of *list, const struct entry *e, int object,
		uint64_t identity, struct refusal *why)
{
	char range[64];
	size_t i;

	for (i = 0; object == NAT64_OBJECT_POOL && i < list->n; i++) {
		if (!overlap(&list->entries[i], e))
			continue;
		format_range(range, sizeof(range), &list->entries[i]);
		refuse(why, EEXIST, "");
		snprintf(why->text, sizeof(why->text), "overlaps %s", range);
		return false;
	}
	if (list_find(list, e, identity) >= 0) {
		refuse(why, EEXIST, "exists");
		return false;
	}
	list_push(list, e);
	return true;
}

static void set_value(struct entry *to, const struct entry *e)
{
	if (entry_has(e, NAT64_A_OPTION_TEXT)) {
		free((char *)to->value[NAT64_A_OPTION_TEXT].text);
		to->value[NAT64_A_OPTION_TEXT].text =
			strdup(entry_text(e, NAT64_A_OPTION_TEXT));
	} else {
		entry_set_number(to, NAT64_A_VALUE,
				 entry_number(e, NAT64_A_VALUE));
	}
}

static void reset_value(struct entry *to)
{
	struct entry e = {};

	if (entry_has(to, NAT64_A_DEFAULT_TEXT))
		entry_set_text(&e, NAT64_A_OPTION_TEXT,
			       entry_text(to, NAT64_A_DEFAULT_TEXT));
	else
		entry_set_number(&e, NAT64_A_VALUE,
				 entry_number(to, NAT64_A_DEFAULT));
	set_value(to, &e);
}

/* An ALG is always listed; enabling it sets a flag and its ports. */
static bool change_alg(struct list_of *list, const struct entry *e, int kind,
		       struct refusal *why)
{
	ssize_t i = list_find(list, e, ENTRY_BIT(NAME));
	struct entry *alg;

	if (i < 0) {
		refuse(why, ENOENT, "no such ALG");
		return false;
	}
	alg = &list->entries[i];
	alg->has &= ~(ENTRY_BIT(FLAGS) | ENTRY_BIT(PORT4));
	alg->nports = 0;
	if (kind == NAT64_OP_ADD) {
		entry_set_number(alg, NAT64_A_FLAGS, NAT64_F_ENABLED);
		alg->nports = e->nports;
		memcpy(alg->ports, e->ports, sizeof(alg->ports));
		alg->has |= e->has & ENTRY_BIT(PORT4);
		if (!e->nports)
			entry_set_number(alg, NAT64_A_PORT4,
					 entry_number(alg, NAT64_A_DEFAULT));
	}
	return true;
}

static bool change_setting(struct list_of *list, const struct entry *e,
			   int kind, struct refusal *why)
{
	ssize_t i = list_find(list, e, ENTRY_BIT(NAME));
	size_t j;

	if (kind == NAT64_OP_RESET && !entry_has(e, NAT64_A_NAME)) {
		for (j = 0; j < list->n; j++)
			reset_value(&list->entries[j]);
		return true;
	}
	if (i < 0) {
		refuse(why, ENOENT, "no such name");
		return false;
	}
	if (kind == NAT64_OP_SET)
		set_value(&list->entries[i], e);
	else
		reset_value(&list->entries[i]);
	return true;
}

static bool change_list(struct list_of *list, const struct entry *e, int kind,
			int object, struct refusal *why)
{
	static const uint64_t identity[] = {
		[NAT64_OBJECT_PREFIX] = ENTRY_BIT(ADDR6) |
					ENTRY_BIT(PREFIX_LEN),
		[NAT64_OBJECT_POOL] = ENTRY_BIT(ADDR4) | ENTRY_BIT(ADDR4_LAST) |
				      ENTRY_BIT(PORT_MIN) |
				      ENTRY_BIT(PORT_MAX) | ENTRY_BIT(PROTO),
		[NAT64_OBJECT_BINDING] = ENTRY_BIT(ADDR6) | ENTRY_BIT(PORT6) |
					 ENTRY_BIT(PROTO),
	};
	ssize_t i;

	if (kind == NAT64_OP_FLUSH) {
		list_empty(list);
		return true;
	}
	if (kind == NAT64_OP_ADD)
		return add(list, e, object, identity[object], why);
	i = list_find(list, e, identity[object]);
	if (i < 0) {
		refuse(why, ENOENT, "no such entry");
		return false;
	}
	list_remove(list, i);
	return true;
}

static void complete_entry(struct entry *e, int object)
{
	if (object == NAT64_OBJECT_POOL && !entry_has(e, NAT64_A_PORT_MIN)) {
		entry_set_number(e, NAT64_A_PORT_MIN, 0);
		entry_set_number(e, NAT64_A_PORT_MAX, UINT16_MAX);
	}
	if (object == NAT64_OBJECT_BINDING)
		entry_set_number(e, NAT64_A_FLAGS, NAT64_F_STATIC);
}

static bool change(struct config *config, struct entry *e, struct refusal *why)
{
	int object = entry_number(e, NAT64_A_OBJECT);
	int kind = entry_number(e, NAT64_A_OP_KIND);

	if (!object && kind == NAT64_OP_RESET) {
		config_defaults(config);
		return true;
	}
	if (object < NAT64_OBJECT_PREFIX || object > NAT64_OBJECT_OPTION) {
		refuse(why, EINVAL, "no such object");
		return false;
	}
	e->has &= ~(ENTRY_BIT(OBJECT) | ENTRY_BIT(OP_KIND));
	complete_entry(e, object);
	if (object == NAT64_OBJECT_ALG)
		return change_alg(config_list(config, object), e, kind, why);
	if (object > NAT64_OBJECT_ALG)
		return change_setting(config_list(config, object), e, kind,
				      why);
	return change_list(config_list(config, object), e, kind, object, why);
}

#define OP_ATTRS							\
	(ENTRY_BIT(OP_KIND) | ENTRY_BIT(OBJECT) | ENTRY_BIT(NAME) |	\
	 ENTRY_BIT(VALUE) | ENTRY_BIT(OPTION_TEXT) | ENTRY_BIT(PROTO) |	\
	 ENTRY_BIT(FLAGS) | ENTRY_BIT(ADDR6) | ENTRY_BIT(PORT6) |	\
	 ENTRY_BIT(ADDR4) | ENTRY_BIT(ADDR4_LAST) | ENTRY_BIT(PORT4) |	\
	 ENTRY_BIT(PREFIX_LEN) | ENTRY_BIT(PORT_MIN) | ENTRY_BIT(PORT_MAX))

static void apply(struct channel *c, const struct nlmsghdr *h,
		  struct refusal *why)
{
	const struct nlattr *nla = genlmsg_attrdata(nlmsg_data(h), 0);
	int left = genlmsg_attrlen(nlmsg_data(h), 0);
	struct config draft;
	struct entry e;

	config_clone(&draft, &c->config);
	for (; nla_ok(nla, left); nla = nla_next(nla, &left)) {
		if (!strict(nla_data(nla), nla_len(nla), OP_ATTRS,
			    ENTRY_BIT(PORT4))) {
			refuse(why, EINVAL, "malformed operation");
			break;
		}
		entry_read(&e, nla_data(nla), nla_len(nla));
		if (!change(&draft, &e, why))
			break;
	}
	if (why->error) {
		/* What is to blame is inside of the operation. */
		why->offset = (const char *)nla_data(nla) - (const char *)h;
		config_drop(&draft);
		return;
	}
	config_drop(&c->config);
	c->config = draft;
	c->genid++;
}

/* Sends an answer the way of all messages: as bytes. */
static bool answer_with(const struct entry *e, answer_fn answer, void *arg)
{
	struct nl_msg *msg = nlmsg_alloc_size(4096);
	struct entry heard;
	bool more = true;

	genlmsg_put(msg, 1, 1, FAMILY, 0, 0, 0, NAT64_GENL_VERSION);
	if (entry_write(e, msg))
		abort();
	entry_read(&heard, genlmsg_attrdata(nlmsg_data(nlmsg_hdr(msg)), 0),
		   genlmsg_attrlen(nlmsg_data(nlmsg_hdr(msg)), 0));
	if (answer)
		more = answer(&heard, arg);
	nlmsg_free(msg);
	return more;
}

static void dump_list(struct channel *c, int object, answer_fn answer,
		      void *arg)
{
	struct list_of *list = config_list(&c->config, object);
	struct entry e;
	size_t i;

	if (c->moving && c->moving--)
		c->genid++;
	for (i = 0; i < list->n; i++) {
		e = list->entries[i];
		entry_set_number(&e, NAT64_A_GENID, c->genid);
		if (object <= NAT64_OBJECT_BINDING &&
		    object != NAT64_OBJECT_POOL)
			entry_set_number(&e, NAT64_A_SESSIONS, 3);
		if (object == NAT64_OBJECT_POOL) {
			entry_set_number(&e, NAT64_A_PORTS_USED, 7);
			entry_set_number(&e, NAT64_A_PORTS_TOTAL, 64512);
		}
		if (!answer_with(&e, answer, arg))
			return;
	}
}

static void make_owner(struct entry *e, const char *alg)
{
	entry_set_text(e, NAT64_A_ALG, alg);
	entry_set_number(e, NAT64_A_OWNER_PORT6, 40000);
	entry_set_number(e, NAT64_A_OWNER_PORT4, 40001);
	entry_set_number(e, NAT64_A_OWNER_REMOTE_PORT, 21);
}

static void make_session(struct entry *e, uint32_t i)
{
	struct in6_addr addr6 = { .s6_addr = { 0x20, 1, 0xd, 0xb8 } };
	struct in_addr addr4;

	entry_clear(e);
	entry_set_number(e, NAT64_A_PROTO, i % 2 ? IPPROTO_UDP : IPPROTO_TCP);
	entry_set_number(e, NAT64_A_STATE, i % 2 ? NAT64_STATE_ACTIVE :
						   NAT64_STATE_ESTABLISHED);
	addr6.s6_addr[14] = i >> 8;
	addr6.s6_addr[15] = i;
	entry_set_addr6(e, NAT64_A_ADDR6, &addr6);
	entry_set_number(e, NAT64_A_PORT6, 1024 + i % 60000);
	addr6.s6_addr[5] = 0x64;
	entry_set_addr6(e, NAT64_A_REMOTE6, &addr6);
	entry_set_number(e, NAT64_A_REMOTE_PORT6, 443);
	addr4.s_addr = htonl(0xc6336401);
	entry_set_addr4(e, NAT64_A_ADDR4, addr4);
	entry_set_number(e, NAT64_A_PORT4, 1024 + i % 60000);
	addr4.s_addr = htonl(0xcb007109);
	entry_set_addr4(e, NAT64_A_REMOTE4, addr4);
	entry_set_number(e, NAT64_A_REMOTE_PORT4, 443);
	entry_set_number(e, NAT64_A_EXPIRES_MS, 7199000 - i % 1000);
	entry_set_number(e, NAT64_A_FLAGS, i % 10 ? 0 : NAT64_F_INBOUND);
	if (i == 17)
		make_owner(e, "ftp");
	if (i == 5) {
		entry_set_text(e, NAT64_A_ALG, "a\"\\\n");
		entry_set_number(e, NAT64_A_PROTO, 250);
		entry_set_number(e, NAT64_A_STATE, 99);
	}
}

static bool matches(const struct entry *e, const struct entry *filter)
{
	const uint64_t compared = ENTRY_BIT(PROTO) | ENTRY_BIT(STATE) |
				  ENTRY_BIT(PORT6) | ENTRY_BIT(PORT4) |
				  ENTRY_BIT(REMOTE_PORT4);

	return !entry_order(e, filter, filter->has & compared) &&
	       !(entry_number(filter, NAT64_A_FLAGS) &
		 ~entry_number(e, NAT64_A_FLAGS));
}

static void dump_sessions(struct channel *c, const struct entry *filter,
			  answer_fn answer, void *arg, struct refusal *why)
{
	long fail = setting("MODEL_FAIL");
	struct entry e;
	uint32_t i;

	why->interrupted = getenv("MODEL_INTERRUPT");
	for (i = 0; i < c->sessions; i++) {
		make_session(&e, i);
		if (fail && i == fail) {
			refuse(why, ENOMEM, "");
			return;
		}
		if (matches(&e, filter) && !answer_with(&e, answer, arg))
			return;
	}
}

static void count_sessions(struct channel *c, const struct entry *filter,
			   bool kill, answer_fn answer, void *arg)
{
	uint32_t i, n = 0;
	struct entry e;

	for (i = 0; i < c->sessions; i++) {
		make_session(&e, i);
		n += matches(&e, filter);
	}
	if (kill)
		c->sessions -= n;
	entry_clear(&e);
	entry_set_number(&e, NAT64_A_SESSIONS, n);
	answer_with(&e, answer, arg);
}

static void status(struct channel *c, answer_fn answer, void *arg)
{
	struct entry e = {};

	entry_set_text(&e, NAT64_A_VERSION, "9.9-model");
	entry_set_number(&e, NAT64_A_GENID, c->genid);
	entry_set_number(&e, NAT64_A_SESSIONS, c->sessions);
	entry_set_number(&e, NAT64_A_BINDINGS, c->config.bindings.n);
	entry_set_number(&e, NAT64_A_PREFIXES, c->config.prefixes.n);
	entry_set_number(&e, NAT64_A_POOLS, c->config.pools.n);
	entry_set_number(&e, NAT64_A_ACTIVE,
			 c->config.prefixes.n && c->config.pools.n);
	answer_with(&e, answer, arg);
}

static void stats(answer_fn answer, void *arg)
{
	struct entry e;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counters); i++) {
		entry_clear(&e);
		entry_set_text(&e, NAT64_A_NAME, counters[i].name);
		entry_set_text(&e, NAT64_A_HELP, counters[i].help);
		entry_set_number(&e, NAT64_A_VALUE, i * i);
		if (!answer_with(&e, answer, arg))
			return;
	}
}

/* From a server's any port, from any server, reserved, and to a server. */
static void make_gate(struct entry *e, uint32_t i)
{
	make_session(e, 2);
	make_owner(e, i ? "rtsp" : "ftp");
	e->has &= ~ENTRY_BIT(STATE);
	entry_set_number(e, NAT64_A_FLAGS, i == 2 ? NAT64_F_RESERVED :
					   i == 3 ? NAT64_F_TO_IPV4 : 0);
	if (i < 3)
		e->has &= ~(ENTRY_BIT(REMOTE_PORT4) | ENTRY_BIT(REMOTE_PORT6));
	if (i == 1)
		e->has &= ~(ENTRY_BIT(REMOTE4) | ENTRY_BIT(REMOTE6));
	if (i == 3)
		e->has &= ~(ENTRY_BIT(PORT6) | ENTRY_BIT(PORT4));
}

static void gates(bool flush, const struct entry *filter, answer_fn answer,
		  void *arg)
{
	struct entry e = {};
	uint32_t i;

	if (flush) {
		entry_set_number(&e, NAT64_A_GATES, 4);
		answer_with(&e, answer, arg);
		return;
	}
	for (i = 0; i < 4; i++) {
		make_gate(&e, i);
		if (matches(&e, filter) && !answer_with(&e, answer, arg))
			return;
	}
}

#define FILTER_ATTRS							\
	(ENTRY_BIT(PROTO) | ENTRY_BIT(STATE) | ENTRY_BIT(ADDR6) |	\
	 ENTRY_BIT(ADDR6_LEN) | ENTRY_BIT(PORT6) | ENTRY_BIT(ADDR4) |	\
	 ENTRY_BIT(ADDR4_LEN) | ENTRY_BIT(PORT4) | ENTRY_BIT(REMOTE4) |	\
	 ENTRY_BIT(REMOTE4_LEN) | ENTRY_BIT(REMOTE_PORT4) |		\
	 ENTRY_BIT(FLAGS))

static uint64_t allowed(int cmd)
{
	switch (cmd) {
	case NAT64_CMD_APPLY:
		return ENTRY_BIT(OP);
	case NAT64_CMD_BINDING_GET:
	case NAT64_CMD_SESSION_GET:
	case NAT64_CMD_SESSION_COUNT:
	case NAT64_CMD_SESSION_KILL:
		return FILTER_ATTRS;
	case NAT64_CMD_GATE_GET:
		return FILTER_ATTRS & ~ENTRY_BIT(STATE);
	default:
		return 0;
	}
}

static bool is_dump(int cmd)
{
	return cmd >= NAT64_CMD_PREFIX_GET && cmd <= NAT64_CMD_STATS_GET;
}

static void serve(struct channel *c, int cmd, const struct nlmsghdr *h,
		  const struct entry *filter, answer_fn answer, void *arg,
		  struct refusal *why)
{
	static const uint8_t objects[] = {
		[NAT64_CMD_PREFIX_GET] = NAT64_OBJECT_PREFIX,
		[NAT64_CMD_POOL_GET] = NAT64_OBJECT_POOL,
		[NAT64_CMD_BINDING_GET] = NAT64_OBJECT_BINDING,
		[NAT64_CMD_ALG_GET] = NAT64_OBJECT_ALG,
		[NAT64_CMD_TIMEOUT_GET] = NAT64_OBJECT_TIMEOUT,
		[NAT64_CMD_LIMIT_GET] = NAT64_OBJECT_LIMIT,
		[NAT64_CMD_OPTION_GET] = NAT64_OBJECT_OPTION,
	};

	if (cmd == NAT64_CMD_APPLY)
		apply(c, h, why);
	else if (cmd == NAT64_CMD_STATUS_GET)
		status(c, answer, arg);
	else if (cmd == NAT64_CMD_SESSION_GET)
		dump_sessions(c, filter, answer, arg, why);
	else if (cmd == NAT64_CMD_SESSION_COUNT)
		count_sessions(c, filter, false, answer, arg);
	else if (cmd == NAT64_CMD_SESSION_KILL)
		count_sessions(c, filter, true, answer, arg);
	else if (cmd == NAT64_CMD_GATE_GET || cmd == NAT64_CMD_GATE_FLUSH)
		gates(cmd == NAT64_CMD_GATE_FLUSH, filter, answer, arg);
	else if (cmd == NAT64_CMD_STATS_GET)
		stats(answer, arg);
	else if (cmd != NAT64_CMD_STATS_RESET)
		dump_list(c, objects[cmd], answer, arg);
}

int channel_request(struct channel *c, struct nl_msg *msg, answer_fn answer,
		    void *arg, struct refusal *why)
{
	const struct nlmsghdr *h = nlmsg_hdr(msg);
	const struct genlmsghdr *g = nlmsg_data(h);
	struct entry filter;

	memset(why, 0, sizeof(*why));
	entry_read(&filter, genlmsg_attrdata(g, 0), genlmsg_attrlen(g, 0));
	if (is_dump(g->cmd) != !!(h->nlmsg_flags & NLM_F_DUMP))
		refuse(why, EOPNOTSUPP, "dump flag");
	else if (!strict(genlmsg_attrdata(g, 0), genlmsg_attrlen(g, 0),
			 allowed(g->cmd), ENTRY_BIT(OP)))
		refuse(why, EINVAL, "malformed request");
	else
		serve(c, g->cmd, h, &filter, answer, arg, why);
	nlmsg_free(msg);
	return why->error;
}

int channel_listen(struct channel *c, answer_fn answer, void *arg,
		   struct refusal *why)
{
	struct entry e;
	int event;

	(void)c;
	for (event = 1; event <= 133; event++) {
		if (event == 17)
			event = NAT64_EVENT_GATE_OPEN;
		if (event < NAT64_EVENT_GATE_OPEN)
			make_session(&e, event);
		else
			make_gate(&e, event - NAT64_EVENT_GATE_OPEN);
		entry_set_number(&e, NAT64_A_EVENT, event);
		entry_set_number(&e, NAT64_A_TIMESTAMP_MS, 1700000000123);
		if (event == NAT64_EVENT_QUOTA_EXCEEDED)
			entry_set_number(&e, NAT64_A_QUOTA,
					 NAT64_QUOTA_SUBSCRIBERS);
		answer_with(&e, answer, arg);
	}
	answer(NULL, arg);
	memset(why, 0, sizeof(*why));
	why->error = EPIPE;
	return EPIPE;
}
