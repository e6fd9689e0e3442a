package rtcfg

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"
)

// Cases for a kernel with more link kinds: go test ./rtcfg -run Differ -differ testdata/guest
var differFolder = flag.String("differ", "testdata/differ", "`folder` of the cases of TestDiffer")

// A difference is a case of testdata/differ: what iproute2 is told and the file
// that must come to the same. The lines before a file's first title are
// the setup of all its cases.
//
//	link add v0 type veth peer name v1
//	== a title
//	rule add from 10.0.0.0/8 lookup 7 priority 9 protocol 98
//	--
//	[[rule]]
//	...
//
// KEYS/ stands for the folder of lab.WriteKeys.
type difference struct{ title, setup, commands, config string }

func differences(t *testing.T) (list []difference) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(*differFolder, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in %s: %v", *differFolder, err)
	}
	keys := lab.WriteKeys(t)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		topic := strings.TrimSuffix(filepath.Base(file), ".txt")
		parts := strings.Split("\n"+strings.ReplaceAll(string(text), "KEYS", keys), "\n== ")
		for _, part := range parts[1:] {
			title, rest, _ := strings.Cut(part, "\n")
			commands, config, ok := strings.Cut(rest, "\n--\n")
			if !ok {
				t.Fatalf("%s: case %q has no file", file, title)
			}
			list = append(list, difference{topic + "/" + title, parts[0], commands, config})
		}
	}
	return list
}

// TestDiffer builds each case twice, with iproute2 and with bootlink: the two
// must look the same to iproute2. Then nothing is left to write, and an empty
// file brings back what was there before. Then it goes from case to case of some
// topics: what was there before must make no difference.
func TestDiffer(t *testing.T) {
	list := differences(t)
	pictures := make([]string, len(list))
	t.Run("fresh", func(t *testing.T) {
		for i, d := range list {
			t.Run(d.title, func(t *testing.T) {
				t.Parallel()
				pictures[i] = d.try(t)
			})
		}
	})
	for topic, group := range topics(list, pictures) {
		if !slices.Contains(walked, topic) {
			continue
		}
		t.Run("from one to another/"+topic, func(t *testing.T) {
			t.Parallel()
			walkDifferences(t, group)
		})
	}
}

// walked are the topics whose objects are changed in place.
var walked = []string{"address", "nexthop", "route", "route6", "route-nexthop", "wireguard"}

// theirs gives the picture of what iproute2 makes: to us that is what the file
// asks for.
func (d *difference) theirs(t *testing.T) string {
	w := d.world(t)
	w.Lines(d.commands)
	p, err := w.open(desired(t, d.config)).Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !p.Empty() {
		t.Errorf("what iproute2 made is not what we read:\n%s", p.Text(true))
	}
	return w.Picture()
}

// try builds the case both ways and gives the picture.
func (d *difference) try(t *testing.T) string {
	ours := d.world(t)
	picture, before := d.theirs(t), ours.Picture()
	want := desired(t, d.config)
	ours.apply(want)
	if diff := lab.Diff(picture, ours.Picture()); diff != "" {
		t.Errorf("iproute2 (-) and bootlink (+) differ:\n%s", diff)
	}
	ours.export(want)
	ours.apply(desired(t, ""))
	if diff := lab.Diff(before, ours.Picture()); diff != "" {
		t.Errorf("before (-) and after (+) differ:\n%s", diff)
	}
	return picture
}

func (d *difference) world(t *testing.T) *world {
	w := &world{Namespace: lab.New(t), t: t, dir: t.TempDir()}
	w.Lines(d.setup)
	return w
}

// A drawn case has the picture of what iproute2 makes.
type drawn struct {
	difference
	picture string
}

// topics groups the cases by file.
func topics(list []difference, pictures []string) map[string][]drawn {
	groups := map[string][]drawn{}
	for i, d := range list {
		topic, _, _ := strings.Cut(d.title, "/")
		groups[topic] = append(groups[topic], drawn{d, pictures[i]})
	}
	return groups
}

// walkDifferences goes through the cases of a topic in random order, with a
// failure on each way.
func walkDifferences(t *testing.T, group []drawn) {
	random := rand.New(rand.NewPCG(*walkSeed, 0))
	random.Shuffle(len(group), func(i, j int) { group[i], group[j] = group[j], group[i] })
	w, was := group[0].world(t), "nothing"
	for _, d := range group {
		if d.picture == "" { // the test was told to leave out that part
			d.picture = d.theirs(t)
		}
		want := desired(t, d.config)
		w.fail(want, func(steps int) int { return random.IntN(steps + 1) })
		w.apply(want)
		if diff := lab.Diff(d.picture, w.Picture()); diff != "" {
			t.Fatalf("from %s to %s: iproute2 (-) and bootlink (+) differ:\n%s", was, d.title, diff)
		}
		was = d.title
	}
}

// desired reads a configuration without its first line.
func desired(t *testing.T, config string) *object.Desired {
	t.Helper()
	root, faults := conf.Parse("f", []byte("version = 1\n"+config))
	want, more := object.Read("f", root)
	if err := append(faults, more...).Err(); err != nil {
		t.Fatal(err)
	}
	if err := readKeys(want); err != nil || len(want.Absent) > 0 {
		t.Fatal(err, want.Absent)
	}
	return want
}
