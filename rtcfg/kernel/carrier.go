package kernel

import (
	"context"
	"encoding/binary"
	"fmt"

	"bootlink/nlcore"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"

	"golang.org/x/sys/unix"
)

// ifReady is IF_READY of the kernel's net/if_inet6.h: IPv6 has seen the link's
// carrier.
const ifReady = 1 << 31

// carrierOf names the link of which a step needs the carrier, "" for none. That
// comes some time after the link went up.
func carrierOf(step *plan.Step) string {
	if fleeting(step) || step.ID.Class == object.Nexthop && step.Op != object.Delete {
		return step.Values["dev"]
	}
	return ""
}

// fleeting tells a step that makes an IPv6 address with a lifetime. The kernel
// takes it at any time, and a moment later drops it from a link of which IPv6 has
// not yet seen the carrier (addrconf_dad_begin). One that is valid for ever stays.
func fleeting(step *plan.Step) bool {
	v := step.Values
	return step.ID.Class == object.Address && step.Op == object.Create && v["family"] == "inet6" && v["valid_lft"] != "" && v["nodad"] != "true"
}

// A CarrierError is an address that its link would lose at once.
type CarrierError struct{ Link string }

// Error tells what to do.
func (e *CarrierError) Error() string {
	return fmt.Sprintf("%s has no carrier, also after %v, and there the kernel drops an IPv6 address with a lifetime: is the link connected? nodad = true at the address lets it stay", e.Link, settleLimit)
}

// Unwrap gives the errno that comes closest.
func (e *CarrierError) Unwrap() error { return unix.ENETDOWN }

// awaitCarrier waits until the link of a step is ready for it. A next hop the
// kernel then refuses by itself, with words of its own.
func (s *System) awaitCarrier(ctx context.Context, step *plan.Step) error {
	link := carrierOf(step)
	if link == "" {
		return nil
	}
	isAddress := fleeting(step)
	ready, err := s.poll(ctx, func() (bool, error) {
		attrs, err := s.attrsOf(ctx, link)
		if err != nil || !isAddress {
			carrier := attrAt(attrs, unix.IFLA_CARRIER)
			return len(carrier) == 0 || carrier[0] != 0, err
		}
		flags := attrAt(attrs, unix.IFLA_AF_SPEC, unix.AF_INET6, unix.IFLA_INET6_FLAGS)
		if len(flags) == 4 && binary.NativeEndian.Uint32(flags)&ifReady != 0 {
			return true, nil
		}
		return s.keepsAll(link)
	})
	if err == nil && !ready && isAddress {
		return &CarrierError{Link: link}
	}
	return err
}

// keepsAll tells a link that loses no address: nothing looks for duplicates. Nor
// is there anything to wait for where IPv6 is off, as the refusal then says.
func (s *System) keepsAll(link string) (bool, error) {
	conf := "net/ipv6/conf/" + link
	all, own, off := object.SysctlID("net/ipv6/conf/all/accept_dad"), object.SysctlID(conf+"/accept_dad"), object.SysctlID(conf+"/disable_ipv6")
	values, err := s.readSysctls([]object.ID{all, own, off})
	return values[all] == "0" && values[own] == "0" || values[off] != "0", err
}

// attrsOf asks for the attributes of a link.
func (s *System) attrsOf(ctx context.Context, link string) ([]byte, error) {
	index, err := s.names.Index(link)
	if err != nil {
		return nil, err
	}
	header := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(header[4:], index)
	m, err := s.conn.Get(ctx, nlcore.Request{Type: unix.RTM_GETLINK, Body: header, Header: len(header), Label: "look at link " + link})
	if err != nil || len(m.Body) < len(header) {
		return nil, err
	}
	return m.Body[len(header):], nil
}

// attrAt gives the payload of an attribute in nests, nil if it is not there.
func attrAt(nest []byte, path ...uint16) []byte {
	for _, typ := range path {
		var found []byte
		for a, err := range nlcore.Attrs(nest) {
			if err == nil && a.Type == typ {
				found = a.Data
			}
		}
		nest = found
	}
	return nest
}
