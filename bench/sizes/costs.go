package main

import (
	"debug/elf"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// costs gives a table of the parts of a binary with symbols, the largest first.
func costs(file string) (string, error) {
	f, err := elf.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		return "", err
	}
	text, table := f.Section(".text"), f.Section(".gopclntab")
	if text == nil || table == nil {
		return "", fmt.Errorf("%s is no Go program", file)
	}
	perByte := 1 + float64(table.Size)/float64(text.Size)
	sizes := map[string]float64{}
	for _, s := range symbols {
		if int(s.Section) >= len(f.Sections) || s.Section == elf.SHN_UNDEF {
			continue
		}
		section := f.Sections[s.Section]
		if section.Type == elf.SHT_NOBITS || strings.HasPrefix(s.Name, "runtime.pclntab") {
			continue
		}
		cost := float64(s.Size)
		if section == text {
			cost *= perByte
		}
		sizes[part(s.Name)] += cost
	}
	var b strings.Builder
	for _, name := range slices.SortedFunc(maps.Keys(sizes), func(a, b string) int { return int(sizes[b] - sizes[a]) }) {
		fmt.Fprintf(&b, "%-40s%9.0f\n", name, sizes[name])
	}
	return b.String(), nil
}

// The parts of which there are rows: modules as a whole, our packages one by one.
var modules = [...]string{"github.com/mdlayher/netlink", "github.com/mdlayher/socket", "github.com/pelletier/go-toml", "golang.org/x/sys", "golang.org/x/"}

const nameless = "types, texts, constants"

// part gives the row for a symbol.
func part(symbol string) string {
	name := packageOf(symbol)
	for _, m := range modules {
		if strings.HasPrefix(name, m) {
			return strings.TrimSuffix(m, "/")
		}
	}
	switch {
	case name == "":
		return nameless
	case name == "main", strings.HasPrefix(name, "bootlink/"):
		return name
	case name == "runtime", strings.HasPrefix(name, "internal/runtime/"), strings.HasPrefix(name, "runtime/"):
		return "runtime"
	}
	return "standard library: " + name
}

// packageOf gives the package of a symbol: "a/b" of "a/b.(*T).F[c/d.E]"; "" where it has none.
func packageOf(symbol string) string {
	if strings.HasPrefix(symbol, "type:") || strings.HasPrefix(symbol, "go:") {
		return ""
	}
	symbol, _, _ = strings.Cut(symbol, "[")
	slash := strings.LastIndexByte(symbol, '/') + 1
	name, _, ok := strings.Cut(symbol[slash:], ".")
	if !ok {
		return ""
	}
	return symbol[:slash] + strings.ReplaceAll(name, "%2e", ".")
}
