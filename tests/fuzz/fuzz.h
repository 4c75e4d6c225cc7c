/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzz targets share. */
#ifndef _NAT64_TESTS_FUZZ_H
#define _NAT64_TESTS_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "portable.h"

#define ENSURE(cond) do {						\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
			__LINE__, #cond);				\
		abort();						\
	}								\
} while (0)

/*
 * How many inputs there were, and how often a path that the target is about was
 * taken. A run that never took one has tested nothing and fails, unless it is
 * of a few chosen inputs.
 */
#define FUZZ_ENOUGH 10000
extern unsigned long fuzz_inputs;
extern const unsigned int fuzz_paths;
void fuzz_hit(unsigned int path);

/* malloc()ed copy of exactly @len octets */
u8 *fuzz_copy(const u8 *data, size_t len);

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#endif
