package object

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bootlink/nlcore"
	"bootlink/rtcfg/order"

	"golang.org/x/sys/unix"
)

// linkRows are the attributes that every link has.
var linkRows = rowTable{
	{Key: "name", Attr: unix.IFLA_IFNAME, Wire: Text, Form: String, Max: maxLinkName, Cost: Down, Doc: "the link's name"},
	{Key: "mtu", Attr: unix.IFLA_MTU, Wire: U32, Form: Integer, Min: 68, Max: 65536, Unit: "bytes", Default: "1500", Doc: "largest packet that the link sends"},
	{Key: "address", Attr: unix.IFLA_ADDRESS, Wire: Bytes, Form: MAC, Doc: "MAC address"},
	{Key: "txqueuelen", Attr: unix.IFLA_TXQLEN, Wire: U32, Form: Integer, Unit: "packets", Default: "1000", Doc: "length of the transmit queue"},
	{Key: "alias", Attr: unix.IFLA_IFALIAS, Wire: Bytes, Form: String, Max: 255, Empty: true, Doc: "a note for people"},
	{Key: "group", Attr: unix.IFLA_GROUP, Wire: U32, Form: Integer, Default: "0", Doc: "group number"},
	{Key: "master", Attr: unix.IFLA_MASTER, Wire: U32, Form: LinkRef, Empty: true, Doc: "the bridge, bond or vrf above"},
	{Key: "arp", Attr: linkFlags, Wire: HeadBits, Bit: unix.IFF_NOARP, Form: Unset, Default: "true", Doc: "resolve addresses by ARP and ND"},
	{Key: "multicast", Attr: linkFlags, Wire: HeadBits, Bit: unix.IFF_MULTICAST, Form: Boolean, Default: "true", Doc: "send and take multicast"},
	{Key: "allmulticast", Attr: linkFlags, Wire: HeadBits, Bit: unix.IFF_ALLMULTI, Form: Boolean, Default: "false", Doc: "take all multicast"},
	{Key: "promisc", Attr: linkFlags, Wire: HeadBits, Bit: unix.IFF_PROMISC, Form: Boolean, Default: "false", Doc: "take all frames"},
	{Key: "dynamic", Attr: linkFlags, Wire: HeadBits, Bit: unix.IFF_DYNAMIC, Form: Boolean, Default: "false", Doc: "a note: addresses may be lost when the link goes down"},
	{Key: "addrgenmode", Attr: unix.IFLA_AF_SPEC, Wire: Nested, Form: addrGen, Max: 255, Enum: []Word{{"eui64", 0}, {"none", 1}, {"stable_secret", 2}, {"random", 3}},
		Default: "eui64", Cost: Down, Early: true, Kconfig: "CONFIG_IPV6", Doc: "how IPv6 makes addresses; counts from when the link goes up"},
	{Key: "gso_max_size", Attr: unix.IFLA_GSO_MAX_SIZE, Wire: U32, Form: Integer, Min: 1, Default: "65536", Unit: "bytes", Rare: &Rare{Since: "4.16"}, Doc: "largest packet that is handed to the link to be cut"},
	{Key: "gso_max_segs", Attr: unix.IFLA_GSO_MAX_SEGS, Wire: U32, Form: Integer, Min: 1, Max: 65535, Default: "65535", Unit: packets, Rare: &Rare{Since: "4.16"}, Doc: "most packets that it is cut into"},
	{Key: "gro_max_size", Attr: unix.IFLA_GRO_MAX_SIZE, Wire: U32, Form: Integer, Min: 1, Default: "65536", Unit: "bytes", Rare: &Rare{Since: "5.19"}, Doc: "largest packet that is put together from those that come in"},
	{Key: "gso_ipv4_max_size", Attr: unix.IFLA_GSO_IPV4_MAX_SIZE, Wire: U32, Form: Integer, Min: 1, Default: "65536", Unit: "bytes", Rare: &Rare{Since: "6.3"}, Doc: "gso_max_size for IPv4"},
	{Key: "gro_ipv4_max_size", Attr: unix.IFLA_GRO_IPV4_MAX_SIZE, Wire: U32, Form: Integer, Min: 1, Default: "65536", Unit: "bytes", Rare: &Rare{Since: "6.3"}, Doc: "gro_max_size for IPv4"},
	{Key: "numtxqueues", Attr: unix.IFLA_NUM_TX_QUEUES, Wire: U32, Form: Integer, Min: 1, Max: 4096, Default: "1", Cost: Recreate, Doc: "transmit queues"},
	{Key: "numrxqueues", Attr: unix.IFLA_NUM_RX_QUEUES, Wire: U32, Form: Integer, Min: 1, Max: 4096, Default: "1", Cost: Recreate, Doc: "receive queues"},
	{Key: "up", Attr: linkFlags, Wire: HeadBits, Bit: unix.IFF_UP, Form: Boolean, Default: "false", Doc: "administratively up; a link that stands in the file is, unless it says false"},
}

// Offsets in struct ifinfomsg.
const (
	linkFlags  = 8
	linkChange = 12
)

// LinkKeys lists the keys that every link has, whatever its kind.
func LinkKeys() []string { return linkRows.keys() }

// spec gives what describes the object's class; nil of links and settings.
func (o *Object) spec() *Spec {
	switch o.Class {
	case Route:
		return &routeSpec
	case Address:
		return &addressSpec
	}
	return specs[o.Class]
}

// Row gives the row of a key of the object, or nil.
func (o *Object) Row(key string) *Row {
	s := o.spec()
	switch {
	case s != nil:
		return s.rows(o.Values).key(key)
	case o.Class == Link:
		return LinkRow(key)
	}
	return nil
}

// LinkRow gives the row of a link's key, like "mtu" or "vlan.id", or nil.
func LinkRow(key string) *Row {
	if r := linkRows.key(key); r != nil {
		return r
	}
	table, option, _ := strings.Cut(key, ".")
	if kind := portKind(key); kind != "" {
		return kinds[kind].Port.key(option)
	}
	if k := kinds[table]; k != nil {
		return k.Rows.key(option)
	}
	return nil
}

// IsPortKey tells an option of a port, which can be set only once the link has
// its master.
func IsPortKey(key string) bool { return portKind(key) != "" }

// PortKind gives the kind of master whose port options stand among the values:
// "bridge" for "bridge_port.cost"; "" when there are none.
func PortKind(v Values) string {
	for _, p := range v.Pairs() {
		if kind := portKind(p.Key); kind != "" {
			return kind
		}
	}
	return ""
}

func portKind(key string) string {
	table, _, ok := strings.Cut(key, ".")
	kind, isPort := strings.CutSuffix(table, "_port")
	if !ok || !isPort || kinds[kind] == nil {
		return ""
	}
	return kind
}

// References lists the keys among the values of a link of that kind that name
// another link, the master first.
func References(kind string, v Values) []string {
	keys := []string{"master"}
	if kind == "" {
		kind = dsaKind.Name
	}
	if k := kinds[kind]; k != nil {
		keys = k.Rows.links(keys, k.prefix())
	}
	if k := kinds[PortKind(v)]; k != nil {
		keys = k.Port.links(keys, k.portPrefix())
	}
	return slices.DeleteFunc(keys, func(key string) bool { return v.Get(key) == "" })
}

// links adds the keys that name another link.
func (t rowTable) links(keys []string, prefix string) []string {
	for i := range t {
		if r := &t[i]; r.Form.Name == LinkRef.Name && !r.Peer {
			keys = order.Also(keys, prefix+r.Key)
		}
	}
	return keys
}

// Carrier gives the link that carries a VLAN, macvlan or the like, which must
// be up for it to be up and takes it along when it goes; "" when there is none.
func Carrier(v Values) string {
	k := kinds[v.Get("kind")]
	if k == nil {
		return ""
	}
	for i := range k.Rows {
		if r := &k.Rows[i]; r.Carries {
			return v.Get(k.prefix() + r.Key)
		}
	}
	return ""
}

// newLinkFlags are a link's own: REPLACE would be refused, and EXCL keeps a
// creation from changing what is there.
func (w *Write) newLinkFlags() uint16 {
	if w.Op == Create {
		return w.flags()
	}
	return 0
}

func (w *Write) link(names Names) (nlcore.Request, error) {
	header := make([]byte, unix.SizeofIfInfomsg)
	if w.Op != Create {
		index, err := names.Index(w.ID.Name)
		if err != nil {
			return nlcore.Request{}, err
		}
		binary.NativeEndian.PutUint32(header[4:], index)
	}
	typ := uint16(unix.RTM_NEWLINK)
	if w.Op == Delete {
		typ = unix.RTM_DELLINK
	} else if err := w.flagBits(header, names); err != nil {
		return nlcore.Request{}, err
	}
	a := nlcore.NewAttrWriter(header)
	if err := w.linkAttrs(a, names); err != nil {
		return nlcore.Request{}, err
	}
	return nlcore.Request{Type: typ, Flags: w.newLinkFlags(), Body: a.Bytes(), Header: len(header), Name: w.linkAttrName}, nil
}

// flagBits says in the header which flags change, and to what.
func (w *Write) flagBits(header []byte, names Names) error {
	var change uint32
	for i := range linkRows {
		if r := &linkRows[i]; r.Wire == HeadBits && w.Values.Get(r.Key) != "" {
			change |= r.Bit
		}
	}
	binary.NativeEndian.PutUint32(header[linkChange:], change)
	return linkRows.head(header, w.Values, false, names)
}

func (w *Write) linkAttrs(a *nlcore.AttrWriter, names Names) error {
	if w.Op == Delete {
		return nil
	}
	values := w.Values
	if w.Op == Create {
		a.String(unix.IFLA_IFNAME, w.ID.Name)
	}
	if err := linkRows.put(a, values, "", false, names); err != nil {
		return err
	}
	k := kinds[w.Kind]
	if k == nil {
		k = &Kind{Name: w.Kind}
	}
	if w.Op == Create {
		if err := k.createOnly().put(a, values, k.prefix(), true, names); err != nil {
			return err
		}
	}
	return w.linkInfo(a, k, names)
}

// createOnly leaves out rows that are another row's reading.
func (k *Kind) createOnly() rowTable {
	return k.Rows.without(func(r *Row) bool { return r.Top && k.Rows.key(r.Key).Attr != r.Attr })
}

// linkInfo appends IFLA_LINKINFO when there is something for it.
func (w *Write) linkInfo(a *nlcore.AttrWriter, k *Kind, names Names) (err error) {
	own, port := w.hasKeys(k.prefix()), kinds[PortKind(w.Values)]
	if w.Op != Create && !own && port == nil {
		return nil
	}
	a.Nest(unix.IFLA_LINKINFO, func() {
		if k.Name != "" && (own || w.Op == Create) { // some kinds, as vlan, take no name without options
			a.String(unix.IFLA_INFO_KIND, k.Name)
		}
		if own {
			values := w.Values.Clone()
			values.Fill(w.Along)
			a.Nest(unix.IFLA_INFO_DATA, func() { err = k.Rows.put(a, values, k.prefix(), false, names) })
		}
		if port != nil && err == nil {
			a.String(unix.IFLA_INFO_SLAVE_KIND, port.Name)
			a.Nest(unix.IFLA_INFO_SLAVE_DATA, func() { err = port.Port.put(a, w.Values, port.portPrefix(), false, names) })
		}
	})
	return err
}

func (w *Write) hasKeys(prefix string) bool {
	for _, p := range w.Values.Pairs() {
		if len(p.Key) > len(prefix) && p.Key[:len(prefix)] == prefix {
			return true
		}
	}
	return false
}

// linkAttrName names the attribute that the kernel complains about.
func (w *Write) linkAttrName(path []uint16) string {
	rows, top := linkRows, false
	if len(path) == 3 && path[0] == unix.IFLA_LINKINFO {
		switch k, p := kinds[w.Kind], kinds[PortKind(w.Values)]; {
		case path[1] == unix.IFLA_INFO_DATA && k != nil:
			rows, top = k.Rows, false
		case path[1] == unix.IFLA_INFO_SLAVE_DATA && p != nil:
			rows = p.Port
		default:
			return ""
		}
		path = path[2:]
	}
	return rows.name(path, top)
}

// LinkIdentity gives the index and name of the link that an RTM_NEWLINK message is
// about; "" when there is none.
func LinkIdentity(body []byte) (index uint32, name string) {
	if len(body) < unix.SizeofIfInfomsg {
		return 0, ""
	}
	for a, err := range nlcore.Attrs(body[unix.SizeofIfInfomsg:]) {
		if err == nil && a.Type == unix.IFLA_IFNAME {
			return binary.NativeEndian.Uint32(body[4:]), a.String()
		}
	}
	return 0, ""
}

// DecodeLink reads an RTM_NEWLINK message.
func DecodeLink(body []byte, names Names) (_ *Object, err error) {
	if len(body) < unix.SizeofIfInfomsg {
		return nil, fmt.Errorf("a link message of %d bytes", len(body))
	}
	attrs := body[unix.SizeofIfInfomsg:]
	o := &Object{ID: ID{Class: Link}, Values: roomFor(len(linkRows))}
	o.Values.Set("master", "")
	o.Values.Set("alias", "")
	o.Index = binary.NativeEndian.Uint32(body[4:])
	err = linkRows.unhead(body, o.Values, names)
	if err == nil {
		err = linkRows.get(attrs, o.Values, "", false, names)
	}
	if err != nil {
		return nil, err
	}
	if o.Name = o.Values.Get("name"); o.Name == "" {
		return nil, fmt.Errorf("a link message without a name")
	}
	if err := o.decodeInfo(attrs, names); err != nil {
		return nil, err
	}
	o.knowConduit(names)
	if k := kinds[o.Values.Get("kind")]; k != nil {
		err = k.Rows.get(attrs, o.Values, k.prefix(), true, names)
		k.derive(o.Values)
	}
	if o.Abroad {
		o.forgetAbroad()
	}
	return o, err
}

// decodeInfo reads what is not in the rows: the kind's and the port's nests,
// the permanent address, the parent device, whether there is carrier.
func (o *Object) decodeInfo(attrs []byte, names Names) error {
	for a, err := range nlcore.Attrs(attrs) {
		if err != nil {
			return err
		}
		switch a.Type {
		case unix.IFLA_PERM_ADDRESS:
			v, _ := unpackMAC(nil, value{raw: a.Data}, nil)
			o.Perm = v
		case unix.IFLA_PARENT_DEV_NAME:
			o.Device = a.String()
		case unix.IFLA_PARENT_DEV_BUS_NAME:
			o.Bus = a.String()
		case unix.IFLA_PHYS_PORT_NAME:
			o.Port = a.String()
		case unix.IFLA_LINK:
			o.Below, err = a.Uint32()
		case unix.IFLA_LINK_NETNSID:
			o.Abroad = true
		case unix.IFLA_CARRIER:
			n, _ := a.Uint8()
			o.Values.Set("carrier", strconv.FormatBool(n != 0))
			o.Idle = o.Idle || n == 0
		case unix.IFLA_OPERSTATE:
			n, _ := a.Uint8()
			o.Idle = o.Idle || n != 0 && n != ifOperUp
		case unix.IFLA_LINKINFO:
			err = o.decodeLinkInfo(a.Data, names)
		case unix.IFLA_AF_SPEC:
			o.Promotes = promotes(within(within(a.Data, unix.AF_INET), unix.IFLA_INET_CONF))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// promotes finds a setting among all of a link's, which are numbered from 1.
func promotes(conf []byte) string {
	if at := 4 * (devconfPromote - 1); len(conf) >= at+4 {
		return strconv.FormatUint(uint64(binary.NativeEndian.Uint32(conf[at:])), 10)
	}
	return ""
}

// forgetAbroad drops references whose indexes are another namespace's.
func (o *Object) forgetAbroad() {
	k := kinds[o.Values.Get("kind")]
	if k == nil {
		return
	}
	for i := range k.Rows {
		if r := &k.Rows[i]; r.Top && r.Form.Name == LinkRef.Name {
			o.Values.Drop(k.prefix() + r.Key)
		}
	}
}

func (o *Object) decodeLinkInfo(nest []byte, names Names) error {
	var own, port *Kind
	for a, err := range nlcore.Attrs(nest) {
		if err != nil {
			return err
		}
		switch {
		case a.Type == unix.IFLA_INFO_KIND:
			o.Values.Set("kind", a.String())
			own = kinds[a.String()]
		case a.Type == unix.IFLA_INFO_SLAVE_KIND:
			port = kinds[a.String()]
		case a.Type == unix.IFLA_INFO_DATA && own != nil:
			err = own.Rows.get(a.Data, o.Values, own.prefix(), false, names)
		case a.Type == unix.IFLA_INFO_SLAVE_DATA && port != nil:
			err = port.Port.get(a.Data, o.Values, port.portPrefix(), false, names)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
