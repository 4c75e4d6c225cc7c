/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NAT64CTL_MEMORY_H
#define _NAT64CTL_MEMORY_H

/* Return: @p; ends the program where the allocation failed. */
void *must(void *p);

#endif /* _NAT64CTL_MEMORY_H */
