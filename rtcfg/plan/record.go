package plan

import (
	"encoding/binary"
	"errors"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// ErrRecord: bytes that are not a step as [Step.Append] writes it.
var ErrRecord = errors.New("this is not a step of an undo log")

// Append writes the step with all that its inverse needs, as [ReadStep] reads it:
// numbers as in encoding/binary's varints, texts behind their length.
func (s *Step) Append(b []byte) []byte {
	b = append(b, byte(s.Op), byte(s.Cost))
	b = appendTexts(b, string(s.ID.Class), s.ID.Name, s.Kind, s.Pos.File)
	b = binary.AppendUvarint(b, uint64(s.Pos.Line))
	b = binary.AppendUvarint(b, uint64(s.Pos.Col))
	for _, v := range []object.Values{s.Values, s.Along, s.Before} {
		b = appendValues(b, v)
	}
	b = binary.AppendUvarint(b, uint64(len(s.along)))
	b = appendTexts(b, s.along...)
	var peers []*object.Object
	if s.peer != nil {
		peers = append(peers, s.peer)
	}
	return appendObjects(appendObjects(b, peers), s.lost)
}

func appendTexts(b []byte, texts ...string) []byte {
	for _, text := range texts {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	return b
}

func appendValues(b []byte, v object.Values) []byte {
	b = binary.AppendUvarint(b, uint64(v.Len()))
	for _, key := range v.Keys() {
		b = appendTexts(b, key, v.Get(key))
	}
	return b
}

func appendObjects(b []byte, list []*object.Object) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, o := range list {
		b = appendValues(appendTexts(b, string(o.Class), o.Name), o.Values)
	}
	return b
}

// ReadStep reads a step and gives the bytes behind it. The error is [ErrRecord].
func ReadStep(b []byte) (Step, []byte, error) {
	r := &recordReader{b: b}
	s := Step{Write: object.Write{Op: object.Op(r.byte())}, Cost: object.Cost(r.byte())}
	s.ID = r.id()
	s.Kind, s.Pos = r.text(), conf.Pos{File: r.text(), Line: r.number(), Col: r.number()}
	s.Values, s.Along, s.Before = r.values(), r.values(), r.values()
	for range r.count() {
		s.along = order.Also(s.along, r.text())
	}
	for _, o := range r.objects() {
		s.peer = o
	}
	s.lost = r.objects()
	if r.bad || s.Op < object.Create || s.Op > object.Delete || s.Cost > object.Recreate {
		return Step{}, nil, ErrRecord
	}
	return s, r.b, nil
}

// recordReader takes a step apart; bad says that there was less than it says.
type recordReader struct {
	b   []byte
	bad bool
}

func (r *recordReader) byte() (c byte) {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c, r.b = r.b[0], r.b[1:]
	return c
}

func (r *recordReader) number() int {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > 1<<31-1 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[size:]
	return int(n)
}

// count is a number of things that follow, each of which has a byte at least.
func (r *recordReader) count() int {
	n := r.number()
	if n > len(r.b) {
		r.bad, n = true, 0
	}
	return n
}

func (r *recordReader) text() (text string) {
	n := r.count()
	text, r.b = string(r.b[:n]), r.b[n:]
	return text
}

func (r *recordReader) id() (id object.ID) {
	if err := id.Class.UnmarshalText([]byte(r.text())); err != nil {
		r.bad = true
	}
	id.Name = r.text()
	return id
}

// values gives nil where there are none: a step whose former values are not
// known has no list of them.
func (r *recordReader) values() object.Values {
	n := r.count()
	if n == 0 {
		return nil
	}
	v := object.NewValues()
	for range n {
		key := r.text()
		v.Set(key, r.text())
	}
	return v
}

func (r *recordReader) objects() (list []*object.Object) {
	for range r.count() {
		o := &object.Object{ID: r.id()}
		o.Values = r.values()
		list = append(list, o)
	}
	return list
}
