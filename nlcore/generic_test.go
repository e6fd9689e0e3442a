package nlcore

import (
	"testing"

	"golang.org/x/sys/unix"
)

// Generic netlink: requests that do what rtnetlink never does, such as to name
// a missing attribute. Numbers: linux/genetlink.h, linux/netdev.h.

// genlHeader is struct genlmsghdr.
func genlHeader(cmd uint8) []byte { return []byte{cmd, 1, 0, 0} }

func getFamily(name string) Request {
	w := NewAttrWriter(genlHeader(unix.CTRL_CMD_GETFAMILY))
	w.String(unix.CTRL_ATTR_FAMILY_NAME, name)
	return Request{
		Type: unix.GENL_ID_CTRL, Body: w.Bytes(), Header: unix.GENL_HDRLEN,
		Label: "look up family " + name,
	}
}

// netdevWithoutIndex asks the family "netdev" for a device without saying which.
func netdevWithoutIndex(t *testing.T, ns string) Request {
	t.Helper()
	c := dial(t, unix.NETLINK_GENERIC, Options{NetNS: ns})
	m, err := c.Get(soon(t), getFamily("netdev"))
	if err != nil {
		t.Fatal(err)
	}
	a, ok := attrOf(m, unix.GENL_HDRLEN, unix.CTRL_ATTR_FAMILY_ID)
	id, err := a.Uint16()
	if !ok || err != nil {
		t.Fatal("no family ID:", err)
	}
	const devGet = 1 // NETDEV_CMD_DEV_GET
	return Request{
		Type: id, Body: genlHeader(devGet), Header: unix.GENL_HDRLEN, Label: "get device",
		Name: func(path []uint16) string { return map[uint16]string{1: "ifindex"}[path[0]] },
	}
}
