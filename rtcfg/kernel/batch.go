package kernel

import (
	"errors"
	"time"

	"bootlink/nlcore"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"

	"golang.org/x/sys/unix"
)

// A batch is full at this many steps or bytes. It is then what [nlcore.Conn.Batch]
// puts into one datagram: 64 KiB, less room for the longest step.
const (
	batchSteps = 1000
	batchBytes = 56 << 10
)

// grace is how long the answers to what was sent are waited for when the
// context ends. They are there when the send returns, so it never passes.
const grace = 5 * time.Second

// A batch is steps that go to the kernel in one datagram. The kernel carries
// them out in order and goes on after one that it refuses, so a batch ends
// before a step that must not be taken then; see joins.
type batch struct {
	s         *System
	conn      *nlcore.Conn
	steps     []plan.Step
	requests  []nlcore.Request
	bytes     int
	unsettled unsettled
	cautious  bool
}

// unsettled are names of links that steps of a batch make, change or remove:
// which index they have is known once the batch is through.
//
// The kernel would let us choose the index of a new link, and then one batch
// could hold what refers to it, too. But a device that somebody else makes at
// the same time may get that very index, and what is meant for ours would be
// done to it. The kernel's own count would not go on either, so that the next
// device would get the index of one that was just deleted, from which the state
// file could not tell it.
type unsettled struct {
	*names
	links map[string]bool
}

// Index implements [object.Names]: EAGAIN ends the batch.
func (u *unsettled) Index(name string) (uint32, error) {
	if u.links[name] {
		return 0, unix.EAGAIN
	}
	return u.names.Index(name)
}

// gather takes steps into a batch until one has to wait for what became of
// those before it. The error is that of the first step if it has no message.
func (s *System) gather(ctx until.Context, steps []plan.Step, cautious bool) (*batch, error) {
	b := &batch{s: s, requests: s.requests[:0], cautious: cautious, unsettled: unsettled{names: s.names, links: map[string]bool{}}}
	defer func() { s.requests = b.requests }()
	for i := range steps {
		if i > 0 && !b.joins(&steps[i-1], &steps[i]) {
			break
		}
		r, err := steps[i].Encode(&b.unsettled, s.protocol)
		if err == nil {
			b.conn, err = s.route(ctx, family(steps[i].ID.Class), &r)
		}
		if err != nil && i == 0 {
			return nil, err
		}
		if err != nil {
			break // it gets its turn, and its error, as the first of the next batch
		}
		b.requests = append(b.requests, r)
		b.bytes += unix.NLMSG_HDRLEN + len(r.Body)
		b.unsettle(&steps[i])
	}
	b.steps = steps[:len(b.requests)]
	return b, nil
}

// joins tells whether a step may be taken even if those before it are refused.
func (b *batch) joins(before, step *plan.Step) bool {
	switch {
	case step.ID.Class == object.Sysctl, len(b.requests) == batchSteps, b.bytes >= batchBytes:
		return false
	case family(before.ID.Class) != family(step.ID.Class):
		return false // is another socket's
	case alone(before) || alone(step):
		return false
	case needsSource(before) || needsSource(step):
		return false // may have to wait, and be tried again
	case carrierOf(step) != "" && (carrierOf(step) != carrierOf(before) || fleeting(step) && !fleeting(before)):
		return false // has to wait
	case !b.cautious:
		return true
	case step.Op == object.Delete && before.Op != object.Delete:
		return false // what is to replace it must be there
	}
	return !takesAlong(step)
}

// alone tells steps that go in a datagram of their own. When a process is killed it
// is not known of its last datagram whether the kernel got it, and what undoes these
// is no use if it did not: links change their names, or one takes the place of another.
// One can see of each whether it was done ([plan.Step.Taken]).
func alone(step *plan.Step) bool {
	renames := step.Values.Has("name")
	return step.ID.Class == object.Link && (step.Op == object.Delete || step.Op == object.Change && renames)
}

// leaves are the classes of which an object can go without another.
var leaves = map[object.Class]bool{object.Route: true, "rule": true, "neighbour": true, object.Peer: true}

// takesAlong tells steps by which the kernel may remove, or change, more than
// what the step says: the plan has other steps before it for that, and only
// they can be undone.
func takesAlong(step *plan.Step) bool {
	moves := step.Values.Has("master")
	switch {
	case step.Cost > object.Live:
		return true
	case step.Op == object.Delete:
		return !leaves[step.ID.Class]
	case step.Op == object.Change && step.ID.Class == object.Link:
		return step.Values.Get("up") == "false" || moves && step.Before.Get("master") != ""
	}
	return false
}

// unsettle notes the links of which the step changes the identity.
func (b *batch) unsettle(step *plan.Step) {
	if step.ID.Class != object.Link || step.Op == object.Change && step.After() == step.ID {
		return
	}
	b.unsettled.links[step.ID.Name], b.unsettled.links[step.After().Name] = true, true
	if peer := step.Values.Get("veth.peer"); peer != "" {
		b.unsettled.links[peer] = true
	}
}

// send gives the batch to the kernel and tells what became of each of its
// first steps, at least of one: nil when it took effect. The others were not
// sent.
func (b *batch) send(ctx until.Context) []error {
	ctx, stop := until.Outlast(ctx, grace)
	defer stop()
	results := make([]error, len(b.steps))
	err := b.conn.Batch(ctx, b.requests)
	var failed *nlcore.BatchError
	switch {
	case errors.As(err, &failed):
		results = b.refused(failed, results)
	case err != nil:
		return []error{err}
	}
	for i := range results {
		if results[i] == nil {
			b.s.follow(&b.steps[i])
		}
	}
	return results
}

// refused sorts the failures into results, and cuts off what was not sent.
func (b *batch) refused(failed *nlcore.BatchError, results []error) []error {
	for i := range results {
		if failed.Cause != nil && failed.Sent == len(results) {
			results[i] = &doubtError{failed.Cause}
		}
	}
	for _, refusal := range failed.Failed {
		refusal.Label = b.steps[refusal.Index].String() // words for all steps would cost as much as their messages
		results[refusal.Index] = lackOf(&b.steps[refusal.Index], refusal)
	}
	if failed.Cause != nil && failed.Sent < len(results) {
		results[failed.Sent] = failed.Cause
		return results[:failed.Sent+1]
	}
	return results[:failed.Sent]
}

// A doubtError: the step was sent, and what became of it is not known. It most
// likely took effect, for the kernel says so when it refuses one.
type doubtError struct{ error }

// Unwrap gives the reason.
func (e *doubtError) Unwrap() error { return e.error }
