package kernel

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"

	"golang.org/x/sys/unix"
)

func open(t *testing.T, ns *lab.Namespace) *System {
	t.Helper()
	s, err := Open(ns.Name, 98, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func linkStep(op object.Op, name, kind string, v object.Values) plan.Step {
	return plan.Step{Write: object.Write{Op: op, ID: object.ID{Class: object.Link, Name: name}, Kind: kind, Values: v}, Pos: conf.Pos{File: "f", Line: 1, Col: 2}}
}

// Asking for kinds makes no link, and finds those that are not there.
func TestLacks(t *testing.T) {
	ns := lab.New(t)
	s := open(t, ns)
	before := ns.Picture()
	p := &plan.Plan{Steps: []plan.Step{
		linkStep(object.Create, "br0", "bridge", object.NewValues()),
		linkStep(object.Create, "x0", "nonesuch", object.NewValues()),
		linkStep(object.Create, "v0", "veth", object.NewValues("veth.peer", "v1")),
		linkStep(object.Create, "x1", "nonesuch", object.NewValues()),
	}}
	want := &object.Desired{}
	var lacks *LackError
	err := s.Lacks(t.Context(), want, p)
	if !errors.As(err, &lacks) || len(lacks.Lacks) != 2 {
		t.Fatalf("Lacks = %v; want two", err)
	}
	if got, want := lacks.Error(), "f:1:2: link x0 needs kind nonesuch: this kernel has none\nf:1:2: link x1 needs kind nonesuch: this kernel has none"; got != want {
		t.Errorf("got %q; want %q", got, want)
	}
	if diff := lab.Diff(before, ns.Picture()); diff != "" || s.Writes() != 0 {
		t.Errorf("asking made %d writes:\n%s", s.Writes(), diff)
	}
	if err := s.Lacks(t.Context(), want, &plan.Plan{Steps: p.Steps[:1]}); err != nil {
		t.Errorf("bridges are there, and yet: %v", err)
	}
}

// Do ends with the step that the kernel refuses and says which, and tells what
// else was done; Undo goes on after one that cannot be undone.
func TestDoAndUndo(t *testing.T) {
	ns := lab.New(t)
	s := open(t, ns)
	before := ns.Picture()
	steps := []plan.Step{
		linkStep(object.Create, "br0", "bridge", object.NewValues("up", "true")),
		{Write: object.Write{Op: object.Change, ID: object.SysctlID("net/ipv4/conf/br0/rp_filter"), Values: object.NewValues("value", "2")}},
		linkStep(object.Create, "v0", "veth", object.NewValues("veth.peer", "v1")),
		linkStep(object.Change, "v0", "veth", object.NewValues("name", "v9")),
		linkStep(object.Change, "v9", "veth", object.NewValues("mtu", "9")),
		linkStep(object.Create, "also", "bridge", object.NewValues()),
		linkStep(object.Delete, "also", "bridge", object.NewValues()),
	}
	steps[3].Before = object.NewValues("name", "v0")
	done, err := s.Do(t.Context(), steps, Journal{})
	var refused *StepError
	if !errors.As(err, &refused) || refused.Step.ID.Name != "v9" || !errors.Is(err, unix.EINVAL) || len(done) != 5 || done[4].ID.Name != "also" {
		t.Fatalf("Do took %d steps and gave %v; want 5 and EINVAL for v9", len(done), err)
	}
	if !strings.HasPrefix(err.Error(), "f:1:2: set link v9 mtu 9: invalid argument: kernel: ") {
		t.Errorf("the error is %q", err)
	}
	if was := done[1].Before.Get("value"); was == "" || ns.Sysctl("net/ipv4/conf/br0/rp_filter") != "2" {
		t.Errorf("the setting was %q", was)
	}
	if s.Writes() != 6 {
		t.Errorf("%d writes counted; 6 were tried", s.Writes())
	}
	lost := object.RouteSpec().Settled(object.NewValues("to", "10.9.0.0/16", "via", "10.77.0.1"))
	impossible := plan.Step{Write: object.Write{Op: object.Delete, ID: lost.ID, Values: lost.Values}, Before: lost.Values}
	left := s.Undo(t.Context(), plan.Inverses(append(done, impossible)), 0, Journal{})
	if len(left) != 1 || !errors.Is(left[0], unix.ENETUNREACH) {
		t.Errorf("left undone: %v; want the route without a way", left)
	}
	if diff := lab.Diff(before, ns.Picture()); diff != "" {
		t.Errorf("after Undo:\n%s", diff)
	}
}

// A setting that is not there is a lack.
func TestSysctlLack(t *testing.T) {
	s := open(t, lab.New(t))
	step := plan.Step{Write: object.Write{Op: object.Change, ID: object.SysctlID("net/ipv4/nonesuch"), Values: object.NewValues("value", "1")}}
	_, err := s.Do(t.Context(), []plan.Step{step}, Journal{})
	var lacks *LackError
	if !errors.As(err, &lacks) || !strings.Contains(err.Error(), "no such setting below /proc/sys") {
		t.Errorf("got %v; want a LackError", err)
	}
	if s.Writes() != 0 {
		t.Errorf("%d writes counted; nothing was written", s.Writes())
	}
}

// Settings are those of the namespace, and this process stays in its own.
func TestSysctlsOfTheNamespace(t *testing.T) {
	ns := lab.New(t)
	ns.Lines("link add only-here type bridge")
	s := open(t, ns)
	id := object.SysctlID("net/ipv4/conf/only-here/rp_filter")
	values, err := s.readSysctls([]object.ID{id, object.SysctlID("net/ipv4/nonesuch")})
	if err != nil || len(values) != 1 || values[id] == "" {
		t.Errorf("readSysctls = %v, %v", values, err)
	}
	if values, _ := (&System{}).readSysctls([]object.ID{id}); len(values) != 0 {
		t.Error("this process is in the namespace of the test")
	}
}

func TestUnmet(t *testing.T) {
	ignored := linkStep(object.Change, "br0", "bridge", object.NewValues("bridge.vlan_default_pvid", "7"))
	p := &plan.Plan{Steps: []plan.Step{ignored, linkStep(object.Change, "eth0", "", object.NewValues("mtu", "1400"))}}
	want := "f:1:2: link br0: bridge.vlan_default_pvid: this kernel cannot do it: enable CONFIG_BRIDGE_VLAN_FILTERING, or take the option out"
	if lacks := Unmet(p); lacks == nil || lacks.Error() != want {
		t.Errorf("Unmet = %v; want %s", lacks, want)
	}
	p.Steps[0].Before = object.NewValues("bridge.vlan_default_pvid", "1") // shown, so the kernel has it
	if lacks := Unmet(p); lacks != nil {
		t.Errorf("Unmet = %v; want none", lacks)
	}
}

func TestUnknownNamespace(t *testing.T) {
	if _, err := Open("nowhere-at-all", 98, nil); !errors.Is(err, unix.ENOENT) || !strings.Contains(err.Error(), "nowhere-at-all") {
		t.Errorf("Open = %v; want ENOENT and the name", err)
	}
}

func TestNetNS(t *testing.T) {
	ns := lab.New(t)
	here, there, again := open(t, ns), open(t, lab.New(t)), open(t, ns)
	if here.NetNS() == 0 || here.NetNS() == there.NetNS() || here.NetNS() != again.NetNS() {
		t.Errorf("cookies %d, %d and %d; want the same for the first and the last alone", here.NetNS(), there.NetNS(), again.NetNS())
	}
}

// A list that changes while it is read is read again, for longer than the kernel
// is likely to be busy with it.
func TestObserveInTurmoil(t *testing.T) {
	ns := lab.New(t)
	var many, change strings.Builder
	ns.Lines("link add v0 type veth peer name v1")
	for i := range 2000 {
		fmt.Fprintf(&many, "address add 10.0.%d.%d/32 dev v0\n", i/250, i%250)
		fmt.Fprintf(&change, "address add 10.9.0.1/32 dev v1\naddress del 10.9.0.1/32 dev v1\n")
	}
	if err := ns.Batch(many.String()); err != nil {
		t.Fatal(err)
	}
	s, done, idle := open(t, ns), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(idle)
		for {
			select {
			case <-done:
				return
			default:
				ns.Batch(change.String())
			}
		}
	}()
	defer func() { close(done); <-idle }()
	for s.Stats().Interrupted < 40 {
		if err := s.observeAddresses(t.Context(), &object.Snapshot{Objects: map[object.ID]*object.Object{}}); err != nil {
			t.Fatalf("after %d interruptions: %v", s.Stats().Interrupted, err)
		}
	}
}
