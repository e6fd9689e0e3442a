package object

import (
	"fmt"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// Op is what a write does to an object.
type Op uint8

// The operations.
const (
	Create Op = iota + 1
	Change
	Delete
)

var opNames = [...]string{Create: "create", Change: "set", Delete: "delete"}

// String gives the verb in plans and messages.
func (o Op) String() string { return opNames[o] }

// A Write is one change of one object, ready to be put into a message.
type Write struct {
	_ [0]func() // no equality: it would be code

	Op     Op
	ID     ID     // before the write: a rename is a Change of "name"
	Values Values // Create, Delete: all that is known; Change: what changes (links) or the new whole (others)
	Kind   string // of a link
	Along  Values // of a link whose kind wants all options named: those that stay
}

// Encode makes the message. Sysctls are files and not messages: they are the
// caller's.
func (w *Write) Encode(names Names, protocol uint8) (nlcore.Request, error) {
	switch w.ID.Class {
	case Link:
		return w.link(names)
	case Address:
		return w.address(names, protocol)
	case Route:
		return w.route(names, protocol)
	}
	if s := specs[w.ID.Class]; s != nil {
		return s.encode(w, names, protocol)
	}
	return nlcore.Request{}, fmt.Errorf("%s has no message", w.ID)
}

func (s *Spec) flags(w *Write) uint16 {
	if s.Over && w.Op == Create {
		return unix.NLM_F_CREATE | unix.NLM_F_REPLACE
	}
	return w.flags()
}

// flags are the request flags of each operation.
func (w *Write) flags() uint16 {
	switch w.Op {
	case Create:
		return unix.NLM_F_CREATE | unix.NLM_F_EXCL
	case Change:
		return unix.NLM_F_CREATE | unix.NLM_F_REPLACE
	}
	return 0
}
