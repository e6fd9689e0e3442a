package kmod

import (
	"strings"

	"bootlink/nlcore/sysfile"
)

// Whereabouts says where a module is.
type Whereabouts uint8

// The whereabouts.
const (
	Nowhere   Whereabouts = iota // not installed, or not known to be
	BuiltIn                      // in the kernel itself
	Installed                    // below /lib/modules, and not loaded
	InUse                        // loaded
)

// Modules reads which modules the running kernel has, or that of a release which was
// installed below root: modules.builtin, modules.dep and proc/modules there ("/" for
// the running one). None of these has to be there. It loads nothing.
func Modules(root, release string) map[string]Whereabouts {
	m := map[string]Whereabouts{}
	read := func(file, end string, w Whereabouts) {
		text, _ := sysfile.Read(sysfile.Join(root, file))
		for line, rest := "", string(text); rest != ""; {
			line, rest, _ = strings.Cut(rest, "\n")
			name, _, _ := strings.Cut(line, end)
			m[moduleName(name)] = w
		}
	}
	dir := sysfile.Join("lib/modules", release)
	read(sysfile.Join(dir, "modules.dep"), ":", Installed)
	read(sysfile.Join(dir, "modules.builtin"), "\n", BuiltIn)
	read("proc/modules", " ", InUse)
	return m
}
