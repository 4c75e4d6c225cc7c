// SPDX-License-Identifier: GPL-2.0
#include "lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

static const char blanks[] = " \t\r\n\v\f";

char *words_join(const struct words *w)
{
	size_t len = 1;
	char *text, *end;
	int i;

	for (i = 0; i < w->left; i++)
		len += strlen(w->next[i]) + 1;
	text = must(malloc(len));
	for (i = 0, end = text; i < w->left; i++) {
		if (i)
			*end++ = ' ';
		end = stpcpy(end, w->next[i]);
	}
	*end = '\0';
	return text;
}

/* A comment starts at a word that starts with '#'. */
static bool split(struct line *line)
{
	char *at = line->storage + strspn(line->storage, blanks);

	line->w = (struct words){ .next = line->words };
	while (*at && *at != '#') {
		if (line->w.left == COMMAND_WORDS_MAX)
			return false;
		line->words[line->w.left++] = at;
		at += strcspn(at, blanks);
		if (*at)
			*at++ = '\0';
		at += strspn(at, blanks);
	}
	return true;
}

static int handle_line(struct ctl *ctl, const char *text, size_t len,
		       line_fn handle, void *arg)
{
	struct line line = {};
	int err = CTL_OK;

	ctl->command = NULL;
	if (strlen(text) != len) {
		complain(ctl, "contains a NUL byte");
		return CTL_USAGE;
	}
	line.storage = must(strdup(text));
	if (!split(&line)) {
		complain(ctl, "too many words");
		err = CTL_USAGE;
	} else if (line.w.left) {
		line.command = words_join(&line.w);
		ctl->command = line.command;
		err = handle(ctl, &line, arg);
	}
	ctl->command = NULL;
	free(line.command);
	free(line.storage);
	return err;
}

static int handle_lines(struct ctl *ctl, FILE *in, bool all, line_fn handle,
			void *arg)
{
	int err, first = CTL_OK;
	char *text = NULL;
	size_t room = 0;
	ssize_t len;

	for (ctl->line = 1; (len = getline(&text, &room, in)) >= 0;
	     ctl->line++) {
		err = handle_line(ctl, text, len, handle, arg);
		if (!first)
			first = err;
		if (first && !all)
			break;
	}
	if (ferror(in)) {
		complain(ctl, "%s", strerror(errno));
		first = CTL_USAGE;
	}
	free(text);
	return first;
}

int lines_read(struct ctl *ctl, const char *file, bool all, line_fn handle,
	       void *arg)
{
	struct ctl outer = *ctl;
	FILE *in;
	int err;

	in = strcmp(file, "-") ? fopen(file, "re") : stdin;
	if (!in) {
		complain(ctl, "%s: %s", file, strerror(errno));
		return CTL_USAGE;
	}
	ctl->file = file;
	err = handle_lines(ctl, in, all, handle, arg);
	ctl->file = outer.file;
	ctl->line = outer.line;
	ctl->command = outer.command;
	if (in != stdin)
		fclose(in);
	return err;
}
