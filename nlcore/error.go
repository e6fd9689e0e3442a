package nlcore

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// An Error is a request that the kernel refused. It unwraps to the errno.
type Error struct {
	Bus   int
	Label string // the request's
	Type  uint16 // the request's message type
	Errno unix.Errno

	// Text is the kernel's own explanation; "" when it gave none.
	Text string

	// Offset is the place in the request that the kernel points at, in bytes
	// from the start of its nlmsghdr; 0 when it points at none.
	Offset int

	// Path are the attribute types that lead to that place, the outermost
	// first; for a missing attribute they lead to the nest that lacks it.
	Path []uint16

	// Attr names the attribute that the kernel points at or misses; "" without one.
	Attr string

	// Missing is the type of an attribute that the kernel misses, else 0.
	Missing uint16

	// Allowed says what the attribute may be ("u16 from 0 to 4094"); mostly "".
	Allowed string

	// Index is the request's place in a batch, from 0; 0 outside of one.
	Index int

	of int // how many requests the batch had; 0: no batch
}

// verdict reads an ack or the end of a dump that answers r: nil for success,
// an *Error for a refusal.
func (c *Conn) verdict(r *Request, m Message) error {
	x, err := parseAck(m)
	switch {
	case err != nil:
		c.n.malformed.Add(1)
		return fmt.Errorf("%s: %w", r.label(c.bus), err)
	case x.errno == 0:
		if x.text != "" && c.warn != nil {
			c.warn(r.label(c.bus), x.text)
		}
		return nil
	}
	return newError(c.bus, r, x)
}

// newError joins the kernel's words with the request that they are about.
func newError(bus int, r *Request, x extAck) *Error {
	e := &Error{
		Bus: bus, Label: r.label(bus), Type: r.Type, Errno: x.errno,
		Text: x.text, Offset: x.offset, Missing: x.missing, Allowed: x.allowed,
	}
	place := x.offset
	if x.missing != 0 {
		place = x.missNest
	}
	e.Path = attrPath(r.Body, r.Header, place-unix.NLMSG_HDRLEN)
	e.Attr = attrName(r, e.Path, x.missing)
	return e
}

// attrName names the attribute at path, or the missing one below it.
func attrName(r *Request, path []uint16, missing uint16) string {
	if missing != 0 {
		path = append(path[:len(path):len(path)], missing)
	}
	if len(path) == 0 {
		return ""
	}
	if r.Name != nil {
		if name := r.Name(path); name != "" {
			return name
		}
	}
	return "attribute " + strings.ReplaceAll(strings.Trim(fmt.Sprint(path), "[]"), " ", "/")
}

// Error gives label, errno, the kernel's words and the attribute:
// `create link "br0": numerical result out of range: kernel: "Invalid VLAN id" (at vlan id)`.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Label)
	if e.of > 1 {
		fmt.Fprintf(&b, " (message %d of %d)", e.Index+1, e.of)
	}
	fmt.Fprintf(&b, ": %v", e.Errno)
	if e.Text != "" {
		fmt.Fprintf(&b, ": kernel: %q", e.Text)
	}
	if where := e.where(); where != "" {
		fmt.Fprintf(&b, " (%s)", where)
	}
	return b.String()
}

// where gives the words for the place that the kernel points at.
func (e *Error) where() string {
	var parts []string
	switch {
	case e.Missing != 0:
		parts = append(parts, "missing "+e.Attr)
	case e.Attr != "":
		parts = append(parts, "at "+e.Attr)
	case e.Offset != 0:
		parts = append(parts, fmt.Sprintf("at byte %d", e.Offset))
	}
	if e.Allowed != "" {
		parts = append(parts, "allowed: "+e.Allowed)
	}
	return strings.Join(parts, ", ")
}

// Unwrap gives the errno.
func (e *Error) Unwrap() error { return e.Errno }
