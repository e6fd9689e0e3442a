// Package dist is Go only for its tests: they run each unit of this folder under its own
// init, which is process 1 of namespaces of its own. They want root, the packages of
// qemu/setup and what dist/fetch brings. procd is in no package: its script runs under a
// stand-in. buildroot/ has what can be said of the units without running them. Where a
// test fails it prints what the init said.
package dist
