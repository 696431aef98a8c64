package filestore_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/filestore"
	"github.com/larder-go/larder/store/storetest"
)

func openWith(t *testing.T, dir string, o filestore.Options) *filestore.Store {
	t.Helper()
	st, err := filestore.Open(dir, &o)
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

func TestSuiteWithLimit(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		return openWith(t, t.TempDir(), filestore.Options{MaxBytes: 16 << 20})
	})
}

func TestSuiteSharedWithLimit(t *testing.T) {
	storetest.RunShared(t, func(t *testing.T, n int) []store.Store {
		dir := t.TempDir()
		stores := make([]store.Store, n)
		for i := range stores {
			stores[i] = openWith(t, dir, filestore.Options{MaxBytes: 4 << 20})
		}
		return stores
	})
}

// putSize puts an item of size bytes, whatever lies there.
func putSize(t *testing.T, st store.Store, key, group string, size int) {
	t.Helper()
	if err := tryPut(t, st, key, group, size, 0); err != nil {
		t.Fatalf("Put(%s): %v", key, err)
	}
}

func tryPut(t *testing.T, st store.Store, key, group string, size int, retain time.Duration) error {
	it := store.Item{Value: make([]byte, size), Form: "1.bin", Group: group}
	if retain != 0 {
		it.Retain = time.Now().Add(retain)
	}
	_, err := st.Put(t.Context(), key, it, store.Any)
	return err
}

func has(t *testing.T, st store.Store, key string) bool {
	t.Helper()
	_, err := st.Get(t.Context(), key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// onDisk is the bytes of all items' files together.
func onDisk(t *testing.T, dir string) int64 {
	t.Helper()
	sum := int64(0)
	for _, name := range files(t, dir) {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
	}
	return sum
}

func TestLimitsOfOptions(t *testing.T) {
	for _, c := range []struct {
		o     filestore.Options
		entry int64
		value int
	}{
		{filestore.Options{}, 0, 1 << 30},
		{filestore.Options{MaxBytes: 80_000}, 10_000, 10_000},
		{filestore.Options{MaxBytes: 80_000, MaxEntry: 30_000}, 30_000, 30_000},
		{filestore.Options{MaxBytes: 80_000, MaxEntry: 90_000}, 80_000, 80_000},
		{filestore.Options{MaxEntry: 90_000}, 90_000, 90_000},
		{filestore.Options{MaxBytes: 1 << 40}, 1 << 37, 1 << 30},
	} {
		if l := openWith(t, t.TempDir(), c.o).Limits(); l.Entry != c.entry || l.Value != c.value {
			t.Errorf("%+v: entries of up to %d bytes, values of %d; want %d, %d", c.o, l.Entry, l.Value, c.entry, c.value)
		}
	}
	for _, o := range []filestore.Options{{MaxBytes: -1}, {MaxEntry: -1}} {
		if st, err := filestore.Open(t.TempDir(), &o); err == nil {
			t.Errorf("%+v is accepted", o)
			_ = st.Close()
		}
	}
}

func TestLimitIsNeverExceeded(t *testing.T) {
	const limit = 200_000
	dir := t.TempDir()
	st := openWith(t, dir, filestore.Options{MaxBytes: limit, MaxEntry: limit})
	for i := range 1200 {
		key := fmt.Sprintf("e/%d", i%300)
		putSize(t, st, key, fmt.Sprintf("g/%d", i%97), i*37%9000)
		if got := onDisk(t, dir); got > limit {
			t.Fatalf("after %d Puts: %d bytes of %d", i+1, got, limit)
		}
		if !has(t, st, key) {
			t.Fatalf("%s is gone right after its Put", key)
		}
	}
	items, bytes, err := store.Count(t.Context(), st, "")
	if err != nil || items == 0 || bytes < limit/2 || bytes != onDisk(t, dir) {
		t.Errorf("%d items of %d bytes are left, %v; want more than half of the limit", items, bytes, err)
	}
	if n, err := store.Clear(t.Context(), st, ""); n != items || err != nil || onDisk(t, dir) != 0 {
		t.Errorf("Clear: %d, %v, %d bytes left; want %d and none", n, err, onDisk(t, dir), items)
	}
}

// Several goroutines put at once; when all have returned, the limit holds, and what a group may have is exact.
func TestLimitUnderConcurrency(t *testing.T) {
	dir := t.TempDir()
	st := openWith(t, dir, filestore.Options{MaxBytes: 100_000, MaxEntry: 20_000})
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 40 {
				err := tryPut(t, st, fmt.Sprintf("e/%d/%d", w, i), fmt.Sprintf("g/%d", i%10), 1000+i, 0)
				if err != nil && !errors.Is(err, store.ErrTooLarge) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := onDisk(t, dir); got > 100_000 || got < 50_000 {
		t.Errorf("%d bytes of 100,000 are there", got)
	}
	if n := raceForOneGroup(t, st); n != 20 {
		t.Errorf("%d items of 1000 bytes are in a group of 20,000", n)
	}
}

// raceForOneGroup puts items of 1000 bytes into one group from many goroutines and returns how many got in.
func raceForOneGroup(t *testing.T, st store.Store) (n int) {
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			err := tryPut(t, st, fmt.Sprintf("b/%d", i), "b", 1000, 0)
			if err != nil && !errors.Is(err, store.ErrTooLarge) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	return len(list(t, st, "b/"))
}

func TestGroupsGoTogether(t *testing.T) {
	dir := t.TempDir()
	st := openWith(t, dir, filestore.Options{MaxBytes: 100_000})
	for g := range 40 {
		for i := range 4 {
			putSize(t, st, fmt.Sprintf("b/%d/%d", g, i), fmt.Sprintf("g/%d", g), 1400)
		}
	}
	whole := 0
	for g := range 40 {
		n := len(list(t, st, fmt.Sprintf("b/%d/", g)))
		if n != 0 && n != 4 {
			t.Errorf("group %d has %d of its 4 items", g, n)
		}
		whole += n / 4
	}
	if whole < 15 || whole > 17 {
		t.Errorf("%d groups are whole, want what fits into the limit or nine tenths of it", whole)
	}
	for g := range 40 - whole {
		if has(t, st, fmt.Sprintf("b/%d/0", g)) {
			t.Errorf("group %d is there, although later ones had to go", g)
		}
	}
}

func TestExpiredGroupsGoFirst(t *testing.T) {
	st := openWith(t, t.TempDir(), filestore.Options{MaxBytes: 50_000, MaxEntry: 10_000})
	put := func(key, group string, retain time.Duration) {
		t.Helper()
		if err := tryPut(t, st, key, group, 5000, retain); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 6 {
		put(fmt.Sprintf("e/%d", i), fmt.Sprintf("e/%d", i), time.Hour)
	}
	put("e/half/1", "e/half", -time.Hour)
	put("e/half/2", "e/half", time.Hour)
	put("e/old", "e/old", -time.Hour)
	put("e/for-ever", "e/for-ever", 0)
	put("e/more", "e/more", time.Hour) // one too many; two have to go
	for key, want := range map[string]bool{
		"e/old": false, "e/0": false, "e/1": true, "e/half/1": true, "e/half/2": true, "e/for-ever": true, "e/more": true,
	} {
		if has(t, st, key) != want {
			t.Errorf("%s is there: %v, want %v", key, !want, want)
		}
	}
}

func TestWithoutGroupNothingIsEvicted(t *testing.T) {
	dir := t.TempDir()
	st := openWith(t, dir, filestore.Options{MaxBytes: 50_000, MaxEntry: 20_000})
	for i := range 4 {
		putSize(t, st, fmt.Sprintf("s/%d", i), "", 10_000)
	}
	for i := range 20 {
		putSize(t, st, fmt.Sprintf("e/%d", i), fmt.Sprintf("e/%d", i), 5000)
	}
	before := files(t, dir)
	if err := tryPut(t, st, "s/more", "", 10_001, 0); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("a Put without room: %v, want ErrTooLarge", err)
	}
	if err := tryPut(t, st, "s/0", "", 20_001, 0); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("a replacement without room: %v, want ErrTooLarge", err)
	}
	if after := files(t, dir); fmt.Sprint(after) != fmt.Sprint(before) || get(t, st, "s/0").Size != 10_000 {
		t.Errorf("refused Puts turned %q into %q", before, after)
	}
	// A replacement needs only the difference, and what had a group makes room.
	putSize(t, st, "s/0", "", 19_000)
	for i := range 4 {
		if !has(t, st, fmt.Sprintf("s/%d", i)) {
			t.Errorf("s/%d was evicted", i)
		}
	}
}

func TestAGroupOverMaxEntryIsRefused(t *testing.T) {
	for name, o := range map[string]filestore.Options{
		"with MaxBytes": {MaxBytes: 100_000, MaxEntry: 10_000}, "alone": {MaxEntry: 10_000},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			st := openWith(t, dir, o)
			for i := range 3 { // over several stripes
				putSize(t, st, fmt.Sprintf("b/1/%d", i), "g", 3000)
			}
			before := files(t, dir)
			for _, s := range []store.Store{st, openWith(t, dir, o)} {
				if err := tryPut(t, s, "b/1/3", "g", 1001, 0); !errors.Is(err, store.ErrTooLarge) {
					t.Errorf("a byte over the limit: %v, want ErrTooLarge", err)
				}
				if err := tryPut(t, s, "b/1/0", "g", 4001, 0); !errors.Is(err, store.ErrTooLarge) {
					t.Errorf("a replacement over the limit: %v, want ErrTooLarge", err)
				}
			}
			if after := files(t, dir); fmt.Sprint(after) != fmt.Sprint(before) || get(t, st, "b/1/0").Size != 3000 {
				t.Errorf("refused Puts turned %q into %q", before, after)
			}
			putSize(t, st, "b/1/3", "g", 1000)
			putSize(t, st, "b/1/0", "other", 3000) // leaves the group
			putSize(t, st, "b/1/4", "g", 3000)
			if err := st.Delete(t.Context(), "b/1/1", store.Any); err != nil {
				t.Fatal(err)
			}
			putSize(t, st, "b/1/5", "g", 3000)
			if err := tryPut(t, st, "b/1/6", "g", 1, 0); !errors.Is(err, store.ErrTooLarge) {
				t.Errorf("the group is full again: %v, want ErrTooLarge", err)
			}
			putSize(t, st, "s/1", "", 10_000)
			if err := tryPut(t, st, "s/1", "", 10_001, 0); !errors.Is(err, store.ErrTooLarge) {
				t.Errorf("a value over the limit of an entry: %v, want ErrTooLarge", err)
			}
		})
	}
}
