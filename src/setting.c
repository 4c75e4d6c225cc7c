// SPDX-License-Identifier: GPL-2.0
#include "setting.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/nat64.h>
#include <linux/string.h>
#include <net/netlink.h>
#include "draft.h"
#include "range.h"

const struct nat64_timeout_info nat64_timeouts[NAT64_TIMEOUT_COUNT] = {
#define X(id, name, def, floor, help) \
	[NAT64_TIMEOUT_##id] = { name, def, floor, help },
	NAT64_TIMEOUTS(X)
#undef X
};

const struct nat64_limit_info nat64_limits[NAT64_LIMIT_COUNT] = {
#define X(id, name, def, help) [NAT64_LIMIT_##id] = { name, def, help },
	NAT64_LIMITS(X)
#undef X
};

const struct nat64_option_info nat64_options[NAT64_OPTION_COUNT] = {
#define X(id, name, choices, def, help) \
	[NAT64_OPTION_##id] = { name, choices, def, help },
	NAT64_OPTIONS(X)
#undef X
};

const struct nat64_alg_info nat64_algs[NAT64_ALG_COUNT] = {
#define X(id, name, port, help) [NAT64_ALG_##id] = { name, port, help },
	NAT64_ALGS(X)
#undef X
};

static int number_read(const char *text, size_t len, u32 *number)
{
	u64 n = 0;
	size_t i;

	if (!len || len > 10)
		return -EINVAL;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		n = n * 10 + text[i] - '0';
	}
	if (n > U32_MAX)
		return -ERANGE;
	*number = n;
	return 0;
}

/* One of the choices is a range of numbers if it reads like one. */
static bool range_read(const char *choice, size_t len, u32 *min, u32 *max)
{
	const char *dash = memchr(choice, '-', len);

	return dash && !number_read(choice, dash - choice, min) &&
	       !number_read(dash + 1, choice + len - dash - 1, max);
}

static int option_read(const struct nat64_option_info *info, const char *text,
		       u32 *value)
{
	const char *choice = info->choices;
	size_t have = strlen(text);
	u32 words = 0, min, max, n;

	for (;;) {
		size_t len = strcspn(choice, "|");

		if (range_read(choice, len, &min, &max)) {
			if (number_read(text, have, &n) || n < min || n > max)
				return -EINVAL;
			*value = words + n;
			return 0;
		}
		if (len == have && !memcmp(choice, text, len)) {
			*value = words;
			return 0;
		}
		if (!choice[len])
			return -EINVAL;
		choice += len + 1;
		words++;
	}
}

void nat64_option_text(const struct nat64_config *cfg,
		       enum nat64_option option, char *buf, size_t len)
{
	const char *choice = nat64_options[option].choices;
	u32 left = cfg->option[option], min, max;

	for (;;) {
		int width = strcspn(choice, "|");

		if (range_read(choice, width, &min, &max)) {
			scnprintf(buf, len, "%u", left);
			return;
		}
		if (!left || !choice[width]) {
			scnprintf(buf, len, "%.*s", width, choice);
			return;
		}
		choice += width + 1;
		left--;
	}
}

int nat64_setting_defaults(struct nat64_config *cfg)
{
	unsigned int i;
	int err;

	for (i = 0; i < NAT64_TIMEOUT_COUNT; i++)
		cfg->timeout[i] = nat64_timeouts[i].def_ms;
	for (i = 0; i < NAT64_LIMIT_COUNT; i++)
		cfg->limit[i] = nat64_limits[i].def;
	for (i = 0; i < NAT64_OPTION_COUNT; i++) {
		err = option_read(&nat64_options[i], nat64_options[i].def,
				  &cfg->option[i]);
		if (err)
			return err;
	}
	memset(cfg->alg, 0, sizeof(cfg->alg));
	return 0;
}

/*
 * The index of NAT64_A_NAME in one of the tables above, whose elements all
 * begin with the name.
 */
static int name_find(struct nat64_draft *d, struct nlattr **tb,
		     const char *what, const void *table, size_t size,
		     int count)
{
	const char *name = nla_data(tb[NAT64_A_NAME]);
	int i;

	for (i = 0; i < count; i++, table += size)
		if (!strcmp(name, *(const char * const *)table))
			return i;
	return nat64_refuse(d, tb[NAT64_A_NAME], -ENOENT, "no such %s", what);
}

#define NAME_FIND(d, tb, what, table) \
	name_find(d, tb, what, table, sizeof((table)[0]), ARRAY_SIZE(table))

static bool strict(const struct nat64_config *cfg)
{
	return nat64_option(cfg, NAT64_OPTION_NONCONFORMING) == NAT64_NO;
}

int nat64_timeout_set(struct nat64_draft *d, struct nlattr **tb)
{
	u64 ms = nla_get_u64(tb[NAT64_A_VALUE]);
	int i = NAME_FIND(d, tb, "timeout", nat64_timeouts);
	const struct nat64_timeout_info *info;

	if (i < 0)
		return i;
	info = &nat64_timeouts[i];
	if (!ms || ms > NAT64_TIMEOUT_MAX_MS)
		return nat64_refuse(d, tb[NAT64_A_VALUE], -ERANGE,
				    "timeout is not from 1 to %u ms",
				    NAT64_TIMEOUT_MAX_MS);
	if (ms < info->floor_ms && strict(d->cfg))
		return nat64_refuse(d, tb[NAT64_A_VALUE], -ERANGE,
				    "below the floor of %u ms, see option allow-nonconforming",
				    info->floor_ms);
	d->cfg->timeout[i] = ms;
	return 0;
}

int nat64_timeout_reset(struct nat64_draft *d, struct nlattr **tb)
{
	int i;

	if (tb[NAT64_A_NAME]) {
		i = NAME_FIND(d, tb, "timeout", nat64_timeouts);
		if (i < 0)
			return i;
		d->cfg->timeout[i] = nat64_timeouts[i].def_ms;
		return 0;
	}
	for (i = 0; i < NAT64_TIMEOUT_COUNT; i++)
		d->cfg->timeout[i] = nat64_timeouts[i].def_ms;
	return 0;
}

int nat64_limit_set(struct nat64_draft *d, struct nlattr **tb)
{
	u64 value = nla_get_u64(tb[NAT64_A_VALUE]);
	int i = NAME_FIND(d, tb, "limit", nat64_limits);

	if (i < 0)
		return i;
	if (value > U32_MAX)
		return nat64_refuse(d, tb[NAT64_A_VALUE], -ERANGE,
				    "limit is over %u", U32_MAX);
	d->cfg->limit[i] = value;
	return 0;
}

int nat64_limit_reset(struct nat64_draft *d, struct nlattr **tb)
{
	int i;

	if (tb[NAT64_A_NAME]) {
		i = NAME_FIND(d, tb, "limit", nat64_limits);
		if (i < 0)
			return i;
		d->cfg->limit[i] = nat64_limits[i].def;
		return 0;
	}
	for (i = 0; i < NAT64_LIMIT_COUNT; i++)
		d->cfg->limit[i] = nat64_limits[i].def;
	return 0;
}

/* What an option may not become while something else is configured. */
static int option_check(struct nat64_draft *d, const struct nlattr *attr,
			int i, u32 value)
{
	unsigned int t;

	switch (i) {
	case NAT64_OPTION_PERSISTENT:
		if (value == NAT64_YES && nat64_range_no_pat(d))
			return nat64_refuse(d, attr, -EOPNOTSUPP,
					    "persistent bindings and a no-pat pool exclude each other");
		return 0;
	case NAT64_OPTION_NONCONFORMING:
		if (value == NAT64_YES)
			return 0;
		for (t = 0; t < NAT64_TIMEOUT_COUNT; t++)
			if (d->cfg->timeout[t] < nat64_timeouts[t].floor_ms)
				return nat64_refuse(d, attr, -EBUSY,
						    "timeout %s is below its floor of %u ms",
						    nat64_timeouts[t].name,
						    nat64_timeouts[t].floor_ms);
		return 0;
	default:
		return 0;
	}
}

static int option_change(struct nat64_draft *d, const struct nlattr *attr,
			 int i, const char *text)
{
	u32 value;
	int err;

	if (option_read(&nat64_options[i], text, &value))
		return nat64_refuse(d, attr, -EINVAL, "value is not %s",
				    nat64_options[i].choices);
	err = option_check(d, attr, i, value);
	if (err)
		return err;
	d->cfg->option[i] = value;
	return 0;
}

int nat64_option_set(struct nat64_draft *d, struct nlattr **tb)
{
	int i = NAME_FIND(d, tb, "option", nat64_options);

	if (i < 0)
		return i;
	return option_change(d, tb[NAT64_A_OPTION_TEXT], i,
			     nla_data(tb[NAT64_A_OPTION_TEXT]));
}

int nat64_option_reset(struct nat64_draft *d, struct nlattr **tb)
{
	int i, err;

	if (tb[NAT64_A_NAME]) {
		i = NAME_FIND(d, tb, "option", nat64_options);
		if (i < 0)
			return i;
		return option_change(d, tb[NAT64_A_NAME], i,
				     nat64_options[i].def);
	}
	for (i = 0; i < NAT64_OPTION_COUNT; i++) {
		err = option_change(d, tb[NAT64_A_OBJECT], i,
				    nat64_options[i].def);
		if (err)
			return err;
	}
	return 0;
}

static bool alg_has(const struct nat64_alg_config *alg, __be16 port)
{
	unsigned int i;

	for (i = 0; i < alg->ports; i++)
		if (alg->port[i] == port)
			return true;
	return false;
}

/* Add a port in its place; one that is given twice counts once. */
static int alg_port(struct nat64_draft *d, struct nat64_alg_config *alg,
		    const struct nlattr *attr)
{
	u16 port = nla_get_u16(attr);
	unsigned int i = alg->ports;

	if (!port)
		return nat64_refuse(d, attr, -EINVAL, "port is zero");
	if (alg_has(alg, cpu_to_be16(port)))
		return 0;
	if (alg->ports == NAT64_ALG_PORTS_MAX)
		return nat64_refuse(d, attr, -ENOSPC, "more than %u ports",
				    NAT64_ALG_PORTS_MAX);
	for (; i && be16_to_cpu(alg->port[i - 1]) > port; i--)
		alg->port[i] = alg->port[i - 1];
	alg->port[i] = cpu_to_be16(port);
	alg->ports++;
	return 0;
}

int nat64_alg_enable(struct nat64_draft *d, struct nlattr **tb)
{
	int i = NAME_FIND(d, tb, "ALG", nat64_algs), rem, err;
	struct nat64_alg_config alg = {};
	const struct nlattr *attr;

	if (i < 0)
		return i;
	nla_for_each_nested(attr, d->op, rem) {
		if (nla_type(attr) != NAT64_A_PORT4)
			continue;
		err = alg_port(d, &alg, attr);
		if (err)
			return err;
	}
	if (!alg.ports) {
		alg.ports = 1;
		alg.port[0] = cpu_to_be16(nat64_algs[i].port);
	}
	d->cfg->alg[i] = alg;
	d->alg_op[i] = d->op;
	return 0;
}

int nat64_alg_disable(struct nat64_draft *d, struct nlattr **tb)
{
	int i = NAME_FIND(d, tb, "ALG", nat64_algs);

	if (i < 0)
		return i;
	d->cfg->alg[i].ports = 0;
	return 0;
}

int nat64_alg_flush(struct nat64_draft *d, struct nlattr **tb)
{
	memset(d->cfg->alg, 0, sizeof(d->cfg->alg));
	return 0;
}

/* What is in the way may move in the same request, so this comes last. */
static int alg_check(struct nat64_draft *d, unsigned int id)
{
	const struct nat64_alg_config *alg = &d->cfg->alg[id];
	unsigned int other, i;

	for (other = 0; other < id; other++) {
		for (i = 0; i < alg->ports; i++) {
			if (!alg_has(&d->cfg->alg[other], alg->port[i]))
				continue;
			return nat64_refuse(d, d->alg_op[id] ?:
					    d->alg_op[other], -EEXIST,
					    "port %u is both of ALG %s and of %s",
					    be16_to_cpu(alg->port[i]),
					    nat64_algs[other].name,
					    nat64_algs[id].name);
		}
	}
	return 0;
}

int nat64_alg_finish(struct nat64_draft *d)
{
	unsigned int i;
	int err;

	d->cfg->algs = 0;
	for (i = 0; i < NAT64_ALG_COUNT; i++) {
		err = alg_check(d, i);
		if (err)
			return err;
		d->cfg->algs += !!d->cfg->alg[i].ports;
	}
	return 0;
}
