// SPDX-License-Identifier: GPL-2.0
/*
 * The processor time that a User-Mode Linux kernel has used, in nanoseconds,
 * and its process number, as /proc/bench_clock. Time that other programs of a
 * busy machine take is not in it. Only the machine's own kernel knows either, so
 * it is asked directly.
 */
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/time64.h>

#define HOST_GETPID 39
#define HOST_CLOCK_GETTIME 228
#define HOST_CLOCK_PROCESS_CPUTIME_ID 2

static long host_call(long number, long a, void *b)
{
	long result;

	asm volatile("syscall" : "=a" (result)
		     : "a" (number), "D" (a), "S" (b)
		     : "rcx", "r11", "memory");
	return result;
}

static int clock_show(struct seq_file *m, void *v)
{
	struct { long sec, nsec; } now = {};
	long err;

	err = host_call(HOST_CLOCK_GETTIME, HOST_CLOCK_PROCESS_CPUTIME_ID, &now);
	if (err)
		return err;
	seq_printf(m, "%lld %ld\n", now.sec * NSEC_PER_SEC + now.nsec,
		   host_call(HOST_GETPID, 0, NULL));
	return 0;
}

static int __init clock_init(void)
{
	return proc_create_single("bench_clock", 0400, NULL, clock_show) ?
		       0 : -ENOMEM;
}

static void __exit clock_exit(void)
{
	remove_proc_entry("bench_clock", NULL);
}

module_init(clock_init);
module_exit(clock_exit);
MODULE_DESCRIPTION("Processor time of this kernel as its host counts it");
MODULE_LICENSE("GPL");
