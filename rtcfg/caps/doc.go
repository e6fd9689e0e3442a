// Package caps knows what a kernel can do, what a configuration needs of it, and
// what brings what is missing.
//
// A [Feature] is a kind of link, a queueing discipline, a table of the kernel, an
// option of an object; the tables of package object say which Kconfig symbol and
// which module bring it, and since which Linux there is one. [Needs] lists those
// of a configuration with their lines, [Probe] looks what the running kernel has,
// [Read] takes a report that was saved. [Ask] is for one feature, in the network
// namespace at hand, by a request that cannot succeed or that only lists.
//
// What surprises: asking for a kind of link or a queueing discipline makes the kernel
// load its module. Probe asks only where that loads nothing, or where the file needs
// it; the rest is judged by modules.dep, modules.builtin and the kernel's own
// configuration (/proc/config.gz).
package caps
