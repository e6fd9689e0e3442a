package plan

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
)

func step(op object.Op, name string, needs, gives string) *Step {
	return &Step{Write: object.Write{Op: op, ID: linkID(name)}, needs: strings.Fields(needs), gives: strings.Fields(gives)}
}

func TestSortSteps(t *testing.T) {
	for _, c := range []struct {
		steps []*Step
		want  string
	}{
		{[]*Step{step(object.Create, "a", "", ""), step(object.Create, "b", "", "")}, "a b"},
		{[]*Step{step(object.Create, "a", "x", ""), step(object.Create, "b", "", "x")}, "b a"},
		{[]*Step{step(object.Create, "a", "nobody", ""), step(object.Create, "b", "", "x")}, "a b"},
		{[]*Step{step(object.Delete, "a", "", ""), step(object.Create, "b", "", "")}, "b a"},
		{[]*Step{step(object.Create, "a", "x", ""), step(object.Delete, "b", "", "x"), step(object.Create, "c", "", "")}, "c b a"},
		{[]*Step{step(object.Create, "a", "x x", ""), step(object.Create, "b", "", "x x"), step(object.Create, "c", "", "x")}, "b c a"},
	} {
		sorted, err := sortSteps(c.steps)
		var got []string
		for _, s := range sorted {
			got = append(got, s.ID.Name)
		}
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("got %v, %v; want %s", got, err, c.want)
		}
	}
}

func TestSortCircle(t *testing.T) {
	_, err := sortSteps([]*Step{step(object.Delete, "a", "x", "y"), step(object.Delete, "b", "y", "x"), step(object.Delete, "c", "", "")})
	var conflict *Conflict
	if !errors.As(err, &conflict) || conflict.What != "these steps wait for each other: delete link a; delete link b" {
		t.Errorf("got %v", err)
	}
}

// BenchmarkMake replaces every route of a link by another.
func BenchmarkMake(b *testing.B) {
	const routes = 5000
	config := strings.Builder{}
	config.WriteString("version = 1\n[link.eth0]\naddresses = [\"10.0.0.1/24\"]\n")
	have := &object.Snapshot{Objects: map[object.ID]*object.Object{
		linkID("eth0"): {ID: linkID("eth0"), Values: object.NewValues("name", "eth0", "up", "true", "master", "")},
	}}
	for i := range routes {
		fmt.Fprintf(&config, "[[route]]\nto = \"11.%d.%d.0/24\"\nvia = \"10.0.0.2\"\n", i/256, i%256)
		to := fmt.Sprintf("12.%d.%d.0/24", i/256, i%256)
		id := object.ID{Class: object.Route, Name: to + " table 254 metric 0"}
		have.Objects[id] = &object.Object{ID: id, Ours: true, Values: object.NewValues("to", to, "via", "10.0.0.2", "dev", "eth0", "table", "254", "metric", "0")}
	}
	root, faults := conf.Parse("f", []byte(config.String()))
	want, more := object.Read("f", root)
	if err := append(faults, more...).Err(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if p, err := Make(want, have, object.NewOwned()); err != nil || len(p.Steps) != 2*routes+1 {
			b.Fatalf("%d steps, %v", len(p.Steps), err)
		}
	}
}
