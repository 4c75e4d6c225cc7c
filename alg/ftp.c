// SPDX-License-Identifier: GPL-2.0
/*
 * FTP: RFC 959, 2428, and RFC 6384 for clients that speak IPv6.
 *
 * A client behind a CLAT speaks IPv4 and sends PORT and PASV, a native one
 * sends EPRT and EPSV; which of the two a client is need not be known. What
 * becomes of each message is tabled in Documentation/alg.md.
 *
 * A message is a line of the client; a line of the server or, of a reply that
 * is to be changed, all its lines; or a Telnet command between two lines.
 */
#include "ftp.h"

static void init(struct nat64_alg_ctx *ctx)
{
	struct nat64_ftp *p = ctx->priv;

	p->epsv = ctx->options & NAT64_ALG_OPT_FTP_EPSV;
	p->eprt = true;
	nat64_pending_push(&p->queue, NAT64_PENDING_GREETING);
}

u32 nat64_ftp_give_up(struct nat64_ftp_message *m)
{
	nat64_alg_count(m->ctx, NAT64_ALG_CNT_ERRORS);
	nat64_alg_transparent(m->ctx);
	return m->len;
}

/*
 * All edits go through here. What has to leave before the message becomes part
 * of the first edit if that is at its beginning as well.
 */
static int edit(struct nat64_ftp_message *m, u32 off, u32 len, const u8 *text,
		u32 text_len)
{
	u8 buf[NAT64_LINE_COPY + 3 * NAT64_FTP_REFUSALS +
	       NAT64_ENDPOINT_SIX_MAX];
	u32 first = m->p->refused[m->dir];
	int ret = 0;

	if (first + text_len > sizeof(buf))
		return -ENOSPC;
	m->p->refused[m->dir] = 0;
	memcpy(buf, m->p->refusal[m->dir], first);
	if (off && first) {
		ret = nat64_alg_replace(m->ctx, 0, 0, buf, first);
		first = 0;
	}
	if (ret)
		return ret;
	if (text_len)
		memcpy(buf + first, text, text_len);
	return nat64_alg_replace(m->ctx, off, len, buf, first + text_len);
}

int nat64_ftp_replace(struct nat64_ftp_message *m, u32 from, u32 to,
		      const u8 *text, u32 len)
{
	u8 buf[NAT64_LINE_COPY + NAT64_ENDPOINT_SIX_MAX];
	const struct nat64_line *l = &m->line;

	if (len == to - from && !memcmp(l->text + from, text, len))
		return 0;
	if (!l->telnet)
		return edit(m, from, to - from, text, len);
	if (l->cut || l->len - (to - from) + len > sizeof(buf))
		return -ENOSPC;
	memcpy(buf, l->text, from);
	memcpy(buf + from, text, len);
	memcpy(buf + from + len, l->text + to, l->len - to);
	return nat64_ftp_replace_all(m, buf, l->len - (to - from) + len);
}

int nat64_ftp_replace_all(struct nat64_ftp_message *m, const u8 *text, u32 len)
{
	m->replaced = true;
	return edit(m, 0, m->total - m->end, text, len);
}

/*
 * RFC 6384 5: requests for Telnet options are not relayed, but refused in the
 * receiver's place. The refusal leaves with the next message that goes there.
 */
static void refuse(struct nat64_ftp_message *m, const u8 *request)
{
	enum nat64_dir back = m->dir == NAT64_DIR_46 ? NAT64_DIR_64 :
						       NAT64_DIR_46;
	u8 *used = &m->p->refused[back];

	if (*used == sizeof(m->p->refusal[back]))
		return;
	nat64_telnet_refuse(request, m->p->refusal[back] + *used);
	*used += 3;
}

/* Requests that follow each other go with one edit. */
static int remove_requests(struct nat64_ftp_message *m)
{
	u32 i, size, begin = 0, end = 0;
	int ret = 0;

	for (i = 0; i < m->total && !ret; i += size) {
		size = 1;
		if (m->data[i] != NAT64_TELNET_IAC ||
		    nat64_telnet_kind(m->data + i, m->total - i, &size) !=
			    NAT64_TELNET_OPTION ||
		    !nat64_telnet_asks(m->data + i))
			continue;
		refuse(m, m->data + i);
		if (i != end) {
			if (end && !m->replaced)
				ret = edit(m, begin, end - begin, NULL, 0);
			begin = i;
		}
		end = i + size;
	}
	if (end && !m->replaced && !ret)
		ret = edit(m, begin, end - begin, NULL, 0);
	return ret;
}

u32 nat64_ftp_done(struct nat64_ftp_message *m)
{
	if (m->telnet && remove_requests(m))
		return nat64_ftp_give_up(m);
	if (m->p->refused[m->dir] && edit(m, 0, 0, NULL, 0))
		return nat64_ftp_give_up(m);
	return m->total;
}

int nat64_ftp_open46(struct nat64_ftp_message *m, __be16 port,
		     __be16 remote_port, __be16 *mapped)
{
	struct nat64_gate_spec spec = {
		.proto = IPPROTO_TCP,
		.dir = NAT64_DIR_46,
		.client_port = port,
		.remote = m->ctx->remote4,
		.remote_port = remote_port,
		.lifetime = m->ctx->gate_ms,
	};
	struct nat64_ftp *p = m->p;
	u32 i;
	int ret;

	ret = nat64_alg_gate_open(m->ctx, &spec);
	if (ret)
		return ret;
	*mapped = spec.mapped;
	for (i = 0; i < p->active && p->port[i] != port; i++)
		;
	if (i == p->active && i < NAT64_FTP_GATES)
		p->port[p->active++] = port;
	return 0;
}

void nat64_ftp_open64(struct nat64_ftp_message *m, u16 port)
{
	struct nat64_gate_spec spec = {
		.proto = IPPROTO_TCP,
		.dir = NAT64_DIR_64,
		.remote = m->ctx->remote4,
		.remote_port = cpu_to_be16(port),
		.lifetime = m->ctx->gate_ms,
	};

	/* Without, the client still gets there as to any other server. */
	if (!nat64_alg_gate_open(m->ctx, &spec) && m->p->passive < 0xff)
		m->p->passive++;
}

void nat64_ftp_close46(struct nat64_ftp_message *m, __be16 port)
{
	struct nat64_ftp *p = m->p;
	u32 i;

	nat64_alg_gate_close(m->ctx, IPPROTO_TCP, port);
	for (i = 0; i < p->active && p->port[i] != port; i++)
		;
	if (i < p->active)
		p->port[i] = p->port[--p->active];
}

void nat64_ftp_supersede(struct nat64_ftp_message *m, __be16 keep)
{
	struct nat64_ftp *p = m->p;
	u32 i;

	if (nat64_pending_busy(&p->queue) &&
	    p->active + p->passive < NAT64_FTP_GATES)
		return;
	if (p->passive)
		nat64_alg_gate_close(m->ctx, IPPROTO_TCP, 0);
	p->passive = 0;
	for (i = p->active; i; i--) {
		if (p->port[i - 1] != keep)
			nat64_ftp_close46(m, p->port[i - 1]);
	}
}

/* A message of its own, so that an urgent one is not kept waiting (FT-06) */
static u32 command_between_lines(struct nat64_ftp_message *m)
{
	switch (nat64_telnet_kind(m->data, m->len, &m->total)) {
	case NAT64_TELNET_SUBOPTION:
		return nat64_ftp_give_up(m);
	case NAT64_TELNET_COMMAND:
	case NAT64_TELNET_OPTION:
		m->telnet = true;
		return nat64_ftp_done(m);
	default:
		return 0;
	}
}

static u32 line(struct nat64_ftp_message *m, bool client)
{
	u32 limit = min_t(u32, m->len, NAT64_FTP_HOLD);
	enum nat64_line_result r = nat64_line_read(&m->line, m->data, limit);
	bool whole = r == NAT64_LINE_DONE;

	if (r == NAT64_LINE_BAD)
		return nat64_ftp_give_up(m);
	if (client ? !nat64_ftp_client_like(&m->line, whole) :
		     !nat64_ftp_server_like(m->p, &m->line, whole))
		return nat64_ftp_give_up(m);
	if (!whole)
		return limit == NAT64_FTP_HOLD ? nat64_ftp_give_up(m) : 0;
	m->total = m->line.total;
	m->end = m->line.end;
	m->telnet = m->line.telnet;
	return client ? nat64_ftp_client(m) : nat64_ftp_server(m);
}

static u32 payload(struct nat64_alg_ctx *ctx, enum nat64_dir dir,
		   const u8 *data, u32 len)
{
	struct nat64_ftp_message m = {
		.ctx = ctx,
		.p = ctx->priv,
		.dir = dir,
		.data = data,
		.len = len,
	};
	bool client = ctx->inbound == (dir == NAT64_DIR_46);
	u32 n;

	if (client && m.p->auth) {
		m.p->blind = true;
		return len;
	}
	/* No client speaks first (RFC 959 5.4), but other protocols do. */
	if (client && !m.p->greeted)
		return nat64_ftp_give_up(&m);
	if (data[0] == NAT64_TELNET_IAC) {
		n = command_between_lines(&m);
		if (n)
			return n;
		m.total = 0;
	}
	return line(&m, client);
}

const struct nat64_alg_ops nat64_alg_ftp = {
	.id = NAT64_ALG_FTP,
	.priv_size = sizeof(struct nat64_ftp),
	.hold = NAT64_FTP_HOLD,
	.gates_max = NAT64_FTP_GATES,
	.init = init,
	.payload = payload,
};
