package nlcore

import (
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A recordedAck is a refusal as the kernel wrote it (see record_test.go).
type recordedAck struct {
	name    string
	request Request
	answer  Message
	text    string
}

// recordedAcks reads testdata/acks.
func recordedAcks(t testing.TB) []recordedAck {
	t.Helper()
	var all []recordedAck
	for _, f := range ackFiles(t) {
		all = append(all, readRecordedAck(t, f))
	}
	return all
}

func ackFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/acks/*.txt")
	if err != nil || len(files) < 7 {
		t.Fatalf("%d recorded acks: %v", len(files), err)
	}
	return files
}

// A recording is one file of testdata/acks, its bytes as they are there.
type recording struct {
	request, answer []byte
	header          int
	label, text     string
}

func readRecording(t testing.TB, file string) recording {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		fields[key] = value
	}
	header, err := strconv.Atoi(fields["header"])
	if err != nil {
		t.Fatal(file, err)
	}
	return recording{
		request: unhex(t, fields["request"]), answer: unhex(t, fields["answer"]),
		header: header, label: fields["label"], text: fields["error"],
	}
}

func readRecordedAck(t testing.TB, file string) recordedAck {
	t.Helper()
	r := readRecording(t, file)
	recordedOrder().request(r.request, r.header)
	recordedOrder().ack(r.answer)
	localErrno(r.answer)
	sent := only(t, r.request)
	return recordedAck{
		name: strings.TrimSuffix(filepath.Base(file), ".txt"),
		request: Request{
			Type: sent.Type, Body: sent.Body, Header: r.header,
			Label: r.label, Name: recordedName(sent.Type),
		},
		answer: only(t, r.answer),
		text:   r.text,
	}
}

// localErrno gives the code of a recorded ack the number that it has on this
// machine: on most it is that of the x86 kernel which wrote it, on MIPS not.
func localErrno(ack []byte) {
	const recorded = 95 // EOPNOTSUPP
	local, code := int32(unix.EOPNOTSUPP), ack[unix.NLMSG_HDRLEN:]
	if int32(binary.NativeEndian.Uint32(code)) == -recorded {
		binary.NativeEndian.PutUint32(code, uint32(-local))
	}
}

// recordedName is the Request.Name of the recorded requests.
func recordedName(typ uint16) func([]uint16) string {
	if typ == unix.RTM_NEWLINK {
		return linkAttrName
	}
	return func(path []uint16) string { return map[uint16]string{1: "ifindex"}[path[0]] }
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// only reads a datagram of one message.
func only(t testing.TB, b []byte) Message {
	t.Helper()
	m, rest, ok := cutMessage(b)
	if !ok || len(rest) != 0 {
		t.Fatalf("%x is not one message", b)
	}
	return m
}

// recordedDump gives the datagrams of testdata/links.bin.
func recordedDump(t testing.TB) [][]byte {
	t.Helper()
	all := linkRecording(t)
	for _, b := range all {
		recordedOrder().links(b)
	}
	return all
}

// linkRecording reads testdata/links.bin as it is.
func linkRecording(t testing.TB) [][]byte {
	t.Helper()
	b, err := os.ReadFile("testdata/links.bin")
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for len(b) > 0 {
		n := 4 + binary.LittleEndian.Uint32(b)
		all = append(all, b[4:n:n])
		b = b[n:]
	}
	if len(all) < 2 {
		t.Fatalf("a dump of %d datagrams is too short for the tests", len(all))
	}
	return all
}

func TestRecordedAcks(t *testing.T) {
	for _, r := range recordedAcks(t) {
		t.Run(r.name, func(t *testing.T) {
			x, err := parseAck(r.answer)
			if err != nil {
				t.Fatal(err)
			}
			if got := newError(0, &r.request, x).Error(); got != r.text {
				t.Errorf("got  %s\nwant %s", got, r.text)
			}
		})
	}
}

// The kernel repeats the request's body in an ack unless it is told not to
// (NETLINK_CAP_ACK); the attributes come after it.
func TestAckWithTheRequestInIt(t *testing.T) {
	for _, r := range recordedAcks(t) {
		if r.answer.Type != unix.NLMSG_ERROR {
			continue
		}
		const at = 4 + unix.NLMSG_HDRLEN
		long := r.answer
		long.Flags &^= unix.NLM_F_CAPPED
		long.Body = append(append(append([]byte{}, r.answer.Body[:at]...), r.request.Body...), r.answer.Body[at:]...)
		x, err := parseAck(long)
		if err != nil {
			t.Fatal(r.name, err)
		}
		if got := newError(0, &r.request, x).Error(); got != r.text {
			t.Errorf("%s: got  %s\nwant %s", r.name, got, r.text)
		}
	}
}

func TestCutAcksNeverPanicAndNeverSucceed(t *testing.T) {
	for _, r := range recordedAcks(t) {
		for n := range r.answer.Body {
			cut := r.answer
			cut.Body = cut.Body[:n]
			x, err := parseAck(cut)
			if err == nil && x.errno == 0 && !(n == 0 && cut.Type == unix.NLMSG_DONE) {
				t.Errorf("%s cut to %d bytes reads as success", r.name, n)
			}
		}
	}
}
