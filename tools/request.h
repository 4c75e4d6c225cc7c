/* SPDX-License-Identifier: GPL-2.0 */
/* Requests as commands make them: complaints included. */
#ifndef _NAT64CTL_REQUEST_H
#define _NAT64CTL_REQUEST_H

#include "channel.h"
#include "nat64ctl.h"
#include "print.h"

/* Opens the channel unless it is open. Return: an exit code. */
int request_open(struct ctl *ctl);

/* Complains about a refusal. Return: the exit code for it. */
int request_refused(const struct ctl *ctl, const struct refusal *why);

/* Asks for one thing, with @filter where it is not NULL. */
int request_do(struct ctl *ctl, uint8_t cmd, const struct entry *filter,
	       answer_fn answer, void *arg);

/**
 * request_dump - asks for a list
 * @ctl: the run
 * @cmd: enum nat64_cmd
 * @filter: or NULL
 * @answer: called for each
 * @arg: for @answer
 * @interrupted: set where the list may not belong together, or NULL
 *
 * Return: an exit code; has complained unless it is CTL_OK.
 */
int request_dump(struct ctl *ctl, uint8_t cmd, const struct entry *filter,
		 answer_fn answer, void *arg, bool *interrupted);

/* Asks for one thing and prints the answer, unless @listing is NULL. */
int request_tell(struct ctl *ctl, uint8_t cmd, const struct entry *filter,
		 const struct listing *listing);

/* Dumps a list to the output. Return: an exit code. */
int request_show(struct ctl *ctl, uint8_t cmd, const struct entry *filter,
		 const struct listing *listing);

#endif /* _NAT64CTL_REQUEST_H */
