package object

// Numbers that x/sys/unix lacks; a test reads them in the kernel's own headers.
const (
	vethInfoPeer = 1  // linux/veth.h: VETH_INFO_PEER
	ifaProto     = 11 // linux/if_addr.h: IFA_PROTO, since 5.18
)
