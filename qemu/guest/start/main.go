package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: start COMMAND [ARGUMENT ...]")
		os.Exit(2)
	}
	if err := detach(os.Args[1], os.Args[2:]...); err != nil {
		fmt.Fprintln(os.Stderr, "start:", err)
		os.Exit(1)
	}
}
