// Package watch tells when the kernel's network configuration may have changed.
//
// It subscribes to what rtnetlink says of links, addresses, routes, rules, next
// hops, permanent neighbours and queueing disciplines, and puts many events that come
// together into one wake-up: who is woken looks at everything anew, so that it does
// not matter which event was lost, nor who caused it. Learnt neighbours, of which there are many on
// a busy router, are dropped in the kernel.
package watch
