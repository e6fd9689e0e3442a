package undolog

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"
)

// someSteps are steps with one of everything.
func someSteps() []plan.Step {
	link := object.ID{Class: object.Link, Name: "br0"}
	return []plan.Step{
		{Write: object.Write{Op: object.Create, ID: link, Kind: "bridge", Values: object.NewValues("alias", "a \"b\"\n", "up", "true")}, Cost: object.Recreate, Pos: conf.Pos{File: "f", Line: 3, Col: 1 << 20}},
		{Write: object.Write{Op: object.Change, ID: link, Values: object.NewValues("mtu", "1400"), Along: object.NewValues("x", "")}, Before: object.NewValues("mtu", "1500")},
		{Write: object.Write{Op: object.Change, ID: object.SysctlID("net/ipv4/ip_forward"), Values: object.NewValues("value", "1")}},
		{Write: object.Write{Op: object.Delete, ID: object.ID{Class: object.Route, Name: "10.0.0.0/8 table 254 metric 0"}, Values: object.NewValues("to", "10.0.0.0/8")}, Before: object.NewValues("to", "10.0.0.0/8")},
	}
}

var where = Header{Boot: "b-1", NetNS: 7, State: "version = 1\n", File: "router.toml", Protocol: 98, Sum: 1 << 60, At: -6}

// written gives a log of two groups of steps, as it is when its process is killed.
func written(t testing.TB) (dir string, text []byte) {
	t.Helper()
	dir = t.TempDir()
	l, err := Create(dir, where)
	if err != nil {
		t.Fatal(err)
	}
	steps := someSteps()
	for _, err := range []error{
		l.Add(steps[:3]), l.Sending(1), l.Sending(2), l.Former(2, object.NewValues("value", "0")), l.Sending(3),
		l.Add(steps[3:]), l.Sending(1), l.AddTable([]byte("table")), l.Deadline(-5), l.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	text, err = os.ReadFile(filepath.Join(dir, Open))
	if err != nil {
		t.Fatal(err)
	}
	return dir, text
}

func TestRead(t *testing.T) {
	dir, text := written(t)
	e, err := Read(dir, Open, where.Boot, where.NetNS)
	if err != nil {
		t.Fatal(err)
	}
	want := &Entry{Header: where, Steps: someSteps(), Done: 3, Sent: 4, Tables: [][]byte{[]byte("table")}, Deadline: -5, Whole: int64(len(text))}
	want.Steps[2].Before = object.NewValues("value", "0")
	if !reflect.DeepEqual(e, want) {
		t.Errorf("read\n%+v\nwant\n%+v", e, want)
	}
	l, err := Reopen(dir, Open, int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	undo := plan.Inverses(want.Steps)
	for _, err := range []error{l.Undo(undo), l.Sending(1), l.Sending(3), l.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	e, err = Read(dir, Open, where.Boot, where.NetNS)
	if err != nil || !e.Undoing || e.Done != 1 || e.Sent != 3 || len(e.Steps) != len(undo) {
		t.Errorf("while it is undone: %+v, %v", e, err)
	}
	for i := range undo {
		if got, want := e.Steps[i].String(), undo[i].String(); got != want {
			t.Errorf("step %d is %q; want %q", i, got, want)
		}
	}
}

// A log that ends anywhere is one that tells less, and never something else.
func TestCut(t *testing.T) {
	dir, text := written(t)
	sent := 0
	for n := range text {
		if err := os.WriteFile(filepath.Join(dir, Open), text[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		e, err := Read(dir, Open, where.Boot, where.NetNS)
		if err != nil {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
		if e.Sent < sent || e.Done > e.Sent || e.Sent > len(e.Steps) {
			t.Fatalf("cut after %d bytes: %d done, %d sent of %d; %d were sent before", n, e.Done, e.Sent, len(e.Steps), sent)
		}
		sent = e.Sent
		for i := range e.Steps {
			if got, want := e.Steps[i].String(), someSteps()[i].String(); got != want && i != 2 {
				t.Fatalf("cut after %d bytes: step %d is %q; want %q", n, i, got, want)
			}
		}
	}
	if sent != 4 {
		t.Errorf("%d steps were sent in the end", sent)
	}
}

// A byte that is another one is told, or ends the log where a length became longer.
func TestDamage(t *testing.T) {
	dir, text := written(t)
	for n := range text {
		bad := append([]byte(nil), text...)
		bad[n] ^= 0x41
		if err := os.WriteFile(filepath.Join(dir, Open), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		e, err := Read(dir, Open, where.Boot, where.NetNS)
		var damaged *DamagedError
		if err != nil && !errors.As(err, &damaged) {
			t.Errorf("byte %d: %v", n, err)
		}
		if err == nil && e.Sent == 4 && e.Deadline == -5 {
			t.Errorf("byte %d: nobody noticed", n)
		}
	}
}

func TestStranger(t *testing.T) {
	dir, _ := written(t)
	for _, c := range []struct {
		boot  string
		netns uint64
		good  bool
	}{{"b-1", 7, true}, {"b-1", 0, true}, {"b-2", 7, false}, {"b-1", 8, false}} {
		_, err := Read(dir, Open, c.boot, c.netns)
		var stranger *StrangerError
		if good := err == nil; good != c.good || !good && !errors.As(err, &stranger) {
			t.Errorf("boot %s, namespace %d: %v", c.boot, c.netns, err)
		}
	}
	if e, err := Read(t.TempDir(), Open, "", 0); e != nil || err != nil {
		t.Errorf("where there is none: %v, %v", e, err)
	}
}

// FuzzRead: what is no log is told, and nothing is made up.
func FuzzRead(f *testing.F) {
	_, text := written(f)
	f.Add(text)
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := read(b)
		if err == nil && (e.Done > e.Sent || e.Sent > len(e.Steps)) {
			t.Errorf("%d done, %d sent of %d", e.Done, e.Sent, len(e.Steps))
		}
	})
}
