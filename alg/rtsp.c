// SPDX-License-Identifier: GPL-2.0
#include "rtsp.h"

/* What comes in between (RFC 2326 10.12): '$', channel, length, data */
#define FRAME_MARK '$'
#define FRAME_HEAD 4

/* RTP and RTCP of each pair, in both directions */
#define GATES_MAX (4 * NAT64_RTSP_PAIRS)

static u32 give_up(struct nat64_alg_ctx *ctx, u32 len)
{
	nat64_alg_count(ctx, NAT64_ALG_CNT_ERRORS);
	nat64_alg_transparent(ctx);
	return len;
}

/* Nothing of a frame is held, not even its head; the data are not looked at. */
static u32 frame(struct nat64_alg_ctx *ctx, enum nat64_dir dir,
		 const u8 *data, u32 len)
{
	struct nat64_rtsp *rtsp = ctx->priv;
	u32 i, size;

	for (i = 0; i < len; i++) {
		rtsp->frame[dir]++;
		if (rtsp->frame[dir] == FRAME_HEAD - 1) {
			rtsp->frame_len[dir] = data[i];
		} else if (rtsp->frame[dir] == FRAME_HEAD) {
			rtsp->frame[dir] = 0;
			size = (u32)rtsp->frame_len[dir] << 8 | data[i];
			if (size)
				nat64_alg_skip(ctx, size);
			return i + 1;
		}
	}
	return len;
}

/*
 * A CLAT that embeds its host's IPv4 address has nothing between the prefix
 * and it (RFC 6052 2.2), and such a host has a private address.
 */
static bool looks_like_clat(const struct in6_addr *a)
{
	u32 v4 = nat64_get_be32(a->s6_addr + 12);

	return !nat64_get_be32(a->s6_addr + 8) && v4 >> 24 &&
	       !nat64_addr4_is_global(cpu_to_be32(v4));
}

/*
 * Who is the client? It says so when it names the server: a literal of IPv4
 * comes from a program that speaks IPv4, hence through a CLAT. A name says
 * nothing. Then only what no CLAT can send shows an IPv6 host, a flow label:
 * a 464XLAT client must never find its literals changed, whereas an IPv6 host
 * that is not recognised is no worse off than without us.
 *
 * Only the first URL counts: later ones may repeat what the server said.
 */
static void learn(const struct nat64_rtsp_msg *m)
{
	struct nat64_alg_ctx *ctx = m->ctx;
	struct nat64_rtsp_span url = m->url, host;
	struct nat64_rtsp_swap swap;

	if (m->rtsp->client != NAT64_RTSP_UNDECIDED || !m->request ||
	    m->dir != NAT64_DIR_64 || ctx->inbound ||
	    !nat64_rtsp_host(m->data, &url, &host))
		return;
	m->rtsp->client = NAT64_RTSP_IPV4;
	if (m->data[host.off] == '[')
		m->rtsp->client = NAT64_RTSP_NATIVE;
	else if (!nat64_rtsp_swap_host(ctx, NAT64_DIR_46, m->data, host,
				       &swap) &&
		 ctx->labelled && !looks_like_clat(&ctx->client6))
		m->rtsp->client = NAT64_RTSP_NATIVE;
}

static void swap_urls(const struct nat64_rtsp_msg *m,
		      struct nat64_rtsp_span where, struct nat64_edit *ed)
{
	struct nat64_rtsp_span host;
	struct nat64_rtsp_swap swap;

	if (!nat64_rtsp_swaps(m->ctx))
		return;
	while (nat64_rtsp_host(m->data, &where, &host))
		if (nat64_rtsp_swap_host(m->ctx, m->dir, m->data, host, &swap))
			nat64_edit_add(ed, swap.at.off,
				       swap.at.end - swap.at.off, swap.text,
				       swap.len);
}

/* SETUP of the IPv6 end: pool ports instead of its own (S-30, R-06) */
static void setup_request(const struct nat64_rtsp_msg *m,
			  struct nat64_rtsp_span value, struct nat64_edit *ed)
{
	struct nat64_rtsp_media *media;
	struct nat64_rtsp_spec spec;

	while (nat64_rtsp_spec_next(m, &value, &spec)) {
		if (spec.bad)
			nat64_alg_count(m->ctx, NAT64_ALG_CNT_ERRORS);
		if (spec.bad || spec.foreign || !spec.udp || !spec.client.count)
			continue;
		media = nat64_rtsp_media_reserve(m, m->cseq, &spec.client);
		/* Others would be refused as well, by the thousand. */
		if (!media)
			return;
		nat64_rtsp_spec_edit(m, &spec, media->mapped, ed);
	}
}

/* What the IPv4 end calls ports of the IPv6 end, as that knows them (S-34) */
static void setup_reply(const struct nat64_rtsp_msg *m,
			const struct nat64_rtsp_request *req, bool ok,
			struct nat64_rtsp_span value, struct nat64_edit *ed)
{
	struct nat64_rtsp_media *media;
	struct nat64_rtsp_spec spec;
	u16 to[2];
	u32 i;

	if (!nat64_rtsp_spec_next(m, &value, &spec) || !spec.udp || spec.bad)
		return;
	memcpy(to, spec.client.port, sizeof(to));
	media = nat64_rtsp_media_mapped(m->rtsp, req, &spec.client);
	for (i = 0; media && i < 2; i++)
		if (to[i] == media->mapped[i])
			to[i] = media->port[i];
	nat64_rtsp_spec_edit(m, &spec, to, ed);
	if (media && ok && nat64_rtsp_media_awaits(media, req))
		nat64_rtsp_media_open(m, req, media, &spec.server,
				      spec.source);
}

/* The reply of a server that is the IPv6 end: its ports are mapped (G-11). */
static void server_reply(const struct nat64_rtsp_msg *m,
			 const struct nat64_rtsp_request *req,
			 struct nat64_rtsp_span value, struct nat64_edit *ed)
{
	struct nat64_rtsp_media *media;
	struct nat64_rtsp_spec spec;

	if (!nat64_rtsp_spec_next(m, &value, &spec) || !spec.udp ||
	    spec.bad || !spec.server.count)
		return;
	media = nat64_rtsp_media_reserve(m, req->cseq, &spec.server);
	if (!media)
		return;
	nat64_rtsp_spec_edit(m, &spec, media->mapped, ed);
	nat64_rtsp_media_open(m, req, media, &spec.client, 0);
}

/* A Transport header, the first one if it is a response's */
static void transport(const struct nat64_rtsp_msg *m,
		      const struct nat64_rtsp_request *req,
		      struct nat64_rtsp_span value, struct nat64_edit *ed)
{
	bool ok = req && req->method == NAT64_RTSP_SETUP &&
		  m->status >= 200 && m->status < 300;

	if (m->request) {
		if (req && req->method == NAT64_RTSP_SETUP &&
		    m->dir == NAT64_DIR_64 && !m->ctx->inbound)
			setup_request(m, value, ed);
	} else if (m->dir == NAT64_DIR_46 && !m->ctx->inbound) {
		setup_reply(m, req, ok, value, ed);
	} else if (m->dir == NAT64_DIR_64 && m->ctx->inbound && ok) {
		server_reply(m, req, value, ed);
	}
}

static bool names_urls(const u8 *data, struct nat64_rtsp_span name)
{
	return nat64_rtsp_is(data, name, "content-base") ||
	       nat64_rtsp_is(data, name, "content-location") ||
	       nat64_rtsp_is(data, name, "location") ||
	       nat64_rtsp_is(data, name, "rtp-info");
}

/* The next line of @s that is complete, or the last one if @last */
static bool line_next(const u8 *data, struct nat64_rtsp_span *s, bool last,
		      struct nat64_rtsp_span *line)
{
	u32 i = s->off;

	while (i < s->end && data[i] != '\n')
		i++;
	if (i == s->end && (!last || i == s->off))
		return false;
	*line = nat64_rtsp_trim(data, s->off, i);
	s->off = min(i + 1, s->end);
	return true;
}

/* Would a description change? *@len becomes its new length. */
static bool measure(const struct nat64_rtsp_msg *m, u32 *len)
{
	struct nat64_rtsp_span rest = { m->len, m->len + m->body }, line;
	struct nat64_rtsp_swap swap;
	bool changes = false;

	*len = m->body;
	while (line_next(m->data, &rest, true, &line)) {
		if (!nat64_rtsp_swap_line(m->ctx, m->dir, m->data, line, &swap))
			continue;
		*len += swap.len - (swap.at.end - swap.at.off);
		changes = true;
	}
	return changes;
}

/*
 * A part of a description whose headers are gone: as many lines as one call
 * has edits for. It is all there unless the stream has put some of it off.
 */
static u32 describe(struct nat64_alg_ctx *ctx, enum nat64_dir dir,
		    const u8 *data, u32 len)
{
	struct nat64_rtsp *rtsp = ctx->priv;
	bool last = len >= rtsp->body[dir];
	struct nat64_rtsp_span rest = { 0, min(len, rtsp->body[dir]) }, line;
	struct nat64_rtsp_swap swap;
	u32 edits = 0;

	while (edits < NAT64_ALG_EDITS_MAX &&
	       line_next(data, &rest, last, &line)) {
		if (!nat64_rtsp_swap_line(ctx, dir, data, line, &swap))
			continue;
		edits++;
		if (nat64_alg_replace(ctx, swap.at.off,
				      swap.at.end - swap.at.off, swap.text,
				      swap.len))
			return give_up(ctx, len);
	}
	rtsp->body[dir] -= rest.off;
	return rest.off;
}

/* All edits of the headers, and what replies bring about */
static void edit_headers(struct nat64_rtsp_msg *m,
			 const struct nat64_rtsp_request *req, bool describes,
			 u32 body, struct nat64_edit *ed)
{
	struct nat64_rtsp_span name, value;
	bool transports = false;
	u32 pos = 0;

	if (m->request)
		swap_urls(m, m->url, ed);
	while (nat64_rtsp_header_next(m, &pos, &name, &value)) {
		if (nat64_rtsp_is(m->data, name, "transport")) {
			if (m->request || !transports)
				transport(m, req, value, ed);
			transports = true;
		} else if (names_urls(m->data, name)) {
			swap_urls(m, value, ed);
		} else if (describes && value.off == m->length.off &&
			   nat64_edit_flush(ed)) {
			nat64_edit_number(ed, value.off, value.end - value.off,
					  body);
			/* What is announced must be what comes. */
			if (nat64_edit_flush(ed))
				m->rtsp->body[m->dir] = m->body;
		}
	}
	nat64_edit_flush(ed);
}

static struct nat64_rtsp_request *remember(const struct nat64_rtsp_msg *m)
{
	u8 method = 0;

	if (nat64_rtsp_is(m->data, m->method, "setup"))
		method = NAT64_RTSP_SETUP;
	else if (nat64_rtsp_is(m->data, m->method, "teardown"))
		method = NAT64_RTSP_TEARDOWN;
	if (!method)
		return NULL;
	if (!m->has_cseq) {
		nat64_alg_count(m->ctx, NAT64_ALG_CNT_ERRORS);
		return NULL;
	}
	nat64_rtsp_request_add(m, method);
	return nat64_rtsp_request_find(m);
}

static void handle(struct nat64_rtsp_msg *m, bool describes, u32 body)
{
	struct nat64_rtsp_request *req;
	struct nat64_edit ed;

	nat64_alg_count(m->ctx, NAT64_ALG_CNT_MESSAGES);
	nat64_edit_begin(&ed, m->ctx, m->data);
	req = m->request ? remember(m) : nat64_rtsp_request_find(m);
	edit_headers(m, req, describes, body, &ed);
	if (!m->request && req)
		nat64_rtsp_request_done(m, req);
}

/* Is the body to be read, and if so, is it here? */
static bool is_description(const struct nat64_rtsp_msg *m)
{
	return m->known && m->sdp && m->body && nat64_rtsp_swaps(m->ctx) &&
	       m->body <= NAT64_RTSP_HOLD - m->len;
}

static u32 message(struct nat64_rtsp_msg *m, u32 len)
{
	bool describes = false;
	u32 body = 0;

	nat64_rtsp_read(m);
	if (m->bad)
		return give_up(m->ctx, len);
	learn(m);
	if (is_description(m)) {
		if (len - m->len < m->body) {
			m->rtsp->scan[m->dir].need = (u16)(m->len + m->body);
			return 0;
		}
		describes = measure(m, &body);
	}
	m->rtsp->begun[m->dir] = true;
	if (m->known)
		handle(m, describes, body);
	else
		nat64_alg_count(m->ctx, NAT64_ALG_CNT_ERRORS);
	if (m->body && !m->rtsp->body[m->dir])
		nat64_alg_skip(m->ctx, m->body);
	return m->len;
}

/* The next message, as far as it is there */
static u32 next_message(struct nat64_rtsp_msg *m, u32 len)
{
	enum nat64_dir from_client = m->ctx->inbound ? NAT64_DIR_46 :
						       NAT64_DIR_64;
	struct nat64_rtsp_scan *scan = &m->rtsp->scan[m->dir];
	enum nat64_rtsp_start start = NAT64_RTSP_START_OK;
	u32 seen = min_t(u32, len, NAT64_RTSP_HOLD);

	if (len < scan->need)
		return 0;
	if (!scan->at)
		start = nat64_rtsp_start(m, m->data, seen);
	if (start == NAT64_RTSP_START_OK)
		m->len = nat64_rtsp_headers_end(m->data, seen, scan);
	if (start == NAT64_RTSP_START_BAD || m->len > seen ||
	    (!m->len && seen == NAT64_RTSP_HOLD))
		return give_up(m->ctx, len);
	if (!m->len)
		return 0;
	memset(scan, 0, sizeof(*scan));
	if (nat64_rtsp_start(m, m->data, m->len) != NAT64_RTSP_START_OK ||
	    (!m->request && !m->rtsp->begun[m->dir] && m->dir == from_client))
		return give_up(m->ctx, len);
	return message(m, len);
}

static u32 payload(struct nat64_alg_ctx *ctx, enum nat64_dir dir,
		   const u8 *data, u32 len)
{
	struct nat64_rtsp *rtsp = ctx->priv;
	struct nat64_rtsp_msg m = {
		.ctx = ctx, .rtsp = rtsp, .dir = dir, .data = data,
	};
	u32 i;

	if (rtsp->body[dir])
		return describe(ctx, dir, data, len);
	if (rtsp->frame[dir] || (data[0] == FRAME_MARK && rtsp->begun[dir]))
		return frame(ctx, dir, data, len);
	for (i = 0; i < len && (data[i] == '\r' || data[i] == '\n'); i++)
		;
	return i ? i : next_message(&m, len);
}

const struct nat64_alg_ops nat64_alg_rtsp = {
	.id = NAT64_ALG_RTSP,
	.priv_size = sizeof(struct nat64_rtsp),
	.hold = NAT64_RTSP_HOLD,
	.gates_max = GATES_MAX,
	.payload = payload,
};
