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
 * How often the interesting path was taken. A long run that never took it
 * has tested nothing and fails.
 */
#define FUZZ_ENOUGH 10000
extern unsigned long fuzz_inputs;
extern unsigned long fuzz_hits[8];
extern const unsigned int fuzz_paths;

/* malloc()ed copy of exactly @len octets */
u8 *fuzz_copy(const u8 *data, size_t len);

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#endif
