// SPDX-License-Identifier: GPL-2.0
/* A side in one network namespace: its socket, its hook, its queue. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ip.h>
#include <linux/netlink.h>
#include <net/netlink.h>
#include <net/sock.h>

#include <hellobye.h>
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

static int hb_request(struct sk_buff *skb, struct nlmsghdr *nlh,
		      struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG_MOD(extack, "unknown message type");
	return -EOPNOTSUPP;
}

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
		hb_clients_report(server, packet);
		consume_skb(packet);
	}
	hb_server_wake(server);
}

/* At PRE_ROUTING the buffer's data starts with the IP header. */
static struct sk_buff *hb_packet_copy(const struct sk_buff *skb)
{
	unsigned int len = min_t(unsigned int, skb->len, HB_PACKET_MAX);
	struct sk_buff *copy;

	copy = alloc_skb(len, GFP_ATOMIC | __GFP_NOWARN);
	if (copy && skb_copy_bits(skb, 0, skb_put(copy, len), len)) {
		kfree_skb(copy);
		copy = NULL;
	}
	return copy;
}

static void hb_packet_queue(struct hb_server *server, const struct sk_buff *skb)
{
	struct sk_buff *copy;

	hb_stat_inc(server, HB_STAT_SEEN);
	if (skb_queue_len_lockless(&server->queue) >= hb_queue_len) {
		hb_stat_inc(server, HB_STAT_DROP_QUEUE);
		return;
	}
	copy = hb_packet_copy(skb);
	if (!copy) {
		hb_stat_inc(server, HB_STAT_DROP_MEMORY);
		return;
	}
	skb_queue_tail(&server->queue, copy);
	hb_server_wake(server);
}

/* Whatever goes wrong here, the packet goes on. */
static unsigned int hb_packet_hook(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	if (ip_hdr(skb)->protocol == IPPROTO_ICMP)
		hb_packet_queue(priv, skb);
	return NF_ACCEPT;
}

/**
 * hb_server_hook() - begin to look at packets
 * @server: whose first client comes; locked
 *
 * Return: 0 or a negative errno.
 */
int hb_server_hook(struct hb_server *server)
{
	lockdep_assert_held(&server->lock);
	return nf_register_net_hook(server->net, &server->ops);
}

/**
 * hb_server_unhook() - look at packets no longer
 * @server: whose last client has gone; locked
 *
 * The hook may still run until a grace period has passed.
 */
void hb_server_unhook(struct hb_server *server)
{
	lockdep_assert_held(&server->lock);
	nf_unregister_net_hook(server->net, &server->ops);
}

static void hb_server_init(struct hb_server *server, struct hb_side *side,
			   struct net *net)
{
	server->side = side;
	server->net = net;
	server->ops.hook = hb_packet_hook;
	server->ops.pf = NFPROTO_IPV4;
	server->ops.hooknum = NF_INET_PRE_ROUTING;
	server->ops.priority = hb_hook_priority;
	server->ops.priv = server;
	skb_queue_head_init(&server->queue);
	kthread_init_work(&server->work, hb_server_work);
	mutex_init(&server->lock);
	INIT_LIST_HEAD(&server->clients);
}

/* Number 2 has no owner in the kernel and yet is not to be had. */
static struct sock *hb_socket_create(struct net *net, unsigned int proto)
{
	struct netlink_kernel_cfg cfg = { .input = hb_server_input };

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
