/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A core for ALGs in user space: two real streams, a list for gates, and a
 * network in between that cuts, loses, repeats and reorders.
 *
 *	static const struct core_line talk[] = {
 *		CORE_46("220 ready\r\n"),
 *		CORE_64("PASV\r\n"),
 *	};
 *	struct core *c = core_new(&nat64_alg_ftp);
 *
 *	c->ctx.options |= ...;			(optional)
 *	err = core_talk(c, talk, ARRAY_SIZE(talk), CORE_WHOLE, 0);
 *	CHECK(!err, "%s", err);
 *	CHECK_BYTES("to the server", c->out[NAT64_DIR_64].b, ...);
 *	core_free(c);
 *
 * core_everyway() does the same in many ways and compares. Nothing here needs
 * ktap.h, so that fuzz targets can use it.
 */
#ifndef _NAT64_TESTS_CORE_H
#define _NAT64_TESTS_CORE_H

#include "nat64_alg.h"
#include "portable.h"
#include "stream.h"

#define CORE_GATES 512
#define CORE_PORT 50000		/* first one that gate_open() invents */

/* What core_new() puts into the context, host order */
#define CORE_REMOTE4 0xcb007109	/* 203.0.113.9 */
#define CORE_POOL4 0xc6336401	/* 198.51.100.1 */
#define CORE_CLIENT_PORT 40000
#define CORE_POOL_PORT 41000

/* @open is false once it was closed; closed ones stay, as history. */
struct core_gate {
	struct nat64_gate_spec spec;
	bool open;
};

struct core_bytes {
	u8 *b;
	u32 len;
	u32 size;
};

struct core_net;

/**
 * struct core - a control connection
 * @ctx: for the ALG. Prefix 64:ff9b::/96, client 2001:db8:1::5, and CORE_*.
 *	@remote_port is 0, @options NAT64_ALG_OPT_FTP_EPSV | _FTP_EPRT4 |
 *	_RTSP_LITERALS (the defaults), @gate_ms 60000
 * @stream: by direction
 * @priv: private area
 * @count: by enum nat64_alg_counter
 * @gate: in the order of opening
 * @gates: entries of @gate
 * @next_port: that gate_open() gives next
 * @fail: while not 0, gate_open() returns it
 * @fail_flags: if not 0, only for a gate with one of these NAT64_GATE_*
 * @fail_after: so many more calls of gate_open() succeed before @fail counts
 * @taken: ports or call ids that are never given, network order; 0 ends it
 * @transparent: nat64_alg_transparent() was called
 * @out: what the receiver of each direction got, so far
 * @in: what the sender of each direction sent, so far
 * @fin: the FIN of each direction arrived
 * @net: the network's own
 * @error: what went wrong in the network, or ""
 */
struct core {
	struct nat64_alg_ctx ctx;
	struct nat64_stream stream[2];
	u64 priv[2048 / sizeof(u64)];
	u32 count[NAT64_ALG_COUNTER_COUNT];
	struct core_gate gate[CORE_GATES];
	u32 gates;
	u16 next_port;
	int fail;
	u8 fail_flags;
	u32 fail_after;
	__be16 taken[16];
	bool transparent;
	struct core_bytes out[2];
	struct core_bytes in[2];
	bool fin[2];
	struct core_net *net;
	char error[200];
};

/**
 * struct core_line - octets of one end
 * @dir: where they go
 * @also: begins without waiting for the line before; the results must not
 *	depend on the order
 * @fin: the end closes its direction after them
 *
 * A line begins when all lines before it have been acknowledged to their
 * senders, by the receivers or by us.
 */
struct core_line {
	enum nat64_dir dir;
	const void *data;
	u32 len;
	bool also;
	bool fin;
};

#define CORE_46(s) { .dir = NAT64_DIR_46, .data = (s), .len = sizeof(s) - 1 }
#define CORE_64(s) { .dir = NAT64_DIR_64, .data = (s), .len = sizeof(s) - 1 }
#define CORE_FIN46 { .dir = NAT64_DIR_46, .data = "", .fin = true }
#define CORE_FIN64 { .dir = NAT64_DIR_64, .data = "", .fin = true }

/* How octets travel. */
enum core_way {
	CORE_WHOLE,	/* a line is a segment; nothing is lost */
	CORE_BYTES,	/* an octet is a segment; nothing is lost */
	CORE_RANDOM,	/* by the seed: cut, lost, repeated, reordered */
};

struct core *core_new(const struct nat64_alg_ops *ops);
void core_free(struct core *c);

/**
 * core_talk() - carry lines; may be called again to go on
 * @way: how; the same for all calls on @c
 * @seed: for CORE_RANDOM, and for the initial sequence numbers
 *
 * The first call calls ops->init().
 *
 * Return: NULL, or @c->error: what TCP would not survive.
 */
const char *core_talk(struct core *c, const struct core_line *lines,
		      u32 count, enum core_way way, u64 seed);

/**
 * core_everyway() - whole, by octets, and in @random random ways
 * @setup: called after core_new() if not NULL
 *
 * Return: NULL, or what went wrong or differed between the ways: outputs,
 * gates, counters. Valid until the next call.
 */
const char *core_everyway(const struct nat64_alg_ops *ops,
			  void (*setup)(struct core *c),
			  const struct core_line *lines, u32 count,
			  u32 random);

/** core_compare() - NULL, or in what two runs differ */
const char *core_compare(const struct core *a, const struct core *b);

/** core_gate() - the open gate with these, port in host order; or NULL */
const struct nat64_gate_spec *core_gate(const struct core *c, u8 proto,
					enum nat64_dir dir, u16 client_port);

/** core_gates_open() - how many are open, reservations included */
u32 core_gates_open(const struct core *c);

#endif
