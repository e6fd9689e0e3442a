package object

import (
	"strconv"
	"strings"
)

// decimal reads a number as people write it: 12, 1.5, 2e6. It is exact where a
// float64 is, up to 15 digits. strconv.ParseFloat is so for all, and reads
// hexadecimal ones and infinities, for 17 KB.
func decimal(text string) (n float64, ok bool) {
	mantissa, exponent := strings.ReplaceAll(strings.TrimPrefix(text, "+"), "_", ""), "0"
	if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
		mantissa, exponent = mantissa[:i], mantissa[i+1:]
	}
	power, err := strconv.ParseInt(exponent, 10, 8)
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if err != nil || digits == "" || len(digits) > 40 {
		return 0, false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		n = n*10 + float64(digits[i]-'0')
	}
	scale := 1.0
	shift := int(power) - len(fraction)
	for range max(shift, -shift) {
		scale *= 10
	}
	if shift < 0 {
		return n / scale, true
	}
	return n * scale, true
}
