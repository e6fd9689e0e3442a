package undolog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"

	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/plan"
)

// An Entry is a log that was read.
type Entry struct {
	Header
	Steps    []plan.Step // those that were to be taken, or, once Undoing, what undoes them; in order
	Done     int         // how many of them were done; what follows up to Sent may have been, too
	Sent     int
	Undoing  bool
	Tables   [][]byte // what AddTable noted
	Whole    int64    // bytes of the log that are whole
	Deadline int64    // nanoseconds of CLOCK_BOOTTIME, 0 if nobody waits
}

// DamagedError: a log that was not written so.
type DamagedError struct {
	Path string
	What string
}

// Error names the file and what is wrong with it.
func (e *DamagedError) Error() string { return "undo log " + e.Path + " is damaged: " + e.What }

// StrangerError: a log of another boot, or of another network namespace.
type StrangerError struct {
	Path string
	What string // "another boot"
}

// Error says where the log is from.
func (e *StrangerError) Error() string { return "undo log " + e.Path + " is from " + e.What }

// Read reads a log of that name; nil if there is none. boot and netns say where
// this is. Errors are a [*DamagedError] or a [*StrangerError]; others are those of
// reading a file.
func Read(dir, name, boot string, netns uint64) (*Entry, error) {
	file := sysfile.Join(dir, name)
	b, err := sysfile.Read(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	e, err := read(b)
	if err != nil {
		return nil, &DamagedError{file, err.Error()}
	}
	switch {
	case e.Boot != "" && e.Boot != boot:
		return nil, &StrangerError{file, "another boot"}
	case e.NetNS != 0 && netns != 0 && e.NetNS != netns:
		return nil, &StrangerError{file, "another network namespace of that name"}
	}
	return e, nil
}

// read takes a log apart. One that ends early has lost only what was not done.
func read(b []byte) (*Entry, error) {
	e := &Entry{}
	if len(b) < len(magic) && string(b) == magic[:len(b)] {
		return e, nil
	}
	if string(b[:min(len(magic), len(b))]) != magic {
		return nil, errors.New("it does not begin like one, or is of another version")
	}
	e.Whole = int64(len(magic))
	for b = b[len(magic):]; len(b) >= recordHead; {
		kind, size := b[0], int64(binary.NativeEndian.Uint32(b[1:]))
		if size > int64(len(b)-recordHead) {
			break
		}
		content := b[recordHead : recordHead+int(size)]
		if checksum(kind, content) != binary.NativeEndian.Uint32(b[5:]) {
			return nil, fmt.Errorf("the checksum of a record of %d bytes is wrong", size)
		}
		if err := e.add(kind, content); err != nil {
			return nil, err
		}
		b = b[recordHead+int(size):]
		e.Whole += recordHead + size
	}
	return e, nil
}

func (e *Entry) add(kind byte, content []byte) (err error) {
	switch kind {
	case headerRecord:
		return e.header(content)
	case stepsRecord:
		var more []plan.Step
		more, err = readSteps(content)
		e.Done = len(e.Steps) // none is added before all before are done
		e.Sent, e.Steps = e.Done, append(e.Steps, more...)
	case undoRecord:
		e.Steps, err = readSteps(content)
		e.Undoing, e.Done, e.Sent = true, 0, 0
	case sendingRecord:
		to, n := binary.Uvarint(content)
		if n <= 0 || to > uint64(len(e.Steps)) {
			return errors.New("it counts steps that are not there")
		}
		e.Done, e.Sent = e.Sent, int(to)
	case formerRecord:
		return e.former(content)
	case tableRecord:
		e.Tables = append(e.Tables, content)
	case deadlineRecord:
		at, n := binary.Varint(content)
		if n <= 0 {
			return errors.New("a deadline without a time")
		}
		e.Deadline = at
	default:
		return fmt.Errorf("a record of the unknown kind %q", kind)
	}
	return err
}

func readSteps(b []byte) (list []plan.Step, err error) {
	for len(b) > 0 {
		var s plan.Step
		if s, b, err = plan.ReadStep(b); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func (e *Entry) former(b []byte) error {
	i, n := binary.Uvarint(b)
	if n <= 0 || i >= uint64(len(e.Steps)) {
		return errors.New("it tells of steps that are not there")
	}
	s, _, err := plan.ReadStep(b[n:])
	e.Steps[i].Before = s.Before
	return err
}

func (e *Entry) header(b []byte) error {
	if len(b) < 25 {
		return errors.New("its head is too short")
	}
	e.NetNS, e.Sum, e.At = binary.NativeEndian.Uint64(b), binary.NativeEndian.Uint64(b[8:]), int64(binary.NativeEndian.Uint64(b[16:]))
	e.Protocol, b = b[24], b[25:]
	for _, text := range []*string{&e.Boot, &e.State, &e.File} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return errors.New("its head is too short")
		}
		*text, b = string(b[size:size+int(n)]), b[size+int(n):]
	}
	return nil
}
