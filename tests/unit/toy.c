// SPDX-License-Identifier: GPL-2.0
#include "toy.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

struct word {
	const char *old;
	const char *new;
};

static const struct word words[] = {
	{ "grow", "much-longer-than-before" },
	{ "shrink", "s" },
	{ "gone", "" },
	{ "same", "SAME" },
};

static void replace(struct nat64_alg_ctx *ctx, u32 off, u32 len,
		    const char *new)
{
	if (nat64_alg_replace(ctx, off, len, new, (u32)strlen(new)))
		nat64_alg_count(ctx, NAT64_ALG_CNT_ERRORS);
}

/* Returns how many octets at @off are dealt with. */
static u32 edit_word(struct nat64_alg_ctx *ctx, const u8 *data, u32 len,
		     u32 off)
{
	u32 i, n;

	if (data[off] == '+') {
		replace(ctx, off, 0, "<plus>");
		return 1;
	}
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		n = (u32)strlen(words[i].old);
		if (n <= len - off && !memcmp(data + off, words[i].old, n)) {
			replace(ctx, off, n, words[i].new);
			return n;
		}
	}
	return 1;
}

static u32 number(const u8 *data, u32 len)
{
	u32 n = 0, i;

	for (i = 0; i < len && data[i] >= '0' && data[i] <= '9'; i++)
		n = n * 10 + data[i] - '0';
	return n;
}

static void open_gate(struct nat64_alg_ctx *ctx, const u8 *data, u32 len)
{
	struct nat64_gate_spec spec = {
		.proto = IPPROTO_TCP,
		.dir = NAT64_DIR_46,
		.client_port = cpu_to_be16((u16)number(data + 1, len)),
		.remote = ctx->remote4,
		.lifetime = ctx->gate_ms,
	};
	char text[8];

	if (nat64_alg_gate_open(ctx, &spec))
		return;
	snprintf(text, sizeof(text), "%u", be16_to_cpu(spec.mapped));
	replace(ctx, 1, len - 1, text);
}

static u32 payload(struct nat64_alg_ctx *ctx, enum nat64_dir dir,
		   const u8 *data, u32 len)
{
	const u8 *end = memchr(data, '\n', len);
	u32 n, off;

	(void)dir;
	if (!end)
		return 0;
	n = (u32)(end - data);
	if (data[0] == 'D') {
		replace(ctx, 0, n + 1, "");
		return n + 1;
	}
	if (data[0] == 'G') {
		open_gate(ctx, data, n);
		return n + 1;
	}
	for (off = 0; off < n;)
		off += edit_word(ctx, data, n, off);
	if (data[0] == 'E')
		replace(ctx, n + 1, 0, "tail\n");
	if (data[0] == 'M')
		nat64_alg_count(ctx, NAT64_ALG_CNT_MESSAGES);
	if (data[0] == 'S')
		nat64_alg_skip(ctx, number(data + 1, n - 1));
	if (data[0] == 'X')
		nat64_alg_transparent(ctx);
	return n + 1;
}

const struct nat64_alg_ops toy = {
	.id = NAT64_ALG_FTP,
	.hold = TOY_HOLD,
	.gates_max = 20,
	.payload = payload,
};
