/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The configuration of a namespace: read under RCU, replaced as a whole.
 *
 * A change is made on a draft, a private copy, operation by operation; the
 * draft then takes effect in one step or not at all.
 */
#ifndef _NAT64_CONFIG_H
#define _NAT64_CONFIG_H

#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include "address.h"
#include "binding.h"
#include "nat64_alg.h"
#include "nat64_tables.h"
#include "pool.h"

struct nat64_net;

#define NAT64_PREFIX_MAX 16
#define NAT64_PREFIX_SLOTS (2 * NAT64_PREFIX_MAX) /* all may be replaced */
#define NAT64_POOL_MAX 4096	/* entries */
#define NAT64_STATIC_MAX 65536	/* static bindings */
#define NAT64_ALG_PORTS_MAX 16	/* of one ALG */

enum nat64_timeout {
#define X(id, name, def, floor, help) NAT64_TIMEOUT_##id,
	NAT64_TIMEOUTS(X)
#undef X
	NAT64_TIMEOUT_COUNT
};

enum nat64_limit {
#define X(id, name, def, help) NAT64_LIMIT_##id,
	NAT64_LIMITS(X)
#undef X
	NAT64_LIMIT_COUNT
};

enum nat64_option {
#define X(id, name, choices, def, help) NAT64_OPTION_##id,
	NAT64_OPTIONS(X)
#undef X
	NAT64_OPTION_COUNT
};

/*
 * Values of the options that are words: the position of the word in the list
 * of choices. A number n of a list with k words before it is k + n.
 */
enum { NAT64_FILTER_EI, NAT64_FILTER_AD };
enum { NAT64_SYN_STORE, NAT64_SYN_DROP };
enum { NAT64_ON, NAT64_OFF };		/* options that are on by default */
enum { NAT64_NO, NAT64_YES };		/* options that are off by default */
enum { NAT64_ZERO46_CALCULATE, NAT64_ZERO46_DROP, NAT64_ZERO46_ZERO };
enum { NAT64_ZERO64_DROP, NAT64_ZERO64_ZERO };
enum { NAT64_EXHAUST_ADDRESS, NAT64_EXHAUST_PROHIBITED, NAT64_EXHAUST_SILENT };
enum { NAT64_TOS_COPY, NAT64_TOS_FIXED };	/* FIXED + value */
enum { NAT64_DATA_PORT_ANY, NAT64_DATA_PORT_20 };
enum { NAT64_MEDIA_SERVER, NAT64_MEDIA_ANY };
enum { NAT64_CONFLICT_REMAP, NAT64_CONFLICT_REFUSE };
enum { NAT64_SUB_48, NAT64_SUB_56, NAT64_SUB_64, NAT64_SUB_128 };

/**
 * struct nat64_static - a static binding as configured
 * @k6: client side
 * @k4: pool side
 */
struct nat64_static {
	struct nat64_bkey6 k6;
	struct nat64_bkey4 k4;
};

/**
 * struct nat64_alg_config - the ports of an ALG
 * @ports: entries of @port in use; 0 while it is disabled
 * @port: of servers, in order
 */
struct nat64_alg_config {
	u8 ports;
	__be16 port[NAT64_ALG_PORTS_MAX];
};

/**
 * struct nat64_config - one configuration, immutable once published
 * @rcu: freed after a grace period
 * @genid: counts the configurations of the namespace
 * @timeout: milliseconds
 * @limit: see NAT64_LIMITS
 * @option: see NAT64_OPTIONS
 * @algs: number of ALGs that are enabled
 * @alg: by enum nat64_alg_id; no two have a port in common
 * @prefixes: entries of @prefix in use
 * @prefix: the index is the identity that sessions store; an unused one has
 *	length 0. An index is reused only after the sessions of its former
 *	owner are gone.
 * @pool: pool entries, never NULL
 * @static_count: entries of @statics
 * @statics: sorted by client side; NULL if there are none
 */
struct nat64_config {
	struct rcu_head rcu;
	u32 genid;
	u32 timeout[NAT64_TIMEOUT_COUNT];
	u32 limit[NAT64_LIMIT_COUNT];
	u32 option[NAT64_OPTION_COUNT];
	u8 algs;
	struct nat64_alg_config alg[NAT64_ALG_COUNT];
	u8 prefixes;
	struct nat64_prefix prefix[NAT64_PREFIX_SLOTS];
	struct nat64_pool *pool;
	u32 static_count;
	struct nat64_static *statics;
};

/* Self-description of what can be set, for netlink. */
struct nat64_timeout_info {
	const char *name;
	u32 def_ms;
	u32 floor_ms;
	const char *help;
};

struct nat64_limit_info {
	const char *name;
	u32 def;
	const char *help;
};

struct nat64_option_info {
	const char *name;
	const char *choices;
	const char *def;
	const char *help;
};

struct nat64_alg_info {
	const char *name;
	u16 port;
	const char *help;
};

extern const struct nat64_timeout_info nat64_timeouts[NAT64_TIMEOUT_COUNT];
extern const struct nat64_limit_info nat64_limits[NAT64_LIMIT_COUNT];
extern const struct nat64_option_info nat64_options[NAT64_OPTION_COUNT];
extern const struct nat64_alg_info nat64_algs[NAT64_ALG_COUNT];

/**
 * nat64_config_match() - the prefix that holds an address
 * @cfg: configuration
 * @a: IPv6 address
 *
 * Context: RCU read side, or any that keeps @cfg.
 * Return: index into @cfg->prefix, or -1 (no configured prefixes overlap).
 */
static inline int nat64_config_match(const struct nat64_config *cfg,
				     const struct in6_addr *a)
{
	unsigned int i, left = cfg->prefixes;

	for (i = 0; left && i < NAT64_PREFIX_SLOTS; i++) {
		if (!cfg->prefix[i].len)
			continue;
		if (nat64_prefix_match(&cfg->prefix[i], a))
			return i;
		left--;
	}
	return -1;
}

/** nat64_option() - value of an option, see the enums above */
static inline u32 nat64_option(const struct nat64_config *cfg,
			       enum nat64_option option)
{
	return cfg->option[option];
}

/**
 * nat64_config_init() - give a new namespace its empty configuration
 * Context: Process.
 * Return: 0 or -ENOMEM.
 */
int __must_check nat64_config_init(struct nat64_net *nn);

/**
 * nat64_config_exit() - drop the configuration of a dying namespace
 *
 * Context: Process; hooks are gone and no session is left.
 */
void nat64_config_exit(struct nat64_net *nn);

/**
 * nat64_config_apply() - NAT64_CMD_APPLY: run all operations, or none
 * @nn: namespace
 * @nlh: the request, its attributes validated against the policy
 * @extack: text and offending attribute of a refusal
 *
 * Sessions whose prefix or pool address is gone are removed before this
 * returns, all others stay.
 *
 * Context: Process; takes nn->config_lock, may sleep for a grace period.
 * Return: 0 or -errno.
 */
int __must_check nat64_config_apply(struct nat64_net *nn,
				    const struct nlmsghdr *nlh,
				    struct netlink_ext_ack *extack);

/** nat64_option_text() - the value of an option as text, into @buf */
void nat64_option_text(const struct nat64_config *cfg,
		       enum nat64_option option, char *buf, size_t len);

#endif /* _NAT64_CONFIG_H */
