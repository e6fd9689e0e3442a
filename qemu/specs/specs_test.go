package specs

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var folder = flag.String("specs", "", "`folder` of specs, in place of what qemu/specs/fetch left")

// load reads the specs.
func load(t *testing.T) map[string]*Family {
	t.Helper()
	from := *folder
	if from == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		from = filepath.Join(cache, "bootlink", "specs-6.12")
	}
	families, err := Load(from)
	if err != nil {
		t.Fatalf("%v: run `make specs`, which brings them", err)
	}
	return families
}

// TestRows compares every row with the specs. Each difference is an exception,
// and each exception is a difference.
func TestRows(t *testing.T) {
	c := &comparison{families: load(t), names: readNames(t), used: map[string]bool{}}
	for _, table := range tables() {
		c.table(table)
	}
	exceptions := readExceptions(t)
	odd := map[string]bool{}
	for _, line := range c.differ {
		name, _, _ := strings.Cut(line, ": ")
		odd[name] = true
		if _, known := exceptions[line]; !known {
			t.Errorf("%s", line)
		}
		delete(exceptions, line)
	}
	for _, line := range slices.Sorted(maps.Keys(exceptions)) {
		t.Errorf("testdata/exceptions.txt: line %d is no difference any more: %s", exceptions[line], line)
	}
	for _, name := range slices.Sorted(maps.Keys(c.names)) {
		if !c.used[name] {
			t.Errorf("testdata/names.txt: %s: nothing asks for it", name)
		}
	}
	t.Logf("%d rows, of which %d are as the specs say and %d are exceptions", c.compared, c.compared-len(odd), len(odd))
}

// TestMessages compares the messages' numbers.
func TestMessages(t *testing.T) {
	families := load(t)
	for _, s := range allSpecs() {
		p, ok := places[s.Class]
		f := families[p.family]
		if !ok || f == nil {
			continue // TestRows says so
		}
		for name, number := range map[string]uint16{p.made: s.New, p.gone: s.Del, p.get: s.Get} {
			if op := f.Operation(name); op == nil || op.Number() != int(number) {
				t.Errorf("%s: message %d; %s of the spec %s is %+v", s.Class, number, name, p.family, op)
			}
		}
	}
}

// readNames reads lines "our name  the spec's".
func readNames(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{}
	for i, line := range lines(t, "testdata/names.txt") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(words) != 2 || names[words[0]] != "" {
			t.Fatalf("testdata/names.txt:%d: not two words, or the first again: %s", i+1, line)
		}
		names[words[0]] = words[1]
	}
	return names
}

// readExceptions reads indented differences, below the reason for them, and
// gives each one's line.
func readExceptions(t *testing.T) map[string]int {
	t.Helper()
	exceptions, reason := map[string]int{}, ""
	for i, line := range lines(t, "testdata/exceptions.txt") {
		difference, indented := strings.CutPrefix(line, "\t")
		switch {
		case line == "":
			reason = ""
		case strings.HasPrefix(line, "#"):
		case !indented:
			reason += line
		case reason == "" || exceptions[difference] != 0:
			t.Fatalf("testdata/exceptions.txt:%d: without a reason, or there already: %s", i+1, difference)
		default:
			exceptions[difference] = i + 1
		}
	}
	return exceptions
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}
