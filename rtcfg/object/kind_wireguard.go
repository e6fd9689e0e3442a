package object

// wireguard: the link alone; its keys and peers are generic netlink's.
var wireguardKind = Kind{Name: "wireguard", Kconfig: "CONFIG_WIREGUARD", Module: "wireguard", New: [][2]string{{"arp", "false"}, {"multicast", "false"}, {"mtu", "1420"}, {"addrgenmode", "none"}}}

var _ = kind(&wireguardKind)
