/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output. What an object shows is described once, by its fields; the same
 * fields make the JSON object and fill the text, so the two cannot drift.
 */
#ifndef _NAT64CTL_PRINT_H
#define _NAT64CTL_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "nat64ctl.h"

enum field_kind {
	FIELD_NUMBER,
	FIELD_TEXT,
	FIELD_ADDR4,
	FIELD_ADDR6,
	FIELD_PREFIX,		/* ADDR6 and PREFIX_LEN */
	FIELD_RANGE,		/* ADDR4 and ADDR4_LAST, as written */
	FIELD_PROTO,
	FIELD_STATE,
	FIELD_EVENT,
	FIELD_QUOTA,
	FIELD_DIRECTION,	/* by NAT64_F_TO_IPV4 of FLAGS */
	FIELD_FLAG,		/* a bit of FLAGS */
	FIELD_BOOL,
	FIELD_DURATION,		/* milliseconds */
	FIELD_PERIOD,		/* milliseconds, rounded for people */
	FIELD_TIME,		/* milliseconds since the epoch, UTC */
	FIELD_PORTS,		/* each PORT4 */
};

/**
 * struct field - a value that an object shows
 * @key: in JSON, and in the templates of the text
 * @kind: how it is made
 * @attr: the attribute; the field is absent with it
 * @flag: the bit, for FIELD_FLAG
 * @text_only: is no part of the JSON object
 * @absent: printed for an attribute that is absent, or NULL
 */
struct field {
	const char *key;
	enum field_kind kind;
	int attr;
	uint32_t flag;
	bool text_only;
	const char *absent;
};

/*
 * Templates: {key} is the value, {key:N} the value in at least N columns.
 * [...] is left out where a value in it is absent or a flag that is not set;
 * it may start with "s:" or "d:", for options -s and -d, or with "?key:",
 * which tests that value without printing it.
 */
enum column_when {
	COLUMN_ALWAYS,
	COLUMN_STATS,
	COLUMN_DETAILS,
};

/* Ended by a NULL title. */
struct column {
	const char *title;
	const char *cell;	/* template */
	enum column_when when;
	bool right;
};

/**
 * struct listing - how the rows of a list are shown
 * @fields: ended by a NULL key
 * @line: template of a row that stands alone, for lists of any length
 * @columns: of an aligned table, where @line is NULL
 */
struct listing {
	const struct field *fields;
	const char *line;
	const struct column *columns;
};

/**
 * struct list - a list that is being printed
 * @ctl: the options
 * @listing: what its rows are
 * @rows: printed so far
 * @cells: of the table, kept until its widths are known
 * @ncells: in @cells
 */
struct list {
	const struct ctl *ctl;
	const struct listing *listing;
	uint64_t rows;
	char **cells;
	size_t ncells;
};

void list_begin(struct list *list, const struct ctl *ctl,
		const struct listing *listing);

/* Return: false where output is futile (a closed pipe). */
bool list_row(struct list *list, const struct entry *e);

/* @ok: the list is complete. A list that failed before its first row prints
 * nothing.
 */
void list_end(struct list *list, bool ok);

/* One object on a line of its own, at once. */
void print_event(const struct ctl *ctl, const struct listing *listing,
		 const struct entry *e);

/* Renders a template; the caller frees it. */
char *render(const struct ctl *ctl, const struct field *fields,
	     const char *template, const struct entry *e);

/* A duration that parse_duration() reads back exactly. */
void format_duration(char *buf, size_t room, uint64_t ms);
void format_range(char *buf, size_t room, const struct entry *e);
void format_prefix(char *buf, size_t room, const struct entry *e);

/* Words of emphasis for text, or "" without colours. */
const char *style_bold(const struct ctl *ctl);
const char *style_warn(const struct ctl *ctl);
const char *style_off(const struct ctl *ctl);

#endif /* _NAT64CTL_PRINT_H */
