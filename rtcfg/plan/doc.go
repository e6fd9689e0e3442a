// Package plan compares what is desired with what was observed and gives the
// ordered writes that make the second equal to the first.
//
// It is pure: no socket, no clock, no environment. A [Plan] is a value that
// prints itself one line a step; the dry run is that print.
//
// The order comes from a graph (graph.go). A step names the tokens that it
// needs ("up wan", "addr 192.0.2.1/24 dev wan") and those that it gives; the
// order of the file only breaks ties. Additions go before deletions, because a
// link that loses its last address loses its routes with it.
package plan
