package kmod

import (
	"encoding/hex"
	"strings"
	"testing"
)

// echo is what `ping -c 1 -p a5 -s 56 203.0.113.1` sent, as tcpdump -x shows it.
const echo = "450000542ac040004001b2a4c0a80a02cb0071010800c0a500070001" +
	"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"

// echo6 is an echo request of ping -6 -s 8 from fe80::1 to ff02::1.
const echo6 = "6000000000103aff" + "fe800000000000000000000000000001" + "ff020000000000000000000000000001" + "8000e2f100070001" + "0001020304050607"

// extension6 is echo6's header with a next header and a payload length, and
// what comes in between.
func extension6(next, length, headers string) string {
	return "60000000" + length + next + "ff" + echo6[16:80] + headers + echo6[80:]
}

func raw(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPacketLine(t *testing.T) {
	for _, c := range []struct{ name, hex, want string }{
		{"echo request", echo, "192.168.10.2 > 203.0.113.1: icmp echo request, id 7, seq 1, ttl 64, length 84"},
		{"snapped", echo[:80], "192.168.10.2 > 203.0.113.1: icmp echo request, id 7, seq 1, ttl 64, length 84 (first 40 bytes reported)"},
		{"unreachable", strings.Replace(echo, "0800c0a500070001", "0303c0a500000000", 1), "192.168.10.2 > 203.0.113.1: icmp destination unreachable, code 3, ttl 64, length 84"},
		{"unknown type", strings.Replace(echo, "0800c0a5", "c800c0a5", 1), "192.168.10.2 > 203.0.113.1: icmp type 200, code 0, ttl 64, length 84"},
		{"fragment", strings.Replace(echo, "2ac04000", "2ac000b9", 1), "192.168.10.2 > 203.0.113.1: icmp fragment at byte 1480, ttl 64, length 84"},
		{"cut in the header", echo[:48], "192.168.10.2 > 203.0.113.1: icmp, cut short, ttl 64, length 84 (first 24 bytes reported)"},
		{"too short", echo[:20], "not an IP packet, or too little of it: 450000542ac040004001"},
		{"nothing", "", "not an IP packet, or too little of it: "},
		{"header length 0", "40" + echo[2:], "192.168.10.2 > 203.0.113.1: icmp, cut short, ttl 64, length 84"},
		{"another protocol", strings.Replace(echo, "4001b2a4", "4011b2a4", 1), "192.168.10.2 > 203.0.113.1: protocol 17, ttl 64, length 84"},
		{"IPv6 cut in the header", "60" + echo[2:48], "not an IP packet, or too little of it: 600000542ac040004001b2a4c0a80a02cb0071010800c0a5"},
		{"IPv6", echo6, "fe80::1 > ff02::1: icmp6 echo request, id 7, seq 1, hlim 255, length 56"},
		{"IPv6 type", strings.Replace(echo6, "8000e2f1", "8700e2f1", 1), "fe80::1 > ff02::1: icmp6 neighbour solicitation, code 0, hlim 255, length 56"},
		{"IPv6 hop-by-hop", extension6("00", "0018", "3a00050200000000"), "fe80::1 > ff02::1: icmp6 echo request, id 7, seq 1, hlim 255, length 64"},
		{"IPv6 first fragment", extension6("2c", "0018", "3a00000100000001"), "fe80::1 > ff02::1: icmp6 echo request, id 7, seq 1, hlim 255, length 64"},
		{"IPv6 later fragment", extension6("2c", "0018", "3a0005a900000001"), "fe80::1 > ff02::1: icmp6 fragment at byte 1448, hlim 255, length 64"},
		{"IPv6 extension beyond the end", extension6("00", "0018", "3aff050200000000"), "fe80::1 > ff02::1: icmp6, cut short, hlim 255, length 64"},
	} {
		if got := (Packet{Raw: raw(t, c.hex)}).String(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func FuzzPacket(f *testing.F) {
	for _, text := range []string{echo, echo6, extension6("2c", "0018", "3a0005a900000001")} {
		b := raw(f, text)
		for _, n := range []int{0, 1, 19, 20, 27, 28, 39, 40, len(b)} {
			f.Add(b[:n])
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p := Packet{Raw: b}
		if line := p.String(); line == "" || strings.Contains(line, "\n") {
			t.Errorf("%x gives %q", b, line)
		}
		if len(p.Hex()) != 2*len(b) {
			t.Errorf("%x in hex is %s", b, p.Hex())
		}
	})
}
