package nlcore

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Every RTM_* of the installed header has its number, in both directions.
func TestRouteTypesAreTheHeaders(t *testing.T) {
	enum, _, _ := strings.Cut(kernelHeader(t, "rtnetlink.h"), "__RTM_MAX")
	enum = regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(enum, "")
	_, enum, _ = strings.Cut(enum, "RTM_BASE")
	number, seen := uint16(0), 0
	for _, m := range regexp.MustCompile(`(?m)^\s+(RTM_[A-Z]+)(?:\s*=\s*(\d+))?,`).FindAllStringSubmatch(enum, -1) {
		if number++; m[2] != "" {
			number = uint16(atoi(t, m[2]))
		}
		if got := TypeName(unix.NETLINK_ROUTE, number); got != m[1] {
			t.Errorf("%d is %s, not %s", number, m[1], got)
		}
		seen++
	}
	if seen < 70 {
		t.Errorf("the header has %d types", seen)
	}
}

func TestTypeName(t *testing.T) {
	for _, test := range []struct {
		bus  int
		typ  uint16
		want string
	}{
		{unix.NETLINK_ROUTE, unix.RTM_SETLINK, "RTM_SETLINK"}, {unix.NETLINK_ROUTE, 123, "RTM_SETTUNNEL"},
		{unix.NETLINK_ROUTE, 124, "type 124"}, {unix.NETLINK_ROUTE, 15, "type 15"}, {unix.NETLINK_ROUTE, 0, "type 0"},
		{unix.NETLINK_GENERIC, 16, "GENL_ID_CTRL"}, {unix.NETLINK_GENERIC, 20, "type 20"},
		{19, unix.NLMSG_NOOP, "NLMSG_NOOP"}, {19, unix.NLMSG_OVERRUN, "NLMSG_OVERRUN"}, {19, 5, "type 5"},
	} {
		if got := TypeName(test.bus, test.typ); got != test.want {
			t.Errorf("%d on bus %d: %q, want %q", test.typ, test.bus, got, test.want)
		}
	}
}

func TestFlagNames(t *testing.T) {
	for _, test := range []struct {
		bus        int
		typ, flags uint16
		want       string
	}{
		{unix.NETLINK_ROUTE, unix.RTM_NEWLINK, 0x605, "REQUEST ACK EXCL CREATE"},
		{unix.NETLINK_ROUTE, unix.RTM_GETLINK, 0x301, "REQUEST ROOT MATCH"},
		{unix.NETLINK_ROUTE, unix.RTM_DELROUTE, 0x303, "REQUEST MULTI NONREC BULK"},
		{unix.NETLINK_ROUTE, unix.NLMSG_ERROR, 0x300, "CAPPED ACK_TLVS"},
		{unix.NETLINK_GENERIC, 20, 0x335, "REQUEST ACK DUMP_INTR DUMP_FILTERED 0x300"},
		{unix.NETLINK_ROUTE, unix.RTM_NEWLINK, 0xf0c8, "ECHO 0xf0c0"},
		{unix.NETLINK_ROUTE, unix.RTM_NEWLINK, 0, ""},
	} {
		if got := flagNames(test.bus, test.typ, test.flags); got != test.want {
			t.Errorf("%#x of type %d: %q, want %q", test.flags, test.typ, got, test.want)
		}
	}
}
