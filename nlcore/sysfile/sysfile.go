package sysfile

import (
	"io/fs"
	"math"

	"golang.org/x/sys/unix"
)

func failed(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: path, Err: err}
}

func open(path string, flags int) (int, error) {
	for {
		fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0o600)
		if err != unix.EINTR {
			return fd, failed("open", path, err)
		}
	}
}

// Read gives the whole of a file. What the size of a file is in /proc or /sys
// says nothing, so it is not asked for.
func Read(path string) ([]byte, error) { return ReadMost(path, math.MaxInt) }

// ReadMost is Read for what may be a device or a FIFO: so many bytes at most, and
// without waiting for one who writes.
func ReadMost(path string, most int) ([]byte, error) {
	fd, err := open(path, unix.O_RDONLY|unix.O_NONBLOCK)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return read(fd, path, most)
}

// ReadWithMode is ReadMost for a file of which it matters what it is, and who else
// may read it: it gives the type and permissions of the very file that it read.
// Of what is no ordinary file it reads nothing.
func ReadWithMode(path string, most int) (text []byte, mode uint32, err error) {
	fd, err := open(path, unix.O_RDONLY|unix.O_NONBLOCK)
	if err != nil {
		return nil, 0, err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, 0, failed("stat", path, err)
	}
	if st.Mode&unix.S_IFMT == unix.S_IFREG {
		text, err = read(fd, path, most)
	}
	return text, st.Mode, err
}

func read(fd int, path string, most int) ([]byte, error) {
	text := make([]byte, 0, 512)
	for {
		n, err := unix.Read(fd, text[len(text):min(cap(text), most)])
		switch {
		case err == unix.EINTR:
			continue
		case n <= 0:
			return text, failed("read", path, err)
		}
		if text = text[:len(text)+n]; len(text) == cap(text) {
			text = append(text, make([]byte, len(text))...)[:len(text)]
		}
	}
}

// Write writes text into a file that is there, like those of /proc/sys, which
// take it in one piece.
func Write(path, text string) error {
	fd, err := open(path, unix.O_WRONLY)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return write(fd, path, []byte(text))
}

func write(fd int, path string, text []byte) error {
	for len(text) > 0 {
		n, err := unix.Write(fd, text)
		if err != nil && err != unix.EINTR {
			return failed("write", path, err)
		}
		text = text[max(n, 0):]
	}
	return nil
}

// Replace writes a file anew: whole or not at all, and synced with the folder
// that it is in. Nobody else may do so with the same file meanwhile.
func Replace(path string, text []byte) error {
	beside := path + ".new"
	fd, err := open(beside, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC|unix.O_NOFOLLOW)
	if err != nil {
		return err
	}
	err = write(fd, beside, text)
	if err == nil {
		err = failed("sync", beside, unix.Fsync(fd))
	}
	unix.Close(fd)
	if err == nil {
		err = failed("rename", beside, unix.Rename(beside, path))
	}
	if err != nil {
		unix.Unlink(beside)
		return err
	}
	return SyncFolder(path)
}

// Exists tells whether there is something of that name that can be looked at.
func Exists(path string) bool { return mode(path) != 0 }

// IsRegular tells an ordinary file from a folder, a device or a pipe; what is not
// there is none.
func IsRegular(path string) bool { return mode(path)&unix.S_IFMT == unix.S_IFREG }

func isFolder(path string) bool { return mode(path)&unix.S_IFMT == unix.S_IFDIR }

// mode is the file's type and permissions, 0 for none.
func mode(path string) uint32 {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return 0
	}
	return st.Mode
}
