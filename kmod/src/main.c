// SPDX-License-Identifier: GPL-2.0
/*
 * Two netlink protocols that greet their clients and then report incoming ICMP
 * packets to them. Here: parameters, loading, network namespaces.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netlink.h>
#include <net/netns/generic.h>

#include "hb.h"

struct hb_limits hb_limits = {
	.max_clients = 16,
	.queue_len = 256,
	.queue_bytes = 2 << 20,
	.snaplen = 2048,
	.burst = 256,
};

int hb_hook_priority = NF_IP_PRI_FILTER + 1;

module_param_named(hello_proto, hb_sides[HB_HELLO].proto, uint, 0444);
MODULE_PARM_DESC(hello_proto, "netlink protocol of hello, 1..31 (default: 19)");
module_param_named(bye_proto, hb_sides[HB_BYE].proto, uint, 0444);
MODULE_PARM_DESC(bye_proto, "netlink protocol of bye, 1..31 (default: 21)");
module_param_named(max_clients, hb_limits.max_clients, uint, 0444);
MODULE_PARM_DESC(max_clients,
		 "clients per protocol and network namespace, 1..1024 (default: 16)");
module_param_named(queue_len, hb_limits.queue_len, uint, 0444);
MODULE_PARM_DESC(queue_len,
		 "packets waiting per protocol and network namespace, 1..65536 (default: 256)");
module_param_named(queue_bytes, hb_limits.queue_bytes, uint, 0444);
MODULE_PARM_DESC(queue_bytes,
		 "memory of packets waiting per protocol and network namespace, 1..1073741824 (default: 2097152)");
module_param_named(snaplen, hb_limits.snaplen, uint, 0444);
MODULE_PARM_DESC(snaplen,
		 "bytes of a packet that a client may ask for, 1..65531 (default: 2048)");
module_param_named(pps, hb_limits.pps, uint, 0444);
MODULE_PARM_DESC(pps,
		 "packets a second per protocol and network namespace, 0..1000000 (default: 0, no limit)");
module_param_named(burst, hb_limits.burst, uint, 0444);
MODULE_PARM_DESC(burst,
		 "packets at once, beyond pps, 1..65536 (default: 256)");
module_param_named(hook_priority, hb_hook_priority, int, 0444);
MODULE_PARM_DESC(hook_priority,
		 "place among the netfilter hooks at PRE_ROUTING (default: 1, just after filter)");

struct hb_net {
	struct hb_server servers[HB_SIDES];
};

static unsigned int hb_net_id __read_mostly;

/**
 * hb_server_get() - server of a side
 * @net: network namespace
 * @id: side
 *
 * Return: the server; it lives as long as the namespace, or the module.
 */
struct hb_server *hb_server_get(struct net *net, enum hb_side_id id)
{
	struct hb_net *hn = net_generic(net, hb_net_id);

	return &hn->servers[id];
}

/**
 * hb_server_find() - server that owns a netlink protocol
 * @net: network namespace
 * @proto: netlink protocol number
 *
 * Return: the server, or NULL when the number is somebody else's.
 */
struct hb_server *hb_server_find(struct net *net, unsigned int proto)
{
	int i;

	for (i = 0; i < HB_SIDES; i++)
		if (hb_sides[i].proto == proto)
			return hb_server_get(net, i);
	return NULL;
}

/* Hooks may run until a grace period after hb_server_close() has passed. */
static void hb_net_undo(struct net *net, int opened)
{
	int i;

	for (i = opened - 1; i >= 0; i--)
		hb_server_close(hb_server_get(net, i));
	synchronize_rcu();
	for (i = opened - 1; i >= 0; i--)
		hb_server_release(hb_server_get(net, i));
}

static int __net_init hb_net_init(struct net *net)
{
	int i, err;

	for (i = 0; i < HB_SIDES; i++) {
		err = hb_server_open(hb_server_get(net, i), &hb_sides[i], net);
		if (err)
			goto undo;
	}
	err = hb_stats_show(net);
	if (!err)
		return 0;
undo:
	hb_net_undo(net, i);
	return err;
}

/* The caller waits for a grace period between this and hb_net_exit(). */
static void __net_exit hb_net_pre_exit(struct net *net)
{
	int i;

	hb_stats_hide(net);
	for (i = HB_SIDES - 1; i >= 0; i--)
		hb_server_close(hb_server_get(net, i));
}

static void __net_exit hb_net_exit(struct net *net)
{
	int i;

	for (i = HB_SIDES - 1; i >= 0; i--)
		hb_server_release(hb_server_get(net, i));
}

static struct pernet_operations hb_net_ops = {
	.init = hb_net_init,
	.pre_exit = hb_net_pre_exit,
	.exit = hb_net_exit,
	.id = &hb_net_id,
	.size = sizeof(struct hb_net),
};

static int __init hb_check(const char *name, unsigned int value,
			   unsigned int min, unsigned int max)
{
	if (value >= min && value <= max)
		return 0;
	pr_err("%s=%u is not in %u..%u\n", name, value, min, max);
	return -EINVAL;
}

static int __init hb_params_check(void)
{
	return hb_sides_check() ?:
	       hb_check("max_clients", hb_limits.max_clients, 1,
			HB_CLIENTS_MAX) ?:
	       hb_check("queue_len", hb_limits.queue_len, 1,
			HB_QUEUE_LEN_MAX) ?:
	       hb_check("queue_bytes", hb_limits.queue_bytes, 1,
			HB_QUEUE_BYTES_MAX) ?:
	       hb_check("snaplen", hb_limits.snaplen, 1, HB_SNAPLEN_MAX) ?:
	       hb_check("pps", hb_limits.pps, 0, HB_PPS_MAX) ?:
	       hb_check("burst", hb_limits.burst, 1, HB_QUEUE_LEN_MAX);
}

static int __init hb_init(void)
{
	int err;

	err = hb_params_check();
	if (err)
		return err;
	err = hb_sides_start();
	if (err)
		return err;
	err = register_pernet_subsys(&hb_net_ops);
	if (err)
		goto stop_sides;
	/*
	 * Needs the namespaces' state. A client that has come and gone before
	 * this line is forgotten when the first packet cannot be delivered.
	 */
	err = netlink_register_notifier(&hb_client_notifier);
	if (err)
		goto unregister_pernet;
	return 0;

unregister_pernet:
	unregister_pernet_subsys(&hb_net_ops);
stop_sides:
	hb_sides_stop();
	return err;
}

static void __exit hb_exit(void)
{
	netlink_unregister_notifier(&hb_client_notifier);
	unregister_pernet_subsys(&hb_net_ops);
	hb_sides_stop();
}

module_init(hb_init);
module_exit(hb_exit);

MODULE_DESCRIPTION("Reports incoming ICMP packets to netlink clients that said hello or bye");
MODULE_AUTHOR("The bootlink authors");
MODULE_VERSION("1.1");
MODULE_LICENSE("GPL");
/* Of the default numbers 19 only: 21 is what crypto_user is loaded by. */
MODULE_ALIAS_NET_PF_PROTO(PF_NETLINK, HB_PROTO_HELLO);
