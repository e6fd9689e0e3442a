package object

import (
	"cmp"
	"strings"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"
)

// A Match says which device a [link.X] means. All that is set must hold.
type Match struct {
	_ [0]func() // no equality: it would be code

	MAC    string // permanent address, or the present one where the kernel knows no permanent one
	Driver string
	Path   string // glob of the parent device's name, "0000:01:00.0", or of that with its bus, "pci/0000:01:00.0"
	Port   string // phys_port_name: which of the device's ports it is, "p0"
	Name   string // glob of the link's name
	Pos    conf.Pos
}

func (m *Match) field(key string) *string {
	switch key {
	case "mac":
		return &m.MAC
	case "driver":
		return &m.Driver
	case "path":
		return &m.Path
	case "phys_port_name":
		return &m.Port
	}
	return &m.Name
}

// String says what is looked for.
func (m *Match) String() string {
	var parts []string
	for _, key := range matchRows.keys() {
		if text := *m.field(key); text != "" {
			parts = order.Also(parts, key+" "+text)
		}
	}
	return strings.Join(parts, ", ")
}

// Finds tells whether an observed link is meant. before is what its name and
// MAC address were before we changed them: a match means the device as it came.
// Links that were made by software (they have a kind) are meant only by their
// name.
func (m *Match) Finds(o *Object, before Values) bool {
	name := cmp.Or(before.Get("name"), o.Name)
	mac := cmp.Or(o.Perm, before.Get("address"), o.Values.Get("address"))
	hard := m.MAC != "" || m.Driver != "" || m.Path != "" || m.Port != ""
	switch {
	case hard && !o.Physical() && o.Values.Get("kind") != "veth",
		m.MAC != "" && m.MAC != mac,
		m.Driver != "" && m.Driver != o.Values.Get("driver"),
		m.Path != "" && !glob(m.Path, o.Device) && !glob(m.Path, o.Bus+"/"+o.Device),
		m.Port != "" && m.Port != o.Port,
		m.Name != "" && !glob(m.Name, name):
		return false
	}
	return true
}

// Physical tells a link that its driver made.
func (o *Object) Physical() bool {
	k := kinds[o.Values.Get("kind")]
	return o.Values.Get("kind") == "" || k != nil && k.Hardware
}

func glob(pattern, text string) bool {
	ok, err := conf.Glob(pattern, text)
	return ok && err == nil
}
