/* SPDX-License-Identifier: GPL-2.0 */
/* The netlink socket. Nothing else knows that there is one. */
#ifndef _NAT64CTL_CHANNEL_H
#define _NAT64CTL_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entry.h"

struct nl_msg;
struct channel;

/**
 * struct refusal - why the kernel said no
 * @error: errno, 0 for success
 * @text: the kernel's words, or ""
 * @offset: of the attribute that is to blame, from the start of the request;
 *	0 for none
 * @interrupted: success, but what was listed may not belong together
 */
struct refusal {
	int error;
	char text[256];
	uint32_t offset;
	bool interrupted;
};

/* Called for each answer. Return: false to hear no more. */
typedef bool (*answer_fn)(const struct entry *e, void *arg);

/**
 * channel_open - finds the module
 * @netns: name or path of a network namespace to enter first, or NULL
 * @why: filled on failure; ENOENT where there is no module
 *
 * Return: the channel, or NULL.
 */
struct channel *channel_open(const char *netns, struct refusal *why);
void channel_close(struct channel *c);

/**
 * channel_message - starts a request
 * @c: the channel
 * @cmd: enum nat64_cmd
 * @dump: ask for a list
 * @room: bytes for attributes
 *
 * Return: a message to be given to channel_request(), or NULL.
 */
struct nl_msg *channel_message(struct channel *c, uint8_t cmd, bool dump,
			       size_t room);

/**
 * channel_request - sends a request and hears its answers
 * @c: the channel
 * @msg: consumed
 * @answer: called for each answer, may be NULL
 * @arg: for @answer
 * @why: always filled
 *
 * Return: 0 or errno.
 */
int channel_request(struct channel *c, struct nl_msg *msg, answer_fn answer,
		    void *arg, struct refusal *why);

/**
 * channel_listen - hears events until @answer has enough
 * @c: the channel, of no other use afterwards
 * @answer: called for each event; with NULL where events were lost
 * @arg: for @answer
 * @why: filled on failure
 *
 * Return: 0 or errno.
 */
int channel_listen(struct channel *c, answer_fn answer, void *arg,
		   struct refusal *why);

#endif /* _NAT64CTL_CHANNEL_H */
