package routefile

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// Lines are those that package bufio finds, however the file comes.
func TestBlock(t *testing.T) {
	const size = 16 // the least that bufio takes
	broken := errors.New("broken")
	for _, text := range []string{
		"", "\n", "a", "a\n", "a\n\nb", "\n\n\n", strings.Repeat("x", size-1) + "\n", strings.Repeat("x", size) + "\n", strings.Repeat("x", size), strings.Repeat("x", size+1) + "\ny",
		strings.Repeat("x", 2*size), strings.Repeat("x", 3*size) + "\n" + strings.Repeat("y", size-1) + "\nz\n", strings.Repeat("12345\n", 20), strings.Repeat("1234567\n", 20) + "8",
	} {
		for name, slowly := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "by bytes": iotest.OneByteReader, "by halves": iotest.HalfReader,
			"broken": func(r io.Reader) io.Reader { return io.MultiReader(r, iotest.ErrReader(broken)) },
		} {
			slow := bufio.NewReaderSize(slowly(strings.NewReader(text)), size)
			b := block{from: slowly(strings.NewReader(text)), memory: make([]byte, size)}
			for lines, end := 0, false; !end; lines++ {
				want, wantErr := slow.ReadSlice('\n')
				wantFull := errors.Is(wantErr, bufio.ErrBufferFull)
				if wantFull {
					wantErr = nil
				}
				got, full, err := b.line()
				if string(got) != string(want) || full != wantFull || !errors.Is(err, wantErr) || lines > len(text) {
					t.Fatalf("%q %s, line %d: got %q, %v, %v; want %q, %v, %v", text, name, lines, got, full, err, want, wantFull, wantErr)
				}
				end = err != nil || wantErr != nil
			}
		}
	}
}
