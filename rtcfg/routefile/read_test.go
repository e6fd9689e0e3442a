package routefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// readText reads one file that is called f.
func readText(text string) (*Table, error) {
	r := newReader()
	if err := r.read("f", strings.NewReader(text)); err != nil {
		return nil, err
	}
	return r.end()
}

// routes describes a table's routes, with their lines, in the file's order.
func routes(t *Table) []string {
	lines := map[uint32]string{}
	for _, l := range []*list{&t.four, &t.six} {
		for i := range l.n {
			var r route
			lines[l.get(i, &r)] = t.describe(&r)
		}
	}
	var list []string
	for i := range t.Len() + 100 {
		if text, ok := lines[uint32(i)]; ok {
			list = append(list, fmt.Sprintf("%d: %s", i, text))
		}
	}
	return list
}

func TestLines(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"10.0.0.0/8 via 192.0.2.1", "10.0.0.0/8 via 192.0.2.1 metric 0"},
		{"route add 10.0.0.0/8 via 192.0.2.1 dev lan1 metric 10", "10.0.0.0/8 via 192.0.2.1 dev lan1 metric 10"},
		{"add 10.0.0.0/8 metric 10 dev lan1 via 192.0.2.1", "10.0.0.0/8 via 192.0.2.1 dev lan1 metric 10"},
		{"route 10.1.2.3 dev lan1", "10.1.2.3/32 dev lan1 metric 0"},
		{"add to unicast 10.1.2.3 oif lan1", "10.1.2.3/32 dev lan1 metric 0"},
		{"\t 10.0.0.0/8\t\tdev  lan1 \t", "10.0.0.0/8 dev lan1 metric 0"},
		{"blackhole 192.0.2.0/24", "blackhole 192.0.2.0/24 metric 0"},
		{"blackhole 192.0.2.0/24# a comment", "blackhole 192.0.2.0/24 metric 0"},
		{"prohibit 192.0.2.0/24 priority 4294967295\r", "prohibit 192.0.2.0/24 metric 4294967295"},
		{"throw default", "throw 0.0.0.0/0 metric 0"},
		{"unreachable 2001:db8::/32", "unreachable 2001:db8::/32 metric 1024"},
		{"unreachable 2001:db8::/32 dev lo metric 5", "unreachable 2001:db8::/32 metric 5"},
		{"default via 192.0.2.1", "0.0.0.0/0 via 192.0.2.1 metric 0"},
		{"default via 2001:db8::1", "::/0 via 2001:db8::1 metric 1024"},
		{"default dev lan1", "0.0.0.0/0 dev lan1 metric 0"},
		{"::/0 via inet6 fe80::1 dev lan1 metric 0", "::/0 via fe80::1 dev lan1 metric 1024"},
		{"add", ""},
		{"", ""}, {"  \t", ""}, {"# 10.0.0.0/8", ""}, {"\r", ""},
	} {
		table, err := readText(c.line + "\n")
		if c.line == "add" {
			if err == nil {
				t.Error("add alone is no fault")
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.line, err)
			continue
		}
		if got := strings.TrimPrefix(strings.Join(routes(table), "\n"), "1: "); got != c.want {
			t.Errorf("%q is read as %q; want %q", c.line, got, c.want)
		}
	}
}

// What iproute2 makes of a scope that is not given.
func TestScopes(t *testing.T) {
	for line, want := range map[string]uint8{
		"10.0.0.0/8 dev a": unix.RT_SCOPE_LINK, "10.0.0.0/8 via 192.0.2.1": unix.RT_SCOPE_UNIVERSE, "blackhole 10.0.0.0/8": unix.RT_SCOPE_UNIVERSE,
		"10.0.0.0/8 dev a scope global": unix.RT_SCOPE_UNIVERSE, "10.0.0.0/8 dev a scope host": unix.RT_SCOPE_HOST,
	} {
		table, err := readText(line)
		if err != nil {
			t.Fatal(err)
		}
		var r route
		if table.four.get(0, &r); r.scope != want {
			t.Errorf("%q has scope %d; want %d", line, r.scope, want)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"10.0.0.1/8 dev a", `1:1: "10.0.0.1/8" has bits set beyond its prefix length: write 10.0.0.0/8`},
		{"add blackhole 2001:db8::1/32", `1:15: "2001:db8::1/32" has bits set beyond its prefix length: write 2001:db8::/32`},
		{"10.0.0.0/33 dev a", `1:1: "10.0.0.0/33" is not a destination: write default, an address or a prefix like 10.0.0.0/8`},
		{"  defaultt via 192.0.2.1", `1:3: "defaultt" is not a destination: write default, an address or a prefix like 10.0.0.0/8`},
		{"blackhole", `1:10: the route has no destination: write default, an address or a prefix like 10.0.0.0/8`},
		{"add add 10.0.0.0/8 dev a", `1:5: "add" is not a destination: write default, an address or a prefix like 10.0.0.0/8`},
		{"local 10.0.0.0/8 dev a", `1:1: local: not in a route file: write a [[route]]`},
		{"10.0.0.0/8", `1:1: the route leads nowhere: add via or dev, or a type like blackhole`},
		{"10.0.0.0/8 via", `1:15: via has no value: write an address like 192.0.2.1 or 2001:db8::1`},
		{"10.0.0.0/8 via inet", `1:20: via has no value: write an address like 192.0.2.1 or 2001:db8::1`},
		{"10.0.0.0/8 via 192.0.2.1/32", `1:16: via "192.0.2.1/32" is not possible: write an address like 192.0.2.1 or 2001:db8::1`},
		{"10.0.0.0/8 via 0.0.0.0", `1:16: via "0.0.0.0" is not possible: write an address like 192.0.2.1 or 2001:db8::1`},
		{"10.0.0.0/8 via 2001:db8::1", `1:16: the gateway 2001:db8::1 is of the other family: use addresses of one family`},
		{"2001:db8::/32 via fe80::1", `1:19: the gateway fe80::1 may be on any link: add dev`},
		{"10.0.0.0/8 dev a/b", `1:16: dev "a/b" is not possible: write a link's name, 15 bytes at most, without '/' and ':'`},
		{"10.0.0.0/8 dev abcdefghijklmnop", `1:16: dev "abcdefghijklmnop" is not possible: write a link's name, 15 bytes at most, without '/' and ':'`},
		{"10.0.0.0/8 dev a metric -1", `1:25: metric "-1" is not possible: 0 to 4294967295 are allowed`},
		{"10.0.0.0/8 dev a metric 4294967296", `1:25: metric "4294967296" is not possible: 0 to 4294967295 are allowed`},
		{"10.0.0.0/8 dev a metric 010", `1:25: metric "010" is not possible: 0 to 4294967295 are allowed`},
		{"10.0.0.0/8 dev a scope nowhere", `1:24: scope "nowhere" is not possible: one of global, link, host, site`},
		{"2001:db8::/32 dev a scope link", `1:27: an IPv6 route has no scope: take it out`},
		{"10.0.0.0/8 dev a oif b", `1:18: oif is given twice: take one out`},
		{"10.0.0.0/8 dev a src 192.0.2.1", `1:18: src: not in a route file: write a [[route]]`},
		{"10.0.0.0/8 dev a onlink", `1:18: onlink: not in a route file: write a [[route]]`},
		{"10.0.0.0/8 dev a mtu 1400", `1:18: mtu: not in a route file: write a [[route]]`},
		{"10.0.0.0/8 dev a table 7", `1:18: table: not in a route file: leave it out: [[route_file]] names the table`},
		{"10.0.0.0/8 dev a proto bird", `1:18: proto: not in a route file: leave it out: settings.protocol marks every route`},
		{"10.0.0.0/8 dev a metrik 3", `1:18: "metrik" is unknown: did you mean metric?`},
		{"10.0.0.0/8 dev a \x00\xff", `1:18: "\x00\xff" is unknown: a line is: [TYPE] PREFIX [via ADDRESS] [dev LINK] [metric NUMBER] [scope SCOPE]`},
		{"blackhole 10.0.0.0/8 dev lo", `1:26: a route of this type has no way to go: take out via and dev`},
		{"unreachable ::/0 via 2001:db8::1", `1:22: a route of this type has no way to go: take out via and dev`},
		{"10.0.0.0/8 dev a\n\n10.0.0.0/8 dev b\n", `3:1: the same destination and metric as f:1:1: take one out`},
		{"::/0 dev a\n::/0 dev a metric 1024", `2:1: the same destination and metric as f:1:1: take one out`},
		{strings.Repeat("x", blockSize) + " 10.0.0.0/8", `1:1: the line has more than 65536 bytes: is it a route file?`},
		{strings.Repeat("x", 100), `1:1: "` + strings.Repeat("x", 64) + `"... is not a destination: write default, an address or a prefix like 10.0.0.0/8`},
	} {
		_, err := readText(c.line)
		var faults conf.Faults
		if !errors.As(err, &faults) || err.Error() != "f:"+c.want {
			t.Errorf("%.80q:\n got %v\nwant f:%s", c.line, err, c.want)
		}
	}
}

// The first hundred faults are named, in the file's order; the others counted.
func TestManyFaults(t *testing.T) {
	_, err := readText(strings.Repeat("\n10.0.0.1/8 dev a\n", 5000))
	var faults conf.Faults
	if !errors.As(err, &faults) || len(faults) != maxListed+1 {
		t.Fatalf("%d faults", len(faults))
	}
	if faults[0].Pos.Line != 2 || faults[maxListed-1].Pos.Line != 200 {
		t.Errorf("the first is %v, the last %v", faults[0], faults[maxListed-1])
	}
	if got, want := faults[maxListed].Error(), "f:10000:1: 4900 more faults up to here"; got != want {
		t.Errorf("got %q; want %q", got, want)
	}
	if err := faults.Err().(conf.Faults); err[maxListed].What != faults[maxListed].What {
		t.Error("the count does not stay last when sorted")
	}
}

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Files of one table are one list: what is double is found across them, and
// each route knows its file and line.
func TestFiles(t *testing.T) {
	a := write(t, "a", "# one\n10.0.0.0/8 via 192.0.2.2 dev v0\n2001:db8::/32 via fe80::1 dev v1")
	b := write(t, "b", "blackhole 9.0.0.0/8\n\n10.0.0.0/9 via 192.0.2.1\n10.0.0.0/8 dev v0 metric 1\n")
	table, err := Read(a, b)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2: 10.0.0.0/8 via 192.0.2.2 dev v0 metric 0", "3: 2001:db8::/32 via fe80::1 dev v1 metric 1024", "4: blackhole 9.0.0.0/8 metric 0",
		"6: 10.0.0.0/9 via 192.0.2.1 metric 0", "7: 10.0.0.0/8 dev v0 metric 1"}
	if got := routes(table); !slices.Equal(got, want) || table.Len() != len(want) {
		t.Errorf("got %q; want %q", got, want)
	}
	for line, want := range map[uint32]string{1: a + ":1:1", 3: a + ":3:1", 4: b + ":1:1", 7: b + ":4:1"} {
		if got := table.pos(line).String(); got != want {
			t.Errorf("line %d is %s; want %s", line, got, want)
		}
	}
	if got := fmt.Sprint(table.Devices(), table.Gateways()); got != "[v0 v1] [192.0.2.1 192.0.2.2 fe80::1]" {
		t.Errorf("devices and gateways: %s", got)
	}
	_, err = Read(a, b, a)
	if got, want := fmt.Sprint(err), fmt.Sprintf("%s:2:1: the same destination and metric as %s:2:1: take one out\n%[1]s:3:1: the same destination and metric as %[1]s:3:1: take one out", a, a); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if _, err := Read(a, a+"x"); !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, unix.ENOENT) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := Read(t.TempDir()); !errors.Is(err, unix.EISDIR) {
		t.Errorf("a directory: %v", err)
	}
	if table, err := Read(); err != nil || table.Len() != 0 {
		t.Errorf("no files: %v, %v", table, err)
	}
}

// A table is sorted as the kernel dumps, whatever the file's order.
func TestOrder(t *testing.T) {
	table, err := readText(`::/0 dev a
2001:db8::/32 dev a
2001:db8::/32 dev a metric 3
2001:db8:1::/48 dev a
4000::/3 dev a
4000::/16 dev a
0.0.0.0/0 dev a
10.0.0.0/8 dev a metric 2
10.0.0.0/8 dev a metric 1
10.0.0.0/9 dev a
9.0.0.0/8 dev a`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range []*list{&table.four, &table.six} {
		var r route
		for i := range l.n {
			l.get(i, &r)
			got = append(got, fmt.Sprint(r.id()))
		}
	}
	want := "{0.0.0.0/0 0} {9.0.0.0/8 0} {10.0.0.0/9 0} {10.0.0.0/8 1} {10.0.0.0/8 2} " +
		"{2001:db8:1::/48 1024} {2001:db8::/32 3} {2001:db8::/32 1024} {4000::/16 1024} {4000::/3 1024} {::/0 1024}"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}

// A line allocates nothing.
func TestLineAllocations(t *testing.T) {
	r := newReader()
	if err := r.read("f", strings.NewReader("10.0.0.0/8 dev lan1\n10.0.0.0/8 dev lan2\n::/0 dev lan1\n")); err != nil {
		t.Fatal(err)
	}
	lines := [][]byte{[]byte("10.0.0.0/8 via 192.0.2.1 dev lan1 metric 10\n"), []byte("unreachable 2001:db8::/32\r\n"), []byte("# x\n"), []byte("9.0.0.0/8 dev lan2\n")}
	if n := testing.AllocsPerRun(10, func() {
		for _, b := range lines {
			r.add(b, false)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
