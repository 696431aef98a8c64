package filestore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/filestore"
)

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
