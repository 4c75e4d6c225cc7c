// SPDX-License-Identifier: GPL-2.0
/* One screen that says whether it works, how full it is and what went wrong. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "names.h"
#include "parse.h"
#include "print.h"
#include "request.h"

/* Reasons to drop packets that are worth a look. */
#define TOP_DROPS	5
/* Pools and prefixes that fit on one screen. */
#define TOP_LINES	8
/* From here on something is nearly full, in percent. */
#define NEARLY_FULL	90

struct counter {
	char *name;
	char *help;
	uint64_t value;
};

/**
 * struct status - everything that the screen shows
 * @ctl: the run
 * @e: the module's answer, and what was summed up
 * @version: the module's
 * @limits: of what is counted in @e, 0 for none
 * @counters: that are not zero
 * @ncounters: how many
 * @lines: printed of a list
 */
struct status {
	struct ctl *ctl;
	struct entry e;
	char version[NAT64_TEXT_MAX];
	uint64_t limits[NAT64_A_MAX + 1];
	struct counter *counters;
	size_t ncounters;
	size_t lines;
};

static const struct field fields[] = {
	{ "version", FIELD_TEXT, NAT64_A_VERSION },
	{ "active", FIELD_BOOL, NAT64_A_ACTIVE },
	{ "genid", FIELD_NUMBER, NAT64_A_GENID },
	{ "sessions", FIELD_NUMBER, NAT64_A_SESSIONS },
	{ "bindings", FIELD_NUMBER, NAT64_A_BINDINGS },
	{ "subscribers", FIELD_NUMBER, NAT64_A_SUBSCRIBERS },
	{ "gates", FIELD_NUMBER, NAT64_A_GATES },
	{ "stored_syns", FIELD_NUMBER, NAT64_A_STORED_SYNS },
	{ "held_ports", FIELD_NUMBER, NAT64_A_HELD_PORTS },
	{ "prefixes", FIELD_NUMBER, NAT64_A_PREFIXES },
	{ "pools", FIELD_NUMBER, NAT64_A_POOLS },
	{ "pool_addresses", FIELD_NUMBER, NAT64_A_POOL_ADDRESSES },
	{ "ports_used", FIELD_NUMBER, NAT64_A_PORTS_USED },
	{ "ports_total", FIELD_NUMBER, NAT64_A_PORTS_TOTAL },
	{ "dropped", FIELD_NUMBER, NAT64_A_VALUE },
	{}
};

static const struct listing listing = { fields };

/* What is counted, and the limit of the same name. */
static const struct {
	const char *name;
	int attr;
	bool always;
} gauges[] = {
	{ "sessions", NAT64_A_SESSIONS, true },
	{ "bindings", NAT64_A_BINDINGS, true },
	{ "subscribers", NAT64_A_SUBSCRIBERS, true },
	{ "gates", NAT64_A_GATES },
	{ "stored-syns", NAT64_A_STORED_SYNS },
	{ "held-ports", NAT64_A_HELD_PORTS },
};

static bool take_status(const struct entry *e, void *arg)
{
	struct status *s = arg;

	s->e = *e;
	snprintf(s->version, sizeof(s->version), "%s",
		 entry_text(e, NAT64_A_VERSION));
	entry_set_text(&s->e, NAT64_A_VERSION, s->version);
	return true;
}

static bool take_limit(const struct entry *e, void *arg)
{
	struct status *s = arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(gauges); i++) {
		if (!strcmp(gauges[i].name, entry_text(e, NAT64_A_NAME)))
			s->limits[gauges[i].attr] =
				entry_number(e, NAT64_A_VALUE);
	}
	return true;
}

static bool is_drop(const char *name)
{
	return !strncmp(name, "drop-", 5);
}

static void add_number(struct entry *e, int attr, uint64_t n)
{
	entry_set_number(e, attr, entry_number(e, attr) + n);
}

static bool take_counter(const struct entry *e, void *arg)
{
	const char *name = entry_text(e, NAT64_A_NAME);
	uint64_t value = entry_number(e, NAT64_A_VALUE);
	struct status *s = arg;
	struct counter *c;

	if (is_drop(name))
		add_number(&s->e, NAT64_A_VALUE, value);
	if (!value)
		return true;
	s->counters = must(reallocarray(s->counters, s->ncounters + 1,
					sizeof(*s->counters)));
	c = &s->counters[s->ncounters++];
	c->name = must(strdup(name));
	c->help = must(strdup(entry_text(e, NAT64_A_HELP)));
	c->value = value;
	return true;
}

static bool take_pool(const struct entry *e, void *arg)
{
	struct status *s = arg;

	add_number(&s->e, NAT64_A_PORTS_USED,
		   entry_number(e, NAT64_A_PORTS_USED));
	add_number(&s->e, NAT64_A_PORTS_TOTAL,
		   entry_number(e, NAT64_A_PORTS_TOTAL));
	return true;
}

static int read_status(struct status *s)
{
	int err;

	err = request_do(s->ctl, NAT64_CMD_STATUS_GET, NULL, take_status, s);
	entry_set_number(&s->e, NAT64_A_PORTS_USED, 0);
	entry_set_number(&s->e, NAT64_A_PORTS_TOTAL, 0);
	entry_set_number(&s->e, NAT64_A_VALUE, 0);
	if (!err)
		err = request_dump(s->ctl, NAT64_CMD_LIMIT_GET, NULL,
				   take_limit, s, NULL);
	if (!err)
		err = request_dump(s->ctl, NAT64_CMD_POOL_GET, NULL,
				   take_pool, s, NULL);
	if (!err)
		err = request_dump(s->ctl, NAT64_CMD_STATS_GET, NULL,
				   take_counter, s, NULL);
	return err;
}

static bool print_line(struct status *s, const char *title)
{
	if (s->lines == TOP_LINES)
		printf("%-12s ...\n", "");
	if (++s->lines > TOP_LINES)
		return false;
	printf("%-12s ", s->lines == 1 ? title : "");
	return true;
}

static bool print_prefix(const struct entry *e, void *arg)
{
	struct status *s = arg;
	char text[128];

	format_prefix(text, sizeof(text), e);
	if (print_line(s, "prefix"))
		printf("%s, %" PRIu64 " sessions\n", text,
		       entry_number(e, NAT64_A_SESSIONS));
	return true;
}

static unsigned int percent(uint64_t part, uint64_t whole)
{
	return whole ? (double)part * 100 / whole : 0;
}

static bool print_pool(const struct entry *e, void *arg)
{
	uint64_t used = entry_number(e, NAT64_A_PORTS_USED);
	uint64_t total = entry_number(e, NAT64_A_PORTS_TOTAL);
	struct status *s = arg;
	const char *proto;
	char text[128];

	if (!print_line(s, "pool"))
		return true;
	format_range(text, sizeof(text), e);
	proto = entry_has(e, NAT64_A_PROTO) ?
		name_of(proto_names, entry_number(e, NAT64_A_PROTO)) : NULL;
	printf("%s ports %" PRIu64 "-%" PRIu64 "%s%s, %" PRIu64 " of %" PRIu64
	       " in use (%u%%)\n", text, entry_number(e, NAT64_A_PORT_MIN),
	       entry_number(e, NAT64_A_PORT_MAX), proto ? " " : "",
	       proto ?: "", used, total, percent(used, total));
	return true;
}

static void print_gauges(const struct status *s)
{
	uint64_t n, limit;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(gauges); i++) {
		n = entry_number(&s->e, gauges[i].attr);
		limit = s->limits[gauges[i].attr];
		if (!n && !gauges[i].always)
			continue;
		printf("%-12s %" PRIu64, gauges[i].name, n);
		if (limit)
			printf(" of %" PRIu64 " (%u%%)", limit,
			       percent(n, limit));
		putchar('\n');
	}
}

static int more_first(const void *a, const void *b)
{
	const struct counter *x = a, *y = b;

	return (x->value < y->value) - (x->value > y->value);
}

static void print_counters(const struct status *s)
{
	const struct counter *c;
	size_t i, n = 0;

	printf("%-12s %" PRIu64 " packets\n", "dropped",
	       entry_number(&s->e, NAT64_A_VALUE));
	for (i = 0; i < s->ncounters && (s->ctl->stats || n < TOP_DROPS);
	     i++) {
		c = &s->counters[i];
		if (!s->ctl->stats && !is_drop(c->name))
			continue;
		printf("%-12s %" PRIu64 " %s (%s)\n", "", c->value, c->name,
		       c->help);
		n++;
	}
}

/* Return: whether a switch of the kernel in this namespace is off. */
static bool is_off(const char *path)
{
	FILE *in = fopen(path, "re");
	int c;

	if (!in)
		return false;
	c = getc(in);
	fclose(in);
	return c == '0';
}

static void hint(const struct status *s, const char *text)
{
	printf("%s%-12s %s%s\n", style_warn(s->ctl), "hint", text,
	       style_off(s->ctl));
}

static void hint_full(const struct status *s)
{
	uint64_t limit;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(gauges); i++) {
		limit = s->limits[gauges[i].attr];
		if (gauges[i].always &&
		    percent(entry_number(&s->e, gauges[i].attr), limit) >=
		    NEARLY_FULL) {
			hint(s, "a limit is nearly reached; see: nat64ctl -d limit show");
			return;
		}
	}
}

static void print_hints(const struct status *s)
{
	uint64_t total = entry_number(&s->e, NAT64_A_PORTS_TOTAL);

	if (!entry_number(&s->e, NAT64_A_PREFIXES))
		hint(s, "no prefix configured: nothing is translated; try: nat64ctl prefix add default");
	if (!entry_number(&s->e, NAT64_A_POOLS))
		hint(s, "no pool configured: clients get no IPv4 address; try: nat64ctl pool add ADDRESSES");
	if (is_off("/proc/sys/net/ipv4/ip_forward"))
		hint(s, "IPv4 forwarding is off; try: sysctl -w net.ipv4.ip_forward=1");
	if (is_off("/proc/sys/net/ipv6/conf/all/forwarding"))
		hint(s, "IPv6 forwarding is off; try: sysctl -w net.ipv6.conf.all.forwarding=1");
	if (percent(entry_number(&s->e, NAT64_A_PORTS_USED), total) >=
	    NEARLY_FULL)
		hint(s, "the pool is nearly used up; add addresses: nat64ctl pool add ADDRESSES");
	hint_full(s);
}

static int print_status(struct status *s)
{
	bool active = entry_number(&s->e, NAT64_A_ACTIVE);
	int err;

	printf("%snat64 %s: %s%s, configuration %" PRIu64 "\n",
	       style_bold(s->ctl), s->version,
	       active ? "active" : "not active", style_off(s->ctl),
	       entry_number(&s->e, NAT64_A_GENID));
	err = request_dump(s->ctl, NAT64_CMD_PREFIX_GET, NULL, print_prefix,
			   s, NULL);
	s->lines = 0;
	if (!err)
		err = request_dump(s->ctl, NAT64_CMD_POOL_GET, NULL,
				   print_pool, s, NULL);
	if (err)
		return err;
	print_gauges(s);
	if (s->ncounters)
		qsort(s->counters, s->ncounters, sizeof(*s->counters),
		      more_first);
	print_counters(s);
	print_hints(s);
	return CTL_OK;
}

int status_show(struct ctl *ctl, struct words *w)
{
	struct status s = { .ctl = ctl };
	struct list list;
	int err;

	err = parse_end(ctl, w);
	if (!err)
		err = read_status(&s);
	if (!err && ctl->json) {
		list_begin(&list, ctl, &listing);
		list_row(&list, &s.e);
		list_end(&list, true);
	} else if (!err) {
		err = print_status(&s);
	}
	while (s.ncounters--) {
		free(s.counters[s.ncounters].name);
		free(s.counters[s.ncounters].help);
	}
	free(s.counters);
	return err;
}
