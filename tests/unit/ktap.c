// SPDX-License-Identifier: GPL-2.0
#include "ktap.h"

unsigned int ktap_checks;
unsigned int ktap_failures;

static void dump(const char *name, const u8 *b, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (i % 16 == 0)
			printf("%s# %s %04zx:", i ? "\n" : "", name, i);
		printf(" %02x", b[i]);
	}
	printf("\n");
}

void ktap_check_bytes(const char *file, int line, const char *what,
		      const u8 *got, size_t got_len, const u8 *want,
		      size_t want_len)
{
	size_t at;

	ktap_checks++;
	if (got_len == want_len && !memcmp(got, want, got_len))
		return;
	ktap_failures++;
	for (at = 0; at < got_len && at < want_len && got[at] == want[at];)
		at++;
	printf("# %s:%d: %s: %zu octets, expected %zu, differ at %zu\n", file,
	       line, what, got_len, want_len, at);
	dump("got ", got, got_len);
	dump("want", want, want_len);
}
