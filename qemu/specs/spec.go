package specs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

// A Family is one spec: a part of rtnetlink. What is not read here are the
// parts that say nothing about the wire.
type Family struct {
	Name        string
	Definitions []Definition
	Sets        []Set        `yaml:"attribute-sets"`
	SubMessages []SubMessage `yaml:"sub-messages"`
	Operations  struct {
		Header string `yaml:"fixed-header"`
		List   []Operation
	}
}

// A Definition is a struct, an enumeration or a set of flags.
type Definition struct {
	Name    string
	Type    string // "struct", "enum", "flags", "const"
	Members []Field
	Entries []Entry
}

// A Field is an attribute or a member of a struct.
type Field struct {
	Name      string
	Type      string // "u32", "binary", "string", "flag", "nest", "pad", ...
	Value     *int   // an attribute's number, where it does not follow the one before
	Len       int    // bytes of a member that is no integer
	ByteOrder string `yaml:"byte-order"`
	Struct    string // the Definition of the bytes
	Enum      string // the Definition of the numbers
	Nested    string `yaml:"nested-attributes"`
	Sub       string `yaml:"sub-message"`
}

// A Set is the attributes of one nest.
type Set struct {
	Name       string
	Attributes []Field
}

// An Entry is a word of an enumeration, or a flag.
type Entry struct {
	Name  string
	Value *int // where it does not follow the one before
}

// A SubMessage is a nest that differs by a selector, as by a link's kind.
type SubMessage struct {
	Name    string
	Formats []Format
}

// A Format is what a nest holds for one value of the selector: a struct, then
// attributes; either may be missing.
type Format struct {
	Value  string
	Header string `yaml:"fixed-header"`
	Set    string `yaml:"attribute-set"`
}

// An Operation is a message; an rtnetlink request and its reply have numbers of
// their own.
type Operation struct {
	Name   string
	Header string `yaml:"fixed-header"`
	Set    string `yaml:"attribute-set"`
	Do     exchange
	Dump   exchange
}

type exchange struct {
	Request struct{ Value int }
}

// UnmarshalYAML reads an entry, which may be a word alone.
func (e *Entry) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		e.Name = n.Value
		return nil
	}
	type plain Entry
	return n.Decode((*plain)(e))
}

// Load reads the specs of rtnetlink in a folder, by the family's name: "rt-link",
// "tc". An error names the file; a folder without them is [fs.ErrNotExist].
func Load(folder string) (map[string]*Family, error) {
	families := map[string]*Family{}
	for _, pattern := range []string{"rt?*.yaml", "tc.yaml"} {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			f, err := read(file)
			if err != nil {
				return nil, err
			}
			families[f.Name] = f
		}
	}
	if len(families) == 0 {
		return nil, &fs.PathError{Op: "read specs", Path: folder, Err: fs.ErrNotExist}
	}
	return families, nil
}

func read(file string) (*Family, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	f, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return f, nil
}

// Parse reads one spec.
func Parse(text []byte) (*Family, error) {
	f := &Family{}
	if err := yaml.Unmarshal(text, f); err != nil {
		return nil, err
	}
	if f.Name == "" || len(f.Sets) == 0 {
		return nil, errors.New("not a netlink spec: no name, or no attribute-sets")
	}
	return f, nil
}

// Operation gives the message of that name, nil if there is none.
func (f *Family) Operation(name string) *Operation {
	for i := range f.Operations.List {
		if o := &f.Operations.List[i]; o.Name == name {
			if o.Header == "" {
				o.Header = f.Operations.Header
			}
			return o
		}
	}
	return nil
}

// Number is the message type of the request.
func (o *Operation) Number() int { return max(o.Do.Request.Value, o.Dump.Request.Value) }

// Definition gives the one of that name, nil if there is none.
func (f *Family) Definition(name string) *Definition {
	for i := range f.Definitions {
		if d := &f.Definitions[i]; d.Name == name {
			return d
		}
	}
	return nil
}

// Set gives the attributes of that name, nil if there are none.
func (f *Family) Set(name string) *Set {
	for i := range f.Sets {
		if s := &f.Sets[i]; s.Name == name {
			return s
		}
	}
	return nil
}

// Format gives what a sub-message holds for a value of its selector, nil if the
// spec does not know that value.
func (f *Family) Format(sub, value string) *Format {
	for _, m := range f.SubMessages {
		for i := range m.Formats {
			if m.Name == sub && m.Formats[i].Value == value {
				return &m.Formats[i]
			}
		}
	}
	return nil
}

// Attribute finds an attribute by name, and its number. Older specs begin their
// names with the kernel's prefix; see [Plain].
func (s *Set) Attribute(name string) (a *Field, number int) {
	return s.find(func(a *Field, _ int) bool { return Plain(a.Name) == name })
}

// Numbered finds an attribute by its number.
func (s *Set) Numbered(number int) *Field {
	a, _ := s.find(func(_ *Field, n int) bool { return n == number })
	return a
}

func (s *Set) find(is func(a *Field, number int) bool) (*Field, int) {
	if s == nil {
		return nil, 0
	}
	next := 1
	for i := range s.Attributes {
		a := &s.Attributes[i]
		if a.Value != nil {
			next = *a.Value
		}
		if is(a, next) {
			return a, next
		}
		next++
	}
	return nil, 0
}

// Member finds a member of a struct by its path, "rate.mpu", and its offset in
// bytes. Specs leave nothing to alignment: padding is a member.
func (f *Family) Member(d *Definition, path string) (m *Field, offset int) {
	name, rest, deeper := strings.Cut(path, ".")
	for i := range d.Members {
		m := &d.Members[i]
		inner := f.Definition(m.Struct)
		switch {
		case Plain(m.Name) != name:
			offset += f.width(m)
		case deeper && inner != nil:
			m, more := f.Member(inner, rest)
			return m, offset + more
		default:
			return m, offset
		}
	}
	return nil, 0
}

// Size is the bytes of a struct.
func (f *Family) Size(d *Definition) int {
	size := 0
	for i := range d.Members {
		size += f.width(&d.Members[i])
	}
	return size
}

func (f *Family) width(m *Field) int {
	if d := f.Definition(m.Struct); d != nil {
		return f.Size(d)
	}
	switch strings.TrimLeft(m.Type, "us") {
	case "8":
		return 1
	case "16":
		return 2
	case "32":
		return 4
	case "64":
		return 8
	}
	return m.Len
}

// Number gives the value of a word of an enumeration, or the bit of a flag.
func (d *Definition) Number(name string) (n uint64, ok bool) {
	next := 0
	for _, e := range d.Entries {
		if e.Value != nil {
			next = *e.Value
		}
		if Plain(e.Name) == name {
			if d.Type == "flags" {
				return 1 << next, true
			}
			return uint64(next), true
		}
		next++
	}
	return 0, false
}

// Wire gives the type with its byte order: "u16", "be16", "binary", "struct".
func (a *Field) Wire() string {
	switch {
	case a.ByteOrder == "big-endian" && strings.HasPrefix(a.Type, "u"):
		return "be" + a.Type[1:]
	case a.Struct != "":
		return "struct"
	}
	return a.Type
}

// Plain gives a spec's name without the kernel's prefix, and a key of ours in
// the way of specs: "rta-prefsrc" and "stp_state" become "prefsrc" and "stp-state".
func Plain(name string) string {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	for _, prefix := range []string{"ifa-", "ifi-", "rta-", "rtax-", "rtm-", "ndm-"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return rest
		}
	}
	return name
}
