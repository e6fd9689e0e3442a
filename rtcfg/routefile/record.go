package routefile

import (
	"encoding/binary"
	"errors"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// A difference is recorded in pieces of up to chunkLength routes: what another
// process needs to undo it on the same machine in the same boot. A piece is
//
//	u32 table, u8 protocol, u8 family, u8 what, u8 0, then
//	routes as in a list, or of an oddity i32 place and its body
//
// in host byte order.
const pieceHead = 8

// What a piece holds.
const (
	entryPiece    = 'e' // entries that are written; their number is 1 where another route has the place, 0 where none has
	replacedPiece = 'r' // those routes; their number is the entry's place among those above
	deletedPiece  = 'd'
	oddPiece      = 'o'
)

// ErrRecord: bytes that are not a piece of a difference.
var ErrRecord = errors.New("this is no piece of a routing table's difference")

// Record gives what undoes the difference to write, piece by piece, before it is
// applied. A piece is write's only while that runs.
func (d *Diff) Record(write func([]byte) error) error {
	for _, s := range d.sides {
		if err := s.record(write); err != nil {
			return err
		}
	}
	return nil
}

func (s *side) record(write func([]byte) error) error {
	var r route
	entries, replaced := list{six: s.want.six}, list{six: s.want.six}
	place := map[int]uint32{} // of changed entries, among those that are written
	for i := range s.want.n {
		switch {
		case s.missing.has(i):
			s.resolved(i, &r)
			entries.add(&r, 0)
		case s.changed.has(i):
			place[i] = uint32(entries.n)
			s.resolved(i, &r)
			entries.add(&r, 1)
		}
	}
	for i := range s.replaced.n {
		at := s.replaced.get(i, &r)
		replaced.add(&r, place[int(at)])
	}
	err := errors.Join(s.pieces(entryPiece, &entries, write), s.pieces(replacedPiece, &replaced, write), s.pieces(deletedPiece, &s.deleted, write))
	for i := 0; i < len(s.odds) && err == nil; i++ {
		o := &s.odds[i]
		at := int32(-1)
		if o.place >= 0 {
			at = int32(place[o.place])
		}
		err = write(append(binary.NativeEndian.AppendUint32(s.head(oddPiece), uint32(at)), o.body...))
	}
	return err
}

func (s *side) head(what byte) []byte {
	b := binary.NativeEndian.AppendUint32(nil, s.set.Table)
	return append(b, s.set.Protocol, s.have.family(), what, 0)
}

// pieces writes a list, a chunk at a time.
func (s *side) pieces(what byte, l *list, write func([]byte) error) error {
	for at := 0; at < l.n; at += chunkLength {
		b := s.head(what)
		for i := at; i < min(at+chunkLength, l.n); i++ {
			for _, word := range l.slot(i) {
				b = binary.NativeEndian.AppendUint32(b, word)
			}
		}
		if err := write(b); err != nil {
			return err
		}
	}
	return nil
}

// Recorded puts pieces together to what undoes the differences that they are of,
// however far they were applied.
func Recorded(pieces [][]byte) ([]*Diff, error) {
	sides := map[string]*side{}
	var diffs []*Diff
	for _, b := range pieces {
		if len(b) < pieceHead {
			return nil, ErrRecord
		}
		key := string(b[:pieceHead-2])
		s := sides[key]
		if s == nil {
			s = recordedSide(b)
			sides[key] = s
			diffs = append(diffs, &Diff{sides: [2]*side{s}})
		}
		if err := s.piece(b[pieceHead-2], b[pieceHead:]); err != nil {
			return nil, err
		}
	}
	for _, s := range sides {
		s.mark()
	}
	return diffs, nil
}

func recordedSide(head []byte) *side {
	six := head[5] == unix.AF_INET6
	set := nlcore.RouteSet{Table: binary.NativeEndian.Uint32(head), Protocol: head[4]}
	return newSide(&Table{files: []file{{path: "undo log"}}}, &list{six: six}, set, nil, nil)
}

// piece adds what a piece holds.
func (s *side) piece(what byte, b []byte) error {
	if what == oddPiece {
		if len(b) < 4+unix.SizeofRtMsg {
			return ErrRecord
		}
		s.odds = append(s.odds, oddity{place: int(int32(binary.NativeEndian.Uint32(b))), body: string(b[4:])})
		return nil
	}
	l := map[byte]*list{entryPiece: s.want, replacedPiece: &s.replaced, deletedPiece: &s.deleted}[what]
	if l == nil || len(b)%(4*l.slots()) != 0 {
		return ErrRecord
	}
	var r route
	for ; len(b) > 0; b = b[4*l.slots():] {
		words := make([]uint32, l.slots())
		for i := range words {
			words[i] = binary.NativeEndian.Uint32(b[4*i:])
		}
		one := list{six: l.six, n: 1, chunks: [][]uint32{words}}
		number := one.get(0, &r)
		l.add(&r, number)
	}
	return nil
}

// mark finds which entries were not there, and which have another's place.
func (s *side) mark() {
	s.missing, s.changed, s.same = newBitmap(s.want.n), newBitmap(s.want.n), newBitmap(s.want.n)
	for i := range s.want.n {
		if s.want.number(i) == 0 {
			s.missing.set(i)
		} else {
			s.changed.set(i)
		}
	}
}
