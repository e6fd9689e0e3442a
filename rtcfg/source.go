package rtcfg

import (
	"errors"
	"fmt"

	"bootlink/nlcore/sysfile"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/object"
)

// A source is where a configuration for the start comes from.
type source struct {
	name string // for people
	load func() (*object.Desired, error)

	anyway bool // although it is refused: the network is better than none
}

// sources lists what is tried at the start, in order.
func (r *runner) sources() []source {
	file := func(name, words string) source {
		return source{name: words + name, load: func() (*object.Desired, error) { return Load(name) }}
	}
	first := source{name: r.Config, load: r.Load}
	list := []source{first}
	for _, good := range [...][2]string{{lastGood, "the last good configuration, "}, {goodBefore, "the good configuration before that, "}} {
		name := sysfile.Join(r.StateDir, good[0])
		if r.StateDir != "" && sysfile.Exists(name) {
			list = append(list, file(name, good[1]))
		}
	}
	if r.Rescue != nil {
		list = append(list, source{name: "the board's rescue configuration", load: r.Rescue})
	}
	first.anyway = true
	return append(list, first)
}

// start brings the first of the sources in force that can be. why is the reason not
// to take what stands before them, and is the error in the end; nil: they are all.
func (r *runner) start(ctx until.Context, sources []source, why error) error {
	for _, s := range sources {
		var refused *RefusedError
		if s.anyway && !errors.As(why, &refused) {
			break
		}
		want, err := s.load()
		if err == nil {
			if s.name == r.Config {
				s.name = want.File // which may be the board's default
			}
			err = r.round(ctx, want, s, why == nil)
		}
		var missing *MissingBusError
		switch {
		case err == nil:
			r.inForce = inForce{Source: s.name}
			if why != nil {
				r.inForce.Why = why.Error()
				r.warnf("IN FORCE IS %s, because: %v", s.name, why)
			}
			return nil
		case errors.As(err, &missing) || ctx.Err() != nil:
			return err
		case why == nil:
			why = err
		}
		r.warnf("%s: cannot be in force: %v", s.name, err)
	}
	return why
}

// inForce says which configuration is in force.
type inForce struct {
	_ [0]func() // no equality: it would be code

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
