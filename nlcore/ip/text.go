package ip

import "strconv"

// String gives "192.0.2.1", or an IPv6 address as RFC 5952 wants it.
func (a Addr) String() string {
	text, rest := make([]byte, 0, len("0000:0000:0000:0000:0000:0000:0000:0000")), a
	switch {
	case a == "":
		return "invalid IP"
	case a.isMapped():
		text, rest = append(text, "::ffff:"...), rest[len(mapped):]
	case a.Is6():
		return string(append6(text, a))
	}
	for i := range len(rest) {
		if i > 0 {
			text = append(text, '.')
		}
		text = strconv.AppendUint(text, uint64(rest[i]), 10)
	}
	return string(text)
}

// append6 writes the groups; "::" stands for the longest run of two zeros or more.
func append6(text []byte, b Addr) []byte {
	from, to := -1, -1
	for i := 0; i < length6; i += 2 {
		end := i
		for end < length6 && b[end]|b[end+1] == 0 {
			end += 2
		}
		if end-i >= 4 && end-i > to-from {
			from, to = i, end
		}
	}
	for i := 0; i < length6; i += 2 {
		switch {
		case i == from:
			text = append(text, "::"...)
			i = to - 2
			continue
		case i > 0 && i != to:
			text = append(text, ':')
		}
		text = strconv.AppendUint(text, uint64(b[i])<<8|uint64(b[i+1]), 16)
	}
	return text
}
