// Modbench shows what the hello/bye module costs a ping, beside nfnetlink_log
// doing the same.
//
// All cases run in one guest (guest/modbench is the program in it), each round
// all of them in turn. QEMU's speed drifts by more than a half, so the guest's
// clock counts instructions (-icount). That repeats to a thousandth where nobody
// listens and to one or two percent where somebody does; with 64 clients it
// depends on who preempts whom. It knows nothing of caches, of memory's latency
// and of what a barrier costs; with -time the clock is this machine's, which in
// an emulator knows no more of them, and whose figures double and halve from one
// round to the next.
//
// A guest that counts has one CPU, so a figure is the work of softirq, threads
// and listeners together. How many packets come in at once matters: a thread
// that is woken for each costs more than one that is woken for many.
package main
