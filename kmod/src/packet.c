// SPDX-License-Identifier: GPL-2.0
/* What the hooks do: find ICMP packets, copy and queue them. */

#include <linux/ip.h>
#include <linux/ktime.h>
#include <linux/netdevice.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "hb.h"

static void hb_packet_drop(struct hb_server *server, enum hb_stat_attr stat)
{
	hb_stat_inc(server, stat);
	atomic64_inc(&server->lost);
}

/* At PRE_ROUTING the buffer's data starts with the IP header. */
static struct sk_buff *hb_packet_copy(struct hb_server *server,
				      const struct sk_buff *skb)
{
	unsigned int len = min(skb->len, READ_ONCE(server->snaplen));
	struct sk_buff *copy;

	copy = alloc_skb(len, GFP_ATOMIC | __GFP_NOWARN);
	if (copy && skb_copy_bits(skb, 0, skb_put(copy, len), len)) {
		kfree_skb(copy);
		copy = NULL;
	}
	return copy;
}

static int hb_packet_byte(const struct sk_buff *skb, int offset)
{
	const u8 *byte;
	u8 buf;

	byte = offset < 0 ? NULL :
	       skb_header_pointer(skb, offset, sizeof(buf), &buf);
	return byte ? *byte : -1;
}

/* The type is not in a later fragment: then offset is negative. */
static void hb_packet_describe(struct sk_buff *copy, const struct sk_buff *skb,
			       int offset, const struct nf_hook_state *state)
{
	struct hb_packet *packet = hb_packet(copy);

	copy->tstamp = ktime_get_real();
	copy->mark = skb->mark;
	packet->ifindex = state->in->ifindex;
	packet->len = skb->len;
	packet->family = state->pf;
	packet->icmp_type = hb_packet_byte(skb, offset);
	strscpy(packet->ifname, state->in->name, sizeof(packet->ifname));
}

static bool hb_packet_room(struct hb_server *server)
{
	return skb_queue_len_lockless(&server->queue) <
	       READ_ONCE(server->limits.queue_len) &&
	       atomic_read(&server->queued) <
	       READ_ONCE(server->limits.queue_bytes);
}

static void hb_packet_queue(struct hb_server *server, const struct sk_buff *skb,
			    int offset, const struct nf_hook_state *state)
{
	u64 seq = atomic64_inc_return(&server->stats[HB_S_SEEN]);
	struct sk_buff *copy;

	if (!hb_rate_take(&server->rate))
		return hb_packet_drop(server, HB_S_DROP_RATE);
	if (!hb_packet_room(server))
		return hb_packet_drop(server, HB_S_DROP_QUEUE);
	copy = hb_packet_copy(server, skb);
	if (!copy)
		return hb_packet_drop(server, HB_S_DROP_MEMORY);
	hb_packet(copy)->seq = seq;
	hb_packet(copy)->lost = atomic64_read(&server->lost);
	hb_packet_describe(copy, skb, offset, state);
	atomic_add(copy->truesize, &server->queued);
	skb_queue_tail(&server->queue, copy);
	hb_server_wake(server);
}

/* Whatever goes wrong here, the packet goes on. */
static unsigned int hb_packet_ipv4(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (iph->protocol == IPPROTO_ICMP)
		hb_packet_queue(priv, skb,
				iph->frag_off & htons(IP_OFFSET) ?
				-1 : iph->ihl * 4, state);
	return NF_ACCEPT;
}

static unsigned int hb_packet_ipv6(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	u8 proto = ipv6_hdr(skb)->nexthdr;
	__be16 frag = 0;
	int offset, next;

	offset = ipv6_skip_exthdr(skb, sizeof(struct ipv6hdr), &proto, &frag);
	next = proto;
	if (frag & htons(IP6_OFFSET)) {
		next = hb_packet_byte(skb, offset);
		offset = -1;
	}
	if (next == IPPROTO_ICMPV6)
		hb_packet_queue(priv, skb, offset, state);
	return NF_ACCEPT;
}

/**
 * hb_packet_hooks() - describe the hooks of a server
 * @server: zeroed but for what is set already
 */
void hb_packet_hooks(struct hb_server *server)
{
	static const struct {
		nf_hookfn *hook;
		u8 pf;
	} hooks[] = {
		{ hb_packet_ipv4, NFPROTO_IPV4 },
		{ hb_packet_ipv6, NFPROTO_IPV6 },
	};
	int i;

	BUILD_BUG_ON(ARRAY_SIZE(hooks) != ARRAY_SIZE(server->ops));
	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		server->ops[i].hook = hooks[i].hook;
		server->ops[i].pf = hooks[i].pf;
		server->ops[i].hooknum = NF_INET_PRE_ROUTING;
		server->ops[i].priority = hb_hook_priority;
		server->ops[i].priv = server;
	}
}
