package board

import (
	"slices"
	"strings"

	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"
)

// DeviceTree is where the kernel shows the device tree that it booted with.
const DeviceTree = "/proc/device-tree"

// A folder is a board's, with its files. Those that are compiled in register
// themselves: each has a Go file with its build tag.
type folder struct {
	_ [0]func() // no equality: it would be code

	name                  string
	board, router, rescue *string
	next                  *folder
}

var folders *folder

func add(f *folder) *folder {
	f.next, folders = folders, f
	return f
}

// A Board is a profile.
type Board struct {
	_ [0]func() // no equality: it would be code

	Name       string   `json:"name"`       // of its folder
	Title      string   `json:"title"`      // for people
	Because    string   `json:"because"`    // the word of the device tree that decided
	Compatible []string `json:"compatible"` // the first word of the device tree's root is one of these
	Ports      []Port   `json:"ports"`
	Router     string   `json:"-"` // the default router.toml
	Rescue     string   `json:"-"` // the configuration of last resort: the LAN is reachable
}

// A Port is a network port of the board.
type Port struct {
	_ [0]func() // no equality: it would be code

	Name    string `json:"name"`    // as the default configuration calls it
	Kernel  string `json:"kernel"`  // as the kernel calls it
	Conduit string `json:"conduit"` // the port of the processor that leads to the switch; "": there is no switch between
	MAC     string `json:"mac"`     // where the board has fixed ones
	Role    string `json:"role"`    // "lan", "wan"
}

// read takes over what board.toml says.
func (b *Board) read(text string) error {
	root, faults := conf.Parse("board/"+b.Name+"/board.toml", []byte(text))
	if err := faults.Err(); err != nil {
		return err
	}
	b.Title = textOf(root, "title")
	if list := root.Get("compatible"); list != nil {
		for _, item := range list.Items {
			b.Compatible = order.Also(b.Compatible, item.Text)
		}
	}
	ports := root.Get("port")
	if ports == nil {
		return nil
	}
	b.Ports = make([]Port, len(ports.Items))
	for i, n := range ports.Items {
		p := &b.Ports[i]
		for _, f := range [...]struct {
			key string
			to  *string
		}{{"name", &p.Name}, {"kernel", &p.Kernel}, {"conduit", &p.Conduit}, {"mac", &p.MAC}, {"role", &p.Role}} {
			*f.to = textOf(n, f.key)
		}
	}
	return nil
}

func textOf(n *conf.Node, key string) string {
	if v := n.Get(key); v != nil {
		return v.Text
	}
	return ""
}

// UnknownError: no folder fits what the device tree says.
type UnknownError struct {
	Compatible []string // what the device tree says; empty without a device tree
}

// Error says what was seen and what to do.
func (e *UnknownError) Error() string {
	if len(e.Compatible) == 0 {
		return "this machine has no device tree: name a configuration with --config"
	}
	return "no board is known as " + strings.Join(e.Compatible, ", ") + ": name a configuration with --config, or begin a folder for it with `bootlink board --new NAME`"
}

// Recognise finds the board that a device tree ([DeviceTree]) describes. The error is
// an [*UnknownError] when there is none.
func Recognise(tree string) (*Board, error) {
	text := property(tree + "/compatible")
	if text == "" {
		return nil, &UnknownError{}
	}
	seen := strings.Split(text, "\x00")
	for f := folders; f != nil; f = f.next {
		b := &Board{Name: f.name, Because: seen[0], Router: *f.router, Rescue: *f.rescue}
		// What follows the first are boards that this one was derived from, which may have other ports.
		if err := b.read(*f.board); err != nil || slices.Contains(b.Compatible, seen[0]) {
			return b, err
		}
	}
	return nil, &UnknownError{Compatible: seen}
}

// property gives one of a device tree, without the NUL that ends a text; "" where there is none.
func property(file string) string {
	raw, _ := sysfile.Read(file)
	return strings.TrimSuffix(string(raw), "\x00")
}
