package rtcfg

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"bootlink/nlcore/sysfile"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/control"
)

// controlSocket is where `bootlink run` listens, in the run folder.
const controlSocket = "control"

// A request waits for the daemon's loop, which alone works.
type request struct {
	word  string
	reply chan string
}

// serve opens the control socket.
func (r *runner) serve(ctx until.Context) (stop func(), err error) {
	s, err := control.Listen(sysfile.Join(r.runDir(), controlSocket), r.handle)
	if err != nil {
		return nil, err
	}
	go s.Serve(ctx)
	return func() { s.Close() }, nil
}

// handle takes a client's request to the loop; events are served beside it.
func (r *runner) handle(ctx until.Context, word, _ string, w io.Writer) error {
	if word == "events" {
		return r.feed.copy(ctx, w)
	}
	q := request{word, make(chan string, 1)}
	select {
	case r.requests <- q:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case text := <-q.reply:
		_, err := w.Write([]byte(text))
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answer does what a request asks for.
func (r *runner) answer(ctx until.Context, word string) string {
	var err error
	text := "done\n"
	switch word {
	case "status":
		return r.report()
	case "reload":
		err = r.reload(ctx)
	case "confirm":
		var kept bool
		if kept, err = Confirm(r.Options); kept && err != nil {
			r.warnf("%v", err)
			err = nil
		}
	case "rollback":
		var recovered *Recovery
		if recovered, err = Rollback(ctx, r.Options); err == nil {
			text = recovered.String() + "\n"
		}
	default:
		err = fmt.Errorf("unknown request %q: status, reload, confirm, rollback, events", word)
	}
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	return text
}

// RunStatus is what a running `bootlink run` says of itself.
type RunStatus struct {
	_ [0]func() // no equality: it would be code

	InForce  string `json:"in_force"`
	Fallback bool   `json:"fallback"` // it is not what router.toml says
	Seconds  uint64 `json:"seconds"`  // since the start
	Healed   uint64 `json:"healed"`   // times that something was put right
	Events   uint64 `json:"events"`
	Overruns uint64 `json:"overruns"`
	Resyncs  uint64 `json:"resyncs"`
	Trouble  string `json:"trouble,omitempty"` // what cannot be put right
}

// report writes a RunStatus, a line for each field.
func (r *runner) report() string {
	stats := r.watch.Stats()
	fallback := uint64(0)
	if r.inForce.Why != "" {
		fallback = 1
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", oneLine(r.inForce.String()), oneLine(r.told))
	for _, n := range [...]uint64{fallback, uint64(time.Since(r.since) / time.Second), r.healed, stats.Events, stats.Overruns, stats.Resyncs} {
		fmt.Fprintf(&b, "%d\n", n)
	}
	return b.String()
}

func oneLine(text string) string { return strings.ReplaceAll(text, "\n", "; ") }

// AskRun asks a running `bootlink run` how it is; nil if there is none.
func AskRun(o Options) (*RunStatus, error) {
	text, err := AskDaemon(o, "status")
	if errors.Is(err, control.ErrNobody) {
		return nil, nil
	}
	lines := strings.Split(text, "\n")
	if err != nil || len(lines) < 8 {
		return nil, errors.Join(err, fmt.Errorf("bootlink run answers %q", text))
	}
	s := &RunStatus{InForce: lines[0], Trouble: lines[1], Fallback: lines[2] == "1"}
	for i, n := range [...]*uint64{&s.Seconds, &s.Healed, &s.Events, &s.Overruns, &s.Resyncs} {
		*n, _ = strconv.ParseUint(lines[3+i], 10, 64)
	}
	return s, nil
}

// AskDaemon sends a request to a running `bootlink run` and gives its answer.
func AskDaemon(o Options, word string) (string, error) {
	var b strings.Builder
	err := control.Ask(sysfile.Join(o.runDir(), controlSocket), word, time.Minute, &b)
	return b.String(), err
}

// Events copies what a running `bootlink run` says to w until it ends.
func Events(o Options, w io.Writer) error {
	return control.Ask(sysfile.Join(o.runDir(), controlSocket), "events", 0, w)
}
