package rtcfg

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"bootlink/kmod"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

// RunOptions say what [Run] keeps in force.
type RunOptions struct {
	Options
	Config string    // the file; read again at each SIGHUP
	Log    io.Writer // one line an event
}

// Run is the program of the init process: it loads the module, lists the buses,
// applies the file and stays. SIGHUP applies the file anew; a file with faults,
// or one that the kernel refuses, changes nothing then. The end of ctx ends it
// and leaves the network up.
//
// Errors are those of the first apply, and [*MissingBusError].
func Run(ctx context.Context, o RunOptions) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, unix.SIGHUP)
	defer signal.Stop(hup)
	r := &runner{RunOptions: o}
	if err := r.round(ctx, true); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			r.logf("ends; the network stays as it is")
			return nil
		case <-hup:
			r.logf("SIGHUP: reading %s again", o.Config)
			if err := r.round(ctx, false); err != nil {
				r.logf("the configuration in force stays: %v", err)
			}
		}
	}
}

type runner struct {
	RunOptions
}

func (r *runner) logf(format string, args ...any) {
	fmt.Fprintf(r.Log, "bootlink: "+format+"\n", args...)
}

// round does all that a start or a reload does.
func (r *runner) round(ctx context.Context, first bool) error {
	start := time.Now()
	want, err := Load(r.Config)
	if err != nil {
		return err
	}
	r.loadModule(ctx, want)
	if err := r.probe(want, first); err != nil {
		return err
	}
	m, err := Open(want, r.Options)
	if err != nil {
		return err
	}
	defer m.Close()
	result, err := m.Apply(ctx, ApplyOptions{MaxDisruption: object.Recreate})
	if err != nil {
		return err
	}
	for _, a := range result.Awaited {
		r.logf("later: %s", a)
	}
	r.logf("%s is in force: %d steps, %d writes, %d awaited, %s", r.Config, len(result.Steps), result.Writes, len(result.Awaited),
		time.Since(start).Round(100*time.Microsecond))
	return nil
}

// loadModule loads what [hello] asks for. Whether its buses are needed is for
// the probe to say, so a failure is told and not fatal here.
func (r *runner) loadModule(ctx context.Context, want *object.Desired) {
	h := want.Hello
	if h == nil {
		return
	}
	err := kmod.Load(ctx, kmod.Params{Module: h.Module, HelloProto: h.HelloProto, ByeProto: h.ByeProto})
	if err != nil {
		r.logf("%s: [hello]: %v", h.Pos, err)
	}
}

func (r *runner) probe(want *object.Desired, table bool) error {
	reports, err := ProbeBuses(want, r.NetNS)
	if err != nil {
		return err
	}
	if table {
		WriteBuses(r.Log, reports)
	}
	for _, b := range missing(reports, Wanted) {
		r.logf("%s: netlink bus %d (%s) is wanted and missing, going on without: %s: %s", b.Line, b.Bus.Number, b.Bus.Name, b.Reason, b.Mend)
	}
	if list := missing(reports, Required); len(list) > 0 {
		return &MissingBusError{list}
	}
	return nil
}
