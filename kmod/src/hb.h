/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _HB_H
#define _HB_H

#include <linux/atomic.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

enum hb_side_id {
	HB_HELLO,
	HB_BYE,
	HB_SIDES
};

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

enum hb_stat {
	HB_STAT_SEEN,		/* packets that the hook met */
	HB_STAT_SENT,		/* messages handed to a client's socket */
	HB_STAT_DROP_QUEUE,	/* packets: the queue was full */
	HB_STAT_DROP_MEMORY,	/* packets or messages: no memory */
	HB_STAT_DROP_CLIENT,	/* messages: the client's socket was full */
	HB_STAT_REFUSED,	/* registrations: permission, limit, length */
	HB_STATS
};

/**
 * struct hb_server - a side in one network namespace
 * @side: the row it belongs to
 * @net: the namespace
 * @sk: the kernel's netlink socket
 * @ops: the hook, registered while there are clients
 * @queue: packets on their way from the hook to the thread
 * @work: what the thread does
 * @lock: protects @sk until it is set, @clients, @count and @closed; held while
 *	sending, never taken in the hook
 * @clients: list of struct hb_client
 * @count: how many they are
 * @closed: no further clients
 * @stats: counters since the namespace met the module
 */
struct hb_server {
	struct hb_side *side;
	struct net *net;
	struct sock *sk;
	struct nf_hook_ops ops;
	struct sk_buff_head queue;
	struct kthread_work work;
	struct mutex lock; /* see above */
	struct list_head clients;
	unsigned int count;
	bool closed;
	atomic64_t stats[HB_STATS];
};

static inline void hb_stat_inc(struct hb_server *server, enum hb_stat stat)
{
	atomic64_inc(&server->stats[stat]);
}

/* main.c */
extern unsigned int hb_max_clients;
extern unsigned int hb_queue_len;
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
void hb_server_unhook(struct hb_server *server);
void hb_server_wake(struct hb_server *server);

/* client.c */
extern struct notifier_block hb_client_notifier;

int hb_client_add(struct hb_server *server, u32 portid);
void hb_clients_greet(struct hb_server *server);
void hb_clients_report(struct hb_server *server, const struct sk_buff *packet);
void hb_clients_clear(struct hb_server *server);

/* legacy.c */
void hb_legacy_receive(struct hb_server *server, struct sk_buff *skb);
struct sk_buff *hb_legacy_greeting(const char *text);
struct sk_buff *hb_legacy_packet(const struct sk_buff *packet);

/* stats.c */
int hb_stats_show(struct net *net);
void hb_stats_hide(struct net *net);

#endif /* _HB_H */
