// SPDX-License-Identifier: GPL-2.0
/* The clients of a server: who they are, and what is sent to them. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/netlink.h>

#include "hb.h"

/* Greetings that a client can be owed; it gets one a message. */
#define HB_GREET_MAX	16

/* Characters of a client's text that reach the log. */
#define HB_LOG_TEXT	64

/**
 * hb_client_find() - look a client up
 * @server: whose client; locked
 * @portid: port ID of its socket
 *
 * Return: the client or NULL.
 */
struct hb_client *hb_client_find(struct hb_server *server, u32 portid)
{
	struct hb_client *client;

	lockdep_assert_held(&server->lock);
	list_for_each_entry(client, &server->clients, list)
		if (client->portid == portid)
			return client;
	return NULL;
}

static void hb_client_event(struct hb_server *server, struct hb_client *client,
			    int type)
{
	struct sk_buff *msg;

	if (!netlink_has_listeners(server->sk, HB_GRP_EVENTS))
		return;
	msg = hb_message_client(server, client, type);
	if (msg)
		nlmsg_multicast(server->sk, msg, 0, HB_GRP_EVENTS, GFP_KERNEL);
}

/**
 * hb_client_remove() - forget a client
 * @server: whose client; locked
 * @client: gone afterwards
 */
void hb_client_remove(struct hb_server *server, struct hb_client *client)
{
	lockdep_assert_held(&server->lock);
	hb_client_event(server, client, HB_MSG_UNREGISTER);
	list_del(&client->list);
	WRITE_ONCE(server->count, server->count - 1);
	server->changes++;
	hb_server_hook(server);
	kfree(client);
}

static struct hb_client *hb_client_create(struct hb_server *server, u32 portid)
{
	struct hb_client *client;

	if (server->closed)
		return ERR_PTR(-ESHUTDOWN);
	if (server->count >= server->limits.max_clients)
		return ERR_PTR(-ENOSPC);
	client = kzalloc(sizeof(*client), GFP_KERNEL_ACCOUNT);
	if (!client)
		return ERR_PTR(-ENOMEM);
	client->portid = portid;
	client->seen = hb_stat_read(server, HB_S_SEEN);
	client->missed = atomic64_read(&server->lost);
	list_add_tail(&client->list, &server->clients);
	WRITE_ONCE(server->count, server->count + 1);
	server->changes++;
	return client;
}

/**
 * hb_client_add() - register a client, or change what it wants
 * @server: whose client it becomes; locked
 * @portid: port ID of the client's socket, from the socket itself
 * @wish: what it wants; in the text format it is owed a greeting, so wake the
 *	thread
 *
 * Return: 0, 1 when it was a client already, or a negative errno: -ENOSPC when
 * there are too many.
 */
int hb_client_add(struct hb_server *server, u32 portid,
		  const struct hb_wish *wish)
{
	struct hb_client *client = hb_client_find(server, portid);
	bool known = client;
	int err;

	if (!known)
		client = hb_client_create(server, portid);
	if (IS_ERR(client))
		return PTR_ERR(client);
	client->wish = *wish;
	err = hb_server_hook(server);
	if (err) {
		hb_client_remove(server, client);
		return err;
	}
	if (wish->text && client->greet < HB_GREET_MAX)
		client->greet++;
	if (!known)
		hb_client_event(server, client, HB_MSG_REGISTER);
	return known;
}

/**
 * hb_client_lost() - count what a client has not received
 * @client: the client; its server is locked
 * @lost: server's count of lost packets, now or at some packet
 *
 * Return: packets lost since it came.
 */
u64 hb_client_lost(const struct hb_client *client, u64 lost)
{
	return max(lost, client->missed) - client->missed + client->drops;
}

/**
 * hb_client_log() - tell that a client has come
 * @server: whose client
 * @portid: port ID of its socket
 * @text: what it says; ends at a NUL or after @len bytes
 * @len: bytes of @text
 */
void hb_client_log(struct hb_server *server, u32 portid, const char *text,
		   int len)
{
	len = strnlen(text, min(len, HB_LOG_TEXT));
	pr_info_ratelimited("%s: client %u says \"%*pE\"\n",
			    server->side->name, portid, len, text);
}

/* Takes the message. -ECONNREFUSED: the client has to be removed. */
static int hb_client_send(struct hb_server *server, struct hb_client *client,
			  struct sk_buff *msg)
{
	int err = msg ? nlmsg_unicast(server->sk, msg, client->portid) :
			-ENOMEM;

	if (!err) {
		hb_stat_inc(server, HB_S_SENT);
	} else if (err != -ECONNREFUSED) {
		hb_stat_inc(server, err == -ENOMEM ? HB_S_DROP_MEMORY :
						     HB_S_DROP_CLIENT);
	}
	return err;
}

static void hb_clients_greet_locked(struct hb_server *server)
{
	struct hb_client *client, *next;
	int err;

	list_for_each_entry_safe(client, next, &server->clients, list) {
		if (!client->greet)
			continue;
		client->greet--;
		err = hb_client_send(server, client,
				     hb_legacy_greeting(server->side->greeting));
		if (err == -ECONNREFUSED)
			hb_client_remove(server, client);
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

static bool hb_client_wants(const struct hb_client *client,
			    const struct hb_packet *packet)
{
	const struct hb_filter *filter = &client->wish.filter;

	if (packet->seq <= client->seen)
		return false;
	if (filter->ifindex && filter->ifindex != packet->ifindex)
		return false;
	if (filter->family && filter->family != packet->family)
		return false;
	return filter->icmp_type < 0 || filter->icmp_type == packet->icmp_type;
}

/* Losses are told before the packet that follows them. */
static int hb_client_tell(struct hb_server *server, struct hb_client *client,
			  const struct hb_packet *packet)
{
	u64 lost = hb_client_lost(client, packet->lost);
	int err;

	if (lost == client->told)
		return 0;
	err = hb_client_send(server, client, hb_message_lost(lost));
	if (!err)
		client->told = lost;
	return err;
}

static int hb_client_report(struct hb_server *server, struct hb_client *client,
			    const struct sk_buff *packet)
{
	int err = hb_client_tell(server, client, hb_packet(packet));

	if (!err)
		err = hb_client_send(server, client,
				     hb_message_packet(packet,
						       client->wish.snaplen));
	return err;
}

/*
 * text: the packet in the text format, made when first needed. The last client
 * gets it, those before it a clone.
 */
static int hb_client_report_text(struct hb_server *server,
				 struct hb_client *client,
				 const struct sk_buff *packet,
				 struct sk_buff **text)
{
	struct sk_buff *msg = *text ?: hb_legacy_packet(packet);

	if (list_is_last(&client->list, &server->clients)) {
		*text = NULL;
	} else {
		*text = msg;
		msg = msg ? skb_clone(msg, GFP_KERNEL) : NULL;
	}
	return hb_client_send(server, client, msg);
}

static void hb_client_serve(struct hb_server *server, struct hb_client *client,
			    const struct sk_buff *packet, struct sk_buff **text)
{
	int err;

	if (!hb_client_wants(client, hb_packet(packet)))
		return;
	err = client->wish.text ?
	      hb_client_report_text(server, client, packet, text) :
	      hb_client_report(server, client, packet);
	if (err)
		client->drops++;
	if (err == -ECONNREFUSED)
		hb_client_remove(server, client);
}

static void hb_clients_multicast(struct hb_server *server,
				 const struct sk_buff *packet)
{
	struct sk_buff *msg;

	if (!netlink_has_listeners(server->sk, HB_GRP_PACKETS))
		return;
	msg = hb_message_packet(packet, packet->len);
	if (msg)
		nlmsg_multicast(server->sk, msg, 0, HB_GRP_PACKETS, GFP_KERNEL);
	else
		hb_stat_inc(server, HB_S_DROP_MEMORY);
}

/**
 * hb_clients_report() - send a packet to every client that wants it
 * @server: whose clients
 * @packet: with a struct hb_packet; stays the caller's
 *
 * A client that has just come is greeted first.
 */
void hb_clients_report(struct hb_server *server, const struct sk_buff *packet)
{
	struct hb_client *client, *next;
	struct sk_buff *text = NULL;

	mutex_lock(&server->lock);
	hb_clients_greet_locked(server);
	list_for_each_entry_safe(client, next, &server->clients, list)
		hb_client_serve(server, client, packet, &text);
	hb_clients_multicast(server, packet);
	mutex_unlock(&server->lock);
	consume_skb(text);
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
static int hb_client_notify(struct notifier_block *nb, unsigned long event,
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
	.notifier_call = hb_client_notify,
};
