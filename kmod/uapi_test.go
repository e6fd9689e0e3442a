package kmod

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// header reads the numbers of the enums and the plain #defines of the module's
// header, and the texts.
func header(t *testing.T) (numbers map[string]int, texts map[string]string) {
	t.Helper()
	file, err := os.ReadFile("src/include/uapi/hellobye.h")
	if err != nil {
		t.Fatal(err)
	}
	source := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(string(file), "")
	numbers, texts = map[string]int{}, map[string]string{}
	for _, enum := range regexp.MustCompile(`(?s)enum \w+ \{(.*?)\}`).FindAllStringSubmatch(source, -1) {
		next := 0
		for _, entry := range strings.Split(enum[1], ",") {
			name, value, given := strings.Cut(strings.TrimSpace(entry), "=")
			if n, err := strconv.ParseInt(strings.TrimSpace(value), 0, 32); given && err == nil {
				next = int(n)
			}
			if name = strings.TrimSpace(name); name != "" {
				numbers[name] = next
				next++
			}
		}
	}
	for _, define := range regexp.MustCompile(`(?m)^#define (HB_\w+)\s+(\S.*)$`).FindAllStringSubmatch(source, -1) {
		if n, err := strconv.Atoi(define[2]); err == nil {
			numbers[define[1]] = n
		} else if text, err := strconv.Unquote(define[2]); err == nil {
			texts[define[1]] = text
		}
	}
	return numbers, texts
}

// The numbers that Go uses are those of the header.
func TestHeader(t *testing.T) {
	numbers, texts := header(t)
	p := Params{}.withDefaults()
	for name, got := range map[string]int{
		"HB_PROTO_HELLO": p.HelloProto, "HB_PROTO_BYE": p.ByeProto, "HB_HELLO": int(Hello), "HB_BYE": int(Bye),
		"HB_MSG_REGISTER": msgRegister, "HB_MSG_GREETING": msgGreeting, "HB_MSG_PACKET": msgPacket, "HB_MSG_LOST": msgLost,
		"HB_A_VERSION": attrVersion, "HB_A_SIDE": attrSide, "HB_A_TEXT": attrText, "HB_A_RAW": attrRaw, "HB_A_ORIG_LEN": attrOrigLen,
		"HB_A_SNAPLEN": attrSnapLen, "HB_A_IFINDEX": attrIfIndex, "HB_A_IFNAME": attrIfName, "HB_A_TSTAMP": attrTStamp, "HB_A_MARK": attrMark,
		"HB_A_SEQ": attrSeq, "HB_A_DROPS": attrDrops, "HB_A_FILTER": attrFilter, "HB_F_IFINDEX": filterIfIndex, "HB_F_FAMILY": filterFamily,
	} {
		if want, ok := numbers[name]; !ok || got != want {
			t.Errorf("%s is %d here and %d in the header (there: %v)", name, got, want, ok)
		}
	}
	if texts["HB_GREETING_HELLO"] != "Hello Server Good day Client" || texts["HB_GREETING_BYE"] != "BYE Server Good Evening Client" {
		t.Errorf("the greetings are %q", texts)
	}
}

// Numbers are for ever: what the header had, it has. New ones go to the end.
func TestHeaderIsStable(t *testing.T) {
	numbers, _ := header(t)
	for first, names := range map[int][]string{
		0x10: {"HB_MSG_REGISTER", "HB_MSG_UNREGISTER", "HB_MSG_GET", "HB_MSG_SET"},
		0x20: {"HB_MSG_GREETING", "HB_MSG_PACKET", "HB_MSG_INFO", "HB_MSG_LOST"},
		1: {"HB_A_PAD", "HB_A_VERSION", "HB_A_SIDE", "HB_A_TEXT", "HB_A_RAW", "HB_A_ORIG_LEN", "HB_A_SNAPLEN", "HB_A_IFINDEX", "HB_A_IFNAME",
			"HB_A_TSTAMP", "HB_A_FAMILY", "HB_A_MARK", "HB_A_SEQ", "HB_A_DROPS", "HB_A_FILTER", "HB_A_STATS", "HB_A_PORTID", "HB_A_CLIENTS",
			"HB_A_MAX_CLIENTS", "HB_A_QUEUE_LEN", "HB_A_PPS", "HB_A_BURST", "HB_A_QUEUE_BYTES"},
	} {
		for i, name := range names {
			if numbers[name] != first+i {
				t.Errorf("%s is %d; was %d", name, numbers[name], first+i)
			}
		}
	}
}
