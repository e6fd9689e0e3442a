package object

import (
	"bootlink/nlcore"
	"bootlink/rtcfg/conf"
)

// Cost is what changing an attribute of an existing object costs.
type Cost uint8

// The costs, mildest first.
const (
	Live     Cost = iota // while it works
	Down                 // the link must be down meanwhile
	Recreate             // only by deleting and making the object anew
)

var costNames = [...]string{Live: "none", Down: "down", Recreate: "recreate"}

// String gives the word that --max-disruption takes.
func (c Cost) String() string { return costNames[c] }

// ParseCost reads what String wrote.
func ParseCost(word string) (Cost, bool) {
	for i, name := range costNames {
		if name == word {
			return Cost(i), true
		}
	}
	return 0, false
}

// Wire is an attribute's form in a netlink message.
type Wire uint8

// The wire types, as Documentation/netlink/specs of the kernel names them.
const (
	U8 Wire = iota + 1
	U16
	U32
	Be16 // network byte order
	Bytes
	Text // bytes with a NUL at the end
	None // not an attribute of its own: written by the class's code
)

// A Row is one attribute: everything that is known about it, in one place.
type Row struct {
	Key  string // as in router.toml, within its table
	Attr uint16 // the kernel's number
	Wire Wire
	Form Form
	Min  uint64 // of integers
	Max  uint64 // of integers; 0: what the wire type holds
	Cost Cost
	Doc  string
	Unit string

	Default string // what a new link has; "" where that depends
	Kconfig string // what brings it, where the kind alone does not

	Enum []Word // the words of an enumeration

	// Same says whether the kernel's value is what it makes of the wanted one;
	// nil: equal text.
	Same func(want, have string) bool

	// Top marks an attribute of a kind's table that stands among the link's own
	// and not in the kind's nest (a VLAN's link).
	Top bool
}

// A Word is a name of a number.
type Word struct {
	Name  string
	Value uint64
}

// Names translates between the names of links and their indexes.
type Names interface {
	Index(name string) (uint32, error) // an error when there is no such link
	Name(index uint32) string          // "#7" when there is no such link
}

// Equal says whether have, as read from the kernel, is what it makes of want.
func (r *Row) Equal(want, have string) bool {
	return want == have || r.Same != nil && r.Same(want, have)
}

func (r *Row) max() uint64 {
	switch {
	case r.Max > 0:
		return r.Max
	case r.Wire == U8:
		return 1<<8 - 1
	case r.Wire == U16 || r.Wire == Be16:
		return 1<<16 - 1
	}
	return 1<<32 - 1
}

// Default gives what a link has when it is new, where that does not depend on
// more than its kind.
func Default(key string) (text string, known bool) {
	if key == "master" || key == "alias" {
		return "", true
	}
	r := LinkRow(key)
	if r == nil || r.Default == "" {
		return "", false
	}
	return r.Default, true
}

// Parse reads the attribute's value in the file. Errors are [conf.Fault]s.
func (r *Row) Parse(n *conf.Node) (string, error) { return r.Form.parse(r, n) }

// put appends the attribute with the value text.
func (r *Row) put(w *nlcore.AttrWriter, text string, names Names) error {
	v, err := r.Form.pack(r, text, names)
	if err != nil {
		return err
	}
	switch r.Wire {
	case U8:
		w.U8(r.Attr, uint8(v.num))
	case U16:
		w.U16(r.Attr, uint16(v.num))
	case U32:
		w.U32(r.Attr, uint32(v.num))
	case Be16:
		w.Be16(r.Attr, uint16(v.num))
	case Bytes:
		w.Raw(r.Attr, v.raw)
	case Text:
		w.String(r.Attr, string(v.raw))
	}
	return nil
}

// get reads the attribute's value.
func (r *Row) get(a nlcore.Attr, names Names) (string, error) {
	v, err := r.unwire(a)
	if err != nil {
		return "", err
	}
	return r.Form.unpack(r, v, names)
}

func (r *Row) unwire(a nlcore.Attr) (v value, err error) {
	switch r.Wire {
	case U8:
		var n uint8
		n, err = a.Uint8()
		v.num = uint64(n)
	case U16:
		var n uint16
		n, err = a.Uint16()
		v.num = uint64(n)
	case U32:
		var n uint32
		n, err = a.Uint32()
		v.num = uint64(n)
	case Be16:
		var n uint16
		n, err = a.Be16()
		v.num = uint64(n)
	case Text:
		v.raw = []byte(a.String())
	default:
		v.raw = a.Data
	}
	return v, err
}

// A rowTable is the rows of one nest.
type rowTable []Row

func (t rowTable) key(key string) *Row {
	for i := range t {
		if t[i].Key == key {
			return &t[i]
		}
	}
	return nil
}

func (t rowTable) attr(attr uint16, top bool) *Row {
	for i := range t {
		if t[i].Attr == attr && t[i].Wire != None && t[i].Top == top {
			return &t[i]
		}
	}
	return nil
}

func (t rowTable) keys() []string {
	keys := make([]string, len(t))
	for i := range t {
		keys[i] = t[i].Key
	}
	return keys
}

// put appends those of the values that this table knows, under prefix.
func (t rowTable) put(w *nlcore.AttrWriter, values Values, prefix string, top bool, names Names) error {
	for i := range t {
		r := &t[i]
		text, ok := values[prefix+r.Key]
		if !ok || r.Top != top || r.Wire == None {
			continue
		}
		if err := r.put(w, text, names); err != nil {
			return &ValueError{Key: prefix + r.Key, Text: text, Err: err}
		}
	}
	return nil
}

// get adds what the attributes say to values. Attributes without a row are
// passed over: kernels are newer than we are.
func (t rowTable) get(attrs []byte, values Values, prefix string, top bool, names Names) error {
	for a, err := range nlcore.Attrs(attrs) {
		if err != nil {
			return err
		}
		r := t.attr(a.Type, top)
		if r == nil {
			continue
		}
		text, err := r.get(a, names)
		if err != nil {
			return &ValueError{Key: prefix + r.Key, Err: err}
		}
		values[prefix+r.Key] = text
	}
	return nil
}

// A ValueError is a value that cannot be put into a message or read from one.
type ValueError struct {
	Key  string
	Text string
	Err  error
}

// Error names the key, the value and the cause.
func (e *ValueError) Error() string { return e.Key + " " + e.Text + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *ValueError) Unwrap() error { return e.Err }
