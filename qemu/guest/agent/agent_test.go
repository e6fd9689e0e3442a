package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootlink/qemu/guest/wire"
)

// A peer is the test's end of a connection to an agent.
type peer struct {
	t   *testing.T
	enc *json.Encoder
	dec *json.Decoder
}

func connect(t *testing.T) *peer {
	t.Helper()
	here, there := net.Pipe()
	ended := make(chan struct{})
	go func() { serve(there, newJobs()); close(ended) }()
	t.Cleanup(func() { here.Close(); there.Close(); <-ended })
	p := &peer{t: t, enc: json.NewEncoder(here), dec: json.NewDecoder(here)}
	if r := p.receive(); r.Hello != wire.Booted {
		t.Fatalf("first message: %+v", r)
	}
	return p
}

func (p *peer) send(req wire.Request) {
	p.t.Helper()
	if err := p.enc.Encode(req); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) receive() wire.Response {
	p.t.Helper()
	var r wire.Response
	if err := p.dec.Decode(&r); err != nil {
		p.t.Fatal(err)
	}
	return r
}

func (p *peer) do(req wire.Request) wire.Response {
	p.t.Helper()
	p.send(req)
	r := p.receive()
	if r.ID != req.ID {
		p.t.Fatalf("answer %d to request %d", r.ID, req.ID)
	}
	return r
}

func TestRun(t *testing.T) {
	p := connect(t)
	for i, c := range []struct {
		req      wire.Request
		code     int
		out, err string
	}{
		{wire.Request{Argv: []string{"cat"}, In: wire.Text("a\xff\x00b")}, 0, "a\xff\x00b", ""},
		{wire.Request{Argv: []string{"sh", "-c", "echo o; echo e >&2; exit 7"}}, 7, "o\n", "e\n"},
		{wire.Request{Argv: []string{"sh", "-c", "kill -9 $$"}}, 128 + 9, "", ""},
		{wire.Request{Argv: []string{"sh", "-c", "echo o; exec sleep 100"}, Timeout: 0.2}, wire.TimedOut, "o\n", ""},
		// The shell's child holds the pipes for longer than the limit.
		{wire.Request{Argv: []string{"sh", "-c", "sleep 100; true"}, Timeout: 0.2}, wire.TimedOut, "", ""},
	} {
		c.req.ID = int64(i + 1)
		r := p.do(c.req)
		if r.Code != c.code || r.Out.String() != c.out || r.Err.String() != c.err || r.Fail != "" {
			t.Errorf("%q: %+v", c.req.Argv, r)
		}
	}
}

func TestNoSuchCommand(t *testing.T) {
	p := connect(t)
	for _, req := range []wire.Request{
		{ID: 1, Argv: []string{"/no/such"}},
		{ID: 2, Start: []string{"/no/such"}},
	} {
		if r := p.do(req); !strings.Contains(r.Fail, "/no/such: no such file") {
			t.Errorf("%+v", r)
		}
	}
}

func TestBadRequests(t *testing.T) {
	p := connect(t)
	for _, c := range []struct {
		req  wire.Request
		fail string
	}{
		{wire.Request{ID: 1}, "request: nothing asked for"},
		{wire.Request{ID: 2, Kill: 1}, "kill 1: not started by me"},
		{wire.Request{ID: 3, Output: 1}, "output 1: not started by me"},
	} {
		if r := p.do(c.req); r.Fail != c.fail {
			t.Errorf("%q, want %q", r.Fail, c.fail)
		}
	}
	if err := p.enc.Encode("text"); err != nil {
		t.Fatal(err)
	}
	if r := p.receive(); !strings.HasPrefix(r.Fail, "request: json:") {
		t.Errorf("%+v", r)
	}
}

// A request that waits must not keep the next one from being answered.
func TestRequestsRunAtTheSameTime(t *testing.T) {
	p := connect(t)
	fifo := filepath.Join(t.TempDir(), "fifo")
	if r := p.do(wire.Request{ID: 1, Argv: []string{"mkfifo", fifo}}); r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	p.send(wire.Request{ID: 2, Argv: []string{"cat", fifo}})
	p.send(wire.Request{ID: 3, Argv: []string{"sh", "-c", "echo through >" + fifo}})
	ids := map[int64]string{}
	for range 2 {
		r := p.receive()
		ids[r.ID] = r.Out.String()
	}
	if ids[2] != "through\n" || len(ids) != 2 {
		t.Errorf("%v", ids)
	}
}

func TestStartOutputKill(t *testing.T) {
	p := connect(t)
	started := p.do(wire.Request{ID: 1, Start: []string{"sh", "-c", `
		trap 'echo bye; exit 3' TERM; read x; echo got $x >&2; while :; do sleep 0.05; done`}, In: wire.Text("line\n")})
	if started.PID == 0 {
		t.Fatalf("%+v", started)
	}
	// The trap is set once the shell has answered its input.
	for deadline := time.Now().Add(10 * time.Second); ; {
		r := p.do(wire.Request{ID: 2, Output: started.PID})
		if !r.Running || time.Now().After(deadline) {
			t.Fatalf("not running: %+v", r)
		}
		if r.Err.String() == "got line\n" {
			break
		}
	}
	if r := p.do(wire.Request{ID: 3, Output: started.PID, Wait: true, Timeout: 0.05}); !r.Running {
		t.Fatalf("ended: %+v", r)
	}
	p.do(wire.Request{ID: 4, Kill: started.PID})
	r := p.do(wire.Request{ID: 5, Output: started.PID, Wait: true, Timeout: 10})
	if r.Running || r.Code != 3 || r.Out.String() != "bye\n" {
		t.Errorf("after SIGTERM: %+v", r)
	}
	if r := p.do(wire.Request{ID: 6, Kill: started.PID}); r.Fail != "" {
		t.Errorf("kill of an ended one: %+v", r)
	}
}

func TestWriteFile(t *testing.T) {
	p := connect(t)
	path := filepath.Join(t.TempDir(), "a", "b")
	for i, c := range []struct {
		data string
		mode uint32
		want os.FileMode
	}{{"first", 0, 0o644}, {"#!/bin/sh\necho run\n", 0o755, 0o755}} {
		if r := p.do(wire.Request{ID: int64(i), File: path, Data: []byte(c.data), Mode: c.mode}); r.Fail != "" {
			t.Fatal(r.Fail)
		}
		got, err := os.ReadFile(path)
		info, _ := os.Stat(path)
		if err != nil || string(got) != c.data || info.Mode() != c.want {
			t.Errorf("%q, %v, %v", got, info.Mode(), err)
		}
	}
	if r := p.do(wire.Request{ID: 9, Argv: []string{path}}); r.Out.String() != "run\n" {
		t.Errorf("%+v", r)
	}
	if r := p.do(wire.Request{ID: 10, File: path + "/under/a/file"}); !strings.Contains(r.Fail, "not a directory") {
		t.Errorf("%+v", r)
	}
}

func TestFindPort(t *testing.T) {
	sys := t.TempDir()
	if got := findPort(sys, "agent"); got != "" {
		t.Errorf("found %q in nothing", got)
	}
	for dev, name := range map[string]string{"vport0p1": "other", "vport1p2": "agent"} {
		if r := writeFile(wire.Request{File: filepath.Join(sys, dev, "name"), Data: []byte(name + "\n")}); r.Fail != "" {
			t.Fatal(r.Fail)
		}
	}
	if got := findPort(sys, "agent"); got != "/dev/vport1p2" {
		t.Errorf("found %q", got)
	}
}
