package lab

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// A KindCase is a section of rtcfg/object/testdata/kinds.txt:
//
//	== vxlan id=7 remote=10.0.0.9 | id 7 remote 10.0.0.9
//	id=8 | id 8
//	vnifilter=true | external vnifilter | external=true id=
//
// It begins with a kind, its values in every link of the case, and iproute2's
// words for them. A line is a row's value, iproute2's words for
// it if they are not just the key and the value, other values than the case's
// that it needs, empty ones meaning none, and "made" if it is not to be tried later.
type KindCase struct {
	Kind   string
	Link   []string // what iproute2 wants before "type"
	Values map[string]string
	Words  []string
	Rows   []KindRow
}

// A KindRow is a line of it.
type KindRow struct {
	Key, Text string
	Words     []string
	Values    map[string]string
	Whole     bool // words replace those of the case
	Made      bool // do not try to change it: kinds with the same rows differ
}

// KindCases reads a file of them.
func KindCases(t testing.TB, file string) (list []KindCase) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range strings.Split("\n"+string(text), "\n== ")[1:] {
		lines := strings.Split(strings.TrimSpace(section), "\n")
		c := KindCase{}
		head := fields(lines[0])
		words := strings.Fields(head[0])
		c.Kind = words[0]
		c.Values = assignments(c.Kind, words[1:])
		c.Words = strings.Fields(head[len(head)-1])
		if len(head) == 3 {
			c.Link = strings.Fields(head[1])
		} else if len(head) == 1 {
			c.Words = nil
		}
		for _, line := range lines[1:] {
			c.Rows = append(c.Rows, c.row(line))
		}
		list = append(list, c)
	}
	return list
}

func fields(line string) []string {
	parts := strings.Split(line, "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// assignments reads "id=7 remote=".
func assignments(kind string, words []string) map[string]string {
	v := map[string]string{}
	for _, w := range words {
		key, text, _ := strings.Cut(w, "=")
		v[kind+"."+key] = text
	}
	return v
}

func (c *KindCase) row(line string) KindRow {
	parts := fields(line)
	key, text, _ := strings.Cut(parts[0], "=")
	r := KindRow{Key: c.Kind + "." + key, Text: text, Words: []string{key, text}, Values: maps.Clone(c.Values)}
	prefix := c.Kind
	if port, ok := strings.CutPrefix(key, "port."); ok {
		prefix += "_port"
		r.Key, r.Words[0] = prefix+"."+port, port
	}
	if len(parts) > 1 {
		r.Words = strings.Fields(parts[1])
	}
	if len(parts) > 2 {
		for key, text := range assignments(prefix, strings.Fields(parts[2])) {
			r.Whole = r.Whole || text == ""
			if r.Values[key] = text; text == "" {
				delete(r.Values, key)
			}
		}
	}
	r.Made = len(parts) > 3
	return r
}

// Theirs is iproute2's command that makes the link with the row's value.
func (c *KindCase) Theirs(r *KindRow) []string {
	link, words := c.Link, c.Words
	if r != nil && r.Key == c.Kind+".link" {
		link = []string{"link", r.Text}
	} else if len(r.Words) > 0 {
		if r.Whole {
			words = nil
		}
		words = append(without(words, r.Words[0]), r.Words...)
	}
	return append(append(append([]string{"link", "add"}, link...), "x", "type", c.Kind), words...)
}

// without leaves out a word and its value: iproute2 takes no word twice.
func without(words []string, word string) []string {
	i := slices.Index(words, word)
	if word == "group" {
		i = slices.Index(words, "remote")
	}
	if i < 0 {
		return slices.Clone(words)
	}
	return slices.Concat(words[:i], words[i+2:])
}
