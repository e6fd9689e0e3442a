package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// errUnknown means that no module has the name and no alias matches it.
var errUnknown = errors.New("no such module or alias")

// An index is what depmod knows about a tree of modules. Names are folded.
type index struct {
	modules map[string]module
	aliases []alias
	builtin map[string]bool
}

// A module is a line of modules.dep: paths relative to the index's folder.
type module struct {
	file string
	deps []string // in the order of the file: to be loaded from the last to the first
}

// An alias is a line of modules.alias.
type alias struct{ pattern, module string }

// readIndex reads the three files. modules.dep must be there, the others may
// be missing: a small image may have neither.
func readIndex(root fs.FS) (*index, error) {
	x := &index{modules: map[string]module{}, builtin: map[string]bool{}}
	for _, f := range []struct {
		name string
		line func(string)
		must bool
	}{
		{"modules.dep", x.addModule, true},
		{"modules.alias", x.addAlias, false},
		{"modules.builtin", x.addBuiltin, false},
	} {
		err := eachLine(root, f.name, f.line)
		if errors.Is(err, fs.ErrNotExist) && !f.must {
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	return x, nil
}

func eachLine(root fs.FS, name string, add func(string)) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		add(lines.Text())
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (x *index) addModule(line string) {
	file, deps, ok := strings.Cut(line, ":")
	if ok {
		x.modules[nameOf(file)] = module{file: file, deps: strings.Fields(deps)}
	}
}

func (x *index) addAlias(line string) {
	if f := strings.Fields(line); len(f) == 3 && f[0] == "alias" {
		x.aliases = append(x.aliases, alias{pattern: fold(f[1]), module: fold(f[2])})
	}
}

func (x *index) addBuiltin(line string) { x.builtin[nameOf(line)] = true }

// nameOf returns the folded name of the module in a file.
func nameOf(file string) string {
	name, _, _ := strings.Cut(path.Base(file), ".ko")
	return fold(name)
}

// resolve returns the modules that answer to a name: the one of that name, or
// all with a matching alias, as modprobe(8) does it. None and no error means
// that it is built into the kernel.
func (x *index) resolve(name string) ([]module, error) {
	name = fold(name)
	if m, ok := x.modules[name]; ok {
		return []module{m}, nil
	}
	if x.builtin[name] {
		return nil, nil
	}
	var found []module
	for _, a := range x.aliases {
		if m, ok := x.modules[a.module]; ok && match(a.pattern, name) {
			found = append(found, m)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: %w", name, errUnknown)
	}
	return found, nil
}

// load hands the modules that answer to a name to insert, each after what it
// depends on. The parameters are for the module itself.
func (x *index) load(name, params string, insert func(file, params string) error) error {
	found, err := x.resolve(name)
	if err != nil {
		return err
	}
	for _, m := range found {
		for _, dep := range slices.Backward(m.deps) {
			if err := insert(dep, ""); err != nil {
				return err
			}
		}
		if err := insert(m.file, params); err != nil {
			return err
		}
	}
	return nil
}
