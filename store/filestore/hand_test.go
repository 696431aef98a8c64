package filestore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/internal/atomicfile"
	"github.com/larder-go/larder/store"
)

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
