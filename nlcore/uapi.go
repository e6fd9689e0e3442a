package nlcore

// Numbers that golang.org/x/sys/unix does not have yet, of the headers of
// Linux 6.1. A test compares them with the installed headers and fails once
// x/sys has them.
const (
	// enum nlmsgerr_attrs in linux/netlink.h
	nlmsgerrAttrPolicy   = 4 // nested NL_POLICY_TYPE_ATTR_*: what would have been allowed (5.10)
	nlmsgerrAttrMissType = 5 // u32: type of an attribute that is missing (6.0)
	nlmsgerrAttrMissNest = 6 // u32: offset of the nest that lacks it; absent at the top level (6.0)

	ifaProto    = 11 // linux/if_addr.h, u8: who made an address (5.18)
	ndaProtocol = 12 // linux/neighbour.h, u8: who made a neighbour (5.0)

	rtextFilterSkipStats = 1 << 3 // linux/rtnetlink.h: links without their counters (4.4)
)
