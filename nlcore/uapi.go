package nlcore

// Attributes of an extended ack that golang.org/x/sys/unix does not have yet;
// numbers of enum nlmsgerr_attrs in linux/netlink.h of Linux 6.1. A test
// compares them with the installed header and fails once x/sys has them.
const (
	nlmsgerrAttrPolicy   = 4 // nested NL_POLICY_TYPE_ATTR_*: what would have been allowed (5.10)
	nlmsgerrAttrMissType = 5 // u32: type of an attribute that is missing (6.0)
	nlmsgerrAttrMissNest = 6 // u32: offset of the nest that lacks it; absent at the top level (6.0)
)
