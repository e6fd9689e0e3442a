package nlcore

import (
	"bytes"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// numberRow is a row with a number, whose bytes depend on the machine.
var numberRow = regexp.MustCompile(`(?m)^( *).{4}  (\d+)$`)

// meanings is the right side of boxes, columns is the left side as bytes.
func meanings(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "|") {
			line = strings.TrimPrefix(line[15:], " ")
		}
		b.WriteString(numberRow.ReplaceAllString(line, "$1$2"))
	}
	return b.String()
}

func columns(t *testing.T, text string) (all []byte) {
	t.Helper()
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		b, err := hex.DecodeString(strings.ReplaceAll(line[2:14], " ", ""))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all = append(all, b...)
	}
	return all
}

// The request for a vxlan with an impossible ID, and the kernel's refusal.
func TestBoxesOfARefusal(t *testing.T) {
	var got strings.Builder
	x := Boxes{W: &got, Name: func(_ uint16, path []uint16) string { return linkAttrName(path) }}
	for _, r := range recordedAcks(t) {
		if r.name != "vxlan-id" {
			continue
		}
		x.Trace(true, appendMessage(nil, Message{
			Type: r.request.Type, Flags: unix.NLM_F_REQUEST | unix.NLM_F_ACK | unix.NLM_F_CREATE, Seq: 7, Body: r.request.Body,
		}))
		r.answer.Seq, r.answer.PortID = 7, 99
		x.Trace(false, appendMessage(nil, r.answer))
	}
	if got, want := meanings(got.String()), vxlanMeanings; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if x.Err() != nil {
		t.Error(x.Err())
	}
}

const vxlanMeanings = `sent 68 bytes on netlink bus 0 (route)
+-------------+
length 68
RTM_NEWLINK: REQUEST ACK CREATE
sequence 7
port ID 0
+-------------+
header, 16 bytes



+-------------+
attribute 3 (name), 7 bytes
  x1.
attribute 18, 28 bytes, nest
  attribute 1 (kind), 10 bytes
    vxla
    n.
  attribute 2, 12 bytes, nest
    attribute 1 (vxlan id), 8 bytes
      33554432
+-------------+
received 88 bytes on netlink bus 0 (route)
+-------------+
length 88
NLMSG_ERROR: CAPPED ACK_TLVS
sequence 7
port ID 99
+-------------+
error 34: numerical result out of range
+-------------+
of: length 68
of: RTM_NEWLINK: REQUEST ACK CREATE
of: sequence 728221675
of: port ID 0
+-------------+
attribute 1 (text), 41 bytes
  VXLA
  N ID
   mus
  t be
   low
  er t
  han
  1677
  7216
  .
attribute 2 (offset), 8 bytes
  60
+-------------+
`

// Whatever the message: every byte is drawn once and in order.
func TestBoxesLeaveNothingOut(t *testing.T) {
	var x Boxes
	for _, r := range recordedAcks(t) {
		for _, m := range []Message{r.answer, {Type: r.request.Type, Body: r.request.Body}} {
			checkBoxes(t, &x, appendMessage(nil, m))
		}
	}
	for _, b := range recordedDump(t) {
		checkBoxes(t, &x, b)
		if text := x.Text(b); strings.Contains(text, "no attribute") || strings.Contains(text, "no message") {
			t.Error("the kernel's own message is not understood:\n", text)
		}
	}
}

func checkBoxes(t *testing.T, x *Boxes, b []byte) {
	t.Helper()
	text := x.Text(b)
	if got := columns(t, text); !bytes.Equal(got, b) {
		t.Errorf("drew\n%s for\n%s", text, hex.Dump(b))
	}
}

func FuzzBoxes(f *testing.F) {
	for _, r := range recordedAcks(f) {
		f.Add(unix.NETLINK_ROUTE, appendMessage(nil, r.answer))
		f.Add(unix.NETLINK_ROUTE, appendMessage(nil, Message{Type: r.request.Type, Body: r.request.Body}))
	}
	f.Add(unix.NETLINK_GENERIC, one(done(1, unix.NLM_F_ACK_TLVS)).b)
	f.Fuzz(func(t *testing.T, bus int, b []byte) { checkBoxes(t, &Boxes{Bus: bus}, b) })
}

// A nest without NLA_F_NESTED is drawn as one, and says that this is a guess;
// what cannot be a nest is not.
func TestBoxesGuessNests(t *testing.T) {
	kind := recordedAttrs(t, bridgeAttrs, layout{"3": "text", "18": "nest", "18/1": "text", "18/2": "nest"})
	text := (&Boxes{}).Text(appendMessage(nil, Message{Type: unix.RTM_NEWLINK, Body: append(ifinfo(0, 0, 0), kind...)}))
	for _, want := range []string{"attribute 18, 44 bytes, nest by its looks\n", "  attribute 2, 28 bytes, nest by its looks\n", "    attribute 5, 8 bytes\n"} {
		if !strings.Contains(meanings(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, b := range [][]byte{
		[]byte("lan0.123"), {0, 0, 0, 0, 0, 0, 0, 0}, {8, 0, 1, 0, 1, 0, 0}, {8, 0, 8, 0}, {5, 0, 1, 0, 1, 0, 0, 9, 4, 0, 1, 0},
	} {
		if seemsNest(b) {
			t.Errorf("%x looks like a nest", b)
		}
	}
}

// On a bus that nothing is known of, the caller says how long the header is.
func TestBoxesOfAForeignBus(t *testing.T) {
	var w AttrWriter
	w.Header([]byte{1, 2, 3, 4, 5, 6, 7, 8})
	w.Flag(3)
	b := appendMessage(nil, Message{Type: 300, Body: w.Bytes()})
	x := Boxes{Bus: 30, Header: func(uint16) int { return 8 }}
	if got := meanings(x.Text(b)); !strings.Contains(got, "header, 8 bytes\n\n+-------------+\nattribute 3, 4 bytes\n") {
		t.Errorf("got\n%s", got)
	}
}

// A writer that fails once: the first error is kept.
func TestBoxesKeepTheFirstError(t *testing.T) {
	x := Boxes{W: brokenWriter{}}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { x.Trace(true, one(row(1, 2, 0)).b) })
	}
	both.Wait()
	if !errors.Is(x.Err(), unix.EPIPE) {
		t.Error(x.Err())
	}
}

// A brokenWriter is a pipe that nobody reads.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, unix.EPIPE }
