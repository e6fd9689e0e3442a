package kmod

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"
)

// An icmpFamily has the words for one version of ICMP.
type icmpFamily struct {
	protocol byte
	name     string
	types    []icmpType
}

// An icmpType is a message's name, and whether an identifier and a sequence
// number follow its checksum.
type icmpType struct {
	number byte
	echoes bool
	name   string
}

// icmpFamilies are the types of RFC 792, RFC 4443 and their successors that
// routers meet.
var icmpFamilies = [...]icmpFamily{
	{unix.IPPROTO_ICMP, "icmp", []icmpType{
		{0, true, "echo reply"}, {3, false, "destination unreachable"}, {4, false, "source quench"}, {5, false, "redirect"},
		{8, true, "echo request"}, {9, false, "router advertisement"}, {10, false, "router solicitation"}, {11, false, "time exceeded"},
		{12, false, "parameter problem"}, {13, true, "timestamp request"}, {14, true, "timestamp reply"},
		{42, false, "extended echo request"}, {43, false, "extended echo reply"},
	}},
	{unix.IPPROTO_ICMPV6, "icmp6", []icmpType{
		{1, false, "destination unreachable"}, {2, false, "packet too big"}, {3, false, "time exceeded"}, {4, false, "parameter problem"},
		{128, true, "echo request"}, {129, true, "echo reply"}, {130, false, "listener query"}, {131, false, "listener report"},
		{132, false, "listener done"}, {133, false, "router solicitation"}, {134, false, "router advertisement"},
		{135, false, "neighbour solicitation"}, {136, false, "neighbour advertisement"}, {137, false, "redirect"}, {143, false, "listener report v2"},
	}},
}

// familyOf finds the version of ICMP with an IP protocol number; nil: none.
func familyOf(protocol byte) *icmpFamily {
	for i := range icmpFamilies {
		if icmpFamilies[i].protocol == protocol {
			return &icmpFamilies[i]
		}
	}
	return nil
}

// typeOf gives the words for a message type, known or not.
func (f *icmpFamily) typeOf(number byte) icmpType {
	for _, t := range f.types {
		if t.number == number {
			return t
		}
	}
	return icmpType{name: "type " + strconv.Itoa(int(number))}
}

// describe reads an ICMP header of at least 8 bytes.
func (f *icmpFamily) describe(b []byte) string {
	t := f.typeOf(b[0])
	if t.echoes {
		return fmt.Sprintf("%s %s, id %d, seq %d", f.name, t.name, binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:]))
	}
	return fmt.Sprintf("%s %s, code %d", f.name, t.name, b[1])
}
