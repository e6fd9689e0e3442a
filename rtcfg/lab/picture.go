package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// volatileLink are fields of `ip -d link` that say nothing about the
// configuration, or that the kernel changes by itself after a while.
var volatileLink = []string{
	"ifindex", "link_index", "link_netnsid", "qdisc", "operstate", "linkmode", "promiscuity", "allmulti", "broadcast",
	"hello_timer", "tcn_timer", "topology_change_timer", "gc_timer", "topology_change", "topology_change_detected",
	"bridge_id", "root_id", "root_port", "root_path_cost", "group_addr",
	"state", "id", "no", "designated_port", "designated_cost", "hold_timer", "message_age_timer", "forward_delay_timer",
	"topology_change_ack", "config_pending", "root_block_timer", "addr_info",
	"gso_max_size", "gso_max_segs", "gro_max_size", "tso_max_size", "tso_max_segs", "permaddr", // a bridge's follow its ports
}

// Pinned begins the MAC addresses that tests set; pictures leave out all
// others, which are random.
const Pinned = "02:00:00:"

// A query is a list that a picture shows.
type query struct {
	title, program string
	family         string // an option of ip
	words          string
}

// queries stand in the order of the processes that answer them, one for each
// program and family.
var queries = []query{
	{"link", "ip", "", "address"},
	{"nexthop", "ip", "", "nexthop"},
	{"neigh", "ip", "", "neigh show nud permanent"},
	{"route", "ip", "-4", "route show table all"},
	{"rule", "ip", "-4", "rule"},
	{"proxy", "ip", "-4", "neigh show proxy"},
	{"route6", "ip", "-6", "route show table all"},
	{"rule6", "ip", "-6", "rule"},
	{"proxy6", "ip", "-6", "neigh show proxy"},
	{"qdisc", "tc", "", "qdisc"},
}

// Picture draws each field of a link, each address, route, rule, next hop,
// permanent neighbour and queueing discipline on a line of its own, sorted.
func (ns *Namespace) Picture() string {
	ns.t.Helper()
	all := ns.ask(queries)
	var lines []string
	bridged := false
	for _, link := range all["link"] {
		drawn := drawLink(link)
		bridged = bridged || slices.Contains(drawn, fmt.Sprintf("link %s linkinfo.info_kind bridge", link["ifname"]))
		lines = append(lines, drawn...)
		for _, a := range items(link["addr_info"]) {
			if line := drawAddress(a); line != "" {
				lines = append(lines, fmt.Sprintf("addr %s %s", link["ifname"], line))
			}
		}
	}
	metrics := false
	for _, r := range slices.Concat(all["route"], all["route6"]) {
		metrics = metrics || r["metrics"] != nil
		if line := drawRoute(r); line != "" {
			lines = append(lines, "route "+line)
		}
	}
	for _, q := range all["qdisc"] {
		if q["kind"] == "htb" {
			lines = append(lines, ns.classes(fmt.Sprint(q["dev"]))...)
		}
	}
	for _, title := range []string{"rule", "rule6", "nexthop", "neigh", "proxy", "proxy6", "qdisc"} {
		for _, v := range all[title] {
			if line := drawOther(title, v); line != "" {
				lines = append(lines, line)
			}
		}
	}
	if bridged { // without one nobody has VLANs
		for _, v := range ns.listOf("bridge", "vlan", "show") {
			lines = append(lines, "vlan "+draw(v))
		}
	}
	if metrics {
		lines = append(lines, ns.locked()...)
	}
	if slices.ContainsFunc(lines, func(line string) bool { return strings.HasSuffix(line, "info_kind wireguard") }) {
		lines = append(lines, ns.wireguards()...)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

// wireguards draws what wg(8) says of links and peers, without what is no
// setting: the last handshake and the bytes that came and went.
func (ns *Namespace) wireguards() (lines []string) {
	for line := range strings.Lines(ns.Exec("wg", "show", "all", "dump")) {
		words := strings.Fields(line)
		if len(words) > 6 {
			prefixes := strings.Split(words[4], ",")
			slices.Sort(prefixes)
			words[4] = strings.Join(prefixes, ",")
			words = slices.Delete(words, 5, 8)
		}
		lines = append(lines, "wg "+strings.Join(words, " "))
	}
	return lines
}

// ask gives the answers to queries by their titles.
func (ns *Namespace) ask(queries []query) map[string][]map[string]any {
	ns.t.Helper()
	answers := map[string][]map[string]any{}
	for len(queries) > 0 {
		first := queries[0]
		b, n := batch{program: first.program, options: []string{"-d"}}, 0
		if first.family != "" {
			b.options = append(b.options, first.family)
		}
		for ; n < len(queries) && queries[n].program == first.program && queries[n].family == first.family; n++ {
			b.lines = append(b.lines, queries[n].words)
		}
		lists, err := b.lists(ns)
		if err != nil || len(lists) != n {
			ns.t.Fatalf("%s %v %q: %d lists of %d: %v", b.program, b.options, b.lines, len(lists), n, err)
		}
		for i, list := range lists {
			answers[queries[i].title] = list
		}
		queries = queries[n:]
	}
	return answers
}

// drawOther gives "" for what the kernel makes by itself: the rule that comes
// with the first VRF, and the discipline that comes with the first up.
func drawOther(title string, v map[string]any) string {
	if options, ok := v["options"].(map[string]any); ok {
		delete(options, "direct_packets_stat")
	}
	if v["protocol"] == "kernel" && strings.HasPrefix(title, "rule") || v["handle"] == "0:" {
		return ""
	}
	return title + " " + draw(v)
}

// classes draws the classes of a link's queueing discipline.
func (ns *Namespace) classes(dev string) (lines []string) {
	for line := range strings.Lines(run(ns.t, "tc", "-n", ns.Name, "-d", "class", "show", "dev", dev)) {
		lines = append(lines, dev+" "+strings.TrimSpace(line))
	}
	return lines
}

// list runs ip with -j and gives the list of objects that it prints.
func (ns *Namespace) list(args ...string) []map[string]any { return ns.listOf("ip", args...) }

func (ns *Namespace) listOf(program string, args ...string) []map[string]any {
	ns.t.Helper()
	out := run(ns.t, program, append([]string{"-n", ns.Name, "-j"}, args...)...)
	if strings.TrimSpace(out) == "" {
		return nil
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		ns.t.Fatalf("%s -j %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return list
}

// Addresses gives what `ip address show` says of the addresses of a link.
func (ns *Namespace) Addresses(link string) (list []map[string]any) {
	ns.t.Helper()
	for _, l := range ns.list("address", "show", "dev", link) {
		list = append(list, items(l["addr_info"])...)
	}
	return list
}

// Link gives what `ip -d link show` says of a link: the fields of all its
// tables, those of inner tables as "linkinfo.info_data.stp_state".
func (ns *Namespace) Link(name string) map[string]any {
	ns.t.Helper()
	flat := map[string]any{}
	for _, link := range ns.list("-d", "link", "show", "dev", name) {
		flatten("", link, flat)
	}
	return flat
}

func flatten(prefix string, from, to map[string]any) {
	for key, v := range from {
		if table, ok := v.(map[string]any); ok {
			flatten(prefix+key+".", table, to)
			continue
		}
		to[prefix+key] = v
	}
}

func items(v any) (list []map[string]any) {
	outer, _ := v.([]any)
	for _, x := range outer {
		if m, ok := x.(map[string]any); ok {
			list = append(list, m)
		}
	}
	return list
}

// drawLink gives a line for each field.
func drawLink(link map[string]any) (lines []string) {
	flat := map[string]any{}
	flatten("", link, flat)
	if mac, _ := flat["address"].(string); !strings.HasPrefix(mac, Pinned) {
		delete(flat, "address")
	}
	flat["flags"] = slices.DeleteFunc(texts(flat["flags"]), func(f string) bool {
		return f == "LOWER_UP" || f == "NO-CARRIER" || f == "M-DOWN"
	})
	maps.DeleteFunc(flat, func(key string, _ any) bool {
		return slices.Contains(volatileLink, key[strings.LastIndex(key, ".")+1:])
	})
	for key, v := range flat {
		lines = append(lines, fmt.Sprintf("link %s %s %v", link["ifname"], key, v))
	}
	return lines
}

func texts(v any) (list []string) {
	outer, _ := v.([]any)
	for _, x := range outer {
		list = append(list, fmt.Sprint(x))
	}
	return list
}

// drawAddress gives "" for the addresses that the kernel makes by itself. Which
// of a subnet's addresses is the primary depends on their age and is left out.
func drawAddress(a map[string]any) string {
	local, _ := a["local"].(string)
	if strings.HasPrefix(local, "fe80:") && strings.Contains(local, "ff:fe") {
		return ""
	}
	for _, key := range []string{"tentative", "secondary", "deprecated", "optimistic", "protocol"} {
		delete(a, key)
	}
	for _, key := range []string{"valid_life_time", "preferred_life_time"} {
		if left, ok := a[key].(float64); ok && left < math.MaxUint32 { // it runs down
			a[key] = math.Round(left/120) * 120
		}
	}
	return draw(a)
}

// drawRoute gives "" for the IPv6 routes that the kernel makes: some of them
// come only with the carrier. Of the flags only that counts which is no state.
func drawRoute(r map[string]any) string {
	flags := slices.DeleteFunc(texts(r["flags"]), func(f string) bool { return f != "onlink" })
	if delete(r, "flags"); len(flags) > 0 {
		r["flags"] = flags
	}
	if ways, ok := r["nexthops"].([]any); ok { // whose order means nothing
		slices.SortFunc(ways, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	if r["protocol"] == "kernel" {
		delete(r, "prefsrc")
		if _, isIPv6 := r["pref"]; isIPv6 {
			return ""
		}
	}
	return draw(r)
}

// locked draws the routes with metrics that are locked: JSON does not show it.
func (ns *Namespace) locked() (lines []string) {
	for _, family := range []string{"-4", "-6"} {
		for line := range strings.Lines(ns.IP(family, "-d", "route", "show", "table", "all")) {
			if strings.Contains(line, " lock ") {
				lines = append(lines, "lock "+strings.TrimSpace(line))
			}
		}
	}
	return lines
}

func draw(v map[string]any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// Sysctls draws the settings below net/ipv4/conf, net/ipv6/conf and the global
// switches that go with them, one a line.
func (ns *Namespace) Sysctls() string {
	ns.t.Helper()
	var lines []string
	ns.Do(func() error {
		for _, pattern := range []string{"net/ipv4/conf/*/*", "net/ipv6/conf/*/*", "net/ipv4/ip_forward"} {
			files, err := filepath.Glob("/proc/sys/" + pattern)
			if err != nil {
				return err
			}
			for _, file := range files {
				if text, err := os.ReadFile(file); err == nil { // some exist only once they are set
					lines = append(lines, fmt.Sprintf("%s = %s", strings.TrimPrefix(file, "/proc/sys/"), strings.TrimSpace(string(text))))
				}
			}
		}
		return nil
	})
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

// Diff gives the lines that only one of two pictures has, "" if there are none.
func Diff(want, got string) string {
	var b strings.Builder
	for _, side := range []struct{ mark, lines, others string }{{"- ", want, got}, {"+ ", got, want}} {
		known := map[string]bool{}
		for line := range strings.Lines(side.others) {
			known[line] = true
		}
		for line := range strings.Lines(side.lines) {
			if !known[line] {
				b.WriteString(side.mark + line)
			}
		}
	}
	return b.String()
}
