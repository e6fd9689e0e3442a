package main

// listen opens the case's sockets in the namespace of the calling thread, and
// has them read.
func (o *options) listen() (readers []*reader, err error) {
	snaplen := uint32(o.snaplen)
	for _, l := range []struct {
		n    int
		open func(i int) (*reader, error)
	}{
		{o.text, func(int) (*reader, error) { return openText(protoHello) }},
		{o.hello, func(int) (*reader, error) { return openModern(protoHello, snaplen) }},
		{o.bye, func(int) (*reader, error) { return openModern(protoBye, snaplen) }},
		{o.nflog, func(i int) (*reader, error) { return openLog(uint16(1+i), snaplen) }},
	} {
		for i := range l.n {
			r, err := l.open(i)
			if err != nil {
				return nil, err
			}
			if err := r.start(); err != nil {
				return nil, err
			}
			readers = append(readers, r)
		}
	}
	return readers, nil
}
