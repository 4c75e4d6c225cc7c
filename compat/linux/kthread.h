/* SPDX-License-Identifier: GPL-2.0 */
/* Before 6.14 a worker that was created ran at once. */
#ifndef _NAT64_COMPAT_LINUX_KTHREAD_H
#define _NAT64_COMPAT_LINUX_KTHREAD_H

#include_next <linux/kthread.h>

#ifndef kthread_run_worker
#define kthread_run_worker kthread_create_worker
#endif

#endif /* _NAT64_COMPAT_LINUX_KTHREAD_H */
