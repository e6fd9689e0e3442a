package main

import (
	"encoding/json"
	"io"
	"log"
	"sync"

	"bootlink/qemu/guest/wire"
)

// A server answers the requests of one connection. Requests run at the same
// time; the lock is for their answers.
type server struct {
	jobs *jobs

	mu  sync.Mutex
	enc *json.Encoder
}

// serve says hello and answers until conn has no more, then waits for what
// still runs. Jobs go on: the next connection finds them.
func serve(conn io.ReadWriter, jobs *jobs) {
	s := &server{jobs: jobs, enc: json.NewEncoder(conn)}
	s.send(wire.Response{Hello: wire.Booted})
	var pending sync.WaitGroup
	defer pending.Wait()
	for dec := json.NewDecoder(conn); ; {
		var req wire.Request
		if err := dec.Decode(&req); err != nil {
			if err != io.EOF {
				s.send(wire.Response{Fail: "request: " + err.Error()})
			}
			return
		}
		pending.Go(func() { s.send(s.answer(req)) })
	}
}

func (s *server) send(r wire.Response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.enc.Encode(r); err != nil {
		log.Print(err)
	}
}

// answer does what is asked for and fills in whose answer it is.
func (s *server) answer(req wire.Request) wire.Response {
	var r wire.Response
	switch {
	case len(req.Argv) > 0:
		r = run(req)
	case req.File != "":
		r = writeFile(req)
	case len(req.Start) > 0:
		r = s.jobs.start(req)
	case req.Kill != 0:
		r = s.jobs.kill(req)
	case req.Output != 0:
		r = s.jobs.output(req)
	default:
		r.Fail = "request: nothing asked for"
	}
	r.ID = req.ID
	return r
}
