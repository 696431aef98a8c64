package filestore_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/larder-go/larder/internal/atomicfile"
	"github.com/larder-go/larder/store"
)

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

func TestCopiedFolder(t *testing.T) {
	dir, copied := t.TempDir(), t.TempDir()
	st := open(t, dir)
	for i := range 5 {
		put(t, st, fmt.Sprintf("e/%d", i), "1.json", fmt.Sprint(i), store.Absent)
	}
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, it := range list(t, open(t, copied), "") {
			if string(it.Label) != "label of "+it.Key[2:] || it.Group != "g" || it.Retain.IsZero() {
				t.Errorf("List yields %+v", it)
			}
		}
	}
}

func TestIndexStaysSmall(t *testing.T) {
	dir := t.TempDir()
	st, other := open(t, dir), open(t, dir)
	for i := range 1300 {
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
		t.Errorf("after 1300 Puts on one key the index has %d bytes, %v", info.Size(), err)
	}
	for _, s := range []store.Store{st, other} {
		if it := get(t, s, "e/abc"); string(it.Label) != "label of 1299" {
			t.Errorf("label %q", it.Label)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".larder", atomicfile.TempPrefix+"*")); len(left) != 0 {
		t.Errorf("temporary files are left: %q", left)
	}
}
