package object

import (
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

var geneveKind = Kind{
	Name: "geneve", Kconfig: "CONFIG_GENEVE", Module: "geneve", New: overlay,
	Rows: rowTable{
		{Key: "id", Attr: unix.IFLA_GENEVE_ID, Wire: U32, Form: Integer, Max: 1<<24 - 1, Cost: Recreate, Doc: "network identifier (VNI)"},
		{Key: "remote", Attr: unix.IFLA_GENEVE_REMOTE, Attr6: unix.IFLA_GENEVE_REMOTE6, Wire: Bytes, Form: IP, Doc: "the far end"},
		{Key: "dstport", Attr: unix.IFLA_GENEVE_PORT, Wire: Be16, Form: Integer, Default: "6081", Cost: Recreate, Doc: "UDP port of the far end"},
		{Key: "ttl", Attr: unix.IFLA_GENEVE_TTL, Wire: U8, Form: Integer, Default: "0", Doc: "time to live of the outer packets; 0: the system's"},
		{Key: "tos", Attr: unix.IFLA_GENEVE_TOS, Wire: U8, Form: Code, Enum: inherit1, Default: "0", Doc: "type of service of the outer packets"},
		{Key: "df", Attr: unix.IFLA_GENEVE_DF, Wire: U8, Form: Enum, Enum: []Word{{"unset", 0}, {"set", 1}, {"inherit", 2}}, Default: "unset", Doc: "the outer packets' don't fragment"},
		{Key: "flowlabel", Attr: unix.IFLA_GENEVE_LABEL, Wire: Be32, Form: Hex, Max: 0xfffff, Default: "0x0", Doc: "flow label of the outer packets"},
		{Key: "udp_csum", Attr: unix.IFLA_GENEVE_UDP_CSUM, Wire: U8, Form: Boolean, Auto: true, Cost: Recreate, Doc: "checksum of the outer UDP over IPv4"},
		{Key: "external", Attr: unix.IFLA_GENEVE_COLLECT_METADATA, Wire: Flag, Form: Boolean, Default: "false", Cost: Recreate, Doc: "the far end comes with each packet, from routes or tc"},
	},
	Check: func(o *Object, faults *conf.Faults) {
		if o.Values.Get("geneve.external") != "true" {
			need(o, faults, "id", `geneve = { id = 42, remote = "192.0.2.1" }`)
		}
	},
}

var _ = kind(&geneveKind)
