package kmod

import (
	"fmt"
	"time"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// Numbers of src/include/uapi/hellobye.h: enum hb_msg, hb_attr, hb_filter_attr.
const (
	msgRegister = 0x10
	msgGreeting = 0x20
	msgPacket   = 0x21
	msgLost     = 0x23

	attrVersion = 2
	attrSide    = 3
	attrText    = 4
	attrRaw     = 5
	attrOrigLen = 6
	attrSnapLen = 7
	attrIfIndex = 8
	attrIfName  = 9
	attrTStamp  = 10
	attrMark    = 12
	attrSeq     = 13
	attrDrops   = 14
	attrFilter  = 15

	filterIfIndex = 1
	filterFamily  = 2
)

// parseGreeting checks that it is our module, and the side that was meant.
func parseGreeting(side Side, m nlcore.Message) (text string, err error) {
	var version uint32
	from := ^uint8(0)
	for a, aerr := range nlcore.Attrs(m.Body) {
		switch a.Type {
		case attrVersion:
			version, aerr = a.Uint32()
		case attrSide:
			from, aerr = a.Uint8()
		case attrText:
			text = a.String()
		}
		if aerr != nil {
			return "", fmt.Errorf("greeting of %s: %w", side, aerr)
		}
	}
	if m.Type != msgGreeting || version == 0 || from != uint8(side) {
		return "", fmt.Errorf("register with %s: the answer (type %#x) is not this side's greeting: %w", side, m.Type, unix.EPROTO)
	}
	return text, nil
}

// parsePacket reads a report; Raw is a copy.
func parsePacket(body []byte) (p Packet, err error) {
	for a, aerr := range nlcore.Attrs(body) {
		switch a.Type {
		case attrRaw:
			p.Raw = append([]byte{}, a.Data...)
		case attrOrigLen:
			p.Length, aerr = a.Uint32()
		case attrIfIndex:
			p.IfIndex, aerr = a.Uint32()
		case attrIfName:
			p.Interface = a.String()
		case attrTStamp:
			var ns uint64
			ns, aerr = a.Uint64()
			p.Time = time.Unix(0, int64(ns))
		case attrMark:
			p.Mark, aerr = a.Uint32()
		case attrSeq:
			p.Seq, aerr = a.Uint64()
		}
		if aerr != nil {
			return Packet{}, fmt.Errorf("packet: %w", aerr)
		}
	}
	if p.Raw == nil {
		return Packet{}, fmt.Errorf("packet without its bytes: %w", unix.EBADMSG)
	}
	return p, nil
}

// parseLost gives how many packets were lost since registration.
func parseLost(body []byte) (total uint64, err error) {
	for a, aerr := range nlcore.Attrs(body) {
		if aerr == nil && a.Type == attrDrops {
			total, aerr = a.Uint64()
		}
		if aerr != nil {
			return 0, fmt.Errorf("report of losses: %w", aerr)
		}
	}
	return total, nil
}
