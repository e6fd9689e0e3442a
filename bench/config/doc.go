// Package config times whole configurations: how long a program takes until the
// kernel has one, when it is all new, when there is nothing to do, and when one
// line has changed. bootlink stands beside a C program that does nothing but talk
// to the kernel (limit/cconfig.c, limit/climit.c), `ip -batch`, one ip a command,
// systemd-networkd, ifupdown-ng and a script of busybox's, where they can do the same.
//
// A [Scenario] has the configuration in the words of each program. Every round
// runs all of them in turn, each in a namespace of its own; ratios are taken
// within a round. After each step limit/census.c counts what there is, and after
// the change a command shows that it was made, so that nobody wins by doing less.
//
// What surprises:
//
//   - Addresses are used at once (accept_dad is 0): nobody waits for the others
//     of a link to object.
//   - "again" is `ip -force -batch` with replace where ip has it. "change" is for ip
//     what a person types who knows what is there.
//   - networkd is a daemon. Its time is from its start until all links are
//     configured and the census is right, its CPU time that of its life. It has to
//     be started again for a second time, since there is no D-Bus to tell it. Its link-local addresses
//     are off, or it would wait for them.
//   - ifupdown-ng's second time looks into a file of its own and not at the kernel.
//   - The kernel of this machine may lack VLANs. That scenario runs in the ARM guest
//     of ../qemu, whose clock counts instructions (see qemu/modbench): what it shows
//     are ratios. So do boot and boot200: what a small router does when it starts,
//     beside a shell script of busybox's.
package config
