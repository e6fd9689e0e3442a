package nlcore

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The bytes of a file with one record, by the format's description.
func TestCaptureBytes(t *testing.T) {
	var file bytes.Buffer
	c, err := NewCapture(&file)
	if err != nil {
		t.Fatal(err)
	}
	c.now = func() time.Time { return time.Unix(0x01020304, 0x05060708) }
	c.Trace(unix.NETLINK_GENERIC)(true, []byte("datagram"))
	c.Trace(unix.NETLINK_ROUTE)(false, []byte{9})
	u32 := func(v ...uint32) (b []byte) {
		for _, v := range v {
			b = binary.NativeEndian.AppendUint32(b, v)
		}
		return b
	}
	version := binary.NativeEndian.AppendUint16(binary.NativeEndian.AppendUint16(nil, 2), 4)
	want := slices.Concat(
		u32(0xa1b23c4d), version, u32(0, 0, 1<<20, 253),
		u32(0x01020304, 0x05060708, 24, 24), []byte{0, 7, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16}, []byte("datagram"),
		u32(0x01020304, 0x05060708, 17, 17), []byte{0, 6, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, []byte{9},
	)
	if !bytes.Equal(file.Bytes(), want) {
		t.Errorf("got\n%swant\n%s", hex.Dump(file.Bytes()), hex.Dump(want))
	}
	if c.Err() != nil {
		t.Error(c.Err())
	}
}

// tshark takes a capture of the real kernel apart.
func TestTsharkReadsACapture(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace.pcap")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	capture, err := NewCapture(file)
	if err != nil {
		t.Fatal(err)
	}
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns, Trace: capture.Trace(unix.NETLINK_ROUTE)})
	g := dial(t, unix.NETLINK_GENERIC, Options{NetNS: ns, Trace: capture.Trace(unix.NETLINK_GENERIC)})
	c.seq, g.seq = 40, 50
	if err := c.Do(soon(t), newLink("br0", "bridge")); err != nil {
		t.Fatal(err)
	}
	if err := c.Do(soon(t), badVXLAN("x")); err == nil {
		t.Fatal("that vxlan was made")
	}
	if _, err := NewFamilies(g).Find(soon(t), "nlctrl"); err != nil {
		t.Fatal(err)
	}
	if capture.Err() != nil {
		t.Fatal(capture.Err())
	}
	fields := []string{
		"frame.encap_type", "netlink.family", "netlink.hdr_seq", "netlink.error",
		"netlink-route.nltype", "netlink-route.ifla_ifname", "genl.ctrl.family_name",
	}
	want := []string{
		"158|0x0000|41||16|br0|", "158|0x0000|41,41|0|||",
		"158|0x0000|42||16|x|", "158|0x0000|42,42|-34|||",
		"158|0x0010|51||||nlctrl", "158|0x0010|51||||nlctrl", "158|0x0010|51,51|0|||",
	}
	if got := tshark(t, path, fields); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// tshark gives some fields of each packet in a file.
func tshark(t *testing.T, path string, fields []string) []string {
	t.Helper()
	args := []string{"-r", path, "-T", "fields", "-E", "separator=|"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	cmd := exec.Command("tshark", args...)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		t.Fatal("tshark is not installed (package tshark)")
	}
	if err != nil {
		t.Fatalf("tshark: %v\n%s", err, &complaints)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// After the writer failed nothing more is written: half a record would make
// all that follows unreadable.
func TestCaptureEndsWithTheWriter(t *testing.T) {
	if _, err := NewCapture(brokenWriter{}); !errors.Is(err, unix.EPIPE) {
		t.Error(err)
	}
	short := &shortWriter{room: 24 + 40}
	c, err := NewCapture(short)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		c.Trace(0)(true, make([]byte, 8))
	}
	if !errors.Is(c.Err(), unix.ENOSPC) || short.writes != 3 {
		t.Errorf("%v after %d writes", c.Err(), short.writes)
	}
}

// A shortWriter has so much room.
type shortWriter struct{ room, writes int }

func (w *shortWriter) Write(b []byte) (int, error) {
	w.writes++
	if len(b) > w.room {
		return 0, unix.ENOSPC
	}
	w.room -= len(b)
	return len(b), nil
}
