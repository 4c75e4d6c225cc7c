/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NAT64CTL_SESSION_H
#define _NAT64CTL_SESSION_H

#include "print.h"

/* What sessions, gates and events have in common. */
extern const struct field session_fields[];

#endif /* _NAT64CTL_SESSION_H */
