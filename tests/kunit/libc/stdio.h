/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/kernel.h>
#include <linux/printk.h>

#define printf(...) printk(KERN_CONT __VA_ARGS__)
