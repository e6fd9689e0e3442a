package object

import (
	"math"
	"strconv"
	"strings"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"

	"golang.org/x/sys/unix"
)

// Qdisc is a queueing discipline, TClass a class of one; see tc(8) and
// linux/pkt_sched.h. Their header is struct tcmsg.
const (
	Qdisc  Class = "qdisc"
	TClass Class = "class"

	handleName Class = "tc" // what children refer to: "1:10 dev wan"
)

// tcmsg is the size of struct tcmsg.
const tcmsg = 20

var qdiscSpec = Spec{
	Class: Qdisc, Doc: "queueing disciplines of a link, as `tc qdisc`", Kconfig: "CONFIG_NET_SCHED",
	New: unix.RTM_NEWQDISC, Del: unix.RTM_DELQDISC, Get: unix.RTM_GETQDISC, Header: tcmsg,
	Key:  []string{"parent", "dev"},
	Asks: []string{""},
	Rows: rowTable{
		{Key: "dev", Attr: 4, Wire: Head32, Form: LinkRef, Hidden: true},
		{Key: "parent", Attr: 12, Wire: Head32, Form: Handle, Doc: `the class that it is put under, like "1:10"; else it is the link's root`},
		{Key: "kind", Attr: unix.TCA_KIND, Wire: Text, Form: String, Rare: &Rare{Need: `kind = "fq_codel"`}, Cost: Recreate, Doc: "kind of queueing discipline"},
		{Key: "handle", Attr: 8, Wire: Head32, Form: Handle, Auto: true, Cost: Recreate, Doc: `its own number, like "1:", which classes name`},
	},
	Kinds: qdiscKinds, Erase: []string{"parent", "dev"}, Replace: true, Lazy: true,
	Derive: deriveQdisc, Check: checkQdisc,
	Hide:  func(v Values) bool { return v.Get("handle") == "0:" }, // the kernel's own choice
	Names: func(v Values) []ID { return []ID{{handleName, v.Get("handle") + " dev " + v.Get("dev")}} },
	Uses:  usesParent,
}

var _ = spec(&qdiscSpec)

var classSpec = Spec{
	Class: TClass, Doc: "classes of queueing disciplines, as `tc class`", Kconfig: "CONFIG_NET_SCHED",
	New: unix.RTM_NEWTCLASS, Del: unix.RTM_DELTCLASS, Get: unix.RTM_GETTCLASS, Header: tcmsg,
	Key: []string{"classid", "dev"},
	Rows: rowTable{
		{Key: "dev", Attr: 4, Wire: Head32, Form: LinkRef, Hidden: true},
		{Key: "classid", Attr: 8, Wire: Head32, Form: Handle, Rare: &Rare{Need: `classid = "1:10"`}, Doc: "its own number"},
		{Key: "parent", Attr: 12, Wire: Head32, Form: Handle, Rare: &Rare{Need: `parent = "1:"`}, Cost: Recreate, Doc: "the queueing discipline or class above"},
		{Key: "kind", Attr: unix.TCA_KIND, Wire: Text, Form: String, Rare: &Rare{Need: `kind = "htb"`}, Cost: Recreate, Doc: "kind of the queueing discipline above"},
	},
	Kinds: classKinds, Erase: []string{"classid", "dev"}, Replace: true, Lazy: true, PerLink: true,
	Derive: deriveClass, Check: checkQdisc,
	Names: func(v Values) []ID { return []ID{{handleName, v.Get("classid") + " dev " + v.Get("dev")}} },
	Uses:  usesParent,
}

var _ = spec(&classSpec)

// usesParent: what is below a class needs it, and the queueing discipline that
// it is a class of: some come with classes that nobody makes.
func usesParent(v Values) []ID {
	major, minor, below := strings.Cut(v.Get("parent"), ":")
	if !below {
		return nil
	}
	ids := []ID{{handleName, major + ": dev " + v.Get("dev")}}
	if minor != "" {
		ids = append(ids, ID{handleName, v.Get("parent") + " dev " + v.Get("dev")})
	}
	return ids
}

func deriveQdisc(v Values) {
	if kind := v.Get("kind"); kind == "ingress" || kind == "clsact" {
		v.Set("parent", "ingress")
		v.Drop("handle") // is ffff: always
	}
	v.Drop("version") // htb's is written as 3 and read as 3.17, which it does not take
	setDefault(v, "parent", "root")
	if v.Get("kind") == "tbf" {
		deriveTBF(v)
	}
}

// deriveTBF: the kernel tells the burst as the time that it takes.
func deriveTBF(v Values) {
	if ticks := v.Get("buffer"); ticks != "" {
		v.Set("burst", strconv.FormatFloat(math.Round(number64(ticks)*nsPerTick*bytesPerSecond(v.Get("rate"))/1e9), 'f', 0, 64))
		v.Drop("buffer")
	}
	if latency := v.Get("latency"); latency != "" && v.Get("limit") == "" {
		us, _ := measure(timeUnits, latency)
		v.Set("limit", strconv.FormatFloat(math.Trunc(us*bytesPerSecond(v.Get("rate"))/1e6+number64(v.Get("burst"))), 'f', 0, 64))
	}
	if _, linkLayer := v.Lookup("peaklayer"); !linkLayer && v.Get("peakrate") != "" {
		v.Set("peaklayer", "1")
	}
}

// deriveClass: a class may lend what it has itself where nothing else is said;
// bursts are told as the time that they take.
func deriveClass(v Values) {
	if v.Get("parent") == "root" { // so the kernel says of those right below
		major, _, _ := strings.Cut(v.Get("classid"), ":")
		v.Set("parent", major+":")
	}
	if v.Get("kind") != "htb" || v.Get("rate") == "" {
		return
	}
	setDefault(v, "ceil", v.Get("rate"))
	for i := range bursts {
		b := &bursts[i]
		if v.Has(b.ticks) {
			continue
		}
		bytes := usualBurst
		if text := v.Get(b.burst); text != "" {
			bytes = number64(text)
		}
		v.Set(b.ticks, strconv.FormatFloat(ticksOf(bytes, v.Get(b.rate)), 'f', 0, 64))
	}
}

// bursts are what an htb class has in bytes in the file, and as a time at a rate in the
// kernel.
var bursts = [...]struct {
	_ [0]func() // no equality: it would be code

	ticks, burst, rate string
}{{ticks: "buffer", burst: "burst", rate: "rate"}, {ticks: "cbuffer", burst: "cburst", rate: "ceil"}}

// usualBurst is iproute2's choice.
const usualBurst = 1600.0

func ticksOf(bytes float64, rate string) float64 {
	return min(math.Trunc(math.Trunc(1e6*bytes/bytesPerSecond(rate))*1e3/nsPerTick), math.MaxUint32)
}

// burstWords gives an htb class its bursts back: the fewest bytes that make the kernel's
// times.
func burstWords(v Values) (list []string) {
	for i := range bursts {
		b := &bursts[i]
		rate, ticks := v.Get(b.rate), number64(v.Get(b.ticks))
		if rate == "" || ticksOf(usualBurst, rate) == ticks {
			continue
		}
		bytes := math.Trunc(ticks * nsPerTick * bytesPerSecond(rate) / 1e9)
		for ticksOf(bytes, rate) < ticks {
			bytes++
		}
		list = order.Also(list, pair(b.burst, strconv.FormatFloat(bytes, 'f', 0, 64)))
	}
	return list
}

// nsPerTick is the packet scheduler's clock (PSCHED_SHIFT).
const nsPerTick = 64

func bytesPerSecond(rate string) float64 {
	bits, _ := measure(rateUnits, rate)
	return bits / 8
}

func number64(text string) float64 {
	n, _ := decimal(text)
	return n
}

func checkQdisc(o *Object, faults *conf.Faults) {
	known, v := specs[o.Class].Kinds, o.Values
	if known[v.Get("kind")] == nil {
		names := order.Keys(known)
		hint := "known kinds: " + strings.Join(names, ", ")
		if near := conf.Suggest(v.Get("kind"), names); near != "" {
			hint = "did you mean \"" + near + "\"?"
		}
		faults.Addf(o.Place("kind"), hint, "unknown kind %q of a %s", v.Get("kind"), o.Class)
		return
	}
	if check := known[v.Get("kind")].Check; check != nil {
		check(o, faults)
	}
}
