package kernel

import (
	"fmt"

	"bootlink/nlcore/until"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"

	"golang.org/x/sys/unix"
)

// carrierOf names the link of which a step needs the carrier, "" for none. That
// comes some time after the link went up.
func carrierOf(step *plan.Step) string {
	if fleeting(step) || step.ID.Class == object.Nexthop && step.Op != object.Delete {
		return step.Values.Get("dev")
	}
	return ""
}

// fleeting tells a step that makes an IPv6 address with a lifetime. The kernel
// takes it at any time, and a moment later drops it from a link of which IPv6 has
// not yet seen the carrier (addrconf_dad_begin). One that is valid for ever stays,
// and so does one for which there is no search for duplicates.
func fleeting(step *plan.Step) bool {
	v := step.Values
	return step.ID.Class == object.Address && step.Op == object.Create && v.Get("valid_lft") != "" && v.Get("family") == "inet6" && v.Get("nodad") == ""
}

// A CarrierError is a step whose link has no carrier, also after a while: the kernel
// takes no next hop until it has, drops an IPv6 address with a lifetime, and does not find out
// whether it may use another as a source.
type CarrierError struct{ Link string }

// Error names the link.
func (e *CarrierError) Error() string {
	return fmt.Sprintf("%s has no carrier after %v, or duplicate address detection does not end there: is the link connected?", e.Link, settleLimit)
}

// Unwrap gives the errno with which the kernel refuses such a next hop.
func (e *CarrierError) Unwrap() error { return unix.ENETDOWN }

// awaitCarrier waits until the link of a step is ready for it.
func (s *System) awaitCarrier(ctx until.Context, step *plan.Step) error {
	link := carrierOf(step)
	if link == "" {
		return nil
	}
	ready, err := s.poll(ctx, func() (bool, error) {
		m, err := s.askLink(ctx, link)
		if err != nil {
			return false, err
		}
		o, err := object.DecodeLink(m.Body, s.names)
		return err == nil && !o.Idle, err
	})
	if err == nil && !ready {
		err = &CarrierError{link}
	}
	return err
}
