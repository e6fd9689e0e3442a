package undolog

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"

	"golang.org/x/sys/unix"
)

// The names of the log in a run folder.
const (
	Open    = "undo.log"     // being written, or left by a process that was killed
	Pending = "undo.pending" // waits for a confirm
	Last    = "undo.last"    // of the last change
	Aside   = "undo.aside"   // could not be used
)

// magic begins each log: what it is, and the version of its format.
const magic = "bootlink undo 1\n"

// Header says where a log is from.
type Header struct {
	_ [0]func() // no equality: it would be code

	Boot  string // of the kernel: /proc/sys/kernel/random/boot_id
	NetNS uint64 // the namespace's cookie, 0 if it is not known
	State string // the state file before, "" if there was none
	File  string // the configuration that was applied

	Protocol uint8  // that marks what is ours
	Sum      uint64 // of the configuration's text
	At       int64  // when the change began, in nanoseconds of CLOCK_BOOTTIME
}

// The kinds of records.
const (
	headerRecord   = 'h'
	stepsRecord    = 's' // steps that are to be taken
	sendingRecord  = 'n' // up to which of them, or of those that undo them, the kernel is told now
	formerRecord   = 'f' // what a step's setting was
	undoRecord     = 'u' // steps that are to be undone, from which on all counts are of what undoes them
	tableRecord    = 't'
	deadlineRecord = 'd'
)

// A Log is one that is being written.
type Log struct {
	_ [0]func() // no equality: it would be code

	file  *os.File
	path  string
	size  int64 // of what is whole
	base  int   // steps before those that Add noted last
	added int
}

// Create begins a log in a run folder, in place of one that was there.
func Create(dir string, h Header) (*Log, error) {
	f, err := os.OpenFile(sysfile.Join(dir, Open), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	l := &Log{file: f, path: f.Name(), size: int64(len(magic))}
	b := binary.NativeEndian.AppendUint64(nil, h.NetNS)
	b = binary.NativeEndian.AppendUint64(binary.NativeEndian.AppendUint64(b, h.Sum), uint64(h.At))
	b = append(b, h.Protocol)
	for _, text := range []string{h.Boot, h.State, h.File} {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	_, err = f.WriteString(magic)
	if err == nil {
		err = l.record(headerRecord, b)
	}
	if err == nil {
		err = sysfile.SyncFolder(f.Name())
	}
	if err != nil {
		return nil, errors.Join(err, l.Drop())
	}
	return l, nil
}

// Reopen goes on with a log that was read, to undo it, behind the whole bytes of it.
func Reopen(dir, name string, whole int64) (*Log, error) {
	f, err := os.OpenFile(sysfile.Join(dir, name), os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	if err := cut(f, whole); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Log{file: f, path: f.Name(), size: whole}, nil
}

// Add notes steps that are about to be taken. When it gives no error they are on
// disk.
func (l *Log) Add(steps []plan.Step) error {
	l.base, l.added = l.base+l.added, len(steps)
	return l.record(stepsRecord, appendSteps(steps))
}

// Sending notes that the steps below the to-th of those added last go to the
// kernel now; see [kernel.Journal].
func (l *Log) Sending(to int) error {
	return l.record(sendingRecord, binary.AppendUvarint(nil, uint64(l.base+to)))
}

// Done notes that all steps were taken.
func (l *Log) Done() error { return l.Sending(l.added) }

// Former notes what the i-th step of those added last has changed.
func (l *Log) Former(i int, before object.Values) error {
	s := plan.Step{Write: object.Write{Op: object.Change}, Before: before}
	s.ID.Class = object.Sysctl
	return l.record(formerRecord, s.Append(binary.AppendUvarint(nil, uint64(l.base+i))))
}

// Undo notes that steps are about to be undone; from then on Sending counts what
// undoes them.
func (l *Log) Undo(inverses []plan.Step) error {
	l.base, l.added = 0, 0
	return l.record(undoRecord, appendSteps(inverses))
}

func appendSteps(steps []plan.Step) (b []byte) {
	for i := range steps {
		b = steps[i].Append(b)
	}
	return b
}

// AddTable notes what undoes the writing of a large routing table, in the words of
// who wrote it.
func (l *Log) AddTable(b []byte) error { return l.record(tableRecord, b) }

// Deadline notes until when a confirm is waited for, in nanoseconds of
// CLOCK_BOOTTIME, which no change of the date moves.
func (l *Log) Deadline(at int64) error {
	return l.record(deadlineRecord, binary.AppendVarint(nil, at))
}

// record writes kind, length, checksum and content, and syncs.
func (l *Log) record(kind byte, content []byte) error {
	b := make([]byte, recordHead, recordHead+len(content))
	b[0] = kind
	binary.NativeEndian.PutUint32(b[1:], uint32(len(content)))
	b = append(b, content...)
	binary.NativeEndian.PutUint32(b[5:], checksum(kind, content))
	_, err := l.file.Write(b)
	if err == nil {
		err = sync(l.file)
	}
	if err != nil {
		return errors.Join(err, cut(l.file, l.size)) // what follows must not stand behind a part of a record
	}
	l.size += int64(len(b))
	return nil
}

const recordHead = 9

func sync(f *os.File) error {
	if err := unix.Fsync(int(f.Fd())); err != nil {
		return &fs.PathError{Op: "sync", Path: f.Name(), Err: err}
	}
	return nil
}

// cut ends a file at a size, and goes on there.
func cut(f *os.File, size int64) error {
	err := unix.Ftruncate(int(f.Fd()), size)
	if err == nil {
		_, err = unix.Seek(int(f.Fd()), size, io.SeekStart)
	}
	if err != nil {
		return &fs.PathError{Op: "truncate", Path: f.Name(), Err: err}
	}
	return nil
}

// checksum is FNV-1a, of 32 bits.
func checksum(kind byte, content []byte) uint32 {
	n := (uint32(2166136261) ^ uint32(kind)) * 16777619
	for _, b := range content {
		n = (n ^ uint32(b)) * 16777619
	}
	return n
}

// Close ends the writing of a log that was reopened.
func (l *Log) Close() error { return l.file.Close() }

// Keep ends the writing and gives the log another name.
func (l *Log) Keep(name string) error {
	to := sysfile.Join(folderOf(l.path), name)
	if err := sysfile.Move(l.path, to); err != nil {
		return err
	}
	l.path = to
	return l.file.Close()
}

// Drop ends the writing and removes the log: there is nothing to undo any more.
func (l *Log) Drop() error {
	return errors.Join(l.file.Close(), sysfile.Remove(l.path))
}

// Remove removes a log of that name; that there is none is no error.
func Remove(dir, name string) error { return sysfile.Remove(sysfile.Join(dir, name)) }

// SetAside moves a log that cannot be used out of the way, and gives its new place.
func SetAside(dir, name string) (place string, err error) {
	place = sysfile.Join(dir, Aside)
	return place, sysfile.Move(sysfile.Join(dir, name), place)
}

// Boot gives the identity of the running kernel's boot. A kernel without settings
// does not tell it: there the folder has to be one that no boot survives.
func Boot() (string, error) {
	text, err := sysfile.Read("/proc/sys/kernel/random/boot_id")
	if errors.Is(err, fs.ErrNotExist) {
		return "any", nil
	}
	return strings.TrimSpace(string(text)), err
}

// folderOf gives the folder that a file is in.
func folderOf(file string) string { return file[:strings.LastIndexByte(file, '/')] }
