// SPDX-License-Identifier: MIT
/*
 * The limit for a configuration: a program that knows what to write, or which
 * dumps show that all is there, and does nothing else.
 *
 *	cconfig apply|again|change router|bridges|rules|vlans N
 *
 * The configurations are those of ../config. again reads all that the
 * configuration is about; change reads as much and makes one change.
 */
#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <linux/pkt_sched.h>
#include <net/if.h>

#include "nl.h"

#define CREATE	(NLM_F_CREATE | NLM_F_EXCL)

static void bridge(const char *name, uint8_t filtering)
{
	struct ifinfomsg *m = begin(RTM_NEWLINK, CREATE, sizeof(*m));
	struct rtattr *info, *data;

	m->ifi_flags = m->ifi_change = IFF_UP;
	attr(IFLA_IFNAME, name, strlen(name) + 1);
	info = attr(IFLA_LINKINFO, NULL, 0);
	attr(IFLA_INFO_KIND, "bridge", 6);
	if (filtering) {
		data = attr(IFLA_INFO_DATA, NULL, 0);
		attr(IFLA_BR_VLAN_FILTERING, &filtering, 1);
		close_nest(data);
	}
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

static void address(int type, uint32_t index, const char *text, int bits)
{
	struct ifaddrmsg *m = begin(type, type == RTM_NEWADDR ? CREATE : 0, sizeof(*m));
	unsigned char ip[16];
	int six = !!strchr(text, ':');

	inet_pton(six ? AF_INET6 : AF_INET, text, ip);
	m->ifa_family = six ? AF_INET6 : AF_INET;
	m->ifa_prefixlen = bits;
	m->ifa_index = index;
	attr(IFA_LOCAL, ip, six ? 16 : 4);
	attr(IFA_ADDRESS, ip, six ? 16 : 4);
}

static void route(int flags, uint32_t to, int bits, const char *via)
{
	struct rtmsg *m = begin(RTM_NEWROUTE, NLM_F_CREATE | flags, sizeof(*m));
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

static void rule(int type, uint32_t from, int bits, uint32_t priority)
{
	struct fib_rule_hdr *m = begin(type, type == RTM_NEWRULE ? CREATE : 0, sizeof(*m));
	uint8_t protocol = 98;

	m->family = AF_INET;
	m->src_len = bits;
	m->table = 100;
	m->action = FR_ACT_TO_TBL;
	from = htonl(from);
	attr(FRA_SRC, &from, 4);
	attr32(FRA_PRIORITY, priority);
	attr(FRA_PROTOCOL, &protocol, 1);
}

static void qdisc(uint32_t index)
{
	struct tcmsg *m = begin(RTM_NEWQDISC, CREATE, sizeof(*m));

	m->tcm_ifindex = index;
	m->tcm_handle = 7 << 16;
	m->tcm_parent = TC_H_ROOT;
	attr(TCA_KIND, "pfifo", 6);
	attr32(TCA_OPTIONS, 77);
}

static void vlan(uint32_t lower, uint16_t id)
{
	struct ifinfomsg *m = begin(RTM_NEWLINK, CREATE, sizeof(*m));
	struct rtattr *info, *data;
	char name[IFNAMSIZ];

	m->ifi_flags = m->ifi_change = IFF_UP;
	attr(IFLA_IFNAME, name, snprintf(name, sizeof(name), "v%u", id) + 1);
	attr32(IFLA_LINK, lower);
	info = attr(IFLA_LINKINFO, NULL, 0);
	attr(IFLA_INFO_KIND, "vlan", 4);
	data = attr(IFLA_INFO_DATA, NULL, 0);
	attr(IFLA_VLAN_ID, &id, 2);
	close_nest(data);
	close_nest(info);
}

/* Lets a bridge's port, or the bridge itself, have VLANs. */
static void admit(uint32_t index, int self, uint16_t first, uint16_t final)
{
	struct ifinfomsg *m = begin(RTM_SETLINK, 0, sizeof(*m));
	struct bridge_vlan_info v = { .flags = BRIDGE_VLAN_INFO_RANGE_BEGIN, .vid = first };
	uint16_t flags = self ? BRIDGE_FLAGS_SELF : BRIDGE_FLAGS_MASTER;
	struct rtattr *spec;

	m->ifi_family = AF_BRIDGE;
	m->ifi_index = index;
	spec = attr(IFLA_AF_SPEC, NULL, 0);
	attr(IFLA_BRIDGE_FLAGS, &flags, 2);
	attr(IFLA_BRIDGE_VLAN_INFO, &v, sizeof(v));
	v.flags = BRIDGE_VLAN_INFO_RANGE_END;
	v.vid = final;
	attr(IFLA_BRIDGE_VLAN_INFO, &v, sizeof(v));
	close_nest(spec);
}

static void mtu(uint32_t index, uint32_t bytes)
{
	struct ifinfomsg *m = begin(RTM_NEWLINK, 0, sizeof(*m));

	m->ifi_index = index;
	attr32(IFLA_MTU, bytes);
}

static void router(int n)
{
	uint32_t lan, wan = if_nametoindex("p5");
	char name[] = "p1";

	bridge("br-lan", 0);
	flush();
	lan = if_nametoindex("br-lan");
	for (; name[1] < '5'; name[1]++)
		port(name, lan);
	port("p5", 0);
	address(RTM_NEWADDR, lan, "192.168.10.1", 24);
	address(RTM_NEWADDR, lan, "fd00:10::1", 64);
	address(RTM_NEWADDR, wan, "203.0.113.2", 30);
	route(NLM_F_EXCL, 0, 0, "203.0.113.1");
	for (int i = 1; i <= n; i++)
		route(NLM_F_EXCL, 10u << 24 | i << 16, 16, "192.168.10.2");
	rule(RTM_NEWRULE, 192u << 24 | 168 << 16 | 20 << 8, 24, 1000);
	rule(RTM_NEWRULE, 192u << 24 | 168 << 16 | 21 << 8, 24, 1001);
	qdisc(wan);
}

static void router_change(int n)
{
	route(NLM_F_REPLACE, 10u << 24 | (n / 2 + 1) << 16, 16, "192.168.10.3");
}

static void bridges(int n)
{
	char name[IFNAMSIZ], text[32];

	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "b%d", i);
		bridge(name, 0);
	}
	flush();
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "b%d", i);
		snprintf(text, sizeof(text), "10.%d.%d.1", i / 256, i % 256);
		address(RTM_NEWADDR, if_nametoindex(name), text, 24);
	}
}

static void bridges_change(int n)
{
	char name[IFNAMSIZ], text[32];
	int i = n / 2;
	uint32_t index;

	snprintf(name, sizeof(name), "b%d", i);
	index = if_nametoindex(name);
	snprintf(text, sizeof(text), "11.%d.%d.1", i / 256, i % 256);
	address(RTM_NEWADDR, index, text, 24);
	snprintf(text, sizeof(text), "10.%d.%d.1", i / 256, i % 256);
	address(RTM_DELADDR, index, text, 24);
}

static void rules(int n)
{
	for (int i = 0; i < n; i++)
		rule(RTM_NEWRULE, (10u << 24) + i, 32, 1000 + i);
}

static void rules_change(int n)
{
	rule(RTM_NEWRULE, (11u << 24) + n / 2, 32, 1000 + n / 2);
	rule(RTM_DELRULE, (10u << 24) + n / 2, 32, 1000 + n / 2);
}

static void vlans(int n)
{
	uint32_t index;

	bridge("br0", 1);
	flush();
	index = if_nametoindex("br0");
	port("p1", index);
	admit(if_nametoindex("p1"), 0, 2, n + 1);
	admit(index, 1, 2, n + 1);
	for (int i = 2; i < n + 2; i++)
		vlan(index, i);
}

static void vlans_change(int n)
{
	char name[IFNAMSIZ];

	snprintf(name, sizeof(name), "v%d", n / 2 + 2);
	mtu(if_nametoindex(name), 1400);
}

static void read_all(int type, int header, int family)
{
	unsigned char *m = begin(type, NLM_F_DUMP, header);

	*m = family;
	dump(NULL);
}

static void read_links(int with_vlans)
{
	read_all(RTM_GETLINK, sizeof(struct ifinfomsg), AF_UNSPEC);
	if (!with_vlans)
		return;
	*(unsigned char *)begin(RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg)) = AF_BRIDGE;
	attr32(IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN_COMPRESSED);
	dump(NULL);
}

static void read_rest(void)
{
	read_all(RTM_GETADDR, sizeof(struct ifaddrmsg), AF_UNSPEC);
	read_all(RTM_GETROUTE, sizeof(struct rtmsg), AF_INET);
	read_all(RTM_GETROUTE, sizeof(struct rtmsg), AF_INET6);
	read_all(RTM_GETRULE, sizeof(struct fib_rule_hdr), AF_INET);
	read_all(RTM_GETRULE, sizeof(struct fib_rule_hdr), AF_INET6);
	read_all(RTM_GETQDISC, sizeof(struct tcmsg), AF_UNSPEC);
}

static const struct config {
	const char *name;
	void (*apply)(int n), (*change)(int n);
	int with_vlans;
} configs[] = {
	{ "router", router, router_change },
	{ "bridges", bridges, bridges_change },
	{ "rules", rules, rules_change },
	{ "vlans", vlans, vlans_change, 1 },
};

int main(int argc, char **argv)
{
	const struct config *c = configs;

	if (argc != 4)
		return 2;
	while (strcmp(c->name, argv[2]))
		if (++c == configs + sizeof(configs) / sizeof(*configs))
			return 2;
	dial();
	if (!strcmp(argv[1], "apply")) {
		c->apply(atoi(argv[3]));
	} else {
		read_links(c->with_vlans);
		read_rest();
		if (!strcmp(argv[1], "change"))
			c->change(atoi(argv[3]));
	}
	flush();
	return 0;
}
