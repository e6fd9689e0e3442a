package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

func main() {
	call, err := parse(os.Args[1:])
	if err == nil {
		err = call.run()
	}
	if err == nil {
		return
	}
	if !call.quiet || !errors.Is(err, errUnknown) {
		fmt.Fprintln(os.Stderr, "modprobe:", err)
	}
	os.Exit(1)
}

// run loads what the command line names; one that fails does not keep it from the next.
func (c call) run() error {
	root, err := modulesRoot()
	if err != nil {
		return err
	}
	index, err := readIndex(os.DirFS(root))
	if err != nil {
		return err
	}
	var faults []error
	for _, name := range c.names {
		err := index.load(name, c.params, func(file, params string) error {
			return insert(filepath.Join(root, file), params)
		})
		if err != nil && !(c.quiet && errors.Is(err, errUnknown) && len(c.names) > 1) {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// A call is a parsed command line.
type call struct {
	quiet  bool
	names  []string
	params string
}

func parse(args []string) (call, error) {
	var c call
	all := false
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		arg := args[0]
		args = args[1:]
		switch arg {
		case "--":
			return c.take(args, all)
		case "-q", "--quiet":
			c.quiet = true
		case "-a", "--all":
			all = true
		default:
			return c, fmt.Errorf("%s: unknown flag", arg)
		}
	}
	return c.take(args, all)
}

// take sorts what follows the flags into names and parameters.
func (c call) take(args []string, all bool) (call, error) {
	if len(args) == 0 {
		return c, errors.New("no module named")
	}
	c.names = args
	if !all {
		c.names, c.params = args[:1], strings.Join(args[1:], " ")
	}
	return c, nil
}

// modulesRoot returns /lib/modules/<release of the running kernel>.
func modulesRoot() (string, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "", fmt.Errorf("uname: %w", err)
	}
	release, _, _ := bytes.Cut(u.Release[:], []byte{0})
	return filepath.Join("/lib/modules", string(release)), nil
}

// insert hands a module file to the kernel; one that is there already is fine.
func insert(path, params string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	err = unix.FinitModule(int(f.Fd()), params, 0)
	if err != nil && err != unix.EEXIST {
		return fmt.Errorf("insert %s: %w", path, err)
	}
	return nil
}
