package nlcore

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestPolicyWords(t *testing.T) {
	for want, fill := range map[string]func(w *AttrWriter){
		"u32": func(w *AttrWriter) {
			w.U64(unix.NL_POLICY_TYPE_ATTR_MIN_VALUE_U, 0)
			w.U64(unix.NL_POLICY_TYPE_ATTR_MAX_VALUE_U, 0xffffffff)
			w.U32(unix.NL_POLICY_TYPE_ATTR_TYPE, unix.NL_ATTR_TYPE_U32)
		},
		"u16 from 1 to 4094": func(w *AttrWriter) {
			w.U64(unix.NL_POLICY_TYPE_ATTR_MIN_VALUE_U, 1)
			w.U64(unix.NL_POLICY_TYPE_ATTR_MAX_VALUE_U, 4094)
			w.U32(unix.NL_POLICY_TYPE_ATTR_TYPE, unix.NL_ATTR_TYPE_U16)
		},
		"s8 from -3 to 127": func(w *AttrWriter) {
			w.U64(unix.NL_POLICY_TYPE_ATTR_MIN_VALUE_S, ^uint64(2))
			w.U64(unix.NL_POLICY_TYPE_ATTR_MAX_VALUE_S, 127)
			w.U32(unix.NL_POLICY_TYPE_ATTR_TYPE, unix.NL_ATTR_TYPE_S8)
		},
		"string with NUL of length at most 15": func(w *AttrWriter) {
			w.U32(unix.NL_POLICY_TYPE_ATTR_MAX_LENGTH, 15)
			w.U32(unix.NL_POLICY_TYPE_ATTR_TYPE, unix.NL_ATTR_TYPE_NUL_STRING)
		},
		"nest": func(w *AttrWriter) { w.U32(unix.NL_POLICY_TYPE_ATTR_TYPE, unix.NL_ATTR_TYPE_NESTED) },
		"":     func(w *AttrWriter) { w.U32(unix.NL_POLICY_TYPE_ATTR_TYPE, 4711) },
	} {
		var w AttrWriter
		fill(&w)
		if got := policyWords(Attr{Data: w.Bytes()}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The kernel's own range, from a family that has one.
func TestRealPolicyRange(t *testing.T) {
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_GENERIC, Options{NetNS: ns})
	r := netdevWithoutIndex(t, ns)
	w := NewAttrWriter(r.Body)
	w.U32(1, 0) // NETDEV_A_DEV_IFINDEX, at least 1
	r.Body = w.Bytes()
	err := c.Do(soon(t), r)
	const want = `get device: numerical result out of range: kernel: "integer out of range" (at ifindex, allowed: u32 from 1 to 4294967295)`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
