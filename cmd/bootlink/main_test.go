package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bootlink/rtcfg/lab"

	"golang.org/x/sys/unix"
)

var (
	// binary is the program, built once: these tests run it as a user would.
	binary string

	// shipped is the same without the race detector and cgo: under strace it is
	// twice as quick, and these two bring calls of their own.
	shipped string

	// program links all of it into the test, too: go test must not take the
	// outcome from its cache when something below main has changed.
	program = main
)

func TestMain(m *testing.M) {
	dir, err := build()
	if err != nil || program == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // the detector would keep each run for a second
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// build makes the binary in a new folder, which unprivileged users may enter;
// with the race detector if the tests have it.
func build() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "bootlink-test"); err != nil {
		return "", err
	}
	binary, shipped = filepath.Join(dir, "bootlink"), filepath.Join(dir, "shipped")
	for _, c := range []*exec.Cmd{
		exec.Command("go", slices.Concat([]string{"build", "-o", binary}, buildFlags, []string{"."})...),
		exec.Command("env", "CGO_ENABLED=0", "go", "build", "-o", shipped, "."),
	} {
		if out, err := c.CombinedOutput(); err != nil {
			return dir, fmt.Errorf("go build: %w\n%s", err, out)
		}
	}
	return dir, os.Chmod(dir, 0o755)
}

// outcome is what a run of the program gave.
type outcome struct {
	code           int
	stdout, stderr string
}

func (o outcome) String() string {
	return fmt.Sprintf("exit %d\nstdout: %s\nstderr: %s", o.code, o.stdout, o.stderr)
}

// finish runs a command to its end.
func finish(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v: %v", cmd.Args, err)
	}
	return outcome{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// bootlink runs the program with just these arguments.
func bootlink(t *testing.T, args ...string) outcome {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	return finish(t, exec.CommandContext(ctx, binary, args...))
}

// router is a namespace with a configuration file.
type router struct {
	*lab.Namespace
	t      *testing.T
	config string
	runDir string
	lib    string // the state folder
}

// newRouter makes one; script are `ip` commands that come before us.
func newRouter(t *testing.T, script, config string) *router {
	t.Helper()
	dir := t.TempDir()
	r := &router{Namespace: lab.New(t), t: t, config: filepath.Join(dir, "router.toml"), runDir: filepath.Join(dir, "run"), lib: filepath.Join(dir, "lib")}
	t.Cleanup(r.endKeepers)
	r.Lines(script)
	r.write(config)
	return r
}

// endKeepers ends those who wait for a confirm in a folder that is about to go.
func (r *router) endKeepers() {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		words, _ := os.ReadFile(file) // it may have ended meanwhile
		if !bytes.Contains(words, []byte("\x00keep\x00")) || !bytes.Contains(words, []byte("\x00"+r.runDir+"\x00")) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			r.t.Fatal(err)
		}
		unix.Kill(pid, unix.SIGKILL)
		lab.Eventually(r.t, func() bool { return unix.Kill(pid, 0) != nil }, func() string { return file + " to be gone" })
	}
}

// write replaces the configuration.
func (r *router) write(config string) {
	r.t.Helper()
	if err := os.WriteFile(r.config, []byte(config), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// args are a command's arguments for this router.
func (r *router) args(command string, more ...string) []string {
	return append([]string{command, "--netns", r.Name, "--config", r.config, "--run-dir", r.runDir, "--state-dir", r.lib}, more...)
}

// run runs a command on this router.
func (r *router) run(command string, more ...string) outcome {
	r.t.Helper()
	return bootlink(r.t, r.args(command, more...)...)
}

// apply runs apply, which must succeed, and gives what it did.
func (r *router) apply(more ...string) resultJSON {
	r.t.Helper()
	o := r.run("apply", append(more, "--json")...)
	if o.code != exitDone {
		r.t.Fatalf("apply: %s", o)
	}
	return decode[resultJSON](r.t, o.stdout)
}

// settled applies and then checks that a second apply writes nothing.
func (r *router) settled() resultJSON {
	r.t.Helper()
	first := r.apply()
	if again := r.apply(); again.Writes != 0 || len(again.Steps) != 0 {
		r.t.Errorf("the second apply made %d writes: %q", again.Writes, again.Steps)
	}
	return first
}

func decode[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("not JSON: %v: %s", err, text)
	}
	return v
}

// expect holds an outcome against an exit status and the words of its message,
// in which FILE stands for the configuration's name.
func (r *router) expect(o outcome, code int, words ...string) {
	r.t.Helper()
	if o.code != code {
		r.t.Errorf("%s\nwant exit %d", o, code)
	}
	for _, w := range words {
		if w = strings.ReplaceAll(w, "FILE", r.config); !strings.Contains(o.stderr, w) {
			r.t.Errorf("stderr %q\nlacks %q", o.stderr, w)
		}
	}
}

// unchanged takes a picture; the function that it gives compares.
func (r *router) unchanged() func() {
	before := r.Picture() + r.Sysctls()
	return func() {
		r.t.Helper()
		if diff := lab.Diff(before, r.Picture()+r.Sysctls()); diff != "" {
			r.t.Errorf("the kernel was changed:\n%s", diff)
		}
	}
}
