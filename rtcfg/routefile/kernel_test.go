package routefile

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootlink/nlcore"
	"bootlink/nlcore/ip"
	"bootlink/rtcfg/lab"

	"golang.org/x/sys/unix"
)

// A place is a namespace with a link v0 that has 192.0.2.1/24 and
// 2001:db8::1/64, and a link v1 with 198.51.100.1/24, both up.
type place struct {
	*lab.Namespace
	t    testing.TB
	conn *nlcore.Conn
}

// Index makes a place the Names of its links.
func (p *place) Index(name string) (index uint32, err error) {
	p.Do(func() error {
		var link *net.Interface
		if link, err = net.InterfaceByName(name); err == nil {
			index = uint32(link.Index)
		}
		return nil
	})
	return index, err
}

func newPlace(t testing.TB) *place {
	t.Helper()
	ns := lab.New(t)
	ns.Lines(`
		link set lo up
		link add v0 type veth peer name v1
		link set v0 up
		link set v1 up
		address add 192.0.2.1/24 dev v0
		address add 2001:db8::1/64 dev v0 nodad
		address add 198.51.100.1/24 dev v1`)
	conn, err := nlcore.Dial(unix.NETLINK_ROUTE, nlcore.Options{NetNS: ns.Name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &place{ns, t, conn}
}

const (
	table    = 200
	protocol = 98
)

// prefix reads one that is right.
func (p *place) prefix(text string) ip.Prefix {
	prefix, err := ip.ParsePrefix(text)
	if err != nil {
		p.t.Fatal(err)
	}
	return prefix
}

func (p *place) target(keep ...ID) Target {
	return Target{Set: nlcore.RouteSet{Table: table, Protocol: protocol}, Names: p, Keep: keep}
}

// shown is what iproute2 lists in the table, of any protocol, sorted.
func (p *place) shown() string {
	p.t.Helper()
	var lines []string
	for _, family := range []string{"-4", "-6"} {
		cmd := exec.Command("ip", "-n", p.Name, family, "-d", "-j", "route", "show", "table", fmt.Sprint(table))
		out, err := cmd.Output()
		if err != nil || len(out) == 0 {
			continue // ip calls a table without routes an error
		}
		var list []map[string]any
		if err := json.Unmarshal(out, &list); err != nil {
			p.t.Fatalf("%v: %s", err, out)
		}
		for _, r := range list {
			text, err := json.Marshal(r)
			if err != nil {
				p.t.Fatal(err)
			}
			lines = append(lines, family+" "+string(text))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// batch gives lines to iproute2, in our table; protocol 98 where a line says
// none.
func (p *place) batch(verb, lines string) {
	p.t.Helper()
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		family := "-4"
		if strings.Contains(strings.Split(line, " nexthop ")[0], ":") && !strings.Contains(line, "inet6") {
			family = "-6"
		}
		head := []string{family, "route", verb, "table", fmt.Sprint(table)}
		if !slices.Contains(words, "proto") {
			head = append(head, "proto", fmt.Sprint(protocol))
		}
		p.IP(append(head, words...)...)
	}
}

func (p *place) read(text string) *Table {
	p.t.Helper()
	table, err := readText(text)
	if err != nil {
		p.t.Fatal(err)
	}
	return table
}

func (p *place) compare(t *Table, keep ...ID) *Diff {
	p.t.Helper()
	writes := p.conn.Stats().Writes
	d, err := Compare(p.t.Context(), p.conn, t, p.target(keep...))
	if err != nil {
		p.t.Fatal(err)
	}
	if n := p.conn.Stats().Writes - writes; n != 0 {
		p.t.Errorf("comparing made %d writes", n)
	}
	return d
}

// apply makes the kernel as the table asks, and checks that a second time there
// is nothing to do.
func (p *place) apply(t *Table, keep ...ID) *Diff {
	p.t.Helper()
	d := p.compare(t, keep...)
	before := p.conn.Stats().Writes
	if err := d.Apply(p.t.Context(), p.conn); err != nil {
		p.t.Fatal(err)
	}
	if n := p.conn.Stats().Writes - before; n != uint64(d.Add+d.Replace+d.Delete) {
		p.t.Errorf("%v took %d writes", d, n)
	}
	p.settled(t, keep...)
	return d
}

func (p *place) settled(t *Table, keep ...ID) {
	p.t.Helper()
	again := p.compare(t, keep...)
	if !again.Empty() || again.Same != t.Len() {
		p.t.Errorf("the second time: %v", again)
	}
	before := p.conn.Stats().Writes
	if err := again.Apply(p.t.Context(), p.conn); err != nil || p.conn.Stats().Writes != before {
		p.t.Errorf("the second time wrote %d: %v", p.conn.Stats().Writes-before, err)
	}
}

func (p *place) undo(d *Diff) {
	p.t.Helper()
	if err := d.Undo(context.Background(), p.conn); err != nil {
		p.t.Fatalf("undo: %v", err)
	}
}

func (p *place) same(what, before string) {
	p.t.Helper()
	if after := p.shown(); after != before {
		p.t.Errorf("%s:\n%s", what, lab.Diff(before, after))
	}
}

// mixed has each kind of line.
const mixed = `
	default via 10.9.0.1 dev v0
	10.9.0.0/16 dev v0
	10.0.0.0/8 via 192.0.2.2
	10.0.0.0/9 via 192.0.2.3 dev v0 metric 7
	10.0.0.0/9 via 192.0.2.4 dev v0 metric 8
	10.1.2.3 dev v1
	10.2.0.0/16 dev v1 scope global
	10.3.0.0/16 dev v1 scope host
	blackhole 192.0.2.128/25
	unreachable 192.0.3.0/24 metric 4000000000
	prohibit 192.0.4.0/24
	throw 192.0.5.0/24
	default via 2001:db8::2
	2001:db8:1::/48 via fe80::1 dev v1
	2001:db8:1:1::/64 via 2001:db8::3 dev v0 metric 5
	2001:db8:1:1::/64 via 2001:db8::3 dev v0 metric 6
	2001:db8:2::/48 dev v1 metric 0
	2001:db8:3::1 dev v1
	blackhole 2001:db8:4::/48
	unreachable 2001:db8:5::/48 metric 9
	prohibit 2001:db8:6::/48
	throw 2001:db8:7::/48
`

// The same lines, written by us and by iproute2, are listed alike.
func TestAgainstIproute2(t *testing.T) {
	ours, theirs := newPlace(t), newPlace(t)
	d := ours.apply(ours.read(mixed))
	lines := strings.Split(strings.TrimSpace(mixed), "\n")
	if d.Add != len(lines) || d.Replace+d.Delete+d.Same != 0 {
		t.Errorf("%v; want %d to add", d, len(lines))
	}
	slices.SortStableFunc(lines, func(a, b string) int { // as iproute2 needs them: 10.9.0.0/16 before its gateway
		return strings.Count(a, "10.9.0.1") - strings.Count(b, "10.9.0.1")
	})
	theirs.batch("add", strings.Join(lines, "\n"))
	if diff := lab.Diff(theirs.shown(), ours.shown()); diff != "" {
		t.Error(diff)
	}
	if n := strings.Count(ours.shown(), "\n") + 1; n != len(lines) {
		t.Errorf("%d routes are listed", n)
	}
	theirs.settled(theirs.read(mixed)) // what iproute2 wrote is as it should be
	ours.undo(d)
	ours.same("undone", "")
}

// What differs is written and nothing else; foreign routes and those to be kept
// stay, and undoing restores the rest.
func TestDiffAndUndo(t *testing.T) {
	p := newPlace(t)
	p.batch("add", `
		10.0.0.0/8 via 192.0.2.2
		10.1.0.0/16 via 192.0.2.2 metric 5
		10.2.0.0/16 via 192.0.2.2
		10.3.0.0/16 via 192.0.2.2 tos 0x10
		10.5.0.0/16 via 192.0.2.2 metric 3
		10.6.0.0/16 via 192.0.2.2 proto static
		10.7.0.0/16 via 192.0.2.2 metric 1 proto static
		10.7.0.0/16 via 192.0.2.2 metric 2
		10.8.0.0/16 via 192.0.2.2 metric 4
		10.8.0.0/16 via 192.0.2.2
		2001:db8:1::/48 via 2001:db8::2
		2001:db8:2::/48 via 2001:db8::2
		2001:db8:3::/48 via 2001:db8::2 proto static
		2001:db8:5::/48 via 2001:db8::2`)
	before := p.shown()
	d := p.apply(p.read(`
		10.0.0.0/8 via 192.0.2.2
		10.1.0.0/16 via 192.0.2.3 metric 5
		blackhole 10.2.0.0/16
		10.4.0.0/16 via 192.0.2.2
		10.6.0.0/16 via 192.0.2.3 metric 1
		10.8.0.0/16 via 192.0.2.2 metric 4
		unreachable 2001:db8:1::/48
		2001:db8:4::/48 via 2001:db8::2`), ID{p.prefix("10.5.0.0/16"), 3}, ID{p.prefix("2001:db8:5::/48"), 0})
	if got, want := d.String(), "add 3, replace 3, delete 4 routes, leave 2"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
	list := p.IP("route", "show", "table", "200")
	for _, line := range []string{"10.5.0.0/16 via 192.0.2.2 dev v0 proto 98 metric 3", "10.6.0.0/16 via 192.0.2.2 dev v0 proto static", "10.7.0.0/16 via 192.0.2.2 dev v0 proto static metric 1",
		"10.6.0.0/16 via 192.0.2.3 dev v0 proto 98 metric 1", "blackhole 10.2.0.0/16"} {
		if !strings.Contains(list, line) {
			t.Errorf("%q is not in\n%s", line, list)
		}
	}
	if strings.Contains(list, "metric 2") || strings.Contains(list, "tos") {
		t.Errorf("not deleted:\n%s", list)
	}
	p.undo(d)
	p.same("undone", before)
	p.undo(d)
	p.same("undone twice", before)
}

// Routes that are more than records come back as they were.
func TestOddRoutes(t *testing.T) {
	p := newPlace(t)
	p.Lines("nexthop add id 7 via 192.0.2.7 dev v0\nlink set lo up")
	p.batch("add", `
		10.0.0.0/8 nexthop via 192.0.2.2 dev v0 weight 3 nexthop via 192.0.2.3 dev v0
		10.1.0.0/16 via 192.0.2.2 src 192.0.2.1
		10.2.0.0/16 via 192.0.2.2 mtu 1400 advmss 1300
		10.3.0.0/16 nhid 7
		10.4.0.0/16 via 10.99.0.1 dev v0 onlink
		10.5.0.0/16 via inet6 2001:db8::9 dev v0
		10.6.0.0/16 via 192.0.2.2
		2001:db8:1::/48 nexthop via 2001:db8::2 nexthop via 2001:db8::3
		2001:db8:2::/48 via 2001:db8::2 mtu 1400
		2001:db8:3::/48 via 2001:db8::2 pref high
		2001:db8:4::/48 from 2001:db8:9::/48 via 2001:db8::2`)
	p.batch("append", "10.6.0.0/16 via 192.0.2.3\n2001:db8:5::/48 dev v0\n2001:db8:5::/48 via 2001:db8::7 dev v0\n10.7.0.0/16 via 192.0.2.2\n10.7.0.0/16 via 192.0.2.4")
	before := p.shown()
	d := p.apply(p.read(""))
	p.same("deleted", "")
	p.undo(d)
	p.same("undone", before)
	d = p.apply(p.read(`
		10.0.0.0/8 via 192.0.2.2
		10.1.0.0/16 via 192.0.2.2
		10.2.0.0/16 via 192.0.2.2
		10.3.0.0/16 via 192.0.2.7 dev v0
		10.4.0.0/16 via 192.0.2.2 dev v0
		10.5.0.0/16 via 192.0.2.2 dev v0
		10.6.0.0/16 via 192.0.2.3
		2001:db8:1::/48 via 2001:db8::2
		2001:db8:2::/48 via 2001:db8::2
		2001:db8:3::/48 via 2001:db8::2
		2001:db8:4::/48 via 2001:db8::2
		2001:db8:5::/48 via 2001:db8::7 dev v0`))
	if d.Same != 0 {
		t.Errorf("%v: odd routes are taken for plain ones", d)
	}
	p.undo(d)
	p.same("undone", before)
}

// A file whose 5000th line the kernel refuses names it, and leaves no trace.
func TestRefusedAndUndone(t *testing.T) {
	p := newPlace(t)
	var text strings.Builder
	for i := range 8000 {
		via := "192.0.2.2 dev v0"
		if i == 4999 {
			via = "203.0.113.1"
		}
		fmt.Fprintf(&text, "%s via %s\n", netip.PrefixFrom(netip.AddrFrom4([4]byte{16, byte(i >> 8), byte(i), 0}), 24), via)
	}
	p.batch("add", "16.0.0.0/24 via 192.0.2.3\n99.0.0.0/8 via 192.0.2.2\n10.0.0.0/8 via 192.0.2.2 src 192.0.2.1\n16.0.1.0/24 via 192.0.2.2 metric 3 proto static")
	before := p.shown()
	d := p.compare(p.read(text.String()))
	if got, want := d.String(), "add 7999, replace 1, delete 2 routes, leave 0"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
	err := d.Apply(t.Context(), p.conn)
	want := `f:5000:1: add route 16.19.135.0/24 via 203.0.113.1 metric 0: network is unreachable: kernel: "Nexthop has invalid gateway": no address and no route leads to the gateway`
	var refusal *RefusedError
	var cause *nlcore.Error
	if err == nil || err.Error() != want || !errors.Is(err, unix.ENETUNREACH) || !errors.As(err, &refusal) || !errors.As(err, &cause) || refusal.Refusals[0].Pos.Line != 5000 {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if n := strings.Count(p.shown(), "\n"); n < 5000 {
		t.Errorf("only %d routes were written: nothing to undo", n)
	}
	p.undo(d)
	p.same("undone", before)
}

// Hundreds of refusals are a hundred lines and a number; a foreign route is a
// reason to refuse.
func TestManyRefusals(t *testing.T) {
	p := newPlace(t)
	var text, theirs strings.Builder
	for i := range 300 {
		fmt.Fprintf(&text, "10.0.%d.%d via 192.0.2.2\n", i>>8, i&255)
	}
	for i := range 3 {
		fmt.Fprintf(&theirs, "10.0.0.%d via 192.0.2.2 proto static\n2001:db8:%d::/48 dev v0 proto static\n", i, i)
	}
	p.batch("add", theirs.String())
	before := p.shown()
	d := p.compare(p.read(text.String()))
	err := d.Apply(t.Context(), p.conn)
	var refused *RefusedError
	if !errors.As(err, &refused) || len(refused.Refusals) != 3 || !errors.Is(err, unix.EEXIST) || !strings.HasPrefix(err.Error(), "f:1:1: add route 10.0.0.0/32 via 192.0.2.2 metric 0: file exists: somebody else has") {
		t.Errorf("got %v", err)
	}
	p.undo(d)
	p.same("undone", before)
	d = p.compare(p.read(strings.ReplaceAll(text.String(), "192.0.2.2", "203.0.113.1")))
	err = d.Apply(t.Context(), p.conn)
	if !errors.As(err, &refused) || len(refused.Refusals) != maxListed || refused.More != 200 || strings.Count(err.Error(), "\n") != maxListed {
		t.Errorf("%d and %d refusals; want %d and 200", len(refused.Refusals), refused.More, maxListed)
	}
	p.undo(d)
	p.same("undone", before)
}

// A route is not replaced where the kernel might replace a foreign one.
func TestForeignTwin(t *testing.T) {
	p := newPlace(t)
	p.batch("append", "10.0.0.0/8 via 192.0.2.2 proto static\n10.0.0.0/8 via 192.0.2.3\n2001:db8:1::/48 dev v0 proto static\n2001:db8:1::/48 via 2001:db8::2")
	before := p.shown()
	_, err := Compare(t.Context(), p.conn, p.read("2001:db8:1::/48 via 2001:db8::3\n\n10.0.0.0/8 via 192.0.2.4"), p.target())
	want := "f:1:1: protocol 4 has a route with the same destination and metric: choose another metric\nf:3:1: protocol 4 has a route with the same destination and metric: choose another metric"
	if fmt.Sprint(err) != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	p.settled(p.read("10.0.0.0/8 via 192.0.2.3\n2001:db8:1::/48 via 2001:db8::2"))
	d := p.apply(p.read(""))
	if after := p.shown(); strings.Count(after, `"static"`) != 2 || strings.Contains(after, `"98"`) {
		t.Errorf("after ours were deleted there is\n%s", after)
	}
	p.undo(d)
	p.same("deleted and undone", before)
}

// What cannot be compared is told with its line.
func TestCompareErrors(t *testing.T) {
	p := newPlace(t)
	_, err := Compare(t.Context(), p.conn, p.read("10.0.0.0/8 dev v0\n10.1.0.0/16 dev nix\n10.2.0.0/16 dev nix"), p.target())
	if err == nil || !strings.HasPrefix(err.Error(), "f:2:1: dev nix: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("a link that is not there: %v", err)
	}
	_, err = Compare(t.Context(), p.conn, p.read("10.0.0.0/8 dev v0\n2001:db8::/32 dev v0"), p.target(ID{p.prefix("2001:db8::/32"), 0}))
	if got, want := fmt.Sprint(err), "f:2:1: a [[route]] has the same destination and metric: take one out"; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	if _, err = Compare(t.Context(), p.conn, p.read(""), Target{Names: p}); !errors.Is(err, unix.EINVAL) {
		t.Errorf("protocol 0: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = Compare(ctx, p.conn, p.read(""), p.target()); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}

// thousands gives n IPv4 routes, and a tenth of that in IPv6; one in step of them differs by
// its gateway, salt, the rest not.
func thousands(n, step int, salt uint32) string {
	var b strings.Builder
	for i := range n {
		via := uint32(2)
		if i%step == 0 {
			via += salt
		}
		a := binary.BigEndian.AppendUint32(nil, 16<<24+uint32(i)<<8)
		fmt.Fprintf(&b, "%d.%d.%d.0/24 via 192.0.2.%d dev v0 metric 100\n", a[0], a[1], a[2], via)
		if i%10 == 0 {
			fmt.Fprintf(&b, "4000:%x:%x::/48 via 2001:db8::%d dev v0\n", i>>16, i&0xffff, via)
		}
	}
	return b.String()
}

// Apply is interrupted anywhere: what was done is undone.
func TestInterrupted(t *testing.T) {
	p := newPlace(t)
	p.apply(p.read(thousands(6000, 7, 1)))
	before := p.shown()
	for sends := range 7 { // datagrams until the end
		d := p.compare(p.read(thousands(4000, 5, 2) + thousandsFrom(9000, 2000)))
		ctx, cancel := context.WithCancel(t.Context())
		left := sends
		conn, err := nlcore.Dial(unix.NETLINK_ROUTE, nlcore.Options{NetNS: p.Name, Trace: func(out bool, _ []byte) {
			if out {
				if left--; left < 0 {
					cancel()
				}
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Apply(ctx, conn)
		cancel()
		if n := conn.Stats().Writes; !errors.Is(err, context.Canceled) || n == 0 || n >= uint64(d.Add+d.Replace+d.Delete) {
			t.Errorf("not interrupted at datagram %d: %d writes, %v", sends, n, err)
		}
		conn.Close()
		p.undo(d)
		p.same("undone", before)
	}
}

func thousandsFrom(start, n int) string {
	var b strings.Builder
	for i := start; i < start+n; i++ {
		fmt.Fprintf(&b, "blackhole 17.%d.%d.0/24\n", i>>8, i&255)
	}
	return b.String()
}

// Any state becomes any other, and back: the lists are drawn from few prefixes,
// so that they nest, double and change places.
func TestRandomWalk(t *testing.T) {
	p := newPlace(t)
	random := rand.New(rand.NewPCG(3, 4))
	for range 30 {
		text := randomFile(random)
		before := p.shown()
		d := p.compare(p.read(text))
		if err := d.Apply(t.Context(), p.conn); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		p.settled(p.read(text))
		after := p.shown()
		p.undo(d)
		p.same("undone", before)
		if p.apply(p.read(text)); t.Failed() {
			t.FailNow()
		}
		p.same("applied again", after)
	}
}

func randomFile(random *rand.Rand) string {
	var b strings.Builder
	seen := map[string]bool{}
	for range random.IntN(200) {
		to, via := netip.PrefixFrom(netip.AddrFrom4([4]byte{16, byte(random.IntN(4)) << 6}), 6+random.IntN(6)).Masked(), "192.0.2."
		if random.IntN(2) == 0 {
			to, via = netip.PrefixFrom(netip.AddrFrom16([16]byte{0x40, byte(random.IntN(4)) << 6}), 6+random.IntN(6)).Masked(), "2001:db8::"
		}
		line := fmt.Sprintf("%s metric %d", to, 1+random.IntN(3))
		if seen[line] {
			continue
		}
		seen[line] = true
		switch random.IntN(4) {
		case 0:
			line = "unreachable " + line
		case 1:
			line += " dev v0"
		default:
			line += fmt.Sprintf(" via %s%d dev v0", via, 2+random.IntN(3))
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// A hundred thousand routes: added, left alone, changed and undone.
func TestLarge(t *testing.T) {
	p := newPlace(t)
	path := write(t, "large", thousands(100_000, 100, 1))
	table, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := p.apply(table); d.Add != 110_000 {
		t.Errorf("%v", d)
	}
	d := p.compare(p.read(thousands(99_000, 100, 2)))
	if got, want := d.String(), "add 0, replace 1980, delete 1100 routes, leave 106920"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
	if err := d.Apply(t.Context(), p.conn); err != nil {
		t.Fatal(err)
	}
	p.undo(d)
	p.settled(table)
}

// rtaNHID and ipv6Metric stand here because x/sys lacks them.
func TestOwnNumbers(t *testing.T) {
	for name, want := range map[string]string{"ipv6_route.h": "#define IP6_RT_PRIO_USER\t1024", "rtnetlink.h": "\tRTA_NH_ID,"} {
		text, err := os.ReadFile(filepath.Join("/usr/include/linux", name))
		if err != nil {
			t.Fatalf("%v: install linux-libc-dev", err)
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("%s has no %q", name, want)
		}
	}
	text, _ := os.ReadFile("/usr/include/linux/rtnetlink.h")
	_, list, _ := strings.Cut(string(text), "enum rtattr_type_t {")
	for i, line := range strings.Split(list, "\n\t") {
		if strings.HasPrefix(line, "RTA_NH_ID") && i-1 != rtaNHID {
			t.Errorf("RTA_NH_ID is %d; we have %d", i-1, rtaNHID)
		}
	}
}
