// SPDX-License-Identifier: GPL-2.0
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

/* The kernel never makes a message of a dump longer than 32 KiB. */
#define RECEIVE_ROOM	(64 * 1024)
/* What a socket accepts without asking for more. */
#define SEND_ROOM	(128 * 1024)
/* Events that may wait while we print. */
#define EVENT_ROOM	(4 * 1024 * 1024)

struct channel {
	struct nl_sock *sock;
	int family;
	int group;
	char buf[RECEIVE_ROOM];
};

static void refuse(struct refusal *why, int error, const char *text)
{
	memset(why, 0, sizeof(*why));
	why->error = error;
	snprintf(why->text, sizeof(why->text), "%.255s", text);
}

static bool enter(const char *netns, struct refusal *why)
{
	char path[256], text[200];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s%s",
		 strchr(netns, '/') ? "" : "/run/netns/", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		err = errno;
	if (fd >= 0)
		close(fd);
	if (err) {
		snprintf(text, sizeof(text), "network namespace %.100s: %s",
			 netns, strerror(err));
		/* ENOENT would mean that the module is missing. */
		refuse(why, err == ENOENT ? ENXIO : err, text);
	}
	return !err;
}

static void configure(struct channel *c)
{
	const int on = 1;
	int fd = nl_socket_get_fd(c->sock);

	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
}

struct channel *channel_open(const char *netns, struct refusal *why)
{
	struct channel *c;
	int err;

	refuse(why, 0, "");
	if (netns && !enter(netns, why))
		return NULL;
	c = calloc(1, sizeof(*c));
	if (c)
		c->sock = nl_socket_alloc();
	if (!c || !c->sock) {
		refuse(why, ENOMEM, "");
		free(c);
		return NULL;
	}
	err = genl_connect(c->sock);
	if (err) {
		refuse(why, EPROTO, nl_geterror(err));
		goto close;
	}
	c->family = genl_ctrl_resolve(c->sock, NAT64_GENL_NAME);
	if (c->family < 0) {
		if (c->family == -NLE_OBJ_NOTFOUND)
			refuse(why, ENOENT, "");
		else
			refuse(why, EPROTO, nl_geterror(c->family));
		goto close;
	}
	configure(c);
	return c;

close:
	channel_close(c);
	return NULL;
}

void channel_close(struct channel *c)
{
	if (!c)
		return;
	nl_socket_free(c->sock);
	free(c);
}

struct nl_msg *channel_message(struct channel *c, uint8_t cmd, bool dump,
			       size_t room)
{
	struct nl_msg *msg = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + room);

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, c->family, 0,
				dump ? NLM_F_DUMP : NLM_F_ACK, cmd,
				NAT64_GENL_VERSION)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/* A configuration may be larger than what a socket sends by default. */
static void make_room(struct channel *c, size_t len)
{
	int fd = nl_socket_get_fd(c->sock);
	int room = len + 4096;

	if (len < SEND_ROOM)
		return;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
}

static void take_reason(const struct nlattr *nla, int left,
			struct refusal *why)
{
	for (; nla_ok(nla, left); nla = nla_next(nla, &left)) {
		if (nla_type(nla) == NLMSGERR_ATTR_MSG)
			snprintf(why->text, sizeof(why->text), "%.*s",
				 nla_len(nla), (const char *)nla_data(nla));
		else if (nla_type(nla) == NLMSGERR_ATTR_OFFS &&
			 nla_len(nla) == sizeof(why->offset))
			why->offset = nla_get_u32(nla);
	}
}

/* An acknowledgement, or the error of a request. */
static void take_error(const struct nlmsghdr *h, struct refusal *why)
{
	const struct nlmsgerr *e = nlmsg_data(h);
	int skip = sizeof(*e);

	if (nlmsg_datalen(h) < skip) {
		refuse(why, EPROTO, "");
		return;
	}
	why->error = -e->error;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(e->msg.nlmsg_len) - NLMSG_HDRLEN;
	if (h->nlmsg_flags & NLM_F_ACK_TLVS && skip < nlmsg_datalen(h))
		take_reason((const void *)((const char *)e + skip),
			    nlmsg_datalen(h) - skip, why);
}

/* The end of a dump carries its result in the same manner. */
static void take_done(const struct nlmsghdr *h, struct refusal *why)
{
	int error;

	if (nlmsg_datalen(h) < (int)sizeof(error))
		return;
	memcpy(&error, nlmsg_data(h), sizeof(error));
	if (error >= 0)
		return;
	why->error = -error;
	if (h->nlmsg_flags & NLM_F_ACK_TLVS)
		take_reason((const void *)((const char *)nlmsg_data(h) +
					   sizeof(error)),
			    nlmsg_datalen(h) - sizeof(error), why);
}

struct hearing {
	answer_fn answer;
	void *arg;
	struct refusal *why;
	bool done;
};

static void take_answer(struct hearing *hear, const struct nlmsghdr *h)
{
	const struct genlmsghdr *g = nlmsg_data(h);
	struct entry e;

	if (nlmsg_datalen(h) < (int)GENL_HDRLEN || !hear->answer)
		return;
	entry_read(&e, genlmsg_attrdata(g, 0), genlmsg_attrlen(g, 0));
	if (!hear->answer(&e, hear->arg))
		hear->done = true;
}

static void take_message(struct channel *c, struct hearing *hear,
			 const struct nlmsghdr *h)
{
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		hear->why->interrupted = true;
	if (h->nlmsg_type == c->family) {
		take_answer(hear, h);
	} else if (h->nlmsg_type == NLMSG_ERROR) {
		take_error(h, hear->why);
		hear->done = true;
	} else if (h->nlmsg_type == NLMSG_DONE) {
		take_done(h, hear->why);
		hear->done = true;
	}
}

/* Return: bytes in c->buf, or -errno. */
static ssize_t receive(struct channel *c)
{
	ssize_t n;

	do {
		n = recv(nl_socket_get_fd(c->sock), c->buf, sizeof(c->buf), 0);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static void hear_batch(struct channel *c, struct hearing *hear, ssize_t n,
		       uint32_t seq)
{
	struct nlmsghdr *h = (void *)c->buf;
	int left = n;

	for (; nlmsg_ok(h, left) && !hear->done; h = nlmsg_next(h, &left)) {
		if (!seq || h->nlmsg_seq == seq)
			take_message(c, hear, h);
	}
}

int channel_request(struct channel *c, struct nl_msg *msg, answer_fn answer,
		    void *arg, struct refusal *why)
{
	struct hearing hear = { .answer = answer, .arg = arg, .why = why };
	ssize_t n = 0;
	uint32_t seq;
	int err;

	refuse(why, 0, "");
	make_room(c, nlmsg_hdr(msg)->nlmsg_len);
	err = nl_send_auto(c->sock, msg);
	seq = nlmsg_hdr(msg)->nlmsg_seq;
	nlmsg_free(msg);
	if (err < 0) {
		refuse(why, EPROTO, nl_geterror(err));
		return why->error;
	}
	while (!hear.done) {
		n = receive(c);
		if (n <= 0)
			break;
		hear_batch(c, &hear, n, seq);
	}
	if (!hear.done)
		refuse(why, n ? -n : EPROTO, "");
	return why->error;
}

int channel_listen(struct channel *c, answer_fn answer, void *arg,
		   struct refusal *why)
{
	struct hearing hear = { .answer = answer, .arg = arg, .why = why };
	const int room = EVENT_ROOM;
	ssize_t n = 0;
	int err;

	refuse(why, 0, "");
	c->group = genl_ctrl_resolve_grp(c->sock, NAT64_GENL_NAME,
					 NAT64_GENL_EVENTS);
	err = c->group < 0 ? c->group :
			     nl_socket_add_membership(c->sock, c->group);
	if (err < 0) {
		refuse(why, EPROTO, nl_geterror(err));
		return why->error;
	}
	if (setsockopt(nl_socket_get_fd(c->sock), SOL_SOCKET, SO_RCVBUFFORCE,
		       &room, sizeof(room)))
		setsockopt(nl_socket_get_fd(c->sock), SOL_SOCKET, SO_RCVBUF,
			   &room, sizeof(room));
	while (!hear.done) {
		n = receive(c);
		if (n > 0)
			hear_batch(c, &hear, n, 0);
		else if (n == -ENOBUFS)
			hear.done = !answer(NULL, arg);
		else
			break;
	}
	if (!hear.done)
		refuse(why, n ? -n : EPROTO, "");
	return why->error;
}
