package object_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
)

// anyNames knows every link and every namespace.
type anyNames struct{}

func (anyNames) Index(string) (uint32, error)     { return 7, nil }
func (anyNames) Name(uint32) string               { return "v7" }
func (anyNames) Namespace(string) (uint32, error) { return 3, nil }

// FuzzRead reads a file that includes another. Faults are at places that the
// files have; what is accepted is read a second time as the first, and fits into
// messages.
func FuzzRead(f *testing.F) {
	for _, text := range configurations(f) {
		f.Add([]byte(text), []byte{})
	}
	for _, text := range []string{"[link.a]\nmtu = 1400\n", "[[route]]\nto = \"default\"\nvia = \"192.0.2.1\"\n", "link = 5\n", "[settings]\ntables = { isp1 = 100 }\n"} {
		f.Add([]byte("version = 1\n[link.a]\nup = false\n[[route]]\nto = \"10.0.0.0/8\"\ndev = \"a\"\n"), []byte(text))
	}
	f.Fuzz(func(t *testing.T, main, more []byte) {
		want, faults := readBoth(main, more)
		for _, fault := range faults {
			if !hasPlace(map[string][]byte{"f": main, "g": more}[fault.Pos.File], fault.Pos) {
				t.Errorf("%s: there is no such place", fault)
			}
		}
		again, more2 := readBoth(main, more)
		if !reflect.DeepEqual(faults, more2) || !reflect.DeepEqual(want, again) {
			t.Errorf("read twice it is not the same: %v, then %v", faults, more2)
		}
		if len(faults) > 0 {
			return
		}
		for _, o := range want.Objects {
			checkEncodes(t, o)
		}
	})
}

// readBoth gives what the two say together.
func readBoth(main, more []byte) (*object.Desired, conf.Faults) {
	root, faults := conf.Parse("f", main)
	tree, others := conf.Parse("g", more)
	faults = append(faults, others...)
	for i := range tree.Entries {
		root.Merge(&tree.Entries[i], "", &faults)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return object.Read("f", root)
}

// hasPlace tells whether a text has that line and column; one behind the last
// byte is where something is missing.
func hasPlace(text []byte, at conf.Pos) bool {
	lines := bytes.Split(text, []byte("\n"))
	return at.Line >= 1 && at.Line <= len(lines) && at.Col >= 1 && at.Col <= len(lines[at.Line-1])+1
}

// checkEncodes makes the message of an object.
func checkEncodes(t *testing.T, o *object.Object) {
	t.Helper()
	w := object.Write{Op: object.Create, ID: o.ID, Values: o.Values, Kind: o.Values["kind"]}
	if o.Class == object.Sysctl {
		return
	}
	if o.Class == object.Link && w.Kind == "" {
		w.Op = object.Change
	}
	if _, err := w.Encode(anyNames{}, protocol); err != nil {
		t.Errorf("%s: %s: %v cannot be written: %v", o.Pos, o.ID, o.Values, err)
	}
}

// configurations are the examples and the cases of tests.
func configurations(t testing.TB) (texts []string) {
	t.Helper()
	for _, c := range append(faultCases(t, "testdata/faults.txt"), faultCases(t, "testdata/faults-classes.txt")...) {
		_, text, _ := strings.Cut(c, "\n")
		text, _, _ = strings.Cut(text, "\n--\n")
		texts = append(texts, text+"\n")
	}
	for _, pattern := range []string{"../../docs/*.toml", "../../board/*/router.toml", "../testdata/walk/*.toml", "../plan/testdata/*.txt", "../testdata/include/*.txt"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v: %d files", pattern, err, len(files))
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text = bytes.TrimPrefix(text, []byte("-- router.toml --\n"))
			text, _, _ = bytes.Cut(text, []byte("\n-- "))
			texts = append(texts, string(text)+"\n")
		}
	}
	return texts
}

// Every example is good.
func TestExamples(t *testing.T) {
	for _, pattern := range []string{"../../docs/*.toml", "../../board/*/router.toml", "../testdata/walk/*.toml"} {
		files, _ := filepath.Glob(pattern)
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, faults := readBoth(text, nil); len(faults) > 0 {
				t.Errorf("%s:\n%v", name, faults)
			}
		}
	}
}
