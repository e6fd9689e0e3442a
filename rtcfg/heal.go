package rtcfg

import (
	"errors"
	"time"

	"bootlink/nlcore/until"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
	"bootlink/rtcfg/plan"
	"bootlink/rtcfg/undolog"
	"bootlink/rtcfg/watch"
)

// toldSteps bounds the lines that a look at the kernel may print.
const toldSteps = 5

// heal looks whether the kernel still is as the file says, and puts right what is
// not. What we wrote ourselves needs no telling apart: it is as the file says.
func (r *runner) heal(ctx until.Context) {
	if r.waits(ctx) {
		return
	}
	p, err := r.m.Plan(ctx)
	if err == nil && p.Empty() {
		r.told = ""
		return
	}
	names := drifted(p, err)
	if wait := r.pace.Due(names, time.Now()); wait > 0 {
		r.look(wait)
		return
	}
	if err == nil {
		err = r.putRight(ctx)
	}
	if rival := r.pace.Healed(names, time.Now()); rival != "" && err == nil {
		r.warnf("another program keeps changing what the file says: %s: it is put right more and more seldom", rival)
	}
	if err != nil {
		if err.Error() != r.told && r.instead(ctx, err) {
			return
		}
		if err.Error() != r.told {
			r.told = err.Error()
			r.warnf("%v", r.traced("heal.pcap", "apply.pcap", err))
		}
		r.look(max(r.pace.Due(names, time.Now()), watch.Pause)) // it may be another one's work that is half done
	}
}

// instead brings another configuration in force if the present one is refused, for
// it was rolled back. Without another the network stays as it is.
func (r *runner) instead(ctx until.Context, why error) bool {
	var refused *RefusedError
	sources := r.sources()
	return errors.As(why, &refused) && r.start(ctx, sources[1:len(sources)-1], why) == nil
}

// drifted names what is not as the file says.
func drifted(p *plan.Plan, err error) (names []string) {
	if err != nil {
		return []string{err.Error()}
	}
	for i := range p.Steps {
		names = order.Also(names, p.Steps[i].ID.String())
	}
	for _, f := range p.Files {
		names = order.Also(names, f.Pos.String())
	}
	return names
}

// putRight applies the file again.
func (r *runner) putRight(ctx until.Context) error {
	result, err := r.m.Apply(ctx, ApplyOptions{MaxDisruption: object.Recreate, heals: true})
	if err != nil {
		return err
	}
	r.healed++
	for i := range result.Steps {
		if i == toldSteps {
			r.logf("put right: %d more", len(result.Steps)-i)
			break
		}
		r.logf("put right: %s", &result.Steps[i])
	}
	return nil
}

// waits tells whether nothing is to be put right now: a change waits for its
// confirm, or another process has applied another version of the file, which is
// taken over.
func (r *runner) waits(ctx until.Context) bool {
	left, err := pendingTime(r.Options)
	if err == nil && left != nil {
		if *left > 0 {
			r.look(time.Second)
			return true
		}
		if recovered, _ := Recover(ctx, r.Options); recovered != nil {
			r.warnf("%s", recovered)
		}
		return false
	}
	last, err := readLog(r.Options, undolog.Last)
	if err != nil || last == nil || last.File != r.Config || last.At == r.change {
		return false
	}
	r.change = last.At
	want, err := Load(r.Config) // with its keys and route files
	if err != nil || want.Sum != last.Sum {
		return false
	}
	m, err := Open(want, r.Options)
	if err != nil {
		return false
	}
	r.logf("%s was applied by another process and is in force", r.Config)
	r.take(m)
	r.inForce = inForce{Source: r.Config}
	return false
}

// settingsDiffer tells whether a sysctl is not as the file says.
func (m *Manager) settingsDiffer(ctx until.Context) bool {
	if len(m.want.Of(object.Sysctl)) == 0 || ctx.Err() != nil {
		return false
	}
	have, err := m.sys.Settings(m.want)
	if err != nil {
		return false
	}
	for _, o := range m.want.Of(object.Sysctl) {
		if now, there := have[o.ID]; there && !object.SameSysctl(o.Values.Get("value"), now) {
			delete(m.lacking, o.ID) // a module that was loaded late has brought it
			return true
		}
	}
	return false
}

// RunningError: another `bootlink run` looks after the namespace.
type RunningError struct{ PID string }

// Error names the other.
func (e *RunningError) Error() string {
	return "bootlink run is there already, with process " + e.PID + ": send that one SIGHUP to have the file read again"
}
