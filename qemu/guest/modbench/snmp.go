package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// answered fails unless the calling thread's namespace has met so many echo
// requests, and answered them all.
func answered(packets int) error {
	text, err := os.ReadFile("/proc/thread-self/net/snmp")
	if err != nil {
		return err
	}
	for _, name := range []string{"InEchos", "OutEchoReps"} {
		if n, err := icmpCounter(string(text), name); err != nil || n != packets {
			return fmt.Errorf("%s is %d of %d packets: %v", name, n, packets, err)
		}
	}
	return nil
}

// icmpCounter reads /proc/net/snmp: a line of names, then one of numbers.
func icmpCounter(text, name string) (n int, err error) {
	var names []string
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] != "Icmp:" {
			continue
		}
		if names == nil {
			names = f
			continue
		}
		if i := slices.Index(names, name); i >= 0 && i < len(f) {
			_, err = fmt.Sscan(f[i], &n)
			return n, err
		}
	}
	return 0, fmt.Errorf("no such counter: %s", name)
}
