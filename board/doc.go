// Package board knows the boards that bootlink has defaults for. A folder here
// holds all that is special about a board: board.toml (how to recognise it, its
// ports), router.toml (its default configuration), linux.fragment (what its
// kernel needs), README.md. A row of the table in board.go compiles it in.
package board
