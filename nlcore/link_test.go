package nlcore

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// ipLink is what ip -j link show prints of a link.
type ipLink struct {
	Name  string `json:"ifname"`
	Index int32  `json:"ifindex"`
	MTU   uint32 `json:"mtu"`
	Kind  struct {
		Kind string `json:"info_kind"`
	} `json:"linkinfo"`
}

func TestLinksAsIPShowsThem(t *testing.T) {
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	ctx := soon(t)

	for _, r := range []Request{
		newLink("br0", "bridge"),
		newLink("v0", "veth"),
		setLink("v0", func(w *AttrWriter) { w.U32(unix.IFLA_MTU, 1400) }),
	} {
		if err := c.Do(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	var want []ipLink
	ipJSON(t, &want, ns, "-d", "link", "show")

	var got []ipLink
	err := c.Collect(ctx, listLinks(), func(m Message) error {
		l, err := readLink(m)
		got = append(got, l)
		return err
	}, func() { got = nil })
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("links differ from those of ip:\n got %+v\nwant %+v", got, want)
	}
	if w := c.Stats().Writes; w != 3 {
		t.Errorf("%d writes counted, 3 were made", w)
	}
}

// readLink reads what ipLink has.
func readLink(m Message) (l ipLink, err error) {
	l.Index = linkIndex(m)
	for a, err := range Attrs(m.Body[unix.SizeofIfInfomsg:]) {
		if err != nil {
			return l, err
		}
		switch a.Type {
		case unix.IFLA_IFNAME:
			l.Name = a.String()
		case unix.IFLA_MTU:
			l.MTU, err = a.Uint32()
		case unix.IFLA_LINKINFO:
			l.Kind.Kind, err = readKind(a)
		}
		if err != nil {
			return l, err
		}
	}
	return l, nil
}

// readKind reads IFLA_INFO_KIND.
func readKind(info Attr) (kind string, err error) {
	for a, err := range info.Attrs() {
		if err != nil {
			return "", err
		}
		if a.Type == unix.IFLA_INFO_KIND {
			kind = a.String()
		}
	}
	return kind, nil
}
