// Package wire is what a test and the agent in the guest say to each other:
// JSON objects, one a line, over the virtio-serial port named "agent".
//
// The agent speaks first: {"hello":"booted"}. Then each request is answered
// once, in the order in which the work ends and not in that of the requests;
// the ID says which is which. To see the traffic, put a socat between QEMU and
// the test, or read the port's file by hand.
package wire
