package watch

import "time"

// Pause is how long events are gathered before somebody looks.
const Pause = 50 * time.Millisecond

// A Pace says how soon what drifted is put right: at once, unless it drifts again
// right after it was put right, and then later each time, so that two programs that
// undo each other do not keep the machine busy. The zero value is ready for use.
type Pace struct {
	known map[string]*fight
}

// fight is the story of one object.
type fight struct {
	last  time.Time // when it was put right
	times int       // in a row that it did not stay so
}

// The pace's bounds.
const (
	shortPause = time.Second // what stays for so long was not undone by a rival
	longPause  = time.Minute
	patience   = 5 // times in a row that are not worth a word
)

// pause is how long the object has to wait after it was put right.
func (f *fight) pause() time.Duration {
	if f.times == 0 {
		return 0
	}
	return min(Pause<<min(f.times, 20), longPause)
}

// Due gives how long to wait until the first of the objects may be put right.
func (p *Pace) Due(objects []string, now time.Time) time.Duration {
	wait := longPause
	for _, name := range objects {
		f := p.known[name]
		if f == nil {
			return 0
		}
		wait = min(wait, f.last.Add(f.pause()).Sub(now))
	}
	return max(wait, 0)
}

// Healed notes that objects were put right, and gives one of which it is time to say
// that it does not stay so; "" if there is none.
func (p *Pace) Healed(objects []string, now time.Time) (rival string) {
	if p.known == nil {
		p.known = map[string]*fight{}
	}
	for name, f := range p.known {
		if now.Sub(f.last) > 2*max(f.pause(), shortPause) {
			delete(p.known, name)
		}
	}
	for _, name := range objects {
		f := p.known[name]
		if f == nil {
			f = &fight{times: -1}
			p.known[name] = f
		}
		f.last = now
		if f.times++; f.times == patience {
			rival = name
		}
	}
	return rival
}
