package filestore_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

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

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "larder")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	st, err := filestore.Open(dir, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer st.Close()
	ctx := context.Background()
	seen, err := st.Put(ctx, "m", store.Item{Value: []byte("{}"), Form: "json"}, store.Absent)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := os.ReadFile(filepath.Join(dir, "m.json"))
	fmt.Printf("%s %v\n", data, err)
	_, err = st.Put(ctx, "m", store.Item{Value: []byte("[]"), Form: "json"}, "not "+seen)
	fmt.Println(errors.Is(err, store.ErrChanged))
	// Output:
	// {} <nil>
	// true
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

// A folder that was copied keeps its labels, although every file has a new time.

// A crash between the two steps of a Put in another form leaves two files.
