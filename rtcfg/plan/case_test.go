package plan_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"
)

var update = flag.Bool("update", false, "write what comes out into testdata; then read the difference")

// A case is a file of testdata with the sections
//
//	-- router.toml --  what is desired
//	-- have --         what was observed, an object a line: "link eth0 mtu=1500", "ours address 10.0.0.1/24 dev=eth0"; % is a blank;
//	             "lacks link br0" says that the kernel cannot have it
//	-- owned --        what the state file says: "made link br0", "before link eth0 mtu=1500"
//	-- plan --         the plan with places and inverses, what is remembered after it, or the error
type testCase struct {
	name     string
	sections map[string]string
}

var sectionNames = []string{"router.toml", "have", "owned", "plan"}

func cases(t *testing.T) (list []testCase) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 30 {
		t.Fatalf("testdata: %d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := testCase{name: file, sections: map[string]string{}}
		for i, name := range sectionNames {
			_, rest, ok := strings.Cut("\n"+string(text), "\n-- "+name+" --\n")
			if !ok && !*update {
				t.Fatalf("%s has no %s", file, name)
			}
			for _, next := range sectionNames[i+1:] {
				rest, _, _ = strings.Cut("\n"+rest, "\n-- "+next+" --\n")
				rest = strings.TrimPrefix(rest, "\n")
			}
			c.sections[name] = rest
		}
		list = append(list, c)
	}
	return list
}

// save writes the case with what came out.
func (c *testCase) save(t *testing.T, got string) {
	t.Helper()
	text, err := os.ReadFile(c.name)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(text), "-- plan --\n")
	if err := os.WriteFile(c.name, []byte(strings.TrimRight(head, "\n")+"\n-- plan --\n"+got), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestCases(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(strings.TrimSuffix(filepath.Base(c.name), ".txt"), func(t *testing.T) {
			want, have, owned := c.want(t, c.sections["router.toml"]), c.have(t), c.owned(t)
			got := drawPlan(plan.Make(want, have, owned))
			if *update {
				c.save(t, got)
			} else if got != c.sections["plan"] {
				t.Errorf("%s gives\n%s\nwant\n%s", c.name, got, c.sections["plan"])
			}
			if !reflect.DeepEqual(want, c.want(t, c.sections["router.toml"])) || !reflect.DeepEqual(have, c.have(t)) || !reflect.DeepEqual(owned, c.owned(t)) {
				t.Errorf("%s: planning changed what it was given", c.name)
			}
		})
	}
}

// TestFileOrder: the steps are the same whatever the order of the tables, and
// each comes after what it needs.
func TestFileOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range cases(t) {
		first, err := plan.Make(c.want(t, c.sections["router.toml"]), c.have(t), c.owned(t))
		if err != nil {
			continue // which of two faults is told may depend on the order
		}
		for range 10 {
			tables := strings.Split(c.sections["router.toml"], "\n\n")
			random.Shuffle(len(tables)-1, func(i, j int) { tables[i+1], tables[j+1] = tables[j+1], tables[i+1] })
			config := strings.Join(tables, "\n\n")
			p, err := plan.Make(c.want(t, config), c.have(t), c.owned(t))
			if err != nil {
				t.Fatalf("%s: in another order: %v", c.name, err)
			}
			if got, want := stepSet(p), stepSet(first); !slices.Equal(got, want) {
				t.Fatalf("%s: in another order:\n%s\nthe steps are\n%s\nand not\n%s", c.name, config, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

// stepSet gives the steps without their order.
func stepSet(p *plan.Plan) []string {
	var set []string
	for i := range p.Steps {
		set = append(set, p.Steps[i].String())
	}
	slices.Sort(set)
	return set
}

func drawPlan(p *plan.Plan, err error) string {
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var b strings.Builder
	b.WriteString(p.Text(true))
	for _, id := range object.SortedIDs(p.Owned.Made) {
		fmt.Fprintf(&b, "     made %s\n", id)
	}
	for _, id := range object.SortedIDs(p.Owned.Before) {
		fmt.Fprintf(&b, "     before %s%s\n", id, drawValues(p.Owned.Before[id]))
	}
	return b.String()
}

func drawValues(v object.Values) string {
	var b strings.Builder
	for _, key := range v.Keys() {
		fmt.Fprintf(&b, " %s=%s", key, v.Get(key))
	}
	return b.String()
}

func (c *testCase) want(t *testing.T, config string) *object.Desired {
	t.Helper()
	root, faults := conf.Parse("f", []byte(config))
	want, more := object.Read("f", root)
	if err := append(faults, more...).Err(); err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	return want
}

// have reads the observed objects. Links get the values that the kernel always
// tells.
func (c *testCase) have(t *testing.T) *object.Snapshot {
	t.Helper()
	s := &object.Snapshot{Objects: map[object.ID]*object.Object{}, Lacking: map[object.ID]string{}}
	for line := range strings.Lines(c.sections["have"]) {
		if id, lacks := strings.CutPrefix(strings.TrimSpace(line), "lacks "); lacks {
			class, name, _ := strings.Cut(id, " ")
			s.Lacking[object.ID{Class: object.Class(class), Name: name}] = "another kernel"
			continue
		}
		ours := strings.HasPrefix(line, "ours ")
		words := strings.Fields(strings.TrimPrefix(line, "ours "))
		if len(words) == 0 {
			continue
		}
		o := &object.Object{Values: parseValues(words[2:]), Ours: ours}
		if err := o.Class.UnmarshalText([]byte(words[0])); err != nil {
			t.Fatalf("%s: %s: %v", c.name, line, err)
		}
		if spec := object.LookupSpec(o.Class); spec != nil {
			o.Values.Set(spec.Key[0], words[1])
			o.ID = spec.Settled(o.Values).ID
		} else {
			readers[o.Class](o, words[1])
		}
		if o.Class == object.Link {
			o.Index = uint32(len(s.Objects) + 1)
		}
		s.Objects[o.ID] = o
	}
	return s
}

var readers = map[object.Class]func(*object.Object, string){
	object.Link: func(o *object.Object, name string) {
		o.ID.Name = name
		o.Values.Set("name", name)
		for key, field := range map[string]*string{"device": &o.Device, "bus": &o.Bus, "port": &o.Port} {
			*field = o.Values.Get(key)
			o.Values.Drop(key)
		}
		o.Abroad = o.Values.Get("abroad") == "true"
		o.Values.Drop("abroad")
		fill(o.Values, object.NewValues("master", "", "alias", "", "up", "false", "mtu", "1500", "txqueuelen", "1000", "group", "0", "carrier", "true"))
	},
	object.Address: func(o *object.Object, local string) {
		o.Values.Set("local", local)
		fill(o.Values, object.NewValues("proto", "0"))
		o.ID = object.AddressSpec().Settled(o.Values).ID
	},
	object.Route: func(o *object.Object, to string) {
		o.Values.Set("to", to)
		o.ID = object.RouteSpec().Settled(o.Values).ID
	},
	object.Sysctl: func(o *object.Object, path string) { o.ID = object.SysctlID(path) },
}

func fill(v, defaults object.Values) {
	for _, p := range defaults.Pairs() {
		if !v.Has(p.Key) {
			v.Set(p.Key, p.Text)
		}
	}
}

func parseValues(words []string) object.Values {
	v := object.NewValues()
	for _, w := range words {
		key, text, _ := strings.Cut(w, "=")
		v.Set(key, strings.ReplaceAll(text, "%", " "))
	}
	return v
}

// owned reads what is remembered.
func (c *testCase) owned(t *testing.T) *object.Owned {
	t.Helper()
	o := object.NewOwned()
	for line := range strings.Lines(c.sections["owned"]) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		var id object.ID
		if err := id.Class.UnmarshalText([]byte(words[1])); err != nil {
			t.Fatalf("%s: %s: %v", c.name, line, err)
		}
		rest := words[2:]
		values := slices.DeleteFunc(slices.Clone(rest), func(w string) bool {
			key, _, assigned := strings.Cut(w, "=")
			return !assigned || key != strings.ToLower(key) // wireguard's keys may end in "="
		})
		id.Name = strings.Join(rest[:len(rest)-len(values)], " ")
		switch words[0] {
		case "made":
			index, _ := strconv.Atoi(parseValues(values).Get("index"))
			o.Made[id] = uint32(index)
		case "before":
			o.Before[id] = parseValues(values)
		default:
			t.Fatalf("%s: %s", c.name, line)
		}
	}
	return o
}
