package object

import (
	"strings"

	"bootlink/rtcfg/order"
)

// Renames says which links get which names: old → new.
type Renames map[string]string

// of gives the name that a link will have.
func (r Renames) of(link string) string {
	if to, ok := r[link]; ok {
		return to
	}
	return link
}

// Replaced tells a name that passes from one link to another, or to one that
// did not have it.
func (r Renames) Replaced(link string) bool {
	if _, moves := r[link]; moves {
		return false
	}
	for _, to := range r {
		if to == link {
			return true
		}
	}
	return false
}

// Renamed gives the identity that an object has once links have new names.
func (id ID) Renamed(r Renames) ID {
	switch id.Class {
	case Link:
		id.Name = r.of(id.Name)
	case Sysctl:
		if link := id.SysctlLink(); link != "" {
			parts := strings.Split(id.Name, "/")
			parts[3] = r.of(link)
			id.Name = strings.Join(parts, "/")
		}
	default:
		at := strings.LastIndexByte(id.Name, ' ') + 1
		if front := id.Name[:at]; strings.HasSuffix(" "+front, " dev ") {
			id.Name = front + r.of(id.Name[at:])
		}
	}
	return id
}

// Link names the link that an object is, or belongs to; "" where that is not
// part of its identity, as of a route. In an identity "dev" stands last.
func (id ID) Link() string {
	switch id.Class {
	case Link:
		return id.Name
	case Sysctl:
		return id.SysctlLink()
	}
	_, link, _ := strings.Cut(" "+id.Name, " dev ")
	return link
}

// Renamed gives the object as it is once links have new names; itself if that
// changes nothing.
func (o *Object) Renamed(r Renames) *Object {
	if len(r) == 0 {
		return o
	}
	c := *o
	c.ID, c.Values = o.ID.Renamed(r), o.Values.Clone()
	changed := c.ID != o.ID
	for _, key := range order.Also(References(c.Values.Get("kind"), c.Values), "dev", "veth.peer", "name") {
		if to, ok := r[c.Values.Get(key)]; ok && c.Values.Get(key) != "" {
			c.Values.Set(key, to)
			changed = true
		}
	}
	if renamed := renameWays(c.Values.Get("nexthops"), r); renamed != c.Values.Get("nexthops") {
		c.Values.Set("nexthops", renamed)
		changed = true
	}
	if !changed {
		return o
	}
	if label := c.Values.Get("label"); c.Class == Address && label != "" { // the kernel renames labels, too
		link, _, _ := strings.Cut(label, ":")
		c.Values.Set("label", r.of(link)+strings.TrimPrefix(label, link))
	}
	return &c
}

// Renamed gives the memory as it is once links have new names. What was
// remembered of a link whose name another takes is forgotten.
func (o *Owned) Renamed(r Renames) *Owned {
	c := NewOwned()
	for id, index := range o.Made {
		if !r.Replaced(id.Link()) {
			c.Made[id.Renamed(r)] = index
		}
	}
	for id, values := range o.Before {
		if !r.Replaced(id.Link()) {
			c.Before[id.Renamed(r)] = values.Clone()
		}
	}
	return c
}
