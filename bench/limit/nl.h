/* SPDX-License-Identifier: MIT */
/*
 * Netlink without ado: one socket, one buffer of messages, an ack of the last.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM	(1 << 20)
#define BATCH	1000

static int sock;
static char out[ROOM], in[32768], *end = out;
static struct nlmsghdr *last;
static uint32_t seq, waiting;

static inline void die(const char *what)
{
	perror(what);
	exit(1);
}

static inline void dial(void)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int on = 1, room = ROOM;

	sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (sock < 0 || connect(sock, (void *)&kernel, sizeof(kernel)))
		die("netlink");
	setsockopt(sock, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	setsockopt(sock, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(sock, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
}

/* Sends what was begun and waits for the ack of the last message. */
static inline void flush(void)
{
	if (end == out)
		return;
	last->nlmsg_flags |= NLM_F_ACK;
	if (send(sock, out, end - out, 0) < 0)
		die("send");
	waiting = 0;
	for (end = out;;) {
		int len = recv(sock, in, sizeof(in), 0);
		struct nlmsghdr *n = (void *)in;

		if (len < 0)
			die("recv");
		for (; NLMSG_OK(n, len); n = NLMSG_NEXT(n, len)) {
			struct nlmsgerr *e = NLMSG_DATA(n);

			errno = -e->error;
			if (n->nlmsg_type == NLMSG_ERROR && e->error)
				die("refused");
			if (n->nlmsg_type == NLMSG_ERROR && n->nlmsg_seq == seq)
				return;
		}
	}
}

/* Begins a message; gives its fixed header. */
static inline void *begin(int type, int flags, int header)
{
	if (waiting++ == BATCH)
		flush();
	last = (void *)end;
	memset(end, 0, NLMSG_SPACE(header));
	last->nlmsg_type = type;
	last->nlmsg_flags = NLM_F_REQUEST | flags;
	last->nlmsg_seq = ++seq;
	end += NLMSG_SPACE(header);
	last->nlmsg_len = end - (char *)last;
	return NLMSG_DATA(last);
}

static inline struct rtattr *attr(int type, const void *data, int len)
{
	struct rtattr *a = (void *)end;

	a->rta_len = RTA_LENGTH(len);
	a->rta_type = type;
	if (len)
		memcpy(RTA_DATA(a), data, len);
	end += RTA_SPACE(len);
	last->nlmsg_len = end - (char *)last;
	return a;
}

static inline void attr32(int type, uint32_t v)
{
	attr(type, &v, 4);
}

static inline void close_nest(struct rtattr *a)
{
	a->rta_len = end - (char *)a;
}

/* Sends the dump request that was begun; each is called with its messages. */
static inline void dump(void (*each)(struct nlmsghdr *))
{
	if (send(sock, out, end - out, 0) < 0)
		die("send");
	waiting = 0;
	for (end = out;;) {
		int len = recv(sock, in, sizeof(in), 0);
		struct nlmsghdr *n = (void *)in;

		if (len < 0)
			die("recv");
		for (; NLMSG_OK(n, len); n = NLMSG_NEXT(n, len)) {
			if (n->nlmsg_type == NLMSG_DONE)
				return;
			if (n->nlmsg_type == NLMSG_ERROR) {
				errno = -((struct nlmsgerr *)NLMSG_DATA(n))->error;
				die("dump");
			}
			if (each)
				each(n);
		}
	}
}

/* Finds an attribute of a message with a fixed header of this size. */
static inline struct rtattr *find(struct nlmsghdr *n, int header, int type)
{
	struct rtattr *a = (void *)((char *)NLMSG_DATA(n) + NLMSG_ALIGN(header));
	int len = (int)n->nlmsg_len - NLMSG_SPACE(header);

	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if ((a->rta_type & NLA_TYPE_MASK) == type)
			return a;
	return NULL;
}
