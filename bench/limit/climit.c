// SPDX-License-Identifier: MIT
/*
 * The limit: what a program costs that does nothing but talk to the kernel.
 * Plain sockets, one buffer, 1000 messages a send with an ack of the last.
 *
 *	climit [-6] add|del|spread|dump|parse|noop|replace|change N
 *
 * The routes are those of cmd/nlbench; del deletes in ascending order, spread
 * scattered over the table; change is noop, and then one route gets another
 * gateway.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH	1000
#define BUF	32768

struct record {
	uint8_t dst[16], via[16];
	uint32_t dev, metric;
	uint8_t bits, type;
};

static int sock, six;
static unsigned int dev;
static char out[BATCH * 128], in[BUF];
static uint32_t seq;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void dial(void)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int on = 1, room = 1 << 20;

	sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (sock < 0 || connect(sock, (void *)&kernel, sizeof(kernel)))
		die("netlink");
	setsockopt(sock, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	setsockopt(sock, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
}

static void route(struct record *r, uint32_t i)
{
	memset(r, 0, sizeof(*r));
	r->dev = dev;
	r->metric = 100;
	r->type = RTN_UNICAST;
	if (six) {
		uint32_t be = htonl(i);

		r->dst[0] = 0x40;
		memcpy(r->dst + 2, &be, 4);
		inet_pton(AF_INET6, "2001:db8::2", r->via);
		r->bits = 48;
	} else {
		uint32_t be = htonl((16u << 24) + (i << 8));

		memcpy(r->dst, &be, 4);
		memcpy(r->via, "\xc0\x00\x02\x02", 4);
		r->bits = 24;
	}
}

static char *attr(char *p, uint16_t type, const void *data, int len)
{
	struct rtattr *a = (void *)p;

	a->rta_len = RTA_LENGTH(len);
	a->rta_type = type;
	memcpy(RTA_DATA(a), data, len);
	return p + RTA_SPACE(len);
}

static char *put(char *p, const struct record *r, int type, int flags)
{
	struct nlmsghdr *n = (void *)p;
	struct rtmsg *m = NLMSG_DATA(n);
	int len = six ? 16 : 4;
	char *end;

	memset(p, 0, NLMSG_SPACE(sizeof(*m)));
	m->rtm_family = six ? AF_INET6 : AF_INET;
	m->rtm_dst_len = r->bits;
	m->rtm_table = RT_TABLE_MAIN;
	m->rtm_protocol = RTPROT_STATIC;
	m->rtm_scope = type == RTM_DELROUTE ? RT_SCOPE_NOWHERE : RT_SCOPE_UNIVERSE;
	m->rtm_type = r->type;
	end = attr(p + NLMSG_SPACE(sizeof(*m)), RTA_DST, r->dst, len);
	end = attr(end, RTA_GATEWAY, r->via, len);
	end = attr(end, RTA_OIF, &r->dev, 4);
	end = attr(end, RTA_PRIORITY, &r->metric, 4);
	n->nlmsg_len = end - p;
	n->nlmsg_type = type;
	n->nlmsg_flags = NLM_F_REQUEST | flags;
	n->nlmsg_seq = ++seq;
	return end;
}

static void acked(uint32_t last)
{
	for (;;) {
		int len = recv(sock, in, sizeof(in), 0);
		struct nlmsghdr *n = (void *)in;

		if (len < 0)
			die("recv");
		for (; NLMSG_OK(n, len); n = NLMSG_NEXT(n, len)) {
			struct nlmsgerr *e = NLMSG_DATA(n);

			if (n->nlmsg_type != NLMSG_ERROR)
				continue;
			if (e->error) {
				errno = -e->error;
				die("route");
			}
			if (n->nlmsg_seq == last)
				return;
		}
	}
}

static void write_all(uint32_t n, uint64_t step, int type, int flags)
{
	uint64_t at = 0;

	for (uint32_t i = 0; i < n;) {
		struct nlmsghdr *last = NULL;
		char *p = out;

		for (int k = 0; k < BATCH && i < n; k++, i++) {
			struct record r;

			route(&r, at);
			last = (void *)p;
			p = put(p, &r, type, flags);
			at = (at + step) % n;
		}
		last->nlmsg_flags |= NLM_F_ACK;
		if (send(sock, out, p - out, 0) < 0)
			die("send");
		acked(last->nlmsg_seq);
	}
}

static void change(uint32_t i)
{
	struct nlmsghdr *n = (void *)out;
	struct record r;
	char *end;

	route(&r, i);
	r.via[six ? 15 : 3]++;
	end = put(out, &r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
	n->nlmsg_flags |= NLM_F_ACK;
	if (send(sock, out, end - out, 0) < 0)
		die("send");
	acked(n->nlmsg_seq);
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	return b ? gcd(b, a % b) : a;
}

static uint64_t stride(uint64_t n)
{
	uint64_t step = n * 618 / 1000;

	while (step > 1 && gcd(step, n) != 1)
		step--;
	return step ? step : 1;
}

static int get(struct record *r, struct nlmsghdr *n)
{
	struct rtmsg *m = NLMSG_DATA(n);
	int len = RTM_PAYLOAD(n);

	if (m->rtm_protocol != RTPROT_STATIC || m->rtm_table != RT_TABLE_MAIN)
		return 0;
	memset(r, 0, sizeof(*r));
	r->bits = m->rtm_dst_len;
	r->type = m->rtm_type;
	for (struct rtattr *a = RTM_RTA(m); RTA_OK(a, len); a = RTA_NEXT(a, len)) {
		switch (a->rta_type) {
		case RTA_DST:
			memcpy(r->dst, RTA_DATA(a), RTA_PAYLOAD(a));
			break;
		case RTA_GATEWAY:
			memcpy(r->via, RTA_DATA(a), RTA_PAYLOAD(a));
			break;
		case RTA_OIF:
			memcpy(&r->dev, RTA_DATA(a), 4);
			break;
		case RTA_PRIORITY:
			memcpy(&r->metric, RTA_DATA(a), 4);
			break;
		}
	}
	return 1;
}

/* What each record of a dump is for: dump counts, parse keeps, noop compares. */
static void read_all(uint32_t want, char what)
{
	struct { struct nlmsghdr n; struct rtmsg m; struct rtattr a; uint32_t table; } ask = {
		.n = { .nlmsg_len = sizeof(ask), .nlmsg_type = RTM_GETROUTE, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.m = { .rtm_family = six ? AF_INET6 : AF_INET, .rtm_protocol = RTPROT_STATIC },
		.a = { .rta_len = RTA_LENGTH(4), .rta_type = RTA_TABLE }, .table = RT_TABLE_MAIN,
	};
	struct record *kept = what == 'p' ? malloc(want * sizeof(*kept)) : NULL;
	uint32_t got = 0;

	if (send(sock, &ask, sizeof(ask), 0) < 0)
		die("send");
	for (;;) {
		int len = recv(sock, in, sizeof(in), 0);

		if (len < 0)
			die("recv");
		for (struct nlmsghdr *n = (void *)in; NLMSG_OK(n, len); n = NLMSG_NEXT(n, len)) {
			struct record r, w;

			if (n->nlmsg_type == NLMSG_DONE) {
				if (got != want) {
					fprintf(stderr, "%u routes\n", got);
					exit(1);
				}
				return;
			}
			if (!get(&r, n))
				continue;
			if (kept && got < want)
				kept[got] = r;
			if (what == 'n') {
				route(&w, got);
				if (memcmp(&r, &w, sizeof(r))) {
					fprintf(stderr, "route %u differs\n", got);
					exit(1);
				}
			}
			got++;
		}
	}
}

int main(int argc, char **argv)
{
	const char *op;
	uint32_t n;

	if (argc > 1 && !strcmp(argv[1], "-6")) {
		six = 1;
		argc--;
		argv++;
	}
	if (argc != 3)
		return 2;
	op = argv[1];
	n = atoi(argv[2]);
	dev = if_nametoindex("v0");
	dial();
	if (!strcmp(op, "add"))
		write_all(n, 1, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	else if (!strcmp(op, "replace"))
		write_all(n, 1, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
	else if (!strcmp(op, "del"))
		write_all(n, 1, RTM_DELROUTE, 0);
	else if (!strcmp(op, "spread"))
		write_all(n, stride(n), RTM_DELROUTE, 0);
	else
		read_all(n, !strcmp(op, "change") ? 'n' : *op);
	if (!strcmp(op, "change"))
		change(n / 2);
	return 0;
}
