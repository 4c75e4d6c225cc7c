// SPDX-License-Identifier: GPL-2.0
#include "fuzz.h"

#include <unistd.h>

#define PATHS 8

unsigned long fuzz_inputs;
static unsigned long hits[PATHS];

/* Counts as coverage, so that every path stays in the corpus. */
static u8 taken[PATHS] __attribute__((section("__libfuzzer_extra_counters")));

void fuzz_hit(unsigned int path)
{
	ENSURE(path < fuzz_paths && path < PATHS);
	hits[path]++;
	taken[path] = 1;
}

static void check_paths(void)
{
	unsigned int i;
	bool idle = false;

	for (i = 0; i < fuzz_paths; i++) {
		fprintf(stderr, "path %u: %lu of %lu\n", i, hits[i],
			fuzz_inputs);
		idle |= !hits[i];
	}
	if (idle && fuzz_inputs >= FUZZ_ENOUGH) {
		fprintf(stderr, "a path was never taken\n");
		_exit(1);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return atexit(check_paths);
}

u8 *fuzz_copy(const u8 *data, size_t len)
{
	u8 *copy = malloc(len ? len : 1);

	ENSURE(copy);
	if (len)
		memcpy(copy, data, len);
	return copy;
}
