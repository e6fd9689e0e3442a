// SPDX-License-Identifier: GPL-2.0
/*
 * A client as they were written for the first hello/bye module: no flags, no
 * type, its PID as port ID, a buffer of 2048 bytes, and what comes is a string.
 *
 * usage: legacy_client [protocol [count]]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/netlink.h>

#define TEXT_MAX 2048

static int die(const char *what)
{
	fprintf(stderr, "legacy_client: %s: %s\n", what, strerror(errno));
	return EXIT_FAILURE;
}

static int say(int fd, struct nlmsghdr *nlh, const char *text)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct iovec iov = { nlh, NLMSG_SPACE(TEXT_MAX) };
	struct msghdr msg = {
		.msg_name = &kernel,
		.msg_namelen = sizeof(kernel),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	nlh->nlmsg_len = NLMSG_SPACE(TEXT_MAX);
	nlh->nlmsg_pid = getpid();
	nlh->nlmsg_flags = 0;
	strcpy(NLMSG_DATA(nlh), text);
	return sendmsg(fd, &msg, 0) < 0 ? -1 : 0;
}

static int listen_once(int fd, struct nlmsghdr *nlh)
{
	ssize_t n;

	memset(nlh, 0, NLMSG_SPACE(TEXT_MAX));
	n = recv(fd, nlh, NLMSG_SPACE(TEXT_MAX), 0);
	if (n < 0)
		return errno == ENOBUFS ? 0 : -1;
	printf("%s\n", (char *)NLMSG_DATA(nlh));
	return fflush(stdout);
}

int main(int argc, char **argv)
{
	int protocol = argc > 1 ? atoi(argv[1]) : 19;
	long count = argc > 2 ? atol(argv[2]) : -1;
	struct sockaddr_nl self = { .nl_family = AF_NETLINK };
	struct nlmsghdr *nlh = calloc(1, NLMSG_SPACE(TEXT_MAX));
	int fd = socket(PF_NETLINK, SOCK_RAW, protocol);

	if (!nlh || fd < 0)
		return die("socket");
	self.nl_pid = getpid();
	if (bind(fd, (struct sockaddr *)&self, sizeof(self)) < 0)
		return die("bind");
	if (say(fd, nlh, "Hello, this is a client") < 0)
		return die("send");
	while (count < 0 || count-- > 0)
		if (listen_once(fd, nlh) < 0)
			return die("receive");
	free(nlh);
	return EXIT_SUCCESS;
}
