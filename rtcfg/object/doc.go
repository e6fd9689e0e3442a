// Package object says what can be configured: links with their kinds,
// addresses, routes, sysctls.
//
// Every attribute that the kernel has and the file may set is one [Row] of a
// table: its key, its number, its form in the file, its form on the wire, what
// changing it costs. Parsing, checking, encoding, decoding and comparing are
// driven by the rows, so a new attribute is a line and a new link kind is one
// file, kind_<name>.go, which enters itself in the table of kinds.
//
// Values are text, in the words of router.toml: "1500", "true", "br-lan". The
// plan prints that text, the state file remembers it, an undo restores it.
//
// To see why two values differ that look equal, read the row's Same: kernels
// round, clamp and reorder, and that is the one place where it is known.
package object
