package house_test

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
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
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata") {
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
	path := regexp.MustCompile(`/(home|root|Users)/[a-z]`)
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
	mod, err := os.Open(root + "/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	defer mod.Close()
	n := 0
	for in := bufio.NewScanner(mod); in.Scan(); {
		fields := strings.Fields(in.Text())
		if len(fields) != 2 || !strings.HasPrefix(fields[1], "v") || strings.Contains(in.Text(), "// indirect") {
			continue
		}
		n++
		if !bytes.Contains(doc, []byte("`"+fields[0]+"`")) || !bytes.Contains(doc, []byte(fields[1])) {
			t.Errorf("docs/dependencies.md does not name `%s` at %s", fields[0], fields[1])
		}
	}
	if n == 0 {
		t.Error("go.mod names no module")
	}
}
