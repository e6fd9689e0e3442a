// Package board knows the boards that bootlink has defaults for. A folder here
// holds all that is special about a board: board.toml (how to recognise it, its
// ports), router.toml (its default configuration), rescue.toml (the one of last
// resort), linux.fragment (what its kernel needs beside common/linux.fragment),
// README.md. docs/new-board.md tells how to add one.
//
// A Go file for each folder compiles it in, with a build tag: a router carries its
// own board alone (-tags boards,board_turris_omnia, or make arm BOARDS=turris-omnia).
// Without a choice a binary has QEMU's machine, with board_all all of them.
//
// The tests in qemu/ compare each board.toml with the device tree that Debian's
// kernel has of that board.
package board
