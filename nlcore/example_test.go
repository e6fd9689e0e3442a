package nlcore_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// Why does socket(PF_NETLINK, SOCK_RAW, 1) say "protocol not supported"? Nothing
// owns number 1; kernels before 2.6.33 made the socket all the same.
func ExampleDial_unused() {
	_, err := nlcore.Dial(1, nlcore.Options{})
	var missing *nlcore.UnsupportedError
	fmt.Println(errors.As(err, &missing), errors.Is(err, unix.EPROTONOSUPPORT))
	fmt.Println(err)
	// Output:
	// true true
	// netlink bus 1 (unused): protocol not supported: nothing in this kernel registers it: use bus 2 (usersock) between programs, generic netlink for a family of your own
}

// Why does NETLINK_CONNECTOR work on my PC and not on my ARM router? Its kernel
// was built without it, and this is what Dial says there.
func ExampleUnsupportedError() {
	connector, _ := nlcore.LookupBus("NETLINK_CONNECTOR")
	fmt.Println(&nlcore.UnsupportedError{Bus: connector, Errno: unix.EPROTONOSUPPORT})
	// Output:
	// netlink bus 11 (connector): protocol not supported: this kernel has no CONFIG_CONNECTOR (module cn): enable it in the kernel's configuration, or install and load the module
}

// What does nlmsg_flags = 0 mean? No NLM_F_REQUEST: a proper receiver passes
// over such a message, and its sender waits for ever.
func ExampleConn_Send() {
	c, err := nlcore.Dial(unix.NETLINK_ROUTE, nlcore.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	for _, flags := range []uint16{0, unix.NLM_F_REQUEST | unix.NLM_F_ACK} {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		err := c.Send(nlcore.Message{Type: unix.NLMSG_NOOP, Flags: flags})
		if err == nil {
			_, err = c.Receive(ctx)
		}
		cancel()
		fmt.Println(flags, errors.Is(err, context.DeadlineExceeded))
	}
	// Output:
	// 0 true
	// 5 false
}
