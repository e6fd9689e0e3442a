package object

import (
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"
)

// Cost is what changing an attribute of an existing object costs.
type Cost uint8

// The costs, mildest first.
const (
	Live     Cost = iota // while it works
	Down                 // the link must be down meanwhile
	Detach               // and without its ports
	Recreate             // only by deleting and making the object anew
)

var costNames = [...]string{Live: "none", Down: "down", Detach: "detach", Recreate: "recreate"}

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
	U64
	S32
	Be16 // network byte order
	Be32 // network byte order
	Bytes
	Text     // bytes with a NUL at the end
	Flag     // no payload: there for true, absent for false
	Nested   // bytes that are attributes themselves
	Bits     // rows that share an attribute {u32 flags, u32 mask}, a bit each
	BitsU16  // rows that share a u16, a bit each
	BitsU32  // rows that share a u32, a bit each
	BeBits16 // the same, in network byte order
	Field8   // rows that share an attribute which is a struct, each at its Off; attribute 0 is the struct at the head of a nest
	Field16
	Field32
	Head8 // not an attribute, but at offset Attr of the fixed header
	Head16
	Head32
	HeadBits  // a bit of the u32 at offset Attr of the fixed header
	HeadBits8 // a bit of the u8 there
	None      // written by the class's code
)

// A Row is one attribute: everything that is known about it, in one place. Small
// fields stand together: there are some hundred rows.
type Row struct {
	Key   string // as in router.toml, within its table
	Attr  uint16 // the kernel's number; of a Head wire: the offset in the fixed header
	Attr6 uint16 // of an address: the number where it is an IPv6 one, if that differs
	Wire  Wire
	Cost  Cost
	Empty bool // a new object has none, which is "" as text
	Top   bool // it stands among the link's own and not in the kind's nest (a VLAN's link)
	Form  *Form
	Min   uint64 // of integers
	Max   uint64 // of integers; 0: what the wire type holds
	Doc   string
	Unit  string

	Default string // what a new object has; "" where that depends
	Kconfig string // what brings it, where the kind alone does not

	Enum []Word // the words of an enumeration
	Rare *Rare  // what few rows say

	Nest uint16 // the attribute stands in the nest of this number
	Mask uint16 // the attribute of the mask, where the text is "value/mask"
	Bit  uint32 // of Bits and HeadBits: which one
	Len  uint16 // of prefixes: the offset of the prefix length in the fixed header
	Off  uint16 // of fields: the offset in the struct
	Size uint16 // of fields: bytes of the struct

	// Auto: the kernel chooses when the file does not say, so that a value which
	// only the kernel has is no difference.
	Auto bool

	// Kept: Auto, and what the file has set is taken back when it leaves the file.
	// Roams: the kernel changes it by itself, so that only another value in the
	// file is a difference. The state file remembers what the file has set of both.
	Kept, Roams bool

	// Secret values are never shown.
	Secret bool

	// Hidden rows cannot be written in the file: the class derives them. Input rows
	// are what it derives them from; they are not compared.
	Hidden, Input bool

	// Late attributes are set once all links are there: they name what is put under
	// this link.
	Late bool

	// Early attributes of a link count only from when it goes up, so they are set
	// before that, in a message of their own; a creation does not take them.
	Early bool

	// Carries marks the reference to the link that carries this one; Peer the one
	// to its other end.
	Carries, Peer bool

	// Same says whether the kernel's value is what it makes of the wanted one;
	// nil: equal text.
	Same func(want, have string) bool
}

// Rare is what few rows say.
type Rare struct {
	_ [0]func() // no equality: it would be code

	Since string // the first kernel that has it, where that is after 4.14

	// Absent is what it means when the kernel does not tell the value.
	Absent string

	// Fixed is a value that a link has from its creation or never.
	Fixed string

	// Need is an example for the hint where the file must say it.
	Need string

	// Refers names the class of objects that the value is the identity of: a
	// route's nhid. Links need no such word, their form says it.
	Refers Class
}

var nothingRare Rare

// under gives the key behind a prefix.
func (r *Row) under(prefix string) string {
	if prefix == "" {
		return r.Key
	}
	return prefix + r.Key
}

func (r *Row) rare() *Rare {
	if r.Rare == nil {
		return &nothingRare
	}
	return r.Rare
}

// Since is the first kernel that has the attribute, "" if that is 4.14 or older.
func (r *Row) Since() string { return r.rare().Since }

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

// Namespaces are what [Names] may be, too.
type Namespaces interface {
	// Namespace gives a descriptor of a network namespace, which stays open as
	// long as the names are in use.
	Namespace(name string) (fd uint32, err error)
}

// Equal says whether have, as read from the kernel, is what it makes of want.
func (r *Row) Equal(want, have string) bool {
	return want == have || r.Same != nil && r.Same(want, have)
}

// CostOf is what the change from one value to another costs.
func (r *Row) CostOf(from, to string) Cost {
	fixed := r.rare().Fixed != "" && (from == r.rare().Fixed || to == r.rare().Fixed)
	if fixed || r.Attr6 != 0 && textFamily(from) != textFamily(to) && from != "" {
		return Recreate
	}
	return r.Cost
}

func (r *Row) max() uint64 {
	if r.Max > 0 {
		return r.Max
	}
	switch r.Wire {
	case U8, Field8, Head8, HeadBits8:
		return 1<<8 - 1
	case U16, Be16, Field16, Head16:
		return 1<<16 - 1
	case U64:
		return 1<<63 - 1 // what TOML has
	case S32:
		return 1<<31 - 1
	}
	return 1<<32 - 1
}

// Default gives what a new link of a kind has, or a new port, where that does
// not depend on more.
func Default(kind, key string) (text string, known bool) {
	if k := kinds[kind]; k != nil {
		for _, own := range k.New {
			if own[0] == key {
				return own[1], own[1] != ""
			}
		}
	}
	r := LinkRow(key)
	if r == nil {
		return "", false
	}
	return r.initial()
}

// initial gives what a new object has, where the row knows it.
func (r *Row) initial() (text string, known bool) { return r.Default, r.Default != "" || r.Empty }

// Show gives a value for people.
func (r *Row) Show(text string) string {
	if r.Secret {
		return "(secret)"
	}
	return text
}

// Parse reads the attribute's value in the file. Errors are [conf.Fault]s.
func (r *Row) Parse(n *conf.Node) (string, error) { return r.Form.parse(r, n) }

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

// without gives the rows that are not the ones meant: the table itself, if all are.
func (t rowTable) without(these func(*Row) bool) rowTable {
	for i := range t {
		if !these(&t[i]) {
			continue
		}
		rest := append(rowTable(nil), t[:i]...)
		for i++; i < len(t); i++ {
			if !these(&t[i]) {
				rest = append(rest, t[i])
			}
		}
		return rest
	}
	return t
}

// attr gives the row of an attribute in a nest, 0 for none.
func (t rowTable) attr(nest, attr uint16, top bool) *Row {
	for i := range t {
		if r := &t[i]; r.Attr == attr && r.Nest == nest && r.Wire < Head8 && r.Top == top {
			return r
		}
	}
	return nil
}

// name gives the key of the attribute at a path, "" if it has none.
func (t rowTable) name(path []uint16, top bool) string {
	var r *Row
	switch len(path) {
	case 1:
		r = t.attr(0, path[0], top)
	case 2:
		r = t.attr(path[0], path[1], top)
	}
	if r == nil {
		return ""
	}
	return r.Key
}

// has tells whether the file may have a key.
func (t rowTable) has(key string) bool {
	r := t.key(key)
	return r != nil && !r.Hidden
}

// keys lists the keys that the file may have, once each: rows of one key stand
// together.
func (t rowTable) keys() []string {
	keys := make([]string, 0, len(t))
	for i := range t {
		if !t[i].Hidden && (i == 0 || t[i].Key != t[i-1].Key) {
			keys = order.Also(keys, t[i].Key)
		}
	}
	return keys
}

// A ValueError is a value that cannot be put into a message or read from one.
type ValueError struct {
	_ [0]func() // no equality: it would be code

	Key  string
	Text string
	Err  error
}

// Error names the key, the value and the cause.
func (e *ValueError) Error() string { return e.Key + " " + e.Text + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *ValueError) Unwrap() error { return e.Err }

// OptionRows lists the rows of all that can be configured.
func OptionRows() (list []*Row) {
	add := func(rows rowTable) {
		for i := range rows {
			list = append(list, &rows[i])
		}
	}
	add(linkRows)
	for _, k := range Kinds() {
		add(k.Rows)
		add(k.Port)
	}
	for _, s := range append(Specs(), &routeSpec, &addressSpec) {
		add(s.Rows)
	}
	return list
}
