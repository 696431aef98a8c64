package house_test

import (
	"encoding/json"
	"io"
	"maps"
	"os"
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
	"store/filestore":   {"github.com/rogpeppe/go-internal"},
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

// systems are those whose files are read: an import or a library may be there on one of them only.
var systems = []string{"linux", "windows", "darwin", "freebsd"}

// list is go list -json of what args say, for this system.
func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	return listFor(t, "", args...)
}

func listFor(t *testing.T, system string, args ...string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json"}, args...)...)
	if system != "" {
		cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
	}
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
	there := map[string]bool{}
	for _, system := range systems {
		for _, p := range listFor(t, system, module+"/...") {
			there[p.name()] = true
			floor, ok := floors[p.name()]
			if !ok {
				t.Errorf("package %q has no floor: add it to the table", p.name())
				continue
			}
			for _, imp := range p.Imports {
				below, ours := strings.CutPrefix(imp, module)
				if below = strings.TrimPrefix(below, "/"); ours && floors[below] >= floor {
					t.Errorf("on %s, %s (floor %d) imports %s (floor %d): imports point down", system, p.name(), floor, below, floors[below])
				}
			}
		}
	}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(floors)), slices.Collect(maps.Keys(links)), alone) {
		if !there[name] {
			t.Errorf("a table names the package %q, which is not there", name)
		}
	}
}

func TestModulesLinked(t *testing.T) {
	used := map[string]bool{}
	for _, system := range systems {
		moduleOf := map[string]string{}
		var ours []pkg
		for _, p := range listFor(t, system, "-deps", module+"/...") {
			if p.Module == nil {
				continue
			}
			moduleOf[p.ImportPath] = p.Module.Path
			if p.Module.Path == module {
				ours = append(ours, p)
			}
		}
		for _, p := range ours {
			for _, dep := range p.Deps {
				m := moduleOf[dep]
				if m == "" || m == module {
					continue
				}
				used[p.name()+" "+m] = true
				if !slices.Contains(links[p.name()], m) {
					t.Errorf("on %s, %s links %s, of %s: it may link %v", system, p.name(), dep, m, links[p.name()])
				}
			}
		}
	}
	for name, modules := range links {
		for _, m := range modules {
			if !used[name+" "+m] {
				t.Errorf("the table lets %q link %s, which it does on no system", name, m)
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
