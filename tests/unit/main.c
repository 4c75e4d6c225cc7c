// SPDX-License-Identifier: GPL-2.0
/* Runs every suite and prints KTAP, or with an argument the names only. */
#include "suites.h"

static const struct suite *const suites[] = {
#define X(name) &suite_##name,
	SUITES(X)
#undef X
};

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

static int run_all(void)
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

int main(int argc, char **argv)
{
	size_t i, k;

	(void)argv;
	if (argc == 1)
		return run_all();
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		for (k = 0; k < suites[i]->count; k++)
			printf("%s\n", suites[i]->tests[k].name);
	}
	return EXIT_SUCCESS;
}
