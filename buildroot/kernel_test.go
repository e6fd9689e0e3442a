package buildroot

import (
	"os"
	"slices"
	"strings"
	"testing"

	"bootlink/nlcore"
	"bootlink/rtcfg/caps"
	"bootlink/rtcfg/object"
)

// symbolsFile lists the symbols that the package switches on in a kernel.
const symbolsFile = "package/bootlink/bootlink-kernel.mk"

// always are symbols that no table names, since nobody can ask a kernel for them.
var always = []string{"CONFIG_NETDEVICES", "CONFIG_NET_CORE", "CONFIG_PROC_FS", "CONFIG_PROC_SYSCTL", "CONFIG_SYSFS", "CONFIG_UNIX", "CONFIG_NETFILTER"}

// before are symbols without which the kernel's Kconfig drops another, or which select
// one that nobody can switch on.
var before = map[string][]string{
	"CONFIG_BRIDGE_NETFILTER":      {"CONFIG_NETFILTER", "CONFIG_NETFILTER_ADVANCED"},
	"CONFIG_IP_MULTIPLE_TABLES":    {"CONFIG_IP_ADVANCED_ROUTER"},
	"CONFIG_IP_ROUTE_MULTIPATH":    {"CONFIG_IP_ADVANCED_ROUTER"},
	"CONFIG_IP_ROUTE_CLASSID":      {"CONFIG_NET_CLS", "CONFIG_NET_CLS_ROUTE4", "CONFIG_NET_SCHED"},
	"CONFIG_NETFILTER_NETLINK":     {"CONFIG_NETFILTER_NETLINK_LOG"},
	"CONFIG_NET_IPGRE":             {"CONFIG_NET_IPGRE_DEMUX"},
	"CONFIG_NET_IPVTI":             {"CONFIG_INET_ESP"},
	"CONFIG_NET_SCH_INGRESS":       {"CONFIG_NET_CLS_ACT"},
	"CONFIG_IPV6_GRE":              {"CONFIG_NET_IPGRE_DEMUX"},
	"CONFIG_IPV6_VTI":              {"CONFIG_INET6_ESP"},
	"CONFIG_NET_VRF":               {"CONFIG_IP_MULTIPLE_TABLES", "CONFIG_IP_ADVANCED_ROUTER", "CONFIG_NET_L3_MASTER_DEV"},
	"CONFIG_IPVLAN":                {"CONFIG_IPV6", "CONFIG_NETFILTER"},
	"CONFIG_IFB":                   {"CONFIG_NET_SCHED", "CONFIG_NET_CLS_ACT", "CONFIG_NET_ACT_MIRRED"},
	"CONFIG_BRIDGE_VLAN_FILTERING": {"CONFIG_VLAN_8021Q", "CONFIG_BRIDGE"},
}

// others are buses that no router needs, and what is against each.
var others = map[string]string{
	"CONFIG_SECURITY_SELINUX": "it wants a policy",
	"CONFIG_SCSI_ISCSI_ATTRS": "storage",
	"CONFIG_SCSI_NETLINK":     "storage",
	"CONFIG_AUDIT":            "it costs every system call",
	"CONFIG_INFINIBAND":       "hardware of its own",
	"CONFIG_CRYPTO_USER":      "it has the number of hellobye's bye",
}

// The fragment is what the tables of `bootlink probe` say; UPDATE=1 writes it.
func TestKernelSymbols(t *testing.T) {
	want := symbolsText()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(symbolsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have := read(t, symbolsFile); have != want {
		t.Errorf("%s is not what the tables say: UPDATE=1 go test ./buildroot\n%s", symbolsFile, want)
	}
}

func symbolsText() string {
	var b strings.Builder
	rule := strings.Repeat("#", 80)
	b.WriteString(rule + "\n#\n# bootlink-kernel\n#\n" + rule + "\n\n# Made from the tables of `bootlink probe`: UPDATE=1 go test ./buildroot\n")
	group := func(name string, symbols []string) {
		b.WriteString("\nBOOTLINK_KERNEL_" + name + " = \\\n\t" + strings.Join(complete(symbols), " \\\n\t") + "\n")
	}
	group("ALWAYS", append(busSymbols(), always...))
	group("LINKS", kindSymbols(object.Kinds()))
	group("ROUTING", optionSymbols())
	group("QUEUES", kindSymbols(object.Qdiscs()))
	return b.String()
}

// complete adds what comes before each, and sorts.
func complete(symbols []string) []string {
	for _, s := range slices.Clone(symbols) {
		symbols = append(symbols, before[s]...)
	}
	slices.Sort(symbols)
	return slices.Compact(symbols)
}

func busSymbols() (list []string) {
	for _, b := range nlcore.Buses() {
		if b.Kconfig != "" && others[b.Kconfig] == "" {
			list = append(list, b.Kconfig)
		}
	}
	return list
}

func kindSymbols(kinds []*object.Kind) (list []string) {
	for _, k := range kinds {
		if k.Kconfig != "" && !k.Hardware {
			list = append(list, k.Kconfig)
		}
	}
	return list
}

// optionSymbols are those that a report of caps has beside kinds, disciplines and
// families.
func optionSymbols() (list []string) {
	report := caps.Build{Release: "6.1"}.Report()
	for _, f := range report.Features {
		group, _, _ := strings.Cut(f.Name, " ")
		if f.Kconfig != "" && group != "kind" && group != "qdisc" && group != "family" {
			list = append(list, f.Kconfig)
		}
	}
	for symbol := range report.Config {
		list = append(list, symbol)
	}
	return list
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
