// SPDX-License-Identifier: GPL-2.0
#include "rtsp.h"

/* The ports of a table entry that no other entry has are given back. */
static void close_ports(const struct nat64_rtsp_msg *m,
			struct nat64_rtsp_media *media)
{
	u32 i, k, ports = media->flags & NAT64_RTSP_SINGLE ? 1 : 2;
	struct nat64_rtsp *rtsp = m->rtsp;

	media->flags = 0;
	for (i = 0; i < ports; i++) {
		bool used = false;

		for (k = 0; k < NAT64_RTSP_PAIRS; k++) {
			const struct nat64_rtsp_media *o = &rtsp->media[k];

			used |= o->flags && (o->port[0] == media->port[i] ||
					     (!(o->flags & NAT64_RTSP_SINGLE) &&
					      o->port[1] == media->port[i]));
		}
		if (!used)
			nat64_alg_gate_close(m->ctx, IPPROTO_UDP,
					     cpu_to_be16(media->port[i]));
	}
}

/* A SETUP that came to nothing; what an earlier one has got stays. */
static void release(const struct nat64_rtsp_msg *m,
		    struct nat64_rtsp_media *media)
{
	media->flags &= ~NAT64_RTSP_PENDING;
	if (!(media->flags & NAT64_RTSP_ACTIVE))
		close_ports(m, media);
}

static void release_pending(const struct nat64_rtsp_msg *m, u32 cseq)
{
	u32 i;

	for (i = 0; i < NAT64_RTSP_PAIRS; i++) {
		struct nat64_rtsp_media *media = &m->rtsp->media[i];

		if (media->flags & NAT64_RTSP_PENDING && media->cseq == cseq)
			release(m, media);
	}
}

/* A SETUP of the IPv6 end has media that wait for the reply. */
static bool reserves(const struct nat64_rtsp_request *req)
{
	return req->method == NAT64_RTSP_SETUP && req->dir == NAT64_DIR_64;
}

void nat64_rtsp_request_add(const struct nat64_rtsp_msg *m, u8 method)
{
	struct nat64_rtsp *rtsp = m->rtsp;
	struct nat64_rtsp_request *req = nat64_rtsp_request_find(m);
	u32 uri = nat64_rtsp_hash(m->data, m->url);

	bool again = req && req->method == method && req->uri == uri;

	if (!req) {
		req = &rtsp->request[rtsp->turn];
		rtsp->turn = (rtsp->turn + 1) % NAT64_RTSP_REQUESTS;
	}
	if (reserves(req) && !again)
		release_pending(m, req->cseq);
	req->method = method;
	req->dir = (u8)m->dir;
	req->cseq = m->cseq;
	req->session = m->session;
	req->uri = uri;
}

struct nat64_rtsp_request *
nat64_rtsp_request_find(const struct nat64_rtsp_msg *m)
{
	enum nat64_dir dir = m->request ? m->dir : !m->dir;
	u32 i;

	for (i = 0; m->has_cseq && i < NAT64_RTSP_REQUESTS; i++) {
		struct nat64_rtsp_request *req = &m->rtsp->request[i];

		if (req->method && req->dir == dir && req->cseq == m->cseq)
			return req;
	}
	return NULL;
}

/* It is over, unless another SETUP has asked for the same ports already. */
static void deactivate(const struct nat64_rtsp_msg *m,
		       struct nat64_rtsp_media *media)
{
	if (!(media->flags & NAT64_RTSP_ACTIVE))
		return;
	media->flags &= ~NAT64_RTSP_ACTIVE;
	if (!(media->flags & NAT64_RTSP_PENDING))
		close_ports(m, media);
}

/* Of one medium if the URI is one's, otherwise of the whole session */
static void teardown(const struct nat64_rtsp_msg *m,
		     const struct nat64_rtsp_request *req)
{
	struct nat64_rtsp_media *media = m->rtsp->media;
	bool one = false;
	u32 i;

	for (i = 0; i < NAT64_RTSP_PAIRS; i++)
		one |= media[i].flags & NAT64_RTSP_ACTIVE &&
		       media[i].session == req->session &&
		       media[i].uri == req->uri;
	for (i = 0; i < NAT64_RTSP_PAIRS; i++)
		if (media[i].session == req->session &&
		    (!one || media[i].uri == req->uri))
			deactivate(m, &media[i]);
}

/* Another SETUP of the same medium has taken the place of these. */
static void replace(const struct nat64_rtsp_msg *m,
		    const struct nat64_rtsp_request *req)
{
	u32 i;

	for (i = 0; i < NAT64_RTSP_PAIRS; i++) {
		struct nat64_rtsp_media *media = &m->rtsp->media[i];

		if (media->cseq != req->cseq && media->uri == req->uri &&
		    media->session == m->session)
			deactivate(m, media);
	}
}

void nat64_rtsp_request_done(const struct nat64_rtsp_msg *m,
			     struct nat64_rtsp_request *req)
{
	bool ok = m->status >= 200 && m->status < 300;

	if (m->status < 200)
		return;
	if (reserves(req))
		release_pending(m, req->cseq);
	if (req->method == NAT64_RTSP_SETUP && ok)
		replace(m, req);
	if (req->method == NAT64_RTSP_TEARDOWN && (ok || m->status == 454))
		teardown(m, req);
	req->method = 0;
}

/* To the IPv6 end; the mapping is what comes of it. */
static int open_46(const struct nat64_rtsp_msg *m,
		   struct nat64_rtsp_media *media, u32 i, u8 flags,
		   u32 lifetime)
{
	bool any = m->ctx->options & NAT64_ALG_OPT_RTSP_ANY;
	struct nat64_gate_spec spec = {
		.proto = IPPROTO_UDP,
		.dir = NAT64_DIR_46,
		.flags = flags,
		.client_port = cpu_to_be16(media->port[i]),
		.remote = any ? 0 : m->ctx->remote4,
		.remote_port = cpu_to_be16(media->remote[i]),
		.want = cpu_to_be16(media->mapped[i]),
		.lifetime = lifetime,
	};
	int err = nat64_alg_gate_open(m->ctx, &spec);

	if (!err)
		media->mapped[i] = be16_to_cpu(spec.mapped);
	return err;
}

/* From the IPv6 end, which may send first */
static int open_64(const struct nat64_rtsp_msg *m,
		   const struct nat64_rtsp_media *media, u32 i, __be32 remote,
		   u32 lifetime)
{
	struct nat64_gate_spec spec = {
		.proto = IPPROTO_UDP,
		.dir = NAT64_DIR_64,
		.client_port = cpu_to_be16(media->port[i]),
		.remote = remote,
		.remote_port = cpu_to_be16(media->remote[i]),
		.lifetime = lifetime,
	};

	return nat64_alg_gate_open(m->ctx, &spec);
}

static bool is_pair(const struct nat64_rtsp_media *media)
{
	return media->port[1] == media->port[0] + 1;
}

/*
 * RTP and RTCP have neighbouring ports, also where only the first is named;
 * without such a pair any two have to do, or the one (S-41).
 *
 * What an earlier reply has opened stays open (@flags).
 */
static int reserve(const struct nat64_rtsp_msg *m,
		   struct nat64_rtsp_media *media, bool one, u8 flags)
{
	u32 lifetime = m->ctx->gate_ms;
	int err = -EADDRINUSE;

	if (is_pair(media)) {
		err = open_46(m, media, 0, flags | NAT64_GATE_PAIR, lifetime);
		if (!err)
			media->mapped[1] = media->mapped[0] + 1;
	}
	if (err != -EADDRINUSE)
		return err;
	if (one)
		media->flags |= NAT64_RTSP_SINGLE;
	err = open_46(m, media, 0, flags, lifetime);
	if (err)
		return err;
	if (!one)
		return open_46(m, media, 1, flags, lifetime);
	media->mapped[1] = media->mapped[0] + media->port[1] - media->port[0];
	return 0;
}

/* The entry for these ports, or a free one; NULL: the table is full (G-09). */
static struct nat64_rtsp_media *find_ports(struct nat64_rtsp *rtsp,
					   const u16 *port, bool one)
{
	struct nat64_rtsp_media *empty = NULL;
	u32 i;

	for (i = 0; i < NAT64_RTSP_PAIRS; i++) {
		struct nat64_rtsp_media *media = &rtsp->media[i];

		if (!media->flags)
			empty = empty ? empty : media;
		else if (media->port[0] == port[0] &&
			 media->port[1] == port[1] &&
			 (one || !(media->flags & NAT64_RTSP_SINGLE)))
			return media;
	}
	if (empty) {
		memset(empty, 0, sizeof(*empty));
		memcpy(empty->port, port, sizeof(empty->port));
		memcpy(empty->mapped, port, sizeof(empty->mapped));
	}
	return empty;
}

struct nat64_rtsp_media *
nat64_rtsp_media_reserve(const struct nat64_rtsp_msg *m, u32 cseq,
			 const struct nat64_rtsp_ports *ports)
{
	bool one = ports->count == 1 || ports->port[0] == ports->port[1];
	const u16 port[2] = {
		ports->port[0],
		ports->count == 1 ? (u16)(ports->port[0] + 1) : ports->port[1],
	};
	struct nat64_rtsp_media *media;
	bool active;

	if (!port[0] || (!one && !port[1]))
		return NULL;
	media = find_ports(m->rtsp, port, one);
	if (!media) {
		nat64_alg_count(m->ctx, NAT64_ALG_CNT_GATES_REFUSED);
		return NULL;
	}
	active = media->flags & NAT64_RTSP_ACTIVE;
	media->flags |= NAT64_RTSP_PENDING;
	media->cseq = cseq;
	if (reserve(m, media, one, active ? 0 : NAT64_GATE_RESERVED)) {
		release(m, media);
		return NULL;
	}
	return media;
}

struct nat64_rtsp_media *
nat64_rtsp_media_mapped(struct nat64_rtsp *rtsp,
			const struct nat64_rtsp_request *req,
			const struct nat64_rtsp_ports *ports)
{
	struct nat64_rtsp_media *other = NULL, *only = NULL;
	bool named = ports->count && ports->port[0];
	u32 i, waiting = 0;

	for (i = 0; i < NAT64_RTSP_PAIRS; i++) {
		struct nat64_rtsp_media *media = &rtsp->media[i];
		bool meant = media->flags && named &&
			     media->mapped[0] == ports->port[0];

		if (req && nat64_rtsp_media_awaits(media, req)) {
			if (meant)
				return media;
			only = media;
			waiting++;
		} else if (meant) {
			other = media;
		}
	}
	if (named)
		return other;
	return waiting == 1 ? only : NULL;
}

void nat64_rtsp_media_open(const struct nat64_rtsp_msg *m,
			   const struct nat64_rtsp_request *req,
			   struct nat64_rtsp_media *media,
			   const struct nat64_rtsp_ports *remote,
			   __be32 source)
{
	u32 lifetime = max(m->ctx->gate_ms, m->timeout_ms);
	bool any = m->ctx->options & NAT64_ALG_OPT_RTSP_ANY;
	__be32 host = any && source ? source : m->ctx->remote4;
	u32 i, ports = media->flags & NAT64_RTSP_SINGLE ? 1 : 2;

	media->flags &= ~NAT64_RTSP_PENDING;
	media->flags |= NAT64_RTSP_ACTIVE;
	media->session = m->session;
	media->uri = req->uri;
	for (i = 0; i < ports; i++) {
		media->remote[i] = i < remote->count ? remote->port[i] : 0;
		/* Refusals are counted by the core; RTP may do without RTCP. */
		if (!open_46(m, media, i, 0, lifetime))
			(void)!open_64(m, media, i, host, lifetime);
	}
}
