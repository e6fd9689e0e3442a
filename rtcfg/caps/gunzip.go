package caps

import (
	"encoding/binary"
	"errors"
)

// Package compress/gzip would take 40 KB of the binary for the one file that the kernel
// packs. The format is that of RFC 1951 and 1952.

var errPacked = errors.New("not gzip, or damaged")

// gunzip unpacks one member, of at most most bytes. Its checksum is not looked at: the
// kernel hands it out.
func gunzip(b []byte, most int) (text []byte, err error) {
	defer func() {
		if what := recover(); what != nil { // an index beyond the end
			text, err = nil, errPacked
		}
	}()
	if binary.BigEndian.Uint16(b) != 0x1f8b || b[2] != 8 || b[3]&^8 != 0 { // FNAME may be there
		return nil, errPacked
	}
	at := 10
	if b[3] != 0 {
		for ; b[at] != 0; at++ {
		}
		at++
	}
	z := &inflater{in: b, at: at, most: most}
	for !z.last {
		z.block()
	}
	return z.out, nil
}

type inflater struct {
	in   []byte
	at   int
	hold uint32 // bits that are read and not used
	bits uint
	out  []byte
	most int
	last bool
}

func (z *inflater) take(n uint) int {
	for z.bits < n {
		z.hold |= uint32(z.in[z.at]) << z.bits
		z.at++
		z.bits += 8
	}
	v := z.hold & (1<<n - 1)
	z.hold >>= n
	z.bits -= n
	return int(v)
}

func (z *inflater) block() {
	z.last = z.take(1) == 1
	switch z.take(2) {
	case 0:
		z.hold, z.bits = 0, 0
		n := int(binary.LittleEndian.Uint16(z.in[z.at:]))
		z.put(z.in[z.at+4 : z.at+4+n])
		z.at += 4 + n
	case 1:
		lengths := make([]byte, 288+30)
		for i := range lengths {
			switch {
			case i < 144 || i >= 280 && i < 288:
				lengths[i] = 8
			case i < 256:
				lengths[i] = 9
			case i < 280:
				lengths[i] = 7
			default:
				lengths[i] = 5
			}
		}
		z.codes(newCode(lengths[:288]), newCode(lengths[288:]))
	case 2:
		z.dynamic()
	default:
		panic(errPacked)
	}
}

func (z *inflater) put(b []byte) {
	if z.out = append(z.out, b...); len(z.out) > z.most {
		panic(errPacked)
	}
}

// A code is a canonical Huffman code: how many words there are of each length, and
// their symbols in order.
type code struct {
	count  [16]int
	symbol []int
}

func newCode(lengths []byte) *code {
	c := &code{symbol: make([]int, len(lengths))}
	for _, n := range lengths {
		c.count[n]++
	}
	c.count[0] = 0
	var next [17]int
	for n := 1; n < 16; n++ {
		next[n+1] = next[n] + c.count[n]
	}
	for s, n := range lengths {
		if n > 0 {
			c.symbol[next[n]] = s
			next[n]++
		}
	}
	return c
}

func (z *inflater) symbol(c *code) int {
	word, first, index := 0, 0, 0
	for n := 1; n < 16; n++ {
		word |= z.take(1)
		if word-first < c.count[n] {
			return c.symbol[index+word-first]
		}
		index += c.count[n]
		first = (first + c.count[n]) << 1
		word <<= 1
	}
	panic(errPacked)
}

// dynamic reads a block whose codes stand before it.
func (z *inflater) dynamic() {
	literals, distances, n := z.take(5)+257, z.take(5)+1, z.take(4)+4
	lengths := make([]byte, 19)
	for _, i := range "\x10\x11\x12\x00\x08\x07\x09\x06\x0a\x05\x0b\x04\x0c\x03\x0d\x02\x0e\x01\x0f"[:n] {
		lengths[i] = byte(z.take(3))
	}
	c := newCode(lengths)
	lengths = make([]byte, 0, literals+distances)
	for len(lengths) < literals+distances {
		s, times, value := z.symbol(c), 1, byte(0)
		switch s {
		case 16:
			value, times = lengths[len(lengths)-1], 3+z.take(2)
		case 17:
			times = 3 + z.take(3)
		case 18:
			times = 11 + z.take(7)
		default:
			value = byte(s)
		}
		for range times {
			lengths = append(lengths, value)
		}
	}
	z.codes(newCode(lengths[:literals]), newCode(lengths[literals:literals+distances]))
}

// codes reads the words of a block.
func (z *inflater) codes(literals, distances *code) {
	for {
		s := z.symbol(literals)
		switch {
		case s < 256:
			z.put([]byte{byte(s)})
			continue
		case s == 256:
			return
		}
		length := 258
		if s < 285 {
			length = 3 + z.extra(s-257, 4)
		}
		from := len(z.out) - 1 - z.extra(z.symbol(distances), 2)
		for range length {
			z.put(z.out[from : from+1])
			from++
		}
	}
}

// extra gives the offset of a length's or distance's class: the first step classes have
// one value each, then each step as many again with one more bit.
func (z *inflater) extra(class, step int) int {
	if class < 2*step {
		return class
	}
	bits := class/step - 1
	return (step+class%step)<<bits + z.take(uint(bits))
}
