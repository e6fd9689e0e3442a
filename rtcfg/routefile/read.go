package routefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// blockSize is how much of a file is in memory at a time, and the length that a
// line must stay below, in bytes.
const blockSize = 64 << 10

var errOdd = errors.New("it is no ordinary file")

// Read reads the files of one routing table, in this order, and checks them as
// a whole. What is wrong in them is a conf.Faults: one fault for each bad line
// of all files, and one for each route that stands there twice; beyond 100 they
// are only counted. A file that cannot be read is an error that unwraps to the
// errno.
func Read(paths ...string) (*Table, error) {
	r := newReader()
	for _, path := range paths {
		if err := r.open(path); err != nil {
			return nil, fmt.Errorf("route file: %w", err)
		}
	}
	return r.end()
}

// A reader reads files into a table.
type reader struct {
	t      *Table
	places map[string]uint32 // of the table's devices, from 1
	lines  uint32            // of all files so far
	line   line
	block  block
	faults collector
}

func newReader() *reader {
	return &reader{t: &Table{six: list{six: true}}, places: map[string]uint32{}, block: block{memory: make([]byte, blockSize)}}
}

func (r *reader) end() (*Table, error) {
	r.t.settle(&r.faults)
	if err := r.faults.err(); err != nil {
		return nil, err
	}
	return r.t, nil
}

// open reads one file.
func (r *reader) open(path string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	var st unix.Stat_t
	err = unix.Fstat(int(f.Fd()), &st)
	if kind := st.Mode & unix.S_IFMT; err == nil && kind != unix.S_IFREG && kind != unix.S_IFDIR {
		err = errOdd // a FIFO that nobody writes would be an empty table
	}
	if err != nil {
		return &os.PathError{Op: "read", Path: path, Err: err}
	}
	return r.read(path, f)
}

// read reads lines until the end.
func (r *reader) read(path string, from io.Reader) error {
	r.t.files = append(r.t.files, file{path, r.lines})
	r.block = block{from: from, memory: r.block.memory}
	for {
		text, full, err := r.block.line()
		if len(text) > 0 {
			r.lines++
			r.add(text, full)
		}
		for full {
			_, full, err = r.block.line()
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// add reads one line, with or without its end.
func (r *reader) add(text []byte, long bool) {
	if i := bytes.IndexByte(text, '#'); i >= 0 {
		text, long = text[:i], false
	}
	if long {
		r.fault(wrongf(1, "is it a route file?", "the line has more than %d bytes", blockSize))
		return
	}
	if n := len(text); n > 0 && text[n-1] == '\n' {
		text = text[:n-1]
	}
	if n := len(text); n > 0 && text[n-1] == '\r' {
		text = text[:n-1]
	}
	route, fault := r.line.read(text)
	switch {
	case fault != nil:
		r.fault(fault)
	case route:
		r.t.add(&r.line, r.device(r.line.dev), r.lines)
	}
}

// device gives the place of a name, 0 for none. Lines of one link mostly follow
// each other.
func (r *reader) device(name []byte) uint32 {
	if name == nil {
		return 0
	}
	if n := len(r.t.devices); n > 0 && r.t.devices[n-1].name == string(name) {
		return uint32(n)
	}
	place, known := r.places[string(name)]
	if !known {
		r.t.devices = append(r.t.devices, device{string(name), r.lines})
		place = uint32(len(r.t.devices))
		r.places[string(name)] = place
	}
	return place
}

func (r *reader) fault(w *wrong) {
	pos := r.t.pos(r.lines)
	r.faults.add(conf.Pos{File: pos.File, Line: pos.Line, Col: w.col}, w.what, w.hint)
}
