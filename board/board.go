package board

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/conf"
)

// DeviceTree is where the kernel shows the device tree that it booted with.
const DeviceTree = "/proc/device-tree"

// folders are the boards, each with the files of its folder. An embed.FS would
// list them by itself, for 11 KB.
var folders = []struct{ name, board, router, rescue string }{
	{"qemu-virt", qemuVirtBoard, qemuVirtRouter, qemuVirtRescue},
}

var (
	//go:embed qemu-virt/board.toml
	qemuVirtBoard string
	//go:embed qemu-virt/router.toml
	qemuVirtRouter string
	//go:embed qemu-virt/rescue.toml
	qemuVirtRescue string
)

// A Board is a profile.
type Board struct {
	Name       string   // of its folder
	Title      string   // for people
	Compatible []string // any of these in the device tree's root means this board
	Ports      []Port
	Router     []byte // the default router.toml
	Rescue     []byte // the configuration of last resort: the LAN is reachable
}

// A Port is a network port of the board.
type Port struct {
	_ [0]func() // no equality: it would be code

	Name string `json:"name"` // as printed on the panel, or as the default configuration calls it
	MAC  string `json:"mac"`  // where the board has fixed ones
	Role string `json:"role"` // "lan", "wan"
}

// All lists the boards that this binary knows, by name.
func All() ([]Board, error) {
	var boards []Board
	for i := range folders {
		b := Board{Name: folders[i].name, Router: []byte(folders[i].router), Rescue: []byte(folders[i].rescue)}
		if err := b.read(folders[i].board); err != nil {
			return nil, err
		}
		boards = append(boards, b)
	}
	return boards, nil
}

// read takes over what board.toml says.
func (b *Board) read(text string) error {
	root, faults := conf.Parse("board/"+b.Name+"/board.toml", []byte(text))
	if err := faults.Err(); err != nil {
		return err
	}
	if title := root.Get("title"); title != nil {
		b.Title = title.Text
	}
	if list := root.Get("compatible"); list != nil {
		for _, item := range list.Items {
			b.Compatible = append(b.Compatible, item.Text)
		}
	}
	if ports := root.Get("port"); ports != nil {
		for _, p := range ports.Items {
			b.Ports = append(b.Ports, Port{Name: textOf(p, "name"), MAC: textOf(p, "mac"), Role: textOf(p, "role")})
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
		return "this machine has no device tree, so there is no board to recognise: name a configuration with --config"
	}
	return fmt.Sprintf("no board is known as %s: name a configuration with --config, or add a folder for it below board/", strings.Join(e.Compatible, ", "))
}

// Recognise finds the board that a device tree ([DeviceTree]) describes, and the
// string that decided. The error is an [*UnknownError] when there is none.
func Recognise(tree string) (Board, string, error) {
	raw, err := sysfile.Read(sysfile.Join(tree, "compatible"))
	if errors.Is(err, os.ErrNotExist) {
		return Board{}, "", &UnknownError{}
	}
	if err != nil {
		return Board{}, "", err
	}
	boards, err := All()
	if err != nil {
		return Board{}, "", err
	}
	seen := stringList(raw)
	for _, word := range seen { // the most specific stands first
		for _, b := range boards {
			if slices.Contains(b.Compatible, word) {
				return b, word, nil
			}
		}
	}
	return Board{}, "", &UnknownError{Compatible: seen}
}

// stringList reads a device tree's string list: each ends in NUL.
func stringList(raw []byte) []string {
	return strings.Split(strings.TrimRight(string(raw), "\x00"), "\x00")
}
