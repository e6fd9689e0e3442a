package nlcore

import (
	"encoding/binary"
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

// A class that the kernel makes, and finds odd.
func TestWarningOnSuccess(t *testing.T) {
	var warnings []string
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: newNamespace(t), Warn: func(label, text string) {
		warnings = append(warnings, label+": "+text)
	}})
	index := routable(t, c)
	if err := c.Do(soon(t), newHTB(index)); err != nil {
		t.Fatal(err)
	}
	if len(warnings) != 0 {
		t.Errorf("warned of %q", warnings)
	}
	want := []string{"add class: sch_htb: quantum of class 10001 is big. Consider r2q change."}
	if err := c.Do(soon(t), newHTBClass(index)); err != nil || !slices.Equal(warnings, want) {
		t.Errorf("warned of %q, %v", warnings, err)
	}
	if err := c.Batch(soon(t), []Request{upLink("br0"), newHTBClass(index)}); err != nil {
		t.Fatal(err)
	}
	if want = append(want, want[0]); !slices.Equal(warnings, want) {
		t.Errorf("after the batch: %q", warnings)
	}
}

// Of linux/rtnetlink.h and linux/pkt_sched.h, not in x/sys.
const (
	sizeofTcmsg = 20
	tcRoot      = ^uint32(0) // TC_H_ROOT
)

// tcmsg is struct tcmsg.
func tcmsg(index int32, handle, parent uint32) []byte {
	b := make([]byte, sizeofTcmsg)
	binary.NativeEndian.PutUint32(b[4:], uint32(index))
	binary.NativeEndian.PutUint32(b[8:], handle)
	binary.NativeEndian.PutUint32(b[12:], parent)
	return b
}

// newHTB makes the qdisc 1: of kind htb, with r2q 10.
func newHTB(index int32) Request {
	w := NewAttrWriter(tcmsg(index, 1<<16, tcRoot))
	w.String(unix.TCA_KIND, "htb")
	w.Nest(unix.TCA_OPTIONS, func() {
		glob := make([]byte, 20) // struct tc_htb_glob: version, rate2quantum, …
		binary.NativeEndian.PutUint32(glob, 3)
		binary.NativeEndian.PutUint32(glob[4:], 10)
		w.Raw(2, glob) // TCA_HTB_INIT
	})
	return Request{
		Type: unix.RTM_NEWQDISC, Flags: unix.NLM_F_CREATE | unix.NLM_F_REPLACE,
		Body: w.Bytes(), Header: sizeofTcmsg, Label: "add qdisc",
	}
}

// newHTBClass makes or changes the class 1:1 with a rate of 2 GB/s, of which a
// tenth is no good quantum.
func newHTBClass(index int32) Request {
	w := NewAttrWriter(tcmsg(index, 1<<16|1, 1<<16))
	w.String(unix.TCA_KIND, "htb")
	w.Nest(unix.TCA_OPTIONS, func() {
		opt := make([]byte, 44) // struct tc_htb_opt: two struct tc_ratespec of 12 bytes, …
		opt[1], opt[13] = 1, 1  // linklayer Ethernet
		binary.NativeEndian.PutUint32(opt[8:], 2e9)
		binary.NativeEndian.PutUint32(opt[20:], 2e9)
		w.Raw(1, opt) // TCA_HTB_PARMS
	})
	return Request{
		Type: unix.RTM_NEWTCLASS, Flags: unix.NLM_F_CREATE,
		Body: w.Bytes(), Header: sizeofTcmsg, Label: "add class",
	}
}
