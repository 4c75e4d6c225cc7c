// SPDX-License-Identifier: GPL-2.0
/* The suites of tests/unit, each a case of KUnit, each test a parameter. */
#include <kunit/test.h>
#include <linux/module.h>

#include "suites.h"

/* A test that checks nothing has not been run. */
static void run(struct kunit *kunit)
{
	const struct test *test = kunit->param_value;

	ktap_checks = 0;
	ktap_failures = 0;
	test->run();
	KUNIT_EXPECT_NE(kunit, ktap_checks, 0);
	KUNIT_EXPECT_EQ(kunit, ktap_failures, 0);
}

static const void *next(const struct suite *suite, const void *prev, char *name)
{
	const struct test *test = prev ? (const struct test *)prev + 1 :
					 suite->tests;

	if (test == suite->tests + suite->count)
		return NULL;
	strscpy(name, test->name, KUNIT_PARAM_DESC_SIZE);
	return test;
}

#define X(suite)							\
static const void *next_##suite(const void *prev, char *name)		\
{									\
	return next(&suite_##suite, prev, name);			\
}
SUITES(X)
#undef X

static struct kunit_case cases[] = {
#define X(suite) { .run_case = run, .name = #suite, .generate_params = next_##suite },
	SUITES(X)
#undef X
	{ }
};

static struct kunit_suite suite = {
	.name = "nat64",
	.test_cases = cases,
};
kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Unit tests of nat64");
