package kernel

import (
	"errors"
	"fmt"
	"time"

	"bootlink/nlcore"
	"bootlink/nlcore/ip"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"

	"golang.org/x/sys/unix"
)

// uptime gives the clock of the kernel's time stamps, in hundredths of a second.
func uptime() (uint32, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		return 0, fmt.Errorf("read the clock: %w", err)
	}
	return uint32(t.Nano() / int64(10*time.Millisecond)), nil
}

// settleLimit bounds the wait for duplicate address detection, which with the usual
// one probe takes one to two seconds, and that for the carrier.
const settleLimit = 5 * time.Second

// needsSource tells a step that writes an IPv6 route with a source address. The
// kernel takes it only once it is sure that nobody else on the link has that
// address, which it finds out in its own time (duplicate address detection, RFC
// 4862).
func needsSource(step *plan.Step) bool {
	text := step.Values.Get("src")
	if text == "" || step.ID.Class != object.Route || step.Op == object.Delete {
		return false
	}
	src, err := ip.ParseAddr(text)
	return err == nil && src.Is6()
}

// A DADError is an address that another machine on the link has.
type DADError struct{ Address, Link string }

// Error names the address and what it is about.
func (e *DADError) Error() string {
	return fmt.Sprintf("its source %s is a duplicate: another machine on %s has that address", e.Address, e.Link)
}

// Unwrap gives the errno with which the kernel refuses such a source.
func (e *DADError) Unwrap() error { return unix.EINVAL }

// settleSource waits until the source of a route that the kernel refused is no
// more tentative. again tells that there was something to wait for, so that
// another try makes sense.
func (s *System) settleSource(ctx until.Context, step *plan.Step, refusal error) (again bool, err error) {
	if !errors.Is(refusal, unix.EINVAL) || !needsSource(step) {
		return false, refusal
	}
	var last *object.Object
	settled, err := s.poll(ctx, func() (bool, error) {
		address, err := s.unsettled(ctx, step.Values.Get("src"))
		switch {
		case err != nil || address == nil:
			return true, err
		case address.Values.Get("dadfailed") == "true":
			return false, &DADError{address.Local().Addr().String(), address.Values.Get("dev")}
		}
		last = address
		return false, nil
	})
	switch {
	case err != nil:
		return false, err
	case !settled:
		return false, &CarrierError{last.Values.Get("dev")}
	case last == nil:
		return false, refusal
	}
	return true, nil
}

// poll asks until it gets a yes, ever more seldom; false when there was none in
// time.
func (s *System) poll(ctx until.Context, ask func() (bool, error)) (bool, error) {
	limit, stop := until.Within(ctx, settleLimit)
	defer stop()
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		if yes, err := ask(); yes || err != nil {
			return yes, err
		}
		if until.Sleep(limit, pause) != nil {
			return false, ctx.Err()
		}
	}
}

// unsettled gives the address if all links that have it have it as tentative, or
// as a duplicate; nil if one can use it, or none has it.
func (s *System) unsettled(ctx until.Context, src string) (found *object.Object, err error) {
	header := make([]byte, unix.SizeofIfAddrmsg)
	header[0] = unix.AF_INET6
	bodies, err := s.collect(ctx, "", nlcore.Request{Type: unix.RTM_GETADDR, Body: header, Header: len(header), Label: "list addresses"})
	if err != nil {
		return nil, err
	}
	for _, body := range bodies {
		o, err := object.DecodeAddress(body, s.names, s.protocol)
		if err != nil || o.Local().Addr().String() != src {
			continue
		}
		if o.Values.Get("tentative") == "" && o.Values.Get("dadfailed") == "" {
			return nil, nil
		}
		if found == nil || o.Values.Get("dadfailed") == "" {
			found = o
		}
	}
	return found, nil
}
