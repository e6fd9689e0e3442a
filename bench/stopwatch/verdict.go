package stopwatch

import (
	"fmt"
	"strings"
)

// Verdict says whether a figure is as small as it is meant to be; why is what
// explains a miss.
func Verdict(figure, most float64, why string) string {
	if figure <= most {
		return "reached"
	}
	return strings.TrimSuffix(fmt.Sprintf("missed by %.0f %%: %s", 100*(figure/most-1), why), ": ")
}
