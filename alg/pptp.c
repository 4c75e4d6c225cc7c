// SPDX-License-Identifier: GPL-2.0
/*
 * PPTP (RFC 2637): call ids on the control connection, gates for the GRE.
 *
 * Each end gives every call an id of its own, and packets to that end carry
 * it. Nothing here depends on which end is the PNS: a field of a message holds
 * an id of its sender ("own") or of its receiver ("peer's"), and an id of the
 * sender becomes what the receiver is told instead, an id of the receiver what
 * it once was.
 *
 * What was told stays in force until the call ends, whatever becomes of its
 * gates: the other end knows no other id.
 */
#include "header.h"
#include "nat64_alg.h"

#define CALLS 16
#define HOLD 512
#define HLEN 12
#define TYPE_AT 8
#define ID_AT 12
#define PEER_AT 14
#define RESULT_AT 16
#define RESULT_CONNECTED 1
/* Call id 0 is told to the other end as this (S-14, S-24). */
#define ID_OF_ZERO 65002

enum {
	SCCRQ = 1,
	SCCRP,
	STOP_RQ,
	STOP_RP,
	ECHO_RQ,
	ECHO_RP,
	OCRQ,
	OCRP,
	ICRQ,
	ICRP,
	ICCN,
	CCRQ,
	CDN,
	WEN,
	SLI,
};

static const u8 sizes[] = {
	[SCCRQ] = 156, [SCCRP] = 156, [STOP_RQ] = 16, [STOP_RP] = 16,
	[ECHO_RQ] = 16, [ECHO_RP] = 20, [OCRQ] = 168, [OCRP] = 32,
	[ICRQ] = 220, [ICRP] = 24, [ICCN] = 28, [CCRQ] = 16, [CDN] = 148,
	[WEN] = 40, [SLI] = 24,
};

/* Length, message type, cookie and control type of the first message */
static const u8 opening[] = {
	0, 156, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, SCCRQ,
};

/**
 * struct call_id - id that one end gave
 * @own: as that end knows it
 * @told: as the other end knows it
 * @given: it was told
 */
struct call_id {
	__be16 own;
	__be16 told;
	bool given;
};

/**
 * struct call - one call; unused if neither id is given
 * @id: index: direction of the octets of the end that gave it
 * @request: control type of the request that has no answer yet
 * @refused: it has no gates and will have none
 * @clearing: its end was asked for
 */
struct call {
	struct call_id id[2];
	u8 request;
	bool refused;
	bool clearing;
};

/**
 * struct pptp - a control connection
 * @begun: the first message of who opened the connection was right
 * @call: no two have the same @own, or the same @told, of an end, but for
 *	refused ones
 */
struct pptp {
	bool begun;
	struct call call[CALLS];
};

/**
 * struct message - one control message
 * @dir: its direction
 * @data: all of it
 * @type: control type
 */
struct message {
	enum nat64_dir dir;
	const u8 *data;
	u16 type;
};

static enum nat64_dir other(enum nat64_dir dir)
{
	return dir == NAT64_DIR_46 ? NAT64_DIR_64 : NAT64_DIR_46;
}

static bool in_use(const struct call *c)
{
	return c->id[NAT64_DIR_46].given || c->id[NAT64_DIR_64].given;
}

static struct call *find_own(struct pptp *pptp, enum nat64_dir end, __be16 id)
{
	struct call *c;

	for (c = pptp->call; c < pptp->call + CALLS; c++)
		if (c->id[end].given && c->id[end].own == id)
			return c;
	return NULL;
}

static struct call *find_told(struct pptp *pptp, enum nat64_dir end, __be16 id)
{
	struct call *c;

	for (c = pptp->call; c < pptp->call + CALLS; c++)
		if (c->id[end].given && c->id[end].told == id)
			return c;
	return NULL;
}

/* The call whose request of type @request, which told @id, has no answer */
static struct call *find_asked(struct pptp *pptp, enum nat64_dir end,
			       u16 request, __be16 id)
{
	struct call *c;

	for (c = pptp->call; c < pptp->call + CALLS; c++)
		if (c->id[end].given && c->id[end].told == id &&
		    c->request == request)
			return c;
	return NULL;
}

static struct call *find_free(struct pptp *pptp)
{
	struct call *c;

	for (c = pptp->call; c < pptp->call + CALLS; c++)
		if (!in_use(c))
			return c;
	return NULL;
}

/* Without an id of the IPv6 end there has not been a gate. */
static void end_call(struct nat64_alg_ctx *ctx, struct call *c)
{
	const struct call_id *id = &c->id[NAT64_DIR_64];

	if (id->given && !c->refused)
		nat64_alg_gate_close(ctx, NAT64_PROTO_GRE, id->own);
	memset(c, 0, sizeof(*c));
}

static void end_all(struct nat64_alg_ctx *ctx)
{
	struct pptp *pptp = ctx->priv;
	struct call *c;

	for (c = pptp->call; c < pptp->call + CALLS; c++)
		if (in_use(c))
			end_call(ctx, c);
}

static void put(struct nat64_alg_ctx *ctx, const struct message *m, u32 off,
		__be16 id)
{
	if (nat64_load_be16(m->data + off) == id)
		return;
	if (nat64_alg_replace(ctx, off, sizeof(id), &id, sizeof(id)))
		nat64_alg_transparent(ctx);
}

static void refuse(struct nat64_alg_ctx *ctx, struct call *c)
{
	nat64_alg_count(ctx, NAT64_ALG_CNT_GATES_REFUSED);
	c->refused = true;
}

/*
 * What the other end is to be told for a new id of @end: the same, unless it
 * is 0 or told for another call. The core knows about other connections.
 */
static void wish(struct nat64_alg_ctx *ctx, struct call *c,
		 enum nat64_dir end, __be16 own)
{
	u16 id = be16_to_cpu(own) ? be16_to_cpu(own) : ID_OF_ZERO;
	u16 first = id;

	while (find_told(ctx->priv, end, cpu_to_be16(id)))
		id = id == 0xffff ? 1 : id + 1;
	c->id[end].own = own;
	c->id[end].told = cpu_to_be16(id);
	if (id == first)
		return;
	if (ctx->options & NAT64_ALG_OPT_PPTP_STRICT)
		refuse(ctx, c);
	else
		nat64_alg_count(ctx, NAT64_ALG_CNT_REMAPPED);
}

/*
 * Open, or keep open, the gate for packets that carry the id of @end. The
 * core may choose another id, as long as the other end has not been told.
 */
static bool open_gate(struct nat64_alg_ctx *ctx, struct call *c,
		      enum nat64_dir end)
{
	struct nat64_gate_spec spec = {
		.proto = NAT64_PROTO_GRE,
		.dir = other(end),
		.client_port = c->id[NAT64_DIR_64].own,
		.remote = ctx->remote4,
		.want = c->id[end].told,
		.lifetime = ctx->gate_ms,
	};

	struct call *stale;

	if (end == NAT64_DIR_46)
		spec.remote_port = c->id[NAT64_DIR_46].own;
	if (nat64_alg_gate_open(ctx, &spec))
		return false;
	if (spec.mapped == c->id[end].told)
		return true;
	if (c->id[end].given) {
		nat64_alg_count(ctx, NAT64_ALG_CNT_GATES_REFUSED);
		return false;
	}
	/* The core would not give an id again that anything depends on. */
	stale = find_told(ctx->priv, end, spec.mapped);
	if (stale)
		end_call(ctx, stale);
	c->id[end].told = spec.mapped;
	return true;
}

/* G-06: without gates, ids that were not told yet stay as they are. */
static void give_up(struct nat64_alg_ctx *ctx, struct call *c)
{
	nat64_alg_gate_close(ctx, NAT64_PROTO_GRE, c->id[NAT64_DIR_64].own);
	c->refused = true;
}

/* The gates that are possible with the ids so far, one per id */
static void open_gates(struct nat64_alg_ctx *ctx, struct call *c, bool answered)
{
	if (c->refused || !open_gate(ctx, c, NAT64_DIR_64) ||
	    (answered && !open_gate(ctx, c, NAT64_DIR_46)))
		give_up(ctx, c);
}

static void tell(struct nat64_alg_ctx *ctx, struct call *c,
		 const struct message *m)
{
	struct call_id *id = &c->id[m->dir];

	if (c->refused)
		id->told = id->own;
	id->given = true;
	put(ctx, m, ID_AT, id->told);
}

static void run_request(struct nat64_alg_ctx *ctx, const struct message *m)
{
	__be16 own = nat64_load_be16(m->data + ID_AT);
	struct pptp *pptp = ctx->priv;
	struct call *c = find_own(pptp, m->dir, own);

	/* Who gives an id anew has no use for the old call any more. */
	if (c)
		end_call(ctx, c);
	c = find_free(pptp);
	if (!c) {
		nat64_alg_count(ctx, NAT64_ALG_CNT_GATES_REFUSED);
		return;
	}
	c->request = (u8)m->type;
	wish(ctx, c, m->dir, own);
	/* A gate is known by the IPv6 end's id. */
	if (m->dir == NAT64_DIR_64)
		open_gates(ctx, c, false);
	tell(ctx, c, m);
}

/* Returns false if no call is meant. */
static bool map_own(struct nat64_alg_ctx *ctx, const struct message *m)
{
	struct call *c = find_own(ctx->priv, m->dir,
				  nat64_load_be16(m->data + ID_AT));

	if (c)
		put(ctx, m, ID_AT, c->id[m->dir].told);
	return c;
}

static struct call *map_peer(struct nat64_alg_ctx *ctx,
			     const struct message *m, u32 off)
{
	enum nat64_dir end = other(m->dir);
	struct call *c = find_told(ctx->priv, end,
				   nat64_load_be16(m->data + off));

	if (c)
		put(ctx, m, off, c->id[end].own);
	return c;
}

static bool run_reply(struct nat64_alg_ctx *ctx, const struct message *m)
{
	__be16 own = nat64_load_be16(m->data + ID_AT);
	enum nat64_dir end = other(m->dir);
	struct pptp *pptp = ctx->priv;
	struct call *c, *old;
	__be16 peer;

	c = find_asked(pptp, end, m->type - 1,
		       nat64_load_be16(m->data + PEER_AT));
	if (!c) {
		map_own(ctx, m);
		map_peer(ctx, m, PEER_AT);
		return false;
	}
	peer = c->id[end].own;
	if (m->data[RESULT_AT] == RESULT_CONNECTED) {
		old = find_own(pptp, m->dir, own);
		if (old)
			end_call(ctx, old);
		c->request = 0;
		wish(ctx, c, m->dir, own);
		open_gates(ctx, c, true);
		tell(ctx, c, m);
	} else {
		end_call(ctx, c);
	}
	put(ctx, m, PEER_AT, peer);
	return true;
}

/* A call of the other end's that never was answered, but is to end */
static struct call *find_clearing(struct pptp *pptp, enum nat64_dir end)
{
	struct call *c;

	for (c = pptp->call; c < pptp->call + CALLS; c++)
		if (c->clearing && !c->id[end].given)
			return c;
	return NULL;
}

/*
 * Both messages name the call by the sender's id, but common servers answer
 * with the receiver's, which was in the request.
 */
static bool run_clear(struct nat64_alg_ctx *ctx, const struct message *m)
{
	struct pptp *pptp = ctx->priv;
	struct call *c;

	c = find_own(pptp, m->dir, nat64_load_be16(m->data + ID_AT));
	if (c)
		put(ctx, m, ID_AT, c->id[m->dir].told);
	else
		c = map_peer(ctx, m, ID_AT);
	if (!c && m->type == CDN)
		c = find_clearing(pptp, m->dir);
	if (!c)
		return false;
	c->clearing = true;
	if (m->type == CDN)
		end_call(ctx, c);
	return true;
}

/* Returns false if nothing is known of what the message speaks about. */
static bool run(struct nat64_alg_ctx *ctx, const struct message *m)
{
	switch (m->type) {
	case SCCRQ:
	case STOP_RP:
		end_all(ctx);
		return true;
	case SCCRP:
	case STOP_RQ:
	case ECHO_RQ:
	case ECHO_RP:
		return true;
	case OCRQ:
	case ICRQ:
		run_request(ctx, m);
		return true;
	case OCRP:
	case ICRP:
		return run_reply(ctx, m);
	case ICCN:
	case WEN:
	case SLI:
		return map_peer(ctx, m, ID_AT);
	case CCRQ:
	case CDN:
		return run_clear(ctx, m);
	default:
		return false;
	}
}

/*
 * May a message begin like this? Each octet is judged as soon as it is there:
 * who speaks another protocol may wait for an answer to less than a header.
 */
static bool is_pptp(const u8 *data, u32 len)
{
	u16 size, type;

	if (data[0] > HOLD >> 8)
		return false;
	if (len > 2 && memcmp(data + 2, opening + 2, min(len - 2, 6U)))
		return false;
	if (len < 2)
		return true;
	size = nat64_get_be16(data);
	if (size < HLEN || size > HOLD)
		return false;
	if (len < TYPE_AT + 2)
		return true;
	type = nat64_get_be16(data + TYPE_AT);
	return !type || type >= ARRAY_SIZE(sizes) || size == sizes[type];
}

/* SEC-12: who opened the connection begins with a request. */
static bool begins(const u8 *data, u32 len)
{
	return !memcmp(data, opening, min_t(u32, len, sizeof(opening)));
}

static u32 payload(struct nat64_alg_ctx *ctx, enum nat64_dir dir,
		   const u8 *data, u32 len)
{
	enum nat64_dir opener = ctx->inbound ? NAT64_DIR_46 : NAT64_DIR_64;
	struct message m = { .dir = dir, .data = data };
	struct pptp *pptp = ctx->priv;
	u32 size;

	if (!is_pptp(data, len) ||
	    (dir == opener && !pptp->begun && !begins(data, len))) {
		nat64_alg_count(ctx, NAT64_ALG_CNT_ERRORS);
		nat64_alg_transparent(ctx);
		return len;
	}
	if (len < HLEN)
		return 0;
	size = nat64_get_be16(data);
	if (len < size)
		return 0;
	m.type = nat64_get_be16(data + TYPE_AT);
	if (dir == opener)
		pptp->begun = true;
	nat64_alg_count(ctx, run(ctx, &m) ? NAT64_ALG_CNT_MESSAGES :
					    NAT64_ALG_CNT_ERRORS);
	return size;
}

const struct nat64_alg_ops nat64_alg_pptp = {
	.id = NAT64_ALG_PPTP,
	.priv_size = sizeof(struct pptp),
	.hold = HOLD,
	.gates_max = 2 * CALLS,
	.payload = payload,
};
