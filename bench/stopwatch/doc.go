// Package stopwatch times whole processes: what the kernel says they used, by
// limit/meter.c, which runs them.
package stopwatch
