package main

import "strings"

// fold writes '-' as '_', which the kernel holds for the same in names and
// aliases. Inside brackets '-' is a range and stays.
func fold(s string) string {
	bracket := false
	return strings.Map(func(r rune) rune {
		switch {
		case r == '[':
			bracket = true
		case r == ']':
			bracket = false
		case r == '-' && !bracket:
			return '_'
		}
		return r
	}, s)
}

// match tells whether a name matches a pattern of fnmatch(3) without flags:
// '*' and '?' match any character, '/' too, '[...]' one of a set. A backslash
// is an ordinary character: modules.alias has none.
func match(pattern, name string) bool {
	for pattern != "" {
		if pattern[0] == '*' {
			return matchStar(strings.TrimLeft(pattern, "*"), name)
		}
		if name == "" {
			return false
		}
		rest, ok := matchOne(pattern, name[0])
		if !ok {
			return false
		}
		pattern, name = rest, name[1:]
	}
	return name == ""
}

// matchStar tries a pattern at each place of the name.
func matchStar(pattern, name string) bool {
	for i := range len(name) + 1 {
		if match(pattern, name[i:]) {
			return true
		}
	}
	return false
}

// matchOne matches one character and returns the pattern behind it.
func matchOne(pattern string, c byte) (rest string, ok bool) {
	if pattern[0] == '[' {
		if set, rest, closed := cutSet(pattern[1:]); closed {
			return rest, inSet(set, c)
		}
	}
	return pattern[1:], pattern[0] == '?' || pattern[0] == c
}

// cutSet cuts behind the bracket that closes a set; the first character of a
// set is a member even if it is a bracket.
func cutSet(s string) (set, rest string, closed bool) {
	start := len(s) - len(strings.TrimLeft(s, "!^")) + 1
	if start > len(s) {
		return "", "", false
	}
	end := strings.IndexByte(s[start:], ']')
	if end < 0 {
		return "", "", false
	}
	return s[:start+end], s[start+end+1:], true
}

// inSet tells whether a set such as "a-f0" or "!x" has a character.
func inSet(set string, c byte) bool {
	negate := set[0] == '!' || set[0] == '^'
	if negate {
		set = set[1:]
	}
	for set != "" {
		low, high := set[0], set[0]
		if len(set) >= 3 && set[1] == '-' {
			high = set[2]
			set = set[2:]
		}
		set = set[1:]
		if low <= c && c <= high {
			return !negate
		}
	}
	return negate
}
