package main

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sys/unix"
)

// testdata/6.1.0-50-armmp holds lines of Debian's index, testdata/show-depends
// what kmod 30's `modprobe --config=/dev/null --show-depends -- NAME` made of
// the whole index: the files that it would insert, in order.
func TestLoadAsKmodDoes(t *testing.T) {
	x, err := readIndex(os.DirFS("testdata/6.1.0-50-armmp"))
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := os.ReadFile("testdata/show-depends")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(recorded)) {
		i := strings.LastIndex(line, ": ")
		name, want := line[:i], strings.TrimSpace(line[i+2:])
		if got := showDepends(x, name); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

// showDepends writes what load does as the recording has it.
func showDepends(x *index, name string) string {
	var files []string
	err := x.load(name, "", func(file, _ string) error {
		files = append(files, file)
		return nil
	})
	switch {
	case errors.Is(err, errUnknown):
		return "unknown"
	case err != nil:
		return err.Error()
	case len(files) == 0:
		return "builtin"
	}
	return strings.Join(files, " ")
}

func TestLoadStopsAtAFault(t *testing.T) {
	x, err := readIndex(os.DirFS("testdata/6.1.0-50-armmp"))
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	err = x.load("bridge", "x=1", func(file, params string) error {
		files = append(files, file+params)
		if strings.Contains(file, "stp") {
			return unix.ENOEXEC
		}
		return nil
	})
	want := []string{"kernel/net/llc/llc.ko", "kernel/net/802/stp.ko"}
	if err != unix.ENOEXEC || !slices.Equal(files, want) {
		t.Errorf("%v, %q", err, files)
	}
}

func TestParametersGoToTheModuleItself(t *testing.T) {
	x := &index{modules: map[string]module{"b": {file: "b.ko", deps: []string{"a.ko"}}}}
	got := map[string]string{}
	err := x.load("b", "max=0", func(file, params string) error { got[file] = params; return nil })
	if err != nil || got["a.ko"] != "" || got["b.ko"] != "max=0" || len(got) != 2 {
		t.Errorf("%v, %q", err, got)
	}
}

func TestIndexNeedsModulesDep(t *testing.T) {
	if _, err := readIndex(fstest.MapFS{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	x, err := readIndex(fstest.MapFS{"modules.dep": {Data: []byte("extra/a-b.ko.xz:\n")}})
	if err != nil || x.modules["a_b"].file != "extra/a-b.ko.xz" {
		t.Errorf("%v, %v", err, x)
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		args string
		want call
		err  string
	}{
		{"-q -- rtnl-link-bridge", call{quiet: true, names: []string{"rtnl-link-bridge"}}, ""},
		{"bonding max_bonds=0 mode=1", call{names: []string{"bonding"}, params: "max_bonds=0 mode=1"}, ""},
		{"-a -q dummy tun", call{quiet: true, names: []string{"dummy", "tun"}}, ""},
		{"-- -r", call{names: []string{"-r"}}, ""},
		{"-r dummy", call{}, "-r: unknown flag"},
		{"-q --", call{quiet: true}, "no module named"},
	} {
		got, err := parse(strings.Fields(c.args))
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%s: %v", c.args, err)
			}
			continue
		}
		if err != nil || got.quiet != c.want.quiet || got.params != c.want.params || !slices.Equal(got.names, c.want.names) {
			t.Errorf("%s: %+v, %v", c.args, got, err)
		}
	}
}

// The rules of fnmatch(3) that the recording has no line for.
func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "a/b", true},
		{"a*c", "abbc", true}, {"a*c", "abb", false}, {"a**c", "ac", true},
		{"a?c", "abc", true}, {"a?c", "ac", false},
		{"[a-c]x", "bx", true}, {"[a-c]x", "dx", false}, {"[!a-c]x", "dx", true}, {"[^a]", "a", false},
		{"[]]", "]", true}, {"[!]]", "]", false}, {"[a-]", "-", true}, {"[", "[", true}, {"[!", "[!", true},
		{"*b*b*", "abab", true}, {"*b*b*", "aba", false},
	} {
		if got := match(c.pattern, c.name); got != c.want {
			t.Errorf("match(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}

func TestFold(t *testing.T) {
	if got := fold("rtnl-link-[0-9]-x"); got != "rtnl_link_[0-9]_x" {
		t.Error(got)
	}
}
