// SPDX-License-Identifier: MIT
/*
 * Counts what there is in this network namespace, so that nobody wins by doing
 * less:
 *
 *	links 5 up 5 ports 1 addresses 3 routes 12 rules 8 qdiscs 1 vlans 0
 *
 * Not counted are lo, addresses of link or host scope, routes outside of IPv4's
 * main table, queueing disciplines without the handle 7:, the VLAN 1 that some
 * kernels give to every port.
 */
#include <linux/fib_rules.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <net/if.h>

#include "nl.h"

static int links, up, ports, addresses, routes, rules, qdiscs, vlans;

static void link_(struct nlmsghdr *n)
{
	struct ifinfomsg *m = NLMSG_DATA(n);

	if (m->ifi_flags & IFF_LOOPBACK)
		return;
	links++;
	up += !!(m->ifi_flags & IFF_UP);
	ports += !!find(n, sizeof(*m), IFLA_MASTER);
}

static void address(struct nlmsghdr *n)
{
	addresses += ((struct ifaddrmsg *)NLMSG_DATA(n))->ifa_scope < RT_SCOPE_LINK;
}

static void route(struct nlmsghdr *n)
{
	routes += ((struct rtmsg *)NLMSG_DATA(n))->rtm_table == RT_TABLE_MAIN;
}

static void rule(struct nlmsghdr *n)
{
	(void)n;
	rules++;
}

static void qdisc(struct nlmsghdr *n)
{
	qdiscs += ((struct tcmsg *)NLMSG_DATA(n))->tcm_handle == 7 << 16;
}

static void vlan(struct nlmsghdr *n)
{
	struct rtattr *spec = find(n, sizeof(struct ifinfomsg), IFLA_AF_SPEC);
	struct rtattr *a = spec ? RTA_DATA(spec) : NULL;
	int len = spec ? RTA_PAYLOAD(spec) : 0;

	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		vlans += a->rta_type == IFLA_BRIDGE_VLAN_INFO && ((struct bridge_vlan_info *)RTA_DATA(a))->vid != 1;
}

static unsigned char *ask(int type, int header, int family)
{
	unsigned char *m = begin(type, NLM_F_DUMP, header);

	*m = family;
	return m;
}

int main(void)
{
	dial();
	ask(RTM_GETLINK, sizeof(struct ifinfomsg), AF_UNSPEC);
	dump(link_);
	ask(RTM_GETADDR, sizeof(struct ifaddrmsg), AF_UNSPEC);
	dump(address);
	ask(RTM_GETROUTE, sizeof(struct rtmsg), AF_INET);
	attr32(RTA_TABLE, RT_TABLE_MAIN);
	dump(route);
	ask(RTM_GETRULE, sizeof(struct fib_rule_hdr), AF_INET);
	dump(rule);
	ask(RTM_GETRULE, sizeof(struct fib_rule_hdr), AF_INET6);
	dump(rule);
	ask(RTM_GETQDISC, sizeof(struct tcmsg), AF_UNSPEC);
	dump(qdisc);
	ask(RTM_GETLINK, sizeof(struct ifinfomsg), AF_BRIDGE);
	attr32(IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN);
	dump(vlan);
	printf("links %d up %d ports %d addresses %d routes %d rules %d qdiscs %d vlans %d\n",
	       links, up, ports, addresses, routes, rules, qdiscs, vlans);
	return 0;
}
