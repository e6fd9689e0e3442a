package rtcfg

import (
	"errors"
	"os"
	"os/signal"
	"time"

	"bootlink/kmod"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/undolog"
	"bootlink/rtcfg/watch"

	"golang.org/x/sys/unix"
)

// RunOptions say what [Run] keeps in force.
type RunOptions struct {
	Options
	Config string // the file
	// Load reads it, at the start and at each SIGHUP, or gives what stands for it.
	Load func() (*object.Desired, error)

	// ReadyFD is a descriptor on which a newline says that the network is configured;
	// 0: none. NOTIFY_SOCKET is told in any case.
	ReadyFD int
	// Rescue gives the configuration of last resort; nil: there is none.
	Rescue func() (*object.Desired, error)

	Log func(Level, string) // takes a line for each event
}

// Run is the program of the init process: it undoes what a killed apply has left,
// loads the module, lists the buses, applies the file, and keeps it so: what others
// change of it is put right, and devices that appear are configured. SIGHUP applies the
// file anew; a file with faults, or one that the kernel refuses, changes nothing
// then. What the kernel lacks is left out, and told. The end of ctx ends it and leaves
// the network up.
//
// Errors are those of the first apply, and [*MissingBusError], [*RunningError]; in the end
// [*PartialError].
func Run(ctx until.Context, o RunOptions) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, unix.SIGHUP)
	defer signal.Stop(hup)
	release, err := onlyOne(o.runDir())
	if err != nil {
		return err
	}
	defer release()
	o.partly = true
	r := &runner{RunOptions: o, requests: make(chan request), since: time.Now(), feed: &feed{to: o.Log}}
	if err := r.open(); err != nil {
		return err
	}
	defer r.close()
	if err := r.first(ctx); err != nil {
		return err
	}
	stop, err := r.serve(ctx)
	switch {
	case errors.Is(err, unix.EAFNOSUPPORT): // a kernel without CONFIG_UNIX
		r.warnf("%v: going on without: nobody can ask for the status", err)
	case err != nil:
		return err
	default:
		defer stop()
	}
	if err := ready(o.ReadyFD); err != nil {
		r.warnf("%v", err)
	}
	if err := dropPrivileges(o.NetNS, r.m.want.Hello != nil); err != nil {
		r.warnf("%v: going on with all of them", err)
	}
	go r.watch.Listen(ctx)
	r.loop(ctx, hup)
	if len(r.m.lacking) > 0 {
		return &PartialError{}
	}
	return nil
}

type runner struct {
	RunOptions
	watch *watch.Watcher
	m     *Manager // of the configuration in force

	inForce inForce

	requests chan request
	feed     *feed
	since    time.Time
	healed   uint64

	pace  watch.Pace
	timer *time.Timer // until the next look; runs while something may have changed
	due   chan struct{}
	next  time.Time // when that is; zero: there is none to come
	took  time.Duration
	told  string // the last trouble that was told
	deaf  string // and the last of the subscription

	change int64 // the last change of ours, or of another process of which we know
}

func (r *runner) logf(format string, args ...any)  { r.feed.say(Info, format, args...) }
func (r *runner) warnf(format string, args ...any) { r.feed.say(Warning, format, args...) }

// open subscribes before anything is looked at.
func (r *runner) open() (err error) {
	r.due = make(chan struct{}, 1)
	r.timer = time.AfterFunc(time.Hour, func() {
		select {
		case r.due <- struct{}{}:
		default:
		}
	})
	r.timer.Stop()
	r.watch, err = watch.Open(r.NetNS, r.Trace)
	return err
}

func (r *runner) close() {
	r.watch.Close()
	if r.m != nil {
		r.m.Close()
	}
}

// loop does what comes up until ctx ends.
func (r *runner) loop(ctx until.Context, hup <-chan os.Signal) {
	second := until.Every(ctx, time.Second)
	for {
		select {
		case <-ctx.Done():
			r.logf("ends; the network stays as it is")
			return
		case <-hup:
			r.logf("SIGHUP: reading %s again", r.Config)
			if err := r.reload(ctx); err != nil {
				r.warnf("the configuration in force stays: %v", err)
			}
		case q := <-r.requests:
			q.reply <- r.answer(ctx, q.word)
		case <-r.watch.Wake():
			r.deaf = ""
			r.look(r.pause())
		case err := <-r.watch.Failed():
			r.again(ctx, err)
		case <-second: // no event tells of a setting
			if r.m.settingsDiffer(ctx) {
				r.look(r.pause())
			}
		case <-r.due:
			r.next = time.Time{}
			start := time.Now()
			r.heal(ctx)
			r.took = time.Since(start)
		}
	}
}

// again subscribes anew after a failure of the socket, and looks at everything.
func (r *runner) again(ctx until.Context, err error) {
	if err.Error() != r.deaf {
		r.deaf = err.Error()
		r.warnf("%v: subscribing again", err)
	}
	r.watch.Close()
	if r.watch, err = watch.Open(r.NetNS, r.Trace); err != nil {
		r.watch = watch.Broken(err)
	}
	go r.watch.Listen(ctx)
	r.look(watch.Pause)
}

// look has the kernel looked at after a while, or before. Events that come all the
// time do not put it off.
func (r *runner) look(wait time.Duration) {
	at := time.Now().Add(wait)
	if r.next.IsZero() || at.Before(r.next) {
		r.next = at
		r.timer.Reset(wait)
	}
}

// pause is how long events are gathered: so long that looking takes a fifth of the time
// at most, and a second at most.
func (r *runner) pause() time.Duration { return max(watch.Pause, min(4*r.took, time.Second)) }

// first brings the configuration in force at the start; a change that waits for its
// confirm is waited for.
func (r *runner) first(ctx until.Context) error {
	for told := false; ; told = true {
		recovered, err := Recover(ctx, r.Options)
		if recovered != nil {
			r.warnf("%s", recovered)
		}
		var pending *PendingError
		switch {
		case err == nil:
			return r.start(ctx, r.sources(), nil)
		case !errors.As(err, &pending):
			return err
		case !told:
			r.warnf("%v", err)
		}
		if err := until.Sleep(ctx, keeperPause); err != nil {
			return err
		}
	}
}

// reload reads the file anew and brings it in force.
func (r *runner) reload(ctx until.Context) error {
	want, err := r.Load()
	if err == nil {
		err = r.round(ctx, want, source{name: want.File}, false)
	}
	if err != nil {
		return err
	}
	r.inForce = inForce{Source: want.File}
	return nil
}

// round does all that a start or a reload does.
func (r *runner) round(ctx until.Context, want *object.Desired, s source, table bool) error {
	start := time.Now()
	r.loadModule(ctx, want)
	if err := r.probe(want, table); err != nil {
		return err
	}
	m, err := Open(want, r.Options)
	if err != nil {
		return err
	}
	result, err := m.Apply(ctx, ApplyOptions{MaxDisruption: object.Recreate, Anyway: s.anyway})
	if err != nil {
		m.Close()
		return r.traced("apply.pcap", "heal.pcap", err)
	}
	if result.Unkept != nil {
		r.warnf("%v", result.Unkept)
	}
	r.take(m)
	if last, err := readLog(r.Options, undolog.Last); err == nil && last != nil {
		r.change = last.At
	}
	for _, a := range result.Awaited {
		r.logf("later: %s: %s", a.Pos, a)
	}
	r.logf("%s is in force: %d steps, %d writes, %d awaited, %s", s.name, len(result.Steps), result.Writes, len(result.Awaited),
		time.Since(start).Round(100*time.Microsecond))
	return nil
}

// take makes a configuration the one in force.
func (r *runner) take(m *Manager) {
	if r.m != nil {
		r.m.Close()
	}
	r.m, r.told = m, ""
}

// loadModule loads what [hello] asks for. Whether its buses are needed is for
// the probe to say, so a failure is told and not fatal here.
func (r *runner) loadModule(ctx until.Context, want *object.Desired) {
	h := want.Hello
	if h == nil {
		return
	}
	err := kmod.Load(ctx, kmod.Params{Module: h.Module, HelloProto: h.HelloProto, ByeProto: h.ByeProto})
	if err != nil {
		r.warnf("%s: [hello]: %v", h.Pos, err)
	}
}

func (r *runner) probe(want *object.Desired, table bool) error {
	reports, err := ProbeBuses(want, r.NetNS)
	if err != nil {
		return err
	}
	if table {
		WriteBuses(r.feed, reports, false)
	}
	for _, b := range missing(reports, Wanted) {
		r.warnf("%s: netlink bus %d (%s) is wanted and missing, going on without: %s: %s", b.Line, b.Bus.Number, b.Bus.Name, b.Reason, b.Mend)
	}
	if list := missing(reports, Required); len(list) > 0 {
		return &MissingBusError{list}
	}
	return nil
}
