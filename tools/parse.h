/* SPDX-License-Identifier: GPL-2.0 */
/* Words into values; strict, and nothing but the whole word counts. */
#ifndef _NAT64CTL_PARSE_H
#define _NAT64CTL_PARSE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "nat64ctl.h"

/* Decimal digits only. */
bool parse_number(const char *word, uint64_t max, uint64_t *number);

/* 300, 300s, 5min, 5m, 2h, 1d, 500ms or a sum such as 1h30min; seconds
 * where no unit is given.
 */
bool parse_duration(const char *word, uint64_t *ms);

bool parse_addr4(const char *word, struct in_addr *addr);
bool parse_addr6(const char *word, struct in6_addr *addr);

/* ADDRESS/LENGTH; @len is the family's maximum where none is given. */
bool parse_net4(const char *word, struct in_addr *addr, uint64_t *len);
bool parse_net6(const char *word, struct in6_addr *addr, uint64_t *len);

/* A, A-B or A/LENGTH. Return: NULL, or what is wrong with it. */
const char *parse_range4(const char *word, struct in_addr *first,
			 struct in_addr *last);

/* N or N-M with N <= M */
bool parse_ports(const char *word, uint64_t *min, uint64_t *max);

/* N-M */
bool parse_span(const char *word, uint64_t *min, uint64_t *max);

/**
 * parse_keywords - reads the options of a command
 * @ctl: for complaints
 * @w: every word that is left
 * @keywords: that may occur
 * @e: gets the attributes
 *
 * Return: CTL_OK, or CTL_USAGE after a complaint.
 */
int parse_keywords(struct ctl *ctl, struct words *w,
		   const struct keyword *keywords, struct entry *e);

/* Complains about words that are left over. */
int parse_end(struct ctl *ctl, struct words *w);

/* Takes a word, complains where there is none; @what names it. */
const char *parse_take(struct ctl *ctl, struct words *w, const char *what);

/* Takes a word for a text attribute of at most @room bytes with its NUL. */
int parse_text(struct ctl *ctl, struct words *w, const char *what, size_t room,
	       struct entry *e, int attr);

#endif /* _NAT64CTL_PARSE_H */
