/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration of a namespace, read as one. */
#ifndef _NAT64CTL_SNAPSHOT_H
#define _NAT64CTL_SNAPSHOT_H

#include "plan.h"

/**
 * struct settings - what the module says about timeouts, limits or options
 * @entries: as reported, with texts of their own
 * @n: how many
 * @room: in @entries
 */
struct settings {
	struct entry *entries;
	size_t n;
	size_t room;
};

/**
 * struct snapshot - a configuration
 * @plan: the changes that make it from nothing, in the canonical order
 * @settings: all of the settings, by object
 * @version: of the module
 */
struct snapshot {
	struct plan plan;
	struct settings settings[NAT64_OBJECT_OPTION + 1];
	char version[NAT64_TEXT_MAX];
};

/* Return: an exit code. @snap needs snapshot_free() in every case. */
int snapshot_read(struct ctl *ctl, struct snapshot *snap);
void snapshot_free(struct snapshot *snap);

bool setting_is_default(const struct entry *e);

/* Return: the setting of that name, or NULL. */
const struct entry *snapshot_setting(const struct snapshot *snap,
				     uint8_t object, const char *name);

#endif /* _NAT64CTL_SNAPSHOT_H */
