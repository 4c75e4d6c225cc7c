// SPDX-License-Identifier: GPL-2.0
/* nat64ctl: configures and shows nat64, a stateful NAT64 in the kernel. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <unistd.h>

#include "channel.h"
#include "lines.h"
#include "nat64ctl.h"
#include "plan.h"

#define FILTER_BINDING	"[proto P] [client ADDR6[/LEN]] [client-port N] [pool ADDR4[/LEN]] [pool-port N] [static]"
#define FILTER_SESSION	"[proto P] [state S] [client ADDR6[/LEN]] [client-port N] [pool ADDR4[/LEN]] [pool-port N] [server ADDR4[/LEN]] [server-port N] [inbound]"
#define FILTER_GATE	"[proto P] [client ADDR6[/LEN]] [client-port N] [pool ADDR4[/LEN]] [pool-port N] [server ADDR4[/LEN]] [server-port N] [to-ipv4] [reserved]"
#define POOL_ARGS	"ADDR4[/LEN]|ADDR4-ADDR4 [ports MIN-MAX] [proto tcp|udp|icmp] [no-pat] [force]"
#define BINDING_ARGS	"ADDR6 PORT to ADDR4 PORT proto tcp|udp|icmp"
#define BINDING_DEL	"ADDR6 PORT [to ADDR4 PORT] proto tcp|udp|icmp"

const struct command commands[] = {
	{ "status", NULL, "", "whether it works, how full it is and what was dropped",
	  .run = status_show },
	{ "prefix", "show", "", "list the translation prefixes",
	  .run = prefix_show },
	{ "prefix", "add", "PREFIX6|default", "translate a prefix; default is 64:ff9b::/96",
	  .op = prefix_add },
	{ "prefix", "del", "PREFIX6|default", "stop translating a prefix; its sessions end",
	  .op = prefix_del },
	{ "pool", "show", "", "list the IPv4 addresses and ports for clients",
	  .run = pool_show },
	{ "pool", "add", POOL_ARGS, "give addresses to the translator",
	  pool_keywords, .op = pool_add },
	{ "pool", "del", POOL_ARGS, "take addresses back; their sessions end",
	  pool_keywords, .op = pool_del },
	{ "pool", "flush", "", "take all addresses back",
	  .op = pool_flush },
	{ "binding", "show", FILTER_BINDING, "list which client port is which pool port",
	  binding_filter, .run = binding_show },
	{ "binding", "add", BINDING_ARGS, "forward a pool port to a client for good",
	  binding_keywords, .op = binding_add },
	{ "binding", "del", BINDING_DEL, "end a forwarding",
	  binding_keywords, .op = binding_del },
	{ "session", "show", FILTER_SESSION, "list sessions",
	  session_filter, .run = session_show },
	{ "session", "count", FILTER_SESSION, "count sessions",
	  session_filter, .run = session_count },
	{ "session", "kill", FILTER_SESSION, "remove the sessions that match all that is given",
	  session_filter, .run = session_kill },
	{ "session", "flush", "", "remove all sessions",
	  .run = session_flush },
	{ "gate", "show", FILTER_GATE, "list what the ALGs expect",
	  gate_filter, .run = gate_show },
	{ "gate", "flush", "", "close all gates",
	  .run = gate_flush },
	{ "alg", "show", "", "list the application-level gateways",
	  .run = alg_show },
	{ "alg", "enable", "NAME [port N]...", "let an ALG see the sessions to its port, or to these",
	  alg_keywords, .op = alg_enable },
	{ "alg", "disable", "NAME", "take an ALG out of service",
	  .op = alg_disable },
	{ "timeout", "show", "", "list the timeouts",
	  .run = timeout_show },
	{ "timeout", "set", "NAME DURATION", "change a timeout: 300, 300s, 5min, 2h, 1d, 500ms",
	  .op = timeout_set },
	{ "timeout", "reset", "[NAME]", "put one timeout, or all, back to the default",
	  .op = timeout_reset },
	{ "limit", "show", "", "list the limits",
	  .run = limit_show },
	{ "limit", "set", "NAME N", "change a limit",
	  .op = limit_set },
	{ "limit", "reset", "[NAME]", "put one limit, or all, back to the default",
	  .op = limit_reset },
	{ "option", "show", "", "list the options",
	  .run = option_show },
	{ "option", "set", "NAME VALUE", "change an option",
	  .op = option_set },
	{ "option", "reset", "[NAME]", "put one option, or all, back to the default",
	  .op = option_reset },
	{ "config", "show", "", "print the configuration",
	  .run = config_show },
	{ "config", "save", "[FILE]", "write the configuration as commands",
	  .run = config_save },
	{ "config", "restore", "FILE", "replace the configuration, all or nothing",
	  .run = config_restore },
	{ "config", "sync", "FILE", "change only what differs from the file",
	  .run = config_sync },
	{ "config", "check", "FILE", "look for errors in the file, change nothing",
	  .run = config_check },
	{ "stats", "show", "", "list the counters",
	  .run = stats_show },
	{ "stats", "reset", "", "set all counters to zero",
	  .run = stats_reset },
	{ "monitor", NULL, "[session] [binding] [gate] [alg] [pool]", "print events as they happen",
	  monitor_keywords, .run = monitor_run },
	{}
};

static const char options_help[] =
	"options:\n"
	"  -j, --json          JSON: an array of flat objects\n"
	"  -p, --pretty        indented JSON\n"
	"  -s, --stats         more numbers in text\n"
	"  -d, --details       explanations in text\n"
	"  -n, --netns NAME    act on a network namespace\n"
	"  -b, --batch FILE    run the commands of a file, \"-\" for standard input\n"
	"  -q, --quiet         print nothing but what was asked for, and errors\n"
	"      --color WHEN    auto, never or always\n"
	"  -V, --version       print the version\n"
	"  -h, --help          print this, or the commands of an object\n";

void complain(const struct ctl *ctl, const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("nat64ctl: ", stderr);
	if (ctl->file)
		fprintf(stderr, "%s:%u: ", ctl->file, ctl->line);
	if (ctl->command && *ctl->command)
		fprintf(stderr, "%s: ", ctl->command);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

static void usage_command(FILE *out, const struct command *c)
{
	fprintf(out, "nat64ctl %s%s%s%s%s\n", c->object, c->name ? " " : "",
		c->name ?: "", *c->args ? " " : "", c->args);
}

static void usage_object(const char *object)
{
	const struct command *c;

	for (c = commands; c->object; c++) {
		if (strcmp(c->object, object))
			continue;
		usage_command(stdout, c);
		printf("    %s\n", c->help);
	}
}

static void usage_objects(FILE *out)
{
	const char *object = "";
	const struct command *c;

	fputs("usage: nat64ctl [OPTIONS] OBJECT { COMMAND | help }\n", out);
	for (c = commands; c->object; c++) {
		if (strcmp(c->object, object))
			fprintf(out, "%s  %-8s", *object ? "\n" : "",
				c->object);
		else
			fputs(" |", out);
		object = c->object;
		fprintf(out, " %s", c->name ?: c->args);
	}
	fprintf(out, "\n%s", options_help);
}

bool is_object(const char *word)
{
	const struct command *c;

	for (c = commands; c->object; c++) {
		if (!strcmp(c->object, word))
			return true;
	}
	return false;
}

/* An object alone means to show it. */
const struct command *command_find(struct ctl *ctl, struct words *w)
{
	const char *object = words_take(w);
	const struct command *c;

	if (!is_object(object)) {
		complain(ctl, "unknown object \"%s\"", object);
		return NULL;
	}
	for (c = commands; c->object; c++) {
		if (strcmp(c->object, object))
			continue;
		if (!c->name)
			return c;
		if (!strcmp(c->name, words_peek(w) ?: "show")) {
			words_take(w);
			return c;
		}
	}
	complain(ctl, "unknown command \"%s\"", words_peek(w));
	return NULL;
}

static int run_op(struct ctl *ctl, const struct command *c, struct words *w)
{
	struct plan plan = {};
	int err;

	err = c->op(ctl, w, plan_add(&plan, 0, 0));
	if (!err)
		err = plan_apply(ctl, &plan, NULL);
	plan_free(&plan);
	return err;
}

static bool wants_help(const struct words *w)
{
	return !strcmp(w->next[0], "help") ||
	       (w->left > 1 && is_object(w->next[0]) &&
		!strcmp(w->next[1], "help"));
}

int command_run(struct ctl *ctl, struct words *w)
{
	const struct command *c;
	int err;

	if (wants_help(w)) {
		if (is_object(w->next[0]))
			usage_object(w->next[0]);
		else
			usage_objects(stdout);
		return CTL_OK;
	}
	c = command_find(ctl, w);
	if (!c)
		return CTL_USAGE;
	err = c->op ? run_op(ctl, c, w) : c->run(ctl, w);
	/* Where a file makes no sense, the command line did. */
	if (err == CTL_USAGE && !ctl->file && !ctl->quiet &&
	    !strstr(c->args, "FILE")) {
		fputs("usage: ", stderr);
		usage_command(stderr, c);
	}
	return err;
}

static int run_line(struct ctl *ctl, struct line *line, void *arg)
{
	(void)arg;
	return command_run(ctl, &line->w);
}

/* The words of the command line; none ask for the status. */
static int run_words(struct ctl *ctl, int n, char **words)
{
	struct words w = { words, n };
	char *command;
	int err;

	if (!n)
		return status_show(ctl, &w);
	command = words_join(&w);
	ctl->command = command;
	err = command_run(ctl, &w);
	ctl->command = NULL;
	free(command);
	return err;
}

enum long_only {
	OPTION_COLOR = 256,
};

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "pretty", no_argument, NULL, 'p' },
	{ "stats", no_argument, NULL, 's' },
	{ "details", no_argument, NULL, 'd' },
	{ "netns", required_argument, NULL, 'n' },
	{ "batch", required_argument, NULL, 'b' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "color", required_argument, NULL, OPTION_COLOR },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{}
};

/**
 * struct invocation - the command line, but for what belongs to commands
 * @batch: file of commands, or NULL
 * @help: asked for
 * @version: asked for
 */
struct invocation {
	const char *batch;
	bool help;
	bool version;
};

static bool parse_color(struct ctl *ctl, const char *when)
{
	const char *no_color = getenv("NO_COLOR");

	if (!strcmp(when, "always"))
		ctl->color = true;
	else if (!strcmp(when, "never"))
		ctl->color = false;
	else if (!strcmp(when, "auto"))
		ctl->color = isatty(STDOUT_FILENO) &&
			     !(no_color && *no_color);
	else
		return false;
	return true;
}

static bool parse_option(struct ctl *ctl, struct invocation *call, int c)
{
	switch (c) {
	case 'j':
		ctl->json = true;
		break;
	case 'p':
		ctl->pretty = true;
		break;
	case 's':
		ctl->stats = true;
		break;
	case 'd':
		ctl->details = true;
		break;
	case 'n':
		ctl->netns = optarg;
		break;
	case 'b':
		call->batch = optarg;
		break;
	case 'q':
		ctl->quiet = true;
		break;
	case 'V':
		call->version = true;
		break;
	case 'h':
		call->help = true;
		break;
	case OPTION_COLOR:
		return parse_color(ctl, optarg);
	default:
		return false;
	}
	return true;
}

/* getopt_long() takes any prefix of a name; we do not. */
static bool is_abbreviated(const char *arg)
{
	const struct option *o;
	size_t len;

	if (strncmp(arg, "--", 2) || !arg[2])
		return false;
	len = strcspn(arg + 2, "=");
	for (o = long_options; o->name; o++) {
		if (!strncmp(o->name, arg + 2, len) && !o->name[len])
			return false;
	}
	return true;
}

static int wrong_option(const struct ctl *ctl, const char *arg)
{
	complain(ctl, "wrong option \"%s\"; see: nat64ctl --help", arg);
	return CTL_USAGE;
}

static int parse_options(struct ctl *ctl, struct invocation *call, int argc,
			 char **argv)
{
	int c, i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (is_abbreviated(argv[i]))
			return wrong_option(ctl, argv[i]);
	}
	opterr = 0;
	parse_color(ctl, "auto");
	while ((c = getopt_long(argc, argv, "jpsdn:b:qVh", long_options,
				NULL)) >= 0) {
		if (!parse_option(ctl, call, c))
			return wrong_option(ctl, argv[optind - 1]);
	}
	return CTL_OK;
}

static int run(struct ctl *ctl, const struct invocation *call, int n,
	       char **words)
{
	if (call->version) {
		printf("nat64ctl %s\n", NAT64CTL_VERSION);
		return CTL_OK;
	}
	if (call->help) {
		if (n && is_object(words[0]))
			usage_object(words[0]);
		else
			usage_objects(stdout);
		return CTL_OK;
	}
	if (call->batch && n) {
		complain(ctl, "a batch file and a command");
		return CTL_USAGE;
	}
	if (call->batch)
		return lines_read(ctl, call->batch, false, run_line, NULL);
	return run_words(ctl, n, words);
}

/* A reader that has gone is no failure of ours. */
static int close_output(const struct ctl *ctl, int err)
{
	if (!fflush(stdout) && !ferror(stdout))
		return err;
	if (errno == EPIPE)
		return err;
	complain(ctl, "standard output: %s", strerror(errno));
	return err ?: CTL_REFUSED;
}

int main(int argc, char **argv)
{
	struct invocation call = {};
	struct ctl ctl = {};
	struct words w;
	int err;

	if (argc > 1 && !strcmp(argv[1], "complete")) {
		w = (struct words){ argv + 2, argc - 2 };
		err = complete_run(&ctl, &w);
	} else {
		err = parse_options(&ctl, &call, argc, argv);
		if (!err)
			err = run(&ctl, &call, argc - optind, argv + optind);
	}
	err = close_output(&ctl, err);
	channel_close(ctl.channel);
	return err;
}
