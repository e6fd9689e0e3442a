package main

import (
	"strings"

	"bootlink/nlcore/until"
	"bootlink/rtcfg"
)

var waitFlags = []option{
	{name: "timeout", arg: "TIME", initial: "30s", help: "give up after that time"},
	{name: "link", arg: "NAME,...", help: "wait for these links; else for all that are required"},
	{name: "any", help: "one link is enough"},
}

// wait is for init scripts: it ends once the network is there.
func wait(ctx until.Context, in *invocation) error {
	limit, err := in.duration("timeout")
	if err != nil {
		return err
	}
	o := rtcfg.WaitOptions{Any: in.on("any")}
	if names := in.value("link"); names != "" {
		o.Links = strings.Split(names, ",")
	}
	m, err := in.manager()
	if err != nil {
		return err
	}
	defer m.Close()
	if err := m.CheckLinks(o.Links); err != nil {
		return usagef("--link: %v", err)
	}
	ctx, stop := until.Within(ctx, limit)
	defer stop()
	return m.Wait(ctx, o)
}
