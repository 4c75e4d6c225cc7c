// SPDX-License-Identifier: GPL-2.0
/*
 * Input: a struct head, then a dialogue: octets that stand for words of RTSP,
 * some of which come from one end, or, behind a 0, for themselves.
 *
 * The dialogue is run turn by turn, octet by octet, and cut where the seed
 * says: octets, gates and counters must be the same. A gate must be for a port
 * that the right end named, lead to its server, and open with a reply.
 * Without literals nothing but numbers may change, and what comes out must
 * have as many messages as what went in.
 */
#include "fuzz.h"
#include "nat64_alg.h"

enum { HIT_GATE, HIT_LITERAL, HIT_TRANSPARENT, HIT_FRAME, HIT_CLOSED, PATHS };
const unsigned int fuzz_paths = PATHS;

struct head {
	u8 mode;
	u8 seed;
};

#define MODE_INBOUND 1
#define MODE_LITERALS 2
#define MODE_ANY 4
#define MODE_LABELLED 8
#define MODE_FAIL 16
#define MODE_TAKEN 32
#define MODE_LOW 64
#define MODE_TIDY 128	/* messages are completed */

#define ROOM 4096
#define GATES 256
/* Longer dialogues are not run octet by octet, which takes the square. */
#define EVERY 512
#define LONGEST 2048
#define GATE_MS 60000
#define LONGEST_MS 3600000
#define REMOTE4 0xcb007109

/* A whole message, or the beginning of one, has an end that it comes from. */
enum { BOTH, ASK, ANSWER };

static const struct word {
	u8 who;
	const char *text;
} words[] = {
	{ ASK, "SETUP rtsp://203.0.113.9/1 RTSP/1.0\r\nCSeq: 1\r\nTransport: "
	  "RTP/AVP;unicast;client_port=5000-5001\r\n\r\n" },
	{ ANSWER, "RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: A\r\nTransport: "
	  "RTP/AVP;unicast;client_port=50000-50001;server_port=1-2\r\n\r\n" },
	{ ANSWER, "RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: A\r\nTransport: "
	  "RTP/AVP;unicast;client_port=5000-5001;server_port=1-2\r\n\r\n" },
	{ ASK, "TEARDOWN rtsp://203.0.113.9/ RTSP/1.0\r\nCSeq: 2\r\n"
	  "Session: A\r\n\r\n" },
	{ ANSWER, "RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n" },
	{ ASK, "DESCRIBE rtsp://[64:ff9b::cb00:7109]/ RTSP/1.0\r\nCSeq: 3\r\n"
	  "\r\n" },
	{ ANSWER, "RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 20\r\n"
	  "Content-Type: application/sdp\r\n\r\nc=IN IP4 10.0.0.1\r\n\n" },
	{ ASK, "DESCRIBE rtsp://cam.example/ RTSP/1.0\r\nCSeq: 3\r\n\r\n" },
	{ ASK, "OPTIONS * RTSP/1.0\r\nCSeq: 7\r\n\r\n" },
	{ ANSWER, "RTSP/1.0 200 OK\r\nCSeq: 7\r\n\r\n" },
	{ ANSWER, "RTSP/1.0 461 No\r\nCSeq: 1\r\n\r\n" },
	{ ANSWER, "ANNOUNCE rtsp://203.0.113.9/ RTSP/1.0\r\n" },
	{ ASK, "$\1\0\2SE" }, { ANSWER, "$\1\0\3" }, { ASK, "$\1\0\0" },
	{ ASK, "SETUP rtsp://203.0.113.9/1 RTSP/1.0\r\n" },
	{ ASK, "SETUP rtsp://203.0.113.9/2 RTSP/2.0\r\n" },
	{ ASK, "SETUP " }, { ASK, "DESCRIBE " },
	{ ASK, "TEARDOWN rtsp://203.0.113.9/1 RTSP/1.0\r\n" },
	{ ASK, "ANNOUNCE rtsp://[64:ff9b::cb00:7109] RTSP/1.0\r\n" },
	{ ANSWER, "RTSP/1.0 200 OK\r\n" }, { ANSWER, "RTSP/2.0 201 OK\r\n" },
	{ ANSWER, "RTSP/1.0 100 Wait\r\n" }, { ANSWER, "RTSP/1.0 454 No\r\n" },
	{ BOTH, "CSeq: 1\r\n" }, { BOTH, "CSeq: 2\r\n" },
	{ BOTH, "CSeq: 3\r\n" }, { BOTH, "Session: A\r\n" },
	{ BOTH, "Session: B;timeout=90\r\n" },
	{ BOTH, "Transport: RTP/AVP;unicast;client_port=5002-5003\r\n" },
	{ BOTH, "Transport: RTP/AVP;unicast;" }, { BOTH, "Transport: " },
	{ BOTH, "client_port=5000" }, { BOTH, "client_port=5001-5002" },
	{ BOTH, "client_port=65534-65535" }, { BOTH, "client_port=65535" },
	{ BOTH, "client_port=6000-6005" }, { BOTH, "client_port=1023" },
	{ BOTH, "client_port=50000-50001" },
	{ BOTH, "client_port=50002-50003" }, { BOTH, "client_port=" },
	{ BOTH, "server_port=6000-6001" }, { BOTH, "server_port=0" },
	{ BOTH, "RTP/AVP/UDP;" }, { BOTH, "RTP/AVP;" },
	{ BOTH, "RTP/AVP/TCP;unicast;interleaved=0-1" },
	{ BOTH, "multicast;" }, { BOTH, "unicast;" }, { BOTH, "MP2T/H2221/UDP" },
	{ BOTH, "mode=\"PLAY,RECORD\"" }, { BOTH, "destination=" },
	{ BOTH, "source=" }, { BOTH, "dest_addr=" }, { BOTH, "src_addr=" },
	{ BOTH, "\":5000\"" }, { BOTH, ":5001" }, { BOTH, "203.0.113.9" },
	{ BOTH, "198.51.100.1" }, { BOTH, "192.168.1.1" },
	{ BOTH, "2001:db8:1::5" }, { BOTH, "[64:ff9b::1]" },
	{ BOTH, "rtsp://203.0.113.9/1" }, { BOTH, "rtsp://[64:ff9b::1]/" },
	{ BOTH, "rtsp://cam.example/" }, { BOTH, " RTSP/1.0\r\n" },
	{ BOTH, "Content-Base: " }, { BOTH, "RTP-Info: url=" },
	{ BOTH, "Location: rtsp://10.0.0.1/\r\n" }, { BOTH, "url=" },
	{ BOTH, "Content-Type: application/sdp\r\n" },
	{ BOTH, "Content-Length: 20\r\n" }, { BOTH, "Content-Length: 9\r\n" },
	{ BOTH, "Content-Length: 0\r\n" }, { BOTH, "Content-Length: 99\r\n" },
	{ BOTH, "Content-Length: -1\r\n" },
	{ BOTH, "Content-Length: 9999999999\r\n" },
	{ BOTH, "Content-Encoding: x\r\n" }, { BOTH, "c=IN IP4 10.0.0.1\r\n\n" },
	{ BOTH, "c=IN IP4 0.0.0.0\r\n\r\n" }, { BOTH, "c=IN IP6 64:ff9b::1\n" },
	{ BOTH, "c=IN IP4 224.0.0.1/1\r\n" }, { BOTH, "o=- 1 1 IN IP4 " },
	{ BOTH, "a=rtcp:1 IN IP4 " }, { BOTH, "a=control:" },
	{ BOTH, "\r\n\r\n" }, { BOTH, "\r\n" }, { BOTH, "\n" },
	{ BOTH, "\r" }, { BOTH, "\r\n " }, { BOTH, " " }, { BOTH, "," },
	{ BOTH, ";" }, { BOTH, "=" }, { BOTH, "-" }, { BOTH, "/" },
	{ BOTH, "\"" }, { BOTH, "HTTP/1.0\r\n" },
};

struct gate {
	struct nat64_gate_spec spec;
	bool open;
};

struct edit {
	u32 off;
	u32 len;
	u32 new_len;
	u8 *new;
};

/* One run of the dialogue; what stands last is not cleared for each. */
struct run {
	struct nat64_alg_ctx ctx;
	u32 count[NAT64_ALG_COUNTER_COUNT];
	u32 gates;
	u32 opened_len;
	u16 next_port;
	u32 left;		/* gates until the core fails */
	bool transparent;
	u8 mode;
	u32 in_len[2], out_len[2], done[2];
	u32 decided[2];		/* of @out, before the end */
	u32 messages[2];
	u64 skip[2];
	/* of the present call */
	enum nat64_dir dir;
	const u8 *data;
	u32 len;
	u32 edits;
	u32 growth;
	u32 skips;
	struct edit edit[NAT64_ALG_EDITS_MAX];
	struct gate gate[GATES];
	u16 opened[GATES];	/* ports that a reply has opened */
	u8 in[2][ROOM], out[2][ROOM];
};

static struct run *run_of(struct nat64_alg_ctx *ctx)
{
	return (struct run *)((char *)ctx - offsetof(struct run, ctx));
}

int nat64_alg_replace(struct nat64_alg_ctx *ctx, u32 off, u32 len,
		      const void *new, u32 new_len)
{
	struct run *r = run_of(ctx);
	struct edit *e = &r->edit[r->edits];

	ENSURE(off <= r->len && len <= r->len - off);
	ENSURE(!r->edits || off >= e[-1].off + e[-1].len);
	if (r->edits == NAT64_ALG_EDITS_MAX ||
	    (new_len > len &&
	     r->growth + new_len - len > NAT64_ALG_GROWTH_MAX))
		return -ENOSPC;
	r->growth += new_len > len ? new_len - len : 0;
	e->off = off;
	e->len = len;
	e->new = fuzz_copy(new, new_len);
	e->new_len = new_len;
	r->edits++;
	r->count[NAT64_ALG_CNT_REWRITES]++;
	return 0;
}

void nat64_alg_skip(struct nat64_alg_ctx *ctx, u32 n)
{
	ENSURE(n <= 1U << 30);
	run_of(ctx)->skips += n;
}

void nat64_alg_transparent(struct nat64_alg_ctx *ctx)
{
	run_of(ctx)->transparent = true;
}

void nat64_alg_count(struct nat64_alg_ctx *ctx, enum nat64_alg_counter counter)
{
	run_of(ctx)->count[counter]++;
}

static bool holds(const u8 *data, u32 len, const char *text)
{
	u32 n = (u32)strlen(text), i;

	for (i = 0; i + n <= len; i++)
		if (data[i] == (u8)text[0] && !memcmp(data + i, text, n))
			return true;
	return false;
}

/* The IPv6 end has named @port, or the one before it. */
static bool named(const struct run *r, u16 port)
{
	char text[8];
	u32 i;

	for (i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "%u", port - i);
		if (holds(r->in[NAT64_DIR_64], r->in_len[NAT64_DIR_64], text))
			return true;
	}
	return false;
}

static bool in_good_reply(const struct run *r)
{
	return r->len > 12 && !memcmp(r->data, "RTSP/", 5) &&
	       holds(r->data, 20 < r->len ? 20 : r->len, " 2") &&
	       r->dir == (r->ctx.inbound ? NAT64_DIR_64 : NAT64_DIR_46);
}

static void check_gate(struct run *r, const struct nat64_gate_spec *g)
{
	u16 port = be16_to_cpu(g->client_port);
	bool reserved = g->flags & NAT64_GATE_RESERVED;
	u32 i;

	ENSURE(g->proto == IPPROTO_UDP && port && named(r, port));
	ENSURE(g->lifetime >= GATE_MS && g->lifetime <= LONGEST_MS);
	ENSURE(g->remote == r->ctx.remote4 || r->mode & MODE_ANY);
	ENSURE(g->remote || g->dir == NAT64_DIR_46);
	ENSURE(!reserved || g->dir == NAT64_DIR_46);
	if (reserved)
		return;
	if (in_good_reply(r) && r->opened_len < GATES)
		r->opened[r->opened_len++] = port;
	for (i = 0; i < r->opened_len && r->opened[i] != port; i++)
		;
	ENSURE(i < r->opened_len);
}

static bool is_free(const struct run *r, u16 port)
{
	u32 i;

	if (!port || (r->mode & MODE_TAKEN && port / 4 == 5000 / 4))
		return false;
	for (i = 0; i < r->gates; i++) {
		const struct nat64_gate_spec *g = &r->gate[i].spec;
		u16 mapped = be16_to_cpu(g->mapped);

		if (r->gate[i].open && g->dir == NAT64_DIR_46 &&
		    (mapped == port || (g->flags & NAT64_GATE_PAIR &&
					mapped + 1 == port)))
			return false;
	}
	return true;
}

static bool fits(const struct run *r, const struct nat64_gate_spec *spec,
		 u16 port)
{
	if (!(spec->flags & NAT64_GATE_PAIR))
		return is_free(r, port);
	return !((port ^ be16_to_cpu(spec->client_port)) & 1) &&
	       is_free(r, port) && is_free(r, (u16)(port + 1));
}

static void map(struct run *r, struct nat64_gate_spec *spec)
{
	u16 port = be16_to_cpu(spec->want);
	u32 i;

	for (i = 0; i < r->gates; i++) {
		const struct nat64_gate_spec *g = &r->gate[i].spec;

		if (r->gate[i].open && g->flags & NAT64_GATE_PAIR &&
		    be16_to_cpu(g->client_port) + 1 ==
			    be16_to_cpu(spec->client_port)) {
			spec->mapped = cpu_to_be16(be16_to_cpu(g->mapped) + 1);
			return;
		}
	}
	while (!fits(r, spec, port))
		port = r->next_port++;
	spec->mapped = cpu_to_be16(port);
}

static struct gate *find_gate(struct run *r, const struct nat64_gate_spec *spec)
{
	u32 i;

	for (i = 0; i < r->gates; i++) {
		const struct nat64_gate_spec *g = &r->gate[i].spec;

		if (r->gate[i].open && g->dir == spec->dir &&
		    g->client_port == spec->client_port &&
		    (g->dir == NAT64_DIR_46 ||
		     (g->remote == spec->remote &&
		      g->remote_port == spec->remote_port)))
			return &r->gate[i];
	}
	return NULL;
}

int nat64_alg_gate_open(struct nat64_alg_ctx *ctx,
			struct nat64_gate_spec *spec)
{
	struct run *r = run_of(ctx);
	u16 port = be16_to_cpu(spec->client_port);
	struct gate *g = find_gate(r, spec);

	check_gate(r, spec);
	if (port < 1024 && !(r->mode & MODE_LOW))
		return -EACCES;
	if (r->mode & MODE_FAIL && !r->left--)
		return -ENOSPC;
	if (spec->flags & NAT64_GATE_PAIR && (port == 65535 || port % 8 == 1))
		return -EADDRINUSE;
	if (g) {
		spec->mapped = g->spec.mapped;
		spec->flags |= g->spec.flags & NAT64_GATE_PAIR;
		g->spec = *spec;
		return 0;
	}
	if (r->gates == GATES)
		return -ENOSPC;
	if (spec->dir == NAT64_DIR_46)
		map(r, spec);
	r->gate[r->gates++] = (struct gate){ .spec = *spec, .open = true };
	return 0;
}

void nat64_alg_gate_close(struct nat64_alg_ctx *ctx, u8 proto,
			  __be16 client_port)
{
	struct run *r = run_of(ctx);
	u32 i;

	ENSURE(proto == IPPROTO_UDP && client_port);
	fuzz_hit(HIT_CLOSED);
	for (i = 0; i < r->gates; i++)
		if (r->gate[i].spec.client_port == client_port)
			r->gate[i].open = false;
}

static void emit(struct run *r, const u8 *data, u32 len)
{
	u32 room = ROOM - r->out_len[r->dir];

	len = len < room ? len : room;
	if (len)
		memcpy(r->out[r->dir] + r->out_len[r->dir], data, len);
	r->out_len[r->dir] += len;
}

static void leave(struct run *r, const u8 *data, u32 decided)
{
	u32 i, at = 0;

	for (i = 0; i < r->edits; i++) {
		struct edit *e = &r->edit[i];

		ENSURE(e->off + e->len <= decided);
		emit(r, data + at, e->off - at);
		emit(r, e->new, e->new_len);
		at = e->off + e->len;
		free(e->new);
	}
	emit(r, data + at, decided - at);
}

/* One call of payload(), on octets behind which there is nothing */
static u32 call(struct run *r, enum nat64_dir dir)
{
	static u8 *room;
	u32 len = r->in_len[dir] - r->done[dir], decided;
	u32 before = r->count[NAT64_ALG_CNT_MESSAGES];
	u8 *copy;

	if (!room)
		room = fuzz_copy(r->in[dir], ROOM);
	copy = room + ROOM - len;
	memcpy(copy, r->in[dir] + r->done[dir], len);

	r->dir = dir;
	r->data = copy;
	r->len = len;
	r->edits = 0;
	r->growth = 0;
	r->skips = 0;
	decided = r->ctx.ops->payload(&r->ctx, dir, copy, len);
	ENSURE(decided <= len);
	ENSURE(decided || (!r->edits && !r->skips));
	ENSURE(decided || len <= r->ctx.ops->hold || r->transparent);
	leave(r, copy, decided);
	r->messages[dir] += r->count[NAT64_ALG_CNT_MESSAGES] - before;
	r->skip[dir] += r->skips;
	return decided;
}

static void push(struct run *r, enum nat64_dir dir, const u8 *data, u32 len)
{
	u32 decided, rest;

	if (len > ROOM - r->in_len[dir])
		len = ROOM - r->in_len[dir];
	if (len)
		memcpy(r->in[dir] + r->in_len[dir], data, len);
	r->in_len[dir] += len;
	do {
		rest = r->in_len[dir] - r->done[dir];
		decided = r->skip[dir] < rest ? (u32)r->skip[dir] : rest;
		if (r->transparent)
			decided = rest;
		r->dir = dir;
		emit(r, r->in[dir] + r->done[dir], decided);
		r->skip[dir] -= decided < r->skip[dir] ? decided : r->skip[dir];
		r->done[dir] += decided;
		if (r->done[dir] == r->in_len[dir])
			return;
		decided = call(r, dir);
		r->done[dir] += decided;
	} while (decided || r->transparent);
}

static void begin(struct run *r, const struct head *h)
{
	static const u8 client[16] = { 0x20, 1, 0xd, 0xb8, 0, 1, [15] = 5 };
	static const u8 prefix[16] = { 0, 0x64, 0xff, 0x9b };
	void *priv = calloc(1, nat64_alg_rtsp.priv_size);

	ENSURE(priv);
	memset(r, 0, offsetof(struct run, edit));
	r->mode = h->mode;
	r->next_port = 50000;
	r->left = h->seed % 8;
	r->ctx.ops = &nat64_alg_rtsp;
	r->ctx.priv = priv;
	memcpy(r->ctx.client6.s6_addr, client, 16);
	memcpy(r->ctx.prefix.addr.s6_addr, prefix, 16);
	r->ctx.prefix.len = 96;
	r->ctx.remote4 = cpu_to_be32(REMOTE4);
	r->ctx.pool4 = cpu_to_be32(0xc6336401);
	r->ctx.gate_ms = GATE_MS;
	r->ctx.inbound = h->mode & MODE_INBOUND;
	r->ctx.labelled = h->mode & MODE_LABELLED;
	if (h->mode & MODE_LITERALS)
		r->ctx.options |= NAT64_ALG_OPT_RTSP_LITERALS;
	if (h->mode & MODE_ANY)
		r->ctx.options |= NAT64_ALG_OPT_RTSP_ANY;
}

/* What is undecided at the end leaves as it is. */
static void end(struct run *r)
{
	u32 d;

	for (d = 0; d < 2; d++) {
		r->dir = d;
		r->decided[d] = r->out_len[d];
		emit(r, r->in[d] + r->done[d], r->in_len[d] - r->done[d]);
		r->done[d] = r->in_len[d];
	}
	free(r->ctx.priv);
}

struct turn {
	enum nat64_dir dir;
	u32 from;
	u32 len;
};

#define TURNS 64

static u8 text[ROOM];
static u32 text_len;
static struct turn turn[TURNS];
static u32 turns;

/* Octets come from one end, in the dialogue so far. */
static void speak(u8 who, const void *data, u32 len, bool inbound)
{
	enum nat64_dir asks = inbound ? NAT64_DIR_46 : NAT64_DIR_64;
	enum nat64_dir dir = who == ASK ? asks : !asks;

	if (!turns || (who && turns < TURNS && turn[turns - 1].dir != dir))
		turn[turns++] = (struct turn){ .dir = who ? dir : asks,
					       .from = text_len };
	memcpy(text + text_len, data, len);
	text_len += len;
	turn[turns - 1].len = text_len - turn[turns - 1].from;
}

/* A message that has begun has no empty line yet. */
static bool open_end(void)
{
	const struct turn *t = &turn[turns - 1];

	return !holds(text + t->from, t->len, "\n\r\n");
}

static void spell(const u8 *data, size_t size, const struct head *h)
{
	bool inbound = h->mode & MODE_INBOUND;
	size_t i;

	turns = 0;
	text_len = 0;
	for (i = 0; i < size; i++) {
		const struct word *w = &words[data[i] % ARRAY_SIZE(words)];
		u32 len = w->text[0] == '$' ? 4 : (u32)strlen(w->text);

		if (text_len + len + 4 >= LONGEST)
			break;
		if (h->mode & MODE_TIDY && w->who && turns && open_end())
			speak(BOTH, "\r\n\r\n", 4, inbound);
		if (!data[i] && ++i < size)
			speak(BOTH, &data[i], 1, inbound);
		else
			speak(w->who, w->text, len, inbound);
	}
}

/* @cut 0: turn by turn; 1: octet by octet; otherwise it seeds the cuts. */
static void carry(struct run *r, const struct head *h, u32 cut)
{
	u32 i, at, n, x = cut * 2654435761U;

	begin(r, h);
	for (i = 0; i < turns; i++) {
		for (at = 0; at < turn[i].len; at += n) {
			n = turn[i].len - at;
			x = x * 1103515245 + 12345;
			if (cut == 1)
				n = 1;
			else if (cut && n > 1)
				n = 1 + (x >> 16) % n;
			push(r, turn[i].dir, text + turn[i].from + at, n);
		}
	}
	end(r);
}

static void compare(const struct run *a, const struct run *b)
{
	u32 d, i;

	for (d = 0; d < 2; d++) {
		ENSURE(a->out_len[d] == b->out_len[d]);
		ENSURE(!memcmp(a->out[d], b->out[d], a->out_len[d]));
	}
	ENSURE(a->transparent == b->transparent);
	ENSURE(!memcmp(a->count, b->count, sizeof(a->count)));
	ENSURE(a->gates == b->gates);
	for (i = 0; i < a->gates; i++) {
		const struct nat64_gate_spec *x = &a->gate[i].spec;
		const struct nat64_gate_spec *y = &b->gate[i].spec;

		ENSURE(a->gate[i].open == b->gate[i].open);
		ENSURE(x->dir == y->dir && x->flags == y->flags);
		ENSURE(x->client_port == y->client_port);
		ENSURE(x->remote == y->remote && x->mapped == y->mapped);
		ENSURE(x->remote_port == y->remote_port);
		ENSURE(x->lifetime == y->lifetime);
	}
}

/* @text with every number as one digit; returns its length. */
static u32 blur(u8 *to, const u8 *from, u32 len)
{
	u32 i, n = 0;

	for (i = 0; i < len; i++) {
		bool digit = from[i] >= '0' && from[i] <= '9';

		if (digit && n && to[n - 1] == '0')
			continue;
		to[n++] = digit ? '0' : from[i];
	}
	return n;
}

/* Only numbers change, unless an address of the IPv6 end was named. */
static void check_numbers(const struct run *r, enum nat64_dir d)
{
	static u8 a[ROOM], b[ROOM];
	u32 n;

	if (r->out_len[d] == ROOM ||
	    (d == NAT64_DIR_64 &&
	     holds(r->out[d], r->out_len[d], "198.51.100.1")))
		return;
	n = blur(a, r->in[d], r->in_len[d]);
	ENSURE(n == blur(b, r->out[d], r->out_len[d]));
	ENSURE(!memcmp(a, b, n));
}

/*
 * What leaves is a stream of as many messages: no length became wrong. Not what
 * was undecided at the end: headers whose body would be read wait for it.
 */
static void check_frames(const struct run *r, const struct head *h)
{
	static struct run again;
	struct head plain = *h;
	u32 d;

	plain.mode &= (u8)~(MODE_LITERALS | MODE_FAIL);
	for (d = 0; d < 2; d++) {
		if (r->out_len[d] == ROOM)
			continue;
		begin(&again, &plain);
		push(&again, d, r->out[d], r->decided[d]);
		end(&again);
		ENSURE(!again.transparent);
		ENSURE(again.messages[d] == r->messages[d]);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct run whole, cut;
	struct head h;
	u32 i;

	if (size < sizeof(h))
		return 0;
	fuzz_inputs++;
	memcpy(&h, data, sizeof(h));
	spell(data + sizeof(h), size - sizeof(h), &h);
	carry(&whole, &h, 0);
	if (text_len <= EVERY) {
		carry(&cut, &h, 1);
		compare(&whole, &cut);
	}
	carry(&cut, &h, 2 + h.seed);
	compare(&whole, &cut);
	if (!(h.mode & MODE_LITERALS)) {
		check_numbers(&whole, NAT64_DIR_46);
		check_numbers(&whole, NAT64_DIR_64);
	}
	if (!whole.transparent)
		check_frames(&whole, &h);

	for (i = 0; i < whole.gates; i++)
		if (!(whole.gate[i].spec.flags & NAT64_GATE_RESERVED)) {
			fuzz_hit(HIT_GATE);
			break;
		}
	if (holds(whole.out[NAT64_DIR_46], whole.out_len[NAT64_DIR_46],
		  "IP6 64:ff9b::a"))
		fuzz_hit(HIT_LITERAL);
	if (whole.transparent)
		fuzz_hit(HIT_TRANSPARENT);
	else if (holds(text, text_len, "\n$\1"))
		fuzz_hit(HIT_FRAME);
	return 0;
}
