package host

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// wire carries frames between a stack and QEMU.
type wire struct {
	listener net.Listener
	link     *channel.Endpoint
	stop     context.CancelFunc

	mu     sync.Mutex
	conn   net.Conn
	frames []frame
}

// A frame crossed the wire at some time.
type frame struct {
	at    time.Time
	bytes []byte
}

// keep is how many frames, the last ones, the recording has at least; it never
// has twice as many.
const keep = 4096

func listen(socket string, link *channel.Endpoint) (*wire, error) {
	l, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &wire{listener: l, link: link, stop: stop}
	go w.accept(ctx)
	return w, nil
}

// accept serves one QEMU.
func (w *wire) accept(ctx context.Context) {
	conn, err := w.listener.Accept()
	if err != nil {
		return
	}
	w.mu.Lock()
	w.conn = conn
	w.mu.Unlock()
	go w.send(ctx, conn)
	w.receive(conn)
}

func (w *wire) receive(conn net.Conn) {
	in := bufio.NewReaderSize(conn, 1<<16)
	for {
		var length [4]byte
		if _, err := io.ReadFull(in, length[:]); err != nil {
			return
		}
		frame := make([]byte, binary.BigEndian.Uint32(length[:]))
		if _, err := io.ReadFull(in, frame); err != nil {
			return
		}
		w.record(frame)
		packet := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(frame)})
		w.link.InjectInbound(0, packet)
		packet.DecRef()
	}
}

func (w *wire) send(ctx context.Context, conn net.Conn) {
	for {
		packet := w.link.ReadContext(ctx)
		if packet == nil {
			return
		}
		view := packet.ToView()
		frame := append([]byte(nil), view.AsSlice()...)
		view.Release()
		packet.DecRef()
		w.record(frame)
		if _, err := conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(frame))), frame...)); err != nil {
			return
		}
	}
}

func (w *wire) record(bytes []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frames = append(w.frames, frame{time.Now(), bytes})
	if len(w.frames) == 2*keep {
		w.frames = slices.Delete(w.frames, 0, keep)
	}
}

func (w *wire) recorded() []frame {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.frames)
}

func (w *wire) close() {
	w.stop()
	w.listener.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn != nil {
		w.conn.Close()
	}
}
