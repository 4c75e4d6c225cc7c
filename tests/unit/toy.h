/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An ALG for a protocol of lines, so that streams are tested with every kind of
 * edit. A line begins with a letter:
 *
 *	D	is deleted
 *	E	is followed by "tail\n"
 *	Gport	opens a gate for the port, which the mapped one replaces
 *	M	counts as a message
 *	Snumber	is followed by so many octets that pass unseen
 *	X	ends it all
 *
 * In each line "grow", "shrink", "gone" and "+" are replaced, see toy.c.
 */
#ifndef _NAT64_TESTS_TOY_H
#define _NAT64_TESTS_TOY_H

#include "nat64_alg.h"

#define TOY_HOLD 200

extern const struct nat64_alg_ops toy;

#endif
