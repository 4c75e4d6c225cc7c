// SPDX-License-Identifier: GPL-2.0
#include "request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <netlink/msg.h>

/* For the attributes of a filter. */
#define REQUEST_ROOM	1024

int request_refused(const struct ctl *ctl, const struct refusal *why)
{
	if (why->error == ENOENT && !ctl->channel) {
		complain(ctl, "the module is not loaded; try: modprobe nat64");
		return CTL_ABSENT;
	}
	if (*why->text)
		complain(ctl, "%s", why->text);
	else if (why->error == EPERM)
		complain(ctl, "not permitted: needs CAP_NET_ADMIN");
	else
		complain(ctl, "%s", strerror(why->error));
	return CTL_REFUSED;
}

int request_open(struct ctl *ctl)
{
	struct refusal why;

	if (!ctl->channel)
		ctl->channel = channel_open(ctl->netns, &why);
	return ctl->channel ? CTL_OK : request_refused(ctl, &why);
}

static int request(struct ctl *ctl, uint8_t cmd, bool dump,
		   const struct entry *filter, answer_fn answer, void *arg,
		   struct refusal *why)
{
	struct nl_msg *msg;
	int err;

	err = request_open(ctl);
	if (err)
		return err;
	msg = channel_message(ctl->channel, cmd, dump, REQUEST_ROOM);
	if (!msg || (filter && entry_write(filter, msg))) {
		nlmsg_free(msg);
		complain(ctl, "%s", strerror(ENOMEM));
		return CTL_REFUSED;
	}
	if (channel_request(ctl->channel, msg, answer, arg, why))
		return request_refused(ctl, why);
	return CTL_OK;
}

int request_do(struct ctl *ctl, uint8_t cmd, const struct entry *filter,
	       answer_fn answer, void *arg)
{
	struct refusal why;

	return request(ctl, cmd, false, filter, answer, arg, &why);
}

int request_dump(struct ctl *ctl, uint8_t cmd, const struct entry *filter,
		 answer_fn answer, void *arg, bool *interrupted)
{
	struct refusal why = {};
	int err;

	err = request(ctl, cmd, true, filter, answer, arg, &why);
	if (!err && interrupted)
		*interrupted |= why.interrupted;
	return err;
}

static bool show(const struct entry *e, void *arg)
{
	return list_row(arg, e);
}

int request_show(struct ctl *ctl, uint8_t cmd, const struct entry *filter,
		 const struct listing *listing)
{
	bool interrupted = false;
	struct list list;
	int err;

	list_begin(&list, ctl, listing);
	err = request_dump(ctl, cmd, filter, show, &list, &interrupted);
	list_end(&list, !err);
	if (!err && interrupted && !ctl->quiet)
		complain(ctl, "the table was reorganised meanwhile; repeat the command for a complete list");
	return err;
}

int request_tell(struct ctl *ctl, uint8_t cmd, const struct entry *filter,
		 const struct listing *listing)
{
	struct list list;
	int err;

	if (!listing)
		return request_do(ctl, cmd, filter, NULL, NULL);
	list_begin(&list, ctl, listing);
	err = request_do(ctl, cmd, filter, show, &list);
	list_end(&list, !err);
	return err;
}
