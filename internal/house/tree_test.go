package house_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the folder of the module, seen from this package.
const root = "../.."

// maxLines is where a file of code surely holds more than one thing.
const maxLines = 500

// files calls use for every file of the tree that is ours to write.
func files(t *testing.T, use func(name string, data []byte)) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		if d.IsDir() || !d.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(path)
		n++
		use(strings.TrimPrefix(filepath.ToSlash(path), root+"/"), data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 50 {
		t.Fatalf("only %d files seen", n)
	}
}

func TestFilesAreShort(t *testing.T) {
	files(t, func(name string, data []byte) {
		if n := bytes.Count(data, []byte("\n")); strings.HasSuffix(name, ".go") && n > maxLines {
			t.Errorf("%s has %d lines, more than %d: it holds more than one thing", name, n, maxLines)
		}
	})
}

func TestNoPathsOfAMachine(t *testing.T) {
	// With what may stand before a path: https://example.com/home/ is no place on a machine, file:///home/ is.
	path := regexp.MustCompile("(?m)(^|[/\\s\"'`=(,:;|>])/(home|root|Users|tmp)/\\w")
	files(t, func(name string, data []byte) {
		if m := path.Find(data); m != nil && !strings.HasSuffix(name, "tree_test.go") {
			t.Errorf("%s holds the path %s", name, m)
		}
	})
}

// TestReadmeCode holds the Go code of the README against programs that are compiled: each block stands in one of them.
func TestReadmeCode(t *testing.T) {
	readme, err := os.ReadFile(root + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	files(t, func(name string, data []byte) {
		if strings.HasSuffix(name, ".go") {
			code.WriteString(squeeze(string(data)))
		}
	})
	blocks := strings.Split(string(readme), "```go\n")[1:]
	if len(blocks) == 0 {
		t.Fatal("the README shows no Go code")
	}
	for _, b := range blocks {
		b, _, _ = strings.Cut(b, "```")
		if !strings.Contains(code.String(), squeeze(b)) {
			t.Errorf("this block of the README stands in no program:\n%s", b)
		}
	}
}

// squeeze takes the indentation away.
func squeeze(s string) string {
	var out strings.Builder
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			out.WriteString(line + "\n")
		}
	}
	return out.String()
}

// TestDependenciesExplained wants a line in docs/dependencies.md for every module that go.mod requires directly.
func TestDependenciesExplained(t *testing.T) {
	doc, err := os.ReadFile(root + "/docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	want := directly(t)
	if len(want) == 0 {
		t.Error("go.mod names no module")
	}
	rows := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (v[^ ]+) \\|").FindAllStringSubmatch(string(doc), -1)
	told := map[string]string{}
	for _, row := range rows {
		told[row[1]] = row[2]
		if _, ok := want[row[1]]; !ok {
			t.Errorf("docs/dependencies.md explains %s, which go.mod does not require directly", row[1])
		}
	}
	for path, version := range want {
		if told[path] != version {
			t.Errorf("docs/dependencies.md has no row for `%s` at %s (it says %q)", path, version, told[path])
		}
	}
}

// directly is what go.mod requires for our own code and as tools: module and version.
func directly(t *testing.T) map[string]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go mod edit: %v", err)
	}
	var mod struct {
		Require []struct {
			Path, Version string
			Indirect      bool
		}
		Tool []struct{ Path string }
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, r := range mod.Require {
		tool := false
		for _, t := range mod.Tool {
			tool = tool || strings.HasPrefix(t.Path, r.Path+"/")
		}
		if !r.Indirect || tool {
			want[r.Path] = r.Version
		}
	}
	return want
}
