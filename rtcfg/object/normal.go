package object

import "strconv"

// What kernels read back otherwise than it was written: a row's Same. Classes of
// traffic control have theirs beside the clock that they count in.

// sameTicks allows for what a trip through jiffies takes away of clock ticks
// (1/100 s): one at most.
func sameTicks(want, have string) bool {
	w, err1 := strconv.ParseInt(want, 10, 64)
	h, err2 := strconv.ParseInt(have, 10, 64)
	return err1 == nil && err2 == nil && w-h >= 0 && w-h <= 1
}
