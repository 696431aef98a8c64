package sqlitestore_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"modernc.org/sqlite"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/sqlitestore"
	"github.com/larder-go/larder/store/storetest"
)

func open(t testing.TB, path string) *sqlitestore.Store {
	t.Helper()
	st, err := sqlitestore.Open(path)
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
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, filepath.Join(t.TempDir(), "store.db")) })
}

func TestSuiteShared(t *testing.T) {
	storetest.RunShared(t, func(t *testing.T, n int) []store.Store {
		path := filepath.Join(t.TempDir(), "store.db")
		stores := make([]store.Store, n)
		for i := range stores {
			stores[i] = open(t, path)
		}
		return stores
	})
}

// shell opens the file as a person would, with a tool that knows nothing of larder.
func shell(t *testing.T, path string) *sql.DB {
	t.Helper()
	c, err := sqlite.NewConnector(path)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func run(t *testing.T, db *sql.DB, text string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}

func put(t testing.TB, st store.Store, key string, it store.Item, was store.Version) store.Version {
	t.Helper()
	v, err := st.Put(t.Context(), key, it, was)
	if err != nil {
		t.Fatalf("Put(%s): %v", key, err)
	}
	return v
}

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

func TestTextIsReadableInTheShell(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	st := open(t, path)
	for i, c := range []struct{ form, value, label, kind, labelKind string }{
		{"1.json", `{"a":1}`, "GET 200", "text", "text"},
		{"json", `{}`, "", "text", "null"},
		{"2.yaml", "a: ä\n", "\xff", "text", "blob"},
		{"1.json", "007", "l", "text", "text"}, // not a number
		{"1.json", "\xff", "l", "blob", "text"},
		{"1.json", "a\x00b", "a\x00b", "blob", "blob"},
		{"1.json.zst", "text all the same", "l", "blob", "text"},
		{"", "x", "l", "blob", "text"},
	} {
		key := fmt.Sprintf("e/%d", i)
		put(t, st, key, store.Item{Value: []byte(c.value), Form: c.form, Label: []byte(c.label)}, store.Absent)
		var kind, labelKind string
		err := shell(t, path).QueryRow(`SELECT typeof(value), typeof(label) FROM items WHERE key = ?`, key).Scan(&kind, &labelKind)
		if err != nil || kind != c.kind || labelKind != c.labelKind {
			t.Errorf("%q as %q: value is %s, label is %s, %v; want %s, %s", c.value, c.form, kind, labelKind, err, c.kind, c.labelKind)
		}
		it, err := st.Get(t.Context(), key)
		if err != nil || string(it.Value) != c.value || string(it.Label) != c.label {
			t.Errorf("%q came back as %q, label %q, %v", c.value, it.Value, it.Label, err)
		}
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
		if want == sqlitestore.ErrNewer && (!strings.Contains(err.Error(), "7") || !strings.Contains(err.Error(), "1")) {
			t.Errorf("the error does not name both versions: %v", err)
		}
		if after, _ := os.ReadFile(name); !bytes.Equal(before, after) {
			t.Errorf("%s was changed", filepath.Base(name))
		}
	}
}

func TestOpenFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	for name, openIt := range map[string]func() (*sqlitestore.Store, error){
		"empty name":  func() (*sqlitestore.Store, error) { return sqlitestore.Open("") },
		"memory":      func() (*sqlitestore.Store, error) { return sqlitestore.Open(":memory:") },
		"two options": func() (*sqlitestore.Store, error) { return sqlitestore.Open(path, nil, nil) },
		"negative":    func() (*sqlitestore.Store, error) { return sqlitestore.Open(path, &sqlitestore.Options{Readers: -1}) },
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

func TestClearOfMany(t *testing.T) {
	st := open(t, filepath.Join(t.TempDir(), "store.db"))
	for i := range 1100 {
		put(t, st, fmt.Sprintf("e/%d", i), store.Item{Value: []byte("abc")}, store.Absent)
	}
	put(t, st, "s/1", store.Item{}, store.Absent)
	if n, b, err := store.Count(t.Context(), st, "e/"); n != 1100 || b != 3300 || err != nil {
		t.Errorf("Count: %d, %d, %v", n, b, err)
	}
	if n, err := store.Clear(t.Context(), st, "e/"); n != 1100 || err != nil {
		t.Errorf("Clear: %d, %v", n, err)
	}
	if n, _, err := store.Count(t.Context(), st, ""); n != 1 || err != nil {
		t.Errorf("%d items are left, %v", n, err)
	}
}

// Damaged pages are errors or, where SQLite cannot see the damage, wrong bytes; never a panic, and never endless.
func TestDamagedFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "good.db")
	st := open(t, path)
	for i := range 300 {
		put(t, st, fmt.Sprintf("e/%d", i), store.Item{Value: bytes.Repeat([]byte{byte(i)}, i*20), Form: "1.bin"}, store.Absent)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	failures := 0
	for i := range 60 {
		bad := bytes.Clone(good)
		switch i % 3 {
		case 0: // bytes here and there
			for range 50 {
				bad[random.IntN(len(bad))] = byte(random.Uint32())
			}
		case 1: // a page of noise
			at := random.IntN(len(bad)/8192) * 8192
			for j := range 8192 {
				bad[at+j] = byte(random.Uint32())
			}
		case 2: // cut
			bad = bad[:random.IntN(len(bad))]
		}
		name := filepath.Join(dir, fmt.Sprintf("bad%d.db", i))
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if useDamaged(t, name) {
			failures++
		}
	}
	if failures < 20 {
		t.Errorf("only %d of 60 damaged files were noticed", failures)
	}
}

// useDamaged tries everything and reports whether anything failed.
func useDamaged(t *testing.T, name string) (failed bool) {
	st, err := sqlitestore.Open(name, &sqlitestore.Options{BusyTimeout: 100 * time.Millisecond})
	if err != nil {
		return true
	}
	note := func(err error) { failed = failed || err != nil && !errors.Is(err, store.ErrNotFound) }
	for i := range 300 {
		_, err := st.Get(t.Context(), fmt.Sprintf("e/%d", i))
		note(err)
	}
	n := 0
	for _, err := range st.List(t.Context(), "") {
		if note(err); n > 10_000 {
			t.Fatal("List does not end")
		}
		n++
	}
	_, err = st.Put(t.Context(), "e/7", store.Item{Value: make([]byte, 10_000)}, store.Any)
	note(err)
	note(st.Delete(t.Context(), "e/9", store.Any))
	_, err = st.Clear(t.Context(), "e/1")
	note(err)
	note(st.Close())
	return failed
}

func BenchmarkGet(b *testing.B) {
	st := open(b, filepath.Join(b.TempDir(), "store.db"))
	keys := make([]string, 256)
	for i := range keys {
		keys[i] = fmt.Sprintf("e/%040x", i)
		put(b, st, keys[i], store.Item{Value: make([]byte, 4096), Form: "1.bin", Group: keys[i]}, store.Absent)
	}
	ctx := b.Context()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := st.Get(ctx, keys[i%len(keys)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	st := open(b, filepath.Join(b.TempDir(), "store.db"))
	it := store.Item{Value: make([]byte, 4096), Form: "1.bin"}
	for i := 0; b.Loop(); i++ {
		put(b, st, fmt.Sprintf("e/%040x", i%1000), it, store.Any)
	}
}
