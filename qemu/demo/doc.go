// Demo boots the router's image in QEMU between two hosts with IP stacks of
// their own and shows what bootlink does there: the kernel's buses, the plan,
// the status, a ping through the router and what the kernel module says of it.
// Run it in the folder qemu:
//
//	go run ./demo [-interactive]
//
// It ends with status 0 only if all of it worked; the verdict comes from the
// agent in the guest and from the hosts, never from the console's text. With
// -interactive a person gets a shell on the router's console afterwards, with
// both hosts still there to be pinged; `shutdown halt` or Ctrl-] leaves it.
//
// When a step fails, the demo prints why, the end of the console and QEMU's
// command line.
package main
