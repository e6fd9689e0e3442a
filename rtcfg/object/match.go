package object

import (
	"cmp"
	"path"
	"strings"

	"bootlink/rtcfg/conf"
)

// A Match says which device a [link.X] means. All that is set must hold.
type Match struct {
	MAC    string // permanent address, or the present one where the kernel knows no permanent one
	Driver string
	Path   string // glob of the parent device's name: "0000:01:00.0", "a003e00.virtio_mmio"
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
	}
	return &m.Name
}

// String says what is looked for.
func (m *Match) String() string {
	var parts []string
	for _, key := range []string{"mac", "driver", "path", "name"} {
		if text := *m.field(key); text != "" {
			parts = append(parts, key+" "+text)
		}
	}
	return strings.Join(parts, ", ")
}

// Finds tells whether an observed link is meant. before is what its name and
// MAC address were before we changed them: a match means the device as it came.
// Links that were made by software (they have a kind) are meant only by their
// name.
func (m *Match) Finds(o *Object, before Values) bool {
	name := cmp.Or(before["name"], o.Name)
	mac := cmp.Or(o.Perm, before["address"], o.Values["address"])
	hard := m.MAC != "" || m.Driver != "" || m.Path != ""
	switch {
	case hard && o.Values["kind"] != "" && o.Values["kind"] != "veth",
		m.MAC != "" && m.MAC != mac,
		m.Driver != "" && m.Driver != o.Values["driver"],
		m.Path != "" && !glob(m.Path, o.Bus),
		m.Name != "" && !glob(m.Name, name):
		return false
	}
	return true
}

func glob(pattern, text string) bool {
	ok, err := path.Match(pattern, text)
	return ok && err == nil
}
