package kmod

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// AbsentError: the module is not there to be used: not loaded, or not installed.
type AbsentError struct {
	_ [0]func() // no equality: it would be code

	Module string
	Why    string // where it was looked for
	Mend   string
}

// Error says where it was looked for and what to do.
func (e *AbsentError) Error() string {
	return fmt.Sprintf("module %s: %s: %s", e.Module, e.Why, e.Mend)
}

// LoadError: the kernel refused the module, or one that it depends on. It
// unwraps to the errno of finit_module(2).
type LoadError struct {
	_ [0]func() // no equality: it would be code

	Module string
	Path   string // the file; "" when none was tried
	Errno  unix.Errno
	Why    string
	Mend   string
}

// Error gives file, errno, what it means and what to do.
func (e *LoadError) Error() string {
	text := "load module " + e.Module
	if e.Path != "" {
		text += " (" + e.Path + ")"
	}
	text += ": " + e.Errno.Error()
	if e.Why != "" {
		text += ": " + e.Why
	}
	return text + ": " + e.Mend
}

// Unwrap gives the errno.
func (e *LoadError) Unwrap() error { return e.Errno }

// LostError: packets were lost between the kernel and this client. It unwraps
// to ENOBUFS.
type LostError struct {
	_ [0]func() // no equality: it would be code

	Side    Side
	Packets uint64 // since the last such error
}

// Error gives their number.
func (e *LostError) Error() string {
	return fmt.Sprintf("%s: %d packets were lost", e.Side, e.Packets)
}

// Unwrap gives ENOBUFS.
func (e *LostError) Unwrap() error { return unix.ENOBUFS }
