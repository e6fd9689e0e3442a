package caps

import (
	"encoding/binary"
	"errors"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// What follows makes things, and is for scratch network namespaces.

// lo is the index of the only link of a new network namespace.
const lo = 1

// makeBridge makes a bridge that honours VLAN tags.
func (a *asking) makeBridge() (Answer, error) {
	w := nlcore.NewAttrWriter(make([]byte, unix.SizeofIfInfomsg))
	w.Nest(unix.IFLA_LINKINFO, func() {
		w.String(unix.IFLA_INFO_KIND, "bridge")
		w.Nest(unix.IFLA_INFO_DATA, func() { w.U8(unix.IFLA_BR_VLAN_FILTERING, 1) })
	})
	return answer(!errors.Is(a.send(unix.RTM_NEWLINK, w, unix.SizeofIfInfomsg), unix.EOPNOTSUPP)), nil
}

// ifaProto is IFA_PROTO of linux/if_addr.h.
const ifaProto = 11

// makeMark makes an address with a mark, and looks whether it is told again.
func (a *asking) makeMark() (Answer, error) {
	head := []byte{unix.AF_INET, 8, 0, unix.RT_SCOPE_HOST, 0, 0, 0, 0}
	binary.NativeEndian.PutUint32(head[4:], lo)
	w := nlcore.NewAttrWriter(head)
	w.Raw(unix.IFA_LOCAL, []byte{127, 0, 0, 1})
	w.U8(ifaProto, 98)
	_ = a.send(unix.RTM_NEWADDR, w, len(head)) // the list tells
	told := false
	err := a.list(unix.RTM_GETADDR, make([]byte, len(head)), func(m nlcore.Message) error {
		for attr, err := range nlcore.Attrs(m.Body[len(head):]) {
			told = told || err == nil && attr.Type == ifaProto
		}
		return nil
	})
	return answer(told), err
}
