// SPDX-License-Identifier: GPL-2.0
#include "core.h"
#include "ktap.h"
#include "stream.h"
#include "toy.h"

#define SCHEDULES 150

static void everyway(const struct core_line *talk, u32 count)
{
	const char *err = core_everyway(&toy, NULL, talk, count, SCHEDULES);

	CHECK(!err, "%s", err);
}

static void every_edit(void)
{
	static const struct core_line talk[] = {
		CORE_46("hello grow and shrink\n"),
		CORE_64("M one\nM two gone three\n"),
		CORE_46("E add\nD delete me\n+ a + b\npartial "),
		CORE_46("line grow\n"),
		CORE_64("D\n"), CORE_64("+\n"), CORE_64("E\n"),
		CORE_64("D xx"), CORE_64("x\nD a\nD b\n"),
	};

	everyway(talk, ARRAY_SIZE(talk));
}

static const struct test stream_tests[] = {
	{ "FT-04.any-cut-gives-the-same-octets", every_edit },
};

SUITE(stream);
