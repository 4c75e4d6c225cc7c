// SPDX-License-Identifier: GPL-2.0
/*
 * Completion: what could stand in the place of the last word. The shell's
 * part only passes the words and shows the answer.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "names.h"
#include "nat64ctl.h"
#include "parse.h"
#include "request.h"

static void offer(const char *partial, const char *candidate)
{
	if (!strncmp(candidate, partial, strlen(partial)))
		puts(candidate);
}

static void offer_all(const char *partial, const char *const *candidates)
{
	for (; *candidates; candidates++)
		offer(partial, *candidates);
}

static void offer_names(const char *partial, const struct name *names)
{
	for (; names->name; names++)
		offer(partial, names->name);
}

static void offer_netns(const char *partial)
{
	DIR *dir = opendir("/run/netns");
	const struct dirent *d;

	while (dir && (d = readdir(dir))) {
		if (d->d_name[0] != '.')
			offer(partial, d->d_name);
	}
	if (dir)
		closedir(dir);
}

static void offer_objects(const char *partial)
{
	static const char *const options[] = {
		"--json", "--pretty", "--stats", "--details", "--netns",
		"--batch", "--quiet", "--color", "--version", "--help", NULL
	};
	const char *object = "";
	const struct command *c;

	for (c = commands; c->object; c++) {
		if (strcmp(c->object, object))
			offer(partial, c->object);
		object = c->object;
	}
	if (*partial == '-')
		offer_all(partial, options);
}

static void offer_commands(const char *partial, const char *object)
{
	const struct command *c;

	for (c = commands; c->object; c++) {
		if (!strcmp(c->object, object) && c->name)
			offer(partial, c->name);
	}
	offer(partial, "help");
}

static void offer_operand(const char *partial, const struct keyword *k)
{
	static const char *const protocols[] = { "tcp", "udp", "icmp", NULL };

	if (k->operand == OPERAND_PROTO)
		offer_all(partial, protocols);
	else if (k->operand == OPERAND_PROTO_ANY)
		offer_names(partial, proto_names);
	else if (k->operand == OPERAND_STATE)
		offer_names(partial, state_names);
}

/* What the module knows about a setting or an ALG. */
struct offering {
	const char *partial;
	const char *name;	/* whose choices are wanted, or NULL */
};

/* Choices that are numbers cannot be listed. */
static void offer_choices(const char *partial, const char *choices)
{
	char *copy = must(strdup(choices)), *rest = copy, *choice;
	uint64_t min, max;

	while ((choice = strsep(&rest, "|"))) {
		if (!parse_span(choice, &min, &max))
			offer(partial, choice);
	}
	free(copy);
}

static bool offer_entry(const struct entry *e, void *arg)
{
	const char *name = entry_text(e, NAT64_A_NAME);
	const struct offering *o = arg;

	if (!o->name)
		offer(o->partial, name);
	else if (!strcmp(o->name, name))
		offer_choices(o->partial, entry_text(e, NAT64_A_CHOICES));
	return true;
}

static void offer_known(struct ctl *ctl, const char *object,
			const char *partial, const char *name)
{
	static const struct { const char *object; uint8_t cmd; } lists[] = {
		{ "timeout", NAT64_CMD_TIMEOUT_GET },
		{ "limit", NAT64_CMD_LIMIT_GET },
		{ "option", NAT64_CMD_OPTION_GET },
		{ "alg", NAT64_CMD_ALG_GET },
	};
	struct offering o = { partial, name };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		if (!strcmp(lists[i].object, object))
			request_dump(ctl, lists[i].cmd, NULL, offer_entry, &o,
				     NULL);
	}
}

static bool is_given(const struct keyword *k, const struct words *w)
{
	int i;

	for (i = 0; i < w->left - 1; i++) {
		if (!k->repeat && !strcmp(w->next[i], k->name))
			return true;
	}
	return false;
}

/* The words behind those that name the command. */
static void offer_args(struct ctl *ctl, const struct command *c,
		       const struct words *w)
{
	const char *partial = w->next[w->left - 1];
	const char *before = w->left > 1 ? w->next[w->left - 2] : "";
	const struct keyword *k;

	for (k = c->keywords; k && k->name; k++) {
		if (k->operand != OPERAND_NONE && !strcmp(before, k->name)) {
			offer_operand(partial, k);
			return;
		}
	}
	if (w->left == 1 && !strncmp(c->args, "PREFIX6|", 8))
		offer(partial, "default");
	if (w->left == 1 && strstr(c->args, "NAME"))
		offer_known(ctl, c->object, partial, NULL);
	if (w->left == 2 && strstr(c->args, "VALUE"))
		offer_known(ctl, c->object, partial, before);
	if (w->left == 3 && strstr(c->args, " to "))
		offer(partial, "to");
	for (k = c->keywords; k && k->name; k++) {
		if (!is_given(k, w))
			offer(partial, k->name);
	}
}

static bool takes_value(const char *option)
{
	return !strcmp(option, "-n") || !strcmp(option, "--netns") ||
	       !strcmp(option, "-b") || !strcmp(option, "--batch") ||
	       !strcmp(option, "--color");
}

/* Passes the options. Return: true where the last word belongs to one. */
static bool complete_options(struct ctl *ctl, struct words *w)
{
	static const char *const colors[] = { "auto", "never", "always", NULL };
	const char *option;

	while (w->left > 1 && words_peek(w)[0] == '-') {
		option = words_take(w);
		if (!takes_value(option))
			continue;
		if (w->left > 1) {
			if (option[strspn(option, "-")] == 'n')
				ctl->netns = words_peek(w);
			words_take(w);
		} else if (!strcmp(option, "--color")) {
			offer_all(words_peek(w), colors);
			return true;
		} else if (option[strspn(option, "-")] == 'n') {
			offer_netns(words_peek(w));
			return true;
		} else {
			return true;
		}
	}
	return false;
}

int complete_run(struct ctl *ctl, struct words *w)
{
	const struct command *c;
	const char *object;

	if (!w->left || complete_options(ctl, w))
		return CTL_OK;
	if (w->left == 1) {
		offer_objects(words_peek(w));
		return CTL_OK;
	}
	object = words_take(w);
	for (c = commands; c->object; c++) {
		if (strcmp(c->object, object))
			continue;
		if (!c->name) {
			offer_args(ctl, c, w);
		} else if (w->left > 1 && !strcmp(c->name, words_peek(w))) {
			words_take(w);
			offer_args(ctl, c, w);
			return CTL_OK;
		}
	}
	if (w->left == 1)
		offer_commands(words_peek(w), object);
	return CTL_OK;
}
