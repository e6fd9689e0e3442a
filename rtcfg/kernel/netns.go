package kernel

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// within runs f in a namespace: directly in this one, else on a thread that
// enters the namespace and is thrown away afterwards.
func within(netns string, f func() error) error {
	if netns == "" {
		return f()
	}
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		result <- enter(netns, f)
	}()
	return <-result
}

func enter(netns string, f func() error) error {
	path := netns
	if !strings.Contains(path, "/") {
		path = filepath.Join("/run/netns", netns)
	}
	ns, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("network namespace %q: %w", netns, err)
	}
	defer ns.Close()
	if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter network namespace %q: %w", netns, err)
	}
	return f()
}
