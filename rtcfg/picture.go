package rtcfg

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Look is how a status is printed.
type Look struct {
	_ [0]func() // no equality: it would be code

	Width   int  // columns; 0: as many as it takes
	Colours bool // those of a terminal
}

// The colours of a terminal (ECMA-48).
const (
	red    = "31"
	green  = "32"
	yellow = "33"
)

// paint colours the first of a line's words that is it.
func (k *Look) paint(line, word, colour string) string {
	if !k.Colours || word == "" {
		return line
	}
	return strings.Replace(line, word, "\x1b["+colour+"m"+word+"\x1b[0m", 1)
}

// cut shortens a line that does not fit.
func (k *Look) cut(line string) string {
	runes := []rune(line)
	if k.Width == 0 || len(runes) <= k.Width {
		return line
	}
	return string(runes[:k.Width-1]) + "…"
}

// Text prints the status: links as a tree, each below its master or carrier.
func (s *Status) Text(w io.Writer, k *Look) {
	colour := yellow
	if s.Good() {
		colour = green
	}
	verdict := s.verdict()
	fmt.Fprintln(w, k.paint("config   "+s.Config+": "+verdict, verdict, colour))
	s.facts(w)
	fmt.Fprintln(w, "links")
	s.tree(w, k, "", "")
	if len(s.Routes) > 0 {
		fmt.Fprintln(w, "routes")
	}
	for _, r := range s.Routes {
		mark, colour := "ok     ", green
		if !r.Present {
			mark, colour = "MISSING", red
		}
		fmt.Fprintln(w, k.paint(k.cut("  "+mark+"  "+strings.TrimPrefix(r.Route, "route ")), mark, colour))
	}
	section(w, "differs", s.Differs)
	section(w, "waits", s.Awaited)
}

// facts prints what is to be said about the whole.
func (s *Status) facts(w io.Writer) {
	if m := s.Module; m != nil {
		fmt.Fprintln(w, "module   "+m.text())
	}
	if s.Pending != "" {
		fmt.Fprintln(w, "pending  the last change is undone in "+s.Pending+", unless bootlink confirm comes")
	}
	if s.Killed != "" {
		fmt.Fprintln(w, "killed   while "+s.Killed+" was applied: the next bootlink apply, run or rollback undoes what there is of it")
	}
	if s.Refused != "" {
		fmt.Fprintln(w, "refused  "+s.Refused)
	}
	if r := s.Run; r != nil {
		fmt.Fprintf(w, "run      since %v: %s; put right %d times; %d events, %d overruns, %d resyncs\n",
			time.Duration(r.Seconds)*time.Second, r.InForce, r.Healed, r.Events, r.Overruns, r.Resyncs)
		if r.Trouble != "" {
			fmt.Fprintln(w, "trouble  "+r.Trouble)
		}
	}
}

func section(w io.Writer, title string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintln(w, title)
	}
	for _, l := range lines {
		fmt.Fprintln(w, "  "+l)
	}
}

func (s *Status) verdict() string {
	switch {
	case len(s.Differs) > 0:
		return fmt.Sprintf("%d steps away from the file", len(s.Differs))
	case s.Lacking > 0:
		return fmt.Sprintf("in force but incomplete, %d things wait, %d for another kernel", len(s.Awaited), s.Lacking)
	case len(s.Awaited) > 0:
		return fmt.Sprintf("in force, %d things wait for devices", len(s.Awaited))
	}
	return "in force"
}

func (m *ModuleStatus) text() string {
	if !m.Loaded {
		return m.Name + ": not loaded"
	}
	text := fmt.Sprintf("%s: hello is netlink %d, bye is netlink %d", m.Name, m.HelloProto, m.ByeProto)
	for i := range m.Sides {
		s := &m.Sides[i]
		text += fmt.Sprintf("; %s: %d clients, %d sent, %d lost", s.Name, s.Clients, s.Sent, s.Lost)
	}
	return text
}

// tree prints the links whose place is below parent.
func (s *Status) tree(w io.Writer, k *Look, parent, indent string) {
	for i := range s.Links {
		l := &s.Links[i]
		if s.above(l) != parent {
			continue
		}
		state := l.state()
		line := k.cut("  " + indent + l.line(14-len(indent), state))
		colour := red
		if state == "up" {
			colour = green
		}
		if !strings.HasSuffix(line, differs) {
			line = k.paint(line, " "+state+" ", colour)
		} else {
			line = k.paint(line, differs, yellow)
		}
		fmt.Fprintln(w, line)
		s.tree(w, k, l.Name, indent+"  ")
	}
}

// differs marks a link that is not as the file says.
const differs = "[differs]"

// above is a link's place in the tree: below its master, or its carrier, if
// that stands in the file.
func (s *Status) above(l *LinkStatus) string {
	for _, name := range [...]string{l.Master, l.Lower} {
		for i := range s.Links {
			if s.Links[i].Name == name {
				return name
			}
		}
	}
	return ""
}

// state says in a word how a link is.
func (l *LinkStatus) state() string {
	switch {
	case !l.Present:
		return "absent"
	case !l.Up:
		return "down"
	case !l.Carrier:
		return "no carrier"
	}
	return "up"
}

func (l *LinkStatus) kind() string {
	if l.Kind == "" {
		return "device"
	}
	return l.Kind
}

func (l *LinkStatus) line(width int, state string) string {
	if l.Waits != "" && !l.Present {
		return fmt.Sprintf("%-*s  waits for %s", width, l.Name, l.Waits)
	}
	mark := ""
	if l.Differs {
		mark = "  " + differs
	}
	return strings.TrimRight(fmt.Sprintf("%-*s  %-7s %-10s mtu %-5s %s%s", width, l.Name, l.kind(), state, l.MTU, strings.Join(l.Addresses, " "), mark), " ")
}

// Dot prints the links as a graph in the language of Graphviz: a box for each link, an
// arrow from a port or VLAN to what it belongs to.
func (s *Status) Dot(w io.Writer) {
	fmt.Fprintln(w, "digraph bootlink {\n\trankdir=BT\n\tnode [shape=box, fontname=monospace]")
	for i := range s.Links {
		l := &s.Links[i]
		state, colour := l.state(), "red"
		switch {
		case l.Differs:
			colour = "orange"
		case state == "up":
			colour = "darkgreen"
		}
		label := l.Name + "\n" + l.kind() + ", " + state
		if l.Waits != "" {
			label += "\nwaits for " + l.Waits
		}
		for _, a := range l.Addresses {
			label += "\n" + a
		}
		fmt.Fprintf(w, "\t%q [label=%q, color=%s]\n", l.Name, label, colour)
		for _, to := range [...]string{l.Master, l.Lower} {
			if to != "" {
				fmt.Fprintf(w, "\t%q -> %q\n", l.Name, to)
			}
		}
	}
	fmt.Fprintln(w, "}")
}
