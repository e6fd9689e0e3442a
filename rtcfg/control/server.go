package control

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"bootlink/nlcore/sysfile"
	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// The bounds of what clients may ask of the daemon.
const (
	maxRequest = 256 // bytes
	maxClients = 8   // at a time; others are told that it is busy
	patience   = 5 * time.Second
)

// A Handler answers a request: a word and the rest of its line. What it writes goes
// to the client, which may read slowly for a while and is then dropped: the write
// fails. ctx ends with the server.
type Handler func(ctx until.Context, word, rest string, w io.Writer) error

// A Server waits for clients.
type Server struct {
	path    string
	socket  *os.File
	handle  Handler
	clients chan struct{}
	all     sync.WaitGroup
}

// Listen makes the socket, in place of one that a daemon has left.
func Listen(path string, handle Handler) (*Server, error) {
	fd, err := open(path, func(fd int, sa unix.Sockaddr) error {
		if err := sysfile.Remove(path); err != nil {
			return err
		}
		old := unix.Umask(0o177)
		defer unix.Umask(old)
		if err := unix.Bind(fd, sa); err != nil {
			return err
		}
		return unix.Listen(fd, maxClients)
	})
	if err != nil {
		return nil, fmt.Errorf("control socket %s: %w", path, err)
	}
	return &Server{path: path, socket: fd, handle: handle, clients: make(chan struct{}, maxClients)}, nil
}

// open makes a socket and does something with it.
func open(path string, do func(fd int, sa unix.Sockaddr) error) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if err := do(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}

// Serve answers clients until ctx ends or Close is called.
func (s *Server) Serve(ctx until.Context) {
	raw, err := s.socket.SyscallConn()
	for err == nil {
		var fd int
		var failed error
		err = raw.Read(func(listener uintptr) bool {
			fd, _, failed = unix.Accept4(int(listener), unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
			return !errors.Is(failed, unix.EAGAIN)
		})
		if err != nil || failed != nil {
			continue // one that went away again, or no descriptor is left for it
		}
		s.welcome(ctx, os.NewFile(uintptr(fd), "client"))
	}
	s.all.Wait()
}

// welcome serves a client on a goroutine of its own, if there is a place.
func (s *Server) welcome(ctx until.Context, client *os.File) {
	_ = client.SetDeadline(time.Now().Add(patience))
	select {
	case s.clients <- struct{}{}:
	default:
		fmt.Fprintln(client, "busy: too many clients")
		client.Close()
		return
	}
	s.all.Go(func() {
		defer func() { client.Close(); <-s.clients }()
		if err := s.serve(ctx, client); err != nil {
			fmt.Fprintf(client, "error: %v\n", err)
		}
	})
}

func (s *Server) serve(ctx until.Context, client *os.File) error {
	if err := known(client); err != nil {
		return err
	}
	line, err := request(client)
	if err != nil {
		return err
	}
	word, rest, _ := strings.Cut(line, " ")
	return s.handle(ctx, word, rest, &patient{client})
}

// request reads the one line that a client sends.
func request(client *os.File) (string, error) {
	buf := make([]byte, maxRequest)
	for n := 0; n < len(buf); {
		more, err := client.Read(buf[n:])
		if n += more; more > 0 && buf[n-1] == '\n' {
			return string(buf[:n-1]), nil
		}
		if err != nil {
			break
		}
	}
	return "", fmt.Errorf("no request of one line of at most %d bytes", maxRequest-1)
}

// known lets root and our own user in.
func known(client *os.File) error {
	raw, err := client.SyscallConn()
	if err != nil {
		return err
	}
	var peer *unix.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) { peer, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	if peer.Uid != 0 && int(peer.Uid) != os.Geteuid() {
		return unix.EPERM
	}
	return nil
}

// patient gives each write its own time.
type patient struct{ client *os.File }

func (p *patient) Write(b []byte) (int, error) {
	if err := p.client.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	return p.client.Write(b)
}

// Close ends Serve and takes the socket away.
func (s *Server) Close() error { return errors.Join(sysfile.Remove(s.path), s.socket.Close()) }
