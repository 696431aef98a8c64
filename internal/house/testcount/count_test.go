package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	testcount "github.com/larder-go/larder/internal/house/testcount"
)

// TestMain is also the command: there it counts what it is given.
func TestMain(m *testing.M) {
	if os.Getenv("TESTCOUNT_COMMAND") != "" {
		os.Args = os.Args[:1]
		testcount.Command()
		return
	}
	os.Exit(m.Run())
}

func TestCounts(t *testing.T) {
	for _, c := range []struct {
		name, code string
		last       string   // the last line
		says       []string // somewhere before
		fails      bool
	}{
		{"all well", `func TestA(t *testing.T) { t.Run("s", func(*testing.T) {}) }`, "2 0 0", nil, false},
		{"skipped", `func TestA(t *testing.T) { t.Skip("no jq: none here") }`, "0 0 1", []string{"skip p TestA: no jq: none here"}, false},
		{"failed", `func TestA(t *testing.T) { t.Error("bad") }; func TestB(*testing.T) {}`, "1 1 0", []string{"FAIL p TestA", "bad"}, true},
		{"died", `func TestA(t *testing.T) { go panic("boom"); select {} }`, "0 1 0", []string{"FAIL p TestA: it did not end", "boom"}, true},
		{"left early", `func TestMain(*testing.M) { println("bye"); os.Exit(0) }; func TestA(*testing.T) {}`, "0 1 0", []string{"ran no test"}, true},
		{"no test", `func BenchmarkA(*testing.B) {}`, "0 1 0", []string{"ran no test"}, true},
		{"not built", `func TestA(*testing.T) { nothing() }`, "0 1 0", []string{"FAIL to build p", "nothing"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			events := runTests(t, c.code)
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), "TESTCOUNT_COMMAND=1")
			cmd.Stdin = strings.NewReader(events)
			out, err := cmd.Output()
			if (err != nil) != c.fails {
				t.Errorf("it ends with %v, want failure: %v", err, c.fails)
			}
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			if last := lines[len(lines)-1]; last != c.last {
				t.Errorf("the last line is %q, want %q", last, c.last)
			}
			for _, s := range c.says {
				if !strings.Contains(string(out), s) {
					t.Errorf("it does not say %q:\n%s", s, out)
				}
			}
		})
	}
}

// runTests is what go test -json writes about a package with this test code.
func runTests(t *testing.T, code string) string {
	t.Helper()
	dir := t.TempDir()
	imports := "import \"testing\"\n"
	if strings.Contains(code, "os.") {
		imports += "import \"os\"\n"
	}
	for name, text := range map[string]string{"go.mod": "module p\n\ngo 1.26\n", "p_test.go": "package p\n\n" + imports + "\n" + code + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-json", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, _ := cmd.Output() // the tests may fail: that is what is counted
	if len(out) == 0 {
		t.Fatal("go test -json wrote nothing")
	}
	return string(out)
}
