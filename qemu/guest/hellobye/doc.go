// Package hellobye tests the kernel module from inside a guest.
//
// It is a test program with the build tag guest, which qemu/module_test.go
// builds for ARM, puts into a guest and runs test by test. It wants to be root
// in a machine that can be thrown away: it loads and unloads the module, floods
// it, and sends it what no client should.
//
// A test has a network namespace of its own, on a thread of its own, which end
// with it; a subtest would run on another thread. Sockets, /proc/net and
// programs that a test starts are in its namespace.
package hellobye
