package main

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
)

// libraryClosure returns the files of all shared libraries that programs need,
// by the name they are asked for. Find returns "" for one that is nowhere.
func libraryClosure(programs []string, find func(soname string) string) (map[string]string, error) {
	libraries := map[string]string{}
	for todo := programs; len(todo) > 0; {
		file := todo[0]
		todo = todo[1:]
		needed, err := neededBy(file)
		if err != nil {
			return nil, err
		}
		for _, soname := range needed {
			if _, ok := libraries[soname]; ok {
				continue
			}
			found := find(soname)
			if found == "" {
				return nil, fmt.Errorf("%s needs %s, which qemu/fetch does not bring", file, soname)
			}
			libraries[soname] = found
			todo = append(todo, found)
		}
	}
	return libraries, nil
}

// neededBy returns the names that the dynamic section of an ELF file asks for.
func neededBy(file string) ([]string, error) {
	f, err := elf.Open(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	defer f.Close()
	return f.ImportedLibraries()
}

// findLibrary looks where Debian has libraries.
func findLibrary(root, soname string) string {
	for _, dir := range []string{"lib", "usr/lib"} {
		file := filepath.Join(root, dir, multiarch, soname)
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	return ""
}
