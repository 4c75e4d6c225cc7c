/* SPDX-License-Identifier: GPL-2.0 */
/* A test is a function; its name starts with the requirement's row. */
#ifndef _NAT64_TESTS_KTAP_H
#define _NAT64_TESTS_KTAP_H

#include <stdio.h>
#include <stdlib.h>

#include "portable.h"

struct test {
	const char *name;
	void (*run)(void);
};

struct suite {
	const struct test *tests;
	size_t count;
};

#define SUITE(s)							\
	const struct suite suite_##s = { s##_tests, ARRAY_SIZE(s##_tests) }

extern unsigned int ktap_checks;
extern unsigned int ktap_failures;

/* A failed check is reported, and the test goes on. */
#define CHECK(cond, ...) do {						\
	ktap_checks++;							\
	if (!(cond)) {							\
		ktap_failures++;					\
		printf("# %s:%d: %s: ", __FILE__, __LINE__, #cond);	\
		printf(__VA_ARGS__);					\
		printf("\n");						\
	}								\
} while (0)

#define CHECK_EQ(a, b, ...) do {					\
	long long __a = (long long)(a), __b = (long long)(b);		\
	ktap_checks++;							\
	if (__a != __b) {						\
		ktap_failures++;					\
		printf("# %s:%d: %s is %lld, expected %lld: ",		\
		       __FILE__, __LINE__, #a, __a, __b);		\
		printf(__VA_ARGS__);					\
		printf("\n");						\
	}								\
} while (0)

void ktap_check_bytes(const char *file, int line, const char *what,
		      const u8 *got, size_t got_len, const u8 *want,
		      size_t want_len);

#define CHECK_BYTES(what, got, got_len, want, want_len)			\
	ktap_check_bytes(__FILE__, __LINE__, what, got, got_len, want, want_len)

#endif
