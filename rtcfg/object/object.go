package object

import (
	"maps"
	"slices"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"
)

// Class is a family of objects that the kernel treats alike. Its text stands in
// plans, in the state file and in messages.
type Class string

// The classes that have code of their own; the others have a [Spec].
const (
	Sysctl  Class = "sysctl"
	Link    Class = "link"
	Address Class = "address"
	Route   Class = "route"
)

// UnmarshalText reads a class in the state file.
func (c *Class) UnmarshalText(text []byte) error {
	*c = Class(text)
	if slices.Contains([]Class{Sysctl, Link, Address, Route}, *c) || specs[*c] != nil {
		return nil
	}
	return conf.Fault{What: "unknown class " + string(text)}
}

// ID names an object within a namespace: what the kernel takes for its
// identity, as canonical text. A link is its name, an address
// "192.0.2.1/24 dev lan1", a route "10.0.0.0/8 table 254 metric 0", a sysctl
// its dotted path.
type ID struct {
	Class Class  `json:"class"`
	Name  string `json:"name"`
}

// String gives "link br-lan", "route 10.0.0.0/8 table 254 metric 0".
func (id ID) String() string { return string(id.Class) + " " + id.Name }

// SortedIDs gives the keys of a map by class and name.
func SortedIDs[V any](m map[ID]V) []ID {
	ids := make([]ID, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	sortIDs(ids)
	return ids
}

func sortIDs(ids []ID) {
	order.By(ids, func(a, b *ID) bool { return a.Class < b.Class || a.Class == b.Class && a.Name < b.Name })
}

// An Object is one thing that is desired or observed.
type Object struct {
	ID
	Values Values
	Pos    conf.Pos     // where the file asks for it; zero when observed
	At     []conf.Entry // where the file sets its keys; without values

	Required bool // of a desired link: the network is not there without it

	Match *Match // of a desired link: how to find the device; nil for one found or made by name

	Index uint32 // of an observed link: its ifindex
	Perm  string // of an observed link: its permanent MAC, when the kernel tells it
	Below uint32 // of an observed link: the ifindex of what is below it, IFLA_LINK; 0 if nothing is

	// Of an observed link: its parent device's name ("0000:00:01.0",
	// "a003e00.virtio_mmio"), that device's bus ("pci", "platform"), and which
	// of the device's ports it is ("p0").
	Device, Bus, Port string

	Promotes string // of an observed link: its promote_secondaries; "" without IPv4

	Ours bool // observed with our protocol number

	Abroad bool // of an observed link: its carrier, or other end, is in another namespace
	Idle   bool // of an observed link: it is without carrier, or the protocols have not seen it yet
}

// Where tells where the file sets a key; zero if it does not.
func (o *Object) Where(key string) (at conf.Pos) {
	for i := range o.At {
		if e := &o.At[i]; e.Key == key {
			return e.Pos
		}
	}
	return at
}

// put notes where the file sets a key.
func (o *Object) put(key string, at conf.Pos) { o.At = append(o.At, conf.Entry{Key: key, Pos: at}) }

// Place gives where the file sets key, or else the object itself.
func (o *Object) Place(key string) conf.Pos {
	if at := o.Where(key); !at.IsZero() {
		return at
	}
	return o.Pos
}

// Join adds what a further message of a dump says of the object. It tells whether
// objects of its class come in parts.
func (o *Object) Join(more *Object) bool {
	s := specs[o.Class]
	if s == nil || s.Join == nil {
		return false
	}
	s.Join(o, more)
	return true
}

// Desired is a whole router.toml, understood.
type Desired struct {
	File     string
	Text     []byte // the file with those that it includes, as one that may lie elsewhere
	Sum      uint64 // of Text; 0 if that is not known
	Settings Settings
	Probe    Probe
	Hello    *Hello
	Objects  []*Object

	RouteFiles []RouteFile

	// Absent are files of secrets that are not there, so that the file can be
	// checked and not applied.
	Absent conf.Faults

	byID    map[ID]*Object
	byClass map[Class][]*Object
}

// Settings is the [settings] table.
type Settings struct {
	Protocol uint8 // rtm_protocol of what is ours
	Confirm  int64 // milliseconds that an apply waits for its confirm; 0: it needs none
}

// Probe is the [probe] table: names or numbers of netlink buses.
type Probe struct {
	Require []BusRef
	Want    []BusRef
}

// BusRef is a bus that the file names.
type BusRef struct {
	_ [0]func() // no equality: it would be code

	Name string
	Pos  conf.Pos
}

// Hello is the [hello] table: the kernel module.
type Hello struct {
	_ [0]func() // no equality: it would be code

	Module     string
	HelloProto int
	ByeProto   int
	Pos        conf.Pos
}

// Links lists the desired links in the file's order.
func (d *Desired) Links() []*Object { return d.Of(Link) }

// Of lists the desired objects of a class in the file's order. The list is not
// the caller's to change.
func (d *Desired) Of(c Class) []*Object { return d.byClass[c] }

// Secrets calls do for each key whose value is in a file of its own.
func (d *Desired) Secrets(do func(o *Object, key string)) {
	for _, o := range d.Objects {
		s := specs[o.Class]
		for i := 0; s != nil && i < len(s.Rows); i++ {
			if r := &s.Rows[i]; r.Form == KeyFile && o.Values.Get(r.Key) != "" {
				do(o, r.Key)
			}
		}
	}
}

// Find gives the desired object of that identity, or nil.
func (d *Desired) Find(id ID) *Object { return d.byID[id] }

// Owned is what the state file remembers: what we made, and how things were
// before we first changed them.
type Owned struct {
	Made   map[ID]uint32 // links (with their ifindex, 0 if unknown) and addresses
	Before map[ID]Values // links, also those that we made, and sysctls: what was before our first change
}

// NewOwned gives the memory of one who has done nothing yet.
func NewOwned() *Owned { return &Owned{Made: map[ID]uint32{}, Before: map[ID]Values{}} }

// Has tells whether an object of a class is remembered.
func (o *Owned) Has(c Class) bool {
	for id := range o.Made {
		if id.Class == c {
			return true
		}
	}
	for id := range o.Before {
		if id.Class == c {
			return true
		}
	}
	return false
}

// Equal tells whether two remember the same.
func (o *Owned) Equal(other *Owned) bool {
	same := len(o.Made) == len(other.Made) && len(o.Before) == len(other.Before)
	for id, index := range o.Made {
		was, made := other.Made[id]
		same = same && made && was == index
	}
	for id, v := range o.Before {
		w, touched := other.Before[id]
		same = same && touched && v.Equal(w)
	}
	return same
}

// Clone copies o deeply.
func (o *Owned) Clone() *Owned {
	c := NewOwned()
	for id, index := range o.Made {
		c.Made[id] = index
	}
	for id, v := range o.Before {
		c.Before[id] = v.Clone()
	}
	return c
}

// Snapshot is what the kernel had when it was asked.
type Snapshot struct {
	Objects map[ID]*Object // changed by Put and Drop

	byClass map[Class][]*Object // nil: not known
	shared  bool                // Objects are another's, too: see View

	// Idle are links for whose carrier was waited in vain: they will have none when they
	// are up.
	Idle map[string]bool

	// Lacking says what desired objects wait for that this kernel cannot have.
	Lacking map[ID]string
}

// Link gives the observed link of that name, or nil.
func (s *Snapshot) Link(name string) *Object { return s.Objects[ID{Link, name}] }

// View gives another snapshot of the same, whose changes are not seen in this one.
// This one must not change meanwhile.
func (s *Snapshot) View() *Snapshot {
	return &Snapshot{Objects: s.Objects, Idle: s.Idle, Lacking: s.Lacking, shared: true}
}

// Put adds an object, or takes it for the one of its identity that was there.
func (s *Snapshot) Put(o *Object) { s.changing()[o.ID] = o }

// Drop takes out an object.
func (s *Snapshot) Drop(id ID) { delete(s.changing(), id) }

// changing gives the objects for a change.
func (s *Snapshot) changing() map[ID]*Object {
	if s.shared {
		s.Objects, s.shared = maps.Clone(s.Objects), false
	}
	s.byClass = nil
	return s.Objects
}

// Of lists the observed objects of a class by identity. The list is not the
// caller's to change.
func (s *Snapshot) Of(c Class) []*Object {
	if s.byClass == nil {
		s.byClass = map[Class][]*Object{}
		for id, o := range s.Objects {
			s.byClass[id.Class] = append(s.byClass[id.Class], o)
		}
		for _, list := range s.byClass {
			order.By(list, func(a, b **Object) bool {
				return (*a).Index < (*b).Index || (*a).Index == (*b).Index && (*a).Name < (*b).Name
			})
		}
	}
	return s.byClass[c]
}
