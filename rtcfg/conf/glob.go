package conf

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// ErrPattern: a pattern that is none.
var ErrPattern = errors.New("a bracket is not closed, or nothing follows a backslash")

// Glob tells whether a name fits a pattern of a shell, as package path has it: * stands for
// anything but slashes, ? for one character, [a-z] for one of some, [^a-z] for one of the
// others, and a backslash takes its meaning from what follows.
func Glob(pattern, name string) (bool, error) {
	var star bool
	var behind, from string // the last star: the pattern behind it, and the name where it ends
	for {
		if strings.HasPrefix(pattern, "*") {
			pattern = pattern[1:]
			star, behind, from = true, pattern, name
			continue
		}
		fits, rest, after, err := one(pattern, name)
		switch {
		case err != nil:
			return false, err
		case fits && pattern == "":
			return true, nil
		case fits:
			pattern, name = rest, after
		case star && from != "" && from[0] != '/': // the star takes one more
			from = from[1:]
			pattern, name = behind, from
		default:
			return false, faulty(rest)
		}
	}
}

// faulty tells whether the rest of a pattern has a fault.
func faulty(pattern string) (err error) {
	for pattern != "" && err == nil {
		_, pattern, _, err = one(pattern, "")
	}
	return err
}

// one compares the first character, and gives what is behind it on both sides. An empty
// pattern fits the end.
func one(pattern, name string) (fits bool, rest, after string, err error) {
	if pattern == "" {
		return name == "", "", "", nil
	}
	c, rest := cut(pattern)
	n, after := cut(name)
	switch c {
	case '*':
		fits = true
	case '?':
		fits = n != '/'
	case '[':
		fits, rest, err = class(rest, n)
	case '\\':
		if rest == "" {
			return false, "", "", ErrPattern
		}
		c, rest = cut(rest)
		fits = n == c
	default:
		fits = n == c
	}
	return fits && name != "", rest, after, err
}

func cut(text string) (rune, string) {
	r, n := utf8.DecodeRuneInString(text)
	return r, text[n:]
}

// class reads a list of characters up to its bracket, and tells whether r is in it.
func class(text string, r rune) (fits bool, rest string, err error) {
	not := strings.HasPrefix(text, "^")
	text = strings.TrimPrefix(text, "^")
	for n := 0; ; n++ {
		if n > 0 && strings.HasPrefix(text, "]") {
			return fits != not, text[1:], nil
		}
		var low, high rune
		if low, text, err = member(text); err != nil {
			return false, "", err
		}
		high = low
		if strings.HasPrefix(text, "-") {
			if high, text, err = member(text[1:]); err != nil {
				return false, "", err
			}
		}
		fits = fits || low <= r && r <= high
	}
}

// member reads one character of a class; behind it the class goes on.
func member(text string) (rune, string, error) {
	c, rest := cut(text)
	if c == '\\' {
		c, rest = cut(rest)
	} else if c == '-' || c == ']' {
		return 0, "", ErrPattern
	}
	if rest == "" || c == utf8.RuneError {
		return 0, "", ErrPattern
	}
	return c, rest, nil
}
