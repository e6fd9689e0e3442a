package caps

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"bootlink/nlcore"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

func desired(t *testing.T, text string) *object.Desired {
	t.Helper()
	root, err := conf.Parse("f", []byte("version = 1\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	want, faults := object.Read("f", root)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return want
}

// What a file needs, with its lines.
func TestNeeds(t *testing.T) {
	want := desired(t, `[link.br0]
kind = "bridge"
bridge = { vlan_filtering = true, mcast_snooping = true }
qdisc = { kind = "fq_codel" }
addresses = ["fd00::1/64"]
[link.lan1]
master = "br0"
bridge_port = { vlans = [{ vid = 10 }], locked = true }
[[route]]
to = "10.0.0.0/8"
table = 100
nexthops = [{ via = "192.0.2.1" }, { via = "192.0.2.2" }]
[[route]]
to = "default"
via = "192.0.2.1"
[[rule]]
priority = 5
family = "inet6"
table = 100
[[nexthop]]
id = 7
via = "192.0.2.1"
dev = "br0"
`)
	var got []string
	for _, n := range Needs(want) {
		got = append(got, strings.Join([]string{n.Pos.String(), n.String(), n.Kconfig, n.Module, n.Since}, " | "))
	}
	for _, line := range []string{
		"f:2:7 | link br0 needs kind bridge | CONFIG_BRIDGE | bridge | ",
		"f:4:29 | link br0 needs VLANs of bridges | CONFIG_BRIDGE_VLAN_FILTERING |  | ",
		"f:5:9 | qdisc root dev br0 needs qdisc fq_codel | CONFIG_NET_SCH_FQ_CODEL | sch_fq_codel | ",
		"f:6:14 | address fd00::1/64 dev br0 needs IPv6 | CONFIG_IPV6 | ipv6 | ",
		"f:9:26 | vlan 10 dev lan1 needs VLANs of bridges | CONFIG_BRIDGE_VLAN_FILTERING |  | ",
		"f:9:50 | link lan1 needs option bridge_port.locked |  |  | 5.18",
	} {
		if !strings.Contains(strings.Join(got, "\n")+"\n", line) {
			t.Errorf("missing: %s", line)
		}
	}
	text := strings.Join(got, "\n")
	for _, word := range []string{"needs routing tables", "needs multipath routes | CONFIG_IP_ROUTE_MULTIPATH", "needs IPv6 rules", "nexthop 7 needs next hops |  |  | 5.3"} {
		if !strings.Contains(text, word) {
			t.Errorf("missing: %s", word)
		}
	}
	if strings.Contains(text, "mcast_snooping") || strings.Contains(text, "route default") {
		t.Error("something that every kernel has is needed")
	}
	if t.Failed() {
		t.Log(text)
	}
}

// What is packed by package compress/gzip is unpacked, and damage does no harm.
func TestGunzip(t *testing.T) {
	text, err := os.ReadFile("feature.go")
	if err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 100000)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	for _, plain := range [][]byte{nil, []byte("a"), text, bytes.Repeat(text, 20), noise} {
		for level := gzip.HuffmanOnly; level <= gzip.BestCompression; level++ {
			var packed bytes.Buffer
			w, _ := gzip.NewWriterLevel(&packed, level)
			if level == 3 {
				w.Name = "config"
			}
			if _, err := w.Write(plain); err != nil || w.Close() != nil {
				t.Fatal(err)
			}
			got, err := gunzip(packed.Bytes(), 1<<20)
			if err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%d bytes at level %d: %v, %d bytes", len(plain), level, err, len(got))
			}
			if _, err := gunzip(packed.Bytes(), len(plain)-1); len(plain) > 0 && err == nil {
				t.Errorf("%d bytes at level %d fit into less", len(plain), level)
			}
		}
	}
}

func FuzzGunzip(f *testing.F) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = io.WriteString(w, "CONFIG_NET=y\nCONFIG_INET=y\nCONFIG_NET_NS=y\n")
	_ = w.Close()
	f.Add(packed.Bytes())
	f.Add(packed.Bytes()[:12])
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := gunzip(b, 1<<16)
		r, rerr := gzip.NewReader(bytes.NewReader(b))
		if rerr != nil {
			return
		}
		r.Multistream(false)
		want, rerr := io.ReadAll(r)
		if rerr == nil && len(want) <= 1<<16 && (err != nil || !bytes.Equal(got, want)) && r.Extra == nil && r.Comment == "" {
			t.Errorf("%v %q; gzip gives %q", err, got, want)
		}
	})
}

// The kernel's answers are those that iproute2 gets, kind by kind.
func TestAskAgreesWithIP(t *testing.T) {
	err := nlcore.InScratch(func() error {
		c, err := nlcore.Dial(unix.NETLINK_ROUTE, nlcore.Options{})
		if err != nil {
			return err
		}
		defer c.Close()
		a := &asking{t.Context(), c}
		for _, f := range all() {
			if f.group != &kindGroup && f.group != &qdiscGroup {
				continue
			}
			has, err := a.feature(f, true)
			if err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
			name := f.Name[len(f.group.prefix):]
			argv := []string{"ip", "link", "add", "x-" + name, "type", name}
			if f.group == &qdiscGroup {
				argv = []string{"tc", "qdisc", "add", "dev", "lo", "root", name}
			}
			out := inSameNamespace(argv)
			unknown := strings.Contains(out, "Unknown device type") || strings.Contains(out, "kind is unknown") || strings.Contains(out, "Operation not supported") && f.group == &kindGroup
			if has == Untold || unknown != (has == No) {
				t.Errorf("%s is %d; %q says %s", f.Name, has, argv, out)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// inSameNamespace runs a program in the network namespace of the calling thread.
func inSameNamespace(argv []string) string {
	out, _ := exec.Command(argv[0], argv[1:]...).CombinedOutput() // a child has the namespace of the thread that makes it
	return string(out)
}

// A report that is saved and read says the same.
func TestRead(t *testing.T) {
	r, err := Read("caps.json", []byte(`{"release": "5.4.1-x", "machine": "armv7l", "buses": [{"number": 11, "present": false, "reason": "a\u0062\n"}],
"features": [{"name": "kind bridge", "state": "not built", "kconfig": "CONFIG_BRIDGE"}, {"name": "VLANs of bridges", "kconfig": "CONFIG_BRIDGE_VLAN_FILTERING", "state": "missing"}, {"name": "qdisc sfq", "state": "installed, not loaded"}],
"config": {"CONFIG_IP_ROUTE_MULTIPATH": "n"}}`))
	if err != nil || r.Buses[0].Number != 11 || r.Buses[0].Reason != "ab\n" {
		t.Fatalf("%+v, %v", r, err)
	}
	needs := Needs(desired(t, `[link.br0]
kind = "bridge"
bridge = { vlan_filtering = true }
qdisc = { kind = "sfq" }
[link.lan1]
master = "br0"
bridge_port = { locked = true }
[[route]]
to = "10.0.0.0/8"
nexthops = [{ via = "192.0.2.1" }, { via = "192.0.2.2" }]
`))
	var got []string
	for i := range needs {
		if why := r.Lacks(&needs[i]); why != "" {
			got = append(got, needs[i].Name+": "+why+": "+needs[i].Mend())
		}
	}
	want := []string{
		"kind bridge: this kernel has none (not built): enable CONFIG_BRIDGE, or install and load module bridge",
		"VLANs of bridges: this kernel has none (missing): enable CONFIG_BRIDGE_VLAN_FILTERING",
		"option bridge_port.locked: this kernel is Linux 5.4.1-x: use Linux 5.18 or later",
		"multipath routes: this kernel has none (not built): enable CONFIG_IP_ROUTE_MULTIPATH",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, text := range []string{"", "{}", `{"release": "6.1"}`, "[1, 2", `{"release": "6.1", "features": [}`} {
		if _, err := Read("caps.json", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), "caps.json") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
