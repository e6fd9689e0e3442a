package caps

import (
	"encoding/binary"
	"errors"
	"strings"

	"bootlink/nlcore"
	"bootlink/nlcore/sysfile"
	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// An Answer is what a kernel says when it is asked for a feature.
type Answer uint8

// The answers.
const (
	Untold Answer = iota // it cannot be asked without changing something
	Yes
	No
)

func answer(yes bool) Answer {
	if yes {
		return Yes
	}
	return No
}

// Ask asks for one feature by way of a socket of rtnetlink, with a request that only
// lists or that no kernel carries out. It may make the kernel load a module, as the use
// of the feature would. The error is that the kernel does not answer (EPERM).
func Ask(ctx until.Context, c *nlcore.Conn, f *Feature) (Answer, error) {
	return (&asking{ctx, c}).feature(f, false)
}

// asking is a conversation with the kernel.
type asking struct {
	ctx until.Context
	c   *nlcore.Conn
}

// feature asks for one; scratch: things may be made.
func (a *asking) feature(f *Feature, scratch bool) (Answer, error) {
	h := &f.how
	if g := f.group; g != nil {
		ask := g.ask
		if scratch {
			ask = g.try
		}
		if ask == nil {
			return Untold, nil
		}
		return ask(a, f.Name[len(g.prefix):])
	}
	switch {
	case h.list != 0:
		head := make([]byte, h.header)
		head[0] = h.family
		return a.lists(h.list, head)
	case h.option != 0:
		return setOption(h.option)
	case h.socket != 0:
		fd, err := unix.Socket(h.socket, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		unix.Close(fd)
		return answer(err == nil), nil
	case h.file != "":
		return answer(sysfile.Exists(h.file)), nil
	case h.ask != nil:
		return h.ask(a)
	case scratch && h.try != nil:
		return h.try(a)
	}
	return Untold, nil
}

// lacking tells the errnos of a message that the kernel has no code for.
func lacking(err error) bool {
	return errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EAFNOSUPPORT)
}

// setOption sets an option of a socket that is not used otherwise.
func setOption(number int) (Answer, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return Untold, err
	}
	defer unix.Close(fd)
	return answer(unix.SetsockoptInt(fd, unix.SOL_NETLINK, number, 1) == nil), nil
}

// lists tells whether the kernel lists what a message asks for.
func (a *asking) lists(typ uint16, head []byte) (Answer, error) {
	err := a.list(typ, head, func(nlcore.Message) error { return nil })
	if err != nil && !lacking(err) {
		return Untold, err
	}
	return answer(err == nil), nil
}

func (a *asking) list(typ uint16, head []byte, each func(nlcore.Message) error) error {
	return a.c.Collect(a.ctx, nlcore.Request{Type: typ, Body: head, Header: len(head), Label: "probe"}, each, func() {})
}

// send asks for something to be made; the answer is an error even if it is.
func (a *asking) send(typ uint16, w *nlcore.AttrWriter, header int) error {
	return a.exchange(typ, unix.NLM_F_CREATE|unix.NLM_F_EXCL, w, header)
}

func (a *asking) exchange(typ, flags uint16, w *nlcore.AttrWriter, header int) error {
	r := nlcore.Request{Type: typ, Flags: flags, Body: w.Bytes(), Header: header, Label: "probe"}
	_, err := a.c.Get(a.ctx, r) // no Do, which counts as a write
	return err
}

// kind asks for a link with no transmit queue, which cannot be: the kernel looks for
// the kind first (rtnl_newlink) and then for this (rtnl_create_link), so that nothing
// is ever made.
func (a *asking) kind(kind string) (Answer, error) {
	w := nlcore.NewAttrWriter(make([]byte, unix.SizeofIfInfomsg))
	w.U32(unix.IFLA_NUM_TX_QUEUES, 0)
	w.Nest(unix.IFLA_LINKINFO, func() { w.String(unix.IFLA_INFO_KIND, kind) })
	err := a.send(unix.RTM_NEWLINK, w, unix.SizeofIfInfomsg)
	if errors.Is(err, unix.EPERM) {
		return Untold, err
	}
	return answer(!errors.Is(err, unix.EOPNOTSUPP)), nil
}

// TC_H_INGRESS and TC_H_ROOT of linux/pkt_sched.h.
const (
	ingress = 0xFFFFFFF1
	root    = 0xFFFFFFFF
)

// qdisc asks for a queueing discipline in the place of lo's ingress: the kernel looks for
// the kind first and then refuses this (qdisc_create). Those that are for that place
// would be made, so they are not asked for.
func (a *asking) qdisc(kind string) (Answer, error) {
	if kind == "ingress" || kind == "clsact" {
		return Untold, nil
	}
	return a.qdiscAt(kind, ingress)
}

// makeQdisc makes one.
func (a *asking) makeQdisc(kind string) (Answer, error) {
	if kind == "ingress" || kind == "clsact" {
		return a.qdiscAt(kind, ingress)
	}
	return a.qdiscAt(kind, root)
}

func (a *asking) qdiscAt(kind string, parent uint32) (Answer, error) {
	head := make([]byte, 20) // struct tcmsg
	head[4] = lo
	binary.NativeEndian.PutUint32(head[12:], parent)
	w := nlcore.NewAttrWriter(head)
	w.String(unix.TCA_KIND, kind)
	err := a.send(unix.RTM_NEWQDISC, w, len(head))
	var e *nlcore.Error
	errors.As(err, &e)
	switch {
	case errors.Is(err, unix.EPERM):
		return Untold, err
	case e != nil && strings.Contains(e.Text, "kind is unknown"):
		return No, nil
	case errors.Is(err, unix.ENOENT): // there is no such place without CONFIG_NET_CLS_ACT
		return Untold, nil
	case lacking(err): // that of the kind, or of all
		return a.lists(unix.RTM_GETQDISC, make([]byte, 20))
	}
	return Yes, nil
}

// multipath asks for a route with two ways that must not be made (no NLM_F_CREATE): the
// kernel looks at the ways first, and one that can have no more than one says EINVAL
// (fib_create_info).
func (a *asking) multipath() (Answer, error) {
	w := nlcore.NewAttrWriter([]byte{unix.AF_INET, 32, 0, 0, unix.RT_TABLE_MAIN, unix.RTPROT_STATIC, unix.RT_SCOPE_LINK, unix.RTN_UNICAST, 0, 0, 0, 0})
	w.Raw(unix.RTA_DST, []byte{192, 0, 2, 1})
	ways := make([]byte, 2*unix.SizeofRtNexthop)
	for i := 0; i < len(ways); i += unix.SizeofRtNexthop {
		binary.NativeEndian.PutUint16(ways[i:], unix.SizeofRtNexthop)
		binary.NativeEndian.PutUint32(ways[i+4:], lo)
	}
	w.Raw(unix.RTA_MULTIPATH, ways)
	return answer(!errors.Is(a.exchange(unix.RTM_NEWROUTE, unix.NLM_F_EXCL, w, unix.SizeofRtMsg), unix.EINVAL)), nil
}
