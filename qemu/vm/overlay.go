package vm

import (
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/u-root/u-root/pkg/cpio"
)

// overlay writes files, and the folders that they need, as a cpio archive.
func overlay(w io.Writer, files map[string]File) error {
	archive := cpio.Newc.Writer(w)
	made := map[string]bool{}
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := folders(archive, path.Dir(name), made); err != nil {
			return err
		}
		if err := archive.WriteRecord(record(name, files[name])); err != nil {
			return err
		}
	}
	return cpio.WriteTrailer(archive)
}

func record(name string, f File) cpio.Record {
	perm := uint64(f.Mode.Perm())
	if perm == 0 {
		perm = 0o644
	}
	if f.Mode&os.ModeSymlink != 0 {
		return cpio.Symlink(name, f.Content)
	}
	return cpio.StaticFile(name, f.Content, perm)
}

func folders(archive cpio.RecordWriter, dir string, made map[string]bool) error {
	at := ""
	for part := range strings.SplitSeq(dir, "/") {
		at = path.Join(at, part)
		if at == "." || made[at] {
			continue
		}
		made[at] = true
		if err := archive.WriteRecord(cpio.Directory(at, 0o755)); err != nil {
			return err
		}
	}
	return nil
}
