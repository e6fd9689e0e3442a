/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _HB_H
#define _HB_H

#include <linux/atomic.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <net/net_namespace.h>

#include <hellobye.h>

#define HB_SIDES	(HB_BYE + 1)
#define HB_STATS	(HB_S_MAX + 1)

struct netlink_callback;
struct netlink_ext_ack;
struct nlmsghdr;

/**
 * struct hb_side - what is there once per module: a row of the table of sides
 * @name: for logs and /proc/net/hellobye
 * @thread: name of the kernel thread
 * @greeting: text that answers a client's message
 * @proto: netlink protocol number
 * @task: the kernel thread
 * @worker: queue of the thread; its works are the servers of all namespaces
 */
struct hb_side {
	const char *name;
	const char *thread;
	const char *greeting;
	unsigned int proto;
	struct task_struct *task;
	struct kthread_worker worker;
};

/**
 * struct hb_limits - what a server grants
 * @max_clients: clients
 * @queue_len: packets between hook and thread
 * @queue_bytes: memory that they take, overshot by a packet for each CPU
 * @snaplen: bytes of a packet
 * @pps: packets a second; 0: any number
 * @burst: packets at once, beyond @pps
 */
struct hb_limits {
	unsigned int max_clients;
	unsigned int queue_len;
	unsigned int queue_bytes;
	unsigned int snaplen;
	unsigned int pps;
	unsigned int burst;
};

/**
 * struct hb_rate - token bucket that measures in time
 * @lock: protects the others; taken in the hook
 * @last: ktime of the last packet, ns
 * @credit: time saved up, ns
 * @cost: of a packet, ns; 0: packets are free
 * @max: of @credit
 */
struct hb_rate {
	spinlock_t lock; /* see above */
	u64 last;
	u64 credit;
	u64 cost;
	u64 max;
};

/**
 * struct hb_filter - which packets a client wants
 * @ifindex: where they come in; 0: anywhere
 * @family: NFPROTO_IPV4, NFPROTO_IPV6; 0: both
 * @icmp_type: their ICMP type; negative: any
 */
struct hb_filter {
	u32 ifindex;
	u8 family;
	s16 icmp_type;
};

/**
 * struct hb_wish - what a client asks for
 * @text: it speaks the text format
 * @snaplen: bytes of a packet that it wants at most
 * @filter: which packets
 * @name: what it calls itself
 */
struct hb_wish {
	bool text;
	u32 snaplen;
	struct hb_filter filter;
	char name[HB_NAME_MAX + 1];
};

/**
 * struct hb_client - one socket that is registered with a server
 * @list: among the server's clients
 * @portid: of its socket
 * @wish: what it asked for
 * @greet: greetings that it is owed in the text format
 * @seen: packets that the hook had met when it came
 * @missed: server's @lost when it came
 * @drops: packets that it alone has missed
 * @told: losses that it knows of
 */
struct hb_client {
	struct list_head list;
	u32 portid;
	struct hb_wish wish;
	unsigned int greet;
	u64 seen;
	u64 missed;
	u64 drops;
	u64 told;
};

/**
 * struct hb_server - a side in one network namespace
 * @side: the row it belongs to
 * @net: the namespace
 * @sk: the kernel's netlink socket
 * @ops: the hooks for IPv4 and IPv6
 * @hooked: which of them are registered: those that a client wants
 * @snaplen: bytes of a packet that the hook copies
 * @queue: packets on their way from the hook to the thread
 * @queued: memory that they take
 * @work: what the thread does
 * @rate: how many packets the hook may queue
 * @limits: what is granted; read in the hook without the lock
 * @lock: protects @sk until it is set, @hooked, @limits, @clients, @count,
 *	@changes and @closed; held while sending, never taken in the hook
 * @clients: list of struct hb_client
 * @count: how many they are
 * @changes: of @clients
 * @closed: no further clients
 * @lost: packets that the hook had to drop
 * @stats: counters since the namespace met the module
 */
struct hb_server {
	struct hb_side *side;
	struct net *net;
	struct sock *sk;
	struct nf_hook_ops ops[2];
	bool hooked[2];
	unsigned int snaplen;
	struct sk_buff_head queue;
	atomic_t queued;
	struct kthread_work work;
	struct hb_rate rate;
	struct hb_limits limits;
	struct mutex lock; /* see above */
	struct list_head clients;
	unsigned int count;
	unsigned int changes;
	bool closed;
	atomic64_t lost;
	atomic64_t stats[HB_STATS];
};

/**
 * struct hb_packet - what is known of a queued packet, in its skb->cb
 * @seq: number among those that the hook met
 * @lost: server's @lost when it came
 * @ifindex: device that it came in by
 * @len: bytes that it had from the IP header on
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @icmp_type: or -1 when it is not in this packet
 * @ifname: name of the device
 *
 * Time (CLOCK_REALTIME) and mark are the skb's.
 */
struct hb_packet {
	u64 seq;
	u64 lost;
	u32 ifindex;
	u32 len;
	u8 family;
	s16 icmp_type;
	char ifname[IFNAMSIZ];
};

static inline struct hb_packet *hb_packet(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct hb_packet) > sizeof(skb->cb));
	return (struct hb_packet *)skb->cb;
}

static inline void hb_stat_inc(struct hb_server *server,
			       enum hb_stat_attr stat)
{
	atomic64_inc(&server->stats[stat]);
}

static inline u64 hb_stat_read(struct hb_server *server,
			       enum hb_stat_attr stat)
{
	return atomic64_read(&server->stats[stat]);
}

/* main.c */
extern struct hb_limits hb_limits;
extern int hb_hook_priority;

struct hb_server *hb_server_get(struct net *net, enum hb_side_id id);
struct hb_server *hb_server_find(struct net *net, unsigned int proto);

/* side.c */
extern struct hb_side hb_sides[HB_SIDES];

int hb_sides_check(void);
int hb_sides_start(void);
void hb_sides_stop(void);

/* server.c */
int hb_server_open(struct hb_server *server, struct hb_side *side,
		   struct net *net);
void hb_server_close(struct hb_server *server);
void hb_server_release(struct hb_server *server);
int hb_server_hook(struct hb_server *server);
void hb_server_wake(struct hb_server *server);
void hb_server_limit(struct hb_server *server, const struct hb_limits *limits);

/* packet.c */
void hb_packet_hooks(struct hb_server *server);

/* rate.c */
void hb_rate_init(struct hb_rate *rate);
void hb_rate_set(struct hb_rate *rate, unsigned int pps, unsigned int burst);
bool hb_rate_take(struct hb_rate *rate);

/* client.c */
extern struct notifier_block hb_client_notifier;

struct hb_client *hb_client_find(struct hb_server *server, u32 portid);
int hb_client_add(struct hb_server *server, u32 portid,
		  const struct hb_wish *wish);
void hb_client_remove(struct hb_server *server, struct hb_client *client);
u64 hb_client_lost(const struct hb_client *client, u64 lost);
void hb_client_log(struct hb_server *server, u32 portid, const char *text,
		   int len);
void hb_clients_greet(struct hb_server *server);
void hb_clients_report(struct hb_server *server, const struct sk_buff *packet);
void hb_clients_clear(struct hb_server *server);

/* legacy.c */
void hb_legacy_receive(struct hb_server *server, struct sk_buff *skb);
struct sk_buff *hb_legacy_greeting(const char *text);
struct sk_buff *hb_legacy_packet(const struct sk_buff *packet);

/* request.c */
int hb_request(struct sk_buff *skb, struct nlmsghdr *nlh,
	       struct netlink_ext_ack *extack);

/* message.c */
struct sk_buff *hb_message_greeting(struct hb_server *server, u32 portid,
				    u32 seq);
struct sk_buff *hb_message_packet(const struct sk_buff *packet, u32 snaplen);
struct sk_buff *hb_message_lost(u64 drops);
struct sk_buff *hb_message_info(struct hb_server *server, int type, u32 portid,
				u32 seq);
struct sk_buff *hb_message_client(struct hb_server *server,
				  struct hb_client *client, int type);
int hb_message_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* stats.c */
int hb_stats_show(struct net *net);
void hb_stats_hide(struct net *net);

#endif /* _HB_H */
