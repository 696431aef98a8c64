package sqlitestore_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

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

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "larder")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	st, err := sqlitestore.Open(filepath.Join(dir, "http_cache.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer st.Close()
	ctx := context.Background()
	if _, err := st.Put(ctx, "s/work", store.Item{Value: []byte("{}"), Form: "1.json"}, store.Absent); err != nil {
		fmt.Println(err)
		return
	}
	it, err := st.Get(ctx, "s/work")
	fmt.Printf("%s %s %v\n", it.Form, it.Value, err)
	// Output: 1.json {} <nil>
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

// useDamaged tries everything and reports whether anything failed.
