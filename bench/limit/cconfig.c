// SPDX-License-Identifier: MIT
/*
 * The limit for a small configuration: two sends, one for the bridge, one for
 * all else, which needs its index; or the dumps that show that it is there.
 *
 *	cconfig router|bridges|noop [N]
 *
 * router is the configuration of ../config.go; bridges are N bridges with an
 * address each, in three sends of as many messages as fit; noop reads.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int sock;
static char out[1 << 20], in[32768], *end = out;
static struct nlmsghdr *last;
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
	setsockopt(sock, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
}

static void *begin(int type, int flags, int header)
{
	last = (void *)end;
	memset(end, 0, NLMSG_SPACE(header));
	last->nlmsg_type = type;
	last->nlmsg_flags = NLM_F_REQUEST | flags;
	last->nlmsg_seq = ++seq;
	end += NLMSG_SPACE(header);
	last->nlmsg_len = end - (char *)last;
	return NLMSG_DATA(last);
}

static struct rtattr *attr(int type, const void *data, int len)
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

static void attr32(int type, uint32_t v)
{
	attr(type, &v, 4);
}

static void close_nest(struct rtattr *a)
{
	a->rta_len = end - (char *)a;
}

static void flush(void)
{
	if (end == out)
		return;
	last->nlmsg_flags |= NLM_F_ACK;
	if (send(sock, out, end - out, 0) < 0)
		die("send");
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

static void bridge(const char *name)
{
	struct ifinfomsg *m = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(*m));
	struct rtattr *info;

	m->ifi_flags = m->ifi_change = IFF_UP;
	attr(IFLA_IFNAME, name, strlen(name) + 1);
	info = attr(IFLA_LINKINFO, NULL, 0);
	attr(IFLA_INFO_KIND, "bridge", 6);
	close_nest(info);
}

static void port(const char *name, uint32_t master)
{
	struct ifinfomsg *m = begin(RTM_NEWLINK, 0, sizeof(*m));

	m->ifi_index = if_nametoindex(name);
	m->ifi_flags = m->ifi_change = IFF_UP;
	if (master)
		attr32(IFLA_MASTER, master);
}

static void address(uint32_t index, const char *text, int bits)
{
	struct ifaddrmsg *m = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(*m));
	unsigned char ip[16];
	int six = !!strchr(text, ':');

	inet_pton(six ? AF_INET6 : AF_INET, text, ip);
	m->ifa_family = six ? AF_INET6 : AF_INET;
	m->ifa_prefixlen = bits;
	m->ifa_index = index;
	attr(IFA_LOCAL, ip, six ? 16 : 4);
	attr(IFA_ADDRESS, ip, six ? 16 : 4);
}

static void route(uint32_t to, int bits, const char *via)
{
	struct rtmsg *m = begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(*m));
	unsigned char ip[4];

	m->rtm_family = AF_INET;
	m->rtm_dst_len = bits;
	m->rtm_table = RT_TABLE_MAIN;
	m->rtm_protocol = 98;
	m->rtm_type = RTN_UNICAST;
	to = htonl(to);
	attr(RTA_DST, &to, 4);
	inet_pton(AF_INET, via, ip);
	attr(RTA_GATEWAY, ip, 4);
}

static void rule(uint32_t from, uint32_t priority)
{
	struct fib_rule_hdr *m = begin(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, sizeof(*m));
	uint8_t protocol = 98;

	m->family = AF_INET;
	m->src_len = 24;
	m->table = 100;
	m->action = FR_ACT_TO_TBL;
	from = htonl(from);
	attr(FRA_SRC, &from, 4);
	attr32(FRA_PRIORITY, priority);
	attr(FRA_PROTOCOL, &protocol, 1);
}

static void qdisc(uint32_t index)
{
	struct tcmsg *m = begin(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, sizeof(*m));

	m->tcm_ifindex = index;
	m->tcm_handle = 7 << 16;
	m->tcm_parent = TC_H_ROOT;
	attr(TCA_KIND, "pfifo", 6);
	attr32(TCA_OPTIONS, 77);
}

static void router(void)
{
	uint32_t lan, wan = if_nametoindex("p5");
	char name[] = "p1";

	bridge("br-lan");
	flush();
	lan = if_nametoindex("br-lan");
	for (; name[1] < '5'; name[1]++)
		port(name, lan);
	port("p5", 0);
	address(lan, "192.168.10.1", 24);
	address(lan, "fd00:10::1", 64);
	address(wan, "203.0.113.2", 30);
	route(0, 0, "203.0.113.1");
	for (uint32_t i = 1; i < 10; i++)
		route(10u << 24 | i << 16, 16, "192.168.10.2");
	rule(192u << 24 | 168 << 16 | 20 << 8, 1000);
	rule(192u << 24 | 168 << 16 | 21 << 8, 1001);
	qdisc(wan);
	flush();
}

static void bridges(int n)
{
	char name[IFNAMSIZ], text[32];

	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "b%d", i);
		bridge(name);
	}
	flush();
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "b%d", i);
		snprintf(text, sizeof(text), "10.%d.%d.1", i / 256, i % 256);
		address(if_nametoindex(name), text, 24);
	}
	flush();
}

static void dump(int type, int header, int family)
{
	unsigned char *m = begin(type, NLM_F_DUMP, header);

	*m = family;
	if (send(sock, out, end - out, 0) < 0)
		die("send");
	for (end = out;;) {
		int len = recv(sock, in, sizeof(in), 0);
		struct nlmsghdr *n = (void *)in;

		if (len < 0)
			die("recv");
		for (; NLMSG_OK(n, len); n = NLMSG_NEXT(n, len))
			if (n->nlmsg_type == NLMSG_DONE || n->nlmsg_type == NLMSG_ERROR)
				return;
	}
}

static void noop(void)
{
	dump(RTM_GETLINK, sizeof(struct ifinfomsg), 0);
	dump(RTM_GETADDR, sizeof(struct ifaddrmsg), 0);
	dump(RTM_GETROUTE, sizeof(struct rtmsg), AF_INET);
	dump(RTM_GETROUTE, sizeof(struct rtmsg), AF_INET6);
	dump(RTM_GETRULE, sizeof(struct fib_rule_hdr), AF_INET);
	dump(RTM_GETRULE, sizeof(struct fib_rule_hdr), AF_INET6);
	dump(RTM_GETQDISC, sizeof(struct tcmsg), 0);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	dial();
	if (!strcmp(what, "router"))
		router();
	else if (!strcmp(what, "bridges") && argc > 2)
		bridges(atoi(argv[2]));
	else if (!strcmp(what, "noop"))
		noop();
	else
		return 2;
	return 0;
}
