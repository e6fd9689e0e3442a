package nlcore

// A tracer shows each datagram that passes a transport.
type tracer struct {
	transport
	see func(out bool, datagram []byte)
}

func (t *tracer) send(b []byte) error {
	t.see(true, b)
	return t.transport.send(b)
}

func (t *tracer) receive(b []byte, wait bool) (datagram, error) {
	d, err := t.transport.receive(b, wait)
	if err == nil {
		t.see(false, d.b)
	}
	return d, err
}

// A Tracing gives the function for Options.Trace of a socket on a bus; the Trace of
// a pcap.Capture is one. nil traces nothing.
type Tracing func(bus int) func(out bool, datagram []byte)

// On gives the function for a bus, nil for none.
func (t Tracing) On(bus int) func(out bool, datagram []byte) {
	if t == nil {
		return nil
	}
	return t(bus)
}
