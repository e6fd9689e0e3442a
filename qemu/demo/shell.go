package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// console is the router's serial line. What comes from it is dropped until a
// person is there.
type console struct {
	in, keys *os.File // QEMU's standard input; what a person types goes in here
	open     atomic.Bool
}

func newConsole() (*console, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &console{in: r, keys: w}, nil
}

// Write implements io.Writer for what the console says.
func (c *console) Write(b []byte) (int, error) {
	if !c.open.Load() {
		return len(b), nil
	}
	return os.Stdout.Write(b)
}

// leaveKey is Ctrl-], as telnet has it.
const leaveKey = 0x1d

// unhide undoes what the router's shell does to a terminal at its prompt: it
// hides the cursor (DECTCEM), and would bring it back only at a command's start.
const unhide = "\x1b[?25h"

// shell gives the console to a person until they leave or the router is off.
func (st *stage) shell(ctx context.Context) error {
	restore, err := raw(os.Stdin)
	if err != nil {
		return err
	}
	defer restore()
	fmt.Fprintf(st.out, "%sA shell on the router. `ping 192.168.10.2` is the LAN host, `ping 203.0.113.1` the WAN host.\r\n"+
		"`shutdown halt` or Ctrl-] leaves.%s\r\n", st.dim, st.off)
	st.console.open.Store(true)
	left := make(chan error, 1)
	go func() { left <- st.console.typed(os.Stdin) }()
	off := make(chan struct{})
	go func() {
		if st.router.Wait(ctx) == nil {
			close(off)
		}
	}()
	select {
	case err = <-left:
	case <-off:
	case <-ctx.Done():
	}
	st.console.open.Store(false)
	if isTerminal(os.Stdout) {
		fmt.Fprint(st.out, unhide)
	}
	fmt.Fprint(st.out, "\r\n")
	return err
}

// typed hands keys on until [leaveKey] or the end of the input. A first Return
// makes the shell show its prompt.
func (c *console) typed(from io.Reader) error {
	if _, err := c.keys.Write([]byte{'\r'}); err != nil {
		return err
	}
	key := make([]byte, 1)
	for {
		_, err := from.Read(key)
		switch {
		case err == io.EOF || key[0] == leaveKey:
			return nil
		case err != nil:
			return err
		}
		if _, err := c.keys.Write(key); err != nil {
			return err
		}
	}
}

// raw makes a terminal hand each key on at once and unchanged, as cfmakeraw(3)
// does; keys such as Ctrl-C are for the router. Other files are left alone.
func raw(f *os.File) (restore func(), err error) {
	fd := int(f.Fd())
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return func() {}, nil // no terminal: a script types
	}
	t := *before
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return func() { unix.IoctlSetTermios(fd, unix.TCSETS, before) }, unix.IoctlSetTermios(fd, unix.TCSETS, &t)
}
