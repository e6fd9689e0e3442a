package conf

import (
	"strconv"
	"strings"
)

// ParseJSON reads JSON (RFC 8259) into the tree that TOML gives; null is a table without
// entries. Nodes have no places but that of a fault.
func ParseJSON(file string, text []byte) (root *Node, err error) {
	p := &jsonParser{text: string(text)}
	defer func() {
		if what := recover(); what != nil {
			fault, ours := what.(Fault)
			if !ours {
				panic(what)
			}
			before := p.text[:min(p.at, len(p.text))]
			fault.Pos = Pos{file, strings.Count(before, "\n") + 1, len(before) - strings.LastIndex(before, "\n")}
			root, err = nil, fault
		}
	}()
	root = p.value(0)
	if p.space(); p.at < len(p.text) {
		p.fail("nothing more")
	}
	return root, nil
}

type jsonParser struct {
	text string
	at   int
}

func (p *jsonParser) fail(want string) {
	panic(Fault{What: "this is no JSON: " + want + " is expected here"})
}

func (p *jsonParser) space() {
	for p.at < len(p.text) && strings.Contains(" \t\r\n", p.text[p.at:p.at+1]) {
		p.at++
	}
}

// next takes one of some characters.
func (p *jsonParser) next(of, want string) byte {
	p.space()
	if p.at >= len(p.text) || !strings.Contains(of, p.text[p.at:p.at+1]) {
		p.fail(want)
	}
	p.at++
	return p.text[p.at-1]
}

// deepest is how many brackets may stand in one another.
const deepest = 64

func (p *jsonParser) value(depth int) *Node {
	p.space()
	n := &Node{}
	switch {
	case depth > deepest:
		p.fail("less depth")
	case p.take(`"`):
		n.Kind, n.Text = String, p.quoted()
	case p.take("{"):
		n.Kind = Table
		p.list('}', func() {
			p.next(`"`, "a name in quotes")
			key := p.quoted()
			p.next(":", "a colon")
			n.Entries = append(n.Entries, Entry{Key: key, Value: p.value(depth + 1)})
		})
	case p.take("["):
		n.Kind = Array
		p.list(']', func() { n.Items = append(n.Items, p.value(depth+1)) })
	case p.take("null"):
		n.Kind = Table
	case p.take("true"):
		n.Kind, n.Text = Bool, "true"
	case p.take("false"):
		n.Kind, n.Text = Bool, "false"
	default:
		n.Kind, n.Text = Integer, p.number()
	}
	return n
}

func (p *jsonParser) take(word string) bool {
	is := strings.HasPrefix(p.text[p.at:], word)
	if is {
		p.at += len(word)
	}
	return is
}

// list reads what stands between commas up to the end.
func (p *jsonParser) list(end byte, item func()) {
	if p.space(); p.take(string(rune(end))) {
		return
	}
	for more := true; more; {
		item()
		more = p.next(","+string(rune(end)), "a comma or the end of the list") == ','
	}
}

// quoted reads a string from behind its first quote.
func (p *jsonParser) quoted() string {
	from := p.at
	for ; p.at < len(p.text) && p.text[p.at] != '"'; p.at++ {
		if p.text[p.at] == '\\' {
			p.at++
		}
	}
	if p.at >= len(p.text) {
		p.fail("the end of a string")
	}
	p.at++
	return unescape(p.text[from : p.at-1])
}

// unescape replaces what stands behind backslashes. What is no escape stands for itself;
// of \u, halves of pairs become U+FFFD.
func unescape(text string) string {
	before, rest, found := strings.Cut(text, `\`)
	if !found {
		return text
	}
	if code, err := strconv.ParseUint(rest[1:min(5, len(rest))], 16, 32); rest[0] == 'u' && err == nil && len(rest) >= 5 {
		return before + string(rune(code)) + unescape(rest[5:])
	}
	if i := strings.IndexByte("bfnrt", rest[0]); i >= 0 {
		return before + "\b\f\n\r\t"[i:i+1] + unescape(rest[1:])
	}
	return before + rest[:1] + unescape(rest[1:])
}

func (p *jsonParser) number() string {
	from := p.at
	for p.at < len(p.text) && strings.Contains("+-.eE0123456789", p.text[p.at:p.at+1]) {
		p.at++
	}
	if from == p.at {
		p.fail("a value")
	}
	return p.text[from:p.at]
}
