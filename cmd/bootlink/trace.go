package main

import (
	"fmt"
	"io"
	"os"
	"unsafe"

	"bootlink/nlcore"
	"bootlink/nlcore/pcap"

	"golang.org/x/sys/unix"
)

// openTrace begins what --trace and -vv ask for. The file ends with the process.
func (in *invocation) openTrace() error {
	if in.on("vv") {
		in.line.flags["v"] = "true"
		in.traceTo(&lines{in.stderr})
	}
	name := in.value("trace")
	if name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|unix.O_NOFOLLOW, 0o600)
	if err == nil {
		_, err = f.Write(pcap.Header(pcap.Netlink))
	}
	if err != nil {
		return usagef("--trace: %v", err)
	}
	in.traceTo(f)
	return nil
}

// traceTo adds a reader of all netlink messages.
func (in *invocation) traceTo(w io.Writer) {
	in.capture.To = append(in.capture.To, w)
	in.trace = in.capture.Trace
}

// lines writes a line for each message, with the numbers of its attributes and
// without their values:
//
//	-> bus 0 RTM_NEWLINK flags 0x605 seq 7 length 60 error 0 attributes [3 18]
//	<- bus 0 NLMSG_ERROR flags 0x300 seq 7 length 88 error 17 attributes [1]
type lines struct{ to io.Writer }

// Write takes a record of a Capture.
func (l *lines) Write(record []byte) (int, error) {
	head, b := pcap.At(record)
	bus, arrow := head.Bus(), "<-"
	if head.Out() {
		arrow = "->"
	}
	for len(b) >= unix.SizeofNlMsghdr {
		m := (*unix.NlMsghdr)(unsafe.Pointer(&b[0]))
		end, code := max(unix.SizeofNlMsghdr, min(int(m.Len), len(b))), int32(0)
		at := unix.SizeofNlMsghdr + nlcore.HeaderLength(bus, m.Type)
		if m.Type-unix.NLMSG_ERROR <= unix.NLMSG_DONE-unix.NLMSG_ERROR && end >= at+4 {
			code = -*(*int32)(unsafe.Pointer(&b[at]))
			at += 4
			if m.Type == unix.NLMSG_ERROR {
				at += unix.SizeofNlMsghdr // of the request
			}
		}
		attrs := []uint16{}
		for at+unix.SizeofNlAttr <= end {
			a := (*unix.NlAttr)(unsafe.Pointer(&b[at]))
			attrs = append(attrs, a.Type&0x3fff)
			at += max(unix.SizeofNlAttr, (int(a.Len)+3)&^3)
		}
		fmt.Fprintf(l.to, "%s bus %d %s flags %#x seq %d length %d error %d attributes %d\n", arrow, bus, nlcore.TypeName(bus, m.Type), m.Flags, m.Seq, m.Len, code, attrs)
		b = b[min((end+3)&^3, len(b)):]
	}
	return 0, nil
}
