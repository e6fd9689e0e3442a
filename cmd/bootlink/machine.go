package main

import (
	"fmt"
	"io"
	"strings"

	"bootlink/board"
	"bootlink/nlcore/sysfile"
	"bootlink/nlcore/until"
	"bootlink/rtcfg"
	"bootlink/rtcfg/kernel"
)

var probeFlags = []option{
	{name: "save", arg: "FILE", help: "write the report there, too, for bootlink check --caps FILE"},
	{name: "no-autoload", help: "ask for nothing that could make the kernel load a module (else only for what the file names)"},
}

func probe(ctx until.Context, in *invocation) error {
	want, err := in.optional()
	if err != nil {
		return err
	}
	report, buses, err := rtcfg.Probe(ctx, want, in.options(), in.on("no-autoload"))
	if err != nil {
		return err
	}
	if file := in.value("save"); file != "" {
		if err := sysfile.Replace(file, jsonText(report)); err != nil {
			return err
		}
	}
	if in.on("json") {
		err = printJSON(in.stdout, report)
	} else {
		rtcfg.WriteBuses(in.stdout, buses, in.on("v"))
		report.Text(in.stdout)
	}
	if err == nil && want != nil {
		err = lacks(kernel.UnmetNeeds(report, want), in.given("config"), in.stdout)
	}
	return err
}

// lacks tells what a file needs in vain: as an error, or else in words.
func lacks(l *kernel.LackError, fatal bool, w io.Writer) error {
	switch {
	case l == nil:
	case fatal:
		return l
	default:
		fmt.Fprintf(w, "\nneeded and not there\n%v\n", l)
	}
	return nil
}

var boardFlags = []option{
	{name: "device-tree", arg: "FOLDER", initial: board.DeviceTree, help: "the device tree"},
	{name: "router", help: "print the board's default router.toml"},
	{name: "new", arg: "NAME", help: "begin a folder for a new board"},
}

func boardCommand(_ until.Context, in *invocation) error {
	if folder := in.value("new"); folder != "" {
		return board.New(in.value("device-tree"), folder)
	}
	b, err := board.Recognise(in.value("device-tree"))
	if err != nil {
		return err
	}
	switch {
	case in.on("router"):
		_, err := io.WriteString(in.stdout, b.Router)
		return err
	case in.on("json"):
		return printJSON(in.stdout, b)
	}
	fmt.Fprintln(in.stdout, "board       "+b.Name+" ("+b.Title+")\nbecause     the device tree says "+b.Because+"\ncompatible  "+strings.Join(b.Compatible, ", "))
	for _, p := range b.Ports {
		fmt.Fprintf(in.stdout, "port        %-6s %-4s %-6s %s\n", p.Name, p.Role, p.Kernel, p.MAC+p.Conduit) // one has either
	}
	return nil
}
