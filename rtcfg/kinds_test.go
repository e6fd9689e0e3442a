package rtcfg

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

// In a guest whose kernel has all kinds: -kinds all
var kindsAsked = flag.String("kinds", "bridge macvlan vxlan ifb", "kinds whose rows TestChange tries, or all")

// TestChange gives a link that is up each value of object/testdata/kinds.txt
// with a second file, and takes it back with a third: it costs what the row says,
// and then nothing is left to write.
func TestChange(t *testing.T) {
	for i, c := range lab.KindCases(t, "object/testdata/kinds.txt") {
		if *kindsAsked != "all" && !slices.Contains(strings.Fields(*kindsAsked), c.Kind) {
			continue
		}
		t.Run(fmt.Sprintf("%d-%s", i, c.Kind), func(t *testing.T) {
			t.Parallel()
			w := &world{Namespace: lab.New(t), t: t, dir: t.TempDir()}
			w.Lines("link add v0 type veth peer name v1\nlink add br0 type bridge")
			for _, r := range append(c.Rows, lab.KindRow{Values: c.Values}) {
				t.Run(strings.ReplaceAll(r.Key+"="+r.Text, "/", "-"), func(t *testing.T) {
					w.t = t
					w.change(&c, &r)
				})
			}
			w.t = t
			w.apply(desired(t, ""))
		})
	}
}

// change goes from the case's link to the one with the row's value and back.
func (w *world) change(c *lab.KindCase, r *lab.KindRow) {
	base, with := maps.Clone(c.Values), maps.Clone(r.Values)
	for key, text := range r.Values { // what the value needs is there before it, where that can be
		if base[key] == "" && !object.IsPortKey(key) {
			base[key] = text
		}
	}
	for key := range base {
		if r.Values[key] == "" && object.LinkRow(key).Cost < object.Recreate {
			delete(base, key)
		}
	}
	if r.Key != "" {
		with[r.Key] = r.Text
	}
	first, second := kindFile(w.t, c.Kind, base), kindFile(w.t, c.Kind, with)
	if w.lacks(r, first) {
		return
	}
	w.apply(first)
	p, err := w.open(second).Plan(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if got, want := p.Outages()[kindLink(r.Key)], costOf(r, base); got != want && !r.Made {
		w.t.Errorf("the plan says that it costs %s; the row says %s:\n%s", got, want, p.Text(false))
	}
	if w.lacks(r, second) {
		return
	}
	w.apply(second)
	w.apply(first)
}

// kindLink is the link that has a row's value.
func kindLink(key string) string {
	if object.IsPortKey(key) {
		return "v0"
	}
	return "x"
}

// costOf is what the rows say of a change to the row's values.
func costOf(r *lab.KindRow, base map[string]string) (cost object.Cost) {
	if r.Key == "" {
		return object.Live
	}
	values := maps.Clone(r.Values)
	values[r.Key] = r.Text
	kind, _, _ := strings.Cut(r.Key, ".")
	for key, text := range values {
		row := object.LinkRow(key)
		was, known := base[key]
		if !known {
			was, _ = object.Default(kind, key)
		}
		if !row.Equal(text, was) {
			cost = max(cost, row.CostOf(was, text))
		}
	}
	return cost
}

// lacks tells a value that this kernel is too old for, or was built without.
func (w *world) lacks(r *lab.KindRow, want *object.Desired) bool {
	w.t.Helper()
	var special []string
	for key := range r.Values {
		special = append(special, object.LinkRow(key).Kconfig+object.LinkRow(key).Since)
	}
	if row := object.LinkRow(r.Key); row != nil {
		special = append(special, row.Kconfig+row.Since)
	}
	if strings.Join(special, "") == "" {
		return false
	}
	m := w.open(want)
	_, err := m.Apply(w.t.Context(), ApplyOptions{MaxDisruption: object.Recreate})
	var lack *kernel.LackError
	var unsettled *VerifyError
	if errors.As(err, &lack) || errors.As(err, &unsettled) || errors.Is(err, unix.EINVAL) {
		w.t.Logf("not here (%s): %v", strings.Join(special, " "), err)
		return true
	}
	return false
}

// kindFile writes a file with a link of the kind.
func kindFile(t *testing.T, kind string, values map[string]string) *object.Desired {
	t.Helper()
	own, port := map[string]string{}, map[string]string{}
	for key, text := range values {
		if object.IsPortKey(key) {
			port[key] = text
		} else {
			own[key] = text
		}
	}
	master, other := "", ""
	if len(port) > 0 || kind == "bond" || kind == "vrf" {
		other = "master = \"x\"\n"
		master = other + kindTable(kind+"_port", port)
	}
	return desired(t, fmt.Sprintf("[link.br0]\n[link.v0]\naddresses = [\"10.0.0.1/24\", \"fd00::1/64\"]\n%s[link.v1]\n%s[link.x]\nkind = %q\naddresses = [\"10.9.0.1/24\", \"fd00:9::1/64\"]\n%s",
		master, other, kind, kindTable(kind, own)))
}

func kindTable(name string, values map[string]string) string {
	if len(values) == 0 {
		return ""
	}
	var list []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		_, option, _ := strings.Cut(key, ".")
		list = append(list, option+" = "+tomlValue(object.LinkRow(key), values[key]))
	}
	return fmt.Sprintf("%s = { %s }\n", name, strings.Join(list, ", "))
}

// tomlValue writes a value as its row reads it.
func tomlValue(r *object.Row, text string) string {
	_, err := strconv.ParseInt(text, 0, 64)
	switch {
	case strings.HasPrefix(r.Form.Name, "list"):
		return `["` + strings.ReplaceAll(text, " ", `", "`) + `"]`
	case r.Form.Name == object.Boolean.Name, err == nil:
		return text
	}
	return strconv.Quote(text)
}
