package object

// wireguard: the link alone; its keys and peers are generic netlink's.
var wireguardKind = Kind{Name: "wireguard", Kconfig: "CONFIG_WIREGUARD", Module: "wireguard", New: pointToPoint}

var _ = kind(&wireguardKind)
