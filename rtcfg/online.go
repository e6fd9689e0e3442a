package rtcfg

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bootlink/nlcore/until"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
	"bootlink/rtcfg/watch"
)

// WaitOptions say what [Wait] waits for.
type WaitOptions struct {
	Links []string // these; none: all of the file that are required
	Any   bool     // one of them is enough
}

// OfflineError: the network was not there in time.
type OfflineError struct{ Missing []string }

// Error lists what is missing, one a line.
func (e *OfflineError) Error() string {
	return "the network is not there:\n" + strings.Join(e.Missing, "\n")
}

// Wait waits until the links of the file are up and have carrier, their addresses
// can be used, and the file's default routes are there. The error is an
// [*OfflineError] when ctx ends before.
func (m *Manager) Wait(ctx until.Context, o WaitOptions) error {
	w, err := watch.Open(m.NetNS, m.Trace)
	if err != nil {
		return err
	}
	defer w.Close()
	go w.Listen(ctx)
	for {
		missing, err := m.missing(until.Never(), o)
		if err != nil || len(missing) == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return &OfflineError{missing}
		case err := <-w.Failed():
			return err
		case <-w.Wake():
			time.Sleep(watch.Pause) // events come together
		}
	}
}

// missing lists what is not there yet.
func (m *Manager) missing(ctx until.Context, o WaitOptions) (all []string, err error) {
	have, err := m.sys.Observe(ctx, m.want, object.NewOwned())
	if err != nil {
		return nil, err
	}
	ready := 0
	for _, l := range m.want.Links() {
		if len(o.Links) > 0 && !slices.Contains(o.Links, l.Name) || len(o.Links) == 0 && (!l.Required || l.Values.Get("up") == "false") {
			continue
		}
		if why := m.notReady(l, have); why != "" {
			all = order.Also(all, why)
		} else {
			ready++
		}
	}
	if o.Any && ready > 0 {
		all = nil
	}
	for _, r := range m.want.Of(object.Route) {
		if r.To().Bits() == 0 && r.Values.Get("table") == "254" && len(o.Links) == 0 && have.Objects[r.ID] == nil {
			all = order.Also(all, r.ID.Pretty(r.Values)+" is not there")
		}
	}
	return all, nil
}

// notReady says what a link lacks, "" if nothing.
func (m *Manager) notReady(l *object.Object, have *object.Snapshot) string {
	if why := lacks(have.Link(l.Name), true); why != "" {
		return l.ID.String() + why
	}
	for _, a := range m.want.Of(object.Address) {
		if a.Values.Get("dev") != l.Name {
			continue
		}
		if why := lacks(have.Objects[a.ID], false); why != "" {
			return a.ID.String() + why
		}
	}
	return ""
}

// lacks says what keeps a link, or an address, from being of use.
func lacks(o *object.Object, link bool) string {
	switch {
	case o == nil:
		return " is not there"
	case link && o.Values.Get("up") != "true":
		return " is down"
	case link && o.Values.Get("carrier") != "true":
		return " has no carrier"
	case o.Values.Get("dadfailed") == "true":
		return " is a duplicate: another machine has it"
	case o.Values.Get("tentative") == "true":
		return " is tentative"
	}
	return ""
}

// CheckLinks gives the error of a name that the file does not have.
func (m *Manager) CheckLinks(names []string) error {
	for _, name := range names {
		if m.want.Find(object.ID{Class: object.Link, Name: name}) == nil {
			return fmt.Errorf("%s has no link %q", m.want.File, name)
		}
	}
	return nil
}
