package atomicfile_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/larder-go/larder/internal/atomicfile"
)

// names lists what lies in dir.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestWriteReplacesWhole(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "file.json")
	for _, o := range []*atomicfile.Options{nil, {Sync: true}, {Mode: 0o640}, {TempDir: "ignored"}} {
		for _, data := range []string{"first", "", strings.Repeat("x", 1<<20)} {
			if err := atomicfile.Write(name, []byte(data), o); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(name)
			if err != nil || string(got) != data {
				t.Fatalf("read back %d bytes, %v; want %d", len(got), err, len(data))
			}
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		want := fs.FileMode(0o600)
		if o != nil && o.Mode != 0 {
			want = o.Mode
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != want {
			t.Errorf("mode %v, want %v", info.Mode().Perm(), want)
		}
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("folder holds %q, want the file alone", got)
	}
}

func TestWriteInCurrentFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := atomicfile.Write("plain", []byte("x"), nil); err != nil {
		t.Fatal(err)
	}
}

func TestFailureLeavesTheOldFileAndNoTemporaryOne(t *testing.T) {
	dir := t.TempDir()
	// A folder cannot be replaced by a file, so the rename fails after everything else went well.
	name := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(name, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Write(name, []byte("x"), nil); err == nil {
		t.Fatal("writing over a folder succeeded")
	}
	if got := names(t, dir); len(got) != 1 || got[0] != "taken" {
		t.Errorf("folder holds %q, want only what was there", got)
	}
	err := atomicfile.Write(filepath.Join(dir, "missing", "file"), nil, nil)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("into a missing folder: %v, want fs.ErrNotExist", err)
	}
}

func TestNothingIsSeenBeforeCommit(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := root.Mkdir("tmp", 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := atomicfile.Create(root, "name", &atomicfile.Options{TempDir: "tmp"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("12345")); err != nil {
		t.Fatal(err)
	}
	info, err := f.Finish()
	if err != nil || info.Size() != 5 {
		t.Fatalf("Finish: %v, %v", info, err)
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("before Commit the folder holds %q", got)
	}
	if got := names(t, filepath.Join(dir, "tmp")); len(got) != 1 || !strings.HasPrefix(got[0], atomicfile.TempPrefix) {
		t.Errorf("temporary folder holds %q", got)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	after, err := root.Lstat("name")
	if err != nil || !after.ModTime().Equal(info.ModTime()) || after.Size() != info.Size() {
		t.Errorf("after Commit: %v, %v; want what Finish said", after, err)
	}
	if err := f.Discard(); err != nil {
		t.Errorf("Discard after Commit: %v", err)
	}
	g, err := atomicfile.Create(root, "name", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(g.Discard(), g.Discard()); err != nil {
		t.Fatal(err)
	}
	if got, _ := root.ReadFile("name"); string(got) != "12345" {
		t.Errorf("after Discard the file holds %q", got)
	}
}

func TestReadersSeeWholeFiles(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	write := func(b byte) error { return atomicfile.Write(name, bytes.Repeat([]byte{b}, 20000), nil) }
	if err := write('a'); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := range 50 {
				if err := write(byte('a' + (w+i)%26)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 200 {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 20000 || bytes.Count(got, got[:1]) != 20000 {
			t.Fatal("a reader saw a part or a mixture")
		}
	}
	wg.Wait()
}
