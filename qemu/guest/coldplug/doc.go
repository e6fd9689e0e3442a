// Coldplug has the kernel's modules loaded for all devices that there are, and for
// those that their drivers find, as long as that may go on, by a copy of itself in the
// background: bootlink meets devices that are not there yet. It writes to the kernel's
// log which board bootlink recognises, and starts `bootlink run`.
package main
