package object

// Numbers that x/sys/unix lacks; a test reads them in the kernel's own headers.
const (
	vethInfoPeer = 1  // linux/veth.h: VETH_INFO_PEER
	ifaProto     = 11 // linux/if_addr.h: IFA_PROTO, since 5.18
	ndaProtocol  = 12 // linux/neighbour.h: NDA_PROTOCOL
	rtaNHID      = 30 // linux/rtnetlink.h: RTA_NH_ID
	nhaFDB       = 11 // linux/nexthop.h: NHA_FDB
	nhaResGroup  = 12 // linux/nexthop.h: NHA_RES_GROUP
	ifOperUp     = 6  // linux/if.h: IF_OPER_UP

	devconfPromote = 20 // linux/ip.h: IPV4_DEVCONF_PROMOTE_SECONDARIES
)
