// SPDX-License-Identifier: GPL-2.0
/* The format that clients of the first hello/bye module speak: text. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/printk.h>
#include <net/netlink.h>

#include "hb.h"

static int hb_legacy_register(struct hb_server *server, u32 portid)
{
	static const struct hb_wish wish = {
		.text = true,
		.snaplen = HB_PACKET_MAX,
		.filter = { .family = NFPROTO_IPV4, .icmp_type = -1 },
	};
	int ret;

	mutex_lock(&server->lock);
	ret = hb_client_add(server, portid, &wish);
	mutex_unlock(&server->lock);
	if (ret >= 0)
		hb_server_wake(server);
	return ret;
}

/**
 * hb_legacy_receive() - register the sender of a message as a client
 * @server: where it arrived
 * @skb: the message, at least a header; stays the caller's
 *
 * Runs in the sender's context. The sender did not ask for an answer, so there
 * is none when this fails.
 */
void hb_legacy_receive(struct hb_server *server, struct sk_buff *skb)
{
	u32 portid = NETLINK_CB(skb).portid;
	struct nlmsghdr *nlh = nlmsg_hdr(skb);
	int ret = -EPERM;

	if (netlink_ns_capable(skb, server->net->user_ns, CAP_NET_ADMIN))
		ret = nlmsg_ok(nlh, skb->len) ?
		      hb_legacy_register(server, portid) : -EINVAL;
	if (ret < 0)
		hb_stat_inc(server, HB_S_REFUSED);
	if (ret == -ENOSPC)
		pr_notice_ratelimited("%s: client %u is refused, %u are served: see max_clients=\n",
				      server->side->name, portid,
				      READ_ONCE(server->count));
	if (!ret)
		hb_client_log(server, portid, nlmsg_data(nlh), nlmsg_len(nlh));
}

/* A message with room for so much text, which the caller writes. */
static struct sk_buff *hb_legacy_new(size_t len, char **text)
{
	struct nlmsghdr *nlh;
	struct sk_buff *skb;

	skb = nlmsg_new(len, GFP_KERNEL);
	if (!skb)
		return NULL;
	nlh = nlmsg_put(skb, 0, 0, 0, len, 0);
	if (!nlh) {
		kfree_skb(skb);
		return NULL;
	}
	*text = nlmsg_data(nlh);
	return skb;
}

/**
 * hb_legacy_greeting() - make a greeting
 * @text: what it says
 *
 * Return: a message, or NULL when there is no memory.
 */
struct sk_buff *hb_legacy_greeting(const char *text)
{
	size_t len = strlen(text) + 1;
	struct sk_buff *skb;
	char *to;

	skb = hb_legacy_new(len, &to);
	if (skb)
		memcpy(to, text, len);
	return skb;
}

/**
 * hb_legacy_packet() - make a report of a packet
 * @packet: its bytes, linear; those beyond HB_PACKET_MAX are left out
 *
 * Return: a message, or NULL when there is no memory.
 */
struct sk_buff *hb_legacy_packet(const struct sk_buff *packet)
{
	unsigned int len = min_t(unsigned int, packet->len, HB_PACKET_MAX);
	struct sk_buff *skb;
	char *to;

	skb = hb_legacy_new(2 * len + 1, &to);
	if (skb)
		*bin2hex(to, packet->data, len) = '\0';
	return skb;
}
