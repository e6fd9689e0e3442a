package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"

	"bootlink/bench/stopwatch"
)

// A tool is a program under the stopwatch.
type tool struct {
	name string
	args map[string]func(n int) []string // by operation; the order is that of ops
	six  bool
	most int // no tables larger than this: it would take too long; 0: no limit
}

// limit names the tool that all ratios refer to.
const limit = "C limit"

// ops are timed in this order, in one namespace: each finds what the one before
// it left.
var ops = []string{"add", "parse", "noop", "del"}

// build makes the programs and gives the tools.
func build(dir string) ([]tool, error) {
	at := func(name string) string { return filepath.Join(dir, name) }
	err := stopwatch.Build(dir,
		[]string{"gcc", "-O2", "-o", at("climit"), "limit/climit.c"},
		[]string{"go", "-C", "..", "build", "-o", at("nlbench"), "./cmd/nlbench"},
		[]string{"go", "build", "-o", at("mdlayher"), "./peers/mdlayher"},
		[]string{"go", "build", "-o", at("vishvananda"), "./peers/vishvananda"},
		[]string{"go", "build", "-o", at("jsimonetti"), "./peers/jsimonetti"},
	)
	if err != nil {
		return nil, err
	}
	return []tool{
		{name: limit, args: plain(at("climit"), "del")},
		{name: "C, deletes spread", args: only(plain(at("climit"), "spread"), "add", "del")},
		{name: "nlcore", args: plain(at("nlbench"), "del")},
		{name: "mdlayher, batches", args: only(plain(at("mdlayher"), "del"), "add", "parse", "del")},
		{name: "ip -batch", args: iproute(dir)},
		{name: "vishvananda", args: only(plain(at("vishvananda"), "del"), "add", "parse", "del"), most: 100_000},
		{name: "jsimonetti", args: only(plain(at("jsimonetti"), "del"), "add", "parse", "del"), most: 100_000},
		{name: limit + " v6", args: plain(at("climit"), "del", "-6"), six: true},
		{name: "nlcore v6", args: plain(at("nlbench"), "del", "-6"), six: true},
	}, nil
}

// plain is a program that takes an operation and N; del is what it calls a
// deletion.
func plain(program, del string, flags ...string) map[string]func(int) []string {
	args := map[string]func(int) []string{}
	for _, op := range ops {
		word := op
		if op == "del" {
			word = del
		}
		args[op] = func(n int) []string { return append(append([]string{program}, flags...), word, fmt.Sprint(n)) }
	}
	return args
}

func only(args map[string]func(int) []string, ops ...string) map[string]func(int) []string {
	some := map[string]func(int) []string{}
	for _, op := range ops {
		some[op] = args[op]
	}
	return some
}

// iproute drives `ip` with files of commands; its way to make sure that routes
// are there is to replace them.
func iproute(dir string) map[string]func(int) []string {
	batch := func(verb string) func(int) []string {
		return func(n int) []string { return []string{"ip", "-batch", batchFile(dir, verb, n)} }
	}
	return map[string]func(int) []string{
		"add": batch("add"), "noop": batch("replace"), "del": batch("del"),
		"parse": func(int) []string { return []string{"ip", "route", "show", "proto", "static"} },
	}
}

func batchFile(dir, verb string, n int) string {
	path := filepath.Join(dir, fmt.Sprintf("ip-%s-%d", verb, n))
	if _, err := os.Stat(path); err == nil {
		return path
	}
	f, err := os.Create(path)
	if err != nil {
		return path
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	defer w.Flush()
	for i := range n {
		dst := 16<<24 + i<<8
		fmt.Fprintf(w, "route %s %d.%d.%d.0/24 via 192.0.2.2 dev v0 proto static metric 100\n", verb, dst>>24, dst>>16&255, dst>>8&255)
	}
	return path
}
