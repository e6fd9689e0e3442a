//go:build guest

package hellobye

import "golang.org/x/sys/unix"

// setresuid is the call with user IDs of 32 bits.
const setresuid = unix.SYS_SETRESUID32
