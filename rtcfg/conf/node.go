package conf

// Kind says what a [Node] is.
type Kind uint8

// The kinds of TOML values. Dates and times are one kind: router.toml has none.
const (
	Table Kind = iota + 1
	Array
	String
	Integer
	Float
	Bool
	Time
)

var kindNames = [...]string{Table: "a table", Array: "an array", String: "a string",
	Integer: "an integer", Float: "a float", Bool: "a boolean", Time: "a date or time"}

// String gives the kind with its article: "a table", "an integer".
func (k Kind) String() string { return kindNames[k] }

// A Node is a value of the file.
type Node struct {
	Kind Kind
	Pos  Pos
	Text string // a string's contents; as written for integers, floats, booleans and times

	Entries []Entry // of a table, in the file's order
	Items   []*Node // of an array

	closed bool // a table that stood under a header of its own, or inline: not to be opened again
	inline bool // an inline table: nothing may be added to it
	tables bool // an array made by [[headers]]
}

// An Entry is a key of a table with its value.
type Entry struct {
	_ [0]func() // no equality: it would be code

	Key   string
	Pos   Pos // of the key
	Value *Node
}

// Get gives the value of a key, or nil. It may be called on nil.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	if e := n.entry(key); e != nil {
		return e.Value
	}
	return nil
}

// Word gives the text of a key's value, "" where there is none.
func (n *Node) Word(key string) string {
	if v := n.Get(key); v != nil {
		return v.Text
	}
	return ""
}

// List gives the items of a key's array.
func (n *Node) List(key string) []*Node {
	if v := n.Get(key); v != nil {
		return v.Items
	}
	return nil
}

func (n *Node) entry(key string) *Entry {
	for i := range n.Entries {
		if n.Entries[i].Key == key {
			return &n.Entries[i]
		}
	}
	return nil
}
