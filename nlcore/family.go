package nlcore

import (
	"errors"
	"fmt"
	"sync"

	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// A Family is a generic netlink family as the kernel has registered it: a
// protocol with a name, on bus 16, that gets its number when it is loaded.
type Family struct {
	Name       string
	ID         uint16 // the type of its messages
	Version    uint32
	UserHeader int               // bytes of its own between struct genlmsghdr and the attributes
	MaxAttr    uint32            // 0 in families whose commands differ
	Groups     map[string]uint32 // its multicast groups, as Subscribe takes them
}

// Header gives the fixed header for a command: struct genlmsghdr, then zeros
// for the family's own. Its length is Request.Header.
func (f Family) Header(cmd uint8) []byte {
	h := make([]byte, unix.GENL_HDRLEN+align(f.UserHeader))
	h[0], h[1] = cmd, uint8(f.Version)
	return h
}

// Families finds families by name, on a Conn of the generic bus, and
// remembers the answers. It may be used by several goroutines.
type Families struct {
	c     *Conn
	mu    sync.Mutex
	known map[string]Family
}

// NewFamilies gives a finder that remembers nothing yet. It does not close c.
func NewFamilies(c *Conn) *Families {
	return &Families{c: c, known: map[string]Family{}}
}

// Find gives the family with a name; the kernel loads its module if it has
// one. A family that is not there is a *FamilyError.
func (f *Families) Find(ctx until.Context, name string) (Family, error) {
	f.mu.Lock()
	known, ok := f.known[name]
	f.mu.Unlock()
	if ok {
		return known, nil
	}
	found, err := find(ctx, f.c, name)
	if err == nil {
		f.mu.Lock()
		f.known[name] = found
		f.mu.Unlock()
	}
	return found, err
}

// Forget makes Find ask again. The number of a family changes when its module
// is loaded anew; then a request with the old one is ENOENT.
func (f *Families) Forget(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.known, name)
}

// List gives all families that are registered, and does not look at what is
// remembered.
func (f *Families) List(ctx until.Context) ([]Family, error) {
	r := controlRequest("list generic netlink families")
	var all []Family
	err := f.c.Collect(ctx, r, func(m Message) error {
		found, err := readFamily(m)
		all = append(all, found)
		return err
	}, func() { all = nil })
	return all, err
}

// controlRequest asks the controller, the family that knows the others.
func controlRequest(label string) Request {
	controller := Family{Version: 2}
	return Request{
		Type: unix.GENL_ID_CTRL, Body: controller.Header(unix.CTRL_CMD_GETFAMILY),
		Header: unix.GENL_HDRLEN, Label: label,
	}
}

// find asks the kernel.
func find(ctx until.Context, c *Conn, name string) (Family, error) {
	r := controlRequest(fmt.Sprintf("find generic netlink family %q", name))
	w := NewAttrWriter(r.Body)
	w.String(unix.CTRL_ATTR_FAMILY_NAME, name)
	r.Body = w.Bytes()
	m, err := c.Get(ctx, r)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		return Family{}, familyError(name, err)
	}
	if err != nil {
		return Family{}, err
	}
	return readFamily(m)
}

// readFamily reads an answer of the controller.
func readFamily(m Message) (Family, error) {
	if len(m.Body) < unix.GENL_HDRLEN {
		return Family{}, fmt.Errorf("generic netlink family: message of %d bytes: %w", len(m.Body), unix.EBADMSG)
	}
	f := Family{Groups: map[string]uint32{}}
	for a, err := range Attrs(m.Body[unix.GENL_HDRLEN:]) {
		if err == nil {
			err = f.read(a)
		}
		if err != nil {
			return Family{}, fmt.Errorf("generic netlink family: %w", err)
		}
	}
	return f, nil
}

func (f *Family) read(a Attr) (err error) {
	switch a.Type {
	case unix.CTRL_ATTR_FAMILY_NAME:
		f.Name = a.String()
	case unix.CTRL_ATTR_FAMILY_ID:
		f.ID, err = a.Uint16()
	case unix.CTRL_ATTR_VERSION:
		f.Version, err = a.Uint32()
	case unix.CTRL_ATTR_HDRSIZE:
		var n uint32
		n, err = a.Uint32()
		f.UserHeader = int(n)
	case unix.CTRL_ATTR_MAXATTR:
		f.MaxAttr, err = a.Uint32()
	case unix.CTRL_ATTR_MCAST_GROUPS:
		return f.readGroups(a)
	}
	return err
}

// readGroups reads an array of groups.
func (f *Family) readGroups(array Attr) error {
	for group, err := range array.Attrs() {
		if err != nil {
			return err
		}
		var name string
		var id uint32
		for a, err := range group.Attrs() {
			switch {
			case err != nil:
				return err
			case a.Type == unix.CTRL_ATTR_MCAST_GRP_NAME:
				name = a.String()
			case a.Type == unix.CTRL_ATTR_MCAST_GRP_ID:
				if id, err = a.Uint32(); err != nil {
					return err
				}
			}
		}
		f.Groups[name] = id
	}
	return nil
}

// A FamilyError is a generic netlink family that could not be found: it is not
// in this kernel (ENOENT), or looking was refused (EPERM, EACCES), which says
// nothing of what there is. A few families, thermal among them, are only in
// the initial network namespace. It unwraps to the errno.
type FamilyError struct {
	_ [0]func() // no equality: it would be code

	Name    string
	Kconfig string // the option that brings it; "" when it is not known
	Module  string // what provides it when it is not built in
	Since   string // the first Linux with it, where that is after 6.1
	Errno   unix.Errno
}

// familyError gives err, which holds an errno, the words of the table.
func familyError(name string, err error) error {
	e := &FamilyError{Name: name}
	errors.As(err, &e.Errno)
	for _, k := range knownFamilies {
		if k.Name == name {
			e.Kconfig, e.Module, e.Since = k.Kconfig, k.Module, k.Since
		}
	}
	return e
}

// Error gives name, errno, what is missing and what to do about it.
func (e *FamilyError) Error() string {
	return fmt.Sprintf("generic netlink family %q: %v: %s", e.Name, e.Errno, e.explain())
}

func (e *FamilyError) explain() string {
	switch {
	case e.Errno != unix.ENOENT:
		return "a seccomp filter or a security module refuses the question, so it may be there or not: allow it there"
	case e.Kconfig == "":
		return "nothing in this kernel registers it: load the module that does"
	}
	reason, mend := "this kernel has no "+e.Kconfig, "enable it in the kernel's configuration"
	if e.Module != "" {
		reason += " (module " + e.Module + ")"
		mend += ", or install and load the module"
	}
	if e.Since != "" {
		reason += ", or is older than Linux " + e.Since
	}
	return reason + ": " + mend
}

// Unwrap gives the errno.
func (e *FamilyError) Unwrap() error { return e.Errno }
