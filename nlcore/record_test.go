//go:build record

package nlcore

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestRecord writes testdata anew from what the running kernel answers:
//
//	go test -tags record -run TestRecord ./nlcore
//
// Look at the difference before committing it: the expected error texts are
// recorded with the bytes.
func TestRecord(t *testing.T) {
	ns := newNamespace(t)
	for name, r := range refusals(t, ns) {
		recordAck(t, ns, name, r)
	}
	recordDump(t, ns)
}

// refusals are requests that Linux 6.18 refuses, each in its own way.
func refusals(t *testing.T, ns string) map[string]Request {
	iproute(t, ns, "link", "add", "br0", "type", "bridge")
	badTable := listRoutes(0)
	badTable.Body = append(badTable.Body[:unix.SizeofRtMsg:unix.SizeofRtMsg], 8, 0, unix.RTA_PRIORITY, 0, 1, 0, 0, 0)
	badTable.Flags = unix.NLM_F_DUMP
	return map[string]Request{
		"exists":       newLink("br0", "bridge"),
		"unknown-kind": newLink("x0", "nosuch"),
		"small-mtu":    setLink("br0", func(w *AttrWriter) { w.U32(unix.IFLA_MTU, 1) }),
		"short-mtu":    setLink("br0", func(w *AttrWriter) { w.U8(unix.IFLA_MTU, 1) }),
		"vxlan-id":     badVXLAN("x1"),
		"strict-dump":  badTable,
		"missing":      netdevWithoutIndex(t, ns),
	}
}

// recordAck does r without the package's own reading and stores both sides.
func recordAck(t *testing.T, ns, name string, r Request) {
	t.Helper()
	var out, in []byte
	c := dial(t, bus(name), Options{NetNS: ns, Trace: func(sent bool, b []byte) {
		if sent {
			out = bytes.Clone(b)
		} else {
			in = bytes.Clone(b)
		}
	}})
	var err error
	if r.Flags&unix.NLM_F_DUMP != 0 {
		err = c.collect(context.Background(), r, func(Message) error { return nil })
	} else {
		err = c.Do(context.Background(), r)
	}
	var refusal *Error
	if !errors.As(err, &refusal) {
		t.Fatalf("%s: %v", name, err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s, recorded on %s\n", name, release(t))
	fmt.Fprintf(&b, "label: %s\nheader: %d\nrequest: %s\nanswer: %s\nerror: %v\n",
		r.Label, r.Header, hex.EncodeToString(out), hex.EncodeToString(in), refusal)
	write(t, filepath.Join("testdata", "acks", name+".txt"), []byte(b.String()))
}

// bus tells on which bus a refusal happens.
func bus(name string) int {
	if name == "missing" {
		return unix.NETLINK_GENERIC
	}
	return unix.NETLINK_ROUTE
}

// recordDump stores the datagrams of a dump of six pairs of veth, each after its
// length of four bytes, little endian.
func recordDump(t *testing.T, ns string) {
	var all []byte
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns, Trace: func(sent bool, b []byte) {
		if !sent {
			all = binary.LittleEndian.AppendUint32(all, uint32(len(b)))
			all = append(all, b...)
		}
	}})
	for i := range 6 {
		if err := c.Do(context.Background(), newLink(fmt.Sprintf("b%d", i), "veth")); err != nil {
			t.Fatal(err)
		}
	}
	all = nil
	if err := c.collect(context.Background(), listLinks(), func(Message) error { return nil }); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join("testdata", "links.bin"), all)
}

func release(t *testing.T) string {
	t.Helper()
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		t.Fatal(err)
	}
	version, _, _ := strings.Cut(unix.ByteSliceToString(u.Release[:]), "-")
	return "Linux " + version + " " + unix.ByteSliceToString(u.Machine[:])
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}
