package main

import (
	"strconv"

	"bootlink/nlcore/until"
	"bootlink/rtcfg"
)

var exportFlags = []option{{name: "protocol", arg: "N", initial: "98", help: "with the routes of who uses that number: 3 is ip-route(8), 4 static routes"}}

func export(ctx until.Context, in *invocation) error {
	protocol, err := strconv.ParseUint(in.value("protocol"), 10, 8)
	if err != nil {
		return usagef("--protocol %s: write a number up to 255", in.value("protocol"))
	}
	text, err := rtcfg.Export(ctx, in.options(), uint8(protocol))
	if err == nil {
		_, err = in.stdout.Write(text)
	}
	return err
}
