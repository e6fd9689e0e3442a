// Package conf turns the text of a router.toml into a tree in which every key
// and every value knows its line and column.
//
// It knows TOML and nothing of networks. What a key means is decided above it,
// in package object; what is wrong is collected as [Faults], so that one run
// shows every fault of a file. The parser is go-toml's; what its AST leaves
// open (duplicate keys, dotted tables) is checked here.
package conf
