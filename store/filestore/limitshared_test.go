package filestore_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/filestore"
)

// Two Stores on one folder know of each other's files as two processes do.
func TestTwoStoresWithOneLimit(t *testing.T) {
	dir := t.TempDir()
	o := filestore.Options{MaxBytes: 60_000}
	stores := []*filestore.Store{openWith(t, dir, o), openWith(t, dir, o)}
	for i := range 200 {
		key := fmt.Sprintf("e/%d", i)
		putSize(t, stores[i%2], key, key, 1000+i*13%2000)
		if got := onDisk(t, dir); got > 60_000 {
			t.Fatalf("after %d Puts: %d bytes", i+1, got)
		}
		if !has(t, stores[1-i%2], key) {
			t.Fatalf("%s is gone right after its Put", key)
		}
	}
	if got := onDisk(t, dir); got < 50_000 {
		t.Errorf("%d bytes are left of 60,000", got)
	}
	// A group of one is a group of the other.
	for i := range 3 {
		putSize(t, stores[i%2], fmt.Sprintf("b/%d", i), "b", 2500)
	}
	if err := tryPut(t, stores[1], "b/3", "b", 1, 0); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("over the limit of an entry: %v, want ErrTooLarge", err)
	}
}

func TestHandRemovedFilesMakeRoom(t *testing.T) {
	dir := t.TempDir()
	st := openWith(t, dir, filestore.Options{MaxBytes: 50_000, MaxEntry: 20_000})
	for i := range 4 {
		putSize(t, st, fmt.Sprintf("s/%d", i), "", 10_000)
	}
	putSize(t, st, "e/1", "e/1", 9000)
	for i := range 2 {
		if err := os.Remove(filepath.Join(dir, "s", fmt.Sprint(i), fmt.Sprintf("%d.1.bin", i))); err != nil {
			t.Fatal(err)
		}
	}
	// One that somebody has asked for is known to be gone; the other is found out when there seems to be no room.
	if has(t, st, "s/0") {
		t.Fatal("a removed file is there")
	}
	putSize(t, st, "s/4", "", 10_000)
	if !has(t, st, "e/1") {
		t.Error("a group was evicted although there was room")
	}
	putSize(t, st, "s/5", "", 10_001)
	if !has(t, st, "e/1") {
		t.Error("a group was evicted although there was room, which a look at the folder told")
	}
	if got := onDisk(t, dir); got > 50_000 {
		t.Errorf("%d bytes are there", got)
	}
	for _, key := range []string{"s/2", "s/3", "s/4", "s/5"} {
		if !has(t, st, key) {
			t.Errorf("%s is gone", key)
		}
	}
}

// Files that were removed by hand are not evicted again and again.
func TestEvictingWhatWasRemovedByHand(t *testing.T) {
	dir := t.TempDir()
	st := openWith(t, dir, filestore.Options{MaxBytes: 50_000})
	for i := range 10 {
		putSize(t, st, fmt.Sprintf("e/%d", i), fmt.Sprintf("e/%d", i), 5000)
	}
	for i := range 9 {
		if err := os.RemoveAll(filepath.Join(dir, "e", fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 9 {
		putSize(t, st, fmt.Sprintf("v/%d", i), fmt.Sprintf("v/%d", i), 5000)
	}
	if n := len(list(t, st, "v/")); n != 9 {
		t.Errorf("%d of 9 new items are there, although what is counted for the removed ones could go", n)
	}
}

func TestHandEditedFilesCount(t *testing.T) {
	dir := t.TempDir()
	o := filestore.Options{MaxBytes: 50_000}
	st := openWith(t, dir, o)
	for i := range 8 {
		putSize(t, st, fmt.Sprintf("e/%d", i), fmt.Sprintf("e/%d", i), 5000)
	}
	putSize(t, st, "s/1", "", 100)
	// An entry and a session grow by hand. Both lines are lost with that, but only the entry's kind is evicted.
	for _, name := range []string{"e/7/7.1.bin", "s/1/1.1.bin"} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), make([]byte, 20_000), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list(t, st, "") // the index learns of it
	putSize(t, st, "e/8", "e/8", 5000)
	if got := onDisk(t, dir); got > 50_000 {
		t.Errorf("%d bytes are there", got)
	}
	if get(t, st, "s/1").Size != 20_000 {
		t.Error("the session was evicted")
	}
	// Another Store finds out at its first Put, whoever changed what while no Store was open.
	if err := os.WriteFile(filepath.Join(dir, "s", "1", "1.1.bin"), make([]byte, 40_000), 0o600); err != nil {
		t.Fatal(err)
	}
	st = openWith(t, dir, o)
	putSize(t, st, "e/9", "e/9", 5000)
	if got := onDisk(t, dir); got > 50_000 || !has(t, st, "s/1") {
		t.Errorf("%d bytes are there", got)
	}
}

// A victim that was changed by hand a moment ago is not removed for what it was.
func TestEvictingWhatWasChangedByHand(t *testing.T) {
	dir := t.TempDir()
	st := openWith(t, dir, filestore.Options{MaxBytes: 50_000})
	for i := range 10 {
		putSize(t, st, fmt.Sprintf("e/%d", i), fmt.Sprintf("e/%d", i), 5000)
	}
	if err := os.WriteFile(filepath.Join(dir, "e", "0", "0.1.bin"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	putSize(t, st, "v/1", "v/1", 5000)
	if string(get(t, st, "e/0").Value) != "mine" {
		t.Error("the change is lost")
	}
	if got := onDisk(t, dir); got > 45_004 {
		t.Errorf("%d bytes are there", got)
	}
}

func TestLimitWithoutIndex(t *testing.T) {
	for _, reopened := range []bool{false, true} {
		t.Run(fmt.Sprint("reopened ", reopened), func(t *testing.T) {
			dir := t.TempDir()
			o := filestore.Options{MaxBytes: 50_000}
			st := openWith(t, dir, o)
			for i := range 9 {
				putSize(t, st, fmt.Sprintf("e/%d", i), fmt.Sprintf("e/%d", i), 5000)
			}
			for i := range 4 {
				putSize(t, st, fmt.Sprintf("s/%d", i), "", 1000)
			}
			if err := os.RemoveAll(filepath.Join(dir, ".larder")); err != nil {
				t.Fatal(err)
			}
			if reopened {
				st = openWith(t, dir, o)
			}
			for i := range 20 {
				key := fmt.Sprintf("e/x%d", i)
				putSize(t, st, key, key, 5000)
				if got := onDisk(t, dir); got > 50_000 {
					t.Fatalf("after %d Puts: %d bytes", i+1, got)
				}
			}
			for i := range 4 {
				if !has(t, st, fmt.Sprintf("s/%d", i)) {
					t.Errorf("s/%d was evicted", i)
				}
			}
			if has(t, st, "e/0") {
				t.Error("an entry whose group was lost is never evicted")
			}
		})
	}
}

// Whatever an index says, what lies there is counted, and no more than that.
func TestLimitWithADamagedIndex(t *testing.T) {
	dir := t.TempDir()
	o := filestore.Options{MaxBytes: 50_000}
	st := openWith(t, dir, o)
	for i := range 5 {
		putSize(t, st, fmt.Sprintf("e/%d", i), fmt.Sprintf("e/%d", i), 5000)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	text := ""
	for i := range 40 {
		text += fmt.Sprintf("{\"key\":\"e/%d\",\"version\":\"00\",\"size\":9223372036854775807,\"read\":9223372036854775807,\"group\":\"e/%d\"}\n", i, i)
		text += fmt.Sprintf("{\"key\":\"E//%d\",\"version\":\"00\",\"size\":-9}\n{\"key\":\"s/%d\",\"version\":\"00\",\"size\":4000}\n[]\n{\n", i, i)
	}
	names, err := filepath.Glob(filepath.Join(dir, ".larder", "*.index"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for i := range 32 {
		if err := os.WriteFile(filepath.Join(dir, ".larder", fmt.Sprintf("%02d.index", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	st = openWith(t, dir, o)
	putSize(t, st, "v/1", "v/1", 5000)
	if got := onDisk(t, dir); got != 30_000 {
		t.Errorf("%d bytes are there, want 30,000: there was room", got)
	}
	for i := range 20 {
		putSize(t, st, fmt.Sprintf("v/%d", i), fmt.Sprintf("v/%d", i), 5000)
		if got := onDisk(t, dir); got > 50_000 {
			t.Fatalf("after %d Puts: %d bytes", i+1, got)
		}
	}
}

// Where what should have gone turns out to be somebody's own, a Put is taken back; but nothing is lost by it that has no
// group.
func TestWhatHasNoRoomAfterAllIsTakenBack(t *testing.T) {
	dir := t.TempDir()
	st := openWith(t, dir, filestore.Options{MaxBytes: 50_000, MaxEntry: 50_000})
	putSize(t, st, "e/0", "e/0", 40_000)
	putSize(t, st, "s/1", "", 1)
	edit := func(letter string) {
		t.Helper()
		name := filepath.Join(dir, "e", "0", "0.1.bin")
		if err := os.WriteFile(name, []byte(strings.Repeat(letter, 40_000)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit("a")
	if err := tryPut(t, st, "v/1", "v/1", 20_000, 0); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
	if got := files(t, dir); len(got) != 2 || get(t, st, "e/0").Value[0] != 'a' {
		t.Errorf("the folder holds %q", got)
	}
	putSize(t, st, "e/0", "e/0", 40_000)
	edit("b")
	putSize(t, st, "s/1", "", 20_000)
	if get(t, st, "s/1").Size != 20_000 || get(t, st, "e/0").Value[0] != 'b' {
		t.Error("want both, though they are too much: neither could be brought back")
	}
}
