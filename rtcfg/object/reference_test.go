package object

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootlink/rtcfg/lab"
)

const referencePage = "../../docs/router.toml.md"

// TestReference: docs/router.toml.md is what the rows say (-update writes it),
// and iproute2's words in it are ones that tests give to iproute2.
func TestReference(t *testing.T) {
	words := readWords(t)
	page := &page{words: words}
	root := layout()
	page.intro()
	page.section(&root, "")
	for key := range words.own {
		if !words.used[key] {
			t.Errorf("testdata/words.txt: %s is not a key of the file, or needs no word of its own", key)
		}
	}
	if n := bytes.Count(page.text.Bytes(), []byte("UNDOCUMENTED")); n > 0 {
		t.Errorf("%d rows or sections say nothing of themselves: give them a Doc", n)
	}
	for _, key := range page.wordless {
		t.Errorf("no test gives %q to iproute2: add a case, or iproute2's word for it to testdata/words.txt", key)
	}
	if flag.Lookup("update").Value.String() == "true" { // that of TestFaults
		if err := os.WriteFile(referencePage, page.text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have, err := os.ReadFile(referencePage); err != nil || !bytes.Equal(have, page.text.Bytes()) {
		t.Errorf("docs/router.toml.md is not what the rows say (%v): go test ./rtcfg/object -run TestReference -update", err)
	}
}

// words are iproute2's.
type words struct {
	cases  map[string]string // of options of links: "vxlan.learning" is "nolearning"
	own    map[string]string // testdata/words.txt
	tested map[string]bool   // all that tests give to iproute2
	used   map[string]bool
}

func readWords(t *testing.T) *words {
	w := &words{cases: map[string]string{}, own: map[string]string{}, tested: map[string]bool{}, used: map[string]bool{}}
	for _, c := range lab.KindCases(t, "testdata/kinds.txt") {
		for i := range c.Rows {
			r := &c.Rows[i]
			_, option, _ := strings.Cut(r.Key, ".")
			if _, known := w.cases[r.Key]; !known && len(r.Words) > 0 {
				w.cases[r.Key] = r.Words[0]
			}
			if slices.Contains(r.Words, option) {
				w.cases[r.Key] = option
			}
		}
	}
	for _, pattern := range []string{"../testdata/differ/*.txt", "../testdata/guest/*.txt"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			w.read(t, file)
		}
	}
	for line := range strings.Lines(readFile(t, "testdata/words.txt")) {
		if key, word, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !strings.HasPrefix(key, "#") {
			w.own[key] = strings.TrimSpace(word)
		}
	}
	return w
}

// read notes the words of iproute2's commands in a file of cases: the lines
// above "--".
func (w *words) read(t *testing.T, file string) {
	theirs := true
	for line := range strings.Lines(readFile(t, file)) {
		switch {
		case strings.HasPrefix(line, "== "):
			theirs = true
		case strings.HasPrefix(line, "--"):
			theirs = false
		case theirs:
			for _, word := range strings.Fields(line) {
				w.tested[word] = true
			}
		}
	}
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// of gives iproute2's word for a key of a section; "-" says that it has none.
func (w *words) of(path, key string) (word string, known bool) {
	full := path + "." + key
	option := strings.TrimPrefix(full, "link.NAME.")
	if word, ok := w.own[option]; ok {
		w.used[option] = true
		return word, true
	}
	if word, ok := w.cases[option]; ok {
		return word, true
	}
	return key, w.tested[key]
}

// A page is the reference in the making.
type page struct {
	text     bytes.Buffer
	words    *words
	wordless []string
}

func (p *page) intro() {
	p.text.WriteString(`# router.toml

All tables and keys of the file, made from the rows that the program itself reads them with; ` + "`bootlink schema`" + ` prints
the same as a JSON Schema. A key that is not there is left alone. What a change costs: nothing is said where it
is made while the link works; *down*: the link is down meanwhile; *detach*: its ports leave it, too; *anew*: it is
deleted and made again. ` + "`bootlink apply --max-disruption`" + ` refuses what costs too much.

`)
}

func (p *page) section(s *section, path string) {
	if s.key != "" {
		path = strings.TrimPrefix(path+"."+s.name(), ".")
		fmt.Fprintf(&p.text, "## %s\n\n%s.%s\n\n", s.heading(path), sentence(s.doc), needs(s.kconfig, s.since))
	}
	p.table(s.rows, path)
	for _, name := range slices.Sorted(maps.Keys(s.kinds)) {
		k := s.kinds[name]
		fmt.Fprintf(&p.text, "### %s with kind = %q\n\n", s.heading(path), name)
		if k.Kconfig != "" {
			fmt.Fprintf(&p.text, "%s\n\n", strings.TrimSpace(needs(k.Kconfig, "")))
		}
		p.table(k.Rows, path+"."+name)
	}
	if s.free != nil {
		fmt.Fprintf(&p.text, "Any key: %s, %s.\n\n", s.free.Doc, s.free.Form.Name)
	}
	for i := range s.below {
		p.section(&s.below[i], path)
	}
}

func (s *section) name() string {
	if s.key == "*" {
		return "NAME"
	}
	return s.key
}

// heading is the section as one writes it.
func (s *section) heading(path string) string {
	switch within, key, _ := strings.Cut(path, ".NAME."); {
	case s.list && key != "":
		return fmt.Sprintf("[%s.NAME] %s = [ { ... } ]", within, key)
	case s.list:
		return "[[" + path + "]]"
	}
	return "[" + path + "]"
}

// sentence begins a line of a row or section; none may lack.
func sentence(doc string) string {
	if doc == "" {
		return "UNDOCUMENTED"
	}
	return strings.ToUpper(doc[:1]) + doc[1:]
}

func needs(kconfig, since string) string {
	text := ""
	if kconfig != "" {
		text += " Needs " + kconfig + "."
	}
	if since != "" {
		text += " Since Linux " + since + "."
	}
	return text
}

func (p *page) table(rows rowTable, path string) {
	seen := map[string]bool{}
	shown := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool {
		twice := seen[r.Key] // the kernel tells it in another attribute
		seen[r.Key] = true
		return r.Hidden || twice
	})
	if len(shown) == 0 {
		return
	}
	p.text.WriteString("| key | value | of a new one | change | iproute2 | |\n|---|---|---|---|---|---|\n")
	for i := range shown {
		r := &shown[i]
		fmt.Fprintf(&p.text, "| `%s` | %s | %s | %s | %s | %s |\n", r.Key, r.valueText(), r.initialText(), r.costText(), p.word(path, r.Key), escape(sentence(r.Doc)+"."+needs(r.Kconfig, r.Since())))
	}
	p.text.WriteString("\n")
}

func (p *page) word(path, key string) string {
	kernel := strings.HasPrefix(path, "link.NAME") && !strings.HasPrefix(path, "link.NAME.match") || LookupSpec(Class(strings.Split(path, ".")[0])) != nil || path == "route"
	if !kernel {
		return ""
	}
	word, known := p.words.of(path, key)
	if !known {
		p.wordless = append(p.wordless, strings.TrimPrefix(path+"."+key, "link.NAME."))
	}
	if word == "-" {
		return ""
	}
	return "`" + escape(word) + "`"
}

// valueText says what the value may be, and its unit.
func (r *Row) valueText() string {
	text := r.Form.Name
	switch {
	case r.Form == Integer || r.Form == Hex:
		text = fmt.Sprintf("%d to %d", r.Min, r.max())
	case r.worded():
		text = "`" + strings.Join(wordNames(r.Enum), "`, `") + "`"
	case r.Form == String && r.Max > 0:
		text = fmt.Sprintf("string of at most %d bytes", r.Max)
	}
	if !strings.Contains(text, r.Unit) {
		text += " " + r.Unit
	}
	return escape(text)
}

func (r *Row) initialText() string {
	switch {
	case r.rare().Need != "":
		return "must be said"
	case r.Default != "" && r.Default != noLimit && !r.Secret:
		return "`" + escape(r.Default) + "`"
	}
	return ""
}

func (r *Row) costText() string {
	switch {
	case r.Cost == Live && r.rare().Fixed != "":
		return "anew, to or from `" + r.rare().Fixed + "`"
	case r.Cost == Recreate:
		return "anew"
	case r.Cost == Live:
		return ""
	}
	return r.Cost.String()
}

func escape(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
