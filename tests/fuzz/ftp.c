// SPDX-License-Identifier: GPL-2.0
/*
 * Input: a struct head, then steps of a control connection: a phrase of a
 * client or a server, with numbers that are likely to matter, or any octets.
 *
 * The steps are run as they are, and cut into pieces as small as the input
 * says: octets, gates and counters must be the same.
 *
 * Whatever comes: a gate is for the ends of this connection, and for a port
 * that stands in the message at hand, by a reading of our own; an edit is
 * inside the octets that are decided; six numbers that we write are the pool
 * address and the port of a gate that is open; no reply becomes one of ours
 * without a command that became one.
 */
#include "ftp.h"
#include "fuzz.h"

enum {
	HIT_GATE46, HIT_GATE64, HIT_TRANSPARENT, HIT_REFUSED, HIT_TELNET,
	HIT_229, HIT_NOOP, HIT_CLOSED,
};

const unsigned int fuzz_paths = 8;

struct head {
	u8 mode;
	u8 fail;	/* which calls of gate_open() fail, a bit each */
	u8 cut;		/* a small one cuts at every octet */
};

#define MODE_INBOUND 0x01
#define MODE_FAIL 0x02
#define MODE_SILENT 0x04	/* no greeting is put in front */
#define MODE_LABELLED 0x08
/* The rest is options. */
#define OPTIONS(mode) ((u32)(mode) >> 4)

#define REMOTE4 0xcb007109
#define POOL4 0xc6336401
#define CLIENT_PORT 40000
#define GATE_MS 60000
#define ROOM (1 << 16)
#define STEP 0x7f
#define STEPS 256

static const struct in6_addr client6 = {
	.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 5 }
};

/*
 * 'c' is the client's, 's' the server's. %p is a port, %h one as two numbers,
 * %n any number, %t an octet of Telnet.
 */
static const char *const phrases[] = {
	"cUSER a\r\n", "s331 ?\r\n", "cPASV\r\n",
	"s227 Entering Passive Mode (203,0,113,9,%h).\r\n",
	"cPORT 10,0,0,1,%h\r\n", "s200 ok\r\n", "cRETR x\r\n",
	"s150 here\r\n", "s226 done\r\n", "cEPSV\r\n", "cEPSV 2\r\n",
	"cEPSV ALL\r\n", "cEPSV %n\r\n", "s229 Extended (|||%p|)\r\n",
	"cEPRT |2|2001:db8:1::5|%p|\r\n", "cEPRT |1|10.0.0.1|%p|\r\n",
	"cEPRT |2|2001:db8:1::6|%p|\r\n", "cABOR\r\n", "s426 cut\r\n",
	"cAUTH TLS\r\n", "s234 go\r\n", "s500 what?\r\n",
	"cALGS STATUS64\r\n", "cALGS ENABLE64\r\n", "cALGS DISABLE64\r\n",
	"cALGS x\r\n", "cNOOP\r\n", "s200-\r\n%n\r\n200 ok\r\n",
	"s227-wait\r\n", "s227-%n,0,0,1,%h\r\n", "s227 now\r\n",
	"s229-(!!!%p!)\r\n", "s229 x\r\n", "c\xff%t%t", "s\xff%t%t",
	"c\r\n", "cSTAT\r\n", "s213 x\r\n", "s421 bye\r\n", "s502 no\r\n",
	"cPO\xff%tRT %n,%n,%n,%n,%h\r\n", "s120 wait\r\n", "s220 ready\r\n",
	"cLPRT 6,16\r\n", "s22%n,1,%h\r\n", "cP", "cASV\r\n", "s2", "s27 ",
	"s(1,2,3,4,%h)\r\n", "c\n", "s\n", "c\xff\xff", "s227 =1,1,1,1,%h,%n\n",
};

struct step {
	enum nat64_dir dir;
	u32 from;
	u32 len;
};

struct gate {
	struct nat64_gate_spec spec;
	bool open;
};

struct world {
	struct nat64_alg_ctx ctx;
	const struct head *head;
	struct gate gate[NAT64_FTP_GATES];
	u32 opens;
	u32 trail; /* of all that was done to gates */
	u16 next;
	u32 count[NAT64_ALG_COUNTER_COUNT];
	bool transparent;
	u32 our_pasv; /* commands that we changed and nobody answered */
	u32 our_noop;
	u8 out[2][2 * ROOM];
	u32 out_len[2];
	u8 held[2][ROOM];
	u32 held_len[2];
	/* the present call of payload() */
	enum nat64_dir dir;
	const u8 *data;
	u32 len;
	u32 edits;
	u32 edited;
	u32 grown;
	u8 left[2 * ROOM];
	u32 left_len;
	bool inside;
};

static struct world worlds[2];
static struct step steps[STEPS];
static u8 octets[ROOM];
static u8 *edge; /* ROOM octets, and nothing behind them */

static struct world *world_of(struct nat64_alg_ctx *ctx)
{
	return (struct world *)((u8 *)ctx - offsetof(struct world, ctx));
}

static void trail(struct world *w, u32 what)
{
	w->trail = (w->trail ^ what) * 16777619;
}

static bool from_client(const struct world *w)
{
	return w->ctx.inbound == (w->dir == NAT64_DIR_46);
}

/* The number at @off, at most 65536, Telnet commands left out */
static u32 number(const u8 *data, u32 len, u32 *off)
{
	u32 v = 0, i = *off;

	while (i < len) {
		if (data[i] == 0xff && i + 1 < len && data[i + 1] >= 0xf0 &&
		    data[i + 1] < 0xff) {
			i += data[i + 1] > 0xfa ? 3 : 2;
			continue;
		}
		if (data[i] < '0' || data[i] > '9')
			break;
		v = min(v * 10 + (u32)(data[i++] - '0'), 65536U);
	}
	*off = i;
	return v;
}

/* Does the message at hand name @port, as one number or two in a row? */
static bool named(const struct world *w, u16 port)
{
	u32 last = 65536, off = 0, v;

	while (off < w->len) {
		if (w->data[off] < '0' || w->data[off] > '9') {
			off++;
			continue;
		}
		v = number(w->data, w->len, &off);
		if (v == port || (last < 256 && v < 256 &&
				  (last << 8 | v) == port))
			return true;
		last = v;
	}
	return false;
}

static bool is_open(const struct world *w, u16 mapped)
{
	u32 i;

	for (i = 0; i < NAT64_FTP_GATES; i++) {
		if (w->gate[i].open && w->gate[i].spec.dir == NAT64_DIR_46 &&
		    be16_to_cpu(w->gate[i].spec.mapped) == mapped)
			return true;
	}
	return false;
}

static bool begins(const u8 *text, u32 len, const char *with)
{
	return len >= strlen(with) && !memcmp(text, with, strlen(with));
}

static const u8 *find(const u8 *text, u32 len, const char *what)
{
	u32 i;

	for (i = 0; i < len; i++) {
		if (begins(text + i, len - i, what))
			return text + i;
	}
	return NULL;
}

/* What we write is one of few things. */
static void check_text(struct world *w, const u8 *text, u32 len)
{
	const u8 *pool = find(text, len, "198,51,100,1,"), *at = text;
	u32 off = 0, port;

	while (len >= 3 && at[0] == 0xff && (at[1] == 0xfe || at[1] == 0xfc)) {
		fuzz_hit(HIT_TELNET);
		at += 3;
		len -= 3;
	}
	if (pool) {
		off = 13;
		port = number(pool, len - (u32)(pool - at), &off) << 8;
		off++;
		port |= number(pool, len - (u32)(pool - at), &off);
		ENSURE(is_open(w, (u16)port));
	}
	if (from_client(w)) {
		w->our_pasv += find(at, len, "PASV") && !w->ctx.inbound;
		w->our_noop += find(at, len, "NOOP") != NULL;
	} else if (begins(at, len, "229 Entering")) {
		ENSURE(w->our_pasv-- && begins(w->data, w->len, "227"));
		fuzz_hit(HIT_229);
	} else if (begins(at, len, "504") || begins(at, len, "522") ||
		   begins(at, len, "216")) {
		ENSURE(w->our_noop--);
		fuzz_hit(HIT_NOOP);
	}
}

int nat64_alg_replace(struct nat64_alg_ctx *ctx, u32 off, u32 len,
		      const void *new, u32 new_len)
{
	struct world *w = world_of(ctx);

	ENSURE(w->inside && !w->transparent);
	ENSURE(len || new_len);
	ENSURE(off >= w->edited && off <= w->len && len <= w->len - off);
	if (w->edits == NAT64_ALG_EDITS_MAX)
		return -ENOSPC;
	if (new_len > len)
		w->grown += new_len - len;
	ENSURE(w->grown <= NAT64_ALG_GROWTH_MAX);
	w->edits++;
	memcpy(w->left + w->left_len, w->data + w->edited, off - w->edited);
	w->left_len += off - w->edited;
	if (new_len) {
		memcpy(w->left + w->left_len, new, new_len);
		check_text(w, w->left + w->left_len, new_len);
	}
	w->left_len += new_len;
	w->edited = off + len;
	return 0;
}

void nat64_alg_skip(struct nat64_alg_ctx *ctx, u32 n)
{
	(void)ctx;
	(void)n;
	ENSURE(false);
}

void nat64_alg_transparent(struct nat64_alg_ctx *ctx)
{
	ENSURE(world_of(ctx)->inside && !world_of(ctx)->transparent);
	world_of(ctx)->transparent = true;
	fuzz_hit(HIT_TRANSPARENT);
}

void nat64_alg_count(struct nat64_alg_ctx *ctx, enum nat64_alg_counter counter)
{
	ENSURE(world_of(ctx)->inside);
	world_of(ctx)->count[counter]++;
}

static int gate_open(struct world *w, struct nat64_gate_spec *spec)
{
	struct gate *g, *room = NULL;

	if (w->head->mode & MODE_FAIL && w->head->fail & 1 << w->opens++ % 8)
		return -ENOSPC;
	for (g = w->gate; g < w->gate + NAT64_FTP_GATES; g++) {
		if (!g->open)
			room = g;
		else if (g->spec.dir == spec->dir &&
			 g->spec.client_port == spec->client_port &&
			 (spec->dir == NAT64_DIR_46 ||
			  g->spec.remote_port == spec->remote_port))
			break;
	}
	if (g < w->gate + NAT64_FTP_GATES) {
		spec->mapped = g->spec.mapped;
		g->spec = *spec;
		return 0;
	}
	if (!room)
		return -ENOSPC;
	spec->mapped = cpu_to_be16(w->next);
	w->next = w->next == 65535 ? 50000 : w->next + 1;
	room->spec = *spec;
	room->open = true;
	return 0;
}

static int check_gate(struct world *w, const struct nat64_gate_spec *spec)
{
	u16 port = be16_to_cpu(spec->client_port);
	u16 remote = be16_to_cpu(spec->remote_port);

	ENSURE(w->inside && !w->transparent);
	ENSURE(spec->proto == IPPROTO_TCP && !spec->flags && !spec->want);
	ENSURE(spec->remote == cpu_to_be32(REMOTE4));
	ENSURE(spec->lifetime == GATE_MS);
	if (spec->dir == NAT64_DIR_64) {
		ENSURE(!port && named(w, remote));
		ENSURE(from_client(w) == w->ctx.inbound);
		fuzz_hit(HIT_GATE64);
		return 0;
	}
	ENSURE(spec->dir == NAT64_DIR_46 && port);
	ENSURE(from_client(w) != w->ctx.inbound);
	ENSURE(!remote || remote == 20);
	ENSURE(named(w, port) || (port == CLIENT_PORT && !w->ctx.inbound &&
				  remote == 20));
	if (port < 1024 && !(w->ctx.options & NAT64_ALG_OPT_LOW_PORTS))
		return -EACCES;
	fuzz_hit(HIT_GATE46);
	return 0;
}

int nat64_alg_gate_open(struct nat64_alg_ctx *ctx,
			struct nat64_gate_spec *spec)
{
	struct world *w = world_of(ctx);
	int err = check_gate(w, spec);

	if (!err)
		err = gate_open(w, spec);
	if (err) {
		w->count[NAT64_ALG_CNT_GATES_REFUSED]++;
		fuzz_hit(HIT_REFUSED);
	}
	trail(w, (u32)be16_to_cpu(spec->client_port) << 16 |
		 be16_to_cpu(err ? 0 : spec->mapped));
	trail(w, (u32)be16_to_cpu(spec->remote_port) << 16 | spec->dir);
	return err;
}

void nat64_alg_gate_close(struct nat64_alg_ctx *ctx, u8 proto,
			  __be16 client_port)
{
	struct world *w = world_of(ctx);
	struct gate *g;

	ENSURE(w->inside && proto == IPPROTO_TCP);
	for (g = w->gate; g < w->gate + NAT64_FTP_GATES; g++) {
		if (g->open && g->spec.client_port == client_port) {
			g->open = false;
			fuzz_hit(HIT_CLOSED);
		}
	}
	trail(w, 0x80000000 | be16_to_cpu(client_port));
}

static u32 call_payload(struct world *w, enum nat64_dir dir)
{
	const u8 *exact = edge + ROOM - w->held_len[dir];
	u32 n;

	memcpy(edge + ROOM - w->held_len[dir], w->held[dir], w->held_len[dir]);
	w->dir = dir;
	w->data = exact;
	w->len = w->held_len[dir];
	w->edits = 0;
	w->edited = 0;
	w->grown = 0;
	w->left_len = 0;
	w->inside = true;
	n = nat64_alg_ftp.payload(&w->ctx, dir, exact, w->len);
	w->inside = false;
	ENSURE(n <= w->len && w->edited <= n);
	ENSURE(n || !w->edits);
	memcpy(w->left + w->left_len, exact + w->edited, n - w->edited);
	w->left_len += n - w->edited;
	return n;
}

static void leave(struct world *w, enum nat64_dir dir, const u8 *what, u32 len,
		  u32 decided)
{
	ENSURE(w->out_len[dir] + len <= sizeof(w->out[dir]));
	memcpy(w->out[dir] + w->out_len[dir], what, len);
	w->out_len[dir] += len;
	w->held_len[dir] -= decided;
	memmove(w->held[dir], w->held[dir] + decided, w->held_len[dir]);
}

/* What the stream layer does with octets that arrive in order */
static void feed(struct world *w, enum nat64_dir dir, const u8 *data, u32 len)
{
	u32 n;

	memcpy(w->held[dir] + w->held_len[dir], data, len);
	w->held_len[dir] += len;
	while (w->held_len[dir] && !w->transparent) {
		n = call_payload(w, dir);
		if (!n) {
			ENSURE(w->held_len[dir] < NAT64_FTP_HOLD);
			return;
		}
		leave(w, dir, w->left, w->left_len, n);
	}
	if (w->transparent)
		leave(w, dir, w->held[dir], w->held_len[dir],
		      w->held_len[dir]);
}

static void begin(struct world *w, const struct head *head)
{
	static const struct in6_addr prefix = {
		.s6_addr = { 0x00, 0x64, 0xff, 0x9b }
	};

	memset(&w->gate, 0, offsetof(struct world, out) -
	       offsetof(struct world, gate));
	memset(w->out_len, 0, sizeof(w->out_len));
	memset(w->held_len, 0, sizeof(w->held_len));
	free(w->ctx.priv);
	w->head = head;
	w->next = 50000;
	w->ctx = (struct nat64_alg_ctx){
		.ops = &nat64_alg_ftp,
		.priv = calloc(1, nat64_alg_ftp.priv_size),
		.prefix = { .addr = prefix, .len = 96 },
		.client6 = client6,
		.remote4 = cpu_to_be32(REMOTE4),
		.pool4 = cpu_to_be32(POOL4),
		.client_port = cpu_to_be16(CLIENT_PORT),
		.pool_port = cpu_to_be16(41000),
		.remote_port = cpu_to_be16(21),
		.options = OPTIONS(head->mode),
		.gate_ms = GATE_MS,
		.labelled = head->mode & MODE_LABELLED,
		.inbound = head->mode & MODE_INBOUND,
	};
	nat64_alg_ftp.init(&w->ctx);
}

static u32 write_number(u8 *to, u32 v)
{
	return (u32)sprintf((char *)to, "%u", v);
}

/* Returns how many octets of the input it took. */
static u32 write_phrase(const char *phrase, const u8 *in, size_t left, u8 *to,
			u32 *len)
{
	static const u16 likely[] = {
		1, 20, 22, 255, 256, 1023, 1024, 2048, 5001, 40000, 65535, 0,
	};
	u32 took = 0, n = 0, v;

	for (; *phrase; phrase++) {
		if (*phrase != '%') {
			to[n++] = (u8)*phrase;
			continue;
		}
		v = took < left ? in[took] : 0;
		took++;
		switch (*++phrase) {
		case 'n':
			n += write_number(to + n, v > 250 ? v * 17 : v);
			break;
		case 'p':
			n += write_number(to + n, likely[v % 12]);
			break;
		case 'h':
			n += write_number(to + n, likely[v % 12] >> 8);
			to[n++] = ',';
			n += write_number(to + n, likely[v % 12] & 0xff);
			break;
		default:
			to[n++] = (u8)(0xf0 | v);
		}
	}
	*len = n;
	return min(took, (u32)left);
}

/* One step: octet 0 to 127 begins a phrase, others so many octets as they are */
static u32 make_steps(const u8 *in, size_t left, bool inbound)
{
	u32 n = 0, used = 0, took;
	enum nat64_dir client = inbound ? NAT64_DIR_46 : NAT64_DIR_64;

	while (left && n < STEPS && used < ROOM - 256) {
		struct step *s = &steps[n++];
		u8 what = *in;

		in++;
		left--;
		s->from = used;
		if (what < 0x80) {
			const char *p = phrases[what % ARRAY_SIZE(phrases)];

			s->dir = *p == 'c' ? client : (enum nat64_dir)!client;
			took = write_phrase(p + 1, in, left, octets + used,
					    &s->len);
		} else {
			s->dir = what & 0x40 ? client :
					       (enum nat64_dir)!client;
			s->len = min((u32)(what & 0x3f) + 1, (u32)left);
			took = s->len;
			memcpy(octets + used, in, took);
		}
		used += s->len;
		in += took;
		left -= took;
	}
	return n;
}

/* @cut: 0: whole; otherwise pieces of up to so many octets */
static void run(struct world *w, const struct head *head, u32 count, u32 cut)
{
	static const u8 hello[] = "220 ready\r\n";
	u32 i, k, size, x = cut;

	begin(w, head);
	if (!(head->mode & MODE_SILENT))
		feed(w, w->ctx.inbound ? NAT64_DIR_64 : NAT64_DIR_46, hello,
		     sizeof(hello) - 1);
	for (i = 0; i < count; i++) {
		const struct step *s = &steps[i];

		for (k = 0; k < s->len; k += size) {
			x = x * 1103515245 + 12345;
			size = cut ? min((x >> 16) % cut + 1, s->len - k) :
				     s->len;
			feed(w, s->dir, octets + s->from + k, size);
		}
	}
}

static void same(const struct world *a, const struct world *b)
{
	u32 i;

	ENSURE(a->transparent == b->transparent);
	ENSURE(a->trail == b->trail);
	ENSURE(!memcmp(a->count, b->count, sizeof(a->count)));
	for (i = 0; i < 2; i++) {
		ENSURE(a->out_len[i] + a->held_len[i] ==
		       b->out_len[i] + b->held_len[i]);
		ENSURE(!memcmp(a->out[i], b->out[i],
			       min(a->out_len[i], b->out_len[i])));
	}
	ENSURE(!memcmp(a->ctx.priv, b->ctx.priv, nat64_alg_ftp.priv_size));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct head head;
	u32 count;

	if (size < sizeof(head))
		return 0;
	fuzz_inputs++;
	if (!edge)
		edge = malloc(ROOM);
	ENSURE(edge);
	memcpy(&head, data, sizeof(head));
	count = make_steps(data + sizeof(head), size - sizeof(head),
			   head.mode & MODE_INBOUND);
	run(&worlds[0], &head, count, 0);
	run(&worlds[1], &head, count, head.cut % 30 + 1);
	same(&worlds[0], &worlds[1]);
	return 0;
}
