// SPDX-License-Identifier: GPL-2.0
/*
 * Input: one octet, then a dialogue under an ALG that edits by what it reads.
 * However the network cuts, loses and reorders, the receivers must get the same
 * octets.
 */
#include "../unit/core.h"
#include "fuzz.h"

/* A dialogue without a difference, a skip, an edit, given up */
const unsigned int fuzz_paths = 4;

enum { HIT_SAME, HIT_SKIP, HIT_EDIT, HIT_GIVEN_UP };

#define HOLD 96

struct input {
	const u8 *data;
	size_t len;
};

static u8 next(struct input *in)
{
	if (!in->len)
		return 0;
	in->len--;
	return *in->data++;
}

/*
 * A message: a length, flags, and a body out of whose octets the edits come.
 * So the result depends on the octets only.
 */
static u32 parse(struct nat64_alg_ctx *ctx, enum nat64_dir dir, const u8 *data,
		 u32 len)
{
	static const u8 text[] = "0123456789abcdefghijklmnopqrstuv";
	u32 n = 2, off = 0, cut, add, i;

	(void)dir;
	if (len < 2)
		return 0;
	n += data[0] % 128;
	if (len < n)
		return 0;
	for (i = 0; i < (data[1] & 15U) && i < n; i++) {
		off += data[i] % 16;
		cut = data[i] / 16 % 4;
		add = data[i] / 64 * 9;
		if (off + cut > n)
			break;
		if (nat64_alg_replace(ctx, off, cut, text, add))
			nat64_alg_count(ctx, NAT64_ALG_CNT_ERRORS);
		else
			fuzz_hit(HIT_EDIT);
		off += cut;
	}
	if (data[1] & 16) {
		nat64_alg_skip(ctx, data[n - 1]);
		fuzz_hit(HIT_SKIP);
	}
	if (data[1] == 255 && ctx->ops->hold == HOLD) {
		nat64_alg_transparent(ctx);
		fuzz_hit(HIT_GIVEN_UP);
	}
	return data[1] & 32 && data[1] & 16 ? n / 2 : n;
}

static const struct nat64_alg_ops reader = {
	.id = NAT64_ALG_FTP,
	.hold = HOLD,
	.payload = parse,
};

/* No message is too long: one direction never changes the other. */
static const struct nat64_alg_ops tolerant = {
	.id = NAT64_ALG_FTP,
	.hold = 2 * HOLD,
	.payload = parse,
};

static void dialogue(struct input *in, bool both)
{
	struct core_line lines[16];
	u32 count = 0, len;
	const char *err;

	while (in->len && count < ARRAY_SIZE(lines)) {
		u8 what = next(in);

		len = min((u32)what % 64, (u32)in->len);
		lines[count++] = (struct core_line){
			.dir = what & 64 ? NAT64_DIR_46 : NAT64_DIR_64,
			.data = in->data,
			.len = len,
			.also = both && what & 128,
		};
		in->data += len;
		in->len -= len;
	}
	if (count && lines[count - 1].len % 3 == 0)
		lines[count - 1].fin = true;
	err = core_everyway(both ? &tolerant : &reader, NULL, lines, count, 1);
	if (err)
		fprintf(stderr, "%s\n", err);
	ENSURE(!err);
	fuzz_hit(HIT_SAME);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };

	if (size < 4 || size > 2048)
		return 0;
	fuzz_inputs++;
	dialogue(&in, next(&in) & 1);
	return 0;
}
