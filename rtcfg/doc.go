// Package rtcfg makes the kernel's network configuration equal to one TOML file.
//
// [Load] understands the file, [Open] opens a namespace; [Manager.Plan] says
// what would be written, [Manager.Apply] writes exactly that or undoes it,
// [Manager.Status] says how things stand, and [Run] does all of it for an init
// process. The packages below it are one step each; see docs/architecture.md.
package rtcfg
