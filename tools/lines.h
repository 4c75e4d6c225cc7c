/* SPDX-License-Identifier: GPL-2.0 */
/* Files of commands, one on a line. */
#ifndef _NAT64CTL_LINES_H
#define _NAT64CTL_LINES_H

#include "nat64ctl.h"

/**
 * struct line - a command in a file
 * @w: its words
 * @command: the words, joined by blanks
 * @storage: what @w points into
 *
 * A handler that keeps @command or @storage sets it to NULL.
 */
struct line {
	struct words w;
	char *command;
	char *storage;
	char *words[COMMAND_WORDS_MAX];
};

typedef int (*line_fn)(struct ctl *ctl, struct line *line, void *arg);

/**
 * lines_read - calls a handler for every command of a file
 * @ctl: the run; its place is that of the line while @handle runs
 * @file: a path, or "-" for standard input
 * @all: go on after a failure, for the sake of the complaints
 * @handle: returns an exit code
 * @arg: for @handle
 *
 * Return: the first exit code that was not CTL_OK.
 */
int lines_read(struct ctl *ctl, const char *file, bool all, line_fn handle,
	       void *arg);

/* Return: the words with blanks between them; the caller frees it. */
char *words_join(const struct words *w);

#endif /* _NAT64CTL_LINES_H */
