// SPDX-License-Identifier: GPL-2.0
/* Messages with NLM_F_REQUEST: what clients ask for in attributes. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "hb.h"

/**
 * struct hb_call - a request that is being carried out in its sender's context
 * @server: who is asked
 * @skb: buffer with the request
 * @nlh: the request
 * @tb: its attributes
 * @extack: where to say what is wrong
 */
struct hb_call {
	struct hb_server *server;
	struct sk_buff *skb;
	struct nlmsghdr *nlh;
	struct nlattr *tb[HB_A_MAX + 1];
	struct netlink_ext_ack *extack;
};

static u32 hb_call_portid(const struct hb_call *call)
{
	return NETLINK_CB(call->skb).portid;
}

/* Not const: before 6.8 a policy takes no pointer to const. */
static struct netlink_range_validation hb_snaplen_range = {
	.min = 1,
	.max = HB_SNAPLEN_MAX,
};

static struct netlink_range_validation hb_queue_range = {
	.min = 1,
	.max = HB_QUEUE_LEN_MAX,
};

static struct netlink_range_validation hb_bytes_range = {
	.min = 1,
	.max = HB_QUEUE_BYTES_MAX,
};

static struct netlink_range_validation hb_clients_range = {
	.min = 1,
	.max = HB_CLIENTS_MAX,
};

static struct netlink_range_validation hb_pps_range = {
	.max = HB_PPS_MAX,
};

static const struct nla_policy hb_filter_policy[HB_F_MAX + 1] = {
	[HB_F_IFINDEX] = { .type = NLA_U32 },
	[HB_F_FAMILY] = { .type = NLA_U8 },
	[HB_F_ICMP_TYPE] = { .type = NLA_U8 },
};

static const struct nla_policy hb_register_policy[HB_A_MAX + 1] = {
	[HB_A_TEXT] = { .type = NLA_NUL_STRING, .len = HB_NAME_MAX },
	[HB_A_SNAPLEN] = NLA_POLICY_FULL_RANGE(NLA_U32, &hb_snaplen_range),
	[HB_A_FILTER] = NLA_POLICY_NESTED(hb_filter_policy),
};

static const struct nla_policy hb_set_policy[HB_A_MAX + 1] = {
	[HB_A_SNAPLEN] = NLA_POLICY_FULL_RANGE(NLA_U32, &hb_snaplen_range),
	[HB_A_MAX_CLIENTS] = NLA_POLICY_FULL_RANGE(NLA_U32, &hb_clients_range),
	[HB_A_QUEUE_LEN] = NLA_POLICY_FULL_RANGE(NLA_U32, &hb_queue_range),
	[HB_A_QUEUE_BYTES] = NLA_POLICY_FULL_RANGE(NLA_U32, &hb_bytes_range),
	[HB_A_PPS] = NLA_POLICY_FULL_RANGE(NLA_U32, &hb_pps_range),
	[HB_A_BURST] = NLA_POLICY_FULL_RANGE(NLA_U32, &hb_queue_range),
};

static const struct nla_policy hb_no_policy[HB_A_MAX + 1] = {};

static int hb_filter_parse(struct hb_filter *filter, const struct nlattr *nest,
			   struct netlink_ext_ack *extack)
{
	struct nlattr *tb[HB_F_MAX + 1];
	int err;

	filter->icmp_type = -1;
	if (!nest)
		return 0;
	err = nla_parse_nested(tb, HB_F_MAX, nest, hb_filter_policy, extack);
	if (err)
		return err;
	if (tb[HB_F_IFINDEX])
		filter->ifindex = nla_get_u32(tb[HB_F_IFINDEX]);
	if (tb[HB_F_ICMP_TYPE])
		filter->icmp_type = nla_get_u8(tb[HB_F_ICMP_TYPE]);
	if (!tb[HB_F_FAMILY])
		return 0;
	filter->family = nla_get_u8(tb[HB_F_FAMILY]);
	if (filter->family == NFPROTO_IPV4 || filter->family == NFPROTO_IPV6)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, tb[HB_F_FAMILY],
			    "neither AF_INET nor AF_INET6");
	return -EAFNOSUPPORT;
}

/* Locked: reads a limit. */
static int hb_wish_parse(struct hb_wish *wish, struct hb_call *call)
{
	struct nlattr **tb = call->tb;

	wish->snaplen = call->server->limits.snaplen;
	if (tb[HB_A_SNAPLEN])
		wish->snaplen = min(wish->snaplen,
				    nla_get_u32(tb[HB_A_SNAPLEN]));
	if (tb[HB_A_TEXT])
		strscpy(wish->name, nla_data(tb[HB_A_TEXT]), sizeof(wish->name));
	return hb_filter_parse(&wish->filter, tb[HB_A_FILTER], call->extack);
}

static int hb_reply(struct hb_call *call, struct sk_buff *msg)
{
	if (!msg)
		return -ENOMEM;
	return nlmsg_unicast(call->skb->sk, msg, hb_call_portid(call));
}

/* Greeting and ack leave before the lock does, so before the first packet. */
static int hb_register_locked(struct hb_call *call, struct hb_wish *wish)
{
	struct hb_server *server = call->server;
	u32 portid = hb_call_portid(call);
	int known, err;

	err = hb_wish_parse(wish, call);
	if (err)
		return err;
	known = hb_client_add(server, portid, wish);
	if (known < 0)
		return known;
	err = hb_reply(call, hb_message_greeting(server, portid,
						 call->nlh->nlmsg_seq));
	if (err) {
		hb_client_remove(server, hb_client_find(server, portid));
		return err;
	}
	if (call->nlh->nlmsg_flags & NLM_F_ACK)
		netlink_ack(call->skb, call->nlh, 0, NULL);
	return known;
}

static int hb_register(struct hb_call *call)
{
	struct hb_server *server = call->server;
	struct hb_wish wish = {};
	int ret;

	mutex_lock(&server->lock);
	ret = hb_register_locked(call, &wish);
	mutex_unlock(&server->lock);
	if (ret == -ENOSPC)
		NL_SET_ERR_MSG_MOD(call->extack, "too many clients");
	if (ret < 0) {
		hb_stat_inc(server, HB_S_REFUSED);
		return ret;
	}
	if (!ret)
		hb_client_log(server, hb_call_portid(call), wish.name,
			      sizeof(wish.name));
	return -EINTR; /* netlink_rcv_skb(): no other ack */
}

static int hb_unregister(struct hb_call *call)
{
	struct hb_server *server = call->server;
	struct hb_client *client;

	mutex_lock(&server->lock);
	client = hb_client_find(server, hb_call_portid(call));
	if (client)
		hb_client_remove(server, client);
	mutex_unlock(&server->lock);
	if (client)
		return 0;
	NL_SET_ERR_MSG_MOD(call->extack, "not registered");
	return -ENOENT;
}

static int hb_get(struct hb_call *call)
{
	struct netlink_dump_control dump = {
		.dump = hb_message_dump,
		.module = THIS_MODULE,
	};
	struct hb_server *server = call->server;
	struct sk_buff *msg;

	if (call->nlh->nlmsg_flags & NLM_F_DUMP)
		return netlink_dump_start(call->skb->sk, call->skb, call->nlh,
					  &dump);
	mutex_lock(&server->lock);
	msg = hb_message_info(server, HB_MSG_INFO, hb_call_portid(call),
			      call->nlh->nlmsg_seq);
	mutex_unlock(&server->lock);
	return hb_reply(call, msg);
}

static void hb_limits_parse(struct hb_limits *limits, struct nlattr **tb)
{
	const struct {
		unsigned int *limit;
		struct nlattr *attr;
	} list[] = {
		{ &limits->snaplen, tb[HB_A_SNAPLEN] },
		{ &limits->max_clients, tb[HB_A_MAX_CLIENTS] },
		{ &limits->queue_len, tb[HB_A_QUEUE_LEN] },
		{ &limits->queue_bytes, tb[HB_A_QUEUE_BYTES] },
		{ &limits->pps, tb[HB_A_PPS] },
		{ &limits->burst, tb[HB_A_BURST] },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(list); i++)
		if (list[i].attr)
			*list[i].limit = nla_get_u32(list[i].attr);
}

static void hb_set_event(struct hb_server *server)
{
	struct sk_buff *msg;

	if (!netlink_has_listeners(server->sk, HB_GRP_EVENTS))
		return;
	msg = hb_message_info(server, HB_MSG_SET, 0, 0);
	if (msg)
		nlmsg_multicast(server->sk, msg, 0, HB_GRP_EVENTS, GFP_KERNEL);
}

/* Clients that are there keep what they have. */
static int hb_set(struct hb_call *call)
{
	struct hb_server *server = call->server;
	struct hb_limits limits;

	mutex_lock(&server->lock);
	limits = server->limits;
	hb_limits_parse(&limits, call->tb);
	hb_server_limit(server, &limits);
	hb_set_event(server);
	mutex_unlock(&server->lock);
	return 0;
}

static const struct {
	int (*run)(struct hb_call *call);
	const struct nla_policy *policy;
	bool admin;
} hb_requests[] = {
	{ hb_register, hb_register_policy, true },	/* HB_MSG_REGISTER */
	{ hb_unregister, hb_no_policy, true },		/* HB_MSG_UNREGISTER */
	{ hb_get, hb_no_policy, false },		/* HB_MSG_GET */
	{ hb_set, hb_set_policy, true },		/* HB_MSG_SET */
};

/**
 * hb_request() - carry out a request
 * @skb: buffer that it came in
 * @nlh: the request, not a control message
 * @extack: where to say what is wrong
 *
 * Runs in the sender's context.
 *
 * Return: 0, a negative errno, or -EINTR when the ack has been sent.
 */
int hb_request(struct sk_buff *skb, struct nlmsghdr *nlh,
	       struct netlink_ext_ack *extack)
{
	unsigned int i = nlh->nlmsg_type - HB_MSG_REGISTER;
	struct hb_call call = {
		.server = hb_server_find(sock_net(skb->sk),
					 skb->sk->sk_protocol),
		.skb = skb,
		.nlh = nlh,
		.extack = extack,
	};
	int err;

	if (i >= ARRAY_SIZE(hb_requests)) {
		NL_SET_ERR_MSG_MOD(extack, "unknown message type");
		return -EOPNOTSUPP;
	}
	if (hb_requests[i].admin &&
	    !netlink_ns_capable(skb, call.server->net->user_ns,
				CAP_NET_ADMIN)) {
		hb_stat_inc(call.server, HB_S_REFUSED);
		NL_SET_ERR_MSG_MOD(extack, "CAP_NET_ADMIN needed");
		return -EPERM;
	}
	err = nlmsg_parse(nlh, 0, call.tb, HB_A_MAX, hb_requests[i].policy,
			  extack);
	return err ?: hb_requests[i].run(&call);
}
