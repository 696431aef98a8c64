package house_test

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/larder-go/larder"

// floors orders the packages: a package imports those of lower floors only, in what is no test.
var floors = map[string]int{
	"secret": 0, "internal/httpfield": 0, "internal/coding": 0, "internal/atomicfile": 0, "internal/plain": 0, "internal/nearest": 0,
	"internal/redact": 1, "doc": 1,
	"record":  2,
	"rfc9111": 3, "codec": 3, "store": 3, "cookiejar": 3, "auth": 3,
	"internal/shelf": 4, "store/memstore": 4, "store/filestore": 4, "store/sqlitestore": 4, "codec/zstdstage": 4,
	"store/storetest": 5, "codec/codectest": 5,
	"":        6, // the root package
	"session": 7,
	"all":     8, "examples/login/server": 8,
	"cmd/larder": 9, "examples/login": 9, "examples/quickstart": 9,
	"internal/house": 9, "internal/house/testcount": 9,
}

// links lists the third-party modules that a package's build may link; a package that is not named links none.
var links = map[string][]string{
	"cookiejar":         {"golang.org/x/net", "golang.org/x/text"},
	"codec/zstdstage":   {"github.com/klauspost/compress"},
	"store/filestore":   {"github.com/rogpeppe/go-internal", "golang.org/x/sys"},
	"store/sqlitestore": sqlite,
	"session":           {"golang.org/x/net", "golang.org/x/text"},
	"all":               slices.Concat(sqlite, []string{"github.com/klauspost/compress", "github.com/rogpeppe/go-internal"}),
	"cmd/larder": slices.Concat(sqlite, []string{
		"github.com/klauspost/compress", "github.com/rogpeppe/go-internal", "golang.org/x/net", "golang.org/x/text",
		"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/inconshreveable/mousetrap",
	}),
	"examples/login":        {"golang.org/x/net", "golang.org/x/text"},
	"examples/login/server": nil,
	"examples/quickstart":   sqlite,
}

var sqlite = []string{
	"modernc.org/sqlite", "modernc.org/libc", "modernc.org/mathutil", "modernc.org/memory", "github.com/dustin/go-humanize",
	"github.com/google/uuid", "github.com/mattn/go-isatty", "github.com/ncruces/go-strftime", "github.com/remyoudompheng/bigfft", "golang.org/x/sys",
}

// alone lists the packages whose tests link the standard library alone too.
var alone = []string{"rfc9111", "codec", "record", "doc", "secret", "store", "store/memstore"}

type pkg struct {
	ImportPath, Doc, Name                             string
	Standard                                          bool
	Imports, Deps, TestImports, GoFiles, XTestImports []string
	Module                                            *struct{ Path string }
}

func (p pkg) name() string { return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/") }

// list is go list -json of what args say.
func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json"}, args...)...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportsPointDown(t *testing.T) {
	for _, p := range list(t, module+"/...") {
		floor, ok := floors[p.name()]
		if !ok {
			t.Errorf("package %q has no floor: add it to the table", p.name())
			continue
		}
		for _, imp := range p.Imports {
			below, ours := strings.CutPrefix(imp, module)
			if below = strings.TrimPrefix(below, "/"); ours && floors[below] >= floor {
				t.Errorf("%s (floor %d) imports %s (floor %d): imports point down", p.name(), floor, below, floors[below])
			}
		}
	}
}

func TestModulesLinked(t *testing.T) {
	moduleOf := map[string]string{}
	for _, p := range list(t, "-deps", module+"/...") {
		if p.Module != nil {
			moduleOf[p.ImportPath] = p.Module.Path
		}
	}
	for _, p := range list(t, module+"/...") {
		for _, dep := range p.Deps {
			if m := moduleOf[dep]; m != "" && m != module && !slices.Contains(links[p.name()], m) {
				t.Errorf("%s links %s, of %s: it may link %v", p.name(), dep, m, links[p.name()])
			}
		}
	}
}

func TestTestsLinkStandardLibrary(t *testing.T) {
	for _, name := range append(alone, "") {
		path := strings.TrimSuffix(module+"/"+name, "/")
		for _, p := range list(t, "-deps", "-test", path) {
			if p.Module != nil && p.Module.Path != module {
				t.Errorf("the tests of %q link %s", name, p.ImportPath)
			}
		}
	}
}

func TestPackageComments(t *testing.T) {
	for _, p := range list(t, module+"/...") {
		want := "Package " + p.Name + " "
		if p.Name == "main" {
			want = "Command "
		}
		if len(p.GoFiles) > 0 && !strings.HasPrefix(p.Doc, want) {
			t.Errorf("%s: the package comment is %q, want it to begin with %q", p.ImportPath, p.Doc, want)
		}
	}
}
