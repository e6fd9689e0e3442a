// Modbench floods one end of a veth pair with echo requests, in the guest, while
// whoever listens at the other end reads every message about them, and prints
// how long it took: nanoseconds of the monotonic clock, which in a guest that
// counts instructions is their number.
//
// One run is one case, in two network namespaces of its own. The packets come in
// bursts. While a burst comes in, nothing else runs: the injector is a real-time
// task. Then it has the lowest priority of all until the listeners have the last
// message, so the one CPU is never idle and the clock shows work alone. All
// listeners are alike: a thread that blocks in read(2), a message a call.
//
// A message that does not arrive, or that tells of a loss, fails the run, and so
// does a request that is not answered.
//
// Qemu/modbench on the host builds it, runs it, and makes the table.
package main
