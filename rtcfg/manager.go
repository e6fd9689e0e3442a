package rtcfg

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"bootlink/nlcore"
	"bootlink/nlcore/pcap"
	"bootlink/nlcore/sysfile"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"
	"bootlink/rtcfg/routefile"
	"bootlink/rtcfg/state"

	"golang.org/x/sys/unix"
)

// Options say where a [Manager] works.
type Options struct {
	_ [0]func() // no equality: it would be code

	NetNS  string // "": this namespace; a name below /run/netns; or a path
	RunDir string // what must not outlive the boot; "": /run/bootlink, with a folder for each named namespace

	// StateDir is a folder for what outlives the boot: the last good configurations,
	// and the one that is refused; "": there is none.
	StateDir string

	// Trace, if not nil, sees what all netlink sockets carry; see [nlcore.Tracing].
	Trace nlcore.Tracing

	// Ring, if not nil, is one of those who hear of it, for reports of failures.
	Ring *pcap.Ring

	// Progress, if not nil, hears now and then how many routes of a route file were written.
	Progress func(written, all int)

	partly bool // what the kernel lacks is left out
}

func (o Options) runDir() string {
	switch {
	case o.RunDir != "":
		return o.RunDir
	case o.NetNS != "":
		return sysfile.Join("/run/bootlink/netns", strings.ReplaceAll(strings.Trim(o.NetNS, "/"), "/", "-"))
	}
	return "/run/bootlink"
}

// A Manager holds one configuration against one namespace. It is not safe for
// concurrent use; several processes may work on one namespace, one at a time.
type Manager struct {
	Options
	want  *object.Desired
	sys   system
	dir   string
	netns uint64 // the namespace's cookie

	diffs []*fileDiff     // of the last plan
	idle  map[string]bool // see [object.Snapshot.Idle]

	lacking map[object.ID]string // see [object.Snapshot.Lacking]
}

// system is what a Manager needs of [kernel.System].
type system interface {
	Observe(until.Context, *object.Desired, *object.Owned) (*object.Snapshot, error)
	Settings(*object.Desired) (map[object.ID]string, error)
	Lacks(until.Context, *object.Desired, *plan.Plan) error
	Do(until.Context, []plan.Step, kernel.Journal) (done []plan.Step, err error)
	Undo(ctx until.Context, inverses []plan.Step, doubtful int, j kernel.Journal) []error
	CompareTable(ctx until.Context, t *routefile.Table, table uint32, keep []routefile.ID) (*routefile.Diff, error)
	WriteTable(until.Context, *routefile.Diff) error
	UndoTable(until.Context, *routefile.Diff) error
	Writes() uint64
	Stats() nlcore.Stats
	Close() error
}

// Open opens the namespace. The error may be an [nlcore.UnsupportedError], or
// [conf.Faults] where secrets of the configuration are not there.
func Open(want *object.Desired, o Options) (*Manager, error) {
	if err := want.Absent.Err(); err != nil {
		return nil, err
	}
	sys, err := kernel.Open(o.NetNS, want.Settings.Protocol, o.Trace)
	if err != nil {
		return nil, err
	}
	return &Manager{Options: o, want: want, sys: sys, dir: o.runDir(), netns: sys.NetNS(), lacking: map[object.ID]string{}}, nil
}

// Close gives the sockets back. The network stays as it is.
func (m *Manager) Close() error { return m.sys.Close() }

// Confirm is how long the file lets a change wait for its confirm; 0: it needs none.
func (m *Manager) Confirm() time.Duration {
	return time.Duration(m.want.Settings.Confirm) * time.Millisecond
}

// Writes counts all that was written to the kernel so far.
func (m *Manager) Writes() uint64 { return m.sys.Writes() }

// Plan says what would be written. It changes nothing.
func (m *Manager) Plan(ctx until.Context) (*plan.Plan, error) {
	p, _, _, err := m.plan(ctx)
	return p, err
}

func (m *Manager) plan(ctx until.Context) (*plan.Plan, *object.Snapshot, *object.Owned, error) {
	owned, err := state.Load(m.dir, m.netns)
	if err != nil {
		return nil, nil, nil, err
	}
	p, have, err := m.compare(ctx, owned)
	for err == nil && m.partly && m.leaveOut(ctx, p) {
		p, have, err = m.compare(ctx, owned)
	}
	if err != nil {
		return nil, have, owned, err
	}
	diffs, awaited, err := m.compareFiles(ctx, have)
	for _, d := range diffs {
		p.Files = append(p.Files, d.change())
	}
	p.Awaited = append(p.Awaited, awaited...)
	m.diffs = diffs
	return p, have, owned, err
}

// compare looks at the kernel and plans, without the route files.
func (m *Manager) compare(ctx until.Context, owned *object.Owned) (*plan.Plan, *object.Snapshot, error) {
	have, err := m.sys.Observe(ctx, m.want, owned)
	if err != nil {
		return nil, nil, err
	}
	have.Idle = map[string]bool{}
	for link := range m.idle {
		if dev := have.Link(link); dev == nil || dev.Values.Get("up") != "true" || dev.Idle {
			have.Idle[link] = true
		}
	}
	m.idle, have.Lacking = have.Idle, m.lacking
	p, err := plan.Make(m.want, have, owned)
	return p, have, err
}

// lock keeps other processes from changing the same namespace meanwhile. unlock
// may be called in any case.
func lock(dir string) (unlock func(), err error) {
	if err := sysfile.MakeFolder(dir); err != nil {
		return func() {}, runDirError(err)
	}
	f, err := os.OpenFile(sysfile.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return func() {}, runDirError(err)
	}
	unlock = func() { f.Close() }
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		return unlock, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	return unlock, nil
}

// busy tells whether another process has the lock.
func busy(dir string) bool {
	f, err := os.Open(sysfile.Join(dir, "lock"))
	if err != nil {
		return false
	}
	defer f.Close()
	return unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) == unix.EWOULDBLOCK
}

// runDirError says what to do about a folder for the state that cannot be used.
func runDirError(err error) error {
	if errors.Is(err, os.ErrPermission) && os.Geteuid() != 0 {
		return &kernel.PrivilegeError{Err: err}
	}
	return fmt.Errorf("folder for the state: %w: name another with --run-dir", err)
}

// union remembers all that either knows: what an apply that is killed may have
// made, and what was there before it.
func union(a, b *object.Owned) *object.Owned {
	u := a.Clone()
	for id, index := range b.Made {
		if _, known := u.Made[id]; !known {
			u.Made[id] = index
		}
	}
	for id, values := range b.Before {
		if u.Before[id] == nil {
			u.Before[id] = values.Clone()
			continue
		}
		for _, p := range values.Pairs() {
			if !u.Before[id].Has(p.Key) {
				u.Before[id].Set(p.Key, p.Text)
			}
		}
	}
	return u
}
