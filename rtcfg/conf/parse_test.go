package conf

import (
	"reflect"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

func TestPositions(t *testing.T) {
	root, faults := Parse("f.toml", []byte("version = 1\n[link.\"wan.7\"]\n  mtu = 1_500\nx = { y.z = [1, \"a\"] }\n"))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	wan := root.Get("link").Get("wan.7")
	for _, c := range []struct {
		node *Node
		want string
		text string
	}{
		{root.Get("version"), "f.toml:1:11", "1"},
		{wan, "f.toml:2:7", ""},
		{wan.Get("mtu"), "f.toml:3:9", "1_500"},
		{wan.Get("x").Get("y").Get("z").Items[1], "f.toml:4:17", "a"},
	} {
		if got := c.node.Pos.String(); got != c.want || c.node.Text != c.text {
			t.Errorf("got %s %q; want %s %q", got, c.node.Text, c.want, c.text)
		}
	}
}

func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		"a = = 1":                      "f:1:5: not TOML",
		"a = 1\na = 2":                 "f:2:1: a is set twice: it was set at f:1:5",
		"[t]\n[t]":                     "f:2:2: t is set twice: it was set at f:1:2",
		"[[t]]\n[t]":                   "f:2:2: t is set twice",
		"t = []\n[[t]]":                "f:2:3: t is set twice",
		"t = {a = 1}\n[t.b]\n":         "f:2:2: t is set twice",
		"t = {a = 1}\nt.b = 2":         "f:2:1: t is set twice",
		"a = 1\n[a.b]\n":               "f:2:2: a is set twice",
		"x = \"\"\"unfinished":         "not TOML",
		"[t.a]\n[t]\nb = 1\n[t.c]":     "",
		"[[r]]\nx=1\n[[r]]\n[r.sub]\n": "",
	} {
		_, faults := Parse("f", []byte(text))
		switch got := faults.Error(); {
		case want == "" && got != "":
			t.Errorf("%q: unexpected fault %s", text, got)
		case !strings.Contains(got, want):
			t.Errorf("%q: got %q; want %q", text, got, want)
		}
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"mtu", "master", "address", "addresses"}
	for word, want := range map[string]string{"adresses": "addresses", "mut": "", "mtuu": "mtu", "zzz": "", "maste": "master"} {
		if got := Suggest(word, known); got != want {
			t.Errorf("Suggest(%q) = %q; want %q", word, got, want)
		}
	}
}

// FuzzParse holds the tree against go-toml's own decoder: what that accepts has
// the same keys here, and what it refuses is a fault here or a value that rows check.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a=1", "[a.b]\nc=\"x\"", "[[r]]\nx=[1,{y=2}]", "a.b=1\na.c=2", "a={b.c=1}\n", "x=''''''", "[t]\n[t.u]\n[[t.v]]\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		root, faults := Parse("f", text)
		var want map[string]any
		if toml.Unmarshal(text, &want) != nil || len(faults) > 0 {
			return
		}
		if got := keysOf(root); !reflect.DeepEqual(got, keysOfAny(want)) {
			t.Errorf("%q: got %v; want %v", text, got, want)
		}
	})
}

func keysOf(n *Node) any {
	switch n.Kind {
	case Table:
		m := map[string]any{}
		for _, e := range n.Entries {
			m[e.Key] = keysOf(e.Value)
		}
		return m
	case Array:
		s := []any{}
		for _, i := range n.Items {
			s = append(s, keysOf(i))
		}
		return s
	case String:
		return n.Text
	}
	return nil
}

func keysOfAny(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for k, x := range v {
			m[k] = keysOfAny(x)
		}
		return m
	case []any:
		s := []any{}
		for _, x := range v {
			s = append(s, keysOfAny(x))
		}
		return s
	case string:
		return v
	}
	return nil
}
