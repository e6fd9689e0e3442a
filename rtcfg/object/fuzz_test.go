package object_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
)

// anyNames knows every link and every namespace; indexes count from 1.
type anyNames struct{ links []string }

func (n *anyNames) Index(name string) (uint32, error) {
	n.links = append(n.links, name)
	return uint32(len(n.links)), nil
}

func (n *anyNames) Name(index uint32) string {
	if index == 0 || int(index) > len(n.links) {
		return fmt.Sprintf("#%d", index)
	}
	return n.links[index-1]
}

func (n *anyNames) Namespace(string) (uint32, error) { return 3, nil }

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
	want, faults := object.Read("f", root)
	if len(faults) == 0 { // as if the files were there
		want.Secrets(func(o *object.Object, key string) { o.Values.Set(key, "nBxH5zL0bXWx3xjIVFsWJlrYWZ6dmTVzUlC1qCpDdH0=") })
	}
	return want, faults
}

// hasPlace tells whether a text has that line and column; one behind the last
// byte is where something is missing.
func hasPlace(text []byte, at conf.Pos) bool {
	lines := bytes.Split(text, []byte("\n"))
	return at.Line >= 1 && at.Line <= len(lines) && at.Col >= 1 && at.Col <= len(lines[at.Line-1])+1
}

// checkEncodes makes the message of an object; what it says is what is wanted.
func checkEncodes(t *testing.T, o *object.Object) {
	t.Helper()
	w := object.Write{Op: object.Create, ID: o.ID, Values: o.Values, Kind: o.Values.Get("kind")}
	if o.Class == object.Sysctl {
		return
	}
	names := &anyNames{}
	r, err := w.Encode(names, protocol)
	if err != nil {
		t.Errorf("%s: %s: %v cannot be written: %v", o.Pos, o.ID, o.Values, err)
		return
	}
	have, err := decodeOwn(o, r.Body, names)
	if err != nil || have == nil {
		t.Errorf("%s: %s: %v is written as %v, %v", o.Pos, o.ID, o.Values, have, err)
		return
	}
	if o.Values.Get("kind") == "tbf" {
		have.Drop("burst") // written in bytes, and told by the kernel as a time
	}
	for _, p := range have.Pairs() {
		key, text := p.Key, p.Text
		text = strings.ReplaceAll(text, " dev #0", "") // a way without a link
		if strings.HasSuffix(key, "_qos_map") {        // all mappings are written: those to 0 take away
			text = zeroMapping.ReplaceAllString(text, "")
		}
		if r := rowOf(o, key); r != nil && o.Values.Get(key) != "" && !r.Equal(o.Values.Get(key), text) {
			t.Errorf("%s: %s: %s = %q is written as %q", o.Pos, o.ID, key, o.Values.Get(key), text)
		}
	}
}

var zeroMapping = regexp.MustCompile(`\b\d+:0( |$)| \d+:0\b`)

// decodeOwn reads a message of ours as if it were the kernel's.
func decodeOwn(o *object.Object, body []byte, names object.Names) (object.Values, error) {
	var have *object.Object
	var err error
	switch s := object.LookupSpec(o.Class); {
	case o.Class == object.Link:
		have, err = object.DecodeLink(body, names)
	case o.Class == object.Address:
		have, err = object.DecodeAddress(body, names, protocol)
	case o.Class == object.Route:
		have, err = object.DecodeRoute(body, names, protocol)
	case s.Family != "":
		have, err = decodeGeneric(o, body, names)
	case s.Encode != nil:
		return object.NewValues(), nil // its messages have another shape than those of the kernel
	default:
		var list []*object.Object
		list, err = s.Decode(body, "", names, protocol)
		if err == nil && len(list) == 0 && s.Hide != nil {
			return object.NewValues(), nil // the kernel would fill in by what we know it
		}
		if len(list) == 1 {
			have = list[0]
		}
	}
	if have == nil {
		return nil, err
	}
	return have.Values, err
}

// decodeGeneric reads a message that sets something of a wireguard as one that
// tells of it; both are made alike.
func decodeGeneric(o *object.Object, body []byte, names object.Names) (*object.Object, error) {
	list, err := object.LookupSpec(object.WireGuard).Decode(body, o.Values.Get("dev"), names, protocol)
	for _, have := range list {
		if have.Class == o.Class {
			return have, err
		}
	}
	return nil, err
}

// rowOf gives a key's row; addresses and routes do not show theirs.
func rowOf(o *object.Object, key string) *object.Row {
	s := object.LookupSpec(o.Class)
	if o.Class == object.Link {
		return object.LinkRow(key)
	}
	if s == nil {
		return &object.Row{}
	}
	for i := range s.Rows {
		if s.Rows[i].Key == key {
			return &s.Rows[i]
		}
	}
	if k := s.Kinds[o.Values.Get("kind")]; k != nil {
		for i := range k.Rows {
			if k.Rows[i].Key == key {
				return &k.Rows[i]
			}
		}
	}
	return nil
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
