// SPDX-License-Identifier: GPL-2.0
/* Runs every suite and prints KTAP. */
#include "ktap.h"

extern const struct suite suite_address;
extern const struct suite suite_checksum;
extern const struct suite suite_core;
extern const struct suite suite_endpoint;
extern const struct suite suite_ftp;
extern const struct suite suite_header;
extern const struct suite suite_icmp;
extern const struct suite suite_stream;
extern const struct suite suite_hostile;
extern const struct suite suite_pptp;
extern const struct suite suite_rtsp;
extern const struct suite suite_sdp;
extern const struct suite suite_transport;
extern const struct suite suite_tcpstate;
extern const struct suite suite_text;

static const struct suite *const suites[] = {
	&suite_address, &suite_checksum, &suite_endpoint, &suite_ftp,
	&suite_header, &suite_icmp, &suite_core, &suite_stream, &suite_tcpstate,
	&suite_text,
	&suite_rtsp, &suite_transport, &suite_sdp, &suite_hostile,
	&suite_pptp,
};

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

/* A test that checks nothing has not been run. */
static bool run(const struct test *t, unsigned int number)
{
	bool ok;

	ktap_checks = 0;
	ktap_failures = 0;
	t->run();
	ok = ktap_checks && !ktap_failures;
	printf("%s %u %s\n", ok ? "ok" : "not ok", number, t->name);
	fflush(stdout);
	return ok;
}

int main(void)
{
	unsigned int number = 0, failed = 0;
	size_t total = 0, i, k;

	for (i = 0; i < ARRAY_SIZE(suites); i++)
		total += suites[i]->count;
	printf("KTAP version 1\n1..%zu\n", total);
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		for (k = 0; k < suites[i]->count; k++)
			failed += !run(&suites[i]->tests[k], ++number);
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
