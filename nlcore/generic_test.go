package nlcore

import (
	"testing"

	"golang.org/x/sys/unix"
)

// Generic netlink: requests that do what rtnetlink never does, such as to name
// a missing attribute. Numbers: linux/genetlink.h, linux/netdev.h.
const (
	netdevDevGet = 1 // NETDEV_CMD_DEV_GET
	netdevDevAdd = 2 // NETDEV_CMD_DEV_ADD_NTF
	netdevIndex  = 1 // NETDEV_A_DEV_IFINDEX
)

// netdevWithoutIndex asks the family "netdev" for a device without saying which.
func netdevWithoutIndex(t *testing.T, ns string) Request {
	t.Helper()
	c := dial(t, unix.NETLINK_GENERIC, Options{NetNS: ns})
	f, err := NewFamilies(c).Find(soon(t), "netdev")
	if err != nil {
		t.Fatal(err)
	}
	return Request{
		Type: f.ID, Body: f.Header(netdevDevGet), Header: unix.GENL_HDRLEN, Label: "get device",
		Name: func(path []uint16) string { return map[uint16]string{netdevIndex: "ifindex"}[path[0]] },
	}
}
