package nlcore

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootlink/nlcore/pcap"

	"golang.org/x/sys/unix"
)

// tshark takes a capture of the real kernel apart.
func TestTsharkReadsACapture(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace.pcap")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(pcap.Header(pcap.Netlink)); err != nil {
		t.Fatal(err)
	}
	capture := &pcap.Capture{To: []io.Writer{file}}
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
