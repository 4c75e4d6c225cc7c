// SPDX-License-Identifier: GPL-2.0
/*
 * Decides which calls of a module built with faults.h fail.
 *
 * Parameter mode: "off"; "first", every site fails once, when it is called for
 * the first time; or a number N, one call of N fails. The file nat64_faults in
 * debugfs lists the sites that were called: calls, failures, name.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#define SITES	256
#define NAME	64

struct site {
	char name[NAME];
	unsigned long calls;
	unsigned long fails;
};

static DEFINE_SPINLOCK(lock); /* all below */
static struct site sites[SITES];
static unsigned int count;
static bool first;
static unsigned int one_of;
static struct dentry *file;

static int mode_set(const char *text, const struct kernel_param *param)
{
	unsigned long flags;
	unsigned int n = 0;

	if (!sysfs_streq(text, "off") && !sysfs_streq(text, "first") &&
	    (kstrtouint(text, 10, &n) || !n))
		return -EINVAL;
	spin_lock_irqsave(&lock, flags);
	first = sysfs_streq(text, "first");
	one_of = n;
	spin_unlock_irqrestore(&lock, flags);
	return 0;
}

static const struct kernel_param_ops mode_ops = { .set = mode_set };
module_param_cb(mode, &mode_ops, NULL, 0200);

/* The name goes with the module, so a copy of it is compared. */
static struct site *site_get(const char *name)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (!strcmp(sites[i].name, name))
			return &sites[i];
	if (WARN_ON(count == SITES || strlen(name) >= NAME))
		return NULL;
	strscpy(sites[count].name, name, NAME);
	return &sites[count++];
}

bool nat64_fault(const char *name)
{
	unsigned long flags;
	struct site *site;
	bool fails = false;

	spin_lock_irqsave(&lock, flags);
	site = site_get(name);
	if (site) {
		site->calls++;
		fails = (first && !site->fails) ||
			(one_of && get_random_u32() % one_of == 0);
		site->fails += fails;
	}
	spin_unlock_irqrestore(&lock, flags);
	return fails;
}
EXPORT_SYMBOL_GPL(nat64_fault);

static int list_show(struct seq_file *seq, void *unused)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		seq_printf(seq, "%lu %lu %s\n", sites[i].calls, sites[i].fails,
			   sites[i].name);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(list);

static int __init faults_init(void)
{
	file = debugfs_create_file("nat64_faults", 0400, NULL, NULL,
				   &list_fops);
	return 0;
}

static void __exit faults_exit(void)
{
	debugfs_remove(file);
}

module_init(faults_init);
module_exit(faults_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Failures on demand for nat64.ko");
