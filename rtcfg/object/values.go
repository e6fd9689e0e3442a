package object

import "bootlink/rtcfg/order"

// Values holds an object's attributes by key. Text that is not there means
// "leave alone" in a desired object and "the kernel said nothing" in an
// observed one. It refers to them, as a map would; nil has none and takes none.
type Values = *Texts

// Texts are a list, in no order: there are few of an object, their keys are mostly
// the very strings of the rows, and a map's hash costs more than to look at them all.
type Texts struct{ list []Pair }

// A Pair is a key and its text.
type Pair struct {
	_ [0]func() // no equality: it would be code

	Key, Text string
}

// usual is how many values there is room for where their number is not known.
const usual = 8

// NewValues makes them of keys and texts in turn; as Get, it is there to be small.
func NewValues(pairs ...string) Values {
	v := roomFor(len(pairs) / 2)
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// roomFor makes room for some, or for the usual number.
func roomFor(n int) Values {
	if n == 0 {
		n = usual
	}
	return &Texts{make([]Pair, 0, n)}
}

// Pairs lists them in no order. The list is not the caller's to change, and holds until the
// next change of the values.
func (v *Texts) Pairs() []Pair {
	if v == nil {
		return nil
	}
	return v.list
}

// find gives the place of a key and its text, nil if it is not there.
func (v *Texts) find(key string) *Pair {
	list := v.Pairs()
	for i := range list {
		if p := &list[i]; p.Key == key {
			return p
		}
	}
	return nil
}

// Get gives the text of a key, "" if there is none. It is a call, where an index would be a
// third more code, and there are a thousand.
func (v *Texts) Get(key string) string {
	if p := v.find(key); p != nil {
		return p.Text
	}
	return ""
}

// Lookup gives the text of a key, and whether there is one.
func (v *Texts) Lookup(key string) (text string, ok bool) {
	if p := v.find(key); p != nil {
		return p.Text, true
	}
	return "", false
}

// Has tells whether a key has a text.
func (v *Texts) Has(key string) bool { return v.find(key) != nil }

// Set sets the text of a key.
func (v *Texts) Set(key, text string) {
	if p := v.find(key); p != nil {
		p.Text = text
		return
	}
	v.list = append(v.list, Pair{Key: key, Text: text})
}

// Drop takes out a key.
func (v *Texts) Drop(key string) {
	if p := v.find(key); p != nil {
		last := len(v.list) - 1
		*p = v.list[last]
		v.list = v.list[:last]
	}
}

// DropFunc takes out the keys that are meant.
func (v *Texts) DropFunc(meant func(key string) bool) {
	for i := v.Len() - 1; i >= 0; i-- {
		if key := v.list[i].Key; meant(key) {
			v.Drop(key)
		}
	}
}

// Len tells how many there are.
func (v *Texts) Len() int { return len(v.Pairs()) }

// Keys lists the keys in a stable order.
func (v *Texts) Keys() []string {
	keys := make([]string, v.Len())
	for i, p := range v.Pairs() {
		keys[i] = p.Key
	}
	order.Strings(keys)
	return keys
}

// Clone copies them; nil stays nil.
func (v *Texts) Clone() Values {
	if v == nil {
		return nil
	}
	c := roomFor(len(v.list) + 1)
	c.list = c.list[:len(v.list)]
	copy(c.list, v.list)
	return c
}

// Fill sets all that another has.
func (v *Texts) Fill(from Values) {
	for _, p := range from.Pairs() {
		v.Set(p.Key, p.Text)
	}
}

// Equal tells whether both have the same.
func (v *Texts) Equal(other Values) bool {
	if v.Len() != other.Len() {
		return false
	}
	for _, p := range v.Pairs() {
		if q := other.find(p.Key); q == nil || q.Text != p.Text {
			return false
		}
	}
	return true
}

// Map gives them as a map, for other programs; nil stays nil.
func (v *Texts) Map() map[string]string {
	if v == nil {
		return nil
	}
	m := make(map[string]string, len(v.list))
	for _, p := range v.list {
		m[p.Key] = p.Text
	}
	return m
}

// ValuesOf makes them of a map.
func ValuesOf(m map[string]string) Values {
	v := roomFor(len(m))
	for key, text := range m {
		v.Set(key, text)
	}
	return v
}
