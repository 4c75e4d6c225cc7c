/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NAT64CTL_H
#define _NAT64CTL_H

#include <stdbool.h>
#include <stddef.h>

#include "entry.h"

struct channel;
struct op;

#ifndef NAT64CTL_VERSION
#define NAT64CTL_VERSION	"unknown"
#endif

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

enum exit_code {
	CTL_OK,
	CTL_REFUSED,	/* by the kernel */
	CTL_USAGE,	/* by us: a command line or a file that makes no sense */
	CTL_ABSENT,	/* no module */
};

/**
 * struct ctl - one run of the tool
 * @json: output for programs
 * @pretty: indented JSON
 * @stats: text output has the columns of usage
 * @details: text output explains
 * @quiet: commands that succeed say nothing
 * @color: text output has colours
 * @netns: name or path of the network namespace, or NULL for ours
 * @channel: to the kernel, opened by the first command that needs it
 * @file: where the command stands, or NULL for the command line
 * @line: in @file
 * @command: its words, for complaints
 */
struct ctl {
	bool json;
	bool pretty;
	bool stats;
	bool details;
	bool quiet;
	bool color;
	const char *netns;
	struct channel *channel;
	const char *file;
	unsigned int line;
	const char *command;
};

/* Prints to stderr, preceded by where and what the command is. */
void complain(const struct ctl *ctl, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The words of one command that are still to be read. */
struct words {
	char **next;
	int left;
};

static inline const char *words_peek(const struct words *w)
{
	return w->left ? w->next[0] : NULL;
}

static inline const char *words_take(struct words *w)
{
	if (!w->left)
		return NULL;
	w->left--;
	return *w->next++;
}

/* What follows a keyword on the command line. */
enum operand {
	OPERAND_NONE,		/* a flag of NAT64_A_FLAGS */
	OPERAND_PROTO,		/* tcp, udp or icmp */
	OPERAND_PROTO_ANY,	/* also by number */
	OPERAND_STATE,
	OPERAND_PORT,
	OPERAND_PORTS,		/* N or N-M into PORT_MIN and PORT_MAX */
	OPERAND_NET4,		/* address with optional length */
	OPERAND_NET6,
};

/**
 * struct keyword - an option of a command
 * @name: as written
 * @operand: what follows it
 * @attr: the attribute that it fills
 * @attr_len: of the length of a network, where @operand is one
 * @flag: to set, for OPERAND_NONE
 * @repeat: may be given several times
 */
struct keyword {
	const char *name;
	enum operand operand;
	int attr;
	int attr_len;
	unsigned int flag;
	bool repeat;
};

/**
 * struct command - a row of the one table
 * @object: first word
 * @name: second word, or NULL where the object is the command
 * @args: what may follow, for people
 * @help: one line
 * @keywords: that @args contains, ended by an empty one
 * @op: for a command that changes the configuration: fills an operation
 * @run: for every other command
 *
 * Both return an exit code and have complained unless it is CTL_OK.
 */
struct command {
	const char *object;
	const char *name;
	const char *args;
	const char *help;
	const struct keyword *keywords;
	int (*op)(struct ctl *ctl, struct words *w, struct op *op);
	int (*run)(struct ctl *ctl, struct words *w);
};

/* Ends with a row without an object. */
extern const struct command commands[];

/* Longest line of a file, in words. */
#define COMMAND_WORDS_MAX	64

bool is_object(const char *word);

/**
 * command_find - looks a command up
 * @ctl: for complaints
 * @w: its words; the ones that name the command are taken
 *
 * Return: the command, or NULL after a complaint.
 */
const struct command *command_find(struct ctl *ctl, struct words *w);

/* Runs the command that @w spells, or prints the help that it asks for. */
int command_run(struct ctl *ctl, struct words *w);

/* Candidates for the last of the words, one per line. */
int complete_run(struct ctl *ctl, struct words *w);

/* Handlers, each in the file of its object. */
int status_show(struct ctl *ctl, struct words *w);
int prefix_show(struct ctl *ctl, struct words *w);
int prefix_add(struct ctl *ctl, struct words *w, struct op *op);
int prefix_del(struct ctl *ctl, struct words *w, struct op *op);
int pool_show(struct ctl *ctl, struct words *w);
int pool_add(struct ctl *ctl, struct words *w, struct op *op);
int pool_del(struct ctl *ctl, struct words *w, struct op *op);
int pool_flush(struct ctl *ctl, struct words *w, struct op *op);
int binding_show(struct ctl *ctl, struct words *w);
int binding_add(struct ctl *ctl, struct words *w, struct op *op);
int binding_del(struct ctl *ctl, struct words *w, struct op *op);
int session_show(struct ctl *ctl, struct words *w);
int session_count(struct ctl *ctl, struct words *w);
int session_kill(struct ctl *ctl, struct words *w);
int session_flush(struct ctl *ctl, struct words *w);
int gate_show(struct ctl *ctl, struct words *w);
int gate_flush(struct ctl *ctl, struct words *w);
int alg_show(struct ctl *ctl, struct words *w);
int alg_enable(struct ctl *ctl, struct words *w, struct op *op);
int alg_disable(struct ctl *ctl, struct words *w, struct op *op);
int timeout_show(struct ctl *ctl, struct words *w);
int timeout_set(struct ctl *ctl, struct words *w, struct op *op);
int timeout_reset(struct ctl *ctl, struct words *w, struct op *op);
int limit_show(struct ctl *ctl, struct words *w);
int limit_set(struct ctl *ctl, struct words *w, struct op *op);
int limit_reset(struct ctl *ctl, struct words *w, struct op *op);
int option_show(struct ctl *ctl, struct words *w);
int option_set(struct ctl *ctl, struct words *w, struct op *op);
int option_reset(struct ctl *ctl, struct words *w, struct op *op);
int config_show(struct ctl *ctl, struct words *w);
int config_save(struct ctl *ctl, struct words *w);
int config_restore(struct ctl *ctl, struct words *w);
int config_sync(struct ctl *ctl, struct words *w);
int config_check(struct ctl *ctl, struct words *w);
int stats_show(struct ctl *ctl, struct words *w);
int stats_reset(struct ctl *ctl, struct words *w);
int monitor_run(struct ctl *ctl, struct words *w);

extern const struct keyword pool_keywords[];
extern const struct keyword binding_keywords[];
extern const struct keyword binding_filter[];
extern const struct keyword session_filter[];
extern const struct keyword gate_filter[];
extern const struct keyword alg_keywords[];
extern const struct keyword monitor_keywords[];

#endif /* _NAT64CTL_H */
