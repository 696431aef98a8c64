package memstore_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/memstore"
	"github.com/larder-go/larder/store/storetest"
)

func TestSuite(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return memstore.New(nil) })
}

func TestSuiteWithSmallBudget(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return memstore.New(&memstore.Options{MaxBytes: 4 << 20}) })
}

func ExampleNew() {
	st := memstore.New(&memstore.Options{MaxBytes: 64 << 20})
	fmt.Println(st.Bytes())
	// Output: 0
}

// has reports whether key is there.
func has(t *testing.T, st *memstore.Store, key string) bool {
	t.Helper()
	_, err := st.Get(t.Context(), key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func put(t *testing.T, st *memstore.Store, key, group string, size int) {
	t.Helper()
	if _, err := st.Put(t.Context(), key, store.Item{Value: make([]byte, size), Group: group}, store.Any); err != nil {
		t.Fatalf("Put(%s): %v", key, err)
	}
}

func TestBudgetIsNeverExceeded(t *testing.T) {
	const budget = 200_000
	// The groups of this test are a good part of the budget, so that the limit of an entry must not come first.
	st := memstore.New(&memstore.Options{MaxBytes: budget, MaxEntry: budget})
	for i := range 3000 {
		key := fmt.Sprintf("e/%d", i%500)
		put(t, st, key, fmt.Sprintf("g/%d", i%97), i*37%9000)
		if got := st.Bytes(); got > budget {
			t.Fatalf("after %d Puts: %d bytes of %d", i+1, got, budget)
		}
		if !has(t, st, key) {
			t.Fatalf("%s is gone right after its Put", key)
		}
	}
	items, bytes, err := store.Count(t.Context(), st, "")
	if err != nil || items == 0 || bytes < budget/2 {
		t.Errorf("%d items of %d bytes are left, %v; want more than half of the budget", items, bytes, err)
	}
	if n, err := store.Clear(t.Context(), st, ""); n != items || err != nil || st.Bytes() != 0 {
		t.Errorf("Clear: %d, %v, %d bytes left; want %d and none", n, err, st.Bytes(), items)
	}
}

func TestGroupsGoTogether(t *testing.T) {
	st := memstore.New(&memstore.Options{MaxBytes: 100_000})
	for g := range 40 {
		for i := range 4 {
			put(t, st, fmt.Sprintf("b/%d/%d", g, i), fmt.Sprintf("g/%d", g), 1000)
		}
	}
	whole := 0
	for g := range 40 {
		n := 0
		for i := range 4 {
			if has(t, st, fmt.Sprintf("b/%d/%d", g, i)) {
				n++
			}
		}
		if n != 0 && n != 4 {
			t.Errorf("group %d has %d of its 4 items", g, n)
		}
		whole += n / 4
	}
	if whole < 12 || whole == 40 {
		t.Errorf("%d groups are whole, want most of what fits", whole)
	}
}

func TestWhatIsReadStays(t *testing.T) {
	st := memstore.New(&memstore.Options{MaxBytes: 100_000})
	put(t, st, "e/popular", "e/popular", 1000)
	for i := range 1000 {
		put(t, st, fmt.Sprintf("e/%d", i), fmt.Sprintf("e/%d", i), 1000)
		if !has(t, st, "e/popular") {
			t.Fatalf("an item that is read all the time was evicted after %d Puts", i+1)
		}
	}
}

func TestWithoutGroupNothingIsEvicted(t *testing.T) {
	st := memstore.New(&memstore.Options{MaxBytes: 50_000, MaxEntry: 50_000}) // no value is longer than an entry
	for i := range 4 {
		put(t, st, fmt.Sprintf("s/%d", i), "", 10_000)
	}
	for i := range 100 {
		put(t, st, fmt.Sprintf("e/%d", i), fmt.Sprintf("e/%d", i), 5_000)
	}
	before := st.Bytes()
	_, err := st.Put(t.Context(), "s/more", store.Item{Value: make([]byte, 10_000)}, store.Absent)
	if !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("a Put without room: %v, want ErrTooLarge", err)
	}
	if st.Bytes() != before {
		t.Errorf("a refused Put changed the bytes from %d to %d", before, st.Bytes())
	}
	for i := range 4 {
		if !has(t, st, fmt.Sprintf("s/%d", i)) {
			t.Errorf("s/%d was evicted", i)
		}
	}
	// A replacement needs only the difference.
	put(t, st, "s/0", "", 12_000)
	put(t, st, "s/1", "", 100)
}

func TestAGroupDoesNotEvictItself(t *testing.T) {
	st := memstore.New(&memstore.Options{MaxBytes: 20_000, MaxEntry: 20_000})
	for i := range 4 {
		put(t, st, fmt.Sprintf("b/1/%d", i), "g", 4000)
	}
	_, err := st.Put(t.Context(), "b/1/4", store.Item{Value: make([]byte, 4000), Group: "g"}, store.Absent)
	if !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("a group larger than the budget: %v, want ErrTooLarge", err)
	}
	if n, _, _ := store.Count(t.Context(), st, "b/1/"); n != 4 {
		t.Errorf("%d items of the group are left, want 4", n)
	}
}

func TestExpiredItemsMakeRoomFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := memstore.New(&memstore.Options{MaxBytes: 50_000, MaxEntry: 50_000}) // no value is longer than an entry
		for i := range 4 {
			it := store.Item{Value: make([]byte, 10_000), Retain: time.Now().Add(time.Duration(i+1) * time.Minute)}
			if _, err := st.Put(t.Context(), fmt.Sprintf("l/%d", i), it, store.Absent); err != nil {
				t.Fatal(err)
			}
		}
		put(t, st, "e/1", "e/1", 5000)
		more := store.Item{Value: make([]byte, 15_000)}
		if _, err := st.Put(t.Context(), "s/1", more, store.Absent); !errors.Is(err, store.ErrTooLarge) {
			t.Fatalf("before anything expired: %v, want ErrTooLarge", err)
		}
		time.Sleep(2*time.Minute + time.Second) // in the bubble
		if !has(t, st, "l/0") {
			t.Error("an expired item went although no room was needed")
		}
		if _, err := st.Put(t.Context(), "s/1", more, store.Absent); err != nil {
			t.Fatalf("after two items expired: %v", err)
		}
		if has(t, st, "l/0") || has(t, st, "l/1") || !has(t, st, "l/2") || !has(t, st, "l/3") || !has(t, st, "e/1") {
			t.Error("want the two expired items gone and the others there")
		}
		// An expired item is replaced like any other.
		time.Sleep(time.Hour)
		put(t, st, "l/2", "", 20_000)
		if st.Bytes() > 50_000 {
			t.Errorf("%d bytes", st.Bytes())
		}
	})
}

func TestReplacingEvictsTheOldGroup(t *testing.T) {
	st := memstore.New(&memstore.Options{MaxBytes: 20_000, MaxEntry: 20_000})
	put(t, st, "e/1", "g/1", 8000)
	put(t, st, "e/2", "g/1", 8000)
	// e/1 moves to another group and grows; its old group is all that can go.
	put(t, st, "e/1", "g/2", 15_000)
	if has(t, st, "e/2") {
		t.Error("the rest of the old group is still there")
	}
	if it, err := st.Get(t.Context(), "e/1"); err != nil || it.Group != "g/2" || it.Size != 15_000 {
		t.Errorf("got %d bytes of group %q, %v", it.Size, it.Group, err)
	}
	if st.Bytes() > 20_000 {
		t.Errorf("%d bytes", st.Bytes())
	}
}

func TestGetAllocatesNothing(t *testing.T) {
	st := memstore.New(nil)
	put(t, st, "e/0123456789abcdef", "e/0123456789abcdef", 4096)
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		if _, err := st.Get(ctx, "e/0123456789abcdef"); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("Get allocates %v times", n)
	}
}

func BenchmarkGet(b *testing.B) {
	st := memstore.New(nil)
	keys := make([]string, 1024)
	for i := range keys {
		keys[i] = fmt.Sprintf("e/%040x", i)
		if _, err := st.Put(b.Context(), keys[i], store.Item{Value: make([]byte, 4096), Group: keys[i]}, store.Absent); err != nil {
			b.Fatal(err)
		}
	}
	ctx := b.Context()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := st.Get(ctx, keys[i%len(keys)]); err != nil {
			b.Fatal(err)
		}
	}
}
