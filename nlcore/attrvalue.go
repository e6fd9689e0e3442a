package nlcore

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"
)

// need checks the payload's length.
func (a Attr) need(n int) error {
	if len(a.Data) == n {
		return nil
	}
	return fmt.Errorf("attribute %d: %d bytes, not %d: %w", a.Type, len(a.Data), n, unix.EBADMSG)
}

// Uint8 reads a payload of one byte. Any other length is EBADMSG, here and in
// the methods below. None of them asks for alignment.
func (a Attr) Uint8() (uint8, error) {
	if err := a.need(1); err != nil {
		return 0, err
	}
	return a.Data[0], nil
}

// Uint16 reads two bytes in host byte order, or in network byte order where
// the attribute says that it is in that (NetOrder), as do those below.
func (a Attr) Uint16() (uint16, error) {
	if a.NetOrder {
		return a.Be16()
	}
	if err := a.need(2); err != nil {
		return 0, err
	}
	return binary.NativeEndian.Uint16(a.Data), nil
}

// Uint32 reads four bytes.
func (a Attr) Uint32() (uint32, error) {
	if a.NetOrder {
		return a.Be32()
	}
	if err := a.need(4); err != nil {
		return 0, err
	}
	return binary.NativeEndian.Uint32(a.Data), nil
}

// Uint64 reads eight bytes.
func (a Attr) Uint64() (uint64, error) {
	if a.NetOrder {
		return a.Be64()
	}
	if err := a.need(8); err != nil {
		return 0, err
	}
	return binary.NativeEndian.Uint64(a.Data), nil
}

// Uint reads four or eight bytes: a number that the kernel writes as short as
// it can be (NLA_UINT, 6.7).
func (a Attr) Uint() (uint64, error) {
	if len(a.Data) == 4 {
		v, err := a.Uint32()
		return uint64(v), err
	}
	return a.Uint64()
}

// Int8 reads one byte with a sign.
func (a Attr) Int8() (int8, error) {
	v, err := a.Uint8()
	return int8(v), err
}

// Int16 reads two bytes with a sign.
func (a Attr) Int16() (int16, error) {
	v, err := a.Uint16()
	return int16(v), err
}

// Int32 reads four bytes with a sign.
func (a Attr) Int32() (int32, error) {
	v, err := a.Uint32()
	return int32(v), err
}

// Int64 reads eight bytes with a sign.
func (a Attr) Int64() (int64, error) {
	v, err := a.Uint64()
	return int64(v), err
}

// Int reads four or eight bytes with a sign (NLA_SINT, 6.7).
func (a Attr) Int() (int64, error) {
	if len(a.Data) == 4 {
		v, err := a.Int32()
		return int64(v), err
	}
	return a.Int64()
}

// Be16 reads two bytes in network byte order, whatever NetOrder says: many
// attributes of the kernel are so without telling.
func (a Attr) Be16() (uint16, error) {
	if err := a.need(2); err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint16(a.Data), nil
}

// Be32 reads four bytes in network byte order.
func (a Attr) Be32() (uint32, error) {
	if err := a.need(4); err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint32(a.Data), nil
}

// Be64 reads eight bytes in network byte order.
func (a Attr) Be64() (uint64, error) {
	if err := a.need(8); err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(a.Data), nil
}

// A Bitfield32 is struct nla_bitfield32: bits, and which of them are meant.
type Bitfield32 struct {
	Value    uint32
	Selector uint32 // a bit of Value that is not in it says nothing
}

// Bitfield32 reads eight bytes in host byte order.
func (a Attr) Bitfield32() (Bitfield32, error) {
	if err := a.need(8); err != nil {
		return Bitfield32{}, err
	}
	e := binary.NativeEndian
	return Bitfield32{Value: e.Uint32(a.Data), Selector: e.Uint32(a.Data[4:])}, nil
}
