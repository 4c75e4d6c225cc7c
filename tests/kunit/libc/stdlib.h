/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/bug.h>
#include <linux/slab.h>

#define malloc(size) kmalloc(size, GFP_KERNEL)
#define calloc(count, size) kcalloc(count, size, GFP_KERNEL)
#define realloc(old, size) krealloc(old, size, GFP_KERNEL)
#define free(old) kfree(old)
#define abort() BUG()
