package object

import (
	"fmt"
	"math"
	"math/rand"
	"strconv"
	"testing"
)

// TestDecimal compares with the standard library.
func TestDecimal(t *testing.T) {
	texts := []string{"0", "0.0", "+7", "1.", ".5", "1.5e3", "2E6", "1e-9", "1e22", "00012", "9007199254740992", "18446744073709551615",
		"147573952589676412920", "100.0000", "", ".", "+", "e3", "1e", "1e1.5", "1e999", "1..2", "1 2", "-1", "++1", "1_000", "0x10", "inf", "nan", "1e+3"}
	random := rand.New(rand.NewSource(1))
	for range 20000 {
		whole, digits := random.Int63n(1e9), random.Intn(7)
		text := strconv.FormatInt(whole, 10)
		if digits > 0 {
			text += fmt.Sprintf(".%0*d", digits, random.Intn(int(math.Pow10(digits))))
		}
		if random.Intn(3) == 0 {
			text += "e" + strconv.Itoa(random.Intn(12)-6)
		}
		texts = append(texts, text)
	}
	for _, text := range texts {
		want, err := strconv.ParseFloat(text, 64)
		foreign := text == "-1" || text == "0x10" || text == "inf" || text == "nan" // which no value can be
		got, ok := decimal(text)
		if ok != (err == nil && !foreign) {
			t.Errorf("%q: got %v, %v, want %v, %v", text, got, ok, want, err)
		}
		if ok && math.Abs(got-want) > want*1e-15 {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}
