/* SPDX-License-Identifier: GPL-2.0 */
/* What core.c and network.c share; tests use core.h. */
#ifndef _NAT64_TESTS_NETWORK_H
#define _NAT64_TESTS_NETWORK_H

#include "core.h"

void network_free(struct core *c);
void core_give_up(struct core *c);

#endif
