package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// dear are functions and packages of the standard library that bring much for
// little, with what serves instead: none of our code in the binary uses them. The
// numbers are KB of the ARM binary, for the first use.
var dear = map[string]string{
	"slices.Sort":             "11: order.Strings, order.By",
	"slices.Sorted":           "11: order.Keys, order.Unique",
	"slices.SortFunc":         "8 for each type: order.By",
	"slices.SortStableFunc":   "8 for each type: order.By, with the index as the last word",
	"sort.Sort":               "16: order.Sort",
	"sort.Slice":              "16: order.By",
	"sort.SliceStable":        "16: order.By, with the index as the last word",
	"sort.Strings":            "11: order.Strings",
	"strconv.ParseFloat":      "17: object's decimal",
	"os.ReadFile":             "4: sysfile.Read",
	"os.WriteFile":            "4: sysfile.Replace, sysfile.Write",
	"os.Stat":                 "4: sysfile.Exists, sysfile.IsRegular",
	"os.Lstat":                "4: sysfile.Exists, sysfile.IsRegular",
	"os.ReadDir":              "9: sysfile.Names",
	"os.MkdirAll":             "3: sysfile.MakeFolder",
	"os.CreateTemp":           "3: sysfile.Replace",
	"os.Rename":               "5: sysfile.Replace, unix.Rename",
	"signal.NotifyContext":    "22: signal.Notify and until.Called",
	"context.WithTimeout":     "22: until.Within",
	"context.WithDeadline":    "22: until.Within",
	"context.WithCancel":      "17: until.Called",
	"context.AfterFunc":       "17: a goroutine and a select",
	"context.WithoutCancel":   "2: context.Background: no context of ours carries values",
	"bytes.Cut":               "3: strings.Cut",
	"strings.SplitSeq":        "2: strings.Split, or strings.Cut in a loop",
	"strings.FieldsSeq":       "2: strings.Fields",
	"strings.ToLower":         "4: a loop, for ASCII",
	"strings.ToUpper":         "4: a loop, for ASCII",
	"strings.EqualFold":       "2: a loop, for ASCII",
	"net.ParseMAC":            "4: object's macBytes",
	"io.ReadAll":              "2: sysfile.Read",
	"os.StartProcess":         "20: unix.Exec, syscall.ForkExec",
	"fmt.Sscan":               "15: strings.Fields and strconv",
	"fmt.Sscanf":              "15: strings.Fields and strconv",
	"strings.NewReplacer":     "13: a loop, strings.ReplaceAll",
	"time.ParseDuration":      "7: object.Milliseconds",
	"signal.Ignore":           "2: signal.Notify to a channel that nobody reads",
	"package net/netip":       "20: nlcore/ip",
	"package encoding/base64": "6: keyOf, keyText",
	"package bufio":           "5: sysfile.Read and strings.Cut",
	"package hash/crc32":      "5: a sum of three lines",
	"package embed":           "11 as a file system: import it as _, for strings",
	"package encoding/json":   "150: appendJSON, conf.Parse",
	"package flag":            "60: commandLine",
	"package os/exec":         "100: the binary runs no other program",
	"package path/filepath":   "6: path",
	"package regexp":          "320: path.Match, strings.Cut",
	"package text/template":   "700, for it keeps all methods: fmt.Fprintf",
	"package text/tabwriter":  "10: fmt.Fprintf with widths",
}

// unlinked compares routes for those who use nlcore as a library.
const unlinked = "../../nlcore/routes.go"

// TestDiet looks at what our packages in the binary use.
func TestDiet(t *testing.T) {
	for path := range listPackages(t) {
		folder, own := strings.CutPrefix(path, module)
		if !own || folder == "cmd/nlbench" || folder == "cmd/kernelcaps" || folder == "rtcfg/lab" || folder == "nlcore/internal/faulty" {
			continue
		}
		files, err := filepath.Glob(filepath.Join("../..", folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(files), err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") && file != unlinked {
				for _, fault := range dearUses(t, file) {
					t.Error(fault)
				}
			}
		}
	}
}

// dearUses lists the dear things in a file.
func dearUses(t *testing.T, file string) (faults []string) {
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	note := func(at token.Pos, name string) {
		if instead, is := dear[name]; is {
			faults = append(faults, files.Position(at).String()+": "+name+" is dear, take what is named behind its KB: "+instead)
		}
	}
	imported := map[string]bool{}
	for _, i := range tree.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		imported[path[strings.LastIndex(path, "/")+1:]] = true
		if i.Name == nil || i.Name.Name != "_" {
			note(i.Pos(), "package "+path)
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		if s, is := n.(*ast.SelectorExpr); is {
			if x, is := s.X.(*ast.Ident); is && imported[x.Name] {
				note(s.Pos(), x.Name+"."+s.Sel.Name)
			}
		}
		return true
	})
	return faults
}
