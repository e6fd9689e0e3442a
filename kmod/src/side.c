// SPDX-License-Identifier: GPL-2.0
/* The table of sides, their numbers and their threads. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/netlink.h>

#include "hb.h"

struct hb_side hb_sides[HB_SIDES] = {
	[HB_HELLO] = {
		.name = "hello",
		.thread = "hello_server",
		.greeting = HB_GREETING_HELLO,
		.proto = HB_PROTO_HELLO,
	},
	[HB_BYE] = {
		.name = "bye",
		.thread = "bye_server",
		.greeting = HB_GREETING_BYE,
		.proto = HB_PROTO_BYE,
	},
};

/**
 * hb_sides_check() - look at the numbers that the parameters ask for
 *
 * Return: 0, or -EINVAL after a line in the log.
 */
int __init hb_sides_check(void)
{
	int i;

	for (i = 0; i < HB_SIDES; i++) {
		if (hb_sides[i].proto < 1 || hb_sides[i].proto >= MAX_LINKS) {
			pr_err("%s_proto=%u is not in 1..%u\n",
			       hb_sides[i].name, hb_sides[i].proto,
			       MAX_LINKS - 1);
			return -EINVAL;
		}
	}
	if (hb_sides[HB_HELLO].proto == hb_sides[HB_BYE].proto) {
		pr_err("hello_proto and bye_proto are both %u, but must differ\n",
		       hb_sides[HB_HELLO].proto);
		return -EINVAL;
	}
	return 0;
}

static void hb_side_stop(struct hb_side *side)
{
	kthread_flush_worker(&side->worker);
	kthread_stop(side->task);
}

static int __init hb_side_start(struct hb_side *side)
{
	kthread_init_worker(&side->worker);
	side->task = kthread_run(kthread_worker_fn, &side->worker, "%s",
				 side->thread);
	return PTR_ERR_OR_ZERO(side->task);
}

/**
 * hb_sides_start() - start the thread of each side
 *
 * Return: 0, or a negative errno with no thread left.
 */
int __init hb_sides_start(void)
{
	int i, err;

	for (i = 0; i < HB_SIDES; i++) {
		err = hb_side_start(&hb_sides[i]);
		if (err)
			goto stop;
	}
	return 0;

stop:
	pr_err("%s: thread does not start: %d\n", hb_sides[i].name, err);
	while (i--)
		hb_side_stop(&hb_sides[i]);
	return err;
}

/**
 * hb_sides_stop() - end the threads
 *
 * All servers must have been released.
 */
void hb_sides_stop(void)
{
	int i;

	for (i = HB_SIDES - 1; i >= 0; i--)
		hb_side_stop(&hb_sides[i]);
}
