/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What a client of the hello/bye module must know.
 *
 * A client opens socket(AF_NETLINK, SOCK_RAW, number) and sends one message to
 * port 0. It needs CAP_NET_ADMIN; without it nothing comes back.
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
 * for each incoming ICMP packet, its bytes from the IPv4 header on, two
 * lower-case hexadecimal digits a byte. Another message of the same client
 * brings another greeting.
 *
 * Messages with NLM_F_REQUEST set are answered as netlink(7) says: NLMSG_NOOP
 * with NLM_F_ACK gets its ack, so it tells whether the module is there.
 */
#ifndef _UAPI_HELLOBYE_H
#define _UAPI_HELLOBYE_H

/* Protocol numbers, unless the module's parameters say otherwise. */
#define HB_PROTO_HELLO	19
#define HB_PROTO_BYE	21

#define HB_GREETING_HELLO	"Hello Server Good day Client"
#define HB_GREETING_BYE		"BYE Server Good Evening Client"

/* Bytes of a packet that are reported at most. */
#define HB_PACKET_MAX	1023

/* Payload of a message at most: all digits and the NUL. */
#define HB_TEXT_MAX	(2 * HB_PACKET_MAX + 1)

#endif /* _UAPI_HELLOBYE_H */
