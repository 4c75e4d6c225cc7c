// SPDX-License-Identifier: GPL-2.0
/* What the client of FTP says. */
#include "ftp.h"
#include "text.h"

#define VERB_MIN 3
#define VERB_MAX 12
#define PORT_FTP_DATA 20

/**
 * struct words - the parts of a command; offsets into the text of the line
 * @verb: offset
 * @verb_len: octets
 * @args: offset, blanks skipped
 * @args_len: octets, without blanks at the end
 */
struct words {
	u32 verb;
	u32 verb_len;
	u32 args;
	u32 args_len;
};

typedef enum nat64_pending_kind (*handler)(struct nat64_ftp_message *m,
					   const struct words *w);

static u32 verb_length(const u8 *text, u32 len)
{
	u32 n = 0;

	while (n < len && (nat64_text_is_alpha(text[n]) ||
			   nat64_text_is_digit(text[n])))
		n++;
	return n;
}

/* What a browser can be made to send to any port (SEC-12) */
static bool is_http(const u8 *verb, u32 len)
{
	static const char *const methods[] = {
		"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS",
		"TRACE", "PATCH", "PRI",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		if (nat64_text_equal(verb, len, methods[i]))
			return true;
	}
	return false;
}

bool nat64_ftp_client_like(const struct nat64_line *l, bool whole)
{
	u32 len = whole ? l->len : nat64_line_certain(l);
	u32 off = nat64_text_blanks(l->text, len);
	u32 n = verb_length(l->text + off, len - off);

	if (off == len)
		return true;
	if (n > VERB_MAX || !nat64_text_is_alpha(l->text[off]))
		return false;
	if (off + n == len && !whole)
		return true;
	if (n < VERB_MIN || is_http(l->text + off, n))
		return false;
	return off + n == len || l->text[off + n] == '\r' ||
	       nat64_text_is_blank(l->text[off + n]);
}

static void split(const struct nat64_line *l, struct words *w)
{
	w->verb = nat64_text_blanks(l->text, l->len);
	w->verb_len = verb_length(l->text + w->verb, l->len - w->verb);
	w->args = w->verb + w->verb_len;
	w->args += nat64_text_blanks(l->text + w->args, l->len - w->args);
	w->args_len = nat64_text_trim(l->text + w->args, l->len - w->args);
}

static bool args_are(const struct nat64_ftp_message *m, const struct words *w,
		     const char *word)
{
	return !m->line.cut &&
	       nat64_text_equal(m->line.text + w->args, w->args_len, word);
}

/* Replace the command from the verb on. */
static int say(struct nat64_ftp_message *m, const struct words *w,
	       const char *command)
{
	return nat64_ftp_replace(m, w->verb, m->line.len, (const u8 *)command,
				 (u32)strlen(command));
}

/*
 * NOOP in the place of a command that must not reach the server (RFC 6384 12):
 * the reply to it will be turned into ours.
 */
static enum nat64_pending_kind noop(struct nat64_ftp_message *m,
				    const struct words *w,
				    enum nat64_pending_kind kind)
{
	if (!nat64_pending_exact(&m->p->queue) || say(m, w, "NOOP"))
		return NAT64_PENDING_LOST;
	return kind;
}

static __be16 data_port(const struct nat64_ftp_message *m)
{
	return m->ctx->options & NAT64_ALG_OPT_FTP_PORT20 ?
		       cpu_to_be16(PORT_FTP_DATA) : 0;
}

/*
 * The client waits for the server at @e: the mapping first, then the command
 * that names it (G-06). Without one the command stays as it is, and the server
 * refuses it. Of @e only the port counts: who waits is known (SEC-11).
 */
static void announce(struct nat64_ftp_message *m, const struct words *w,
		     const struct nat64_endpoint *e)
{
	u8 text[NAT64_ENDPOINT_SIX_MAX + 5];
	u32 from = w->args + e->off, n = 0;
	__be16 port = cpu_to_be16(e->port), mapped;

	nat64_ftp_supersede(m, port);
	if (nat64_ftp_open46(m, port, data_port(m), &mapped))
		return;
	if (e->family == 1) {
		n = nat64_text_put_addr4(text, m->ctx->pool4, '.');
		text[n++] = e->delimiter;
		n += nat64_text_put_number(text + n, be16_to_cpu(mapped));
	} else {
		if (e->family == 2) {
			memcpy(text, "PORT ", 5);
			n = 5;
			from = w->verb;
		}
		n += nat64_endpoint_put_six(text + n, m->ctx->pool4, mapped);
	}
	/* EPRT has a delimiter behind the port, which PORT has not. */
	if (nat64_ftp_replace(m, from, w->args + e->off + e->len +
			      (e->family == 2), text, n))
		nat64_ftp_close46(m, port);
}

static enum nat64_pending_kind do_port(struct nat64_ftp_message *m,
				       const struct words *w)
{
	struct nat64_endpoint e = { .family = 0 };

	m->p->named = true;
	if (m->line.cut ||
	    !nat64_endpoint_port(m->line.text + w->args, w->args_len, &e)) {
		nat64_alg_count(m->ctx, NAT64_ALG_CNT_ERRORS);
		return NAT64_PENDING_OTHER;
	}
	if (m->ctx->inbound) {
		nat64_ftp_supersede(m, 0);
		nat64_ftp_open64(m, e.port);
		return NAT64_PENDING_OTHER;
	}
	m->p->speaks4 = true;
	announce(m, w, &e);
	return NAT64_PENDING_OTHER;
}

/* May this EPRT be announced in the client's name? */
static bool eprt_allowed(struct nat64_ftp_message *m,
			 const struct nat64_endpoint *e)
{
	if (!m->p->eprt)
		return false;
	if (e->family == 1) {
		m->p->speaks4 = true;
		/* The new numbers must not have the delimiter in them. */
		return m->ctx->options & NAT64_ALG_OPT_FTP_EPRT4 &&
		       !nat64_text_is_digit(e->delimiter);
	}
	if (!memcmp(&e->addr, &m->ctx->client6, sizeof(e->addr)))
		return true;
	nat64_alg_count(m->ctx, NAT64_ALG_CNT_GATES_REFUSED);
	return false;
}

static enum nat64_pending_kind do_eprt(struct nat64_ftp_message *m,
				       const struct words *w)
{
	struct nat64_endpoint e;

	m->p->named = true;
	if (m->line.cut ||
	    !nat64_endpoint_eprt(m->line.text + w->args, w->args_len, &e)) {
		nat64_alg_count(m->ctx, NAT64_ALG_CNT_ERRORS);
		return NAT64_PENDING_OTHER;
	}
	if (m->ctx->inbound) {
		nat64_ftp_supersede(m, 0);
		if (e.family == 1)
			nat64_ftp_open64(m, e.port);
		return NAT64_PENDING_OTHER;
	}
	if (eprt_allowed(m, &e))
		announce(m, w, &e);
	return NAT64_PENDING_OTHER;
}

static enum nat64_pending_kind do_pasv(struct nat64_ftp_message *m,
				       const struct words *w)
{
	(void)w;
	m->p->named = true;
	nat64_ftp_supersede(m, 0);
	/* There would be no telling whose 227 comes. */
	if (nat64_pending_has(&m->p->queue, NAT64_PENDING_OUR_PASV))
		return NAT64_PENDING_LOST;
	return NAT64_PENDING_PASV;
}

enum family {
	FAMILY_OWN,	/* of the control connection; also "2" */
	FAMILY_OTHER,
	FAMILY_UNKNOWN,	/* no number */
};

static enum family epsv_family(const struct nat64_ftp_message *m,
			       const struct words *w)
{
	const u8 *args = m->line.text + w->args;
	u32 v = 0, i;

	for (i = 0; i < w->args_len; i++) {
		if (!nat64_text_is_digit(args[i]))
			return FAMILY_UNKNOWN;
	}
	if (!w->args_len)
		return FAMILY_OWN;
	if (m->line.cut || !nat64_text_number(args, w->args_len, 2, &v))
		return FAMILY_OTHER;
	/* Behind a CLAT it is IPv4 that is the family (RFC 2428 3). */
	if (v == 1 && m->p->speaks4 && !m->ctx->labelled)
		return FAMILY_OWN;
	return v == 2 ? FAMILY_OWN : FAMILY_OTHER;
}

static enum nat64_pending_kind do_epsv(struct nat64_ftp_message *m,
				       const struct words *w)
{
	bool translate = m->p->epsv && !m->ctx->inbound;

	if (args_are(m, w, "ALL"))
		return translate ? noop(m, w, NAT64_PENDING_NOOP_ALL) :
				   NAT64_PENDING_OTHER;
	m->p->named = true;
	nat64_ftp_supersede(m, 0);
	if (!translate)
		return NAT64_PENDING_EPSV;
	switch (epsv_family(m, w)) {
	case FAMILY_OTHER:
		return noop(m, w, NAT64_PENDING_NOOP_FAMILY);
	case FAMILY_UNKNOWN:
		return NAT64_PENDING_EPSV;
	case FAMILY_OWN:
		break;
	}
	if (nat64_pending_has(&m->p->queue, NAT64_PENDING_PASV) ||
	    say(m, w, "PASV"))
		return NAT64_PENDING_EPSV;
	return NAT64_PENDING_OUR_PASV;
}

/* RFC 6384 11 */
static enum nat64_pending_kind do_algs(struct nat64_ftp_message *m,
				       const struct words *w)
{
	bool enable = args_are(m, w, "ENABLE64");
	bool disable = args_are(m, w, "DISABLE64");
	struct nat64_ftp *p = m->p;

	if (m->ctx->inbound)
		return NAT64_PENDING_OTHER;
	if (enable || disable) {
		p->epsv = enable;
		p->eprt = enable;
	} else if (!args_are(m, w, "STATUS64")) {
		return noop(m, w, NAT64_PENDING_NOOP_ALGS);
	}
	if (!p->epsv)
		return noop(m, w, NAT64_PENDING_NOOP_NONE);
	return noop(m, w, p->eprt ? NAT64_PENDING_NOOP_BOTH :
				    NAT64_PENDING_NOOP_EPSV);
}

/* RFC 6384 5: from here on both directions are copied. */
static enum nat64_pending_kind do_auth(struct nat64_ftp_message *m,
				       const struct words *w)
{
	(void)w;
	m->p->auth = true;
	return NAT64_PENDING_AUTH;
}

/*
 * RFC 6384 8: if nothing else was said, the server connects from the port
 * before its own to the one of the control connection, which is mapped.
 */
static enum nat64_pending_kind do_transfer(struct nat64_ftp_message *m,
					   const struct words *w)
{
	u16 server = be16_to_cpu(m->ctx->remote_port);
	__be16 mapped;

	(void)w;
	if (!m->ctx->inbound && !m->p->named)
		nat64_ftp_open46(m, m->ctx->client_port,
				 cpu_to_be16((u16)(server - 1)), &mapped);
	return NAT64_PENDING_TRANSFER;
}

/* LPRT and LPSV (RFC 1639) stay as they are. */
static enum nat64_pending_kind do_long(struct nat64_ftp_message *m,
				       const struct words *w)
{
	(void)w;
	m->p->named = true;
	return NAT64_PENDING_OTHER;
}

static enum nat64_pending_kind do_abort(struct nat64_ftp_message *m,
					const struct words *w)
{
	(void)m;
	(void)w;
	return NAT64_PENDING_ABORT;
}

static const struct {
	const char *verb;
	handler run;
} commands[] = {
	{ "PORT", do_port },	 { "EPRT", do_eprt },
	{ "PASV", do_pasv },	 { "EPSV", do_epsv },
	{ "RETR", do_transfer }, { "STOR", do_transfer },
	{ "STOU", do_transfer }, { "APPE", do_transfer },
	{ "LIST", do_transfer }, { "NLST", do_transfer },
	{ "MLSD", do_transfer }, { "ABOR", do_abort },
	{ "AUTH", do_auth },	 { "ALGS", do_algs },
	{ "LPRT", do_long },	 { "LPSV", do_long },
};

static enum nat64_pending_kind run(struct nat64_ftp_message *m)
{
	const struct nat64_line *l = &m->line;
	struct words w;
	u32 i;

	split(l, &w);
	if (!w.verb_len)
		return NAT64_PENDING_BLANK;
	nat64_alg_count(m->ctx, NAT64_ALG_CNT_MESSAGES);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (nat64_text_equal(l->text + w.verb, w.verb_len,
				     commands[i].verb))
			return commands[i].run(m, &w);
	}
	return NAT64_PENDING_OTHER;
}

u32 nat64_ftp_client(struct nat64_ftp_message *m)
{
	struct nat64_pending *q = &m->p->queue;
	enum nat64_pending_kind kind;

	if (q->count == NAT64_PENDING_MAX)
		return nat64_ftp_give_up(m);
	kind = run(m);
	if (kind == NAT64_PENDING_LOST)
		return nat64_ftp_give_up(m);
	nat64_pending_push(q, kind);
	return nat64_ftp_done(m);
}
