package kernel

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bootlink/nlcore"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"

	"golang.org/x/sys/unix"
)

// longConfig makes a plan of about sixty steps: links that later steps name, settings
// between them, and many objects that need not wait for each other.
func longConfig() string {
	var b strings.Builder
	b.WriteString(`version = 1
[link.br0]
kind      = "bridge"
mtu       = 1400
sysctl    = { "ipv4.rp_filter" = 2, "ipv4.forwarding" = 1 }
addresses = ["10.0.0.1/24", "10.0.1.1/24", "10.0.2.1/24", "10.0.3.1/24", "fd00::1/64", "fd00:1::1/64"]
qdisc     = { kind = "pfifo", handle = "7:", limit = 77 }
[link.v0]
kind      = "veth"
veth      = { peer = "v1" }
master    = "br0"
[link.v1]
sysctl    = { "ipv4.arp_ignore" = 1, "ipv4.rp_filter" = 1 }
addresses = ["10.1.0.1/24", "10.1.1.1/24"]
[link.old]
master    = "br0"
`)
	for i := range 28 {
		fmt.Fprintf(&b, "[[route]]\nto = \"172.16.%d.0/24\"\nvia = \"10.0.%d.2\"\n", i, i%4)
	}
	for i := range 8 {
		fmt.Fprintf(&b, "[[rule]]\nfrom = \"192.168.%d.0/24\"\ntable = 100\npriority = %d\n", i, 1000+i)
	}
	for i := range 5 {
		fmt.Fprintf(&b, "[[neighbour]]\ndev = \"v1\"\nto = \"10.1.0.%d\"\nlladdr = \"02:00:00:00:01:%02x\"\n", 10+i, i)
	}
	return b.String()
}

// bench is a namespace with two links made by hand, and a System of which the
// messages are counted.
type bench struct {
	ns *lab.Namespace
	*System
	t     *testing.T
	owned *object.Owned
	sent  uint64 // messages that change something
	parts uint64 // datagrams of them
}

func newBench(t *testing.T) *bench {
	ns := lab.New(t)
	ns.Lines(`
		link set lo up
		link add old type veth peer name far
		link add taken type bridge`)
	b := &bench{ns: ns, System: open(t, ns), t: t, owned: object.NewOwned()}
	conn, err := nlcore.Dial(unix.NETLINK_ROUTE, nlcore.Options{NetNS: ns.Name, Trace: b.count})
	if err != nil {
		t.Fatal(err)
	}
	b.System.conn.Close()
	b.System.conn = conn // closed by open's cleanup
	return b
}

// count counts messages whose type is not RTM_GET*.
func (b *bench) count(out bool, datagram []byte) {
	sent := b.sent
	for ; out && len(datagram) >= unix.NLMSG_HDRLEN; datagram = datagram[binary.NativeEndian.Uint32(datagram):] {
		if binary.NativeEndian.Uint16(datagram[4:])%4 != unix.RTM_GETLINK%4 {
			b.sent++
		}
	}
	if b.sent > sent {
		b.parts++
	}
}

// plan plans a file.
func (b *bench) plan(config string) *plan.Plan {
	b.t.Helper()
	root, faults := conf.Parse("f", []byte(config))
	want, more := object.Read("f", root)
	if err := append(faults, more...).Err(); err != nil {
		b.t.Fatal(err)
	}
	have, err := b.Observe(b.t.Context(), want, b.owned)
	if err != nil {
		b.t.Fatal(err)
	}
	p, err := plan.Make(want, have, b.owned)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// try carries out steps of which one is refused, undoes them, and compares with
// what was before.
func (b *bench) try(steps []plan.Step, k int, before string) {
	b.t.Helper()
	b.plan("version = 1\n") // indexes as they are
	want := steps[k].String()
	writes, sent := b.Writes()-b.sysctls, b.sent
	done, err := b.Do(b.t.Context(), steps, Journal{})
	if writes, sent = b.Writes()-b.sysctls-writes, b.sent-sent; writes != sent {
		b.t.Errorf("step %d: %d writes counted, %d messages sent", k, writes, sent)
	}
	var refused *StepError
	if !errors.As(err, &refused) || refused.Step.ID != steps[k].ID || refused.Step.Op != steps[k].Op {
		b.t.Errorf("step %d (%s) was to be refused, and the error is %v", k, want, err)
	}
	if len(done) < k || len(done) >= len(steps) {
		b.t.Errorf("step %d: %d steps of %d are said to be done", k, len(done), len(steps))
	}
	if left := b.Undo(b.t.Context(), plan.Inverses(done), 0, Journal{}); len(left) > 0 {
		b.t.Errorf("step %d: left undone: %v", k, errors.Join(left...))
	}
	if diff := lab.Diff(before, b.ns.Picture()); diff != "" {
		b.t.Errorf("step %d (%s): before (-) and after (+) differ:\n%s", k, want, diff)
	}
}

// collision is a step that the kernel refuses: its link is there.
func collision() plan.Step { return linkStep(object.Create, "taken", "bridge", object.NewValues()) }

// Wherever the refusal comes, the error is that step's and all else is undone.
func TestRefusalAnywhere(t *testing.T) {
	b := newBench(t)
	steps := b.plan(longConfig()).Steps
	if len(steps) < 60 {
		t.Fatalf("the plan has %d steps", len(steps))
	}
	before := b.ns.Picture()
	for k := range len(steps) + 1 {
		b.try(slices.Insert(slices.Clone(steps), k, collision()), k, before)
	}
}

// spoil gives for each class values that the kernel refuses.
var spoil = map[object.Class]object.Values{
	object.Link:    object.NewValues("mtu", "9"),
	object.Address: object.NewValues("label", "longer-than-a-link's-name"),
	object.Route:   object.NewValues("src", "203.0.113.99"),
	object.Sysctl:  object.NewValues("value", "nonsense"),
	"qdisc":        object.NewValues("kind", "nonesuch"),
	"neighbour":    object.NewValues("lladdr", "02:00:00:00:01"),
}

// A step that is refused takes those with it that build on it.
func TestRefusalOfEach(t *testing.T) {
	b := newBench(t)
	steps := b.plan(longConfig()).Steps
	before := b.ns.Picture()
	for k, step := range steps {
		if step.ID.Class == "rule" {
			continue // made by hand below
		}
		bad := spoil[step.ID.Class]
		if strings.Contains(step.Values.Get("local"), ":") {
			bad = object.NewValues("local", "::1/64") // not on this link
		}
		if bad == nil {
			t.Fatalf("no values to spoil %s", &step)
		}
		spoiled := slices.Clone(steps)
		if step.Op == object.Change && step.ID.Class == object.Link {
			spoiled[k].Values = bad // a link takes what comes before what it refuses
		} else {
			spoiled[k].Values = step.Values.Clone()
			spoiled[k].Values.Fill(bad)
		}
		b.try(spoiled, k, before)
	}
}

// An object that somebody else makes between the look and the writing stays
// when all else is undone.
func TestMadeMeanwhile(t *testing.T) {
	b := newBench(t)
	other := open(t, b.ns)
	steps := b.plan(longConfig()).Steps
	for k, step := range steps {
		if step.ID.Class != "rule" {
			continue
		}
		if _, err := other.Do(t.Context(), steps[k:k+1], Journal{}); err != nil {
			t.Fatal(err)
		}
		b.try(steps, k, b.ns.Picture())
		if left := other.Undo(t.Context(), plan.Inverses(steps[k:k+1]), 0, Journal{}); len(left) > 0 {
			t.Fatal(left)
		}
	}
}

// What is taken down comes back, wherever a refusal comes, and stays away where
// somebody else took it.
func TestRefusedDeletion(t *testing.T) {
	b := newBench(t)
	other := open(t, b.ns)
	p := b.plan(longConfig())
	if _, err := b.Do(t.Context(), p.Steps, Journal{}); err != nil {
		t.Fatal(err)
	}
	b.owned = p.Owned
	if p := b.plan(longConfig()); !p.Empty() {
		t.Fatalf("still to do:\n%s", p.Text(false))
	}
	steps, before := b.plan("version = 1\n").Steps, b.ns.Picture()
	if len(steps) < 40 {
		t.Fatalf("the plan has %d steps", len(steps))
	}
	for k := range len(steps) + 1 {
		b.try(slices.Insert(slices.Clone(steps), k, collision()), k, before)
		if k == len(steps) || !leaves[steps[k].ID.Class] {
			continue
		}
		done, err := other.Do(t.Context(), steps[k:k+1], Journal{})
		if err != nil {
			t.Fatal(err)
		}
		b.try(steps, k, b.ns.Picture())
		if left := other.Undo(t.Context(), plan.Inverses(done), 0, Journal{}); len(left) > 0 {
			t.Fatal(left)
		}
	}
}

// Steps that need not wait for each other go in one datagram, and a context
// that has ended lets none go.
func TestFewDatagrams(t *testing.T) {
	b := newBench(t)
	steps := b.plan(longConfig()).Steps
	ended, end := context.WithCancel(t.Context())
	end()
	if done, err := b.Do(ended, steps, Journal{}); len(done) != 0 || !errors.Is(err, context.Canceled) || b.sent != 0 {
		t.Errorf("with an ended context: %d steps done, %d sent, %v", len(done), b.sent, err)
	}
	if _, err := b.Do(t.Context(), steps, Journal{}); err != nil {
		t.Fatal(err)
	}
	if b.parts > 10 {
		t.Errorf("%d steps went in %d datagrams", len(steps), b.parts)
	}
	b.parts = 0
	if left := b.Undo(t.Context(), plan.Inverses(steps), 0, Journal{}); len(left) > 0 {
		t.Error(left)
	}
	if b.parts > 10 {
		t.Errorf("%d steps were undone in %d datagrams", len(steps), b.parts)
	}
}

// A context that ends while the kernel works does not lose its answers.
func TestEndInTheMiddle(t *testing.T) {
	b := newBench(t)
	steps, before := b.plan(longConfig()).Steps, b.ns.Picture()
	ctx, end := context.WithCancel(t.Context())
	conn, err := nlcore.Dial(unix.NETLINK_ROUTE, nlcore.Options{NetNS: b.ns.Name, Trace: func(out bool, datagram []byte) {
		if b.count(out, datagram); b.parts == 2 {
			end()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	b.conn.Close()
	b.conn = conn
	done, err := b.Do(ctx, steps, Journal{})
	if uint64(len(done)) != b.sent+b.sysctls || len(done) == len(steps) || !errors.Is(err, context.Canceled) {
		t.Errorf("%d steps done, %d messages sent, %v", len(done), b.sent, err)
	}
	if left := b.Undo(t.Context(), plan.Inverses(done), 0, Journal{}); len(left) > 0 {
		t.Error(left)
	}
	if diff := lab.Diff(before, b.ns.Picture()); diff != "" {
		t.Error(diff)
	}
}

// What takes other things along, or removes what a refused step was to replace,
// is not done after a refusal.
func TestNothingTakenAfterRefusal(t *testing.T) {
	address := plan.Step{Write: object.Write{Op: object.Delete, ID: object.ID{Class: object.Address, Name: "10.0.0.1/24 dev taken"},
		Values: object.NewValues("local", "10.0.0.1/24", "dev", "taken")}}
	route := plan.Step{Write: object.Write{Op: object.Delete, ID: object.ID{Class: object.Route, Name: "10.9.0.0/16 table 254 metric 0"},
		Values: object.NewValues("to", "10.9.0.0/16", "table", "254")}}
	down := linkStep(object.Change, "taken", "", object.NewValues("up", "false"))
	away := linkStep(object.Change, "old", "", object.NewValues("master", ""))
	away.Before = object.NewValues("master", "taken")
	costly := linkStep(object.Change, "old", "", object.NewValues("mtu", "1400"))
	costly.Cost = object.Down
	for _, step := range []plan.Step{linkStep(object.Delete, "taken", "bridge", nil), address, route, down, away, costly} {
		b := newBench(t)
		b.ns.Lines(`
			address add 10.0.0.1/24 dev taken
			address add 10.0.0.2/24 dev taken
			link set taken up
			link set old up
			link set old master taken
			route add 10.9.0.0/16 via 10.0.0.9 proto 98`)
		before := b.ns.Picture()
		b.plan("version = 1\n")
		done, err := b.Do(t.Context(), []plan.Step{linkStep(object.Create, "far", "bridge", object.NewValues()), step}, Journal{})
		if len(done) != 0 || !errors.Is(err, unix.EEXIST) {
			t.Errorf("%s: done %v, %v", &step, done, err)
		}
		if diff := lab.Diff(before, b.ns.Picture()); diff != "" {
			t.Errorf("%s was done after a refusal:\n%s", &step, diff)
		}
		if done, err := b.Do(t.Context(), []plan.Step{step}, Journal{}); len(done) != 1 || err != nil {
			t.Errorf("%s, by itself: done %v, %v", &step, done, err)
		}
		if diff := lab.Diff(before, b.ns.Picture()); diff == "" {
			t.Errorf("%s changes nothing", &step)
		}
	}
}

// A name means the link that has it when the step's turn comes.
func TestNamesThatMove(t *testing.T) {
	b := newBench(t)
	b.plan("version = 1\n")
	rename := func(from, to string) plan.Step {
		s := linkStep(object.Change, from, "", object.NewValues("name", to))
		s.Before = object.NewValues("name", from)
		return s
	}
	group := func(name, n string) plan.Step {
		s := linkStep(object.Change, name, "", object.NewValues("group", n))
		s.Before = object.NewValues("group", "0")
		return s
	}
	before := b.ns.Picture()
	done, err := b.Do(t.Context(), []plan.Step{
		rename("old", "tmp"), rename("far", "old"), rename("tmp", "far"), // the ends of the pair change their names
		group("old", "1"), group("far", "2"),
		linkStep(object.Delete, "taken", "bridge", object.NewValues()),
		linkStep(object.Create, "taken", "veth", object.NewValues("veth.peer", "p")), group("taken", "3"), group("p", "4"),
	}, Journal{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		link  string
		group string
		peer  string
	}{{"old", "1", "far"}, {"far", "2", "old"}, {"taken", "3", "p"}, {"p", "4", "taken"}} {
		link := b.ns.Link(want.link)
		if link["group"] != want.group || link["link"] != want.peer {
			t.Errorf("%s has group %v and peer %v; want %s and %s", want.link, link["group"], link["link"], want.group, want.peer)
		}
	}
	done[5].Before = object.NewValues("kind", "bridge")
	if left := b.Undo(t.Context(), plan.Inverses(done), 0, Journal{}); len(left) > 0 {
		t.Error(left)
	}
	if diff := lab.Diff(before, b.ns.Picture()); diff != "" {
		t.Errorf("after Undo:\n%s", diff)
	}
}

// What became of each step, from what is known of its batch.
func TestOutcomes(t *testing.T) {
	lost := fmt.Errorf("messages lost: %w", unix.ENOBUFS)
	refusal := func(i int) *nlcore.Error { return &nlcore.Error{Errno: unix.EEXIST, Index: i} }
	for _, c := range []struct {
		what   string
		failed nlcore.BatchError
		want   string // of each step: + done, - refused, ? not known, 0 not sent
	}{
		{"two refused", nlcore.BatchError{Sent: 4, Failed: []*nlcore.Error{refusal(1), refusal(3)}}, "+-+-"},
		{"answers lost", nlcore.BatchError{Sent: 4, Failed: []*nlcore.Error{refusal(1)}, Cause: lost}, "?-??"},
		{"not sent", nlcore.BatchError{Cause: lost}, "0"},
		{"sent in part", nlcore.BatchError{Sent: 2, Cause: lost}, "++0"},
		{"the rest not sent", nlcore.BatchError{Sent: 2, Failed: []*nlcore.Error{refusal(0)}}, "-+"},
	} {
		b := &batch{steps: []plan.Step{collision(), collision(), collision(), collision()}}
		got := ""
		for _, err := range b.refused(&c.failed, make([]error, 4)) {
			var doubt *doubtError
			switch {
			case err == nil:
				got += "+"
			case errors.Is(err, unix.EEXIST):
				got += "-"
			case errors.As(err, &doubt) && errors.Is(err, unix.ENOBUFS):
				got += "?"
			case errors.Is(err, unix.ENOBUFS):
				got += "0"
			}
		}
		if got != c.want {
			t.Errorf("%s: %s; want %s", c.what, got, c.want)
		}
	}
}
