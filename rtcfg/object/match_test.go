package object_test

import (
	"encoding/json"
	"os/exec"
	"testing"

	"bootlink/nlcore"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

// TestParents reads where this machine's own devices are, as iproute2 does, and
// finds each of them by that.
func TestParents(t *testing.T) {
	out, err := exec.Command("ip", "-d", "-j", "link").Output()
	if err != nil {
		t.Fatal(err)
	}
	var shown []struct {
		Name   string `json:"ifname"`
		Bus    string `json:"parentbus"`
		Device string `json:"parentdev"`
		Port   string `json:"phys_port_name"`
	}
	if err := json.Unmarshal(out, &shown); err != nil {
		t.Fatal(err)
	}
	links, parents := ownLinks(t), 0
	for _, l := range shown {
		o := links[l.Name]
		if o == nil || o.Device != l.Device || o.Bus != l.Bus || o.Port != l.Port {
			t.Errorf("ip shows %+v; we read %+v", l, o)
			continue
		}
		if l.Device == "" {
			continue
		}
		parents++
		for _, path := range []string{l.Device, l.Bus + "/" + l.Device, l.Bus + "/*"} {
			if m := (object.Match{Path: path, Port: l.Port}); !m.Finds(o, nil) {
				t.Errorf("path %q does not find %s on %s/%s", path, l.Name, l.Bus, l.Device)
			}
		}
		if m := (object.Match{Path: l.Device, Port: l.Port + "9"}); m.Finds(o, nil) {
			t.Errorf("port %q finds %s, whose port is %q", m.Port, l.Name, l.Port)
		}
	}
	if parents == 0 {
		t.Skip("this machine has no device on a bus; the router in QEMU, where this test runs too, has")
	}
}

// ownLinks reads the links of the namespace that the test is in.
func ownLinks(t *testing.T) map[string]*object.Object {
	t.Helper()
	conn, err := nlcore.Dial(unix.NETLINK_ROUTE, nlcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	links := map[string]*object.Object{}
	for m, err := range conn.Dump(t.Context(), nlcore.Request{Type: unix.RTM_GETLINK, Body: make([]byte, unix.SizeofIfInfomsg), Header: unix.SizeofIfInfomsg, Label: "list links"}) {
		if err != nil {
			t.Fatal(err)
		}
		o, err := object.DecodeLink(m.Body, recordedNames)
		if err != nil {
			t.Fatal(err)
		}
		links[o.Name] = o
	}
	return links
}
