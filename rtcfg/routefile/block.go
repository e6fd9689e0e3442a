package routefile

import (
	"bytes"
	"io"
)

// A block is the part of a file that is in memory.
type block struct {
	from   io.Reader
	memory []byte
	unread []byte // of memory
	err    error  // comes when all is read
}

// line gives what is up to the end of a line and with it, or up to the end of the
// file with an error, and is good until the next call; full tells that it is as
// much as there is memory, and that the line goes on.
func (b *block) line() (text []byte, full bool, err error) {
	for seen := 0; ; {
		if i := bytes.IndexByte(b.unread[seen:], '\n'); i >= 0 {
			seen += i + 1
			text, b.unread = b.unread[:seen], b.unread[seen:]
			return text, false, nil
		}
		seen = len(b.unread)
		if full = seen == len(b.memory); full || b.err != nil {
			text, b.unread = b.unread, nil
			if full {
				return text, true, nil
			}
			return text, false, b.err
		}
		copy(b.memory, b.unread)
		n, err := b.from.Read(b.memory[seen:])
		b.unread, b.err = b.memory[:seen+n], err
	}
}
