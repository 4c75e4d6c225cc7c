// SPDX-License-Identifier: GPL-2.0
#include "fuzz.h"

#include <unistd.h>

unsigned long fuzz_inputs;
unsigned long fuzz_hits[8];

static void check_paths(void)
{
	unsigned int i;
	bool idle = false;

	for (i = 0; i < fuzz_paths; i++) {
		fprintf(stderr, "path %u: %lu of %lu\n", i, fuzz_hits[i],
			fuzz_inputs);
		idle |= !fuzz_hits[i];
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
