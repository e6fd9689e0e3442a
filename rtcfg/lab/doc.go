// Package lab gives tests a network namespace of their own and a picture of
// what is in it, drawn by iproute2 and not by us.
//
// It is imported by tests alone. A picture is text, a line for each field of a
// link, each address and each route. It leaves out what changes by itself
// (timers, carrier, random MAC addresses) and what differs between two
// namespaces (indexes), so that equal pictures mean equal configurations.
//
// When a comparison fails, keep the namespace (comment out the cleanup in
// [New]) and look at it with `ip -n NAME -d address`.
package lab
