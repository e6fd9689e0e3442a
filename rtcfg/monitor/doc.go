// Package monitor tells what happens in the kernel's network configuration, as it happens:
// links, addresses, routes, rules, neighbours, next hops, queueing disciplines, IDs of
// namespaces.
//
// A listener that is too slow loses events, and the kernel says so. Then a [Note] "lost"
// comes, after it all that there is as "listed" notes, and "complete": who keeps a picture
// begins anew at "lost". What changes meanwhile comes after "complete".
package monitor
