package qemu

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"bootlink/qemu/vm"

	"github.com/u-root/u-root/pkg/cpio"
)

// once runs a test in a guest that takes minutes and has nothing to do with the image's
// bootlink, unless the very same has passed before: the test's program, its words and
// cases, the kernel, the module, the rest of the image. It is to these tests what go test's cache is to others,
// which sees no image. AGAIN=1 in the environment runs them again, an empty cache, too.
func once(t *testing.T, c *vm.Config, argv []string, run func()) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(cache, "bootlink/passed", guestSum(t, c, argv))
	if _, err := os.Stat(file); err == nil && os.Getenv("AGAIN") == "" {
		t.Logf("the same has passed before, see %s: AGAIN=1 runs it once more", file)
		return
	}
	run()
	if t.Failed() {
		return
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(t.Name()+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// guestSum is a sum over all that a guest is made of, but for bootlink.
func guestSum(t *testing.T, c *vm.Config, argv []string) string {
	t.Helper()
	h := sha256.New()
	fmt.Fprintf(h, "%q %v %v %v %d\n", argv, c.Append, c.Drop, c.Counted, c.Memory)
	for _, name := range slices.Sorted(maps.Keys(c.Files)) {
		fmt.Fprintf(h, "%s %d\n%s", name, len(c.Files[name].Content), c.Files[name].Content)
	}
	kernel, err := os.ReadFile("out/kernel/vmlinuz")
	if err != nil {
		t.Fatal(err)
	}
	h.Write(kernel)
	for _, archive := range []string{"../build/image/router.cpio", "../build/image/test.cpio"} {
		text, err := os.ReadFile(archive)
		if err != nil {
			t.Fatal(err)
		}
		err = cpio.ForEachRecord(cpio.Newc.Reader(bytes.NewReader(text)), func(r cpio.Record) error {
			if r.Name == "bbin/bootlink" {
				return nil
			}
			fmt.Fprintf(h, "%s %o %d\n", r.Name, r.Mode, r.FileSize)
			_, err := io.Copy(h, io.NewSectionReader(r, 0, int64(r.FileSize)))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Nothing that makes a difference is left out of the sum, and bootlink makes none.
func TestGuestSum(t *testing.T) {
	sum := func(text string, words ...string) string {
		return guestSum(t, &vm.Config{Files: map[string]vm.File{"a": {Content: text}}}, words)
	}
	first, again := sum("x", "y"), sum("x", "y")
	if first != again {
		t.Error("the same guest has two sums")
	}
	for _, other := range []string{sum("z", "y"), sum("x", "z"), sum("x"), sum("")} {
		if other == first {
			t.Error("another guest has the same sum")
		}
	}
}
