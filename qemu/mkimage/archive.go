package main

import (
	"bytes"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/u-root/u-root/pkg/cpio"
)

// An archive is what goes into a cpio file, by name without a leading slash.
// A later record takes an earlier one's place.
type archive map[string]cpio.Record

func (a archive) add(r cpio.Record) { a[cpio.Normalize(r.Name)] = r }

// file adds a file with a content.
func (a archive) file(name string, content []byte, perm uint64) {
	a.add(cpio.StaticFile(name, string(content), perm))
}

// link adds a symbolic link.
func (a archive) link(name, target string) { a.add(cpio.Symlink(name, target)) }

// dir adds a folder that others need not be in.
func (a archive) dir(name string) { a.add(cpio.Directory(name, 0o755)) }

// copy adds a file of this machine.
func (a archive) copy(name, from string, perm uint64) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	a.file(name, content, perm)
	return nil
}

// merge adds all records of a cpio file.
func (a archive) merge(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return cpio.ForEachRecord(cpio.Newc.Reader(bytes.NewReader(content)), func(r cpio.Record) error {
		a.add(r)
		return nil
	})
}

// parents adds the folders that records are in; the kernel makes none itself.
func (a archive) parents() {
	for _, name := range slices.Collect(maps.Keys(a)) {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if _, ok := a[dir]; !ok {
				a.dir(dir)
			}
		}
	}
}

// write writes the records sorted by name, so that folders come before what is
// in them, without times, owners and inode numbers.
func (a archive) write(w io.Writer) error {
	a.parents()
	out := cpio.Newc.Writer(w)
	for _, name := range slices.Sorted(maps.Keys(a)) {
		r := cpio.MakeReproducible(a[name])
		r.Ino = 0 // no record is a hard link
		if err := out.WriteRecord(r); err != nil {
			return err
		}
	}
	return cpio.WriteTrailer(out)
}

// writeFile writes the archive beside the old one and then renames it.
func (a archive) writeFile(file string) error {
	f, err := os.CreateTemp(filepath.Dir(file), "image-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already if all went well
	if err := a.write(f); err != nil {
		f.Close()
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
