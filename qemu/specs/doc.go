// Package specs compares the rows of bootlink's objects with the kernel's own
// description of rtnetlink, Documentation/netlink/specs: attribute numbers, wire
// types, byte order, nests, offsets in structs and headers, bits, and the numbers
// of words. qemu/specs/fetch brings the specs; package code reads them, and the
// tests compare.
//
// A row is looked up by name, so that a number which belongs to another
// attribute of the same type is found. testdata/names.txt has the spec's name
// where it is not the key. What differs stands in testdata/exceptions.txt, word
// for word and with the reason; the test fails for a difference that is not
// there and for a line that is no longer needed.
//
// To compare with another kernel's specs:
//
//	go test ./specs -specs ~/linux/Documentation/netlink/specs
package specs
