package plan

import (
	"fmt"
	"strings"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// A Plan is what has to be written, in order, and what cannot be done yet.
type Plan struct {
	Steps   []Step
	Awaited []Awaited
	Owned   *object.Owned     // what will be ours when the plan is done
	Found   map[string]string // desired link → the name that it has now

	// Files are the routing tables that route files fill, where they differ. They
	// are written after the steps.
	Files []FileChange
}

// A FileChange is what has to be written of route files, in words.
type FileChange struct {
	_ [0]func() // no equality: it would be code

	Pos  conf.Pos
	What string // "route files of table 200: 3 to add, 1 to delete"
}

// Awaited is something desired that waits for a device, for its carrier, or for another
// kernel.
type Awaited struct {
	_ [0]func() // no equality: it would be code

	ID   object.ID
	Pos  conf.Pos
	What string // the object, for people
	For  string // "a device with mac 52:54:00:12:34:01", "link wan", "another kernel: enable CONFIG_BRIDGE"
}

// String gives the line that status and run print.
func (a Awaited) String() string { return a.What + " waits for " + a.For }

// A Conflict is something in the kernel that stands in the way and is not ours
// to remove.
type Conflict struct {
	_ [0]func() // no equality: it would be code

	Pos  conf.Pos
	What string
	Hint string
}

// Error gives "file:line:col: what: hint".
func (c *Conflict) Error() string {
	return conf.Fault{Pos: c.Pos, What: c.What, Hint: c.Hint}.Error()
}

// Make plans. owned may be empty, never nil; nothing that is given is changed.
// The error is a [*Conflict].
func Make(want *object.Desired, have *object.Snapshot, owned *object.Owned) (*Plan, error) {
	m := &maker{want: want, have: have.View(), owned: owned, after: owned.Clone(), providers: providers(want), subnets: subnetsOf(want.Of(object.Address)), plan: &Plan{Found: map[string]string{}},
		found: map[string]*object.Object{}, claimed: map[*object.Object]*object.Object{}, home: map[*object.Object]string{},
		gone: map[string]bool{}, late: map[string]string{}, downed: map[string]bool{}, bare: map[string]bool{}, flushed: map[object.ID]string{},
		sunk: map[string][]string{}, above: map[string][]string{}, bared: map[string]bool{}, rejoin: map[string]object.Values{}, heard: map[string]bool{}, soon: map[object.ID]bool{}, idle: map[object.ID]bool{}}
	if err := m.resolve(); err != nil {
		return nil, err
	}
	m.sysctls()
	m.links()
	m.addresses()
	m.moveMACs()
	for _, s := range object.Specs() {
		m.plain(s)
	}
	m.routes()
	m.hurry()
	m.bars()
	m.forget()
	steps, err := sortSteps(m.steps)
	if err != nil {
		return nil, err
	}
	regrowOnce(steps)
	m.plan.Steps, m.plan.Owned = steps, m.after
	return m.plan, nil
}

// maker is the work in progress.
type maker struct {
	want  *object.Desired
	have  *object.Snapshot // as observed; once names are resolved, as deletions and renames will leave it
	owned *object.Owned    // before, under the names that links will have
	after *object.Owned    // after
	plan  *Plan
	steps []*Step

	providers map[string]*object.Object // see provider

	found   map[string]*object.Object         // desired links that exist, by desired name
	claimed map[*object.Object]*object.Object // observed link → the desired one that means it
	home    map[*object.Object]string         // observed links that get the name back that they came with
	gone    map[string]bool                   // observed links that will be deleted, by the name that they have now
	late    map[string]string                 // desired links that cannot exist yet → what they wait for
	downed  map[string]bool                   // links that a rename takes down, by the name that they will have
	bare    map[string]bool                   // links that are without any IPv4 address for a while
	sunk    map[string][]string               // links that go down → what goes down with them
	above   map[string][]string               // those of them that go up with it again
	bared   map[string]bool                   // links that are without their ports for a while
	rejoin  map[string]object.Values          // those ports → what they had of their master
	soon    map[object.ID]bool                // objects that go, and that may come anew, before others come
	heard   map[string]bool                   // links that have an IPv4 address
	flushed map[object.ID]string              // routes that are deleted meanwhile → the token to wait for

	idle map[object.ID]bool // next hops and addresses that wait for a link or its carrier

	direct  []subnet // desired routes that lead to a link and not to a gateway
	subnets []subnet // of the desired addresses
	way     lead     // the last that was looked at
	unsaid  lead     // the last without a link

	resolved bool // from here on by the new names
}

// add appends a step with its tokens.
func (m *maker) add(s Step, needs, gives []string) *Step {
	s.needs, s.gives = needs, gives
	m.steps = append(m.steps, &s)
	return m.steps[len(m.steps)-1]
}

func (m *maker) await(o *object.Object, what string) {
	m.plan.Awaited = append(m.plan.Awaited, Awaited{ID: o.ID, Pos: o.Pos, What: o.ID.Pretty(o.Values), For: what})
}

// Empty tells whether the kernel already is as desired.
func (p *Plan) Empty() bool { return len(p.Steps)+len(p.Files) == 0 }

// Cost is the worst outage of any link, and Outages names each link that has one.
func (p *Plan) Cost() object.Cost {
	worst := object.Live
	for _, s := range p.Steps {
		worst = max(worst, s.Cost)
	}
	return worst
}

// Outages gives the predicted outage of each link that has one.
func (p *Plan) Outages() map[string]object.Cost {
	outages := map[string]object.Cost{}
	for _, s := range p.Steps {
		if s.Cost == object.Live {
			continue
		}
		for _, link := range order.Also(s.along, s.Link()) {
			outages[link] = max(outages[link], s.Cost)
		}
	}
	return outages
}

// Text prints the plan; verbose adds each step's inverse and place.
func (p *Plan) Text(verbose bool) string {
	var b strings.Builder
	for i := range p.Steps {
		s := &p.Steps[i]
		fmt.Fprintf(&b, "%3d  %s", i+1, s)
		if s.Cost > object.Live {
			fmt.Fprintf(&b, "  [outage of %s: %s]", strings.Join(order.Also([]string{s.Link()}, s.along...), ", "), s.Cost)
		}
		b.WriteByte('\n')
		if verbose {
			s.detail(&b)
		}
	}
	for i, f := range p.Files {
		fmt.Fprintf(&b, "%3d  %s\n", len(p.Steps)+i+1, f.What)
		if verbose {
			fmt.Fprintf(&b, "       from: %s\n", f.Pos)
		}
	}
	for _, a := range p.Awaited {
		fmt.Fprintf(&b, "     later: %s\n", a)
	}
	return b.String()
}

func (s *Step) detail(b *strings.Builder) {
	if !s.Pos.IsZero() {
		fmt.Fprintf(b, "       from: %s\n", s.Pos)
	}
	for _, inverse := range s.Inverse() {
		fmt.Fprintf(b, "       undo: %s\n", &inverse)
	}
}
