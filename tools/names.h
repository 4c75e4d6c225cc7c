/* SPDX-License-Identifier: GPL-2.0 */
/* Words for the numbers of the protocol. */
#ifndef _NAT64CTL_NAMES_H
#define _NAT64CTL_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/* Ended by a NULL name. */
struct name {
	uint8_t number;
	const char *name;
};

extern const struct name proto_names[];
extern const struct name state_names[];
extern const struct name event_names[];
extern const struct name quota_names[];

/* Return: the word, or NULL where the number is news to us. */
const char *name_of(const struct name *names, uint64_t number);
bool name_number(const struct name *names, const char *name, uint64_t *number);

#endif /* _NAT64CTL_NAMES_H */
