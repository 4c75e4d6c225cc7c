// SPDX-License-Identifier: GPL-2.0
/* What the server of FTP says. */
#include "ftp.h"
#include "text.h"

#define CODE_LEN 3

/* Three digits that can be a reply code */
static bool code_like(const u8 *text, u32 len)
{
	u32 i;

	for (i = 0; i < len && i < CODE_LEN; i++) {
		if (!nat64_text_is_digit(text[i]) ||
		    (!i && (text[i] < '1' || text[i] > '5')))
			return false;
	}
	return true;
}

bool nat64_ftp_server_like(const struct nat64_ftp *p,
			   const struct nat64_line *l, bool whole)
{
	u32 len = whole ? l->len : nat64_line_certain(l);

	if (p->multi)
		return true;
	/* Empty lines between replies happen, but no server begins so. */
	if (nat64_text_blanks(l->text, len) == len)
		return p->greeted || (!len && !whole);
	if (!code_like(l->text, len))
		return false;
	if (len <= CODE_LEN)
		return len == CODE_LEN || !whole;
	return l->text[CODE_LEN] == ' ' || l->text[CODE_LEN] == '-' ||
	       l->text[CODE_LEN] == '\r';
}

static u16 read_code(const struct nat64_line *l)
{
	return (u16)((l->text[0] - '0') * 100 + (l->text[1] - '0') * 10 +
		     l->text[2] - '0');
}

/* Is this the last line of a reply whose first line had @code? */
static bool is_last(const struct nat64_line *l, u16 code)
{
	return l->len >= CODE_LEN && code_like(l->text, l->len) &&
	       read_code(l) == code &&
	       (l->len == CODE_LEN || l->text[CODE_LEN] == ' ');
}

/* The port that a line of a 227 or 229 names */
static bool read_endpoint(const struct nat64_line *l, u16 code,
			  struct nat64_endpoint *e)
{
	u32 skip = 0;
	bool found;

	if (code != 227 && code != 229)
		return false;
	if (l->len > CODE_LEN && code_like(l->text, l->len) &&
	    read_code(l) == code)
		skip = CODE_LEN + 1;
	found = code == 227 ?
			nat64_endpoint_227(l->text + skip, l->len - skip, e) :
			nat64_endpoint_229(l->text + skip, l->len - skip, e);
	e->off += skip;
	return found;
}

/*
 * The server waits at @e. Outside, as it says: the client will connect. Inside,
 * it is the pool address that the client has to be told; the address that
 * stands there is ignored (SEC-11).
 */
static void announced(struct nat64_ftp_message *m, u16 code,
		      const struct nat64_endpoint *e)
{
	__be16 port = cpu_to_be16(e->port), mapped;
	u8 text[NAT64_ENDPOINT_SIX_MAX];
	u32 n;

	if (!m->ctx->inbound) {
		nat64_ftp_open64(m, e->port);
		return;
	}
	if (nat64_ftp_open46(m, port, 0, &mapped))
		return;
	n = code == 227 ?
		    nat64_endpoint_put_six(text, m->ctx->pool4, mapped) :
		    nat64_text_put_number(text, be16_to_cpu(mapped));
	if (nat64_ftp_replace(m, e->off, e->off + e->len, text, n))
		nat64_ftp_close46(m, port);
}

/* A line of a reply to a PASV or EPSV that was the client's own */
static void note(struct nat64_ftp_message *m, u16 code)
{
	enum nat64_pending_kind kind;
	struct nat64_endpoint e;

	if (m->p->noted || !read_endpoint(&m->line, code, &e))
		return;
	kind = nat64_pending_peek(&m->p->queue, code, true);
	if (kind != NAT64_PENDING_PASV && kind != NAT64_PENDING_EPSV)
		return;
	announced(m, code, &e);
	m->p->noted = true;
}

/* Put a reply of our own in the place of the server's. */
static u32 answer(struct nat64_ftp_message *m, const char *text)
{
	if (nat64_ftp_replace_all(m, (const u8 *)text, (u32)strlen(text)))
		return nat64_ftp_give_up(m);
	return nat64_ftp_done(m);
}

/*
 * RFC 6384 12: whatever became of our NOOP, the client asked for something
 * else. It gets the answer to that, though the RFC would have the connection
 * reset after an error.
 */
static u32 answer_noop(struct nat64_ftp_message *m,
		       enum nat64_pending_kind kind, u16 code)
{
	if (code >= 400)
		nat64_alg_count(m->ctx, NAT64_ALG_CNT_ERRORS);
	switch (kind) {
	case NAT64_PENDING_NOOP_ALL:
		return answer(m, "504 EPSV ALL not supported");
	case NAT64_PENDING_NOOP_FAMILY:
		return answer(m,
			      "522 Network protocol not supported, use (2)");
	case NAT64_PENDING_NOOP_NONE:
		return answer(m, "216 NONE");
	case NAT64_PENDING_NOOP_EPSV:
		return answer(m, "216 EPSV");
	case NAT64_PENDING_NOOP_BOTH:
		return answer(m, "216 EPSVEPRT");
	default:
		return answer(m, "504 Parameter not supported");
	}
}

/* RFC 6384 6: 227 becomes 229. Of what the 227 says only the port matters. */
static u32 answer_epsv(struct nat64_ftp_message *m, u16 code, bool found,
		       u16 port)
{
	static const char begin[] = "229 Entering Extended Passive Mode (|||";
	u8 text[sizeof(begin) + NAT64_TEXT_NUMBER_MAX + 2];
	u32 n = sizeof(begin) - 1;

	if (code != 227)
		return nat64_ftp_done(m);
	if (!found) {
		nat64_alg_count(m->ctx, NAT64_ALG_CNT_ERRORS);
		return nat64_ftp_done(m);
	}
	nat64_ftp_open64(m, port);
	memcpy(text, begin, n);
	n += nat64_text_put_number(text + n, port);
	text[n++] = '|';
	text[n++] = ')';
	if (nat64_ftp_replace_all(m, text, n))
		return nat64_ftp_give_up(m);
	return nat64_ftp_done(m);
}

/*
 * RFC 6384 5: translating goes on if the server declines. That needs to be
 * known where the client's next command begins.
 */
static u32 declined(struct nat64_ftp_message *m)
{
	m->p->auth = false;
	return m->p->blind ? nat64_ftp_give_up(m) : nat64_ftp_done(m);
}

static u32 answer_auth(struct nat64_ftp_message *m, u16 code)
{
	u32 n;

	if (code >= 400)
		return declined(m);
	n = nat64_ftp_done(m);
	nat64_alg_transparent(m->ctx);
	return n;
}

/* The reply is complete. @e: where its text names a port, or NULL */
static u32 reply(struct nat64_ftp_message *m, u16 code,
		 const struct nat64_endpoint *e)
{
	struct nat64_ftp *p = m->p;
	enum nat64_pending_kind kind;
	bool noted = p->noted;

	p->noted = false;
	nat64_alg_count(m->ctx, NAT64_ALG_CNT_MESSAGES);
	if (code < 200) {
		nat64_pending_begun(&p->queue);
		return nat64_ftp_done(m);
	}
	/* The server is about to close, whatever was asked. */
	if (code == 421) {
		p->queue.count = 0;
		return p->auth ? declined(m) : nat64_ftp_done(m);
	}
	kind = nat64_pending_take(&p->queue, code, e || noted);
	switch (kind) {
	case NAT64_PENDING_LOST:
		return nat64_ftp_give_up(m);
	case NAT64_PENDING_PASV:
	case NAT64_PENDING_EPSV:
		if (e && !noted)
			announced(m, code, e);
		else if (!noted && code < 400)
			nat64_alg_count(m->ctx, NAT64_ALG_CNT_ERRORS);
		return nat64_ftp_done(m);
	case NAT64_PENDING_OUR_PASV:
		return answer_epsv(m, code, e, e ? e->port : 0);
	case NAT64_PENDING_AUTH:
		return answer_auth(m, code);
	default:
		return nat64_pending_is_noop(kind) ?
			       answer_noop(m, kind, code) : nat64_ftp_done(m);
	}
}

/* A reply that will be changed: all of its lines are one message. */
static u32 all_lines(struct nat64_ftp_message *m, u16 code)
{
	u32 limit = min_t(u32, m->len, NAT64_FTP_HOLD);
	struct nat64_endpoint e;
	bool found = read_endpoint(&m->line, code, &e);

	do {
		switch (nat64_line_read(&m->line, m->data + m->total,
					limit - m->total)) {
		case NAT64_LINE_BAD:
			return nat64_ftp_give_up(m);
		case NAT64_LINE_MORE:
			return limit == NAT64_FTP_HOLD ? nat64_ftp_give_up(m) :
							 0;
		case NAT64_LINE_DONE:
			break;
		}
		m->total += m->line.total;
		m->end = m->line.end;
		m->telnet |= m->line.telnet;
		if (!found)
			found = read_endpoint(&m->line, code, &e);
	} while (!is_last(&m->line, code));
	return reply(m, code, found ? &e : NULL);
}

static u32 first_line(struct nat64_ftp_message *m, u16 code)
{
	enum nat64_pending_kind kind = NAT64_PENDING_NONE;

	if (code >= 200 && code != 421)
		kind = nat64_pending_peek(&m->p->queue, code, true);
	if (nat64_pending_is_ours(kind))
		return all_lines(m, code);
	m->p->multi = code;
	m->p->noted = false;
	note(m, code);
	return nat64_ftp_done(m);
}

static u32 last_line(struct nat64_ftp_message *m, u16 code)
{
	struct nat64_endpoint e;

	return reply(m, code, read_endpoint(&m->line, code, &e) ? &e : NULL);
}

u32 nat64_ftp_server(struct nat64_ftp_message *m)
{
	const struct nat64_line *l = &m->line;
	struct nat64_ftp *p = m->p;
	u16 code = p->multi;

	if (code) {
		if (is_last(l, code)) {
			p->multi = 0;
			return last_line(m, code);
		}
		note(m, code);
		return nat64_ftp_done(m);
	}
	if (nat64_text_blanks(l->text, l->len) == l->len)
		return nat64_ftp_done(m);
	code = read_code(l);
	/* A greeting (RFC 959 5.4); other protocols have other codes, or none. */
	if (!p->greeted && code != 120 && code != 220 && code < 400)
		return nat64_ftp_give_up(m);
	p->greeted = true;
	if (l->len > CODE_LEN && l->text[CODE_LEN] == '-')
		return first_line(m, code);
	return last_line(m, code);
}
