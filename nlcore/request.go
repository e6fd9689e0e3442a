package nlcore

// A Request is a message to the kernel together with the words that an error
// about it needs.
type Request struct {
	// Type is the message type, for example RTM_NEWLINK.
	Type uint16

	// Flags are NLM_F_* bits such as NLM_F_CREATE. NLM_F_REQUEST, NLM_F_ACK and
	// NLM_F_DUMP are set by the call as it needs them.
	Flags uint16

	// Body is the fixed header and the attributes, in host byte order. It is
	// only read, and only during the call.
	Body []byte

	// Header is the length in bytes of the fixed header in Body, so that the
	// offset in an extended ack can be walked to an attribute.
	Header int

	// Label is what errors call the request: `create link "br0"`. Empty, they
	// say its message type, by name where it has one.
	Label string

	// Name names an attribute in errors, for example "vlan id", from the
	// attribute types that lead to it, the outermost first. Where it is nil or
	// gives "", the numbers stand in its place.
	Name func(path []uint16) string
}

// label gives the words for r in an error.
func (r *Request) label(bus int) string {
	if r.Label != "" {
		return r.Label
	}
	return TypeName(bus, r.Type)
}
