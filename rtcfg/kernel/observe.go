package kernel

import (
	"errors"
	"fmt"
	"slices"

	"bootlink/nlcore"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

// rtextSkipStats is RTEXT_FILTER_SKIP_STATS of linux/rtnetlink.h: half of a
// link message is counters.
const rtextSkipStats = 1 << 3

// Observe asks the kernel for all links and addresses, for the routes that are
// ours, and for the settings that want or owned name.
func (s *System) Observe(ctx until.Context, want *object.Desired, owned *object.Owned) (*object.Snapshot, error) {
	snap := &object.Snapshot{Objects: map[object.ID]*object.Object{}}
	if err := s.observeLinks(ctx, snap); err != nil {
		return nil, err
	}
	if err := s.observeDrivers(want, snap); err != nil {
		return nil, err
	}
	if err := s.observeAddresses(ctx, snap); err != nil {
		return nil, err
	}
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		if err := s.observeRoutes(ctx, family, want, snap); err != nil {
			return nil, err
		}
	}
	for _, spec := range object.Specs() {
		if err := s.observePlain(ctx, spec, want, owned, snap); err != nil {
			return nil, err
		}
	}
	return snap, s.observeSysctls(want, owned, snap)
}

// observePlain reads the objects of a class that has a Spec.
func (s *System) observePlain(ctx until.Context, spec *object.Spec, want *object.Desired, owned *object.Owned, snap *object.Snapshot) error {
	if spec.Lazy && len(want.Of(spec.Class)) == 0 && !owned.Has(spec.Class) {
		return nil
	}
	asks, err := spec.Dumps(spec.LinksOf(want, owned, snap), s.names)
	if err != nil {
		return err
	}
	for _, ask := range asks {
		bodies, err := s.collect(ctx, spec.Family, ask.Request)
		if hasNone(err) {
			continue
		}
		if err != nil {
			return err
		}
		for _, body := range bodies {
			list, err := spec.Decode(body, ask.Link, s.names, s.protocol)
			if err != nil {
				return fmt.Errorf("%s: %w", ask.Label, err)
			}
			for _, o := range list {
				if first := snap.Objects[o.ID]; first != nil && first.Join(o) {
					continue
				}
				snap.Put(o)
			}
		}
	}
	return nil
}

// patience is how often a dump is asked for anew, beyond what Collect does, while
// the kernel changes the list: the end of duplicate address detection on
// thousands of addresses takes seconds.
const patience = 30

func dump(ctx until.Context, conn *nlcore.Conn, r nlcore.Request, each func(nlcore.Message) error, restart func()) (err error) {
	for range patience {
		if err = conn.Collect(ctx, r, each, restart); !errors.Is(err, nlcore.ErrDumpInterrupted) {
			return err
		}
		restart()
	}
	return err
}

// collect gives the bodies of a dump, copied. family is that of generic netlink
// which is asked, "" is rtnetlink.
func (s *System) collect(ctx until.Context, family string, r nlcore.Request) ([][]byte, error) {
	conn, err := s.route(ctx, family, &r)
	if err != nil {
		return nil, err
	}
	var bodies [][]byte
	err = dump(ctx, conn, r,
		func(m nlcore.Message) error { bodies = append(bodies, slices.Clone(m.Body)); return nil },
		func() { bodies = nil })
	return bodies, err
}

// observeLinks reads the links twice over: first the names, so that each link's
// master and carrier can be named.
func (s *System) observeLinks(ctx until.Context, snap *object.Snapshot) error {
	w := nlcore.NewAttrWriter(make([]byte, unix.SizeofIfInfomsg))
	w.U32(unix.IFLA_EXT_MASK, rtextSkipStats)
	bodies, err := s.collect(ctx, "", nlcore.Request{Type: unix.RTM_GETLINK, Body: w.Bytes(), Header: unix.SizeofIfInfomsg, Label: "list links"})
	if err != nil {
		return err
	}
	s.names = newNames(s.askIndex)
	for _, body := range bodies {
		index, name := object.LinkIdentity(body)
		s.names.set(name, index)
	}
	for _, body := range bodies {
		o, err := object.DecodeLink(body, s.names)
		if err != nil {
			return fmt.Errorf("list links: %w", err)
		}
		snap.Put(o)
	}
	return nil
}

// observeDrivers finds the drivers' names where a match asks for them; netlink
// does not tell them, the old ethtool call does.
func (s *System) observeDrivers(want *object.Desired, snap *object.Snapshot) error {
	asked := slices.ContainsFunc(want.Links(), func(o *object.Object) bool { return o.Match != nil && o.Match.Driver != "" })
	if !asked {
		return nil
	}
	return nlcore.InNamespace(s.netns, func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("ask for drivers: %w", err)
		}
		defer unix.Close(fd)
		for _, o := range snap.Of(object.Link) {
			if info, err := unix.IoctlGetEthtoolDrvinfo(fd, o.Name); err == nil {
				o.Values.Set("driver", unix.ByteSliceToString(info.Driver[:]))
			}
		}
		return nil
	})
}

func (s *System) observeAddresses(ctx until.Context, snap *object.Snapshot) error {
	bodies, err := s.collect(ctx, "", nlcore.Request{Type: unix.RTM_GETADDR, Body: make([]byte, unix.SizeofIfAddrmsg), Header: unix.SizeofIfAddrmsg, Label: "list addresses"})
	if err != nil {
		return err
	}
	now, err := uptime()
	if err != nil {
		return err
	}
	for _, body := range bodies {
		o, err := object.DecodeAddress(body, s.names, s.protocol)
		if err != nil {
			return fmt.Errorf("list addresses: %w", err)
		}
		o.Rewind(now)
		snap.Put(o)
	}
	return nil
}

func (s *System) observeRoutes(ctx until.Context, family uint8, want *object.Desired, snap *object.Snapshot) error {
	var bodies [][]byte
	err := dump(ctx, s.conn, object.RouteDump(family, s.protocol), func(m nlcore.Message) error {
		if !want.RouteInFile(m.Body) {
			bodies = append(bodies, slices.Clone(m.Body))
		}
		return nil
	}, func() { bodies = nil })
	if err != nil {
		if hasNone(err) { // a kernel without IPv6 has no such routes
			return nil
		}
		return err
	}
	for _, body := range bodies {
		o, err := object.DecodeRoute(body, s.names, s.protocol)
		if err != nil {
			return fmt.Errorf("list routes: %w", err)
		}
		if o != nil {
			snap.Put(o)
		}
	}
	return nil
}

func (s *System) observeSysctls(want *object.Desired, owned *object.Owned, snap *object.Snapshot) error {
	var ids []object.ID
	for _, o := range want.Of(object.Sysctl) {
		ids = append(ids, o.ID)
	}
	for id := range owned.Before {
		if id.Class == object.Sysctl {
			ids = append(ids, id)
		}
	}
	promotions := map[object.ID]string{} // what the deletion of an address of ours may depend on
	for _, o := range snap.Objects {
		if o.Class != object.Address || !o.Ours || !o.Local().Addr().Is4() {
			continue
		}
		if dev := snap.Link(o.Values.Get("dev")); dev != nil && dev.Promotes != "" {
			promotions[object.SysctlID("net/ipv4/conf/"+dev.Name+"/promote_secondaries")] = dev.Promotes
		}
	}
	for id, value := range promotions {
		snap.Put(&object.Object{ID: id, Values: object.NewValues("value", value)})
	}
	values, err := s.readSysctls(ids)
	for id, value := range values {
		snap.Put(&object.Object{ID: id, Values: object.NewValues("value", value)})
	}
	return err
}
