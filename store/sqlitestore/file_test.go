package sqlitestore_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/sqlitestore"
)

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder", "store.db")
	st := open(t, path)
	want := store.Item{
		Value: []byte(`{"a":"ä"}`), Form: "1.json", Label: []byte("GET 200"), Group: "g",
		Retain: time.UnixMilli(time.Now().Add(time.Hour).UnixMilli()),
	}
	v := put(t, st, "e/1", want, store.Absent)
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		st := open(t, path)
		got, err := st.Get(t.Context(), "e/1")
		if err != nil {
			t.Fatal(err)
		}
		if got.Version != v || !bytes.Equal(got.Value, want.Value) || !bytes.Equal(got.Label, want.Label) || got.Form != want.Form ||
			got.Group != want.Group || !got.Retain.Equal(want.Retain) {
			t.Errorf("after opening again: %+v, want %+v with version %q", got, want, v)
		}
		if where, err := st.Locate(t.Context(), "e/1"); err != nil || !strings.Contains(where, path) || !strings.Contains(where, "e/1") {
			t.Errorf("Locate: %q, %v", where, err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{path + "-wal", path + "-shm"} {
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left after Close: %v", filepath.Base(name), err)
		}
	}
}

func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := filepath.Join(t.TempDir(), "new")
	st := open(t, filepath.Join(dir, "store.db"))
	put(t, st, "e/1", store.Item{Value: []byte("x")}, store.Absent)
	seen := 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
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
		} else {
			seen++
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil || seen != 3 {
		t.Errorf("%d files, %v; want the database, its log and the log's index", seen, err)
	}
}

func TestStrangePaths(t *testing.T) {
	names := []string{"with space.db", "per%cent%20.db", "hash#.db", "a&b=c;d.db", "ä.db", "plus+.db", "none", "file:x.db"}
	if runtime.GOOS != "windows" {
		names = append(names, "question?mode=ro.db", `back\slash.db`, `"quotes'.db`)
	} else {
		names = names[:len(names)-1]
	}
	dir := t.TempDir()
	for i, name := range names {
		st := open(t, filepath.Join(dir, name))
		put(t, st, "e/1", store.Item{Value: []byte(name)}, store.Absent)
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 3*(i+1) {
			t.Fatalf("after %q the folder holds %v, %v", name, entries, err)
		}
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	t.Chdir(dir)
	st := open(t, "relative.db")
	t.Chdir(t.TempDir())
	put(t, st, "e/1", store.Item{}, store.Absent)
	if _, err := os.Stat(filepath.Join(dir, "relative.db")); err != nil {
		t.Error(err)
	}
}

func TestFilesOfOthers(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "foreign.db")
	run(t, shell(t, foreign), "CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')")
	newer := filepath.Join(dir, "newer.db")
	if err := open(t, newer).Close(); err != nil {
		t.Fatal(err)
	}
	run(t, shell(t, newer), "PRAGMA user_version = 7")
	cases := map[string]error{foreign: sqlitestore.ErrForeign, newer: sqlitestore.ErrNewer}
	for _, size := range []int{2, 15, 100, 512, 4096, 100_000} {
		name := filepath.Join(dir, fmt.Sprint(size, ".txt"))
		if err := os.WriteFile(name, bytes.Repeat([]byte("not a database\n"), size)[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		cases[name] = sqlitestore.ErrNoDatabase
	}
	folder := filepath.Join(dir, "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	cases[folder] = sqlitestore.ErrNoDatabase
	for name, want := range cases {
		before, _ := os.ReadFile(name) // nil for the folder
		st, err := sqlitestore.Open(name)
		if !errors.Is(err, want) || st != nil {
			t.Errorf("%s: %v, want %v", filepath.Base(name), err, want)
			continue
		}
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name the file: %v", err)
		}
		if want == sqlitestore.ErrNewer && (!strings.Contains(err.Error(), "7") || !strings.Contains(err.Error(), "knows 2")) {
			t.Errorf("the error does not name both versions: %v", err)
		}
		if after, _ := os.ReadFile(name); !bytes.Equal(before, after) {
			t.Errorf("%s was changed", filepath.Base(name))
		}
	}
}

func TestOpenFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Log("no symbolic links here: ", err)
		link = ""
	}
	for name, openIt := range map[string]func() (*sqlitestore.Store, error){
		"empty name":        func() (*sqlitestore.Store, error) { return sqlitestore.Open("") },
		"a link to nothing": func() (*sqlitestore.Store, error) { return sqlitestore.Open(link) },
		"memory":            func() (*sqlitestore.Store, error) { return sqlitestore.Open(":memory:") },
		"two options":       func() (*sqlitestore.Store, error) { return sqlitestore.Open(path, nil, nil) },
		"negative":          func() (*sqlitestore.Store, error) { return sqlitestore.Open(path, &sqlitestore.Options{Readers: -1}) },
		"below a file": func() (*sqlitestore.Store, error) {
			return sqlitestore.Open(filepath.Join(os.Args[0], "store.db"))
		},
	} {
		st, err := openIt()
		var e *store.Error
		if st != nil || !errors.As(err, &e) || e.Op != "open" {
			t.Errorf("%s: %v, %v; want a *store.Error", name, st, err)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a refused Open made a file: %v", err)
	}
}

func TestManyOpenANewFileAtOnce(t *testing.T) {
	for range 5 {
		path := filepath.Join(t.TempDir(), "store.db")
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				st, err := sqlitestore.Open(path)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := st.Put(t.Context(), fmt.Sprintf("e/%d", i), store.Item{}, store.Absent); err != nil {
					t.Error(err)
				}
				if err := st.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n, _, err := store.Count(t.Context(), open(t, path), ""); n != 8 || err != nil {
			t.Errorf("%d items, %v; want 8", n, err)
		}
		if left, _ := filepath.Glob(path + ".*"); len(left) != 0 {
			t.Errorf("left: %q", left)
		}
	}
}
