// SPDX-License-Identifier: GPL-2.0
#include "memory.h"

#include <err.h>
#include <stddef.h>

#include "nat64ctl.h"

void *must(void *p)
{
	if (!p)
		err(CTL_REFUSED, NULL);
	return p;
}
