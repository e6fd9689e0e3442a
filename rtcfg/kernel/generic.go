package kernel

import (
	"errors"

	"bootlink/nlcore"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

// generic is a socket of generic netlink, for the classes that rtnetlink does
// not know. nil is one that was not needed yet.
type generic struct {
	conn     *nlcore.Conn
	families *nlcore.Families
}

func (g *generic) close() error {
	if g == nil {
		return nil
	}
	return g.conn.Close()
}

func (g *generic) writes() uint64 {
	if g == nil {
		return 0
	}
	return g.conn.Stats().Writes
}

// family gives the generic netlink family of a class, "" if rtnetlink knows it.
func family(c object.Class) string {
	if s := object.LookupSpec(c); s != nil {
		return s.Family
	}
	return ""
}

// route gives the socket that a request of a family goes to, and puts the
// family's number into it, which differs from boot to boot.
func (s *System) route(ctx until.Context, family string, r *nlcore.Request) (*nlcore.Conn, error) {
	if family == "" {
		return s.conn, nil
	}
	if s.generic == nil {
		conn, err := nlcore.Dial(unix.NETLINK_GENERIC, nlcore.Options{NetNS: s.netns, Trace: s.trace.On(unix.NETLINK_GENERIC)})
		if err != nil {
			return nil, err
		}
		s.generic = &generic{conn, nlcore.NewFamilies(conn)}
	}
	f, err := s.generic.families.Find(ctx, family)
	r.Type = f.ID
	return s.generic.conn, err
}

// hasNone tells the errors of a dump for which there is nothing to list: this
// kernel does not have the class, or the link is of another kind.
func hasNone(err error) bool {
	var family *nlcore.FamilyError
	return errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EAFNOSUPPORT) || errors.As(err, &family) && family.Errno == unix.ENOENT
}
