// Sizes builds bootlink as it ships for each machine, and says how large it is, and what
// each part of it costs on ARM. Run it in the folder bench:
//
//	go run ./sizes
//
// A part's cost is its symbols in the file, and for code its share of the table by which
// the runtime walks stacks. What has no name of a package (types, texts, constants) is a row of its own.
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// machines are those that have to build, as the environment names them.
var machines = [...]string{
	"GOARCH=arm GOARM=5", "GOARCH=arm GOARM=6", "GOARCH=arm GOARM=7", "GOARCH=arm64", "GOARCH=mips GOMIPS=softfloat",
	"GOARCH=mipsle GOMIPS=softfloat", "GOARCH=riscv64", "GOARCH=amd64", "GOARCH=386",
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "sizes:", err)
		os.Exit(1)
	}
}

func run() error {
	dir, err := filepath.Abs("../build/sizes")
	if err != nil {
		return err
	}
	most, err := budget("../budget", "arm")
	if err != nil {
		return err
	}
	for _, m := range machines {
		size, err := build(dir, m)
		if err != nil {
			return err
		}
		note := ""
		if strings.HasPrefix(m, "GOARCH=arm ") {
			note = fmt.Sprintf("  %d below the budget", most-size)
		}
		fmt.Printf("%-30s%9d%s\n", strings.ReplaceAll(m, "GOARCH=", ""), size, note)
	}
	if _, err := build(dir, "GOARCH=arm GOARM=7", "SYMBOLS=1"); err != nil {
		return err
	}
	costs, err := costs(filepath.Join(dir, "bootlink"))
	if err != nil {
		return err
	}
	fmt.Printf("\non ARM, in bytes\n%s", costs)
	return nil
}

// build makes the binary for a machine, and gives its size.
func build(dir, machine string, more ...string) (int64, error) {
	file := filepath.Join(dir, "bootlink")
	c := exec.Command("make", append([]string{"-s", "-C", "..", "small", "OUT=" + file}, more...)...)
	c.Env = append(os.Environ(), strings.Fields(machine)...)
	if text, err := c.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", machine, err, text)
	}
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// budget reads a row of the budget.
func budget(file, name string) (n int64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if _, err := fmt.Sscanf(lines.Text(), name+" %d", &n); err == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%s has no row for %s", file, name)
}
