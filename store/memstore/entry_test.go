package memstore_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/memstore"
)

// overhead is what the comment of Options.MaxBytes says of an item.
const overhead = 384

func TestMaxEntryDefaults(t *testing.T) {
	for _, c := range []struct {
		o    *memstore.Options
		want int64
	}{
		{nil, memstore.DefaultMaxBytes / 8},
		{&memstore.Options{MaxBytes: 80_000}, 10_000},
		{&memstore.Options{MaxBytes: 80_000, MaxEntry: -1}, 10_000},
		{&memstore.Options{MaxBytes: 80_000, MaxEntry: 30_000}, 30_000},
		{&memstore.Options{MaxBytes: 80_000, MaxEntry: 90_000}, 80_000},
	} {
		if got := memstore.New(c.o).Limits().Entry; got != c.want {
			t.Errorf("%+v: entries of up to %d bytes, want %d", c.o, got, c.want)
		}
	}
}

func TestAGroupOverMaxEntryIsRefused(t *testing.T) {
	st := memstore.New(&memstore.Options{MaxBytes: 100_000, MaxEntry: 10_000})
	for i := range 18 {
		put(t, st, fmt.Sprintf("e/%d", i), fmt.Sprintf("e/%d", i), 4000)
	}
	size := func(n int) int64 { return int64(n) * (overhead + int64(len("b/1/0")) + 4000 + int64(len("g"))) }
	put(t, st, "b/1/0", "g", 4000)
	put(t, st, "b/1/1", "g", 4000)
	before := st.Bytes()
	items, _, _ := store.Count(t.Context(), st, "")
	rest := 10_000 - size(2)
	it := store.Item{Value: make([]byte, rest-overhead-int64(len("b/1/2"+"g"))+1), Group: "g"}
	if _, err := st.Put(t.Context(), "b/1/2", it, store.Absent); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("a byte over the limit: %v, want ErrTooLarge", err)
	}
	if n, _, _ := store.Count(t.Context(), st, ""); n != items || st.Bytes() != before {
		t.Errorf("a refused Put left %d items of %d and %d bytes of %d", n, items, st.Bytes(), before)
	}
	it.Value = it.Value[1:]
	if _, err := st.Put(t.Context(), "b/1/2", it, store.Absent); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
	// What is replaced does not count, nor does what has gone.
	put(t, st, "b/1/0", "g", 4000)
	if err := st.Delete(t.Context(), "b/1/1", store.Any); err != nil {
		t.Fatal(err)
	}
	put(t, st, "b/1/3", "g", 4000)
	// Without a group only the budget counts.
	for i := range 4 {
		put(t, st, fmt.Sprintf("s/%d", i), "", 4000)
	}
}

// A caller who keeps to Limits().Value is never refused for the size of one item, whatever else the item holds.
func TestTheLongestValueFitsInAGroup(t *testing.T) {
	st := memstore.New(&memstore.Options{MaxBytes: 100_000})
	long := func(n int) string { return fmt.Sprintf("%0*d", n, 0) }
	it := store.Item{
		Value: make([]byte, st.Limits().Value), Group: long(store.MaxKey), Form: long(store.MaxForm), Label: make([]byte, store.MaxLabel),
	}
	if _, err := st.Put(t.Context(), long(store.MaxKey), it, store.Absent); err != nil {
		t.Error(err)
	}
	it.Value = append(it.Value, 0)
	for _, group := range []string{"g", ""} {
		it.Group = group
		if _, err := st.Put(t.Context(), "e/1", it, store.Absent); !errors.Is(err, store.ErrTooLarge) {
			t.Errorf("a byte more in group %q: %v, want ErrTooLarge", group, err)
		}
	}
}
