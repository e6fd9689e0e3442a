// Bench times nlcore's route operations against what they could cost at best (a
// program in C, limit/climit.c) and against its peers: iproute2, mdlayher/netlink,
// vishvananda/netlink, jsimonetti/rtnetlink.
//
// Whole processes are timed, each round all of them in turn, each in a network
// namespace of its own. What counts is CPU time (user and system) as the kernel
// accounts it to the process; a figure is the median over the rounds of the
// ratio to the C program in the same round, because machines are shared and
// their speed drifts. Needs root.
//
// Package config does the same with bootlink and whole configurations.
package main
