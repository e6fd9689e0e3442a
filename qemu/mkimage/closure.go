package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// closure reads a modules.dep and returns the files of the modules that the
// patterns name (with a slash: their files), and those that they depend on, sorted. A module that is built
// in needs no file; one that the kernel does not have at all is an error.
func closure(dep io.Reader, builtin string, patterns []string) ([]string, error) {
	need := map[string]bool{}
	met := map[string]bool{}
	lines := bufio.NewScanner(dep)
	for lines.Scan() {
		file, deps, _ := strings.Cut(lines.Text(), ":")
		for _, pattern := range patterns {
			subject := moduleName(file)
			if strings.Contains(pattern, "/") {
				subject = file
			}
			if ok, err := path.Match(pattern, subject); err != nil {
				return nil, fmt.Errorf("%s: %w", pattern, err)
			} else if !ok {
				continue
			}
			met[pattern] = true
			need[file] = true
			for d := range strings.FieldsSeq(deps) {
				need[d] = true
			}
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	for file := range strings.FieldsSeq(builtin) {
		met[moduleName(file)] = true
	}
	for _, pattern := range patterns {
		if !met[pattern] && !strings.Contains(pattern, "*") {
			return nil, fmt.Errorf("module %s: not in this kernel", pattern)
		}
	}
	return slices.Sorted(maps.Keys(need)), nil
}

// moduleName returns the name of the module in a file, spelled with '_'.
func moduleName(file string) string {
	name, _, _ := strings.Cut(path.Base(file), ".ko")
	return strings.ReplaceAll(name, "-", "_")
}
