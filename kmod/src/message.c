// SPDX-License-Identifier: GPL-2.0
/* The messages in the format with attributes, from kernel to user space. */

#include <linux/netlink.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "hb.h"

/* Start of a message; NULL when there is no memory. */
static struct sk_buff *hb_message_new(int type, u32 portid, u32 seq,
				      size_t size, struct nlmsghdr **nlh)
{
	struct sk_buff *skb;

	skb = nlmsg_new(size, GFP_KERNEL);
	if (!skb)
		return NULL;
	*nlh = nlmsg_put(skb, portid, seq, type, 0, 0);
	if (!*nlh) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

/* End of a message; err: an attribute did not fit. */
static struct sk_buff *hb_message_end(struct sk_buff *skb, struct nlmsghdr *nlh,
				      int err)
{
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(skb);
		return NULL;
	}
	nlmsg_end(skb, nlh);
	return skb;
}

/**
 * hb_message_greeting() - make the answer to a registration
 * @server: who greets
 * @portid: who asked
 * @seq: of the request
 *
 * Return: a message, or NULL when there is no memory.
 */
struct sk_buff *hb_message_greeting(struct hb_server *server, u32 portid,
				    u32 seq)
{
	struct nlmsghdr *nlh;
	struct sk_buff *skb;
	int err;

	skb = hb_message_new(HB_MSG_GREETING, portid, seq, NLMSG_DEFAULT_SIZE,
			     &nlh);
	if (!skb)
		return NULL;
	err = nla_put_u32(skb, HB_A_VERSION, HB_VERSION) ?:
	      nla_put_u8(skb, HB_A_SIDE, server->side - hb_sides) ?:
	      nla_put_string(skb, HB_A_TEXT, server->side->greeting);
	return hb_message_end(skb, nlh, err);
}

/* What a packet's message takes beside its bytes. */
static size_t hb_message_packet_size(void)
{
	return 3 * nla_total_size_64bit(sizeof(u64)) +
	       3 * nla_total_size(sizeof(u32)) +
	       nla_total_size(sizeof(u8)) +
	       nla_total_size(IFNAMSIZ);
}

static int hb_message_put_packet(struct sk_buff *skb,
				 const struct sk_buff *copy)
{
	const struct hb_packet *packet = hb_packet(copy);
	u64 ns = ktime_to_ns(copy->tstamp);

	return nla_put_u64_64bit(skb, HB_A_SEQ, packet->seq, HB_A_PAD) ?:
	       nla_put_u64_64bit(skb, HB_A_TSTAMP, ns, HB_A_PAD) ?:
	       nla_put_u8(skb, HB_A_FAMILY, packet->family) ?:
	       nla_put_u32(skb, HB_A_IFINDEX, packet->ifindex) ?:
	       nla_put_string(skb, HB_A_IFNAME, packet->ifname) ?:
	       nla_put_u32(skb, HB_A_ORIG_LEN, packet->len) ?:
	       (copy->mark ? nla_put_u32(skb, HB_A_MARK, copy->mark) : 0);
}

/**
 * hb_message_packet() - make a report of a packet
 * @packet: with a struct hb_packet, linear
 * @snaplen: bytes that are reported at most
 *
 * Return: a message, or NULL when there is no memory.
 */
struct sk_buff *hb_message_packet(const struct sk_buff *packet, u32 snaplen)
{
	u32 len = min(packet->len, snaplen);
	struct nlmsghdr *nlh;
	struct sk_buff *skb;
	int err;

	skb = hb_message_new(HB_MSG_PACKET, 0, 0,
			     hb_message_packet_size() + nla_total_size(len),
			     &nlh);
	if (!skb)
		return NULL;
	err = hb_message_put_packet(skb, packet) ?:
	      nla_put(skb, HB_A_RAW, len, packet->data);
	return hb_message_end(skb, nlh, err);
}

/**
 * hb_message_lost() - make a report of losses
 * @drops: packets lost since registration
 *
 * Return: a message, or NULL when there is no memory.
 */
struct sk_buff *hb_message_lost(u64 drops)
{
	struct nlmsghdr *nlh;
	struct sk_buff *skb;

	skb = hb_message_new(HB_MSG_LOST, 0, 0,
			     nla_total_size_64bit(sizeof(drops)), &nlh);
	if (!skb)
		return NULL;
	return hb_message_end(skb, nlh,
			      nla_put_u64_64bit(skb, HB_A_DROPS, drops,
						HB_A_PAD));
}

static int hb_message_put_limits(struct sk_buff *skb,
				 const struct hb_limits *limits)
{
	return nla_put_u32(skb, HB_A_SNAPLEN, limits->snaplen) ?:
	       nla_put_u32(skb, HB_A_MAX_CLIENTS, limits->max_clients) ?:
	       nla_put_u32(skb, HB_A_QUEUE_LEN, limits->queue_len) ?:
	       nla_put_u32(skb, HB_A_QUEUE_BYTES, limits->queue_bytes) ?:
	       nla_put_u32(skb, HB_A_PPS, limits->pps) ?:
	       nla_put_u32(skb, HB_A_BURST, limits->burst);
}

static int hb_message_put_stats(struct sk_buff *skb, struct hb_server *server)
{
	struct nlattr *nest = nla_nest_start(skb, HB_A_STATS);
	int i, err = nest ? 0 : -EMSGSIZE;

	for (i = HB_S_SEEN; !err && i <= HB_S_MAX; i++)
		err = nla_put_u64_64bit(skb, i, hb_stat_read(server, i),
					HB_S_PAD);
	if (!err)
		nla_nest_end(skb, nest);
	return err;
}

/**
 * hb_message_info() - make a report of limits and counters
 * @server: whose; locked
 * @type: HB_MSG_INFO, or HB_MSG_SET for an event
 * @portid: who asked; 0 for an event
 * @seq: of the request; 0 for an event
 *
 * Return: a message, or NULL when there is no memory.
 */
struct sk_buff *hb_message_info(struct hb_server *server, int type, u32 portid,
				u32 seq)
{
	struct nlmsghdr *nlh;
	struct sk_buff *skb;
	int err;

	skb = hb_message_new(type, portid, seq, NLMSG_DEFAULT_SIZE, &nlh);
	if (!skb)
		return NULL;
	err = nla_put_u32(skb, HB_A_VERSION, HB_VERSION) ?:
	      nla_put_u8(skb, HB_A_SIDE, server->side - hb_sides) ?:
	      nla_put_u32(skb, HB_A_CLIENTS, server->count) ?:
	      hb_message_put_limits(skb, &server->limits) ?:
	      hb_message_put_stats(skb, server);
	return hb_message_end(skb, nlh, err);
}

static int hb_message_put_filter(struct sk_buff *skb,
				 const struct hb_filter *filter)
{
	struct nlattr *nest = nla_nest_start(skb, HB_A_FILTER);
	int err = nest ? 0 : -EMSGSIZE;

	if (!err && filter->ifindex)
		err = nla_put_u32(skb, HB_F_IFINDEX, filter->ifindex);
	if (!err && filter->family)
		err = nla_put_u8(skb, HB_F_FAMILY, filter->family);
	if (!err && filter->icmp_type >= 0)
		err = nla_put_u8(skb, HB_F_ICMP_TYPE, filter->icmp_type);
	if (!err)
		nla_nest_end(skb, nest);
	return err;
}

static int hb_message_put_client(struct sk_buff *skb, struct hb_server *server,
				 const struct hb_client *client)
{
	u64 lost = atomic64_read(&server->lost);

	return nla_put_u32(skb, HB_A_PORTID, client->portid) ?:
	       nla_put_string(skb, HB_A_TEXT, client->wish.name) ?:
	       nla_put_u32(skb, HB_A_SNAPLEN, client->wish.snaplen) ?:
	       nla_put_u64_64bit(skb, HB_A_DROPS,
				 hb_client_lost(client, lost), HB_A_PAD) ?:
	       hb_message_put_filter(skb, &client->wish.filter);
}

/**
 * hb_message_client() - make an event about a client
 * @server: whose client; locked
 * @client: who has come or goes
 * @type: HB_MSG_REGISTER or HB_MSG_UNREGISTER
 *
 * Return: a message, or NULL when there is no memory.
 */
struct sk_buff *hb_message_client(struct hb_server *server,
				  struct hb_client *client, int type)
{
	struct nlmsghdr *nlh;
	struct sk_buff *skb;

	skb = hb_message_new(type, 0, 0, NLMSG_DEFAULT_SIZE, &nlh);
	if (!skb)
		return NULL;
	return hb_message_end(skb, nlh,
			      hb_message_put_client(skb, server, client));
}

/* A message of a dump; -EMSGSIZE: it goes into the next buffer. */
static int hb_message_dump_client(struct sk_buff *skb,
				  struct netlink_callback *cb,
				  struct hb_server *server,
				  const struct hb_client *client)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = nlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			HB_MSG_INFO, 0, NLM_F_MULTI);
	if (!nlh)
		return -EMSGSIZE;
	nl_dump_check_consistent(cb, nlh);
	err = hb_message_put_client(skb, server, client);
	if (err)
		nlmsg_cancel(skb, nlh);
	else
		nlmsg_end(skb, nlh);
	return err;
}

/**
 * hb_message_dump() - go on with a dump of the clients
 * @skb: buffer to fill, of the socket that asked
 * @cb: state of the dump: args[0] is the number of clients that are done
 *
 * Return: length of @skb.
 */
int hb_message_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct hb_server *server = hb_server_find(sock_net(skb->sk),
						  skb->sk->sk_protocol);
	struct hb_client *client;
	long i = 0;

	mutex_lock(&server->lock);
	cb->seq = server->changes + 1;
	list_for_each_entry(client, &server->clients, list) {
		if (i++ < cb->args[0])
			continue;
		if (hb_message_dump_client(skb, cb, server, client))
			break;
		cb->args[0] = i;
	}
	mutex_unlock(&server->lock);
	return skb->len;
}
