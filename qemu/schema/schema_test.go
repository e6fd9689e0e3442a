package schema

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const root = "../.."

// compile runs `bootlink schema` and checks what it prints against the rules of
// JSON Schema itself.
func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	program := filepath.Join(t.TempDir(), "bootlink")
	build := exec.Command("go", "build", "-o", program, "./cmd/bootlink")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := exec.Command(program, "schema").Output()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("router.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("router.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// value is a TOML file as JSON has it.
func value(t *testing.T, text string) (any, error) {
	t.Helper()
	var tree any
	if err := toml.Unmarshal([]byte(text), &tree); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return v, nil
}

// TestExamples: the schema is good for every configuration that bootlink is
// tested with: whole files, and what cases build beside iproute2.
func TestExamples(t *testing.T) {
	schema := compile(t)
	examples := map[string]string{}
	for _, pattern := range []string{"docs/*.toml", "board/*/router.toml", "rtcfg/testdata/walk/*.toml"} {
		for _, file := range glob(t, pattern) {
			examples[file] = read(t, file)
		}
	}
	for _, pattern := range []string{"rtcfg/testdata/differ/*.txt", "rtcfg/testdata/guest/*.txt"} {
		for _, file := range glob(t, pattern) {
			ours(examples, file, read(t, file))
		}
	}
	if len(examples) < 200 {
		t.Fatalf("%d examples", len(examples))
	}
	for name, text := range examples {
		v, err := value(t, text)
		if err == nil {
			err = schema.Validate(v)
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
}

// ours adds our side of the cases in a file: what follows "--" up to the next.
func ours(examples map[string]string, file, text string) {
	for _, section := range strings.Split("\n"+text, "\n== ")[1:] {
		title, _, _ := strings.Cut(section, "\n")
		_, config, ok := strings.Cut(section, "\n--\n")
		if !ok {
			continue
		}
		config, _, _ = strings.Cut(config, "\n--\n")
		if !strings.Contains(config, "version") {
			config = "version = 1\n" + config
		}
		examples[file+": "+title] = config
	}
}

// TestFaults: what is wrong in type, word, range or name of a key is wrong by the
// schema, too.
func TestFaults(t *testing.T) {
	schema := compile(t)
	refused := 0
	for _, section := range strings.Split("\n"+read(t, filepath.Join(root, "rtcfg/object/testdata/faults.txt")), "\n== ")[1:] {
		title, rest, _ := strings.Cut(section, "\n")
		config, faults, _ := strings.Cut(rest, "\n--\n")
		if !visible(faults) {
			continue
		}
		v, err := value(t, config)
		if err != nil {
			continue // not TOML: no schema sees it
		}
		if schema.Validate(v) == nil {
			t.Errorf("%s: good by the schema, but\n%s", title, faults)
		}
		refused++
	}
	if refused < 30 {
		t.Errorf("only %d faulty files were tried", refused)
	}
}

// visible tells faults that a schema can see.
func visible(faults string) bool {
	for _, words := range []string{"unknown key", " is out of range", "the file has no version", ", not "} {
		if strings.Contains(faults, words) {
			return true
		}
	}
	return false
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no %s (%v)", pattern, err)
	}
	return files
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
