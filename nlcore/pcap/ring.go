package pcap

import "sync"

// A Ring keeps the last 256 records of a Capture, 512 bytes of each message, in memory
// of a fixed size, for the report of a failure. The zero value is ready for use.
type Ring struct {
	_ [0]func() // no equality: it would be code

	mu     sync.Mutex
	slots  [256]slot
	next   int    // the slot to be written
	before []byte // the records before Mark
}

type slot struct {
	_ [0]func() // no equality: it would be code

	b [heads + 512]byte // first, so that it is aligned
	n int               // bytes that are there
}

// Write takes a record.
func (r *Ring) Write(record []byte) (int, error) {
	r.mu.Lock()
	s := &r.slots[r.next]
	r.next = (r.next + 1) % len(r.slots)
	if s.n = copy(s.b[:], record); s.n == len(s.b) {
		r, _ := At(s.b[:])
		r.captured = uint32(s.n - heads + cooked)
	}
	r.mu.Unlock()
	return len(record), nil
}

// Mark puts aside what is there, so that what follows does not drive it out.
func (r *Ring) Mark() {
	r.mu.Lock()
	r.before = r.take(nil)
	r.mu.Unlock()
}

// File gives what is there, as a file, and empties the ring.
func (r *Ring) File() []byte {
	r.mu.Lock()
	file := r.take(append(Header(Netlink), r.before...))
	r.before = nil
	r.mu.Unlock()
	return file
}

func (r *Ring) take(file []byte) []byte {
	for i := range r.slots {
		s := &r.slots[(r.next+i)%len(r.slots)]
		file = append(file, s.b[:s.n]...)
		s.n = 0
	}
	return file
}
