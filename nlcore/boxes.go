package nlcore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Boxes draws every message of a socket for people: each row is four bytes as
// they lie in memory, with their meaning beside them, so that nothing is left
// out. Set W and Bus, and put its Trace into Options.Trace.
//
//	sent 32 bytes on netlink bus 0 (route)
//	+-------------+
//	| 20 00 00 00 | length 32
//	| 12 00 05 00 | RTM_GETLINK: REQUEST ACK
//	…
type Boxes struct {
	W   io.Writer
	Bus int

	// Name, if not nil, names an attribute of a message type by the types that
	// lead to it, the outermost first; "" where it knows none.
	Name func(typ uint16, path []uint16) string

	// Header, if not nil, gives the length of the fixed structure between a
	// message's header and its attributes. The route and generic buses need none.
	Header func(typ uint16) int

	mu  sync.Mutex
	err error
}

// Trace writes one datagram with one Write. It may be called by several
// goroutines.
func (x *Boxes) Trace(out bool, datagram []byte) {
	verb := "received"
	if out {
		verb = "sent"
	}
	text := fmt.Sprintf("%s %d bytes on %v\n%s", verb, len(datagram), busOf(x.Bus), x.Text(datagram))
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, err := io.WriteString(x.W, text); x.err == nil {
		x.err = err
	}
}

// Err gives the first error of W.
func (x *Boxes) Err() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.err
}

// Text draws the messages of a datagram.
func (x *Boxes) Text(datagram []byte) string {
	var p boxPage
	for len(datagram) > 0 {
		m, rest, ok := cutMessage(datagram)
		p.line()
		if !ok {
			p.raw(datagram, "no message")
			break
		}
		x.message(&p, m, datagram[:len(datagram)-len(rest)])
		datagram = rest
	}
	p.line()
	return p.String()
}

// message draws m, which lies in b, with its padding.
func (x *Boxes) message(p *boxPage, m Message, b []byte) {
	x.header(p, b)
	body := b[unix.NLMSG_HDRLEN:]
	padding := len(body) - len(m.Body)
	if len(body) > 0 {
		p.line()
	}
	switch {
	case m.Type == unix.NLMSG_ERROR && len(m.Body) >= 4+unix.NLMSG_HDRLEN:
		x.ack(p, m, body)
	case m.Type == unix.NLMSG_DONE && len(m.Body) >= 4:
		p.row(body[:4], codeWords(body))
		x.attrs(p, body[4:], padding, m.Type, nil)
	default:
		n := min(align(x.fixed(m.Type)), len(body))
		p.raw(body[:n], "header")
		if n > 0 && n < len(body) {
			p.line()
		}
		x.attrs(p, body[n:], padding, m.Type, nil)
	}
}

// header draws a struct nlmsghdr.
func (x *Boxes) header(p *boxPage, b []byte) {
	e := binary.NativeEndian
	typ := e.Uint16(b[4:])
	p.row(b[:4], fmt.Sprintf("length %d", e.Uint32(b)))
	p.row(b[4:8], strings.TrimSuffix(TypeName(x.Bus, typ)+": "+flagNames(x.Bus, typ, e.Uint16(b[6:])), ": "))
	p.row(b[8:12], fmt.Sprintf("sequence %d", e.Uint32(b[8:])))
	p.row(b[12:16], fmt.Sprintf("port ID %d", e.Uint32(b[12:])))
}

// ack draws the body of NLMSG_ERROR: the code, the request that it answers, and
// the attributes of the extended ack.
func (x *Boxes) ack(p *boxPage, m Message, body []byte) {
	p.row(body[:4], codeWords(body))
	p.line()
	p.in("of: ", func() { x.header(p, body[4:]) })
	attrs := ackAttrs(m)
	at := len(m.Body) - len(attrs)
	if m.Flags&unix.NLM_F_ACK_TLVS == 0 || len(attrs) == 0 {
		at = len(body)
	}
	p.in("of: ", func() { p.raw(body[4+unix.NLMSG_HDRLEN:at], "body") })
	if at < len(body) {
		p.line()
		x.attrs(p, body[at:], len(body)-len(m.Body), m.Type, nil)
	}
}

// codeWords names the code at the start of an ack.
func codeWords(b []byte) string {
	code := int32(binary.NativeEndian.Uint32(b))
	switch {
	case code == 0:
		return "no error"
	case code < 0 && code >= -errnoLimit:
		return fmt.Sprintf("error %d: %v", -code, unix.Errno(-code))
	}
	return fmt.Sprintf("code %d", code)
}

// fixed gives the length of a message's fixed structure.
func (x *Boxes) fixed(typ uint16) int {
	if x.Header != nil {
		return x.Header(typ)
	}
	return HeaderLength(x.Bus, typ)
}

// attrs draws attributes; the last padding bytes of b belong to the message
// around them. What is no attribute is drawn as it is.
func (x *Boxes) attrs(p *boxPage, b []byte, padding int, typ uint16, path []uint16) {
	for len(b) > 0 {
		a, n, err := CutAttr(b[:len(b)-padding], 0)
		if err != nil {
			p.raw(b, "no attribute")
			return
		}
		n = min(n, len(b))
		x.attr(p, a, b[:n], typ, append(path[:len(path):len(path)], a.Type))
		b, padding = b[n:], max(0, min(padding, len(b)-n))
	}
}

// boxDepth is how deep nests are looked into; the kernel's own go down ten.
const boxDepth = 16

// attr draws a, which lies in b with its padding.
func (x *Boxes) attr(p *boxPage, a Attr, b []byte, typ uint16, path []uint16) {
	inner := len(path) < boxDepth && (a.Nested || seemsNest(a.Data))
	p.row(b[:unix.NLA_HDRLEN], x.title(a, typ, path)+nestWord(a.Nested, inner))
	data := b[unix.NLA_HDRLEN:]
	p.in("  ", func() {
		if inner {
			x.attrs(p, data, len(data)-len(a.Data), typ, path)
			return
		}
		p.value(data, len(a.Data))
	})
}

// title gives number, name and length of an attribute.
func (x *Boxes) title(a Attr, typ uint16, path []uint16) string {
	name := ""
	switch {
	case typ == unix.NLMSG_ERROR || typ == unix.NLMSG_DONE:
		name = ackAttrName(path)
	case x.Name != nil:
		name = x.Name(typ, path)
	}
	if name != "" {
		name = " (" + name + ")"
	}
	if a.NetOrder {
		name += ", network byte order"
	}
	return fmt.Sprintf("attribute %d%s, %d bytes", a.Type, name, unix.NLA_HDRLEN+len(a.Data))
}

// nestWord tells a nest that says so from one that only looks like it.
func nestWord(says, is bool) string {
	switch {
	case says:
		return ", nest"
	case is:
		return ", nest by its looks"
	}
	return ""
}

// ackAttrNames are those of enum nlmsgerr_attrs, from 1 on.
var ackAttrNames = [...]string{"text", "offset", "cookie", "policy", "missing type", "missing nest"}

func ackAttrName(path []uint16) string {
	if i := int(path[0]) - 1; len(path) == 1 && i >= 0 && i < len(ackAttrNames) {
		return ackAttrNames[i]
	}
	return ""
}

// seemsNest guesses whether a payload without NLA_F_NESTED is a nest: the
// kernel leaves the flag out in old places. It must be attributes to the last
// byte, at least eight of them, with small types and with zeros between.
func seemsNest(b []byte) bool {
	if len(b) < 8 {
		return false
	}
	for at := 0; at < len(b); {
		a, n, err := CutAttr(b, at)
		if err != nil || a.Type == 0 || a.Type > 255 || a.NetOrder {
			return false
		}
		end := at + unix.NLA_HDRLEN + len(a.Data)
		at = min(at+n, len(b))
		if len(bytes.Trim(b[end:at], "\x00")) > 0 {
			return false
		}
	}
	return true
}
