package nlcore

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The kernel's own words and the attribute, three nests deep.
func TestErrorNamesTheAttribute(t *testing.T) {
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	routable(t, c)
	for name, test := range map[string]struct {
		r     Request
		errno unix.Errno
		text  string
		attr  string
		path  []uint16
	}{
		"vxlan id":   {badVXLAN("x"), unix.ERANGE, "VXLAN ID must be lower", "vxlan id", []uint16{unix.IFLA_LINKINFO, unix.IFLA_INFO_DATA, unix.IFLA_VXLAN_ID}},
		"small mtu":  {setLink("br0", func(w *AttrWriter) { w.U32(unix.IFLA_MTU, 1) }), unix.EINVAL, "mtu less than device minimum", "", nil},
		"short mtu":  {setLink("br0", func(w *AttrWriter) { w.U8(unix.IFLA_MTU, 1) }), unix.ERANGE, "Attribute failed policy validation", "mtu", []uint16{unix.IFLA_MTU}},
		"bridge stp": {badBridge(), unix.ERANGE, "Attribute failed policy validation", "attribute 18/2/5", []uint16{unix.IFLA_LINKINFO, unix.IFLA_INFO_DATA, unix.IFLA_BR_STP_STATE}},
		"kind":       {newLink("x", "nosuch"), unix.EOPNOTSUPP, "Unknown device type", "", nil},
	} {
		err := c.Do(soon(t), test.r)
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, test.errno) {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		if !strings.Contains(e.Text, test.text) || e.Attr != test.attr || !slices.Equal(e.Path, test.path) {
			t.Errorf("%s: got %+v", name, e)
		}
	}
}

// badBridge gives IFLA_BR_STP_STATE two bytes instead of four.
func badBridge() Request {
	return setLink("br0", func(w *AttrWriter) {
		w.Nest(unix.IFLA_LINKINFO, func() {
			w.Raw(unix.IFLA_INFO_KIND, []byte("bridge"))
			w.Nest(unix.IFLA_INFO_DATA, func() { w.U16(unix.IFLA_BR_STP_STATE, 0) })
		})
	})
}

// Generic netlink says which attribute is missing, from Linux 6.0 on.
func TestErrorNamesTheMissingAttribute(t *testing.T) {
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_GENERIC, Options{NetNS: ns})
	err := c.Do(soon(t), netdevWithoutIndex(t, ns))
	var e *Error
	if !errors.As(err, &e) || e.Missing != 1 || e.Attr != "ifindex" || e.Errno != unix.EINVAL {
		t.Fatalf("got %v", err)
	}
	if got, want := e.Error(), "get device: invalid argument (missing ifindex)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
