package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

func serve(t *testing.T, handle Handler) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "control")
	s, err := Listen(path, handle)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { s.Serve(ctx); close(done) }()
	t.Cleanup(func() {
		cancel()
		s.Close()
		<-done
	})
	return path
}

func echo(_ until.Context, word, rest string, w io.Writer) error {
	if word == "fail" {
		return errors.New("it failed: " + rest)
	}
	_, err := fmt.Fprintf(w, "%s|%s", word, rest)
	return err
}

func TestAsk(t *testing.T) {
	path := serve(t, echo)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket's mode is %v, %v; want 0600", info.Mode(), err)
	}
	var out strings.Builder
	if err := Ask(path, "status all of it", time.Minute, &out); err != nil || out.String() != "status|all of it" {
		t.Errorf("%q, %v", out.String(), err)
	}
	if err := Ask(path, "fail now", time.Minute, &out); err == nil || err.Error() != "it failed: now" {
		t.Errorf("%v", err)
	}
	if err := Ask(path, strings.Repeat("x", 1000), time.Minute, &out); err == nil || !strings.HasPrefix(err.Error(), "no request of one line") {
		t.Errorf("a long request: %v", err)
	}
	if err := Ask(path+"x", "status", time.Minute, &out); !errors.Is(err, ErrNobody) {
		t.Errorf("where nobody is: %v", err)
	}
}

// Clients that say nothing, or read nothing, hold nobody else up.
func TestStuckClients(t *testing.T) {
	path := serve(t, func(ctx until.Context, word, _ string, w io.Writer) error {
		if word == "events" {
			<-ctx.Done()
			return nil
		}
		return echo(ctx, word, "", w)
	})
	for range maxClients - 1 {
		f, err := open(path, func(fd int, sa unix.Sockaddr) error { return unix.Connect(fd, sa) })
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString("events\n"); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := Ask(path, "status", time.Minute, &out); err != nil || out.String() != "status|" {
		t.Errorf("beside stuck clients: %q, %v", out.String(), err)
	}
}

// A socket that a daemon has left is in nobody's way.
func TestLeftSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control")
	for range 2 {
		if _, err := Listen(path, echo); err != nil {
			t.Fatal(err)
		}
	}
}
