package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootlink/kmod"
	"bootlink/nlcore/pcap"

	"golang.org/x/sys/unix"
)

// What `ping -c 1 -p a5 -s 56 203.0.113.1` sent, as tcpdump -x shows it, and what came
// in of a longer one with a snap length of 40.
const (
	echoWhole = "450000542ac040004001b2a4c0a80a02cb0071010800c0a500070001" +
		"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"
	echoSnapped = "450000542ac040004001b2a4c0a80a02cb0071010000c8a500070001a5a5a5a5a5a5a5a5a5a5a5a5"
)

// packets are two as the module reports them.
func packets(t *testing.T) []kmod.Packet {
	t.Helper()
	at := time.Date(2025, 6, 5, 23, 4, 9, 1234567, time.UTC)
	list := make([]kmod.Packet, 2)
	for i, text := range []string{echoWhole, echoSnapped} {
		raw, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		list[i] = kmod.Packet{Raw: raw, Length: 84, Time: at.Add(time.Duration(i) * time.Hour), Interface: "br-lan", IfIndex: 7, Seq: uint64(i + 1)}
	}
	return list
}

// heard gives what a listener prints of the packets.
func heard(t *testing.T, l *listener) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	l.invocation.stdout, l.invocation.stderr, l.command = &out, &errs, lookup("hello")
	l.since = time.Now()
	if err := l.open(); err != nil {
		t.Fatal(err)
	}
	for _, p := range packets(t) {
		if err := l.packet(&p); err != nil {
			t.Fatal(err)
		}
	}
	l.tell(true)
	return out.String(), errs.String()
}

func listening(flags map[string]string) *listener {
	return &listener{invocation: &invocation{line: &commandLine{flags: flags}}}
}

func TestHelloLines(t *testing.T) {
	stdout, stderr := heard(t, listening(nil))
	if want := "23:04:09.001234 br-lan 192.168.10.2 > 203.0.113.1: icmp echo request, id 7, seq 1, ttl 64, length 84\n" +
		"00:04:09.001234 br-lan 192.168.10.2 > 203.0.113.1: icmp echo reply, id 7, seq 1, ttl 64, length 84 (first 40 bytes reported)\n"; stdout != want {
		t.Errorf("got\n%swant\n%s", stdout, want)
	}
	if want := "       1 icmp echo request\n       1 icmp echo reply\n2 packets, 168 bytes, 0 lost, "; !strings.HasPrefix(stderr, want) {
		t.Errorf("got\n%swant\n%s", stderr, want)
	}
	if stdout, _ := heard(t, listening(map[string]string{"hex": "true"})); stdout != echoWhole+"\n"+echoSnapped+"\n" {
		t.Errorf("--hex prints\n%s", stdout)
	}
	stdout, _ = heard(t, listening(map[string]string{"json": "true"}))
	first := decode[map[string]any](t, strings.Split(stdout, "\n")[0])
	for key, want := range map[string]any{"seconds": 1749164649.0, "nanoseconds": 1234567.0, "link": "br-lan", "ifindex": 7.0, "mark": 0.0, "seq": 1.0, "length": 84.0, "hex": echoWhole,
		"packet": "192.168.10.2 > 203.0.113.1: icmp echo request, id 7, seq 1, ttl 64, length 84"} {
		if first[key] != want {
			t.Errorf("%s is %v; want %v", key, first[key], want)
		}
	}
}

// tcpdump and tshark read the file of -w: bytes, times and the packets' own lengths.
func TestHelloFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "icmp.pcap")
	if stdout, _ := heard(t, listening(map[string]string{"w": file})); strings.Count(stdout, "\n") != 2 {
		t.Errorf("beside the file it prints\n%s", stdout)
	}
	got := strings.Join(tshark(t, file, "frame.time_epoch", "frame.len", "frame.cap_len", "ip.src", "icmp.type", "icmp.ident"), "\n")
	if want := "1749164649.001234567|84|84|192.168.10.2|8|7\n1749168249.001234567|84|40|192.168.10.2|0|7"; got != want {
		t.Errorf("tshark sees\n%s\nwant\n%s", got, want)
	}
	out, err := exec.Command("env", "TZ=UTC", "tcpdump", "-n", "-r", file).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "link-type RAW (Raw IP)") || !strings.Contains(string(out), "23:04:09.001234 IP 192.168.10.2 > 203.0.113.1: ICMP echo request, id 7, seq 1, length 64") {
		t.Errorf("tcpdump sees (%v)\n%s", err, out)
	}
	if err := listening(map[string]string{"w": "/nowhere/x"}).open(); exitCode(err) != exitUsage {
		t.Errorf("a file that cannot be written: %v", err)
	}
	full := listening(map[string]string{"w": "/dev/full"})
	if err := full.open(); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("a full device: %v", err)
	}
}

// With -w - standard output holds the file alone.
func TestHelloStandardOutput(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stdout
	os.Stdout = write
	stdout, _ := heard(t, listening(map[string]string{"w": "-"}))
	os.Stdout = before
	write.Close()
	file, err := io.ReadAll(read)
	if err != nil || stdout != "" || !bytes.HasPrefix(file, pcap.Header(pcap.Raw)) || len(file) != 24+16+84+16+40 {
		t.Errorf("%d bytes and %q, %v", len(file), stdout, err)
	}
}
