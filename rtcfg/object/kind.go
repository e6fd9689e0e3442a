package object

import (
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"
)

// A Kind is a kind of link, as in `ip link add type KIND`.
type Kind struct {
	Name string
	Rows rowTable // its own options: [link.X] NAME = { ... }
	Port rowTable // options of a link below it: [link.X] NAME_port = { ... }

	Kconfig string // what brings it
	Module  string

	Hardware bool // its driver makes it, the file only finds it

	// Settings is the class of its options, where they are an object of their own
	// and not attributes of the link.
	Settings *Spec

	// New is what a new one has otherwise than the rows of all links say, by key;
	// "" where that depends.
	New [][2]string

	Whole bool // a change sets all options, so that it must name them all

	// Derive fills in hidden rows from others; the keys have the prefix.
	Derive func(v Values, prefix string)
	// Check finds what rows cannot see: options that are missing or disagree.
	Check func(o *Object, faults *conf.Faults)
}

func kind(k *Kind) *Kind {
	kinds[k.Name] = k
	return k
}

// pointToPoint and overlay are the New of tunnels: of those that carry packets,
// and of those that carry frames.
var (
	pointToPoint = [][2]string{{"arp", "false"}, {"multicast", "false"}, {"mtu", ""}}
	overlay      = [][2]string{{"mtu", ""}}
)

// Kinds lists the kinds of links, by name.
func Kinds() []*Kind { return listed(kinds) }

func listed(kinds map[string]*Kind) []*Kind {
	list := make([]*Kind, 0, len(kinds))
	for _, name := range order.Keys(kinds) {
		list = append(list, kinds[name])
	}
	return list
}

// LookupKind gives the kind of that name, or nil.
func LookupKind(name string) *Kind { return kinds[name] }

// portPrefix stands before the keys of a port's options; the kernel calls the
// port's kind by its controller's kind.
func (k *Kind) portPrefix() string { return k.Name + "_port." }
func (k *Kind) prefix() string     { return k.Name + "." }

func (k *Kind) derive(v Values) {
	if k.Derive != nil {
		k.Derive(v, k.prefix())
	}
}

// Others gives the options of a kind that a change has to name although they
// stay, out of what the link has; nil for most kinds.
func Others(kind string, change, have Values) Values {
	k := kinds[kind]
	if k == nil || !k.Whole {
		return nil
	}
	rest, touched := NewValues(), false
	for i := range k.Rows {
		key := k.prefix() + k.Rows[i].Key
		text, has := have.Lookup(key)
		if change.Has(key) {
			touched = true
		} else if has {
			rest.Set(key, text)
		}
	}
	if !touched {
		return nil
	}
	return rest
}

// need faults a link whose kind's table lacks key. It must not look the kind up:
// what refers to the registry is made after it, by code (see zz_registry.go).
func need(o *Object, faults *conf.Faults, key, example string) {
	kind := o.Values.Get("kind")
	good := o.Values.Has(kind + "." + key)
	if !good && o.Where(kind+"."+key).IsZero() {
		faults.Addf(o.Place("kind"), "add "+example, "link %q is a %s without %s", o.Name, kind, key)
	}
}
