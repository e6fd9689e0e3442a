package object

var dummyKind = Kind{Name: "dummy", Kconfig: "CONFIG_DUMMY", Module: "dummy", New: [][2]string{{"arp", "false"}, {"multicast", "false"}}}

var _ = kind(&dummyKind)
