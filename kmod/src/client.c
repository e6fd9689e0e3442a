// SPDX-License-Identifier: GPL-2.0
/* The clients of a server: who they are, and what is sent to them. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/netlink.h>

#include "hb.h"

/* Greetings that a client can be owed; it gets one a message. */
#define HB_GREET_MAX	16

struct hb_client {
	struct list_head list;
	u32 portid;
	unsigned int greet;
};

static struct hb_client *hb_client_find(struct hb_server *server, u32 portid)
{
	struct hb_client *client;

	list_for_each_entry(client, &server->clients, list)
		if (client->portid == portid)
			return client;
	return NULL;
}

static void hb_client_remove(struct hb_server *server, struct hb_client *client)
{
	list_del(&client->list);
	kfree(client);
	WRITE_ONCE(server->count, server->count - 1);
	if (!server->count)
		hb_server_unhook(server);
}

static struct hb_client *hb_client_create(struct hb_server *server, u32 portid)
{
	struct hb_client *client;
	int err;

	if (server->count >= hb_max_clients)
		return ERR_PTR(-ENOSPC);
	client = kzalloc(sizeof(*client), GFP_KERNEL_ACCOUNT);
	if (!client)
		return ERR_PTR(-ENOMEM);
	err = server->count ? 0 : hb_server_hook(server);
	if (err) {
		kfree(client);
		return ERR_PTR(err);
	}
	client->portid = portid;
	list_add_tail(&client->list, &server->clients);
	WRITE_ONCE(server->count, server->count + 1);
	return client;
}

static int hb_client_add_locked(struct hb_server *server, u32 portid)
{
	struct hb_client *client = hb_client_find(server, portid);
	bool known = client;

	if (server->closed)
		return -ESHUTDOWN;
	if (!known)
		client = hb_client_create(server, portid);
	if (IS_ERR(client))
		return PTR_ERR(client);
	if (client->greet < HB_GREET_MAX)
		client->greet++;
	return known;
}

/**
 * hb_client_add() - register a client, and owe it a greeting
 * @server: whose client it becomes
 * @portid: port ID of the client's socket, from the socket itself
 *
 * Return: 0, 1 when it was a client already, or a negative errno: -ENOSPC when
 * there are too many.
 */
int hb_client_add(struct hb_server *server, u32 portid)
{
	int ret;

	mutex_lock(&server->lock);
	ret = hb_client_add_locked(server, portid);
	mutex_unlock(&server->lock);
	if (ret >= 0)
		hb_server_wake(server);
	return ret;
}

/* Takes the message. The client may be gone afterwards. */
static void hb_client_send(struct hb_server *server, struct hb_client *client,
			   struct sk_buff *msg)
{
	int err = msg ? nlmsg_unicast(server->sk, msg, client->portid) :
			-ENOMEM;

	switch (err) {
	case 0:
		hb_stat_inc(server, HB_STAT_SENT);
		break;
	case -ENOMEM:
		hb_stat_inc(server, HB_STAT_DROP_MEMORY);
		break;
	case -ECONNREFUSED:
		hb_client_remove(server, client);
		break;
	default:
		hb_stat_inc(server, HB_STAT_DROP_CLIENT);
	}
}

static void hb_clients_greet_locked(struct hb_server *server)
{
	struct hb_client *client, *next;

	list_for_each_entry_safe(client, next, &server->clients, list) {
		if (!client->greet)
			continue;
		client->greet--;
		hb_client_send(server, client,
			       hb_legacy_greeting(server->side->greeting));
	}
}

static bool hb_clients_owed(struct hb_server *server)
{
	struct hb_client *client;

	list_for_each_entry(client, &server->clients, list)
		if (client->greet)
			return true;
	return false;
}

/**
 * hb_clients_greet() - send the greetings that are owed
 * @server: whose clients
 */
void hb_clients_greet(struct hb_server *server)
{
	mutex_lock(&server->lock);
	while (hb_clients_owed(server))
		hb_clients_greet_locked(server);
	mutex_unlock(&server->lock);
}

/**
 * hb_clients_report() - send a packet to every client
 * @server: whose clients
 * @packet: bytes from the IP header on, at most HB_PACKET_MAX; stays the
 *	caller's
 *
 * A client that has just come is greeted first.
 */
void hb_clients_report(struct hb_server *server, const struct sk_buff *packet)
{
	struct hb_client *client, *next;
	struct sk_buff *msg;

	msg = hb_legacy_packet(packet);
	mutex_lock(&server->lock);
	hb_clients_greet_locked(server);
	list_for_each_entry_safe(client, next, &server->clients, list)
		hb_client_send(server, client,
			       msg ? skb_clone(msg, GFP_KERNEL) : NULL);
	mutex_unlock(&server->lock);
	consume_skb(msg);
}

/**
 * hb_clients_clear() - forget all clients
 * @server: whose clients; locked
 */
void hb_clients_clear(struct hb_server *server)
{
	struct hb_client *client, *next;

	lockdep_assert_held(&server->lock);
	list_for_each_entry_safe(client, next, &server->clients, list)
		hb_client_remove(server, client);
}

static void hb_client_forget(struct hb_server *server, u32 portid)
{
	struct hb_client *client;

	mutex_lock(&server->lock);
	client = hb_client_find(server, portid);
	if (client)
		hb_client_remove(server, client);
	mutex_unlock(&server->lock);
}

/* Sees the end of every netlink socket of every protocol. */
static int hb_client_event(struct notifier_block *nb, unsigned long event,
			   void *ptr)
{
	struct netlink_notify *n = ptr;
	struct hb_server *server;

	if (event != NETLINK_URELEASE)
		return NOTIFY_DONE;
	server = hb_server_find(n->net, n->protocol);
	if (server)
		hb_client_forget(server, n->portid);
	return NOTIFY_DONE;
}

struct notifier_block hb_client_notifier = {
	.notifier_call = hb_client_event,
};
