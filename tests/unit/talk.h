/* SPDX-License-Identifier: GPL-2.0 */
/* Dialogues of a text protocol: what is said and what has to arrive. */
#ifndef _NAT64_TESTS_TALK_H
#define _NAT64_TESTS_TALK_H

#include "core.h"
#include "ktap.h"

/* @want NULL: as it was said */
struct say {
	enum nat64_dir dir;
	const char *said;
	const char *want;
};

#define TO_6 NAT64_DIR_46
#define TO_4 NAT64_DIR_64

/*
 * Has a dialogue carried in every way, with the same outcome, and checks what
 * arrived. Returns one of the connections, to look at gates and counters.
 */
struct core *talk(const char *what, const struct nat64_alg_ops *ops,
		  void (*setup)(struct core *c), const struct say *say,
		  u32 count);

/* As talk(), where arrivals do not matter */
struct core *mumble(const char *what, const struct nat64_alg_ops *ops,
		    void (*setup)(struct core *c), const struct say *say,
		    u32 count);

/* A gate for UDP from the IPv4 side is open, and leads from where to where */
void check_gate46(const char *what, const struct core *c, u16 client_port,
		  u16 mapped, u16 remote_port, bool reserved);

/* A gate for UDP from the IPv6 side */
void check_gate64(const char *what, const struct core *c, u16 client_port,
		  u16 remote_port);

#endif
