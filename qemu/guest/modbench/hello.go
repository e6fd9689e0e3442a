package main

import (
	"encoding/binary"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// Numbers of kmod/src/include/uapi/hellobye.h.
const (
	protoHello, protoBye = 19, 21

	msgRegister, msgGreeting, msgPacket, msgText = 0x10, 0x20, 0x21, 0

	attrSnapLen, attrFilter      = 7, 15
	filterFamily, filterICMPType = 2, 3
)

// openText registers a client that speaks text.
func openText(proto int) (*reader, error) {
	fd, err := openSocket(proto)
	if err != nil {
		return nil, err
	}
	if err := send(fd, message(msgText, 0, []byte("modbench\x00"))); err != nil {
		return nil, err
	}
	return &reader{fd: fd, typ: msgText}, greeted(fd, msgText)
}

// openModern registers a client that wants echo requests.
func openModern(proto int, snaplen uint32) (*reader, error) {
	fd, err := openSocket(proto)
	if err != nil {
		return nil, err
	}
	wish := slices.Concat(
		attr(attrSnapLen, binary.NativeEndian.AppendUint32(nil, snaplen)),
		nest(attrFilter, attr(filterFamily, []byte{unix.AF_INET}), attr(filterICMPType, []byte{echoRequestType})))
	if err := send(fd, message(msgRegister, unix.NLM_F_REQUEST, wish)); err != nil {
		return nil, err
	}
	return &reader{fd: fd, typ: msgPacket}, greeted(fd, msgGreeting)
}

// greeted takes the greeting, which is no packet.
func greeted(fd int, typ uint16) error {
	b, err := receive(fd)
	if err != nil {
		return err
	}
	if len(b) <= unix.NLMSG_HDRLEN || binary.NativeEndian.Uint16(b[4:]) != typ {
		return fmt.Errorf("the greeting is %x", b)
	}
	return nil
}
