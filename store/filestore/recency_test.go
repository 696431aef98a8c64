package filestore_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/larder-go/larder/store/filestore"
)

// snapshot reads every file below dir, the store's own ones included.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		all[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// notes counts the lines in all indexes that say when something was read.
func notes(t *testing.T, dir string) int {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, ".larder", "*.index"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		n += bytes.Count(data, []byte(`"read":`))
	}
	return n
}

func TestWhatIsReadStays(t *testing.T) {
	st := openWith(t, t.TempDir(), filestore.Options{MaxBytes: 50_000})
	putSize(t, st, "e/popular", "e/popular", 1000)
	for i := range 300 {
		putSize(t, st, fmt.Sprintf("e/%d", i), fmt.Sprintf("e/%d", i), 1000)
		if !has(t, st, "e/popular") {
			t.Fatalf("an item that is read all the time was evicted after %d Puts", i+1)
		}
	}
	if has(t, st, "e/0") {
		t.Error("nothing was evicted")
	}
}

func TestHitsWriteNothing(t *testing.T) {
	dir := t.TempDir()
	o := filestore.Options{MaxBytes: 1 << 20}
	st := openWith(t, dir, o)
	for i := range 20 {
		putSize(t, st, fmt.Sprintf("b/%d/0", i), fmt.Sprintf("b/%d", i), 100)
		putSize(t, st, fmt.Sprintf("b/%d/1", i), fmt.Sprintf("b/%d", i), 100)
	}
	read := func(st *filestore.Store) {
		for i := range 20 {
			get(t, st, fmt.Sprintf("b/%d/1", i))
			get(t, st, fmt.Sprintf("b/%d/0", i))
		}
	}
	before := snapshot(t, dir)
	read(st)
	if !maps.Equal(before, snapshot(t, dir)) {
		t.Error("a hit wrote something")
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if n := notes(t, dir); n != 20 {
		t.Errorf("Close noted %d readings, want one for each of 20 groups", n)
	}
	// Within the hour nothing more is noted, by this process or a later one.
	before = snapshot(t, dir)
	for range 2 {
		st = openWith(t, dir, o)
		for range 10 {
			read(st)
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if !maps.Equal(before, snapshot(t, dir)) {
		t.Error("readings within the hour wrote something")
	}
}

func TestWithoutLimitReadingsAreNotNoted(t *testing.T) {
	for _, o := range []filestore.Options{{}, {MaxEntry: 1000}} {
		dir := t.TempDir()
		st := openWith(t, dir, o)
		putSize(t, st, "e/1", "e/1", 100)
		get(t, st, "e/1")
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		if n := notes(t, dir); n != 0 {
			t.Errorf("%+v: %d readings are noted", o, n)
		}
	}
}

// A reading is noted with the next write to its stripe, and again when an hour has passed.
func TestReadingsAreNotedOnceAnHour(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		st := openWith(t, dir, filestore.Options{MaxBytes: 1 << 20})
		putSize(t, st, "b/0", "g", 100)
		putSize(t, st, "b/1", "g", 100)
		want := 0
		for hour := range 3 {
			want++
			for range 5 {
				get(t, st, "b/0")
				get(t, st, "b/1")
				putSize(t, st, sameStripe("s/", "b/0"), "", 1)
				if got := notes(t, dir); got != want {
					t.Fatalf("hour %d: %d notes, want %d", hour, got, want)
				}
				time.Sleep(11 * time.Minute) // in the bubble
			}
			time.Sleep(10 * time.Minute)
		}
	})
}

// What one process has read stays although another evicts.
func TestReadingsAreKnownToOthers(t *testing.T) {
	for _, compacted := range []bool{false, true} {
		t.Run(fmt.Sprint("compacted ", compacted), func(t *testing.T) {
			dir := t.TempDir()
			o := filestore.Options{MaxBytes: 20_000}
			reader, writer := openWith(t, dir, o), openWith(t, dir, o)
			for i := range 10 {
				putSize(t, reader, fmt.Sprintf("e/%d", i), fmt.Sprintf("e/%d", i), 1900)
			}
			has(t, reader, "e/0")
			if err := reader.Close(); err != nil {
				t.Fatal(err)
			}
			if compacted {
				for i := range 1300 { // in the stripe of e/0, which is written anew
					putSize(t, writer, sameStripe("s/", "e/0"), "", 1+i%2)
				}
			}
			if n := notes(t, dir); n != 1 {
				t.Fatalf("%d readings are noted", n)
			}
			putSize(t, writer, "e/more", "e/more", 1900)
			if !has(t, writer, "e/0") || has(t, writer, "e/1") {
				t.Error("want e/0 there, because it was read, and e/1 gone")
			}
		})
	}
}
