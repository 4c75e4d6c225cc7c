// SPDX-License-Identifier: GPL-2.0
#include "rtsp.h"
#include "text.h"

/* No method or version number is as long. */
#define METHOD_MAX 32
#define VERSION_MAX 3

#define TIMEOUT_MAX_S 3600
#define BODY_MAX (1U << 30)		/* as much as can be skipped */

static bool is_blank(u8 c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_token(u8 c)
{
	return nat64_text_is_digit(c) || nat64_text_is_alpha(c) || c == '_' ||
	       c == '-' || c == '.';
}

bool nat64_rtsp_is(const u8 *data, struct nat64_rtsp_span s, const char *text)
{
	return nat64_text_equal(data + s.off, s.end - s.off, text);
}

bool nat64_rtsp_addr4(const u8 *data, struct nat64_rtsp_span s, __be32 *v4)
{
	u32 n = nat64_text_addr4(data + s.off, s.end - s.off, v4);

	return n && n == s.end - s.off;
}

struct nat64_rtsp_span nat64_rtsp_trim(const u8 *data, u32 off, u32 end)
{
	struct nat64_rtsp_span s = { .off = off, .end = end };

	while (s.off < s.end && is_blank(data[s.off]))
		s.off++;
	while (s.off < s.end && is_blank(data[s.end - 1]))
		s.end--;
	return s;
}

bool nat64_rtsp_number(const u8 *data, struct nat64_rtsp_span s, u32 max,
		       u32 *value)
{
	u32 n = nat64_text_number(data + s.off, s.end - s.off, max, value);

	return n && n == s.end - s.off;
}

/* FNV-1a */
u32 nat64_rtsp_hash(const u8 *data, struct nat64_rtsp_span s)
{
	u32 h = 0x811c9dc5;

	for (; s.off < s.end; s.off++)
		h = (h ^ data[s.off]) * 0x01000193;
	return h ? h : 1;
}

/* A cursor over a start line that may be cut anywhere */
struct cursor {
	const u8 *data;
	u32 len;
	u32 at;
};

/* Octets that @is() accepts, at most @max; *@s is where they are. */
static enum nat64_rtsp_start take(struct cursor *c, bool (*is)(u8), u32 max,
				  struct nat64_rtsp_span *s)
{
	s->off = c->at;
	while (c->at < c->len && is(c->data[c->at])) {
		if (c->at - s->off == max)
			return NAT64_RTSP_START_BAD;
		c->at++;
	}
	s->end = c->at;
	if (c->at == c->len)
		return NAT64_RTSP_START_NEED;
	return s->off == s->end ? NAT64_RTSP_START_BAD : NAT64_RTSP_START_OK;
}

static enum nat64_rtsp_start take_text(struct cursor *c, const char *text)
{
	for (; *text; text++, c->at++) {
		if (c->at == c->len)
			return NAT64_RTSP_START_NEED;
		if (c->data[c->at] != (u8)*text)
			return NAT64_RTSP_START_BAD;
	}
	return NAT64_RTSP_START_OK;
}

static bool is_digit(u8 c)
{
	return nat64_text_is_digit(c);
}

static bool is_url(u8 c)
{
	return c > ' ' && c != 0x7f;
}

static bool is_space(u8 c)
{
	return c == ' ';
}

/* "RTSP/1.0", and at least one octet behind it */
static enum nat64_rtsp_start take_version(struct cursor *c, bool *known)
{
	struct nat64_rtsp_span major, minor;
	enum nat64_rtsp_start r;

	r = take_text(c, "RTSP/");
	if (r == NAT64_RTSP_START_OK)
		r = take(c, is_digit, VERSION_MAX, &major);
	if (r == NAT64_RTSP_START_OK)
		r = take_text(c, ".");
	if (r == NAT64_RTSP_START_OK)
		r = take(c, is_digit, VERSION_MAX, &minor);
	if (r == NAT64_RTSP_START_OK)
		*known = major.end - major.off == 1 &&
			 (c->data[major.off] == '1' ||
			  c->data[major.off] == '2');
	return r;
}

static enum nat64_rtsp_start take_line_end(struct cursor *c)
{
	while (c->at < c->len && is_space(c->data[c->at]))
		c->at++;
	if (c->at == c->len)
		return NAT64_RTSP_START_NEED;
	return c->data[c->at] == '\r' || c->data[c->at] == '\n' ?
		       NAT64_RTSP_START_OK : NAT64_RTSP_START_BAD;
}

static enum nat64_rtsp_start request_line(struct nat64_rtsp_msg *m,
					  struct cursor *c)
{
	struct nat64_rtsp_span blank;
	enum nat64_rtsp_start r;

	m->request = true;
	r = take(c, is_space, METHOD_MAX, &blank);
	if (r == NAT64_RTSP_START_OK)
		r = take(c, is_url, NAT64_RTSP_HOLD, &m->url);
	if (r == NAT64_RTSP_START_OK)
		r = take(c, is_space, METHOD_MAX, &blank);
	if (r == NAT64_RTSP_START_OK)
		r = take_version(c, &m->known);
	if (r == NAT64_RTSP_START_OK)
		r = take_line_end(c);
	return r;
}

static enum nat64_rtsp_start status_line(struct nat64_rtsp_msg *m,
					 struct cursor *c)
{
	struct nat64_rtsp_span s;
	enum nat64_rtsp_start r;
	u32 status = 0;

	m->request = false;
	c->at = 0;
	r = take_version(c, &m->known);
	if (r == NAT64_RTSP_START_OK)
		r = take(c, is_space, METHOD_MAX, &s);
	if (r == NAT64_RTSP_START_OK)
		r = take(c, is_digit, 3, &s);
	if (r != NAT64_RTSP_START_OK)
		return r;
	if (s.end - s.off != 3 || !is_blank(c->data[c->at]))
		return NAT64_RTSP_START_BAD;
	if (!nat64_rtsp_number(c->data, s, 999, &status))
		return NAT64_RTSP_START_BAD;
	m->status = (u16)status;
	return NAT64_RTSP_START_OK;
}

enum nat64_rtsp_start nat64_rtsp_start(struct nat64_rtsp_msg *m,
				       const u8 *data, u32 len)
{
	struct cursor c = { .data = data, .len = len };
	enum nat64_rtsp_start r;

	r = take(&c, is_token, METHOD_MAX, &m->method);
	if (r != NAT64_RTSP_START_OK)
		return r;
	if (data[c.at] == '/')
		return status_line(m, &c);
	return request_line(m, &c);
}

/*
 * CR LF, LF or CR end a line. A CR that ends the line before the empty one
 * shows that the other end means CR alone; otherwise the CR of an empty line
 * must have its LF.
 */
u32 nat64_rtsp_headers_end(const u8 *data, u32 len,
			   struct nat64_rtsp_scan *scan)
{
	u32 i;

	for (i = scan->at; i < len; i++) {
		bool empty = i == scan->line;

		if (data[i] != '\r' && data[i] != '\n')
			continue;
		if (data[i] == '\r') {
			if (empty && scan->bare)
				return i + 1;
			if (i + 1 == len)
				break;
			scan->bare = data[i + 1] != '\n';
			if (scan->bare && empty)
				return len + 1;
			i += !scan->bare;
		} else {
			scan->bare = false;
		}
		if (empty)
			return i + 1;
		scan->line = (u16)(i + 1);
	}
	scan->at = (u16)i;
	return 0;
}

/* After the end of the line at @pos */
static u32 next_line(const u8 *data, u32 pos, u32 end)
{
	while (pos < end && data[pos] != '\r' && data[pos] != '\n')
		pos++;
	if (pos + 1 < end && data[pos] == '\r' && data[pos + 1] == '\n')
		pos++;
	return pos < end ? pos + 1 : end;
}

bool nat64_rtsp_header_next(const struct nat64_rtsp_msg *m, u32 *pos,
			    struct nat64_rtsp_span *name,
			    struct nat64_rtsp_span *value)
{
	const u8 *d = m->data;
	u32 start, colon, end;

	if (!*pos)
		*pos = next_line(d, 0, m->len);
	start = *pos;
	if (start >= m->len || d[start] == '\r' || d[start] == '\n')
		return false;
	end = next_line(d, start, m->len);
	while (end < m->len && (d[end] == ' ' || d[end] == '\t'))
		end = next_line(d, end, m->len);
	*pos = end;
	for (colon = start; colon < end && d[colon] != ':'; colon++)
		;
	*name = nat64_rtsp_trim(d, start, colon);
	*value = nat64_rtsp_trim(d, min(colon + 1, end), end);
	return true;
}

/* Two that differ are none. */
static void read_cseq(struct nat64_rtsp_msg *m, struct nat64_rtsp_span value,
		      bool *seen)
{
	u32 cseq;
	bool ok;

	ok = nat64_rtsp_number(m->data, value, ~0U, &cseq);
	if (*seen)
		ok = ok && m->has_cseq && m->cseq == cseq;
	*seen = true;
	m->has_cseq = ok;
	if (ok)
		m->cseq = cseq;
}

static void read_length(struct nat64_rtsp_msg *m, struct nat64_rtsp_span value)
{
	u32 old = m->body;
	bool again = m->length.end;

	m->length = value;
	if (!nat64_rtsp_number(m->data, value, BODY_MAX, &m->body) ||
	    (again && m->body != old))
		m->bad = true;
}

/* The first @c in @s, or its end */
static u32 find(const u8 *data, struct nat64_rtsp_span s, u8 c)
{
	while (s.off < s.end && data[s.off] != c)
		s.off++;
	return s.off;
}

/* "id;timeout=60" (RFC 2326 12.37) */
static void read_session(struct nat64_rtsp_msg *m,
			 struct nat64_rtsp_span value)
{
	u32 at = find(m->data, value, ';'), eq, seconds;
	struct nat64_rtsp_span s = nat64_rtsp_trim(m->data, value.off, at);

	if (s.off < s.end)
		m->session = nat64_rtsp_hash(m->data, s);
	while (at < value.end) {
		s.off = at + 1;
		s.end = value.end;
		at = s.end = find(m->data, s, ';');
		eq = find(m->data, s, '=');
		if (eq == s.end ||
		    !nat64_rtsp_is(m->data, nat64_rtsp_trim(m->data, s.off, eq),
				   "timeout"))
			continue;
		s = nat64_rtsp_trim(m->data, eq + 1, s.end);
		if (nat64_rtsp_number(m->data, s, ~0U, &seconds))
			m->timeout_ms = min_t(u32, seconds, TIMEOUT_MAX_S) *
					1000;
	}
}

void nat64_rtsp_read(struct nat64_rtsp_msg *m)
{
	struct nat64_rtsp_span name, value;
	bool cseq = false, opaque = false;
	u32 pos = 0;

	while (nat64_rtsp_header_next(m, &pos, &name, &value)) {
		if (nat64_rtsp_is(m->data, name, "cseq")) {
			read_cseq(m, value, &cseq);
		} else if (nat64_rtsp_is(m->data, name, "session")) {
			read_session(m, value);
		} else if (nat64_rtsp_is(m->data, name, "content-length")) {
			/* One is edited easily, two need not be. */
			opaque |= m->length.end;
			read_length(m, value);
		} else if (nat64_rtsp_is(m->data, name, "content-encoding")) {
			opaque = true;
		} else if (nat64_rtsp_is(m->data, name, "content-type")) {
			value.end = find(m->data, value, ';');
			value = nat64_rtsp_trim(m->data, value.off, value.end);
			m->sdp = nat64_rtsp_is(m->data, value,
					       "application/sdp");
		}
	}
	if (opaque)
		m->sdp = false;
}
