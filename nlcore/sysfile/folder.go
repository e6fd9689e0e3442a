package sysfile

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"
)

// MakeFolder makes a folder, and those above it, where they are not there.
func MakeFolder(path string) error {
	if isFolder(path) {
		return nil
	}
	if up := strings.LastIndexByte(path, '/'); up > 0 {
		if err := MakeFolder(path[:up]); err != nil {
			return err
		}
	}
	if err := unix.Mkdir(path, 0o755); err != nil && !isFolder(path) {
		return failed("mkdir", path, err)
	}
	return nil
}

// Join puts names below one another, with a slash between them; "" counts for nothing.
// Package path also takes away dots, and 3 KB.
func Join(names ...string) string {
	all := ""
	for _, name := range names {
		if all != "" && name != "" && all[len(all)-1] != '/' {
			all += "/"
		}
		all += name
	}
	return all
}

// Names lists what is in a folder, in no order.
func Names(folder string) (names []string, err error) {
	fd, err := open(folder, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	for buf := make([]byte, 4096); ; {
		n, err := unix.ReadDirent(fd, buf)
		if n <= 0 {
			return names, failed("readdirent", folder, err)
		}
		names = entries(names, buf[:n])
	}
}

// entries adds the names of some struct linux_dirent64 but those of the folder itself and
// of the one above. Package unix takes more care of other systems, and 3 KB.
func entries(names []string, b []byte) []string {
	const head = 19 // d_ino, d_off, d_reclen, d_type
	for len(b) >= head {
		length := int(binary.NativeEndian.Uint16(b[16:]))
		if length < head || length > len(b) {
			break
		}
		name := unix.ByteSliceToString(b[head:length])
		if name != "." && name != ".." {
			names = append(names, name)
		}
		b = b[length:]
	}
	return names
}

// SyncFolder writes to the disk what the folder of a file lists: after it, a file
// that was made, renamed or removed is so after a power cut as well. File systems
// that have no disk may refuse it (EINVAL), and need it not.
func SyncFolder(file string) error {
	folder := file[:strings.LastIndexByte(file, '/')+1]
	if folder == "" {
		folder = "."
	}
	fd, err := open(folder, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Fsync(fd); err != unix.EINVAL {
		return failed("sync", folder, err)
	}
	return nil
}

// Move gives a file another name, in place of what had it, and syncs the folder
// that both are in.
func Move(from, to string) error {
	if err := unix.Rename(from, to); err != nil {
		return failed("rename", from, err)
	}
	return SyncFolder(to)
}

// Remove removes a file; that there is none is no error. After a power cut it may
// be there again.
func Remove(path string) error {
	if err := unix.Unlink(path); err != unix.ENOENT {
		return failed("remove", path, err)
	}
	return nil
}
