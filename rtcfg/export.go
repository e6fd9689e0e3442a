package rtcfg

import (
	"bootlink/nlcore/until"
	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/object"
)

// exportedSysctls are the settings that an export looks at.
const exportedSysctls = `[sysctl]
"net.ipv4.ip_forward" = 1
"net.ipv6.conf.all.forwarding" = 1
`

// Export gives the present state as a router.toml, for which there is nothing to do: with
// the routes that carry a protocol number, 0 for our own. Those of another program are
// ours in such a file, so that it is for the next boot, without that program.
func Export(ctx until.Context, o Options, protocol uint8) ([]byte, error) {
	const head = "version = 1\n"
	want, err := Parse("export", []byte(head+exportedSysctls))
	if err != nil {
		return nil, err
	}
	if protocol == 0 {
		protocol = want.Settings.Protocol
	}
	sys, err := kernel.Open(o.NetNS, protocol, o.Trace)
	if err != nil {
		return nil, err
	}
	defer sys.Close()
	have, err := sys.Observe(ctx, want, object.NewOwned())
	if err != nil {
		return nil, err
	}
	if have, err = sys.Observe(ctx, want, everything(have)); err != nil {
		return nil, err
	}
	return append([]byte(head), object.Export(have)...), nil
}

// everything has all be looked at that is only looked at where there is something of ours.
func everything(have *object.Snapshot) *object.Owned {
	all := object.NewOwned()
	for _, s := range object.Specs() {
		if s.Lazy && !s.PerLink {
			all.Made[object.ID{Class: s.Class}] = 0
		}
		for _, dev := range have.Of(object.Link) {
			if s.PerLink && (s.Family == "" || s.Family == dev.Values.Get("kind")) {
				all.Made[object.ID{Class: s.Class, Name: "dev " + dev.Name}] = 0
			}
		}
	}
	return all
}
