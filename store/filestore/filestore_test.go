package filestore_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/internal/atomicfile"
	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/filestore"
	"github.com/larder-go/larder/store/storetest"
)

func open(t *testing.T, dir string) *filestore.Store {
	t.Helper()
	st, err := filestore.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

func TestSuite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, t.TempDir()) })
}

func TestSuiteShared(t *testing.T) {
	storetest.RunShared(t, func(t *testing.T, n int) []store.Store {
		dir := t.TempDir()
		stores := make([]store.Store, n)
		for i := range stores {
			stores[i] = open(t, dir)
		}
		return stores
	})
}

func TestSync(t *testing.T) {
	st, err := filestore.Open(filepath.Join(t.TempDir(), "a", "b"), &filestore.Options{Sync: true})
	if err != nil {
		t.Fatal(err)
	}
	v := put(t, st, "e/abcdef", "1.json", "{}", store.Absent)
	put(t, st, "e/abcdef", "2.json", "[]", v)
	if err := errors.Join(st.Delete(t.Context(), "e/abcdef", store.Any), st.Close()); err != nil {
		t.Error(err)
	}
}

func put(t *testing.T, st store.Store, key, form, value string, was store.Version) store.Version {
	t.Helper()
	it := store.Item{
		Value: []byte(value), Form: form, Label: []byte("label of " + value[:min(len(value), 20)]), Group: "g",
		Retain: time.Now().Add(time.Hour),
	}
	v, err := st.Put(t.Context(), key, it, was)
	if err != nil {
		t.Fatalf("Put(%s): %v", key, err)
	}
	return v
}

func get(t *testing.T, st store.Store, key string) store.Item {
	t.Helper()
	it, err := st.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("Get(%s): %v", key, err)
	}
	return it
}

func list(t *testing.T, st store.Store, prefix string) []store.Item {
	t.Helper()
	var items []store.Item
	for it, err := range st.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("List: %v", err)
		}
		items = append(items, it)
	}
	return items
}

// files lists all files below dir that are no business of the store's own.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == ".larder" {
			return fs.SkipDir
		}
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			all = append(all, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFilesLieWhereAPersonLooks(t *testing.T) {
	dir := t.TempDir()
	st := open(t, dir)
	for _, c := range []struct{ key, form, file string }{
		{"m", "json", "m.json"},
		{"e/3fa9c0", "1.json", "e/3f/3fa9c0.1.json"},
		{"e/a", "1.json.zst", "e/a/a.1.json.zst"},
		{"v/07c1/88e0", "2.bin", "v/07/07c1/88e0.2.bin"},
		{"b/set/0", "", "b/se/set/0"},
	} {
		put(t, st, c.key, c.form, "value of "+c.key, store.Absent)
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(c.file)))
		if err != nil || string(data) != "value of "+c.key {
			t.Errorf("%s holds %q, %v; want exactly the value", c.file, data, err)
		}
		where, err := st.Locate(t.Context(), c.key)
		if err != nil || where != filepath.Join(dir, filepath.FromSlash(c.file)) {
			t.Errorf("Locate(%s) = %q, %v", c.key, where, err)
		}
	}
	if got := files(t, dir); len(got) != 5 {
		t.Errorf("the folder holds %q", got)
	}
	// What is no item does not show.
	for _, name := range []string{"README.md~", ".hidden", "e/3f/.3fa9c0.1.json.swp", "e/3f/ffff.1.json", "e/3fa9c0.1.json", "UPPER.json", "dot."} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := list(t, st, ""); len(got) != 5 {
		t.Errorf("List yields %d items, want 5", len(got))
	}
	if n, err := store.Clear(t.Context(), st, "v/"); n != 1 || err != nil {
		t.Errorf("Clear: %d, %v", n, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "v")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the empty folder is still there: %v", err)
	}
}

func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := filepath.Join(t.TempDir(), "new")
	st := open(t, dir)
	put(t, st, "e/abc", "1.json", "{}", store.Absent)
	get(t, st, "e/abc")
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestChangeByHand(t *testing.T) {
	edits := map[string]func(name string, data []byte) error{
		"in place": func(name string, data []byte) error { return os.WriteFile(name, data, 0o600) },
		"by renaming, as editors do": func(name string, data []byte) error {
			return errors.Join(os.WriteFile(name+"~", data, 0o600), os.Rename(name+"~", name))
		},
	}
	for how, edit := range edits {
		t.Run(how, func(t *testing.T) {
			st := open(t, t.TempDir())
			v := put(t, st, "e/abc", "1.json", `{"a":1}`, store.Absent)
			name, err := st.Locate(t.Context(), "e/abc")
			if err != nil {
				t.Fatal(err)
			}
			// Longer, so that size tells even where the clock of the file system is coarse.
			if err := edit(name, []byte(`{"a":22}`)); err != nil {
				t.Fatal(err)
			}
			check := func(what string, it store.Item) {
				t.Helper()
				if it.Version == v || it.Size != 8 || it.Label != nil || it.Group != "" || !it.Retain.IsZero() {
					t.Errorf("%s: %+v; want a new version, 8 bytes, and nothing that belonged to the old bytes", what, it)
				}
			}
			if got := list(t, st, ""); len(got) != 1 {
				t.Errorf("List yields %d items", len(got))
			} else {
				check("List", got[0])
			}
			it := get(t, st, "e/abc")
			check("Get", it)
			if string(it.Value) != `{"a":22}` {
				t.Errorf("the change is not served: %s", it.Value)
			}
			if got := list(t, st, ""); got[0].Version != it.Version {
				t.Errorf("List says version %q, Get %q", got[0].Version, it.Version)
			}
			_, err = st.Put(t.Context(), "e/abc", store.Item{Form: "1.json"}, v)
			if !errors.Is(err, store.ErrChanged) {
				t.Errorf("Put over the version before the change: %v, want ErrChanged", err)
			}
			put(t, st, "e/abc", "1.json", "3", it.Version)
			// Back to the bytes of before: the version may be the one of before, too.
			if err := edit(name, []byte(`{"a":1}`)); err != nil {
				t.Fatal(err)
			}
			if it := get(t, st, "e/abc"); string(it.Value) != `{"a":1}` {
				t.Errorf("got %s", it.Value)
			}
		})
	}
}

func TestFilesByHand(t *testing.T) {
	dir := t.TempDir()
	st := open(t, dir)
	v := put(t, st, "e/abc", "1.json", "{}", store.Absent)
	old := filepath.Join(dir, "e", "ab", "abc.1.json")
	// Renamed by hand into a form that nobody ever put.
	if err := os.Rename(old, filepath.Join(dir, "e", "ab", "abc.9.yaml")); err != nil {
		t.Fatal(err)
	}
	it := get(t, st, "e/abc")
	if it.Form != "9.yaml" || it.Version == v {
		t.Errorf("got form %q, version %q", it.Form, it.Version)
	}
	if got := list(t, st, "e/"); len(got) != 1 || got[0].Form != "9.yaml" || got[0].Version != it.Version {
		t.Errorf("List yields %+v", got)
	}
	put(t, st, "e/abc", "1.json", "[]", it.Version)
	if got := files(t, dir); !slices.Equal(got, []string{"e/ab/abc.1.json"}) {
		t.Errorf("after Put the folder holds %q", got)
	}
	// A safety copy beside the file is not the item, though its form is longer; Delete leaves nothing behind.
	if err := os.WriteFile(old+".bak", []byte("copy"), 0o600); err != nil {
		t.Fatal(err)
	}
	if it := get(t, st, "e/abc"); string(it.Value) != "[]" {
		t.Errorf("the copy is served: %q", it.Value)
	}
	if got := list(t, st, ""); len(got) != 1 || got[0].Form != "1.json" {
		t.Errorf("List yields %+v", got)
	}
	if err := st.Delete(t.Context(), "e/abc", store.Any); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Get(t.Context(), "e/abc"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after Delete: %v", err)
	}
	// Removed by hand.
	put(t, st, "e/abc", "1.json", "{}", store.Absent)
	if err := os.Remove(old); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := st.Get(t.Context(), "e/abc"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("after removing the file: %v", err)
		}
	}
	put(t, st, "e/abc", "1.json", "{}", store.Absent)
}

func TestIndexLostOrDamaged(t *testing.T) {
	indexes := func(t *testing.T, dir string) []string {
		t.Helper()
		names, err := filepath.Glob(filepath.Join(dir, ".larder", "*.index"))
		if err != nil || len(names) == 0 {
			t.Fatalf("no index is found: %v", err)
		}
		return names
	}
	damages := map[string]func(t *testing.T, dir string){
		"all deleted": func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, ".larder")); err != nil {
				t.Fatal(err)
			}
		},
		"emptied": func(t *testing.T, dir string) {
			for _, name := range indexes(t, dir) {
				if err := os.Truncate(name, 0); err != nil {
					t.Fatal(err)
				}
			}
		},
		"cut in the middle of a line": func(t *testing.T, dir string) {
			for _, name := range indexes(t, dir) {
				if err := os.Truncate(name, 20); err != nil {
					t.Fatal(err)
				}
			}
		},
		"overwritten with zeros": func(t *testing.T, dir string) {
			for _, name := range indexes(t, dir) {
				if err := os.WriteFile(name, make([]byte, 100_000), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		},
		"lines of others": func(t *testing.T, dir string) {
			for _, name := range indexes(t, dir) {
				text := strings.Repeat(`{"key":"e/0","version":"00","form":"1.json","label":"AAAA"}`+"\n[]\nnull\n{\n", 50)
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		},
	}
	for how, damage := range damages {
		for _, reopened := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/reopened %v", how, reopened), func(t *testing.T) {
				dir := t.TempDir()
				st := open(t, dir)
				versions := map[string]store.Version{}
				for i := range 10 {
					key := fmt.Sprintf("e/%d", i)
					versions[key] = put(t, st, key, "1.json", fmt.Sprint("value ", i), store.Absent)
				}
				damage(t, dir)
				if reopened {
					st = open(t, dir)
				}
				for range 2 { // the first List rebuilds what can be rebuilt
					items := list(t, st, "")
					if len(items) != 10 {
						t.Fatalf("List yields %d items, want 10", len(items))
					}
					for _, it := range items {
						if it.Label != nil || !it.Retain.IsZero() || it.Version != versions[it.Key] || it.Form != "1.json" {
							t.Errorf("List yields %+v, want no label, no retention and version %q", it, versions[it.Key])
						}
					}
				}
				for key, v := range versions {
					if it := get(t, st, key); it.Version != v || it.Label != nil {
						t.Errorf("Get yields %+v", it)
					}
					next := put(t, st, key, "2.json", "new", v)
					if it := get(t, st, key); it.Version != next || string(it.Label) != "label of new" {
						t.Errorf("after a Put, Get yields %+v", it)
					}
				}
				for _, it := range list(t, open(t, dir), "") {
					if string(it.Label) != "label of new" {
						t.Errorf("after a Put, List yields label %q", it.Label)
					}
				}
			})
		}
	}
}

func TestIndexStaysSmall(t *testing.T) {
	dir := t.TempDir()
	st, other := open(t, dir), open(t, dir)
	for i := range 2000 {
		put(t, st, "e/abc", "1.json", fmt.Sprint(i), store.Any)
		if i%500 == 0 {
			get(t, other, "e/abc")
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, ".larder", "*.index"))
	if err != nil || len(names) != 1 {
		t.Fatalf("indexes: %q, %v", names, err)
	}
	info, err := os.Stat(names[0])
	if err != nil || info.Size() > 200_000 {
		t.Errorf("after 2000 Puts on one key the index has %d bytes, %v", info.Size(), err)
	}
	for _, s := range []store.Store{st, other} {
		if it := get(t, s, "e/abc"); string(it.Label) != "label of 1999" {
			t.Errorf("label %q", it.Label)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".larder", atomicfile.TempPrefix+"*")); len(left) != 0 {
		t.Errorf("temporary files are left: %q", left)
	}
}

// A crash between the two steps of a Put in another form leaves two files.
func TestTwoForms(t *testing.T) {
	for _, c := range []struct{ winner, loser string }{
		{"2.json", "1.json.zst"}, {"10.json", "9.json"}, {"1.json.zst", "1.json"}, {"1", "json.zst.b64"}, {"1.json", ""},
	} {
		for _, first := range []string{c.winner, c.loser} {
			t.Run(c.winner+" over "+c.loser+", "+first+" first", func(t *testing.T) {
				dir := t.TempDir()
				st := open(t, dir)
				// Both forms have been put, as in every crash of that kind.
				put(t, st, "x1", c.winner, "", store.Absent)
				put(t, st, "x2", c.loser, "", store.Absent)
				v := put(t, st, "e/abc", first, first, store.Absent)
				second := c.winner
				if first == c.winner {
					second = c.loser
				}
				name, err := st.Locate(t.Context(), "e/abc")
				if err != nil {
					t.Fatal(err)
				}
				name = filepath.Join(filepath.Dir(name), strings.TrimSuffix("abc."+second, "."))
				if err := os.WriteFile(name, []byte(second), 0o600); err != nil {
					t.Fatal(err)
				}
				it := get(t, st, "e/abc")
				if it.Form != c.winner || string(it.Value) != c.winner {
					t.Errorf("Get yields form %q, value %q", it.Form, it.Value)
				}
				if (it.Version == v) != (first == c.winner) {
					t.Errorf("version %q, the first file had %q", it.Version, v)
				}
				if got := list(t, st, "e/"); len(got) != 1 || got[0].Version != it.Version || got[0].Form != c.winner {
					t.Errorf("List yields %+v", got)
				}
				put(t, st, "e/abc", c.loser, "next", it.Version)
				if got := get(t, st, "e/abc"); got.Form != c.loser || string(got.Value) != "next" {
					t.Errorf("after Put: form %q, value %q", got.Form, got.Value)
				}
				if got := files(t, filepath.Join(dir, "e")); len(got) != 1 {
					t.Errorf("after Put there are %q", got)
				}
			})
		}
	}
}

func TestLeftoversAreSwept(t *testing.T) {
	dir := t.TempDir()
	put(t, open(t, dir), "e/abc", "1.json", "{}", store.Absent)
	old := filepath.Join(dir, ".larder", "tmp", atomicfile.TempPrefix+"old")
	fresh := filepath.Join(dir, ".larder", "tmp", atomicfile.TempPrefix+"fresh")
	for _, name := range []string{old, fresh} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(old, before, before); err != nil {
		t.Fatal(err)
	}
	st := open(t, dir)
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an old leftover is still there: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("what may belong to a living writer: %v", err)
	}
	if got := list(t, st, ""); len(got) != 1 {
		t.Errorf("List yields %d items", len(got))
	}
}

func TestLinksOutOfTheFolder(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	st := open(t, dir)
	put(t, st, "m", "json", "{}", store.Absent)
	link := filepath.Join(dir, "m.json")
	if err := errors.Join(os.Remove(link), os.Symlink(outside, link)); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	if it, err := st.Get(t.Context(), "m"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get through a link: %q, %v", it.Value, err)
	}
	if got := list(t, st, ""); len(got) != 0 {
		t.Errorf("List yields %+v", got)
	}
	put(t, st, "m", "json", "mine", store.Absent)
	if data, err := os.ReadFile(outside); err != nil || string(data) != "secret" {
		t.Errorf("the file outside holds %q, %v", data, err)
	}
	if it := get(t, st, "m"); string(it.Value) != "mine" {
		t.Errorf("got %q", it.Value)
	}
}

func TestReadOnlyFolder(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("modes do not hold this user back")
	}
	dir := t.TempDir()
	v := put(t, open(t, dir), "e/abc", "1.json", "{}", store.Absent)
	for _, d := range []string{filepath.Join(dir, ".larder"), filepath.Join(dir, "e", "ab"), dir} {
		if err := os.Chmod(d, 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(d, 0o700) })
	}
	st := open(t, dir)
	if it := get(t, st, "e/abc"); it.Version != v || len(list(t, st, "")) != 1 {
		t.Errorf("got %+v", it)
	}
	if _, err := st.Put(t.Context(), "e/abc", store.Item{Form: "1.json"}, v); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Put: %v, want fs.ErrPermission", err)
	}
}

func TestOpenFails(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", name, filepath.Join(name, "below")} {
		st, err := filestore.Open(dir, nil)
		var e *store.Error
		if st != nil || !errors.As(err, &e) || e.Op != "open" {
			t.Errorf("Open(%q): %v, %v; want a *store.Error", dir, st, err)
		}
	}
}
