package routefile

import (
	"errors"
	"fmt"

	"bootlink/nlcore"
	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// Names gives links their indexes.
type Names interface {
	Index(name string) (uint32, error) // an error when there is no such link
}

// A Target is the part of the kernel that a Table is for.
type Target struct {
	Set   nlcore.RouteSet // the table, and the protocol that marks what is ours, which must not be 0
	Names Names
	Keep  []ID // routes of the set that are not in the files and yet wanted
}

// A Diff is what has to be written so that the kernel has what a Table asks for.
// It holds what was there before, and is used by one goroutine at a time.
type Diff struct {
	Add, Replace, Delete int // routes to write
	Same                 int // routes that are as they should be

	// Progress, if not nil, hears now and then how many of the routes to write were
	// written, at least.
	Progress func(written, all int)

	sides [2]*side // IPv4, IPv6
}

// Compare asks the kernel for the routes of the target's set and compares. It
// writes nothing. Routes of other protocols are not read, unless something has to
// be replaced.
//
// Errors: a link that is not there, with the line that names it; conf.Faults for
// lines that ask for a route of Target.Keep, or for one that is to replace a
// route while another protocol has one with the same destination and metric,
// since the kernel may then replace that one; those of [nlcore.Conn.Collect].
func Compare(ctx until.Context, conn *nlcore.Conn, t *Table, target Target) (*Diff, error) {
	if target.Set.Protocol == 0 {
		return nil, fmt.Errorf("compare routes of protocol 0: %w", unix.EINVAL)
	}
	if target.Set.Table == 0 {
		target.Set.Table = unix.RT_TABLE_MAIN
	}
	index, err := t.resolve(target.Names)
	if err != nil {
		return nil, err
	}
	keep := keepers(target.Keep)
	d := &Diff{sides: [2]*side{newSide(t, &t.four, target.Set, index, keep), newSide(t, &t.six, target.Set, index, keep)}}
	var faults collector
	for _, s := range d.sides {
		s.kept(&faults)
		if err := s.compare(ctx, conn); err != nil {
			return nil, err
		}
		if err := s.strangers(ctx, conn, &faults); err != nil {
			return nil, err
		}
		s.count(d)
	}
	if err := faults.err(); err != nil {
		return nil, err
	}
	return d, nil
}

// Empty tells whether there is nothing to write.
func (d *Diff) Empty() bool { return d.Add+d.Replace+d.Delete == 0 }

// String gives the numbers in words.
func (d *Diff) String() string {
	return fmt.Sprintf("add %d, replace %d, delete %d routes, leave %d", d.Add, d.Replace, d.Delete, d.Same)
}

// Apply writes the difference: routes without a gateway first, since others may
// need them, additions before deletions. It stops after the first datagram, of
// up to 1000 routes, of which the kernel refused any: a *RefusedError. Then, and
// after any other error, Undo is what brings back the state before.
func (d *Diff) Apply(ctx until.Context, conn *nlcore.Conn) error {
	written, all := 0, d.Add+d.Replace+d.Delete
	for _, s := range d.sides {
		s.told = func() {
			if written++; written%20000 == 0 && d.Progress != nil {
				d.Progress(written, all)
			}
		}
		if err := s.apply(ctx, conn); err != nil {
			return err
		}
	}
	if d.Progress != nil {
		d.Progress(all, all)
	}
	return nil
}

// Undo makes the set's routes again what they were when Compare read them, no
// matter how far Apply came. Routes of the set that came from elsewhere in the
// meantime stay. It goes on after a refusal; a *RefusedError then tells what
// could not be restored.
func (d *Diff) Undo(ctx until.Context, conn *nlcore.Conn) error {
	var all failures
	for _, s := range d.sides {
		if s != nil {
			all.add(s.undo(ctx, conn))
		}
	}
	return all.err()
}

// resolve gives the indexes of the table's devices, by place.
func (t *Table) resolve(names Names) ([]uint32, error) {
	index := make([]uint32, len(t.devices)+1)
	var all []error
	for i, d := range t.devices {
		n, err := names.Index(d.name)
		if err != nil {
			all = append(all, fmt.Errorf("%s: dev %s: %w", t.pos(d.line), d.name, err))
		}
		index[i+1] = n
	}
	return index, errors.Join(all...)
}

func keepers(list []ID) map[ID]bool {
	keep := make(map[ID]bool, len(list))
	for _, id := range list {
		if id.To.Addr().Is6() && id.Metric == 0 {
			id.Metric = ipv6Metric
		}
		keep[id] = true
	}
	return keep
}

// kept finds entries that are not the files' to ask for.
func (s *side) kept(faults *collector) {
	var r route
	for i := range s.want.n {
		if len(s.keep) == 0 {
			return
		}
		if line := s.want.get(i, &r); s.keep[r.id()] {
			faults.add(s.table.pos(line), "a [[route]] has the same destination and metric", "take one out")
		}
	}
}

// strangers looks for routes of other protocols in the place of those that are
// to be replaced: the kernel replaces the first one that it finds.
func (s *side) strangers(ctx until.Context, conn *nlcore.Conn, faults *collector) error {
	if s.changed.next(0) < 0 {
		return nil
	}
	all := s.set
	all.Protocol = 0
	protocols := map[int]uint8{} // by the entry's place
	err := dump(ctx, conn, s.have.family(), all, func(body []byte) {
		if s.have.decode(body, all) == foreign || body[5] == s.set.Protocol || body[2] != 0 {
			return
		}
		if i, found := s.want.find(&s.have); found && s.changed.has(i) {
			protocols[i] = body[5]
		}
	}, func() { clear(protocols) })
	for i, protocol := range protocols {
		what := fmt.Sprintf("protocol %d has a route with the same destination and metric", protocol)
		faults.add(s.table.pos(s.want.number(i)), what, "choose another metric")
	}
	return err
}
