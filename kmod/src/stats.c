// SPDX-License-Identifier: GPL-2.0
/* /proc/net/hellobye: a line for each side, with what was sent and lost. */

#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>

#include "hb.h"

#define HB_STATS_FILE	"hellobye"

/* In the order of enum hb_stat_attr, from HB_S_SEEN. */
static const char *const hb_stats_names[] = {
	"seen", "sent", "drop_queue", "drop_memory", "drop_client", "refused",
	"drop_rate",
};

static void hb_stats_line(struct seq_file *seq, struct hb_server *server)
{
	int i;

	seq_printf(seq, "%-5s %5u %7u %6u", server->side->name,
		   server->side->proto, READ_ONCE(server->count),
		   skb_queue_len_lockless(&server->queue));
	for (i = HB_S_SEEN; i <= HB_S_MAX; i++)
		seq_printf(seq, " %11llu", hb_stat_read(server, i));
	seq_putc(seq, '\n');
}

static int hb_stats_seq(struct seq_file *seq, void *v)
{
	struct net *net = seq_file_single_net(seq);
	int i;

	BUILD_BUG_ON(HB_S_SEEN + ARRAY_SIZE(hb_stats_names) != HB_STATS);
	seq_puts(seq, "side  proto clients queued");
	for (i = 0; i < ARRAY_SIZE(hb_stats_names); i++)
		seq_printf(seq, " %11s", hb_stats_names[i]);
	seq_putc(seq, '\n');
	for (i = 0; i < HB_SIDES; i++)
		hb_stats_line(seq, hb_server_get(net, i));
	return 0;
}

/**
 * hb_stats_show() - make the file
 * @net: the network namespace, whose servers are open
 *
 * Return: 0 or -ENOMEM.
 */
int hb_stats_show(struct net *net)
{
	if (proc_create_net_single(HB_STATS_FILE, 0444, net->proc_net,
				   hb_stats_seq, NULL))
		return 0;
	return IS_ENABLED(CONFIG_PROC_FS) ? -ENOMEM : 0;
}

/**
 * hb_stats_hide() - remove the file, when nobody reads it
 * @net: the network namespace
 */
void hb_stats_hide(struct net *net)
{
	remove_proc_entry(HB_STATS_FILE, net->proc_net);
}
