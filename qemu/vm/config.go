package vm

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A Board is a machine that QEMU models, with its processor.
type Board struct {
	program string
	words   []string
	console string // the kernel's name of it
	bus     string // how names of virtio devices end; "": it has none, and so no agent
	tree    string // its device tree's file; "": QEMU makes one
	nic     []string
}

// Model is a board that QEMU models with its own devices: words are QEMU's for the
// machine, nic those for its network port, in which NETDEV stands for what it is plugged into.
func Model(program string, words []string, console, tree string, nic ...string) Board {
	return Board{program: program, words: words, console: console, tree: tree, nic: nic}
}

// Onboard are the words for a port that is a part of the board.
var Onboard = []string{"-net", "nic,netdev=NETDEV"}

// The boards: QEMU's virt with a 32-bit ARM processor and with a 64-bit one, and a 64-bit PC.
var (
	Virt   = Board{program: "qemu-system-arm", words: []string{"-M", "virt,highmem=off", "-cpu", "cortex-a15"}, console: "ttyAMA0", bus: "device"}
	Virt64 = Board{program: "qemu-system-aarch64", words: []string{"-M", "virt", "-cpu", "cortex-a53"}, console: "ttyAMA0", bus: "device"}
	PC     = Board{program: "qemu-system-x86_64", words: []string{"-M", "q35", "-cpu", "max", "-accel", "tcg"}, console: "ttyS0", bus: "pci"}
)

// Config is a machine.
type Config struct {
	Board    Board           // zero: Virt
	Name     string          // in messages and file names
	Kernel   string          // "": the fetched one
	Archives []string        // cpio archives, later ones win; nil: the product image and the test overlay
	Files    map[string]File // laid over the archives, by path without leading slash
	Append   []string        // further words for the kernel's command line
	Drop     []string        // default words to leave out, by their beginning
	NICs     []NIC
	Disk     string    // a file that is the guest's disk, /dev/vda with virtio_blk; "": there is none
	Memory   int       // MiB; 0: 256
	CPUs     int       // 0: 1
	Counted  bool      // the guest's clock counts instructions: a nanosecond each
	NoAgent  bool      // do not wait for the agent: the image has none
	Console  io.Writer // a copy of what the console says
	Input    io.Reader // connected to the console
}

// A File is laid over the image.
type File struct {
	Content string
	Mode    os.FileMode // 0: 0644; os.ModeSymlink makes Content a link's target
}

// A NIC is a virtio-net device whose wire is a unix socket that somebody
// listens on (package host).
type NIC struct {
	MAC    string
	Socket string
}

// Root finds the repository from a folder in or below its qemu folder.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "qemu", "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("not below the repository: no qemu/go.mod here or above")
		}
	}
}

// defaults fills in paths, and says which target makes what is missing.
func (c *Config) defaults() error {
	root, err := Root()
	if err != nil {
		return err
	}
	if c.Name == "" {
		c.Name = "guest"
	}
	if c.Memory == 0 {
		c.Memory = 256
	}
	if c.CPUs == 0 {
		c.CPUs = 1
	}
	if c.Kernel == "" {
		c.Kernel = filepath.Join(root, "qemu/out/kernel/vmlinuz")
	}
	if c.Archives == nil {
		c.Archives = []string{filepath.Join(root, "build/image/router.cpio"), filepath.Join(root, "build/image/test.cpio")}
	}
	for _, path := range append([]string{c.Kernel}, c.Archives...) {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("%w: run `make image`", err)
		}
	}
	return nil
}

// board is the one to model.
func (c *Config) board() Board {
	if c.Board.program == "" {
		return Virt
	}
	return c.Board
}

// words are the kernel's command line.
func (c *Config) words() string {
	words := []string{"console=" + c.board().console, "panic=-1", "quiet", "sysctl.kernel.modprobe=/bbin/modprobe"}
	var kept []string
	for _, w := range words {
		dropped := false
		for _, d := range c.Drop {
			dropped = dropped || strings.HasPrefix(w, d)
		}
		if !dropped {
			kept = append(kept, w)
		}
	}
	return strings.Join(append(kept, c.Append...), " ")
}

// args is QEMU's command line; dir holds the initial RAM disk and the agent's
// socket.
func (c *Config) args(dir string) []string {
	board := c.board()
	bus := board.bus
	args := append([]string{board.program}, board.words...)
	args = append(args, "-m", fmt.Sprint(c.Memory),
		"-nodefaults", "-nographic", "-no-reboot", "-serial", "stdio",
		"-kernel", c.Kernel, "-initrd", filepath.Join(dir, "initrd"), "-append", c.words())
	if board.tree != "" {
		args = append(args, "-dtb", board.tree)
	}
	if bus == "" {
		return append(args, c.model()...)
	}
	args = append(args, "-smp", fmt.Sprint(c.CPUs), "-device", "virtio-rng-"+bus, "-device", "virtio-serial-"+bus,
		"-chardev", "socket,id=agent,path="+filepath.Join(dir, "agent"), "-device", "virtserialport,chardev=agent,name=agent")
	if c.Counted {
		args = append(args, "-icount", "shift=0,sleep=off")
	}
	if c.Disk != "" {
		args = append(args, "-drive", "if=none,id=disk,format=raw,file="+c.Disk, "-device", "virtio-blk-"+bus+",drive=disk")
	}
	for i, n := range c.NICs {
		args = append(args,
			"-netdev", fmt.Sprintf("stream,id=n%d,server=off,addr.type=unix,addr.path=%s", i, n.Socket),
			"-device", fmt.Sprintf("virtio-net-%s,netdev=n%d,mac=%s", bus, i, n.MAC))
	}
	return args
}

// model are the words for a board with its own devices.
func (c *Config) model() (args []string) {
	for i, n := range c.NICs {
		args = append(args, "-netdev", fmt.Sprintf("stream,id=n%d,server=off,addr.type=unix,addr.path=%s", i, n.Socket))
		for _, w := range c.board().nic {
			args = append(args, strings.ReplaceAll(w, "NETDEV", fmt.Sprintf("n%d", i)))
		}
	}
	return args
}

// initrd writes the archives one after the other, and the files as a last one.
func (c *Config) initrd(path string) error {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	for _, archive := range c.Archives {
		in, err := os.Open(archive)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, in)
		in.Close()
		if err != nil {
			return err
		}
	}
	if len(c.Files) > 0 {
		if err := overlay(out, c.Files); err != nil {
			return err
		}
	}
	return out.Close()
}
