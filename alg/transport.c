// SPDX-License-Identifier: GPL-2.0
#include "rtsp.h"
#include "text.h"

/*
 *	Transport   = spec *( "," spec )		RFC 2326 12.39
 *	spec	    = protocol *( ";" parameter )
 *	parameter   = name [ "=" value ]
 *
 * Separators between quotes do not count.
 */

enum form {
	FORM_NONE,
	FORM_PORTS,	/* 4588-4589 */
	FORM_ADDRS,	/* "[host]:4588"/"[host]:4589" (RFC 7826 18.54) */
	FORM_HOST,	/* host */
};

/* A parameter that has addresses; @server: of the server */
struct param {
	enum form form;
	bool server;
	struct nat64_rtsp_span value;
};

static const struct {
	const char *name;
	enum form form;
	bool server;
} known[] = {
	{ "client_port", FORM_PORTS, false },
	{ "server_port", FORM_PORTS, true },
	{ "dest_addr", FORM_ADDRS, false },
	{ "src_addr", FORM_ADDRS, true },
	{ "destination", FORM_HOST, false },
	{ "source", FORM_HOST, true },
};

/* A host and a port, either of which may be empty */
struct place {
	struct nat64_rtsp_span host;
	struct nat64_rtsp_span port;
	u16 number;
};

/* Up to the first @sep in @s that is not quoted; @s moves behind it. */
static struct nat64_rtsp_span split(const u8 *data, struct nat64_rtsp_span *s,
				    u8 sep)
{
	struct nat64_rtsp_span part;
	bool quoted = false;
	u32 i;

	for (i = s->off; i < s->end; i++) {
		if (data[i] == '"')
			quoted = !quoted;
		else if (quoted && data[i] == '\\')
			i++;
		else if (!quoted && data[i] == sep)
			break;
	}
	i = min(i, s->end);
	part = nat64_rtsp_trim(data, s->off, i);
	s->off = min(i + 1, s->end);
	return part;
}

static struct param param_read(const u8 *data, struct nat64_rtsp_span *name)
{
	struct param p = { .form = FORM_NONE, .value = *name };
	u32 i;

	*name = split(data, &p.value, '=');
	p.value = nat64_rtsp_trim(data, p.value.off, p.value.end);
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (!nat64_rtsp_is(data, *name, known[i].name))
			continue;
		p.form = known[i].form;
		p.server = known[i].server;
	}
	return p;
}

static bool port_read(const u8 *data, struct place *pl)
{
	u32 value;

	if (pl->port.end - pl->port.off > 5 ||
	    !nat64_rtsp_number(data, pl->port, 65535, &value))
		return false;
	pl->number = (u16)value;
	return true;
}

/* "4588", "4588-4589"; some write "4588/4589" */
static int ports_read(const u8 *data, struct nat64_rtsp_span s,
		      struct place *pl)
{
	struct nat64_rtsp_span rest = s;
	u32 count = 0;

	pl[0].port = split(data, &rest, '-');
	if (pl[0].port.end == s.end) {
		rest = s;
		pl[0].port = split(data, &rest, '/');
	}
	if (pl[0].port.end < s.end) {
		pl[1].port = nat64_rtsp_trim(data, rest.off, rest.end);
		if (!port_read(data, &pl[1]))
			return -EINVAL;
		count++;
	}
	return port_read(data, &pl[0]) ? (int)count + 1 : -EINVAL;
}

static struct nat64_rtsp_span unquote(const u8 *data,
				      struct nat64_rtsp_span s)
{
	if (s.end - s.off >= 2 && data[s.off] == '"' &&
	    data[s.end - 1] == '"') {
		s.off++;
		s.end--;
	}
	return nat64_rtsp_trim(data, s.off, s.end);
}

/* "host:port" or "host" */
static bool addr_read(const u8 *data, struct nat64_rtsp_span s,
		      struct place *pl)
{
	u32 colon = s.end;

	pl->host = s;
	while (colon > s.off && data[colon - 1] != ':' &&
	       data[colon - 1] != ']')
		colon--;
	if (colon == s.off || data[colon - 1] != ':')
		return true;
	pl->host = nat64_rtsp_trim(data, s.off, colon - 1);
	pl->port = nat64_rtsp_trim(data, colon, s.end);
	return port_read(data, pl);
}

static int addrs_read(const u8 *data, struct nat64_rtsp_span s,
		      struct place *pl)
{
	int count = 0;

	while (s.off < s.end) {
		struct nat64_rtsp_span one = split(data, &s, '/');

		if (count == 2 || !addr_read(data, unquote(data, one),
					     &pl[count]))
			return -EINVAL;
		count++;
	}
	return count;
}

/* The places of a parameter, at most two, in order; or -EINVAL */
static int places(const u8 *data, const struct param *p, struct place *pl)
{
	memset(pl, 0, 2 * sizeof(*pl));
	switch (p->form) {
	case FORM_PORTS:
		return ports_read(data, p->value, pl);
	case FORM_ADDRS:
		return addrs_read(data, p->value, pl);
	case FORM_HOST:
		pl->host = unquote(data, p->value);
		return pl->host.off < pl->host.end;
	case FORM_NONE:
		break;
	}
	return 0;
}

static bool host6(const u8 *data, struct nat64_rtsp_span s,
		  struct in6_addr *v6)
{
	if (s.end - s.off > 2 && data[s.off] == '[' && data[s.end - 1] == ']') {
		s.off++;
		s.end--;
	}
	return nat64_text_addr6(data + s.off, s.end - s.off, v6);
}

/*
 * Addresses that mean nothing outside of the client's own network: RFC 1918,
 * RFC 6598, link-local, and the CLAT's own (RFC 7335).
 */
static bool is_private(__be32 addr)
{
	u32 a = be32_to_cpu(addr);

	return a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 ||
	       a >> 22 == 0x191 || a >> 16 == 0xa9fe || a >> 3 == 0x18000000;
}

enum owner {
	OWNER_FOREIGN,
	OWNER_CLIENT,		/* as the IPv6 end calls itself */
	OWNER_POOL,		/* as the IPv4 end calls it, or nobody */
};

/* Whose host is it that the IPv6 end names? */
static enum owner owner_of(const struct nat64_rtsp_msg *m,
			   struct nat64_rtsp_span host)
{
	const struct nat64_alg_ctx *ctx = m->ctx;
	struct in6_addr v6;
	__be32 v4;

	if (host.off == host.end)
		return OWNER_POOL;
	if (nat64_rtsp_addr4(m->data, host, &v4)) {
		if (!v4 || v4 == ctx->pool4)
			return OWNER_POOL;
		return is_private(v4) ? OWNER_CLIENT : OWNER_FOREIGN;
	}
	if (host6(m->data, host, &v6) &&
	    !memcmp(&v6, &ctx->client6, sizeof(v6)))
		return OWNER_CLIENT;
	return OWNER_FOREIGN;
}

/*
 * Protocol: the lower transport is named last, and is UDP if a profile of RTP
 * does not name any (RFC 2326 12.39).
 */
static bool is_udp(const u8 *data, struct nat64_rtsp_span s)
{
	struct nat64_rtsp_span first = split(data, &s, '/'), last = first;
	u32 parts;

	for (parts = 1; s.off < s.end; parts++)
		last = split(data, &s, '/');
	if (nat64_rtsp_is(data, last, "udp"))
		return true;
	return parts == 2 && nat64_rtsp_is(data, first, "rtp") &&
	       !nat64_rtsp_is(data, last, "tcp");
}

/* Is it about the IPv6 end? */
static bool is_ours(const struct nat64_rtsp_msg *m, const struct param *p)
{
	return p->server == m->ctx->inbound;
}

static void take_ports(const struct nat64_rtsp_msg *m,
		       struct nat64_rtsp_spec *spec, const struct param *p,
		       const struct place *pl, int count)
{
	struct nat64_rtsp_ports *ports = p->server ? &spec->server :
						     &spec->client;
	int i;

	if (count < 0 || ports->count)
		spec->bad |= is_ours(m, p);
	for (i = 0; i < count; i++)
		ports->port[i] = pl[i].number;
	ports->count = count < 0 ? 0 : (u8)count;
}

static void take_param(const struct nat64_rtsp_msg *m,
		       struct nat64_rtsp_spec *spec,
		       struct nat64_rtsp_span part)
{
	struct nat64_rtsp_span name = part;
	struct param p = param_read(m->data, &name);
	struct place pl[2];
	int count, i;

	if (p.form == FORM_NONE)
		return;
	count = places(m->data, &p, pl);
	if (p.form != FORM_HOST)
		take_ports(m, spec, &p, pl, count);
	for (i = 0; i < count; i++) {
		if (pl[i].host.off == pl[i].host.end)
			continue;
		if (p.server)
			nat64_rtsp_addr4(m->data, pl[i].host, &spec->source);
		else if (owner_of(m, pl[i].host) == OWNER_FOREIGN)
			spec->foreign = true;
	}
}

bool nat64_rtsp_spec_next(const struct nat64_rtsp_msg *m,
			  struct nat64_rtsp_span *value,
			  struct nat64_rtsp_spec *spec)
{
	bool unicast = false, multicast = false, interleaved = false;
	struct nat64_rtsp_span rest, part;
	const u8 *d = m->data;

	if (value->off >= value->end)
		return false;
	memset(spec, 0, sizeof(*spec));
	spec->at = rest = split(d, value, ',');
	part = split(d, &rest, ';');
	spec->udp = is_udp(d, part);
	while (rest.off < rest.end) {
		part = split(d, &rest, ';');
		unicast |= nat64_rtsp_is(d, part, "unicast");
		multicast |= nat64_rtsp_is(d, part, "multicast");
		take_param(m, spec, part);
		part = split(d, &part, '=');
		interleaved |= nat64_rtsp_is(d, part, "interleaved");
	}
	/*
	 * RFC 2326 makes multicast the default, but these ports are defined
	 * for unicast only, and servers take them so.
	 */
	unicast |= spec->client.count || spec->server.count;
	spec->udp = spec->udp && unicast && !multicast && !interleaved;
	return true;
}

/* The text for a host, or 0 if it stays */
static u32 host_text(const struct nat64_rtsp_msg *m, const struct param *p,
		     struct nat64_rtsp_span host, u8 *text)
{
	const struct nat64_alg_ctx *ctx = m->ctx;
	bool brackets = p->form == FORM_ADDRS;
	struct in6_addr v6;
	u32 len = 0;
	__be32 v4;

	if (host.off == host.end)
		return 0;
	if (m->dir == NAT64_DIR_64)
		return is_ours(m, p) && owner_of(m, host) == OWNER_CLIENT ?
			       nat64_text_put_addr4(text, ctx->pool4, '.') : 0;
	if (!nat64_rtsp_swaps(ctx) || !nat64_rtsp_addr4(m->data, host, &v4) || !v4 ||
	    nat64_addr4_is_multicast(v4))
		return 0;
	if (v4 == ctx->pool4)
		v6 = ctx->client6;
	else
		nat64_address_embed(&ctx->prefix, v4, &v6);
	if (brackets)
		text[len++] = '[';
	len += nat64_text_put_addr6(text + len, &v6);
	if (brackets)
		text[len++] = ']';
	return len;
}

/* @to: the new port, or -1 */
static void edit_place(const struct nat64_rtsp_msg *m, const struct param *p,
		       const struct place *pl, s32 to, struct nat64_edit *ed)
{
	u8 text[NAT64_RTSP_TEXT];
	u32 len;

	len = host_text(m, p, pl->host, text);
	if (len)
		nat64_edit_add(ed, pl->host.off, pl->host.end - pl->host.off,
			       text, len);
	if (to >= 0 && pl->port.off < pl->port.end && pl->number != to)
		nat64_edit_number(ed, pl->port.off, pl->port.end - pl->port.off,
				  (u32)to);
}

void nat64_rtsp_spec_edit(const struct nat64_rtsp_msg *m,
			  const struct nat64_rtsp_spec *spec, const u16 *to,
			  struct nat64_edit *ed)
{
	struct nat64_rtsp_span rest = spec->at, name;
	struct place pl[2];
	struct param p;
	int count, i;

	while (rest.off < rest.end) {
		name = split(m->data, &rest, ';');
		p = param_read(m->data, &name);
		count = places(m->data, &p, pl);
		for (i = 0; i < count; i++)
			edit_place(m, &p, &pl[i], is_ours(m, &p) ? to[i] : -1,
				   ed);
	}
}
