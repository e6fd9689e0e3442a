package qemu

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/u-root/u-root/pkg/dt"
)

// boardFile is a board.toml.
type boardFile struct {
	Title, Macs               string
	Compatible, DTB, Requires []string
	MTU                       int
	Port                      []boardPort
	Conduit                   []struct{ Kernel, Node string }
}

type boardPort struct{ Name, Kernel, Role, MAC, Node, Conduit string }

// boardNames lists the folders of board/.
func boardNames(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("../board/*/board.toml")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d boards, %v", len(files), err)
	}
	for _, f := range files {
		names = append(names, filepath.Base(filepath.Dir(f)))
	}
	return names
}

func readBoard(t *testing.T, name string) boardFile {
	t.Helper()
	return readBoardFile(t, "../board/"+name+"/board.toml")
}

func readBoardFile(t *testing.T, file string) (b boardFile) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&b); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return b
}

// treeFolders are where Debian's kernels for 32 and 64 bits have their device trees, and
// those that were made of their source.
func treeFolders(t *testing.T) (folders []string) {
	t.Helper()
	for _, packaged := range []string{"out/kernel/root/usr/lib/linux-image-*", "out/kernel64/root/usr/lib/linux-image-*"} {
		found, err := filepath.Glob(packaged)
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %v, %v: run `make fetch`", packaged, found, err)
		}
		folders = append(folders, found[0])
	}
	return append(folders, strings.TrimSpace(output(t, "./device-trees")))
}

// treeFile finds a device tree by its name.
func treeFile(t *testing.T, name string) string {
	t.Helper()
	for _, folder := range treeFolders(t) {
		file := filepath.Join(folder, name)
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	t.Fatalf("%s is in no kernel package, and device-trees makes none", name)
	return ""
}

// A tree is what a device tree says of a board's network, by paths of nodes.
type tree struct {
	compatible []string
	ethernet   []string          // ports of the processor that are there
	ports      map[string]string // those of switches by label; each to the node of its conduit
}

func readTree(t *testing.T, file string) tree {
	t.Helper()
	fdt, err := dt.ReadFile(file)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	found := tree{compatible: property(fdt.RootNode, "compatible"), ports: map[string]string{}}
	handles := map[string]string{}
	walk(fdt.RootNode, "", func(at string, n *dt.Node) {
		if h, ok := n.LookProperty("phandle"); ok {
			handles[string(h.Value)] = at
		}
		if isPort(n, at) {
			found.ethernet = append(found.ethernet, at)
		}
	})
	walk(fdt.RootNode, "", func(at string, n *dt.Node) {
		if base := path.Base(at); base == "ports" || base == "ethernet-ports" {
			found.take(n, handles)
		}
	})
	return found
}

// isPort tells whether a node is a port of the processor: MediaTek's have one node for
// all, with one for each below it.
func isPort(n *dt.Node, at string) bool {
	name, _, _ := strings.Cut(path.Base(at), "@")
	macs := slices.ContainsFunc(n.Children, func(c *dt.Node) bool { return strings.HasPrefix(c.Name, "mac@") })
	return (name == "ethernet" && !macs || name == "mac") && property(n, "compatible") != nil && !slices.Contains(property(n, "status"), "disabled")
}

// take notes the ports of a switch. Linux 6.1 takes the first line to the processor as
// the conduit of all.
func (f *tree) take(ports *dt.Node, handles map[string]string) {
	conduit := ""
	for _, p := range ports.Children {
		if h, ok := p.LookProperty("ethernet"); ok && conduit == "" {
			conduit = handles[string(h.Value)]
		}
	}
	if conduit == "" {
		return // of a display, or a switch below another
	}
	for _, p := range ports.Children {
		_, cpu := p.LookProperty("ethernet")
		if label := property(p, "label"); len(label) == 1 && !cpu {
			f.ports[label[0]] = conduit
		}
	}
}

func walk(n *dt.Node, at string, visit func(string, *dt.Node)) {
	visit(at, n)
	for _, c := range n.Children {
		walk(c, at+"/"+c.Name, visit)
	}
}

// property gives the words of one, nil where there is none.
func property(n *dt.Node, name string) []string {
	p, ok := n.LookProperty(name)
	if !ok {
		return nil
	}
	return strings.Split(strings.TrimRight(string(p.Value), "\x00"), "\x00")
}

// disagrees tells how a board.toml differs from a device tree.
func (b *boardFile) disagrees(found tree) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if !slices.Contains(b.Compatible, found.compatible[0]) {
		fault("it is %v; board.toml says %v", found.compatible, b.Compatible)
	}
	conduits := map[string]string{}
	var nodes []string
	for _, c := range b.Conduit {
		conduits[c.Kernel] = c.Node
		nodes = append(nodes, c.Node)
	}
	labels := map[string]string{}
	for _, p := range b.Port {
		switch {
		case p.Conduit == "":
			nodes = append(nodes, p.Node)
		case conduits[p.Conduit] == "":
			fault("port %s: there is no [[conduit]] %s", p.Name, p.Conduit)
		default:
			labels[p.Kernel] = conduits[p.Conduit]
		}
	}
	slices.Sort(nodes)
	slices.Sort(found.ethernet)
	if !slices.Equal(nodes, found.ethernet) {
		fault("its ports of the processor are %v; board.toml has %v", found.ethernet, nodes)
	}
	if got, want := fmt.Sprint(found.ports), fmt.Sprint(labels); got != want {
		fault("its ports of switches, and their conduits, are %s; board.toml has %s", got, want)
	}
	return faults
}

// TestDeviceTrees compares each board with the device trees that its board.toml names.
func TestDeviceTrees(t *testing.T) {
	for _, name := range boardNames(t) {
		b := readBoard(t, name)
		if len(b.DTB) == 0 && !strings.HasPrefix(name, "qemu-virt") {
			t.Errorf("%s: board.toml names no dtb", name)
		}
		for _, file := range b.DTB {
			for _, fault := range b.disagrees(readTree(t, treeFile(t, file))) {
				t.Errorf("%s and %s disagree: %s", name, file, fault)
			}
		}
	}
}

// A board.toml that is wrong is found out.
func TestDisagree(t *testing.T) {
	good := func() boardFile { return readBoard(t, "turris-omnia") }
	omnia := readTree(t, treeFile(t, good().DTB[0]))
	for what, spoil := range map[string]func(*boardFile){
		"it is [cznic,turris-omnia":              func(b *boardFile) { b.Compatible = []string{"cznic,turris"} },
		"[lan9:":                                 func(b *boardFile) { b.Port[0].Kernel = "lan9" },
		"ethernet@70001":                         func(b *boardFile) { b.Conduit[0].Node = "/soc/internal-regs/ethernet@70001" },
		"no [[conduit]] eth7":                    func(b *boardFile) { b.Port[2].Conduit = "eth7" },
		"lan0:/soc/internal-regs/ethernet@34000": func(b *boardFile) { b.Conduit[0].Node, b.Port[5].Node = b.Port[5].Node, b.Conduit[0].Node },
	} {
		b := good()
		spoil(&b)
		if faults := strings.Join(b.disagrees(omnia), "\n"); !strings.Contains(faults, strings.TrimPrefix(what, "[")) {
			t.Errorf("of a board.toml that is wrong at %s it says %q", what, faults)
		}
	}
}
