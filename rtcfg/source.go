package rtcfg

import (
	"context"
	"errors"
	"fmt"
	"path"

	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/object"
)

// lastGood is the name of the configuration that was in force last, in the folder
// for what outlives a boot.
const lastGood = "last-good.toml"

// A source is where a configuration for the start comes from.
type source struct {
	name string // for people
	load func() (*object.Desired, error)
}

// sources lists what is tried at the start, in order.
func (r *runner) sources() []source {
	list := []source{{r.Config, func() (*object.Desired, error) { return Load(r.Config) }}}
	if file := r.lastGood(); file != "" {
		list = append(list, source{"the last good configuration, " + file, func() (*object.Desired, error) { return Load(file) }})
	}
	if r.Rescue != nil {
		list = append(list, source{"the board's rescue configuration", r.Rescue})
	}
	return list
}

func (r *runner) lastGood() string {
	if r.StateDir == "" {
		return ""
	}
	return path.Join(r.StateDir, lastGood)
}

// start brings the first of the sources in force that can be. The error is that of
// the first.
func (r *runner) start(ctx context.Context) error {
	var why error
	for i, s := range r.sources() {
		want, err := s.load()
		if err == nil {
			err = r.round(ctx, want, s.name, i == 0)
		}
		var missing *MissingBusError
		switch {
		case err == nil:
			r.inForce = inForce{Source: s.name}
			if why != nil {
				r.inForce.Why = why.Error()
				r.logf("IN FORCE IS %s, because: %v", s.name, why)
			}
			if i == 0 {
				r.remember(want)
			}
			return nil
		case errors.As(err, &missing) || ctx.Err() != nil:
			return err
		case why == nil:
			why = err
		}
		r.logf("%s: cannot be in force: %v", s.name, err)
	}
	return why
}

// remember keeps what is in force, and good, for the next boot. Without it there is
// one way less to start, so it is told and no failure.
func (r *runner) remember(want *object.Desired) {
	file := r.lastGood()
	if file == "" {
		return
	}
	old, err := sysfile.Read(file)
	if err == nil && string(old) == string(want.Text) {
		return // flash memory wears out
	}
	err = sysfile.MakeFolder(r.StateDir)
	if err == nil {
		err = sysfile.Replace(file, want.Text)
	}
	if err != nil {
		r.logf("the configuration cannot be kept for the next boot: %v", err)
	}
}

// inForce says which configuration is in force.
type inForce struct {
	Source string // its file, in words
	Why    string // why it is not router.toml; "" if it is
}

// String gives the line of status.
func (f inForce) String() string {
	if f.Why == "" {
		return f.Source
	}
	return fmt.Sprintf("%s, because: %s", f.Source, f.Why)
}
