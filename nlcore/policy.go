package nlcore

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// A policy is what the kernel tells of an attribute that it refused,
// NL_POLICY_TYPE_ATTR_* in linux/netlink.h.
type policy struct {
	typ      uint32 // NL_ATTR_TYPE_*
	min, max string // "" where the kernel sets no limit
}

// typeWords are the kernel's names of attribute types, and the ends of their
// range that go without saying.
var typeWords = [...]struct{ name, min, max string }{
	unix.NL_ATTR_TYPE_FLAG:         {name: "flag"},
	unix.NL_ATTR_TYPE_U8:           {"u8", "0", "255"},
	unix.NL_ATTR_TYPE_U16:          {"u16", "0", "65535"},
	unix.NL_ATTR_TYPE_U32:          {"u32", "0", "4294967295"},
	unix.NL_ATTR_TYPE_U64:          {"u64", "0", "18446744073709551615"},
	unix.NL_ATTR_TYPE_S8:           {"s8", "-128", "127"},
	unix.NL_ATTR_TYPE_S16:          {"s16", "-32768", "32767"},
	unix.NL_ATTR_TYPE_S32:          {"s32", "-2147483648", "2147483647"},
	unix.NL_ATTR_TYPE_S64:          {"s64", "-9223372036854775808", "9223372036854775807"},
	unix.NL_ATTR_TYPE_BINARY:       {name: "bytes"},
	unix.NL_ATTR_TYPE_STRING:       {name: "string"},
	unix.NL_ATTR_TYPE_NUL_STRING:   {name: "string with NUL"},
	unix.NL_ATTR_TYPE_NESTED:       {name: "nest"},
	unix.NL_ATTR_TYPE_NESTED_ARRAY: {name: "array of nests"},
	unix.NL_ATTR_TYPE_BITFIELD32:   {name: "bitfield32"},
}

// policyWords gives what a policy allows: "u32", "u16 from 0 to 4094", "string
// with NUL of length at most 15"; "" when it cannot be read.
func policyWords(nest Attr) string {
	var p policy
	for a, err := range nest.Attrs() {
		if err != nil {
			return ""
		}
		p.read(a)
	}
	return p.words()
}

func (p *policy) read(a Attr) {
	switch a.Type {
	case unix.NL_POLICY_TYPE_ATTR_TYPE:
		p.typ, _ = a.Uint32()
	case unix.NL_POLICY_TYPE_ATTR_MIN_LENGTH, unix.NL_POLICY_TYPE_ATTR_MIN_VALUE_U, unix.NL_POLICY_TYPE_ATTR_MIN_VALUE_S:
		p.min = limit(a)
	case unix.NL_POLICY_TYPE_ATTR_MAX_LENGTH, unix.NL_POLICY_TYPE_ATTR_MAX_VALUE_U, unix.NL_POLICY_TYPE_ATTR_MAX_VALUE_S:
		p.max = limit(a)
	}
}

// limit gives one end of a range: a length of 32 bits, or a value of 64 bits
// with or without a sign.
func limit(a Attr) string {
	if v, err := a.Uint32(); err == nil {
		return fmt.Sprint(v)
	}
	v, err := a.Uint64()
	switch {
	case err != nil:
		return ""
	case a.Type == unix.NL_POLICY_TYPE_ATTR_MIN_VALUE_S || a.Type == unix.NL_POLICY_TYPE_ATTR_MAX_VALUE_S:
		return fmt.Sprint(int64(v))
	}
	return fmt.Sprint(v)
}

func (p *policy) words() string {
	if p.typ == unix.NL_ATTR_TYPE_INVALID || p.typ >= uint32(len(typeWords)) {
		return ""
	}
	w := &typeWords[p.typ]
	switch {
	case p.min == w.min && p.max == w.max:
		return w.name
	case w.max == "":
		return w.name + " of length" + span(p.min, p.max, " at least ", " at most ")
	}
	return w.name + span(p.min, p.max, " from ", " to ")
}

// span puts a word before each end that is there.
func span(min, max, before, after string) string {
	var b strings.Builder
	if min != "" {
		b.WriteString(before + min)
	}
	if max != "" {
		b.WriteString(after + max)
	}
	return b.String()
}
