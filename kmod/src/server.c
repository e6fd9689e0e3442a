// SPDX-License-Identifier: GPL-2.0
/* A side in one network namespace: its socket, its hooks, its queue. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/netlink.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "hb.h"

/* Packets in a row before another namespace gets its turn. */
#define HB_BUDGET	64

static const char *const hb_owners[MAX_LINKS] = {
	[NETLINK_USERSOCK] = "user space",
	[NETLINK_SOCK_DIAG] = "sock_diag",
	[NETLINK_XFRM] = "xfrm_user",
	[NETLINK_SELINUX] = "selinux",
	[NETLINK_ISCSI] = "scsi_transport_iscsi",
	[NETLINK_AUDIT] = "audit",
	[NETLINK_FIB_LOOKUP] = "fib_lookup",
	[NETLINK_CONNECTOR] = "cn",
	[NETLINK_NETFILTER] = "nfnetlink",
	[NETLINK_KOBJECT_UEVENT] = "kobject_uevent",
	[NETLINK_GENERIC] = "genetlink",
	[NETLINK_SCSITRANSPORT] = "scsi_mod",
	[NETLINK_RDMA] = "ib_core",
	[NETLINK_CRYPTO] = "crypto_user",
};

/*
 * Runs in the sender's context. netlink_rcv_skb() would drop what has no
 * NLM_F_REQUEST, and old clients know nothing of it.
 */
static void hb_server_input(struct sk_buff *skb)
{
	struct hb_server *server = hb_server_find(sock_net(skb->sk),
						  skb->sk->sk_protocol);

	if (!server || skb->len < NLMSG_HDRLEN)
		return;
	if (nlmsg_hdr(skb)->nlmsg_flags & NLM_F_REQUEST)
		netlink_rcv_skb(skb, hb_request);
	else
		hb_legacy_receive(server, skb);
}

/**
 * hb_server_wake() - have the thread send what is waiting
 * @server: where something is waiting
 */
void hb_server_wake(struct hb_server *server)
{
	kthread_queue_work(&server->side->worker, &server->work);
}

static void hb_server_work(struct kthread_work *work)
{
	struct hb_server *server = container_of(work, struct hb_server, work);
	struct sk_buff *packet;
	int i;

	hb_clients_greet(server);
	for (i = 0; i < HB_BUDGET; i++) {
		packet = skb_dequeue(&server->queue);
		if (!packet)
			return;
		atomic_sub(packet->truesize, &server->queued);
		hb_clients_report(server, packet);
		consume_skb(packet);
	}
	hb_server_wake(server);
}

static int hb_server_hook_one(struct hb_server *server, int i, bool on)
{
	int err = 0;

	if (on && !server->hooked[i])
		err = nf_register_net_hook(server->net, &server->ops[i]);
	if (!on && server->hooked[i])
		nf_unregister_net_hook(server->net, &server->ops[i]);
	if (!err)
		server->hooked[i] = on;
	return err;
}

static bool hb_server_wants(struct hb_server *server, u8 family)
{
	struct hb_client *client;

	list_for_each_entry(client, &server->clients, list)
		if (!client->wish.filter.family ||
		    client->wish.filter.family == family)
			return true;
	return false;
}

static unsigned int hb_server_snaplen(struct hb_server *server)
{
	struct hb_client *client;
	unsigned int len = 0;

	list_for_each_entry(client, &server->clients, list)
		len = max(len, client->wish.snaplen);
	return len;
}

/**
 * hb_server_hook() - look at the packets that the clients want, and no others
 * @server: whose clients have changed; locked
 *
 * A hook that goes may still run until a grace period has passed.
 *
 * Return: 0 or a negative errno.
 */
int hb_server_hook(struct hb_server *server)
{
	int i, err = 0;

	lockdep_assert_held(&server->lock);
	WRITE_ONCE(server->snaplen, hb_server_snaplen(server));
	for (i = 0; !err && i < ARRAY_SIZE(server->ops); i++)
		err = hb_server_hook_one(server, i,
					 hb_server_wants(server,
							 server->ops[i].pf));
	return err;
}

/**
 * hb_server_limit() - change what is granted
 * @server: locked
 * @limits: checked
 */
void hb_server_limit(struct hb_server *server, const struct hb_limits *limits)
{
	lockdep_assert_held(&server->lock);
	server->limits.max_clients = limits->max_clients;
	server->limits.snaplen = limits->snaplen;
	server->limits.pps = limits->pps;
	server->limits.burst = limits->burst;
	WRITE_ONCE(server->limits.queue_len, limits->queue_len);
	WRITE_ONCE(server->limits.queue_bytes, limits->queue_bytes);
	hb_rate_set(&server->rate, limits->pps, limits->burst);
}

static void hb_server_init(struct hb_server *server, struct hb_side *side,
			   struct net *net)
{
	server->side = side;
	server->net = net;
	hb_packet_hooks(server);
	hb_rate_init(&server->rate);
	skb_queue_head_init(&server->queue);
	kthread_init_work(&server->work, hb_server_work);
	mutex_init(&server->lock);
	INIT_LIST_HEAD(&server->clients);
}

/* Number 2 has no owner in the kernel and yet is not to be had. */
static struct sock *hb_socket_create(struct net *net, unsigned int proto)
{
	struct netlink_kernel_cfg cfg = {
		.groups = HB_GRP_EVENTS,
		.input = hb_server_input,
	};

	if (proto == NETLINK_USERSOCK)
		return NULL;
	return netlink_kernel_create(net, proto, &cfg);
}

/**
 * hb_server_open() - take a side's netlink protocol in a network namespace
 * @server: zeroed memory
 * @side: which side
 * @net: where
 *
 * Return: 0, or -EBUSY after a line in the log, with nothing left behind.
 */
int hb_server_open(struct hb_server *server, struct hb_side *side,
		   struct net *net)
{
	const char *owner = hb_owners[side->proto];

	hb_server_init(server, side, net);
	mutex_lock(&server->lock);
	hb_server_limit(server, &hb_limits);
	server->sk = hb_socket_create(net, side->proto);
	mutex_unlock(&server->lock);
	if (server->sk)
		return 0;
	pr_err("netlink protocol %u is taken%s%s: choose another with %s_proto=\n",
	       side->proto, owner ? ", probably by " : "", owner ?: "",
	       side->name);
	return -EBUSY;
}

/**
 * hb_server_close() - forget the clients, take no others, look at no packets
 * @server: an open server
 *
 * The hook may still run until a grace period has passed.
 */
void hb_server_close(struct hb_server *server)
{
	mutex_lock(&server->lock);
	server->closed = true;
	hb_clients_clear(server);
	mutex_unlock(&server->lock);
}

/**
 * hb_server_release() - give the netlink protocol back
 * @server: closed, and a grace period ago
 */
void hb_server_release(struct hb_server *server)
{
	kthread_cancel_work_sync(&server->work);
	skb_queue_purge(&server->queue);
	netlink_kernel_release(server->sk);
}
