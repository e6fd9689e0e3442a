//go:build guest

package hellobye

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// sizes of packets, from the IP header on: the least, a ping's, around the most
// that the text format holds, an Ethernet's, and more than a page.
var sizes = []int{28, 29, 84, 1022, 1023, 1024, 1025, 1500, 5000, 9000}

// What was on the wire comes out, byte for byte, on both sides at once.
func TestTextBytes(t *testing.T) {
	enter(t)
	loaded(t, "")
	p := newPipe(t)
	clients := []*socket{open(t, protoHello).greeted(greetingHello), open(t, protoHello).greeted(greetingHello), open(t, protoBye).greeted(greetingBye)}
	packets := [][]byte{}
	for i, size := range sizes {
		packets = append(packets, ipv4(unix.IPPROTO_ICMP, 0, echo(8, uint16(i), size-28)))
	}
	long := echo(8, 99, 2000)
	packets = append(packets,
		ipv4(unix.IPPROTO_ICMP, 0x2000, long[:1480]),  // first fragment
		ipv4(unix.IPPROTO_ICMP, 1480/8, long[1480:]),  // last one
		ipv4(unix.IPPROTO_ICMP, 0, []byte{8, 0, 0}),   // no whole ICMP header
		ipv4(unix.IPPROTO_ICMP, 0, nil),               // none at all
		ipv4(unix.IPPROTO_ICMP, 0, make([]byte, 100)), // a wrong checksum
	)
	other := ipv4(unix.IPPROTO_UDP, 0, make([]byte, 16))
	six := ipv6(unix.IPPROTO_ICMPV6, echo(128, 1, 8))
	for _, packet := range packets {
		p.inject(t, other)
		p.inject(t, six)
		p.inject(t, packet)
	}
	for i, packet := range packets {
		for j, c := range clients {
			if got := c.text(); got != packetHex(packet) {
				t.Errorf("packet %d of %d bytes: client %d got\n%s\nwant\n%s", i, len(packet), j, got, packetHex(packet))
			}
		}
	}
	for _, c := range clients {
		c.empty("all packets were read")
	}
}

// The program in C, as the tutorial's readers wrote it, sees pings to its host.
func TestTextProgram(t *testing.T) {
	enter(t)
	loaded(t, "")
	var out [2]bytes.Buffer
	var programs [2]*exec.Cmd
	for i, proto := range []string{"19", "21"} {
		programs[i] = exec.Command("/bbin/legacy_client", proto, "3")
		programs[i].Stdout = &out[i]
		if err := programs[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "both to be greeted", func() bool { return stat(t, "hello", "sent") == 1 && stat(t, "bye", "sent") == 1 })
	newPinger(t).ping(t, 1, 1000)
	for i, greeting := range []string{greetingHello, greetingBye} {
		err := programs[i].Wait()
		lines := strings.Split(out[i].String(), "\n")
		if err != nil || len(lines) != 4 || lines[0] != greeting || len(lines[1]) != 2046 || !strings.HasPrefix(lines[1], "45000404") || len(lines[2]) != 2046 {
			t.Errorf("the program printed (%v)\n%s", err, out[i].String())
		}
	}
	until(t, "both to be forgotten", func() bool { return stat(t, "hello", "clients") == 0 && stat(t, "bye", "clients") == 0 })
}

func TestTextGreetings(t *testing.T) {
	enter(t)
	loaded(t, "")
	c := open(t, protoHello)
	// Any type counts, also those that netlink means something by.
	for _, typ := range []uint16{0, unix.NLMSG_NOOP, unix.NLMSG_ERROR, unix.NLMSG_DONE, msgRegister, 0x4141, 0xffff} {
		c.send(header(20, typ, 0, 7, []byte("hi\x00\x00")))
		if got := c.text(); got != greetingHello {
			t.Errorf("type %#x is greeted with %q", typ, got)
		}
	}
	for name, datagram := range map[string][]byte{
		"no text":              header(16, 0, 0, 0, nil),
		"all flags but one":    header(18, 0, ^uint16(unix.NLM_F_REQUEST), 0, []byte("hi")),
		"no NUL":               header(16+3000, 0, 0, 0, bytes.Repeat([]byte("\nx"), 1500)),
		"2048 bytes of it":     header(16+2048, 0, 0, 0, make([]byte, 2048)),
		"bytes beyond the end": header(18, 0, 0, 0, []byte("hi there")),
		"two in one datagram":  append(header(20, 0, 0, 0, []byte("one\x00")), header(20, 0, 0, 0, []byte("two\x00"))...),
	} {
		c.send(datagram)
		if got := c.text(); got != greetingHello {
			t.Errorf("%s: greeted with %q", name, got)
		}
	}
	if n := stat(t, "hello", "clients"); n != 1 {
		t.Errorf("%d clients; want 1", n)
	}
	newPinger(t).ping(t, 1, 0)
	if got := c.text(); !strings.HasPrefix(got, "4500001c") {
		t.Errorf("after the greetings comes %q", got)
	}
}

// A message with a bad length is no message.
func TestTextLengths(t *testing.T) {
	enter(t)
	loaded(t, "")
	c := open(t, protoHello)
	for _, datagram := range [][]byte{
		{1}, make([]byte, 8), make([]byte, 15), header(0, 0, 0, 0, []byte("hi")), header(3, 0, 0, 0, nil), header(15, 0, 0, 0, []byte("hi")),
		header(17, 0, 0, 0, nil), header(4096, 0, 0, 0, []byte("hi")), header(0xffffffff, 0, 0, 0, []byte("hi")), header(0x80000010, 0, 0, 0, []byte("hi")),
	} {
		c.send(datagram)
	}
	if n := stat(t, "hello", "clients"); n != 0 {
		t.Errorf("%d clients; want none", n)
	}
	if n := stat(t, "hello", "refused"); n != 7 {
		t.Errorf("%d refused; want 7: the 3 without a header are not even looked at", n)
	}
	witness := open(t, protoHello).greeted(greetingHello)
	newPinger(t).ping(t, 1, 0)
	witness.text()
	c.empty("it never registered")
}

// What a client says reaches the log with nothing in it that could forge a line.
func TestTextLog(t *testing.T) {
	enter(t)
	loaded(t, "")
	kernel.cut()
	c := open(t, protoHello)
	text := []byte("hi\n\x1b[2Jkernel: all is well\xff" + strings.Repeat("x", 100))
	c.send(header(uint32(16+len(text)), 0, 0, 0, text))
	c.text()
	said := kernel.cut()
	if strings.Count(said, "\n") != 1 || !strings.Contains(said, `says "hi\n\e[2Jkernel: all is well\xffxxx`) || len(said) > 200 {
		t.Errorf("the log says %q", said)
	}
}
