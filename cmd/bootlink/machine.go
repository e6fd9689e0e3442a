package main

import (
	"fmt"
	"strings"

	"bootlink/board"
	"bootlink/nlcore/until"
	"bootlink/rtcfg"
)

// busJSON is a bus as `probe --json` prints it.
type busJSON struct {
	_ [0]func() // no equality: it would be code

	Number  int    `json:"number"`
	Name    string `json:"name"`
	Present bool   `json:"present"`
	Errno   string `json:"errno,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Mend    string `json:"mend,omitempty"`
	Kconfig string `json:"kconfig,omitempty"`
	Module  string `json:"module,omitempty"`
	Need    string `json:"need,omitempty"`
	Line    string `json:"line,omitempty"`
}

func probe(_ until.Context, in *invocation) error {
	want, err := in.optional()
	if err != nil {
		return err
	}
	reports, err := rtcfg.ProbeBuses(want, in.value("netns"))
	if err != nil {
		return err
	}
	if !in.on("json") {
		rtcfg.WriteBuses(in.stdout, reports)
		return nil
	}
	buses := make([]busJSON, len(reports))
	for i, r := range reports {
		buses[i] = busJSON{Number: r.Bus.Number, Name: r.Bus.Name, Present: r.Present, Reason: r.Reason, Mend: r.Mend,
			Kconfig: r.Bus.Kconfig, Module: r.Bus.Module, Need: string(r.Need), Line: r.Line}
		if r.Errno != 0 {
			buses[i].Errno = r.Errno.Error()
		}
	}
	return printJSON(in.stdout, buses)
}

func boardFlags() []option {
	return []option{
		{name: "device-tree", arg: "FOLDER", initial: board.DeviceTree, help: "the device tree"},
		{name: "router", help: "print the board's default router.toml"},
	}
}

func boardCommand(_ until.Context, in *invocation) error {
	b, why, err := board.Recognise(in.value("device-tree"))
	if err != nil {
		return err
	}
	switch {
	case in.on("router"):
		_, err := in.stdout.Write(b.Router)
		return err
	case in.on("json"):
		return printJSON(in.stdout, map[string]any{"name": b.Name, "title": b.Title, "because": why, "compatible": b.Compatible, "ports": b.Ports})
	}
	fmt.Fprintf(in.stdout, "board       %s (%s)\nbecause     the device tree says %s\ncompatible  %s\n", b.Name, b.Title, why, strings.Join(b.Compatible, ", "))
	for _, p := range b.Ports {
		fmt.Fprintf(in.stdout, "port        %-6s %-4s %s\n", p.Name, p.Role, p.MAC)
	}
	return nil
}
