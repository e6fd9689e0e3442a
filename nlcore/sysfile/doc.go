// Package sysfile reads, writes and replaces small files.
//
// It stands on x/sys/unix and not on os, whose ReadFile, Stat, MkdirAll, Rename
// and CreateTemp bring 25 KB into the binary: a description of files that
// prints itself, errors with two paths, random names. Errors are
// [*fs.PathError], as os has them, so errors.Is knows fs.ErrNotExist in them.
package sysfile
