package object_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"
)

// In a guest whose kernel has all kinds: -kinds all
var kindsAsked = flag.String("kinds", "bridge macvlan vxlan ifb", "kinds whose rows TestKinds tries, or all")

const kindsFile = "testdata/kinds.txt"

// A kindCase is a section of testdata/kinds.txt:
//
//	== vxlan id=7 remote=10.0.0.9 | id 7 remote 10.0.0.9
//	id=8 | id 8
//	vnifilter=true | external vnifilter | external=true id=
//
// It begins with a kind, its values in every link of the case, and iproute2's
// words for them. A line is a row's value, iproute2's words for
// it if they are not just the key and the value, other values than the case's
// that it needs, empty ones meaning none, and "made" if it is not to be tried later.
type kindCase struct {
	kind   string
	link   []string // what iproute2 wants before "type"
	values object.Values
	words  []string
	rows   []kindRow
}

type kindRow struct {
	key, text string
	words     []string
	values    object.Values
	whole     bool // words replace those of the case
	made      bool // do not try to change it: kinds with the same rows differ
}

func kindCases(t *testing.T) (list []kindCase) {
	t.Helper()
	text, err := os.ReadFile(kindsFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range strings.Split("\n"+string(text), "\n== ")[1:] {
		lines := strings.Split(strings.TrimSpace(section), "\n")
		c := kindCase{}
		head := fields(lines[0])
		words := strings.Fields(head[0])
		c.kind = words[0]
		c.values = assignments(c.kind, words[1:])
		c.words = strings.Fields(head[len(head)-1])
		if len(head) == 3 {
			c.link = strings.Fields(head[1])
		} else if len(head) == 1 {
			c.words = nil
		}
		for _, line := range lines[1:] {
			c.rows = append(c.rows, c.row(line))
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
func assignments(kind string, words []string) object.Values {
	v := object.Values{}
	for _, w := range words {
		key, text, _ := strings.Cut(w, "=")
		v[kind+"."+key] = text
	}
	return v
}

func (c *kindCase) row(line string) kindRow {
	parts := fields(line)
	key, text, _ := strings.Cut(parts[0], "=")
	r := kindRow{key: c.kind + "." + key, text: text, words: []string{key, text}, values: maps.Clone(c.values)}
	prefix := c.kind
	if port, ok := strings.CutPrefix(key, "port."); ok {
		prefix += "_port"
		r.key, r.words[0] = prefix+"."+port, port
	}
	if len(parts) > 1 {
		r.words = strings.Fields(parts[1])
	}
	if len(parts) > 2 {
		for key, text := range assignments(prefix, strings.Fields(parts[2])) {
			r.whole = r.whole || text == ""
			if r.values[key] = text; text == "" {
				delete(r.values, key)
			}
		}
	}
	r.made = len(parts) > 3
	return r
}

// theirs is iproute2's command that makes the link with the row's value.
func (c *kindCase) theirs(r *kindRow) []string {
	link, words := c.link, c.words
	if r != nil && r.key == c.kind+".link" {
		link = []string{"link", r.text}
	} else if len(r.words) > 0 {
		if r.whole {
			words = nil
		}
		words = append(without(words, r.words[0]), r.words...)
	}
	return append(append(append([]string{"link", "add"}, link...), "x", "type", c.kind), words...)
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

// TestKinds tries every row of the kinds: iproute2 makes the link and we read
// it; we make it and iproute2 sees no difference; and changing a link later goes
// as the row's cost says.
func TestKinds(t *testing.T) {
	for _, c := range kindCases(t) {
		if *kindsAsked != "all" && !strings.Contains(" "+*kindsAsked+" ", " "+c.kind+" ") {
			continue
		}
		t.Run(c.kind, func(t *testing.T) {
			w := newWire(t)
			w.names = maps.Clone(w.names)
			w.Lines("address add 10.0.0.1/24 dev v0\naddress add fd00::1/64 dev v0 nodad")
			if len(c.rows) == 0 {
				c.made(t, w, &kindRow{values: object.Values{}, key: "kind", text: c.kind})
			}
			for _, r := range c.rows {
				name := strings.ReplaceAll(r.key+"="+r.text, "/", "-")
				t.Run(name, func(t *testing.T) {
					w.t = t
					if strings.HasPrefix(r.key, c.kind+"_port.") {
						c.port(t, w, &r)
						return
					}
					c.made(t, w, &r)
					if !r.made {
						c.changed(t, w, &r)
					}
				})
			}
		})
	}
}

// made compares iproute2's link with ours.
func (c *kindCase) made(t *testing.T, w *wire, r *kindRow) {
	t.Helper()
	if out, err := w.Try(c.theirs(r)...); err != nil {
		c.lacks(t, r, fmt.Errorf("%v: %s", err, out))
		return
	}
	theirs, read := w.view(), w.link("x")
	w.IP("link", "del", "x")
	row := object.LinkRow(r.key)
	if got, shown := read.Values[r.key]; !shown && row != nil && row.Kconfig != "" {
		c.lacks(t, r, errors.New("the kernel passes it over"))
		return
	} else if row != nil && !row.Equal(r.text, got) {
		t.Errorf("%s: we read %q; want %q", strings.Join(c.theirs(r), " "), read.Values[r.key], r.text)
	}
	values := maps.Clone(r.values)
	if values[r.key] = r.text; r.key == "kind" {
		delete(values, "kind")
	}
	if err := c.make(w, values); err != nil {
		t.Fatalf("we make it: %v", err)
	}
	if diff := lab.Diff(theirs, w.view()); diff != "" {
		t.Errorf("iproute2's (-) and ours (+):\n%s", diff)
	}
	w.IP("link", "del", "x")
}

// lacks accepts an option that iproute2 or the kernel is too old for, or was
// built without: the row has to say so.
func (c *kindCase) lacks(t *testing.T, r *kindRow, err error) {
	t.Helper()
	row := object.LinkRow(r.key)
	if row == nil || row.Since == "" && row.Kconfig == "" {
		t.Errorf("iproute2: %v", err)
		return
	}
	t.Logf("not here (since %s, %s): %v", row.Since, row.Kconfig, err)
}

// make makes the link as a plan does: what is late comes afterwards.
func (c *kindCase) make(w *wire, values object.Values) error {
	first, late := object.Values{}, object.Values{}
	full := object.Values{"kind": c.kind}
	maps.Copy(full, values)
	if k := object.LookupKind(c.kind); k.Derive != nil {
		k.Derive(full, c.kind+".")
	}
	delete(full, "kind")
	for key, text := range full {
		if object.LinkRow(key).Late {
			late[key] = text
		} else {
			first[key] = text
		}
	}
	err := w.write(link(object.Create, "x", c.kind, first))
	if err == nil {
		w.names["x"] = w.link("x").Index
	}
	if err == nil && len(late) > 0 {
		err = w.write(link(object.Change, "x", c.kind, late))
	}
	return err
}

// changed makes the link without the value and sets it afterwards: the kernel
// must take that, or refuse it where the row says that it costs a new link.
func (c *kindCase) changed(t *testing.T, w *wire, r *kindRow) {
	t.Helper()
	row := object.LinkRow(r.key)
	if err := c.make(w, r.values); err != nil {
		t.Logf("cannot be without it: %v", err)
		return
	}
	defer w.IP("link", "del", "x")
	before := w.link("x").Values
	change := object.Values{r.key: r.text}
	if k := object.LookupKind(c.kind); k.Derive != nil {
		change["kind"] = c.kind
		k.Derive(change, c.kind+".")
		delete(change, "kind")
	}
	o := link(object.Change, "x", c.kind, change)
	o.Along = object.Others(c.kind, change, before)
	err := w.write(o)
	after := w.link("x").Values
	works := err == nil && row.Equal(r.text, after[r.key])
	switch {
	case row.Since != "" || row.Kconfig != "":
	case works && row.CostOf(before[r.key], r.text) == object.Recreate && !row.Equal(r.text, before[r.key]):
		t.Errorf("the kernel changes it in place; the row says %s", row.Cost)
	case !works && row.CostOf(before[r.key], r.text) < object.Recreate:
		t.Errorf("set to %s later: %v, it is %q then; the row says %s", r.text, err, after[r.key], row.Cost)
	}
}

// port compares an option of a port.
func (c *kindCase) port(t *testing.T, w *wire, r *kindRow) {
	t.Helper()
	view := func(set func() error) (string, object.Values, error) {
		if err := c.make(w, r.values); err != nil {
			t.Fatal(err)
		}
		defer w.IP("link", "del", "x")
		w.IP("link", "set", "v0", "down")
		w.IP("link", "set", "v0", "master", "x")
		w.IP("link", "set", "v1", "master", "x")
		err := set()
		return w.viewOf("v0"), w.link("v0").Values, err
	}
	theirs, read, err := view(func() error {
		out, err := w.Try(append([]string{"link", "set", "v0", "type", c.kind + "_slave"}, r.words...)...)
		if err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
		return err
	})
	if err != nil {
		c.lacks(t, r, err)
		return
	}
	if !object.LinkRow(r.key).Equal(r.text, read[r.key]) {
		t.Errorf("iproute2 sets %v, we read %q; want %q", r.words, read[r.key], r.text)
	}
	ours, _, err := view(func() error {
		change := maps.Clone(r.values)
		clear(change)
		for key, text := range r.values {
			if strings.HasPrefix(key, c.kind+"_port.") {
				change[key] = text
			}
		}
		change[r.key] = r.text
		return w.write(link(object.Change, "v0", "veth", change))
	})
	if err != nil {
		t.Errorf("we set it: %v", err)
	}
	if diff := lab.Diff(theirs, ours); diff != "" {
		t.Errorf("iproute2's (-) and ours (+):\n%s", diff)
	}
}

// view draws what iproute2 shows of the kind's options.
func (w *wire) view() string { return w.viewOf("x") }

func (w *wire) viewOf(name string) string {
	w.t.Helper()
	var lines []string
	for key, v := range w.Link(name) {
		if strings.HasPrefix(key, "linkinfo.") && !volatileKind[key[strings.LastIndex(key, ".")+1:]] || key == "link" {
			lines = append(lines, fmt.Sprintf("%s %v\n", key, v))
		}
	}
	return strings.Join(lines, "")
}

// volatileKind are fields that change by themselves.
var volatileKind = map[string]bool{"hello_timer": true, "tcn_timer": true, "topology_change_timer": true, "gc_timer": true, "bridge_id": true, "root_id": true,
	"root_path_cost": true, "designated_bridge": true, "designated_root": true, "designated_cost": true, "message_age_timer": true, "forward_delay_timer": true, "hold_timer": true, "state": true,
	"perm_hwaddr": true, "link_failure_count": true, "ad_info": true, "designated_port": true, "id": false, "no": true, "aggregator_id": true, "mii_status": true, "port_id": true, "port_no": true}
