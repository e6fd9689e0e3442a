package main

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"
)

// justAfterFilter is the priority of hellobye's hooks.
const justAfterFilter = 1

// Numbers of linux/netfilter/nfnetlink_log.h, which x/sys/unix lacks.
const (
	nfulnlMsgPacket, nfulnlMsgConfig = 0, 1

	nfulaCfgCmd, nfulaCfgMode, nfulaCfgQThresh = 1, 2, 5

	nfulnlCfgCmdBind = 1
	nfulnlCopyPacket = 2
)

// openLog adds the rule `icmp type echo-request log group G snaplen N
// queue-threshold 1` to prerouting and binds a listener to the group.
func openLog(group uint16, snaplen uint32) (*reader, error) {
	fd, err := openSocket(unix.NETLINK_NETFILTER)
	if err != nil {
		return nil, err
	}
	if err := acked(fd, "rule", ruleBatch(group, snaplen), 3); err != nil {
		return nil, err
	}
	bind := message(unix.NFNL_SUBSYS_ULOG<<8|nfulnlMsgConfig, unix.NLM_F_REQUEST|unix.NLM_F_ACK, slices.Concat(
		nfgenmsg(unix.AF_UNSPEC, group),
		attr(nfulaCfgCmd, []byte{nfulnlCfgCmdBind}),
		attr(nfulaCfgMode, binary.BigEndian.AppendUint32(nil, snaplen), []byte{nfulnlCopyPacket, 0}),
		be32(nfulaCfgQThresh, 1)))
	return &reader{fd: fd, typ: unix.NFNL_SUBSYS_ULOG<<8 | nfulnlMsgPacket}, acked(fd, "log group", bind, 1)
}

// ruleBatch makes table and chain where they are not there, and the rule, each
// with an ack.
func ruleBatch(group uint16, snaplen uint32) []byte {
	const name = "modbench"
	edge := func(typ uint16) []byte {
		return message(typ, unix.NLM_F_REQUEST, nfgenmsg(unix.AF_UNSPEC, unix.NFNL_SUBSYS_NFTABLES))
	}
	create := func(typ uint16, attributes ...[]byte) []byte {
		return message(unix.NFNL_SUBSYS_NFTABLES<<8|typ, unix.NLM_F_REQUEST|unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_APPEND,
			append(nfgenmsg(unix.AF_INET, 0), slices.Concat(attributes...)...))
	}
	return slices.Concat(
		edge(unix.NFNL_MSG_BATCH_BEGIN),
		create(unix.NFT_MSG_NEWTABLE, text(unix.NFTA_TABLE_NAME, name)),
		create(unix.NFT_MSG_NEWCHAIN,
			text(unix.NFTA_CHAIN_TABLE, name),
			text(unix.NFTA_CHAIN_NAME, name),
			nest(unix.NFTA_CHAIN_HOOK,
				be32(unix.NFTA_HOOK_HOOKNUM, unix.NF_INET_PRE_ROUTING),
				be32(unix.NFTA_HOOK_PRIORITY, justAfterFilter)),
			text(unix.NFTA_CHAIN_TYPE, "filter")),
		create(unix.NFT_MSG_NEWRULE,
			text(unix.NFTA_RULE_TABLE, name),
			text(unix.NFTA_RULE_CHAIN, name),
			nest(unix.NFTA_RULE_EXPRESSIONS, expressions(group, snaplen))),
		edge(unix.NFNL_MSG_BATCH_END))
}

// expressions are what nft(8) makes of the rule.
func expressions(group uint16, snaplen uint32) []byte {
	return slices.Concat(
		expression("meta",
			be32(unix.NFTA_META_DREG, unix.NFT_REG_1),
			be32(unix.NFTA_META_KEY, unix.NFT_META_L4PROTO)),
		equals(unix.IPPROTO_ICMP),
		expression("payload",
			be32(unix.NFTA_PAYLOAD_DREG, unix.NFT_REG_1),
			be32(unix.NFTA_PAYLOAD_BASE, unix.NFT_PAYLOAD_TRANSPORT_HEADER),
			be32(unix.NFTA_PAYLOAD_OFFSET, 0),
			be32(unix.NFTA_PAYLOAD_LEN, 1)),
		equals(echoRequestType),
		expression("log",
			be16(unix.NFTA_LOG_GROUP, group),
			be32(unix.NFTA_LOG_SNAPLEN, snaplen),
			be16(unix.NFTA_LOG_QTHRESHOLD, 1)))
}

func expression(name string, attributes ...[]byte) []byte {
	return nest(unix.NFTA_LIST_ELEM, text(unix.NFTA_EXPR_NAME, name), nest(unix.NFTA_EXPR_DATA, attributes...))
}

// equals compares what the expression before it has read.
func equals(value byte) []byte {
	return expression("cmp",
		be32(unix.NFTA_CMP_SREG, unix.NFT_REG_1),
		be32(unix.NFTA_CMP_OP, unix.NFT_CMP_EQ),
		nest(unix.NFTA_CMP_DATA, attr(unix.NFTA_DATA_VALUE, []byte{value})))
}

// nfgenmsg is the header of nfnetlink's messages.
func nfgenmsg(family byte, resource uint16) []byte {
	return binary.BigEndian.AppendUint16([]byte{family, 0}, resource)
}
