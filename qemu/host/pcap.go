package host

import (
	"encoding/binary"
	"io"
)

// The header of a pcap file, in the order of pcap-savefile(5).
const (
	pcapMagic    = 0xa1b2c3d4 // times in microseconds
	pcapMajor    = 2
	pcapMinor    = 4
	pcapSnapLen  = 1 << 16
	pcapEthernet = 1 // LINKTYPE_ETHERNET
)

// WritePcap writes the frames that crossed the wire as a pcap file, for tcpdump
// and Wireshark.
func (h *Host) WritePcap(w io.Writer) error {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, pcapMagic)
	b = le.AppendUint16(b, pcapMajor)
	b = le.AppendUint16(b, pcapMinor)
	b = append(b, make([]byte, 8)...) // time zone and accuracy, 0 by convention
	b = le.AppendUint32(b, pcapSnapLen)
	b = le.AppendUint32(b, pcapEthernet)
	for _, f := range h.wire.recorded() {
		b = le.AppendUint32(b, uint32(f.at.Unix()))
		b = le.AppendUint32(b, uint32(f.at.Nanosecond()/1000))
		b = le.AppendUint32(b, uint32(len(f.bytes)))
		b = le.AppendUint32(b, uint32(len(f.bytes)))
		b = append(b, f.bytes...)
	}
	_, err := w.Write(b)
	return err
}
