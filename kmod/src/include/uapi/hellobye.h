/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What a client of the hello/bye module must know.
 *
 * A client opens socket(AF_NETLINK, SOCK_RAW, number) and sends one message to
 * port 0. It needs CAP_NET_ADMIN in the user namespace of its network
 * namespace. NLM_F_REQUEST tells the two formats apart.
 *
 * Text, for a message without NLM_F_REQUEST:
 *
 *     0               16              32
 *    +-------------------------------+
 *    |          nlmsg_len            |   16 + length of the text, or more
 *    +---------------+---------------+
 *    |  nlmsg_type   |  nlmsg_flags  |   any type; NLM_F_REQUEST not set
 *    +---------------+---------------+
 *    |          nlmsg_seq            |   ignored
 *    +-------------------------------+
 *    |          nlmsg_pid            |   ignored, the socket's port ID counts
 *    +-------------------------------+
 *    |  text, ends at its NUL or with the message
 *    +-------------------------------+
 *
 * The module sends messages of the same shape with type, flags, sequence and
 * port ID 0. The payload is text that ends in NUL: first the greeting, then,
 * for each incoming IPv4 ICMP packet, its bytes from the IP header on, two
 * lower-case hexadecimal digits a byte. Another message of the same client
 * brings another greeting. Who may not register gets no answer.
 *
 * Attributes, for a message with NLM_F_REQUEST, as netlink(7) describes:
 *
 *    request     attributes                   answer
 *    NLMSG_NOOP                               ack: the module is there
 *    REGISTER    TEXT SNAPLEN FILTER          GREETING, then the ack
 *    UNREGISTER                               ack, or ENOENT
 *    GET                                      INFO: limits and counters
 *    GET, dump                                an INFO for each client
 *    SET         SNAPLEN QUEUE_LEN QUEUE_BYTES PPS BURST MAX_CLIENTS    ack
 *
 * A registered client receives PACKET messages with sequence 0, and LOST before
 * the next one when it has missed some. All but NOOP and GET need CAP_NET_ADMIN.
 * A second REGISTER replaces the first. A client is forgotten with its socket.
 *
 * All numbers are in host byte order.
 */
#ifndef _UAPI_HELLOBYE_H
#define _UAPI_HELLOBYE_H

/* Protocol numbers, unless the module's parameters say otherwise. */
#define HB_PROTO_HELLO	19
#define HB_PROTO_BYE	21

#define HB_GREETING_HELLO	"Hello Server Good day Client"
#define HB_GREETING_BYE		"BYE Server Good Evening Client"

/* Text: bytes of a packet that are reported at most. */
#define HB_PACKET_MAX	1023

/* Text: payload of a message at most: all digits and the NUL. */
#define HB_TEXT_MAX	(2 * HB_PACKET_MAX + 1)

/* Of the attributes; a higher one knows all that a lower one does. */
#define HB_VERSION	1

enum hb_msg {
	HB_MSG_REGISTER = 0x10,	/* also an event: a client has come */
	HB_MSG_UNREGISTER,	/* also an event: a client has gone */
	HB_MSG_GET,
	HB_MSG_SET,		/* also an event: limits have changed */

	HB_MSG_GREETING = 0x20,
	HB_MSG_PACKET,
	HB_MSG_INFO,
	HB_MSG_LOST,
};

/* Multicast groups; joining needs CAP_NET_ADMIN. */
enum hb_group {
	HB_GRP_NONE,
	HB_GRP_PACKETS,		/* what clients are sent, while there are any */
	HB_GRP_EVENTS,		/* REGISTER, UNREGISTER, SET */
};

enum hb_attr {
	HB_A_UNSPEC,
	HB_A_PAD,
	HB_A_VERSION,		/* u32 HB_VERSION */
	HB_A_SIDE,		/* u8 enum hb_side_id */
	HB_A_TEXT,		/* string: greeting, or a client's name */
	HB_A_RAW,		/* binary: bytes from the IP header on */
	HB_A_ORIG_LEN,		/* u32 bytes that the packet had */
	HB_A_SNAPLEN,		/* u32 bytes that are reported at most */
	HB_A_IFINDEX,		/* u32 where the packet came in */
	HB_A_IFNAME,		/* string, the same */
	HB_A_TSTAMP,		/* u64 ns, CLOCK_REALTIME */
	HB_A_FAMILY,		/* u8 AF_INET or AF_INET6 */
	HB_A_MARK,		/* u32, absent when 0 */
	HB_A_SEQ,		/* u64, counts the side's ICMP packets */
	HB_A_DROPS,		/* u64 packets lost since registration */
	HB_A_FILTER,		/* nest of enum hb_filter_attr */
	HB_A_STATS,		/* nest of enum hb_stat_attr */
	HB_A_PORTID,		/* u32 of a client */
	HB_A_CLIENTS,		/* u32 number of clients */
	HB_A_MAX_CLIENTS,	/* u32 limit */
	HB_A_QUEUE_LEN,		/* u32 packets waiting, limit */
	HB_A_PPS,		/* u32 packets a second, 0: no limit */
	HB_A_BURST,		/* u32 packets at once beyond that */
	HB_A_QUEUE_BYTES,	/* u32 memory of packets waiting, limit */

	__HB_A_MAX,
	HB_A_MAX = __HB_A_MAX - 1
};

/* What a client wants to see; an absent one means all. */
enum hb_filter_attr {
	HB_F_UNSPEC,
	HB_F_IFINDEX,		/* u32 */
	HB_F_FAMILY,		/* u8 AF_INET or AF_INET6 */
	HB_F_ICMP_TYPE,		/* u8 */

	__HB_F_MAX,
	HB_F_MAX = __HB_F_MAX - 1
};

/* Counters, u64, since the network namespace met the module. */
enum hb_stat_attr {
	HB_S_UNSPEC,
	HB_S_PAD,
	HB_S_SEEN,		/* packets that the hook met */
	HB_S_SENT,		/* messages handed to a client's socket */
	HB_S_DROP_QUEUE,	/* packets: the queue was full */
	HB_S_DROP_MEMORY,	/* packets or messages: no memory */
	HB_S_DROP_CLIENT,	/* messages: the client's socket was full */
	HB_S_REFUSED,		/* registrations: permission, limit, length */
	HB_S_DROP_RATE,		/* packets: above the rate */

	__HB_S_MAX,
	HB_S_MAX = __HB_S_MAX - 1
};

enum hb_side_id {
	HB_HELLO,
	HB_BYE,
};

/* Limits of the limits. */
#define HB_NAME_MAX		63	/* characters of a client's name */
#define HB_SNAPLEN_MAX		65531
#define HB_QUEUE_LEN_MAX	65536
#define HB_QUEUE_BYTES_MAX	(1 << 30)
#define HB_CLIENTS_MAX		1024
#define HB_PPS_MAX		1000000

#endif /* _UAPI_HELLOBYE_H */
