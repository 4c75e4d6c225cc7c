/* SPDX-License-Identifier: GPL-2.0 */
/* Timeouts, limits and options: names, defaults, values as text. */
#ifndef _NAT64_SETTING_H
#define _NAT64_SETTING_H

#include "config.h"

struct nat64_draft;
struct nlattr;

/* Longest timeout: deadlines are compared by signed difference. */
#define NAT64_TIMEOUT_MAX_MS (1U << 30)

/**
 * nat64_setting_defaults() - put every setting to its default
 *
 * Return: 0, or -EINVAL if a table holds a default that is no choice.
 */
int __must_check nat64_setting_defaults(struct nat64_config *cfg);

/* Operations of NAT64_CMD_APPLY; see draft.c for their arguments. */
int nat64_timeout_set(struct nat64_draft *d, struct nlattr **tb);
int nat64_timeout_reset(struct nat64_draft *d, struct nlattr **tb);
int nat64_limit_set(struct nat64_draft *d, struct nlattr **tb);
int nat64_limit_reset(struct nat64_draft *d, struct nlattr **tb);
int nat64_option_set(struct nat64_draft *d, struct nlattr **tb);
int nat64_option_reset(struct nat64_draft *d, struct nlattr **tb);
int nat64_alg_enable(struct nat64_draft *d, struct nlattr **tb);
int nat64_alg_disable(struct nat64_draft *d, struct nlattr **tb);
int nat64_alg_flush(struct nat64_draft *d, struct nlattr **tb);

/**
 * nat64_alg_finish() - check that ALGs share no port, and count them
 * Return: 0 or -EEXIST.
 */
int __must_check nat64_alg_finish(struct nat64_draft *d);

#endif /* _NAT64_SETTING_H */
