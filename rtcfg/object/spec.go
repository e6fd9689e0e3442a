package object

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bootlink/nlcore"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"
)

// A Spec is a class of objects whose messages are a fixed header and
// attributes, and which the planner can treat like any other: rules, next hops,
// neighbours. The class is one file: its Spec, and what no row can say.
type Spec struct {
	Class   Class
	Section string // the list in the file: [[rule]]
	Doc     string
	Kconfig string
	Since   string

	New, Del, Get uint16           // message types; of a Family, its commands
	Family        string           // the generic netlink family that knows the class; "": rtnetlink does
	Header        int              // bytes of the fixed header, whose first is the address family
	Rows          rowTable         // in the order in which plans print them
	Kinds         map[string]*Kind // further rows, by the value of "kind"
	Key           []string         // the rows that tell one object from another; dev stands last
	Mark          Row              // where our protocol number stands; Wire 0: the class knows no such thing

	Erase []string // the rows that a deletion may name, without anything else; nil: all, and the mark

	Replace  bool // the kernel replaces an object of the same key (NLM_F_REPLACE); else a change is a deletion and a creation
	Partial  bool // a replacement leaves alone what it does not name, so it names what differs
	Sticks   bool // the kernel never takes a mark off again
	Over     bool // a creation replaces what Hide drops: an object that the kernel made itself
	NeedsUp  bool // the kernel drops it when its link goes down
	NeedsMAC bool // the kernel drops it when its link's MAC address changes
	Lazy     bool // observed only when the file, or the state file, has some: there may be many that are nobody's

	// Derive fills in hidden rows of a desired object.
	Derive func(v Values)
	// Check finds what rows cannot see.
	Check func(o *Object, faults *conf.Faults)
	// Hide drops observed objects that no file can ask for.
	Hide func(v Values) bool
	// Names are further identities by which others refer to it; Uses those that it
	// refers to beside what its rows say.
	Names, Uses func(v Values) []ID

	// Complete: what the file lists for a link is all that the link has.
	Complete bool

	// Of a class whose messages are another shape: what is asked, what comes, what
	// is written.
	Ask    func(header []byte) []byte
	Many   func(s *Spec, body []byte, link string, names Names) ([]*Object, error)
	Encode func(s *Spec, w *Write, header []byte, names Names) ([]byte, error)

	// Join adds to an object what a further message of the dump says of it.
	Join func(o, more *Object)

	// ListKey is the key of a list in its table, of objects of another class on the
	// same link.
	ListKey string
	Listed  *Spec

	// PerLink: the kernel lists it for one link at a time.
	PerLink bool
	// Asks are what the headers of the dumps say, keys and texts in turn; nil: a dump for
	// IPv4 and one for IPv6.
	Asks []string
}

func spec(s *Spec) *Spec {
	specs[s.Class] = s
	return s
}

// Specs lists the classes that have one, by name.
func Specs() []*Spec {
	list := make([]*Spec, 0, len(specs))
	for _, class := range order.Keys(specs) {
		list = append(list, specs[Class(class)])
	}
	return list
}

// LookupSpec gives the Spec of a class, or nil.
func LookupSpec(c Class) *Spec { return specs[c] }

// rows are those of an object: all that the class has, and those of its kind.
func (s *Spec) rows(v Values) rowTable {
	if k := s.Kinds[v.Get("kind")]; k != nil {
		return append(slices.Clip(s.Rows), k.Rows...)
	}
	return s.Rows
}

// section reads the class's list in the file.
func (s *Spec) section(d *decoder, n *conf.Node) {
	if n.Kind != conf.Array {
		d.faults.Addf(n.Pos, fmt.Sprintf("write [[%s]] before each", s.Section), "%s is %s, not a list", s.Section, n.Kind)
		return
	}
	for _, item := range n.Items {
		s.object(d, item, nil)
	}
}

// object reads one, to which given values belong that the file does not say.
func (s *Spec) object(d *decoder, n *conf.Node, given Values) {
	o := s.read(d, n, given)
	if o == nil {
		return
	}
	s.settle(o)
	if s.Check != nil {
		s.Check(o, &d.faults)
	}
	d.add(o)
}

// read gives the object as the file has it, nil where it has faults.
func (s *Spec) read(d *decoder, n *conf.Node, given Values) *Object {
	o := &Object{ID: ID{Class: s.Class}, Values: roomFor(len(n.Entries) + usual), At: make([]conf.Entry, 0, len(n.Entries)), Pos: n.Pos}
	o.Values.Fill(given)
	faults := len(d.faults)
	rows := s.rows(s.kindOf(n))
	var known vocabulary = rows
	if s.Listed != nil {
		known = keyWords(s.keys(rows))
	}
	for _, e := range d.table(n, known) {
		if row := rows.key(e.Key); row != nil {
			d.row(o, row.Key, row, e)
			continue
		}
		for _, item := range d.list(e.Value) {
			s.Listed.object(d, item, given)
		}
	}
	for i := range rows {
		if r := &rows[i]; r.rare().Need != "" && n.Kind == conf.Table && n.Get(r.Key) == nil {
			d.faults.Addf(n.Pos, "add "+r.rare().Need, "a %s without %s", s.Class, r.Key)
		}
	}
	if len(d.faults) > faults {
		return nil // what it lacks may be what is wrong
	}
	return o
}

// keys are those that its table may have.
func (s *Spec) keys(rows rowTable) []string {
	if s.Listed == nil {
		return rows.keys()
	}
	return order.Also(rows.keys(), s.ListKey)
}

// kindOf looks for the kind first: the other keys depend on it.
func (s *Spec) kindOf(n *conf.Node) Values {
	if kind := n.Get("kind"); s.Kinds != nil && kind != nil {
		return NewValues("kind", kind.Text)
	}
	return nil
}

// settle gives the object the form in which desired and observed ones are
// compared: derived rows, nothing that is the default, the identity.
func (s *Spec) settle(o *Object) {
	if s.Derive != nil {
		s.Derive(o.Values)
	}
	rows, list := s.rows(o.Values), o.Values.Pairs()
	for i := len(list) - 1; i >= 0; i-- {
		r := rows.key(list[i].Key)
		if r == nil {
			continue
		}
		if initial, known := r.initial(); known && list[i].Text == initial {
			o.Values.Drop(r.Key)
		}
	}
	o.ID = ID{s.Class, s.identity(o.Values)}
}

// Settled gives the object that has these values, as an observed one has them.
// They are the object's from then on.
func (s *Spec) Settled(v Values) *Object {
	o := &Object{Values: v}
	s.settle(o)
	return o
}

// identity is the key's values: the first as it is, others, and a link, with
// their word.
func (s *Spec) identity(v Values) string {
	b := make([]byte, 0, 64)
	for i, key := range s.Key {
		switch text := v.Get(key); {
		case text == "" || text == "false":
		case i == 0 && key != "dev":
			b = word(b, text)
		case text == "true":
			b = word(b, key)
		default:
			b = word(word(b, key), text)
		}
	}
	return string(b)
}

// word appends one to others.
func word(b []byte, text string) []byte {
	if len(b) > 0 {
		b = append(b, ' ')
	}
	return append(b, text...)
}

// Words gives what the identity does not say, in the rows' order.
func (s *Spec) Words(v Values) string {
	var b strings.Builder
	rows := s.rows(v)
	for i := range rows {
		r := &rows[i]
		text, ok := v.Lookup(r.Key)
		if ok && !r.Hidden && !slices.Contains(s.Key, r.Key) {
			b.WriteString(" " + r.Key + " " + r.Show(text))
		}
	}
	return b.String()
}

// Shown gives values for people and for other programs: without secrets.
func (s *Spec) Shown(v Values) Values {
	shown := v.Clone()
	rows := s.rows(v)
	for i := range rows {
		if text, there := v.Lookup(rows[i].Key); there {
			shown.Set(rows[i].Key, rows[i].Show(text))
		}
	}
	return shown
}

// Compare says what it costs to make have into want: Live for a replacement,
// Recreate for deletion and creation. same: nothing has to be done. set is what
// the state file remembers of rows that the kernel changes by itself.
func (s *Spec) Compare(want, have, set Values) (cost Cost, same bool) {
	if same = want.Equal(have); same {
		return cost, same
	}
	same = true
	rows := s.rows(want)
	for i := range rows {
		if r := &rows[i]; r.differs(want, have, set) {
			same, cost = false, max(cost, r.Cost)
		}
	}
	if !same && (!s.Replace || s.Sticks && (want.Get(s.Mark.Key) == "0" || have.Get(s.Mark.Key) == "0")) {
		cost = Recreate
	}
	return cost, same
}

// differs tells a row of which the kernel does not have what is wanted.
func (r *Row) differs(want, have, set Values) bool {
	w, wanted := want.Lookup(r.Key)
	h, has := have.Lookup(r.Key)
	switch {
	case wanted == has && r.Equal(w, h), r.Input:
		return false
	case wanted:
		return !r.Roams || set.Get(r.Key) != w
	}
	return !r.Auto || r.Kept && set.Get(r.Key) == h
}

// Difference gives, of a class that is Partial, what a change has to write, and
// what that was before: the key, what differs, the initial value of what
// only one of the two has.
func (s *Spec) Difference(want, have, set Values) (change, before Values) {
	change, before = NewValues(), NewValues()
	for i := range s.Rows {
		r := &s.Rows[i]
		if slices.Contains(s.Key, r.Key) {
			change.Set(r.Key, want.Get(r.Key))
			before.Set(r.Key, want.Get(r.Key))
		} else if r.differs(want, have, set) {
			r.choose(change, want)
			r.choose(before, have)
		}
	}
	return change, before
}

// choose adds the row's value, or else what a new object has.
func (r *Row) choose(to, from Values) {
	if text, there := from.Lookup(r.Key); there {
		to.Set(r.Key, text)
	} else if initial, known := r.initial(); known {
		to.Set(r.Key, initial)
	}
}

// Remembered gives what the state file has to remember of a desired object.
func (s *Spec) Remembered(want Values) Values {
	v := NewValues()
	for i := range s.Rows {
		if r := &s.Rows[i]; (r.Kept || r.Roams) && want.Get(r.Key) != "" {
			v.Set(r.Key, want.Get(r.Key))
		}
	}
	return v
}

// References lists the objects that must be there before this one.
func (s *Spec) References(v Values) (links []string, others []ID) {
	rows := s.rows(v)
	for i := range rows {
		r := &rows[i]
		text := v.Get(r.Key)
		switch {
		case text == "":
		case r.Form.Name == LinkRef.Name:
			links = order.Also(links, text)
		case r.rare().Refers != "":
			for _, item := range strings.Split(text, " ") {
				name, _, _ := strings.Cut(item, "*")
				others = append(others, ID{r.rare().Refers, name})
			}
		}
	}
	if s.Uses != nil {
		others = append(others, s.Uses(v)...)
	}
	return links, others
}

// Identities lists the object's own and those by which others refer to it.
func (s *Spec) Identities(o *Object) []ID {
	ids := []ID{o.ID}
	if s.Names != nil {
		ids = append(ids, s.Names(o.Values)...)
	}
	return ids
}

// encode makes the message of a write.
func (s *Spec) encode(w *Write, names Names, protocol uint8) (nlcore.Request, error) {
	typ, values, mark := s.New, w.Values, s.Mark
	if w.Op == Delete {
		typ = s.Del
	}
	if s.Encode != nil {
		body, err := s.Encode(s, w, s.head(typ), names)
		return nlcore.Request{Type: typ, Body: body, Header: s.Header}, err
	}
	if w.Op == Delete && s.Erase != nil {
		values, mark = w.only(s.Erase), Row{}
	}
	if w.Op != Delete {
		values = s.whole(values)
	}
	header, rows := make([]byte, s.Header), s.rows(values)
	if err := rows.head(header, values, mark.Wire != 0 || s.Erase == nil, names); err != nil {
		return nlcore.Request{}, err
	}
	owner := value{num: uint64(protocol)}
	if text := values.Get(mark.Key); text != "" { // another's that comes back stays another's
		owner.num = number(text)
	}
	if mark.Wire >= Head8 {
		mark.putHead(header, owner)
	}
	a := nlcore.NewAttrWriter(header)
	if err := rows.put(a, values, "", false, names); err != nil {
		return nlcore.Request{}, err
	}
	if mark.Wire != 0 && mark.Wire < Head8 {
		wirePuts[mark.Wire](a, mark.Attr, owner)
	}
	name := func(path []uint16) string { return rows.name(path, false) }
	return nlcore.Request{Type: typ, Flags: s.flags(w), Body: a.Bytes(), Header: s.Header, Name: name}, a.Err()
}

// head gives the fixed header, which of a generic family says the command; all
// that we know have version 1.
func (s *Spec) head(command uint16) []byte {
	header := make([]byte, s.Header)
	if s.Family != "" {
		header[0], header[1] = uint8(command), 1
	}
	return header
}

// whole gives the values with those of their kind that are the default and
// stand in a struct: there are kinds that want theirs, whatever is in it.
func (s *Spec) whole(v Values) Values {
	k := s.Kinds[v.Get("kind")]
	if k == nil {
		return v
	}
	v = v.Clone()
	for i := range k.Rows {
		if r := &k.Rows[i]; r.Default != "" && r.Size > 0 {
			setDefault(v, r.Key, r.Default)
		}
	}
	return v
}

// only gives the values of some keys.
func (w *Write) only(keys []string) Values {
	v := w.Values.Clone()
	v.DropFunc(func(key string) bool { return !slices.Contains(keys, key) })
	return v
}

// A Dump asks for the objects of a class; Link is the one that has them, "" for all.
type Dump struct {
	nlcore.Request
	Link string
}

// Dumps asks for all objects of the class; where the kernel lists them for one
// link at a time, for those of the links.
func (s *Spec) Dumps(links []string, names Names) ([]Dump, error) {
	asks := s.Asks
	if asks == nil {
		asks = []string{"family inet", "family inet6"}
	}
	if s.PerLink {
		asks = nil
		for _, link := range links {
			asks = order.Also(asks, "dev "+link)
		}
	}
	var list []Dump
	for _, words := range asks {
		ask := NewValues(strings.Fields(words)...)
		header := s.head(s.Get)
		if err := s.Rows.head(header, ask, false, names); err != nil {
			return nil, err
		}
		a := nlcore.NewAttrWriter(header)
		if err := s.Rows.put(a, ask, "", false, names); err != nil {
			return nil, err
		}
		body := a.Bytes()
		if s.Ask != nil {
			body = s.Ask(body)
		}
		list = append(list, Dump{nlcore.Request{Type: s.Get, Body: body, Header: s.Header, Label: "list " + string(s.Class)}, ask.Get("dev")})
	}
	return list, nil
}

// Decode reads one message of a dump that asked for a link's, or "" for all,
// without objects that no file can ask for.
func (s *Spec) Decode(body []byte, link string, names Names, protocol uint8) ([]*Object, error) {
	if s.Many != nil {
		return s.Many(s, body, link, names)
	}
	o, err := s.decode(body, names, protocol)
	if o == nil || err != nil {
		return nil, err
	}
	return []*Object{o}, nil
}

func (s *Spec) decode(body []byte, names Names, protocol uint8) (*Object, error) {
	if len(body) < s.Header {
		return nil, fmt.Errorf("a %s message of %d bytes", s.Class, len(body))
	}
	o := &Object{Values: roomFor(usual + usual/2)}
	if err := s.Rows.unhead(body[:s.Header], o.Values, names); err != nil {
		return nil, err
	}
	rd := &reader{rows: s.Rows, header: body[:s.Header], values: o.Values, names: names}
	if err := rd.level(0, body[s.Header:]); err != nil {
		return nil, err
	}
	if k := s.Kinds[o.Values.Get("kind")]; k != nil {
		rd.rows = k.Rows
		if err := rd.level(0, body[s.Header:]); err != nil {
			return nil, err
		}
	}
	if s.Hide != nil && s.Hide(o.Values) {
		return nil, nil
	}
	if s.Mark.Wire != 0 {
		mark, err := s.mark(body)
		if err != nil {
			return nil, err
		}
		if o.Ours = mark == strconv.Itoa(int(protocol)); !o.Ours {
			o.Values.Set(s.Mark.Key, mark)
		}
	}
	s.settle(o)
	return o, nil
}

// mark gives the protocol number of who made the object.
func (s *Spec) mark(body []byte) (string, error) {
	if s.Mark.Wire >= Head8 {
		return strconv.FormatUint(s.Mark.getHead(body).num, 10), nil
	}
	v := NewValues(s.Mark.Key, "0")
	err := rowTable{s.Mark}.get(body[s.Header:], v, "", false, nil)
	return v.Get(s.Mark.Key), err
}

// LinksOf lists the existing links on which the file, or what is ours, has
// objects of the class.
func (s *Spec) LinksOf(want *Desired, owned *Owned, have *Snapshot) []string {
	if !s.PerLink {
		return nil
	}
	var links []string
	add := func(link string) {
		if have.Link(link) != nil && !slices.Contains(links, link) {
			links = order.Also(links, link)
		}
	}
	for _, o := range want.Of(s.Class) {
		add(o.Values.Get("dev"))
	}
	for id := range owned.Made {
		if id.Class == s.Class {
			add(id.Link())
		}
	}
	order.Strings(links)
	return links
}
