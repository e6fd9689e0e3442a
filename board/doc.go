// Package board knows the boards that bootlink has defaults for. A folder here
// holds all that is special about a board: board.toml (how to recognise it, its
// ports), router.toml (its default configuration), linux.fragment (what its
// kernel needs), README.md. The folders are compiled into the binary.
package board
