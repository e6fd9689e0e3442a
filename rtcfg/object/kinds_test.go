package object_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"strings"
	"testing"

	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"
)

// In a guest whose kernel has all kinds: -kinds all
var kindsAsked = flag.String("kinds", "bridge macvlan vxlan ifb", "kinds whose rows TestKinds tries, or all")

const kindsFile = "testdata/kinds.txt"

type kindCase struct{ lab.KindCase }

// TestKinds tries every row of the kinds: iproute2 makes the link and we read
// it; we make it and iproute2 sees no difference; and changing a link later goes
// as the row's cost says.
func TestKinds(t *testing.T) {
	for _, k := range lab.KindCases(t, kindsFile) {
		c := &kindCase{k}
		if *kindsAsked != "all" && !strings.Contains(" "+*kindsAsked+" ", " "+c.Kind+" ") {
			continue
		}
		t.Run(c.Kind, func(t *testing.T) {
			w := newWire(t)
			w.names = maps.Clone(w.names)
			w.Lines("address add 10.0.0.1/24 dev v0\naddress add fd00::1/64 dev v0 nodad")
			if len(c.Rows) == 0 {
				c.made(t, w, &lab.KindRow{Values: object.Values{}, Key: "kind", Text: c.Kind})
			}
			for _, r := range c.Rows {
				name := strings.ReplaceAll(r.Key+"="+r.Text, "/", "-")
				t.Run(name, func(t *testing.T) {
					w.t = t
					if strings.HasPrefix(r.Key, c.Kind+"_port.") {
						c.port(t, w, &r)
						return
					}
					c.made(t, w, &r)
					if !r.Made {
						c.changed(t, w, &r)
					}
				})
			}
		})
	}
}

// made compares iproute2's link with ours.
func (c *kindCase) made(t *testing.T, w *wire, r *lab.KindRow) {
	t.Helper()
	if out, err := w.Try(c.Theirs(r)...); err != nil {
		c.lacks(t, r, fmt.Errorf("%v: %s", err, out))
		return
	}
	theirs, read := w.view(), w.link("x")
	w.IP("link", "del", "x")
	row := object.LinkRow(r.Key)
	if got, shown := read.Values[r.Key]; !shown && row != nil && row.Kconfig != "" {
		c.lacks(t, r, errors.New("the kernel passes it over"))
		return
	} else if row != nil && !row.Equal(r.Text, got) {
		t.Errorf("%s: we read %q; want %q", strings.Join(c.Theirs(r), " "), read.Values[r.Key], r.Text)
	}
	values := maps.Clone(r.Values)
	if values[r.Key] = r.Text; r.Key == "kind" {
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
func (c *kindCase) lacks(t *testing.T, r *lab.KindRow, err error) {
	t.Helper()
	row := object.LinkRow(r.Key)
	if row == nil || row.Since == "" && row.Kconfig == "" {
		t.Errorf("iproute2: %v", err)
		return
	}
	t.Logf("not here (since %s, %s): %v", row.Since, row.Kconfig, err)
}

// make makes the link as a plan does: what is late comes afterwards.
func (c *kindCase) make(w *wire, values object.Values) error {
	first, late := object.Values{}, object.Values{}
	full := object.Values{"kind": c.Kind}
	maps.Copy(full, values)
	if k := object.LookupKind(c.Kind); k.Derive != nil {
		k.Derive(full, c.Kind+".")
	}
	delete(full, "kind")
	for key, text := range full {
		if object.LinkRow(key).Late {
			late[key] = text
		} else {
			first[key] = text
		}
	}
	err := w.write(link(object.Create, "x", c.Kind, first))
	if err == nil {
		w.names["x"] = w.link("x").Index
	}
	if err == nil && len(late) > 0 {
		err = w.write(link(object.Change, "x", c.Kind, late))
	}
	return err
}

// changed makes the link without the value and sets it afterwards: the kernel
// must take that, or refuse it where the row says that it costs a new link.
func (c *kindCase) changed(t *testing.T, w *wire, r *lab.KindRow) {
	t.Helper()
	row := object.LinkRow(r.Key)
	if err := c.make(w, r.Values); err != nil {
		t.Logf("cannot be without it: %v", err)
		return
	}
	defer w.IP("link", "del", "x")
	before := w.link("x").Values
	change := object.Values{r.Key: r.Text}
	if k := object.LookupKind(c.Kind); k.Derive != nil {
		change["kind"] = c.Kind
		k.Derive(change, c.Kind+".")
		delete(change, "kind")
	}
	o := link(object.Change, "x", c.Kind, change)
	o.Along = object.Others(c.Kind, change, before)
	err := w.write(o)
	after := w.link("x").Values
	works := err == nil && row.Equal(r.Text, after[r.Key])
	switch {
	case row.Since != "" || row.Kconfig != "":
	case works && row.CostOf(before[r.Key], r.Text) == object.Recreate && !row.Equal(r.Text, before[r.Key]):
		t.Errorf("the kernel changes it in place; the row says %s", row.Cost)
	case !works && row.CostOf(before[r.Key], r.Text) < object.Recreate:
		t.Errorf("set to %s later: %v, it is %q then; the row says %s", r.Text, err, after[r.Key], row.Cost)
	}
}

// port compares an option of a port.
func (c *kindCase) port(t *testing.T, w *wire, r *lab.KindRow) {
	t.Helper()
	view := func(set func() error) (string, object.Values, error) {
		if err := c.make(w, r.Values); err != nil {
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
		out, err := w.Try(append([]string{"link", "set", "v0", "type", c.Kind + "_slave"}, r.Words...)...)
		if err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
		return err
	})
	if err != nil {
		c.lacks(t, r, err)
		return
	}
	if !object.LinkRow(r.Key).Equal(r.Text, read[r.Key]) {
		t.Errorf("iproute2 sets %v, we read %q; want %q", r.Words, read[r.Key], r.Text)
	}
	ours, _, err := view(func() error {
		change := maps.Clone(r.Values)
		clear(change)
		for key, text := range r.Values {
			if strings.HasPrefix(key, c.Kind+"_port.") {
				change[key] = text
			}
		}
		change[r.Key] = r.Text
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
