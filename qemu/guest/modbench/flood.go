package main

import (
	"fmt"
	"net"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An injector writes frames to a link and waits until readers have messages
// about them. Its system calls are raw, as the readers' are.
type injector struct {
	fd      int
	frame   []byte
	readers []*reader
	sent    int64
}

// flood runs all bursts twice and gives what the second time took: until then
// what the case's set-up has left to do later is done, too.
func (o *options) flood(readers []*reader) (time.Duration, error) {
	in, err := o.newInjector(readers)
	if err != nil {
		return 0, err
	}
	if err := in.bursts(o.packets, o.burst); err != nil {
		return 0, err
	}
	start := time.Now()
	err = in.bursts(o.packets, o.burst)
	return time.Since(start), err
}

// newInjector opens a packet socket that receives nothing.
func (o *options) newInjector(readers []*reader) (*injector, error) {
	link, err := net.InterfaceByName("near")
	if err != nil {
		return nil, err
	}
	in := &injector{readers: readers}
	if in.frame, err = echoRequest(o.size); err != nil {
		return nil, err
	}
	if in.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		return nil, err
	}
	return in, unix.Bind(in.fd, &unix.SockaddrLinklayer{Ifindex: link.Index})
}

func (in *injector) bursts(packets, burst int) error {
	for ; packets > 0; packets -= burst {
		if err := in.burst(min(burst, packets)); err != nil {
			return err
		}
	}
	return nil
}

// burst sends packets that no other task interrupts, and lets the others run
// until they are done with them.
func (in *injector) burst(packets int) error {
	if err := schedule(unix.SCHED_FIFO, 1); err != nil {
		return err
	}
	for range packets {
		_, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(in.fd), uintptr(unsafe.Pointer(&in.frame[0])), uintptr(len(in.frame)))
		if errno != 0 {
			return fmt.Errorf("send a packet: %w", errno)
		}
	}
	in.sent += int64(packets)
	if err := schedule(unix.SCHED_IDLE, 0); err != nil {
		return err
	}
	return in.await()
}

// schedule sets the calling thread's policy, see sched_setscheduler(2).
func schedule(policy int, priority int32) error {
	_, _, errno := unix.RawSyscall(unix.SYS_SCHED_SETSCHEDULER, 0, uintptr(policy), uintptr(unsafe.Pointer(&priority)))
	if errno != 0 {
		return fmt.Errorf("scheduling policy %d: %w", policy, errno)
	}
	return nil
}

// patience is how often in a row everybody else may have had a turn without a
// message that comes of it.
const patience = 10_000

// await yields until each reader has a message for each packet.
func (in *injector) await() error {
	var before int64
	for vain := 0; vain < patience; vain++ {
		total, err := in.total()
		if err != nil || total == in.sent*int64(len(in.readers)) {
			return err
		}
		if total > before {
			before, vain = total, 0
		}
		unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
	}
	return fmt.Errorf("%d packets are sent to %d listeners, which get %d messages: %w", in.sent, len(in.readers), before, unix.ETIMEDOUT)
}

// total adds up what the readers have.
func (in *injector) total() (sum int64, err error) {
	for _, r := range in.readers {
		n := r.count.Load()
		if err := r.fail.Load(); err != nil {
			return 0, *err
		}
		if n > in.sent {
			return 0, fmt.Errorf("%d messages about %d packets", n, in.sent)
		}
		sum += n
	}
	return sum, nil
}
