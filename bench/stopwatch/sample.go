package stopwatch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Sample is what commands used, one after the other.
type Sample struct {
	CPU  time.Duration // user and system
	Wall time.Duration // from the first's fork to the end of the last
	RSS  int64         // peak of the largest, KiB
}

// Parse reads what meter prints.
func Parse(text string) (s Sample, err error) {
	var cpu, wall int64
	_, err = fmt.Sscan(text, &cpu, &s.RSS, &wall)
	s.CPU, s.Wall = time.Duration(cpu)*time.Microsecond, time.Duration(wall)*time.Microsecond
	return s, err
}

// A Meter is the program that runs others, and the file that tells it which.
type Meter struct{ Program, File string }

// In is the one in a folder that [Build] filled.
func In(dir string) Meter { return Meter{filepath.Join(dir, "meter"), filepath.Join(dir, "commands")} }

// Command prepares the timing of command lines, one after the other: words with a
// blank between them, no blanks in words; what may fail begins with '-'. [Parse]
// reads its output.
func (m Meter) Command(lines ...string) (*exec.Cmd, error) {
	err := os.WriteFile(m.File, []byte(strings.Join(lines, "\n")+"\n"), 0o644)
	return exec.Command(m.Program, m.File), err
}

// Run times command lines; see [Meter.Command].
func (m Meter) Run(lines ...string) (s Sample, err error) {
	c, err := m.Command(lines...)
	if err != nil {
		return s, err
	}
	var words strings.Builder
	c.Stderr = &words
	text, err := c.Output()
	if err != nil {
		return s, fmt.Errorf("%s: %w: %s", lines[0], err, words.String())
	}
	return Parse(string(text))
}

// Median of none is 0.
func Median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	list = slices.Sorted(slices.Values(list))
	return (list[len(list)/2] + list[(len(list)-1)/2]) / 2
}
