package object

import (
	"math"
	"math/bits"
	"strconv"

	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// qdiscKinds are the queueing disciplines whose options we know. The kernel's
// numbers are TCA_<KIND>_* of linux/pkt_sched.h.
var qdiscKinds = map[string]*Kind{
	"fq_codel": &fqCodelKind, "codel": &codelKind, "fq": &fqKind, "cake": &cakeKind, "sfq": &sfqKind, "tbf": &tbfKind,
	"pfifo": &pfifoKind, "bfifo": &bfifoKind, "prio": &prioKind, "htb": &htbKind, "netem": &netemKind,
	"mq": &mqKind, "ingress": &ingressKind, "clsact": &clsactKind,
}

var classKinds = map[string]*Kind{"htb": &htbClassKind}

// Qdiscs lists the kinds of queueing disciplines, by name.
func Qdiscs() []*Kind { return listed(qdiscKinds) }

// LookupQdisc gives the kind of that name, or nil.
func LookupQdisc(name string) *Kind { return qdiscKinds[name] }

const (
	options = unix.TCA_OPTIONS
	packets = "packets"
	octets  = "bytes"
)

var (
	mqKind      = Kind{Name: "mq", Kconfig: "CONFIG_NET_SCHED"}
	ingressKind = Kind{Name: "ingress", Kconfig: "CONFIG_NET_SCH_INGRESS", Module: "sch_ingress"}
	clsactKind  = Kind{Name: "clsact", Kconfig: "CONFIG_NET_SCH_INGRESS", Module: "sch_ingress"}
)

var pfifoKind = Kind{Name: "pfifo", Kconfig: "CONFIG_NET_SCHED", Rows: rowTable{
	{Key: "limit", Attr: options, Wire: Field32, Size: 4, Form: Integer, Auto: true, Unit: packets, Doc: "packets that may wait"},
}}

var bfifoKind = Kind{Name: "bfifo", Kconfig: "CONFIG_NET_SCHED", Rows: rowTable{
	{Key: "limit", Attr: options, Wire: Field32, Size: 4, Form: Size, Auto: true, Unit: octets, Doc: "bytes that may wait"},
}}

// codel's times go through a clock of 1024 ns.
var fqCodelKind = Kind{Name: "fq_codel", Kconfig: "CONFIG_NET_SCH_FQ_CODEL", Module: "sch_fq_codel", Rows: rowTable{
	{Key: "limit", Nest: options, Attr: 2, Wire: U32, Form: Integer, Min: 1, Auto: true, Unit: packets, Doc: "packets that may wait"},
	{Key: "flows", Nest: options, Attr: 5, Wire: U32, Form: Integer, Min: 1, Max: 65536, Auto: true, Cost: Recreate, Doc: "flows that are told apart"},
	{Key: "quantum", Nest: options, Attr: 6, Wire: U32, Form: Size, Min: 256, Auto: true, Unit: octets, Doc: "bytes that a flow may send in its turn"},
	{Key: "target", Nest: options, Attr: 1, Wire: U32, Form: Micros, Same: sameCodel, Auto: true, Doc: "wait that is fine for ever"},
	{Key: "interval", Nest: options, Attr: 3, Wire: U32, Form: Micros, Same: sameCodel, Auto: true, Doc: "time in which waits must get back to the target"},
	{Key: "ce_threshold", Nest: options, Attr: 7, Wire: U32, Form: Micros, Same: sameCodel, Auto: true, Doc: "wait above which all packets are marked"},
	{Key: "memory_limit", Nest: options, Attr: 9, Wire: U32, Form: Size, Auto: true, Unit: octets, Doc: "memory that waiting packets may take"},
	{Key: "drop_batch", Nest: options, Attr: 8, Wire: U32, Form: Integer, Min: 1, Auto: true, Unit: packets, Doc: "packets dropped at once when full"},
	{Key: "ecn", Nest: options, Attr: 4, Wire: U32, Form: Boolean, Auto: true, Doc: "mark packets where they understand it, and do not drop them"},
}}

var codelKind = Kind{Name: "codel", Kconfig: "CONFIG_NET_SCH_CODEL", Module: "sch_codel", Rows: rowTable{
	{Key: "limit", Nest: options, Attr: 2, Wire: U32, Form: Integer, Min: 1, Auto: true, Unit: packets, Doc: "packets that may wait"},
	{Key: "target", Nest: options, Attr: 1, Wire: U32, Form: Micros, Same: sameCodel, Auto: true, Doc: "wait that is fine for ever"},
	{Key: "interval", Nest: options, Attr: 3, Wire: U32, Form: Micros, Same: sameCodel, Auto: true, Doc: "time in which waits must get back to the target"},
	{Key: "ce_threshold", Nest: options, Attr: 5, Wire: U32, Form: Micros, Same: sameCodel, Auto: true, Doc: "wait above which all packets are marked"},
	{Key: "ecn", Nest: options, Attr: 4, Wire: U32, Form: Boolean, Auto: true, Doc: "mark packets where they understand it, and do not drop them"},
}}

// sameCodel allows for that clock.
func sameCodel(want, have string) bool {
	w, _ := measure(timeUnits, want)
	h, _ := measure(timeUnits, have)
	return math.Abs(w-h) <= 2
}

// sameJiffies allows for a clock that ticks 100 times a second at least.
func sameJiffies(want, have string) bool {
	w, _ := measure(timeUnits, want)
	h, _ := measure(timeUnits, have)
	return math.Abs(w-h) <= 1e4
}

var fqKind = Kind{Name: "fq", Kconfig: "CONFIG_NET_SCH_FQ", Module: "sch_fq", Rows: rowTable{
	{Key: "limit", Nest: options, Attr: 1, Wire: U32, Form: Integer, Min: 1, Auto: true, Unit: packets, Doc: "packets that may wait"},
	{Key: "flow_limit", Nest: options, Attr: 2, Wire: U32, Form: Integer, Min: 1, Auto: true, Unit: packets, Doc: "packets of one flow that may wait"},
	{Key: "quantum", Nest: options, Attr: 3, Wire: U32, Form: Size, Min: 1, Auto: true, Unit: octets, Doc: "bytes that a flow may send in its turn"},
	{Key: "initial_quantum", Nest: options, Attr: 4, Wire: U32, Form: Size, Auto: true, Unit: octets, Doc: "bytes that a new flow may send in its first turn"},
	{Key: "maxrate", Nest: options, Attr: 7, Wire: U32, Form: Rate, Auto: true, Doc: "rate of a flow"},
	{Key: "buckets", Nest: options, Attr: 8, Wire: U32, Form: powerOfTwo, Min: 1, Max: 18, Auto: true, Doc: "size of the table of flows, a power of two"},
	{Key: "refill_delay", Nest: options, Attr: 9, Wire: U32, Form: Micros, Auto: true, Same: sameJiffies, Doc: "idle time after which a flow is new again"},
	{Key: "low_rate_threshold", Nest: options, Attr: 11, Wire: U32, Form: Rate, Auto: true, Doc: "rate below which packets are sent one by one"},
	{Key: "ce_threshold", Nest: options, Attr: 12, Wire: U32, Form: Micros, Auto: true, Same: sameCodel, Doc: "wait above which all packets are marked"},
	{Key: "pacing", Nest: options, Attr: 5, Wire: U32, Form: Boolean, Auto: true, Doc: "keep to the rates that sockets ask for"},
}}

var cakeKind = Kind{Name: "cake", Kconfig: "CONFIG_NET_SCH_CAKE", Module: "sch_cake", Rows: rowTable{
	{Key: "bandwidth", Nest: options, Attr: 2, Wire: U64, Form: Rate, Auto: true, Doc: "rate of the link; 0: as fast as it goes"},
	{Key: "autorate-ingress", Nest: options, Attr: 9, Wire: U32, Form: Boolean, Auto: true, Doc: "find the rate from what comes in"},
	{Key: "diffserv", Nest: options, Attr: 3, Wire: U32, Form: Enum, Auto: true, Enum: []Word{{"diffserv3", 0}, {"diffserv4", 1}, {"diffserv8", 2}, {"besteffort", 3}, {"precedence", 4}}, Doc: "priorities that are told apart"},
	{Key: "flowmode", Nest: options, Attr: 5, Wire: U32, Form: Enum, Auto: true, Enum: []Word{{"flowblind", 0}, {"srchost", 1}, {"dsthost", 2}, {"hosts", 3}, {"flows", 4}, {"dual-srchost", 5}, {"dual-dsthost", 6}, {"triple-isolate", 7}}, Doc: "what is fair to whom"},
	{Key: "nat", Nest: options, Attr: 11, Wire: U32, Form: Boolean, Auto: true, Doc: "look behind address translation"},
	{Key: "wash", Nest: options, Attr: 13, Wire: U32, Form: Boolean, Auto: true, Doc: "clear what DSCP says"},
	{Key: "ingress", Nest: options, Attr: 15, Wire: U32, Form: Boolean, Auto: true, Doc: "count dropped packets, too: the link is in front of it"},
	{Key: "ack-filter", Nest: options, Attr: 16, Wire: U32, Form: Enum, Auto: true, Enum: []Word{{"no", 0}, {"yes", 1}, {"aggressive", 2}}, Doc: "drop TCP acks that later ones outdate"},
	{Key: "split-gso", Nest: options, Attr: 17, Wire: U32, Form: Boolean, Auto: true, Doc: "take large packets apart"},
	{Key: "rtt", Nest: options, Attr: 7, Wire: U32, Form: Micros, Auto: true, Same: sameCodel, Doc: "usual round trip time"},
	{Key: "overhead", Nest: options, Attr: 6, Wire: S32, Form: Signed, Auto: true, Unit: octets, Doc: "bytes that the link adds to each packet"},
	{Key: "mpu", Nest: options, Attr: 14, Wire: U32, Form: Integer, Auto: true, Unit: octets, Doc: "bytes that each packet takes at least"},
	{Key: "atm", Nest: options, Attr: 4, Wire: U32, Form: Enum, Auto: true, Enum: []Word{{"noatm", 0}, {"atm", 1}, {"ptm", 2}}, Doc: "how the link packs packets into cells"},
	{Key: "memlimit", Nest: options, Attr: 10, Wire: U32, Form: Size, Auto: true, Unit: octets, Doc: "memory that waiting packets may take"},
	{Key: "fwmark", Nest: options, Attr: 18, Wire: U32, Form: Hex, Auto: true, Doc: "bits of the mark that choose the priority"},
}}

// sfq: struct tc_sfq_qopt.
var sfqKind = Kind{Name: "sfq", Kconfig: "CONFIG_NET_SCH_SFQ", Module: "sch_sfq", Rows: rowTable{
	{Key: "quantum", Attr: options, Wire: Field32, Off: 0, Size: 20, Form: Size, Auto: true, Unit: octets, Doc: "bytes that a flow may send in its turn"},
	{Key: "perturb", Attr: options, Wire: Field32, Off: 4, Size: 20, Form: Integer, Max: 1<<31 - 1, Default: "0", Unit: "s", Doc: "time after which flows are told apart anew"},
	{Key: "limit", Attr: options, Wire: Field32, Off: 8, Size: 20, Form: Integer, Auto: true, Unit: packets, Doc: "packets that may wait"},
	{Key: "divisor", Attr: options, Wire: Field32, Off: 12, Size: 20, Form: Integer, Auto: true, Cost: Recreate, Doc: "size of the table of flows, a power of two"},
	{Key: "flows", Attr: options, Wire: Field32, Off: 16, Size: 20, Form: Integer, Auto: true, Doc: "flows that are told apart"},
}}

// prio: struct tc_prio_qopt.
var prioKind = Kind{Name: "prio", Kconfig: "CONFIG_NET_SCH_PRIO", Module: "sch_prio", Rows: rowTable{
	{Key: "bands", Attr: options, Wire: Field32, Off: 0, Size: 20, Form: Integer, Min: 2, Max: 16, Default: "3", Doc: "bands, of which the first goes first"},
	{Key: "priomap", Attr: options, Wire: Field8, Off: 4, Size: 20, Form: Octets, Max: 16, Default: "1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1", Doc: "the band of each of the 16 priorities"},
}}

// tbf: struct tc_tbf_qopt, which begins with two struct tc_ratespec.
var tbfKind = Kind{Name: "tbf", Kconfig: "CONFIG_NET_SCH_TBF", Module: "sch_tbf", Check: checkTBF, Rows: rowTable{
	{Key: "rate", Nest: options, Attr: 1, Wire: Field32, Off: 8, Size: 36, Form: Rate, Min: 1, Doc: "rate"},
	{Key: "burst", Nest: options, Attr: 6, Wire: U32, Form: Size, Min: 1, Same: sameBurst, Unit: octets, Doc: "bytes that may go at once"},
	{Key: "limit", Nest: options, Attr: 1, Wire: Field32, Off: 24, Size: 36, Form: Size, Unit: octets, Doc: "bytes that may wait"},
	{Key: "latency", Wire: None, Form: Micros, Input: true, Doc: "how long a packet may wait, in place of limit"},
	{Key: "peakrate", Nest: options, Attr: 1, Wire: Field32, Off: 20, Size: 36, Form: Rate, Default: "0bit", Doc: "rate of a burst"},
	{Key: "mtu", Nest: options, Attr: 1, Wire: Field32, Off: 32, Size: 36, Form: Size, Auto: true, Unit: octets, Doc: "size of the peak rate's bucket"},
	{Key: "layer", Nest: options, Attr: 1, Wire: Field8, Off: 1, Size: 36, Form: Integer, Default: "1", Hidden: true},
	{Key: "peaklayer", Nest: options, Attr: 1, Wire: Field8, Off: 13, Size: 36, Form: Integer, Auto: true, Hidden: true},
	{Key: "buffer", Nest: options, Attr: 1, Wire: Field32, Off: 28, Size: 36, Form: Integer, Auto: true, Hidden: true},
}}

func checkTBF(o *Object, faults *conf.Faults) {
	v := o.Values
	switch {
	case v.Get("rate") == "" || v.Get("burst") == "":
		faults.Addf(o.Pos, `add rate = "10mbit", burst = "32kb"`, "tbf without rate or burst")
	case v.Get("limit") == "":
		faults.Addf(o.Pos, `add latency = "50ms", or limit`, "tbf without limit or latency")
	}
}

// sameBurst allows for the clock's ticks.
func sameBurst(want, have string) bool {
	w, h := number64(want), number64(have)
	return math.Abs(w-h) <= max(16, w/256)
}

// htb: struct tc_htb_glob; the version is 3, and read back as 3.17.
var htbKind = Kind{Name: "htb", Kconfig: "CONFIG_NET_SCH_HTB", Module: "sch_htb", Rows: rowTable{
	{Key: "default", Nest: options, Attr: 2, Wire: Field32, Off: 8, Size: 20, Form: Hex, Default: "0x0", Cost: Recreate, Doc: "minor number of the class for all other packets: 0x10 for 1:10"},
	{Key: "r2q", Nest: options, Attr: 2, Wire: Field32, Off: 4, Size: 20, Form: Integer, Min: 1, Default: "10", Cost: Recreate, Doc: "rates are divided by it to get quanta"},
	{Key: "direct_qlen", Nest: options, Attr: 5, Wire: U32, Form: Integer, Auto: true, Cost: Recreate, Unit: packets, Doc: "packets that may wait in front of the classes"},
	{Key: "version", Nest: options, Attr: 2, Wire: Field32, Off: 0, Size: 20, Form: Integer, Default: "3", Auto: true, Hidden: true},
}}

// htbClassKind: struct tc_htb_opt.
var htbClassKind = Kind{Name: "htb", Kconfig: "CONFIG_NET_SCH_HTB", Module: "sch_htb", Rows: rowTable{
	{Key: "rate", Nest: options, Attr: 1, Wire: Field32, Off: 8, Size: 44, Form: Rate, Min: 1, Rare: &Rare{Need: `rate = "10mbit"`}, Doc: "rate that it has for sure"},
	{Key: "ceil", Nest: options, Attr: 1, Wire: Field32, Off: 20, Size: 44, Form: Rate, Min: 1, Doc: "rate that it may borrow up to"},
	{Key: "burst", Wire: None, Form: Size, Input: true, Unit: octets, Doc: "bytes that may go at once"},
	{Key: "cburst", Wire: None, Form: Size, Input: true, Unit: octets, Doc: "bytes that may go at once, borrowed"},
	{Key: "quantum", Nest: options, Attr: 1, Wire: Field32, Off: 32, Size: 44, Form: Size, Auto: true, Unit: octets, Doc: "bytes that it may borrow in its turn"},
	{Key: "prio", Nest: options, Attr: 1, Wire: Field32, Off: 40, Size: 44, Form: Integer, Max: 7, Default: "0", Doc: "who borrows first"},
	{Key: "layer", Nest: options, Attr: 1, Wire: Field8, Off: 1, Size: 44, Form: Integer, Default: "1", Hidden: true},
	{Key: "ceillayer", Nest: options, Attr: 1, Wire: Field8, Off: 13, Size: 44, Form: Integer, Default: "1", Hidden: true},
	{Key: "buffer", Nest: options, Attr: 1, Wire: Field32, Off: 24, Size: 44, Form: Integer, Hidden: true},
	{Key: "cbuffer", Nest: options, Attr: 1, Wire: Field32, Off: 28, Size: 44, Form: Integer, Hidden: true},
}}

// netem: struct tc_netem_qopt at the head of the nest; the times as their own
// attributes in ns.
var netemKind = Kind{Name: "netem", Kconfig: "CONFIG_NET_SCH_NETEM", Module: "sch_netem", Rows: rowTable{
	{Key: "limit", Nest: options, Wire: Field32, Off: 4, Size: 24, Form: Integer, Default: "1000", Unit: packets, Doc: "packets that may wait"},
	{Key: "delay", Nest: options, Attr: 10, Wire: U64, Form: Nanos, Default: "0us", Doc: "delay of each packet"},
	{Key: "jitter", Nest: options, Attr: 11, Wire: U64, Form: Nanos, Default: "0us", Doc: "how much the delay varies"},
	{Key: "loss", Nest: options, Wire: Field32, Off: 8, Size: 24, Form: Percent, Default: "0%", Doc: "packets that are dropped"},
	{Key: "duplicate", Nest: options, Wire: Field32, Off: 16, Size: 24, Form: Percent, Default: "0%", Doc: "packets that are sent twice"},
	{Key: "gap", Nest: options, Wire: Field32, Off: 12, Size: 24, Form: Integer, Default: "0", Unit: packets, Doc: "every so many packets one overtakes the others"},
}}

// powerOfTwo is a number whose logarithm is on the wire.
var powerOfTwo = &Form{"power of two", ints, parsePower, packPower, unpackPower}

func parsePower(r *Row, n *conf.Node) (string, error) {
	v, err := parseNumber(Row{Key: r.Key, Min: 1 << r.Min, Max: 1 << r.Max}, n)
	if err == nil && v&(v-1) != 0 {
		err = wrong(n, "write 512 or 1024", "%s %d is not a power of two", r.Key, v)
	}
	return strconv.FormatUint(v, 10), err
}

func packPower(_ *Row, text string, _ Names) (value, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	return value{num: uint64(bits.Len64(n) - 1)}, err
}

func unpackPower(_ *Row, v value, _ Names) (string, error) {
	return strconv.FormatUint(1<<v.num, 10), nil
}
