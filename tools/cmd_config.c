// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "parse.h"
#include "plan.h"
#include "print.h"
#include "request.h"
#include "snapshot.h"
#include "sync.h"

/* A command is shown as the text that it is. */
static const struct field fields[] = {
	{ "command", FIELD_TEXT, NAT64_A_NAME },
	{}
};

static const struct listing listing = { fields, "{command}" };

static void show_plan(const struct ctl *ctl, const struct plan *plan)
{
	struct entry e = {};
	struct list list;
	char *command;
	size_t i;

	list_begin(&list, ctl, &listing);
	for (i = 0; i < plan->n; i++) {
		command = op_command(&plan->ops[i]);
		entry_set_text(&e, NAT64_A_NAME, command);
		list_row(&list, &e);
		free(command);
	}
	list_end(&list, true);
}

static void print_plan(FILE *out, const struct snapshot *snap)
{
	char *command;
	size_t i;

	fprintf(out, "# nat64ctl %s, module %s\n", NAT64CTL_VERSION,
		snap->version);
	for (i = 0; i < snap->plan.n; i++) {
		command = op_command(&snap->plan.ops[i]);
		fprintf(out, "%s\n", command);
		free(command);
	}
}

int config_show(struct ctl *ctl, struct words *w)
{
	struct snapshot snap;
	int err;

	err = parse_end(ctl, w);
	if (err)
		return err;
	err = snapshot_read(ctl, &snap);
	if (!err && ctl->json)
		show_plan(ctl, &snap.plan);
	else if (!err)
		print_plan(stdout, &snap);
	snapshot_free(&snap);
	return err;
}

static int failed(const struct ctl *ctl, const char *path)
{
	complain(ctl, "%s: %s", path, strerror(errno));
	return CTL_REFUSED;
}

static bool write_out(FILE *out, const struct snapshot *snap)
{
	bool good;

	if (!out)
		return false;
	print_plan(out, snap);
	good = !fflush(out) && (!fsync(fileno(out)) || errno == EINVAL ||
				errno == EROFS);
	return !fclose(out) && good;
}

/* A file is replaced as a whole: whoever reads it finds a configuration. */
static int replace(const struct ctl *ctl, const char *path,
		   const struct snapshot *snap)
{
	char *temporary = NULL;
	int fd, err = CTL_OK;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return failed(ctl, path);
	fd = mkstemp(temporary);
	if (fd < 0) {
		err = failed(ctl, path);
	} else if (fchmod(fd, 0644) || !write_out(fdopen(fd, "w"), snap) ||
		   rename(temporary, path)) {
		err = failed(ctl, path);
		unlink(temporary);
	}
	free(temporary);
	return err;
}

static int save(const struct ctl *ctl, const char *file,
		const struct snapshot *snap)
{
	struct stat st;
	char *path;
	int err;

	if (!strcmp(file, "-")) {
		print_plan(stdout, snap);
		return CTL_OK;
	}
	if (!stat(file, &st) && !S_ISREG(st.st_mode))
		return write_out(fopen(file, "we"), snap) ? CTL_OK :
							   failed(ctl, file);
	/* A symbolic link stays one. */
	path = realpath(file, NULL);
	err = replace(ctl, path ?: file, snap);
	free(path);
	return err;
}

int config_save(struct ctl *ctl, struct words *w)
{
	const char *file = words_take(w) ?: "-";
	struct snapshot snap;
	int err;

	err = parse_end(ctl, w);
	if (err)
		return err;
	err = snapshot_read(ctl, &snap);
	if (!err)
		err = save(ctl, file, &snap);
	snapshot_free(&snap);
	return err;
}

static const char *take_file(struct ctl *ctl, struct words *w)
{
	const char *file = parse_take(ctl, w, "the file");

	return file && !parse_end(ctl, w) ? file : NULL;
}

int config_restore(struct ctl *ctl, struct words *w)
{
	const char *file = take_file(ctl, w);
	struct plan plan = {};
	int err;

	if (!file)
		return CTL_USAGE;
	plan_add(&plan, NAT64_OP_RESET, 0);
	err = plan_read(ctl, &plan, file);
	if (!err)
		err = plan_apply(ctl, &plan, file);
	plan_free(&plan);
	return err;
}

static int sync_with(struct ctl *ctl, const struct plan *plan,
		     const char *file)
{
	struct plan diff = {};
	struct snapshot snap;
	int err;

	err = snapshot_read(ctl, &snap);
	if (!err) {
		sync_plan(&diff, plan, &snap);
		err = plan_apply(ctl, &diff, file);
	}
	if (!err && (ctl->json || ctl->details))
		show_plan(ctl, &diff);
	plan_free(&diff);
	snapshot_free(&snap);
	return err;
}

int config_sync(struct ctl *ctl, struct words *w)
{
	const char *file = take_file(ctl, w);
	struct plan plan = {};
	int err;

	if (!file)
		return CTL_USAGE;
	err = plan_read(ctl, &plan, file);
	if (!err)
		err = sync_with(ctl, &plan, file);
	plan_free(&plan);
	return err;
}

/* One of "a|b" or within "0-255". */
static bool is_choice(const char *choices, const char *value)
{
	uint64_t n, min, max;
	char *copy, *rest, *choice;
	bool found = false;

	copy = must(strdup(choices));
	for (rest = copy; !found && (choice = strsep(&rest, "|"));) {
		if (parse_span(choice, &min, &max))
			found = parse_number(value, UINT64_MAX, &n) &&
				n >= min && n <= max;
		else
			found = !strcmp(choice, value);
	}
	free(copy);
	return found;
}

static const char *wrong_setting(const struct op *op,
				 const struct snapshot *snap)
{
	const char *name = entry_text(&op->e, NAT64_A_NAME);
	const struct entry *e;

	if (op->object < NAT64_OBJECT_TIMEOUT || !*name)
		return NULL;
	e = snapshot_setting(snap, op->object, name);
	if (!e)
		return "the module knows no such name";
	if (entry_has(&op->e, NAT64_A_OPTION_TEXT) &&
	    !is_choice(entry_text(e, NAT64_A_CHOICES),
		       entry_text(&op->e, NAT64_A_OPTION_TEXT)))
		return "not a choice of that option";
	return NULL;
}

/* Names and choices are the module's, so only it can tell. */
static int check_settings(struct ctl *ctl, const struct plan *plan,
			  const char *file)
{
	struct snapshot snap;
	struct ctl at = *ctl;
	const char *wrong;
	size_t i;
	int err;

	err = snapshot_read(ctl, &snap);
	for (i = 0; snap.settings[NAT64_OBJECT_OPTION].n && i < plan->n; i++) {
		wrong = wrong_setting(&plan->ops[i], &snap);
		if (!wrong)
			continue;
		at.file = file;
		at.line = plan->ops[i].line;
		at.command = plan->ops[i].command;
		complain(&at, "%s", wrong);
		err = CTL_USAGE;
	}
	snapshot_free(&snap);
	return err;
}

static int check(struct ctl *ctl, const struct plan *plan, const char *file)
{
	struct refusal why;

	if (!ctl->channel)
		ctl->channel = channel_open(ctl->netns, &why);
	if (ctl->channel)
		return check_settings(ctl, plan, file);
	if (why.error != ENOENT)
		return request_refused(ctl, &why);
	if (!ctl->quiet)
		complain(ctl, "names and choices not checked: the module is not loaded");
	return CTL_OK;
}

int config_check(struct ctl *ctl, struct words *w)
{
	const char *file = take_file(ctl, w);
	struct plan plan = {};
	int err;

	if (!file)
		return CTL_USAGE;
	err = plan_read(ctl, &plan, file);
	if (!err)
		err = check(ctl, &plan, file);
	plan_free(&plan);
	return err;
}
