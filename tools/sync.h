/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NAT64CTL_SYNC_H
#define _NAT64CTL_SYNC_H

#include "snapshot.h"

/**
 * sync_plan - the changes that turn one configuration into another
 * @diff: gets them, in an order in which they can be applied
 * @file: what is wanted, as written; must outlive @diff
 * @snap: what is; must outlive @diff
 */
void sync_plan(struct plan *diff, const struct plan *file,
	       const struct snapshot *snap);

#endif /* _NAT64CTL_SYNC_H */
