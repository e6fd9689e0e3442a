package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A floor is a row of the table in docs/architecture.md: what a folder may
// import besides the standard library, and why not more. "x/..." is x and all
// below it.
type floor struct {
	folder string
	may    []string
	why    string
}

const (
	netlinkLibrary = "github.com/mdlayher/netlink/..."
	tomlLibrary    = "github.com/pelletier/go-toml/v2/..."
	sysLibrary     = "golang.org/x/sys/unix"
)

var floors = []floor{
	{"nlcore/sysfile", []string{sysLibrary}, "sysfile stands on system calls"},
	{"nlcore/until", nil, "until is about time alone"},
	{"nlcore/pcap", []string{sysLibrary}, "pcap writes down what others see"},
	{"nlcore/ip", nil, "ip reads and writes addresses, whoever has them"},
	{"nlcore", []string{"nlcore/until", "nlcore/ip", netlinkLibrary, sysLibrary}, "nlcore is a library of its own worth: it knows nothing of routers"},
	{"rtcfg/conf", []string{"rtcfg/order", tomlLibrary}, "conf knows TOML and nothing of networks"},
	{"rtcfg/object", []string{"rtcfg/order", "rtcfg/conf", "nlcore", "nlcore/ip", sysLibrary}, "object says what can be configured, from the file's words to the message's bytes, and asks nobody"},
	{"rtcfg/order", nil, "order sorts, and knows nothing of what"},
	{"rtcfg/plan", []string{"nlcore/ip", "rtcfg/order", "rtcfg/object", "rtcfg/conf"}, "plan is pure: no socket, no clock, no environment"},
	{"rtcfg/caps", []string{"nlcore/sysfile", "nlcore/until", "rtcfg/object", "rtcfg/conf", "kmod", "nlcore", sysLibrary}, "caps compares kernels with files, and changes nothing"},
	{"rtcfg/kernel", []string{"nlcore/sysfile", "rtcfg/caps", "nlcore/until", "nlcore/ip", "rtcfg/object", "rtcfg/plan", "rtcfg/conf", "rtcfg/routefile", "nlcore", sysLibrary}, "kernel carries out plans; what is in the state file is not its business"},
	{"rtcfg/routefile", []string{"rtcfg/order", "rtcfg/conf", "nlcore", "nlcore/ip", "nlcore/until", sysLibrary}, "routefile is a fast path of its own: routes there are records and not objects"},
	{"rtcfg/state", []string{"nlcore/sysfile", "rtcfg/conf", "rtcfg/object"}, "state remembers, and decides nothing"},
	{"rtcfg/undolog", []string{"nlcore/sysfile", "rtcfg/object", "rtcfg/plan", sysLibrary}, "undolog writes down what others do, and does nothing itself"},
	{"rtcfg/watch", []string{"nlcore", "nlcore/until", sysLibrary}, "watch wakes who looks; what is to be seen is not its business"},
	{"rtcfg/monitor", []string{"nlcore/until", "rtcfg/object", "nlcore", sysLibrary}, "monitor tells, and changes nothing"},
	{"rtcfg/control", []string{"nlcore/sysfile", "nlcore/until", sysLibrary}, "control carries requests, whatever they mean"},
	{"nlcore/internal/faulty", []string{"nlcore", sysLibrary}, "faulty is the program whose system calls the tests make fail"},
	{"rtcfg/lab", []string{sysLibrary}, "lab is for tests, and shows the kernel as iproute2 sees it and not as we do"},
	{"rtcfg", []string{"nlcore/pcap", "nlcore/sysfile", "nlcore/until", "rtcfg/order", "rtcfg/conf", "rtcfg/object", "rtcfg/plan", "rtcfg/caps", "rtcfg/kernel", "rtcfg/state", "rtcfg/routefile", "rtcfg/undolog", "rtcfg/watch", "rtcfg/control", "kmod", "nlcore", sysLibrary}, "rtcfg is the face: above it are only boards and the binary"},
	{"kmod", []string{"nlcore/sysfile", "nlcore/until", "nlcore/ip", "nlcore", sysLibrary}, "kmod loads a module and speaks to it; it knows no configuration"},
	{"board", []string{"nlcore/sysfile", "rtcfg", "rtcfg/conf", "rtcfg/order"}, "board is data and a loader"},
	{"buildroot", nil, "buildroot is tests of files"},
	{"dist", nil, "dist is tests of the units"},
	{"cmd/kernelcaps", []string{"rtcfg/caps"}, "kernelcaps runs on build hosts, and reads files there"},
	{"cmd/nlbench", []string{"nlcore", sysLibrary}, "nlbench times nlcore alone"},
	{"cmd/bootlink", []string{"nlcore/pcap", "nlcore/sysfile", "nlcore/until", "rtcfg/...", "board", "kmod", "nlcore", sysLibrary}, "the binary parses, calls and prints"},
}

// purePackages may not touch the world.
var purePackages = map[string][]string{
	"rtcfg/plan":   {"os", "net", "time", "syscall", sysLibrary, "math/rand/..."},
	"rtcfg/object": {"os", "time", "syscall"},
	"rtcfg/conf":   {"os", "net", "time", "syscall"},
}

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Deps       []string
}

const module = "bootlink/"

func TestImports(t *testing.T) {
	packages := listPackages(t)
	table, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range floors {
		if !strings.Contains(string(table), "| `"+f.folder+"/` |") && f.folder != "rtcfg/lab" {
			t.Errorf("docs/architecture.md has no row for %s", f.folder)
		}
		if packages[module+f.folder] == nil {
			t.Errorf("there is no package %s any more", f.folder)
		}
	}
	for path, p := range packages {
		for _, fault := range faultsOf(p, packages) {
			t.Errorf("%s", fault)
		}
		if slices.Contains(p.Imports, module+"rtcfg/lab") {
			t.Errorf("%s imports rtcfg/lab, which is for tests alone", path)
		}
	}
	if deps := packages[module+"cmd/bootlink"].Deps; slices.Contains(deps, "testing") || slices.Contains(deps, "os/exec") {
		t.Error("the binary has testing or os/exec in it: it runs no other program")
	}
}

// faultsOf says which imports of a package point the wrong way, and why.
func faultsOf(p *pkg, packages map[string]*pkg) (faults []string) {
	folder, own := strings.CutPrefix(p.ImportPath, module)
	if !own {
		return nil
	}
	i := slices.IndexFunc(floors, func(f floor) bool { return f.folder == folder })
	if i < 0 {
		return []string{folder + " stands in no row: add it to docs/architecture.md and to this table"}
	}
	for _, imported := range p.Imports {
		name := strings.TrimPrefix(imported, module)
		standard := packages[imported] != nil && packages[imported].Standard
		switch {
		case standard && !matches(name, purePackages[folder]):
		case !standard && matches(name, floors[i].may):
		default:
			faults = append(faults, folder+" imports "+name+": "+floors[i].why)
		}
	}
	return faults
}

func matches(name string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		root, below := strings.CutSuffix(p, "/...")
		return name == root || below && strings.HasPrefix(name, root+"/")
	})
}

// listPackages gives every package of the module and below it.
func listPackages(t *testing.T) map[string]*pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports,Deps", "./...")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "GOOS=linux")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string]*pkg{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		p := new(pkg)
		switch err := d.Decode(p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
}

// TestWrongImports: the check finds what it is there for.
func TestWrongImports(t *testing.T) {
	known := map[string]*pkg{"os": {Standard: true}, "fmt": {Standard: true}}
	for _, c := range []struct {
		from, to, want string
	}{
		{"nlcore", module + "rtcfg", "nlcore imports rtcfg: nlcore is a library of its own worth"},
		{"rtcfg/plan", module + "rtcfg/kernel", "rtcfg/plan imports rtcfg/kernel: plan is pure"},
		{"rtcfg/plan", "os", "rtcfg/plan imports os: plan is pure"},
		{"kmod", module + "rtcfg/conf", "kmod imports rtcfg/conf"},
		{"rtcfg/conf", netlinkLibrary, "rtcfg/conf imports github.com/mdlayher/netlink"},
		{"rtcfg/newroom", "fmt", "rtcfg/newroom stands in no row"},
		{"nlcore", sysLibrary, ""},
		{"rtcfg/kernel", "os", ""},
		{"cmd/bootlink", module + "rtcfg/plan", ""},
	} {
		got := strings.Join(faultsOf(&pkg{ImportPath: module + c.from, Imports: []string{c.to}}, known), "\n")
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s → %s gives %q; want %q", c.from, c.to, got, c.want)
		}
	}
}
