package plan

import (
	"container/heap"
	"fmt"
	"strings"

	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// Tokens: a step that needs a token comes after every step that gives it. A
// token that nobody gives holds already.
func linkIs(name string) string    { return "link " + name }      // exists under this name
func freeName(name string) string  { return "free " + name }      // nothing has this name any more
func isSet(name string) string     { return "set " + name }       // has its attributes and master
func isDown(name string) string    { return "down " + name }      // has been set down
func isUp(name string) string      { return "up " + name }        // is up
func hasAddr(dev string) string    { return "addr dev " + dev }   // new addresses of the link
func addrIs(id object.ID) string   { return id.String() }         // that address
func routeIs(id object.ID) string  { return id.String() }         // that route
func noRoutes(dev string) string   { return "routes off " + dev } // routes that go are gone
func noAddrs(dev string) string    { return "addrs off " + dev }  // addresses that go are gone
func flushed(dev string) string    { return "flushed " + dev }    // what its down time would take away is gone
func unladen(name string) string   { return "unladen " + name }   // no VLAN or the like that goes is on it any more; by the new name
func strange(dev string) string    { return "strange " + dev }    // neighbours that go with its MAC address are gone
func macIs(dev string) string      { return "MAC " + dev }        // has its MAC address
func sized(bridge string) string   { return "sized " + bridge }   // has the MTU that its ports give it
func released(name string) string  { return "release " + name }   // no port, VLAN or the like hangs on it any more
func sysctlsOf(link string) string { return "sysctls " + link }   // "" for the global ones
func promoting(link string) string { return "promote " + link }   // secondaries outlive their primary
func demoting(link string) string  { return "demote " + link }    // and that is over
func routesMade(dev string) string { return "routes on " + dev }  // new routes of the link
func cleared(link string) string   { return "cleared " + link }   // what a port has of its master is gone
func detached(link string) string  { return "detached " + link }  // without ports for a while
func joinable(link string) string  { return "join " + link }      // takes ports again
func unported(link string) string  { return "unported " + link }  // off a master that goes
func portIs(link string) string    { return "port " + link }      // has its options as a port
func isSettled(link string) string { return "settled " + link }   // as up or as down as it will be
func replaced(id object.ID) string { return "gone " + id.String() }

func plainIs(id object.ID) string       { return id.String() }                 // that object of a plain class
func unreferred(id object.ID) string    { return "unreferred " + id.String() } // those that go and name it are gone
func allMade(class object.Class) string { return "made " + string(class) }     // the new objects of a class

const (
	unbarred = "unbarred" // rules that go and bar packets are gone
	allLed   = "led"      // what names gateways has come, and gone
)

// unreached: the next hops that go and have a gateway on a link are gone.
func unreached(dev, family string) string { return "unreached " + family + dev }

// unmet: the neighbours that go with its last address are gone; meets: it keeps
// neighbours. Of IPv6 that holds always.
func unmet(dev, family string) string { return "unmet " + family + dev }
func meets(dev, family string) string { return "meets " + family + dev }

// routesLost: the routes that the kernel drops with an address are gone.
func routesLost(address object.ID) string { return "routes with " + address.Name }

// noSecondaries: those that go, of the address's subnet, are gone.
func noSecondaries(o *object.Object) string {
	return "secondaries off " + o.Local().Masked().String() + " dev " + o.Values.Get("dev")
}

// sortSteps orders steps so that each comes after what it needs; among those
// that are ready, additions first and then the order in which they were found.
// The work grows with the tokens, not with the pairs of steps that share one.
func sortSteps(steps []*Step) ([]Step, error) {
	tokens := map[string]*token{}
	for _, s := range steps {
		s.gives = order.Unique(s.gives)
		for _, name := range s.gives {
			t := tokens[name]
			if t == nil {
				t = &token{}
				tokens[name] = t
			}
			t.givers++
		}
	}
	ready := &queue{steps: steps}
	waiting := make([]int, len(steps))
	for i, s := range steps {
		for _, name := range s.needs {
			if t := tokens[name]; t != nil {
				t.waiters = append(t.waiters, i)
				waiting[i]++
			}
		}
		if waiting[i] == 0 {
			heap.Push(ready, i)
		}
	}
	sorted := make([]Step, 0, len(steps))
	for ready.Len() > 0 {
		s := steps[heap.Pop(ready).(int)]
		sorted = append(sorted, *s)
		for _, name := range s.gives {
			for _, i := range tokens[name].given() {
				if waiting[i]--; waiting[i] == 0 {
					heap.Push(ready, i)
				}
			}
		}
	}
	if len(sorted) < len(steps) {
		return nil, circle(steps, waiting)
	}
	return sorted, nil
}

// token counts the steps that still have to give it, and knows who waits.
type token struct {
	givers  int
	waiters []int
}

// given notes that one more step has given the token, and lists those that wait
// no more.
func (t *token) given() []int {
	if t.givers--; t.givers > 0 {
		return nil
	}
	return t.waiters
}

func circle(steps []*Step, waiting []int) error {
	var stuck []string
	for i, s := range steps {
		if waiting[i] > 0 {
			stuck = order.Also(stuck, s.String())
		}
	}
	return &Conflict{What: fmt.Sprintf("these steps wait for each other: %s", strings.Join(stuck, "; ")),
		Hint: "apply the change in two parts"}
}

// queue is a heap of step numbers.
type queue struct {
	steps []*Step
	ready []int
}

func (q *queue) Len() int      { return len(q.ready) }
func (q *queue) Swap(i, j int) { q.ready[i], q.ready[j] = q.ready[j], q.ready[i] }
func (q *queue) Push(x any)    { q.ready = append(q.ready, x.(int)) }

func (q *queue) Less(i, j int) bool {
	a, b := q.ready[i], q.ready[j]
	if da, db := q.steps[a].Op == object.Delete, q.steps[b].Op == object.Delete; da != db {
		return db
	}
	return a < b
}

func (q *queue) Pop() any {
	last := q.ready[len(q.ready)-1]
	q.ready = q.ready[:len(q.ready)-1]
	return last
}
