package object_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"strings"
	"testing"

	"bootlink/nlcore"
	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
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
				c.made(t, w, &lab.KindRow{Values: map[string]string{}, Key: "kind", Text: c.Kind})
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
	shown, err := w.LinkAfter(t, "x", strings.Join(c.Theirs(r), " "))
	if err != nil {
		c.lacks(t, r, err)
		return
	}
	theirs, read := view(shown), w.link("x")
	w.remove("x")
	row := object.LinkRow(r.Key)
	if got, shown := read.Values.Lookup(r.Key); !shown && row != nil && row.Kconfig != "" {
		c.lacks(t, r, errors.New("the kernel passes it over"))
		return
	} else if row != nil && !row.Equal(r.Text, got) {
		t.Errorf("%s: we read %q; want %q", strings.Join(c.Theirs(r), " "), read.Values.Get(r.Key), r.Text)
	}
	values := object.ValuesOf(r.Values)
	if values.Set(r.Key, r.Text); r.Key == "kind" {
		values.Drop("kind")
	}
	if err := c.make(w, values); err != nil {
		t.Fatalf("we make it: %v", err)
	}
	if diff := lab.Diff(theirs, view(w.Link("x"))); diff != "" {
		t.Errorf("iproute2's (-) and ours (+):\n%s", diff)
	}
	w.remove("x")
}

// lacks accepts an option that iproute2 or the kernel is too old for, or was
// built without: the row has to say so.
func (c *kindCase) lacks(t *testing.T, r *lab.KindRow, err error) {
	t.Helper()
	row := object.LinkRow(r.Key)
	if row == nil || row.Since() == "" && row.Kconfig == "" {
		t.Errorf("iproute2: %v", err)
		return
	}
	t.Logf("not here (since %s, %s): %v", row.Since(), row.Kconfig, err)
}

// make makes the link as a plan does: what is late comes afterwards.
func (c *kindCase) make(w *wire, values object.Values) error {
	first, late := object.NewValues(), object.NewValues()
	full := object.NewValues("kind", c.Kind)
	full.Fill(values)
	if k := object.LookupKind(c.Kind); k.Derive != nil {
		k.Derive(full, c.Kind+".")
	}
	full.Drop("kind")
	for _, p := range full.Pairs() {
		if object.LinkRow(p.Key).Late {
			late.Set(p.Key, p.Text)
		} else {
			first.Set(p.Key, p.Text)
		}
	}
	err := w.write(link(object.Create, "x", c.Kind, first))
	if err == nil {
		w.names["x"] = w.link("x").Index
	}
	if err == nil && late.Len() > 0 {
		err = w.write(link(object.Change, "x", c.Kind, late))
	}
	return err
}

// changed makes the link without the value and sets it afterwards: the kernel
// must take that, or refuse it where the row says that it costs a new link.
func (c *kindCase) changed(t *testing.T, w *wire, r *lab.KindRow) {
	t.Helper()
	row := object.LinkRow(r.Key)
	if err := c.make(w, object.ValuesOf(r.Values)); err != nil {
		t.Logf("cannot be without it: %v", err)
		return
	}
	defer w.remove("x")
	before := w.link("x").Values
	change := object.NewValues(r.Key, r.Text)
	if k := object.LookupKind(c.Kind); k.Derive != nil {
		change.Set("kind", c.Kind)
		k.Derive(change, c.Kind+".")
		change.Drop("kind")
	}
	o := link(object.Change, "x", c.Kind, change)
	o.Along = object.Others(c.Kind, change, before)
	err := w.write(o)
	after := w.link("x").Values
	works := err == nil && row.Equal(r.Text, after.Get(r.Key))
	switch {
	case row.Since() != "" || row.Kconfig != "":
	case works && row.CostOf(before.Get(r.Key), r.Text) == object.Recreate && !row.Equal(r.Text, before.Get(r.Key)):
		t.Errorf("the kernel changes it in place; the row says %s", row.Cost)
	case !works && row.CostOf(before.Get(r.Key), r.Text) < object.Recreate:
		t.Errorf("set to %s later: %v, it is %q then; the row says %s", r.Text, err, after.Get(r.Key), row.Cost)
	}
}

// port compares an option of a port.
func (c *kindCase) port(t *testing.T, w *wire, r *lab.KindRow) {
	t.Helper()
	ports := []string{"link set v0 down", "link set v0 master x", "link set v1 master x"}
	slave := fmt.Sprintf("link set v0 type %s_slave %s", c.Kind, strings.Join(r.Words, " "))
	if err := c.make(w, object.ValuesOf(r.Values)); err != nil {
		t.Fatal(err)
	}
	shown, err := w.LinkAfter(t, "v0", append(ports, slave)...)
	if err != nil {
		w.remove("x")
		c.lacks(t, r, err)
		return
	}
	theirs, read := view(shown), w.link("v0").Values
	w.remove("x")
	if !object.LinkRow(r.Key).Equal(r.Text, read.Get(r.Key)) {
		t.Errorf("iproute2 sets %v, we read %q; want %q", r.Words, read.Get(r.Key), r.Text)
	}
	if err := c.make(w, object.ValuesOf(r.Values)); err != nil {
		t.Fatal(err)
	}
	defer w.remove("x")
	w.Lines(strings.Join(ports, "\n"))
	change := object.ValuesOf(r.Values)
	change.DropFunc(func(key string) bool { return !strings.HasPrefix(key, c.Kind+"_port.") })
	change.Set(r.Key, r.Text)
	if err := w.write(link(object.Change, "v0", "veth", change)); err != nil {
		t.Errorf("we set it: %v", err)
	}
	if diff := lab.Diff(theirs, view(w.Link("v0"))); diff != "" {
		t.Errorf("iproute2's (-) and ours (+):\n%s", diff)
	}
}

// remove deletes a link by its name.
func (w *wire) remove(name string) {
	w.t.Helper()
	a := nlcore.NewAttrWriter(make([]byte, unix.SizeofIfInfomsg))
	a.String(unix.IFLA_IFNAME, name)
	if err := w.conn.Do(w.t.Context(), nlcore.Request{Type: unix.RTM_DELLINK, Body: a.Bytes(), Header: unix.SizeofIfInfomsg}); err != nil {
		w.t.Fatalf("delete %s: %v", name, err)
	}
}

// view draws what iproute2 shows of a link's kind.
func view(shown map[string]any) string {
	var lines []string
	for key, v := range shown {
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
