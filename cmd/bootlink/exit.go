package main

import (
	"errors"
	"fmt"

	"bootlink/kmod"
	"bootlink/nlcore"
	"bootlink/rtcfg"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/kernel"
)

// The exit statuses.
const (
	exitDone       = 0
	exitFailed     = 1 // and was undone
	exitUsage      = 2 // the command line or the file is wrong
	exitLacks      = 3 // the kernel lacks something
	exitIncomplete = 4 // and could not be undone completely
	exitToDo       = 5 // plan --exit-code: there is something to do
)

// errQuiet ends a command with a status and no message.
var errQuiet = errors.New("")

// usageError is a wrong command line.
type usageError struct{ what string }

func (e *usageError) Error() string { return e.what }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// statusError carries an exit status with nothing to say.
type statusError int

func (e statusError) Error() string        { return "" }
func (e statusError) Is(target error) bool { return target == errQuiet }

// exitCode gives the status that an error means.
func exitCode(err error) int {
	var status statusError
	if errors.As(err, &status) {
		return int(status)
	}
	for _, c := range []struct {
		code   int
		target any
	}{
		{exitIncomplete, new(*rtcfg.IncompleteError)},
		{exitLacks, new(*kernel.LackError)},
		{exitLacks, new(*rtcfg.MissingBusError)},
		{exitLacks, new(*rtcfg.PartialError)},
		{exitLacks, new(*nlcore.UnsupportedError)},
		{exitLacks, new(*kmod.AbsentError)},
		{exitUsage, new(conf.Faults)},
		{exitUsage, new(conf.Fault)},
		{exitUsage, new(*usageError)},
	} {
		if errors.As(err, c.target) {
			return c.code
		}
	}
	return exitFailed
}
