package object

import (
	"encoding/binary"
	"net"
	"slices"
	"strings"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// A writer puts the values of one table into a message.
type writer struct {
	*nlcore.AttrWriter
	rows   rowTable
	values Values
	prefix string // before the rows' keys among the values
	top    bool   // only rows that say so, or only the others
	names  Names
}

// put appends those of the values that this table knows, under prefix.
func (t rowTable) put(a *nlcore.AttrWriter, values Values, prefix string, top bool, names Names) error {
	w := &writer{a, t, values, prefix, top, names}
	return w.level(0)
}

// level appends the attributes of one nest, 0 for none, and the nests in it.
func (w *writer) level(nest uint16) (err error) {
	var nests []uint16
	for i := range w.rows {
		r := &w.rows[i]
		switch {
		case err != nil:
			return err
		case !w.has(r):
		case r.Nest == nest && r.Attr == 0:
			w.Header(w.fields(r, &err))
		case r.Nest == nest:
			err = w.row(r)
		case nest == 0 && !slices.Contains(nests, r.Nest):
			nests = append(nests, r.Nest)
			w.Nest(r.Nest, func() { err = w.level(r.Nest) })
		}
	}
	return err
}

func (w *writer) has(r *Row) bool {
	if r.Top != w.top || r.Wire >= Head8 {
		return false
	}
	text, ok := w.values.Lookup(r.under(w.prefix))
	return ok && (text != "" || r.Form.Name != IP.Name)
}

func (w *writer) row(r *Row) error {
	switch r.Wire {
	case Bits, BitsU16, BitsU32, BeBits16:
		w.bits(r)
		return nil
	case Field8, Field16, Field32:
		var err error
		if b := w.fields(r, &err); b != nil {
			w.Raw(r.Attr, b)
		}
		return err
	}
	text := w.values.Get(r.under(w.prefix))
	v, err := r.Form.pack(r, text, w.names)
	if err != nil {
		return &ValueError{Key: r.under(w.prefix), Text: text, Err: err}
	}
	attr := r.Attr
	if r.Attr6 != 0 && len(v.raw) == net.IPv6len {
		attr = r.Attr6
	}
	wirePuts[r.Wire](w.AttrWriter, attr, v)
	if r.Mask != 0 {
		wirePuts[r.Wire](w.AttrWriter, r.Mask, value{num: v.mask})
	}
	return nil
}

var wirePuts = [...]func(w *nlcore.AttrWriter, attr uint16, v value){
	U8:     func(w *nlcore.AttrWriter, attr uint16, v value) { w.U8(attr, uint8(v.num)) },
	U16:    func(w *nlcore.AttrWriter, attr uint16, v value) { w.U16(attr, uint16(v.num)) },
	U32:    func(w *nlcore.AttrWriter, attr uint16, v value) { w.U32(attr, uint32(v.num)) },
	U64:    func(w *nlcore.AttrWriter, attr uint16, v value) { w.U64(attr, v.num) },
	S32:    func(w *nlcore.AttrWriter, attr uint16, v value) { w.S32(attr, int32(v.num)) },
	Be16:   func(w *nlcore.AttrWriter, attr uint16, v value) { w.Be16(attr, uint16(v.num)) },
	Be32:   func(w *nlcore.AttrWriter, attr uint16, v value) { w.Be32(attr, uint32(v.num)) },
	Bytes:  func(w *nlcore.AttrWriter, attr uint16, v value) { w.Raw(attr, v.raw) },
	Text:   func(w *nlcore.AttrWriter, attr uint16, v value) { w.String(attr, string(v.raw)) },
	Nested: func(w *nlcore.AttrWriter, attr uint16, v value) { w.Raw(attr|unix.NLA_F_NESTED, v.raw) },
	Flag: func(w *nlcore.AttrWriter, attr uint16, v value) {
		if v.num != 0 {
			w.Flag(attr)
		}
	},
}

// bits appends what all rows of an attribute say: once, at the first of them.
func (w *writer) bits(first *Row) {
	var flags, mask uint32
	for i := range w.rows {
		r := &w.rows[i]
		if r.Attr != first.Attr || r.Nest != first.Nest || !w.has(r) {
			continue
		}
		if mask == 0 && r != first {
			return
		}
		mask |= r.Bit
		if w.values.Get(r.under(w.prefix)) == "true" {
			flags |= r.Bit
		}
	}
	switch first.Wire {
	case BitsU16:
		w.U16(first.Attr, uint16(flags))
	case BeBits16:
		w.Be16(first.Attr, uint16(flags))
	case BitsU32:
		w.U32(first.Attr, flags)
	default:
		w.Bitfield32(first.Attr, nlcore.Bitfield32{Value: flags, Selector: mask})
	}
}

// fields gives the struct that rows share: once, at the first of them that has
// a value. The others are their defaults then.
func (w *writer) fields(first *Row, err *error) []byte {
	b, started := make([]byte, first.Size), false
	for i := range w.rows {
		r := &w.rows[i]
		if r.Attr != first.Attr || r.Nest != first.Nest || r.Size != first.Size || *err != nil {
			continue
		}
		if w.has(r) && !started && r != first {
			return nil
		}
		started = started || r == first
		text, ok := w.values.Lookup(r.under(w.prefix))
		if !ok {
			text = r.Default
		}
		if text != "" {
			*err = r.field(b, text, w.names)
		}
	}
	return b
}

func (r *Row) field(b []byte, text string, names Names) error {
	v, err := r.Form.pack(r, text, names)
	if err != nil {
		return &ValueError{Key: r.Key, Text: text, Err: err}
	}
	switch at := b[r.Off:]; {
	case v.raw != nil:
		copy(at, v.raw)
	case r.Wire == Field8:
		at[0] = uint8(v.num)
	case r.Wire == Field16:
		binary.NativeEndian.PutUint16(at, uint16(v.num))
	default:
		binary.NativeEndian.PutUint32(at, uint32(v.num))
	}
	return nil
}

// head fills in the fixed header. What is not said is the row's default there,
// if defaults is set, and zero otherwise.
func (t rowTable) head(header []byte, values Values, defaults bool, names Names) error {
	for i := range t {
		r := &t[i]
		if r.Wire < Head8 && r.Len == 0 {
			continue
		}
		text, ok := values.Lookup(r.Key)
		if !ok && defaults {
			text = r.Default
		}
		if text == "" {
			continue
		}
		v, err := r.Form.pack(r, text, names)
		if err != nil {
			return &ValueError{Key: r.Key, Text: text, Err: err}
		}
		r.putHead(header, v)
	}
	return nil
}

func (r *Row) putHead(header []byte, v value) {
	if r.Wire < Head8 { // a prefix
		header[r.Len] = uint8(v.num)
		return
	}
	switch at := header[r.Attr:]; r.Wire {
	case Head8:
		at[0] = uint8(v.num)
	case Head16:
		binary.NativeEndian.PutUint16(at, uint16(v.num))
	case Head32:
		binary.NativeEndian.PutUint32(at, uint32(v.num))
	case HeadBits:
		if v.num != 0 {
			binary.NativeEndian.PutUint32(at, binary.NativeEndian.Uint32(at)|r.Bit)
		}
	case HeadBits8:
		if v.num != 0 {
			at[0] |= uint8(r.Bit)
		}
	}
}

// unhead reads the fixed header.
func (t rowTable) unhead(header []byte, values Values, names Names) error {
	for i := range t {
		r := &t[i]
		if r.Wire < Head8 || r.Wire == None {
			continue
		}
		text, err := r.Form.unpack(r, r.getHead(header), names)
		if err != nil {
			return &ValueError{Key: r.Key, Err: err}
		}
		values.Set(r.Key, text)
	}
	return nil
}

func (r *Row) getHead(header []byte) (v value) {
	at := header[r.Attr:]
	switch r.Wire {
	case Head8:
		v.num = uint64(at[0])
	case Head16:
		v.num = uint64(binary.NativeEndian.Uint16(at))
	case Head32:
		v.num = uint64(binary.NativeEndian.Uint32(at))
	case HeadBits:
		v.num = uint64(binary.NativeEndian.Uint32(at) & r.Bit)
	case HeadBits8:
		v.num = uint64(uint32(at[0]) & r.Bit)
	}
	return v
}

// A reader takes the values of one table out of a message.
type reader struct {
	rows   rowTable
	header []byte // the fixed header, where the table has prefixes
	values Values
	prefix string
	top    bool
	names  Names

	// The first and the last row, counted from 1, of attributes whose number ends in
	// these bits; 0: there is none, as of most.
	first, last [64]uint8
}

// index finds the rows of attributes.
func (rd *reader) index() {
	clear(rd.first[:])
	for i := range rd.rows {
		r := &rd.rows[i]
		rd.note(r.Attr, uint8(i)+1)
		if r.Attr6|r.Mask|r.Nest != 0 {
			rd.note(r.Attr6, uint8(i)+1)
			rd.note(r.Mask, uint8(i)+1)
			rd.note(r.Nest, uint8(i)+1)
		}
	}
}

func (rd *reader) note(attr uint16, row uint8) {
	at := attr % uint16(len(rd.first))
	if rd.first[at] == 0 {
		rd.first[at] = row
	}
	rd.last[at] = row
}

// get adds what the attributes say to values. Attributes without a row are
// passed over: kernels are newer than we are.
func (t rowTable) get(attrs []byte, values Values, prefix string, top bool, names Names) error {
	rd := reader{rows: t, values: values, prefix: prefix, top: top, names: names}
	if err := rd.level(0, attrs); err != nil {
		return err
	}
	for i := range t {
		switch r := &t[i]; {
		case r.Top != top:
		case r.Wire == Flag:
			setDefault(values, r.under(prefix), "false")
		case r.rare().Absent != "":
			setDefault(values, r.under(prefix), r.rare().Absent)
		}
	}
	return nil
}

func (rd *reader) level(nest uint16, attrs []byte) error {
	if nest == 0 {
		rd.index()
	}
	for at := 0; at < len(attrs); {
		a, n, err := nlcore.CutAttr(attrs, at)
		if err != nil {
			return err
		}
		at += n
		inner, err := rd.attr(nest, a)
		if err == nil && inner {
			var rest []byte
			if rest, err = rd.nestHead(a); err == nil {
				err = rd.level(a.Type, rest)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// attr reads one attribute by its rows, which may be several, and tells whether
// it is a nest with others in it.
func (rd *reader) attr(nest uint16, a nlcore.Attr) (inner bool, err error) {
	at := a.Type % uint16(len(rd.first))
	if rd.first[at] == 0 {
		return false, nil
	}
	rows := rd.rows[rd.first[at]-1 : rd.last[at]]
	for i := range rows {
		r := &rows[i]
		switch {
		case r.Top != rd.top || r.Wire >= Head8:
		case r.Nest != nest:
			inner = inner || nest == 0 && r.Nest == a.Type
		case r.Attr != 0 && r.Attr == a.Type, r.Attr6 != 0 && r.Attr6 == a.Type:
			err = rd.row(r, a)
		case r.Mask != 0 && r.Mask == a.Type:
			err = rd.mask(r, a)
		}
		if err != nil {
			return false, &ValueError{Key: r.under(rd.prefix), Err: err}
		}
	}
	return inner, nil
}

// nestHead reads the struct at the head of a nest, if rows say that there is
// one, and gives the attributes behind it.
func (rd *reader) nestHead(nest nlcore.Attr) ([]byte, error) {
	size := 0
	for i := range rd.rows {
		r := &rd.rows[i]
		if r.Nest != nest.Type || r.Attr != 0 || r.Size == 0 {
			continue
		}
		if err := rd.row(r, nest); err != nil {
			return nil, &ValueError{Key: r.under(rd.prefix), Err: err}
		}
		size = (int(r.Size) + 3) &^ 3
	}
	return nest.Data[min(size, len(nest.Data)):], nil
}

func (rd *reader) row(r *Row, a nlcore.Attr) error {
	v, err := r.unwire(a)
	if err != nil || r.Form.unpack == nil { // what is only written
		return err
	}
	if r.Len != 0 && int(r.Len) < len(rd.header) {
		v.num = uint64(rd.header[r.Len])
	}
	text, err := r.Form.unpack(r, v, rd.names)
	if err != nil {
		return err
	}
	_, mask, _ := strings.Cut(rd.values.Get(r.under(rd.prefix)), "/")
	if r.Mask != 0 && mask != "" {
		text += "/" + mask
	}
	rd.values.Set(r.under(rd.prefix), text)
	return nil
}

// mask adds "/mask" to a value, wherever the two stand.
func (rd *reader) mask(r *Row, a nlcore.Attr) error {
	v, err := r.unwire(a)
	if err != nil {
		return err
	}
	mask, err := r.Form.unpack(r, v, rd.names)
	if err != nil {
		return err
	}
	num, _, _ := strings.Cut(rd.values.Get(r.under(rd.prefix)), "/")
	if num == "" { // 0, which the kernel does not tell
		num, err = r.Form.unpack(r, value{}, rd.names)
	}
	rd.values.Set(r.under(rd.prefix), num+"/"+mask)
	return err
}

func (r *Row) unwire(a nlcore.Attr) (v value, err error) {
	switch r.Wire {
	case U8:
		v.num, err = widen(a.Uint8())
	case U16:
		v.num, err = widen(a.Uint16())
	case U32:
		v.num, err = widen(a.Uint32())
	case U64:
		v.num, err = a.Uint64()
	case S32:
		v.num, err = widen(a.Int32())
	case Be16:
		v.num, err = widen(a.Be16())
	case Be32:
		v.num, err = widen(a.Be32())
	case Flag: // which vxlan tells as a u8
		if v.num = 1; len(a.Data) > 0 {
			v.num = uint64(a.Data[0])
		}
	case Bits, BitsU32:
		if len(a.Data) < 4 {
			return v, unix.EBADMSG
		}
		v.num = uint64(binary.NativeEndian.Uint32(a.Data) & r.Bit)
	case BitsU16:
		v.num, err = widen(a.Uint16())
		v.num &= uint64(r.Bit)
	case BeBits16:
		v.num, err = widen(a.Be16())
		v.num &= uint64(r.Bit)
	case Text:
		v.raw = []byte(a.String())
	case Field8, Field16, Field32:
		return r.unfield(a.Data)
	default:
		v.raw = a.Data
	}
	return v, err
}

// unfield reads a field of a struct; raw is all from there on.
func (r *Row) unfield(b []byte) (v value, err error) {
	if width := 1 << (r.Wire - Field8); len(b) < int(r.Off)+width {
		return v, unix.EBADMSG
	}
	v.raw = b[r.Off:]
	switch r.Wire {
	case Field8:
		v.num = uint64(v.raw[0])
	case Field16:
		v.num = uint64(binary.NativeEndian.Uint16(v.raw))
	default:
		v.num = uint64(binary.NativeEndian.Uint32(v.raw))
	}
	return v, nil
}

func widen[N uint8 | uint16 | uint32 | int32](n N, err error) (uint64, error) { return uint64(n), err }
