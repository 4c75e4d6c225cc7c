// SPDX-License-Identifier: GPL-2.0
#include "print.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "memory.h"
#include "names.h"

#define VALUE_ROOM	128

/* A text that grows. */
struct text {
	char *s;
	size_t len;
	size_t room;
};

static void text_add(struct text *t, const char *s, size_t len)
{
	if (t->len + len + 1 > t->room) {
		t->room = 2 * (t->len + len) + 64;
		t->s = must(realloc(t->s, t->room));
	}
	memcpy(t->s + t->len, s, len);
	t->len += len;
	t->s[t->len] = '\0';
}

static const char *style(const struct ctl *ctl, const char *sequence)
{
	return ctl->color ? sequence : "";
}

const char *style_bold(const struct ctl *ctl)
{
	return style(ctl, "\033[1m");
}

const char *style_warn(const struct ctl *ctl)
{
	return style(ctl, "\033[33m");
}

const char *style_off(const struct ctl *ctl)
{
	return style(ctl, "\033[0m");
}

static const char *style_field(const struct ctl *ctl, enum field_kind kind)
{
	switch (kind) {
	case FIELD_ADDR6:
	case FIELD_PREFIX:
		return style(ctl, "\033[36m");
	case FIELD_ADDR4:
	case FIELD_RANGE:
		return style(ctl, "\033[35m");
	case FIELD_STATE:
	case FIELD_EVENT:
		return style(ctl, "\033[32m");
	default:
		return "";
	}
}

void format_duration(char *buf, size_t room, uint64_t ms)
{
	static const struct { const char *name; uint64_t ms; } units[] = {
		{ "d", 86400000 }, { "h", 3600000 }, { "min", 60000 },
		{ "s", 1000 }, { "ms", 1 },
	};
	size_t i;

	for (i = 0; i < 4 && (ms < units[i].ms || ms % units[i].ms); i++)
		;
	if (!ms)
		i = 3;
	snprintf(buf, room, "%" PRIu64 "%s", ms / units[i].ms, units[i].name);
}

/* Two units are enough for people. */
static void format_period(char *buf, size_t room, uint64_t ms)
{
	uint64_t s = ms / 1000;

	if (ms < 1000)
		snprintf(buf, room, "%" PRIu64 "ms", ms);
	else if (s < 60)
		snprintf(buf, room, "%" PRIu64 "s", s);
	else if (s < 3600)
		snprintf(buf, room, "%" PRIu64 "min%02" PRIu64 "s", s / 60,
			 s % 60);
	else if (s < 86400)
		snprintf(buf, room, "%" PRIu64 "h%02" PRIu64 "min", s / 3600,
			 s / 60 % 60);
	else
		snprintf(buf, room, "%" PRIu64 "d%02" PRIu64 "h", s / 86400,
			 s / 3600 % 24);
}

static void format_time(char *buf, size_t room, uint64_t ms)
{
	time_t seconds = ms / 1000;
	char text[32];
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
		snprintf(buf, room, "%" PRIu64, ms);
	else
		snprintf(buf, room, "%s.%03uZ", text, (unsigned int)(ms % 1000));
}

static void format_ports(char *buf, size_t room, const struct entry *e)
{
	size_t len = 0;
	unsigned int i;

	buf[0] = '\0';
	for (i = 0; i < e->nports && len < room; i++)
		len += snprintf(buf + len, room - len, "%s%u", i ? "," : "",
				e->ports[i]);
}

void format_prefix(char *buf, size_t room, const struct entry *e)
{
	char addr[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, &e->value[NAT64_A_ADDR6], addr, sizeof(addr));
	snprintf(buf, room, "%s/%u", addr,
		 (unsigned int)entry_number(e, NAT64_A_PREFIX_LEN));
}

/* A range that is a network is written as one, an address as an address. */
void format_range(char *buf, size_t room, const struct entry *e)
{
	const struct in_addr *from = &e->value[NAT64_A_ADDR4].addr4;
	const struct in_addr *to = &e->value[NAT64_A_ADDR4_LAST].addr4;
	char first[INET_ADDRSTRLEN], last[INET_ADDRSTRLEN];
	uint32_t host = ntohl(from->s_addr) ^ ntohl(to->s_addr);

	inet_ntop(AF_INET, from, first, sizeof(first));
	inet_ntop(AF_INET, to, last, sizeof(last));
	if (!entry_has(e, NAT64_A_ADDR4_LAST) || !host)
		snprintf(buf, room, "%s", first);
	else if (!(host & (host + 1)) && !(ntohl(from->s_addr) & host))
		snprintf(buf, room, "%s/%d", first, __builtin_clz(host));
	else
		snprintf(buf, room, "%s-%s", first, last);
}

static const struct name *field_names(enum field_kind kind)
{
	switch (kind) {
	case FIELD_PROTO:
		return proto_names;
	case FIELD_STATE:
		return state_names;
	case FIELD_EVENT:
		return event_names;
	case FIELD_QUOTA:
		return quota_names;
	default:
		return NULL;
	}
}

/* Return: the word for an enum's value, NULL where it has none. */
static const char *field_word(const struct field *f, const struct entry *e)
{
	const struct name *names = field_names(f->kind);

	return names ? name_of(names, entry_number(e, f->attr)) : NULL;
}

static bool field_flag(const struct field *f, const struct entry *e)
{
	uint64_t n = entry_number(e, f->attr);

	return f->kind == FIELD_FLAG ? n & f->flag : n;
}

static bool is_flag(const struct field *f)
{
	return f->kind == FIELD_FLAG || f->kind == FIELD_BOOL;
}

/* Return: the text of an address or another text, NULL for other kinds. */
static const char *field_string(const struct field *f, const struct entry *e,
				char *buf, size_t room)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return entry_text(e, f->attr);
	case FIELD_ADDR4:
		return inet_ntop(AF_INET, &e->value[f->attr], buf, room);
	case FIELD_ADDR6:
		return inet_ntop(AF_INET6, &e->value[f->attr], buf, room);
	case FIELD_PREFIX:
		format_prefix(buf, room, e);
		return buf;
	case FIELD_RANGE:
		format_range(buf, room, e);
		return buf;
	case FIELD_DIRECTION:
		return entry_number(e, f->attr) & NAT64_F_TO_IPV4 ?
		       "to-ipv4" : "to-ipv6";
	default:
		return field_word(f, e);
	}
}

/* Return: what people read, NULL where the value is absent. */
static const char *field_text(const struct field *f, const struct entry *e,
			      char *buf, size_t room)
{
	uint64_t n = entry_number(e, f->attr);
	const char *string;

	if (is_flag(f))
		return field_flag(f, e) ? f->key : NULL;
	if (!entry_has(e, f->attr))
		return f->absent;
	string = field_string(f, e, buf, room);
	if (string)
		return string;
	if (f->kind == FIELD_DURATION)
		format_duration(buf, room, n);
	else if (f->kind == FIELD_PERIOD)
		format_period(buf, room, n);
	else if (f->kind == FIELD_TIME)
		format_time(buf, room, n);
	else if (f->kind == FIELD_PORTS)
		format_ports(buf, room, e);
	else
		snprintf(buf, room, "%" PRIu64, n);
	return buf;
}

static struct json_object *json_ports(const struct entry *e)
{
	struct json_object *array = json_object_new_array();
	unsigned int i;

	for (i = 0; i < e->nports; i++)
		json_object_array_add(array, json_object_new_int(e->ports[i]));
	return array;
}

/* Return: the value in JSON, NULL where it is absent. */
static struct json_object *field_json(const struct field *f,
				      const struct entry *e)
{
	char buf[VALUE_ROOM];
	const char *string;

	if (is_flag(f))
		return json_object_new_boolean(field_flag(f, e));
	if (f->kind == FIELD_PORTS)
		return json_ports(e);
	if (!entry_has(e, f->attr))
		return f->absent ? json_object_new_string(f->absent) : NULL;
	string = field_string(f, e, buf, sizeof(buf));
	if (string)
		return json_object_new_string(string);
	return json_object_new_uint64(entry_number(e, f->attr));
}

static struct json_object *json_row(const struct field *fields,
				    const struct entry *e)
{
	const unsigned int how = JSON_C_OBJECT_ADD_KEY_IS_NEW |
				 JSON_C_OBJECT_ADD_CONSTANT_KEY;
	struct json_object *row = json_object_new_object();
	struct json_object *value;
	const struct field *f;

	for (f = fields; f->key; f++) {
		value = f->text_only ? NULL : field_json(f, e);
		if (value)
			json_object_object_add_ex(row, f->key, value, how);
	}
	return row;
}

static void json_print(const struct ctl *ctl, struct json_object *row)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE;

	if (ctl->pretty)
		flags |= JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
	fputs(json_object_to_json_string_ext(row, flags), stdout);
}

static const struct field *field_find(const struct field *f, const char *key,
				      size_t len)
{
	for (; f->key; f++) {
		if (!strncmp(f->key, key, len) && !f->key[len])
			return f;
	}
	return NULL;
}

/* Renders "{key:N}" or "{key}" up to @end. Return: false for no value. */
static bool render_value(const struct ctl *ctl, const struct field *fields,
			 const char *key, const char *end,
			 const struct entry *e, struct text *out)
{
	size_t len = strcspn(key, ":}"), width = 0, used;
	char buf[VALUE_ROOM];
	const struct field *f;
	const char *value;

	if (key + len < end)
		width = strtoul(key + len + 1, NULL, 10);
	f = field_find(fields, key, len);
	value = f ? field_text(f, e, buf, sizeof(buf)) : NULL;
	used = value ? strlen(value) : 0;
	if (value && ctl->color && *style_field(ctl, f->kind)) {
		text_add(out, style_field(ctl, f->kind),
			 strlen(style_field(ctl, f->kind)));
		text_add(out, value, used);
		text_add(out, style_off(ctl), strlen(style_off(ctl)));
	} else if (value) {
		text_add(out, value, used);
	}
	for (; used < width; used++)
		text_add(out, " ", 1);
	return value;
}

/* Reads the condition that a group may start with. */
static bool render_condition(const struct ctl *ctl, const struct field *fields,
			     const char **group, const struct entry *e)
{
	const char *start = *group, *colon;
	char buf[VALUE_ROOM];
	const struct field *f;

	if (!strncmp(start, "s:", 2) || !strncmp(start, "d:", 2)) {
		*group += 2;
		return *start == 's' ? ctl->stats : ctl->details;
	}
	if (*start != '?')
		return true;
	colon = strchr(start, ':');
	*group = colon + 1;
	f = field_find(fields, start + 1, colon - start - 1);
	return f && field_text(f, e, buf, sizeof(buf));
}

/* Return: the bracket that closes the group which starts at @at. */
static const char *group_end(const char *at)
{
	int depth = 1;

	for (; depth; at++)
		depth += (*at == '[') - (*at == ']');
	return at - 1;
}

/* Renders up to @end. Return: false where a value was absent. */
static bool render_part(const struct ctl *ctl, const struct field *fields,
			const char *at, const char *end, const struct entry *e,
			struct text *out)
{
	const char *close;
	bool whole = true;
	size_t len, mark;

	while (at < end) {
		len = strcspn(at, "{[");
		if (len > (size_t)(end - at))
			len = end - at;
		text_add(out, at, len);
		at += len;
		if (at == end)
			break;
		at++;
		if (at[-1] == '{') {
			close = strchr(at, '}');
			whole &= render_value(ctl, fields, at, close, e, out);
		} else {
			close = group_end(at);
			mark = out->len;
			if (!render_condition(ctl, fields, &at, e) ||
			    !render_part(ctl, fields, at, close, e, out))
				out->len = mark;
		}
		at = close + 1;
	}
	return whole;
}

char *render(const struct ctl *ctl, const struct field *fields,
	     const char *template, const struct entry *e)
{
	struct text out = {};

	text_add(&out, "", 0);
	render_part(ctl, fields, template, template + strlen(template), e,
		    &out);
	out.s[out.len] = '\0';
	return out.s;
}

void list_begin(struct list *list, const struct ctl *ctl,
		const struct listing *listing)
{
	memset(list, 0, sizeof(*list));
	list->ctl = ctl;
	list->listing = listing;
}

static bool column_shown(const struct list *list, const struct column *c)
{
	return c->when == COLUMN_ALWAYS ||
	       (c->when == COLUMN_STATS && list->ctl->stats) ||
	       (c->when == COLUMN_DETAILS && list->ctl->details);
}

static void table_row(struct list *list, const struct entry *e)
{
	struct ctl plain = *list->ctl;
	const struct column *c;
	size_t n = 0;

	plain.color = false;
	for (c = list->listing->columns; c->title; c++)
		n += column_shown(list, c);
	list->cells = must(reallocarray(list->cells, list->ncells + n,
					sizeof(*list->cells)));
	for (c = list->listing->columns; c->title; c++) {
		if (column_shown(list, c))
			list->cells[list->ncells++] =
				render(&plain, list->listing->fields, c->cell,
				       e);
	}
}

static void json_list_row(struct list *list, const struct entry *e)
{
	struct json_object *row = json_row(list->listing->fields, e);

	fputs(list->rows ? ",\n" : "[", stdout);
	json_print(list->ctl, row);
	json_object_put(row);
}

static void line_row(const struct list *list, const struct entry *e)
{
	char *line = render(list->ctl, list->listing->fields,
			    list->listing->line, e);

	puts(line);
	free(line);
}

bool list_row(struct list *list, const struct entry *e)
{
	if (list->ctl->json)
		json_list_row(list, e);
	else if (list->listing->line)
		line_row(list, e);
	else
		table_row(list, e);
	list->rows++;
	return !ferror(stdout);
}

static void table_cell(const char *text, bool right, int width, bool last)
{
	if (right)
		printf("%*s", width, text);
	else if (last)
		printf("%s", text);
	else
		printf("%-*s", width, text);
	fputs(last ? "\n" : "  ", stdout);
}

static void table_line(char **cells, const struct column **shown,
		       const int *widths, size_t n)
{
	size_t i, last = n - 1;

	while (last && !*cells[last])
		last--;
	for (i = 0; i <= last; i++)
		table_cell(cells[i], shown[i]->right, widths[i], i == last);
}

static void table_print(struct list *list, const struct column **shown,
			const int *widths, size_t n)
{
	size_t i;

	fputs(style_bold(list->ctl), stdout);
	for (i = 0; i < n; i++)
		table_cell(shown[i]->title, shown[i]->right, widths[i],
			   i == n - 1);
	fputs(style_off(list->ctl), stdout);
	for (i = 0; i < list->ncells; i += n)
		table_line(&list->cells[i], shown, widths, n);
}

#define COLUMNS_MAX	16

static void table_end(struct list *list)
{
	const struct column *c, *shown[COLUMNS_MAX];
	int widths[COLUMNS_MAX], width;
	size_t i, n = 0;

	for (c = list->listing->columns; c->title; c++) {
		if (!column_shown(list, c))
			continue;
		shown[n] = c;
		widths[n++] = strlen(c->title);
	}
	for (i = 0; i < list->ncells; i++) {
		width = strlen(list->cells[i]);
		if (width > widths[i % n])
			widths[i % n] = width;
	}
	if (list->ncells)
		table_print(list, shown, widths, n);
	for (i = 0; i < list->ncells; i++)
		free(list->cells[i]);
	free(list->cells);
}

void list_end(struct list *list, bool ok)
{
	if (list->ctl->json && (ok || list->rows))
		puts(list->rows ? "]" : "[]");
	else if (!list->ctl->json && !list->listing->line)
		table_end(list);
}

void print_event(const struct ctl *ctl, const struct listing *listing,
		 const struct entry *e)
{
	struct list list;

	list_begin(&list, ctl, listing);
	if (ctl->json) {
		struct json_object *row = json_row(listing->fields, e);

		json_print(ctl, row);
		json_object_put(row);
		putchar('\n');
	} else {
		line_row(&list, e);
	}
	fflush(stdout);
}
