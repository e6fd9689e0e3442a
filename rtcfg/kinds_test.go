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
			w := &changing{world: &world{Namespace: lab.New(t), t: t, dir: t.TempDir()}}
			w.Lines("link add v0 type veth peer name w0\nlink add v1 type veth peer name w1\nlink add br0 type bridge")
			for _, r := range append(c.Rows, common(c)...) {
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

// common are rows that every link has, with values that no new link has.
func common(c lab.KindCase) (rows []lab.KindRow) {
	values := map[string]string{"mtu": "1340", "txqueuelen": "77", "alias": "a note", "group": "9", "arp": "true", "multicast": "true", "allmulticast": "true",
		"promisc": "true", "dynamic": "true", "addrgenmode": "none", "gso_max_segs": "100"}
	if text, _ := object.Default(c.Kind, "arp"); text == "true" {
		values["arp"], values["multicast"] = "false", "false"
	}
	if strings.Contains(" bridge vlan dummy bond macvlan macvtap vxlan geneve gretap ip6gretap vrf ", " "+c.Kind+" ") {
		values["address"] = "02:00:00:00:00:77"
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		rows = append(rows, lab.KindRow{Key: key, Text: values[key], Values: c.Values})
	}
	return rows
}

// changing is a world that goes from one file to another.
type changing struct {
	*world
	there string // the file that is in force
}

// to applies a file, unless it is in force.
func (w *changing) to(file string) {
	w.t.Helper()
	if file == w.there {
		return
	}
	w.there = ""
	w.apply(desired(w.t, file))
	w.there = file
}

// change goes from the case's link to the one with the row's value and back.
func (w *changing) change(c *lab.KindCase, r *lab.KindRow) {
	base, with := maps.Clone(c.Values), maps.Clone(r.Values)
	for key, text := range r.Values { // what the value needs is there before it, where that can be
		if base[key] == "" && !r.Whole && !object.IsPortKey(key) {
			base[key] = text
		}
	}
	with[r.Key] = r.Text
	first, second := kindFile(c.Kind, base), kindFile(c.Kind, with)
	if w.lacks(r, first) {
		return
	}
	w.to(first)
	m := w.open(desired(w.t, second))
	defer m.Close()
	p, err := m.Plan(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if got, want := p.Outages()[kindLink(r.Key)], costOf(c.Kind, r, base); got != want && !r.Made {
		w.t.Errorf("the plan says that it costs %s; the row says %s:\n%s", got, want, p.Text(false))
	}
	if w.lacks(r, second) {
		return
	}
	w.to(second)
	w.to(first)
}

// kindLink is the link that has a row's value.
func kindLink(key string) string {
	if object.IsPortKey(key) {
		return "v0"
	}
	return "x"
}

// costOf is what the rows say of a change to the row's values.
func costOf(kind string, r *lab.KindRow, base map[string]string) (cost object.Cost) {
	values, have := maps.Clone(r.Values), object.ValuesOf(base)
	values[r.Key] = r.Text
	if k := object.LookupKind(kind); k.Derive != nil {
		k.Derive(have, kind+".")
	}
	for key, text := range values {
		row := object.LinkRow(key)
		was, known := have.Lookup(key)
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
func (w *changing) lacks(r *lab.KindRow, file string) bool {
	w.t.Helper()
	var special []string
	for key := range r.Values {
		special = append(special, object.LinkRow(key).Kconfig+object.LinkRow(key).Since())
	}
	if row := object.LinkRow(r.Key); row != nil {
		special = append(special, row.Kconfig+row.Since())
	}
	if strings.Join(special, "") == "" {
		return false
	}
	w.there = ""
	m := w.open(desired(w.t, file))
	defer m.Close()
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
func kindFile(kind string, values map[string]string) string {
	own, port, top := map[string]string{}, map[string]string{}, ""
	for _, key := range slices.Sorted(maps.Keys(values)) {
		text := values[key]
		switch {
		case object.IsPortKey(key):
			port[key] = text
		case strings.Contains(key, "."):
			own[key] = text
		default:
			top += fmt.Sprintf("%s = %s\n", key, tomlValue(object.LinkRow(key), text))
		}
	}
	master, other := "", ""
	if len(port) > 0 || kind == "bond" || kind == "vrf" {
		other = "master = \"x\"\n"
		master = other + kindTable(kind+"_port", port)
	}
	return fmt.Sprintf("[link.br0]\n[link.v0]\naddresses = [\"10.0.0.1/24\", \"fd00::1/64\"]\n%s[link.v1]\n%s[link.x]\nkind = %q\naddresses = [\"10.9.0.1/24\", \"fd00:9::1/64\"]\n%s%s",
		master, other, kind, top, kindTable(kind, own))
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
